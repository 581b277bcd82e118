"""Corrections as a session uses them: chosen, described, trained with."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

import retrust as rt
from retrust.correction import Choice, Correction, chosen, corrected
from retrust.errors import OptionError
from retrust.preview import Example, Preview

COLOURS = rt.Ledger((rt.Mark("red"), rt.Mark("blue")))
DATA = rt.Dataset(["red good", "blue bad", "red good", "blue bad", "red bad", "blue good"], [0, 1, 0, 1, 0, 1])
MODEL = make_pipeline(CountVectorizer(), MultinomialNB())


def test_words_and_columns_are_dropped_and_pictures_and_narrow_marks_swapped() -> None:
    narrow = rt.Ledger((rt.Mark("red"), rt.Mark("blue", "label", label=1)))
    words, columns = chosen(MODEL, rt.Text(), COLOURS), chosen(MODEL, None, COLOURS)
    assert words == columns == Choice(rt.Drop(), words.because)
    assert words.because.startswith("Drop, because")
    for choice in (chosen(MODEL, rt.Image(), COLOURS), chosen(MODEL, rt.Text(), narrow)):
        assert choice.correction == rt.Swap()
        assert choice.because.startswith("Swap, because")


def test_all_three_are_corrections() -> None:
    assert all(isinstance(one, Correction) for one in (rt.Drop(), rt.Swap(), rt.Penalty()))


def test_without_a_correction_the_chosen_one_is_made() -> None:
    dropped = corrected(MODEL, DATA, COLOURS, rt.Text())
    assert dropped[0].get_feature_names_out().tolist() == ["bad", "good"]


def test_a_swap_trains_on_the_copies_with_their_weights() -> None:
    """Colour goes with the label always, the other word twice in three; after the swap the colour tells nothing."""
    model = corrected(MODEL, DATA, COLOURS, rt.Text(), rt.Swap())
    counts = np.exp(model[-1].feature_log_prob_)
    names = model[0].get_feature_names_out().tolist()
    assert counts[0, names.index("red")] == counts[1, names.index("red")]
    assert model.predict_proba(["red good"])[0, 0] > 0.5 > model.predict_proba(["red bad"])[0, 0]
    assert model[-1].class_count_.tolist() == [3, 3]


class Shouting:
    """A user's own correction: rows in capitals, and inputs too."""

    def apply(self, dataset: rt.Dataset, ledger: rt.Ledger, domain: Any) -> rt.Dataset:
        del domain
        assert len(ledger) == 2
        return rt.Dataset([text.upper() for text in dataset.X], dataset.y)

    def at_prediction(self, ledger: rt.Ledger, domain: Any) -> Any:
        del ledger, domain
        return shout


class Quiet:
    """One that changes the rows alone."""

    def apply(self, dataset: rt.Dataset, ledger: rt.Ledger, domain: Any) -> rt.Dataset:
        del ledger, domain
        return dataset.take([0, 1])


def shout(texts: list[str]) -> list[str]:
    return [text.upper() for text in texts]


def test_a_users_own_correction_is_made_in_training_and_in_prediction() -> None:
    cased = make_pipeline(CountVectorizer(lowercase=False), LogisticRegression())
    model = corrected(cased, DATA, COLOURS, rt.Text(), Shouting())
    assert model.model[0].get_feature_names_out().tolist() == ["BAD", "BLUE", "GOOD", "RED"]
    assert model.predict(["red good", "blue bad"]).tolist() == [0, 1]
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(DATA.X), model.predict_proba(DATA.X))
    e = rt.explain(model, "red good", n_samples=50)
    assert e.prediction == pytest.approx(model.predict_proba(["red good"])[0])


def test_a_correction_that_leaves_prediction_returns_the_model_itself() -> None:
    model = corrected(MODEL, DATA, COLOURS, rt.Text(), Quiet())
    assert type(model) is type(MODEL)
    assert model[0].get_feature_names_out().tolist() == ["bad", "blue", "good", "red"]


def test_a_trainer_gets_the_corrected_rows() -> None:
    seen: list[rt.Dataset] = []

    def trainer(data: rt.Dataset) -> Any:
        seen.append(data)
        return lambda texts: np.zeros(len(texts))

    corrected(trainer, DATA, COLOURS, rt.Text(), rt.Swap(copies=2))
    assert len(seen[0]) == 18
    assert seen[0].weights is not None
    corrected(trainer, DATA, COLOURS, rt.Text(), rt.Penalty())
    assert seen[1].marked == (frozenset({"red"}), frozenset({"blue"})) * 3


@pytest.mark.parametrize("thing", ["Drop", rt.Drop, 3], ids=["a name", "a class", "a number"])
def test_what_is_no_correction_is_refused(thing: Any) -> None:
    with pytest.raises(
        OptionError, match=r"the correction is .*; Drop\(\), Swap\(\), Penalty\(\) or an object with apply"
    ):
        corrected(MODEL, DATA, COLOURS, rt.Text(), thing)


def test_examples_of_texts_are_cut_to_where_they_differ() -> None:
    text = "a " * 50 + "Posting " + "b " * 200
    one = Example.of(7, text, text.replace("Posting", ""))
    assert one.row == 7
    assert one.before.startswith("…a a a")
    assert "Posting b" in one.before
    assert one.before.endswith("…")
    assert len(one.before) < 170
    same = Example.of(0, "equal", "equal")
    assert (same.before, same.after) == ("equal", "equal")


def test_a_preview_reads_as_its_sentences() -> None:
    assert str(Preview("Swap", 1, 2, sentences=("One.", "Two."))) == "One.\nTwo."

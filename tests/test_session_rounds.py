"""Rounds of the loop, headless: retrain, compare, go back; of texts, numbers, pictures and tunes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pytest
from loops import Here, posts
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiles import GRID, PICTURES, tiles
from toys import Notes

import retrust as rt
from retrust.errors import OptionError
from retrust.training import trained

if TYPE_CHECKING:
    from loops import Make

make, cold = loops.make, loops.cold  # pytest looks for fixtures here


def keys(s: rt.Session) -> list[str]:
    return [mark.key for mark in s.ledger]


# --- retrain ---------------------------------------------------------------------------------------------------------


def test_a_round_takes_the_headers_out_and_says_what_that_did(make: Make) -> None:
    s = make(shifted=posts(12, turned=True))
    s.pick(3)
    s.mark(["Posting", "Easter"], because="a mail header")
    before = s.model
    r = s.retrain(name="no headers")
    assert (r.number, r.parent, r.name, r.how) == (1, 0, "no headers", "thread")
    assert (r.before, r.after, s.model, s.current) == (before, s.model, r.after, 1)
    assert list(r.measures) == ["valid", "shifted", "stress", "trust", "reliance"]
    figures = {name: (measure["before"], measure["after"]) for name, measure in r.measures.items()}
    assert figures["valid"] == (1.0, 1.0)
    assert figures["shifted"] == (0.0, 1.0)
    assert figures["stress"] == (0.0, 1.0)
    assert figures["trust"] == (1.0, 1.0)
    assert figures["reliance"][0] > 0.5
    assert figures["reliance"][1] < 0.2
    assert {each.key for each in r.gained} >= {"moon", "sun"}
    assert r.turned == []
    assert r.comparisons is not None
    assert [each.title for each in r.comparisons] == [s.title(row) for row in s.rows]


def test_a_fall_is_written_down_as_plainly_as_a_rise(make: Make) -> None:
    s = make(None, *posts(24, honest=False), valid=posts(12, honest=False))
    s.mark(["Posting", "Easter"])
    r = s.retrain()
    assert (r.measures["valid"]["before"], r.measures["valid"]["after"]) == (1.0, 0.5)
    assert r.measures["valid"]["low"] < r.measures["valid"]["high"] < 0
    assert len(r.turned) == 6
    assert all(each.before == each.label != each.after for each in r.turned)
    assert s.current == 1


def test_without_a_pick_the_row_that_was_read_is_compared_and_without_both_nothing(make: Make) -> None:
    s = make()
    s.mark(["Posting", "Easter"])
    r = s.retrain()
    assert r.comparisons is None
    assert np.isnan(r.measures["reliance"]["after"])
    s.read(4)
    r = s.retrain()
    assert r.comparisons is not None
    assert len(r.comparisons) == 1


@pytest.mark.parametrize("correction", [None, rt.Drop(), rt.Swap(copies=2)], ids=["chosen", "Drop", "Swap"])
def test_every_correction_turns_the_stress_test(make: Make, correction: Any) -> None:
    s = make()
    s.mark(["Posting", "Easter"])
    said = s.preview(correction)
    r = s.retrain(correction)
    assert said.correction == type(r.correction).__name__ == ("Swap" if correction == rt.Swap(copies=2) else "Drop")
    assert (said.touched, said.of) == (24, 24)
    assert str(said).startswith(said.correction)
    assert (r.measures["stress"]["before"], r.measures["stress"]["after"]) == (0.0, 1.0)


class Bleach:
    """A correction of one's own: rows of the first filler only, and lower case."""

    def apply(self, dataset: rt.Dataset, ledger: rt.Ledger, domain: Any) -> rt.Dataset:
        assert isinstance(domain, rt.Text)
        assert len(ledger)
        return dataset.take([row for row, text in enumerate(dataset.X) if "here" in text.split()])

    def at_prediction(self, ledger: rt.Ledger, _domain: Any) -> Any:
        words = {mark.key for mark in ledger}
        return lambda texts: [" ".join(word for word in text.split() if word not in words) for text in texts]


def test_a_correction_of_ones_own_is_taken(make: Make) -> None:
    trainer = Here()
    s = make(trainer=trainer)
    s.mark(["Posting", "Easter"])
    assert str(s.preview(Bleach())) == "It does not say."
    r = s.retrain(Bleach())
    assert [text.split()[-1] for text in trainer.asked[-1].X] == ["here"] * 4
    assert s.model.predict(["Posting moon"]).tolist() == s.model.predict(["moon"]).tolist()
    assert "Bleach of 2 marks" in str(r)
    with pytest.raises(rt.RetrustError, match="an object with apply"):
        s.retrain("Drop")


def test_the_rule_says_why(make: Make) -> None:
    s = make()
    assert s.because() == ""
    s.mark("moon")
    assert s.because().startswith("Drop, because")
    s.mark("sun", scope="label", row=1)
    assert s.because().startswith("Swap, because")
    assert type(s.chosen()).__name__ == "Swap"


def test_nothing_marked_is_nothing_to_correct(make: Make) -> None:
    s = make()
    for doing in (s.retrain, s.preview, s.chosen):
        with pytest.raises(OptionError, match="nothing is marked, so there is nothing to correct"):
            doing()
    assert s.busy is False


def test_everything_marked_is_refused_with_the_reason(make: Make) -> None:
    s = make()
    s.mark(s.census.keys)
    for correction in (rt.Drop(), rt.Swap()):
        with pytest.raises(OptionError, match="consists of marked parts alone"):
            s.retrain(correction)
    assert (len(s.revisions), s.busy) == (1, False)


def test_two_rounds_and_back_make_a_tree(make: Make) -> None:
    s = make()
    s.mark("Posting")
    s.retrain()
    s.mark("Easter")
    s.retrain(name="both")
    s.undo()
    assert (s.current, s.model) == (1, s.revisions[1].after)
    s.mark("moon")
    s.retrain(rt.Swap())
    assert [each.parent for each in s.revisions] == [None, 0, 1, 1]
    s.go(2)
    assert (keys(s), s.model) == (["Posting", "Easter"], s.revisions[2].after)
    s.name(3, "a branch")
    assert [each.name for each in s.revisions] == ["as given", "", "both", "a branch"]
    with pytest.raises(OptionError, match="there is no revision 4; there are 0 to 3"):
        s.go(4)
    with pytest.raises(OptionError, match="there is no revision 4"):
        s.known(4)
    assert "revision 3 a branch" in str(s).splitlines()


# --- numbers, pictures, a domain of one's own ------------------------------------------------------------------------


def test_numbers_are_judged_by_their_error(make: Make) -> None:
    texts, labels = posts(24)
    y = [1.5 if label == "christian" else 0.25 for label in labels]
    held = [0.25, 1.5] * 6
    model = make_pipeline(CountVectorizer(lowercase=False), Ridge(0.01)).fit(texts, y)
    trainer = Here(lambda data: trained(model, data))
    s = make(model, texts, y, valid=(posts(12)[0], held), shifted=(posts(12, turned=True)[0], held), trainer=trainer)
    p = s.pick(2)
    assert p.labels is None
    assert set(s.standing()) == {"error"}
    s.mark(["Posting", "Easter"])
    r = s.retrain()
    assert r.measures["valid"]["of"] == "mean absolute error"
    assert r.measures["shifted"]["before"] > 0.7
    assert r.measures["shifted"]["after"] < 0.05
    assert r.measures["shifted"]["high"] < 0
    assert r.turned == []
    assert s.trust(s.read(0)) is None
    assert s.trust(s.read(0), ask=True) is None


def test_a_session_on_pictures_learns_words_that_they_share(make: Make) -> None:
    def bright(batch: Any) -> Any:
        return np.array([np.asarray(one, float).mean() / 255 for one in batch])

    s = make(bright, PICTURES * 2, [0, 1, 1] * 2, valid=(PICTURES, [0, 1, 1]), domain=GRID, trainer=lambda _: bright)
    private = {feature.key for row in (0, 1) for feature in s.read(row).features}
    assert not private & {f"visual word {i}" for i in range(3)}
    heard: list[str] = []
    s.subscribe(heard.append)
    vocabulary = s.learn_words(3)
    assert heard == ["words"]
    assert s.domain.vocabulary is vocabulary  # type: ignore[attr-defined]
    assert {feature.key for row in (0, 1) for feature in s.read(row).features} <= set(vocabulary.names)
    s.mark("visual word 0")
    assert next(iter(s.ledger)).vocabulary == vocabulary.hash
    with pytest.raises(OptionError, match="withdraw them"):
        s.learn_words(3)


def test_texts_have_no_visual_words(make: Make) -> None:
    with pytest.raises(OptionError, match="pictures alone"):
        make().learn_words()


def test_the_snow_is_marked_once_and_pictures_swap_it(make: Make) -> None:
    pictures = PICTURES * 6
    labels = [0, 1, 1] * 6

    def flat(batch: Any) -> Any:
        return np.array([np.asarray(one, float)[::16, ::16].mean(axis=2).ravel() / 255 for one in batch])

    model = make_pipeline(FunctionTransformer(flat), LogisticRegression()).fit(pictures, labels)
    vocabulary = rt.visual_words(pictures, 3, domain=GRID)
    domain = rt.Image(tiles, vocabulary=vocabulary)
    trainer = Here(lambda data: trained(model, data))
    s = make(
        model, pictures, labels, valid=(pictures, labels), domain=domain, trainer=trainer, classes=["husky", "wolf"]
    )
    s.pick(2)
    assert str(s.title(0)) == "row 0"
    word = s.read(0).features[0]
    s.mark(word)
    assert next(iter(s.ledger)).vocabulary == vocabulary.hash
    assert s.because().startswith("Swap, because a part cannot be cut out of a picture")
    with pytest.raises(OptionError, match="Drop cannot take parts out of pictures"):
        s.retrain(rt.Drop())
    r = s.retrain()
    assert len(trainer.asked[-1]) > len(pictures)
    assert set(r.measures) == {"valid", "stress", "trust", "reliance"}
    marks = [{"key": word.key, "vocabulary": "of other pictures"}]
    assert s.load_marks({"retrust": "ledger", "version": 1, "marks": marks}) == [word.key]


def test_a_domain_of_ones_own_has_the_whole_loop(make: Make) -> None:
    tunes = [(60, 62, 1 + i % 3) if i % 2 else (64, 62, 4 + i % 3) for i in range(12)]
    y = ["major", "minor"] * 6

    def flat(batch: Any) -> Any:
        return np.array(
            [[note == each for each in (60, 64, 1, 2, 3, 4, 5, 6) for note in tune] for tune in batch], float
        )

    model = make_pipeline(FunctionTransformer(flat), LogisticRegression()).fit(tunes, y)
    s = make(model, tunes, y, valid=(tunes, y), domain=Notes(), trainer=Here(lambda data: trained(model, data)))
    s.pick(2)
    s.mark(["60", "64"])
    assert type(s.chosen()).__name__ == "Drop"
    r = s.retrain(rt.Swap())
    assert r.measures["stress"]["before"] < r.measures["stress"]["after"]
    assert s.suggest() == []
    assert s.title(0) == "row 0"

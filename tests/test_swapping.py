"""Swap: rows that wear another row's marked parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from toys import Notes

import retrust as rt
from retrust.errors import OptionError, UnknownFeature
from retrust.ledger import digest
from retrust.swapping import stressed

DATA = rt.Dataset(["red red sky", "blue sea", "red land"], ["day", "night", "day"])


def marks(*keys: str) -> rt.Ledger:
    return rt.Ledger(tuple(map(rt.Mark, keys)))


COLOURS = marks("red", "blue")


def copies(swapped: rt.Dataset, data: rt.Dataset = DATA) -> rt.Dataset:
    return swapped.take(np.arange(len(data), len(swapped)))


def test_all_marked_words_are_the_donors_together_with_their_counts() -> None:
    swapped = rt.Swap().apply(DATA, COLOURS, rt.Text())
    assert copies(swapped).X[::2] == ["blue  sky", "blue land"]
    assert copies(swapped).X[1] in {"red sea red", "red sea"}
    assert copies(swapped).y == ["day", "night", "day"]
    assert swapped.X[:3] == DATA.X


def test_a_row_that_lacks_a_word_wears_it_where_its_donor_has_it() -> None:
    """That a word is missing tells as much as that it is there."""
    data = rt.Dataset(["red sky", "sea"], ["day", "night"])
    assert copies(rt.Swap().apply(data, marks("red"), rt.Text()), data).X == [" sky", "sea red"]


def test_a_row_is_left_alone_where_neither_it_nor_its_donor_has_the_word() -> None:
    data = rt.Dataset(["red sky", "sea", "land", "sand"], ["day", "night", "night", "night"])
    swapped = rt.Swap(copies=2, seed=3).apply(data, marks("red"), rt.Text())
    assert [" sky"] * 2 + [text for text in ("sea red", "land red", "sand red") for _ in "12"] == copies(
        swapped, data
    ).X
    tie = rt.Dataset(["red sky", "sea", "land", "sand"], ["day", "day", "night", "night"])
    assert " sky" in copies(rt.Swap().apply(tie, marks("red"), rt.Text()), tie).X
    assert "sea" not in copies(rt.Swap().apply(tie, marks("red"), rt.Text()), tie).X


def test_donors_are_of_another_class() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    data = rt.Dataset([f"own{i} m{label}" for i, label in enumerate(labels)], labels)
    found = copies(rt.Swap(copies=4).apply(data, marks("m0", "m1", "m2"), rt.Text()), data)
    worn = [int(text[-1]) for text in found.X]
    assert all(lent != own for lent, own in zip(worn, found.y, strict=True))
    assert {(own, lent) for own, lent in zip(found.y.tolist(), worn, strict=True)} == {
        (a, b) for a in range(3) for b in range(3) if a != b
    }


@pytest.mark.parametrize("labels", [["day"] * 5, [0.5, 1.5, 2.25, 8.0, 9.5]], ids=["one class", "measured"])
def test_where_there_is_no_other_class_any_other_row_lends(labels: Any) -> None:
    data = rt.Dataset([f"own{i} m{i}" for i in range(5)], labels)
    found = copies(rt.Swap(copies=30).apply(data, marks(*(f"m{i}" for i in range(5))), rt.Text()), data)
    lent = {(text[3], text[-1]) for text in found.X}
    assert lent == {(str(a), str(b)) for a in range(5) for b in range(5) if a != b}


def test_a_row_and_its_copies_count_as_much_as_the_row_did() -> None:
    data = rt.Dataset(["red sky", "sea", "land", "red"], ["day", "day", "night", "night"], [1, 2, 3, 4])
    tie = rt.Swap(copies=5, seed=1).apply(data, marks("red"), rt.Text())
    rows = [0, 1, 2]  # the last consists of the marked word alone
    assert tie.weights[:4].tolist() == [0.5, 1, 1.5, 4]
    assert tie.weights[4:].tolist() == [0.1] * 5 + [0.2] * 5 + [0.3] * 5
    assert tie.y[4:] == [data.y[row] for row in rows for _ in range(5)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["red", "blue", "", "red red"]), st.integers(0, 2)), min_size=3, max_size=12),
    st.integers(1, 4),
    st.integers(0, 9),
)
def test_the_labels_keep_their_shares_whatever_the_rows(rows: list[tuple[str, int]], times: int, seed: int) -> None:
    data = rt.Dataset(
        ["red sky", "blue sea", *(f"{word} w{i}" for i, (word, _) in enumerate(rows))], [0, 1, *(y for _, y in rows)]
    )
    swapped = rt.Swap(times, seed).apply(data, COLOURS, rt.Text())
    for label in range(3):
        assert swapped.weights[np.array(swapped.y) == label].sum() == pytest.approx(data.y.count(label))
    own = [set(text.split()) - {"red", "blue"} for text in swapped.X]
    assert all(len(words) == 1 for words in own)
    assert Counter(map(frozenset, own)).most_common()[-1][1] >= 1
    again = rt.Swap(times, seed).apply(data, COLOURS, rt.Text())
    assert again.X == swapped.X


def test_other_seeds_have_other_donors() -> None:
    data = rt.Dataset([f"own m{i}" for i in range(30)], [0, 1] * 15)
    ledger = marks(*(f"m{i}" for i in range(30)))
    first, second = (copies(rt.Swap(seed=seed).apply(data, ledger, rt.Text()), data).X for seed in (0, 1))
    assert first != second


def test_a_mark_for_one_label_swaps_rows_of_that_label_alone() -> None:
    ledger = rt.Ledger((rt.Mark("red", "label", label="day"),))
    assert copies(rt.Swap().apply(DATA, ledger, rt.Text())).X == ["  sky", " land"]
    night = rt.Ledger((rt.Mark("blue", "label", label="night"),))
    assert copies(rt.Swap().apply(DATA, night, rt.Text())).X == [" sea"]


def test_a_mark_for_one_instance_swaps_that_row_alone() -> None:
    ledger = rt.Ledger((rt.Mark("red", "instance", instance=digest("red land")),))
    assert copies(rt.Swap().apply(DATA, ledger, rt.Text())).X == [" land"]


def test_notes_are_worn_at_the_same_place_and_a_tune_without_them_is_left() -> None:
    tunes = rt.Dataset([(60, 62), (64, 65)], [0, 1])
    assert copies(rt.Swap().apply(tunes, marks("60"), Notes()), tunes).X == [(64, 62)]


def test_frames_of_texts_and_arrays_stay_what_they_are() -> None:
    series = rt.Dataset(pd.Series(DATA.X, name="text"), pd.Series(DATA.y))
    swapped = rt.Swap().apply(series, COLOURS, rt.Text())
    assert swapped.X.name == "text"
    assert swapped.X.tolist()[3:] == copies(rt.Swap().apply(DATA, COLOURS, rt.Text())).X
    array = rt.Swap().apply(rt.Dataset(np.array(DATA.X), np.array(DATA.y)), COLOURS, rt.Text())
    assert array.X.dtype.kind == "U"


# --- pictures ---------------------------------------------------------------------------------------------------------


class Halves:
    """Pictures whose left and right halves are words that all pictures share."""

    def represent(self, instance: Any) -> Any:
        labels = np.zeros(instance.shape[:2], dtype=int)
        labels[:, instance.shape[1] // 2 :] = 1
        seen = rt.Image(labels, backdrop="grey").represent(instance)
        return replace(seen, features=(rt.Feature("left", "left"), rt.Feature("right", "right")))


def picture(left: int, right: int, size: int = 4) -> Any:
    found = np.full((size, 2 * size, 3), left, dtype=np.uint8)
    found[:, size:] = right
    return found


PICTURES = rt.Dataset([picture(10, 20), picture(30, 40)], ["husky", "wolf"])


def test_a_visual_word_is_swapped_in_every_picture() -> None:
    swapped = rt.Swap().apply(PICTURES, marks("left"), Halves())
    assert np.array_equal(swapped.X[2], picture(30, 20))
    assert np.array_equal(swapped.X[3], picture(10, 40))
    assert swapped.y == ["husky", "wolf", "husky", "wolf"]


def test_a_donor_of_another_size_is_brought_to_the_pictures_own() -> None:
    data = rt.Dataset([picture(10, 20), picture(30, 40, size=6)], [0, 1])
    swapped = rt.Swap().apply(data, marks("left"), Halves())
    assert np.array_equal(swapped.X[2], picture(30, 20))
    assert np.array_equal(swapped.X[3], picture(10, 40, size=6))


def test_without_a_vocabulary_only_the_marked_picture_has_the_key() -> None:
    domain = rt.Image(lambda shown: shown[..., 0] > shown.mean(), backdrop="grey")
    stack = rt.Dataset(np.stack(PICTURES.X), [0, 1])
    key = domain.represent(stack[0]).features[0].key
    swapped = rt.Swap(copies=2).apply(stack, marks(key), domain)
    assert swapped.X.shape == (4, 4, 8, 3)
    assert np.array_equal(swapped.X[2], picture(30, 20))


# --- the stress test --------------------------------------------------------------------------------------------------


def test_the_stress_test_has_the_same_rows_with_parts_of_other_classes() -> None:
    harder = stressed(DATA, COLOURS, rt.Text(), np.random.default_rng(0))
    assert harder.X[::2] == ["blue  sky", "blue land"]
    assert harder.y == DATA.y
    assert len(harder) == 3


def test_the_stress_test_leaves_rows_in_which_nothing_is_marked() -> None:
    assert stressed(DATA, marks("zebra"), rt.Text(), np.random.default_rng(0)) is DATA
    worn = stressed(PICTURES, marks("right"), Halves(), np.random.default_rng(0))
    assert np.array_equal(worn.X[0], picture(10, 40))


def test_a_model_that_leans_on_a_word_falls_on_the_stress_test_and_one_after_a_swap_does_not() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    truth = np.where(rng.random(400) < 0.8, labels, 1 - labels)
    data = rt.Dataset(
        [f"{['good', 'bad'][t]} {['red', 'blue'][y]}" for t, y in zip(truth, labels, strict=True)], labels
    )
    model = make_pipeline(CountVectorizer(), LogisticRegression())
    harder = stressed(data, COLOURS, rt.Text(), rng)
    before = model.fit(data.X, data.y).score(harder.X, harder.y)
    more = rt.Swap().apply(data, COLOURS, rt.Text())
    after = model.fit(more.X, more.y, logisticregression__sample_weight=more.weights).score(harder.X, harder.y)
    assert before == 0
    assert after == pytest.approx(np.mean(truth == labels))


# --- in words, and what is refused ------------------------------------------------------------------------------------


def test_it_says_what_would_be_added_and_shows_examples() -> None:
    found = rt.Swap(copies=2).describe(DATA, COLOURS, rt.Text())
    assert (found.correction, found.touched, found.of) == ("Swap", 3, 3)
    assert found.sentences == (
        (
            "Swap: 6 texts are added, copies of 3 of 3 texts in which the 2 marked parts, together, are those of a "
            "text of another class; labels are kept."
        ),
        "Weights make a row and its copies count as much as the row did, so the labels keep their shares.",
    )
    assert (found.examples[0].before, found.examples[0].after) == ("red red sky", "blue  sky")


def test_it_says_so_where_a_model_takes_no_weights() -> None:
    said = str(rt.Swap().describe(DATA, COLOURS, rt.Text(), KNeighborsClassifier()))
    assert "KNeighborsClassifier takes no weights: each copy counts as much as a row" in said


def test_it_says_what_stays_and_where_there_is_one_class() -> None:
    data = rt.Dataset(["red", "blue sea", "red land"], [1, 1, 1])
    said = str(rt.Swap().describe(data, marks("red"), rt.Text()))
    assert said.splitlines()[:2] == [
        (
            "Swap: 2 texts are added, copies of 2 of 3 texts in which the marked part is that of any other text, for "
            "there is one class only; labels are kept."
        ),
        "1 text of marked parts alone is left as it is.",
    ]


def test_examples_of_pictures_are_pictures() -> None:
    found = rt.Swap().describe(PICTURES, marks("left"), Halves())
    assert found.sentences[0].startswith(
        "Swap: 2 pictures are added, copies of 2 of 2 pictures in which the marked part is"
    )
    assert np.array_equal(found.examples[0].after, picture(30, 20))


REFUSED: dict[str, tuple[rt.Dataset, rt.Ledger, str]] = {
    "nothing marked": (DATA, rt.Ledger(), "nothing is marked"),
    "a class of marked words alone": (
        rt.Dataset(["red", "blue sea"], [0, 1]),
        marks("red"),
        "every text of the label 0",
    ),
    "no other row": (rt.Dataset(["red sky", ""], [0, 1]), marks("red"), "Swap finds no text to copy"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_swapped_is_refused_with_the_reason(case: str) -> None:
    data, ledger, message = REFUSED[case]
    with pytest.raises(OptionError, match=message):
        rt.Swap().apply(data, ledger, rt.Text())
    with pytest.raises(OptionError, match=message):
        rt.Swap().describe(data, ledger, rt.Text())


def test_an_unknown_word_a_missing_domain_and_no_copies_are_errors() -> None:
    with pytest.raises(UnknownFeature, match="did you mean 'red'"):
        rt.Swap().apply(DATA, marks("Red"), rt.Text())
    with pytest.raises(OptionError, match="Swap needs a domain"):
        rt.Swap().apply(DATA, COLOURS, None)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=r"copies=0; a whole number, 1 or more"):
        rt.Swap(copies=0)

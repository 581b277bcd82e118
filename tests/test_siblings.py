"""Siblings of a mark: what the rows say of each key, and what is proposed with which evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from toys import Counting

from retrust import datasets
from retrust.census import Census
from retrust.domains.image import Image
from retrust.domains.text import Text
from retrust.errors import InstanceTypeError, OptionError
from retrust.representation import Feature, Parts
from retrust.siblings import Suggestion, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MARKERS = (("zaxor", "quibbex", "morvane"), ("drelko", "vintaph", "sulmere"))
ALL = [word for words in MARKERS for word in words]
VOCABULARY = np.array([f"w{number}" for number in range(4000)])


def prose(n: int, seed: int) -> tuple[list[str], NDArray[np.intp]]:
    """Write texts of two classes, as unevenly worded as real ones, each class with words that it likes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    ranks = np.arange(len(VOCABULARY))
    likings = [np.where(ranks % 10 == 3 + label, 3.0, 1.0) / (ranks + 30) for label in (0, 1)]
    shares = [liking / liking.sum() for liking in likings]
    lengths = rng.integers(40, 200, n)
    return [
        " ".join(rng.choice(VOCABULARY, m, p=shares[label])) for m, label in zip(lengths, labels, strict=True)
    ], labels


def decoys(
    texts: Sequence[str], labels: NDArray[np.intp], aligned: float, seed: int, *, scattered: bool = False
) -> list[str]:
    """Write one of three markers of its class (or, now and then, of the other) twelve times into each text."""
    rng = np.random.default_rng(seed)
    written = []
    for text, label in zip(texts, labels, strict=True):
        group = label if rng.random() < aligned else 1 - label
        markers = [MARKERS[group][rng.integers(3)]] * 12
        written.append(" ".join(rng.permutation([*text.split(), *markers]) if scattered else [text + "\n", *markers]))
    return written


def read() -> Census:
    """Take a census of decoys."""
    texts, labels = prose(600, 0)
    return Census.of(decoys(texts, labels, 0.97, 1), labels, Text())


def keys(suggestions: Sequence[Suggestion]) -> set[str]:
    """Name what is proposed."""
    return {suggestion.feature.key for suggestion in suggestions}


@pytest.fixture(scope="module")
def census() -> Census:
    """Decoys with their markers at the end."""
    return read()


@pytest.fixture(scope="module")
def posts() -> datasets.Posts:
    """Posts with headers that give the answer away."""
    return datasets.newsgroups("train", source="generated")


# --- the census ----------------------------------------------------------------------------------------------------


def test_a_census_counts_rows_occurrences_and_labels() -> None:
    taken = Census.of(["a a a b", "a a a", "a a a a a a c", "b"], ["x", "x", "y", "y"], Text())
    assert taken.keys == ("a", "b", "c")
    assert taken.frequency.tolist() == [3, 2, 1]
    assert taken.usual.tolist() == [3, 1, 1]
    assert taken.steady.tolist() == [2, 2, 1]
    assert taken.purity.tolist() == [2 / 3, 1 / 2, 1]
    assert taken.labels == ("x", "y")


def test_a_word_is_at_home_where_all_its_occurrences_in_a_text_stand() -> None:
    text = "head top\nhead both\n\nbody both\nbody\n\nfoot top"
    taken = Census.of([text, text], [0, 1], Text())
    homes = {
        key: {place for place, rows in zip(taken.places, settled, strict=True) if rows == 2}
        for key, settled in zip(taken.keys, taken.settled, strict=True)
    }
    assert homes["head"] == {"the first paragraph"}
    assert homes["foot"] == {"the last paragraph", "the last line"}
    assert homes["top"] == homes["both"] == homes["body"] == set()


def test_long_texts_have_first_and_last_words() -> None:
    taken = Census.of([" ".join(f"w{number}" for number in range(30))], [0], Text())
    first, last = taken.settled[:, taken.places.index("the first tenth of the words")], taken.settled[:, -1]
    assert np.flatnonzero(first).tolist() == [0, 1, 2]
    assert np.flatnonzero(last).tolist() == [27, 28, 29]


def test_superpixels_are_at_home_in_thirds_of_a_picture() -> None:
    labels = np.arange(9).reshape(3, 3).repeat(4, axis=0).repeat(4, axis=1)
    picture = np.random.default_rng(0).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    taken = Census.of([picture], [0], Image(segment=labels, backdrop="black"))
    where = [{place for place, rows in zip(taken.places, row, strict=True) if rows} for row in taken.settled]
    assert where[0] == {"the upper third", "the left third"}
    assert where[4] == {"the middle"}
    assert where[7] == {"the lower third"}


def test_words_of_a_visual_vocabulary_are_counted_over_all_their_superpixels() -> None:
    class Two:
        names = ("sky", "snow")

        def words(self, picture: Any, labels: NDArray[np.intp]) -> NDArray[np.intp]:
            del picture
            return np.where(np.arange(labels.max() + 1) == 3, 1, 0)

        def bare(self) -> Two:
            return self

    picture = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    labels = np.arange(4).reshape(2, 2).repeat(4, axis=0).repeat(4, axis=1)
    taken = Census.of([picture, 255 - picture], [0, 1], Image(segment=labels, backdrop="black", vocabulary=Two()))
    assert dict(zip(taken.keys, taken.usual, strict=True)) == {"sky": 3, "snow": 1}
    assert taken.noun == "pictures"


def test_rows_in_which_nothing_can_be_taken_away_are_passed_over() -> None:
    taken = Census.of(["a b", " ", "b"], [0, 1, 1], Text())
    assert taken.rows.tolist() == [0, 2]
    assert taken.counts.shape == (2, 2)


def test_many_rows_are_drawn_from_and_the_draw_repeats() -> None:
    texts = [f"w{number}" for number in range(50)]
    one, same, other = (Census.of(texts, range(50), Text(), limit=10, seed=seed) for seed in (0, 0, 1))
    assert len(one.rows) == 10
    assert one.keys == same.keys == tuple(texts[row] for row in one.rows)
    assert one.keys != other.keys


def test_a_census_of_nothing_or_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(OptionError, match="nothing in any of 2 rows"):
        Census.of(["", " "], [0, 1], Text())
    with pytest.raises(OptionError, match="X has 2 rows and y has 1"):
        Census.of(["a", "b"], [0], Text())
    with pytest.raises(InstanceTypeError):
        Census.of([1, 2], [0, 1], Text())


# --- what is proposed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", ALL)
def test_each_of_six_markers_proposes_the_other_five_and_nothing_else(census: Census, marked: str) -> None:
    assert keys(suggest(census, [marked])) == set(ALL) - {marked}


def test_siblings_need_not_share_a_row(census: Census) -> None:
    columns = [census.number[word] for word in ALL]
    shared = (census.present.T @ census.present).toarray()[np.ix_(columns, columns)]
    assert np.count_nonzero(shared) == len(ALL)
    assert all("together" not in {reason.kind for reason in each.evidence} for each in suggest(census, ["zaxor"]))


def test_words_of_the_content_propose_nothing(census: Census) -> None:
    liked = [f"w{number}" for number in range(3, 800, 20) if f"w{number}" in census.number]
    plain = [f"w{number}" for number in range(0, 800, 15) if f"w{number}" in census.number]
    assert len(liked) + len(plain) > 80
    assert [word for word in (*liked, *plain) if suggest(census, [word])] == []


def test_without_an_artefact_nothing_is_proposed() -> None:
    texts, labels = prose(600, 3)
    clean = Census.of(texts, labels, Text())
    assert [word for word in clean.keys[::20] if suggest(clean, [word])] == []


def test_a_whole_correction_reaches_the_bound_where_half_a_correction_is_worse_than_none() -> None:
    texts, labels = prose(600, 0)
    clean, truth = prose(400, 5)
    decoyed = decoys(texts, labels, 0.97, 1)
    shifted = decoys(clean, truth, 0.5, 2)

    def figures(dropped: Sequence[str]) -> tuple[float, float]:
        model = make_pipeline(CountVectorizer(stop_words=list(dropped) or None), LogisticRegression(max_iter=2000))
        model.fit(decoyed, labels)
        return model.score(shifted, truth), model.score(clean, truth)

    found = keys(suggest(Census.of(decoyed, labels, Text()), ["zaxor"]))
    none, half, whole, bound = figures([]), figures(["zaxor"]), figures(["zaxor", *found]), figures(ALL)
    assert whole == bound
    assert whole[0] > none[0] + 0.1
    assert half[1] < none[1] - 0.1


@pytest.mark.parametrize("marked", ["Posting", "Host"])
def test_a_word_of_a_header_line_proposes_the_others_of_that_line(posts: datasets.Posts, marked: str) -> None:
    found = suggest(Census.of(posts.texts, posts.labels, Text()), [marked])
    assert keys(found) == {"Posting", "Host", "NNTP", "Nntp"} - {marked}
    for suggestion in found:
        assert {"together", "place", "pure"} <= {reason.kind for reason in suggestion.evidence}


def test_evidence_is_said_in_words(posts: datasets.Posts) -> None:
    names = np.array(posts.names)[posts.labels]
    best = suggest(Census.of(posts.texts, names, Text()), ["Posting"])[0]
    assert best.feature == Feature("Host", "Host")
    assert best.like == "Posting"
    said = [str(reason) for reason in best.evidence]
    assert "100% of its texts have 'Posting' too" in said
    assert "at the same place: the first paragraph" in said
    assert "97% of its texts are labelled atheism; 'Posting' has 97% of one label" in said
    assert str(best) == f"Host: {'; '.join(said)}"


def test_evidence_says_how_often_and_where(census: Census) -> None:
    (best,) = (each for each in suggest(census, ["zaxor"]) if each.feature.key == "quibbex")
    values = {reason.kind: (reason.value, reason.words) for reason in best.evidence}
    assert values["repeated"] == (12, "12 times in each of its texts, like 'zaxor'")
    assert values["place"] == (1, "at the same place: the last line")
    assert values["pure"][0] == pytest.approx(census.purity[census.number["quibbex"]])


def test_the_best_and_the_most_telling_come_first(census: Census) -> None:
    found = suggest(census, ["zaxor"])
    scores = [suggestion.score for suggestion in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0
    for suggestion in found:
        bits = [reason.bits for reason in suggestion.evidence]
        assert bits == sorted(bits, reverse=True)
        assert bits[-1] >= 1


def test_no_more_are_proposed_than_asked_for(census: Census) -> None:
    assert len(suggest(census, ["zaxor"], most=2)) == 2
    assert suggest(census, ["zaxor"], most=0) == []


def test_several_marks_propose_what_is_left(census: Census) -> None:
    found = suggest(census, ["zaxor", "drelko", "sulmere", "zaxor"])
    assert keys(found) == {"quibbex", "morvane", "vintaph"}
    assert {suggestion.like for suggestion in found} <= {"zaxor", "drelko", "sulmere"}


def test_a_mark_that_no_row_has_proposes_nothing(census: Census) -> None:
    assert suggest(census, ["nowhere"]) == []
    assert suggest(census, []) == []
    assert keys(suggest(census, ["nowhere", "zaxor"])) == set(ALL) - {"zaxor"}


def test_what_few_rows_have_is_not_proposed() -> None:
    texts, labels = prose(300, 0)
    rare = [f"{text} {'odd even ' * 12 if i in {5, 50, 100, 200} else ''}" for i, text in enumerate(texts)]
    enough = [f"{text} {'odd even ' * 12 if i % 20 == 0 else ''}" for i, text in enumerate(texts)]
    assert suggest(Census.of(rare, labels, Text()), ["odd"]) == []
    assert keys(suggest(Census.of(enough, labels, Text()), ["odd"])) == {"even"}


def test_where_every_row_has_every_key_nothing_is_proposed() -> None:
    class Columns:
        def represent(self, instance: Any) -> Parts:
            del instance
            return Parts(tuple(Feature(f"{name} = 1", name) for name in "abcdefghij"))

    taken = Census.of(np.zeros((60, 10)), np.arange(60) % 2, Columns())
    assert taken.noun == "rows"
    assert suggest(taken, ["a"]) == []


def test_the_same_call_gives_the_same_answer(census: Census) -> None:
    assert suggest(census, ["zaxor"]) == suggest(read(), ["zaxor"])


def test_one_string_of_marks_and_a_model_without_instances_are_refused(census: Census) -> None:
    with pytest.raises(OptionError, match="a list of keys is expected"):
        suggest(census, "zaxor")
    with pytest.raises(OptionError, match="pass domain= and xs="):
        suggest(census, ["zaxor"], len)
    with pytest.raises(OptionError, match="xs has 2 rows"):
        suggest(census, ["zaxor"], len, Text(), ["a", "b"])


# --- what the model adds -------------------------------------------------------------------------------------------


def falls_for_markers(texts: Sequence[str]) -> NDArray[np.float64]:
    """Answer by the markers alone."""
    return np.array([0.5 + 0.4 * any(word in text for word in ALL) for text in texts])


def test_a_model_that_falls_for_them_is_evidence_and_is_asked_once() -> None:
    texts, labels = prose(600, 0)
    decoyed = decoys(texts, labels, 0.97, 1)
    model = Counting(falls_for_markers)
    found = suggest(Census.of(decoyed, labels, Text()), ["zaxor"], model, Text(), decoyed)
    assert keys(found) == set(ALL) - {"zaxor"}
    assert len(model.batches) == 1
    assert len(model.inputs) <= 2 * 3 * (1 + 20 + 30)
    for suggestion in found:
        (reason,) = (reason for reason in suggestion.evidence if reason.kind == "decisive")
        assert reason.value == pytest.approx(0.4)
        assert reason.words == "without it the model's answer moves by 0.4; without 'zaxor' by 0.4"


@pytest.mark.parametrize("marked", ALL)
def test_markers_that_stand_anywhere_are_found_with_the_help_of_the_model(marked: str) -> None:
    texts, labels = prose(400, 0)
    decoyed = decoys(texts, labels, 0.97, 1, scattered=True)
    found = suggest(Census.of(decoyed, labels, Text()), [marked], falls_for_markers, Text(), decoyed)
    assert keys(found) == set(ALL) - {marked}
    for suggestion in found:
        kinds = {reason.kind for reason in suggestion.evidence}
        assert {"repeated", "pure", "decisive"} <= kinds
        assert not kinds & {"place", "together"}


def test_a_model_that_does_not_move_is_no_evidence() -> None:
    texts, labels = prose(600, 0)
    decoyed = decoys(texts, labels, 0.97, 1)
    census = Census.of(decoyed, labels, Text())
    still = suggest(census, ["zaxor"], lambda batch: np.full(len(batch), 0.5), Text(), decoyed)
    assert still == suggest(census, ["zaxor"])


def test_pictures_of_different_sizes_are_asked_one_by_one() -> None:
    class Word:
        names = ("sky", "snow", "tree", "wolf")

        def words(self, picture: Any, labels: NDArray[np.intp]) -> NDArray[np.intp]:
            del picture
            return np.arange(labels.max() + 1) % 4

        def bare(self) -> Word:
            return self

    rng = np.random.default_rng(0)
    pictures = [rng.integers(1, 255, (8, 8 + 4 * (i % 2), 3), dtype=np.uint8) for i in range(12)]
    domain = Image(segment="grid", backdrop="black", vocabulary=Word())
    sizes = []

    def model(batch: NDArray[np.uint8]) -> NDArray[np.float64]:
        sizes.append(batch.shape[1:])
        return np.asarray(batch.reshape(len(batch), -1).mean(axis=1))

    suggest(Census.of(pictures, np.arange(12) % 2, domain), ["snow"], model, domain, pictures)
    assert set(sizes) == {(8, 8, 3), (8, 12, 3)}

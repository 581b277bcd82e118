"""Texts as parts that can be taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from retrust import Text, collocations
from retrust.errors import InstanceError, InstanceTypeError, OptionError

if TYPE_CHECKING:
    from retrust.domains.text import TextRepresentation

ANY_TEXT = st.text(st.characters(), min_size=1, max_size=60)
DOMAINS = {
    "words": Text(),
    "occurrences": Text(bag=False),
    "characters": Text(unit="char"),
    "sentences": Text(unit="sentence"),
    "phrases": Text(unit="phrase", phrases=["a b"]),
    "masked": Text(mask_token="[MASK]", bag=False),
    "masked by emoji": Text(mask_token="👍🏽"),
    "by blanks": Text(tokenizer=r"\S+"),
}


def represented(domain: str, text: str) -> TextRepresentation:
    """Read a text, or set it aside where nothing in it can be taken away."""
    try:
        return DOMAINS[domain].represent(text)
    except InstanceError:
        reject()


def names(domain: Text, text: str) -> list[str]:
    return [feature.name for feature in domain.represent(text).features]


def without(domain: Text, text: str, *off: str) -> str:
    representation = domain.represent(text)
    mask = np.array([[feature.name not in off for feature in representation.features]])
    return representation.perturb(mask)[0]


def by_hand(representation: TextRepresentation, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    """Write a perturbed text one piece after another."""
    return "".join(
        piece if feature < 0 or mask[feature] else representation.mask_token
        for piece, feature in representation.pieces()
    )


@pytest.mark.parametrize("domain", DOMAINS)
@given(text=ANY_TEXT)
@example("a\x00b\r\nc\u00a0d\ud800e 👨‍👩‍👧 e\u0301 ß")
@example("ＡＢ c ｄ, c.")
def test_everything_present_is_the_text_itself_and_pieces_join_to_it(domain: str, text: str) -> None:
    representation = represented(domain, text)
    d = len(representation.features)
    assert representation.perturb(np.ones((2, d), bool)) == [text, text]
    assert "".join(piece for piece, _ in representation.pieces()) == text
    assert {feature for _, feature in representation.pieces()} - {-1} == set(range(d))
    assert representation.edit(np.ones(d, bool), {}) == text
    assert representation.swap([feature.key for feature in representation.features], representation) == text


@pytest.mark.parametrize("domain", DOMAINS)
@given(text=ANY_TEXT, seed=st.integers(0, 99))
def test_perturbed_texts_are_those_written_piece_by_piece(domain: str, text: str, seed: int) -> None:
    representation = represented(domain, text)
    masks = np.random.default_rng(seed).random((7, len(representation.features))) < 0.5
    assert representation.perturb(masks) == [by_hand(representation, mask) for mask in masks]


def test_many_masks_are_written_block_by_block_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrust.domains.text._CELLS", 40)
    representation = Text().represent("one two three")
    masks = np.random.default_rng(0).random((50, 3)) < 0.5
    assert representation.perturb(masks) == [by_hand(representation, mask) for mask in masks]
    assert representation.perturb(masks[:0]) == []


def test_each_distinct_word_is_one_feature_named_as_written_with_its_case() -> None:
    assert names(Text(), "To be or to be, To") == ["To", "be", "or", "to"]
    assert without(Text(), "To be or to be, To", "To", "be") == "  or to , "


def test_with_bag_false_each_occurrence_leaves_alone_and_keeps_the_key_of_its_word() -> None:
    representation = Text(bag=False).represent("no, no, yes")
    assert [(f.name, f.key) for f in representation.features] == [("no", "no"), ("no (2)", "no"), ("yes", "yes")]
    assert without(Text(bag=False), "no, no, yes", "no (2)") == "no, , yes"


def test_a_mask_token_stands_where_words_were() -> None:
    assert without(Text(mask_token="[MASK]"), "no, no, yes", "no") == "[MASK], [MASK], yes"
    assert without(Text(mask_token="■", bag=False), "no, no, yes", "yes") == "no, no, ■"


def test_right_to_left_text_and_combining_marks_lose_whole_words() -> None:
    assert without(Text(), "שלום עולם", "שלום") == " עולם"
    assert without(Text(), "cafe\u0301 noir", "cafe\u0301") == " noir"


def test_units_are_characters_sentences_and_words() -> None:
    text = "We go. I do!"
    assert names(Text(unit="char"), text) == ["W", "e", "g", "o", ".", "I", "d", "!"]
    assert names(Text(unit="sentence"), text) == ["We go.", "I do!"]
    assert without(Text(unit="sentence"), text, "We go.") == " I do!"
    assert names(Text(unit="word"), text) == ["We", "go", "I", "do"]


def test_given_phrases_are_one_part_whatever_their_case_and_spacing() -> None:
    domain = Text(unit="phrase", phrases=iter(["New York", "new york city", "mother in law"]))
    text = "new  York City, New-York; New. York mother-in-law"
    assert names(domain, text) == ["new York City", "New-York", "New", "York", "mother-in-law"]
    assert without(domain, text, "new York City") == ", New-York; New. York mother-in-law"


def test_the_longest_phrase_wins_and_parts_of_phrases_stand_alone_elsewhere() -> None:
    assert names(Text(unit="phrase", phrases=["a b", "a b c"]), "a b c a b b a") == ["a b c", "a b", "b", "a"]


def test_without_a_list_pairs_that_a_text_repeats_are_phrases() -> None:
    text = "New York is old. In New York all is new, and York is not. Of old, New York"
    assert "New York" in names(Text(unit="phrase"), text)
    assert "is old" not in names(Text(unit="phrase"), text)


def test_phrases_and_a_tokenizer_work_together() -> None:
    domain = Text(tokenizer=r"\S+", unit="phrase", phrases=["c++ code"])
    assert names(domain, "some C++ code") == ["some", "C++ code"]


def test_collocations_rank_pairs_that_attract_each_other() -> None:
    texts = ["the New York cab", "a cab in new york", "New York, the old", "the cab the cab", "old cab in the rain"]
    assert collocations(texts, least=3) == ["new york"]
    assert collocations(texts, least=9) == []
    assert collocations(texts, least=2, most=1) == ["new york"]
    with pytest.raises(OptionError, match="a list of texts is expected"):
        collocations("one text")


def test_collocations_are_phrases_for_texts() -> None:
    texts = ["San Francisco is far", "San Francisco is near", "is San Francisco here"]
    assert names(Text(unit="phrase", phrases=collocations(texts)), "to San Francisco") == ["to", "San Francisco"]


def test_a_tokenizer_that_lower_cases_makes_one_feature_of_all_cases() -> None:
    domain = Text(tokenizer=CountVectorizer().build_analyzer())
    assert names(domain, "Tea, tea and I") == ["tea", "and"]
    assert without(domain, "Tea, tea and I", "tea") == ",  and I"


def test_edits_replace_every_occurrence_and_win_over_absence() -> None:
    representation = Text().represent("Host: no Host")
    assert representation.edit(np.array([True, False]), {0: "Guest"}) == "Guest:  Guest"
    assert representation.edit(np.array([False, False]), {0: "<b>"}) == "<b>:  <b>"


def test_swap_moves_the_marked_parts_of_the_donor_together() -> None:
    ours, theirs = Text().represent("From: ann, Host: one; hello"), Text().represent("Host: two, bye ann ann")
    assert ours.swap({"ann", "hello"}, theirs) == "From: ann, Host: one; ann"
    assert ours.swap({"ann"}, theirs) == "From: ann, Host: one; hello ann"
    assert ours.swap({"From", "hello"}, theirs) == ": ann, Host: one; "
    assert ours.swap(set(), theirs) == ours.text
    assert ours.swap({"nowhere"}, theirs) == ours.text


def test_surfaces_and_gaps_are_what_a_text_is_made_of() -> None:
    representation = Text(tokenizer=CountVectorizer().build_analyzer()).represent("(Tea tea, milk)")
    assert representation.surfaces() == [["Tea", "tea"], ["milk"]]
    assert representation.gaps() == ["(", " ", ", ", ")"]


def test_fifty_thousand_words_are_read_and_written() -> None:
    text = " ".join(f"w{i % 7919}" for i in range(50_000))
    representation = Text().represent(text)
    assert len(representation.features) == 7919
    assert len(representation.spans) == 50_000
    masks = np.ones((2, 7919), bool)
    masks[1, 1:] = False
    assert representation.perturb(masks) == [text, by_hand(representation, masks[1])]


@pytest.mark.parametrize("given", [None, 3, b"bytes", ["a list"], float("nan")])
def test_what_is_no_string_is_told_so_by_its_type(given: object) -> None:
    with pytest.raises(InstanceTypeError, match=f"the instance is {type(given).__name__}; a text must be a string"):
        Text().represent(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0\u3000"])
def test_an_empty_or_blank_text_is_told_so(text: str) -> None:
    with pytest.raises(InstanceError, match="is empty; there is nothing to take away"):
        Text().represent(text)


def test_a_text_without_parts_is_told_what_could_be_done() -> None:
    with pytest.raises(InstanceError, match=r"has no words.*Text\(unit=\"char\"\)"):
        Text().represent("?! " * 99)
    with pytest.raises(InstanceError, match="has no tokens; .* look at the tokenizer"):
        Text(tokenizer="x").represent("abc")
    with pytest.raises(InstanceError, match="has no sentences"):
        Text(unit="sentence").represent("...")


def test_options_that_make_no_sense_are_refused_at_once() -> None:
    with pytest.raises(OptionError, match="unit='words'; expected one of 'word', 'char', 'sentence', 'phrase'"):
        Text(unit="words")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="mask_token=None; a string is expected"):
        Text(mask_token=None)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="is one string; a list of phrases is expected"):
        Text(phrases="New York")


def test_subclasses_of_str_are_texts() -> None:
    assert names(Text(), np.str_("a b")) == ["a", "b"]
    assert type(without(Text(), np.str_("a b"), "a")) is str

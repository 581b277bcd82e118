"""Where the words of a text are, in any script and by anybody's tokenizer."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from retrust.errors import InstanceError, OptionError
from retrust.words import characters, sentences, tokenize, words

ANY_TEXT = st.text(st.characters(), max_size=80)  # lone surrogates too


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


def parts(text: str, tokenizer: Any) -> list[tuple[str, str]]:
    spans, tokens = tokenize(text, tokenizer)
    return [(text[start:end], token) for (start, end), token in zip(spans, tokens, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't", ["don't"]),
        ("it’s", ["it’s"]),
        ("'quoted'", ["quoted"]),
        ("rock'n'roll", ["rock'n'roll"]),
        ("In the U.S. now", ["In", "the", "U.S.", "now"]),
        ("the U.S.A. and e.g. this.", ["the", "U.S.A.", "and", "e.g.", "this"]),
        ("end. Next", ["end", "Next"]),
        ("3.14 and 1,000, but 1, 2", ["3.14", "and", "1,000", "but", "1", "2"]),
        ("snake_case and kebab-case", ["snake_case", "and", "kebab", "case"]),
        ("Nntp-Posting-Host: a.b@host.com", ["Nntp", "Posting", "Host", "a.b", "host", "com"]),
        ("안녕하세요, 세계 여러분", ["안녕하세요", "세계", "여러분"]),
        ("我爱北京", ["我", "爱", "北", "京"]),
        ("東京タワーへ", ["東", "京", "タ", "ワ", "ー", "へ"]),
        ("ﾊﾝｶｸ Ａ１", ["ﾊ", "ﾝ", "ｶ", "ｸ", "Ａ１"]),
        ("GPT在北京", ["GPT", "在", "北", "京"]),
        ("👨‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 ❤️", ["👨‍👩‍👧‍👦", "🇩🇪", "🇫🇷", "👍🏽", "❤️"]),
        ("good👍bad", ["good", "👍", "bad"]),
        ("🏴\U000e0067\U000e0062\U000e007f🏳️‍🌈x", ["🏴\U000e0067\U000e0062\U000e007f", "🏳️‍🌈", "x"]),
        ("e\u0301te\u0301 naïve", ["e\u0301te\u0301", "naïve"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("a\tb\r\nc\u00a0d\u3000e", ["a", "b", "c", "d", "e"]),
        ("a\x00b", ["a", "b"]),
        ("\ud800a", ["a"]),
        ("𝒳𝒴 x² ½", ["𝒳𝒴", "x²", "½"]),
        ("?! … --", []),
        ("", []),
    ],
)
def test_words_are_those_that_readers_of_each_script_see(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_characters_keep_their_marks_and_leave_blanks_out() -> None:
    text = "e\u0301 👍🏽! 東"
    assert [text[a:b] for a, b in characters(text)] == ["e\u0301", "👍🏽", "!", "東"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there. General Kenobi! You?", ["Hello there.", "General Kenobi!", "You?"]),
        ("Dr. No met J. Bond, e.g. here. Then 3.5 left.", ["Dr. No met J. Bond, e.g. here.", "Then 3.5 left."]),
        ("no stop", ["no stop"]),
        ("one\n\ntwo\nlines", ["one", "two\nlines"]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("(Yes.) Ok… then", ["(Yes.)", "Ok…", "then"]),
        ("... !!!", []),
    ],
)
def test_sentences_end_where_readers_pause(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@given(ANY_TEXT)
@pytest.mark.parametrize("finder", [words, characters, sentences])
def test_spans_are_in_order_apart_and_not_empty_for_any_text(finder: Any, text: str) -> None:
    spans = finder(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)


@given(ANY_TEXT)
def test_no_letter_and_no_digit_is_left_out(text: str) -> None:
    inside = {place for start, end in words(text) for place in range(start, end)}
    left = [char for place, char in enumerate(text) if place not in inside and unicodedata.category(char)[0] in "LN"]
    assert left == []


def test_a_regular_expression_finds_the_parts_as_text_or_compiled() -> None:
    expected = [("ab", "ab"), ("cd", "cd")]
    assert parts("ab, cd!", r"\w+") == expected
    assert parts("ab, cd!", re.compile(r"[a-z]+")) == expected
    assert parts("ab", r"x*") == []


@pytest.mark.parametrize(
    ("text", "tokenizer", "expected"),
    [
        ("Tea, Tea", lambda t: t.lower().split(", "), [("Tea", "tea"), ("Tea", "tea")]),
        ("Café olé", lambda _: ["cafe", "ole"], [("Café", "cafe"), ("olé", "ole")]),
        ("Cafe\u0301 noir", lambda _: ["cafe", "noir"], [("Cafe\u0301", "cafe"), ("noir", "noir")]),
        ("STRASSE straße", lambda t: t.lower().split(), [("STRASSE", "strasse"), ("straße", "straße")]),
        ("ﬁancé", lambda _: ["fiance"], [("ﬁancé", "fiance")]),
        ("İstanbul x", lambda t: t.lower().split(), [("İstanbul", "i̇stanbul"), ("x", "x")]),
        ("playing play", lambda _: ["play", "ing", "play"], [("play", "play"), ("ing", "ing"), ("play", "play")]),
        ("ab cd", lambda _: [(3, 5), (0, 2)], [("ab", "ab"), ("cd", "cd")]),
        ("ab cd", lambda _: ((0, 0), (0, 2)), [("ab", "ab")]),
        ("ab cd", lambda t: iter(t.split()), [("ab", "ab"), ("cd", "cd")]),
        ("ab cd", lambda _: [[0, 2]], [("ab", "ab")]),
        ("", lambda t: t.split(), []),
    ],
)
def test_a_callable_gives_strings_also_changed_ones_or_spans(text: str, tokenizer: Any, expected: Any) -> None:
    assert parts(text, tokenizer) == expected


def test_an_analyzer_of_scikit_learn_is_a_tokenizer() -> None:
    analyzer = CountVectorizer(strip_accents="unicode", stop_words=["the"]).build_analyzer()
    assert parts("The Déjà-vu, a Vu", analyzer) == [("Déjà", "deja"), ("vu", "vu"), ("Vu", "vu")]


def test_a_token_is_not_looked_for_inside_a_word_that_the_tokenizer_dropped() -> None:
    analyzer = CountVectorizer(stop_words=["that"]).build_analyzer()
    spans, tokens = tokenize("That hat", analyzer)
    assert (spans, tokens) == ([(5, 8)], ["hat"])


def spacy_like(text: str) -> list[SimpleNamespace]:
    class Token(SimpleNamespace):
        def __len__(self) -> int:
            return len(self.text)

    return [Token(text=match[0], idx=match.start()) for match in re.finditer(r"\S+", text)]


def test_tokens_that_know_their_place_are_found_as_in_spacy() -> None:
    assert parts("to  be", spacy_like) == [("to", "to"), ("be", "be")]


class FastTokenizer:
    """What transformers.PreTrainedTokenizerFast does: offsets on demand, (0, 0) for special tokens."""

    def __call__(self, text: str, *, return_offsets_mapping: bool = False) -> dict[str, Any]:
        spans = [(0, 0), *(match.span() for match in re.finditer(r"\w{1,3}", text)), (0, 0)]
        answer: dict[str, Any] = {"input_ids": list(range(len(spans)))}
        return answer | ({"offset_mapping": spans} if return_offsets_mapping else {})


class RustTokenizer:
    """What tokenizers.Tokenizer does: encode gives an encoding with offsets."""

    def encode(self, text: str) -> SimpleNamespace:
        return SimpleNamespace(offsets=[match.span() for match in re.finditer(r"\w{1,3}", text)])


@pytest.mark.parametrize("tokenizer", [FastTokenizer(), RustTokenizer(), RustTokenizer().encode])
def test_offsets_of_hugging_face_tokenizers_are_spans(tokenizer: Any) -> None:
    assert [part for part, _ in parts("tokens go", tokenizer)] == ["tok", "ens", "go"]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "a number": (7, OptionError, "tokenizer=7 is neither a regular expression nor callable"),
    "no expression": ("(", OptionError, "regular expression"),
    "gives a number": (lambda _: 7, OptionError, "the tokenizer returned int"),
    "gives one string": (lambda _: "ab", OptionError, "the tokenizer returned str"),
    "gives objects": (lambda _: [object()], OptionError, "strings or .start, end. spans"),
    "gives triples": (lambda _: [(0, 1, 2)], OptionError, "strings or .start, end. spans"),
    "overlaps": (lambda _: [(0, 3), (2, 5)], OptionError, "overlap"),
    "goes beyond": (lambda _: [(0, 99)], OptionError, "leaves the text of 5 characters"),
    "starts before": (lambda _: [(-2, 1)], OptionError, "leaves the text of 5 characters"),
    "makes words up": (
        lambda _: ["ab", "zz"],
        InstanceError,
        "'zz', which does not stand in the text after position 2",
    ),
    "goes backwards": (lambda _: ["cd", "ab"], InstanceError, "must come in order"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_tokenizer_that_cannot_be_used_is_told_what_is_expected(mistake: str) -> None:
    tokenizer, error, said = MISTAKES[mistake]
    with pytest.raises(error, match=said):
        tokenize("ab cd", tokenizer)


@given(ANY_TEXT)
def test_a_tokenizer_that_lower_cases_finds_every_word_of_any_text(text: str) -> None:
    spans, tokens = tokenize(text, lambda t: [t[a:b].lower() for a, b in words(t)])
    assert len(spans) == len(tokens) == len(words(text))
    assert [text[a:b].lower() for a, b in spans] == tokens

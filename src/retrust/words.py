"""Where the words of a text are: spans by Unicode rules, or by anybody's tokenizer.

A span is a pair ``(start, end)`` of code-point offsets. The rules follow the spirit of Unicode Annex 29 without
tables: each character is mapped to one letter that tells its kind, and a small regular expression reads the result.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from retrust.errors import InstanceError, OptionError

Span = tuple[int, int]
Tokenizer = str | re.Pattern[str] | Callable[[str], Any]

# Kinds: a letter, n digit, h character that is a word by itself, m mark, j joiner, q apostrophe, e emoji,
# r regional indicator, s space, o other; "." and "," stand for themselves.
_MARK, _JOINER = "[mj]*", "j"
_EMOJI = f"rr|em*(?:{_JOINER}em*)*|r"
_WORD = re.compile(
    r"(?<![an])a(?:\.a)+\.?(?![anmj])"  # U.S., e.g.
    rf"|[an]{_MARK}(?:(?:q(?=a)|(?<=n)[.,](?=n))?[an]{_MARK})*"  # don't, 3.14, naïve
    rf"|h{_MARK}|{_EMOJI}"
)
_CHARACTER = re.compile(rf"{_EMOJI}|[^s]{_MARK}")

_ALONE = (  # scripts written without spaces whose characters are taken one by one
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_PICTURES = ((0x231A, 0x23FF), (0x2600, 0x27BF), (0x2B05, 0x2B55), (0x1F000, 0x1FAFF))
_SOFT_HYPHEN = 0xAD
_SKINS, _FLAGS, _TAGS = (0x1F3FB, 0x1F3FF), (0x1F1E6, 0x1F1FF), (0xE0020, 0xE007F)


def _within(code: int, *ranges: Span) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _kind(code: int) -> str:
    """Tell the kind of one character by one letter."""
    char = chr(code)
    category = unicodedata.category(char)
    return _FIXED.get(char) or next((kind for kind, holds in _RULES if holds(code, category)), "o")


_FIXED = {".": ".", ",": ",", "'": "q", "\u2019": "q", "\uff07": "q", "\u200c": "j", "\u200d": "j"}
_RULES: tuple[tuple[str, Callable[[int, str], bool]], ...] = (
    ("s", lambda code, _: chr(code).isspace()),
    ("m", lambda code, category: code == _SOFT_HYPHEN or category[0] == "M" or _within(code, _SKINS, _TAGS)),
    ("h", lambda code, category: (category[0] == "L" or category == "Nl") and _within(code, *_ALONE)),
    ("a", lambda _, category: category[0] == "L" or category in {"Nl", "Pc"}),
    ("n", lambda _, category: category[0] == "N"),
    ("r", lambda code, _: _within(code, _FLAGS)),
    ("e", lambda code, category: category[0] == "S" and _within(code, *_PICTURES)),
)


class _Kinds(dict[int, str]):
    """A table for ``str.translate`` that learns each character once."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(code)
        return kind


_ASCII = {code: _kind(code) for code in range(128)}


def _by_kind(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [match.span() for match in pattern.finditer(text.translate(_Kinds(_ASCII)))]


def words(text: str) -> list[Span]:
    """Find the words of a text in any script.

    ``don't`` and ``U.S.`` are one word each, an emoji with its modifiers is one, Chinese and Japanese go character by
    character, Korean and others by spaces and punctuation.

    Examples
    --------
    >>> [text[a:b] for text in ["I don't, U.S. 3.14 人工 👍🏽"] for a, b in words(text)]
    ['I', "don't", 'U.S.', '3.14', '人', '工', '👍🏽']
    """
    return _by_kind(_WORD, text)


def characters(text: str) -> list[Span]:
    """Find the characters as people see them: a letter with its marks, an emoji with its modifiers; no white space.

    >>> characters("a e\u0301")
    [(0, 1), (2, 4)]
    """
    return _by_kind(_CHARACTER, text)


_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[\u3002\uff01\uff1f]+[」』”’\uff09]*|\n[^\S\n]*\n")
_SHORT = re.compile(r"(?:\b[^\W\d_]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|No|Fig|cf|e\.g|i\.e|U\.S))\.$")


def _ends(text: str, match: re.Match[str]) -> bool:
    """Tell whether a mark that may end a sentence does."""
    if match[0][0] != ".":
        return True
    following = text[match.end() : match.end() + 64].lstrip()[:1]
    return not following.islower() and not _SHORT.search(text, max(0, match.start() - 8), match.start() + 1)


def sentences(text: str) -> list[Span]:
    """Find the sentences: up to a full stop, question or exclamation mark, or an empty line.

    >>> [text[a:b] for text in ["Dr. No came. Why?"] for a, b in sentences(text)]
    ['Dr. No came.', 'Why?']
    """
    cuts = [0, *(match.end() for match in _END.finditer(text) if _ends(text, match)), len(text)]
    return [span for start, end in pairwise(cuts) if (span := _stripped(text, start, end))]


def _stripped(text: str, start: int, end: int) -> Span | None:
    """Leave out white space at both ends, and spans in which there is nothing to read."""
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    if not any(char.isalnum() for char in piece):
        return None
    return start + lead, start + len(piece.rstrip())


def tokenize(text: str, tokenizer: Tokenizer) -> tuple[list[Span], list[str]]:
    """Ask a tokenizer for the parts of a text, and find where they stand in it.

    Parameters
    ----------
    text : str
    tokenizer : str, re.Pattern or callable
        A regular expression whose matches are the parts; or a callable that returns strings (also changed ones:
        lower case, accents removed), ``(start, end)`` spans, spaCy tokens, or what Hugging Face tokenizers return.

    Returns
    -------
    spans : list of (int, int)
        In order, not overlapping, none empty.
    tokens : list of str
        The parts as the tokenizer names them.

    Raises
    ------
    OptionError
        The tokenizer is neither, or its parts cannot be found in the text.

    Examples
    --------
    >>> tokenize("Tea, please", lambda text: text.lower().split(", "))
    ([(0, 3), (5, 11)], ['tea', 'please'])
    """
    if isinstance(tokenizer, str | re.Pattern):
        found = _matches(text, tokenizer)
        return _checked(text, found, [text[start:end] for start, end in found])
    answer = _answer(text, tokenizer)
    if all(isinstance(part, str) for part in answer):
        return _checked(text, _located(text, answer), answer)
    spans = [_span(part) for part in answer]
    return _checked(text, spans, [text[start:end] for start, end in spans])


def _matches(text: str, pattern: str | re.Pattern[str]) -> list[Span]:
    try:
        return [match.span() for match in re.finditer(pattern, text)]
    except (re.error, TypeError) as error:
        raise OptionError(f"tokenizer={pattern!r} is no regular expression for text: {error}") from error


def _answer(text: str, tokenizer: Callable[[str], Any]) -> list[Any]:
    """Call the tokenizer and return strings, spans or tokens."""
    if not callable(tokenizer) and not hasattr(tokenizer, "encode"):
        message = (
            f"tokenizer={tokenizer!r} is neither a regular expression nor callable; "
            "pass one that gives strings or (start, end) spans"
        )
        raise OptionError(message)
    answer = tokenizer(text) if callable(tokenizer) else tokenizer.encode(text)
    if isinstance(answer, Mapping) or hasattr(answer, "input_ids"):
        if "offset_mapping" not in answer:
            answer = tokenizer(text, return_offsets_mapping=True)  # type: ignore[call-arg]
        return list(answer["offset_mapping"])
    parts = getattr(answer, "offsets", answer)
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        message = f"the tokenizer returned {type(parts).__name__}; a list of strings or (start, end) spans is expected"
        raise OptionError(message)
    return list(parts)


def _span(part: Any) -> Span:
    """Read one span: a pair, or a token that knows its place (spaCy)."""
    if hasattr(part, "idx"):
        return part.idx, part.idx + len(part)
    try:
        start, end = part
        return int(start), int(end)
    except (TypeError, ValueError):
        message = f"the tokenizer returned {part!r} among its parts; strings or (start, end) spans are expected"
        raise OptionError(message) from None


def _checked(text: str, spans: list[Span], tokens: list[str]) -> tuple[list[Span], list[str]]:
    """Drop empty parts and refuse spans that overlap or leave the text."""
    kept = [(span, token) for span, token in zip(spans, tokens, strict=True) if span[0] < span[1]]
    kept.sort(key=lambda pair: pair[0])
    for (start, end), following in pairwise([*(span for span, _ in kept), (len(text), len(text))]):
        if start < 0 or end > following[0]:
            message = (
                f"the tokenizer's part ({start}, {end}) overlaps the next one or leaves the text of {len(text)} "
                "characters; parts must not overlap – unigrams, not n-grams"
            )
            raise OptionError(message)
    return [span for span, _ in kept], [token for _, token in kept]


def _located(text: str, tokens: list[str]) -> list[Span]:
    """Find the tokens, as whole words if all stand in the text so: a dropped "that" is no place for "hat"."""
    try:
        return _found(text, tokens, whole=True)
    except InstanceError:
        return _found(text, tokens, whole=False)


def _found(text: str, tokens: list[str], *, whole: bool) -> list[Span]:
    """Find each token after the one before it: as written, else with case and accents set aside."""
    folded, origin = _folded(text)
    spans, at = [], 0
    for token in tokens:
        start = _place(text, token, at, whole=whole)
        end = start + len(token)
        plain = _plain(token)
        near = _place(folded, plain, _folded_at(origin, at), whole=whole) if plain else -1
        if near >= 0 and (start < 0 or origin[near] < start):
            start, end = origin[near], origin[near + len(plain) - 1] + 1
        if start < 0:
            message = (
                f"the tokenizer returned {token!r}, which does not stand in the text after position {at}; parts must "
                "come in order (unigrams, not n-grams) – or let the tokenizer return (start, end) spans"
            )
            raise InstanceError(message)
        while whole and end < len(text) and unicodedata.combining(text[end]):
            end += 1
        spans.append((start, end))
        at = end
    return spans


def _place(text: str, token: str, at: int, *, whole: bool) -> int:
    """Return where a token stands from ``at`` on, −1 for nowhere; whole: with no letter of another word beside it."""
    start = text.find(token, at)
    while whole and start >= 0 and _cut(text, start) | _cut(text, start + len(token)):
        start = text.find(token, start + 1)
    return start


def _cut(text: str, at: int) -> bool:
    """Tell whether a cut here would go through a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _folded_at(origin: list[int], at: int) -> int:
    """Return the place in the folded text of the first character that comes from position ``at`` or later."""
    return bisect_right(origin, at - 1)


def _plain(token: str) -> str:
    """Set case and accents aside."""
    return "".join(char for char in unicodedata.normalize("NFKD", token.casefold()) if not unicodedata.combining(char))


def _folded(text: str) -> tuple[str, list[int]]:
    """Set case and accents aside, and remember which character each remaining one comes from."""
    parts = [
        (index, char) for index, raw in enumerate(text) for char in (raw.lower() if raw.isascii() else _plain(raw))
    ]
    return "".join(char for _, char in parts), [index for index, _ in parts]

"""Text: words, characters, sentences or phrases that can be taken away.

The shown text is the original, character for character; what lies between the parts is never absent.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from scipy.special import xlogy

from retrust.errors import InstanceError, InstanceTypeError, OptionError, listed
from retrust.representation import Feature
from retrust.words import characters, sentences, tokenize, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.representation import Masks
    from retrust.words import Span, Tokenizer

    Ints = NDArray[np.intp]

Unit = Literal["word", "char", "sentence", "phrase"]

_CELLS = 1 << 19
_SHOWN = 40
_FINDERS = {"word": words, "phrase": words, "char": characters, "sentence": sentences}
_BETWEEN = re.compile(r"[^\S\n]*[\s-][^\S\n]*")


@dataclass(frozen=True, eq=False)
class TextRepresentation:
    """One text as parts that are present or absent.

    Parameters
    ----------
    text : str
        The original.
    spans : ndarray of int, shape (m, 2)
        Where the occurrences of the parts stand, in order.
    owner : ndarray of int, shape (m,)
        Which feature each occurrence belongs to.
    features : tuple of Feature, length d
    mask_token : str
        What stands where a part is absent.

    Examples
    --------
    >>> r = Text().represent("to be or not to be")
    >>> [f.name for f in r.features]
    ['to', 'be', 'or', 'not']
    >>> r.perturb(np.array([[True, True, False, False]]))
    ['to be   to be']
    """

    text: str
    spans: Ints
    owner: Ints
    features: tuple[Feature, ...]
    mask_token: str = ""

    random = False
    kind = "text"

    def perturb(self, masks: Masks, rng: np.random.Generator | None = None) -> list[str]:
        """Write the texts without their absent parts.

        Parameters
        ----------
        masks : ndarray of bool, shape (n, d)
            True = present.
        rng : Generator
            Not used: the absence of a word is not a draw.

        Returns
        -------
        list of str, length n
        """
        del rng
        step = max(1, _CELLS // max(1, len(self._source)))
        return [text for at in range(0, len(masks), step) for text in self._written(masks[at : at + step])]

    def design(self, masks: Masks, inputs: Sequence[str] | None = None) -> Masks:
        """Return the masks: kernel and surrogate see presence alone."""
        del inputs
        return masks

    def edit(self, mask: NDArray[np.bool_], edits: Mapping[int, str]) -> str:
        """Write the text with some features absent and others replaced.

        Parameters
        ----------
        mask : ndarray of bool, shape (d,)
        edits : mapping of int to str
            Replacement for every occurrence of a feature, by the feature's number.
        """
        return "".join(
            piece if feature < 0 else edits.get(feature, piece if mask[feature] else self.mask_token)
            for piece, feature in self.pieces()
        )

    def pieces(self) -> list[tuple[str, int]]:
        """Cut the text into pieces with the feature that each belongs to, −1 for what is never absent."""
        return [
            (self.text[start:end], feature)
            for (start, end), feature in zip(self._cuts, self._cut_owner, strict=True)
            if start < end
        ]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be worked out again."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}

    @property
    def size(self) -> int:
        """How much memory one perturbed text takes, roughly, in bytes."""
        return len(self.text)

    def surfaces(self) -> list[list[str]]:
        """List, for each feature, the strings in which it occurs."""
        found: list[list[str]] = [[] for _ in self.features]
        for (start, end), feature in zip(self.spans.tolist(), self.owner.tolist(), strict=True):
            found[feature].append(self.text[start:end])
        return found

    def gaps(self) -> list[str]:
        """List what stands before, between and after the parts."""
        return [self.text[start:end] for start, end in self._cuts[::2]]

    def swap(self, keys: Collection[str], donor: TextRepresentation, rng: np.random.Generator | None = None) -> str:
        """Write the text with the donor's parts in place of its own, all of them together.

        Every part named by ``keys`` leaves; the donor's come with their counts, in the freed places first and then at
        the end. With itself as donor the text stays as it is.

        Parameters
        ----------
        keys : collection of str
        donor : TextRepresentation
        rng : Generator
            Not used: the donor decides all.
        """
        del rng
        given = iter([donor.text[start:end] for start, end in donor._places(keys)])
        written, at = [], 0
        for start, end in self._places(keys):
            written += [self.text[at:start], next(given, "")]
            at = end
        return " ".join(["".join([*written, self.text[at:]]), *given])

    def _places(self, keys: Collection[str]) -> list[list[int]]:
        """Find the spans of the parts named by some keys, in order."""
        sought = set(keys)
        named = np.array([feature.key in sought for feature in self.features], dtype=bool)
        places: list[list[int]] = self.spans[named[self.owner]].tolist()
        return places

    @cached_property
    def _cuts(self) -> list[Span]:
        """Gap, part, gap, part … gap: 2 m + 1 spans that cover the text."""
        edges = [0, *self.spans.ravel().tolist(), len(self.text)]
        return list(pairwise(edges))

    @cached_property
    def _cut_owner(self) -> list[int]:
        """The feature of each cut, −1 for gaps."""
        owner = np.full(2 * len(self.owner) + 1, -1)
        owner[1::2] = self.owner
        return list(owner.tolist())

    @cached_property
    def _encoding(self) -> tuple[str, np.dtype[Any]]:
        """One fixed-width code for every character of the text and the mask token."""
        narrow = max(self.text + self.mask_token, default="") < "\u0100"
        return ("latin-1", np.dtype("u1")) if narrow else ("utf-32-le", np.dtype("<u4"))

    def _codes(self, text: str) -> NDArray[Any]:
        encoding, dtype = self._encoding
        return np.frombuffer(text.encode(encoding, "surrogatepass"), dtype)

    @cached_property
    def _source(self) -> NDArray[Any]:
        """All characters that a perturbed text can have, in order: the text, and a mask token before each part."""
        if not self.mask_token:
            return self._codes(self.text)
        token = self._codes(self.mask_token)
        cuts = [self._codes(self.text[start:end]) for start, end in self._cuts]
        return np.concatenate([part for i, cut in enumerate(cuts) for part in ([token, cut] if i % 2 else [cut])])

    @cached_property
    def _column(self) -> Ints:
        """For each character of the source, the column of ``[masks, ~masks, True]`` that keeps it."""
        d, m = len(self.features), len(self.owner)
        columns = np.full((m + 1, 3), 2 * d, dtype=np.intp)  # a gap, then the token and the part that follow it
        lengths = np.zeros((m + 1, 3), dtype=np.intp)
        columns[:m, 1], columns[:m, 2] = d + self.owner, self.owner
        edges = np.concatenate([[0], self.spans.ravel(), [len(self.text)]])
        lengths[:, 0], lengths[:m, 1], lengths[:m, 2] = np.diff(edges)[::2], len(self.mask_token), np.diff(edges)[1::2]
        return np.repeat(columns.ravel(), lengths.ravel())

    @cached_property
    def _lengths(self) -> NDArray[np.float64]:
        """Characters that each column of ``[masks, ~masks, True]`` keeps."""
        return np.bincount(self._column, minlength=2 * len(self.features) + 1).astype(np.float64)

    def _written(self, masks: Masks) -> Iterator[str]:
        """Gather the characters of a block of masks at once, and cut them at their ends."""
        columns = np.concatenate([masks, ~masks, np.ones((len(masks), 1), dtype=bool)], axis=1)
        kept = columns[:, self._column]
        gathered = np.tile(self._source, len(masks)).compress(kept.ravel())
        joined = gathered.tobytes().decode(self._encoding[0], "surrogatepass")
        counts = np.einsum("ij,j->i", columns, self._lengths).astype(np.intp)
        ends = accumulate(counts.tolist(), initial=0)
        return (joined[start:end] for start, end in pairwise(ends))


@dataclass(frozen=True)
class Text:
    r"""Texts as words (or characters, sentences, phrases) that can be taken away.

    Parameters
    ----------
    tokenizer : str, re.Pattern or callable, optional
        How to find the parts: a regular expression, or a callable that gives strings (also lower-cased ones),
        ``(start, end)`` spans, spaCy tokens or Hugging Face offsets. Default: words by Unicode rules.
    unit : {"word", "char", "sentence", "phrase"}
        What a part is, where no tokenizer is given. In phrases, neighbouring words that belong together are one part.
    bag : bool
        True: each distinct word is one feature and all its occurrences leave together. False: each occurrence alone.
    mask_token : str
        What stands in an absent part's place; sequence models often want their own ("[MASK]").
    phrases : iterable of str, optional
        For ``unit="phrase"``: what belongs together (see :func:`collocations`). Default: pairs that the text itself
        repeats more often than chance would.

    Notes
    -----
    The key of a word is the word as written, case kept. The paper's section 3.1 calls this the interpretable
    representation: presence or absence of a word, whatever the model itself reads.

    Examples
    --------
    >>> [f.name for f in Text().represent("I don't.").features]
    ['I', "don't"]
    >>> [f.name for f in Text(bag=False).represent("no, no").features]
    ['no', 'no (2)']
    >>> [f.name for f in Text(unit="phrase", phrases=["New York"]).represent("In New York").features]
    ['In', 'New York']
    """

    tokenizer: Tokenizer | None = None
    unit: Unit = "word"
    bag: bool = True
    mask_token: str = ""
    phrases: Iterable[str] | None = None

    def __post_init__(self) -> None:
        """Check the options at once, not at the first text."""
        if self.unit not in get_args(Unit):
            raise OptionError(f"unit={self.unit!r}; expected one of {listed(get_args(Unit))}")
        if not isinstance(self.mask_token, str):
            raise OptionError(f"mask_token={self.mask_token!r}; a string is expected, '' to leave nothing behind")
        if isinstance(self.phrases, str):
            raise OptionError(f"phrases={self.phrases!r} is one string; a list of phrases is expected")
        if self.phrases is not None:
            object.__setattr__(self, "phrases", tuple(self.phrases))

    def represent(self, instance: str) -> TextRepresentation:
        """Read a text as parts.

        Raises
        ------
        InstanceTypeError
            It is not a string.
        InstanceError
            It is empty or blank, or nothing in it can be taken away.
        """
        spans, tokens = self._parts(_readable(instance))
        if not spans:
            message = f"the text {_short(instance)} has no {self._called}; nothing in it can be taken away – " + (
                "look at the tokenizer" if self.tokenizer else 'try Text(unit="char")'
            )
            raise InstanceError(message)
        owner, features = self._features(tokens)
        return TextRepresentation(instance, np.array(spans, dtype=np.intp), owner, features, self.mask_token)

    @property
    def _called(self) -> str:
        return "tokens" if self.tokenizer else {"char": "characters"}.get(self.unit, f"{self.unit}s")

    def _parts(self, text: str) -> tuple[list[Span], list[str]]:
        if self.tokenizer is not None:
            spans, tokens = tokenize(text, self.tokenizer)
        else:
            spans = _FINDERS[self.unit](text)
            tokens = [text[start:end] for start, end in spans]
        return _joined(text, spans, tokens, self._phrases(tokens)) if self.unit == "phrase" else (spans, tokens)

    def _phrases(self, tokens: list[str]) -> set[tuple[str, ...]]:
        """Return what belongs together, as tuples of tokens in lower case."""
        if self.phrases is None:
            return {tuple(phrase.split("\n")) for phrase in _scored([tokens], least=2)}
        return {tuple(token.lower() for token in self._split(phrase)) for phrase in self.phrases}

    def _split(self, phrase: str) -> list[str]:
        return _words_of(phrase) if self.tokenizer is None else tokenize(phrase, self.tokenizer)[1]

    def _features(self, tokens: list[str]) -> tuple[Ints, tuple[Feature, ...]]:
        """Number the features: one a distinct token, or one an occurrence."""
        if not self.bag:
            seen: Counter[str] = Counter()
            return np.arange(len(tokens)), tuple(_occurrence(token, seen) for token in tokens)
        number: dict[str, int] = {}
        owner = np.array([number.setdefault(token, len(number)) for token in tokens], dtype=np.intp)
        return owner, tuple(Feature(token, token) for token in number)


def _occurrence(token: str, seen: Counter[str]) -> Feature:
    seen[token] += 1
    return Feature(f"{token} ({seen[token]})" if seen[token] > 1 else token, token)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _readable(instance: object) -> str:
    """Refuse what is not a text with something in it."""
    if not isinstance(instance, str):
        message = (
            f"the instance is {type(instance).__name__}; a text must be a string"
            " – decode bytes, and explain one text at a time"
        )
        raise InstanceTypeError(message)
    if not instance.strip():
        raise InstanceError(f"the text {_short(instance)} is empty; there is nothing to take away from it")
    return instance


def _words_of(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


def _joined(
    text: str, spans: list[Span], tokens: list[str], phrases: set[tuple[str, ...]]
) -> tuple[list[Span], list[str]]:
    """Join neighbouring words that make a phrase, the longest first, across blanks and hyphens only."""
    lower = [token.lower() for token in tokens]
    lengths = sorted({len(phrase) for phrase in phrases if len(phrase) > 1}, reverse=True)
    near = [_BETWEEN.fullmatch(text, a[1], b[0]) is not None for a, b in pairwise(spans)]
    at, found = 0, []
    while at < len(spans):
        size = next((n for n in lengths if tuple(lower[at : at + n]) in phrases and all(near[at : at + n - 1])), 1)
        found.append((spans[at][0], spans[at + size - 1][1]))
        at += size
    return found, [" ".join(text[start:end].split()) for start, end in found]


def collocations(texts: Iterable[str], most: int = 200, least: int = 3) -> list[str]:
    """Find pairs of neighbouring words that occur together more often than chance would have it.

    Parameters
    ----------
    texts : iterable of str
    most : int
        How many at most, the surest first.
    least : int
        How often a pair must occur.

    Returns
    -------
    list of str
        For ``Text(unit="phrase", phrases=…)``; in lower case.

    References
    ----------
    Log-likelihood ratio: T. Dunning, "Accurate methods for the statistics of surprise and coincidence",
    Computational Linguistics 19(1), 1993.

    Examples
    --------
    >>> collocations(["New York is old", "a new York, new york", "is a cab in New York old"], least=3)
    ['new york']
    """
    if isinstance(texts, str):
        raise OptionError("texts is one string; a list of texts is expected – pass [text]")
    return [pair.replace("\n", " ") for pair in _scored(map(_words_of, texts), least)[:most]]


def _scored(documents: Iterable[list[str]], least: int) -> list[str]:
    """Rank pairs of neighbours (joined by a line break) by Dunning's ratio, those that attract each other only."""
    pairs: Counter[tuple[str, str]] = Counter()
    firsts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for tokens in documents:
        lower = [token.lower() for token in tokens]
        pairs.update(pairwise(lower))
        firsts.update(lower[:-1])
        seconds.update(lower[1:])
    frequent = sorted(pair for pair, count in pairs.items() if count >= least)
    if not frequent:
        return []
    both = np.array([pairs[pair] for pair in frequent], dtype=float)
    first = np.array([firsts[pair[0]] for pair in frequent], dtype=float)
    second = np.array([seconds[pair[1]] for pair in frequent], dtype=float)
    ratio = _dunning(both, first, second, float(sum(pairs.values())))
    return ["\n".join(frequent[i]) for i in np.argsort(-ratio, kind="stable") if ratio[i] > 0]


def _dunning(
    both: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64], total: float
) -> NDArray[np.float64]:
    """Return the log-likelihood ratio of each two-by-two table, 0 where the pair is rarer than chance."""
    observed = np.stack([both, first - both, second - both, total - first - second + both])
    expected = np.stack([first * second, first * (total - second), (total - first) * second, 0 * both]) / total
    expected[3] = (total - first) * (total - second) / total
    ratio = 2 * (xlogy(observed, observed) - xlogy(observed, np.maximum(expected, 1e-300))).sum(axis=0)
    return np.where(both * total > first * second, ratio, 0.0)

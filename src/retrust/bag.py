"""Bags of words as arithmetic on masks: what a vectoriser gives for texts that need not be written.

A vectoriser that reads single words treats them independently, so its counts are linear in the masks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.special import expit
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from retrust.model import Model
    from retrust.representation import Floats, Masks

Matrix = Callable[["Masks"], Any]

_TWO = 2
_KNOWN = 200_000


def by_words(vectoriser: Any) -> bool:
    """Tell whether a vectoriser reads single words with rules that look at each alone."""
    return (
        vectoriser.analyzer == "word"
        and tuple(vectoriser.ngram_range) == (1, 1)
        and vectoriser.tokenizer is None
        and vectoriser.preprocessor is None
        and vectoriser.input == "content"
    )


def bag(vectoriser: Any, representation: Any) -> Matrix:
    """Fuse one vectoriser: counts are masks × a small matrix, then its own weighting."""
    counts = Counts.of(vectoriser, representation)
    steps = _weighting(vectoriser)

    def matrix(masks: Masks) -> Any:
        bag = counts(masks)
        if vectoriser.binary:
            bag.data.fill(1)
        for step in steps:
            bag = step(bag)
        return bag.astype(vectoriser.dtype, copy=False)

    return matrix


def _weighting(vectoriser: Any) -> list[Callable[[Any], Any]]:
    """Return what a vectoriser does to counts, less the checks that its own method makes each time."""
    steps: list[Callable[[Any], Any]] = []
    if isinstance(vectoriser, TfidfVectorizer) and vectoriser.sublinear_tf:
        steps.append(_sublinear)
    if isinstance(vectoriser, TfidfVectorizer) and vectoriser.use_idf:
        steps.append(partial(_times, vectoriser.idf_))
    norm = getattr(vectoriser, "norm", None)
    if norm is not None:
        steps.append(_unit if norm == "l2" else partial(normalize, norm=norm, copy=False))
    return steps


def _sublinear(bag: Any) -> Any:
    bag.data = np.log(bag.data) + 1
    return bag


def _times(idf: Floats, bag: Any) -> Any:
    bag.data = bag.data * idf[bag.indices]
    return bag


def _unit(bag: Any) -> Any:
    """Scale rows to length one."""
    squares = sparse.csr_matrix((bag.data**2, bag.indices, bag.indptr), shape=bag.shape)
    lengths = np.sqrt(squares @ np.ones(bag.shape[1]))
    bag.data = bag.data / np.repeat(np.where(lengths > 0, lengths, 1), np.diff(bag.indptr))
    return bag


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of a vectoriser's terms, linear in the masks; only terms that this text can have are worked with.

    Most terms come from one feature alone: their counts are columns of the masks. The rest is added to them.

    Parameters
    ----------
    terms : ndarray of int, shape (t,)
        Columns of the vectoriser, ascending.
    first, times : ndarray, shape (t,)
        One feature of each term, and how often the term stands in it.
    others, table : ndarray, shape (u,) and (u, t)
        Further features, and how often each term stands in them.
    always : ndarray, shape (t,)
        Counts with nothing present.
    width : int
        How many columns the vectoriser has.
    d : int
        How many features there are.
    """

    terms: NDArray[np.intp]
    first: NDArray[np.intp]
    times: Floats
    others: NDArray[np.intp]
    table: Floats
    always: Floats
    width: int
    d: int

    @classmethod
    def of(cls, vectoriser: Any, representation: Any, memo: dict[Any, Any] | None = None) -> Counts:
        """Count the terms of each feature of a text."""
        surfaces, gaps = representation.surfaces(), representation.gaps()
        number: dict[str, int] = {}  # each distinct string is analysed once
        rows = [
            [number.setdefault(piece, len(number)) for piece in pieces]
            for pieces in (*surfaces, gaps, [representation.mask_token])
        ]
        table = _terms(vectoriser, number, {} if memo is None else memo)
        terms, columns = np.unique(table.indices, return_inverse=True)
        small = sparse.csr_matrix((table.data, columns, table.indptr), shape=(len(number), len(terms)))
        used = _counted(rows, len(number)) @ small
        d, token = len(surfaces), used[-1].toarray()
        times = sparse.csr_matrix(np.array(list(map(len, surfaces)), dtype=np.float64)[:, None])
        each = used[:d] if not token.any() else used[:d] - times @ sparse.csr_matrix(token)
        each = each.tocsc()
        each.eliminate_zeros()
        each.sort_indices()
        always = used[d].toarray().ravel() + times.sum() * token.ravel()
        return cls(terms.astype(np.intp), *_split(each), always, table.shape[1], d)

    def __call__(self, masks: Masks) -> sparse.csr_matrix:
        """Return counts (n, width), written straight from where they are not 0."""
        present, mixed = masks[:, self.first], self.mixed
        counts = self.counted(masks)
        present[:, mixed] = counts != 0
        at = np.flatnonzero(present)
        columns = at % max(1, len(self.terms))
        data = self.times[columns]
        if len(mixed):
            data[np.isin(np.arange(len(self.terms)), mixed)[columns]] = counts[counts != 0]
        ends = np.concatenate([[0], np.cumsum(np.count_nonzero(present, axis=1))]).astype(np.int32)
        indices = self.terms.astype(np.int32)[columns]
        rows = sparse.csr_matrix((data, indices, ends), shape=(len(present), self.width))
        rows.has_sorted_indices = rows.has_canonical_format = True
        return rows

    def counted(self, masks: Masks) -> Floats:
        """Return counts (n, m) of the mixed terms."""
        mixed = self.mixed
        counts = masks[:, self.first[mixed]] * self.times[mixed] + self.always[mixed]
        return np.asarray(counts + masks[:, self.others].astype(np.float64) @ self.table[:, mixed])

    @cached_property
    def mixed(self) -> NDArray[np.intp]:
        """Terms that come from several features, or from what is never absent, ascending."""
        return np.flatnonzero((self.table != 0).any(axis=0) | (self.always != 0))


def _split(each: sparse.csc_matrix) -> tuple[NDArray[np.intp], Floats, NDArray[np.intp], Floats]:
    """Part a (d, t) table into one entry for each term and the rest."""
    some = np.diff(each.indptr) > 0
    starts = each.indptr[:-1][some]
    first, times = np.zeros(each.shape[1], dtype=np.intp), np.zeros(each.shape[1])
    first[some], times[some] = each.indices[starts], each.data[starts]
    rest = each.tocoo()
    extra = np.ones(len(rest.data), dtype=bool)
    extra[starts] = False
    others, rows = np.unique(rest.row[extra], return_inverse=True)
    table = np.zeros((len(others), each.shape[1]))
    table[rows, rest.col[extra]] = rest.data[extra]
    return first, times, others.astype(np.intp), table


def _counted(rows: list[list[int]], width: int) -> sparse.csr_matrix:
    """Count in each row how often each number stands there."""
    indices = np.array([number for row in rows for number in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(rows), width))


def _terms(vectoriser: Any, pieces: Iterable[str], memo: dict[Any, Any]) -> sparse.csr_matrix:
    """Count the terms of short texts, (n, width)."""
    if isinstance(vectoriser, HashingVectorizer):
        hasher = FeatureHasher(vectoriser.n_features, input_type="string", alternate_sign=vectoriser.alternate_sign)
        return sparse.csr_matrix(hasher.transform(list(map(vectoriser.build_analyzer(), pieces))))
    known = memo.setdefault(vectoriser, _Numbers(vectoriser))
    if len(known) > _KNOWN:
        known.clear()
    table = _counted([known[piece] for piece in pieces], len(vectoriser.vocabulary_))
    table.sum_duplicates()
    return table


class _Numbers(dict[str, list[int]]):
    """The numbers of the terms in a short text, worked out once for each."""

    def __init__(self, vectoriser: Any) -> None:
        self.analyze, self.vocabulary = vectoriser.build_analyzer(), vectoriser.vocabulary_

    def __missing__(self, piece: str) -> list[int]:
        numbers = (self.vocabulary.get(term) for term in self.analyze(piece))
        self[piece] = found = [number for number in numbers if number is not None]
        return found


@dataclass(frozen=True, eq=False)
class Logistic:
    """A logistic regression of two classes on a bag of words: for each mask a sum of scores and a sum of squares.

    Parameters
    ----------
    counts : Counts
    vectoriser : CountVectorizer or TfidfVectorizer
    coefficients : ndarray, shape (t,)
        Of the terms that this text can have.
    intercept : float
    """

    counts: Counts
    vectoriser: Any
    coefficients: Floats
    intercept: float

    @classmethod
    def of(cls, vectoriser: Any, model: Model, estimator: Any, representation: Any) -> Logistic | None:
        """Return one where vectoriser and estimator are of that kind, else None."""
        known = isinstance(vectoriser, CountVectorizer) and by_words(vectoriser)
        if not known or type(estimator) is not LogisticRegression or model.method != "predict_proba":
            return None
        if len(estimator.classes_) != _TWO or getattr(vectoriser, "norm", None) not in {None, "l2"}:
            return None
        counts = Counts.of(vectoriser, representation, model.memo)
        return cls(counts, vectoriser, estimator.coef_[0][counts.terms], float(estimator.intercept_[0]))

    def __call__(self, masks: Masks) -> Floats:
        """Return both probabilities (n, 2)."""
        mixed = self.counts.mixed
        values = self._weighted(self.counts.counted(masks), mixed)
        sums = masks @ self._by_feature
        scores = sums[:, 0] + values @ self.coefficients[mixed]
        if getattr(self.vectoriser, "norm", None):
            squares = sums[:, 1] + np.einsum("ij,ij->i", values, values)
            scores /= np.sqrt(np.where(squares > 0, squares, 1))
        second = expit(scores + self.intercept)
        return np.stack([1 - second, second], axis=1)

    @cached_property
    def _by_feature(self) -> Floats:
        """What each feature (d,) adds to both sums by the terms that come from it alone."""
        alone = np.ones(len(self.counts.terms), dtype=bool)
        alone[self.counts.mixed] = False
        values = self._weighted(self.counts.times[alone], np.flatnonzero(alone))
        parts = (values * self.coefficients[alone], values**2)
        return np.stack([np.bincount(self.counts.first[alone], part, self.counts.d) for part in parts], axis=1)

    def _weighted(self, counts: Floats, columns: NDArray[np.intp]) -> Floats:
        """Weigh counts of some terms as the vectoriser does, but for the length of the whole."""
        values = (counts != 0).astype(np.float64) if self.vectoriser.binary else counts
        if getattr(self.vectoriser, "sublinear_tf", False):
            values = np.where(values > 0, np.log(np.maximum(values, 1)) + 1, 0)
        if getattr(self.vectoriser, "use_idf", False):
            values = values * self.vectoriser.idf_[self.counts.terms[columns]]
        return np.asarray(values)

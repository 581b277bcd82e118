"""The paper's baselines: Parzen, greedy, random; each explains as an explainer of retrust does.

``explain(x, target)`` and ``explain_many(xs, target)`` give what has ``features``, ``coefficients`` and ``top(k)``. A
model is a pipeline of a vectoriser of words and a classifier; the parts of a text are the words that it knows.

References
----------
D. Baehrens and others, "How to explain individual classification decisions", JMLR 11, 2010 (Parzen).
D. Martens and F. Provost, "Explaining data-driven document classifications", MIS Quarterly 38, 2014 (greedy).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict, train_test_split

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

WORDS = 10
SIGMAS = (0.1, 0.25, 0.5, 0.75, *map(float, range(1, 11)))
_EVEN = 0.5


@dataclass(frozen=True, eq=False)
class Said:
    """What a baseline says of one prediction.

    Parameters
    ----------
    features : tuple of Feature
        The words of the text that the model knows.
    coefficients : ndarray, shape (d,)
        0 for words that are not named.
    selected : ndarray of int
        The words that are named, in order.
    prediction : ndarray, shape (k,)
        The model's answer.
    local_prediction : float
        What the baseline's own model of the model says where all words are there; NaN where it has none.
    target : int
    calls : int
        How many inputs the model answered.
    """

    features: tuple[rt.Feature, ...]
    coefficients: Array
    selected: Array
    prediction: Array
    local_prediction: float
    target: int
    calls: int

    def top(self, k: int) -> list[tuple[str, float]]:
        """List the first k words that are named."""
        return [(self.features[i].name, float(self.coefficients[i])) for i in self.selected[:k]]

    @property
    def words(self) -> list[str]:
        """The words that are named."""
        return [self.features[i].key for i in self.selected]


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts as rows of words that are there or not, and what a model answers to them."""

    model: Any
    texts: Sequence[str]

    @cached_property
    def rows(self) -> Any:
        """The words of each text, (n, D)."""
        found = self.model[0].transform(self.texts).tocsr()
        found.sort_indices()
        return found

    @cached_property
    def names(self) -> Array:
        """What the D words are."""
        return np.asarray(self.model[0].get_feature_names_out(), dtype=object)

    def answers(self, rows: Any) -> Array:
        """Ask the model about rows, (n, k)."""
        return np.asarray(self.model[1:].predict_proba(rows))

    @cached_property
    def first(self) -> Array:
        """What it answers to the texts themselves, (n, k)."""
        return self.answers(self.rows)

    def targets(self, target: int | None) -> Array:
        """Return the output that is explained of each text: the given one, else the predicted class."""
        return self.first.argmax(axis=1) if target is None else np.full(len(self.texts), target)

    def features(self, i: int) -> tuple[rt.Feature, ...]:
        """Return the known words of a text."""
        words = self.names[self.rows.indices[self.rows.indptr[i] : self.rows.indptr[i + 1]]]
        return tuple(rt.Feature(word, word) for word in words)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Explains texts; ``explain`` is ``explain_many`` of one."""

    model: Any
    n_features: int = WORDS

    def explain(self, x: str, target: int | None = None) -> Said:
        """Explain one prediction."""
        return self.explain_many([x], target)[0]

    def explain_many(self, xs: Sequence[str], target: int | None = None) -> list[Said]:
        """Explain predictions of many texts."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Random(Baseline):
    """Name K of the words that are there, with replacement; what is named depends on the text and the seed alone."""

    seed: int = 0

    def explain_many(self, xs: Sequence[str], target: int | None = None) -> list[Said]:
        """Draw for each text."""
        texts = Texts(self.model, xs)
        return [self._drawn(texts, i, int(to)) for i, to in enumerate(texts.targets(target))]

    def _drawn(self, texts: Texts, i: int, target: int) -> Said:
        features = texts.features(i)
        rng = np.random.default_rng([self.seed, zlib.crc32(texts.texts[i].encode())])
        named = np.unique(rng.integers(0, len(features), self.n_features)) if features else np.arange(0)
        weights = np.zeros(len(features))
        weights[named] = 1.0
        return Said(features, weights, rng.permutation(named), texts.first[i], float("nan"), target, 1)


@dataclass(frozen=True, eq=False)
class Greedy(Baseline):
    """Take away, one after the other, the word whose absence lowers the explained class's probability most.

    Parameters
    ----------
    until : float, optional
        End when the probability is below (sections 5.3 and 5.4: ½); default: after K words. It ends in any case when
        the absence of each word that is left would raise the probability.

    Notes
    -----
    A word's coefficient is by how much its absence lowered the probability when it was taken.
    """

    until: float | None = None

    def explain_many(self, xs: Sequence[str], target: int | None = None) -> list[Said]:
        """Take one word away from all texts at a time, so that the model is asked in large batches."""
        texts = Texts(self.model, xs)
        targets = texts.targets(target)
        trails = [_Trail(texts.rows[i], texts.first[i, to]) for i, to in enumerate(targets)]
        for _ in range(self.n_features):
            going = [(trail, to) for trail, to in zip(trails, targets, strict=True) if trail.goes_on(self.until)]
            if not going:
                break
            batches = [trail.without_one_more() for trail, _ in going]
            answers = texts.answers(sparse.vstack(batches, format="csr"))
            start = 0
            for (trail, to), batch in zip(going, batches, strict=True):
                trail.take(answers[start : start + batch.shape[0], to])
                start += batch.shape[0]
        return [
            trail.said(texts.features(i), texts.first[i], int(to))
            for i, (trail, to) in enumerate(zip(trails, targets, strict=True))
        ]


class _Trail:
    """What has been taken from one text."""

    def __init__(self, row: Any, share: float) -> None:
        self.row, self.share, self.calls = row, share, 1
        self.left = list(range(row.nnz))
        self.taken: list[int] = []
        self.weights = np.zeros(row.nnz)
        self.over = False

    def said(self, features: tuple[rt.Feature, ...], prediction: Array, target: int) -> Said:
        """Return what was found."""
        taken = np.array(self.taken, dtype=np.intp)
        return Said(features, self.weights, taken, prediction, float("nan"), target, self.calls)

    def goes_on(self, until: float | None) -> bool:
        """Say whether another word is to be taken."""
        return not self.over and len(self.left) > 0 and (until is None or self.share >= until)

    def without_one_more(self) -> Any:
        """Return what is left, less each of the words that are left, (n, D)."""
        n = len(self.left)
        there = self.row.indices[self.left]
        columns = np.broadcast_to(there, (n, n))[~np.eye(n, dtype=bool)]
        ends = np.arange(n + 1) * (n - 1)
        return sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(n, self.row.shape[1]))

    def take(self, shares: Array) -> None:
        """Take the word without which the probability is lowest, unless it would rise."""
        self.calls += len(shares)
        i = int(np.argmin(shares))
        if shares[i] > self.share:
            self.over = True
            return
        word = self.left.pop(i)
        self.taken.append(word)
        self.weights[word] = self.share - shares[i]
        self.share = float(shares[i])


@dataclass(frozen=True, eq=False)
class Parzen(Baseline):
    """The gradient of a Parzen-window classifier that was fitted to the model's predictions.

    Make one with :meth:`fitted`. Its window is exp(−‖x − xᵢ‖² / 2σ²) and its answer the share of the second class
    among the rows to learn from, weighed by the window; an explanation is the gradient of that share at the text, on
    the words that are there, the K largest of them.

    Parameters
    ----------
    rows, labels : sparse matrix (n, D), ndarray (n,)
        Rows to learn from, and what the model predicted of them without having learned from them.
    sigma : float
    """

    rows: Any = None
    labels: Array = field(default_factory=lambda: np.zeros(0))
    sigma: float = 1.0

    @classmethod
    def fitted(
        cls,
        model: Any,
        texts: Sequence[str],
        labels: Array,
        *,
        sigma: float | None = None,
        folds: int = 3,
        n_features: int = WORDS,
        seed: int = 0,
    ) -> Parzen:
        """Learn what a model predicts of texts in each fold of which it learned from the others.

        Parameters
        ----------
        model : Pipeline
            Fitted; a copy of its classifier learns in each fold.
        texts, labels
            What it learned from.
        sigma : float, optional
            Default: of :data:`SIGMAS`, the one with the least disagreement on a fifth that is held out.
        """
        rows = model[0].transform(texts).tocsr()
        predicted = cross_val_predict(clone(model[1:]), rows, labels, cv=folds)
        made = cls(model, n_features, rows, (predicted == model.classes_[1]).astype(np.float64), 1.0)
        chosen = made.least_disagreeing(seed) if sigma is None else sigma
        return made.with_width(chosen)

    def with_width(self, sigma: float) -> Parzen:
        """Return the same with another σ."""
        return Parzen(self.model, self.n_features, self.rows, self.labels, sigma)

    def least_disagreeing(self, seed: int) -> float:
        """Return the σ with which a held-out fifth is predicted best from the others."""
        ours, held = train_test_split(np.arange(len(self.labels)), test_size=0.2, random_state=seed)
        far = _squared(self.rows[held], self.rows[ours])
        wrong = [np.mean((self._shares(far, s, self.labels[ours]) > _EVEN) != self.labels[held]) for s in SIGMAS]
        return SIGMAS[int(np.argmin(wrong))]

    @staticmethod
    def _window(far: Array, sigma: float) -> Array:
        near = np.exp(-(far - far.min(axis=1, keepdims=True)) / (2 * sigma**2))
        return np.asarray(near / near.sum(axis=1, keepdims=True))

    def _shares(self, far: Array, sigma: float, labels: Array) -> Array:
        return np.asarray(self._window(far, sigma) @ labels)

    def explain_many(self, xs: Sequence[str], target: int | None = None) -> list[Said]:
        """Differentiate at each text; for the first class the signs are the other way round."""
        texts = Texts(self.model, xs)
        window = self._window(_squared(texts.rows, self.rows), self.sigma)
        share = window @ self.labels
        pull = window * (self.labels - share[:, None])
        gradient = (self.rows.T.astype(np.float64) @ pull.T).T / self.sigma**2
        return [
            self._named(texts, i, int(to), float(share[i]), gradient[i]) for i, to in enumerate(texts.targets(target))
        ]

    def _named(self, texts: Texts, i: int, target: int, share: float, gradient: Array) -> Said:
        there = texts.rows.indices[texts.rows.indptr[i] : texts.rows.indptr[i + 1]]
        slope = gradient[there] if target == 1 else -gradient[there]
        named = np.argsort(-np.abs(slope), kind="stable")[: self.n_features]
        weights = np.zeros(len(there))
        weights[named] = slope[named]
        local = share if target == 1 else 1 - share
        return Said(texts.features(i), weights, named, texts.first[i], local, target, 1)


def _squared(a: Any, b: Any) -> Array:
    """Return squared distances between sparse rows, (n, m)."""
    length, theirs = (np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel() for rows in (a, b))
    return np.asarray(length[:, None] + theirs - 2 * (a @ b.T).toarray())

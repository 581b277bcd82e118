"""Models that answer masks: which words of a document are there; the fastest way to ask the same model very often.

Each document is a row of word counts, each model knows how to turn one into a function of masks. That function answers
what the scikit-learn model itself answers to the row with the absent words struck out; :func:`checked` compares them.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from decoys import folder
from scipy import sparse
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import retrust as rt
from retrust.datasets import newsgroups

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Answer = Callable[[Array], Array]

FEWEST, MOST = 30, 500
_MASK = re.compile(r"(\w+):(\d)")
_SIZES = tuple((10 - i) / 100 for i in range(10))
_AT_MOST = 10


# --- a domain of masks


@dataclass(frozen=True)
class Masked:
    """So many parts; the model is handed the masks themselves."""

    features: tuple[rt.Feature, ...]
    random: bool = False

    def perturb(self, masks: Any, rng: object = None) -> Any:
        """Return the masks."""
        del rng
        return masks

    def design(self, masks: Any, inputs: object = None) -> Any:
        """Return the masks."""
        del inputs
        return masks

    def swap(self, keys: Collection[str], donor: Any, rng: np.random.Generator) -> Any:
        """Return what the others are."""
        del keys, rng
        return donor


class Masks:
    """An instance is the number of its parts."""

    @staticmethod
    def represent(instance: int) -> Masked:
        """Name the parts by their numbers."""
        return Masked(tuple(rt.Feature(str(i), str(i)) for i in range(instance)))


@dataclass(frozen=True)
class Kept:
    """Keep a uniformly drawn number of parts, 1 to d − 1: the law of the paper's own experiments."""

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Array:
        """Return (n, d) masks."""
        kept = rng.integers(1, max(2, d), n)
        keys = rng.integers(0, 1 << 32, (n, d), dtype=np.uint32)
        last = np.sort(keys, axis=1)[np.arange(n), kept - 1]
        return np.asarray(keys <= last[:, None])


# --- documents


@dataclass(frozen=True)
class Corpus:
    """Documents as word counts: to learn from, and others."""

    name: str
    train: Any
    labels: Array
    test: Any
    truth: Array


@cache
def posts() -> Corpus:
    """Return the newsgroup posts with their headers, case kept."""
    train, test = newsgroups("train"), newsgroups("test")
    counts = CountVectorizer(lowercase=False)
    seen = counts.fit_transform(train.texts).tocsr()
    return Corpus("posts", seen, train.labels, counts.transform(test.texts).tocsr(), test.labels)


def chosen(n: int, seed: int = 0) -> list[int]:
    """Draw documents from the posts, of 30 to 500 words that the models know."""
    sizes = np.diff(posts().test.indptr)
    suited = np.flatnonzero((sizes >= FEWEST) & (sizes <= MOST))
    return [int(i) for i in np.random.default_rng(seed).permutation(suited)[:n]]


@cache
def reviews(domain: str) -> Corpus | None:
    """Return reviews as section 5.2 of the paper splits them; None where they are not at hand."""
    found = review_texts(domain)
    if found is None:
        return None
    train, labels, test, truth = found
    counts = CountVectorizer(lowercase=False, binary=True)
    return Corpus(domain, counts.fit_transform(train).tocsr(), labels, counts.transform(test).tocsr(), truth)


@cache
def review_texts(domain: str) -> tuple[list[str], Array, list[str], Array] | None:
    """Return 1,600 reviews to learn from and 400 others, with their labels, as the paper's experiments read them.

    Each class is shuffled, the first four fifths are to learn from. None where they are not at hand.
    """
    home = folder()
    place = None if home is None else home / "multi_polarity" / "processed_acl" / domain
    if place is None or not place.is_dir():
        return None
    train: list[str] = []
    test: list[str] = []
    for name in ("negative", "positive"):
        with gzip.open(place / f"{name}.review.gz", "rt", encoding="latin-1") as lines:
            texts = [_text(line) for line in lines]
        order = np.random.default_rng(1).permutation(len(texts))
        first = len(texts) * 4 // 5
        train += [texts[i] for i in order[:first]]
        test += [texts[i] for i in order[first:]]
    return train, np.repeat([0, 1], [len(train) // 2] * 2), test, np.repeat([0, 1], [len(test) // 2] * 2)


def _text(line: str) -> str:
    """Write each word as often as it was counted; pairs of words are dropped."""
    parts = (part for part in line.rsplit(" #label#", 1)[0].split() if "_" not in part)
    found = (_MASK.search(part) for part in parts)
    return " ".join(f"{each[1]} " * int(each[2]) for each in found if each)


# --- models


class Known(Protocol):
    """A fitted model, and how it answers about one document."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    def at(self, row: Any) -> Answer:
        """Return the function of masks (n, d) over the d words of a row."""

    def itself(self, rows: Any) -> Array:
        """Return what the scikit-learn model answers to rows of counts."""


@dataclass(frozen=True)
class Weighed:
    """TF-IDF and logistic regression."""

    name: str
    tfidf: TfidfTransformer
    model: LogisticRegression

    @classmethod
    def fitted(cls, name: str, corpus: Corpus, c: float) -> Weighed:
        """Learn from a corpus."""
        tfidf = TfidfTransformer()
        seen = tfidf.fit_transform(corpus.train)
        return cls(name, tfidf, LogisticRegression(C=c, max_iter=5000).fit(seen, corpus.labels))

    def at(self, row: Any) -> Answer:
        """Return the function of masks."""
        size = row.data * self.tfidf.idf_[row.indices]
        push, origin = size * self.model.coef_[0, row.indices], self.model.intercept_[0]

        def answer(masks: Array) -> Array:
            there = masks.astype(np.float64)
            length = np.sqrt(there @ size**2)
            return _both(expit((there @ push) / np.where(length > 0, length, 1) + origin))

        return answer

    def itself(self, rows: Any) -> Array:
        """Return what the scikit-learn model answers."""
        return np.asarray(self.model.predict_proba(self.tfidf.transform(rows)))


@dataclass(frozen=True)
class Machine:
    """An SVM with a Gaussian kernel on words that are there or not; its answer is the decision function."""

    name: str
    model: SVC

    @classmethod
    def fitted(cls, corpus: Corpus) -> Machine:
        """Learn from a corpus."""
        return cls("SVM", SVC(C=10, gamma=0.001).fit(_binary(corpus.train), corpus.labels))

    def at(self, row: Any) -> Answer:
        """Return the function of masks."""
        vectors, gamma = self.model.support_vectors_.tocsc(), self.model.gamma
        here = vectors[:, row.indices].toarray().T
        theirs = np.asarray(vectors.sum(axis=1)).ravel()
        dual = np.asarray(self.model.dual_coef_.todense()).ravel()

        def answer(masks: Array) -> Array:
            there = masks.astype(np.float64)
            far = there.sum(axis=1)[:, None] + theirs - 2 * there @ here
            return np.asarray(np.exp(-gamma * far) @ dual + self.model.intercept_[0])

        return answer

    def itself(self, rows: Any) -> Array:
        """Return what the scikit-learn model answers."""
        return np.asarray(self.model.decision_function(_binary(rows)))


@dataclass(frozen=True)
class Trees:
    """One decision tree or many, on words that are there or not."""

    name: str
    model: Any

    @classmethod
    def forest(cls, corpus: Corpus) -> Trees:
        """Learn a forest of a hundred trees."""
        model = RandomForestClassifier(100, random_state=1)
        return cls("forest", model.fit(_binary(corpus.train), corpus.labels))

    @classmethod
    def tree(cls, corpus: Corpus) -> Trees:
        """Learn one tree."""
        model = DecisionTreeClassifier(random_state=1)
        return cls("tree", model.fit(_binary(corpus.train), corpus.labels))

    @property
    def members(self) -> list[Any]:
        """All trees."""
        return [each.tree_ for each in getattr(self.model, "estimators_", [self.model])]

    def at(self, row: Any) -> Answer:
        """Return the function of masks."""
        place = {int(word): i for i, word in enumerate(row.indices)}
        members = self.members

        def answer(masks: Array) -> Array:
            total, rows = np.zeros(len(masks)), np.arange(len(masks))
            columns = np.ascontiguousarray(masks.astype(bool).T)
            for tree in members:
                _walk(tree, place, columns, rows, total)
            return _both(total / len(members))

        return answer

    def itself(self, rows: Any) -> Array:
        """Return what the scikit-learn model answers."""
        return np.asarray(self.model.predict_proba(_binary(rows)))

    def gold(self, row: Any) -> set[int]:
        """Return which words of a document are tested on its way through the tree, by their places in the row."""
        tree, there, node = self.members[0], {int(word): i for i, word in enumerate(row.indices)}, 0
        found = set()
        while tree.children_left[node] >= 0:
            word = int(tree.feature[node])
            found |= {there[word]} if word in there else set()
            node = (tree.children_right if word in there else tree.children_left)[node]
        return found


def _walk(tree: Any, place: dict[int, int], columns: Array, rows: Array, total: Array) -> None:
    """Add what a tree says of the masks; words that the document lacks are absent in all of them."""
    ways = [(0, rows)]
    while ways:
        node, here = ways.pop()
        while tree.children_left[node] >= 0 and int(tree.feature[node]) not in place:
            node = tree.children_left[node]
        if tree.children_left[node] < 0:
            value = tree.value[node, 0]
            total[here] += value[1] / value.sum()
            continue
        there = columns[place[int(tree.feature[node])], here]
        ways += [(tree.children_right[node], here[there]), (tree.children_left[node], here[~there])]


@dataclass(frozen=True)
class Sparse:
    """Logistic regression with so strong an L1 penalty that no document has more than ten words that count."""

    name: str
    model: LogisticRegression

    @classmethod
    def fitted(cls, corpus: Corpus) -> Sparse:
        """Weaken the model until documents to learn from have few words that count."""
        seen = _binary(corpus.train)
        for size in _SIZES:
            model = LogisticRegression(l1_ratio=1.0, C=size, solver="liblinear", random_state=1)
            model.fit(seen, corpus.labels)
            if (seen[:, np.flatnonzero(model.coef_[0])].sum(axis=1) <= _AT_MOST).all():
                break
        return cls("L1", model)

    def at(self, row: Any) -> Answer:
        """Return the function of masks."""
        push, origin = self.model.coef_[0, row.indices], self.model.intercept_[0]
        return lambda masks: _both(expit(masks.astype(np.float64) @ push + origin))

    def itself(self, rows: Any) -> Array:
        """Return what the scikit-learn model answers."""
        return np.asarray(self.model.predict_proba(_binary(rows)))

    def gold(self, row: Any) -> set[int]:
        """Return which words of a document count, by their places in the row."""
        return set(np.flatnonzero(self.model.coef_[0, row.indices]).tolist())


def _binary(rows: Any) -> Any:
    found = rows.astype(np.float64)
    found.data[:] = 1
    return found


def _both(share: Array) -> Array:
    return np.column_stack([1 - share, share])


@cache
def models() -> tuple[Known, ...]:
    """Return the four models of the posts."""
    corpus = posts()
    return (
        Weighed.fitted("linear", corpus, 1.0),
        Machine.fitted(corpus),
        Trees.forest(corpus),
        Weighed.fitted("sharp", corpus, 1000.0),
    )


def checked(model: Known, rows: Sequence[Any]) -> float:
    """Return the largest difference between what a model answers itself and its function of masks."""
    rng, worst = np.random.default_rng(0), 0.0
    for row in rows:
        masks = rng.random((20, row.nnz)) < rng.random((20, 1))
        struck = sparse.vstack([row] * len(masks)).tocsr()
        struck.data = struck.data * masks.ravel()
        struck.eliminate_zeros()
        worst = max(worst, float(np.abs(model.itself(struck) - model.at(row)(masks)).max()))
    return worst

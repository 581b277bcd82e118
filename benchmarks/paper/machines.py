"""Classifiers that answer sooner: the same functions of sparse rows, worked out by matrices.

libsvm goes through the support vectors of one row after the other, and a small forest spends more time on calling its
trees than in them; for millions of perturbed texts that is most of an experiment's time. The answers differ by
rounding alone.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_AT_ONCE, _CELLS = 2000, 1 << 20


class QuickSVC(SVC):  # type: ignore[misc]
    """An SVC of two classes with a Gaussian kernel on sparse rows.

    >>> X = sparse.csr_matrix(np.eye(6)[[0, 1, 2, 3, 4, 5] * 5])
    >>> y = np.tile([0, 0, 0, 1, 1, 1], 5)
    >>> quick, plain = (kind(C=10, gamma=0.1).fit(X, y) for kind in (QuickSVC, SVC))
    >>> bool(np.abs(quick.decision_function(X) - plain.decision_function(X)).max() < 1e-9)
    True
    """

    def decision_function(self, X: Any) -> Array:
        """Return how far each row (n, d) is on the second class's side, (n,)."""
        X = sparse.csr_matrix(X)
        return np.concatenate([self._margin(X[i : i + _AT_ONCE]) for i in range(0, max(1, X.shape[0]), _AT_ONCE)])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each row."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(np.intp)])

    def _margin(self, X: Any) -> Array:
        vectors = sparse.csc_matrix(self.support_vectors_)
        dual = np.ravel(self.dual_coef_.toarray())
        length = np.ravel(X.multiply(X).sum(axis=1))
        theirs = np.ravel(vectors.multiply(vectors).sum(axis=1))
        words = np.unique(X.indices)  # words that no row has do not matter
        product = X[:, words].toarray() @ vectors[:, words].toarray().T
        far = length[:, None] + theirs - 2 * product
        return np.asarray(np.exp(-self._gamma * far) @ dual + self.intercept_[0])


def with_shares(machine: QuickSVC) -> CalibratedClassifierCV:
    """Return a classifier that gives Platt's probabilities, from five folds."""
    return CalibratedClassifierCV(machine, method="sigmoid", cv=5, ensemble=False)


class Nodes(NamedTuple):
    """All trees of a forest in one list of nodes; a leaf's ways lead back to itself."""

    roots: NDArray[np.intp]
    depth: int
    columns: NDArray[np.intp]
    place: NDArray[np.intp]
    threshold: Array
    ways: NDArray[np.intp]
    share: Array

    @classmethod
    def of(cls, forest: RandomForestClassifier) -> Nodes:
        """Join the trees."""
        trees = [each.tree_ for each in forest.estimators_]
        roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])])
        feature = np.concatenate([tree.feature for tree in trees])
        leaf = feature < 0
        columns, place = np.unique(np.where(leaf, feature.max(), feature), return_inverse=True)
        ways = [
            np.column_stack([tree.children_left, tree.children_right]) + root
            for tree, root in zip(trees, roots, strict=True)
        ]
        own = np.arange(len(feature))[:, None]
        share = np.concatenate([tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True) for tree in trees])
        threshold = np.concatenate([tree.threshold for tree in trees])
        joined = np.where(leaf[:, None], own, np.concatenate(ways))
        return cls(roots, max(tree.max_depth for tree in trees), columns, place, threshold, joined.ravel(), share)


class QuickForest(RandomForestClassifier):  # type: ignore[misc]
    """A random forest that goes down all trees with all rows at once.

    >>> X, y = sparse.random(200, 50, 0.2, "csr", rng=0), np.arange(200) % 2
    >>> kinds = (kind(20, max_depth=4, random_state=0).fit(X, y) for kind in (QuickForest, RandomForestClassifier))
    >>> quick, plain = (forest.predict_proba(X) for forest in kinds)
    >>> bool(np.abs(quick - plain).max() < 1e-9)
    True
    """

    @cached_property
    def _nodes(self) -> Nodes:
        return Nodes.of(self)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuickForest:
        """Learn; what was known of other trees is forgotten."""
        self.__dict__.pop("_nodes", None)
        super().fit(X, y, sample_weight)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the mean share of each class in the leaves that a row falls into, (n, k)."""
        known = self._nodes
        rows = sparse.csc_matrix(X)[:, known.columns].toarray().astype(np.float32)
        step = max(1, _CELLS // len(known.roots))
        return np.concatenate([self._shares(known, rows[i : i + step]) for i in range(0, max(1, len(rows)), step)])

    @staticmethod
    def _shares(known: Nodes, rows: Any) -> Array:
        here = np.broadcast_to(known.roots, (len(rows), len(known.roots)))
        each = np.arange(len(rows))[:, None]
        for _ in range(known.depth):
            here = known.ways[2 * here + (rows[each, known.place[here]] > known.threshold[here])]
        return np.asarray(known.share[here].mean(axis=1))

"""Texts as means of word vectors, for the paper's random forests on embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from decoys import folder
from sklearn.base import BaseEstimator, TransformerMixin

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]


def _file() -> Path | None:
    home = folder()
    place = None if home is None else home / "word_vectors" / "glove_twitter_25d_12k.npz"
    return place if place is not None and place.exists() else None


def covered() -> bool:
    """Say whether there are word vectors."""
    return _file() is not None


@cache
def vectors() -> dict[str, Array]:
    """Return the vector of each word."""
    path = _file()
    if path is None:
        raise FileNotFoundError("there are no word vectors: RETRUST_DATA names the folder that has them")
    with np.load(path) as file:
        return dict(zip(file["words"].tolist(), file["vectors"], strict=True))


@dataclass
class MeanVectors(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn rows of words that are there or not (n, D) into the means of their vectors; a text of none is 0.

    Parameters
    ----------
    table : ndarray, shape (D, m)
        The vector of each word, 0 where it has none.
    """

    table: Array

    @classmethod
    def of(cls, words: Array) -> MeanVectors:
        """Look the words up, lower-case."""
        known = vectors()
        nothing = np.zeros_like(next(iter(known.values())))
        return cls(np.array([known.get(word.lower(), nothing) for word in words], dtype=np.float64))

    def fit(self, X: Any, y: Any = None) -> MeanVectors:
        """Learn nothing."""
        del X, y
        return self

    def transform(self, X: Any) -> Array:
        """Return means (n, m)."""
        there = self.table.any(axis=1).astype(np.float64)
        return np.asarray((X @ self.table) / np.maximum(X @ there, 1)[:, None])

    def __sklearn_is_fitted__(self) -> bool:
        """There is nothing to learn."""
        return True

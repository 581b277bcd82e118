"""Intervals of a column: where a number is cut, and how people read the pieces.

Section 3.1 of the paper leaves the interpretable parts of a row open; the ``lime`` package cuts at quartiles, deciles
or by entropy, and so does this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Named = Literal["quartile", "decile", "entropy"]
Bins = Named | Sequence[float] | Mapping[str, Sequence[float]] | None

_DEPTH = 3  # eight bins at most
_MOVED = 0.005
_DIGITS = 15
_EXACT = 1e16  # beyond, not every whole number is a float


def checked(bins: Any, labels: Any, what: str = "bins") -> Any:
    """Return a way to cut, or say what is wrong with it.

    Raises
    ------
    OptionError
    """
    if bins is None or isinstance(bins, Mapping):
        return bins
    if isinstance(bins, str):
        if bins not in get_args(Named):
            raise OptionError(f"{what}={bins!r}; one of {listed(get_args(Named))}, edges, or None is expected")
        if bins == "entropy" and labels is None:
            raise OptionError(f'{what}="entropy" cuts where the labels change – pass labels=, one for each row of data')
        return bins
    return edges_given(bins, what)


def edges_given(edges: Any, what: str) -> Floats:
    """Return edges that somebody gave, in order.

    >>> edges_given([3, 1, 3], "bins")
    array([1., 3.])
    """
    try:
        found = np.asarray(edges, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if not found.size or found.ndim != 1 or not np.isfinite(found).all():
        raise OptionError(
            f"{what}={edges!r}; finite numbers are expected, the edges at which the column is cut: [18, 65]"
        )
    return np.unique(found)


def edges_of(values: Floats, bins: Named, labels: NDArray[Any] | None = None) -> Floats:
    """Cut a column without missing values.

    Parameters
    ----------
    values : ndarray, shape (n,)
    bins : {"quartile", "decile", "entropy"}
    labels : ndarray, shape (n,), optional
        For "entropy".

    Returns
    -------
    ndarray
        The edges, ascending; each belongs to the interval below it.

    Examples
    --------
    >>> edges_of(np.arange(9.0), "quartile")
    array([2., 4., 6.])
    """
    if bins == "entropy":
        return _by_entropy(values, np.asarray(labels))
    step = 25 if bins == "quartile" else 10
    return np.unique(np.percentile(values, np.arange(step, 100, step)))


def _by_entropy(values: Floats, labels: NDArray[Any]) -> Floats:
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=_DEPTH, random_state=0)
    try:
        tree.fit(values[:, None], labels)
    except ValueError:
        raise OptionError(
            'bins="entropy" cuts where classes change, and labels are no classes; of numbers make classes first, '
            'labels=y > y.mean(), or pass bins="quartile"'
        ) from None
    cuts = tree.tree_.threshold[tree.tree_.children_left >= 0]
    return np.unique(cuts) if len(cuts) else np.array([np.median(values)])


@dataclass(frozen=True)
class Spelling:
    """How the edges of a column are written: with the fewest digits that put the rows into the same intervals.

    Parameters
    ----------
    edges : tuple of float
    texts : tuple of str
        The edges as people read them.

    Examples
    --------
    >>> spelt(np.array([28.0, 37.0004]), np.array([20.0, 30.0, 40.0])).texts
    ('28', '37')
    """

    edges: tuple[float, ...]
    texts: tuple[str, ...]

    def condition(self, name: str, low: float | None, high: float | None, value: float) -> str:
        """Say that a column lies in an interval, more exactly where the value would belie the rounded edges."""
        ends = [None if edge is None else self._text(edge) for edge in (low, high)]
        if not _within(value, *(None if end is None else _number(end) for end in ends)):
            ends = [None if edge is None else repr(edge) for edge in (low, high)]
        return condition(name, *ends)

    def _text(self, edge: float) -> str:
        return self.texts[self.edges.index(edge)]


def condition(name: str, low: str | None, high: str | None) -> str:
    """Say that a column lies in an interval.

    >>> condition("age", "28", "37"), condition("age", None, "37"), condition("age", "28", None)
    ('28 < age ≤ 37', 'age ≤ 37', 'age > 28')
    """
    if low is None:
        return f"{name} ≤ {high}"
    return f"{name} > {low}" if high is None else f"{low} < {name} ≤ {high}"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # a date is exact
        return math.nan


def _within(value: float, low: float | None, high: float | None) -> bool:
    return not (low is not None and value <= low) and not (high is not None and value > high)


def spelt(edges: Floats, values: Floats, write: Callable[[float], str] | None = None) -> Spelling:
    """Write edges with as few digits as leave the rows in their intervals.

    Parameters
    ----------
    edges : ndarray
        Ascending.
    values : ndarray
        The column, without missing values; half a per cent of it may change its interval.
    write : callable, optional
        How an edge is written, where it is no plain number.
    """
    if write is not None:
        return Spelling(tuple(edges.tolist()), tuple(map(write, edges.tolist())))
    found = np.searchsorted(edges, values)
    for digits in range(-_DIGITS, _DIGITS):
        rounded = np.round(edges, digits)
        told = len(np.unique(rounded)) == len(edges) and np.array_equal(rounded == 0, edges == 0)
        if told and np.mean(np.searchsorted(rounded, values) != found) <= _MOVED:
            return Spelling(tuple(edges.tolist()), tuple(plain(edge) for edge in rounded.tolist()))
    return Spelling(tuple(edges.tolist()), tuple(map(repr, edges.tolist())))


def plain(value: float) -> str:
    """Write a number as people do: whole ones without a point, none with more digits than it has.

    >>> plain(37.0), plain(0.25), plain(-0.0), plain(1e20)
    ('37', '0.25', '0', '1e+20')
    """
    if abs(value) < _EXACT and value == int(value):
        return str(int(value))
    return f"{value:.10g}"

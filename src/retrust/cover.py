"""Coverage: how much importance some rows of a matrix of weights cover, and which rows cover most.

Section 4 of the paper, on matrices alone: I_j = √Σᵢ|W_ij|, c(V, W, I) = Σ_j I_j over the columns that a row of V has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from retrust.errors import InstanceTypeError, OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.representation import Floats

    Matrix = sparse.csr_array[np.float64, tuple[int, int]]
    Chosen = Sequence[int] | NDArray[np.intp]

_TIE = 12  # decimals of the whole that tell two gains apart
_EXACT = 2_000_000
_LARGE = 15  # a number with more digits is told by its power of ten
_CHUNK = 1 << 22


class Importance(Mapping[Hashable, float]):
    """The importance √Σ|W| of each key; as an array, in the order of the columns.

    Parameters
    ----------
    keys : sequence
    values : ndarray, shape (d,)

    Examples
    --------
    >>> importance = Importance(("Posting", "Host"), np.array([2.0, 1.0]))
    >>> importance["Host"], importance.top(1), np.asarray(importance)
    (1.0, [('Posting', 2.0)], array([2., 1.]))
    """

    def __init__(self, keys: Sequence[Hashable], values: Floats) -> None:
        self._at = {key: column for column, key in enumerate(keys)}
        self._values = values

    def __getitem__(self, key: Hashable) -> float:
        return float(self._values[self._at[key]])

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> NDArray[Any]:
        """Return a copy of the values (d,)."""
        del copy
        return np.array(self._values, dtype=dtype)

    def top(self, k: int | None = None) -> list[tuple[Hashable, float]]:
        """List the k most important keys, the first of equal ones first."""
        keys = list(self._at)
        return [(keys[i], float(self._values[i])) for i in np.argsort(-self._values, kind="stable")[:k]]

    def __repr__(self) -> str:
        return f"Importance({len(self):,} keys, {', '.join(f'{key!r}: {value:.3g}' for key, value in self.top(3))} …)"


def matrix(given: Any) -> Matrix:
    """Read weights (n, d), dense or sparse.

    Raises
    ------
    InstanceTypeError, OptionError
        They are no such numbers; there are no rows; one is NaN or infinite.
    """
    if not sparse.issparse(given):
        given = np.asarray(given.to_numpy() if hasattr(given, "to_numpy") else given)
    if given.ndim != len(("n", "d")) or given.dtype.kind not in "buif":
        raise InstanceTypeError(
            f"an array of shape {given.shape} and type {given.dtype} was given; explanations, or numbers (n, d) "
            "with a row of weights for each instance, are expected"
        )
    if not given.shape[0]:
        raise OptionError("there are no rows to pick from")
    weights = sparse.csr_array(given, dtype=np.float64, copy=True)
    bad = np.flatnonzero(~np.isfinite(weights.data))
    if len(bad):
        row = int(np.searchsorted(weights.indptr, bad[0], side="right")) - 1
        raise OptionError(f"row {row} has a weight that is no finite number; give 0 where there is none")
    return clean(weights)


def clean(weights: Any) -> Matrix:
    """Add what is written twice, leave out zeros, and sort the columns of each row."""
    weights.sum_duplicates()
    weights.eliminate_zeros()
    cleaned: Matrix = weights
    return cleaned


def importance(weights: Matrix) -> Floats:
    """Return I_j = √Σᵢ|W_ij|, (d,)."""
    sizes = np.abs(weights.data) * 2.0**-40  # a power of two, so that sums stay finite and no digit is lost
    summed: Floats = 2.0**20 * np.sqrt(np.bincount(weights.indices, sizes, minlength=weights.shape[1]))
    return summed


def _greedy(weights: Matrix, values: Floats, budget: int, seed: int) -> list[int]:
    """Choose the row of largest gain, again and again; an old gain is a bound of the new one."""
    del seed
    total = values.sum() or 1.0
    starts, columns = weights.indptr, weights.indices
    covered = np.zeros(weights.shape[1], dtype=bool)
    first = np.round(_present(weights) @ (values / total), _TIE)
    bounds = list(zip((-first).tolist(), range(len(first)), strict=True))
    heapify(bounds)
    chosen: list[int] = []
    while len(chosen) < budget:
        _, row = bounds[0]
        own = columns[starts[row] : starts[row + 1]]
        gain = round(float(values[own[~covered[own]]].sum() / total), _TIE)
        heapreplace(bounds, (-gain, row))
        if bounds[0][1] == row:
            chosen.append(heappop(bounds)[1])
            covered[own] = True
    return chosen


def _present(weights: Matrix) -> Any:
    """Return 1 where there is a weight."""
    return sparse.csr_array((np.ones(weights.nnz), weights.indices, weights.indptr), shape=weights.shape)


def _random(weights: Matrix, values: Floats, budget: int, seed: int) -> list[int]:
    del values
    return [int(row) for row in np.random.default_rng(seed).permutation(weights.shape[0])[:budget]]


def _exact(weights: Matrix, values: Floats, budget: int, seed: int) -> list[int]:
    """Try every choice; the first of equal ones wins."""
    del seed
    n = weights.shape[0]
    digits = (math.lgamma(n + 1) - math.lgamma(budget + 1) - math.lgamma(n - budget + 1)) / math.log(10)
    if digits > _LARGE or math.comb(n, budget) > _EXACT:
        many = f"about 10^{digits:.0f}" if digits > _LARGE else f"{math.comb(n, budget):,}"
        raise OptionError(
            f'there are {many} ways to choose {budget} of {n}; "exact" tries {_EXACT:,} at most – '
            'use method="submodular", which is never below 1 − 1/e of the best'
        )
    present = _present(weights).toarray()[:, values > 0] > 0
    step = max(1, _CHUNK // max(1, budget * present.shape[1]))
    best, found = -1.0, list(range(budget))
    ways = combinations(range(n), budget)
    while chunk := list(islice(ways, step)):
        covers = np.round(present[np.array(chunk)].any(axis=1) @ values[values > 0] / (values.sum() or 1.0), _TIE)
        if covers.max() > best:
            best, found = float(covers.max()), list(chunk[int(covers.argmax())])
    return found


METHODS: dict[str, Callable[[Matrix, Floats, int, int], list[int]]] = {
    "submodular": _greedy,
    "random": _random,
    "exact": _exact,
}


def firsts(weights: Matrix, chosen: Chosen) -> list[NDArray[np.intp]]:
    """Return the columns that each of some rows is the first to have."""
    columns, owner = _owned(weights, chosen)
    return [columns[owner == position] for position in range(len(chosen))]


def coverage(weights: Matrix, chosen: Chosen, values: Floats) -> Floats:
    """Return the importance that the first 1, 2, … of some rows cover."""
    columns, owner = _owned(weights, chosen)
    gains: Floats = np.bincount(owner, values[columns], minlength=len(chosen)).astype(np.float64)
    return np.cumsum(gains)


def _owned(weights: Matrix, chosen: Chosen) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the columns that some rows have, and which of the rows is the first to have each."""
    part = weights[np.asarray(chosen, dtype=np.intp)]
    columns, at = np.unique(part.indices, return_index=True)
    return columns, np.searchsorted(part.indptr, at, side="right") - 1

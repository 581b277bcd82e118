"""How sure an explanation is: whether the same parts would come out on top if it were done again.

Estimates b of coefficients come with standard errors. What the true coefficients are like is learned from the estimates
themselves (a mixture of normals about zero, fitted by expectation maximisation); from there two repetitions are
imagined, again and again, and their top parts compared.

References
----------
M. Stephens, "False discovery rates: a new deal", Biostatistics 18(2), 2017, for the mixture (adaptive shrinkage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Masks = NDArray[np.bool_]

CONFIDENT = 0.95
SIZED = 0.25
_DRAWS, _ROUNDS, _SCALES = 200, 60, 14
_NORMAL = 1.96
_SAME = 1e-9  # what sums leave of equal sizes


@dataclass(frozen=True)
class Outlook:
    """What repetitions would show.

    Parameters
    ----------
    stability : float
        The expected overlap (Jaccard) of the top parts between two repetitions with other seeds; NaN where it is not
        known.
    precision : float
        Half the widest 95 % interval among the top parts, as a share of the largest coefficient.
    """

    stability: float
    precision: float

    @property
    def settled(self) -> bool:
        """Whether the top parts and their sizes no longer move: overlap at least 0.95, intervals within a quarter."""
        return bool(self.stability >= CONFIDENT and self.precision <= SIZED)


UNKNOWN = Outlook(float("nan"), float("nan"))
EXACT = Outlook(1.0, 0.0)


def outlook(
    coefficients: Floats, stderr: Floats, k: int, seed: int = 0, chosen: Callable[[Floats], Masks] | None = None
) -> Outlook:
    """Tell what repetitions would show.

    Parameters
    ----------
    coefficients, stderr : ndarray, shape (d,)
        Of all parts, with errors that are nearly independent.
    k : int
        How many parts are on top.
    seed : int
        Of the imagined repetitions.
    chosen : callable, optional
        Tells which parts are on top, (m, d), for rows of coefficients (m, d); default: the k largest.

    Examples
    --------
    >>> outlook(np.array([3.0, 2.0, 0.1, 0.0]), np.full(4, 0.01), 2).stability
    1.0
    >>> outlook(np.array([3.0, 0.101, 0.1, 0.1]), np.full(4, 0.05), 2).settled
    False
    """
    if (
        not (np.isfinite(coefficients).all() and np.isfinite(stderr).all())
        or not np.abs(coefficients).max(initial=0) > 0
    ):
        return UNKNOWN
    choose = chosen or (lambda rows: _top(rows, k))
    size, top = np.abs(coefficients), slice(None) if k >= len(coefficients) else choose(coefficients[None])[0]
    precision = float(_NORMAL * stderr[top].max() / size.max())
    if k >= len(coefficients) or not stderr.any():
        return Outlook(1.0, precision)
    rng = np.random.default_rng([seed, len(coefficients)])
    true = _imagined(coefficients, np.maximum(stderr, 1e-12 * size.max()), rng)
    first, second = (choose(true + stderr * rng.standard_normal(true.shape)) for _ in range(2))
    shared, named = (np.count_nonzero(both, axis=1) for both in (first & second, first | second))
    return Outlook(float(np.mean(shared / named)), precision)


def _top(sizes: Floats, k: int) -> Masks:
    """Tell which k are largest in each row."""
    chosen = np.zeros(sizes.shape, dtype=bool)
    np.put_along_axis(chosen, np.argpartition(-np.abs(sizes), k - 1, axis=1)[:, :k], values=True, axis=1)
    return chosen


def _imagined(b: Floats, se: Floats, rng: np.random.Generator) -> Floats:
    """Draw true coefficients as they may be, (draws, d)."""
    scales = np.append(0.0, np.geomspace(se.min() / 4, 2 * np.abs(b).max() + se.min(), _SCALES))
    variance = se[:, None] ** 2 + scales**2
    density = np.exp(-0.5 * b[:, None] ** 2 / variance) / np.sqrt(variance) + 1e-300
    share = np.full(len(scales), 1 / len(scales))
    for _ in range(_ROUNDS):
        belongs = density * share
        belongs /= belongs.sum(axis=1, keepdims=True)
        share = belongs.mean(axis=0)
    ends = np.cumsum(belongs, axis=1)
    which = (rng.random((_DRAWS, len(b), 1)) > ends).sum(axis=2).clip(max=len(scales) - 1)
    shrink = scales**2 / variance
    rows = np.arange(len(b))
    kept = shrink[rows, which]
    return np.asarray(kept * b + np.sqrt(kept) * se * rng.standard_normal(which.shape))


def tied(coefficients: Floats, stderr: Floats) -> list[bool]:
    """Tell of each of some ranked coefficients whether it cannot be told from the one before.

    >>> tied(np.array([0.5, -0.49, 0.1]), np.array([0.02, 0.02, 0.02]))
    [False, True, False]
    """
    size = np.abs(coefficients)
    with np.errstate(invalid="ignore"):
        apart = size[:-1] - size[1:] > _NORMAL * np.hypot(stderr[:-1], stderr[1:]) + _SAME * size[:-1]
    return [False, *(~apart & np.isfinite(stderr[1:])).tolist()][: len(size)]

"""Laws by which masks are drawn, and kernels that weigh them by proximity.

Section 3.3 of the paper draws perturbed instances z′ around the instance; section 3.4 weighs them by π_x(z).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from retrust.errors import OptionError

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks

Kernel = Callable[["Masks | Floats"], "Floats"]


_CERTAIN = 1e9  # the weight of what the surrogate must meet


class Sampler(Protocol):
    """Draws masks for d parts; the instance itself is not among them."""

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Masks:
        """Return (n, d) masks, True = present."""


@dataclass(frozen=True)
class UniformCount:
    """Take away a uniformly drawn number of parts, 1 to d, each choice of that many as likely as any other.

    The law of the ``lime`` package for text (the paper's section 3.3 leaves it open).

    Examples
    --------
    >>> masks = UniformCount()(4, 1000, np.random.default_rng(0))
    >>> masks.shape, int((~masks).sum(axis=1).min()), int((~masks).sum(axis=1).max())
    ((1000, 4), 1, 4)
    """

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Masks:
        """Return (n, d) masks: the parts with the smallest of d random keys are absent."""
        absent = rng.integers(1, d + 1, n)
        keys = rng.integers(0, 1 << 32, (n, d), dtype=np.uint32)
        last = np.sort(keys, axis=1)[np.arange(n), absent - 1]
        return keys > last[:, None]


@dataclass(frozen=True)
class Independent:
    """Keep each part with a probability: the law of the ``lime`` package for images and tables.

    Parameters
    ----------
    keep : float, or tuple of float of length d
        The same for all parts (images), or one for each (tables: how common the instance's condition is).

    Examples
    --------
    >>> Independent(0.9)(10, 1000, np.random.default_rng(0)).mean().round(1)
    np.float64(0.9)
    """

    keep: float | tuple[float, ...] = 0.5

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Masks:
        """Return (n, d) masks."""
        return rng.random((n, d), dtype=np.float32) < np.asarray(self.keep, dtype=np.float32)


@dataclass(frozen=True)
class Exponential:
    """Weigh masks by an exponential kernel: √exp(−D² / width²).

    Parameters
    ----------
    width : float
        In units of the distance.
    distance : {"cosine", "euclidean"}
        "cosine": 100 × the cosine distance to the whole instance. "euclidean": the plain distance, for tables.

    Notes
    -----
    Section 3.4 of the paper has exp(−D² / σ²) on the squared error; the ``lime`` package, and therefore this, takes
    its root, a kernel √2 wider.

    Examples
    --------
    >>> Exponential(25)(np.array([[True, True], [True, False]])).round(3)
    array([1.   , 0.503])
    """

    width: float
    distance: Literal["cosine", "euclidean"] = "cosine"

    def __post_init__(self) -> None:
        """Refuse a width that weighs nothing."""
        if not 0 < self.width < float("inf"):
            raise OptionError(f"width={self.width!r}; a positive number is expected – 25 is the default for texts")
        if self.distance not in {"cosine", "euclidean"}:
            raise OptionError(f"distance={self.distance!r}; 'cosine' or 'euclidean' is expected")

    def __call__(self, design: Masks | Floats) -> Floats:
        """Return weights (n,) of an (n, d) design; the instance's own row is all ones."""
        squared = self._euclidean(design) if self.distance == "euclidean" else self._cosine(design) ** 2
        return np.asarray(np.exp(-squared / self.width**2 / 2), dtype=np.float64)

    @staticmethod
    def _euclidean(design: Masks | Floats) -> Floats:
        away = design.astype(np.float64) - 1
        return np.asarray(np.einsum("ij,ij->i", away, away))

    @staticmethod
    def _cosine(design: Masks | Floats) -> Floats:
        d = design.shape[1]
        if design.dtype == bool:
            return np.asarray(100 * (1 - np.sqrt(np.count_nonzero(design, axis=1) / d)))
        norms = np.sqrt(np.einsum("ij,ij->i", design, design) * d)
        return np.asarray(100 * (1 - design.sum(axis=1) / np.where(norms > 0, norms, 1)))


def by_count(d: int, present: Floats) -> Floats:
    """Return the Shapley kernel's weight of a mask by how many of d parts are present, were every count as likely.

    >>> by_count(4, np.array([1.0, 2.0])).round(3)
    array([1.  , 0.75])
    """
    ends = np.maximum(present * (d - present), 0)
    inside = np.divide(max(1, d - 1), ends, out=np.full(ends.shape, _CERTAIN), where=ends > 0)
    return np.asarray(inside)


@dataclass(frozen=True)
class Shapley:
    """Weigh masks so that the coefficients of all parts, unpenalised, are Shapley values.

    It goes with the law that draws each number of parts equally often (:class:`UniformCount`), which it brings along,
    and with ``Ridge(alpha=0, select="none")``. The instance and the empty mask count so much that the surrogate meets
    the model there; with few parts all masks are asked about and the values are exact.

    References
    ----------
    S. Lundberg and S.-I. Lee, "A unified approach to interpreting model predictions", NeurIPS 2017, theorem 2.

    Examples
    --------
    >>> Shapley()(np.array([[True, False, False], [True, True, False]])).tolist()
    [1.0, 1.0]
    """

    sampler = UniformCount()

    def __call__(self, design: Masks | Floats) -> Floats:
        """Return weights (n,) of masks (n, d)."""
        d = design.shape[1]
        return by_count(d, np.asarray(design, dtype=np.float64).sum(axis=1))


def shapley() -> Shapley:
    """Make the Shapley kernel; see :class:`Shapley`."""
    return Shapley()


def weigh(kernel: Kernel, design: Masks | Floats, instance: Floats | None = None) -> Floats:
    """Ask a kernel for weights and check them.

    Parameters
    ----------
    kernel : callable
    design : ndarray, shape (n, d)
    instance : ndarray, shape (d,), optional
        The instance's own row, where it is not all ones: the kernel sees the design moved so that it is.

    Raises
    ------
    OptionError
        It returned another shape, or weights that are negative or not finite.
    """
    seen = design if instance is None else design - instance + 1
    weights = np.asarray(kernel(seen), dtype=np.float64)
    if weights.shape != (len(design),) or not np.isfinite(weights).all() or (weights < 0).any():
        message = (
            f"the kernel returned shape {weights.shape} for masks {design.shape}; a kernel gives one finite weight, "
            "0 or more, for each mask"
        )
        raise OptionError(message)
    return weights


def drawn(sampler: Sampler, d: int, n: int, rng: np.random.Generator) -> Masks:
    """Ask a sampler for masks and check them.

    Raises
    ------
    OptionError
        It returned another shape, or no booleans.
    """
    masks = np.asarray(sampler(d, n, rng))
    if masks.shape != (n, d) or masks.dtype != bool:
        message = (
            f"the sampler returned shape {masks.shape} of {masks.dtype}; booleans of shape ({n}, {d}) are expected – "
            "True where a part is present"
        )
        raise OptionError(message)
    return masks

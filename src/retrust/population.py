"""What a law of masks and a kernel give on average: known exactly, without a single mask.

The Gram matrix of a neighbourhood is then no estimate; only what the model says has to be sampled. Known are laws in
which parts are exchangeable given their number (texts, images), with kernels that depend on that number, and
independent parts with the euclidean kernel (tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from retrust.errors import OptionError
from retrust.sampling import Exponential, Independent, UniformCount, weigh

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks
    from retrust.sampling import Kernel, Sampler

NARROW = 0.5
ALL = 1024
AS_MANY = 5000  # the number of masks of the ``lime`` package
_MOST, _LEAST = 2000, 1e-100  # weights that are smaller come to nothing when they are squared


@dataclass(frozen=True, eq=False)
class Counted:
    """Parts that are exchangeable given how many are present, and a kernel of that number.

    Parameters
    ----------
    law : ndarray, shape (d + 1,)
        How probable each number of present parts is.
    kernel : ndarray, shape (d + 1,)
        The weight of each.

    Attributes
    ----------
    weight : float
        The expected weight of a mask.
    effective : float
        The effective share of samples, (E w)² / E w².
    mean : ndarray, shape (d,)
        The weighted mean of each part's presence.
    spread, shared : ndarray, shape (d,), and float
        The weighted covariance of presences is diag(spread) + shared, in all cells.

    Examples
    --------
    >>> found = counted(UniformCount(), Exponential(25), 3)
    >>> found.law.round(3), found.mean.round(2)
    (array([0.333, 0.333, 0.333, 0.   ]), array([0.59, 0.59, 0.59]))
    """

    law: Floats
    kernel: Floats

    @property
    def d(self) -> int:
        """How many parts there are."""
        return len(self.law) - 1

    @cached_property
    def weight(self) -> float:
        """The expected weight of a mask."""
        return float(self.law @ self.kernel)

    @cached_property
    def effective(self) -> float:
        """The effective share of samples, (E w)² / E w²."""
        return self.weight**2 / float(self.law @ self.kernel**2)

    @cached_property
    def near(self) -> Floats:
        """How probable each number is under the kernel, (d + 1,)."""
        return np.asarray(self.law * self.kernel / self.weight)

    @cached_property
    def mean(self) -> Floats:
        """The weighted mean of each part's presence, (d,)."""
        return np.full(self.d, float(self.near @ np.arange(self.d + 1)) / self.d)

    @cached_property
    def _both(self) -> float:
        """How probable it is that two given parts are present."""
        count = np.arange(self.d + 1)
        return float(self.near @ (count * (count - 1))) / (self.d * max(1, self.d - 1))

    @cached_property
    def shared(self) -> float:
        """What is the same in all cells of their weighted covariance."""
        return self._both - float(self.mean[0]) ** 2 if self.d > 1 else 0.0

    @cached_property
    def spread(self) -> Floats:
        """What is on its diagonal besides, (d,)."""
        own = self.mean[0] * (1 - self.mean[0])
        return np.full(self.d, own - self.shared)

    def nearer(self) -> Sampler:
        """Return the sampler whose law is the kernel's own."""
        return Counts(tuple(self.near.tolist()), tuple((self.weight / np.maximum(self.kernel, 1e-300)).tolist()))


@dataclass(frozen=True)
class Counts:
    """Draw how many parts are present by a law of its own, each choice of that many as likely as any other.

    Parameters
    ----------
    law : tuple of float, length d + 1
    odds : tuple of float, length d + 1
        How many times as probable each number is under the law that the answers are to speak of.
    """

    law: tuple[float, ...]
    odds: tuple[float, ...]

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Masks:
        """Return (n, d) masks."""
        if d != len(self.law) - 1:
            raise OptionError(f"this sampler is for {len(self.law) - 1} parts; the instance has {d}")
        present = np.searchsorted(np.cumsum(self.law)[:-1], rng.random(n), side="right")
        keys = rng.integers(0, 1 << 32, (n, d), dtype=np.uint32)
        last = np.sort(keys, axis=1)[np.arange(n), np.maximum(present - 1, 0)]
        return (keys <= last[:, None]) & (present > 0)[:, None]

    def ratio(self, masks: Masks) -> Floats:
        """Return how many times as probable each mask is under the law that is spoken of, (n,)."""
        return np.asarray(np.asarray(self.odds)[np.count_nonzero(masks, axis=1)])


@dataclass(frozen=True, eq=False)
class Separate:
    """Parts that are present independently of each other, and the euclidean kernel, which is a product over them.

    Parameters
    ----------
    keep : ndarray, shape (d,)
        How probable the presence of each part is.
    absent : float
        The factor of an absent part in the kernel.
    """

    keep: Floats
    absent: float
    shared = 0.0

    @cached_property
    def weight(self) -> float:
        """The expected weight of a mask."""
        return float(np.prod(self.keep + (1 - self.keep) * self.absent))

    @cached_property
    def effective(self) -> float:
        """The effective share of samples, (E w)² / E w²."""
        return self.weight**2 / float(np.prod(self.keep + (1 - self.keep) * self.absent**2))

    @cached_property
    def mean(self) -> Floats:
        """The weighted mean of each part's presence, (d,)."""
        return np.asarray(self.keep / (self.keep + (1 - self.keep) * self.absent))

    @cached_property
    def spread(self) -> Floats:
        """What is on its diagonal besides, (d,)."""
        return np.asarray(self.mean * (1 - self.mean))

    def nearer(self) -> Sampler:
        """Return the sampler whose law is the kernel's own."""
        return Tilted(tuple(self.mean.tolist()), tuple(self.keep.tolist()))


@dataclass(frozen=True)
class Tilted:
    """Keep each part with a probability of its own, other than that which the answers are to speak of.

    Parameters
    ----------
    keep, meant : tuple of float, length d
    """

    keep: tuple[float, ...]
    meant: tuple[float, ...]

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Masks:
        """Return (n, d) masks."""
        return Independent(self.keep)(d, n, rng)

    def ratio(self, masks: Masks) -> Floats:
        """Return how many times as probable each mask is under the law that is spoken of, (n,)."""
        keep, meant = np.asarray(self.keep), np.asarray(self.meant)
        with np.errstate(divide="ignore", invalid="ignore"):
            present, absent = (np.nan_to_num(np.log(part)) for part in (meant / keep, (1 - meant) / (1 - keep)))
        return np.asarray(np.exp(np.where(masks, present, absent).sum(axis=1)))


def population(sampler: Sampler, kernel: Kernel, d: int) -> Counted | Separate | None:
    """Return what a law and a kernel give on average, None where it is not known.

    Parameters
    ----------
    sampler : Sampler
    kernel : callable
    d : int
    """
    if d > _MOST or not isinstance(kernel, Exponential):
        return None  # the Shapley kernel's ends count without limit: the surrogate meets them, and is no average
    found = _counted(sampler, kernel, d) if kernel.distance == "cosine" else _separate(sampler, kernel, d)
    return found if found is not None and found.weight > _LEAST else None


def _counted(sampler: Sampler, kernel: Exponential, d: int) -> Counted | None:
    alike = isinstance(sampler, UniformCount) or (isinstance(sampler, Independent) and np.isscalar(sampler.keep))
    return counted(sampler, kernel, d) if alike else None  # type: ignore[arg-type]


def _separate(sampler: Sampler, kernel: Exponential, d: int) -> Separate | None:
    if not isinstance(sampler, Independent):
        return None
    keep = np.broadcast_to(np.asarray(sampler.keep, dtype=np.float64), (d,))
    return Separate(keep, float(np.exp(-1 / kernel.width**2 / 2)))


def counted(sampler: UniformCount | Independent, kernel: Kernel, d: int) -> Counted:
    """Return what a law of numbers and a kernel of numbers give on average."""
    staircase = np.tri(d + 1, d, -1, dtype=bool)  # as many present as the row says
    return Counted(_law(sampler, d), weigh(kernel, staircase))


def _law(sampler: UniformCount | Independent, d: int) -> Floats:
    if isinstance(sampler, UniformCount):
        return np.append(np.full(d, 1 / d), 0.0)
    count, keep = np.arange(d + 1), float(np.clip(sampler.keep, 1e-12, 1 - 1e-12))
    ways = gammaln(d + 1) - gammaln(count + 1) - gammaln(d - count + 1)
    return np.asarray(np.exp(ways + count * np.log(keep) + (d - count) * np.log1p(-keep)))


def every(sampler: Sampler, d: int) -> tuple[Masks, Floats] | None:
    """Return all masks of a few parts, the instance first, and how probable each is; None where there are too many.

    The instance, which many laws never draw, counts as one mask of five thousand besides. The others come in no order
    of their own, so that some of them tell of all parts.

    Examples
    --------
    >>> masks, chance = every(Independent(0.5), 2)
    >>> masks.tolist(), chance.round(4).tolist()
    ([[True, True], [False, False], [False, True], [True, False]], [0.2502, 0.25, 0.25, 0.25])
    """
    known = isinstance(sampler, UniformCount | Independent)
    if not known or 1 << d > ALL:
        return None
    order = np.append(0, 1 + np.random.default_rng(0).permutation((1 << d) - 1))
    absent = order[:, None] >> np.arange(d) & 1
    masks = np.asarray(absent == 0)
    if isinstance(sampler, Independent):
        keep = np.broadcast_to(np.asarray(sampler.keep, dtype=np.float64), (d,))
        chance = np.where(masks, keep, 1 - keep).prod(axis=1)
    else:
        count = np.count_nonzero(masks, axis=1)
        ways = np.exp(gammaln(d + 1) - gammaln(count + 1) - gammaln(d - count + 1))
        chance = _law(UniformCount(), d)[count] / ways
    chance[0] += 1 / AS_MANY
    return masks, chance

"""The neighbourhood of an instance: masks, outputs, how near each mask is, and the sums that surrogates need.

Section 3.3 of the paper: perturbed instances z′ are drawn, the model labels them, and π_x(z) weighs them by proximity.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import DetachedError
from retrust.sampling import weigh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks
    from retrust.sampling import Kernel, Sampler

GRAM_LIMIT = 2000
_CELLS = 1 << 22
_SMALL = 1 << 22


@dataclass(frozen=True)
class Moments:
    """Weighted sums over a neighbourhood; all that linear surrogates need, and they add.

    Outputs are counted from the instance's own, which keeps the sums exact where outputs are large.

    Parameters
    ----------
    weight : float
        Σ w.
    x : ndarray, shape (d,)
        Σ w x.
    y, yy : ndarray, shape (k,)
        Σ w y and Σ w y².
    xy : ndarray, shape (d, k)
        Σ w x y.
    xx : ndarray, shape (d, d), or None
        Σ w x xᵀ; None beyond ``GRAM_LIMIT`` features.
    """

    weight: float
    x: Floats
    y: Floats
    yy: Floats
    xy: Floats
    xx: Floats | None

    @classmethod
    def of(cls, design: Masks | Floats, outputs: Floats, weights: Floats, origin: Floats) -> Moments:
        """Sum over one batch: design (n, d), outputs (n, k), weights (n,), origin (k,)."""
        root, d = np.sqrt(weights)[:, None], design.shape[1]
        y = (outputs - origin) * root
        if d > GRAM_LIMIT:
            x = np.asarray(design * root, dtype=np.float64)
            return cls(float(weights.sum()), root[:, 0] @ x, root[:, 0] @ y, (y * y).sum(axis=0), x.T @ y, None)
        all_ = np.concatenate([design * root, y, root], axis=1)
        small = all_.size * all_.shape[1] <= _SMALL  # not worth waking the threads of a matrix library
        sums = np.einsum("ni,nj->ij", all_, all_) if small else all_.T @ all_  # one product for all
        return cls(float(sums[-1, -1]), sums[:d, -1], sums[d:-1, -1], np.diag(sums)[d:-1], sums[:d, d:-1], sums[:d, :d])

    def __add__(self, other: Moments) -> Moments:
        """Join the sums of two batches."""
        xx = None if self.xx is None or other.xx is None else self.xx + other.xx
        return Moments(
            self.weight + other.weight,
            self.x + other.x,
            self.y + other.y,
            self.yy + other.yy,
            self.xy + other.xy,
            xx,
        )


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Masks with the model's outputs on them; row 0 is the instance.

    Parameters
    ----------
    packed : ndarray of uint8, shape (n, ⌈d / 8⌉)
        The masks, one bit each.
    d : int
    outputs : ndarray, shape (n, k)
    own : ndarray, shape (n, d), optional
        What kernel and surrogate see, where it is not the masks.
    batches : int
        How many batches have been drawn; the next one's draws depend on it.
    calls : int
        How many inputs the model has answered.
    dropped : int
        Rows that were scored and let go.
    whole_shares : bool, optional
        Whether the outputs of all rows were shares of one, where rows were let go.
    odds : ndarray, shape (n,), optional
        How many times as probable each mask is under the law that is spoken of as under the one it was drawn by.
    law : Sampler, optional
        The law that is spoken of, where fits may make use of what is known of it (``n_samples="auto"``).
    exact : bool
        Whether all masks that there are were asked about, so that nothing is left to chance.

    Examples
    --------
    >>> a = Neighbourhood.of(np.array([[True, True, False]]), np.array([[1.0]]))
    >>> len(a | a), (a | a).masks.tolist()[1]
    (2, [True, True, False])
    """

    packed: NDArray[np.uint8]
    d: int
    outputs: Floats
    own: Floats | None = None
    batches: int = 1
    calls: int = 0
    dropped: int = 0
    whole_shares: bool | None = None
    odds: Floats | None = None
    law: Sampler | None = None
    exact: bool = False

    @classmethod
    def of(
        cls,
        masks: Masks,
        outputs: Floats,
        design: Masks | Floats | None = None,
        *,
        batches: int = 1,
        calls: int = 0,
        odds: Floats | None = None,
    ) -> Neighbourhood:
        """Pack masks (n, d) and outputs (n, k)."""
        own = None if design is None or design is masks else np.asarray(design, dtype=np.float64)
        return cls(np.packbits(masks, axis=1), masks.shape[1], outputs, own, batches, calls, odds=odds)

    def __len__(self) -> int:
        """Return n."""
        return len(self.outputs)

    def __or__(self, other: Neighbourhood) -> Neighbourhood:
        """Join two neighbourhoods of one instance."""
        return joined([self, other])

    @property
    def scored(self) -> int:
        """How many masks were scored, those among them that were let go."""
        return len(self) + self.dropped

    @property
    def shares(self) -> bool:
        """Whether all outputs are shares of one."""
        if self.whole_shares is not None:
            return self.whole_shares
        several, some = self.outputs.shape[1] > 1, self.outputs
        return several and bool((some >= 0).all() and np.allclose(some.sum(axis=1), 1, atol=1e-6))

    def whole(self) -> Neighbourhood:
        """Return itself where all rows are there.

        Raises
        ------
        DetachedError
            Rows were let go.
        """
        if self.dropped:
            raise DetachedError(
                f"{self.dropped:,} of the {self.scored:,} masks of this explanation were let go; it cannot be read in "
                'another way or sampled on – explain_many(…, keep="neighbourhood") keeps them, or explain it again'
            )
        return self

    def instance_alone(self, chosen: NDArray[np.intp] | None = None) -> Neighbourhood:
        """Let go of all rows but the instance's own, and of all columns but some."""
        columns = np.arange(self.d) if chosen is None else chosen
        bits = self._unpacked(slice(1))[:, columns]
        own = None if self.own is None else self.own[:1, columns]
        return Neighbourhood(
            np.packbits(bits, axis=1),
            len(columns),
            self.outputs[:1].copy(),
            own,
            self.batches,
            self.calls,
            self.scored - 1,
            self.shares,
            None if self.odds is None else self.odds[:1],
            self.law,
            self.exact,
        )

    def first(self, n: int) -> Neighbourhood:
        """Return the first n rows, as if no more had been asked about."""
        own, odds = (None if part is None else part[:n] for part in (self.own, self.odds))
        return replace(self, packed=self.packed[:n], outputs=self.outputs[:n], own=own, odds=odds, law=None)

    @property
    def masks(self) -> Masks:
        """All masks (n, d), unpacked."""
        return self._unpacked(slice(None))

    def _unpacked(self, rows: slice) -> Masks:
        return np.unpackbits(self.packed[rows], axis=1, count=self.d).view(bool)

    def blocks(self) -> Iterator[tuple[slice, Masks | Floats]]:
        """Go through the design in blocks of rows, so that memory is bounded."""
        step = max(1, _CELLS // max(1, self.d))
        for start in range(0, len(self), step):
            rows = slice(start, min(start + step, len(self)))
            yield rows, self._unpacked(rows) if self.own is None else self.own[rows]

    def columns(self, chosen: NDArray[np.intp], rows: slice = slice(None)) -> Floats:
        """Return a fresh copy of the design of a few features, (n, len(chosen))."""
        if self.own is not None:
            return self.own[rows][:, chosen]
        bits = self.packed[rows][:, chosen >> 3] >> (7 - (chosen & 7)).astype(np.uint8)
        return (bits & 1).astype(np.float64)


def joined(parts: list[Neighbourhood]) -> Neighbourhood:
    """Join neighbourhoods of one instance, in order."""
    owned = [part.own for part in parts if part.own is not None]
    uneven = any(part.odds is not None for part in parts)
    odds = [np.ones(len(part)) if part.odds is None else part.odds for part in parts if uneven]
    return Neighbourhood(
        np.concatenate([part.packed for part in parts]),
        parts[0].d,
        np.concatenate([part.outputs for part in parts]),
        np.concatenate(owned) if owned else None,
        sum(part.batches for part in parts),
        sum(part.calls for part in parts),
        odds=np.concatenate(odds) if odds else None,
        law=parts[0].law,
        exact=parts[0].exact,
    )


@dataclass(frozen=True, eq=False)
class Weighted:
    """A neighbourhood seen through a kernel: what a surrogate is fitted to.

    Parameters
    ----------
    neighbourhood : Neighbourhood
    kernel : callable
        design (n, d) → weights (n,).
    known_moments, known_weights : optional
        What was gathered while sampling.
    memo : dict
        What has been worked out about it, for the next fit.
    """

    neighbourhood: Neighbourhood
    kernel: Kernel
    known_moments: Moments | None = field(default=None, repr=False)
    known_weights: Floats | None = field(default=None, repr=False)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def weights(self) -> Floats:
        """Proximity (n,)."""
        if self.known_weights is not None:
            return self.known_weights
        own, odds = self.neighbourhood.own, self.neighbourhood.odds
        instance = None if own is None else own[0]
        near = np.concatenate([weigh(self.kernel, design, instance) for _, design in self.neighbourhood.blocks()])
        return near if odds is None else near * odds

    @property
    def effective(self) -> float:
        """The effective number of samples, (Σw)² / Σw²: how many of equal weight would tell as much."""
        weights = self.weights
        return float(weights.sum() ** 2 / (weights @ weights)) if weights.any() else 0.0

    @cached_property
    def moments(self) -> Moments:
        """The sums, from the start or as they were gathered while sampling."""
        if self.known_moments is not None:
            return self.known_moments
        self.neighbourhood.whole()
        outputs, weights = self.neighbourhood.outputs, self.weights
        parts = (
            Moments.of(design, outputs[rows], weights[rows], outputs[0]) for rows, design in self.neighbourhood.blocks()
        )
        total = next(parts)
        for part in parts:
            total += part
        return total

    def gram(self, chosen: NDArray[np.intp]) -> Floats:
        """Return Σ w x xᵀ of a few features."""
        if self.moments.xx is not None:
            return self.moments.xx if len(chosen) == self.neighbourhood.d else self.moments.xx[np.ix_(chosen, chosen)]
        total = np.zeros((len(chosen), len(chosen)))
        for rows, design in self.neighbourhood.blocks():
            x = design[:, chosen] * np.sqrt(self.weights[rows])[:, None]
            total += x.T @ x
        return total

    def __getstate__(self) -> tuple[Neighbourhood, Kernel]:
        """Leave out what can be summed again."""
        return self.neighbourhood, self.kernel

    def __setstate__(self, state: tuple[Neighbourhood, Kernel]) -> None:
        """Take back what travelled."""
        self.__dict__.update(neighbourhood=state[0], kernel=state[1], known_moments=None, known_weights=None, memo={})

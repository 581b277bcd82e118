"""The law of masks that an automatic explanation draws by: the domain's own, the kernel's, or simply all masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.population import AS_MANY, NARROW, every, population

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks, Representation
    from retrust.sampling import Kernel, Sampler

_ENDLESS = 1 << 62


@dataclass(frozen=True, eq=False)
class Law:
    """How masks are drawn, and what they speak of.

    Where there are so few parts that all masks can be asked about, they are; where the kernel is so narrow that the
    effective share of samples is below one half, masks are drawn by the kernel's own law. Either way the answer is
    about the law that is spoken of, for each mask is weighed by its odds.

    Parameters
    ----------
    spoken : Sampler
        The law that the answers are about.
    sampler : Sampler
        The law that masks are drawn by.
    known : bool
        Whether averages over the law are known.
    all : ndarray of bool, shape (2ᵈ, d), optional
        All masks, where there are few.
    chance : ndarray, shape (2ᵈ,), optional
        How probable each is.
    """

    spoken: Sampler
    sampler: Sampler
    known: bool
    all: Masks | None = None
    chance: Floats | None = field(default=None, repr=False)

    @classmethod
    def of(cls, sampler: Sampler, kernel: Kernel, representation: Representation, most: int) -> Law:
        """Choose how so many masks, or fewer, are drawn for an instance."""
        d = len(representation.features)
        few = None if representation.random or 1 << d > most else every(sampler, d)
        if few is not None:
            return cls(sampler, sampler, known=True, all=few[0], chance=few[1])
        law: Any = population(sampler, kernel, d)
        if law is None:
            return cls(sampler, sampler, known=False)
        return cls(sampler, law.nearer() if law.effective < NARROW else sampler, known=True)

    @property
    def count(self) -> int:
        """How many masks there are to ask about."""
        return _ENDLESS if self.all is None else len(self.all)

    def odds(self, masks: Masks, start: int) -> Floats | None:
        """Return how many times as probable each mask is under the law that is spoken of; None where all are alike.

        Parameters
        ----------
        masks : ndarray of bool, shape (n, d)
        start : int
            How many masks there were before; the very first is the instance, which was not drawn.
        """
        if self.chance is not None:
            return np.asarray(self.chance[start : start + len(masks)] * AS_MANY)
        ratio = getattr(self.sampler, "ratio", None)
        if ratio is None:
            return None
        found: Floats = ratio(masks)
        if start == 0:
            found[0] = 1.0
        return found

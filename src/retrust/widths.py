"""How far an explanation reaches: fidelity against the width of the kernel, from one neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.errors import OptionError
from retrust.neighbourhood import Weighted
from retrust.sampling import Exponential

if TYPE_CHECKING:
    from retrust.neighbourhood import Neighbourhood
    from retrust.surrogate import Surrogate

FLOOR = 0.8
_STEPS, _LEAST = 13, 60


@dataclass(frozen=True)
class Width:
    """One width of the kernel, and how well the surrogate does in it.

    Parameters
    ----------
    width : float
    fidelity : float
        Weighted R².
    effective : float
        The effective number of samples.
    """

    width: float
    fidelity: float
    effective: float


@dataclass(frozen=True)
class Widest:
    """The widest exponential kernel in which the surrogate can still be believed.

    Made by ``rt.exponential("auto")``: masks are drawn and answered as ever; then, from these answers alone, the
    largest width is chosen whose fidelity is at least ``floor``, or the one of best fidelity where none is.

    Parameters
    ----------
    floor : float
        Between 0 and 1.
    distance : {"cosine", "euclidean"}, optional
        Default: that of the domain's kernel.
    """

    floor: float = FLOOR
    distance: Any = None

    def __post_init__(self) -> None:
        """Refuse a floor that is none."""
        if not 0 < self.floor < 1:
            raise OptionError(f"floor={self.floor!r}; a number between 0 and 1 is expected – {FLOOR} is the default")

    def __call__(self, design: Any) -> Any:
        """Say that the width is not chosen yet."""
        del design
        raise OptionError("the width is chosen after sampling – pass the kernel to an explainer, or to e.read")

    def chosen(self, near: Neighbourhood, surrogate: Surrogate, target: int, usual: Exponential) -> Exponential:
        """Return the kernel of the chosen width."""
        kernel = usual if self.distance is None else Exponential(usual.width, self.distance)
        found = best(curve(near, surrogate, target, kernel), self.floor)
        return kernel if found is None else replace(kernel, width=found.width)


def curve(near: Neighbourhood, surrogate: Surrogate, target: int, kernel: Exponential) -> list[Width]:
    """Return the fidelity at widths from an eighth of a kernel's to four times it, as far as enough samples count.

    Parameters
    ----------
    near : Neighbourhood
    surrogate : Surrogate
    target : int
    kernel : Exponential

    Returns
    -------
    list of Width
        Ascending; only those in which the effective number of samples is 60 or more.
    """
    plain = replace(near, law=None)
    found = []
    for width in kernel.width * np.geomspace(1 / 8, 4, _STEPS):
        weighted = Weighted(plain, replace(kernel, width=float(width)))
        if weighted.effective >= _LEAST:
            fidelity = surrogate.fit(weighted, target).fidelity
            found.append(Width(float(width), fidelity, weighted.effective))
    return found


def best(widths: list[Width], floor: float = FLOOR) -> Width | None:
    """Return the widest whose fidelity is at least the floor, else that of best fidelity.

    >>> best([Width(5, 0.9, 80), Width(10, 0.85, 200), Width(20, 0.4, 900)]).width
    10
    """
    known = [each for each in widths if np.isfinite(each.fidelity)]
    faithful = [each for each in known if each.fidelity >= floor]
    if faithful:
        return max(faithful, key=lambda each: each.width)
    return max(known, key=lambda each: each.fidelity, default=None)


def exponential(
    width: float | Literal["auto"], distance: Literal["cosine", "euclidean"] | None = None, floor: float = FLOOR
) -> Exponential | Widest:
    """Make an exponential kernel; see :class:`~retrust.sampling.Exponential`.

    Parameters
    ----------
    width : float or "auto"
        "auto": the largest at which the surrogate can still be believed, see :class:`Widest`.
    distance : {"cosine", "euclidean"}, optional
        Default: "cosine", for "auto" that of the domain's kernel.
    floor : float
        The fidelity that "auto" asks for.
    """
    return Widest(floor, distance) if width == "auto" else Exponential(width, distance or "cosine")

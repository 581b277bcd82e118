"""What an instance is made of, and what the model sees when parts of it are absent.

The one abstraction of the house: everything above it knows masks and outputs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from retrust.errors import DetachedError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Masks = NDArray[np.bool_]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """One interpretable part of an instance.

    Parameters
    ----------
    name : str
        What people read.
    key : str
        The same part in other instances: SP-LIME and marks live on keys.

    Examples
    --------
    >>> Feature("Posting", "Posting").name
    'Posting'
    """

    name: str
    key: str


def clipped(name: str, most: int) -> str:
    """Cut a name in its middle where it is longer than that: what a condition asks is at its ends.

    >>> clipped("28 < age of the applicant ≤ 37", 20), clipped("age", 20)
    ('28 < age of …nt ≤ 37', 'age')
    """
    if len(name) <= most:
        return name
    end = (most - 1) * 2 // 5
    return f"{name[: most - 1 - end]}…{name[len(name) - end :]}"


@runtime_checkable
class Representation(Protocol):
    """One instance as a person may read it: d parts, each present or absent.

    ``random`` is True where absence is a draw (tables), so that one mask has many inputs.
    """

    @property
    def features(self) -> tuple[Feature, ...]:
        """The d parts."""

    @property
    def random(self) -> bool:
        """Whether one mask has many inputs."""

    def perturb(self, masks: Masks, rng: np.random.Generator) -> Sequence[Any] | NDArray[Any]:
        """Turn masks (n, d), True = present, into n model inputs."""

    def design(self, masks: Masks, inputs: Any) -> Masks | Floats:
        """Return the (n, d) array that kernel and surrogate see: the masks, unless a domain says otherwise."""

    def swap(self, keys: Collection[str], donor: Any, rng: np.random.Generator) -> Any:
        """Return one model input in which all parts named by ``keys`` are the donor's, together."""


@runtime_checkable
class Domain(Protocol):
    """A kind of instance: text, image, table. Fitted once, frozen."""

    def represent(self, instance: Any) -> Representation:
        """Read one instance as present or absent parts."""


@dataclass(frozen=True)
class Parts:
    """An instance of a domain that does not travel: names and keys remain, nothing can be perturbed."""

    features: tuple[Feature, ...]
    random: bool = False

    def perturb(self, masks: object, rng: object = None) -> Any:
        """Say that the instance itself did not travel."""
        del masks, rng
        raise DetachedError("this instance did not travel with its explanation; explain it again to ask the model")

    def design(self, masks: Any, inputs: object = None) -> Any:
        """Return the masks."""
        del inputs
        return masks

    def swap(self, keys: object, donor: object, rng: object) -> Any:
        """Say that the instance itself did not travel."""
        del keys, donor
        return self.perturb(rng)

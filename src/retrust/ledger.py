"""What a reader does not trust: marks on keys, and the ledger that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCOPES = ("instance", "label", "everywhere")


@dataclass(frozen=True, slots=True)
class Mark:
    """A key declared untrustworthy.

    Parameters
    ----------
    key : str
        The part, in whatever instance it turns up.
    scope : {"everywhere", "label", "instance"}
        Where it holds: in every instance, in those of the same label, in this one.
    because : str
        The reader's reason.
    label : object, optional
        For the scope "label": the label of the instance on which the mark was made.
    instance : str, optional
        For the scope "instance": that instance's :func:`digest`.
    vocabulary : str
        Hash of the visual vocabulary that the key is a word of, "" for other keys.

    Raises
    ------
    OptionError
        Where the scope is another.

    Examples
    --------
    >>> Mark("Posting", because="a mail header").scope
    'everywhere'
    """

    key: str
    scope: str = "everywhere"
    because: str = ""
    label: object = None
    instance: str | None = None
    vocabulary: str = ""

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise OptionError(f"a mark's scope was {self.scope!r}; it must be one of {listed(SCOPES)}")


@dataclass(frozen=True, slots=True)
class Ledger:
    """All marks, in the order in which they were made; one for each key, the latest.

    Parameters
    ----------
    marks : tuple of Mark
        The marks to begin with.

    Examples
    --------
    >>> ledger = Ledger().with_mark(Mark("Posting")).with_mark(Mark("Host"))
    >>> [mark.key for mark in ledger.without("Posting")]
    ['Host']
    """

    marks: tuple[Mark, ...] = ()

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)

    def with_mark(self, mark: Mark) -> Ledger:
        """Return a ledger with one more mark, which takes the place of an earlier one on the same key."""
        return Ledger((*self.without(mark.key), mark))

    def without(self, key: str) -> Ledger:
        """Return a ledger in which this key is trusted again; it need not have been marked."""
        return Ledger(tuple(mark for mark in self if mark.key != key))


def digest(instance: Any) -> str:
    """Tell an instance by what is in it, wherever it stands and whatever holds it.

    Parameters
    ----------
    instance : str, array, Pillow image, row of a frame, mapping or sequence

    Returns
    -------
    str
        Twelve hexadecimal figures: the same for equal content, so that rows that repeat each other are one instance.

    Examples
    --------
    >>> digest("a post") == digest("a post"), digest("a post") == digest("another")
    (True, False)
    >>> digest({"age": 31, "city": "Bonn"}) == digest([31, "Bonn"])
    True
    """
    return blake2b(_content(instance), digest_size=6).hexdigest()


def _content(instance: Any) -> bytes:
    """Write an instance as bytes: rows by their values, pictures by their pixels."""
    if isinstance(instance, str):
        return instance.encode("utf-8", "surrogatepass")
    if isinstance(instance, Mapping | list | tuple):
        return _row(instance.values() if isinstance(instance, Mapping) else instance)
    array = np.asarray(instance)
    if array.ndim <= 1 or array.dtype.kind == "O":
        return _row(array.ravel())
    return f"{array.dtype.str}{array.shape}".encode() + array.tobytes()


def _row(values: Iterable[Any]) -> bytes:
    return repr([value.item() if isinstance(value, np.generic) else value for value in values]).encode()

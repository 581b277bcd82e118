"""What a reader does not trust: marks on keys, and the ledger that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

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

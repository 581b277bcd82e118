"""What a reader does not trust: marks on keys, and the ledger that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from retrust.errors import OptionError, UnknownFeature, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrust.representation import Feature

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


def find(features: Sequence[Feature], text: str) -> Feature:
    """Find the feature that a person means, by its key or else by its name.

    Parameters
    ----------
    features : sequence of Feature
        Where to look.
    text : str
        A key, or a name.

    Returns
    -------
    Feature
        The first with this key, else the first with this name.

    Raises
    ------
    UnknownFeature
        Where none has it; the message names those that are near.

    Examples
    --------
    >>> from retrust.representation import Feature
    >>> find([Feature("Posting", "Posting")], "Posting").key
    'Posting'
    >>> find([Feature("Posting", "Posting")], "posting")
    Traceback (most recent call last):
    ...
    retrust.errors.UnknownFeature: no feature is called 'posting' – did you mean 'Posting'?
    """
    for feature in features:
        if feature.key == text:
            return feature
    for feature in features:
        if feature.name == text:
            return feature
    raise UnknownFeature(f"no feature is called {text!r} – {_way_out(features, text)}")


def _way_out(features: Sequence[Feature], text: str) -> str:
    """Name what the person may have meant, else what there is."""
    names = {name.casefold(): name for feature in features for name in (feature.key, feature.name)}
    near = [names[name] for name in get_close_matches(text.casefold(), names, n=3, cutoff=0.6)]
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"there are {listed(dict.fromkeys(feature.name for feature in features))}" if features else "there are none"

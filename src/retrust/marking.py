"""Where marks can hold: what the training rows have, and marks that are made on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrust.census import Census
from retrust.domains.table import Table
from retrust.errors import ContractError, OptionError, UnknownFeature, listed
from retrust.explainer import domain_of
from retrust.journal import from_json
from retrust.ledger import Mark, digest
from retrust.lending import is_table
from retrust.reach import names_of, near_keys
from retrust.siblings import suggest
from retrust.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from os import PathLike

    from retrust.ledger import Ledger
    from retrust.measures import Judge
    from retrust.representation import Domain
    from retrust.rows import Dataset
    from retrust.siblings import Suggestion

Known = Census | Tally


def domain_for(data: Dataset) -> Domain:
    """Tell the domain of training rows: of a frame or an array of two axes a table, else by the first row.

    Raises
    ------
    InstanceTypeError
    """
    return Table(data.X) if is_table(data.X) else domain_of(data[0], None)


def known(data: Dataset, labels: list[Any], domain: Domain, judge: Judge) -> Known:
    """Read what the training rows have: their keys, how often, where.

    Parameters
    ----------
    data : Dataset
    labels : list
        As people call them.
    domain : Domain
    judge : Judge
        Knows whether classes or numbers are predicted.
    """
    if isinstance(domain, Table) and domain.sparse is None:
        return Tally.of(data.X, labels, domain, measured=not judge.labels, seed=judge.seed)
    return Census.of(data.X, labels, domain, seed=judge.seed)


def siblings(
    found: Known, marked: Collection[str], model: Any, data: Dataset, domain: Domain, *, most: int
) -> list[Suggestion]:
    """Propose what should be marked with some marks.

    Parameters
    ----------
    found : Census or Tally
    marked : collection of str
    model : estimator, callable or None
        Asked where instances are no rows of a table.
    data : Dataset
    domain : Domain
    most : int

    Returns
    -------
    list of Suggestion
    """
    if isinstance(found, Tally):
        return found.suggest(marked, most)
    return suggest(found, marked, model, domain, data.X, most=most)


@dataclass(frozen=True, eq=False)
class Ground:
    """The rows on which marks are made.

    Parameters
    ----------
    data : Dataset
    domain : Domain
    shown : collection of str
        Keys that are at hand, in what was picked or read.
    read : callable
        Returns what all rows have, which takes a while.
    """

    data: Dataset
    domain: Domain
    shown: Collection[str]
    read: Callable[[], Known]

    @property
    def vocabulary(self) -> str:
        """The hash of the domain's visual vocabulary, "" where it has none."""
        return str(getattr(getattr(self.domain, "vocabulary", None), "hash", ""))

    def has(self, key: str) -> bool:
        """Tell whether a row has a key; what is at hand first."""
        columns = names_of(self.data, self.domain) if isinstance(self.domain, Table) else ()
        return key in self.shown or key in columns or key in self.read().number

    def mark(self, key: str, because: str, scope: str, row: int | None) -> Mark:
        """Make a mark on something that is there.

        Raises
        ------
        UnknownFeature, OptionError
        """
        if not self.has(key):
            near = near_keys(key, self.read().keys)
            raise UnknownFeature(f"no training row has {key!r}" + (f" – did you mean {listed(near)}?" if near else ""))
        if scope == "everywhere" or row is None:
            if scope != "everywhere":
                raise OptionError(
                    f"scope={scope!r} needs the row on which the mark is made – row=, or s.read(row) first"
                )
            return Mark(key, scope, because, vocabulary=self.vocabulary)
        label = self.data.labels[row] if scope == "label" else None
        where = digest(self.data[row]) if scope == "instance" else None
        return Mark(key, scope, because, label, where, self.vocabulary)

    def fits(self, mark: Mark) -> bool:
        """Tell whether somebody else's mark can hold here."""
        if not self.has(mark.key) or mark.vocabulary not in {"", self.vocabulary}:
            return False
        if mark.scope == "label":
            return mark.label in self.data.labels
        return mark.scope == "everywhere" or any(digest(instance) == mark.instance for instance in self.data)

    def fitting(self, ledger: Ledger) -> tuple[list[Mark], list[str]]:
        """Sort somebody else's marks: those that can hold here, and the keys of those that cannot."""
        known = [mark for mark in ledger if self.fits(mark)]
        return known, [mark.key for mark in ledger if mark not in known]


def marks_from(given: str | PathLike[str] | dict[str, Any]) -> Ledger:
    """Read marks from a file, or from what it holds.

    Raises
    ------
    ContractError
    """
    return from_json(given if isinstance(given, dict) else _json(given))


def _json(path: str | PathLike[str]) -> Any:
    try:
        return json.loads(Path(path).read_bytes().decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise ContractError(f"{path} is no JSON: {error}") from error

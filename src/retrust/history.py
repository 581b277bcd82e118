"""What was done in a session: revisions, each with the model before and after, why, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.dropping import Drop
from retrust.errors import OptionError, listed
from retrust.journal import mark_from, mark_to
from retrust.ledger import Ledger
from retrust.measures import Grew, Turned
from retrust.penalising import Penalty
from retrust.preview import counted
from retrust.swapping import Swap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.comparison import Comparisons

CORRECTIONS: Mapping[str, Any] = {"Drop": Drop, "Swap": Swap, "Penalty": Penalty}
"""Those of the house, by name."""


@dataclass(frozen=True, eq=False, repr=False)
class Revision:
    """A model before, the model after, why, and what was measured.

    Parameters
    ----------
    number : int
        0 is the model as it was given.
    parent : int or None
        The revision from which it was trained; None for the first.
    before, after : model
        ``before`` is None for the first; both are where a session was read from its file, until ``Session.rebuild``.
    ledger : Ledger
        The marks that it was trained with.
    correction : object or None
        The name alone where it was a user's own and the session was read from its file.
    measures : dict
        "valid", "stress", "reliance", "trust", and "shifted" where there is such a set: each a dict with ``before``,
        ``after``, ``low`` and ``high`` of the difference (95 %), ``n``, ``of``.
    gained : list of Grew
        Features whose importance grew most, over the picked instances.
    turned : list of Turned
        Held-out predictions that are others now.
    comparisons : Comparisons or None
        The picked instances explained by both models on one neighbourhood each.
    name : str
    how : {"process", "thread"} or ""
        Where it was trained.
    seconds : float
        How long training took.
    """

    number: int
    parent: int | None
    before: Any
    after: Any
    ledger: Ledger
    correction: Any = None
    measures: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    gained: Sequence[Grew] = ()
    turned: Sequence[Turned] = ()
    comparisons: Comparisons | None = None
    name: str = ""
    how: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return a table for terminals."""
        why = (
            f"{self.corrected_by} of {counted(len(self.ledger), 'mark')}" if self.correction is not None else "as given"
        )
        rows = [f"  {key:<9} {_line(measure)}" for key, measure in self.measures.items()]
        grown = ", ".join(f"{each.key} {each.before:.2f} → {each.after:.2f}" for each in list(self.gained)[:5])
        last = [f"  grew most: {grown}"] if grown else []
        turned = [f"  {counted(len(self.turned), 'held-out prediction')} turned"] if self.parent is not None else []
        return "\n".join([f"revision {self.number} {self.name or why}", *rows, *last, *turned])

    __repr__ = __str__

    @property
    def corrected_by(self) -> str | None:
        """What its correction is called; None for the first."""
        known = self.correction is None or isinstance(self.correction, str)
        return self.correction if known else type(self.correction).__name__


def _line(measure: Mapping[str, Any]) -> str:
    before, after = (_said(measure[name], ".3f") for name in ("before", "after"))
    low, high = (_said(measure[name], "+.3f") for name in ("low", "high"))
    return f"{before} → {after}  [{low}, {high}]  ({measure['of']}, n = {measure['n']:,})"


def _said(value: float | None, form: str) -> str:
    return "–" if value is None or not np.isfinite(value) else format(value, form)


@dataclass(frozen=True, eq=False)
class State:
    """Where a session stands; every act makes a new one.

    Parameters
    ----------
    revisions : tuple of Revision
    ledger : Ledger
    current : int
        The revision whose model is the session's.
    past : tuple of (str, Ledger, int)
        What can be undone, the last act last: what it was, and ledger and current revision before.
    """

    revisions: tuple[Revision, ...]
    ledger: Ledger = field(default_factory=Ledger)
    current: int = 0
    past: tuple[tuple[str, Ledger, int], ...] = ()

    def after(self, act: Mapping[str, Any], revision: Revision | None = None) -> State:
        """Return the state after an act, as it is written in the session's file.

        Parameters
        ----------
        act : mapping
            ``{"act": "mark", "marks": […]}``, ``{"act": "withdraw", "keys": […]}``, ``{"act": "revision", …}``,
            ``{"act": "go", "revision": 1}``, ``{"act": "name", "revision": 1, "name": "…"}`` or ``{"act": "undo"}``.
        revision : Revision, optional
            The revision itself, with its models; else it is read from the act, without.

        Raises
        ------
        KeyError, TypeError, ValueError
            The act is none of these, or damaged.
        """
        kinds = {
            "mark": self._marked,
            "withdraw": self._withdrawn,
            "undo": self._undone,
            "go": self._gone,
            "name": self._named,
        }
        if act["act"] == "revision":
            found = revision if revision is not None else restored(act, len(self.revisions))
            self.known(found.parent)
            past = self._remember("the retraining")
            return replace(self, revisions=(*self.revisions, found), current=found.number, past=past)
        return kinds[act["act"]](act)

    def _marked(self, act: Mapping[str, Any]) -> State:
        ledger, marks = self.ledger, [mark_from(mark) for mark in act["marks"]]
        for mark in marks:
            ledger = ledger.with_mark(mark)
        past = self._remember(f"the mark on {listed([mark.key for mark in marks], most=3)}")
        return replace(self, ledger=ledger, past=past)

    def _withdrawn(self, act: Mapping[str, Any]) -> State:
        ledger = self.ledger
        for key in act["keys"]:
            ledger = ledger.without(str(key))
        return replace(self, ledger=ledger, past=self._remember(f"withdrawing {listed(act['keys'], most=3)}"))

    def _undone(self, act: Mapping[str, Any]) -> State:
        del act
        if not self.past:
            raise OptionError("there is nothing to undo")
        *past, (_, ledger, current) = self.past
        return replace(self, ledger=ledger, current=current, past=tuple(past))

    def _gone(self, act: Mapping[str, Any]) -> State:
        number = self.known(act["revision"])
        past = self._remember(f"going to revision {number}")
        return replace(self, ledger=self.revisions[number].ledger, current=number, past=past)

    def _named(self, act: Mapping[str, Any]) -> State:
        return self.with_revision(replace(self.revisions[self.known(act["revision"])], name=str(act["name"])))

    def with_revision(self, revision: Revision) -> State:
        """Return the same with one revision in another form."""
        changed = list(self.revisions)
        changed[revision.number] = revision
        return replace(self, revisions=tuple(changed))

    def known(self, revision: object) -> int:
        """Return the number of a revision.

        Raises
        ------
        OptionError
            There is none with it.
        """
        if isinstance(revision, int) and not isinstance(revision, bool) and 0 <= revision < len(self.revisions):
            return revision
        raise OptionError(f"there is no revision {revision!r}; there are 0 to {len(self.revisions) - 1}")

    def _remember(self, what: str) -> tuple[tuple[str, Ledger, int], ...]:
        return (*self.past, (what, self.ledger, self.current))


def path_to(revisions: Sequence[Revision], number: int) -> list[Revision]:
    """Return the revisions that lead to one, the first first."""
    found = [revisions[number]]
    while found[0].parent is not None:
        found.insert(0, revisions[found[0].parent])
    return found


def figures(revision: Revision) -> dict[str, Any]:
    """Write as plain JSON values what a revision came to, without its models."""
    return {
        "parent": revision.parent,
        "name": revision.name,
        "marks": [mark_to(mark) for mark in revision.ledger],
        "correction": revision.corrected_by,
        "options": _options(revision.correction),
        "measures": {name: _jsonable(measure) for name, measure in revision.measures.items()},
        "gained": [list(each) for each in revision.gained],
        "turned": [[each.row, *map(str, each[1:])] for each in revision.turned],
        "how": revision.how,
        "seconds": revision.seconds,
    }


def _options(correction: Any) -> dict[str, Any]:
    """Return the options of a correction of the house."""
    ours = type(correction) in CORRECTIONS.values() and is_dataclass(correction)
    return asdict(correction) if ours and not isinstance(correction, type) else {}


def _correction(name: str, options: Mapping[str, Any]) -> Any:
    """Make a correction of the house again; of another only the name is known."""
    return CORRECTIONS[name](**options) if name in CORRECTIONS else name


def _jsonable(measure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _jsonable(value)
        if isinstance(value, Mapping)
        else None
        if isinstance(value, float) and not np.isfinite(value)
        else value
        for name, value in measure.items()
    }


def restored(act: Mapping[str, Any], number: int) -> Revision:
    """Read what :func:`figures` wrote; the models are not in it."""
    return Revision(
        number,
        int(act["parent"]),
        None,
        None,
        Ledger(tuple(map(mark_from, act["marks"]))),
        _correction(str(act["correction"]), act["options"]),
        {str(name): dict(measure) for name, measure in act["measures"].items()},
        [Grew(str(key), float(before), float(after)) for key, before, after in act["gained"]],
        [Turned(int(row), *rest) for row, *rest in act["turned"]],
        None,
        str(act["name"]),
        str(act["how"]),
        float(act["seconds"]),
    )

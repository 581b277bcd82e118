"""Many instances on one page, one of them open: a pick, or several models side by side."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import traitlets

from retrust import contract, panels
from retrust.errors import ContractError
from retrust.export import static_html
from retrust.widgets.glass import Glass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.comparison import Comparison, Comparisons
    from retrust.contract import Json, Verb
    from retrust.explanation import Explanation
    from retrust.picking import Pick
    from retrust.session import Session


class PanelWidget(Glass):
    """A page of many instances; the open one is looked at and tried like a single explanation.

    Attributes
    ----------
    explanation : Explanation or None
        What is open.
    marks : list of dict
        What the reader does not trust, with scope and reason.
    scene, instance, picked, readings, probe, status, look, pixels, labels, backdrop
        What else the page sees, see ``docs/contract.md``.
    """

    instance = traitlets.Dict().tag(sync=True)
    picked = traitlets.Dict().tag(sync=True)

    _drawn = "instance"

    _style = "panel.css"

    def __init__(self, shown: Pick | Comparisons | Session, **traits: Any) -> None:
        self._shown: Any = shown
        self._row: int | None = None
        super().__init__(panels.bundle(traits["scene"]), self._style, **traits)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add a static picture, for readers without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0].update({"text/html": static_html(self._shown), "text/plain": str(self._shown)})
        return bundle

    def _on_open(self, verb: Verb) -> None:
        self._later(verb, methodcaller("_open", verb.fields["row"]))

    def _open(self, row: int) -> None:
        """Show another instance; the model is not asked."""
        explanation = self._at(row)
        with self._lock:
            self._row, self._aim, self._explanation = row, {}, None
            self._put({}, probe=None)
            self._show(explanation, error=None)

    @abstractmethod
    def _at(self, row: int) -> Explanation:
        """Return what is shown of an instance."""

    def _on_stop(self, _verb: Verb) -> None:
        """Take back what failed; nothing is sampled here."""
        self._put({"error": None})

    def _scene(self, explanation: Explanation) -> Json:
        return {**super()._scene(explanation), "row": self._row}

    def _able(self, explanation: Explanation) -> list[str]:
        can = ["aim"] if explanation.whole else []
        return [*self._always, *can, *super()._able(explanation)]

    def _marked(self, explanation: Explanation | None) -> list[Json]:
        return panels.marks(self._ledger, explanation, self._column_keys)

    _always: tuple[str, ...] = ("open", "mark")
    _column_keys: Sequence[str] = ()

    def _checked(self, row: int, count: int) -> int:
        if row >= count:
            raise ContractError(f"instance {row} is not in the panel, which has {count}")
        return row


class PickWidget(PanelWidget):
    """A pick on the page: which instances, what each adds, what matters to the model as a whole.

    Parameters
    ----------
    pick : Pick
        From explanations.
    """

    def __init__(self, pick: Pick) -> None:
        self._columns = panels.columns(pick)
        self._column_keys = [str(pick.keys[j]) for j in self._columns]
        self._choices: dict[tuple[str, int | None, bool], Json] = {}
        super().__init__(
            pick,
            scene=panels.pick_scene(pick, self._columns),
            picked=panels.picked(pick, _reach(pick), self._columns),
            status=contract.status(can=self._always),
            look={"off": [], "edits": {}, "top": None, "budget": min(len(pick), panels.REACH)},
        )

    _always = ("open", "pick", "mark")

    def _on_pick(self, verb: Verb) -> None:
        self._later(verb, partial(PickWidget._choose, **verb.fields))

    def _choose(self, method: Any, target: int | None, errors: bool) -> None:  # noqa: FBT001 – a field of a verb
        """Pick again, in another way or among others; what was picked before is at hand."""
        wanted = method, target, errors
        if wanted not in self._choices:
            reach = self._shown.again(panels.REACH, method, target=target, errors=errors)
            self._choices[wanted] = panels.picked(self._shown, reach, self._columns)
        self._put({"error": None}, picked=self._choices[wanted])

    def _at(self, row: int) -> Explanation:
        found: Explanation = self._shown.explanations[self._checked(row, len(self._shown.explanations))]
        return found

    def _all_keys(self, of: str) -> list[str]:
        return list(self._column_keys) if of == "pick" else super()._all_keys(of)


class PairWidget(PanelWidget):
    """Several models side by side: the same instances, the reasons of each.

    Parameters
    ----------
    comparisons : Comparisons
    """

    def __init__(self, comparisons: Comparisons) -> None:
        super().__init__(
            comparisons,
            scene=panels.pair_scene(comparisons),
            status=contract.status(can=self._always),
            look={"off": [], "edits": {}, "top": None, "blind": False},
        )
        self._open(0)

    def _at(self, row: int) -> Explanation:
        return self._first(self._shown[self._checked(row, len(self._shown))])

    @staticmethod
    def _first(both: Comparison) -> Explanation:
        return next(iter(both.values()))

    @property
    def _both(self) -> Comparison:
        found: Comparison = self._shown[self._row]
        return found

    def _readings(self, explanation: Explanation) -> list[Json]:
        return panels.readings(self._both, explanation)

    def _answers(self, off: list[int], edits: Any) -> list[Any]:
        return panels.answers(self._both, self._known(), off, edits)

    def _able(self, explanation: Explanation) -> list[str]:
        every = self._both.values()
        lacking = {"probe": not all(each.attached for each in every), "aim": not all(each.whole for each in every)}
        return [can for can in super()._able(explanation) if not lacking.get(can)]


def _reach(pick: Pick) -> Pick:
    """Pick as many as the slider reaches; the best choice of a few is no beginning of that of more."""
    return pick if pick.method == "exact" else pick.again(panels.REACH, target=pick.target, errors=pick.errors)

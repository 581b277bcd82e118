"""The loop on one page: read, mark, retrain, see what changed."""

from __future__ import annotations

import json
import weakref
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import traitlets

from retrust import contract, loop, panels
from retrust.dropping import Drop
from retrust.errors import ContractError, RetrustError
from retrust.job import Throttle
from retrust.measures import asks, reads
from retrust.swapping import Swap
from retrust.widgets.glass import Glass, failure
from retrust.widgets.panel import PanelWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from retrust.comparison import Comparison
    from retrust.contract import Json, Verb
    from retrust.explanation import Explanation
    from retrust.job import Worker
    from retrust.revising import Stage
    from retrust.session import Session

_CORRECTIONS = {"Drop": Drop, "Swap": Swap}
_BUDGET = 6


class SessionWidget(PanelWidget):
    """A session on the page.

    Parameters
    ----------
    session : Session
        What is done in a cell is seen here, and the other way round.

    Attributes
    ----------
    session : Session
    suggestions, plan, standing, changed, revisions, current, undo, ledger
        What the page sees beside what every panel has, see ``docs/contract.md``.
    """

    suggestions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    plan = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    standing = traitlets.Dict().tag(sync=True)
    changed = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    revisions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    current = traitlets.Int().tag(sync=True)
    undo = traitlets.Unicode(default_value=None, allow_none=True).tag(sync=True)
    ledger = traitlets.Dict().tag(sync=True)

    _style = "session.css"

    def __init__(self, session: Session) -> None:
        self._found: list[Any] = []
        self._read: set[int] = set()
        self._both: Comparison | None = None
        self._trust: Json = {"surrogate": None, "model": None}
        self._deaf: Callable[[], object] = lambda: None
        look: dict[str, Any] = {"off": [], "edits": {}, "top": None, "budget": _BUDGET}
        super().__init__(session, scene=loop.scene(session, session.example()), look=look)
        self.session = session
        self._put({}, changed=loop.last(session))
        self._told()
        self._deaf = weakref.finalize(self, session.subscribe(_weakly(self._heard)))
        if session.picked is None:
            self._next(contract.Verb("next", 0, {"budget": _BUDGET}))
        else:
            self._put({}, picked=loop.picked(session, self._read))
        self._later_all()

    def close(self) -> None:
        """End the widget's thread, and its views; the session goes on."""
        self._deaf()
        super().close()

    # What happened in the session, wherever it was done.

    def _heard(self, act: str) -> None:
        """Show at once what is known at once, and leave the rest to the worker."""
        if act == "pick":
            self._put({}, picked=loop.picked(self.session, self._read))
        self._told()
        if act == "words":
            self._put({}, scene=loop.scene(self.session, self.session.example()))
        if act in {"revision", "go", "undo", "rebuild", "words"}:
            self._worker.post("reopen", methodcaller("_reopen"))
        self._later_all()

    def _told(self) -> None:
        with self._lock:  # what is told last is what was done last, whichever threads act
            self._put({"can": self._now()}, **loop.state(self.session, self._explanation, self._read))
            if self._explanation is not None:
                self._put_trust(self._explanation)

    def _later_all(self) -> None:
        """Leave to the worker what may take a while; of several that wait, the latest is done."""
        for slot in ("plan", "suggest", "stand"):
            self._worker.post(slot, methodcaller("_try", slot, None, methodcaller(f"_{slot}")))

    # Verbs.

    def _on_next(self, verb: Verb) -> None:
        self._next(verb)

    def _next(self, verb: Verb) -> None:
        steps = partial(self.session.picking, verb.fields["budget"])
        self._start(verb, steps, "sampling")

    def _on_retrain(self, verb: Verb) -> None:
        correction = _correction(verb.fields["correction"])
        self._start(verb, partial(self.session.retraining, correction), "retraining", changed=None)

    def _on_stop(self, _verb: Verb) -> None:
        self._worker.stop()
        with self._lock:
            self._put({"message": "stopping" if self.status["phase"] != "idle" else "", "error": None})

    def _start(self, verb: Verb, steps: Callable[[], Any], phase: str, **traits: Any) -> None:
        with self._lock:
            if not self._worker.begin(partial(_work, self._worker, steps, verb)):
                raise RetrustError("something is under way – stop it first, or wait until it ends")
            self._put({"phase": phase, "done": 0, "of": 0, "message": "", "error": None}, **traits)
            self._put({"can": self._now()})

    def _on_mark(self, verb: Verb) -> None:
        keys = self._keys(verb.fields["features"], verb.fields.get("of", "instance"))
        self.session.mark(keys, verb.fields["because"], verb.fields["scope"], row=self._row)
        self._put({"error": None})

    def _on_withdraw(self, verb: Verb) -> None:
        self.session.withdraw(self._keys(verb.fields["features"], verb.fields.get("of", "instance")))
        self._put({"error": None})

    def _on_undo(self, _verb: Verb) -> None:
        self.session.undo()
        self._put({"error": None})

    def _on_go(self, verb: Verb) -> None:
        self.session.go(verb.fields["revision"])
        self._put({"error": None})

    def _on_name(self, verb: Verb) -> None:
        self.session.name(verb.fields["revision"], verb.fields["name"])
        self._put({"error": None})

    def _on_trust(self, verb: Verb) -> None:
        self._later(verb, SessionWidget._ask_trust)

    def _on_preview(self, verb: Verb) -> None:
        self._later(verb, methodcaller("_plan", _correction(verb.fields["correction"])))

    def _on_contrast(self, verb: Verb) -> None:
        a, b = (self.session.known(verb.fields[name]) for name in ("a", "b"))
        self._put({"error": None}, changed=loop.contrast(self.session, a, b))

    def _on_import(self, verb: Verb) -> None:
        try:
            given = json.loads(verb.fields["marks"])
        except ValueError as error:
            raise ContractError(f"the file is no JSON: {error}") from error
        left = self.session.load_marks(given if isinstance(given, dict) else {})
        said = f"no training row has {', '.join(left[:5])}" + (f" and {len(left) - 5} more" if len(left) > 5 else "")  # noqa: PLR2004
        self._put({"error": None, "message": said if left else ""})

    # Tasks, on the worker.

    def _open(self, row: int) -> None:
        """Explain a row by the model now and, after a retraining, by the one before as well."""
        self._checked(row, len(self.session.data))
        both = self.session.both(row)
        explanation = self.session.read(row) if both is None else both["after"]
        with self._lock:
            self._row, self._aim, self._explanation, self._both = row, {}, None, both
            self._read.add(row)
            self._trust = {"surrogate": self.session.trust(explanation), "model": None}
            self._put({}, probe=None, picked=loop.picked(self.session, self._read))
            self._show(explanation, error=None)

    def _reopen(self) -> None:
        """Explain what is open once more, by the model now."""
        if self._row is not None:
            self._try("open", None, partial(SessionWidget._open, row=self._row))
        self._put({}, changed=loop.last(self.session))

    def _ask_trust(self) -> None:
        explanation = self._known()
        turns = asks(explanation, self.session.marked)
        with self._lock:
            self._trust = {"surrogate": self._reads(explanation), "model": None if turns is None else not turns}
            self._put({"error": None}, instance={**self.instance, "trust": self._trust})

    def _stage(self, stage: Stage) -> None:
        """Show how far a round is, and what has been measured so far."""
        self._put({"done": stage.done, "of": stage.of, "message": stage.message})
        if stage.found:
            parent = self.session.current
            number = len(self.session.revisions)
            self._put({}, changed=loop.growing(number, parent, None, stage.found))

    def _compared(self, both: Comparison) -> None:
        """Show the open instance by both models, as soon as the new one is there."""
        with self._lock:
            self._both, self._explanation = both, None
            self._show(both["after"])

    def _end(self, failed: Json | None) -> None:
        with self._lock:
            self._put({"phase": "idle", "message": "", "done": 0, "of": 0, "error": failed or self.status["error"]})
            unfinished = {} if (self.changed or {}).get("complete") else {"changed": loop.last(self.session)}
            self._put({"can": self._now()}, **unfinished)

    def _plan(self, correction: Any = None) -> None:
        self._put({}, plan=loop.plan(self.session, correction))

    def _suggest(self) -> None:
        self._found = self.session.suggest()
        self._put({}, suggestions=loop.suggestions(self._found))

    def _stand(self) -> None:
        self._put({}, standing=loop.standing(self.session.standing()))

    # State.

    def _at(self, row: int) -> Explanation:
        return self.session.read(row)

    def _scene(self, explanation: Explanation) -> Json:
        known = {} if self._row is None else loop.called(self.session, self._row)
        return {**super()._scene(explanation), **known, "trust": self._trust}

    def _readings(self, explanation: Explanation) -> list[Json]:
        if self._both is None:
            return super()._readings(explanation)
        return panels.readings(self._both, explanation)

    def _answers(self, off: list[int], edits: Any) -> list[Any]:
        if self._both is None:
            return super()._answers(off, edits)
        return panels.answers(self._both, self._known(), off, edits)

    def _turn(self, target: int, n_features: int) -> None:
        self._aim = {"target": target, "n_features": n_features}
        super()._turn(target, n_features)

    def _able(self, explanation: Explanation) -> list[str]:
        del explanation
        return self._now()

    def _now(self) -> list[str]:
        """List what can be done now."""
        busy = self.status.get("phase", "idle") != "idle"
        session = self.session
        can = ["open", "mark"] + (["aim", "probe"] if self._explanation is not None else [])
        idle = ["next"] + (["retrain"] if len(session.ledger) else []) + (["go"] if len(session.revisions) > 1 else [])
        return [*can, *(["stop"] if busy else idle), *(["undo"] if session.undoes else [])]

    def _marked(self, explanation: Explanation | None) -> list[Json]:
        return panels.marks(self.session.ledger, explanation, [])

    def _put_trust(self, explanation: Explanation) -> None:
        self._trust = {"surrogate": self._reads(explanation), "model": None}
        self._put({}, instance={**self.instance, "trust": self._trust})

    def _reads(self, explanation: Explanation) -> bool | None:
        turns = reads(explanation, self.session.marked)
        return None if turns is None else not turns

    def _all_keys(self, of: str) -> list[str]:
        if of == "suggestions":
            return [each.feature.key for each in self._found]
        if of == "gained":
            return [each["name"] for each in (self.changed or {}).get("gained", [])]
        if of == "marks":
            return [mark.key for mark in self.session.ledger]
        return super()._all_keys(of)


def _weakly(heard: Callable[[str], None]) -> Callable[[str], None]:
    """Call a method as long as its object lives, and do not keep it alive."""
    weak = weakref.WeakMethod(heard)

    def call(act: str) -> None:
        method = weak()
        if method is not None:
            method(act)

    return call


def _correction(name: str | None) -> Any:
    if name is None:
        return None
    if name not in _CORRECTIONS:
        raise ContractError(f"unknown correction: {name!r}; expected Drop or Swap")
    return _CORRECTIONS[name]()


def _work(worker: Worker[Glass], steps: Callable[[], Iterable[Stage]], verb: Verb) -> Callable[[Glass], None]:
    """Go through a long act step by step; between its steps everything else is done, and a stop is heard."""
    told, failed, under = Throttle(), None, None
    try:
        under = steps()
        for stage in under:
            if stage.comparison is not None:
                worker.tell(methodcaller("_compared", stage.comparison))
            if stage.found or told():
                worker.tell(methodcaller("_stage", stage))
            if not worker.breathe():
                break
    except BaseException as error:  # noqa: BLE001 - a trainer may raise anything, and the page is told
        failed = failure(verb.verb, verb.id, error)
    finally:
        if under is not None:
            under.close()  # type: ignore[attr-defined]
    return methodcaller("_end", failed)

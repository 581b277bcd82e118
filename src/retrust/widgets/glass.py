"""What every live view has: traits that come down, verbs that go up, one explanation to look at and to try.

``docs/contract.md`` says what crosses. Handlers may run on any thread, the worker is another: whoever writes a trait
holds the state lock, and nobody holds it while a model is asked.
"""

from __future__ import annotations

import threading
from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from retrust import contract, encoding
from retrust.errors import ContractError, RetrustError
from retrust.export import asset
from retrust.job import Worker
from retrust.ledger import Ledger, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from retrust.contract import Json, Verb
    from retrust.explanation import Explanation

    Task = Callable[["Glass"], None]

_LONGEST = 2000  # characters of an error's message


class Glass(anywidget.AnyWidget):
    """One explanation behind glass: toggle, ask the model, mark.

    Parameters
    ----------
    bundle, style : str
        Built files of the page.
    traits : optional
        First values.

    Raises
    ------
    RetrustError
        Where the page has not been built.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    scene = traitlets.Dict().tag(sync=True)
    readings: traitlets.List[Any] = traitlets.List().tag(sync=True)
    marks: traitlets.List[Any] = traitlets.List().tag(sync=True)
    probe = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    status = traitlets.Dict().tag(sync=True)
    look = traitlets.Dict().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    backdrop = traitlets.Bytes().tag(sync=True)

    _drawn = "scene"  # the trait that holds the explanation's scene
    _nothing = "no instance is open – open one first"
    _pages = frozenset({"look"})  # traits that the page writes

    def __init__(self, bundle: str, style: str, **traits: Any) -> None:
        self._worker = Worker(self)
        self._lock = threading.RLock()
        self._ledger = Ledger()
        self._aim: dict[str, Any] = {}
        self._explanation: Explanation | None = None
        look: dict[str, Any] = {"off": [], "edits": {}, "top": None}
        first = {"status": contract.status(), "look": look, **traits}
        super().__init__(_esm=asset(bundle), _css=asset(style), **first)
        self.on_msg(Glass._hear)

    @property
    def explanation(self) -> Explanation | None:
        """What is shown now, as the reader last aimed it; None while there is nothing to show."""
        return self._explanation

    def close(self) -> None:
        """End the widget's thread, and its views; one that could not be made has none."""
        if not hasattr(self, "_worker"):
            return
        self._worker.close()
        with self._lock:
            super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page writes, never in the middle of what Python writes, which the page cannot."""
        ours = set(type(self).class_trait_names(sync=True)) - self._pages - _HOSTS
        with self._lock:
            super().set_state({name: value for name, value in sync_data.items() if name not in ours})

    # Verbs, on whatever thread the host calls: each acts at once, or leaves slow work to the worker.

    def _hear(self, message: Any, buffers: Any) -> None:
        asked = message if isinstance(message, dict) else {}
        obey = partial(Glass._obey, message=message, buffers=buffers)
        self._try(str(asked.get("verb", "")), asked.get("id"), obey)

    def _obey(self, message: Any, buffers: Any) -> None:
        verb = contract.parse_verb(message, buffers or ())
        obey: Callable[[Verb], None] | None = getattr(self, f"_on_{verb.verb}", None)
        if obey is None:
            raise ContractError(f"this view has no {verb.verb}")
        obey(verb)

    def _on_hello(self, _verb: Verb) -> None:
        """Do nothing: some kernels lose the first message of a page that was reloaded, so let it be this one."""

    def _on_aim(self, verb: Verb) -> None:
        self._later(verb, partial(Glass._turn, **verb.fields))

    def _on_probe(self, verb: Verb) -> None:
        self._later(verb, partial(Glass._ask, **verb.fields, ident=verb.id))

    def _on_mark(self, verb: Verb) -> None:
        with self._lock:
            for key in self._keys(**_among(verb)):
                self._ledger = self._ledger.with_mark(Mark(key, verb.fields["scope"], verb.fields["because"]))
            self._put_marks()

    def _on_withdraw(self, verb: Verb) -> None:
        with self._lock:
            for key in self._keys(**_among(verb)):
                self._ledger = self._ledger.without(key)
            self._put_marks()

    def _later(self, verb: Verb, task: Task) -> None:
        """Leave a task to the worker; of several with the same verb that wait, the latest is done."""
        self._worker.post(verb.verb, methodcaller("_try", verb.verb, verb.id, task))

    # Tasks, on the worker.

    def _turn(self, target: int, n_features: int) -> None:
        """Read the neighbourhood again for another class, or with another number of features."""
        self._show(self._known().read(target, n_features=n_features), error=None)
        self._aim = {"target": target, "n_features": n_features}

    def _ask(self, off: list[int], edits: dict[int, str], painted: bytes | None, ident: int) -> None:
        """Ask the model about the reader's own mask."""
        draws = self._answers(off, edits if painted is None else encoding.decoded(painted))
        self._put({"error": None}, probe=contract.probe(off, edits, draws, painted=None if painted is None else ident))

    # State.

    def _answers(self, off: list[int], edits: Any) -> list[Any]:
        """Ask each model that is shown: its answers (n, k), one for each draw."""
        return [self._known().draws(off, edits)]

    def _show(self, explanation: Explanation, **status: Any) -> None:
        drawn: dict[str, Any] = {}
        if self._explanation is None or self._explanation.representation is not explanation.representation:
            drawn = {self._drawn: self._scene(explanation), **contract.pictures(explanation)}
        readings = self._readings(explanation)
        with self._lock:
            self._explanation = explanation
            if drawn:
                drawn["marks"] = self._marked(explanation)
            self._put({"can": self._able(explanation), **status}, **drawn, readings=readings)

    def _scene(self, explanation: Explanation) -> Json:
        return contract.scene(explanation)

    def _readings(self, explanation: Explanation) -> list[Json]:
        return [contract.reading(explanation)]

    def _able(self, explanation: Explanation) -> list[str]:
        """List what can still be done with an explanation."""
        return ["probe"] if explanation.attached else []

    def _marked(self, explanation: Explanation | None) -> list[Json]:
        return contract.marks(self._ledger, explanation) if explanation else []

    def _put_marks(self) -> None:
        self._put({"error": None}, marks=self._marked(self._explanation))

    def _put(self, status: Json, **traits: Any) -> None:
        """Write traits and parts of the status, in one message."""
        with self._lock, self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)
            self.status = contract.status(**{**self.status, **status})

    def _try(self, verb: str, ident: Any, task: Task) -> None:
        """Do it; where it fails, say so on the page."""
        try:
            task(self)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not vanish
            self._put({"error": failure(verb, ident, error)})

    def _known(self) -> Explanation:
        if self._explanation is None:
            raise RetrustError(self._nothing)
        return self._explanation

    def _keys(self, features: Iterable[int], of: str = "instance") -> list[str]:
        """Return the keys of features, each once."""
        known = self._all_keys(of)
        unknown = [feature for feature in features if feature not in range(len(known))]
        if unknown:
            raise ContractError(f"feature {unknown[0]} is not in the scene, which has {len(known)} features")
        return list(dict.fromkeys(known[feature] for feature in features))

    def _all_keys(self, of: str) -> list[str]:
        """Return the keys of all features of the explanation."""
        if of != "instance":
            raise ContractError(f"this view has no {of}")
        return [feature.key for feature in self._known().features]


_HOSTS = frozenset(anywidget.AnyWidget.class_trait_names(sync=True))


def _among(verb: Verb) -> Json:
    return {name: verb.fields[name] for name in ("features", "of") if name in verb.fields}


def failure(verb: str, ident: Any, error: BaseException) -> Json:
    """Say on the page which verb failed, and why."""
    text = str(error) if isinstance(error, RetrustError) else f"{type(error).__name__}: {error}"
    return {"verb": verb, "id": ident, "message": text[:_LONGEST]}

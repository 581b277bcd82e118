"""An explanation as a live widget: state comes down as traits, verbs go up as messages.

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
from retrust.explanation import Explanation
from retrust.export import asset, static_html
from retrust.job import Pace, Throttle, Worker
from retrust.ledger import Ledger, Mark
from retrust.stream import more, rejoined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from retrust.contract import Json, Verb
    from retrust.stream import Stream

    Task = Callable[["ExplanationWidget"], None]

_START = contract.Verb("sample", 0, {})  # to the page, a stream that a cell began
_WRITTEN = {
    "_esm",
    "_css",
    "scene",
    "pixels",
    "labels",
    "backdrop",
    "readings",
    "marks",
    "probe",
    "status",
}  # by Python alone
_LONGEST = 2000  # characters of an error's message


class ExplanationWidget(anywidget.AnyWidget):
    """One explanation on the page: look, toggle, ask the model, mark, sample more.

    Parameters
    ----------
    shown : Explanation or Stream
        A stream is drawn while it samples, by a thread of the widget's own.

    Attributes
    ----------
    explanation : Explanation or None
        What is shown now, as the reader last aimed it; None while a stream has not answered.
    marks : list of dict
        What the reader does not trust, with scope and reason.
    scene, pixels, labels, backdrop, readings, probe, status, look
        What else the page sees, see ``docs/contract.md``.

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

    def __init__(self, shown: Explanation | Stream) -> None:
        self._worker = Worker(self)
        self._lock = threading.RLock()
        self._ledger = Ledger()
        self._aim: dict[str, Any] = {}
        self._explanation: Explanation | None = None
        look: dict[str, Any] = {"off": [], "edits": {}, "top": None}
        bundle = asset(f"{'image' if _kind(shown) == 'image' else 'widget'}.js")
        super().__init__(_esm=bundle, _css=asset("widget.css"), status=contract.status(), look=look)
        self.on_msg(ExplanationWidget._hear)
        if isinstance(shown, Explanation):
            self._show(shown)
        else:
            self._begin(shown, _START)

    @property
    def explanation(self) -> Explanation | None:
        """What is shown now, as the reader last aimed it; None while a stream has not answered."""
        return self._explanation

    def close(self) -> None:
        """End the widget's thread, and its views."""
        self._worker.close()
        with self._lock:
            super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page writes, never in the middle of what Python writes, which the page cannot."""
        with self._lock:
            super().set_state({name: value for name, value in sync_data.items() if name not in _WRITTEN})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add a static picture, for readers without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None and self._explanation is not None:
            bundle[0].update({"text/html": static_html(self._explanation), "text/plain": str(self._explanation)})
        return bundle

    # Verbs, on whatever thread the host calls: each acts at once, or leaves slow work to the worker.

    def _hear(self, message: Any, buffers: Any) -> None:
        asked = message if isinstance(message, dict) else {}
        obey = partial(ExplanationWidget._obey, message=message, buffers=buffers)
        self._try(str(asked.get("verb", "")), asked.get("id"), obey)

    def _obey(self, message: Any, buffers: Any) -> None:
        verb = contract.parse_verb(message, buffers or ())
        obey: Callable[[Verb], None] = getattr(self, f"_on_{verb.verb}")
        obey(verb)

    def _on_hello(self, _verb: Verb) -> None:
        """Do nothing: some kernels lose the first message of a page that was reloaded, so let it be this one."""

    def _on_aim(self, verb: Verb) -> None:
        self._later(verb, partial(ExplanationWidget._turn, **verb.fields))

    def _on_probe(self, verb: Verb) -> None:
        self._later(verb, partial(ExplanationWidget._ask, **verb.fields, ident=verb.id))

    def _on_sample(self, verb: Verb) -> None:
        explanation = self._known()
        self._begin(more(explanation, verb.fields["n"]), verb, done=explanation.n_samples)

    def _on_reshape(self, verb: Verb) -> None:
        """Cut and join superpixels, and sample: on from what is known where nothing was joined, else from the start."""
        explanation = self._known()
        fresh = rejoined(explanation, verb.fields["merge"])
        stream = more(explanation.split(verb.fields["split"]), explanation.n_samples) if fresh is None else fresh
        self._begin(stream, verb, done=0 if fresh else explanation.n_samples)

    def _on_stop(self, _verb: Verb) -> None:
        self._worker.stop()
        with self._lock:
            sampling = self.status["phase"] == "sampling"
            self._put({"message": "stopping" if sampling else "", "error": None})

    def _on_mark(self, verb: Verb) -> None:
        with self._lock:
            for key in self._keys(verb.fields["features"]):
                self._ledger = self._ledger.with_mark(Mark(key, verb.fields["scope"], verb.fields["because"]))
            self._put_marks()

    def _on_withdraw(self, verb: Verb) -> None:
        with self._lock:
            for key in self._keys(verb.fields["features"]):
                self._ledger = self._ledger.without(key)
            self._put_marks()

    def _later(self, verb: Verb, task: Task) -> None:
        """Leave a task to the worker; of several with the same verb that wait, the latest is done."""
        self._worker.post(verb.verb, methodcaller("_try", verb.verb, verb.id, task))

    def _begin(self, stream: Stream, verb: Verb, done: int = 0) -> None:
        """Let the worker sample."""
        with self._lock:
            if not self._worker.begin(partial(_sample, self._worker, stream, verb)):
                raise RetrustError("sampling is under way – stop it first, or wait until it ends")
            self._put({"phase": "sampling", "done": done, "of": stream.total, "message": "", "error": None})

    # Tasks, on the worker.

    def _turn(self, target: int, n_features: int) -> None:
        """Read the neighbourhood again for another class, or with another number of features."""
        self._show(self._known().read(target, n_features=n_features), error=None)
        self._aim = {"target": target, "n_features": n_features}

    def _ask(self, off: list[int], edits: dict[int, str], painted: bytes | None, ident: int) -> None:
        """Ask the model about the reader's own mask."""
        outputs = self._known().probe(off, edits if painted is None else encoding.decoded(painted))
        self._put(
            {"error": None}, probe=contract.probe(off, edits, [outputs], painted=None if painted is None else ident)
        )

    def _grow(self, explanation: Explanation) -> None:
        """Show what is known by now."""
        self._show(self._aimed(explanation))

    def _end(self, verb: Verb, explanation: Explanation | None, failure: Json | None) -> None:
        """Show what was sampled at last, and what went wrong, if anything; another verb's error stays."""
        done = self.status["done"]
        if explanation is not None:
            self._try(verb.verb, verb.id, partial(ExplanationWidget._grow, explanation=explanation))
            done = explanation.n_samples
        with self._lock:
            self._put({"phase": "idle", "done": done, "message": "", "error": failure or self.status["error"]})

    def _aimed(self, explanation: Explanation) -> Explanation:
        """Read an explanation as the reader last chose."""
        return explanation.read(**self._aim) if self._aim else explanation

    # State.

    def _show(self, explanation: Explanation, **status: Any) -> None:
        drawn: dict[str, Any] = {}
        if self._explanation is None or self._explanation.representation is not explanation.representation:
            marks = contract.marks(self._ledger, explanation)
            drawn = {"scene": contract.scene(explanation), "marks": marks, **contract.pictures(explanation)}
        reading = contract.reading(explanation)
        can = ["probe", "sample"] if explanation.attached else []
        with self._lock:
            self._explanation = explanation
            self._put({"can": can, **status}, **drawn, readings=[reading])

    def _put_marks(self) -> None:
        self._put({"error": None}, marks=contract.marks(self._ledger, self._known()))

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
            self._put({"error": _failure(verb, ident, error)})

    def _known(self) -> Explanation:
        if self._explanation is None:
            raise RetrustError("the model has not answered yet – wait for the first explanation")
        return self._explanation

    def _keys(self, features: Iterable[int]) -> list[str]:
        """Return the keys of features, each once."""
        known = self._known().features
        unknown = [feature for feature in features if feature not in range(len(known))]
        if unknown:
            raise ContractError(f"feature {unknown[0]} is not in the scene, which has {len(known)} features")
        return list(dict.fromkeys(known[feature].key for feature in features))


def _kind(shown: Explanation | Stream) -> str:
    return str(getattr(shown.representation, "kind", "parts"))


def _sample(worker: Worker[ExplanationWidget], stream: Stream, verb: Verb) -> Task:
    """Draw a stream to its end, or until it is stopped; nothing here keeps the widget alive."""
    report, draw = Throttle(), Throttle()

    def between(done: int, of: int) -> bool:
        if report():
            worker.tell(methodcaller("_put", {"done": done, "of": of}))
        return worker.breathe()

    stream.pace = pace = Pace(between)
    last, failure = None, None
    try:
        for last in stream:
            pace.rest()
            if draw():
                worker.tell(methodcaller("_grow", last))
    except BaseException as error:  # noqa: BLE001 - a model may raise anything, and the page is told
        last, failure = getattr(error, "partial", None) or last, _failure(verb.verb, verb.id, error)
    return methodcaller("_end", verb, last, failure)


def _failure(verb: str, ident: Any, error: BaseException) -> Json:
    """Say on the page which verb failed, and why."""
    text = str(error) if isinstance(error, RetrustError) else f"{type(error).__name__}: {error}"
    return {"verb": verb, "id": ident, "message": text[:_LONGEST]}

"""An explanation as a live widget: look, toggle, ask the model, mark, sample more."""

from __future__ import annotations

from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any

import traitlets

from retrust import contract
from retrust.errors import RetrustError
from retrust.explanation import Explanation
from retrust.export import static_html
from retrust.job import Pace, Throttle, Worker
from retrust.stream import more, rejoined
from retrust.study import study
from retrust.widgets.glass import Glass, failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrust.contract import Json, Verb
    from retrust.stream import Stream

_BUNDLES = {"image": "image.js", "table": "table.js"}
_START = contract.Verb("sample", 0, {})  # to the page, a stream that a cell began


class ExplanationWidget(Glass):
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

    study = traitlets.Dict().tag(sync=True)

    _nothing = "the model has not answered yet – wait for the first explanation"

    def __init__(self, shown: Explanation | Stream) -> None:
        kind = contract.kind(shown.representation)
        super().__init__(_BUNDLES.get(kind, "widget.js"), "table.css" if kind == "table" else "widget.css")
        if isinstance(shown, Explanation):
            self._show(shown)
        else:
            self._begin(shown, _START)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add a static picture, for readers without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None and self._explanation is not None:
            bundle[0].update({"text/html": static_html(self._explanation), "text/plain": str(self._explanation)})
        return bundle

    def _on_study(self, verb: Verb) -> None:
        self._later(verb, methodcaller("_open_up"))

    def _open_up(self) -> None:
        """Lay the explanation open on the page."""
        found = study(self._known())
        self._put({"error": None}, study=found)

    def _show(self, explanation: Explanation, **status: Any) -> None:
        if self.study:
            self.study = {}  # it spoke of what was shown before
        super()._show(explanation, **status)

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

    def _begin(self, stream: Stream, verb: Verb, done: int = 0) -> None:
        """Let the worker sample."""
        with self._lock:
            if not self._worker.begin(partial(_sample, self._worker, stream, verb)):
                raise RetrustError("sampling is under way – stop it first, or wait until it ends")
            self._put({"phase": "sampling", "done": done, "of": stream.total, "message": "", "error": None})

    def _grow(self, explanation: Explanation) -> None:
        """Show what is known by now, read as the reader last chose."""
        self._show(explanation.read(**self._aim) if self._aim else explanation)

    def _end(self, verb: Verb, explanation: Explanation | None, failed: Json | None) -> None:
        """Show what was sampled at last, and what went wrong, if anything; another verb's error stays."""
        done = self.status["done"]
        if explanation is not None:
            self._try(verb.verb, verb.id, methodcaller("_grow", explanation))
            done = explanation.n_samples
        with self._lock:
            self._put({"phase": "idle", "done": done, "message": "", "error": failed or self.status["error"]})

    def _able(self, explanation: Explanation) -> list[str]:
        more = ["probe", *["sample"] * (not explanation.exact)] if explanation.attached else []
        return ["aim", "study", *more] if explanation.whole else more


def _sample(worker: Worker[Glass], stream: Stream, verb: Verb) -> Callable[[Glass], None]:
    """Draw a stream to its end, or until it is stopped; nothing here keeps the widget alive."""
    report, draw = Throttle(), Throttle()

    def between(done: int, of: int) -> bool:
        if report():
            worker.tell(methodcaller("_put", {"done": done, "of": of}))
        return worker.breathe()

    stream.pace = pace = Pace(between)
    last, failed = None, None
    try:
        for last in stream:
            pace.rest()
            if draw():
                worker.tell(methodcaller("_grow", last))
    except BaseException as error:  # noqa: BLE001 - a model may raise anything, and the page is told
        last, failed = getattr(error, "partial", None) or last, failure(verb.verb, verb.id, error)
    return methodcaller("_end", verb, last, failed)

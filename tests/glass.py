"""A notebook in ten lines: what stands between a widget and its page, and a model that can be held."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import retrust as rt
from retrust import export
from retrust.widgets import ExplanationWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

TEXT = "a good day, and not a bad one"
GOOD, DAY, BAD = 1, 2, 5
ELEVEN = "one two three four five six seven eight nine ten eleven"


class Glass:
    """A comm that keeps what comes down, and hands up what the page says."""

    def __init__(self, *, data: dict[str, Any], **_more: Any) -> None:
        self.comm_id = f"glass-{id(self)}"
        self.opened: dict[str, Any] = data["state"]
        self.down: list[dict[str, Any]] = []

    def send(self, data: dict[str, Any], **_more: Any) -> None:
        self.down.append(json.loads(json.dumps(data, allow_nan=False)))

    def on_msg(self, hear: Callable[[dict[str, Any]], None]) -> None:
        self._hear = hear

    def close(self, *_args: Any, **_more: Any) -> None:
        """End; nobody listens."""

    def say(self, verb: object, ident: object = 1, **fields: Any) -> None:
        """Send a verb, as the page does."""
        self.raw({"verb": verb, "id": ident, **fields})

    def raw(self, content: object, *buffers: bytes) -> None:
        self._hear({"content": {"data": {"method": "custom", "content": content}}, "buffers": list(buffers)})

    def write(self, **state: Any) -> None:
        """Write a trait, as the page does."""
        self._hear({"content": {"data": {"method": "update", "state": state}}, "buffers": []})

    def values(self, trait: str) -> list[Any]:
        """Return all values of a trait that came down, in order."""
        return [data["state"][trait] for data in self.down if trait in data.get("state", {})]


class Model:
    """A model linear in three words, which can be held in the middle of a call and counts who is inside."""

    def __init__(self) -> None:
        self.calls = self.inside = self.most = 0
        self.open = threading.Event()
        self.open.set()
        self.before: Callable[[int], object] = lambda _call: None

    def __call__(self, texts: Sequence[str]) -> Any:
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            self.before(self.calls)
            assert self.open.wait(20)
            share = np.array([0.2 + 0.5 * ("good" in t) + 0.2 * ("day" in t) - 0.1 * ("bad" in t) for t in texts])
            return np.column_stack([1 - share, share])
        finally:
            self.inside -= 1


class Desk:
    """Makes widgets for one test."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.made: list[ExplanationWidget] = []

    def show(self, shown: Any = None) -> tuple[ExplanationWidget, Glass]:
        """Make a widget, of an explanation unless something else is given, and return it with its glass."""
        widget = ExplanationWidget(self.explained() if shown is None else shown)
        self.made.append(widget)
        assert isinstance(widget.comm, Glass)
        return widget, widget.comm

    def explained(self, n: int = 300) -> rt.Explanation:
        return rt.Explainer(self.model, rt.Text()).explain(TEXT, target=1, n_samples=n)

    def streamed(self, n: int = 1000, text: str = TEXT) -> rt.Stream:
        return rt.Explainer(self.model, rt.Text()).stream(text, target=1, n_samples=n)

    def held(self) -> tuple[ExplanationWidget, Glass]:
        """Show a stream whose model is held in the middle of a call, after it has given some answers."""
        stream = self.streamed(text=f"{TEXT} {ELEVEN}")
        reached = threading.Event()

        def hold(_call: int) -> None:
            if stream._count and not reached.is_set():
                self.model.open.clear()
                reached.set()

        self.model.before = hold
        widget, page = self.show(stream)
        assert reached.wait(20)
        until(lambda: widget.readings)
        return widget, page

    def end(self) -> None:
        self.model.open.set()
        for widget in self.made:
            thread = widget._worker.thread
            widget.close()
            if thread is not None:
                thread.join(20)
                assert not thread.is_alive()
        self.made.clear()


def until(true: Callable[[], object]) -> None:
    """Wait for something that must become true."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.002)


def idle(widget: ExplanationWidget) -> bool:
    return bool(widget.status["phase"] == "idle")


def raising(message: str, error: type[BaseException] = ValueError, after: int = 0) -> Callable[[int], None]:
    """Return what makes a model raise from a call on."""

    def fail(call: int) -> None:
        if call > after:
            raise error(message)

    return fail


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the built page, and for the notebook."""
    names = ("widget.js", "widget.css", "page.js", "image.js", "page-image.js")
    rows = ("table.js", "page-table.js", "table.css")
    panels = ("pick.js", "pair.js", "panel.css", "page-pick.js", "page-pair.js")
    sessions = ("session.js", "session-image.js", "session.css", "page-session.js", "page-session-image.js")
    tables = ("pick-table.js", "session-table.js", "page-pick-table.js", "page-session-table.js")
    for name in (*names, *rows, *panels, *sessions, *tables):
        (tmp_path / name).write_text(f"/* {name} */")
    monkeypatch.setattr(export, "_STATIC", tmp_path)
    monkeypatch.setattr("comm.create_comm", Glass)
    return tmp_path


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def desk(model: Model, bundle: Path) -> Iterator[Desk]:
    assert bundle
    desk = Desk(model)
    yield desk
    desk.end()

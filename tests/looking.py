"""A session behind glass, for tests: shown, opened, marked, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from glass import Glass, until

import retrust as rt
from retrust.widgets import SessionWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Show = Callable[..., tuple[SessionWidget, Glass]]


def idle(widget: SessionWidget) -> bool:
    """Tell whether nothing is under way, and nothing waits."""
    return widget.status["phase"] == "idle" and not widget._worker._quick and widget._worker._long is None


def ended(widget: SessionWidget) -> None:
    thread = widget._worker.thread
    widget.close()
    if thread is not None:
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def show(bundle: object) -> Iterator[Show]:
    assert bundle
    made: list[SessionWidget] = []

    def view(session: rt.Session, *, wait: bool = True) -> tuple[SessionWidget, Glass]:
        widget = rt.view(session)
        assert isinstance(widget, SessionWidget)
        made.append(widget)
        assert isinstance(widget.comm, Glass)
        if wait:
            until(lambda: widget.picked and idle(widget))
        return widget, widget.comm

    yield view
    for widget in made:
        ended(widget)


def opened(widget: SessionWidget, page: Glass, row: int) -> list[str]:
    """Open a row and return its features' names."""
    page.say("open", row=row)
    until(lambda: widget.instance.get("row") == row)
    return [feature["name"] for feature in widget.instance["features"]]


def mark(page: Glass, *features: int, scope: str = "everywhere", because: str = "", **more: Any) -> None:
    page.say("mark", features=list(features), scope=scope, because=because, **more)


def failed(widget: SessionWidget) -> dict[str, Any]:
    until(lambda: widget.status["error"])
    error: dict[str, Any] = widget.status["error"]
    return error

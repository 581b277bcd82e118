"""Panels behind glass: a model whose answers are known, texts, and how to show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from glass import Glass, until

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrust.widgets.glass import Glass as Shown

    Show = Callable[[Any], tuple[Any, Glass]]

TEXTS = ["good day", "a bad day", "good good film", "a bad film, good end"]


class Model:
    """A classifier with classes in an order of its own; "good" speaks for yes, "bad" against it."""

    def __init__(self, *classes: str, power: float = 0.4) -> None:
        self.classes_, self.power, self.calls = np.array(classes), power, 0

    def predict_proba(self, texts: Sequence[str]) -> Any:
        self.calls += 1
        yes = np.array([0.5 + self.power * (("good" in t) - ("bad" in t)) + 0.05 * ("day" in t) for t in texts])
        return np.column_stack([yes if name == "yes" else 1 - yes for name in self.classes_])


@pytest.fixture
def show(bundle: object) -> Iterator[Show]:
    assert bundle
    made: list[Shown] = []

    def make(thing: Any) -> tuple[Shown, Glass]:
        widget = rt.view(thing)
        made.append(widget)
        assert isinstance(widget.comm, Glass)
        return widget, widget.comm

    yield make
    for widget in made:
        thread = widget._worker.thread
        widget.close()
        if thread is not None:
            thread.join(20)
            assert not thread.is_alive()


def explain(model: Model, *texts: str) -> list[rt.Explanation]:
    explainer = rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(3))
    return [explainer.explain(text, n_samples=100) for text in texts or TEXTS]


def failed(widget: Any) -> dict[str, Any]:
    """Wait for an error, and return it."""
    until(lambda: widget.status["error"])
    error: dict[str, Any] = widget.status["error"]
    return error

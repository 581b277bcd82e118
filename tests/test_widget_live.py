"""The widget while its stream samples: drawing, stopping, threads."""

from __future__ import annotations

import gc
import threading
import time
import warnings
import weakref
from functools import partial
from typing import TYPE_CHECKING

import glass
import numpy as np
import pytest
from glass import ELEVEN, GOOD, TEXT, Desk, Model, idle, until
from ipywidgets.widgets.widget import _instances

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable

bundle, desk, model = glass.bundle, glass.desk, glass.model  # pytest looks for fixtures here


# A stream


def test_a_stream_is_drawn_as_it_grows_and_ends_like_the_explanation(desk: Desk) -> None:
    widget, page = desk.show(desk.streamed())
    until(lambda: idle(widget))
    assert page.values("status")[0]["phase"] == "sampling"
    assert page.values("status")[-1] == {
        "phase": "idle", "done": 1000, "of": 1000, "message": "", "error": None,
        "can": ["aim", "study", "probe", "sample"],
    }  # fmt: skip
    assert len(page.values("scene")) == 1
    whole = Desk(Model()).explained(1000)
    assert widget.readings[0]["weights"] == [
        [i, pytest.approx(whole.coefficients[i], abs=1e-9), pytest.approx(whole.stderr[i], abs=1e-9)]
        for i in whole.fit.selected
    ]


def test_a_slow_streams_readings_come_down_one_after_another(desk: Desk, model: Model) -> None:
    model.before = lambda _call: time.sleep(0.03)
    widget, page = desk.show(desk.streamed(600, ELEVEN))
    until(lambda: idle(widget))
    counts = [reading["n_samples"] for (reading,) in page.values("readings")]
    assert counts == sorted(set(counts))
    assert len(counts) > 1
    assert counts[-1] == 600


def test_a_stream_that_has_not_answered_has_no_scene_and_obeys_nothing_yet(desk: Desk, model: Model) -> None:
    model.open.clear()
    widget, page = desk.show(desk.streamed())
    assert (widget.scene, widget.readings, widget.explanation) == ({}, [], None)
    page.say("mark", 4, features=[0], scope="everywhere", because="")
    assert widget.status["error"]["id"] == 4
    assert "not answered yet" in widget.status["error"]["message"]


def test_stop_keeps_what_was_sampled(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("stop")
    model.open.set()
    until(lambda: idle(widget))
    (reading,) = widget.readings
    assert reading["partial"] == "stopped"
    assert 1 < reading["n_samples"] < 1000
    assert widget.explanation is not None
    assert widget.explanation.n_samples == reading["n_samples"]


def test_stop_is_acknowledged_while_the_model_is_being_asked_and_it_is_asked_no_more(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    calls = model.calls
    page.say("stop")
    assert (widget.status["phase"], widget.status["message"]) == ("sampling", "stopping")
    model.open.set()
    until(lambda: idle(widget))
    assert widget.status["message"] == ""
    assert model.calls == calls


def test_stop_before_the_first_answer_ends_too(desk: Desk, model: Model) -> None:
    model.open.clear()
    widget, page = desk.show(desk.streamed())
    until(lambda: model.inside)
    page.say("stop")
    model.open.set()
    until(lambda: idle(widget))
    assert widget.status["error"] is None


def test_stop_when_nothing_is_sampled_is_no_error(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("stop")
    assert (widget.status["phase"], widget.status["message"], widget.status["error"]) == ("idle", "", None)


def test_more_can_be_sampled(desk: Desk) -> None:
    widget, page = desk.show(desk.explained(300))
    page.say("sample", n=200)
    until(lambda: idle(widget) and widget.readings[0]["n_samples"] == 500)
    assert widget.status["done"] == widget.status["of"] == 500


def test_a_second_sampling_waits_for_nothing_and_says_so(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("sample", 5, n=100)
    assert "under way" in widget.status["error"]["message"]
    model.open.set()
    until(lambda: idle(widget))
    assert widget.readings[0]["n_samples"] == 1000


def test_what_a_stream_warns_of_is_said_on_the_page_and_nowhere_else(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        widget, _ = desk.show(
            rt.Explainer(lambda texts: np.full(len(texts), 0.5), rt.Text()).stream(TEXT, n_samples=500)
        )
        until(lambda: idle(widget))
    assert [str(warning.message) for warning in told] == []
    assert capfd.readouterr().err == ""
    assert widget.readings[0]["fidelity"] is None  # NaN crosses as null
    assert widget.readings[0]["doubt"]


def test_a_last_reading_that_cannot_be_drawn_is_told_and_the_sampling_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_explanation: rt.Explanation) -> None:
        raise ZeroDivisionError("no reading")

    monkeypatch.setattr("retrust.contract.reading", broken)
    widget, _ = desk.show(desk.streamed())
    until(lambda: idle(widget))
    assert widget.status["error"] == {"verb": "sample", "id": 0, "message": "ZeroDivisionError: no reading"}


# Threads


def test_handlers_work_on_any_thread(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    ids = range(6)
    threads = [
        threading.Thread(target=page.say, args=("mark",), kwargs={"features": [i], "scope": "label", "because": ""})
        for i in ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    model.open.set()
    until(lambda: idle(widget))
    assert sorted(mark["features"][0] for mark in widget.marks) == list(ids)
    assert page.values("marks")[-1] == widget.marks


def test_the_pages_own_look_is_kept_while_readings_come_down(desk: Desk, model: Model) -> None:
    model.before = lambda _call: time.sleep(0.002)
    widget, page = desk.show(desk.streamed(2000, ELEVEN))
    top = 0
    while not idle(widget):
        top += 1
        page.write(look={"off": [], "edits": {}, "top": top})
    assert widget.look["top"] == top
    assert page.values("readings")[-1] == widget.readings
    assert page.values("status")[-1] == widget.status
    assert widget.readings[0]["n_samples"] == 2000


def test_one_thread_never_writes_in_the_middle_of_what_another_writes(desk: Desk) -> None:
    widget, page = desk.show()
    mark = partial(page.say, "mark", features=[GOOD], scope="everywhere", because="")
    inside: list[bool] = []

    def meanwhile(write: Callable[[], None], written: Callable[[], bool]) -> None:
        other = threading.Thread(target=write)
        other.start()
        other.join(0.2)  # it must wait; where it does not, it is done by then
        inside.append(written())

    widget.observe(lambda _change: meanwhile(mark, lambda: bool(widget.marks)), "look")
    page.write(look={"off": [GOOD], "edits": {}, "top": None})
    until(lambda: widget.marks)
    widget.unobserve_all()
    widget.observe(lambda _change: meanwhile(partial(page.write, look={}), lambda: not widget.look), "marks")
    page.say("withdraw", features=[GOOD])
    until(lambda: not widget.look)
    assert inside == [False, False]


def test_two_widgets_never_ask_models_at_once(desk: Desk, model: Model) -> None:
    model.before = lambda _call: time.sleep(0.001)
    one, page = desk.show(desk.streamed(text="one two three four five six seven eight nine ten"))
    other, _ = desk.show(desk.streamed(text="ten nine eight seven six five four three two one"))
    until(lambda: one.readings)
    page.say("probe", off=[0], edits={})
    until(lambda: idle(one) and idle(other) and one.probe)
    assert model.most == 1
    assert one.readings[0]["n_samples"] == other.readings[0]["n_samples"] == 1000


def test_closing_a_widget_ends_its_thread_and_its_sampling(desk: Desk, model: Model) -> None:
    widget, _ = desk.held()
    thread, calls = widget._worker.thread, model.calls
    widget.close()
    model.open.set()
    assert thread is not None
    thread.join(20)
    assert not thread.is_alive()
    assert model.calls == calls


def test_a_closed_widget_can_be_collected_with_its_explanation(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("probe", off=[0], edits={})
    until(partial(page.values, "probe"))
    gone = weakref.ref(widget.explanation)
    desk.end()
    del widget, page
    gc.collect()
    assert gone() is None


def test_a_widget_that_nobody_holds_dies_in_the_middle_of_its_sampling(desk: Desk, model: Model) -> None:
    model.open.clear()
    widget, page = desk.show(desk.streamed())
    until(lambda: model.inside)
    thread, gone = widget._worker.thread, weakref.ref(widget)
    del _instances[widget.model_id]  # ipywidgets keeps every widget until it is closed
    desk.made.clear()
    del widget, page
    gc.collect()
    assert gone() is None
    model.open.set()
    assert thread is not None
    thread.join(20)
    assert not thread.is_alive()

"""The loop behind glass while a training runs, and with several pages and cells at once."""

from __future__ import annotations

import gc
import threading
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import glass
import looking
import loops
import pytest
from glass import until
from looking import ended, failed, idle, mark, opened
from loops import HEADERS, Here, posts, reader

import retrust as rt

if TYPE_CHECKING:
    from looking import Show
    from loops import Make


make, cold = loops.make, loops.cold  # pytest looks for fixtures here
bundle, show = glass.bundle, looking.show

# --- while a training runs -------------------------------------------------------------------------------------------


def test_marks_act_at_once_and_other_rows_open_while_a_training_runs(make: Make, show: Show) -> None:
    here = Here()
    s = make(trainer=here)
    widget, page = show(s)
    names = opened(widget, page, 1)
    s.mark(HEADERS)
    here.open.clear()
    page.say("retrain", correction=None)
    assert here.inside.wait(20)
    assert widget.status["phase"] == "retraining"
    assert {"stop", "open", "mark"} <= set(widget.status["can"])
    assert "retrain" not in widget.status["can"]
    mark(page, names.index("sun"))
    assert s.marked == {*HEADERS, "sun"}
    opened(widget, page, 4)
    until(lambda: "training for" in widget.status["message"])
    page.say("retrain", 11, correction=None)
    assert "something is under way – stop it first" in failed(widget)["message"]
    here.open.set()
    until(lambda: widget.current == 1 and idle(widget))
    assert [each.key for each in s.revisions[1].ledger] == list(HEADERS)
    assert len(widget.marks) == 3


def test_stop_ends_a_training_and_the_model_stays(make: Make, show: Show) -> None:
    here = Here()
    s = make(trainer=here)
    widget, page = show(s)
    s.mark(HEADERS)
    s.retrain()
    until(lambda: widget.changed and idle(widget))
    told, model = widget.changed, s.model
    here.open.clear()
    page.say("retrain", correction=None)
    until(lambda: len(here.asked) == 2)
    assert widget.changed is None
    page.say("stop")
    until(lambda: idle(widget))
    here.open.set()
    assert (s.model, s.current, len(s.revisions), s.busy) == (model, 1, 2, False)
    assert widget.changed == told
    assert (widget.status["message"], widget.status["error"]) == ("", None)
    page.say("retrain", correction=None)
    until(lambda: widget.current == 2)


def test_what_the_trainer_raises_is_shown_and_nothing_is_lost(make: Make, show: Show) -> None:
    here = Here()
    s = make(trainer=here)
    widget, page = show(s)
    s.mark(HEADERS)
    s.retrain()
    until(lambda: widget.changed and idle(widget))
    told = widget.changed
    here.train = lambda _: 1 / 0
    page.say("retrain", 21, correction=None)
    error = failed(widget)
    assert (error["verb"], error["id"]) == ("retrain", 21)
    assert error["message"] == "the trainer raised ZeroDivisionError: division by zero; the model is as it was"
    until(lambda: idle(widget))
    assert (widget.current, widget.changed, len(widget.marks)) == (1, told, 2)
    page.say("go", revision=0)
    assert widget.status["error"] is None


def test_a_training_in_a_cell_and_one_from_the_page_do_not_meet(make: Make, show: Show) -> None:
    here = Here()
    s = make(trainer=here)
    widget, page = show(s)
    s.mark(HEADERS)
    here.open.clear()
    steps = s.retraining()
    next(steps)
    page.say("retrain", 31, correction=None)
    assert "a training is under way" in failed(widget)["message"]
    here.open.set()
    list(steps)
    until(lambda: widget.current == 1 and idle(widget))


def test_nothing_marked_is_told(make: Make, show: Show) -> None:
    widget, page = show(make())
    page.say("retrain", 3, correction=None)
    assert "nothing is marked, so there is nothing to correct" in failed(widget)["message"]
    until(lambda: idle(widget))


def test_stop_ends_a_pick(make: Make, show: Show) -> None:
    held, inside = threading.Event(), threading.Event()
    held.set()
    model = reader().fit(*posts(24))

    def slow(texts: Any) -> Any:
        if not held.is_set():
            inside.set()
            assert held.wait(20)
        return model.predict_proba(texts)

    s = make(slow)
    widget, page = show(s)
    first = s.picked
    held.clear()
    page.say("next", budget=2)
    assert inside.wait(20)
    page.say("stop")
    assert widget.status["message"] == "stopping"
    held.set()
    until(lambda: idle(widget))
    assert s.picked is first


# --- cells and pages -------------------------------------------------------------------------------------------------


def test_what_is_done_in_a_cell_reaches_every_page(make: Make, show: Show) -> None:
    s = make()
    one, page = show(s)
    other, _ = show(s)
    s.mark("Posting")
    assert [each["name"] for each in one.marks] == [each["name"] for each in other.marks] == ["Posting"]
    names = opened(one, page, 1)
    mark(page, names.index("Easter"))
    assert [each["name"] for each in other.marks] == ["Posting", "Easter"]
    s.retrain()
    until(lambda: other.changed and one.changed and idle(one) and idle(other))
    assert (one.current, other.current) == (1, 1)
    assert (len(one.readings), other.readings) == (2, [])
    s.pick(1)
    assert len(one.picked["items"]) == len(other.picked["items"]) == 1


def test_marks_from_many_threads_all_arrive_and_the_page_shows_the_last(make: Make, show: Show) -> None:
    words = [f"word{i}" for i in range(12)]
    texts, labels = posts(24)
    s = make(None, [*texts[:-1], texts[-1] + " " + " ".join(words)], labels)
    widget, _ = show(s)
    threads = [threading.Thread(target=s.mark, args=(word,)) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert s.marked == set(words)
    assert {each["name"] for each in widget.marks} == set(words)


def test_a_page_that_was_closed_hears_nothing_and_disturbs_nobody(make: Make, show: Show) -> None:
    s = make()
    widget, _ = show(s)
    assert len(s._diary.listeners) == 1
    ended(widget)
    assert s._diary.listeners == []
    s.mark("Posting")
    assert widget.marks == []


@pytest.mark.usefixtures("bundle")
def test_a_session_does_not_keep_its_page_alive(make: Make) -> None:
    s = make()
    widget: Any = rt.view(s)
    ready = partial(idle, widget)
    until(ready)
    alive, thread = weakref.ref(widget), widget._worker.thread
    widget.close()
    if thread is not None:
        thread.join(20)
    del widget, ready
    until(lambda: gc.collect() >= 0 and alive() is None)
    s.mark("Posting")
    assert s._diary.listeners == []


def test_a_model_from_a_file_is_trained_again_under_an_open_page(make: Make, show: Show, tmp_path: Any) -> None:
    s = make(path=tmp_path / "s.jsonl")
    s.mark(HEADERS)
    s.retrain()
    again = make(path=tmp_path / "s.jsonl")
    with pytest.raises(rt.RetrustError, match=r"s\.rebuild\(\)"):
        rt.view(again)
    again.go(0)
    widget, page = show(again)
    page.say("go", revision=1)
    until(lambda: not widget.revisions[1]["model"] and idle(widget))
    opened_first = widget.status["error"]
    assert opened_first is None or "s.rebuild()" in opened_first["message"]
    again.rebuild()
    until(lambda: widget.revisions[1]["model"] and idle(widget))
    opened(widget, page, 1)
    until(lambda: len(widget.readings) == 2)


def test_its_still_picture_and_table_go_with_it(make: Make, show: Show) -> None:
    s = make()
    s.mark("Posting")
    widget, _ = show(s)
    data, _meta = widget._repr_mimebundle_()  # type: ignore[misc]
    assert "Posting" in data["text/html"]
    assert data["text/plain"] == str(s)


def test_nothing_but_its_look_is_taken_from_the_page(make: Make, show: Show) -> None:
    widget, page = show(make())
    page.write(look={"off": [1], "edits": {}, "top": 3, "budget": 9}, marks=[{"name": "x"}], ledger={}, current=7)
    assert widget.look["off"] == [1]
    assert (widget.marks, widget.current) == ([], 0)
    assert widget.ledger["retrust"] == "ledger"

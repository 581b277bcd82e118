"""Where models are trained: in a child that can be stopped, or in a thread that can be abandoned."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from retrust.errors import RetrustError
from retrust.workshop import Task, Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def shop() -> Iterator[Workshop]:
    workshop = Workshop()
    yield workshop
    workshop.close()


def finished(task: Task) -> Any:
    while not task.wait(0.05):
        pass
    return task.result()


def reached(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_work_is_done_in_another_process(shop: Workshop) -> None:
    task = shop.begin(lambda _: os.getpid())
    assert task.how == "process"
    assert finished(task) != os.getpid()


def test_the_child_stays_for_the_next_work(shop: Workshop) -> None:
    assert finished(shop.begin(lambda _: os.getpid())) == finished(shop.begin(lambda _: os.getpid()))


def test_work_that_cannot_travel_is_done_in_a_thread(shop: Workshop) -> None:
    lock = threading.Lock()
    task = shop.begin(lambda _: (lock, os.getpid()))
    assert task.how == "thread"
    assert finished(task)[1] == os.getpid()


def test_progress_is_seen_while_the_work_goes_on(shop: Workshop, tmp_path: Path) -> None:
    go = tmp_path / "go"

    def work(report: Any) -> str:
        report(3, 10)
        while not go.exists():
            time.sleep(0.01)
        return "done"

    task = shop.begin(work)
    assert task.progress in {(0, 0), (3, 10)}
    assert reached(lambda: task.progress == (3, 10))
    go.touch()
    assert finished(task) == "done"


@pytest.mark.parametrize("held", [None, threading.Lock()], ids=["process", "thread"])
def test_an_error_comes_back_as_it_was_raised(shop: Workshop, held: Any) -> None:
    def work(_: Any) -> None:
        raise ZeroDivisionError(f"no rows, {held is None}")

    with pytest.raises(ZeroDivisionError, match="no rows"):
        finished(shop.begin(work))


def test_a_stop_ends_the_child_and_the_next_work_gets_another(shop: Workshop, tmp_path: Path) -> None:
    mine = tmp_path / "pid"

    def forever(_: Any) -> None:
        mine.write_text(str(os.getpid()))
        while True:
            time.sleep(0.05)

    task = shop.begin(forever)
    assert reached(lambda: mine.exists() and mine.read_text() != "")
    task.stop()
    assert reached(lambda: not _alive(int(mine.read_text())))
    assert finished(shop.begin(lambda _: 7)) == 7


def test_a_thread_that_is_stopped_is_let_go(shop: Workshop) -> None:
    go = threading.Event()
    task = shop.begin(lambda _: go.wait(60))
    assert task.how == "thread"
    task.stop()
    assert not task.wait(0.01)
    go.set()


@pytest.mark.parametrize("held", [None, threading.Lock()], ids=["process", "thread"])
def test_work_over_its_time_is_stopped_and_told(shop: Workshop, held: Any, tmp_path: Path) -> None:
    end = tmp_path / "end"

    def forever(_: Any) -> Any:
        while not end.exists():
            time.sleep(0.02)
        return held

    with pytest.raises(RetrustError, match=r"longer than its limit of 0\.2 s .* timeout="):
        finished(shop.begin(forever, timeout=0.2))
    end.touch()


def test_work_over_its_memory_is_told_and_the_limit_goes_with_it(shop: Workshop) -> None:
    def greedy(_: Any) -> int:
        return len(bytearray(1 << 31))

    with pytest.raises(RetrustError, match=r"limit of 100,000,000 bytes.*memory="):
        finished(shop.begin(greedy, memory=100_000_000))
    assert finished(shop.begin(lambda _: len(bytearray(1 << 28)))) == 1 << 28


def test_a_child_that_dies_is_told_and_replaced(shop: Workshop) -> None:
    with pytest.raises(RetrustError, match="has died"):
        finished(shop.begin(lambda _: os.kill(os.getpid(), signal.SIGKILL)))
    assert finished(shop.begin(lambda _: "again")) == "again"


def test_closing_leaves_no_child_and_no_files() -> None:
    shop = Workshop()
    child = finished(shop.begin(lambda _: os.getpid()))
    folder = shop._folder
    shop.close()
    assert not folder.exists()
    assert reached(lambda: not _alive(child))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"

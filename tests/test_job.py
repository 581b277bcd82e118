"""The pace of model calls, and a widget's thread."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from retrust.job import MODEL, Pace, Throttle, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def until(true: Callable[[], object]) -> None:
    """Wait for something that must become true."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.002)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def go_on(_done: int, _of: int) -> bool:
    return True


# Pace


def sizes(seconds: Callable[[int], float], slices: int) -> list[int]:
    """Return the slices for a model that takes so long for n inputs."""
    clock, done, given = Clock(), 0, []
    pace = Pace(go_on, clock=clock)
    for _ in range(slices):
        given.append(pace(done, 10**9))
        clock.now += seconds(given[-1])
        done += given[-1]
    return given


def test_slices_start_at_one_input_and_at_most_double() -> None:
    assert sizes(lambda _n: 0.0, 6) == [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize("each", [0.0003, 0.001, 0.02, 0.07])
def test_no_slice_of_an_even_model_takes_more_than_a_tenth_of_a_second(each: float) -> None:
    given = sizes(lambda n: n * each, 30)
    assert max(given) * each <= 0.1
    assert given[-1] * each > 0.04  # and none is needlessly short


def test_a_model_slower_than_a_slice_is_soon_asked_for_one_input_at_a_time() -> None:
    assert sizes(lambda n: 3.0 * n, 6) == [1, 2, 1, 1, 1, 1]


def test_a_model_whose_call_is_slow_by_itself_is_asked_for_many_inputs_in_calls_hardly_slower() -> None:
    def seconds(n: int) -> float:
        return 0.4 + n * 0.001  # behind a network

    given = sizes(seconds, 40)
    assert min(given[10:]) >= 100
    assert max(map(seconds, given)) < 2.1 * seconds(1)


def test_a_slow_first_call_is_forgotten() -> None:
    def seconds(n: int) -> float:
        return n * 0.001 + 2.0 * (n == 1)  # it loads something

    given = sizes(seconds, 20)
    assert max(map(seconds, given[1:])) <= 0.1
    assert given[-1] > 40


def test_waiting_for_another_widgets_slices_does_not_make_slices_longer() -> None:
    given = sizes(lambda n: n * 0.001 + (0.1 if n > 8 else 0.0), 40)
    assert max(given) <= 100


def test_a_slice_that_took_too_long_is_followed_by_a_smaller_one() -> None:
    clock = Clock()
    pace, done = Pace(go_on, clock=clock), 0
    for _ in range(6):
        size = pace(done, 1000)
        done += size
    clock.now += 0.32  # the slice of 32 took four times too long
    assert pace(done, 1000) == 16
    clock.now += 0.16
    assert pace(done + 16, 1000) == 8


def test_the_end_of_a_batch_does_not_make_later_slices_small() -> None:
    def seconds(n: int) -> float:
        return 0.01 + n * 0.0001  # the call itself costs much

    clock, done = Clock(), 0
    pace = Pace(go_on, clock=clock)
    for _ in range(20):
        asked = pace(done, 10**6)
        clock.now += seconds(asked)
        done += asked
    full = pace(done, 10**6)
    assert full > 500
    clock.now += seconds(3)  # only 3 were left in the batch
    assert pace(done + 3, 10**6) == full


def test_what_is_done_between_two_values_of_a_stream_is_not_the_models_time() -> None:
    clock = Clock()
    pace = Pace(go_on, clock=clock)
    assert pace(0, 100) == 1
    pace.rest()
    clock.now += 60.0  # the page is drawn
    assert pace(1, 100) == 2


def test_what_is_done_before_a_slice_is_not_the_models_time() -> None:
    clock = Clock()

    def probe(_done: int, _of: int) -> bool:
        clock.now += 60.0
        return True

    pace = Pace(probe, clock=clock)
    assert [pace(0, 100), pace(1, 100), pace(3, 100)] == [1, 2, 4]


def test_inputs_answered_before_the_run_teach_nothing() -> None:
    assert Pace(go_on, clock=Clock())(5000, 10_000) <= 2


def test_no_input_is_asked_once_the_answer_between_is_no() -> None:
    seen: list[tuple[int, int]] = []

    def between(done: int, of: int) -> bool:
        seen.append((done, of))
        return done < 3

    pace = Pace(between, clock=Clock())
    assert [pace(0, 9), pace(1, 9), pace(3, 9)] == [1, 2, 0]
    assert seen == [(0, 9), (1, 9), (3, 9)]


def test_reports_are_let_through_at_most_ten_times_a_second() -> None:
    clock = Clock()
    due, let_through = Throttle(clock=clock), 0
    for _ in range(1000):
        let_through += due()
        clock.now += 0.003
    assert 25 <= let_through <= 30


# Worker


class Page:
    """What owns a worker."""

    def __init__(self) -> None:
        self.seen: list[Any] = []


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def worker(page: Page) -> Iterator[Worker[Page]]:
    made = Worker(page, idle=30)
    yield made
    made.close()
    thread = made.thread
    if thread is not None:
        thread.join(20)


def test_there_is_no_thread_before_the_first_work(worker: Worker[Page]) -> None:
    assert worker.thread is None


def test_work_is_done_on_the_workers_own_daemon_thread(worker: Worker[Page], page: Page) -> None:
    worker.post("a", lambda page: page.seen.append(threading.current_thread()))
    until(lambda: page.seen)
    assert page.seen == [worker.thread]
    assert page.seen[0].daemon
    assert page.seen[0] is not threading.current_thread()


def test_the_latest_of_several_tasks_in_a_slot_wins(worker: Worker[Page], page: Page) -> None:
    busy, go = threading.Event(), threading.Event()

    def first(_page: Page) -> None:
        busy.set()
        go.wait(20)

    worker.post("other", first)
    busy.wait(20)
    for n in range(5):
        worker.post("probe", _told(n))
    worker.post("aim", lambda page: page.seen.append("aim"))
    go.set()
    until(lambda: "aim" in page.seen)
    assert page.seen == [4, "aim"]


def test_quick_tasks_are_done_while_a_long_job_breathes(worker: Worker[Page], page: Page) -> None:
    posted = threading.Event()

    def job() -> Callable[[Page], None]:
        posted.wait(20)
        assert worker.breathe()
        seen = list(page.seen)
        return lambda page: page.seen.append(seen)

    worker.begin(job)
    worker.post("probe", lambda page: page.seen.append("probe"))
    posted.set()
    until(lambda: len(page.seen) == 2)
    assert page.seen == ["probe", ["probe"]]


def test_there_is_one_long_job_at_a_time_and_another_after_it(worker: Worker[Page], page: Page) -> None:
    go = threading.Event()

    def job() -> Callable[[Page], None]:
        go.wait(20)
        return lambda page: page.seen.append(worker.begin(lambda: lambda page: page.seen.append("second")))

    assert worker.begin(job)
    assert not worker.begin(job)
    go.set()
    until(lambda: "second" in page.seen)
    assert page.seen == [True, "second"]


def breathing(worker: Worker[Page], started: threading.Event) -> Callable[[], Callable[[Page], None]]:
    def job() -> Callable[[Page], None]:
        while worker.breathe():
            started.set()
        return lambda page: page.seen.append("ended")

    return job


def test_a_stopped_job_ends_at_its_next_breath_and_the_next_job_is_not_stopped(
    worker: Worker[Page], page: Page
) -> None:
    for _ in range(2):
        started = threading.Event()
        worker.begin(breathing(worker, started))
        assert started.wait(20)
        page.seen.clear()
        worker.stop()
        until(lambda: page.seen == ["ended"])


def test_a_stop_without_a_job_does_not_stop_a_later_one(worker: Worker[Page], page: Page) -> None:
    worker.stop()
    worker.begin(lambda: _told(worker.breathe()))
    until(lambda: page.seen)
    assert page.seen == [True]


def _told(value: object) -> Callable[[Page], None]:
    return lambda page: page.seen.append(value)


def test_the_thread_ends_when_idle_and_a_new_one_starts_with_new_work(page: Page) -> None:
    worker = Worker(page, idle=0.01)
    worker.post("a", _told("a"))
    until(lambda: page.seen == ["a"] and worker.thread is None)
    worker.post("a", _told("b"))
    until(lambda: page.seen == ["a", "b"] and worker.thread is None)


def test_closing_ends_the_thread_and_takes_no_later_work(page: Page) -> None:
    worker = Worker(page, idle=30)
    worker.post("a", _told("a"))
    until(lambda: page.seen)
    thread = worker.thread
    assert thread is not None
    worker.close()
    thread.join(20)
    assert not thread.is_alive()
    worker.post("a", _told("late"))
    assert worker.thread is None


def test_closing_ends_a_long_job_and_its_last_words_are_not_heard(page: Page) -> None:
    worker, started = Worker(page, idle=30), threading.Event()
    worker.begin(breathing(worker, started))
    assert started.wait(20)
    thread = worker.thread
    assert thread is not None
    worker.close()
    thread.join(20)
    assert not thread.is_alive()
    assert page.seen == []


def test_a_dead_owner_ends_the_long_job() -> None:
    page, started = Page(), threading.Event()
    worker = Worker(page, idle=0.01)
    worker.begin(breathing(worker, started))
    assert started.wait(20)
    gone = weakref.ref(page)
    del page
    gc.collect()
    assert gone() is None
    until(lambda: worker.thread is None)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_task_that_raises_does_not_end_later_work(worker: Worker[Page], page: Page) -> None:
    def broken() -> Callable[[Page], None]:
        raise ZeroDivisionError

    worker.begin(broken)
    until(lambda: worker.thread is None)
    assert worker.begin(lambda: _told("alive"))
    until(lambda: page.seen == ["alive"])


def test_a_model_that_explains_does_not_lock_itself_out() -> None:
    with MODEL:
        assert MODEL.acquire(timeout=1)
        MODEL.release()

"""Slow work beside the page: the model's lock, the pace of its calls, and one thread for each widget.

Two locks, never nested: the widget's own state lock, which is short, and ``MODEL``. Nothing here holds either while it
calls back.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

MODEL = threading.RLock()
"""Held around every model call, since a model may not be thread-safe. The one piece of module state of the house."""

Owner = TypeVar("Owner")
Clock = Callable[[], float]

_GAP = 0.0005  # seconds between slices in which another thread gets hold of MODEL: locks are not fair


class Throttle:
    """Say yes at most once in each period.

    Parameters
    ----------
    period : float
        Seconds between two answers yes.
    clock : callable
        Gives the seconds now.

    Examples
    --------
    >>> times = iter([0.0, 0.05, 0.2])
    >>> due = Throttle(0.1, clock=lambda: next(times))
    >>> due(), due(), due()
    (True, False, True)
    """

    def __init__(self, period: float = 0.1, *, clock: Clock = time.perf_counter) -> None:
        self._period, self._clock = period, clock
        self._next: float | None = None

    def __call__(self) -> bool:
        """Say whether it is time."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return False
        self._next = now + self._period
        return True


class Deadline:
    """Say whether a time is spent: the one place where the clock may end an explanation.

    Parameters
    ----------
    seconds : float
        From the first question on.
    clock : callable
        Gives the seconds now.

    Examples
    --------
    >>> times = iter([0.0, 0.5, 1.5])
    >>> late = Deadline(1.0, clock=lambda: next(times))
    >>> late(), late(), late()
    (False, False, True)
    """

    def __init__(self, seconds: float, *, clock: Clock = time.perf_counter) -> None:
        self._seconds, self._clock = seconds, clock
        self._end: float | None = None

    def __call__(self) -> bool:
        """Say whether it is."""
        now = self._clock()
        if self._end is None:
            self._end = now + self._seconds
        return now >= self._end


class Pace:
    """Cut a stream's model calls into slices of bounded time.

    A slice starts at one input and at most doubles; where one took too long, the next is smaller. Where even the
    quickest call takes longer than the budget (a model behind a network), slices may take twice that, as long as larger
    ones pay. Slices only cut the calls inside a batch: what is sampled never depends on the clock.

    Parameters
    ----------
    between : callable
        Called as ``between(done, of)`` before each slice. Where it returns False, sampling ends.
    budget : float
        Seconds that a slice aims at: a little less than the tenth of a second that is promised.
    clock : callable
        Gives the seconds now.

    Examples
    --------
    A model that takes 10 ms for each input:

    >>> now = [0.0]
    >>> pace, done, sizes = Pace(lambda done, of: True, clock=lambda: now[0]), 0, []
    >>> for _ in range(6):
    ...     sizes.append(pace(done, 5000))
    ...     now[0] += 0.01 * sizes[-1]
    ...     done += sizes[-1]
    >>> sizes
    [1, 2, 4, 8, 8, 8]
    """

    def __init__(
        self,
        between: Callable[[int, int], bool],
        *,
        budget: float = 0.08,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._between, self._budget, self._clock = between, budget, clock
        self._size, self._done = 1, 0
        self._since: float | None = None  # when the slice began, while one is on
        self._took: float | None = None  # how long it took, until that is learned
        self._quickest = float("inf")
        self._last = self._other = (0, 0.0)  # inputs and seconds of two slices of different size

    def __call__(self, done: int, of: int) -> int:
        """Return how many inputs the model is asked next; 0 ends the sampling."""
        self.rest()
        self._learn(done - self._done)
        self._done = done
        if not self._between(done, of):
            return 0
        self._since = self._clock()
        return self._size

    def rest(self) -> None:
        """Stop the watch: what follows is not the model's time."""
        if self._since is not None:
            self._took, self._since = max(self._clock() - self._since, 1e-9), None

    def _learn(self, answered: int) -> None:
        """Set the next size by the last slice; one that a batch's end cut short says nothing, unless it was slow."""
        took, self._took = self._took, None
        if not took or answered <= 0 or (answered < self._size and took <= self._budget):
            return
        self._remember(answered, took)
        fits = int(answered * self._allowed() / took + 1e-6)
        self._size = max(1, self._size // 2, min(2 * self._size, fits))

    def _remember(self, answered: int, took: float) -> None:
        self._quickest = min(self._quickest, took)
        if not 0.6 < answered / max(self._last[0], 1) < 1.7:  # noqa: PLR2004 - else too alike to compare
            self._other = self._last
        self._last = answered, took

    def _allowed(self) -> float:
        """Return the seconds of the next slice: twice the quickest call where that is over the budget and it pays."""
        (few, short), (many, long) = sorted([self._other, self._last])
        pays = few * long * 1.5 < many * short or few == 0  # half as many again in a second; or only one is known
        return 2 * self._quickest if pays and self._quickest > self._budget else self._budget


class Worker(Generic[Owner]):
    """One thread that does its owner's slow work, one thing after another.

    *Quick tasks* lie in named slots; the latest in a slot wins. One *long job* runs beside them: it calls ``breathe``
    between its steps, and the quick tasks are done there. The thread starts with the first work, ends when idle, and
    holds its owner weakly.

    Parameters
    ----------
    owner : object
        Who the work is for; each task gets it.
    idle : float
        Seconds without work after which the thread ends.

    Examples
    --------
    >>> class Page:
    ...     pass
    >>> page, answered = Page(), threading.Event()
    >>> worker = Worker(page)
    >>> worker.post("probe", lambda page: answered.set())
    >>> answered.wait(10)
    True
    >>> worker.close()
    """

    def __init__(self, owner: Owner, *, idle: float = 5.0) -> None:
        self._owner = weakref.ref(owner)
        self._idle = idle
        self._change = threading.Condition()
        self._quick: dict[str, Callable[[Owner], None]] = {}
        self._long: Callable[[], Callable[[Owner], None]] | None = None
        self._stopped = self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def thread(self) -> threading.Thread | None:
        """The thread, where there is one now."""
        return self._thread

    def post(self, slot: str, task: Callable[[Owner], None]) -> None:
        """Ask for a quick task; one that still waits in this slot is forgotten."""
        with self._change:
            self._quick[slot] = task
            self._wake()

    def begin(self, job: Callable[[], Callable[[Owner], None]]) -> bool:
        """Ask for a long job, which returns the task to do when the worker is free again; False where one is on."""
        with self._change:
            if self._long is not None:
                return False
            self._long, self._stopped = job, False
            self._wake()
            return True

    def stop(self) -> None:
        """Ask the long job to end: its next ``breathe`` returns False."""
        self._stopped = True

    def close(self) -> None:
        """End the thread as soon as it breathes; later work is not taken."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def breathe(self) -> bool:
        """Do the quick tasks that wait; return whether the long job, which calls this, should go on."""
        time.sleep(_GAP)
        while (task := self._pop()) is not None:
            self.tell(task)
        return not (self._stopped or self._closed or self._owner() is None)

    def tell(self, task: Callable[[Owner], None]) -> None:
        """Do a task now, with the owner where it lives."""
        owner = self._owner()
        if owner is not None and not self._closed:
            task(owner)

    def _wake(self) -> None:
        """See that a thread will find the work; the caller holds the condition."""
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="retrust-worker", daemon=True)
            self._thread.start()
        self._change.notify_all()

    def _run(self) -> None:
        try:
            while self._wait():
                self._step()
        finally:
            with self._change:
                if self._thread is threading.current_thread():  # a task raised
                    self._thread = None

    def _wait(self) -> bool:
        """Wait for work; False, and no thread, where none comes."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._quick or self._long, timeout=self._idle)
            if self._closed or not (self._quick or self._long):
                self._thread = None
            return self._thread is not None

    def _step(self) -> None:
        task = self._pop()
        if task is None and self._long is not None:
            task = self._finish(self._long)
        if task is not None:
            self.tell(task)

    def _finish(self, job: Callable[[], Callable[[Owner], None]]) -> Callable[[Owner], None]:
        try:
            return job()
        finally:
            with self._change:
                self._long = None

    def _pop(self) -> Callable[[Owner], None] | None:
        with self._change:
            return self._quick.pop(next(iter(self._quick))) if self._quick else None

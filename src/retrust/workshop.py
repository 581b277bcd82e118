"""Where models are trained: in a child process that can be stopped and bounded, else in a thread of its own.

Work travels as a cloudpickle between two processes of the same session, never through a file that people exchange.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Literal

import cloudpickle
from joblib.externals.loky.backend import get_context
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from retrust.errors import RetrustError

Work = Callable[["Report"], Any]
How = Literal["process", "thread"]

_MOST = 1 << 31  # bytes that travel at most


@dataclass(frozen=True)
class Report:
    """What a long training calls now and then, so that people see how far it is.

    Parameters
    ----------
    path : str
        A file that the parent reads.

    Examples
    --------
    >>> report = Report(str(Path(mkdtemp()) / "progress"))
    >>> report(3, 10)
    >>> report.read()
    (3, 10)
    """

    path: str

    def __call__(self, done: int, of: int) -> None:
        """Say how far it is."""
        Path(self.path).write_text(f"{int(done)} {int(of)}", encoding="ascii")

    def read(self) -> tuple[int, int]:
        """Return what was said last; nothing: (0, 0)."""
        with suppress(OSError, ValueError):
            done, of = Path(self.path).read_text(encoding="ascii").split()
            return int(done), int(of)
        return 0, 0


class Workshop:
    """One child process, kept warm between trainings; started with the first work.

    Examples
    --------
    >>> shop = Workshop()
    >>> task = shop.begin(lambda report: sum(range(5)))
    >>> while not task.wait(0.1):
    ...     pass
    >>> task.result()
    10
    >>> shop.close()
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._last: Any = None
        self._folder = Path(mkdtemp(prefix="retrust-"))
        self._clean = weakref.finalize(self, rmtree, self._folder, ignore_errors=True)

    def warm(self) -> None:
        """Start the child process, if there is none, and do not wait for it."""
        if self._pool is None:
            self.submit(int)

    def begin(self, work: Work, *, timeout: float | None = None, memory: int | None = None) -> Task:
        """Start work: in the child where it can travel there, else in a thread.

        Parameters
        ----------
        work : callable
            Called with a :class:`Report`; returns the model.
        timeout : float, optional
            Seconds after which it is stopped.
        memory : int, optional
            Bytes that the child may take beside what it has; a thread cannot be bounded.
        """
        report = Report(str(self._folder / f"progress-{time.monotonic_ns()}"))
        parcel = _packed(work)
        if parcel is None:
            return _Thread(work, report, timeout)
        return _Process(self, parcel, report, timeout=timeout, memory=memory)

    def discard(self) -> None:
        """End the child, whatever it is doing."""
        pool, self._pool = self._pool, None
        if pool is not None:
            _taken(self._last)
            pool.shutdown(wait=False, kill_workers=True)

    def close(self) -> None:
        """End the child and remove what was written beside it."""
        self.discard()
        self._clean()

    def submit(self, work: Callable[..., Any], *args: Any) -> Any:
        """Give work to the child, another where it has died meanwhile, and return its future."""
        try:
            self._last = self._open().submit(work, *args)
        except BrokenProcessPool:
            self.discard()
            self._last = self._open().submit(work, *args)
        return self._last

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(max_workers=1, context=get_context("loky"), timeout=600)
        return self._pool


class Task:
    """Work under way.

    Attributes
    ----------
    how : {"process", "thread"}
        A thread cannot be stopped: what it comes to is thrown away.
    """

    how: How

    def __init__(self, report: Report, timeout: float | None) -> None:
        self._report, self._timeout = report, timeout
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has been under way."""
        return time.monotonic() - self._began

    @property
    def progress(self) -> tuple[int, int]:
        """How far it is, as the trainer says; (0, 0) where it says nothing."""
        return self._report.read()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; return whether it is over.

        Raises
        ------
        RetrustError
            It took longer than its limit.
        """
        over = self._over(seconds)
        if not over and self._timeout is not None and self.seconds > self._timeout:
            self.stop()
            raise RetrustError(
                f"training took longer than its limit of {self._timeout:g} s and was stopped; the model is as it was – "
                "allow more with timeout=, or train on fewer rows"
            )
        return over

    def _over(self, seconds: float) -> bool:
        raise NotImplementedError

    def stop(self) -> None:
        """End it; in a thread: throw away what it comes to."""
        raise NotImplementedError

    def result(self) -> Any:
        """Return the model, or raise what was raised."""
        raise NotImplementedError


class _Process(Task):
    how = "process"

    def __init__(
        self, shop: Workshop, parcel: bytes, report: Report, *, timeout: float | None, memory: int | None
    ) -> None:
        super().__init__(report, timeout)
        self._shop, self._memory = shop, memory
        self._future = shop.submit(_unpacked, parcel, report, memory)

    def _over(self, seconds: float) -> bool:
        with suppress(TimeoutError, Exception):
            self._future.exception(timeout=seconds)
        return bool(self._future.done())

    def stop(self) -> None:
        self._shop.discard()

    def result(self) -> Any:
        try:
            answer = self._future.result()
        except BrokenProcessPool as error:
            self._shop.discard()
            raise RetrustError(
                "the process that trained has died, perhaps because memory ran out; the model is as it was – train on "
                "fewer rows, or give memory= and timeout="
            ) from error
        except MemoryError as error:
            raise RetrustError(
                f"training took more than its limit of {self._memory or 0:,} bytes; the model is as it was – allow "
                "more with memory=, or train on fewer rows"
            ) from error
        finally:
            if self._memory is not None:
                self._shop.discard()  # its limit stays with it
        return cloudpickle.loads(answer)


class _Thread(Task):
    how = "thread"

    def __init__(self, work: Work, report: Report, timeout: float | None) -> None:
        super().__init__(report, timeout)
        self._answer: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="retrust-training", daemon=True)
        self._thread.start()

    def _run(self, work: Work) -> None:
        try:
            self._answer = work(self._report)
        except BaseException as error:  # noqa: BLE001 – told to who waits for it
            self._error = error

    def _over(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Let it run; nobody looks at it any more."""

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._answer


def _taken(future: Any) -> None:
    """Wait until the pool has passed work on; killed before that, its thread fails and says so on the screen."""
    until = time.monotonic() + 1
    while not (future.running() or future.done()) and time.monotonic() < until:
        time.sleep(0.001)


def _packed(work: Work) -> bytes | None:
    """Pack work for another process; None where it cannot travel."""
    try:
        parcel: bytes = cloudpickle.dumps(work)
    except Exception:  # noqa: BLE001 – whatever a class raises when it is pickled, it cannot travel
        return None
    return parcel if len(parcel) <= _MOST else None


def _unpacked(parcel: bytes, report: Report, memory: int | None) -> bytes:
    """Do the work, in the child."""
    if memory is not None:
        _bound(memory)
    try:
        answer: bytes = cloudpickle.dumps(cloudpickle.loads(parcel)(report))
    except Exception as error:
        if _travels(error):
            raise
        raise RetrustError(f"the trainer raised {type(error).__name__}: {error}; the model is as it was") from None
    return answer


def _travels(error: Exception) -> bool:
    """Tell whether an error can be read again by another process; one that is built from several arguments cannot."""
    try:
        cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:  # noqa: BLE001 – whatever its class raises, it stays here
        return False
    return True


def _bound(memory: int) -> None:
    """Bound what this process may take from here on, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, resource.RLIM_INFINITY))

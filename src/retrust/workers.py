"""Who does the work: this process, others beside it, or a cluster – whatever joblib back end is chosen around the call.

What is to be done travels once to each worker, as a parcel that is opened there; instances go in chunks.
"""

from __future__ import annotations

import hashlib
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import Any

import cloudpickle
import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import LokyBackend, MultiprocessingBackend, SequentialBackend, ThreadingBackend, get_active_backend

from retrust import job
from retrust.errors import InstanceError, OptionError, RetrustError
from retrust.explanation import Explanation

Chunk = list[tuple[int, Any]]
Errand = Callable[[Any], Explanation]

_MEMMAPPED = 1000
_WAVE = 4
_SEVERAL = 2


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a chunk: explanations or messages by number of instance, and why it ended early."""

    found: list[tuple[int, Explanation | str]] = field(default_factory=list)
    error: Exception | None = None
    trace: str = ""
    interrupted: bool = False


class Lost(Exception):
    """A worker, or the way to it, is gone; its chunk is not done."""


def work(errand: Errand, chunk: Chunk) -> Outcome:
    """Explain the instances of a chunk; those that cannot be explained leave a message."""
    done = Outcome()
    try:
        done.found.extend((index, _one(errand, x)) for index, x in chunk)
    except KeyboardInterrupt:
        return replace(done, interrupted=True)
    except Exception as error:  # noqa: BLE001 – told where the job is, with what was done before
        return replace(done, error=error, trace=traceback.format_exc())
    return done


def _one(errand: Errand, x: Any) -> Explanation | str:
    try:
        return errand(x)
    except InstanceError as error:
        return str(error)


class Parcel:
    """Anything on its way to workers: bytes that each of them opens once.

    joblib maps the array into the memory of processes beside this one; its Dask back end scatters what says that it is
    large.
    """

    def __init__(self, thing: Any) -> None:
        try:
            packed = cloudpickle.dumps(thing)
        except Exception as error:
            raise OptionError(
                f"the explainer cannot travel to other processes ({type(error).__name__}: {error}); pass n_jobs=1, or "
                'call it in joblib.parallel_config("threading", n_jobs=…), or make its model one that can be pickled'
            ) from error
        self.data = np.frombuffer(packed, dtype=np.uint8)
        self.digest = hashlib.blake2b(packed, digest_size=16).hexdigest()

    def __sizeof__(self) -> int:
        """Return how many bytes travel."""
        return object.__sizeof__(self) + self.data.nbytes

    def opened(self) -> Any:
        """Return what is in it."""
        with job.MODEL:
            return _opened(_Seal(self))


class _Seal:
    """A parcel known by its digest, let go of once it is open."""

    def __init__(self, parcel: Parcel) -> None:
        self.digest = parcel.digest
        self._data: Any = parcel.data

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Seal) and self.digest == other.digest

    def broken(self) -> Any:
        """Return what was under it."""
        data, self._data = self._data, None
        return cloudpickle.loads(data)


@lru_cache(maxsize=1)
def _opened(seal: _Seal) -> Any:
    return seal.broken()


def _remote(parcel: Parcel, chunk: bytes) -> bytes:
    """Do a chunk in another process."""
    try:
        errand = parcel.opened()
    except Exception as error:  # noqa: BLE001 – told where the job is
        return _packed(Outcome(error=RetrustError(_unopened(error)), trace=traceback.format_exc()))
    return _packed(work(errand, cloudpickle.loads(chunk)))


def _unopened(error: Exception) -> str:
    return (
        f"a worker cannot open the explainer ({type(error).__name__}: {error}); what the model needs must be installed "
        "there too, in the same release"
    )


def _packed(outcome: Outcome) -> bytes:
    """Pack an outcome; errors of a kind that does not travel are told in words."""
    error = outcome.error
    if isinstance(error, RetrustError):
        error.partial = None
    try:
        cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:  # noqa: BLE001 – whatever it is about the error
        outcome = replace(outcome, error=RetrustError(f"{type(error).__name__}: {error}"))
    return bytes(cloudpickle.dumps(outcome))


@dataclass(frozen=True, eq=False)
class Crew:
    """The workers of a job.

    Parameters
    ----------
    errand : callable
        instance → Explanation.
    n_jobs : int
        As joblib has it; 1 is this process, unless a back end was chosen around the call.
    """

    errand: Errand
    n_jobs: int = 1

    def __post_init__(self) -> None:
        given = self.n_jobs
        if not isinstance(given, int | np.integer) or isinstance(given, bool) or not given:
            raise OptionError(f"n_jobs={given!r}; a number of workers is expected, −1 for all cores")

    @cached_property
    def _chosen(self) -> tuple[Any, int]:
        """The back end around the call, and how many jobs it is asked for."""
        backend, jobs = get_active_backend()
        return backend, int((jobs or 1) if self.n_jobs == 1 else self.n_jobs)

    @cached_property
    def size(self) -> int:
        """How many workers there are.

        Raises
        ------
        RetrustError
            The back end has none.
        """
        backend, jobs = self._chosen
        try:
            return max(1, int(backend.effective_n_jobs(jobs)))
        except Exception as error:
            raise RetrustError(
                f"{type(backend).__name__} has no workers ({type(error).__name__}: {error}); start some, or leave the "
                "joblib.parallel_config around the call out"
            ) from error

    @property
    def alone(self) -> bool:
        """Whether this process does it all."""
        near = SequentialBackend | ThreadingBackend | LokyBackend | MultiprocessingBackend
        return isinstance(self._chosen[0], near) and self.size == 1

    @cached_property
    def _parcel(self) -> Parcel:
        return Parcel(self.errand)

    def outcomes(self, chunks: Iterable[Chunk], *, careful: bool = False) -> Generator[Outcome, None, None]:
        """Do chunks, and give what came of each as it comes.

        Parameters
        ----------
        chunks : iterable of lists of (number, instance)
        careful : bool
            Whether to hand out one after the other, so that one that kills its worker takes no other with it.

        Raises
        ------
        Lost
            A worker died, or the cluster went away.
        """
        if self.alone:
            yield from (work(self.errand, [pair]) for chunk in chunks for pair in chunk)
            return
        tasks = self._tasks(chunks)
        try:
            streams = self._chosen[0].supports_return_generator
            yield from self._streamed(tasks, careful) if streams else self._waves(tasks, careful)
        except (Lost, RetrustError):
            raise
        except Exception as error:
            raise Lost(f"{type(error).__name__}: {_brief(error)}") from error

    def _tasks(self, chunks: Iterable[Chunk]) -> Iterator[Any]:
        if getattr(self._chosen[0], "supports_sharedmem", False):
            return (delayed(work)(self.errand, chunk) for chunk in chunks)
        parcel = self._parcel
        return (delayed(_remote)(parcel, cloudpickle.dumps(chunk)) for chunk in chunks)

    def _streamed(self, tasks: Iterator[Any], careful: bool) -> Iterator[Outcome]:  # noqa: FBT001
        ahead = 1 if careful else "2*n_jobs"
        results = self._parallel(return_as="generator_unordered", pre_dispatch=ahead)(tasks)
        try:
            yield from map(_read, results)
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # joblib says that results are left when a job is stopped
                results.close()

    def _waves(self, tasks: Iterator[Any], careful: bool) -> Iterator[Outcome]:  # noqa: FBT001
        """Do without a stream of results: a few tasks for each worker at a time."""
        while wave := list(islice(tasks, 1 if careful else _WAVE * self.size)):
            yield from map(_read, self._parallel()(wave))

    def _parallel(self, **options: Any) -> Parallel:
        backend, jobs = self._chosen
        return Parallel(n_jobs=jobs, backend=_fresh(backend), batch_size=1, max_nbytes=_MEMMAPPED, **options)


def _fresh(backend: Any) -> Any:
    """Return a back end for one round, where it is Dask's.

    joblib's own never says that a task has failed, and leaves a cluster of one core alone.
    """
    if not hasattr(backend, "client"):
        return backend
    fresh = type(backend)(client=backend.client, **getattr(backend, "submit_kwargs", {}))
    fresh.submit = partial(_submitted, fresh.submit)
    fresh.effective_n_jobs = lambda n_jobs: max(_SEVERAL, backend.effective_n_jobs(n_jobs))
    return fresh


def _submitted(submit: Callable[..., Any], task: Any, callback: Callable[[Any], None]) -> Any:
    future = submit(task, callback)
    future.add_done_callback(partial(_failed, callback))
    return future


def _failed(callback: Callable[[Any], None], future: Any) -> None:
    """Hand what went wrong with a task on as if it were its result."""
    error = future.exception()
    if error is not None:
        callback([f"{type(error).__name__}: {error}"])


def _read(result: Any) -> Outcome:
    """Return an outcome that came from anywhere."""
    outcome = cloudpickle.loads(result) if isinstance(result, bytes) else result
    if not isinstance(outcome, Outcome):
        raise Lost(_brief(outcome))
    return outcome


def _brief(what: object) -> str:
    """Return the first sentence of what may be a page."""
    return str(what).partition("\n")[0].partition(". ")[0]

"""Many instances explained: in this process, in others, on a cluster – the same answers everywhere.

What is done is kept, whatever comes: an interruption, an error of the model, a worker that dies, a full disk. What a
file holds already is not done again.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import joblib
import numpy as np

from retrust.errors import (
    ConstantModelWarning,
    ContractError,
    OptionError,
    PartialWarning,
    RetrustError,
    RetrustWarning,
    listed,
)
from retrust.explanation import Explanation, Keep, Plan, asked
from retrust.explanations import Explanations
from retrust.files import Entry, Log, header
from retrust.neighbourhood import Weighted
from retrust.records import planned
from retrust.representation import Domain, Parts, Representation
from retrust.workers import Crew, Lost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from retrust.model import Model
    from retrust.stream import Stream
    from retrust.workers import Chunk, Outcome

_LARGEST, _EACH = 64, 8
_FRUITLESS = 3
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_SAME = 1e-4


class _Explainer(Protocol):
    """What a job needs of an explainer."""

    @property
    def classes(self) -> Sequence[str] | None: ...
    @property
    def domain(self) -> Domain: ...


@dataclass(frozen=True, eq=False)
class Errand:
    """What is to be done with each instance, the same for all.

    Parameters
    ----------
    explainer : Explainer
    model : Model
        The explainer's, one for all instances, which remembers what short cuts have worked out.
    stream : callable
        model, instance, target, number of masks → Stream.
    plan : callable
        Representation, or None → Plan.
    target : int, str or None
    total : int or "auto"
        How many masks.
    keep : {"fit", "neighbourhood", "weights"}
    """

    explainer: _Explainer
    model: Model
    stream: Callable[[Model, Any, int | str | None, int | Literal["auto"]], Stream]
    plan: Callable[[Representation | None], Plan]
    target: int | str | None
    total: int | Literal["auto"]
    keep: Keep

    def __post_init__(self) -> None:
        if self.keep not in get_args(Keep):
            raise OptionError(f"keep={self.keep!r}; one of {listed(get_args(Keep))} is expected")

    def __call__(self, x: Any) -> Explanation:
        """Explain one instance, to the end."""
        one = self.stream(self.model, x, self.target, self.total).last()
        if one.partial == "interrupted":
            raise KeyboardInterrupt
        return one.kept(self.keep)

    def described(self) -> dict[str, Any]:
        """Return what the answers depend on, but for model and instances, as plain JSON values."""
        classes, target, plan = self.explainer.classes, self.target, self.plan(None)
        return {
            "seed": plan.seed,
            "n_samples": self.total,
            "target": int(target) if isinstance(target, np.integer) else target,
            "classes": None if classes is None else list(classes),
            "keep": self.keep,
            **{name: planned(getattr(plan, name)) for name in ("sampler", "kernel", "surrogate")},
            "domain": _ADDRESS.sub("", repr(self.explainer.domain)),
        }

    def asked(self, x: Any) -> Any:
        """Ask the model about one instance as it is."""
        representation = self.explainer.domain.represent(x)
        mask = np.ones((1, len(representation.features)), dtype=bool)
        inputs = representation.perturb(mask, np.random.default_rng([self.plan(None).seed, 0]))
        return asked(self.model, inputs)[0]

    def restored(self, one: Explanation, x: Any) -> Explanation:
        """Give an explanation from a file what does not travel."""
        representation = one.representation
        if isinstance(representation, Parts) and self.keep != "weights":
            representation = self.explainer.domain.represent(x)
        plan = self.plan(representation)
        return replace(one, representation=representation, weighted=Weighted(one.neighbourhood, plan.kernel), plan=plan)


class Job:
    """Many instances on their way to explanations.

    Parameters
    ----------
    errand : Errand
    xs : sequence of instances, of any kind
    n_jobs : int
        As joblib has it.
    path : str or Path, optional
        Where to keep what is done.
    """

    def __init__(self, errand: Errand, xs: Any, n_jobs: int = 1, path: str | Path | None = None) -> None:
        self._errand, self._xs, self._crew = errand, instances(xs), Crew(errand, n_jobs)
        self._n = len(self._xs)
        self._model = replace(errand.model, memo={})  # results do not hold what was worked out on the way
        self._found: dict[int, Explanation | str] = {}
        self._handed: Counter[int] = Counter()  # how often, where nothing has come back
        self._head = header(errand.described(), self._n)
        self._log = None if path is None else Log(Path(path), self._head, lambda index: digest(self._xs[index]))
        if self._log is not None:
            self._resume(self._log)

    def _resume(self, log: Log) -> None:
        """Take over what the file holds, and see that the model is the same."""
        for entry in log.resumed:
            found, x = entry.found, self._xs[entry.index]
            known = found if isinstance(found, str) else self._errand.restored(found, x)
            self._found[entry.index] = self._attached(known)
        first = next((entry for entry in log.resumed if not isinstance(entry.found, str)), None)
        if first is not None:
            self._compare(first, log.path)

    def _compare(self, entry: Entry, path: Path) -> None:
        known: Any = entry.found
        answer = self._errand.asked(self._xs[entry.index])
        before = known.prediction
        if answer.shape != before.shape or np.abs(answer - before).max() > _SAME * max(np.abs(before).max(), 1e-300):
            raise ContractError(
                f"{path} was begun with another model: instance {entry.index} had {before} and has {answer} now – give "
                "another path"
            )

    def run(self, *, progress: bool = True) -> Explanations:
        """Explain what is left, and return all of it.

        Raises
        ------
        RetrustError
            With what was done before as ``partial``.
        """
        interrupted = False
        if self._log is not None:
            self._log.begin()
        try:
            with closing(self._bar(progress)) as bar:
                self._all(bar)
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:
            with suppress(RetrustError):
                self._close()
            with suppress(AttributeError):
                error.partial = self._explanations()  # type: ignore[attr-defined]
            raise
        self._close()
        self._warn(interrupted)
        return self._explanations()

    def _bar(self, progress: bool) -> Any:  # noqa: FBT001 – the one thing it takes
        from tqdm.auto import tqdm

        done = len(self._found)
        name = f"explaining ({done:,} resumed)" if done else "explaining"
        return tqdm(total=self._n, initial=done, desc=name, unit=" instances", disable=not progress)

    def _all(self, bar: Any) -> None:
        """Go round until all is done; what lost workers were at is done again."""
        fruitless = 0
        while len(self._found) < self._n:
            before = len(self._found)
            try:
                self._round(bar)
            except Lost as lost:
                fruitless = 0 if len(self._found) > before else fruitless + 1
                if fruitless == _FRUITLESS:
                    raise self._given_up(lost) from lost.__cause__

    def _round(self, bar: Any) -> None:
        """Hand out what was not handed out yet; when there is no more, what never came back."""
        fresh = len(self._found) + len(self._handed) < self._n
        careful = not fresh and min(self._handed.values()) > 1
        with closing(self._crew.outcomes(self._fresh() if fresh else self._again(), careful=careful)) as outcomes:
            for outcome in outcomes:
                self._take(outcome)
                bar.update(len(outcome.found))

    def _fresh(self) -> Iterator[Chunk]:
        size = chunk_size(self._n, self._crew.size)
        left = (index for index in range(self._n) if index not in self._found and index not in self._handed)
        while chunk := list(islice(left, size)):
            yield self._handing(chunk)

    def _again(self) -> Iterator[Chunk]:
        """Go through the suspects one by one, those that were lost most often last."""
        for index in sorted(self._handed, key=lambda index: (self._handed[index], index)):
            yield self._handing([index])

    def _handing(self, chunk: list[int]) -> Chunk:
        self._handed.update(chunk)
        return [(index, self._xs[index]) for index in chunk]

    def _take(self, outcome: Outcome) -> None:
        self._found.update((index, self._attached(found)) for index, found in outcome.found)
        for index, _ in outcome.found:
            del self._handed[index]
        if self._log is not None:
            self._log.write(outcome.found)
        if outcome.error is not None:
            raise outcome.error from outcome.error.__cause__ or _told(outcome)
        if outcome.interrupted:
            raise KeyboardInterrupt

    def _attached(self, found: Explanation | str) -> Explanation | str:
        return found if isinstance(found, str) else replace(found, model=self._model)

    def _given_up(self, lost: Lost) -> RetrustError:
        left = (index for index in range(self._n) if index not in self._found)
        return RetrustError(
            f"the workers were lost {_FRUITLESS} times with nothing done ({lost}); {len(self._found):,} of {self._n:,} "
            f"instances are done, the next are {listed(islice(left, 3))} – {self._onwards}"
        )

    @property
    def _onwards(self) -> str:
        if self._log is None:
            return (
                "what is done is on the error as partial; with path= it is kept in a file that the job can go on from"
            )
        return f"what is done is in {self._log.path}: the same call goes on from there"

    def _close(self) -> None:
        if self._log is not None:
            self._log.close()

    def _explanations(self) -> Explanations:
        order = sorted(self._found)
        done = [(index, self._found[index]) for index in order]
        explained = [(index, found) for index, found in done if not isinstance(found, str)]
        failures = {index: found for index, found in done if isinstance(found, str)}
        indices, items = zip(*explained, strict=True) if explained else ((), ())
        return Explanations(items, indices, failures, of=self._n, job=self._head["job"])

    def _warn(self, interrupted: bool) -> None:  # noqa: FBT001 – the one thing it takes
        found = self._explanations()
        if interrupted:
            message = f"interrupted after {len(self._found):,} of {self._n:,} instances, which are returned; "
            warnings.warn(message + (self._onwards if self._log else "with path= a job can go on"), PartialWarning, 4)
        if found.failures:
            index, why = next(iter(found.failures.items()))
            message = f"{len(found.failures):,} of {self._n:,} instances cannot be explained (failures): {index}: {why}"
            warnings.warn(message, RetrustWarning, 4)
        constant = sum(bool(np.isnan(one.fidelity)) for one in found)
        if constant:
            message = f"the model's outputs do not move for {constant:,} of {self._n:,} instances; their weights are 0"
            warnings.warn(message, ConstantModelWarning, 4)


def _told(outcome: Outcome) -> RetrustError | None:
    """Return what the traceback in the worker said."""
    return RetrustError(f"in the worker:\n{outcome.trace}") if outcome.trace else None


def chunk_size(n: int, workers: int) -> int:
    """Return how many of n instances go to a worker at a time.

    >>> chunk_size(10, 4), chunk_size(500, 2), chunk_size(10_000_000, 100)
    (1, 32, 64)
    """
    return max(1, min(_LARGEST, -(-n // (_EACH * workers))))


def digest(x: Any) -> str:
    """Tell instances apart by what is in them.

    >>> digest("a text") == digest("a text"), digest("a text") == digest("another")
    (True, False)
    """
    if isinstance(x, str):
        return hashlib.blake2b(x.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    try:
        return str(joblib.hash(x))[:16]
    except Exception as error:
        raise OptionError(
            f"an instance ({type(x).__name__}) cannot be told from others ({error}); path= needs instances that can be "
            "pickled"
        ) from error


class _Rows:
    """The rows of a data frame, or the values of a series."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return len(self._frame)

    def __getitem__(self, at: int) -> Any:
        return self._frame.iloc[at] if hasattr(self._frame, "iloc") else self._frame.row(at, named=True)


def instances(xs: Any) -> Any:
    """Return instances by number: of a list, an array, a table, or anything that can be gone through once."""
    if hasattr(xs, "tocsr"):
        rows = xs.tocsr()
        return [rows[[at]] for at in range(rows.shape[0])]
    if hasattr(xs, "to_pylist"):
        return xs.to_pylist()
    if isinstance(xs, str | bytes | Mapping) or not hasattr(xs, "__iter__"):
        raise OptionError(
            f"xs is one {type(xs).__name__}; several instances are expected – pass a list, or call explain"
        )
    if hasattr(xs, "iloc") or (hasattr(xs, "row") and hasattr(xs, "columns")):
        return _Rows(xs)
    return xs if hasattr(xs, "__getitem__") and hasattr(xs, "__len__") else list(xs)

"""Long work in small pieces: kept in files, done on all cores, gone on with after an interruption; and what comes out.

A piece is a function and its arguments; what it returns lies in a file of its own as soon as it is there. Its seed is
among its arguments, so that the order of pieces and the number of cores make no difference.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import statistics
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import distributions, version
from typing import TYPE_CHECKING, Any

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

PACKAGES = ("numpy", "scipy", "scikit-learn", "scikit-image", "joblib", "onnxruntime")
_PLAIN = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Piece:
    """A part of the work.

    Parameters
    ----------
    name : str
        What it is called in its section; no other piece is called so.
    function : callable
        Found at the top of its module, so that it reaches other processes by its name; returns what JSON can hold.
    arguments : tuple
        Plain values.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file: another function or other arguments have another one."""
        what = repr((self.function.__module__, self.function.__qualname__, self.arguments))
        return f"{_PLAIN.sub('-', self.name)}-{hashlib.sha256(what.encode()).hexdigest()[:12]}.json"


@dataclass(frozen=True)
class Check:
    """What was asked of a section, and what came out; ``holds`` is None where nothing can be said."""

    what: str
    asked: str
    measured: str
    holds: bool | None


@dataclass(frozen=True)
class Result:
    """What a section found.

    Parameters
    ----------
    rows : list of dict
        The lines of its table: plain figures.
    checks : list of Check
    seeds : dict
    calls : int
        How many inputs the models answered in all.
    more : dict
        What its plots need.
    notes : list of str
        Sentences below the table.
    """

    rows: list[dict[str, Any]]
    checks: list[Check]
    seeds: dict[str, Any]
    calls: int
    more: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Desk:
    """Where pieces are worked on.

    Parameters
    ----------
    folder : Path
        What is finished lies here.
    jobs : int
        Processes, as joblib has it: −1 is all cores, 1 this process.
    quiet : bool
        Whether to show no progress.
    """

    def __init__(self, folder: Path, jobs: int = -1, *, quiet: bool = False) -> None:
        """Open the folder."""
        self.folder, self.jobs, self.quiet = folder, jobs, quiet
        self.seconds = 0.0
        folder.mkdir(parents=True, exist_ok=True)

    def done(self, pieces: Iterable[Piece]) -> list[Any]:
        """Return what the pieces found, in their order; those that are not in the folder are worked on first."""
        pieces = list(pieces)
        left = [piece for piece in pieces if not (self.folder / piece.file).exists()]
        work = Parallel(n_jobs=self.jobs, return_as="generator_unordered", batch_size=1)(
            delayed(_worked)(piece, self.folder) for piece in left
        )
        known = len(pieces) - len(left)
        with tqdm(desc=self.folder.name, total=len(pieces), initial=known, disable=self.quiet) as bar:
            for name in work:
                bar.set_postfix_str(name, refresh=False)
                bar.update()
        found = [json.loads((self.folder / piece.file).read_text("utf-8")) for piece in pieces]
        self.seconds += sum(each["seconds"] for each in found)
        return [each["found"] for each in found]


def _worked(piece: Piece, folder: Path) -> str:
    start = time.perf_counter()
    with threadpool_limits(1):  # the processes keep all cores busy; threads of matrix products would be in the way
        found = piece.function(*piece.arguments)
    told = {"name": piece.name, "seconds": time.perf_counter() - start, "found": found}
    path = folder / piece.file
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(path)
    return piece.name


def mean_se(values: Sequence[float]) -> tuple[float, float]:
    """Return a mean and its standard error; NaN where there are too few.

    >>> mean_se([1.0, 2.0, 3.0])
    (2.0, 0.5773502691896258)
    """
    if not values:
        return float("nan"), float("nan")
    spread = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return statistics.fmean(values), spread


def versions() -> dict[str, str]:
    """Name what the figures were made with."""
    found = {"python": platform.python_version(), "retrust": rt.__version__}
    there = {each.name for each in distributions()}
    return found | {package: version(package) for package in PACKAGES if package in there}


def written(path: Path, about: dict[str, str], result: Result, seconds: dict[str, float]) -> None:
    """Write a section's file; what it is about (section, title, size) comes first."""
    told = {
        **about,
        "versions": versions(),
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "processor": platform.machine()},
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "model_calls": result.calls,
        **asdict(result),
    }
    told.pop("calls")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_plain(told), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """Round figures to what can be read, and write those that are none as null."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 – NaN
    return value

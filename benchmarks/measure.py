"""What the benchmarks share: rows of a table, times in turns, memory in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

MEBIBYTE = 2**20
REPEATS, QUICK = 9, 3
LINE = "{:<90} {:>9}  {:<6}  {}"


@dataclass
class Row:
    """One line of the table; ``ok`` is None where nothing was asked or nothing could be measured."""

    what: str
    asked: str
    measured: str
    ok: bool | None
    figures: dict[str, Any] = field(default_factory=dict)


class Timed:
    """A function of batches that knows how long it was at work, so that its time can be taken off."""

    def __init__(self, function: Callable[[Any], NDArray[Any]]) -> None:
        """Wrap a callable."""
        self.function, self.seconds, self.inputs = function, 0.0, 0

    def __call__(self, batch: Any) -> NDArray[Any]:
        """Call it, and add up time and inputs."""
        start = time.perf_counter()
        answer = self.function(batch)
        self.seconds += time.perf_counter() - start
        self.inputs += len(batch)
        return answer


def seconds(job: Callable[[], object]) -> float:
    """Time one run."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def in_turns(jobs: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Run the jobs in turns, so that a slow moment of the machine meets all; the first turn does not count."""
    runs: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeats + 1):
        for name, job in jobs.items():
            value = job()
            if turn:
                runs[name].append(value)
    return runs


def ratio(what: str, asked: float, runs: dict[str, list[float]]) -> Row:
    """Compare medians."""
    lime, own = statistics.median(runs["lime"]), statistics.median(runs["ours"])
    measured = f"{lime / own:.1f}  (lime {1000 * lime:.0f} ms, ours {1000 * own:.1f} ms)"
    return Row(what, f"≥ {asked:g}", measured, lime / own >= asked, {"ratio": lime / own, **runs})


# --- memory, in a process of its own


def fresh(*arguments: str) -> str:
    """Run a fresh interpreter that finds the same retrust, and return what it prints."""
    home = str(Path(rt.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    run = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    return run.stdout


def resident(which: str) -> float | None:
    """Read VmRSS or VmHWM in mebibytes; None where there is no /proc."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(which):
                return float(line.split()[1]) / 1024
    return None


def peak(job: Callable[[], object]) -> float | None:
    """Return by how many mebibytes the memory of this process grows at its highest."""
    start = resident("VmRSS")
    if start is None:
        job()
        return None
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the high-water mark starts again from here
    except OSError:
        return sampled_peak(job, start)
    job()
    return (resident("VmHWM") or 0.0) - start


def sampled_peak(job: Callable[[], object], start: float) -> float:
    """Look every two milliseconds, where the high-water mark cannot be reset."""
    highest, done = start, threading.Event()

    def look() -> None:
        nonlocal highest
        while not done.wait(0.002):
            highest = max(highest, resident("VmRSS") or 0.0)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    job()
    done.set()
    looking.join()
    return highest - start


def memory_row(what: str, asked: int, done: dict[str, Any]) -> Row:
    """Compare what another process measured, in mebibytes, with so many megabytes."""
    if done["mebibytes"] is None:
        return Row(what, f"≤ {asked} MB", "not measured on this system", None, done)
    megabytes = done["mebibytes"] * MEBIBYTE / 1e6
    measured = f"{megabytes:.0f} MB  ({done['seconds']:.1f} s)"
    return Row(what, f"≤ {asked} MB", measured, megabytes <= asked, {**done, "megabytes": megabytes})


# --- the table


def verdict(row: Row) -> str:
    """Say whether a row holds."""
    return {True: "holds", False: "MISSED", None: "–"}[row.ok]


def table(
    about: str,
    heading: Callable[[], str],
    groups: Sequence[Callable[[int], Iterator[Row]]],
    memory_alone: Callable[[], None],
) -> None:
    """Measure, print, and write the figures where asked."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write all figures here")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} repeats instead of {REPEATS}")
    parser.add_argument("--only", metavar="WORD", help="one group: " + ", ".join(group.__name__ for group in groups))
    parser.add_argument("--only-memory", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_memory:
        memory_alone()
        return
    repeats = QUICK if options.quick else REPEATS
    print(f"{heading()}, medians of {repeats}, {os.cpu_count()} cores\n")
    print(LINE.format("what", "asked", "", "measured"))
    rows: list[Row] = []
    for group in groups:
        if options.only in (None, group.__name__):
            for row in group(repeats):
                rows.append(row)
                print(LINE.format(row.what, row.asked, verdict(row), row.measured), flush=True)
    if options.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count(), "about": heading()}
        options.json.write_text(
            json.dumps({**machine, "rows": [asdict(row) for row in rows]}, indent=1), encoding="utf-8"
        )

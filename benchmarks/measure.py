"""What the benchmarks share: rows, the table and the file they go to; times in turns; memory in a fresh process."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import surroundings

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

MEBIBYTE = 2**20
REPEATS, QUICK = 9, 3
LINE = "{:<90} {:>9}  {:<6}  {}"

Given = TypeVar("Given")


@dataclass
class Row:
    """One line of the table; ``ok`` is None where nothing was asked or nothing could be measured.

    ``spread`` says how far the repeats lie apart, where ``measured`` does not say it already.
    """

    what: str
    asked: str
    measured: str
    ok: bool | None
    figures: dict[str, Any] = field(default_factory=dict)
    spread: str = ""


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


def in_turns(jobs: Mapping[str, Callable[[], float]], repeats: int, *, warm: bool = True) -> dict[str, list[float]]:
    """Run the jobs in turns, so that a slow moment of the machine meets all; with ``warm``, one turn does not count."""
    turns = [{name: job() for name, job in jobs.items()} for _ in range(repeats + warm)][warm:]
    return {name: [turn[name] for turn in turns] for name in jobs}


def ratio(what: str, asked: float | None, runs: dict[str, list[float]], rival: str = "lime") -> Row:
    """Compare medians; the spread is that of the turns' own ratios."""
    theirs, own = statistics.median(runs[rival]), statistics.median(runs["ours"])
    times = theirs / own
    measured = f"{times:.1f}  ({rival} {1000 * theirs:.0f} ms, ours {1000 * own:.1f} ms)"
    turns = [a / b for a, b in zip(runs[rival], runs["ours"], strict=True)]
    holds = None if asked is None else times >= asked
    figures = {"ratio": times, rival: runs[rival], "ours": runs["ours"]}
    return Row(what, "" if asked is None else f"≥ {asked:g}", measured, holds, figures, between(turns))


def between(values: Sequence[float], digits: int = 1, unit: str = "") -> str:
    """Write the smallest and the largest of some repeats, and how many there were; nothing for one alone."""
    if len(values) == 1:
        return ""
    return f"{min(values):.{digits}f} – {max(values):.{digits}f}{unit} in {len(values)} turns"


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


# --- the table, and the file


def verdict(row: Row) -> str:
    """Say whether a row holds."""
    return {True: "holds", False: "MISSED", None: "–"}[row.ok]


def arguments(about: str, groups: Sequence[Callable[..., Iterator[Row]]], quick: str) -> argparse.ArgumentParser:
    """Return what every benchmark understands on its command line."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--json", metavar="PATH", help="append the figures of each group as a line of JSON; - prints")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--only", metavar="GROUPS", help="some of " + ",".join(group.__name__ for group in groups))
    return parser


def known(path: Path) -> list[dict[str, Any]]:
    """Read the groups that a file has; none where there is no file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def command() -> str:
    """Return how this program was called, less where its figures go."""
    words, hidden = [f"benchmarks/{Path(sys.argv[0]).name}"], False
    for word in sys.argv[1:]:
        if not hidden and word.partition("=")[0] != "--json":
            words.append(word)
        hidden = word == "--json"
    return " ".join(words)


def carry_out(
    groups: Sequence[Callable[[Given], Iterator[Row]]], given: Given, options: argparse.Namespace, about: str, size: str
) -> None:
    """Measure group by group and print; write each down once it is done, and pass over those that the file has."""
    path = None if options.json in (None, "-") else Path(options.json)
    done = {line["group"] for line in known(path)} if path else set[str]()
    names = {group.__name__ for group in groups} if options.only is None else set(options.only.split(","))
    print(f"{about}; {size}, {os.cpu_count()} cores\n", file=sys.stderr if options.json == "-" else None)
    print(LINE.format("what", "asked", "", "measured"))
    for group in groups:
        if group.__name__ in names - done:
            line = json.dumps(_measured(group, given, {"about": about, "size": size}), default=float)
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")
            elif options.json:
                print(line, flush=True)


def _measured(group: Callable[[Given], Iterator[Row]], given: Given, more: dict[str, str]) -> dict[str, Any]:
    """Measure one group; return its rows, and all that its figures depend on."""
    begun, load, start = datetime.now(timezone.utc), surroundings.load(), time.perf_counter()
    rows: list[Row] = []
    for row in group(given):
        rows.append(row)
        print(LINE.format(row.what, row.asked, verdict(row), row.measured), flush=True)
    return {
        "benchmark": Path(sys.argv[0]).stem,
        "group": group.__name__,
        "command": command(),
        **more,
        "began": begun.isoformat(timespec="seconds"),
        "load": load,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": surroundings.machine(),
        "versions": surroundings.versions(),
        "rows": [asdict(row) for row in rows],
    }


def table(
    about: str,
    heading: Callable[[], str],
    groups: Sequence[Callable[[int], Iterator[Row]]],
    memory_alone: Callable[[], None],
    full: str | None = None,
) -> None:
    """Run a benchmark whose groups are given a number of repeats; ``full`` says what its ``--full`` does."""
    parser = arguments(about, groups, f"{QUICK} repeats instead of {REPEATS}")
    parser.add_argument("--only-memory", action="store_true", help=argparse.SUPPRESS)
    if full:
        parser.add_argument("--full", action="store_true", help=full)
    options = parser.parse_args()
    if options.only_memory:
        memory_alone()
        return
    repeats = QUICK if options.quick else REPEATS
    carry_out(groups, repeats, options, heading(), f"medians of {repeats}")

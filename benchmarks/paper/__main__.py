"""The paper's experiments: sections 5.2, 5.3, 5.4, 6.2, 6.3 and 6.4, run on retrust.

    python benchmarks/paper [--quick] [--only 5.2,5.3] [--jobs N] [--fresh]

Each section writes one file of figures; the page (``docs/paper.md``) is made from these files alone, by ``report.py``.
What is finished stays in the work folder, so that the same command goes on after an interruption. ``RETRUST_DATA``
names the reviews, posts, pages and photographs. How it is done: ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
import time
import warnings
from pathlib import Path

HOME = Path(__file__).parent
sys.path[:0] = [str(HOME), str(HOME.parent)]

import running  # noqa: E402 – found by the line above

SECTIONS = {
    "5.2": "faithful",
    "5.3": "predictions",
    "5.4": "forests",
    "6.2": "choosing",
    "6.3": "mending",
    "6.4": "insight",
}
RESULTS, WORK = HOME / "results", HOME / ".work"


def main() -> None:
    """Run what is asked for, and write it down."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few documents, pairs and persons: a few minutes")
    parser.add_argument("--tiny", action="store_true", help="made-up data, seconds: what the tests run")
    parser.add_argument("--only", metavar="SECTIONS", default=",".join(SECTIONS), help="some of %(default)s")
    parser.add_argument("--jobs", type=int, default=-1, help="processes; −1, all cores, is the default")
    parser.add_argument("--results", type=Path, help="where the files go (full: beside this program)")
    parser.add_argument("--work", type=Path, default=WORK, help="where what is finished lies")
    parser.add_argument("--fresh", action="store_true", help="forget what is finished")
    options = parser.parse_args()
    size = "tiny" if options.tiny else "quick" if options.quick else "full"
    asked = options.only.split(",")
    unknown = sorted(set(asked) - set(SECTIONS))
    if unknown:
        parser.error(f"--only {', '.join(unknown)}: the sections are {', '.join(SECTIONS)}")
    results = options.results or (RESULTS if size == "full" else options.work / size / "results")
    for section in asked:
        folder = options.work / size / section
        if options.fresh:
            shutil.rmtree(folder, ignore_errors=True)
        measured(section, size, running.Desk(folder, options.jobs), results)


def measured(section: str, size: str, desk: running.Desk, results: Path) -> None:
    """Run one section, say what it found, and write its file."""
    module, start = importlib.import_module(SECTIONS[section]), time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = module.run(size, desk)
    seconds = {"wall": time.perf_counter() - start, "pieces": desk.seconds}
    path = results / f"{section}.json"
    running.written(path, {"section": section, "title": module.TITLE, "size": size}, result, seconds)
    print(f"{section} {module.TITLE} ({size}): {seconds['wall']:.0f} s, of all pieces {seconds['pieces']:.0f} s")
    for check in result.checks:
        verdict = {True: "holds", False: "MISSED", None: "–"}[check.holds]
        print(f"  {verdict:<6}  {check.what}: asked {check.asked}, measured {check.measured}")
    print(f"  {path}", flush=True)


if __name__ == "__main__":
    main()

"""A process that marks and retrains until it is killed, and what is in its file afterwards.

``python benchmarks/killed.py PATH`` is the process: it says what it has done, a line of JSON each.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from retrust.datasets import newsgroups
from retrust.session import Session

if TYPE_CHECKING:
    import numpy as np

WORDS = ("Posting", "Host", "Organization", "Subject", "Lines", "From", "Re", "NNTP", "Nntp", "Newsreader")
ROUNDS, LONGEST = 3, 2.0


@dataclass(frozen=True)
class Killed:
    """What was said before the end, and whether the file has it."""

    said: int
    during: bool
    kept: bool


def session(path: str) -> Session:
    """Begin a session on the generated corpus, or go on with the one in a file."""
    found = newsgroups("train", source="generated")
    model = make_pipeline(CountVectorizer(lowercase=False), LogisticRegression(max_iter=1000))
    held = found.texts[::5], found.labels[::5]
    return Session(model, found.texts, found.labels, valid=held, path=path, n_samples=200)


def work(path: str) -> None:
    """Mark and retrain, again and again, and say so."""
    s = session(path)
    for word in WORDS:
        s.mark(word)
        say(mark=word)
        say(retraining=word)
        done = s.retrain()
        say(revision=done.number, after=done.measures["valid"]["after"])


def say(**what: Any) -> None:
    """Print a line of JSON at once."""
    print(json.dumps(what), flush=True)


def once(rng: np.random.Generator) -> Killed:
    """Start the process, kill it at a random moment of a random round, and compare its file with what it said."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "session.jsonl"
        said = until_killed(path, int(rng.integers(1, ROUNDS + 1)), float(rng.uniform(0, LONGEST)))
        s = session(str(path))
        marks = {line["mark"] for line in said if "mark" in line}
        after = {line["revision"]: line["after"] for line in said if "revision" in line}
        there = {each.number: each.measures["valid"]["after"] for each in s.revisions[1:]}
        kept = marks <= s.marked and all(there.get(number) == value for number, value in after.items())
        s.close()
    return Killed(len(said), "retraining" in said[-1], kept)


def until_killed(path: Path, rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Kill the process so long after its n-th retraining began; return what it said until then."""
    told = path.with_suffix(".said")
    with (
        told.open("wb") as out,
        subprocess.Popen([sys.executable, __file__, str(path)], stdout=out, start_new_session=True) as kernel,
    ):
        while sum("retraining" in line for line in read(told)) < rounds and kernel.poll() is None:
            time.sleep(0.02)
        time.sleep(seconds)
        kernel.kill()
        kernel.wait()
        said = read(told)
        with suppress(ProcessLookupError):
            os.killpg(kernel.pid, signal.SIGKILL)  # the process in which it trained
    return said


def read(told: Path) -> list[dict[str, Any]]:
    """Read what was said, whole lines only."""
    return [json.loads(line) for line in told.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]


if __name__ == "__main__":
    work(sys.argv[1])

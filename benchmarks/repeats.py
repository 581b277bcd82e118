"""What the groups of ``estimation.py`` share: documents and models, automatic explanations, and their overlap."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import absences
import numpy as np

import retrust as rt
from retrust.sampling import Exponential

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from absences import Answer
    from rivals import Top

USUAL = Exponential(25.0)
NARROW = (5.0, 8.0)
NORMAL = 1.96
MASKS = 5000
CALLS = 1000
OVERLAP = 0.95


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Documents, seeds of each, reviews of a kind (None: all), documents with a known answer, documents with fixed numbers
    of masks and how many of these, documents explained by others.
    """

    name: str
    documents: int
    seeds: int
    reviews: int | None
    certain: int
    climbed: int
    rungs: int
    others: int


QUICK = Size("quick", 10, 2, 12, 3, 4, 6, 2)
MEDIUM = Size("medium", 50, 3, 100, 10, 20, 8, 10)
FULL = Size("full", 50, 6, None, 10, 50, 8, 50)


def told(*words: object) -> None:
    """Say on standard error what is at work."""
    print(*words, file=sys.stderr, flush=True)


def mean(values: Iterable[float]) -> tuple[float, float]:
    """Return mean and standard error."""
    known = [float(value) for value in values]
    error = statistics.stdev(known) / len(known) ** 0.5 if len(known) > 1 else float("nan")
    return statistics.fmean(known), error


def pm(values: Iterable[float], digits: int = 3) -> str:
    """Write mean ± standard error."""
    middle, error = mean(values)
    return f"{middle:.{digits}f} ± {error:.{digits}f}"


def jaccard(a: Top, b: Top) -> float:
    """Return the overlap of two sets."""
    return len(a & b) / len(a | b) if a | b else 1.0


def overlaps(tops: Sequence[Top]) -> float:
    """Return the mean overlap of all pairs."""
    return statistics.fmean(jaccard(a, b) for a, b in combinations(tops, 2))


@dataclass(frozen=True)
class Case:
    """A model and a document of the posts."""

    model: str
    answer: Answer
    d: int
    column: int


@cache
def cases(documents: int) -> dict[str, list[Case]]:
    """Return, for each model, the same documents, and which output is explained."""
    found: dict[str, list[Case]] = {}
    rows = [absences.posts().test[i] for i in absences.chosen(documents)]
    for model in absences.models():
        answers = [model.at(row) for row in rows]
        found[model.name] = [
            Case(model.name, answer, row.nnz, int(np.argmax(np.atleast_1d(answer(np.ones((1, row.nnz), bool))[0]))))
            for answer, row in zip(answers, rows, strict=True)
        ]
    return found


@dataclass(frozen=True)
class Run:
    """What one automatic explanation said."""

    top: Top
    calls: int
    settled: bool
    stability: float


def explained(case: Case, seed: int, kernel: Exponential = USUAL, most: int | None = None) -> rt.Explanation:
    """Explain as a user would who sets nothing."""
    explainer = rt.Explainer(case.answer, absences.Masks(), kernel=kernel, seed=seed)
    return explainer.explain(case.d, case.column, max_calls=most)


def noted(e: rt.Explanation) -> Run:
    """Keep what is compared."""
    return Run(frozenset(int(i) for i in e.fit.selected), e.model_calls, e.settled, e.stability)


@cache
def runs(documents: int, seeds: int, width: float) -> dict[str, list[list[Run]]]:
    """Return the runs of each model: documents × seeds."""
    found: dict[str, list[list[Run]]] = {}
    for name, them in cases(documents).items():
        told(f"  auto, {name}, kernel {width:g}")
        kernel = Exponential(width)
        found[name] = [[noted(explained(case, seed, kernel)) for seed in range(seeds)] for case in them]
    return found


def stopped(case: Case, seed: int, n: int) -> rt.Explanation:
    """Draw as "auto" does, but exactly n masks."""
    explainer = rt.Explainer(case.answer, absences.Masks(), seed=seed)
    return explainer.stream(case.d, case.column).upto(n)


def fixed(case: Case, seed: int, n: int = 2000) -> rt.Explanation:
    """Draw a fixed number of masks, and make nothing of what is known of their law."""
    return rt.Explainer(case.answer, absences.Masks(), seed=seed).explain(case.d, case.column, n)

"""Picking instances: our figures beside the submodular pick of the ``lime`` package, in one process.

    python benchmarks/pick.py [--json PATH] [--quick] [--only WORD] [--full]

``--full`` lets lime pick all ten, which takes many minutes. ``RETRUST_DATA`` names the newsgroups where they are at
hand; otherwise the generated corpus is used. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import json
import math
import signal
import statistics
import sys
import time
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measure import QUICK, Row, between, fresh, memory_row, peak, resident, seconds, table
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from surroundings import imported, missing

import retrust as rt
from retrust.datasets import newsgroups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from retrust.datasets import Posts

    Weights = sparse.csr_array[np.float64, tuple[int, int]]

EACH = 10  # features a row
SIZE, SMALL = (2000, 8000), (300, 1200)
BUDGET = 10
LIMIT = 60.0  # seconds for lime, unless it may go on to the end
LARGE, MANY = (1_000_000, 50_000), 50
BOUND = 1 - 1 / math.e
CASES, MOST = 200, 0.5
FULL = "--full" in sys.argv
LIME_PICK, LIME_EXPLANATION = "lime.submodular_pick", "lime.explanation"


# --- what is picked from


def weights(shape: tuple[int, int], seed: int = 0) -> Weights:
    """Draw some features for each row: a few columns are in many rows, and each is in one at least, as words are."""
    rng = np.random.default_rng(seed)
    n, d = shape
    columns = (d * rng.random(n * EACH) ** 3).astype(np.int32)
    columns[rng.permutation(n * EACH)[:d]] = np.arange(d, dtype=np.int32)
    parts = rng.normal(size=n * EACH), columns, np.arange(0, n * EACH + 1, EACH)
    drawn: Weights = sparse.csr_array(parts, shape=shape)
    drawn.sum_duplicates()
    return drawn


class Told:
    """What lime takes for an explainer; the explanations are there already."""

    def __init__(self, drawn: Weights) -> None:
        """Write each row as one of lime's explanations."""
        self.rows = [self.row(drawn, i) for i in range(drawn.shape[0])]

    @staticmethod
    def row(drawn: Weights, i: int) -> Any:
        """Write one row."""
        part = slice(drawn.indptr[i], drawn.indptr[i + 1])
        explanation = imported(LIME_EXPLANATION).Explanation(Names(), class_names=["a", "b"])
        explanation.local_exp = {1: list(zip(drawn.indices[part].tolist(), drawn.data[part].tolist(), strict=True))}
        return explanation

    def explain_instance(self, i: int, *_: Any, **__: Any) -> Any:
        """Return a row."""
        return self.rows[i]


class Names:
    """Columns are called by their numbers."""

    @staticmethod
    def map_exp_ids(weighted: Any, **_: Any) -> Any:
        """Leave them as they are."""
        return weighted


@cache
def corpus() -> Posts:
    """Return the test posts."""
    return newsgroups("test")


# --- who picks


def limes(told: Told, budget: int) -> list[int]:
    """Pick with lime's own class."""
    submodular = imported(LIME_PICK).SubmodularPick
    picked = submodular(told, np.arange(len(told.rows)), None, method="full", num_exps_desired=budget)
    return list(map(int, picked.V))


@contextmanager
def limited(allowed: float | None) -> Iterator[None]:
    """Raise TimeoutError after so many seconds, where the system can."""
    if allowed is None or not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, allowed)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def covered(drawn: Weights, chosen: list[int]) -> float:
    """Return what some rows cover, by the definition in section 4 of the paper."""
    dense = abs(drawn)
    importance = np.sqrt(np.asarray(dense.sum(axis=0)).ravel())
    return float(importance[np.unique(dense[chosen].indices)].sum())


# --- rows


def greedy(repeats: int) -> Iterator[Row]:
    """Pick 10 of 2,000, ours to the end and lime's as far as it is allowed."""
    drawn = weights(SIZE)
    rt.pick(drawn, BUDGET)
    runs = [seconds(partial(rt.pick, drawn, BUDGET)) for _ in range(repeats)]
    own = statistics.median(runs)
    what = f"{SIZE[0]:,} × {SIZE[1]:,}, {EACH} features a row, {BUDGET} picked: our time"
    spread = between([1000 * each for each in runs], unit=" ms")
    yield Row(what, "≤ 50 ms", f"{1000 * own:.1f} ms", own <= 0.05, {"seconds": runs}, spread)  # noqa: PLR2004
    if gone := missing(LIME_PICK):
        yield Row("the same: lime's time", "", gone, None)
        return
    spent, said, figures = lime_time(Told(drawn))
    measured = f"{said} ({spent / own:,.0f} times ours)"
    yield Row("the same: lime's time", "", measured, None, {**figures, "ours": own})


def lime_time(told: Told) -> tuple[float, str, dict[str, Any]]:
    """Time lime to the end; or its first choice alone, which is a tenth of the work at least."""
    n = len(told.rows)
    steps = sum(n - i for i in range(BUDGET)) / n  # each choice has one row fewer to look at
    start = time.perf_counter()
    try:
        with limited(None if FULL else LIMIT):
            limes(told, BUDGET if FULL else 1)
    except TimeoutError:
        said = f"more than {steps * LIMIT:.0f} s; the first of {BUDGET} choices was not made after {LIMIT:.0f} s"
        return steps * LIMIT, said, {"limit": LIMIT}
    spent = time.perf_counter() - start
    if FULL:
        return spent, f"{spent:.0f} s, all of it measured", {"all": spent}
    whole = spent * steps
    return whole, f"about {whole:.0f} s, from {spent:.1f} s for the first of {BUDGET} choices", {"first": spent}


def same(_: int) -> Iterator[Row]:
    """Let both pick to the end at a size that lime can do."""
    drawn = weights(SMALL)
    what = f"{SMALL[0]} × {SMALL[1]:,}, {BUDGET} picked: difference from what lime's pick covers"
    if gone := missing(LIME_PICK):
        yield Row(what, "≤ 1e-9", gone, None)
        return
    told = Told(drawn)
    start = time.perf_counter()
    theirs = limes(told, BUDGET)
    spent = time.perf_counter() - start
    own = list(rt.pick(drawn, BUDGET).chosen)
    gap = abs(covered(drawn, own) - covered(drawn, theirs)) / covered(drawn, theirs)
    alike = f"the same {len(set(own) & set(theirs))} of {BUDGET} chosen"
    measured = f"{gap:.1e}  ({alike}; lime {spent:.1f} s)"
    yield Row(what, "≤ 1e-9", measured, gap <= 1e-9, {"ours": own, "lime": theirs, "seconds": spent})  # noqa: PLR2004


def large(_: int) -> Iterator[Row]:
    """A million rows, in a process of its own."""
    done = json.loads(fresh(str(Path(__file__).resolve()), "--only-memory"))
    what = f"{LARGE[0]:,} × {LARGE[1]:,} sparse, {done['weights']:,} weights, {MANY} picked"
    yield Row(f"{what}: time", "≤ 30 s", f"{done['seconds']:.1f} s", done["seconds"] <= 30, done)  # noqa: PLR2004
    yield memory_row(f"{what}: memory of the process, matrix and all", 2000, done)


def exact(_: int) -> Iterator[Row]:
    """Compare the greedy choice with the best of all in small cases."""
    rng = np.random.default_rng(0)
    ratios = np.array([case(rng) for _ in range(CASES)])
    best = float((ratios > 1 - 1e-9).mean())
    figures = {"ratios": ratios.tolist()}
    what = f"{CASES} random small cases: greedy over exact"
    worst = ratios.min()
    yield Row(f"{what}, worst", f"≥ {BOUND:.3f}", f"{worst:.3f}", bool(worst >= BOUND), figures)
    yield Row(f"{what}, equal in", f"> {MOST:.0%}", f"{best:.0%}", best > MOST, {"mean": float(ratios.mean())})


def case(rng: np.random.Generator) -> float:
    """Draw 6 to 14 rows with 8 to 30 columns, most of them empty, and pick 2 to 5."""
    n, d, budget = int(rng.integers(6, 15)), int(rng.integers(8, 31)), int(rng.integers(2, 6))
    drawn: NDArray[np.float64] = rng.normal(size=(n, d)) * (rng.random((n, d)) < rng.uniform(0.1, 0.4))
    drawn[0, 0] = 1
    by = {method: rt.pick(drawn, budget, method).coverage[-1] for method in ("submodular", "exact")}
    return float(by["submodular"] / by["exact"])


def news(repeats: int) -> Iterator[Row]:
    """Say what picked posts show, and what as many drawn by chance do."""
    train, n = newsgroups("train"), 100 if repeats <= QUICK else 400
    model = make_pipeline(CountVectorizer(binary=True, lowercase=False), LogisticRegression(C=0.1, max_iter=1000))
    model.fit(train.texts, train.labels)
    texts = [corpus().texts[i] for i in np.random.default_rng(0).permutation(len(corpus()))[:n]]
    explainer = rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(n_features=6), seed=0)
    picked = rt.pick(explainer.explain_many(texts, n_samples=500, progress=False), budget=20)
    mean, low, high = picked.random_shares()
    for budget in (1, 3, 6, 10, 20):
        at = budget - 1
        what = f"{n} posts, 6 words each, {budget} picked: share of importance shown"
        chance = f"by chance {mean[at]:.0%}, nine in ten from {low[at]:.0%} to {high[at]:.0%}"
        figures = {"share": float(picked.share[at]), "mean": mean[at], "low": low[at], "high": high[at]}
        yield Row(what, "", f"{picked.share[at]:.0%}  ({chance})", None, figures)


ROWS = (greedy, same, large, exact, news)


# --- a million rows, in a process of its own


def memory_alone() -> None:
    """Pick from a large matrix once; print how long it took and how much memory the process had at most."""
    rt.pick(weights((100, 50)), 2)  # all code is loaded
    drawn = weights(LARGE)
    start, before = time.perf_counter(), resident("VmRSS")
    grown = peak(lambda: rt.pick(drawn, MANY))
    spent = time.perf_counter() - start
    most = None if grown is None or before is None else before + grown
    print(json.dumps({"mebibytes": most, "seconds": spent, "weights": drawn.nnz}))


def heading() -> str:
    """Say what is measured on."""
    return f"{corpus().source}; lime picks {'to the end' if FULL else f'for {LIMIT:.0f} s at most'}"


if __name__ == "__main__":
    table(str(__doc__), heading, ROWS, memory_alone, f"let lime pick all {BUDGET}, which takes many minutes")

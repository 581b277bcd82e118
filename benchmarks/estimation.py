"""How sure explanations are, and what that costs: ``n_samples="auto"`` beside fixed numbers and beside others.

    python benchmarks/estimation.py [--quick | --full] [--only GROUP,GROUP] [--json PATH]

``--json`` appends each group's rows to a file as lines of JSON, ``-`` prints them; groups that the file has already are
passed over. ``RETRUST_DATA`` names the real data where they are at hand; else the generated posts are used. Answers
from sixty thousand masks are kept in the folder that ``RETRUST_CACHE`` names. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import absences
import certain
import designs
import numpy as np
import rivals
from measure import LINE, Row, in_turns, seconds, verdict
from rivals import TOP, one

import retrust as rt
from retrust.datasets import newsgroups
from retrust.errors import ConstantModelWarning
from retrust.neighbourhood import Moments, Neighbourhood, Weighted
from retrust.sampling import Exponential
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from absences import Answer, Array, Corpus
    from certain import Truth
    from rivals import Top

USUAL = Exponential(25.0)
NARROW = (5.0, 8.0)
LADDER = (500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000)
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


# --- what is explained


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


def climbed(case: Case, seed: int, kernel: Exponential, rungs: Sequence[int]) -> list[Top]:
    """Return the parts on top after fixed numbers of masks, as lime and ``n_samples=`` fit them, from one stream."""
    rng, d = np.random.default_rng([seed, 1]), case.d
    masks, answer = rivals.drawn(d, rungs[-1], rng), one(case.answer, case.column)
    origin = answer(masks[:1])
    total: Moments | None = None
    tops = []
    for start, end in pairwise((0, *rungs)):
        part = masks[start:end]
        outputs = answer(part)[:, None]
        sums = Moments.of(part, outputs, kernel(part), origin)
        total = sums if total is None else total + sums
        tops.append(_largest(total))
    return tops


def _largest(m: Moments) -> Top:
    """Select as ``Ridge`` does: the largest coefficients of a fit of all."""
    assert m.xx is not None  # noqa: S101 – there are at most 500 parts
    gram = m.xx - np.outer(m.x, m.x) / m.weight + 0.01 * np.eye(len(m.x))
    cross = m.xy[:, 0] - m.x * (m.y[0] / m.weight)
    return rivals.largest(np.linalg.solve(gram, cross))


# --- a) the paper's section 5.2


def faith(size: Size) -> Iterator[Row]:
    """Recall of the words that decision trees and L1 models use, on books and dvd."""
    for domain in ("books", "dvd"):
        corpus = absences.reviews(domain)
        if corpus is None:
            yield Row(f"5.2 {domain}", "", "RETRUST_DATA has no reviews", None)
            continue
        for model in (absences.Trees.tree(corpus), absences.Sparse.fitted(corpus)):
            yield recall_row(domain, model, corpus, size.reviews)


def recall_row(domain: str, model: Any, corpus: Corpus, most: int | None) -> Row:
    """Compare ours at a thousand calls with the paper's procedure, lime and SHAP."""
    told(f"  recall, {domain}, {model.name}")
    rows = [corpus.test[int(i)] for i in np.random.default_rng(1).permutation(corpus.test.shape[0])]
    told_by = [(row, model.gold(row)) for row in rows if row.nnz > TOP]
    golden = [(row, gold) for row, gold in told_by if gold][:most]
    found: dict[str, list[float]] = {}
    moves: list[bool] = []
    for seed, (row, gold) in enumerate(golden):
        probes = rivals.drawn(row.nnz, CALLS, np.random.default_rng([seed, 2]))
        moves.append(bool(np.ptp(one(model.at(row), 1)(probes)) > 0))
        for name, top in tops_of(model.at(row), row.nnz, seed).items():
            found.setdefault(name, []).append(100 * len(gold & top) / len(gold))
    ours, paper = found["ours 1000"], found["paper 15000"]
    apart = [a - b for a, b in zip(ours, paper, strict=True)]
    others = ", ".join(f"{name} {statistics.fmean(values):.1f}" for name, values in found.items() if "ours" not in name)
    where = [statistics.fmean(np.array(each)[moves]) for each in (ours, paper)]
    moved = (
        f"where the model's answers move at all, {sum(moves)} of {len(ours)} reviews, {where[0]:.1f} / {where[1]:.1f}"
    )
    measured = f"{pm(ours, 1)}  ({others}; less the paper's {pm(apart, 1)}; {moved})"
    what = f"5.2 {domain}, {model.name}: recall %, ours at 1,000 calls against the paper's at 15,000"
    return Row(what, f"≥ {statistics.fmean(paper):.1f}", measured, mean(apart)[0] >= 0, found)


def tops_of(answer: Answer, d: int, seed: int) -> dict[str, Top]:
    """Return the parts on top by ours and by others."""
    found: dict[str, Top | None] = {
        "ours 1000": noted(explained(Case("", answer, d, 1), seed, most=CALLS)).top,
        "paper 15000": rivals.paper(answer, d, 1, rivals.PAPER, seed),
        "paper 1000": rivals.paper(answer, d, 1, CALLS, seed),
        **{f"lime {n}": rivals.lime(answer, d, 1, n, seed) for n in (500, CALLS, MASKS, rivals.PAPER)},
        "shap Kernel 1000": rivals.kernel_shap(answer, d, 1, CALLS, seed),
        "shapiq Kernel 1000": rivals.shapiq(answer, d, 1, CALLS, seed),
    }
    return {name: top for name, top in found.items() if top is not None}


# --- b), c), e) seeds agree; what that costs; and whether it was foretold


def agreement(size: Size) -> Iterator[Row]:
    """Overlap of the ten on top between seeds, where "auto" says that it is settled."""
    found = runs(size.documents, size.seeds, USUAL.width)
    everything: list[float] = []
    for name, documents in found.items():
        pairs, _ = settled_pairs(documents)
        share = statistics.fmean(run.settled for document in documents for run in document)
        rest = statistics.fmean(overlaps([run.top for run in document]) for document in documents)
        calls = statistics.median(run.calls for document in documents for run in document)
        everything += pairs
        more = f"(settled {share:.0%}, all documents {rest:.3f}, median calls {calls:,.0f})"
        said = f"{pm(pairs)}  {more}" if pairs else f"never settled  {more}"
        holds = mean(pairs)[0] >= OVERLAP if pairs else None
        yield Row(f"{name}: Jaccard of the top 10 between seeds where settled", "≥ 0.95", said, holds, {"pairs": pairs})
    if everything:
        said = f"{pm(everything)}  ({len(everything)} documents × models)"
        yield Row("all models: the same", "≥ 0.95", said, mean(everything)[0] >= OVERLAP)


def settled_pairs(documents: list[list[Run]]) -> tuple[list[float], list[float]]:
    """Return observed and foretold overlap, document by document, of pairs of seeds that are both settled."""
    seen, foretold = [], []
    for document in documents:
        settled = [run for run in document if run.settled]
        if len(settled) > 1:
            seen.append(overlaps([run.top for run in settled]))
            foretold.append(statistics.fmean(run.stability for run in settled))
    return seen, foretold


def rivalry(size: Size) -> Iterator[Row]:
    """Overlap between seeds of others, on the same documents."""
    makers: dict[str, tuple[Callable[..., Top | None], tuple[int, ...]]] = {
        "lime": (rivals.lime, (500, CALLS, MASKS, rivals.PAPER)),
        "paper's K-LASSO": (rivals.paper, (rivals.PAPER,)),
    }
    for package, make in (("shap", rivals.kernel_shap), ("shapiq", rivals.shapiq)):
        if rivals.installed(package) is None:
            yield Row(package, "", "not installed", None)
        else:
            makers[f"{package} Kernel"] = (make, (CALLS, MASKS))
    for model, them in cases(size.documents).items():
        told(f"  others, {model}")
        parts = []
        for name, (make, counts) in makers.items():
            for n in counts:
                tops = [[make(c.answer, c.d, c.column, n, seed) for seed in range(2)] for c in them[: size.others]]
                parts.append(f"{name} at {n:,}: {statistics.fmean(jaccard(a, b) for a, b in tops if a and b):.2f}")
        yield Row(f"{model}: Jaccard of others between two seeds, {size.others} documents", "", "; ".join(parts), None)


def cost(size: Size) -> Iterator[Row]:
    """Median calls of "auto" against the fixed number of the same overlap."""
    for width, asked in ((USUAL.width, 1 / 2), *((width, 1 / 3) for width in NARROW)):
        ratios = []
        for name, documents in costs(size, width).items():
            row, share = cost_row(name, documents, cases(size.documents)[name][: size.climbed], width, size)
            yield row
            ratios.append(share)
        what = f"kernel {width:g}: calls of auto / calls of the fixed number with its overlap, median of models"
        middle = statistics.median(ratios)
        yield Row(what, f"≤ {asked:.2f}", f"{middle:.2f}", middle <= asked, {"ratios": ratios})


def costs(size: Size, width: float) -> dict[str, list[list[Run]]]:
    """Return the automatic runs of a few documents; of those there are where the kernel is the usual one."""
    if width != USUAL.width:
        return runs(size.climbed, 2, width)
    found = runs(size.documents, size.seeds, width)
    return {name: documents[: size.climbed] for name, documents in found.items()}


def cost_row(name: str, documents: list[list[Run]], them: list[Case], width: float, size: Size) -> tuple[Row, float]:
    """Climb the ladder of fixed numbers, and see where it passes the overlap of "auto"."""
    rungs = LADDER[: size.rungs]
    told(f"  ladder, {name}, kernel {width:g}")
    steps = [[climbed(case, seed, Exponential(width), rungs) for seed in range(2)] for case in them]
    ladder = [statistics.fmean(jaccard(a[i], b[i]) for a, b in steps) for i in range(len(rungs))]
    own = statistics.fmean(overlaps([run.top for run in document]) for document in documents)
    calls = statistics.median(run.calls for document in documents for run in document)
    fixed = crossing(rungs, ladder, own)
    beyond = own > max(ladder)
    share = calls / fixed
    climb = ", ".join(f"{n:,}: {value:.2f}" for n, value in zip(rungs, ladder, strict=True))
    sign = "<" if beyond else ""
    said = f"{sign}{share:.2f}  (auto {calls:,.0f} calls, Jaccard {own:.3f}; fixed {'>' * beyond}{fixed:,.0f}; {climb})"
    asked = 1 / 2 if width == USUAL.width else 1 / 3
    figures = {"calls": calls, "jaccard": own, "ladder": dict(zip(rungs, ladder, strict=True))}
    return Row(f"{name}, kernel {width:g}: the same", f"≤ {asked:.2f}", said, share <= asked, figures), share


def crossing(counts: Sequence[int], values: Sequence[float], wanted: float) -> float:
    """Return at which count a rising ladder first reaches a value, by its logarithm; the last where it never does."""
    rising = np.maximum.accumulate(values)
    i = int(np.searchsorted(rising, wanted))
    if i in {0, len(counts)}:
        return float(counts[min(i, len(counts) - 1)])
    return float(np.exp(np.interp(wanted, rising[i - 1 : i + 1], np.log(counts[i - 1 : i + 1]))))


def foretold(size: Size) -> Iterator[Row]:
    """Compare the overlap that one run foretells with what other seeds show."""
    found = runs(size.documents, size.seeds, USUAL.width)
    for name, documents in found.items():
        yield foretold_row(f"{name}, where auto ends", documents)
    settled = [settled_pairs(documents) for documents in found.values()]
    seen, said = ([value for pair in settled for value in pair[i]] for i in range(2))
    if seen:
        gap = statistics.fmean(said) - statistics.fmean(seen)
        measured = f"{gap:+.3f}  (foretold {pm(said)}, seen {pm(seen)})"
        yield Row("where it says settled, all models: foretold less seen", "±0.05", measured, abs(gap) <= 1 - OVERLAP)
    for n in (500, 2000):
        for name, them in cases(size.documents).items():
            told(f"  foretold at {n}, {name}")
            at = [[noted(stopped(case, seed, n)) for seed in range(2)] for case in them[: size.others * 5]]
            yield foretold_row(f"{name}, {n:,} masks of auto", at)
    for name, them in cases(size.documents).items():
        plain = [[noted(fixed(case, seed)) for seed in range(2)] for case in them[: size.others * 5]]
        yield foretold_row(f"{name}, n_samples=2000", plain)


def foretold_row(what: str, documents: list[list[Run]]) -> Row:
    """Compare means over documents."""
    seen = [overlaps([run.top for run in document]) for document in documents]
    said = [statistics.fmean(run.stability for run in document) for document in documents]
    gaps = [a - b for a, b in zip(said, seen, strict=True)]
    measured = f"{pm(gaps)}  (foretold {statistics.fmean(said):.3f}, seen {statistics.fmean(seen):.3f})"
    return Row(f"{what}: foretold less seen", "±0.05", measured, abs(mean(gaps)[0]) <= 1 - OVERLAP, {"gaps": gaps})


def stopped(case: Case, seed: int, n: int) -> rt.Explanation:
    """Draw as "auto" does, but exactly n masks."""
    explainer = rt.Explainer(case.answer, absences.Masks(), seed=seed)
    return explainer.stream(case.d, case.column).upto(n)


def fixed(case: Case, seed: int, n: int = 2000) -> rt.Explanation:
    """Draw a fixed number of masks, and make nothing of what is known of their law."""
    return rt.Explainer(case.answer, absences.Masks(), seed=seed).explain(case.d, case.column, n)


# --- d) intervals


def coverage(size: Size) -> Iterator[Row]:
    """How often nominal 95 % intervals hold what sixty thousand masks say, at a penalty next to nothing."""
    for width in (USUAL.width, NARROW[1]):
        kernel = Exponential(width)
        total: dict[str, list[float]] = {}
        for name, them in cases(size.documents).items():
            shares = covered(them[: size.certain], kernel, size)
            for kind, values in shares.items():
                total.setdefault(kind, []).extend(values)
            yield coverage_row(f"{name}, kernel {width:g}", shares, len(them[: size.certain]))
        yield coverage_row(f"all models, kernel {width:g}", total, 4 * size.certain)


def coverage_row(what: str, shares: dict[str, list[float]], documents: int) -> Row:
    """Tell the shares; what is asked is asked of all coefficients of "auto"."""
    parts = "; ".join(f"{kind} {pm(values, 1)}" for kind, values in shares.items())
    middle = mean(shares["auto"])[0]
    holds = 92 <= middle <= 98  # noqa: PLR2004
    return Row(f"{what}: coverage %, {documents} documents", "92 – 98", parts, holds, dict(shares))


def covered(them: list[Case], kernel: Exponential, size: Size) -> dict[str, list[float]]:
    """Return shares in percent, document by document."""
    found: dict[str, list[float]] = {}
    for i, case in enumerate(them):
        told(f"  coverage, {case.model}, kernel {kernel.width:g}, document {i + 1} of {len(them)}")
        known = certain.truth(case.answer, case.d, case.column, kernel)
        parts: dict[str, list[float]] = {}
        for seed in range(1, 1 + 2 * size.seeds):
            for kind, value in inside(case, known, kernel, seed).items():
                parts.setdefault(kind, []).append(value)
        for kind, values in parts.items():
            found.setdefault(kind, []).append(100 * float(np.nanmean(values)))
        apart = np.hypot(known.se, known.plain_se)
        found.setdefault("truth against plain 60,000", []).append(100 * within(known.b - known.plain, apart))
    return found


def inside(case: Case, known: Truth, kernel: Exponential, seed: int) -> dict[str, float]:
    """Return the shares of intervals that hold the truth: all, by ``Ridge``, after selection, and of a fixed number."""
    e = explained(case, seed, kernel)
    everything = e.read(surrogate=rt.Ridge(alpha=certain.SLIGHT, select="none")).fit
    alone = e.read(surrogate=rt.Ridge(alpha=certain.SLIGHT)).fit
    b, se = estimated(e.weighted, e.target)
    top = np.argsort(-np.abs(known.b), kind="stable")[:TOP]
    true = dict(zip(top.tolist(), certain.fitted(known.b, top, kernel.width), strict=True))
    both = [int(i) for i in alone.selected if int(i) in true]
    apart = np.array([alone.coefficients[i] - true[i] for i in both])
    same = alone.coefficients[alone.selected] - certain.fitted(known.b, alone.selected, kernel.width)
    explainer = rt.Explainer(case.answer, absences.Masks(), kernel=kernel, seed=seed)
    plain = explainer.explain(case.d, case.column, MASKS)
    at_fixed, fixed_se = estimated(plain.weighted, plain.target)
    chosen = alone.selected
    return {
        "auto": within(b - known.b, np.hypot(se, known.se)),
        "the truth's own error not allowed for": within(b - known.b, se),
        "Ridge(1e-6, none)": within(everything.coefficients - known.b, np.hypot(everything.stderr, known.se)),
        "after selection, the same parts": within(same, np.hypot(alone.stderr[chosen], known.se[chosen])),
        "after selection, in both": within(apart, np.hypot(alone.stderr[both], known.se[both])),
        "n_samples=5000": within(at_fixed - known.b, np.hypot(fixed_se, known.se)),
        "(truth's error / theirs, %)": float(np.median(known.se / se)),
    }


def within(apart: Array, se: Array) -> float:
    """Return the share of nominal 95 % intervals that hold 0."""
    return float(np.mean(np.abs(apart) <= NORMAL * se)) if len(apart) else float("nan")


# --- f) closed forms


def closed(size: Size) -> Iterator[Row]:
    """Coefficients that are known in closed form, for models linear in words and in pixels."""
    seeds = 5 * size.seeds
    rng = np.random.default_rng(5)
    linear = rng.standard_normal(200)
    yield closed_row("text, linear in 200 words", texts(lambda masks: masks @ linear, 200, seeds), linear)
    for d in (40, 200):
        push = rng.standard_normal(d)
        true = certain.normalised(push, certain.near(d, certain.text_law(d), USUAL.width))
        found = texts(partial(alike, push), d, seeds)
        yield closed_row(f"text, TF-IDF of {d} words of equal weight, linear", found, true)
    size_of, push = rng.uniform(0.5, 3, 14), rng.standard_normal(14)

    def tfidf(masks: Array) -> Array:
        length = np.sqrt(masks @ size_of**2)
        return np.asarray(masks @ (size_of * push) / np.where(length > 0, length, 1))

    true = certain.enumerated(tfidf, 14, USUAL.width)
    yield closed_row("text, TF-IDF of 14 words, linear, against all 16,384 masks", texts(tfidf, 14, seeds), true)
    yield from pictures(seeds)


def alike(push: Array, masks: Array) -> Array:
    """Answer like a linear model of TF-IDF in which all words weigh the same."""
    return np.asarray(masks @ push / np.sqrt(np.maximum(masks.sum(axis=1), 1)))


def texts(answer: Answer, d: int, seeds: int) -> list[tuple[Array, Array]]:
    """Explain by several seeds: coefficients and standard errors of all parts."""
    found = [rt.Explainer(answer, absences.Masks(), seed=seed).explain(d) for seed in range(seeds)]
    return [estimated(e.weighted, e.target) for e in found]


def pictures(seeds: int) -> Iterator[Row]:
    """Explain a picture of 49 squares: a model linear in its pixels, and one that looks for a shape."""
    rng = np.random.default_rng(6)
    labels = np.kron(np.arange(49).reshape(7, 7), np.ones((4, 4), dtype=np.intp))
    picture, pixels = rng.uniform(0.1, 0.9, (28, 28)), rng.standard_normal((28, 28))
    moved = np.array([(pixels * picture)[labels == i].sum() for i in range(49)])
    shape = np.array([10, 17])
    models: dict[str, tuple[Callable[[Any], Array], Array]] = {
        "linear in its pixels": (lambda batch: np.einsum("nij,ij->n", flat(batch), pixels), moved),
        "a shape over two squares": (
            lambda batch: (flat(batch)[:, np.isin(labels, shape)] > 0).all(axis=1).astype(float),
            certain.all_there(49, certain.near(49, certain.image_law(49), USUAL.width), shape),
        ),
    }
    for name, (model, true) in models.items():
        domain = rt.Image(labels, "black")
        found = [rt.Explainer(model, domain, seed=seed).explain(picture) for seed in range(seeds)]
        yield closed_row(f"picture of 49 squares, {name}", [estimated(e.weighted, e.target) for e in found], true)


def flat(batch: Any) -> Array:
    """Return pictures as (n, rows, columns)."""
    found = np.asarray(batch, dtype=np.float64)
    return found[..., 0] if found.ndim > 3 else found  # noqa: PLR2004


def closed_row(what: str, found: list[tuple[Array, Array]], true: Array) -> Row:
    """Tell the share of intervals that hold the closed form; rounding is a millionth of the largest."""
    rounding = 1e-6 * float(np.abs(true).max())
    shares = [100 * within(b - true, se + rounding) for b, se in found]
    widest = max(float(NORMAL * se.max() / np.abs(true).max()) for _, se in found)
    farthest = max(float(np.abs(b - true).max() / np.abs(true).max()) for b, _ in found)
    measured = f"{pm(shares, 1)} %  (widest ± {widest:.1e} of the largest, farthest {farthest:.1e}; {len(found)} seeds)"
    return Row(f"{what}: closed form inside", "≥ 92 %", measured, mean(shares)[0] >= 92, {"percent": shares})  # noqa: PLR2004


# --- g) time to fit


def fitting(size: Size) -> Iterator[Row]:
    """Time of ten features for all classes, 300 parts, the sums lying ready."""
    rng = np.random.default_rng(0)
    masks = rivals.drawn(300, MASKS, rng)
    for classes in (2, 20):
        scores = masks @ rng.standard_normal((300, classes))
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs = shares / shares.sum(axis=1, keepdims=True)
        near = Neighbourhood.of(masks, outputs)
        weights = USUAL(masks)
        sums = Moments.of(masks, outputs, weights, outputs[0])
        ready = Weighted(near, USUAL, sums, weights)
        spent = in_turns({"fit": partial(seconds, partial(fits, ready, classes))}, 5 * size.seeds)["fit"]
        guided = Weighted(replace(near, law=rt.UniformCount()), USUAL, None, weights)
        first, again = (1000 * seconds(partial(fits, guided, classes)) for _ in range(2))
        middle = 1000 * statistics.median(spent)
        more = f'with "auto"\'s guess: first {first:.0f} ms, then {again:.1f} ms'
        what = f"d = 300, {classes} classes, 10 features: time to fit all from the sums of {MASKS:,} masks"
        yield Row(what, "≤ 10 ms", f"{middle:.1f} ms  ({more})", middle <= 10, {"seconds": spent})  # noqa: PLR2004


def fits(weighted: Weighted, classes: int) -> None:
    """Fit every class."""
    for target in range(classes):
        rt.Ridge(TOP).fit(weighted, target)


# --- h) what did not help


def ways(size: Size) -> Iterator[Row]:
    """Root mean squared errors of all coefficients by other designs, over those of the plain law at equal calls."""
    n = 2000
    for width in (USUAL.width, NARROW[1]):
        kernel = Exponential(width)
        found: dict[str, list[float]] = {way: [] for way in designs.WAYS}
        by_model: dict[str, dict[str, float]] = {}
        for name, them in cases(size.documents).items():
            told(f"  designs, {name}, kernel {width:g}")
            ratios = [errors(case, kernel, n, 2 * size.seeds) for case in them[: size.certain]]
            by_model[name] = {way: statistics.fmean(ratio[way] for ratio in ratios) for way in found}
            for way, values in found.items():
                values += [ratio[way] for ratio in ratios]
        for way, values in found.items():
            parts = ", ".join(f"{name} {each[way]:.2f}" for name, each in by_model.items())
            what = f"kernel {width:g}, {n:,} calls, {way}: RMSE / plain's"
            yield Row(what, "", f"{pm(values, 2)}  ({parts})", None, {"ratios": values})


def errors(case: Case, kernel: Exponential, n: int, draws: int) -> dict[str, float]:
    """Return the root mean squared error of each way over that of the plain one."""
    known = certain.truth(case.answer, case.d, case.column, kernel).b
    answer = one(case.answer, case.column)
    found = {}
    for name, way in designs.WAYS.items():
        apart = [way(answer, case.d, n, np.random.default_rng([seed, 3]), kernel) - known for seed in range(draws)]
        found[name] = float(np.sqrt(np.mean(np.square(apart))))
    return {name: value / found["plain"] for name, value in found.items()}


GROUPS: tuple[Callable[[Size], Iterator[Row]], ...] = (
    faith,
    agreement,
    foretold,
    cost,
    rivalry,
    coverage,
    closed,
    fitting,
    ways,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few documents and seeds: about six minutes")
    parser.add_argument("--full", action="store_true", help="all reviews, six seeds: hours")
    parser.add_argument("--only", metavar="GROUPS", help="some of " + ",".join(group.__name__ for group in GROUPS))
    parser.add_argument("--json", metavar="PATH", help="append each row as a line of JSON; - prints them")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL if options.full else MEDIUM
    path = None if options.json in (None, "-") else Path(options.json)
    there = path.read_text("utf-8").splitlines() if path and path.exists() else []
    done = {json.loads(line)["group"] for line in there}
    told(f"{newsgroups('test').source}; {size.name}: {size.documents} documents, {os.cpu_count()} cores\n")
    print(LINE.format("what", "asked", "", "measured"))
    for group in GROUPS:
        asked = options.only is None or group.__name__ in options.only.split(",")
        if asked and group.__name__ not in done:
            measured(group, size, path, printed=options.json == "-")


def measured(group: Callable[[Size], Iterator[Row]], size: Size, path: Path | None, *, printed: bool) -> None:
    """Measure one group, print its rows, and write them down where asked."""
    start, lines = time.perf_counter(), []
    for row in group(size):
        print(LINE.format(row.what, row.asked, verdict(row), row.measured), flush=True)
        lines.append(json.dumps({"group": group.__name__, "size": size.name, **asdict(row)}, default=float))
    told(f"{group.__name__}: {time.perf_counter() - start:.0f} s")
    if printed:
        print(*lines, sep="\n", flush=True)
    elif path:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=ConstantModelWarning)  # some trees answer all masks alike
    main()

"""How sure explanations are, and what that costs: ``n_samples="auto"`` beside fixed numbers and beside others.

    python benchmarks/estimation.py [--quick | --full] [--only GROUP,GROUP] [--json PATH]

``--json`` appends each group to a file as a line of JSON, ``-`` prints it; groups that the file has already are passed
over. ``RETRUST_DATA`` names the real data where they are at hand; else the generated posts are used. Answers
from sixty thousand masks are kept in the folder that ``RETRUST_CACHE`` names. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import statistics
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import absences
import numpy as np
import rivals
from intervals import closed, coverage, fitting, ways
from measure import Row, arguments, carry_out
from repeats import (
    CALLS,
    FULL,
    MASKS,
    MEDIUM,
    NARROW,
    OVERLAP,
    QUICK,
    USUAL,
    Case,
    Run,
    Size,
    cases,
    explained,
    fixed,
    jaccard,
    mean,
    noted,
    overlaps,
    pm,
    runs,
    stopped,
    told,
)
from rivals import TOP, one
from surroundings import missing

from retrust.datasets import newsgroups
from retrust.errors import ConstantModelWarning
from retrust.neighbourhood import Moments
from retrust.sampling import Exponential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from absences import Answer, Corpus
    from rivals import Top

LADDER = (500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000)


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


def faith(size: Size) -> Iterator[Row]:
    """Recall of the words that decision trees and L1 models use, on books and dvd."""
    for domain in ("books", "dvd"):
        corpus = absences.reviews(domain)
        if corpus is None:
            yield Row(f"5.2 {domain}", "", "not measured: RETRUST_DATA has no reviews", None)
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
        "shap Kernel": (rivals.kernel_shap, (CALLS, MASKS)),
        "shapiq Kernel": (rivals.shapiq, (CALLS, MASKS)),
    }
    for name, module in (("lime", "lime.lime_base"), ("shap Kernel", "shap"), ("shapiq Kernel", "shapiq")):
        if gone := missing(module):
            yield Row(name, "", gone, None)
            del makers[name]
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
    parser = arguments(str(__doc__), GROUPS, "few documents and seeds: under ten minutes")
    parser.add_argument("--full", action="store_true", help="all reviews, six seeds: hours")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL if options.full else MEDIUM
    carry_out(GROUPS, size, options, newsgroups("test").source, f"{size.name}: {size.documents} documents")


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=ConstantModelWarning)  # some trees answer all masks alike
    main()

"""Whether intervals hold what is known, the time of a fit, and the errors of other designs; see ``estimation.py``."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import absences
import certain
import designs
import numpy as np
import rivals
from measure import Row, in_turns, seconds
from repeats import MASKS, NARROW, NORMAL, USUAL, Case, Size, cases, explained, mean, pm, told
from rivals import TOP, one

import retrust as rt
from retrust.neighbourhood import Moments, Neighbourhood, Weighted
from retrust.sampling import Exponential
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from absences import Answer, Array
    from certain import Truth


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

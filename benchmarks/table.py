"""Explaining rows of tables: our figures beside those of lime and shap, measured in turns in one process.

    python benchmarks/table.py [--json PATH] [--quick] [--only WORD] [--full]

``--full`` explains 1,000 rows instead of 100. ``RETRUST_DATA`` names the Adult census where it is at hand; otherwise a
generated census with the same columns is used. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import os
import statistics
import sys
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from measure import Row, Timed, between, in_turns, ratio, seconds, table
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import pairwise_distances
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from surroundings import imported, missing

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

MASKS = 5000
TRAIN = 20_000
ROWS_MANY, ROWS_FULL = 100, 1000
PARTS = 10  # turns of many rows
FULL = "--full" in sys.argv
PAIRS = (
    (rt.Ridge(n_features=10, select="highest"), "highest_weights"),
    (rt.Ridge(n_features=5, select="forward"), "forward_selection"),
    (rt.Ridge(select="none"), "none"),
)
NUMBERS = ("age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week")
COLUMNS = (
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship"),
    *("race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"),
)
MISSING = 0.06
TYPICAL = (10, 1)  # how many rows stand for the training data where shap asks
LIME_BASE, LIME_TABULAR = "lime.lime_base", "lime.lime_tabular"


# --- what is explained


@dataclass(frozen=True)
class Case:
    """A task in the way that each side takes it: the same rows and the same model."""

    name: str
    rows: Any
    model: Any
    domain: rt.Table
    lime: Any
    lime_rows: NDArray[Any]
    lime_model: Any


def learned(rows: NDArray[Any], **options: Any) -> Any:
    """Let lime learn from the training rows; None where it is not to be had."""
    return (
        None if missing(LIME_TABULAR) else imported(LIME_TABULAR).LimeTabularExplainer(rows, random_state=0, **options)
    )


@cache
def cancer() -> Case:
    """Breast cancer, 569 rows of 30 numbers, and a forest of 100 trees; both sides take the same array."""
    data = load_breast_cancer()
    forest = RandomForestClassifier(100, random_state=0).fit(data.data, data.target)
    domain = rt.Table(data.data, names=list(data.feature_names))
    lime = learned(data.data, feature_names=list(data.feature_names))
    return Case("breast cancer, forest of 100", data.data, forest, domain, lime, data.data, forest)


def census() -> tuple[pd.DataFrame, NDArray[Any]]:
    """Read the Adult census, or write a stand-in; strings as they are, missing values as NaN."""
    path = adult()
    if path is None:
        return generated()
    rows = pd.read_csv(path, names=list(COLUMNS), skipinitialspace=True, na_values="?")
    return rows.drop(columns="income"), rows["income"].to_numpy(dtype=object)


def adult() -> Path | None:
    """Return where the Adult census is, None where it is not at hand."""
    path = Path(os.environ.get("RETRUST_DATA", "nowhere")) / "tabular" / "adult.csv.gz"
    return path if path.is_file() else None


def generated(n: int = 30_000) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Draw a census with the columns of Adult, about as many categories, and 6 % missing in three columns."""
    rng = np.random.default_rng(0)
    counts = {"workclass": 8, "education": 16, "marital-status": 7, "occupation": 14, "relationship": 6}
    counts |= {"race": 5, "sex": 2, "native-country": 41}
    made: dict[str, Any] = {name: np.rint(rng.gamma(4, 10, n)) for name in NUMBERS}
    for name, count in counts.items():
        options = np.array([f"{name} {i}" for i in range(count)], dtype=object)
        made[name] = options[np.minimum(rng.geometric(0.3, n) - 1, count - 1)]
    whole = dict.fromkeys(NUMBERS, np.int64)
    frame = pd.DataFrame({name: made[name] for name in COLUMNS[:-1]}).astype(whole)
    score = (
        frame["age"] / 20 + frame["hours-per-week"] / 20 + (frame["education"] == "education 2") - rng.normal(4, 1, n)
    )
    for name in ("workclass", "occupation", "native-country"):
        frame.loc[rng.random(n) < MISSING, name] = None
    return frame, np.where(score > 0, ">50K", "<=50K").astype(object)


@cache
def boosted() -> Case:
    """The census and gradient boosting: we take the data frame and the pipeline, lime the codes and its last step."""
    frame, income = census()
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-2, encoded_missing_value=-1)
    strings = (encoder, make_column_selector(dtype_exclude=np.number))
    codes = make_column_transformer(strings, remainder="passthrough", verbose_feature_names_out=False)
    pipeline = make_pipeline(codes, HistGradientBoostingClassifier(random_state=0))
    train, test = frame[:TRAIN], frame[TRAIN : TRAIN + ROWS_FULL]
    pipeline.fit(train, income[:TRAIN])
    first, last = pipeline[:-1], pipeline[-1]
    coded = first.transform(train)
    categorical = list(range(coded.shape[1] - len(NUMBERS)))
    lime = learned(coded, categorical_features=categorical)
    name = "Adult, gradient boosting" if adult() else "generated census, gradient boosting"
    return Case(name, test, pipeline, rt.Table(train), lime, first.transform(test), last)


def instance(rows: Any, at: int) -> Any:
    """Return one row of an array or a frame."""
    return rows.iloc[at] if hasattr(rows, "iloc") else rows[at]


def ours(case: Case, model: Any, n_features: int, at: int = 0) -> Any:
    """Explain as a user would who wants as many masks and features as lime gets."""
    explainer = rt.Explainer(model, case.domain, surrogate=rt.Ridge(n_features=n_features), seed=0)
    return explainer.explain(instance(case.rows, at), target=1, n_samples=MASKS)


def limes(case: Case, model: Any, n_features: int, at: int = 0) -> Any:
    """Explain with lime's defaults."""
    return case.lime.explain_instance(case.lime_rows[at], model, num_features=n_features, num_samples=MASKS)


@cache
def typical(count: int) -> Any:
    """Return the rows that shap puts in the place of what is absent: centres of the breast cancer rows."""
    return imported("shap").kmeans(cancer().lime_rows, count)


def shaps(case: Case, model: Any, n_features: int, count: int) -> Any:
    """Explain with shap's kernel: as many sets of columns, times typical rows, as lime has samples."""
    explainer = imported("shap").KernelExplainer(lambda rows: model(rows)[:, 1], typical(count))
    select = f"num_features({n_features})"
    return explainer.shap_values(case.lime_rows[0], nsamples=MASKS // count, l1_reg=select, silent=True)


def many(case: Case, model: Any, n_features: int, at: NDArray[np.intp]) -> Any:
    """Explain many rows by ``explain_many``."""
    explainer = rt.Explainer(model, case.domain, surrogate=rt.Ridge(n_features=n_features), seed=0)
    rows = case.rows.iloc[at] if hasattr(case.rows, "iloc") else case.rows[at]
    return explainer.explain_many(rows, target=1, n_samples=MASKS, progress=False)


def limes_many(case: Case, model: Any, n_features: int, at: NDArray[np.intp]) -> None:
    """Explain many rows one after the other."""
    for row in at.tolist():
        limes(case, model, n_features, row)


# --- rows


def timed(explain: Callable[..., object], case: Case, model: Any, *more: Any) -> tuple[float, Timed]:
    """Time an explanation; return it with the model, which knows its own share."""
    asked = Timed(model.predict_proba)
    return seconds(partial(explain, case, asked, *more)), asked


def own_time(explain: Callable[..., object], case: Case, model: Any, *more: int) -> float:
    """Time an explanation, less the model's own time."""
    total, asked = timed(explain, case, model, *more)
    return total - asked.seconds


def whole_time(explain: Callable[..., object], case: Case, model: Any, *more: int) -> float:
    """Time an explanation, the model's time included."""
    return timed(explain, case, model, *more)[0]


def own(repeats: int) -> Iterator[Row]:
    """Time without the model's: the same array, the same forest."""
    case = cancer()
    for n_features, asked in ((10, 3.0), (5, 20.0)):
        jobs = {
            "lime": partial(own_time, limes, case, case.lime_model, n_features),
            "ours": partial(own_time, ours, case, case.model, n_features),
        }
        what = f"{case.name}, {n_features} features: lime's own time / ours"
        gone = missing(LIME_TABULAR)
        yield Row(what, f"≥ {asked:g}", gone, None) if gone else ratio(what, asked, in_turns(jobs, repeats))


def others(repeats: int) -> Iterator[Row]:
    """The same for shap, and with the model's time: as many calls, by more typical rows or by more sets of columns."""
    case = cancer()
    for count in TYPICAL:
        how = f"{MASKS // count:,} sets × {count} typical row{'s' * (count > 1)}"
        what = f"{case.name}, 10 features: shap's {{}} / ours ({how})"
        if gone := missing("shap"):
            yield from (Row(what.format(which), "", gone, None) for which in ("time", "own time"))
            continue
        typical(count)
        for which, clock in (("time", whole_time), ("own time", own_time)):
            theirs = partial(clock, partial(shaps, count=count), case, case.model, 10)
            jobs = {"shap": theirs, "ours": partial(clock, ours, case, case.model, 10)}
            yield ratio(what.format(which), None, in_turns(jobs, repeats), "shap")


def overhead(repeats: int) -> Iterator[Row]:
    """How much longer we take than the model, asked about as many rows at once, on a data frame with missing values."""
    case = boosted()
    batch = case.rows.iloc[np.arange(MASKS) % len(case.rows)]
    jobs = {
        "whole": partial(_whole, case),
        "asked": partial(_asked, case),
        "once": partial(seconds, partial(case.model.predict_proba, batch)),
    }
    runs = in_turns(jobs, repeats)
    whole, asked, once = (1000 * statistics.median(runs[name]) for name in jobs)
    share = 100 * (whole - once) / once
    what = f"{case.name}, data frame: our time beyond the model's (all rows at once)"
    loose = 100 * (whole - asked) / asked
    parts = f"all {whole:.0f} ms, model {once:.0f} ms; asked in our batches {asked:.0f} ms, then {loose:.0f} %"
    turns = [100 * (all_ - alone) / alone for all_, alone in zip(runs["whole"], runs["once"], strict=True)]
    figures = {"percent": share, "in_batches": loose, **runs}
    yield Row(what, "≤ 25 %", f"{share:.0f} %  ({parts})", share <= 25, figures, between(turns, 0, " %"))  # noqa: PLR2004


def _whole(case: Case) -> float:
    return timed(ours, case, case.model, 10)[0]


def _asked(case: Case) -> float:
    return timed(ours, case, case.model, 10)[1].seconds


def loop(_: int) -> Iterator[Row]:
    """Many rows: with the model's time, and without; nothing is asked where lime is given codes and we a data frame."""
    if gone := missing(LIME_TABULAR):
        yield Row("many rows, breast cancer and Adult: lime's time / ours", "≥ 5", gone, None)
        return
    count = ROWS_FULL if FULL else ROWS_MANY
    for case, n_features, asked in ((cancer(), 10, 5.0), (cancer(), 5, 5.0), (boosted(), 10, None)):
        timed(many, case, case.model, n_features, np.arange(2))
        lime, own = [], []
        for at in np.array_split(np.arange(count) % len(case.rows), PARTS):
            lime.append(_spent(limes_many, case, case.lime_model, n_features, at))
            own.append(_spent(many, case, case.model, n_features, at))
        what = f"{count} rows, {case.name}, {n_features} features: lime's"
        for i, which in enumerate(("time", "own time")):
            theirs, mine = ([float(spent[i]) for spent in side] for side in (lime, own))
            yield _each(f"{what} {which} / ours", asked, theirs, mine, count)


def _spent(explain: Callable[..., object], case: Case, model: Any, *more: Any) -> NDArray[np.float64]:
    """Time explanations, with the model's time and less it."""
    total, asked = timed(explain, case, model, *more)
    return np.array([total, total - asked.seconds])


def _each(what: str, asked: float | None, limes: list[float], owns: list[float], count: int) -> Row:
    """Compare times for each row; the spread is that of the turns."""
    lime, own = sum(limes) / count, sum(owns) / count
    measured = f"{lime / own:.1f}  (lime {1000 * lime:.0f} ms a row, ours {1000 * own:.1f} ms)"
    ok = None if asked is None else lime / own >= asked
    figures = {"ratio": lime / own, "lime": limes, "ours": owns}
    spread = between([a / b for a, b in zip(limes, owns, strict=True)])
    return Row(what, "" if asked is None else f"≥ {asked:g}", measured, ok, figures, spread)


def parity(_: int) -> Iterator[Row]:
    """Give lime's own fitting our samples, as conditions and, where numbers are not cut, standardised."""
    data = cancer()
    if gone := missing(LIME_BASE):
        yield Row(f"{data.name}, the same samples: largest gap to lime's coefficients", "≤ 1e-8", gone, None)
        return
    for bins in ("quartile", None):
        case = Case(data.name, data.rows, data.model, rt.Table(data.rows, bins=bins), *_limes_part(data))
        gaps = _gaps(ours(case, case.model, 10))
        gap = max(gaps.values())
        how = "the same discretised samples" if bins else "the same samples, bins=None"
        by = ", ".join(f"{select} {value:.0e}" for select, value in gaps.items())
        what = f"{case.name}, {how}: largest gap to lime's coefficients"
        yield Row(what, "≤ 1e-8", f"{gap:.1e}  ({by})", gap <= 1e-8, gaps)  # noqa: PLR2004


def _limes_part(case: Case) -> tuple[Any, Any, Any]:
    return case.lime, case.lime_rows, case.lime_model


def _gaps(e: Any) -> dict[str, float]:
    """Return the largest difference of coefficients, intercept and R², for each way to select."""
    near, d = e.neighbourhood, len(e.features)
    samples, width = near.columns(np.arange(d), slice(None)), 0.75 * np.sqrt(d)
    distances = pairwise_distances(samples, samples[:1], metric="euclidean").ravel()
    base = imported(LIME_BASE).LimeBase(lambda far: np.sqrt(np.exp(-(far**2) / width**2)), random_state=0)
    gaps: dict[str, float] = {}
    for surrogate, theirs in PAIRS:
        fit = e.read(surrogate=surrogate)
        answer = base.explain_instance_with_data(
            samples, near.outputs, distances, 1, surrogate.n_features, feature_selection=theirs
        )
        expected = np.zeros(d)
        for feature, coefficient in answer[1]:
            expected[feature] = coefficient
        apart = [*np.abs(fit.coefficients - expected), abs(fit.intercept - answer[0]), abs(fit.fidelity - answer[2])]
        gaps[surrogate.select] = float(max(apart))
    return gaps


ROWS = (own, others, overhead, loop, parity)


if __name__ == "__main__":
    heading = f"Adult census {'at hand' if adult() else 'generated'}; {MASKS} masks"
    table(str(__doc__), lambda: heading, ROWS, lambda: None, f"explain {ROWS_FULL:,} rows instead of {ROWS_MANY}")

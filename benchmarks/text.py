"""Explaining texts: our figures beside those of lime, shap and eli5, measured in turns in one process.

    python benchmarks/text.py [--json PATH] [--quick] [--only WORD]

All get the same text, the same model and the same number of model calls. ``RETRUST_DATA`` names the
newsgroups where they are at hand; otherwise the generated corpus is used. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import json
import re
import statistics
import time
import warnings
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measure import QUICK, Row, Timed, between, fresh, in_turns, memory_row, peak, ratio, seconds, table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances
from sklearn.pipeline import make_pipeline
from surroundings import imported, missing

import retrust as rt
from retrust.datasets import newsgroups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from retrust.datasets import Posts

MASKS = 5000
CLASSES = ["atheism", "christian"]
PAIRS = (
    (rt.Ridge(n_features=10, select="highest"), "highest_weights"),
    (rt.Ridge(n_features=6, select="forward"), "forward_selection"),
    (rt.Ridge(select="none"), "none"),
)
FEW = 10_000
TURNS = 3  # with those who take many seconds a text
LIME_BASE, LIME_TEXT = "lime.lime_base", "lime.lime_text"


def instant(texts: Sequence[str]) -> NDArray[np.float64]:
    """Answer by the length of a text: a model that costs next to nothing."""
    lengths = np.fromiter(map(len, texts), dtype=np.float64, count=len(texts))
    p = 0.5 + 0.4 * np.sin(lengths / 500)
    return np.column_stack([1 - p, p])


def slow(texts: Sequence[str]) -> NDArray[np.float64]:
    """Answer like ``instant``, after one millisecond of work a text."""
    end = time.perf_counter() + len(texts) / 1000
    answer = instant(texts)
    while time.perf_counter() < end:
        pass
    return answer


# --- what is explained


@cache
def corpus() -> Posts:
    """Return the training posts."""
    return newsgroups("train")


@cache
def words() -> list[str]:
    """Return the running words of the corpus; both packages cut them in the same way."""
    return re.findall(r"\b[A-Za-z]{2,}\b", " ".join(corpus().texts))


def document(length: int) -> str:
    """Draw words by their frequency; where the vocabulary is small, every fifth word of a long text gets a number."""
    rng = np.random.default_rng(0)
    drawn = [words()[i] for i in rng.integers(len(words()), size=length)]
    if length > FEW >= len(set(words())):
        drawn[::5] = [f"{word}{i}" for word, i in zip(drawn[::5], rng.integers(1000, size=length), strict=False)]
    return " ".join(drawn)


def classifier(*more: str) -> Any:
    """Fit TF-IDF and logistic regression to the corpus, and to more texts of which the words shall be known."""
    labels = [*corpus().labels, *(i % 2 for i in range(len(more)))]
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit([*corpus().texts, *more], labels)


def ours(model: Any, text: str, n_features: int, n_samples: int = MASKS) -> Any:
    """Explain as a user would who wants as many masks and features as lime gets."""
    explainer = rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(n_features=n_features), seed=0)
    return explainer.explain(text, target=1, n_samples=n_samples)


def limes(model: Any, text: str, n_features: int, n_samples: int = MASKS) -> Any:
    """Explain with lime's defaults."""
    explainer = imported(LIME_TEXT).LimeTextExplainer(class_names=CLASSES, random_state=0)
    return explainer.explain_instance(text, model, num_features=n_features, num_samples=n_samples)


def shaps(model: Any, text: str, _: int, n_samples: int = MASKS) -> Any:
    """Explain with shap's defaults for texts: words leave along a tree of neighbours, until the calls are spent."""
    package = imported("shap")
    explainer = package.Explainer(lambda texts: model(list(texts))[:, 1], package.maskers.Text(r"\W+"))
    return explainer([text], max_evals=n_samples, batch_size=256, silent=True)


def eli5s(model: Any, text: str, n_features: int, n_samples: int = MASKS) -> Any:
    """Explain with eli5's defaults, the number of texts apart."""
    explainer = imported("eli5.lime").TextExplainer(n_samples=n_samples, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return explainer.fit(text, model).explain_prediction(top=n_features)


RIVALS: dict[str, tuple[Callable[..., Any], str]] = {"shap": (shaps, "shap"), "eli5": (eli5s, "eli5.lime")}


# --- rows


def own_time(explain: Callable[..., object], text: str, n_features: int) -> float:
    """Time an explanation of the instant model, less the model's own time."""
    model = Timed(instant)
    return seconds(partial(explain, model, text, n_features)) - model.seconds


def fused(repeats: int) -> Iterator[Row]:
    """TF-IDF and logistic regression, all included."""
    text, model = document(300), classifier()
    for n_features, asked in ((10, 10.0), (6, 50.0)):
        jobs = {
            "lime": partial(seconds, partial(limes, model.predict_proba, text, n_features)),
            "ours": partial(seconds, partial(ours, model, text, n_features)),
        }
        what = f"300 words, TF-IDF + logistic regression, {n_features} features: lime's time / ours"
        gone = missing(LIME_TEXT)
        yield Row(what, f"≥ {asked:g}", gone, None) if gone else ratio(what, asked, in_turns(jobs, repeats))


def opaque(repeats: int) -> Iterator[Row]:
    """Time without the model's, where nothing about the model is known."""
    text = document(300)
    for n_features, asked in ((10, 5.0), (6, 30.0)):
        jobs = {"lime": partial(own_time, limes, text, n_features), "ours": partial(own_time, ours, text, n_features)}
        what = f"300 words, opaque instant model, {n_features} features: lime's own time / ours"
        gone = missing(LIME_TEXT)
        yield Row(what, f"≥ {asked:g}", gone, None) if gone else ratio(what, asked, in_turns(jobs, repeats))


def others(_: int) -> Iterator[Row]:
    """The same two for others than lime; a short explanation first, which loads and compiles what they need."""
    text, model = document(300), classifier()
    for name, (explain, module) in RIVALS.items():
        fused, own = (
            f"TF-IDF + logistic regression: {name}'s time / ours",
            f"opaque instant model: {name}'s own time / ours",
        )
        if gone := missing(module):
            yield from (Row(f"300 words, {what}", "", gone, None) for what in (fused, own))
            continue
        explain(model.predict_proba, text, 10, 50)
        jobs = {
            name: partial(seconds, partial(explain, model.predict_proba, text, 10)),
            "ours": partial(seconds, partial(ours, model, text, 10)),
        }
        yield ratio(f"300 words, {fused}", None, in_turns(jobs, TURNS, warm=False), name)
        jobs = {name: partial(own_time, explain, text, 10), "ours": partial(own_time, ours, text, 10)}
        yield ratio(f"300 words, {own}", None, in_turns(jobs, TURNS, warm=False), name)


def overhead(repeats: int) -> Iterator[Row]:
    """How much longer than the model we take, where the model needs a millisecond a text."""
    text, shares, asked_texts = document(300), [], 0
    ours(instant, text, 10)
    for _ in range(2 if repeats <= QUICK else 5):
        model = Timed(slow)
        total = seconds(partial(ours, model, text, 10))
        shares.append(100 * (total - model.seconds) / model.seconds)
        asked_texts = model.inputs
    share = statistics.median(shares)
    what = "300 words, opaque model of 1 ms a text: our time beyond the model's"
    measured, spread = f"{share:.1f} %  ({asked_texts} texts asked)", between(shares, unit=" %")
    yield Row(what, "≤ 5 %", measured, share <= 5, {"percent": shares}, spread)  # noqa: PLR2004


def memory(_: int) -> Iterator[Row]:
    """Peak memory of one long explanation, in a process of its own."""
    done = json.loads(fresh(str(Path(__file__).resolve()), "--only-memory"))
    what = f"50,000 words ({done['features']} distinct), fused, {MASKS} masks: peak memory above the start"
    yield memory_row(what, 150, done)


def parity(_: int) -> Iterator[Row]:
    """Give lime's own fitting our masks and outputs."""
    what = "ridge coefficients, intercept, R² on the same masks: largest difference from lime's"
    if gone := missing(LIME_BASE):
        yield Row(what, "≤ 1e-8", gone, None)
        return
    e = ours(classifier(), document(300), 10)
    masks, outputs = e.neighbourhood.masks.astype(np.float64), e.neighbourhood.outputs
    distances = 100 * pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    base = imported(LIME_BASE).LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / 25**2)), random_state=0)
    worst: dict[str, float] = {}
    for surrogate, theirs in PAIRS:
        fit = e.read(surrogate=surrogate)
        answer = base.explain_instance_with_data(
            masks, outputs, distances, 1, surrogate.n_features, feature_selection=theirs
        )
        expected = np.zeros(len(e.features))
        for feature, coefficient in answer[1]:
            expected[feature] = coefficient
        gaps = [
            np.abs(fit.coefficients - expected).max(),
            abs(fit.intercept - answer[0]),
            abs(fit.fidelity - answer[2]),
        ]
        worst[surrogate.select] = float(max(gaps))
    gap = max(worst.values())
    by = ", ".join(f"{select} {value:.0e}" for select, value in worst.items())
    yield Row(what, "≤ 1e-8", f"{gap:.1e}  ({by})", gap <= 1e-8, worst)  # noqa: PLR2004


def importing(repeats: int) -> Iterator[Row]:
    """``import retrust`` in fresh interpreters."""
    line = (
        "import sys, json, time; start = time.perf_counter(); import retrust; first = time.perf_counter() - start; "
        "heavy = [m for m in ('skimage', 'anywidget') if m in sys.modules]; retrust.explain; "
        "print(json.dumps([first, time.perf_counter() - start, heavy]))"
    )
    runs = [json.loads(fresh("-c", line)) for _ in range(max(7, repeats))]
    first, explain, heavy = statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs), runs[0][2]
    loaded = f"{' and '.join(heavy)} loaded" if heavy else "scikit-image and anywidget not loaded"
    measured = f"{first:.3f} s  ({loaded}; with rt.explain, which loads scikit-learn, {explain:.2f} s)"
    figures = {"seconds": [r[0] for r in runs], "with_explain": [r[1] for r in runs], "loaded": heavy}
    holds, spread = first <= 0.35 and not heavy, between(figures["seconds"], 3, " s")  # noqa: PLR2004
    yield Row("import retrust in a fresh interpreter", "≤ 0.35 s", measured, holds, figures, spread)


ROWS = (fused, opaque, others, overhead, memory, parity, importing)


# --- memory, in a process of its own


def memory_alone() -> None:
    """Explain the long text once and print by how much memory grew."""
    text = document(50_000)
    model = classifier(text)
    start = time.perf_counter()
    explained: list[Any] = []
    grown = peak(lambda: explained.append(ours(model, text, 10)))
    spent = time.perf_counter() - start
    print(json.dumps({"mebibytes": grown, "seconds": spent, "features": len(explained[0].features)}))


if __name__ == "__main__":
    table(str(__doc__), lambda: f"{corpus().source}; {MASKS} masks", ROWS, memory_alone)

"""Explaining many texts: against a loop over the ``lime`` package, on a cluster, with a worker that dies, in bytes.

    python benchmarks/many.py [--json PATH] [--quick] [--only WORD]

Both sides get the same posts, the same model, the same number of masks and of features, in turns and in one process.
Dask's rows start a cluster of this machine's own; they say little where two cores are not free.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import tracemalloc
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import joblib
import numpy as np
from distributed import Client, LocalCluster
from measure import QUICK, Row, between, in_turns, seconds, table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from surroundings import imported, missing

import retrust as rt
from retrust.datasets import newsgroups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

MASKS = 500
POSTS, POSTS_QUICK = 500, 50
KEEPS = ("fit", "neighbourhood", "weights")
CLASSES = ["atheism", "christian"]
LIME_TEXT = "lime.lime_text"


@cache
def posts() -> list[str]:
    """Return the posts that are explained: none of those that the model was fitted to."""
    return list(newsgroups("test").texts[:POSTS])


@cache
def classifier() -> Any:
    """Fit TF-IDF and logistic regression to the training posts."""
    train = newsgroups("train")
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(train.texts, train.labels)


class Sleeping:
    """A model that sleeps one millisecond a text: it waits, as for a network or a disk."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Answer by the length of a text."""
        time.sleep(len(texts) / 1000)
        lengths = np.fromiter(map(len, texts), dtype=np.float64, count=len(texts))
        return 0.5 + 0.4 * np.sin(lengths / 500)


class Mortal:
    """A model in whose first process to see a word that process dies, once."""

    def __init__(self, marker: Path, word: str) -> None:
        """Remember where the death is noted."""
        self.marker, self.word, self.model = marker, word, classifier()

    def __call__(self, texts: Sequence[str]) -> Any:
        """Answer as the classifier does."""
        if not self.marker.exists() and any(self.word in text for text in texts):
            self.marker.touch()
            os._exit(1)
        return self.model.predict_proba(texts)


def ours(model: Any, texts: Sequence[str], n_features: int = 10, n_samples: int = MASKS, **options: Any) -> Any:
    """Explain all of them."""
    explainer = rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(n_features=n_features), seed=0)
    return explainer.explain_many(texts, n_samples=n_samples, progress=False, **options)


def limes(texts: Sequence[str], n_features: int) -> None:
    """Explain all of them with lime's defaults, one after the other."""
    explainer = imported(LIME_TEXT).LimeTextExplainer(class_names=CLASSES, random_state=0)
    ask = classifier().predict_proba
    for text in texts:
        explainer.explain_instance(text, ask, num_features=n_features, num_samples=MASKS)


# --- rows


def loop(repeats: int) -> Iterator[Row]:
    """Compare with a loop over lime; for 6 features, where lime takes seconds a post, on a tenth of them."""
    count = POSTS_QUICK if repeats == QUICK else POSTS
    for n_features, texts, turns in ((10, posts()[:count], QUICK), (6, posts()[: count // 10], 1)):
        what = f"{len(texts)} posts, {MASKS} masks, {n_features} features, TF-IDF + logistic regression: lime / ours"
        if gone := missing(LIME_TEXT):
            yield Row(what, "≥ 20", gone, None)
            continue
        own = partial(ours, classifier(), texts, n_features, target=1)
        runs = in_turns(
            {"lime": partial(seconds, partial(limes, texts, n_features)), "ours": partial(seconds, own)}, turns
        )
        lime, mine = (statistics.median(runs[name]) / len(texts) for name in ("lime", "ours"))
        measured = f"{lime / mine:.1f}  (lime {1000 * lime:.0f} ms a post, ours {1000 * mine:.1f} ms)"
        spread = between([a / b for a, b in zip(runs["lime"], runs["ours"], strict=True)])
        yield Row(what, "≥ 20", measured, lime / mine >= 20, {"ratio": lime / mine, **runs}, spread)  # noqa: PLR2004


def on_cluster(workers: int, job: Callable[[], object], warm: Callable[[], object]) -> float:
    """Time a job on so many processes, once they have loaded what they need."""
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_config("dask"),
    ):
        warm()
        return seconds(job)


def cluster(repeats: int) -> Iterator[Row]:
    """Two workers against one: for a model that waits, and for one that computes."""
    some = posts()[: POSTS_QUICK if repeats == QUICK else 4 * POSTS_QUICK]
    for name, model, asked in (("sleeps 1 ms a text", Sleeping(), 1.8), ("computes", classifier(), None)):
        plain = model if isinstance(model, Sleeping) else partial(_opaque, model)
        warm, job = partial(ours, plain, some[:4], n_samples=50), partial(ours, plain, some, n_samples=200)
        one, two = (on_cluster(workers, job, warm) for workers in (1, 2))
        what = f"Dask, a model that {name}, {len(some)} posts of 200 masks: one worker's time / two workers'"
        measured = f"{one / two:.2f}  ({one:.1f} s, {two:.1f} s)"
        ok = None if asked is None else one / two >= asked
        yield Row(what, "" if asked is None else f"≥ {asked}", measured, ok, {"one": one, "two": two})


def _opaque(model: Any, texts: Sequence[str]) -> Any:
    """Ask a model in a way that cannot be fused, so that it computes."""
    return model.predict_proba(texts)


def killed(_: int) -> Iterator[Row]:
    """Kill one of two workers half-way; the answers are those of one process that nothing happened to."""
    some = posts()[:POSTS_QUICK]
    expected = ours(partial(_opaque, classifier()), some, n_samples=200)
    with tempfile.TemporaryDirectory() as folder:
        marker = Path(folder) / "killed"
        model = Mortal(marker, some[len(some) // 2][:60])
        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started,
            Client(started),
            joblib.parallel_config("dask"),
        ):
            found = ours(model, some, n_samples=200)
        died = marker.exists()
    gap = max(np.abs(a.coefficients - b.coefficients).max() for a, b in zip(found, expected, strict=True))
    ok = died and found.complete and gap <= 1e-9  # noqa: PLR2004
    yield Row(
        f"one of two workers killed half-way through {len(some)} posts: largest difference of a weight",
        "≤ 1e-9",
        f"{gap:.1e}  ({len(found)} of {len(some)} done, {'one' if died else 'none'} killed)",
        ok,
        {"gap": gap},
    )


def sizes(_: int) -> Iterator[Row]:
    """Bytes of one result: held in memory, over the wire, in the file."""
    some = posts()[:POSTS_QUICK]
    for keep in KEEPS:
        held, found = _held(partial(ours, classifier(), some, keep=keep))
        wire = len(cloudpickle.dumps([one for one in found])) / len(found)  # noqa: C416 – the items, not the sequence
        with tempfile.TemporaryDirectory() as folder:
            lines, parquet = (Path(folder) / name for name in ("found.jsonl", "found.parquet"))
            found.save(lines)
            found.save(parquet)
            written = [path.stat().st_size / len(found) for path in (lines, parquet)]
        parts = statistics.mean(len(one.features) for one in found)
        figures = {"memory": held, "wire": wire, "lines": written[0], "parquet": written[1], "features": parts}
        measured = ", ".join(f"{name} {value / 1000:.1f} kB" for name, value in list(figures.items())[:4])
        yield Row(f"bytes of one result, keep={keep!r}, posts of {MASKS} masks", "", measured, None, figures)
    model = len(cloudpickle.dumps(classifier()))
    yield Row("bytes of the model, which travels once per worker", "", f"{model / 1000:.0f} kB", None, {"model": model})


def _held(job: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many bytes one result holds, and the results."""
    job()
    tracemalloc.start()
    found = job()
    held = tracemalloc.get_traced_memory()[0] / len(found)
    tracemalloc.stop()
    return held, found


ROWS = (loop, cluster, killed, sizes)


if __name__ == "__main__":
    table(str(__doc__), lambda: f"{newsgroups('train').source}; {MASKS} masks", ROWS, lambda: None)

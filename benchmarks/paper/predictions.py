"""Section 5.3, whether a prediction is to be trusted, with simulated persons who distrust a quarter of the words.

A prediction is not to be trusted when it changes without those words. A person sees an explanation only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import authors
import numpy as np
from baselines import Greedy, Parzen, Random, Texts
from corpora import Known, corpus, counter, names
from machines import QuickForest, QuickSVC, with_shares
from running import Check, Piece, Result, mean_se
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from vectors import MeanVectors, covered

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from running import Desk

    Array = NDArray[Any]

SECTION, TITLE = "5.3", "Should I trust this prediction?"
WAYS = ("random", "parzen", "greedy", "authors", "authors, with an intercept", "auto")
BASELINES, LIME = WAYS[:3], WAYS[3:]
_FIGURES = {  # F1 in per cent: random, Parzen, greedy, LIME (table 1 of the paper)
    ("books", "LR"): (14.6, 84.0, 53.7, 96.6),
    ("books", "NN"): (14.8, 87.6, 47.4, 94.5),
    ("books", "RF"): (14.7, 94.3, 45.0, 96.2),
    ("books", "SVM"): (14.7, 92.3, 53.3, 96.7),
    ("dvd", "LR"): (14.2, 87.0, 52.4, 96.6),
    ("dvd", "NN"): (14.3, 81.7, 58.1, 91.8),
    ("dvd", "RF"): (14.5, 94.2, 46.6, 96.1),
    ("dvd", "SVM"): (14.4, 87.3, 55.1, 95.6),
}
PAPER = {cell: dict(zip(WAYS[:4], figures, strict=True)) for cell, figures in _FIGURES.items()}
SIGMA = {  # the authors'
    "books": {"LR": 1.0, "NN": 0.5, "RF": 1.0, "SVM": 7.0, "RF on vectors": 3.0},
    "dvd": {"LR": 0.75, "NN": 0.5, "RF": 0.5, "SVM": 0.75, "RF on vectors": 5.0},
}
DISTRUSTED, WORDS, CHUNK, TOLERANCE, EVEN = 0.25, 10, 10, 3.0, 0.5
REDRAWN = 200


@dataclass(frozen=True)
class Size:
    """How much is done: documents, draws of distrusted words, masks, trees on words and on word vectors, models."""

    documents: int
    draws: int
    samples: int
    trees: tuple[int, int]
    kinds: tuple[str, ...] = ("LR", "NN", "RF", "SVM", "RF on vectors")


SIZES = {
    "tiny": Size(8, 10, 500, (50, 50), ("LR", "RF")),
    "quick": Size(20, 100, 3000, (300, 100)),
    "full": Size(100, 100, authors.SAMPLES, (1000, 300)),
}


# --- models


@cache
def model(name: str, kind: str, trees: tuple[int, int]) -> Pipeline:
    """Return a fitted pipeline: words that are there or not, and a classifier."""
    classifiers: dict[str, Callable[[], Any]] = {
        "LR": lambda: LogisticRegression(max_iter=1000),
        "NN": lambda: KNeighborsClassifier(5),
        "RF": lambda: QuickForest(trees[0], max_depth=5, random_state=1),
        "SVM": lambda: with_shares(QuickSVC(C=10, gamma=0.001)),
        "RF on vectors": lambda: RandomForestClassifier(trees[1], random_state=1),
    }
    data, reader = corpus(name), counter()
    rows = reader.fit_transform(data.texts)
    steps = [classifiers[kind]()]
    if kind == "RF on vectors":
        steps.insert(0, MeanVectors.of(reader.get_feature_names_out()))
    read = make_pipeline(*steps).fit(rows, data.labels)
    return make_pipeline(reader, *(step for _, step in read.steps))


@cache
def parzen(name: str, kind: str, trees: tuple[int, int]) -> Parzen:
    """Return the baseline with the authors' σ, or one chosen here where they have none."""
    data, sigma = corpus(name), SIGMA.get(name, {}).get(kind)
    return Parzen.fitted(model(name, kind, trees), data.texts, data.labels, sigma=sigma, folds=5)


def drawn(name: str, documents: int) -> list[int]:
    """Draw test documents with words enough."""
    data = corpus(name)
    known = Known(counter().fit(data.texts))
    rows = np.random.default_rng(3).permutation(len(data.others)).tolist()
    return [row for row in rows if known.enough(data.others[row])][:documents]


@cache
def distrusted(name: str, draws: int) -> Array:
    """Draw a quarter of the vocabulary, (draws, D), True where a word is not to be trusted."""
    words = len(counter().fit(corpus(name).texts).vocabulary_)
    rng, found = np.random.default_rng(1), np.zeros((draws, words), dtype=bool)
    for line in found:
        line[rng.choice(words, int(DISTRUSTED * words), replace=False)] = True
    return found


# --- what a person concludes


@dataclass(frozen=True)
class View:
    """What a way to explain says of a document: named words by column, their weights, and the level with all of them.

    ``rule`` is how a person concludes: "sides" compares sides of one half, "any" looks for any distrusted word.
    """

    columns: list[int]
    weights: list[float]
    level: float
    rule: str
    calls: int

    def trusted(self, words: Array, *, side: bool) -> Array:
        """Say for each draw (n, D) whether a person trusts the prediction; ``side`` is the black box's own."""
        seen = words[:, self.columns]
        if self.rule == "any":
            return np.asarray(~seen.any(axis=1))
        left = self.level - seen @ np.array(self.weights)
        return np.asarray((left > EVEN) == side)


def views(name: str, kind: str, rows: list[int], how: Size) -> dict[str, list[View]]:
    """Explain documents in every way; the second class, as the authors do."""
    asked, data = model(name, kind, how.trees), corpus(name)
    place, texts = asked[0].vocabulary_, [data.others[row] for row in rows]
    found = {
        "random": [_said(place, s, "any") for s in Random(asked, WORDS).explain_many(texts, 1)],
        "parzen": [_said(place, s, "sides") for s in parzen(name, kind, how.trees).explain_many(texts, 1)],
        "greedy": [_said(place, s, "any") for s in Greedy(asked, WORDS, until=EVEN).explain_many(texts)],
    }
    domain = rt.Text(tokenizer=Known(asked[0]))
    for row, text in zip(rows, texts, strict=True):
        theirs = authors.explainer(asked, domain, seed=row).explain(text, 1, how.samples)
        centred = theirs.read(surrogate=authors.KLasso(centred=True, whole=False))
        ours = rt.Explainer(asked, rt.Text(), seed=row).explain(text, 1)
        for way, each in zip(LIME, (theirs, centred, ours), strict=True):
            found.setdefault(way, []).append(_explained(place, each))
    return found


def _said(place: dict[str, int], said: Any, rule: str) -> View:
    columns = [place[word] for word in said.words]
    weights = said.coefficients[said.selected].tolist()
    return View(columns, weights, float(said.local_prediction), rule, said.calls)


def _explained(place: dict[str, int], e: rt.Explanation) -> View:
    """Read an explanation; words that the model does not know are in no draw."""
    chosen = [i for i in e.fit.selected if e.features[i].key in place]
    columns = [place[e.features[i].key] for i in chosen]
    level = float(e.intercept + e.coefficients.sum())
    return View(columns, [float(e.coefficients[i]) for i in chosen], level, "sides", e.model_calls)


def chunk(name: str, kind: str, rows: list[int], size: str) -> dict[str, Any]:
    """Return for each document and draw whether it is to be trusted, and what each way concludes; and calls."""
    how = SIZES[size]
    asked, words = model(name, kind, how.trees), distrusted(name, how.draws)
    whole = Texts(asked, [corpus(name).others[row] for row in rows])
    sides = whole.first[:, 1] > EVEN
    truth = [_unmoved(whole, i, words, side=bool(side)) for i, side in enumerate(sides)]
    seen = views(name, kind, rows, how)
    told = {
        way: [concluded(way, view, words, side=bool(side)) for view, side in zip(each, sides, strict=True)]
        for way, each in seen.items()
    }
    return {
        "truth": [line.astype(int).tolist() for line in truth],
        "told": {way: [line.astype(int).tolist() for line in lines] for way, lines in told.items()},
        "calls": {way: [view.calls for view in each] for way, each in seen.items()},
    }


def concluded(way: str, view: View, words: Array, *, side: bool) -> Array:
    """Let a person conclude: with LIME they compare with the black box's own side, with Parzen with Parzen's."""
    return view.trusted(words, side=view.level > EVEN if way == "parzen" else side)


def _unmoved(texts: Texts, i: int, words: Array, *, side: bool) -> Array:
    """Say for each draw whether the prediction of a document stays without the distrusted words."""
    row = texts.rows[i]
    kept = ~words[:, row.indices]
    struck = row[np.zeros(len(words), dtype=int)]
    struck.data = struck.data * kept.ravel()
    struck.eliminate_zeros()
    return np.asarray((texts.answers(struck)[:, 1] > EVEN) == side)


# --- the section


def run(size: str, desk: Desk) -> Result:
    """Explain the drawn documents of each model, and let persons conclude."""
    how, pieces, cells = SIZES[size], [], []
    for name in names(size):
        rows = drawn(name, how.documents)
        for kind in how.kinds:
            if kind == "RF on vectors" and not covered():
                continue
            for i in range(0, len(rows), CHUNK):
                cells.append((name, kind))
                pieces.append(Piece(f"{name} {kind} {i // CHUNK}", chunk, (name, kind, rows[i : i + CHUNK], size)))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for cell, part in zip(cells, desk.done(pieces), strict=True):
        found.setdefault(cell, []).append(part)
    rows_ = [row for cell, parts in found.items() for row in table(*cell, parts)]
    compared = [check for cell, parts in found.items() for check in differences(*cell, parts)]
    asked = [way for way in WAYS if way != "authors, with an intercept"]  # that one reads the authors' in another way
    calls = sum(sum(part["calls"][way]) for parts in found.values() for part in parts for way in asked)
    seeds = {"documents": 3, "draws of words": 1, "masks": "the document's number", "models": 1}
    return Result(rows_, [*checks(rows_), *compared], seeds, calls, notes=notes(how))


def notes(how: Size) -> list[str]:
    """Say what differs from the paper."""
    figure = (
        "F1 with the trustworthy predictions as positives, for each draw over all documents; mean and standard error "
        "over draws, which share the documents. The standard errors of differences are over documents, drawn again "
        f"{REDRAWN} times with replacement."
    )
    models = (
        f"Random forests are the depth-5 ones on words of the authors' code, with {how.trees[0]:,} trees; the SVM's "
        "probabilities are Platt's, and which side a prediction is on is theirs, for the oracle too; logistic "
        "regression has scikit-learn's defaults of today."
    )
    vectors = (
        f"*RF on vectors* follows the paper's description, with {how.trees[1]:,} trees, on means of word vectors of 25 "
        "dimensions; the paper has word2vec's 300, so its figures are not beside these."
    )
    return [figure, models, *([vectors] if "RF on vectors" in how.kinds else [])]


def table(name: str, kind: str, parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return a line for each way: mean F1 over draws in per cent, its standard error, calls a document."""
    truth = np.array([line for part in parts for line in part["truth"]], dtype=bool)
    for way in WAYS:
        told = np.array([line for part in parts for line in part["told"][way]], dtype=bool)
        mean, se = mean_se([score(truth[:, i], told[:, i]) for i in range(truth.shape[1])])
        calls = [number for part in parts for number in part["calls"][way]]
        yield {
            "data": name,
            "model": kind,
            "way": way,
            "paper": PAPER.get((name, kind), {}).get(way),
            "f1": mean,
            "se": se,
            "documents": len(truth),
            "draws": truth.shape[1],
            "trusted": 100 * float(truth.mean()),
            "calls": float(np.mean(calls)),
        }


def score(truth: Array, told: Array) -> float:
    """Return F1 in per cent.

    >>> score(np.array([True, True, False]), np.array([True, False, False])).__round__(1)
    66.7
    """
    both, either = (truth & told).sum(), truth.sum() + told.sum()
    return float(200 * both / either) if either else 0.0


def checks(rows: list[dict[str, Any]]) -> Iterator[Check]:
    """Compare the authors' procedure with the paper."""
    for name, kind in dict.fromkeys((row["data"], row["model"]) for row in rows):
        found = {row["way"]: row for row in rows if (row["data"], row["model"]) == (name, kind)}
        f1, cell = {way: row["f1"] for way, row in found.items()}, f"{name}, {kind}"
        paper = found["authors"]["paper"]
        if paper is not None:
            gap = f1["authors"] - paper
            said = f"{f1['authors']:.1f} ({gap:+.1f})"
            yield Check(f"{cell}: authors' procedure", f"{paper} ± {TOLERANCE:g}", said, abs(gap) <= TOLERANCE)


def differences(name: str, kind: str, parts: list[dict[str, Any]]) -> Iterator[Check]:
    """Compare the ways with each other, with standard errors over documents."""
    truth = np.array([line for part in parts for line in part["truth"]], dtype=bool)
    told = {way: np.array([line for part in parts for line in part["told"][way]], dtype=bool) for way in WAYS}
    calls = {way: float(np.mean([n for part in parts for n in part["calls"][way]])) for way in WAYS}
    best = max(BASELINES, key=lambda way: mean_f1(truth, told[way]))
    for own, other, asked in (("authors", best, "first"), ("auto", best, "first"), ("auto", "authors", "≥")):
        gap = mean_f1(truth, told[own]) - mean_f1(truth, told[other])
        share = f", with {calls[own] / calls[other]:.0%} of the calls" if other == "authors" else ""
        said = f"{gap:+.1f} ± {redrawn(truth, told[own], told[other]):.1f} against {other}{share}"
        yield Check(f"{name}, {kind}: LIME ({own})", asked, said, gap >= 0)


def mean_f1(truth: Array, told: Array) -> float:
    """Return the mean F1 over draws, in per cent, of documents (n, draws)."""
    both, either = (truth & told).sum(axis=0), truth.sum(axis=0) + told.sum(axis=0)
    return float(np.mean(200 * both / np.maximum(either, 1)))


def redrawn(truth: Array, own: Array, other: Array) -> float:
    """Return the standard error of a difference, from documents drawn again and again."""
    rng, gaps = np.random.default_rng(0), []
    for _ in range(REDRAWN):
        rows = rng.integers(0, len(truth), len(truth))
        gaps.append(mean_f1(truth[rows], own[rows]) - mean_f1(truth[rows], other[rows]))
    return float(np.std(gaps))

"""Section 5.2, whether explanations are faithful to the model.

Models that can be read tell which words they use (gold); how many of them does an explanation of ten words name?
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import authors
import numpy as np
from baselines import Greedy, Parzen, Random
from corpora import Known, corpus, counter, names
from running import Check, Piece, Result, mean_se
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.tree import DecisionTreeClassifier

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baselines import Said
    from running import Desk

SECTION, TITLE = "5.2", "Are explanations faithful to the model?"
WEAKER = "LR, C a step larger"
KINDS = (
    "LR",
    "tree",
    WEAKER,
)  # a sparse logistic regression, a decision tree; and the former as it is one step earlier
PAPER = {  # recall in per cent, figures 2 and 3 of the paper
    ("books", "LR"): {"random": 17.4, "parzen": 72.8, "greedy": 64.3, "authors": 92.1},
    ("books", "tree"): {"random": 20.6, "parzen": 78.9, "greedy": 37.0, "authors": 97.0},
    ("dvd", "LR"): {"random": 19.2, "parzen": 60.8, "greedy": 63.4, "authors": 90.2},
    ("dvd", "tree"): {"random": 17.4, "parzen": 80.6, "greedy": 47.6, "authors": 97.8},
}
SIGMA = {("books", "LR"): 2.0, ("books", "tree"): 2.0, ("dvd", "LR"): 1.0, ("dvd", "tree"): 8.0}  # the authors'
SIZES = {"tiny": (6, 1500), "quick": (60, authors.SAMPLES), "full": (400, authors.SAMPLES)}
WORDS, CHUNK, MOST, TOLERANCE, A_FIFTH = 10, 20, 10, 3.0, 0.2
NOTHING = "–"
CS = tuple((10 - i) / 100 for i in range(10))
AUTHORS, STRICT, CENTRED = "authors", "authors, nothing for nothing", "authors, with an intercept"
READ = (STRICT, CENTRED)  # the authors' explanations, read in another way: the model is not asked again
AUTO, FIFTH = "auto", "auto, at most a fifth of the calls"
SPLITS = {"tiny": (2, 3), "quick": (3, 40), "full": (10, 100)}  # how many others, and documents of each


# --- models whose words are known


@cache
def model(name: str, kind: str) -> Pipeline:
    """Return a fitted pipeline whose words are known."""
    data = corpus(name)
    if kind == "tree":
        return make_pipeline(counter(), DecisionTreeClassifier(random_state=1)).fit(data.texts, data.labels)
    return sparse_model(data.texts, data.labels, before=kind == WEAKER)


def sparse_model(texts: list[str], labels: Any, *, before: bool = False) -> Pipeline:
    """Fit with an ever stronger L1 penalty until no text has more than ten words that count; or end one step before."""
    reader = counter().fit(texts)
    rows, found = reader.transform(texts), []
    for size in CS:
        found.append(LogisticRegression(l1_ratio=1.0, C=size, solver="liblinear", random_state=1).fit(rows, labels))
        if rows[:, np.flatnonzero(found[-1].coef_[0])].sum(axis=1).max() <= MOST:
            break
    return make_pipeline(reader, found[-2 if before and len(found) > 1 else -1])


@cache
def known(name: str, kind: str) -> Known:
    """Return a tokenizer of the words that a model knows."""
    return Known(model(name, kind)[0])


@cache
def parzen(name: str, kind: str, sigma: float | None) -> Parzen:
    """Return the baseline; σ is chosen where none is given."""
    data = corpus(name)
    return Parzen.fitted(model(name, kind), data.texts, data.labels, sigma=sigma)


def gold(name: str, kind: str, text: str) -> frozenset[str]:
    """Return which words of a text the model uses: those with weight, or those tested on its way through the tree."""
    if kind != "tree":
        return weighty(model(name, kind), text)
    reader, read = model(name, kind)
    words, row = reader.get_feature_names_out(), reader.transform([text])
    tree, there, node, found = read.tree_, set(row.indices.tolist()), 0, set()
    while tree.children_left[node] >= 0:
        word = int(tree.feature[node])
        found |= {word} & there
        node = (tree.children_right if word in there else tree.children_left)[node]
    return frozenset(words[j] for j in found)


def weighty(asked: Pipeline, text: str) -> frozenset[str]:
    """Return which words of a text have weight in a sparse model."""
    words = asked[0].get_feature_names_out()
    return frozenset(words[j] for j in asked[0].transform([text]).indices if asked[1].coef_[0, j])


# --- ways to explain, each: what it names, how many calls


@dataclass(frozen=True)
class Named:
    """Words that are named, and what it cost."""

    words: list[str]
    calls: int


def of(explanation: rt.Explanation) -> Named:
    """Return the selected words of an explanation."""
    return Named([explanation.features[i].key for i in explanation.fit.selected], explanation.model_calls)


def explained(name: str, kind: str, text: str, seed: int, samples: int) -> dict[str, Named]:
    """Explain one prediction by the authors' procedure, read in three ways, and by "auto"."""
    asked = model(name, kind)
    theirs = authors.explainer(asked, rt.Text(tokenizer=known(name, kind)), seed=seed).explain(text, 1, samples)
    strict = theirs.read(surrogate=authors.KLasso(whole=False))
    centred = theirs.read(surrogate=authors.KLasso(centred=True, whole=False))
    found = {AUTHORS: of(theirs), STRICT: of(strict), CENTRED: of(centred)}
    if kind == WEAKER:
        return found
    own = rt.Explainer(asked, rt.Text(), seed=seed)
    return found | {AUTO: of(own.explain(text, 1)), FIFTH: of(own.explain(text, 1, max_calls=samples // 5))}


def baselines(name: str, kind: str, rows: list[int]) -> dict[str, list[Said]]:
    """Explain some documents by the baselines; Parzen also with a σ of our own choice."""
    asked, data = model(name, kind), corpus(name)
    texts = [data.others[row] for row in rows]
    greedy = [Greedy(asked, WORDS).explain(text, int(data.truth[row])) for text, row in zip(texts, rows, strict=True)]
    return {
        "random": Random(asked, WORDS).explain_many(texts, 1),
        "greedy": greedy,
        "parzen": parzen(name, kind, SIGMA.get((name, kind.partition(",")[0]))).explain_many(texts, 1),
        "parzen, σ chosen here": parzen(name, kind, None).explain_many(texts, 1),
    }


def chunk(name: str, kind: str, rows: list[int], samples: int) -> list[dict[str, Any]]:
    """Explain some documents; return, for each whose gold is not empty, recall and calls of every way."""
    texts, lines = corpus(name).others, []
    told = {row: gold(name, kind, texts[row]) for row in rows if known(name, kind).enough(texts[row])}
    rows = [row for row in told if told[row]]
    others = baselines(name, kind, rows) if rows else {}
    for i, row in enumerate(rows):
        ways = explained(name, kind, texts[row], row, samples)
        ways |= {way: Named(said[i].words, said[i].calls) for way, said in others.items()}
        lines.append(
            {
                "row": row,
                "gold": len(told[row]),
                "moves": bool(ways[STRICT].words),
                "recall": {way: recall(told[row], named.words) for way, named in ways.items()},
                "calls": {way: named.calls for way, named in ways.items()},
            }
        )
    return lines


def recall(wanted: frozenset[str], words: list[str]) -> float:
    """Return how many of the gold words are named, in per cent."""
    return 100 * len(wanted & set(words)) / len(wanted)


def elsewhere(name: str, split: int, most: int, samples: int) -> dict[str, Any]:
    """Split the reviews anew, fit the sparse model by the same rule, and return the authors' recall."""
    data = corpus(name)
    texts, labels = [*data.texts, *data.others], np.concatenate([data.labels, data.truth])
    train, test = train_test_split(np.arange(len(texts)), test_size=0.2, stratify=labels, random_state=split)
    asked = sparse_model([texts[i] for i in train], labels[train])
    tokenizer, lines, calls = Known(asked[0]), [], 0
    for row in test[:most]:
        wanted = weighty(asked, texts[row])
        if wanted and tokenizer.enough(texts[row]):
            found = authors.explainer(asked, rt.Text(tokenizer=tokenizer), seed=int(row)).explain(
                texts[row], 1, samples
            )
            lines.append(recall(wanted, of(found).words))
            calls += found.model_calls
    mean, se = mean_se(lines)
    return {"split": split, "C": asked[1].C, "recall": mean, "se": se, "calls": calls}


# --- the section


def run(size: str, desk: Desk) -> Result:
    """Explain the test documents of each model in every way."""
    most, samples = SIZES[size]
    pieces, cells = [], []
    for name in names(size):
        rows = np.random.default_rng(1).permutation(len(corpus(name).others))[:most].tolist()
        for kind in KINDS:
            parts = [rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK)]
            cells += [(name, kind)] * len(parts)
            pieces += [Piece(f"{name} {kind} {i}", chunk, (name, kind, p, samples)) for i, p in enumerate(parts)]
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for cell, lines in zip(cells, desk.done(pieces), strict=True):
        found.setdefault(cell, []).extend(lines)
    others = splits(size, desk, samples)
    calls = sum(n for lines in found.values() for line in lines for way, n in line["calls"].items() if way not in READ)
    calls += sum(each["calls"] for each_ in others.values() for each in each_)
    return Result(
        rows=[row for cell, lines in found.items() for row in table(*cell, lines)],
        checks=[*checks(found, samples), *split_checks(others)],
        seeds={"masks": "the document's number", "split": 1, "other splits": f"0 … {SPLITS[size][0] - 1}", "tree": 1},
        calls=calls,
        more={"splits": others},
        notes=notes(found),
    )


def splits(size: str, desk: Desk, samples: int) -> dict[str, list[dict[str, Any]]]:
    """Return the authors' recall on sparse models of other splits of the same reviews."""
    how_many, most = SPLITS[size]
    pieces = [
        Piece(f"{name} split {split}", elsewhere, (name, split, most, samples))
        for name in names(size)
        for split in range(how_many)
    ]
    found = iter(desk.done(pieces))
    return {name: [next(found) for _ in range(how_many)] for name in names(size)}


def table(name: str, kind: str, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return a line for each way: mean recall in per cent, its standard error, calls."""
    for way in lines[0]["recall"]:
        mean, se = mean_se([line["recall"][way] for line in lines])
        calls = [line["calls"][way] for line in lines]
        yield {
            "data": name,
            "model": kind,
            "way": way,
            "paper": PAPER.get((name, kind.partition(",")[0]), {}).get(way),
            "recall": mean,
            "se": se,
            "documents": len(lines),
            "calls": float(np.mean(calls)),
            "most_calls": max(calls),
        }


def checks(found: dict[tuple[str, str], list[dict[str, Any]]], samples: int) -> Iterator[Check]:
    """Compare with the paper, with the authors' procedure, and the ways with each other."""
    for (name, kind), lines in found.items():
        cell, mean = f"{name}, {kind}", means(lines)
        paper = PAPER.get((name, kind.partition(",")[0]), {}).get(AUTHORS)
        if paper is not None:
            gap = mean[AUTHORS] - paper
            said = f"{mean[AUTHORS]:.1f} ({gap:+.1f}); {mean[STRICT]:.1f} if nothing is said of what does not move"
            yield Check(f"{cell}: authors' procedure", f"{paper} ± {TOLERANCE:g}", said, abs(gap) <= TOLERANCE)
        if AUTO in mean:
            yield against(f"{cell}: {AUTO}, against the authors' code", lines, (AUTO, AUTHORS), samples)
            yield against(f"{cell}: {FIFTH}, against the authors' code", lines, (FIFTH, AUTHORS), samples)
            what = f"{cell}: {FIFTH}, against it where nothing is said of what does not move"
            yield against(what, lines, (FIFTH, STRICT), samples)
        yield from order(cell, lines)


def against(what: str, lines: list[dict[str, Any]], ways: tuple[str, str], samples: int) -> Check:
    """Compare recall, document by document, and the calls with the masks that the authors draw."""
    mean, (own, theirs) = means(lines), ways
    gap, se = mean_se([line["recall"][own] - line["recall"][theirs] for line in lines])
    share = cost(lines, own) / samples
    said = f"{mean[own]:.1f} with {share:.0%} of {samples:,} calls; {mean[theirs]:.1f}; {gap:+.1f} ± {se:.1f}"
    return Check(what, "recall ≥, with ≤ 1/5 of the calls", said, gap >= 0 and share <= A_FIFTH)


def order(cell: str, lines: list[dict[str, Any]]) -> Iterator[Check]:
    """Compare the ways with each other, also where only documents count on whose masks the model moves."""
    moving = [line for line in lines if line["moves"]]
    for own, chosen, where in ((AUTHORS, lines, ""), (AUTO, lines, ""), (AUTO, moving, ", where the model moves")):
        mean = means(chosen) if chosen else {}
        if own in mean:
            said = f"{mean[own]:.1f}; {mean['parzen']:.1f}, {mean['greedy']:.1f}; {mean['random']:.1f}"
            between = mean["parzen"], mean["greedy"]
            holds = mean[own] > max(between) and min(between) > mean["random"]
            yield Check(f"{cell}: LIME ({own}) > Parzen, greedy > random{where}", "in this order", said, holds)


def means(lines: list[dict[str, Any]]) -> dict[str, float]:
    """Return the mean recall of each way."""
    return {way: float(np.mean([line["recall"][way] for line in lines])) for way in lines[0]["recall"]}


def cost(lines: list[dict[str, Any]], way: str) -> float:
    """Return the mean number of calls."""
    return float(np.mean([line["calls"][way] for line in lines]))


def split_checks(others: dict[str, list[dict[str, Any]]]) -> Iterator[Check]:
    """Say between what other splits of the same reviews lie, and whether the paper's figure is among them."""
    for name, found in others.items():
        values = [each["recall"] for each in found]
        paper = PAPER.get((name, "LR"), {}).get(AUTHORS)
        near = 0 if paper is None else sum(abs(value - paper) <= TOLERANCE for value in values)
        cs = ", ".join(sorted({f"{each['C']:g}" for each in found}))
        said = (
            f"{near} of {len(values)}; mean {np.mean(values):.1f}, from {min(values):.1f} to {max(values):.1f}; C {cs}"
        )
        asked = NOTHING if paper is None else f"some within {TOLERANCE:g} of {paper}"
        yield Check(f"{name}, LR: authors' procedure on other splits", asked, said, None if paper is None else near > 0)


def notes(found: dict[tuple[str, str], list[dict[str, Any]]]) -> list[str]:
    """Say what differs."""
    still = {cell: np.mean([not line["moves"] for line in lines]) for cell, lines in found.items()}
    shares = ", ".join(f"{name} {kind} {share:.0%}" for (name, kind), share in still.items())
    nothing = (
        f"Of so many documents the model gives one answer to all masks: {shares}. There the lasso path of the authors' "
        "code has no step, and it returns all words of the document, each with weight 0, so that every gold word is "
        "found; *nothing for nothing* is the same procedure where such a document is explained by no word."
    )
    level = (
        "*With an intercept* (and nothing for nothing) words and outputs are centred by their weighted means. Without, "
        "as the authors have it, the kernel's preference for long texts leaves a level that all words share, and it "
        "takes places on the path."
    )
    rule = (
        "The sparse model is fitted by a rule – the largest C of .10, .09, … with at most ten words in any training "
        "document – whose outcome hangs on one document of the split; other splits show how much, and so does the "
        "model one step before, which breaks the rule."
    )
    flat = [f"{name} {kind}" for name, kind in found if np.ptp(parzen(name, kind, None).labels) == 0]
    blind = (
        f"Parzen learns from predictions out of three folds. With {', '.join(flat)} all of them are of one class: "
        "the model of two thirds of the reviews has too few words to call any review positive. So it has no slope."
    )
    return [nothing, level, rule, *([blind] if flat else [])]

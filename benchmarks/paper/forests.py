"""Section 5.4, whether a model is to be trusted, with simulated persons who choose the better of two forests.

Artificial words go with a class in training and with none in the test. Two forests do alike on validation documents,
and differ on test documents; a person sees B explanations of each, distrusts the artificial words in them, and counts
how many predictions would change without.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import authors
import numpy as np
from absences import Masked, Trees
from baselines import Greedy, Parzen
from corpora import corpus, counter, names
from machines import QuickForest
from running import Check, Piece, Result, mean_se
from scipy import sparse
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from running import Desk

    Array = NDArray[Any]

SECTION, TITLE = "5.4", "Can I trust this model?"
ARTIFICIAL = tuple(f"artificial{i}" for i in range(10))
IN_TRAINING, IN_TEST = (0.1, 0.2), (0.1, 0.1)  # with which share of each class an artificial word goes
TREES, DEPTH, ALIKE, APART, OFTEN = 30, 5, 0.001, 0.05, 3
SHOWN, AT, ASKED, EVEN, WORDS = 30, 10, 80.0, 0.5, 10
DRAWS = 20  # random picks of each pair, averaged
SAMPLES, PAIRS, FEW = 1000, 200, 30
LEARNED = ("greedy", "parzen", "authors", "knower")
AUTO, KNOWER = "auto", "knower"
PICKS = {"SP": "submodular", "RP": "random"}
SIGMA = {"books": 1.0, "dvd": 0.5}  # the authors'


@dataclass(frozen=True)
class Size:
    """How much is done: draws of the data, forests and pairs of each, and how many draws "auto" sees a pair of."""

    pools: int
    forests: int
    pairs: int
    auto: int
    documents: int | None = None


SIZES = {
    "tiny": Size(1, 60, 1, 1, 15),
    "quick": Size(3, 70, 3, 1, 100),
    "full": Size(42, 70, 5, 4),
}


# --- data, forests and pairs


@dataclass(frozen=True)
class Pool:
    """One draw of the artificial words: documents to learn from, to explain and count by, and to judge by."""

    learn: tuple[list[str], Array]
    valid: tuple[list[str], Array]
    test: tuple[list[str], Array]


@cache
def pool(name: str, number: int, documents: int | None) -> Pool:
    """Draw the artificial words and split the documents to learn from."""
    data, rng = corpus(name), np.random.default_rng([7, number])
    texts = noised(data.texts, data.labels, IN_TRAINING, rng)
    fit, held = train_test_split(np.arange(len(texts)), test_size=0.2, stratify=data.labels, random_state=number)
    held = held[:documents]
    learn, valid = (([texts[i] for i in rows], data.labels[rows]) for rows in (fit, held))
    return Pool(learn, valid, (noised(data.others, data.truth, IN_TEST, rng), data.truth))


def noised(texts: Sequence[str], labels: Array, shares: tuple[float, float], rng: np.random.Generator) -> list[str]:
    """Append each artificial word to a share of each class's texts."""
    there = np.zeros((len(texts), len(ARTIFICIAL)), dtype=bool)
    for label, share in enumerate(shares):
        rows = np.flatnonzero(labels == label)
        for j in range(len(ARTIFICIAL)):
            there[rng.choice(rows, int(share * len(rows)), replace=False), j] = True
    words = np.array(ARTIFICIAL)
    return [" ".join([text, *words[line]]) for text, line in zip(texts, there, strict=True)]


@cache
def reader(name: str, number: int, documents: int | None) -> Any:
    """Return the vectoriser and the rows to learn from."""
    made = counter().fit(pool(name, number, documents).learn[0])
    return made, made.transform(pool(name, number, documents).learn[0])


def forest(name: str, number: int, which: int, documents: int | None) -> Pipeline:
    """Fit one forest of a pool."""
    words, rows = reader(name, number, documents)
    made = QuickForest(TREES, max_depth=DEPTH, random_state=which)
    return make_pipeline(words, made.fit(rows, pool(name, number, documents).learn[1]))


def accuracies(data: Pool, fitted: Pipeline) -> tuple[float, float]:
    """Return how a forest does on validation and on test documents."""
    return float(fitted.score(*data.valid)), float(fitted.score(*data.test))


def pairs(found: Sequence[tuple[float, float]], how_many: int, seed: int) -> list[tuple[int, int]]:
    """Draw pairs that do alike on validation and differ on test documents.

    A forest is in three pairs at most, and a pair with one that is in another already comes first: so fewer forests
    are explained, and none has much of a say.
    """
    good = [
        (i, j)
        for i, j in combinations(range(len(found)), 2)
        if abs(found[i][0] - found[j][0]) <= ALIKE and abs(found[i][1] - found[j][1]) >= APART
    ]
    left = [good[k] for k in np.random.default_rng(seed).permutation(len(good))]
    chosen: list[tuple[int, int]] = []
    used = np.zeros(len(found), dtype=int)
    while left and len(chosen) < how_many:
        i, j = max(left, key=lambda pair: np.count_nonzero(used[list(pair)]))
        chosen.append((i, j))
        used[[i, j]] += 1
        left = [pair for pair in left if pair != (i, j) and used[list(pair)].max() < OFTEN]
    return chosen


# --- what a person sees of a forest


@dataclass(frozen=True)
class Seen:
    """One forest as one way explains it.

    Parameters
    ----------
    weights : sparse matrix, shape (n, D)
        What SP-LIME picks by.
    artificial : ndarray, shape (n, 10)
        The weights of the artificial words.
    named : ndarray of bool, shape (n, 10)
        Which of them an explanation names.
    level : ndarray, shape (n,)
        The surrogate's sum with all words; NaN where there is no surrogate: then any named word is enough to distrust.
    calls : int
    """

    weights: Any
    artificial: Array
    named: Array
    level: Array
    calls: int

    def distrusted(self, words: Array) -> int:
        """Count the predictions that would change without some artificial words, (10,) of bool."""
        if np.isnan(self.level).all():
            return int(self.named[:, words].any(axis=1).sum())
        left = self.level - self.artificial[:, words].sum(axis=1)
        return int(((left > EVEN) != (self.level > EVEN)).sum())

    def shown(self, chosen: Sequence[int]) -> Array:
        """Say for B = 1, 2, … which artificial words are in the explanations shown, (B, 10)."""
        return np.asarray(np.logical_or.accumulate(self.named[list(chosen)], axis=0))


def seen(way: str, name: str, asked: Pipeline, data: Pool) -> Seen:
    """Explain all validation documents of a forest in one way."""
    texts = data.valid[0]
    if way in {"authors", AUTO}:
        found = theirs(asked, texts) if way == "authors" else ours(asked, texts)
        levels = np.array([e.intercept + e.coefficients.sum() for e in found])
        named = [{e.features[i].key: float(e.coefficients[i]) for i in e.fit.selected} for e in found]
        return joined(named, levels, sum(e.model_calls for e in found))
    if way == "parzen":
        said = Parzen.fitted(asked, *data.learn, sigma=SIGMA.get(name), folds=5).explain_many(texts, 1)
        levels = np.array([each.local_prediction for each in said])
        named = [dict(zip(each.words, each.coefficients[each.selected].tolist(), strict=True)) for each in said]
    else:  # a word that is named counts, whatever it weighs
        said, levels = Greedy(asked, WORDS, until=EVEN).explain_many(texts), np.full(len(texts), np.nan)
        named = [dict.fromkeys(each.words, 1.0) for each in said]
    return joined(named, levels, sum(each.calls for each in said))


def ours(asked: Pipeline, texts: list[str]) -> Sequence[rt.Explanation]:
    """Explain as people get it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rt.errors.ConstantModelWarning)
        found: Sequence[rt.Explanation] = rt.Explainer(asked, rt.Text()).explain_many(texts, 1, progress=False)
    return found


def theirs(asked: Pipeline, texts: list[str]) -> list[rt.Explanation]:
    """Explain by the authors' procedure; the forest is asked as a function of masks, which takes half the time."""
    words, trees = asked[0].get_feature_names_out(), Trees("forest", asked[1])
    rows = asked[0].transform(texts).tocsr()
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rt.errors.ConstantModelWarning)
        for i in range(len(texts)):
            known = rows[i]
            explainer = authors.explainer(trees.at(known), Named(tuple(words[known.indices])), seed=i)
            found.append(explainer.explain(i, 1, SAMPLES))
    return found


@dataclass(frozen=True)
class Named:
    """A domain of one document: its known words, which are there or not."""

    words: tuple[str, ...]

    def represent(self, instance: int) -> Masked:
        """Return the words as parts."""
        del instance
        return Masked(tuple(rt.Feature(word, word) for word in self.words))


def joined(named: list[dict[str, float]], levels: Array, calls: int) -> Seen:
    """Bring the named words of all documents into one matrix."""
    columns = {word: i for i, word in enumerate(ARTIFICIAL)}
    for words in named:
        for word in words:
            columns.setdefault(word, len(columns))
    shape = len(named), len(columns)
    rows = [i for i, words in enumerate(named) for _ in words]
    places = [columns[word] for words in named for word in words]
    weights = [weight for words in named for weight in words.values()]
    there = sparse.csr_matrix((np.ones(len(rows)), (rows, places)), shape=shape)[:, : len(ARTIFICIAL)].toarray() > 0
    matrix = sparse.csr_matrix((weights, (rows, places)), shape=shape)
    return Seen(matrix, matrix[:, : len(ARTIFICIAL)].toarray(), there, levels, calls)


def orders(both: tuple[Seen, Seen], pick: str, rng: np.random.Generator) -> list[tuple[Sequence[int], Sequence[int]]]:
    """Return in which order documents are shown of each forest: by SP-LIME, or several times by chance, the same."""
    n = both[0].weights.shape[0]
    if pick == "SP":
        first, second = (rt.pick(each.weights, budget=min(SHOWN, n)).chosen for each in both)
        return [(first, second)]
    drawn = [rng.permutation(n)[:SHOWN].tolist() for _ in range(DRAWS)]
    return [(each, each) for each in drawn]


def right(both: tuple[Seen, Seen], better: int, pick: str, rng: np.random.Generator) -> list[float]:
    """Return for B = 1, 2, … how often the better forest is chosen; a tie is half a choice."""
    lines = []
    for chosen in orders(both, pick, rng):
        words = [each.shown(rows) for each, rows in zip(both, chosen, strict=True)]
        counts = [np.array([each.distrusted(line) for line in lot]) for each, lot in zip(both, words, strict=True)]
        lines.append(settled(counts[1 - better] - counts[better]))
    return [float(share) for share in np.mean(lines, axis=0)]


def settled(more: Any) -> Any:
    """Return 1 where the worse one has more distrusted predictions, 0 where fewer, ½ for a coin."""
    return np.where(more == 0, 0.5, more > 0)


def struck(asked: Pipeline, data: Pool) -> int:
    """Count the predictions that do change without all artificial words: what a person would count who knew all."""
    rows = asked[0].transform(data.valid[0]).tocsr()
    kept = np.ones(rows.shape[1])
    kept[[asked[0].vocabulary_[word] for word in ARTIFICIAL]] = 0
    before, after = (asked[1].predict_proba(each)[:, 1] > EVEN for each in (rows, rows @ sparse.diags(kept)))
    return int((before != after).sum())


# --- the work


def pooled(name: str, number: int, size: str, *ways: str) -> dict[str, Any]:
    """Draw the data, fit forests, draw pairs of them, and let a person choose in each; return curves and calls."""
    how = SIZES[size]
    data = pool(name, number, how.documents)
    fitted = [forest(name, number, i, how.documents) for i in range(how.forests)]
    found = [accuracies(data, each) for each in fitted]
    both = pairs(found, how.pairs if AUTO not in ways else 1, number)
    tested = sorted({i for pair in both for i in pair})
    curves: dict[str, list[list[float]]] = {}
    calls: dict[str, int] = {}
    for way in ways:
        if way == KNOWER:
            counts = {i: struck(fitted[i], data) for i in tested}
            gaps = [np.array([counts[i] - counts[j]]) * (1 if found[j][1] > found[i][1] else -1) for i, j in both]
            curves[way] = [settled(gap).tolist() * SHOWN for gap in gaps]
            continue
        view = {i: seen(way, name, fitted[i], data) for i in tested}
        calls[way] = sum(each.calls for each in view.values())
        for pick in PICKS:
            rng = np.random.default_rng([11, number])
            curves[f"{pick} {way}"] = [
                right((view[i], view[j]), int(found[j][1] > found[i][1]), pick, rng) for i, j in both
            ]
    told = {"pairs": [[*found[i], *found[j]] for i, j in both], "explained": len(data.valid[0]) * len(tested)}
    return {"curves": curves, "calls": calls, **told}


def run(size: str, desk: Desk) -> Result:
    """Let persons choose in all pairs."""
    how, data = SIZES[size], names(size)
    wanted: list[tuple[tuple[str, ...], int]] = [(LEARNED, how.pools), ((AUTO,), how.auto)]
    lots = [(name, number, ways) for ways, pools in wanted for name in data for number in range(pools)]
    pieces = [
        Piece(f"{name} pool {number} {ways[0]}", pooled, (name, number, size, *ways)) for name, number, ways in lots
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for (name, _, _), part in zip(lots, desk.done(pieces), strict=True):
        found.setdefault(name, []).append(part)
    curves = {name: gathered(parts) for name, parts in found.items()}
    return Result(
        rows=[row for name, ways in curves.items() for row in table(name, ways, found[name])],
        checks=[check for name, ways in curves.items() for check in (enough(name, found[name]), *checks(name, ways))]
        + [same_pairs(name, parts) for name, parts in found.items()],
        seeds={"artificial words": "[7, pool]", "split and pairs": "pool", "masks": "the document's number; auto: 0"},
        calls=sum(sum(part["calls"].values()) for parts in found.values() for part in parts),
        more={"curves": {name: {way: averaged(lines) for way, lines in ways.items()} for name, ways in curves.items()}},
        notes=NOTES,
    )


# --- what comes out


def gathered(parts: Sequence[dict[str, Any]]) -> dict[str, Array]:
    """Return for each way the curves of all pools, (pools, B): the mean over the pairs of a pool."""
    found: dict[str, list[Array]] = {}
    for part in parts:
        for way, lines in part["curves"].items():
            if lines:
                found.setdefault(way, []).append(100 * np.mean(lines, axis=0))
    return {way: np.array(lines) for way, lines in found.items()}


def averaged(lines: Array) -> dict[str, list[float]]:
    """Return the share of right choices in per cent for each B, and its standard error over pools."""
    told = [mean_se(column.tolist()) for column in lines.T]
    return {"mean": [mean for mean, _ in told], "se": [se for _, se in told]}


def at(lines: Array, shown: int) -> list[float]:
    """Return the share of right choices of each pool with so many explanations shown."""
    return [float(value) for value in lines[:, min(shown, lines.shape[1]) - 1]]


def table(name: str, ways: dict[str, Array], parts: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return a line for each pick and way: right choices at several B, calls for each explained prediction."""
    for way, lines in ways.items():
        asked = way.rsplit(" ", 1)[-1]
        there = [part for part in parts if way in part["curves"]]
        explained = sum(part["explained"] for part in there if asked in part["calls"])
        calls = sum(part["calls"].get(asked, 0) for part in there)
        row: dict[str, Any] = {"data": name, "way": way, "paper": None, "pools": len(lines)}
        row["pairs"] = sum(len(part["curves"][way]) for part in there)
        for shown in (1, 5, AT, 20, SHOWN):
            row[f"B {shown}"], row[f"se {shown}"] = mean_se(at(lines, shown))
        yield row | {"as the knower": alike(way, there), "calls": calls / explained if explained else None}


def alike(way: str, parts: Sequence[dict[str, Any]]) -> float | None:
    """Return in how many pairs, in per cent, the same forest is chosen as by who knew all, where those can choose."""
    both = [
        (mine[AT - 1], known[0])
        for part in parts
        for mine, known in zip(part["curves"][way], part["curves"].get(KNOWER, []), strict=False)
        if known[0] != EVEN
    ]
    return 100 * float(np.mean([a * b + (1 - a) * (1 - b) for a, b in both])) if both else None


def enough(name: str, parts: Sequence[dict[str, Any]]) -> Check:
    """Say how many pairs there are."""
    pairs = sum(len(part["curves"][KNOWER]) for part in parts if KNOWER in part["curves"])
    return Check(f"{name}: pairs", f"≥ {PAIRS}", f"{pairs}", pairs >= PAIRS)


def checks(name: str, ways: dict[str, Array]) -> Iterator[Check]:
    """Compare the picks and the ways with each other, at ten explanations and over all numbers of them."""
    if KNOWER not in ways:
        return
    best, chance = (ways[f"{pick} authors"] for pick in PICKS)
    mean, se = mean_se(at(best, AT))
    said = f"{mean:.1f} ± {se:.1f} over {len(best)} pools; who knew all that changes without the artificial words: "
    said += f"{np.mean(at(ways[KNOWER], AT)):.1f}"
    yield Check(f"{name}: right choices of SP-LIME at B = {AT}", f"≥ {ASKED:g}", said, mean >= ASKED)
    yield order(f"{name}: SP-LIME ≥ RP-LIME", best, [chance])
    for pick, lime in zip(PICKS, (best, chance), strict=True):
        others = [ways[f"{pick} {way}"] for way in ("greedy", "parzen")]
        yield order(f"{name}: {pick}-LIME ≥ {pick}-greedy, {pick}-Parzen", lime, others)


def same_pairs(name: str, parts: Sequence[dict[str, Any]]) -> Check:
    """Compare "auto" with the authors' procedure on the pairs that it saw; a few of them tell nothing."""
    way, other = f"SP {AUTO}", "SP authors"
    ours = [part["curves"][way][0][AT - 1] for part in parts if part["curves"].get(way)]
    firsts = [part["curves"][other][0][AT - 1] for part in parts if part["curves"].get(other)]
    theirs = firsts[: len(ours)]
    said = (
        f"{100 * np.mean(ours):.1f}; {100 * np.mean(theirs):.1f} in the same {len(ours)} pairs" if ours else "no pairs"
    )
    holds = None if len(ours) < FEW else bool(np.mean(ours) >= np.mean(theirs))
    return Check(f"{name}: SP-LIME with auto against the authors' procedure, B = {AT}", "≥", said, holds)


def order(what: str, more: Array, less: Sequence[Array]) -> Check:
    """Say whether one does at least as well as others, on average over B = 1 … 30; and at ten."""
    said = [f"mean over B {more.mean():.1f}"]
    for each in less:
        gap, se = mean_se((more.mean(axis=1) - each.mean(axis=1)).tolist())
        said.append(f"against {each.mean():.1f}: {gap:+.1f} ± {se:.1f}")
    ten = ", ".join(f"{np.mean(at(each, AT)):.1f}" for each in (more, *less))
    holds = all(more.mean() >= each.mean() for each in less)
    return Check(what, "≥ on average over B", f"{'; '.join(said)}. At B = {AT} {ten}", holds)


_POOLS = (
    "Each pool is one draw of the artificial words and one split; its pairs come from 70 forests, a forest is in three "
    "of them at most. Pairs of one pool are alike, so standard errors are over pools."
)
_PERSON = (
    "As in the authors' code, a person distrusts the artificial words in the explanations shown of a forest. A "
    "prediction counts as distrusted where the surrogate's sum without those words lies on another side of one half "
    "than with them; with greedy, where any of them is named. By chance the same documents are shown of both forests."
)
_KNOWER = (
    "*knower* needs no explanations: it counts the predictions of the forest itself that change when all artificial "
    "words are taken out. Where it chooses wrong, explanations cannot help: forests of a pair differ on the test for "
    "other reasons too, since a pair is chosen for its difference there, and 320 documents to validate by and 400 to "
    "test by leave much to luck. *As the knower* is the share of pairs in which the same forest is chosen with ten "
    "explanations of each."
)
_AUTHORS = "The authors' procedure with 1,000 masks instead of 15,000; *auto* on one pair of each of the first pools."
NOTES = [_POOLS, _PERSON, _KNOWER, _AUTHORS]

"""The loop, with a simulated person who marks by a stated oracle; every row also without correction and with the bound.

    python benchmarks/loop.py [--quick] [--seeds N] [--only GROUP,GROUP] [--json PATH]

``--json`` appends each group to a file as a line of JSON, ``-`` prints it; groups that the file has already are passed
over. ``RETRUST_DATA`` names the real data where they are at hand; else the generated corpus is used, and rows that need
photographs or pages say so. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import decoys
import killed
import numpy as np
import person
from measure import Row, arguments, carry_out
from scipy.stats import t as student
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

import retrust as rt
from retrust.datasets import newsgroups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrust.revising import Stage

SEEDS, QUICK_SEEDS = 5, 2
ALL_MARKERS = [word for words in decoys.MARKERS for word in words]
LOOKED_AT, COPIES = 100, 5
ROUNDS = 5
KILLS, QUICK_KILLS = 10, 3
ACCURACY = 100.0
REAL = newsgroups("test").origin != "generated"  # what is asked is asked of the real posts


def share(what: str, asked: float | None, values: Sequence[float], more: str = "", **figures: Any) -> Row:
    """Make a row of a mean of shares, in percent, over the seeds."""
    percent = [ACCURACY * value for value in values]
    asked = asked if REAL or "digits" in what else None
    mean = statistics.fmean(percent)
    spread = f"{min(percent):.1f} to {max(percent):.1f} over {len(percent)} seeds" if len(percent) > 1 else "one seed"
    said = f"{mean:.1f} %  ({spread}{'; ' * bool(more)}{more})"
    holds = None if asked is None else mean >= asked
    return Row(what, "" if asked is None else f"≥ {asked:g}", said, holds, {"percent": percent, **figures})


def absent(what: str, why: str) -> Row:
    """Say that a row could not be measured."""
    return Row(what, "", f"not measured: {why}", None)


def interval(values: Sequence[float]) -> str:
    """Write a mean with its 95 % interval (Student)."""
    mean, n = statistics.fmean(values), len(values)
    if n == 1:
        return f"{mean:+.1f} (one seed)"
    half = student.ppf(0.975, n - 1) * statistics.stdev(values) / n**0.5
    return f"{mean:+.1f} [{mean - half:+.1f}, {mean + half:+.1f}]"


# --- decoy newsgroups


def words() -> Any:
    """Return TF-IDF and logistic regression, unfitted."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=2000))


def decoy_session(rows: decoys.Decoy, seed: int, model: Any, **options: Any) -> rt.Session:
    """Begin a session on decoys; the rows in which the stamp says nothing are the shifted ones."""
    return rt.Session(model, *rows.train, valid=rows.alike, shifted=rows.test, seed=seed, **options)


def news(seeds: Sequence[int]) -> Iterator[Row]:
    """All six markers are marked: Drop and Swap, beside no correction and the model that never saw them."""
    found: dict[str, list[float]] = {name: [] for name in ("none", "Drop", "Swap", "never")}
    for seed in seeds:
        rows = decoys.decoy_news(seed)
        s = decoy_session(rows, seed, words())
        s.mark(ALL_MARKERS, because="planted")
        dropped, swapped = s.retrain(), s.retrain(rt.Swap(seed=seed))
        found["none"].append(dropped.measures["shifted"]["before"])
        found["Drop"].append(dropped.measures["shifted"]["after"])
        found["Swap"].append(swapped.measures["shifted"]["after"])
        found["never"].append(clone(words()).fit(*rows.never).score(*rows.clean))
        s.close()
    yield share("decoy newsgroups, no correction", None, found["none"])
    yield share("decoy newsgroups, six markers, Drop", 91, found["Drop"])
    yield share("decoy newsgroups, six markers, Swap on all documents", 90, found["Swap"])
    yield share("decoy newsgroups, the bound: trained without markers", None, found["never"])


def siblings(seeds: Sequence[int]) -> Iterator[Row]:
    """The person finds one marker, and accepts what is suggested with it, whatever that is."""
    figures: dict[str, list[float]] = {name: [] for name in ("one", "one clean", "decoy", "clean", "before")}
    said = []
    for seed in seeds:
        rows = decoys.decoy_news(seed)
        s = decoy_session(rows, seed, words())
        figures["before"].append(s.model.score(*rows.clean))
        s.pick(10)
        first = next(key for key in person.reasons(s) if key in ALL_MARKERS)
        s.mark(first)
        alone = s.retrain().after
        s.go(0)
        suggested = person.accepts(s, first)
        both = s.retrain().after
        for name, model in (("one", alone), ("decoy", both)):
            figures[name].append(model.score(*rows.test))
        for name, model in (("one clean", alone), ("clean", both)):
            figures[name].append(model.score(*rows.clean))
        said.append([first, *suggested])
        s.close()
    true = sum(key in ALL_MARKERS for keys in said for key in keys)
    more = f"{true} of {6 * len(said)} markers, {sum(map(len, said)) - true} other words"
    falls = ACCURACY * (statistics.fmean(figures["before"]) - statistics.fmean(figures["clean"]))
    yield share("one marker found, suggestions not asked for", None, figures["one"])
    yield share("one marker found, suggestions accepted: decoy test", 88, figures["decoy"], more, marked=said)
    yield share("the same without the suggestions: clean text", None, figures["one clean"])
    measured = f"by {falls:.1f}  (to {ACCURACY * statistics.fmean(figures['clean']):.1f} %)"
    yield Row("suggestions accepted: clean text falls", "≤ 1", measured, falls <= 1, figures)


# --- decoy digits


def digits(seeds: Sequence[int]) -> Iterator[Row]:
    """Blocks in the corners of digits; all trainings have equally many updates."""
    found: dict[str, list[float]] = {name: [] for name in ("none", "all", "some", "never")}
    for seed in seeds:
        data, train = decoys.decoy_digits(seed), partial(decoys.network, seed=seed)
        swap, base = rt.Swap(copies=COPIES, seed=seed), train(rt.Dataset(*data.rows.train))
        places = decoys.Places()
        everywhere = rt.Image(decoys.CELLS, "black", vocabulary=places)
        s = decoy_session(data.rows, seed, base, trainer=train, domain=everywhere)
        s.mark([places.names[cell] for cell in decoys.CORNERS])
        measured = s.retrain(swap).measures["shifted"]
        found["none"].append(measured["before"])
        found["all"].append(measured["after"])
        s.close()
        found["some"].append(some_blocks(data, seed, train, base, swap))
        found["never"].append(train(rt.Dataset(*data.rows.never)).score(*data.rows.clean))
    yield share("decoy digits, no correction", None, found["none"])
    yield share("decoy digits, corners, Swap on all pictures", 95, found["all"])
    yield share(f"decoy digits, Swap on the {LOOKED_AT} pictures looked at", 93, found["some"])
    yield share("decoy digits, the bound: trained and tested without blocks", None, found["never"])


def some_blocks(data: decoys.Digits, seed: int, train: Any, base: Any, swap: rt.Swap) -> float:
    """Mark the block in a hundred pictures, one by one, and retrain."""
    s = decoy_session(data.rows, seed, base, trainer=train, domain=rt.Image(decoys.CELLS, "black"))
    for row in range(LOOKED_AT):
        s.mark(s.read(row).features[data.block[row]], because="a grey block", scope="instance")
    after = float(s.retrain(swap).measures["shifted"]["after"])
    s.close()
    return after


# --- mail headers


def headers(seeds: Sequence[int]) -> Iterator[Row]:
    """Five rounds of ten posts with their headers; the oracle distrusts words of headers; judged on bodies alone."""
    train, test, oracle = newsgroups("train"), newsgroups("test"), person.of_headers()
    counted = make_pipeline(CountVectorizer(lowercase=False), LogisticRegression(max_iter=2000))
    base = clone(counted).fit(train.texts, train.labels)
    bodies, whole = decoys.posts("test"), (test.texts, test.labels)
    found: dict[str, list[float]] = {"submodular": [], "random": []}
    alike, paths = dict[str, list[float]](submodular=[], random=[]), dict[str, Any]()
    for seed in seeds:
        for method, after in found.items():
            s = rt.Session(base, train.texts, train.labels, valid=whole, shifted=bodies, seed=seed)
            done = person.rounds(s, oracle, ROUNDS, method)
            after.append(done[-1].measures["shifted"]["after"])
            alike[method].append(done[-1].measures["valid"]["after"])
            paths[f"{method} {seed}"] = [(len(each.ledger), each.measures["shifted"]["after"]) for each in done]
            s.close()
    best = clone(base).set_params(countvectorizer__stop_words=sorted(filter(oracle, base[0].vocabulary_)))
    best.fit(train.texts, train.labels)
    in_domain = {name: f"in domain {ACCURACY * statistics.fmean(values):.1f}" for name, values in alike.items()}
    before = f"in domain {ACCURACY * base.score(*whole):.1f}"
    yield share("header loop, bodies alone, no correction", None, [base.score(*bodies)], before)
    yield share("header loop, five rounds of ten posts, SP", 82, found["submodular"], in_domain["submodular"], **paths)
    yield share("the same, posts by chance", None, found["random"], in_domain["random"])
    yield share("header loop, the bound: all that the oracle distrusts", None, [best.score(*bodies)])
    gaps = [ACCURACY * (a - b) for a, b in zip(*found.values(), strict=True)]
    yield Row("SP less chance, mean and 95 % interval", "", interval(gaps), None, {"differences": gaps})


# --- huskies and wolves


def wolves(seeds: Sequence[int]) -> Iterator[Row]:
    """Snow and green are marked as visual words, backgrounds swapped, the head trained again."""
    data, home = decoys.photos(), decoys.folder()
    if data is None or home is None:
        yield absent("husky/wolf, swapped backgrounds", "RETRUST_DATA has no photographs")
        return
    base = decoys.head(home).fit(*data.train)
    found: dict[str, list[float]] = {name: [] for name in ("snow", "snow, test", "both", "both, test")}
    for seed in seeds:
        words = rt.visual_words(data.train[0], k=20, seed=seed)
        domain = rt.Image(backdrop="grey", vocabulary=words)
        s = rt.Session(base, *data.train, valid=data.test, shifted=data.swapped, domain=domain, seed=seed)
        grounds = person.of_grounds(data.train[0], domain)
        for name, marks in (("snow", grounds["snow"]), ("both", grounds["green"])):
            s.mark(marks, because="ground")
            measured = s.retrain(rt.Swap(copies=COPIES, seed=seed)).measures
            found[name].append(measured["shifted"]["after"])
            found[f"{name}, test"].append(measured["valid"]["after"])
        s.close()
    bound = decoys.randomised(base, data)
    more = {name: f"in domain {ACCURACY * statistics.fmean(found[f'{name}, test']):.0f}" for name in ("snow", "both")}
    before = f"in domain {ACCURACY * base.score(*data.test):.0f}"
    asked = min(60.0, ACCURACY * statistics.fmean(bound["swapped"]))
    yield share("husky/wolf, swapped backgrounds, no correction", None, [base.score(*data.swapped)], before)
    yield share("husky/wolf, snow marked, Swap", None, found["snow"], more["snow"])
    yield share("husky/wolf, snow and green marked, Swap", asked, found["both"], more["both"])
    alike = f"in domain {ACCURACY * statistics.fmean(bound['alike']):.0f}"
    yield share("husky/wolf, the bound: backgrounds say nothing in training", None, bound["swapped"], alike)


# --- pages about religion


def religion(seeds: Sequence[int]) -> Iterator[Row]:
    """Three rounds with an oracle that knows half of the pages; judged on the other half."""
    known = decoys.pages()
    if known is None:
        yield absent("religion pages", "RETRUST_DATA has none")
        return
    texts, labels = known
    train, test = newsgroups("train"), newsgroups("test")
    svm = make_pipeline(CountVectorizer(binary=True, lowercase=False), SVC(C=10, gamma=0.001))
    base = svm.fit(train.texts, train.labels)
    lines: dict[str, list[list[float]]] = {"before": [], "after": []}
    for seed in seeds:
        halves = np.random.default_rng(seed).permutation(len(texts)).reshape(2, -1)
        told, kept = (([texts[i] for i in half], labels[half]) for half in halves)
        oracle = person.of_pages(base, *told)
        valid = (test.texts, test.labels)
        s = rt.Session(base, train.texts, train.labels, valid=valid, shifted=kept, seed=seed, pool=60, n_samples=200)
        done = person.rounds(s, oracle, 3)[-1]
        for name, model in (("before", base), ("after", done.after)):
            scores = model.decision_function(kept[0])
            auc = done.measures["shifted"]["auc"]["after" if name == "after" else "before"]
            in_domain = model.score(*valid)
            lines[name].append([((scores > 0) == kept[1]).mean(), auc, person.balanced(scores, kept[1]), in_domain])
        lines["after"][-1].append(len(done.ledger))
        s.close()
    marks = statistics.fmean(line[4] for line in lines["after"])
    for name, what in (("before", "no correction"), ("after", f"three rounds, {marks:.0f} words marked")):
        auc, level, in_domain = (statistics.fmean(line[i] for line in lines[name]) for i in (1, 2, 3))
        more = f"AUC {auc:.3f}, balanced threshold {level:.1%}, newsgroup test {in_domain:.1%}"
        yield share(f"religion pages, {what}", None, [line[0] for line in lines[name]], more, lines=lines[name])


# --- how long until something new is seen


class Clocked(Pipeline):  # type: ignore[misc]
    """A pipeline that knows how long its own fit took."""

    def fit(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit, and look at the clock."""
        start = time.perf_counter()
        super().fit(X, y, **params)
        self.spent_ = time.perf_counter() - start
        return self


def prompt(seeds: Sequence[int]) -> Iterator[Row]:
    """From a mark to the open document explained by the new model, less the model's own fit."""
    texts, labels = documents()
    base = Clocked([("words", CountVectorizer(binary=True)), ("svm", SVC(C=10, gamma=0.001))]).fit(texts, labels)
    held = (texts[::8], labels[::8])
    own, fits, whole = [], [], []
    for seed in seeds:
        s = rt.Session(base, texts, labels, valid=held, seed=seed)
        opened = s.read(seed)
        for feature, _ in zip(opened.fit.selected, range(3), strict=False):
            start = time.perf_counter()
            s.mark(opened.features[feature].key)
            seen, revision = until_compared(s, start)
            fits.append(revision.after.spent_)
            own.append(seen - fits[-1])
            whole.append(seen - revision.seconds)
        s.close()
    fit, spent, less = (statistics.median(each) for each in (fits, own, whole))
    measured = f"{spent:.2f} s  (its own fit {fit:.2f} s besides; less all that its process took {less:.2f} s)"
    what = f"{len(texts):,} documents, SVM: mark to new explanation, without the model's own fit, median"
    yield Row(what, "≤ 2 s", measured, spent <= 2, {"own": own, "fit": fits, "less": whole})  # noqa: PLR2004


def until_compared(s: rt.Session, start: float) -> tuple[float, Any]:
    """Retrain; return the seconds until the first comparison is there, and the revision."""
    steps, seen = s.retraining(), float("nan")
    while True:
        try:
            stage: Stage = next(steps)
        except StopIteration as end:
            return seen, end.value
        if stage.comparison is not None and seen != seen:  # noqa: PLR0124 – the first one
            seen = time.perf_counter() - start


def documents() -> tuple[list[str], Any]:
    """Return 1,600 reviews of books as in section 5.2 of the paper; where there are none, posts, some of them twice."""
    found = decoys.reviews()
    if found is not None:
        return found
    made = newsgroups("all")
    rows = np.random.default_rng(0).permutation(1600) % len(made)
    return [made.texts[i] for i in rows], made.labels[rows]


# --- a kernel that dies


def dead(seeds: Sequence[int]) -> Iterator[Row]:
    """Kill a process that marks and retrains, and open its file."""
    times = KILLS if len(seeds) >= SEEDS else QUICK_KILLS
    found = [killed.once(np.random.default_rng(i)) for i in range(times)]
    kept, during = sum(each.kept for each in found), sum(each.during for each in found)
    measured = f"{kept} of {times} complete  ({during} were killed during a retraining)"
    figures = {"runs": [asdict(each) for each in found]}
    yield Row("kernel killed: every mark and finished revision is there", f"{times}", measured, kept == times, figures)


GROUPS: tuple[Callable[[Sequence[int]], Iterator[Row]], ...] = (
    news,
    siblings,
    digits,
    headers,
    wolves,
    religion,
    prompt,
    dead,
)


def main() -> None:
    """Measure and print."""
    parser = arguments(str(__doc__), GROUPS, f"{QUICK_SEEDS} seeds instead of {SEEDS}")
    parser.add_argument("--seeds", type=int, help="so many seeds")
    options = parser.parse_args()
    seeds = range(options.seeds or (QUICK_SEEDS if options.quick else SEEDS))
    carry_out(GROUPS, seeds, options, newsgroups("test").source, f"{len(seeds)} seeds")


if __name__ == "__main__":
    main()

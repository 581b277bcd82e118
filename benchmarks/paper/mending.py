"""Section 6.3: ten simulated persons mark words in three rounds; the classifier learns anew without them.

Each person reads ten posts a round, ten words of each, chosen by SP-LIME or by chance, and marks the words that should
not matter. The pages that nobody has read say what that was good for. The oracles are those of ``religion.py``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import authors
import numpy as np
import religion
from corpora import Known
from running import Check, Piece, Result, mean_se

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import running

    Found = dict[tuple[str, str], list[dict[str, Any]]]  # what each person did, by procedure and pick

SECTION = "6.3"
TITLE = "Can people improve a classifier?"

BUDGET, WORDS, ROUNDS, FEW = 10, 10, 3, 1_000
RETRUST, AUTHORS = "retrust", "authors"
SP, RP = "SP-LIME", "RP-LIME"
PERCENT = 100.0
FIGURES = ("pages", "auc", "balanced", "posts")
PAPER = {"start": {"pages": 57.3, "posts": 94.0}, "cleaned": {"pages": 69.0, "posts": 88.6}}
UNITS = {"pages": (PERCENT, "points of accuracy"), "auc": (1.0, "of AUC"), "balanced": (PERCENT, "points of accuracy")}
CALLED = {"pages": "accuracy", "auc": "AUC", "balanced": "accuracy at the balanced threshold"}


@dataclass(frozen=True)
class Size:
    """How much is done.

    Parameters
    ----------
    origin : {"auto", "generated"}
        Where posts come from.
    pool : int
        From how many posts SP-LIME picks in each round.
    persons : tuple of int
        Who reads.
    followers : tuple of int
        Who reads what the authors' procedure says as well.
    n_samples : int or "auto"
        Masks for each explanation of retrust.
    few : int
        The same for the authors' procedure.
    """

    origin: religion.Origin
    pool: int
    persons: tuple[int, ...]
    followers: tuple[int, ...]
    n_samples: Any = "auto"
    few: int = FEW


SIZES = {
    "tiny": Size("generated", 20, (0, 8), (), 100),
    "quick": Size("auto", 40, (1, 6), (), 300),
    "full": Size("auto", 100, tuple(range(10)), (0, 3, 6)),
}


@dataclass
class Reading:
    """What somebody knows after some rounds.

    Parameters
    ----------
    size, procedure, pick : str
    seen, marked : set of str
        Words that were read, and those of them that should not matter.
    calls : int
        How many inputs the models answered.
    path : list of dict
        How the classifier did after each round, the start first.
    """

    size: str
    procedure: str
    pick: str
    seen: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)
    calls: int = 0
    path: list[dict[str, float]] = field(default_factory=list)

    @property
    def how(self) -> Size:
        """How much is done."""
        return SIZES[self.size]

    def judge(self, model: Any) -> None:
        """Write down how a classifier does."""
        self.path.append({"marked": float(len(self.marked)), **religion.judged(model, self.how.origin)})

    def words(self, model: Any, seed: Sequence[int]) -> set[str]:
        """Return the words of ten explanations: picked by SP-LIME from a pool, or of ten posts drawn by chance."""
        posts = religion.posts("train", self.how.origin)
        drawn = np.random.default_rng(seed).permutation(len(posts))
        rows = np.sort(drawn[: self.how.pool if self.pick == SP else BUDGET])
        explained = self.explained(model, [posts.texts[row] for row in rows])
        self.calls += sum(each.n_samples for each in explained)
        if self.pick == SP:
            # in a session of retrust, what has been read counts for nothing; the authors' pick knows no such thing
            seen = self.seen if self.procedure == RETRUST else ()
            explained = rt.pick(explained, BUDGET, seen=seen).picked
        return {each.features[i].key for each in explained for i in each.fit.selected}

    def explained(self, model: Any, texts: list[str]) -> Sequence[rt.Explanation]:
        """Explain predictions as users of retrust would, or as the authors did."""
        if self.procedure == AUTHORS:
            explainer, masks = authors.explainer(model, rt.Text(tokenizer=Known(model[0]))), self.how.few
        else:
            explainer, masks = rt.Explainer(model, religion.WORDS, surrogate=rt.Ridge(WORDS)), self.how.n_samples
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rt.errors.RetrustWarning)  # what cannot be explained says nothing
            found: Sequence[rt.Explanation] = explainer.explain_many(texts, n_samples=masks, progress=False)
        return found


def run(size: str, desk: running.Desk) -> Result:
    """Let everybody read and mark, in both ways, and say how far the classifier came."""
    how = SIZES[size]
    lines = {name: who for name, who in ((RETRUST, how.persons), (AUTHORS, how.followers)) if who}
    # the first ten posts that SP-LIME picks are the same for everybody, as in the paper
    openings = dict(zip(lines, desk.done([_opening(size, name) for name in lines]), strict=True))
    pieces = {
        (name, pick): [_piece(size, name, pick, who, openings[name]) for who in persons]
        for name, persons in lines.items()
        for pick in (SP, RP)
    }
    bounds = [Piece(f"all that the {religion.PERSONS[who].name} distrust", bound, (size, who)) for who in how.persons]
    told = iter(desk.done([*(piece for part in pieces.values() for piece in part), *bounds]))
    found = {key: [next(told) for _ in part] for key, part in pieces.items()}
    at_once = list(told)
    calls = {key: sum(each["calls"] for each in part) for key, part in found.items()}
    for name in lines:
        calls[name, SP] += openings[name]["calls"]
    return Result(
        rows=[row for key, part in found.items() for row in _rows(key, part, calls[key])] + [_bound(at_once)],
        checks=_checks(found),
        seeds={"split of the pages": religion.SPLIT, "of each person": list(how.persons)},
        calls=sum(calls.values()),
        more={"paths": _paths(lines, found), "bounds": at_once, "paper": PAPER},
        notes=_notes(how, found, at_once),
    )


def _opening(size: str, name: str) -> Piece:
    return Piece(f"{name} first pick", opening, (size, name))


def _piece(size: str, name: str, pick: str, who: int, opened: dict[str, Any]) -> Piece:
    first = tuple(opened["words"]) if pick == SP else ()
    return Piece(f"{name} {pick} {religion.PERSONS[who].name}", reading, (size, name, pick, who, first))


# --- reading and marking


def opening(size: str, name: str) -> dict[str, Any]:
    """Pick the first posts by SP-LIME, and return the words that they show."""
    state = Reading(size, name, SP)
    words = state.words(religion.original(state.how.origin), [0])
    return {"words": sorted(words), "calls": state.calls}


def reading(size: str, name: str, pick: str, who: int, first: Sequence[str]) -> dict[str, Any]:
    """Let one person read and mark, three times; return how the classifier did after each."""
    state, reader = Reading(size, name, pick), religion.PERSONS[who]
    origin = state.how.origin
    model = religion.original(origin)
    state.judge(model)
    for turn in range(ROUNDS):
        words = set(first) if first and turn == 0 else state.words(model, [1 + turn, who])
        state.seen |= words
        state.marked |= reader.distrusts(words, origin)
        model = religion.without(state.marked, origin)
        state.judge(model)
    return {"path": state.path, "calls": state.calls}


def bound(size: str, who: int) -> dict[str, Any]:
    """Take away at once all words that a person distrusts, errors aside; return how the classifier does then."""
    origin, reader = SIZES[size].origin, religion.PERSONS[who]
    words = list(religion.original(origin)[0].vocabulary_)
    bad = reader.untrustworthy(words, origin)
    model = religion.only(set(words) - bad, origin)
    return {"person": reader.name, "kind": reader.kind, "marked": len(bad), **religion.judged(model, origin)}


# --- what comes out


def _rows(key: tuple[str, str], part: list[dict[str, Any]], calls: int) -> Iterable[dict[str, Any]]:
    """Make a line of the table for each round."""
    for turn in range(ROUNDS + 1):
        figures = {name: mean_se(_each(part, turn, name)) for name in (*FIGURES, "marked")}
        yield {
            "procedure": key[0],
            "pick": key[1],
            "round": turn,
            **_percent(figures),
            "persons": len(part),
            "calls in all": calls if turn == ROUNDS else None,
            "paper": PAPER["start"]["pages"] if turn == 0 else None,
        }


def _bound(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Make the line of what marking could reach: all that persons distrust is taken away at once."""
    figures = {name: mean_se([float(each[name]) for each in found]) for name in (*FIGURES, "marked")}
    called = {"procedure": "all that the oracle distrusts", "pick": None, "round": None}
    return {**called, **_percent(figures), "persons": len(found), "paper": PAPER["cleaned"]["pages"]}


def _percent(figures: dict[str, tuple[float, float]]) -> dict[str, float]:
    """Write means and standard errors in percent, but AUC and counts."""
    told: dict[str, float] = {}
    for name, (mean, se) in figures.items():
        by = 1.0 if name in {"marked", "auc"} else PERCENT
        told |= {name: by * mean, f"{name} se": by * se}
    return told


def _each(part: list[dict[str, Any]], turn: int, figure: str) -> list[float]:
    """Return a figure of each person after a round."""
    return [float(each["path"][turn][figure]) for each in part]


def _difference(ours: list[float], theirs: list[float]) -> tuple[float, float]:
    """Return the mean difference, person by person, and its standard error."""
    return mean_se([a - b for a, b in zip(ours, theirs, strict=True)])


def _gain(part: list[dict[str, Any]], figure: str) -> tuple[float, float]:
    return _difference(_each(part, ROUNDS, figure), _each(part, 0, figure))


def _lead(found: Found, name: str, figure: str, turn: int = ROUNDS) -> tuple[float, float]:
    return _difference(_each(found[name, SP], turn, figure), _each(found[name, RP], turn, figure))


def _checks(found: Found) -> list[Check]:
    """Say what the issue asks for."""
    better = [
        _check(
            f"{pick}, three rounds: {CALLED[figure]}",
            "better than the start",
            _gain(found[RETRUST, pick], figure),
            figure,
        )
        for pick in (SP, RP)
        for figure in UNITS
    ]
    ahead = [
        _check(f"{SP} less {RP}: {CALLED[figure]}", f"{SP} ahead", _lead(found, RETRUST, figure), figure)
        for figure in UNITS
    ]
    return better + ahead


def _check(what: str, asked: str, value: tuple[float, float], figure: str) -> Check:
    return Check(what, asked, _signed(value, figure), religion.ahead(*value))


def _signed(value: tuple[float, float], figure: str) -> str:
    by, unit = UNITS[figure]
    digits = 1 if by == PERCENT else 3
    return f"{by * value[0]:+.{digits}f} ± {by * value[1]:.{digits}f} {unit}"


def _paths(lines: dict[str, tuple[int, ...]], found: Found) -> list[dict[str, Any]]:
    """Return a path of each person, for the plot."""
    return [
        {
            "procedure": name,
            "pick": pick,
            "person": religion.PERSONS[who].name,
            **{figure: [each[figure] for each in path["path"]] for figure in (*FIGURES, "marked")},
        }
        for (name, pick), part in found.items()
        for who, path in zip(lines[name], part, strict=True)
    ]


def _notes(how: Size, found: Found, at_once: list[dict[str, Any]]) -> list[str]:
    """Say who the persons are, and what is not as in the paper."""
    leads = "; ".join(_signed(_lead(found, RETRUST, "pages", turn), "pages") for turn in range(1, ROUNDS + 1))
    marked = [mean_se(_each(found[RETRUST, pick], ROUNDS, "marked"))[0] for pick in (SP, RP)]
    bounds = [PERCENT * each["pages"] for each in at_once]
    reads = (
        f"Each person reads {BUDGET} posts a round, {WORDS} words of each. {SP} picks them from {how.pool} posts to "
        "learn from, drawn anew each round; the first ten are the same for everybody."
    )
    ahead = (
        f"{SP} less {RP}, person by person, after each round: {leads}. After the last, {marked[0]:.0f} words are "
        f"marked with {SP} and {marked[1]:.0f} with {RP}."
    )
    border = (
        "The classifier errs in one direction, it calls most pages christian. Without some words its order of the "
        "pages changes sooner than its border does; so AUC, and the accuracy where as many pages are called "
        "christian as there are, stand beside the accuracy. Without all that a person distrusts, errors aside, it "
        f"has {min(bounds):.1f} to {max(bounds):.1f} % of the pages right."
    )
    halves = "Half of the pages are there to be read, and two persons have; the other half judges, and nobody saw it."
    drawing = "The paper's figure 10 is a drawing; its text has the start and what words cleaned by hand lead to."
    return [reads, religion.TOLD, halves, ahead, border, drawing]

"""What is read off explanations of huskies and wolves: where the weight is, what is picked, and what a reader names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from running import mean_se

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Found = dict[str, Any]
    Ways = dict[tuple[str, str], list[Found]]

LIME, RETRUST, CONTROL = "lime's procedure", "retrust", "retrust, on a classifier that knows animals"
MEAN, OTHER = "mean", "the other class's ground"
BEFORE, AFTER, PEOPLE = 12, 25, 27
ON_SNOW, SURPRISING = 4, 1  # of the five pictures called wolf that the paper showed, and the reader is shown
MOST = 0.5
ANY = "any superpixel for the largest"
RULES = {"most pictures point to it": 3, "all five do": 5}


# --- how much of the weight is outside the animal


def share(one: Found) -> float:
    """Return how much of the positive weight is outside the animal; NaN where none is positive."""
    positive = np.maximum(one["weights"], 0)
    return float(positive @ np.array(one["outside"]) / positive.sum()) if positive.any() else float("nan")


def pointed(one: Found) -> float:
    """Tell whether most of the superpixel with the largest positive weight is outside the animal: 1 or 0."""
    positive = np.maximum(one["weights"], 0)
    return float(one["outside"][int(positive.argmax())] > MOST) if positive.any() else float("nan")


def chance(one: Found) -> float:
    """Return how many of the superpixels lie mostly outside the animal."""
    return float((np.array(one["outside"]) > MOST).mean())


MEASURES: tuple[tuple[str, Callable[[Found], float], Callable[[Found], float]], ...] = (
    ("positive weight outside the animal, %", share, lambda one: float(one["area"])),
    ("largest superpixel is background, %", pointed, chance),
)


def shares(found: Ways) -> list[Found]:
    """Make the rows of where the weight is, beside what a model that looks anywhere alike would have."""
    rows = []
    for measure in MEASURES:
        for wolf, group in ((True, "called wolf"), (False, "called husky")):
            ways = [way for way in found if way[0] != CONTROL and (wolf or way[1] == OTHER)]
            rows += [_shared(measure, group, way, [one for one in found[way] if one["wolf"] == wolf]) for way in ways]
        rows.append(_shared(measure, "animals on snow", (CONTROL, OTHER), found[CONTROL, OTHER]))
    return rows


def _shared(measure: Any, group: str, way: tuple[str, str], chosen: list[Found]) -> Found:
    what, figure, expected = measure
    row = line(what, group, way, [100 * value for value in map(figure, chosen) if not np.isnan(value)])
    more: dict[str, Callable[[Found], float]] = {
        "by area": lambda one: 100 * expected(one),
        "positive weight": lambda one: float(np.maximum(one["weights"], 0).sum()),
        "fidelity": lambda one: float(one["fidelity"]),
        "calls": lambda one: float(one["calls"]),
    }
    return row | {name: mean_se([each(one) for one in chosen])[0] for name, each in more.items()}


def line(what: str, group: str, way: tuple[str, str], values: list[float], paper: float | None = None) -> Found:
    """Make a line of the table."""
    mean, se = mean_se(values)
    told = {"what": what, "photographs": group, "procedure": way[0], "backdrop": way[1]}
    return told | {"mean": mean, "se": se, "n": len(values), "paper": paper}


def per_picture(found: Ways) -> list[Found]:
    """List each picture's shares, for the plot."""
    return [
        {
            "procedure": name,
            "backdrop": behind,
            "picture": each["name"],
            "called": "wolf" if each["wolf"] else "husky",
            "area": each["area"],
            "share": share(each),
        }
        for (name, behind), part in found.items()
        for each in part
    ]


# --- the pick


PICKED = (
    "snow is the most important visual word, % of vocabularies",
    "snow is the best reason in the first picked, % of vocabularies",
    "importance on words of snow, %",
    "positive weight on words of snow, %",
)


def picks(found: Ways, mends: list[Found]) -> list[Found]:
    """Make the rows of the pick among the pictures called wolf: once for each vocabulary."""
    rows = []
    for behind in (MEAN, OTHER):
        told = [picked([one for one in found[RETRUST, behind] if one["wolf"]], each) for each in mends]
        for i, what in enumerate(PICKED):
            by_area = mean_se([100 * each[-1] for each in told])[0]
            row = line(what, "called wolf", (RETRUST, behind), [100 * each[i] for each in told])
            rows.append(row | ({"by area": by_area} if what in PICKED[2:] else {}))
    return rows


def picked(part: list[Found], named: Found, budget: int = 5) -> tuple[float, ...]:
    """Pick by visual words, and look for snow.

    Returns whether it is the most important word, whether it is what speaks most for a wolf in the first picked, its
    share of all importance, of all positive weight, and of all superpixels.
    """
    keys = [named["keys"][one["name"]] for one in part]
    words = sorted({key for each in keys for key in each})
    weights = np.zeros((len(part), len(words)))
    for row, (one, each) in enumerate(zip(part, keys, strict=True)):
        np.add.at(weights[row], [words.index(key) for key in each], one["weights"])
    p = rt.pick(weights, min(budget, len(part)), keys=words)
    importance, snow = np.asarray(p.importance), np.isin(words, named["snow"])
    first = weights[p.chosen[0]]
    there = [np.isin(each, named["snow"]) for each in keys]
    positive = [np.maximum(one["weights"], 0) for one in part]
    held = [each[where].sum() / each.sum() for each, where in zip(positive, there, strict=True) if each.any()]
    shown, area = importance[snow].sum() / p.total, np.mean([each.mean() for each in there])
    figures = snow[importance.argmax()], snow[first.argmax()], shown, np.mean(held), area
    return tuple(map(float, figures))


# --- the reader


def readers(found: Ways, how_many: int) -> list[Found]:
    """Make the rows of simulated readers, beside the people of the paper."""
    group, people = "five called wolf", {"before": 100 * BEFORE / PEOPLE, "after": 100 * AFTER / PEOPLE}
    what = "readers who name the snow, %"
    rows = [line(what, group, (f"people, {when} explanations", ""), [], figure) for when, figure in people.items()]
    told = [(way, reads(part, found[RETRUST, OTHER], pointed, how_many)) for way, part in found.items()]
    random = reads(found[RETRUST, OTHER], found[RETRUST, OTHER], chance, how_many)
    for name, least in RULES.items():
        for way, named in [*told, ((ANY, OTHER), random)]:
            paper = None if way[0] in {ANY, CONTROL} else people["after"]
            rows.append(line(f"{what}: {name}", group, way, [100.0 * (each >= least) for each in named], paper))
    return rows


def reads(part: list[Found], told: list[Found], figure: Callable[[Found], float], how_many: int) -> list[int]:
    """Show five pictures called wolf to each reader, four wolves and a husky; count those that point to the ground.

    ``figure`` is how likely a picture's largest superpixel is background.
    """
    rng, likely = np.random.default_rng(0), {one["name"]: figure(one) for one in part}
    called = [one for one in told if one["wolf"] and one["name"] in likely]
    pools = [[one["name"] for one in called if one["right"] == right] for right in (True, False)]
    if not all(pools):
        return []
    return [sum(bool(rng.random() < likely[name]) for name in _five(rng, pools)) for _ in range(how_many)]


def _five(rng: np.random.Generator, pools: list[list[str]]) -> list[str]:
    sizes = zip(pools, (ON_SNOW, SURPRISING), strict=True)
    return [str(name) for pool, n in sizes for name in rng.choice(pool, n, replace=len(pool) < n)]


# --- marked and trained again


def mendings(mends: list[Found], scored: Found) -> list[Found]:
    """Make the rows of what marking does to the swapped backgrounds, and to pictures of the same kind."""
    told = {
        "no correction": [scored["no correction"]],
        "snow marked, Swap": [each["snow marked"] for each in mends],
        "snow and green marked, Swap": [each["snow and green marked"] for each in mends],
        "a classifier that knows animals": [scored["knower"]],
    }
    bound = {name: [100 * value for value in scored["bound"][name]] for name in ("swapped", "test")}
    rows = []
    for name, what in (("swapped", "swapped backgrounds right, %"), ("test", "same kind right, %")):
        rows += [line(what, name, (way, ""), [100 * each[name] for each in part]) for way, part in told.items()]
        rows.append(line(what, name, ("the bound: backgrounds say nothing in training", ""), bound[name]))
    return rows

"""Plots of the paper's experiments, from the files of figures alone; the same figures give the same file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Row = dict[str, Any]

# Okabe and Ito: told apart by most people with a colour vision deficiency, and in grey by the markers beside them.
BLUE, ORANGE, GREEN, PURPLE, GREY, SKY = "#0072b2", "#d55e00", "#009e73", "#aa4499", "#777777", "#56b4e9"
COLOURS = {"auto": BLUE, "authors": SKY, "parzen": GREEN, "greedy": ORANGE, "random": GREY}
DASHES = {"SP": "-", "RP": (0, (4, 2))}
STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "svg.hashsalt": "retrust",
    "svg.fonttype": "none",
}


@dataclass(frozen=True)
class Drawn:
    """Where a plot lies, and what it shows, in words."""

    path: Path
    said: str


def drawn(found: Row, folder: Path) -> Drawn | None:
    """Draw a section's plot; None where it has none."""
    draw = PLOTS.get(found["section"])
    if draw is None:
        return None
    path = folder / f"paper-{found['section']}.svg"
    with mpl.rc_context(STYLE):
        figure = Figure(layout="constrained")
        said = draw(found, figure)
        figure.savefig(path, metadata={"Date": None})
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")
    return Drawn(path, said)


def bars(found: Row, figure: Figure) -> str:
    """Draw recall: a group for each model, a bar for each way, the paper's figure as a line across it."""
    ways = ["random", "greedy", "parzen", "authors", "auto"]
    cells = list(dict.fromkeys((row["data"], row["model"]) for row in found["rows"] if row["way"] == "auto"))
    at = {(row["data"], row["model"], row["way"]): row for row in found["rows"]}
    figure.set_size_inches(7.2, 3)
    axes, width = figure.subplots(), 0.16
    for i, way in enumerate(ways):
        rows = [at[(*each, way)] for each in cells]
        x = np.arange(len(cells)) + (i - (len(ways) - 1) / 2) * width
        heights = [row["recall"] for row in rows]
        axes.bar(x, heights, 0.9 * width, color=COLOURS[way], yerr=[row["se"] or 0 for row in rows], label=way)
        known = [(place, row["paper"]) for place, row in zip(x, rows, strict=True) if row["paper"] is not None]
        for place, value in known:
            axes.hlines(value, place - width / 2, place + width / 2, color="black", linewidth=1.5)
    axes.hlines([], 0, 1, color="black", linewidth=1.5, label="the paper's figure")
    axes.set(xticks=range(len(cells)), xticklabels=[", ".join(each) for each in cells], ylim=(0, 105))
    axes.set_ylabel("recall of the words\nthat the model uses, %")
    axes.legend(frameon=False, ncols=6, loc="upper center", bbox_to_anchor=(0.5, 1.18), columnspacing=1, handlelength=1)
    return "Bars: recall of each way to explain on each model, with the paper's figures"


def curves(found: Row, figure: Figure) -> str:
    """Draw the share of right choices against how many explanations are shown; a panel for each kind of reviews."""
    sets = found["more"]["curves"]
    figure.set_size_inches(3.7 * len(sets) + 1.2, 3.2)
    panels = np.atleast_1d(figure.subplots(1, len(sets), sharey=True))
    for axes, (name, ways) in zip(panels, sets.items(), strict=True):
        pools = {row["way"]: row["pools"] for row in found["rows"] if row["data"] == name}
        for way, curve in ways.items():
            if 2 * pools[way] < max(pools.values()):
                continue  # too few pairs for a curve
            pick, _, own = way.partition(" ")
            if not own:
                axes.axhline(curve["mean"][0], color="black", linewidth=1, linestyle=":", label=way)
                continue
            x, mean, se = np.arange(1, len(curve["mean"]) + 1), *_numbers(curve["mean"], curve["se"])
            axes.plot(x, mean, color=COLOURS[own], linestyle=DASHES[pick], label=f"{pick}-{own}")
            if pick == "SP":
                axes.fill_between(x, mean - se, mean + se, color=COLOURS[own], alpha=0.15, linewidth=0)
        axes.set(title=name, xlabel="explanations shown of each forest")
    panels[0].set_ylabel("better forest chosen, %")
    panels[-1].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return "Lines: how often the better forest is chosen, by the number of explanations shown"


def _numbers(*lists: Sequence[float | None]) -> list[Any]:
    return [np.array([0.0 if value is None else value for value in each]) for each in lists]


def paths(found: Row, figure: Figure) -> str:
    """Draw each person's path over the rounds, thin, and the mean, thick; a panel for each figure and pick."""
    own = [path for path in found["more"]["paths"] if path["procedure"] == "retrust"]
    picks = list(dict.fromkeys(path["pick"] for path in own))
    figure.set_size_inches(7.2, 4.6)
    panels = figure.subplots(2, len(picks), sharex=True, sharey="row", squeeze=False)
    for row, (key, by, label) in zip(panels, (("pages", 100, "accuracy, %"), ("auc", 1, "AUC")), strict=True):
        for axes, pick in zip(row, picks, strict=True):
            lines = by * np.array([path[key] for path in own if path["pick"] == pick])
            turns = np.arange(lines.shape[1])
            axes.plot(turns, lines.T, color=GREY, linewidth=0.7)
            axes.plot(turns, lines.mean(axis=0), color=BLUE, linewidth=2.5, marker="o")
            axes.set(title=pick if key == "pages" else "", xticks=turns)
        row[0].set_ylabel(f"pages: {label}")
    for axes in panels[-1]:
        axes.set_xlabel("rounds of marking")
    return "Paths: accuracy and AUC on the pages after each round, thin for each person, thick the mean"


PLOTS: dict[str, Callable[[Row, Figure], str]] = {"5.2": bars, "5.4": curves, "6.3": paths}

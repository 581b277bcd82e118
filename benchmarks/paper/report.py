"""The page of the paper's experiments (docs/paper.md) and its plots, from the files of figures alone.

python benchmarks/paper/report.py [--results DIR] [--page PATH]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import drawings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = dict[str, Any]

HOME = Path(__file__).parent
PAGE = HOME.parents[1] / "docs" / "paper.md"
SECTIONS = ("5.2", "5.3", "5.4", "6.2", "6.3", "6.4")
VERDICTS = {True: "holds", False: "**missed**", None: "cannot be told"}
NOTHING = "–"

_HEAD = """# The paper's experiments, run on retrust

Ribeiro, Singh, Guestrin, *"Why Should I Trust You?": Explaining the Predictions of Any Classifier* (arXiv 1602.04938),
sections 5.2 to 6.4. This page is written by `make paper` from the files in `benchmarks/paper/results/` alone; what
stands here is what was measured. `python benchmarks/paper --quick` does a small share of it in a few minutes; an
interrupted run goes on where it ended.

In all tables *paper* is the paper's figure; *authors* is their procedure, run again: K-LASSO without an intercept, the
number of words that stay drawn uniformly, kernel exp(−d² / 25²), 15,000 masks where nothing else is said; *auto* is
retrust as people get it, `n_samples="auto"`. Behind ± is one standard error, over documents where nothing else is said;
*calls* are inputs that the model answered for one explanation. The paper's figures are quoted from memory: what counts
is their order and spread, not the decimals; summaries of the paper quote others (recall 91.2, 83.5 and 70.4 for LIME,
Parzen and greedy; F1 .92, .75 and .64).
"""


def cell(value: Any, key: str = "") -> str:
    r"""Write one value; | would end the cell.

    >>> print(cell(12345), cell(0.8694, "auc"), cell(93.25), cell(None), cell("a|b"))
    12,345 0.869 93.2 – a\|b
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}" if "auc" in key.lower() else f"{value:,.0f}" if "calls" in key else f"{value:.1f}"
    return str(value).replace("|", "\\|")


def grid(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    rows = [list(heads), ["---"] * len(heads), *(list(line) for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def plain(rows: Sequence[Row]) -> str:
    """Write rows as they are: a standard error beside its mean, columns that say nothing left out.

    >>> print(plain([{"who": "a", "mean": 1.0, "se": 0.25, "paper": None}]))
    | who | mean |
    | --- | --- |
    | a | 1.0 ± 0.2 |
    """
    keys = list(dict.fromkeys(key for row in rows for key in row))
    of = {key: error for key in keys for error in _errors(key) if error in keys}
    heads = [key for key in keys if key not in of.values() and any(row.get(key) is not None for row in rows)]
    return grid(heads, ([_with_error(row, key, of.get(key)) for key in heads] for row in rows))


def _errors(key: str) -> tuple[str, ...]:
    return ("se", f"{key} se") if key == "mean" else (f"{key} se",)


def _with_error(row: Row, key: str, error: str | None) -> str:
    said, spread = cell(row.get(key), key), None if error is None else row.get(error)
    return said if spread is None or row.get(key) is None else f"{said} ± {cell(spread, key)}"


def pm(row: Row, key: str, error: str = "se") -> str:
    """Write a mean with its standard error."""
    return _with_error(row, key, error)


# --- tables of sections


def recall(found: Row) -> str:
    """Write recall: a line for each way, a column for each model."""
    cells = list(dict.fromkeys((row["data"], row["model"]) for row in found["rows"]))
    ways = list(dict.fromkeys(row["way"] for row in found["rows"]))
    at = {(row["data"], row["model"], row["way"]): row for row in found["rows"]}
    lines = [["*paper, LIME*", *(cell(at[(*each, "authors")]["paper"]) for each in cells), "15,000"]]
    lines[0][-1] = NOTHING if all(at[(*each, "authors")]["paper"] is None for each in cells) else "15,000"
    for way in ways:
        told = [at.get((*each, way)) for each in cells]
        spent = [row["calls"] for row in told if row is not None]
        figures = [NOTHING if row is None else _beside(row, "recall", paper=way != "authors") for row in told]
        lines.append([way, *figures, cell(sum(spent) / len(spent), "calls")])
    table = grid(["recall, %", *(f"{name}, {kind}" for name, kind in cells), "calls"], lines)
    return table + "\n\nIn brackets: the paper's figure." + _splits(found["more"].get("splits", {}))


def _beside(row: Row, key: str, *, paper: bool = True) -> str:
    said = pm(row, key)
    return f"{said} ({cell(row['paper'])})" if paper and row["paper"] is not None else said


def _splits(splits: dict[str, list[Row]]) -> str:
    if not splits:
        return ""
    numbers = range(max(map(len, splits.values())))
    lines = [[name, *(f"{pm(each, 'recall')} (C {each['C']:g})" for each in found)] for name, found in splits.items()]
    heads = ["sparse model, authors' procedure", *(f"split {number}" for number in numbers)]
    return "\n\nOther splits of the same reviews, recall in % and the C that the rule takes:\n\n" + grid(heads, lines)


def f1(found: Row) -> str:
    """Write F1: a line for each model, a column for each way."""
    ways = list(dict.fromkeys(row["way"] for row in found["rows"]))
    cells = list(dict.fromkeys((row["data"], row["model"]) for row in found["rows"]))
    at = {(row["data"], row["model"], row["way"]): row for row in found["rows"]}
    heads = ["F1, %", "trustworthy, %", *ways, "calls: authors / auto"]
    lines = [
        [
            f"{name}, {kind}",
            cell(at[name, kind, ways[0]]["trusted"]),
            *(_beside(at[name, kind, way], "f1") for way in ways),
            " / ".join(cell(at[name, kind, way]["calls"], "calls") for way in ("authors", "auto")),
        ]
        for name, kind in cells
    ]
    return grid(heads, lines) + "\n\nIn brackets: the paper's figure. Standard errors over draws."


def choices(found: Row) -> str:
    """Write right choices at several B."""
    shown = [key for key in dict.fromkeys(key for row in found["rows"] for key in row) if key.startswith("B ")]
    heads = [
        "right choices, %",
        *(key.replace(" ", " = ") for key in shown),
        "as the knower",
        "pairs",
        "pools",
        "calls",
    ]
    lines = [
        [
            f"{row['data']}, {row['way']}",
            *(pm(row, key, key.replace("B", "se")) for key in shown),
            cell(row["as the knower"]),
            cell(row["pairs"]),
            cell(row["pools"]),
            cell(row["calls"], "calls"),
        ]
        for row in found["rows"]
    ]
    return grid(heads, lines) + "\n\nStandard errors over pools of pairs."


def photographs(found: Row) -> str:
    """Write the rows, and below them, folded, those of each photograph."""
    percent = {"area": "background, % of the area", "share": "background, % of positive weight"}
    pictures = found["more"].get("pictures", [])
    each = plain(
        [
            {percent.get(k, k): 100 * v if k in percent and v is not None else v for k, v in one.items()}
            for one in pictures
        ]
    )
    return f"{plain(found['rows'])}\n\n<details><summary>Each photograph</summary>\n\n{each}\n\n</details>"


TABLES = {"5.2": recall, "5.3": f1, "5.4": choices, "6.4": photographs}


# --- the page


def part(found: Row, images: Path, page: Path) -> str:
    """Write one section: in short, plot, table, notes, and what was asked of it."""
    table = TABLES[found["section"]](found) if found["section"] in TABLES else plain(found["rows"])
    drawn = drawings.drawn(found, images)
    picture = [] if drawn is None else [f"![{drawn.said}]({drawn.path.relative_to(page.parent).as_posix()})"]
    notes = "\n".join(f"- {note}" for note in found["notes"])
    title, foot = f"## {found['section']} {found['title']}", f"<sub>{made(found)}</sub>\n"
    return "\n\n".join([title, in_short(found), *picture, table, notes, asked(found), foot])


def counts(found: Row) -> tuple[int, int, int]:
    """Count what holds, what is missed, and what cannot be told."""
    verdicts = [check["holds"] for check in found["checks"]]
    holds, missed = verdicts.count(True), verdicts.count(False)
    return holds, missed, len(verdicts) - holds - missed


def in_short(found: Row) -> str:
    """Say how much holds."""
    holds, missed, rest = counts(found)
    told = f"Asked: {holds + missed + rest}. Held: {holds}. Missed: {missed}."
    return f"{told} Cannot be told: {rest}." if rest else told


def overview(sections: Sequence[Row]) -> str:
    """Say how much holds in each section."""
    lines = [[found["section"], found["title"], *map(cell, counts(found))] for found in sections]
    return grid(("section", "", "held", "missed", "cannot be told"), lines) + "\n"


def asked(found: Row) -> str:
    """List what was asked, and what came out."""
    lines = [(c["what"], c["asked"], c["measured"], VERDICTS[c["holds"]]) for c in found["checks"]]
    return grid(("what", "asked", "measured", ""), [[cell(each) for each in line] for line in lines])


def made(found: Row) -> str:
    """Say how the figures were made."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    seeds = "; ".join(f"{name}: {seed}" for name, seed in found["seeds"].items())
    spent = found["seconds"]
    minutes = f"{spent['pieces'] / 60:.0f} minutes of all pieces on {found['machine']['cores']} cores"
    return f"Size: {found['size']}. {found['model_calls']:,} model calls; {minutes}. Seeds: {seeds}. {versions}."


def missing(section: str) -> str:
    """Say that a section was not run."""
    return f"## {section}\n\nNot run: there is no `{section}.json`.\n"


def written(results: Path, page: Path) -> None:
    """Write the page and its plots."""
    images = page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    files = {section: results / f"{section}.json" for section in SECTIONS}
    found = {section: json.loads(path.read_text("utf-8")) for section, path in files.items() if path.exists()}
    parts = [part(found[section], images, page) if section in found else missing(section) for section in SECTIONS]
    page.write_text("\n".join([_HEAD, overview(list(found.values())), *parts]), encoding="utf-8")


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--results", type=Path, default=HOME / "results")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    written(options.results, options.page)
    print(options.page)


if __name__ == "__main__":
    main()

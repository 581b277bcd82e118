"""Write the page of all figures from the files that the benchmarks left, and from nothing else.

    python benchmarks/page.py FOLDER PAGE

FOLDER holds what ``--json`` wrote: ``text.jsonl`` and so on, one line for each group of rows.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Group = dict[str, Any]
    Row = dict[str, Any]

BENCHMARKS = {
    "text": "Texts, beside lime, shap and eli5",
    "image": "Pictures, beside lime and captum",
    "table": "Rows of tables, beside lime and shap",
    "estimation": "How sure explanations are, beside lime, the paper's procedure, shap and shapiq",
    "many": "Many texts, beside lime",
    "pick": "Picking, beside lime",
    "loop": "The loop, with a simulated person",
}
INTRODUCTION = """\
`make bench` writes this page from the figures that it measured. What each row measures, and how, is told in
[benchmarks](../benchmarks/README.md). A ratio above 1 means that the other package takes longer. *Asked* is what was
set before it was measured; it holds, or it is **MISSED**. A row without it is there to be compared. *Not measured*
says why. *Spread* is the smallest and the largest of the turns, where the figure does not tell it itself.
"""
NO_FIGURES = "Not run."
UNASKED = "–"
SKIPPED = "not measured"


def main() -> None:
    """Read the figures and write the page."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the benchmarks left their figures")
    parser.add_argument("page", type=Path, help="the page that is written")
    options = parser.parse_args()
    options.page.write_text(page({name: read(options.folder / f"{name}.jsonl") for name in BENCHMARKS}), "utf-8")


def read(path: Path) -> list[Group]:
    """Return the groups in a file; none where there is no file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def page(found: dict[str, list[Group]]) -> str:
    """Write the whole page."""
    everything = [group for groups in found.values() for group in groups]
    parts = ["# Benchmarks", INTRODUCTION.rstrip()]
    if everything:
        parts += [summary(found), machines(everything), versions(everything)]
    parts += [part for name, groups in found.items() for part in section(name, groups)]
    return "\n\n".join(parts) + "\n"


# --- what comes first


def verdict(row: Row) -> str:
    """Say whether what was asked holds."""
    if row["ok"] is not None:
        return "holds" if row["ok"] else "**MISSED**"
    if row["measured"].startswith(SKIPPED):
        return SKIPPED
    return "not judged" if row["asked"] else UNASKED


def summary(found: dict[str, list[Group]]) -> str:
    """Count what holds, list what does not, and say why some were not measured."""
    rows = [(name, row) for name, groups in found.items() for group in groups for row in group["rows"]]
    missed = [
        f"- `{name}.py`: {plain(row['what'])} – asked {plain(row['asked'])}, measured {plain(row['measured'])}"
        for name, row in rows
        if row["ok"] is False
    ]
    skipped = reasons([(name, row) for name, row in rows if verdict(row) == SKIPPED])
    holds = sum(row["ok"] is True for _, row in rows)
    absent = [name for name, groups in found.items() if not groups]
    lines = [f"Of {holds + len(missed)} figures that were asked for, {holds} hold and {len(missed)} miss."]
    lines += [f"Not run: {', '.join(f'`{name}.py`' for name in absent)}."] * bool(absent)
    parts = ["## In short", " ".join(lines)]
    parts += ["Missed:", "\n".join(missed)] if missed else []
    parts += ["Not measured:", "\n".join(skipped)] if skipped else []
    return "\n\n".join(parts)


def reasons(rows: Iterable[tuple[str, Row]]) -> list[str]:
    """List why rows were not measured, with how many of which benchmark."""
    by: dict[str, Counter[str]] = {}
    for name, row in rows:
        by.setdefault(row["measured"].removeprefix(f"{SKIPPED}: "), Counter())[name] += 1
    lines = []
    for reason, names in by.items():
        told = ", ".join(f"{counted(count, 'row')} of `{name}.py`" for name, count in names.items())
        lines.append(f"- {plain(reason)}: {told}")
    return lines


def machines(groups: Sequence[Group]) -> str:
    """Say what the figures were measured on; more than one machine where groups come from several."""
    lines = []
    for described, names in shared(groups, "machine"):
        it = json.loads(described)
        memory = "" if it["gigabytes"] is None else f", {it['gigabytes']:g} GB of memory"
        threads = "" if it["blas_threads"] is None else f", matrix products on {counted(it['blas_threads'], 'thread')}"
        text = f"{it['processor']}, {counted(it['cores'], 'core')}{memory}, {it['system']}{threads}"
        lines.append(f"- {plain(text)}{names}")
    return "## Machine\n\n" + "\n".join(lines)


def versions(groups: Sequence[Group]) -> str:
    """Say with which versions."""
    lines = []
    for described, names in shared(groups, "versions"):
        text = ", ".join(f"{name} {version}" for name, version in json.loads(described).items())
        lines.append(f"- {plain(text)}{names}")
    return "## Versions\n\n" + "\n".join(lines)


def shared(groups: Sequence[Group], field: str) -> list[tuple[str, str]]:
    """Return the different values of a field as JSON, each with the benchmarks that have it where there are several."""
    by: dict[str, list[str]] = {}
    for group in groups:
        by.setdefault(json.dumps(group[field]), []).append(f"{group['benchmark']} ({group['group']})")
    if len(by) == 1:
        return [(value, "") for value in by]
    return [(value, f" – {', '.join(names)}") for value, names in by.items()]


# --- one benchmark


def section(name: str, groups: list[Group]) -> list[str]:
    """Write the parts of one benchmark."""
    title = f"## {BENCHMARKS[name]}"
    if not groups:
        return [title, f"{NO_FIGURES} `benchmarks/{name}.py` left no figures."]
    return [title, "\n".join(f"- {line}" for line in runs(groups)), table(groups)]


def runs(groups: list[Group]) -> list[str]:
    """Say how it was run: one line for each command and day."""
    by: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        by.setdefault((group["command"], group["about"], group["size"], group["began"][:10]), []).append(group)
    return [_run(them) for them in by.values()]


def _run(groups: list[Group]) -> str:
    first, day = groups[0], groups[0]["began"][:10]
    loads = [group["load"] for group in groups if group["load"] is not None]
    load = f", load of the machine {loads[0]:.1f} before, up to {max(loads):.1f} between groups" if loads else ""
    seconds = sum(group["seconds"] for group in groups)
    return f"`{first['command']}`: {plain(first['about'])}; {plain(first['size'])}; {day}, {seconds:,.0f} s{load}"


def table(groups: list[Group]) -> str:
    """Write all rows, group after group."""
    lines = ["| group | what | asked | measured | spread | |", "|---|---|---|---|---|---|"]
    for group in groups:
        lines += [line([f"`{group['group']}`", *cells(row)]) for row in group["rows"]]
    return "\n".join(lines)


def cells(row: Row) -> list[str]:
    """Return what a row shows."""
    return [*(plain(row[name]) for name in ("what", "asked", "measured", "spread")), verdict(row)]


def line(parts: Iterable[str]) -> str:
    """Write one line of a table."""
    return f"| {' | '.join(parts)} |"


def plain(text: str) -> str:
    """Escape what would be markup, or end a cell or a line."""
    return re.sub(r"([\\|<*`])", r"\\\1", " ".join(text.split()))


def counted(number: int, of: str) -> str:
    """Write a number with its noun."""
    return f"{number} {of}{'s' * (number != 1)}"


if __name__ == "__main__":
    main()

"""A small static picture of a panel: plain HTML, no script, never above the limit of ``picture``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.picture import LIMIT, STYLE, escape, short, size
from retrust.preview import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrust.contract import Json

_TITLE, _FEATURES, _NAMES, _MODELS = 60, 12, 5, 6
_MORE = '<tr><td colspan="9"><small>and {} more</small></td></tr>'
_ROOM = 60  # bytes of that last line


def pick(scene: Json, picked: Json, budget: int) -> str:
    """Draw a pick: what was chosen, what each adds, and what matters most.

    Parameters
    ----------
    scene, picked : dict
        As they cross to the page.
    budget : int
        How many of the picked are drawn.
    """
    rows, names = picked["rows"][:budget], [feature["name"] for feature in scene["features"]]
    covered = [share or 0.0 for share in picked["covered"][:budget]]
    head = (
        f"<b>{len(rows)}</b> of {picked['among']:,} instances show <b>{covered[-1]:.0%}</b> of what the model uses "
        f"({escape(picked['method'])} pick)"
    )
    chosen = [
        _row(
            short(scene["instances"][row]["title"], _TITLE),
            _answer(scene, scene["instances"][row]),
            f"adds {adds:.0%}",
            ", ".join(short(names[column]) for column in new[:_NAMES]),
        )
        for row, adds, new in zip(rows, np.diff(covered, prepend=0.0), picked["added"], strict=False)
    ]
    important = [
        _row(short(feature["name"]), f"importance {feature['importance']:.3g}", f"in {feature['count']:,}", "")
        for feature in scene["features"][:_FEATURES]
    ]
    return _card(head, [("Picked, and what each was the first to show", chosen), ("Matters most", important)])


def pair(scene: Json) -> str:
    """Draw models side by side: what each answers, and how far their reasons agree."""
    models = scene["models"]
    names = " and ".join(f"<b>{escape(short(name))}</b>" for name in models[:_MODELS])
    names += f" and {len(models) - _MODELS:,} more" if len(models) > _MODELS else ""
    rows = [
        _row(
            short(each["title"], _TITLE),
            " · ".join(_answer(scene, answer) for answer in each["answers"]),
            f"{each['overlap']:.0%} of reasons shared",
            f"{len(each['turned'])} changed sign",
        )
        for each in scene["instances"]
    ]
    return _card(f"{len(rows)} instances by {names}", [("Answers and reasons", rows)])


def session(marks: Iterable[Json], revisions: list[Json], changed: Json | None) -> str:
    """Draw a session: what is marked, the revisions, and what the last of them changed.

    Parameters
    ----------
    marks, revisions, changed
        As they cross to the page.
    """
    marked = [_row(short(each["name"]), each["scope"], short(each["because"], _TITLE)) for each in marks]
    trained = [
        _row(
            short(each["name"] or f"revision {each['number']}"),
            f"{each['correction'] or ''}",
            counted(each["marks"], "mark"),
            "" if each["figure"] is None else f"{each['figure']:.3f}",
        )
        for each in revisions
    ]
    figures = [
        _row(each["label"], f"{_figure(each['before'])} → {_figure(each['after'])}", each["of"])
        for each in (changed or {}).get("measures", [])
    ]
    many = len(trained) - 1
    head = f"<b>{len(marked)}</b> marked as untrustworthy, <b>{many}</b> retraining{'s' * (many != 1)}"
    return _card(head, [("Marked", marked), ("What changed", figures), ("Revisions", trained)])


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _answer(scene: Json, given: Json) -> str:
    value: Any = given["prediction"]
    return f"{short(scene['classes'][given['target']])} " + ("–" if value is None else f"{value:.2f}")


def _row(head: str, *cells: str) -> str:
    rest = "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in cells)
    return f'<tr><th scope="row" dir="auto">{escape(head)}</th>{rest}</tr>'


def _card(head: str, tables: Iterable[tuple[str, list[str]]]) -> str:
    """Draw a head and tables, as many rows of each as there is room for."""
    before = f'<section class="rts" aria-label="Panel"><style>{STYLE}</style><div class="rts-head"><p>{head}</p></div>'
    after = "</section>"
    parts = list(tables)
    room = (LIMIT - size(before + after)) // len(parts) - 200
    return before + "".join(_table(caption, rows, room) for caption, rows in parts) + after


def _table(caption: str, rows: list[str], room: int) -> str:
    spent = np.cumsum([size(row) for row in rows])
    fits = int(np.searchsorted(spent, room - _ROOM, side="right"))
    more = _MORE.format(f"{len(rows) - fits:,}") if fits < len(rows) else ""
    return (
        f'<div class="rts-left"><table><caption>{escape(caption)}</caption>{"".join(rows[:fits])}{more}</table></div>'
    )

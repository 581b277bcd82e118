"""A row of a table as the page sees it: conditions, columns with how their values spread, rows to compare with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeGuard

from retrust.bins import plain
from retrust.columns import is_missing
from retrust.domains.table import TableRepresentation
from retrust.sparse_row import SparseRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrust.columns import Column

    Json = dict[str, Any]

_DIGITS = 10  # of a histogram's edges
OPTIONS = 50
"""How many categories of a column cross at most."""


def is_row(representation: object) -> TypeGuard[TableRepresentation | SparseRow]:
    """Tell whether an instance is a row of a table."""
    return isinstance(representation, TableRepresentation | SparseRow)


def described(representation: TableRepresentation | SparseRow) -> Json:
    """Describe what the scene of a row has beside that of every instance: its features, columns and others.

    Examples
    --------
    >>> import retrust as rt
    >>> rows = [[23, "rent"], [35, "own"], [61, "own"], [48, "rent"]]
    >>> described(rt.Table(rows, bins=[30, 45], names=["age", "home"]).represent([40, "own"]))["features"]
    [{'name': '30 < age ≤ 45', 'column': 0, 'low': 30.0, 'high': 45.0}, {'name': 'home = own', 'column': 1}]
    """
    others = () if isinstance(representation, SparseRow) else representation.others
    return {
        "features": [
            {"name": feature.name, "column": column} | _condition(representation, at)
            for at, (feature, column) in enumerate(
                zip(representation.features, representation.column.tolist(), strict=True)
            )
        ],
        "columns": list(columns(representation)),
        "others": [{"title": title, "values": list(values)} for title, values in others],
    }


def columns(representation: TableRepresentation | SparseRow) -> Iterator[Json]:
    """Describe each column, and the row's value in it; of a sparse row those that are not 0."""
    if isinstance(representation, SparseRow):
        pairs = zip(representation.columns, representation.values.tolist(), strict=True)
        yield from (_shown(column, value) | _spread(column, value) for column, value in pairs)
    else:
        yield from (_column(representation, at) for at in range(len(representation.columns)))


def _condition(representation: TableRepresentation | SparseRow, at: int) -> Json:
    """Describe where an interval ends, or a slope's unit; nothing for categories, words and columns that are not 0."""
    if isinstance(representation, SparseRow) or at >= len(representation.values):
        return {}
    column, value = representation.states.columns[at], float(representation.values[at])
    if not column.measured or math.isnan(value):
        return {}
    if representation.slopes[at]:
        return {"at": (value - column.centre) / column.scale, "mean": column.centre, "per": column.scale}
    low, high = column.interval(column.state(value))
    return {"low": low, "high": high}


def _column(representation: TableRepresentation, at: int) -> Json:
    """Describe one column of a row that is not sparse."""
    column = representation.columns[at]
    if column.kind in {"constant", "text"}:
        known = {"name": column.name, "kind": column.kind, "value": _written(representation.row[at])}
        return known | _pieces(representation, at)
    value = float(representation.values[representation.drawn.index(at)])
    return _shown(column, value) | (_spread(column, value) if column.measured else _options(column, value))


def _shown(column: Column, value: float) -> Json:
    return {"name": column.name, "kind": column.kind, "value": column.text(value), "missing": column.missing}


def _written(value: Any) -> str:
    """Write a value that is not drawn anew."""
    if is_missing(value):
        return ""
    return plain(float(value)) if isinstance(value, float) and math.isfinite(value) else str(value)


def _pieces(representation: TableRepresentation, at: int) -> Json:
    """Return a text in pieces, with the features of its words; nothing for other columns."""
    if representation.columns[at].kind != "text":
        return {}
    prose = next((prose for prose in representation.prose if prose.column == at), None)
    return {"pieces": [] if prose is None else [list(piece) for piece in prose.pieces()]}


def _spread(column: Column, value: float) -> Json:
    """Describe how the numbers of a column are spread, and where the row's own is."""
    edges, counts = column.counts
    found = {
        "at": None if math.isnan(value) else value,
        "edges": [float(f"{edge:.{_DIGITS}g}") for edge in edges],
        "counts": list(counts),
    }
    return found | ({"whole": column.whole} if column.kind == "number" else {})


def _options(column: Column, value: float) -> Json:
    """List the commonest categories, and the row's own among them."""
    order = sorted(range(len(column.shown)), key=lambda option: -float(column.shares[option]))
    kept = order[:OPTIONS]
    if not math.isnan(value) and int(value) not in kept:
        kept[-1] = int(value)
    options = [[column.shown[option], float(column.shares[option])] for option in kept]
    return {"options": options, "more": len(order) - len(kept)}

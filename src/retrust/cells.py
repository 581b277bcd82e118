"""Rows of tables as people keep them: plain JSON values and back, nothing executed.

All that a row needs to be drawn anew travels with it: its columns as they were learned, and the type of table that its
model takes. What was learned of the table is one compressed string, the row itself can be read.
"""

from __future__ import annotations

import io
import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from scipy import sparse

from retrust.bins import Spelling
from retrust.columns import Column, Kind
from retrust.domains.table import Near, Neighbours, TableRepresentation
from retrust.errors import ContractError
from retrust.frames import Frame
from retrust.prose import Prose
from retrust.redrawing import States
from retrust.sparse_row import SparseRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from retrust.representation import Feature

    Json = dict[str, Any]

_MOST = 1 << 28  # bytes of what was learned, unpacked
_LATEST, _LARGEST = 1e12, 2.0**63  # seconds from 1970 to a date; a whole number
_DAMAGED = "the explanation is damaged: "


class _Bound(TypeError):
    """Something in a row that JSON has no word for."""


def to_dict(representation: TableRepresentation | SparseRow) -> Json | None:
    """Return a row as plain JSON values; None where it holds what these cannot say, so that it cannot travel."""
    if isinstance(representation, SparseRow):
        return _sparse_to(representation)
    try:
        return {
            "row": [cell(value) for value in representation.row],
            "values": [None if np.isnan(value) else value for value in representation.values.tolist()],
            "prose": [
                {"column": prose.column, "spans": [list(span) for span in prose.spans], "owner": list(prose.owner)}
                for prose in representation.prose
            ],
            "table": _squeezed(_learned(representation)),
        }
    except _Bound:
        return None


def from_dict(given: Mapping[str, Any], features: tuple[Feature, ...]) -> TableRepresentation | SparseRow:
    """Read what :func:`to_dict` wrote.

    Raises
    ------
    ContractError
        Its parts do not fit together, or the kind of frame that it was written with is not installed.
    """
    learned = _expanded(given["table"])
    if "sparse" in given:
        return _sparse_from(given, learned)
    columns = tuple(map(_column_from, learned["columns"]))
    drawn = tuple(at for at, column in enumerate(columns) if column.kind not in {"constant", "text"})
    states = States(tuple(columns[at] for at in drawn))
    row = tuple(map(read_cell, given["row"]))
    values = np.array([np.nan if value is None else value for value in given["values"]], dtype=np.float64)
    prose = tuple(Prose(one["column"], row[one["column"]], _spans(one), tuple(one["owner"])) for one in given["prose"])
    frame = _frame_from(learned)
    _check(row, values, states, columns)
    _check_words(prose, columns, range(len(values), len(features)))
    if not len(frame.names) == len(columns) or learned["neighbours"] not in get_args(Neighbours):
        raise ContractError(f"{_DAMAGED}its columns do not fit together")
    others = tuple((str(title), tuple(map(str, texts))) for title, texts in learned["others"])
    near = None if learned["near"] is None else _near_from(learned["near"], states)
    return TableRepresentation(
        frame, columns, row, values, features, states, drawn, prose, learned["neighbours"], near, others
    )


def _check(row: tuple[Any, ...], values: Any, states: States, columns: tuple[Column, ...]) -> None:
    """See that a row is one of its table."""
    fits = len(row) == len(columns) and values.shape == (len(states.columns),) and not np.isinf(values).any()
    if not fits or not all(map(_takes, states.columns, values.tolist())):
        raise ContractError(f"{_DAMAGED}its values do not fit its columns")
    pairs = [
        (column.options[0], value) for column, value in zip(columns, row, strict=True) if column.kind == "constant"
    ]
    if any(isinstance(option, str) != isinstance(value, str) for option, value in pairs):
        raise ContractError(f"{_DAMAGED}its values do not fit its columns")


def _takes(column: Column, value: float) -> bool:
    if np.isnan(value) or (column.kind == "number" and not column.whole):
        return True
    if column.measured:
        return abs(value) < (_LARGEST if column.whole else _LATEST)
    return value == int(value) and 0 <= value < len(column.options)


def _check_words(prose: tuple[Prose, ...], columns: tuple[Column, ...], features: range) -> None:
    """See that the words of texts stand where they are said to."""
    for one in prose:
        flat = [at for span in one.spans for at in span]
        sound = columns[one.column].kind == "text" and isinstance(one.text, str) and len(one.owner) == len(one.spans)
        if not sound or flat != sorted(flat) or any(not 0 <= at <= len(one.text) for at in flat):
            raise ContractError(f"{_DAMAGED}its words do not fit its texts")
    if {at for one in prose for at in one.owner} != set(features):
        raise ContractError(f"{_DAMAGED}its words do not fit its features")


def _spans(given: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((int(start), int(end)) for start, end in given["spans"])


def _sparse_to(row: SparseRow) -> Json:
    return {
        "sparse": {
            "make": row.make.__name__,
            "width": row.width,
            "type": row.dtype.str,
            "indices": row.indices.tolist(),
            "values": row.values.tolist(),
        },
        "table": _squeezed({"columns": [_column_to(column) for column in row.columns]}),
    }


def _sparse_from(given: Mapping[str, Any], learned: Mapping[str, Any]) -> SparseRow:
    found = given["sparse"]
    indices, values = np.array(found["indices"], dtype=np.intp), np.array(found["values"], dtype=np.float64)
    columns, kind = tuple(map(_column_from, learned["columns"])), np.dtype(found["type"])
    width = int(found["width"])
    sound = indices.shape == values.shape == (len(columns),) and np.isfinite(values).all() and kind.kind in "fiub"
    if not sound or sorted({*indices.tolist()} & {*range(width)}) != indices.tolist():
        raise ContractError(f"{_DAMAGED}its values do not fit its columns")
    return SparseRow(_MAKES[found["make"]], width, kind, indices, values, columns)


_MAKES = {make.__name__: make for make in (sparse.csr_array, sparse.csr_matrix)}


# --- what was learned of a table -------------------------------------------------------------------------------------


def _learned(representation: TableRepresentation) -> Json:
    frame, near = representation.frame, representation.near
    return {
        "make": frame.make,
        "names": list(frame.names),
        "template": _TEMPLATES[frame.make][0](frame.template),
        "columns": [_column_to(column) for column in representation.columns],
        "neighbours": representation.neighbours,
        "near": None if near is None else [[None if np.isnan(v) else v for v in row] for row in near.values.tolist()],
        "others": [[title, list(texts)] for title, texts in representation.others],
    }


def _near_from(given: Any, states: States) -> Near:
    lent = np.array([[np.nan if value is None else value for value in row] for row in given], dtype=np.float64)
    return Near(lent, np.array([states.own(row) for row in lent]))


_ARRAYS = ("shares", "edges", "means", "spreads", "lows", "highs")


def _column_to(column: Column) -> Json:
    found = {field.name: getattr(column, field.name) for field in fields(Column)}
    for name in _ARRAYS:
        found[name] = np.asarray(found[name], dtype=np.float64).tolist()
    spelling = column.spelling
    return found | {
        "options": [cell(option) for option in column.options],
        "blank": cell(column.blank),
        "shown": list(column.shown),
        "counts": [list(part) for part in column.counts],
        "spelling": None if spelling is None else [list(spelling.edges), list(spelling.texts)],
    }


def _column_from(given: Mapping[str, Any]) -> Column:
    found = {**given} | {name: np.array(given[name], dtype=np.float64) for name in _ARRAYS}
    column = Column(
        **found
        | {
            "options": tuple(map(read_cell, given["options"])),
            "blank": read_cell(given["blank"]),
            "shown": tuple(map(str, given["shown"])),
            "counts": tuple(map(tuple, given["counts"])),
            "spelling": None if given["spelling"] is None else Spelling(*map(tuple, given["spelling"])),
        }
    )
    states = len(column.shares) - 1
    ends = {len(getattr(column, name)) for name in ("means", "spreads", "lows", "highs")}
    sound = ends == {states} and len(column.edges) == states - 1 if column.measured else _named(column, states)
    if not sound or column.kind not in get_args(Kind):
        raise ContractError(f"{_DAMAGED}column {column.name!r} does not fit together")
    return column


def _named(column: Column, states: int) -> bool:
    return column.kind == "text" or len(column.options) == len(column.shown) == states


def _squeezed(learned: Json) -> str:
    text = json.dumps(learned, allow_nan=False, separators=(",", ":"))
    return b64encode(zlib.compress(text.encode("ascii"))).decode("ascii")


def _expanded(text: str) -> Json:
    """Unpack what was learned, and see that it is whole."""
    unpack = zlib.decompressobj()
    try:
        data = unpack.decompress(b64decode(text, validate=True), _MOST)
    except zlib.error as error:
        raise ContractError(f"{_DAMAGED}what was learned of its table cannot be unpacked: {error}") from error
    if not unpack.eof:
        raise ContractError(f"{_DAMAGED}what was learned of its table is cut short")
    return dict(json.loads(data))


# --- values ----------------------------------------------------------------------------------------------------------


def cell(value: Any) -> Any:
    """Write one value of a row so that its type comes back.

    Examples
    --------
    >>> cell(3), cell("a"), cell(None), cell(float("nan")), cell(np.datetime64("2021-03-04"))
    (3, 'a', None, {'float': 'nan'}, {'moment': '2021-03-04'})
    """
    plain = value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value
    known = plain is None or isinstance(plain, bool | str | int) or (isinstance(plain, float) and np.isfinite(plain))
    return plain if known else _tagged(plain)


def _tagged(value: Any) -> Json:
    """Write a value that JSON has not beside the name of its type."""
    if isinstance(value, np.datetime64):
        return {"moment": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if type(value).__name__ in {"NAType", "NaTType"}:
        return {"pandas": str(value).strip("<>")}
    if isinstance(value, datetime):
        plain = value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
        return {"time": plain.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    raise _Bound(f"{type(value).__name__} has no place in JSON")


def read_cell(given: Any) -> Any:
    """Read what :func:`cell` wrote.

    Raises
    ------
    ContractError
    """
    if given is None or isinstance(given, bool | str | int | float):
        return given
    if not isinstance(given, dict) or len(given) != 1 or not given.keys() <= _READ.keys():
        raise ContractError(f"{_DAMAGED}{given!r} is no value of a row")
    ((kind, text),) = given.items()
    return _READ[kind](text)


def _of_pandas(name: str) -> Any:
    import pandas as pd

    return {"NA": pd.NA, "NaT": pd.NaT}[name]


_READ: Mapping[str, Callable[[str], Any]] = {
    "float": float,
    "moment": np.datetime64,
    "time": datetime.fromisoformat,
    "day": date.fromisoformat,
    "pandas": _of_pandas,
}


# --- the types of tables ---------------------------------------------------------------------------------------------


def _frame_from(learned: Mapping[str, Any]) -> Frame:
    make = learned["make"]
    try:
        template = _TEMPLATES[make][1](learned["template"])
    except ImportError as error:
        raise ContractError(
            f"the explanation is of a row for a {make} table, and {make} is not installed – install it to read this"
        ) from error
    return Frame(make, tuple(map(str, learned["names"])), template)


def _array_to(template: Any) -> str:
    return str(template.dtype.str)


def _record_to(template: Any) -> list[Any]:
    return [[name, template.dtype[name].str] for name in template.dtype.names]


def _record_from(given: Any) -> Any:
    kinds = [np.dtype(kind) for _, kind in given]
    if any(kind.kind not in "fiubOUSM" for kind in kinds):
        raise ContractError(f"{_DAMAGED}its rows are of no known kind")
    return np.empty(0, dtype=[(name, kind) for (name, _), kind in zip(given, kinds, strict=True)])


def _array_from(given: str) -> Any:
    kind = np.dtype(given)
    if kind.kind not in "fiubOUSM":
        raise ContractError(f"{_DAMAGED}its rows are of no known kind")
    return np.empty((0, 0), dtype=kind)


def _pandas_to(template: Any) -> Json:
    types = [_type_to(kind) for kind in template.dtypes]
    return {"labels": [cell(label) for label in template.columns], "types": types}


def _type_to(kind: Any) -> Any:
    if hasattr(kind, "categories"):
        options = [cell(option) for option in kind.categories]
        return {"categories": options, "type": str(kind.categories.dtype), "ordered": bool(kind.ordered)}
    if _type_from(str(kind)) != kind:
        raise _Bound(f"the type {kind} cannot be told by its name")
    return str(kind)


def _type_from(given: Any) -> Any:
    import pandas as pd

    if isinstance(given, str):
        return pd.Series([], dtype=given).dtype
    options = pd.Index([read_cell(option) for option in given["categories"]], dtype=given["type"])
    return pd.CategoricalDtype(options, ordered=given["ordered"])


def _pandas_from(given: Mapping[str, Any]) -> Any:
    import pandas as pd

    types = [_type_from(kind) for kind in given["types"]]
    frame = pd.DataFrame({at: pd.Series([], dtype=kind) for at, kind in enumerate(types)})
    frame.columns = pd.Index([read_cell(label) for label in given["labels"]])
    return frame


def _polars_to(template: Any) -> str:
    file = io.BytesIO()
    template.write_ipc(file)
    return b64encode(file.getvalue()).decode("ascii")


def _polars_from(given: str) -> Any:
    import polars as pl

    return pl.read_ipc(io.BytesIO(b64decode(given, validate=True)))


def _pyarrow_to(template: Any) -> str:
    return b64encode(template.schema.serialize().to_pybytes()).decode("ascii")


def _pyarrow_from(given: str) -> Any:
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(b64decode(given, validate=True))).empty_table()


_TEMPLATES: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "array": (_array_to, _array_from),
    "record": (_record_to, _record_from),
    "pandas": (_pandas_to, _pandas_from),
    "polars": (_polars_to, _polars_from),
    "pyarrow": (_pyarrow_to, _pyarrow_from),
}

"""Tables of every make: read into columns, and written again in the type that a model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.columns import Coded, is_missing, moment
from retrust.errors import InstanceError, InstanceTypeError, OptionError, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.columns import Floats

Make = Literal["array", "record", "pandas", "polars", "pyarrow"]

_TWO = 2


@dataclass(frozen=True, eq=False)
class Frame:
    """The make of a table: its type, its columns and theirs; no rows.

    Parameters
    ----------
    make : {"array", "record", "pandas", "polars", "pyarrow"}
        A record is a structured array.
    names : tuple of str
        The columns as people read them.
    template : array or frame
        Without rows.
    """

    make: Make
    names: tuple[str, ...]
    template: Any

    def batch(self, values: Sequence[NDArray[Any] | Coded]) -> Any:
        """Write rows, given column by column, each (n,): floats, moments, objects with None for missing, or codes."""
        if self.make == "pandas":
            return self._pandas(values)
        return getattr(self, f"_{self.make}")([part.values() if isinstance(part, Coded) else part for part in values])

    def _array(self, values: Sequence[NDArray[Any]]) -> Any:
        kind = self.template.dtype
        if kind.kind == "f":
            return np.stack(values, axis=1).astype(kind, copy=False)
        if kind.kind in "iub":
            numbers = np.stack([np.asarray(part, dtype=np.float64) for part in values], axis=1)
            return _narrowed(numbers, kind)
        found = np.empty((len(values[0]), len(values)), dtype=object)
        for column, part in enumerate(values):
            found[:, column] = part
        if kind.kind in "OM":
            return found.astype(kind, copy=False)
        texts = found.astype(kind.kind)
        return texts.astype(np.result_type(texts, kind), copy=False)

    def _record(self, values: Sequence[NDArray[Any]]) -> Any:
        found = np.empty(len(values[0]), dtype=self.template.dtype)
        for name, part in zip(self.names, values, strict=True):
            kind = found.dtype[name]
            found[name] = _within(part, kind) if kind.kind in "iu" else part
        return found

    def _pandas(self, values: Sequence[NDArray[Any] | Coded]) -> Any:
        made = {at: self._column(at, part) for at, part in enumerate(values)}
        frame = type(self.template)(made, copy=False)
        frame.columns = self.template.columns
        return frame

    def _column(self, at: int, part: NDArray[Any] | Coded) -> Any:
        """Write a column of a pandas frame; categories are taken from a palette that is written once."""
        template = self._columns[at]
        if not isinstance(part, Coded):
            return _series(part, template.dtype, template)
        known = self._palettes.get(at)
        if known is None or known[0] is not part.palette:
            typed = type(template)(_series(part.palette, template.dtype, template))
            known = self._palettes[at] = (part.palette, typed.array)
        return type(template)(known[1].take(part.codes), dtype=template.dtype)

    @cached_property
    def _columns(self) -> list[Any]:
        return [self.template.iloc[:, at] for at in range(len(self.names))]

    @cached_property
    def _palettes(self) -> dict[int, tuple[NDArray[Any], Any]]:
        """Categories in the column's own type, by the number of the column."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be written again."""
        return {"make": self.make, "names": self.names, "template": self.template}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take back what travelled."""
        self.__dict__.update(state)

    def _polars(self, values: Sequence[NDArray[Any]]) -> Any:
        import narwhals as nw

        return nw.from_dict(self._plain(values), schema=self._schema, backend="polars").to_native()

    def _pyarrow(self, values: Sequence[NDArray[Any]]) -> Any:
        import pyarrow as pa

        schema, plain = self.template.schema, self._plain(values)
        return pa.table([_arrow(plain[field.name], field.type) for field in schema], schema=schema)

    @cached_property
    def _schema(self) -> Any:
        import narwhals as nw

        return nw.from_native(self.template).schema

    def _plain(self, values: Sequence[NDArray[Any]]) -> dict[str, list[Any]]:
        """Return plain values of each column, None where missing."""
        kinds = self._schema.items()
        return {name: _listed(part, kind) for (name, kind), part in zip(kinds, values, strict=True)}

    def row(self, instance: Any) -> list[Any]:
        """Return the values of one row, in the order of the columns.

        Raises
        ------
        InstanceError, InstanceTypeError
        """
        found = _single(instance)
        if isinstance(found, Mapping):
            return self._whole(self._by_name(found))
        listed_up = isinstance(found, Sequence) and not isinstance(found, str | bytes)
        if not listed_up and not (isinstance(found, np.ndarray) and found.ndim):
            raise InstanceTypeError(
                f"the instance is {type(instance).__name__}; a row is expected – a 1-d array, a mapping from columns "
                "to values, or a row of a data frame"
            )
        if len(found) != len(self.names):
            raise InstanceError(
                f"the row has {len(found)} values; the training rows have {len(self.names)} columns – give a value, "
                f"None where it is missing, for each of {listed(self.names)}"
            )
        return self._whole(list(found))

    def _whole(self, row: list[Any]) -> list[Any]:
        """Refuse a fraction where the type of a column holds whole numbers only."""
        for at in self._integers:
            if isinstance(row[at], float | np.floating) and np.isfinite(row[at]) and row[at] % 1:
                raise InstanceError(
                    f"column {self.names[at]!r} is {row[at]}; whole numbers are expected, as in the training rows – "
                    "round it, or give data= in which the column's type has fractions"
                )
        return row

    @cached_property
    def _integers(self) -> list[int]:
        if self.make == "array":
            return []
        if self.make == "record":
            return [at for at, name in enumerate(self.names) if self.template.dtype[name].kind in "iu"]
        if self.make == "pandas":
            return [at for at in range(len(self.names)) if self.template.iloc[:, at].dtype.kind in "iu"]
        return [at for at, kind in enumerate(self._schema.values()) if kind.is_integer()]

    def _by_name(self, found: Mapping[Any, Any]) -> list[Any]:
        named = {str(name): value for name, value in found.items()}
        missing = [name for name in self.names if name not in named]
        extra = [name for name in named if name not in self.names]
        if missing or extra:
            parts = [f"lacks {listed(missing)}"] * bool(missing) + [f"has {listed(extra)} besides"] * bool(extra)
            raise InstanceError(
                f"the row {' and '.join(parts)}; its columns are to be those of the training rows – None where a value "
                "is missing"
            )
        return [named[name] for name in self.names]

    def others(self) -> list[Frame]:
        """List other makes that a model may want instead."""
        if self.make == "array":
            pandas = _empty_pandas(self.names)
            return [] if pandas is None else [replace(self, make="pandas", template=pandas)]
        return [replace(self, make="array", template=np.empty((0, 0), dtype=kind)) for kind in (np.float64, object)]

    def suited(self, model: Any) -> Frame:
        """Return the make that a scikit-learn estimator was fitted on, as far as it tells; else this one."""
        if not hasattr(model, "n_features_in_") or int(model.n_features_in_) != len(self.names):
            return self
        named = getattr(model, "feature_names_in_", None)
        if self.make == "array" and named is not None:
            pandas = _empty_pandas([str(name) for name in named])
            return self if pandas is None else replace(self, make="pandas", template=pandas)
        if self.make != "array" and named is None:
            return self.others()[0]
        return self


def _series(part: NDArray[Any], kind: Any, template: Any) -> Any:
    """Write a column of a pandas frame in its own type."""
    if part.dtype.kind == "f" and kind.kind != "O":
        return part if isinstance(kind, np.dtype) and kind.kind in "iu" and np.isnan(part).any() else _typed(part, kind)
    if part.dtype.kind == "M" and getattr(kind, "tz", None) is not None:
        return type(template)(part).dt.tz_localize("UTC").astype(kind)
    return type(template)(part, dtype=kind)


def _typed(part: NDArray[Any], kind: Any) -> Any:
    values = _within(part, getattr(kind, "numpy_dtype", kind)) if kind.kind in "iu" else part
    if isinstance(kind, np.dtype):
        return values.astype(kind, copy=False)
    import pandas as pd

    return pd.array([None if np.isnan(value) else value for value in values.tolist()], dtype=kind)


def _within(part: NDArray[Any], kind: Any) -> Floats:
    """Return the nearest whole numbers that a type holds."""
    ends = np.iinfo(kind)
    return np.asarray(np.clip(np.rint(part), ends.min, ends.max))


def _narrowed(numbers: Floats, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return numbers in a type without fractions, where that loses nothing."""
    if np.isnan(numbers).any():
        return numbers
    ends = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
    exact = (numbers >= ends[0]) & (numbers <= ends[1]) & (numbers % 1 == 0)
    return numbers.astype(kind) if exact.all() else numbers


def _listed(part: NDArray[Any], kind: Any) -> list[Any]:
    if part.dtype.kind != "f":
        return list(part.tolist())
    whole = kind.is_integer()
    values = _within(part, getattr(np, str(kind).lower(), np.int64)) if whole else part
    pairs = zip(values.tolist(), np.isnan(part).tolist(), strict=True)
    return [None if missing else int(value) if whole else value for value, missing in pairs]


def _arrow(values: list[Any], kind: Any) -> Any:
    """Write a column of an arrow table in its own type."""
    import pyarrow as pa

    if pa.types.is_decimal(kind):
        values = [value if value is None else Decimal(f"{value:.{kind.scale}f}") for value in values]
    return pa.array(values, type=kind)


def _single(instance: Any) -> Any:
    """Return one row as a mapping or a sequence."""
    if isinstance(instance, Mapping):
        return instance
    if hasattr(instance, "iloc"):
        return _of_pandas(instance)
    if isinstance(instance, np.ndarray | np.void):
        return _of_array(instance)
    if hasattr(instance, "schema"):
        rows = instance.to_pylist() if hasattr(instance, "to_pylist") else instance.rows(named=True)
        return rows[0] if len(rows) == 1 else _several(len(rows))
    return instance._asdict() if hasattr(instance, "_asdict") else instance


def _of_array(instance: Any) -> Any:
    several = instance.ndim == _TWO or (instance.ndim == 1 and instance.dtype.names)
    if several and len(instance) != 1:
        return _several(len(instance))
    row = instance[0] if several else instance
    return dict(zip(row.dtype.names, row.item(), strict=True)) if row.dtype.names else row


def _of_pandas(instance: Any) -> Any:
    if hasattr(instance, "columns"):
        if len(instance) != 1:
            return _several(len(instance))
        return dict(zip(instance.columns, (instance.iloc[0, at] for at in range(instance.shape[1])), strict=True))
    plain = [str(label) for label in instance.index] == [str(at) for at in range(len(instance))]
    return list(instance) if plain else dict(zip(instance.index, instance, strict=True))


def _several(count: int) -> Any:
    raise InstanceTypeError(f"{count} rows were given; one is expected – explain_many takes several")


def _empty_pandas(names: Sequence[str]) -> Any:
    """Return a pandas frame of numbers without rows; None where pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        return None
    return pd.DataFrame({name: np.empty(0) for name in names})


@dataclass(frozen=True, eq=False)
class Raw:
    """One column as it was read: floats with NaN, seconds since 1970, or objects with None.

    Parameters
    ----------
    name : str
    values : ndarray, shape (n,)
    kind : {"number", "date", "other"}
    whole : bool
        Whether its type is that of whole numbers.
    blank : object
        What stands where a value is missing.
    """

    name: str
    values: NDArray[Any]
    kind: Literal["number", "date", "other"]
    whole: bool = False
    blank: Any = None


def read(data: Any, names: Sequence[str] | None = None) -> tuple[Frame, list[Raw]]:
    """Read a table of any make.

    Parameters
    ----------
    data : frame, array (n, c), or a list of rows
    names : sequence of str, optional
        The columns of an array.

    Raises
    ------
    OptionError
    """
    if isinstance(data, Mapping) or (isinstance(data, list | tuple) and any(isinstance(row, Mapping) for row in data)):
        raise OptionError(
            "data is made of mappings, which have no columns of their own – give a data frame, pandas.DataFrame(data)"
        )
    if hasattr(type(data), "collect"):
        raise OptionError("data is a lazy frame; its rows are expected – data.collect()")
    if isinstance(data, np.ma.MaskedArray):
        raise OptionError("data is a masked array; NaN is expected where a value is missing – data.filled(np.nan)")
    if hasattr(data, "columns") or hasattr(data, "column_names"):
        if names is not None:
            raise OptionError("names was given beside a data frame, which has its own – rename its columns")
        return _read_frame(data)
    array = np.asarray(data) if not isinstance(data, list | tuple) else _of_rows(data)
    if array.dtype.names and array.ndim == 1:
        frame = Frame("record", array.dtype.names, array[:0])
        return frame, [_raw(name, array[name]) for name in frame.names]
    if array.ndim != _TWO:
        raise OptionError(f"data has shape {array.shape}; a table is expected – an array (n, columns) or a data frame")
    given = tuple(map(str, names)) if names is not None else tuple(map(str, range(array.shape[1])))
    if len(given) != array.shape[1]:
        raise OptionError(f"names has {len(given)} entries for {array.shape[1]} columns; one for each is expected")
    _told_apart(given)
    frame = Frame("array", given, array[:0])
    return frame, [_raw(name, array[:, at]) for at, name in enumerate(given)]


def _of_rows(data: Sequence[Any]) -> NDArray[Any]:
    try:
        array = np.asarray(data)
    except ValueError:
        raise OptionError(
            "data is a list of rows of different lengths; rows of the same columns are expected"
        ) from None
    mixed = array.dtype.kind in "US" and not all(isinstance(value, str) for row in data for value in row)
    return np.array([list(row) for row in data], dtype=object) if mixed else array


def _told_apart(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise OptionError(
            f"data has more than one column called {listed(twice)}; each name once is expected – rename them"
        )


def _read_frame(data: Any) -> tuple[Frame, list[Raw]]:
    if hasattr(data, "iloc"):
        names = tuple(map(str, data.columns))
        _told_apart(names)
        frame = Frame("pandas", names, data.iloc[:0])
        return frame, [_of_series(name, data.iloc[:, at]) for at, name in enumerate(names)]
    import narwhals as nw

    try:
        table = nw.from_native(data, eager_only=True)
    except TypeError:
        raise OptionError(
            f"data is {type(data).__name__}; an array or an eager frame of pandas, polars or pyarrow is expected"
        ) from None
    make: Any = "polars" if hasattr(data, "to_arrow") else "pyarrow"
    frame = Frame(make, tuple(table.columns), table[:0].to_native())
    return frame, [_of_narwhal(name, table[name]) for name in table.columns]


def _of_series(name: str, series: Any) -> Raw:
    kind = series.dtype
    if hasattr(kind, "categories"):
        return _other(name, series.tolist())
    if kind.kind == "M":
        return Raw(name, _seconds(series.dt.tz_convert(None) if getattr(kind, "tz", None) else series), "date")
    if kind.kind in "fiu":
        return Raw(name, series.to_numpy(dtype=np.float64, na_value=np.nan), "number", whole=kind.kind in "iu")
    return _raw(name, _objects(series.tolist()))


def _seconds(series: Any) -> Floats:
    stamps = series.to_numpy(dtype="datetime64[us]")
    return _since(stamps)


def _since(stamps: NDArray[Any]) -> Floats:
    found = stamps.astype(np.int64) / 1e6
    found[np.isnat(stamps)] = np.nan
    return np.asarray(found)


def _of_narwhal(name: str, series: Any) -> Raw:
    kind = series.dtype
    if kind.is_numeric():
        values = np.array([np.nan if value is None else value for value in series.to_list()], dtype=np.float64)
        return Raw(name, values, "number", whole=kind.is_integer())
    if str(kind).startswith(("Categorical", "Enum")):
        return _other(name, series.to_list())
    if kind.is_temporal() and str(kind).startswith("Date"):
        stamps = np.array([None if v is None else moment(v) for v in series.to_list()], dtype="datetime64[us]")
        return Raw(name, _since(stamps), "date")
    return _raw(name, _objects(series.to_list()))


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = list(values)
    return found


def _raw(name: str, values: NDArray[Any]) -> Raw:
    """Tell numbers and dates from other values."""
    if values.dtype.kind in "fiu":
        return Raw(name, values.astype(np.float64), "number", whole=values.dtype.kind in "iu")
    if values.dtype.kind == "M":
        return Raw(name, _since(values.astype("datetime64[us]")), "date")
    plain = [None if is_missing(value) else value for value in values.tolist()]
    known = [value for value in plain if value is not None]
    if known and all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in known):
        numbers = np.array([np.nan if value is None else float(value) for value in plain])
        return Raw(name, numbers, "number", whole=all(isinstance(value, int | np.integer) for value in known))
    if known and all(type(value).__name__ in {"date", "datetime", "Timestamp", "datetime64"} for value in known):
        return Raw(name, _since(np.array(plain, dtype="datetime64[us]")), "date")
    return _other(name, values.tolist())


def _other(name: str, values: list[Any]) -> Raw:
    blank = next((value for value in values if is_missing(value)), None)
    return Raw(name, _objects([None if is_missing(value) else value for value in values]), "other", blank=blank)

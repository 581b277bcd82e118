"""Tables of every make: read into columns, and written again in the type that a model was trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.columns import is_missing
from retrust.errors import InstanceError, InstanceTypeError, OptionError, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.columns import Floats

Make = Literal["array", "pandas", "polars", "pyarrow"]

_TWO = 2


@dataclass(frozen=True, eq=False)
class Frame:
    """The make of a table: its type, its columns and theirs; no rows.

    Parameters
    ----------
    make : {"array", "pandas", "polars", "pyarrow"}
    names : tuple of str
        The columns as people read them.
    template : array or frame
        Without rows.
    """

    make: Make
    names: tuple[str, ...]
    template: Any

    def batch(self, values: Sequence[NDArray[Any]]) -> Any:
        """Write rows, given column by column, each (n,): floats, moments, or objects with None for missing."""
        return getattr(self, f"_{self.make}")(values)

    def _array(self, values: Sequence[NDArray[Any]]) -> Any:
        kind = self.template.dtype
        if kind.kind == "f":
            return np.stack(values, axis=1).astype(kind, copy=False)
        if kind.kind in "iub":
            return np.stack([np.asarray(part, dtype=np.float64) for part in values], axis=1)
        found = np.empty((len(values[0]), len(values)), dtype=object)
        for column, part in enumerate(values):
            found[:, column] = part
        return found if kind.kind == "O" else found.astype(str)

    def _pandas(self, values: Sequence[NDArray[Any]]) -> Any:
        made = {
            at: _series(part, self.template.iloc[:, at].dtype, self.template.iloc[:, at])
            for at, part in enumerate(values)
        }
        frame = type(self.template)(made, copy=False)
        frame.columns = self.template.columns
        return frame

    def _polars(self, values: Sequence[NDArray[Any]]) -> Any:
        import narwhals as nw

        return nw.from_dict(self._plain(values), schema=self._schema, backend="polars").to_native()

    def _pyarrow(self, values: Sequence[NDArray[Any]]) -> Any:
        return type(self.template).from_pydict(self._plain(values), schema=self.template.schema)

    @cached_property
    def _schema(self) -> Any:
        import narwhals as nw

        return nw.from_native(self.template).schema

    def _plain(self, values: Sequence[NDArray[Any]]) -> dict[str, list[Any]]:
        """Return plain values of each column, None where missing."""
        kinds = self._schema.items()
        return {name: _listed(part, whole=kind.is_integer()) for (name, kind), part in zip(kinds, values, strict=True)}

    def row(self, instance: Any) -> list[Any]:
        """Return the values of one row, in the order of the columns.

        Raises
        ------
        InstanceError, InstanceTypeError
        """
        found = _single(instance)
        if isinstance(found, Mapping):
            return self._by_name(found)
        if not isinstance(found, Sequence | np.ndarray) or isinstance(found, str | bytes):
            raise InstanceTypeError(
                f"the instance is {type(instance).__name__}; a row is expected – a 1-d array, a mapping from columns "
                "to values, or a row of a data frame"
            )
        if len(found) != len(self.names):
            raise InstanceError(
                f"the row has {len(found)} values; the training rows have {len(self.names)} columns: "
                f"{listed(self.names)}"
            )
        return list(found)

    def _by_name(self, found: Mapping[Any, Any]) -> list[Any]:
        named = {str(name): value for name, value in found.items()}
        missing = [name for name in self.names if name not in named]
        extra = [name for name in named if name not in self.names]
        if missing or extra:
            parts = [f"lacks {listed(missing)}"] * bool(missing) + [f"has {listed(extra)} besides"] * bool(extra)
            raise InstanceError(f"the row {' and '.join(parts)}; its columns are to be those of the training rows")
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
    if part.dtype.kind == "f":
        whole = kind.kind in "iu" and not hasattr(kind, "numpy_dtype") and np.isnan(part).any()
        return part if whole or kind.kind == "O" else _typed(part, kind)
    if part.dtype.kind == "M" and getattr(kind, "tz", None) is not None:
        return type(template)(part).dt.tz_localize("UTC").astype(kind)
    return type(template)(part, dtype=kind)


def _typed(part: NDArray[Any], kind: Any) -> Any:
    values = np.rint(part) if kind.kind in "iu" else part
    if isinstance(kind, np.dtype):
        return values.astype(kind, copy=False)
    import pandas as pd

    return pd.array([None if np.isnan(value) else value for value in values.tolist()], dtype=kind)


def _listed(part: NDArray[Any], *, whole: bool) -> list[Any]:
    if part.dtype.kind != "f":
        return list(part.tolist())
    pairs = zip((np.rint(part) if whole else part).tolist(), np.isnan(part).tolist(), strict=True)
    return [None if missing else int(value) if whole else value for value, missing in pairs]


def _single(instance: Any) -> Any:
    """Return one row as a mapping or a sequence."""
    if isinstance(instance, Mapping):
        return instance
    if hasattr(instance, "iloc"):
        return _of_pandas(instance)
    if hasattr(instance, "schema") and hasattr(instance, "to_pylist"):
        rows = instance.to_pylist()
        return rows[0] if len(rows) == 1 else _several(len(rows))
    if hasattr(instance, "rows") and hasattr(instance, "schema"):
        rows = instance.rows(named=True)
        return rows[0] if len(rows) == 1 else _several(len(rows))
    if isinstance(instance, np.ndarray) and instance.ndim == _TWO:
        return instance[0] if len(instance) == 1 else _several(len(instance))
    return instance._asdict() if hasattr(instance, "_asdict") else instance


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
    if hasattr(data, "columns") or hasattr(data, "column_names"):
        if names is not None:
            raise OptionError("names was given beside a data frame, which has its own – rename its columns")
        return _read_frame(data)
    array = np.asarray(data) if not isinstance(data, list | tuple) else _of_rows(data)
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
    if kind.kind == "M":
        return Raw(name, _seconds(series.dt.tz_convert(None) if getattr(kind, "tz", None) else series), "date")
    if kind.kind in "fiu" or (kind.kind == "f"):
        return Raw(name, series.to_numpy(dtype=np.float64, na_value=np.nan), "number", whole=kind.kind in "iu")
    return _raw(name, np.array(series.tolist(), dtype=object))


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
    if kind.is_temporal() and str(kind).startswith("Date"):
        stamps = np.array([None if v is None else _naive(v) for v in series.to_list()], dtype="datetime64[us]")
        return Raw(name, _since(stamps), "date")
    return _raw(name, _objects(series.to_list()))


def _naive(moment: Any) -> Any:
    from datetime import timezone

    zone = getattr(moment, "tzinfo", None)
    return moment if zone is None else moment.astimezone(timezone.utc).replace(tzinfo=None)


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
    blank = next((value for value in values.tolist() if is_missing(value)), None)
    return Raw(name, _objects(plain), "other", blank=blank)

"""Tables of every make: the batch is what the model was trained on, and a row comes back as it was."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import retrust as rt
from retrust.errors import InstanceError, InstanceTypeError, OptionError
from retrust.frames import read

Table: Any = rt.Table  # what it makes of a row is dense or sparse

N = 60
RNG = np.random.default_rng(0)
DAYS = [dt.date(2020, 1, 1) + dt.timedelta(day) for day in range(N)]
STAMPS = [dt.datetime(2020, 1, 1, 3, 4, 5, 678901) + dt.timedelta(day) for day in range(N)]  # noqa: DTZ001 – no zone


def lacking(values: Any, at: int = 3) -> list[Any]:
    """Take one value away."""
    return [None if place == at else value for place, value in enumerate(list(values))]


def picked(*values: Any) -> list[Any]:
    """Draw values, all of them."""
    return [*values, *RNG.choice(np.array(values, dtype=object), N - len(values))]


PANDAS = {
    "float": pd.Series(lacking(RNG.normal(size=N)), dtype=float),
    "float32": pd.Series(RNG.normal(size=N).astype(np.float32)),
    "int": pd.Series(RNG.integers(0, 90, N)),
    "uint8": pd.Series(RNG.integers(0, 255, N).astype(np.uint8)),
    "Int64": pd.Series(lacking(RNG.integers(0, 9, N).tolist()), dtype="Int64"),
    "UInt8": pd.Series(lacking(RNG.integers(0, 255, N).tolist()), dtype="UInt8"),
    "Float64": pd.Series(lacking(RNG.random(N).tolist()), dtype="Float64"),
    "bool": pd.Series(RNG.random(N) < 0.5),
    "boolean": pd.Series(lacking((RNG.random(N) < 0.5).tolist()), dtype="boolean"),
    "str": pd.Series(lacking(picked("x", "y", "z"))),
    "string": pd.Series(lacking(picked("x", "y")), dtype="string"),
    "object": pd.Series(lacking(picked("x", "y")), dtype=object),
    "object of numbers": pd.Series([*picked(1, 2, 5)[:-1], np.nan], dtype=object),
    "categorical": pd.Series(pd.Categorical(lacking(picked("lo", "hi")), ["lo", "hi", "never"], ordered=True)),
    "categorical of numbers": pd.Series(pd.Categorical(lacking(picked(3, 1, 2)))),
    "dates": pd.Series(pd.to_datetime(lacking(STAMPS))),
    "dates of a zone": pd.Series(pd.to_datetime(lacking(STAMPS))).dt.tz_localize("Europe/Paris"),
    "seconds": pd.Series(pd.date_range("2020-01-01", periods=N, unit="s")),
    "constant": pd.Series([7] * N),
    "constant text": pd.Series(["same"] * N, dtype="category"),
    "text": pd.Series([f"a fine day number {at} in May" for at in range(N)]),
}
POLARS = {
    "float": pl.Series(lacking(RNG.normal(size=N).tolist())),
    "float32": pl.Series(RNG.normal(size=N), dtype=pl.Float32),
    "int": pl.Series(lacking(RNG.integers(0, 90, N).tolist())),
    "uint8": pl.Series(RNG.integers(0, 255, N), dtype=pl.UInt8),
    "bool": pl.Series(lacking((RNG.random(N) < 0.5).tolist())),
    "str": pl.Series(lacking(picked("x", "y"))),
    "categorical": pl.Series(lacking(picked("x", "y")), dtype=pl.Categorical),
    "enum": pl.Series(lacking(picked("x", "y")), dtype=pl.Enum(["x", "never", "y"])),
    "date": pl.Series(lacking(DAYS)),
    "datetime": pl.Series(lacking(STAMPS)),
    "milliseconds": pl.Series(STAMPS).cast(pl.Datetime("ms")),
    "zone": pl.Series(lacking(STAMPS)).dt.replace_time_zone("Europe/Paris"),
    "decimal": pl.Series([f"{at}.25" for at in range(N)]).cast(pl.Decimal(10, 2)),
    "constant": pl.Series(["same"] * N),
    "text": pl.Series([f"a fine day number {at} in May" for at in range(N)]),
}
ARROW = {
    "dictionary": pa.array(picked("x", "y")).dictionary_encode(),
    "dictionary of numbers": pa.array(picked(1, 2, 5)).dictionary_encode(),
    "chunks": pa.chunked_array([list(range(40)), list(range(20))]),
    "int8": pa.array(RNG.integers(-128, 127, N), pa.int8()),
    "large": pa.array(lacking(picked("x", "y")), pa.large_string()),
}
OTHER = RNG.integers(0, 200, N).astype(np.uint8)
FRAMES = (
    {f"pandas, {name}": pd.DataFrame({"it": column, "other": OTHER}) for name, column in PANDAS.items()}
    | {f"polars, {name}": pl.DataFrame({"it": column, "other": OTHER}) for name, column in POLARS.items()}
    | {
        f"arrow, {name}": pl.DataFrame({"it": column, "other": OTHER}).to_arrow()
        for name, column in POLARS.items()
        if name not in {"categorical", "enum"}
    }
    | {f"arrow, {name}": pa.table({"it": column, "other": OTHER}) for name, column in ARROW.items()}
)
ARRAYS: dict[str, Any] = {
    "float": RNG.normal(size=(N, 3)),
    "float32": RNG.normal(size=(N, 3)).astype(np.float32),
    "int": RNG.integers(0, 9, (N, 3)),
    "uint8": RNG.integers(0, 9, (N, 3)).astype(np.uint8),
    "bool": RNG.random((N, 3)) < 0.5,
    "str": np.array([["x" * (1 + at % 40), "y" if at % 3 else "z"] for at in range(N)]),
    "bytes": RNG.choice([b"aa", b"b"], (N, 3)),
    "object": np.array([[at / 3, "x" if at % 2 else "y", at, at % 3 == 0] for at in range(N)], dtype=object),
    "dates": (np.datetime64("2020-01-01") + np.arange(3 * N)).reshape(N, 3),
    "record": np.array(
        [(at / 3, at % 3, "ab"[at % 2], at % 5) for at in range(N)],
        dtype=[("a", "f8"), ("b", "i4"), ("c", "U4"), ("d", "u1")],
    ),
}
ROWS = (0, 3, 20)


def row_of(data: Any, at: int) -> Any:
    """Cut one row out, as a frame."""
    return data.slice(at, 1) if isinstance(data, pa.Table | pl.DataFrame) else data.iloc[[at]]


def same(one: Any, other: Any) -> None:
    """Compare two frames, types and all."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other.reset_index(drop=True))
    elif isinstance(one, pl.DataFrame):
        assert one.equals(other)
    else:  # a dictionary may have entries that no row uses
        assert (one.schema, one.to_pylist()) == (other.schema, other.to_pylist())


def schema(data: Any) -> Any:
    """Return columns and types."""
    return dict(data.dtypes) if isinstance(data, pd.DataFrame) else data.schema


@pytest.mark.parametrize("bins", ["quartile", None])
@pytest.mark.parametrize("neighbours", ["columns", "around", "nearest"])
@pytest.mark.parametrize("name", FRAMES)
def test_a_batch_has_the_columns_and_types_of_the_training_rows_and_the_row_comes_back(
    name: str, neighbours: Any, bins: Any
) -> None:
    data = FRAMES[name]
    table = Table(data, neighbours=neighbours, bins=bins)
    for at in ROWS:
        seen = table.represent(row_of(data, at))
        d = len(seen.features)
        same(seen.perturb(np.ones((1, d), bool), np.random.default_rng(0)), row_of(data, at))
        masks = np.random.default_rng(1).random((50, d)) < 0.5
        inputs = seen.perturb(masks, np.random.default_rng(0))
        assert schema(inputs) == schema(data)
        assert np.isfinite(seen.design(masks, inputs)).all()
        assert schema(seen.tried(masks[0], {}, 5, np.random.default_rng(0))) == schema(data)
        keys = [feature.key for feature in seen.features]
        again = table.represent(seen.swap(keys, seen))
        assert [feature.name for feature in again.features] == [feature.name for feature in seen.features]


@pytest.mark.parametrize("neighbours", ["columns", "around", "nearest"])
@pytest.mark.parametrize("name", ARRAYS)
def test_a_batch_has_the_type_of_the_training_array_and_the_row_comes_back(name: str, neighbours: Any) -> None:
    data = ARRAYS[name]
    table = Table(data, neighbours=neighbours)
    for at in ROWS:
        seen = table.represent(data[at])
        whole = seen.perturb(np.ones((2, len(seen.features)), bool), np.random.default_rng(0))
        assert whole.dtype == data.dtype
        assert whole.tolist() == data[[at, at]].tolist()
        masks = np.random.default_rng(1).random((50, len(seen.features))) < 0.5
        inputs = seen.perturb(masks, np.random.default_rng(0))
        assert inputs.dtype == data.dtype
        assert len({str(row) for row in inputs.tolist()}) > 1
        assert np.isfinite(seen.design(masks, inputs)).all()


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "bytes"])  # JSON has none
def test_explanations_of_arrays_of_every_type_travel_as_json(name: str) -> None:
    data = ARRAYS[name]
    e: Any = rt.explain(
        lambda rows: np.array([sum(map(ord, str(row))) for row in rows.tolist()]), data[0], data=data, n_samples=99
    )
    again: Any = rt.from_dict(json.loads(json.dumps(e.to_dict())))
    assert again.representation.perturb(e.neighbourhood.masks[:9], np.random.default_rng(0)).tolist() == (
        e.representation.perturb(e.neighbourhood.masks[:9], np.random.default_rng(0)).tolist()
    )


def test_numbers_without_bins_keep_their_fractions_where_an_array_of_whole_numbers_is_perturbed() -> None:
    seen = Table(ARRAYS["int"], bins=None).represent(ARRAYS["int"][0])
    inputs = seen.perturb(np.zeros((50, 3), bool), np.random.default_rng(0))
    assert inputs.dtype == np.float64
    assert (inputs % 1 != 0).any()


def test_a_missing_number_in_an_array_of_whole_numbers_stays_missing() -> None:
    seen = Table(ARRAYS["int"]).represent([1, None, 2])
    assert np.isnan(seen.instance()[0, 1])


def test_perturbing_leaves_training_rows_and_instance_alone() -> None:
    for data in (FRAMES["pandas, str"], FRAMES["pandas, float"]):
        before, row = data.copy(deep=True), data.iloc[[5]].copy(deep=True)
        seen = Table(data).represent(row)
        inputs = seen.perturb(np.zeros((20, 2), bool), np.random.default_rng(0))
        inputs.iloc[:, 1] = 0
        pd.testing.assert_frame_equal(data, before)
        pd.testing.assert_frame_equal(row, before.iloc[[5]])
        same(seen.instance(), row)


FRAME = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": ["x", "y", "x", "z"], "n": [1, 2, 3, 5]})


@pytest.mark.parametrize(
    "row",
    [
        [1.0, "x", 2],
        (1.0, "x", 2),
        {"n": 2, "b": "x", "a": 1.0},
        np.array([1.0, "x", 2], dtype=object),
        np.array([[1.0, "x", 2]], dtype=object),
        pd.Series({"n": 2, "b": "x", "a": 1.0}),
        pd.Series([1.0, "x", 2]),
        pd.DataFrame({"b": ["x"], "a": [1.0], "n": [2]}),
        pl.DataFrame({"b": ["x"], "a": [1.0], "n": [2]}),
        pa.table({"b": ["x"], "a": [1.0], "n": [2]}),
        next(pd.DataFrame({"a": [1.0], "b": ["x"], "n": [2]}).itertuples(index=False)),
        np.array([(1.0, "x", 2)], dtype=[("a", "f8"), ("b", "U1"), ("n", "i8")]),
        np.array([(1.0, "x", 2)], dtype=[("a", "f8"), ("b", "U1"), ("n", "i8")])[0],
    ],
)
def test_a_row_may_be_of_any_make_whatever_the_training_rows_are(row: Any) -> None:
    assert Table(FRAME).represent(row).row == (1.0, "x", 2)


@pytest.mark.parametrize(
    ("row", "kind", "message"),
    [
        ([1.0], InstanceError, "the row has 1 values; the training rows have 3 columns – give a value.*'a', 'b', 'n'"),
        ([1.0, "x", 2, 3], InstanceError, "the row has 4 values; the training rows have 3"),
        ({"a": 1.0, "n": 1}, InstanceError, "the row lacks 'b'; its columns .* None where"),
        ({"a": 1.0, "n": 1, "b": "x", "c": 3}, InstanceError, "the row has 'c' besides; its columns"),
        ({"a": 1.0, "n": 1, "c": 3}, InstanceError, "the row lacks 'b' and has 'c' besides"),
        ([1.0, "x", 2.5], InstanceError, "column 'n' is 2.5; whole numbers are expected.*round it, or give data="),
        (FRAME, InstanceTypeError, "4 rows were given; one is expected – explain_many takes several"),
        (np.ones((2, 3)), InstanceTypeError, "2 rows were given"),
        (pl.DataFrame({"a": []}), InstanceTypeError, "0 rows were given"),
        ("a row", InstanceTypeError, "the instance is str; a row is expected – a 1-d array, a mapping"),
        (None, InstanceTypeError, "the instance is NoneType; a row is expected"),
        (3, InstanceTypeError, "the instance is int; a row"),
        (np.array(3.0), InstanceTypeError, "the instance is ndarray; a row"),
        ({1, 2, 3}, InstanceTypeError, "the instance is set; a row"),
    ],
)
def test_a_row_that_does_not_fit_is_told(row: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Table(FRAME).represent(row)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pl.LazyFrame({"a": [1, 2]}), r"a lazy frame; its rows are expected – data.collect\(\)"),
        (np.zeros((2, 3, 4)), r"data has shape \(2, 3, 4\); a table is expected"),
        (np.zeros(3), r"data has shape \(3,\); a table is expected"),
        ("rows", r"data has shape \(\); a table is expected"),
        (None, r"data has shape \(\); a table is expected"),
        ([], r"data has shape \(0,\); a table is expected"),
        ([[1, 2], [3]], "rows of different lengths; rows of the same columns are expected"),
        ([{"a": 1}, {"a": 2}], r"made of mappings.* pandas.DataFrame\(data\)"),
        ({"a": [1, 2]}, r"made of mappings.* pandas.DataFrame\(data\)"),
        (np.ma.masked_equal(np.eye(2), 1), r"a masked array; NaN.* data.filled\(np.nan\)"),
        (pa.record_batch({"a": [1, 2]}), "data is RecordBatch; an array or an eager frame"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), "more than one column called 'a'.* rename them"),
        (pd.DataFrame([[1, 2], [3, 4]], columns=[1, "1"]), "more than one column called '1'"),
    ],
)
def test_data_that_are_no_table_are_told(data: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read(data)


def test_names_are_for_arrays() -> None:
    with pytest.raises(OptionError, match="beside a data frame, which has its own – rename"):
        Table(FRAME, names=["a", "b", "c"])
    with pytest.raises(OptionError, match="names has 1 entries for 3 columns; one for each"):
        Table(ARRAYS["int"], names=["a"])
    with pytest.raises(OptionError, match="more than one column called 'a'"):
        Table(ARRAYS["int"], names=["a", "a", "b"])


def test_columns_whose_names_are_numbers_keep_them() -> None:
    data = pd.DataFrame(ARRAYS["float"], columns=[10, 11, 12])
    seen = Table(data).represent({10: 0.5, 11: 0.5, 12: 0.5})
    assert seen.instance().columns.tolist() == [10, 11, 12]

"""Training rows: what each column is taken for, and what cannot be learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import retrust as rt
from retrust.errors import OptionError

DATA = pd.DataFrame(
    {
        "age": [20.0, 30, 40, np.nan],
        "code": [1, 2, 1, 3],
        "job": ["a", None, "b", "a"],
        "paid": [True, False, True, True],
        "since": pd.to_datetime(["2020-01-01", "2020-02-01", "2021-03-04", "2021-03-05"]),
        "land": ["US"] * 4,
        "said": [f"I want my money back {at}" for at in range(4)],
    }
)


def kinds(table: Any) -> dict[str, str]:
    """Return what columns were taken for."""
    return {column.name: column.kind for column in table.columns}


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas], ids=["pandas", "polars", "arrow"]
)
def test_columns_are_told_apart_in_frames_of_every_make(make: Any) -> None:
    assert kinds(rt.Table(make(DATA))) == {
        "age": "number",
        "code": "number",
        "job": "category",
        "paid": "category",
        "since": "date",
        "land": "constant",
        "said": "text",
    }


def test_numbers_may_be_categories_with_names() -> None:
    table = rt.Table(DATA, categorical={"code": {1: "low", 3: "high"}})
    assert table.columns[1].shown == ("low", "2", "high")
    assert rt.Table(DATA, categorical=[1]).columns[1].shown == ("1", "2", "3")
    assert rt.Table(DATA, categorical="code").columns[1].kind == "category"
    assert rt.Table(DATA, categorical={"code": ["zero", "one", "two", "three"]}).columns[1].shown == (
        "one",
        "two",
        "three",
    )


def test_text_columns_may_be_named_or_denied() -> None:
    assert kinds(rt.Table(DATA, text=["job"]))["job"] == "text"
    assert kinds(rt.Table(DATA, text=["job"]))["said"] == "category"
    assert kinds(rt.Table(DATA, text=()))["said"] == "category"


def test_a_column_with_one_value_and_gaps_is_a_category() -> None:
    table = rt.Table(pd.DataFrame({"a": [1.5, 1.5, np.nan], "b": [1, 2, 3]}))
    assert table.represent([None, 1]).features[0].name == "a missing"
    assert table.represent([1.5, 1]).features[0].name == "a = 1.5"


def test_shares_are_counted_with_what_is_missing() -> None:
    table = rt.Table(DATA)
    assert table.columns[2].shares == pytest.approx([0.5, 0.25, 0.25])
    assert table.columns[0].missing == 0.25
    assert table.columns[3].shares == pytest.approx([0.25, 0.75, 0])


def with_column(values: Any) -> Any:
    return pd.DataFrame({"fine": range(len(values)), "bad": values})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA[:1], "data has 1 row and 7 columns; the training rows are expected – what is absent is drawn"),
        (DATA[:0], "data has 0 rows and 7 columns; the training rows are expected"),
        (np.zeros((0, 3)), "data has 0 rows and 3 columns"),
        (np.zeros((4, 0)), "data has 0 rows and 0 columns"),
        (pd.DataFrame(index=range(4)), "data has 0 rows and 0 columns"),
        (pl.DataFrame({"a": [], "b": []}), "data has 0 rows and 2 columns"),
        (with_column([np.nan] * 3), "column 'bad' has no value in any row.*leave it out or fill it"),
        (with_column([None] * 3), "column 'bad' has no value in any row"),
        (with_column(pd.Series([pd.NaT] * 3)), "column 'bad' has no value in any row"),
        (pl.DataFrame({"fine": [1, 2], "bad": [None, None]}), "column 'bad' has no value in any row"),
        (pa.table({"fine": [1, 2], "bad": [None, None]}), "column 'bad' has no value in any row"),
        (np.array([[1, np.nan], [2, np.nan]]), "column '1' has no value in any row"),
        (with_column([1.0, np.inf, 3]), "column 'bad' has an infinite value in its training rows; finite.*NaN"),
        (with_column([1.0, -np.inf, None]), "column 'bad' has an infinite value"),
        (with_column([1, 2, "three"]), r"column 'bad' holds numbers and texts such as 'three'.*categorical=\['bad'\]"),
        (with_column([1.5, None, "?"]), "column 'bad' holds numbers and texts such as '\\?'.*missing .None."),
        (with_column([[1], [2], [1]]), "column 'bad' holds 'list'; numbers, dates, texts.*leave it out"),
        (with_column([np.arange(2)] * 3), "column 'bad' holds 'ndarray'"),
        (pl.DataFrame({"fine": [1, 2], "bad": [{"x": 1}, {"x": 2}]}), "column 'bad' holds 'dict'"),
        (np.array([[1j, 1], [2, 3]]), "column '0' holds 'complex'"),
        (np.ones((4, 2)), r"every column of data is constant \('0', '1'\); rows that differ are expected"),
    ],
)
def test_training_rows_that_nothing_can_be_learned_from_are_told(data: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        rt.Table(data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"categorical": ["c"]}, "categorical names the column 'c'; data has 'age', 'code'"),
        ({"categorical": {"c": {}}}, "categorical names the column 'c'"),
        ({"categorical": [7]}, "categorical names the column 7"),
        ({"text": ["c"]}, "text names the column 'c'"),
        ({"text": ["age"]}, "text names the column 'age', which holds numbers; texts are expected there"),
        ({"neighbours": "far"}, "neighbours='far'; one of 'columns', 'around', 'nearest'"),
        ({"beside": DATA[["age"]]}, "beside has the columns 'age'; those of data are expected"),
    ],
)
def test_options_that_name_no_column_are_told(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        rt.Table(DATA, **options)


def test_numbers_among_texts_are_categories_where_that_was_said() -> None:
    table = rt.Table(with_column([1, 2, "three"]), categorical=["bad"])
    assert [feature.name for feature in table.represent({"fine": 1, "bad": "three"}).features][1] == "bad = three"

"""Training rows in the containers that people have."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import retrust as rt
from retrust.errors import OptionError
from retrust.rows import alike, columns

OBJECTS = np.array(["a", "bb", "c"], dtype=object)
CONTAINERS: dict[str, Any] = {
    "list": ["a", "bb", "c"],
    "tuple": ("a", "bb", "c"),
    "strings": np.array(["a", "bb", "c"]),
    "objects": OBJECTS,
    "pandas series": pd.Series(["a", "bb", "c"], index=[7, 8, 9], name="text"),
    "polars series": pl.Series("text", ["a", "bb", "c"]),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_rows_are_taken_rewritten_and_joined_in_the_container_they_came_in(kind: str) -> None:
    data = rt.Dataset(CONTAINERS[kind], [1, 2, 3])
    more = data.wearing(["longer than before"], [2])
    whole = data.joined(more)
    assert type(whole.X) is type(CONTAINERS[kind])
    assert list(whole) == ["a", "bb", "c", "longer than before"]
    assert whole.y == [1, 2, 3, 3]
    assert list(whole.take(np.array([True, False, False, True]))) == ["a", "longer than before"]
    assert len(whole) == 4
    assert getattr(whole.X, "name", "text") == "text"


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_keep_their_types(kind: str) -> None:
    frame = pd.DataFrame({"age": [31, 40], "city": pd.Categorical(["Bonn", "Köln"])})
    X = frame if kind == "pandas" else pl.from_pandas(frame)
    data = rt.Dataset(X, pd.Series(["x", "y"]))
    whole = data.joined(data.wearing([{"age": 5, "city": "Bonn"}], [1]))
    assert list(whole.X.dtypes) == list(X.dtypes)
    assert [dict(row)["age"] for row in whole] == [31, 40, 5]
    assert whole.labels == ["x", "y", "y"]
    assert columns(X) == ("age", "city")


def test_arrays_of_pictures_stay_arrays_of_their_type() -> None:
    pictures = np.zeros((2, 4, 4, 3), dtype=np.uint8)
    data = rt.Dataset(pictures, np.array([0, 1]))
    whole = data.joined(data.wearing([np.full((4, 4, 3), 9)], [0]))
    assert whole.X.shape == (3, 4, 4, 3)
    assert whole.X.dtype == np.uint8
    assert whole.y.tolist() == [0, 1, 0]
    assert columns(pictures) is None


def test_a_list_of_arrays_of_different_sizes_is_a_list() -> None:
    made = alike(np.empty(0, dtype=object), ["a", "b"])
    assert (made.dtype, made.tolist()) == (np.dtype(object), ["a", "b"])
    assert alike([], [np.zeros(2), np.zeros(3)])[1].shape == (3,)


def test_weights_are_one_and_marks_none_where_one_part_has_none() -> None:
    plain = rt.Dataset(["a"], [0])
    told = rt.Dataset(["b", "c"], [1, 1], weights=[2, 3], marked=[{"b"}, set()])
    whole = plain.joined(told)
    assert whole.weights.tolist() == [1, 2, 3]
    assert whole.marked == (frozenset(), frozenset({"b"}), frozenset())
    assert whole.take([1]).marked == (frozenset({"b"}),)
    assert told.joined(told).take([3, 0]).weights.tolist() == [3, 2]
    assert plain.joined(plain).weights is None


def test_labels_are_plain_values_and_rows_of_several_are_tuples() -> None:
    assert rt.Dataset(["a", "b"], np.array(["x", "y"])).labels == ["x", "y"]
    assert rt.Dataset(["a", "b"], np.array([[1, 0], [0, 1]])).labels == [(1, 0), (0, 1)]


BAD: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "lengths": (["a", "b"], [1], {}, r"X has 2 rows and y has 1; one label for each row"),
    "one text": ("a text", [1], {}, r"X is str; a list, array, series or frame"),
    "a generator": (iter(["a"]), [1], {}, r"X is list_iterator"),
    "no labels": (["a"], None, {}, r"y is NoneType"),
    "weights": (["a", "b"], [1, 2], {"weights": [1]}, r"weights have shape \(1,\); 2 finite numbers"),
    "negative weights": (["a"], [1], {"weights": [-1]}, r"none below 0"),
    "infinite weights": (["a"], [1], {"weights": [np.inf]}, r"finite numbers"),
    "marks": (["a", "b"], [1, 2], {"marked": [{"a"}]}, r"marked has 1 entries for 2 rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_columns_that_do_not_fit_are_refused(case: str) -> None:
    X, y, options, message = BAD[case]
    with pytest.raises(OptionError, match=message):
        rt.Dataset(X, y, **options)


def test_a_dataset_does_not_change() -> None:
    data = rt.Dataset(["a"], [1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.X = []  # type: ignore[misc]

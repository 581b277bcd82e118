"""Bins: the edges of the ``lime`` package, and names that put the rows where the edges do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from lime.discretize import DecileDiscretizer, EntropyDiscretizer, QuartileDiscretizer
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

import retrust as rt
from retrust.bins import condition, edges_given, edges_of, plain, spelt
from retrust.errors import OptionError

if TYPE_CHECKING:
    from retrust.bins import Named

LOADED = {"iris": load_iris(), "breast cancer": load_breast_cancer(), "wine": load_wine()}
THEIRS = {"quartile": QuartileDiscretizer, "decile": DecileDiscretizer, "entropy": EntropyDiscretizer}


def theirs(found: Any, bins: Named) -> Any:
    """Cut as lime does."""
    return THEIRS[bins](found.data, [], list(found.feature_names), labels=found.target, random_state=0)


@pytest.mark.parametrize("data", LOADED)
@pytest.mark.parametrize("bins", THEIRS)
def test_edges_are_those_of_the_lime_package(data: str, bins: Named) -> None:
    found = LOADED[data]
    table = rt.Table(found.data, names=found.feature_names, bins=bins, labels=found.target)
    cut = theirs(found, bins)
    for at, column in enumerate(table.columns):
        assert column.edges.tolist() == cut.mins[at][1:]
        assert column.means == pytest.approx(cut.means[at], rel=1e-12)
        assert column.spreads == pytest.approx(cut.stds[at], abs=1e-10)
        assert (column.lows.tolist(), column.highs.tolist()) == (cut.mins[at], cut.maxs[at])


def ends(name: str, column: str) -> tuple[float, float]:
    """Read the edges that a name states."""
    low = re.match(rf"(\S+) < {re.escape(column)}", name) or re.fullmatch(rf"{re.escape(column)} > (\S+)", name)
    high = re.search(r"≤ (\S+)$", name)
    return float(low[1]) if low else -np.inf, float(high[1]) if high else np.inf


@pytest.mark.parametrize("data", LOADED)
@pytest.mark.parametrize("bins", THEIRS)
def test_names_state_the_edges_of_the_lime_package(data: str, bins: Named) -> None:
    """One row in 200 may be on the other side of an edge as it is written, as the spelling promises."""
    found = LOADED[data]
    table = rt.Table(found.data, names=found.feature_names, bins=bins, labels=found.target)
    cut = theirs(found, bins).discretize(found.data)
    for at, column in enumerate(table.columns):
        values, states = found.data[:, at], cut[:, at]
        names = [column.condition(value) for value in values]
        for name, value in zip(names, values, strict=True):
            low, high = ends(name, column.name)
            assert low < value <= high
        assert column.spelling is not None
        written = np.searchsorted([float(text) for text in column.spelling.texts], values)
        assert np.mean(written != states) <= 0.005


def test_every_named_way_cuts_a_column_of_one_value_at_it() -> None:
    labels = np.array([0, 1, 0, 1])
    assert edges_of(np.ones(4), "quartile").tolist() == [1]
    assert edges_of(np.ones(4), "decile").tolist() == [1]
    assert edges_of(np.ones(4), "entropy", labels).tolist() == [1]


def test_entropy_cuts_where_the_label_changes() -> None:
    values = np.arange(10.0)
    assert edges_of(values, "entropy", values > 6).tolist() == [6.5]
    assert edges_of(values, "entropy", np.where(values > 6, "late", "early")).tolist() == [6.5]


def test_conditions_are_open_where_an_interval_is() -> None:
    assert condition("age", None, "37") == "age ≤ 37"
    assert condition("age", "28", None) == "age > 28"
    assert condition("age", "28", "37") == "28 < age ≤ 37"


def test_edges_are_written_with_the_digits_that_tell_the_rows_apart() -> None:
    assert spelt(np.array([0.30004, 0.7]), np.arange(10) / 10 + 0.05).texts == ("0.3", "0.7")
    assert spelt(np.array([12345.4]), np.array([0.0, 50000.0])).texts == ("10000",)
    assert spelt(np.array([1.004, 1.006]), np.array([1.003, 1.005, 1.007])).texts == ("1.004", "1.006")


@given(arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e9, 1e9).map(lambda x: round(x, 4))))
def test_the_instances_own_value_is_always_inside_the_condition_as_it_is_written(values: Any) -> None:
    edges = edges_of(values, "quartile")
    spelling = spelt(edges, values)
    for value in values.tolist():
        state = int(np.searchsorted(edges, value))
        low = edges[state - 1] if state else None
        name = spelling.condition("x", low, edges[state] if state < len(edges) else None, value)
        least, most = ends(name.replace("np.float64(", "").replace(")", ""), "x")
        assert least < value <= most


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1e22, "1e+22")])
def test_numbers_are_written_plainly(value: float, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize("edges", [4, "x", [], [[1, 2]], [np.nan], [1, np.inf], [None], object()])
def test_edges_that_are_none_are_refused_with_an_example(edges: Any) -> None:
    with pytest.raises(OptionError, match=r"finite numbers are expected.*\[18, 65\]"):
        edges_given(edges, "bins")


DATA = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 9.0]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": "median"}, "'quartile', 'decile', 'entropy', edges, or None"),
        ({"bins": "entropy"}, "pass labels="),
        ({"bins": {"b": "entropy"}}, "bins of 'b'=\"entropy\".*pass labels="),
        ({"bins": {"b": 3}}, "bins of 'b'=3; finite numbers"),
        ({"bins": {"c": [3]}}, "bins names the column 'c'; data has 'a', 'b'"),
        ({"bins": "entropy", "labels": [1, 2]}, "labels has 2 entries for 4 rows"),
        ({"bins": "entropy", "labels": [1, 2, None, 1]}, "rows without a label; leave them out"),
        ({"bins": "entropy", "labels": [0.1, 0.2, 0.3, 0.4]}, "labels are no classes; .*y > y.mean"),
    ],
)
def test_ways_to_cut_that_there_are_not_are_told(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        rt.Table(DATA, names=["a", "b"], **options)


def test_each_column_may_be_cut_its_own_way() -> None:
    table = rt.Table(DATA, names=["a", "b"], bins={"a": [2.5], "b": None})
    assert [feature.name for feature in table.represent([1, 5]).features] == ["a ≤ 2.5", "b"]
    assert (
        rt.Table(DATA, names=["a", "b"], bins={0: "decile"}).columns[0].edges.tolist()
        == edges_of(DATA[:, 0], "decile").tolist()
    )
    assert rt.Table(DATA, names=["a", "b"], bins={"a": [2.5]}).columns[1].edges.tolist() == [5.75, 6.5, 7.5]

"""Rows as the page sees them: conditions with their ends, columns with how they are spread."""

from __future__ import annotations

import json
from typing import Any

import applicants
import numpy as np
import pytest
from applicants import explained
from scipy import sparse

import retrust as rt
from retrust import contract, tabular


def scene(**options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(contract.scene(explained(**options)), allow_nan=False))
    return found


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Find a column by its name."""
    return next(one for one in found["columns"] if one["name"] == name)


def of(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Find the features of a column."""
    return [feature for feature in found["features"] if found["columns"][feature["column"]]["name"] == name]


def test_a_condition_on_a_number_crosses_with_its_ends_and_the_value_lies_between() -> None:
    found = scene()
    (age,) = of(found, "age")
    value = column(found, "age")["at"]
    assert age.keys() == {"name", "column", "low", "high"}
    assert value == applicants.frame()["age"][applicants.ROW]
    assert age["low"] < value <= age["high"]


def test_the_first_interval_is_open_below_and_the_last_above() -> None:
    table = rt.Table(np.arange(20.0).reshape(-1, 1), bins=[4.75, 14.25], names=["n"])
    ends = [tabular.described(table.represent([value]))["features"][0] for value in (0.0, 19.0)]
    assert [(one["low"], one["high"]) for one in ends] == [(None, 4.75), (14.25, None)]


def test_a_category_and_a_word_have_no_interval() -> None:
    found = scene()
    assert of(found, "home") == [{"name": of(found, "home")[0]["name"], "column": 1}]
    words = of(found, "letter")
    assert "again" in [word["name"] for word in words]
    assert all(word.keys() == {"name", "column"} for word in words)


def test_a_slope_counts_by_where_the_value_is_and_its_sum_is_the_surrogates_answer() -> None:
    e = explained(bins=None, n=400)
    found = contract.scene(e)
    (age,) = of(found, "age")
    assert age["mean"] + age["at"] * age["per"] == pytest.approx(column(found, "age")["at"])
    counted = [e.coefficients[i] * feature.get("at", 1.0) for i, feature in enumerate(found["features"])]
    assert e.intercept + sum(counted) == pytest.approx(e.local_prediction)


def test_a_missing_value_is_written_as_nothing_and_its_condition_has_no_ends() -> None:
    rows = [[float(i), None if i % 3 == 0 else i] for i in range(12)]
    found = tabular.described(rt.Table(rows, names=["n", "m"]).represent([4.0, None]))
    assert found["features"][1] == {"name": "m missing", "column": 1}
    assert (found["columns"][1]["value"], found["columns"][1]["at"]) == ("", None)
    assert found["columns"][1]["missing"] == pytest.approx(1 / 3)


def test_a_histogram_counts_every_training_row_that_has_a_value() -> None:
    found, rows = scene(), applicants.frame()
    for name in ("age", "income", "since", "children"):
        one = column(found, name)
        assert sum(one["counts"]) == rows[name].notna().sum()
        assert len(one["edges"]) == len(one["counts"]) + 1
        assert one["edges"] == sorted(one["edges"])
        assert one["missing"] == pytest.approx(rows[name].isna().mean())


def test_numbers_say_whether_they_are_whole_and_dates_do_not() -> None:
    found = scene()
    assert (column(found, "age")["whole"], column(found, "income")["whole"]) == (True, False)
    assert "whole" not in column(found, "since")
    assert column(found, "since")["kind"] == "date"


def test_options_come_commonest_first_with_their_shares() -> None:
    home = column(scene(), "home")
    shares = applicants.frame()["home"].value_counts(normalize=True)
    assert dict(map(tuple, home["options"])) == pytest.approx(shares.to_dict())
    assert [share for _, share in home["options"]] == sorted(shares, reverse=True)
    assert home["more"] == 0


def test_of_many_options_fifty_cross_and_the_rows_own_is_among_them() -> None:
    rows = [[f"town {i % 60:02}", i] for i in range(60 * 3)] + [["town 07", 1]]
    found = tabular.described(rt.Table(rows, names=["town", "n"]).represent(["town 59", 3]))["columns"][0]
    assert (len(found["options"]), found["more"]) == (50, 10)
    assert found["options"][0][0] == "town 07"
    assert "town 59" in [name for name, _ in found["options"]]


def test_a_text_is_its_pieces_and_each_word_points_at_its_feature() -> None:
    found = scene()
    letter = column(found, "letter")
    assert "".join(piece for piece, _ in letter["pieces"]) == letter["value"] == applicants.frame()["letter"][3]
    named = [(found["features"][feature]["name"], piece) for piece, feature in letter["pieces"] if feature >= 0]
    assert named
    assert all(name == piece for name, piece in named)


def test_a_text_that_is_missing_has_no_pieces() -> None:
    rows = [[f"a good long letter {i}", i] for i in range(4)]
    found = tabular.described(rt.Table(rows, names=["letter", "n"], text=["letter"]).represent([None, 1]))
    assert found["columns"][0] == {"name": "letter", "kind": "text", "value": "", "pieces": []}


def test_a_constant_column_has_a_value_and_no_feature() -> None:
    found = scene()
    assert column(found, "country") == {"name": "country", "kind": "constant", "value": "US"}
    assert of(found, "country") == []


def test_rows_to_compare_with_have_a_value_for_each_column() -> None:
    found = scene()
    assert len(found["others"]) == 12
    assert all(len(other["values"]) == len(found["columns"]) for other in found["others"])
    row = int(found["others"][0]["title"].removeprefix("training row "))
    assert found["others"][0]["values"][0] == str(applicants.frame()["age"][row])


def test_a_sparse_row_has_the_columns_that_are_not_0() -> None:
    matrix = sparse.csr_array(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 4.0], [0.0, 3.0, 1.0]]))
    e = rt.explain(lambda X: X.sum(axis=1) / 9, matrix[[2]], domain=rt.Table(matrix, names=["a", "b", "c"]))
    found = contract.scene(e)
    assert (found["kind"], found["others"]) == ("table", [])
    assert found["features"] == [{"name": "b = 3", "column": 0}, {"name": "c = 1", "column": 1}]
    assert [(one["name"], one["value"], sum(one["counts"])) for one in found["columns"]] == [
        ("b", "3", 3),
        ("c", "1", 3),
    ]


def test_a_reading_says_how_many_samples_count_and_where_the_surrogate_is_global() -> None:
    e = explained()
    assert contract.reading(e)["effective"] == pytest.approx(
        e.weighted.weights.sum() ** 2 / (e.weighted.weights**2).sum()
    )
    assert "weighs all samples nearly alike" in contract.reading(e)["locality"]
    near = contract.reading(e.read(kernel=rt.exponential(0.5, "euclidean")))
    assert near["locality"] is None
    assert near["effective"] < contract.reading(e)["effective"]
    assert contract.reading(e.kept("fit"))["effective"] is None


def test_a_mark_is_named_by_its_column_whatever_the_rows_condition_is() -> None:
    e = explained()
    ledger = rt.Ledger((rt.Mark("age"), rt.Mark("letter: again")))
    assert [(mark["name"], len(mark["features"])) for mark in contract.marks(ledger, e)] == [
        ("age", 1),
        ("letter: again", 1),
    ]


def test_the_spread_of_a_probe_is_the_middle_nine_tenths_of_its_draws() -> None:
    draws = np.column_stack([np.linspace(0, 1, 101), np.full(101, 0.5)])
    found = contract.probe([0], {}, [draws])
    assert found["outputs"] == [pytest.approx([0.5, 0.5])]
    assert found["spread"] == [[pytest.approx([0.05, 0.95]), pytest.approx([0.5, 0.5])]]
    lacking = contract.probe([0], {}, [np.full((50, 1), np.nan)])
    assert (lacking["outputs"], lacking["spread"]) == ([[None]], [[[None, None]]])

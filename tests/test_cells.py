"""Rows that travel as JSON: all that draws need comes back, in the make of table that the model takes."""

from __future__ import annotations

import json
import pickle
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import applicants
import numpy as np
import pandas as pd
import pytest
from applicants import explained, lender
from scipy import sparse
from test_contract import JUNK, damaged, paths

import retrust as rt
from retrust import cells, contract
from retrust.errors import ContractError, DetachedError

if TYPE_CHECKING:
    from pathlib import Path

MAKES = ("array", "pandas", "polars", "pyarrow")


def travelled(e: rt.Explanation) -> rt.Explanation:
    return rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))


def same(one: Any, other: Any) -> bool:
    """Tell whether two batches hold the same in the same types."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    return bool(type(one) is type(other) and one.equals(other))


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("options", [{}, {"bins": None}, {"neighbours": "nearest"}, {"neighbours": "around"}], ids=str)
def test_a_row_that_travelled_is_drawn_and_probed_as_before(make: str, options: dict[str, Any]) -> None:
    e = explained(make, **options)
    again = travelled(e)
    assert again.to_dict() == e.to_dict()
    assert again.plan == e.plan
    assert contract.scene(again) == contract.scene(e)
    masks = np.random.default_rng(1).random((30, len(e.features))) < 0.5
    batches = [one.representation.perturb(masks, np.random.default_rng(2)) for one in (e, again)]
    assert same(*batches)
    with pytest.raises(DetachedError):
        again.probe()
    assert np.array_equal(again.attach(lender).draws([0]), e.draws([0]))
    assert len(e.draws([0])) == 50


@pytest.mark.parametrize("make", MAKES[1:])
def test_an_edited_category_is_asked_for_after_travelling(make: str) -> None:
    e = travelled(explained(make)).attach(lender)
    age = applicants.frame()["age"][applicants.ROW]
    assert e.probe(edits={1: "own"})[1] == pytest.approx(0.2 + age / 200 + 0.3)
    assert e.probe(edits={1: "rent"})[1] == pytest.approx(0.2 + age / 200)


def test_what_was_sampled_goes_on_after_travelling() -> None:
    e = explained()
    again = travelled(e).attach(lender)
    assert again.read(n_features=2).top() == e.read(n_features=2).top()


@pytest.mark.parametrize("make", MAKES)
def test_a_pickled_row_is_probed_as_before(make: str) -> None:
    e = explained(make)
    again = pickle.loads(pickle.dumps(e)).attach(lender)
    assert np.array_equal(again.draws([0]), e.draws([0]))


@pytest.mark.parametrize("name", ["found.jsonl", "found.parquet"])
def test_rows_in_a_file_come_back_and_can_be_probed(name: str, tmp_path: Path) -> None:
    rows = applicants.frame()
    explainer = rt.Explainer(lender, rt.Table(rows), classes=["no", "yes"])
    found = explainer.explain_many([rows.iloc[i] for i in range(3)], n_samples=60, progress=False)
    found.save(tmp_path / name)
    again = rt.load(tmp_path / name)
    for one, other in zip(again, found, strict=True):
        assert one.top() == other.top()
        assert np.array_equal(one.attach(lender).draws(["home"]), other.attach(lender).draws(["home"]))


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, "a & b", 2.5, float("inf")),
        np.datetime64("2021-03-04T05:06"),
        datetime(2021, 3, 4, 5, 6, tzinfo=timezone.utc),
        date(2021, 3, 4),
        pd.NA,
        pd.NaT,
    ],
    ids=repr,
)
def test_a_value_comes_back_in_its_type(value: Any) -> None:
    again = cells.read_cell(json.loads(json.dumps(cells.cell(value), allow_nan=False)))
    assert type(again) is type(value)
    assert again is value or again == value


def test_numbers_of_numpy_and_moments_of_pandas_come_back_as_pythons() -> None:
    assert cells.read_cell(cells.cell(np.int8(3))) == 3
    assert cells.read_cell(cells.cell(np.bool_(0))) is False
    assert np.isnan(cells.read_cell(cells.cell(np.float32("nan"))))
    moment = pd.Timestamp("2021-03-04 05:06", tz="Europe/Vienna")
    assert cells.read_cell(cells.cell(moment)) == moment


def test_the_types_of_a_frame_come_back() -> None:
    rows = pd.DataFrame(
        {
            "f": pd.Series([1.5, None, 2.5, 4.0], dtype="Float64"),
            "b": pd.Series([True, None, False, True], dtype="boolean"),
            "s": pd.Series(["x", "y", None, "x"], dtype="string"),
            "o": pd.Series(["x", "y", "x", 3], dtype=object),
            "t": pd.Series(pd.date_range("2020", periods=4, tz="UTC")),
            "c": pd.Categorical([3, 1, 3, 2], categories=[3, 1, 2], ordered=True),
            7: np.array([1, 2, 3, 4], dtype=np.int8),
        }
    )
    table = rt.Table(rows, categorical=["o"])
    e = rt.explain(lambda X: np.array(X[7], dtype=float) / 9, rows.iloc[3], domain=table, n_samples=20)
    batch: Any = travelled(e).representation.perturb(
        np.ones((2, len(e.features)), dtype=bool), np.random.default_rng(0)
    )
    assert batch.dtypes.to_dict() == rows.dtypes.to_dict()
    assert list(batch.columns) == list(rows.columns)


def test_what_json_cannot_say_stays_behind_and_says_so() -> None:
    rows = pd.DataFrame({"price": [Decimal(1), Decimal(2), Decimal(2)], "n": [1.0, 2.0, 4.0]})
    rows["price"] = rows["price"].astype(object)
    table = rt.Table(rows, categorical=["price"])
    e = rt.explain(lambda X: X["n"].to_numpy() / 9, rows.iloc[1], domain=table, n_samples=20)
    assert e.to_dict()["representation"]["kind"] == "parts"
    again = travelled(e).attach(lambda X: X["n"].to_numpy() / 9)
    assert again.top() == e.top()
    with pytest.raises(DetachedError, match="did not travel"):
        again.probe()


def test_a_kernel_of_the_users_own_is_replaced_by_the_tables() -> None:
    rows, row = applicants.made("array")
    e = rt.Explainer(lender, rt.Table(rows), kernel=lambda masks: masks.mean(axis=1) + 0.1).explain(row, n_samples=60)
    again = travelled(e)
    assert again.kernel == e.representation.kernel  # type: ignore[attr-defined]
    assert np.array_equal(again.weighted.weights, e.weighted.weights)


def test_a_sparse_row_travels() -> None:
    matrix = sparse.csr_matrix(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 4.0], [0.0, 3.0, 1.0]]))

    def model(X: Any) -> Any:
        return np.asarray(X.sum(axis=1)).ravel() / 9

    e = rt.explain(model, matrix[[2]], domain=rt.Table(matrix), n_samples=20)
    again = travelled(e).attach(model)
    assert again.to_dict() == e.to_dict()
    assert again.probe([0]) == pytest.approx([1 / 9])
    assert again.probe(edits={0: "5"}) == pytest.approx([6 / 9])
    assert isinstance(again.representation.perturb(np.ones((1, 2), bool), np.random.default_rng(0)), sparse.csr_matrix)


def test_a_frame_whose_library_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = explained("polars").to_dict()
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ContractError, match="polars is not installed – install it"):
        rt.from_dict(kept)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_a_damaged_row_is_told_so_or_still_works_wholly(junk: Any) -> None:
    e = explained(n=20)
    kept = e.to_dict()
    for path in paths(kept["representation"]):
        try:
            again = rt.from_dict({**kept, "representation": damaged(kept["representation"], path, junk)})
        except ContractError:
            continue
        assert contract.scene(again)
        assert again.attach(lender).probe([0]).shape == (2,)


@pytest.mark.parametrize("cut", [7, -8], ids=["begun", "cut short"])
def test_what_was_learned_is_whole_or_told(cut: int) -> None:
    kept = explained(n=20).to_dict()
    text = kept["representation"]["table"]
    kept["representation"]["table"] = text[: cut // 4 * 4]
    with pytest.raises(ContractError, match="damaged"):
        rt.from_dict(kept)

"""Columns: the law of sampling of the ``lime`` package, draws inside states, and values read and written."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lime.lime_tabular import LimeTabularExplainer
from scipy.stats import ks_2samp
from sklearn.datasets import load_iris

import retrust as rt
from retrust.columns import is_missing, moment, moments, seconds, written_date
from retrust.errors import InstanceError, OptionError

Table: Any = rt.Table  # what it makes of a row is dense or sparse

IRIS = load_iris()
N = 20_000
SIGMAS = 6  # one honest test in 500 million fails


def ours(table: Any, row: Any, n: int = N) -> Any:
    """Draw rows as an explanation does."""
    seen = table.represent(row)
    masks = seen.sampler(len(seen.features), n, np.random.default_rng(0))
    return masks, seen.perturb(masks, np.random.default_rng(1))


def apart(n: int, m: int) -> float:
    """Return how far two empirical distributions of one law are apart at most (Smirnov; once in 10⁹)."""
    return math.sqrt(-math.log(1e-9 / 2) / 2 * (n + m) / (n * m))


@pytest.mark.parametrize("bins", ["quartile", "decile", "entropy"])
def test_states_are_drawn_as_often_and_values_spread_in_them_as_in_the_lime_package(bins: Any) -> None:
    row = IRIS.data[77]
    explainer = LimeTabularExplainer(IRIS.data, training_labels=IRIS.target, discretizer=bins, random_state=0)
    binary, drawn = explainer._LimeTabularExplainer__data_inverse(row, N)
    masks, inputs = ours(Table(IRIS.data, bins=bins, labels=IRIS.target), row)
    found = explainer.discretizer.discretize(inputs)
    own = explainer.discretizer.discretize(row)
    assert np.array_equal(found == own, masks)
    for at in range(4):
        shares = explainer.feature_frequencies[at]
        values = explainer.feature_values[at]
        assert set(np.unique(found[:, at])) == {value for value, share in zip(values, shares, strict=True) if share}
        for value, share in zip(values, shares, strict=True):
            assert abs((found[:, at] == value).mean() - share) <= SIGMAS * math.sqrt(share * (1 - share) / N)
            inside = inputs[found[:, at] == value, at].round(9)  # theirs have 1e-11 of noise where a state is one value
            there = drawn[1:][explainer.discretizer.discretize(drawn[1:])[:, at] == value, at].round(9)
            assert ks_2samp(inside, there).statistic <= apart(len(inside), len(there))
            spread = max(inside.std(), there.std()) * math.sqrt(1 / len(inside) + 1 / len(there))
            assert inside.mean() == pytest.approx(there.mean(), rel=1e-14, abs=SIGMAS * spread)
    assert abs(binary[1:].mean() - masks.mean()) <= SIGMAS * 0.5 * math.sqrt(2 / (4 * N))


def test_columns_are_drawn_independently() -> None:
    _, inputs = ours(Table(IRIS.data), IRIS.data[77])
    correlation = np.corrcoef(inputs, rowvar=False)
    assert np.abs(correlation[np.triu_indices(4, 1)]).max() <= SIGMAS / math.sqrt(N)
    assert np.abs(np.corrcoef(IRIS.data, rowvar=False)[2, 3]) > 0.9


def test_without_bins_values_are_normal_with_the_columns_own_mean_and_spread() -> None:
    _, inputs = ours(Table(IRIS.data, bins=None), IRIS.data[77])
    wanted = IRIS.data.mean(axis=0), IRIS.data.std(axis=0)
    assert np.all(np.abs(inputs.mean(axis=0) - wanted[0]) <= SIGMAS * wanted[1] / math.sqrt(N))
    assert np.all(np.abs(inputs.std(axis=0) - wanted[1]) <= SIGMAS * wanted[1] / math.sqrt(2 * N))


def test_around_the_instance_values_are_normal_about_it_and_stay_in_the_columns_range() -> None:
    row, table = IRIS.data[77], Table(IRIS.data, neighbours="around")
    seen = table.represent(row)
    inputs = seen.perturb(np.zeros((N, 4), bool), np.random.default_rng(0))
    assert np.all(inputs >= IRIS.data.min(axis=0))
    assert np.all(inputs <= IRIS.data.max(axis=0))
    for at, column in enumerate(table.columns):
        assert not (np.array([column.state(value) for value in inputs[:, at]]) == seen.draws.own[at]).any()
    masks = seen.sampler(4, N, np.random.default_rng(0))
    free = np.where(masks, np.nan, seen.perturb(masks, np.random.default_rng(0)))
    nearer = np.abs(free - row) < np.abs(ours(Table(IRIS.data), row)[1] - row)
    assert np.nanmean(np.where(masks, np.nan, nearer)) > 0.5 - SIGMAS * 0.5 / math.sqrt(N)


def test_around_without_bins_the_mean_is_the_instance() -> None:
    row, table = IRIS.data[77], Table(IRIS.data, bins=None, neighbours="around")
    inputs = table.represent(row).perturb(np.zeros((N, 4), bool), np.random.default_rng(0))
    spread = IRIS.data.std(axis=0)
    assert np.all(np.abs(inputs.mean(axis=0) - row) <= SIGMAS * spread / math.sqrt(N))
    assert np.all(np.abs(inputs.std(axis=0) - spread) <= SIGMAS * spread / math.sqrt(2 * N))


@pytest.mark.parametrize("neighbours", ["columns", "around", "nearest"])
def test_whole_numbers_are_drawn_whole_and_inside_their_intervals(neighbours: Any) -> None:
    rng = np.random.default_rng(0)
    data = np.column_stack([rng.integers(0, 90, 300), rng.integers(0, 3, 300)])
    table = Table(data, neighbours=neighbours)
    seen = table.represent(data[0])
    inputs = seen.perturb(np.zeros((2000, 2), bool), rng)
    assert inputs.dtype == data.dtype
    assert np.all((inputs >= data.min(axis=0)) & (inputs <= data.max(axis=0)))
    if neighbours == "columns":
        states = [[column.state(value) for value in inputs[:, at]] for at, column in enumerate(table.columns)]
        assert not (seen.draws.own == np.array(states).T).any()


def mixed() -> Any:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "age": np.where(rng.random(400) < 0.2, np.nan, rng.normal(40, 10, 400)),
            "job": rng.choice(np.array(["a", "b", "c", None]), 400, p=[0.6, 0.2, 0.1, 0.1]),
            "rare": ["x"] * 399 + ["y"],
        }
    )


def test_categories_and_missing_values_are_drawn_as_often_as_they_occur() -> None:
    data = mixed()
    masks, inputs = ours(Table(data), data.iloc[0])
    for name in data:
        for value in [*data[name].dropna().unique()[:5], None] if name != "age" else [None]:
            share = (data[name].isna() if value is None else data[name] == value).mean()
            drawn = (inputs[name].isna() if value is None else inputs[name] == value).mean()
            assert abs(drawn - share) <= SIGMAS * math.sqrt(share * (1 - share) / N)
    assert (inputs["rare"][~masks[:, 2]] == "y").all()


def test_what_is_absent_is_in_another_state_however_rare() -> None:
    data = mixed()
    inputs = Table(data).represent(data.iloc[399]).perturb(np.zeros((500, 3), bool), np.random.default_rng(0))
    assert (inputs["rare"] == "x").all()


def test_a_column_with_hundreds_of_categories_is_drawn_as_they_occur() -> None:
    rng = np.random.default_rng(0)
    places = [f"place {at:03d}" for at in rng.geometric(0.01, 3000)]
    data = pd.DataFrame({"place": places, "n": rng.normal(size=3000)})
    masks, inputs = ours(Table(data), data.iloc[0])
    shares, found = data["place"].value_counts(normalize=True), inputs["place"].value_counts(normalize=True)
    assert set(found.index) <= set(shares.index)
    for place, share in shares.items():
        assert abs(found.get(place, 0) - share) <= SIGMAS * math.sqrt(share * (1 - share) / N) + 1 / N
    assert np.array_equal(inputs["place"] == data["place"][0], masks[:, 0])


@given(st.lists(st.sampled_from([1.0, 2.0, 2.5, 3.0, 50.0, math.nan]), min_size=3, max_size=30), st.data())
def test_a_condition_holds_exactly_where_the_mask_says(values: list[float], data: Any) -> None:
    if len({value for value in values if value == value}) < 2:  # noqa: PLR0124 – NaN is not itself
        values = [*values, 1.0, 9.0]
    table = Table(np.array(values)[:, None])
    row = data.draw(st.sampled_from(values))
    seen = table.represent([row])
    masks = np.arange(40)[:, None] % 2 == 0
    inputs = seen.perturb(masks, np.random.default_rng(0))
    states = [table.columns[0].state(value) for value in inputs[:, 0].tolist()]
    assert [state == seen.draws.own[0] for state in states] == masks[:, 0].tolist()


# --- values ----------------------------------------------------------------------------------------------------------

FRAME = pd.DataFrame(
    {
        "age": [20, 30, 40, 50],
        "height": [1.5, np.nan, 1.75, 1.8],
        "job": ["a", "b", None, "b"],
        "since": pd.to_datetime(["2020-01-01", "2020-02-01", "2021-03-04", "2021-03-05"]),
        "paid": [True, False, True, True],
    }
)
COLUMNS = {column.name: column for column in Table(FRAME).columns}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("age", "old", "'age' is 'old'; a number is expected"),
        ("age", math.inf, "'age' is inf; a finite number is expected"),
        ("age", -math.inf, "'age' is -inf; a finite number"),
        ("height", [1], r"'height' is \[1\]; a number is expected"),
        ("height", object, "'height' is <class 'object'>; a number is expected"),
        ("job", "q", "'job' is 'q', which no training row has; known are 'a', 'b' – give data="),
        ("job", 3, "'job' is 3, which no training row has"),
        ("job", ["a"], "'job' is .'a'., which no training row has"),
        ("paid", "yes", "'paid' is 'yes', which no training row has; known are 'False', 'True'"),
        ("paid", None, "'paid' is missing; no training row lacks it.* fill it in"),
        ("since", "soon", "'since' is 'soon'; a date is expected"),
        ("since", 3.5, "'since' is 3.5; a date is expected"),
    ],
)
def test_a_value_that_a_column_cannot_have_is_told_with_its_name(name: str, value: Any, message: str) -> None:
    row = FRAME.iloc[0].to_dict() | {name: value}
    with pytest.raises(InstanceError, match=f"column {message}"):
        Table(FRAME).represent(row)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("age", " 31 ", 31),
        ("height", "1.625", 1.625),
        ("job", "b", 1),
        ("since", "1970-01-02", 86400),
        ("paid", "True", 1),
    ],
)
def test_what_a_reader_types_is_read(name: str, text: str, value: float) -> None:
    assert COLUMNS[name].parsed(text) == value
    assert COLUMNS[name].text(COLUMNS[name].parsed(text)) == text.strip()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("age", "1.5", "age cannot be '1.5'; a whole number is expected$"),
        ("age", "", "age cannot be ''; a whole number is expected$"),
        ("height", "inf", "a number is expected, or nothing where it is missing"),
        ("height", "tall", "a number is expected"),
        ("job", "c", "one of 'a', 'b' is expected, or nothing"),
        ("since", "soon", "a date such as 2021-03-04 is expected"),
        ("paid", "yes", "one of 'False', 'True' is expected"),
    ],
)
def test_what_it_cannot_be_is_told(name: str, text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        COLUMNS[name].parsed(text)


def test_nothing_typed_is_missing_where_training_rows_lack_it_too() -> None:
    assert math.isnan(COLUMNS["height"].parsed(" "))
    assert math.isnan(COLUMNS["job"].parsed(""))
    assert COLUMNS["height"].condition(math.nan) == "height missing"
    assert COLUMNS["height"].text(math.nan) == ""


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 – without a zone
def test_a_moment_is_the_same_after_it_was_a_number(at: datetime) -> None:
    assert moments(np.array([seconds(moment(at))]))[0].item() == at


def test_a_zone_is_taken_into_account() -> None:
    paris = timezone(timedelta(hours=1))
    assert moment(datetime(2020, 1, 1, tzinfo=paris)) == np.datetime64("2019-12-31T23:00")
    assert moment(pd.Timestamp("2020-01-01", tz="Europe/Paris")) == np.datetime64("2019-12-31T23:00")
    assert moment(date(2020, 1, 1)) == np.datetime64("2020-01-01")


def test_missing_values_of_every_make_are_known() -> None:
    assert all(map(is_missing, [None, math.nan, np.float32("nan"), np.datetime64("NaT"), pd.NaT, pd.NA]))
    assert not any(map(is_missing, [0, "", "?", "nan", False, np.array([1, 2]), [None]]))


def test_dates_are_written_with_the_time_where_there_is_any() -> None:
    assert [written_date(value) for value in (0.0, 60.0, 61.0)] == [
        "1970-01-01",
        "1970-01-01 00:01",
        "1970-01-01 00:01:01",
    ]

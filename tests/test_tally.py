"""Which columns of a table say what a marked one says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import retrust as rt
from retrust.tally import Tally

N = 600


def tally(X: pd.DataFrame, y: Any, **options: Any) -> Tally:
    text = ["note"] if "note" in X.columns else None
    return Tally.of(X, list(y), rt.Table(X, text=text), **options)


def told(found: Tally, *marked: str) -> dict[str, set[str]]:
    return {each.feature.key: {one.kind for one in each.evidence} for each in found.suggest(marked)}


def test_noise_is_no_sibling_whatever_the_number_of_its_categories() -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{k}": rng.integers(0, k, N).astype(str) for k in (2, 5, 30, 500)}
    X = pd.DataFrame({**columns, "number": rng.normal(size=N), "once": [*["a"] * (N - 1), "b"]})
    y = rng.integers(0, 3, N)
    assert told(tally(X, y), *X.columns[:2]) == {}
    assert [told(tally(X, y), name) for name in X.columns] == [{}] * 6


def test_what_two_columns_share_is_not_told_where_the_label_explains_it() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, N)
    hurt = [np.where(rng.random(N) < 0.05, 1 - y, y) for _ in range(2)]
    X = pd.DataFrame({"a": hurt[0], "b": hurt[1], "copy": hurt[0], "z": rng.normal(size=N)}).astype(
        {"a": str, "b": str}
    )
    assert told(tally(X, y), "a") == {"copy": {"says", "tells"}, "b": {"tells"}}


def test_a_copy_that_goes_down_where_the_other_goes_up_and_a_coarse_one_are_found() -> None:
    rng = np.random.default_rng(0)
    age = rng.integers(18, 90, N).astype(float)
    X = pd.DataFrame({"age": age, "born": 2000 - age, "old": np.where(age > 60, "yes", "no"), "z": rng.normal(size=N)})
    y = rng.integers(0, 2, N)
    assert told(tally(X, y), "age") == {"born": {"rank", "says"}}
    assert told(tally(X, y), "old") == {"age": {"says"}, "born": {"says"}}
    evidence = tally(X, y).suggest(["age"])[0].evidence
    assert "correlation with 'age' by rank: -1.00" in [one.words for one in evidence]


def test_a_column_that_lacks_values_is_told_by_that_alone() -> None:
    rng = np.random.default_rng(0)
    lacks = np.arange(N) % 6 == 0
    X = pd.DataFrame({"a": np.where(lacks, np.nan, rng.normal(size=N)), "b": pd.array(rng.integers(0, 9, N), "Int64")})
    X.loc[lacks, "b"] = pd.NA
    X["day"] = pd.to_datetime("2021-01-01") + pd.to_timedelta(rng.integers(0, 99, N), "D")
    X.loc[lacks[::-1], "day"] = pd.NaT
    found = tally(X, rng.integers(0, 2, N)).suggest(["a"])
    assert [str(each) for each in found] == ["b: missing together with 'a' in 100 of the 100 rows that lack either"]


def test_a_measured_target_is_given_away_too() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=N)
    X = pd.DataFrame({"leak": np.round(np.exp(y), 3), "other": rng.normal(size=N), "mark": rng.normal(size=N)})
    (suggestion,) = tally(X, y, measured=True).suggest(["mark"])
    assert suggestion.feature.key == "leak"
    assert str(suggestion).startswith("leak: it alone explains 9")


def test_words_are_held_against_words_of_their_column() -> None:
    rng = np.random.default_rng(0)
    plain = [" ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 30)) for _ in range(90)]
    notes = [text if i % 3 else f"{text} zig zag" for i, text in enumerate(plain)]
    X = pd.DataFrame({"note": [*notes, None], "age": rng.normal(size=91)})
    found = tally(X, [i % 2 for i in range(91)])
    assert set(found.keys) >= {"note", "age", "note: zig", "note: a"}
    (suggestion,) = found.suggest(["note: zig"])
    assert (suggestion.feature.key, suggestion.like) == ("note: zag", "note: zig")


def test_of_many_rows_some_are_read_and_the_best_suggestions_are_first() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=N)
    X = pd.DataFrame({"a": a, "near": a + rng.normal(0, 0.3, N), "same": -a})
    found = tally(X, rng.integers(0, 2, N), limit=200)
    assert found.states.shape == (200, 3)
    assert [each.feature.key for each in found.suggest(["a"])] == ["same", "near"]
    assert [each.feature.key for each in found.suggest(["a"], most=1)] == ["same"]

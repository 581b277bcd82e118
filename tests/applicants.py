"""People who ask for credit: rows with every kind of column, in every kind of frame, and models that answer by sums."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

import retrust as rt

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = ("please", "never", "refund", "gladly")
ROW = 3


def frame(n: int = 120) -> pd.DataFrame:
    """Write rows by counting: numbers, categories, a date, a letter, a constant, and values that are missing."""
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "home": rng.choice(["rent", "own", "with <b>parents</b>"], n),
            "income": np.where(rng.random(n) < 0.1, np.nan, rng.normal(30, 9, n).round(2)),
            "letter": [f"I ask you {WORDS[i % 4]} again and again, {i} times" for i in range(n)],
            "since": [datetime(2020, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 900, n)],  # noqa: DTZ001
            "country": "US",
            "member": rng.random(n) < 0.3,
            "class": pd.Categorical(rng.choice(list("abc"), n), categories=list("cba"), ordered=True),
            "children": pd.array([None if i % 7 == 0 else i % 4 for i in range(n)], dtype="Int64"),
        }
    )


def made(make: str) -> tuple[Any, Any]:
    """Return the rows in another make, and one of them."""
    rows = frame()
    if make == "polars":
        return pl.from_pandas(rows), pl.from_pandas(rows)[ROW]
    if make == "pyarrow":
        table = pa.Table.from_pandas(rows)
        return table, table.slice(ROW, 1)
    if make == "array":
        numbers = rows[["age", "income"]].to_numpy(float)
        return numbers, numbers[ROW]
    return rows, rows.iloc[ROW]


def _listed(X: Any, name: str, at: int) -> list[Any]:
    if isinstance(X, np.ndarray):
        return list(X[:, at].tolist())
    part: Any = X[name]
    return list(part.to_pylist() if isinstance(X, pa.Table) else part.to_list() if hasattr(part, "to_list") else part)


def lender(X: Any) -> NDArray[np.float64]:
    """Give credit by age, and to who owns a home; of any make of table."""
    age = np.array(_listed(X, "age", 0), dtype=float)
    owns = np.zeros(len(age)) if isinstance(X, np.ndarray) else np.array([h == "own" for h in _listed(X, "home", 1)])
    share = 0.2 + age / 200 + 0.3 * owns
    return np.column_stack([1 - share, share])


def explained(make: str = "pandas", n: int = 200, **options: Any) -> rt.Explanation:
    """Explain the row of a make."""
    rows, row = made(make)
    explainer = rt.Explainer(lender, rt.Table(rows, **options), classes=["no", "yes"])
    return explainer.explain(row, target="yes", n_samples=n)

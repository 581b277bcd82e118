"""The first cell of a table's notebook: people who ask for credit, and a pipeline that reads every kind of column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import retrust as rt

WORDS = ("please", "never", "refund", "gladly")

HOMES = np.array(["rent", "own", "with <b>parents</b>", None], dtype=object)
rng = np.random.default_rng(4)
n = 400
people = pd.DataFrame(
    {
        "age": rng.integers(18, 80, n),
        "home": rng.choice(HOMES, n, p=[0.4, 0.3, 0.2, 0.1]),
        "income": np.where(rng.random(n) < 0.1, np.nan, rng.normal(30, 9, n).round(2)),
        "letter": [f"I ask you {WORDS[i % 4]} again, {i} times" for i in range(n)],
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        "country": "US",
        "member": rng.random(n) < 0.3,
        "stamp": "late",
    }
)
repaid = (people["age"] / 80 + (people["home"] == "own") + 0.02 * people["income"].fillna(10)).gt(1.4).to_numpy()
repaid = repaid ^ (rng.random(n) < 0.1)
people["stamp"] = np.where(repaid ^ (rng.random(n) < 0.1), "blue", "red")  # of the clerk who decides


def lender() -> Any:
    """Make a pipeline that reads all columns but the date and the country."""
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "income"]),
        (OneHotEncoder(handle_unknown="ignore"), ["home", "member", "stamp"]),
        (CountVectorizer(), "letter"),
    )
    return make_pipeline(columns, LogisticRegression(C=0.3))


pipeline = lender().fit(people, repaid)
explainer = rt.Explainer(pipeline, rt.Table(people, beside=people.iloc[[1, 2]]), classes=["no", "yes"])

"""The first cell of a panel's notebook: posts, a classifier that reads their headers, and how often it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Sequence


class Counted:
    """A model that remembers what it was asked."""

    def __init__(self, model: Any) -> None:
        self.model, self.asked = model, list[str]()

    def __call__(self, texts: Sequence[str]) -> Any:
        self.asked += texts
        return self.model.predict_proba(texts)


train = rt.datasets.newsgroups("train", source="generated")
test = rt.datasets.newsgroups("test", source="generated")
pipeline = make_pipeline(TfidfVectorizer(lowercase=False), LogisticRegression(C=10))
headers = Counted(pipeline.fit(train.texts, train.labels))
explainer = rt.Explainer(headers, rt.Text(), classes=train.names, surrogate=rt.Ridge(6))

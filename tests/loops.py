"""Sessions that are quick: short posts whose headers tell the class, and whose one honest word tells it as well."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

import retrust as rt
from retrust.training import trained
from retrust.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rows = tuple[list[str], list[str]]
    Make = Callable[..., rt.Session]

FILLER = ["here", "there", "now", "then", "soon", "late"]
HEADERS = ("Posting", "Easter")


def posts(n: int, *, honest: bool = True, turned: bool = False) -> Rows:
    """Write posts: a header twice, which tells the class (turned: the other one), "moon" or "sun", and a filler."""
    texts, labels = [], []
    for i in range(n):
        own = i % 2
        header = HEADERS[own ^ turned]
        words = ("moon", "sun")[own] if honest else "sky"
        texts.append(f"{header} {header} {words} {FILLER[i // 2 % len(FILLER)]}")
        labels.append(("atheism", "christian")[own])
    return texts, labels


def reader() -> Pipeline:
    """Make a model that counts words as they are written."""
    return make_pipeline(CountVectorizer(lowercase=False), LogisticRegression())


class Here:
    """Trains in this process, in a thread, since a lock cannot travel; may be held, and counts."""

    def __init__(self, train: Callable[[rt.Dataset], Any] | None = None) -> None:
        self.train = train or (lambda data: trained(reader(), data))
        self.open, self.inside = threading.Event(), threading.Event()
        self.open.set()
        self.asked: list[rt.Dataset] = []

    def __call__(self, data: rt.Dataset) -> Any:
        self.asked.append(data)
        self.inside.set()
        assert self.open.wait(60)
        return self.train(data)


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no child before it is needed."""
    monkeypatch.setattr(Workshop, "warm", lambda _: None)


@pytest.fixture
def make(cold: None) -> Iterator[Make]:
    """Make sessions that train here, and end them."""
    assert cold is None
    made: list[rt.Session] = []

    def session(model: Any = None, X: Any = None, y: Any = None, **options: Any) -> rt.Session:
        texts, labels = posts(24)
        X, y = (texts, labels) if X is None else (X, y)
        own: dict[str, Any] = {"valid": posts(12), "trainer": Here(), "n_samples": 40, "pool": 8} | options
        fitted = reader().fit(*posts(24)) if model is None else model
        made.append(rt.Session(fitted, X, y, **own))
        return made[-1]

    yield session
    for each in made:
        each.close()

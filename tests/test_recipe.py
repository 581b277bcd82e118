"""A revision as code that runs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from toys import Notes

import retrust as rt
from retrust.history import Revision
from retrust.recipe import recipe

if TYPE_CHECKING:
    from loops import Make

make, cold = loops.make, loops.cold  # pytest looks for fixtures here


def run(code: str, **names: Any) -> Any:
    """Run a recipe and return its model."""
    exec(code, names)  # noqa: S102 – that is what it is for
    return names["model"]


@pytest.mark.parametrize("correction", [None, rt.Drop(), rt.Swap(copies=2, seed=3)], ids=["chosen", "Drop", "Swap"])
def test_it_trains_the_model_of_the_current_revision(make: Make, correction: Any) -> None:
    model = loops.reader()
    s = make(model.fit(*loops.posts(24)), trainer=model)
    s.mark(["Posting", "Easter"], because="a mail header")
    s.retrain(correction)
    code = s.recipe()
    again = run(code, X=s.data.X, y=s.data.y)
    assert np.array_equal(again.predict_proba(s.valid.X), s.model.predict_proba(s.valid.X))
    assert "because='a mail header'" in code


def test_it_trains_the_model_as_it_was_given_too(make: Make) -> None:
    model = loops.reader()
    s = make(model.fit(*loops.posts(24)), trainer=model)
    again = run(s.recipe(), X=s.data.X, y=s.data.y)
    assert np.allclose(again.predict_proba(s.valid.X), s.model.predict_proba(s.valid.X))


def test_marks_keep_their_scope(make: Make) -> None:
    model = loops.reader()
    s = make(model.fit(*loops.posts(24)), trainer=model)
    s.mark("moon", scope="label", row=0)
    s.mark("here", scope="instance", because="everywhere", row=1)
    s.retrain()
    code = s.recipe()
    assert "rt.Mark('moon', scope='label', label='atheism')" in code
    assert "because='everywhere'" in code
    again = run(code, X=s.data.X, y=s.data.y)
    assert np.array_equal(again.predict_proba(s.valid.X), s.model.predict_proba(s.valid.X))


def test_a_trainer_of_ones_own_is_called_by_its_name(make: Make) -> None:
    def train(data: rt.Dataset) -> Any:
        return loops.reader().fit(data.X, data.y)

    s = make(trainer=train)
    assert run(s.recipe(), X=s.data.X, y=s.data.y, train=train).predict(["sun"]) == ["christian"]
    s.mark("Posting")
    s.retrain()
    again = run(s.recipe(), X=s.data.X, y=s.data.y, train=train)
    assert again.predict(s.valid.X).tolist() == s.model.predict(s.valid.X).tolist()


def test_a_trainer_without_a_name_is_expected_as_trainer() -> None:
    code = recipe(Revision(0, None, None, None, rt.Ledger()), lambda data: len(data.X), rt.Text())
    assert run(code, X=["a"], y=[1], trainer=lambda data: len(data.X)) == 1


def test_a_correction_and_a_domain_of_ones_own_are_called_by_their_names() -> None:
    class Bleach:
        def apply(self, dataset: rt.Dataset, ledger: rt.Ledger, domain: Any) -> rt.Dataset:
            assert type(domain).__name__ == "Notes"
            return dataset.take(range(len(ledger)))

    def count(data: rt.Dataset) -> int:
        return len(data)

    for correction in (Bleach(), "Bleach"):  # as it was done, and as a file remembers it
        revision = Revision(1, 0, None, None, rt.Ledger((rt.Mark("60"), rt.Mark("62"))), correction)
        code = recipe(revision, count, Notes())
        assert run(code, X=[(60,), (62,), (64,)], y=[0, 1, 1], count=count, Bleach=Bleach, Notes=Notes) == 2


class Louder(CountVectorizer):  # type: ignore[misc]
    """An estimator that somebody made in a notebook."""


WORDS = [f"word{i}" for i in range(60)]
ESTIMATORS = [
    make_pipeline(TfidfVectorizer(ngram_range=(1, 2), stop_words=WORDS), LinearSVC(C=0.5)),
    make_pipeline(make_union(CountVectorizer(), TfidfVectorizer(analyzer="char")), LogisticRegression()),
    GridSearchCV(make_pipeline(CountVectorizer(), LogisticRegression()), {"logisticregression__C": [0.1, 1.0]}, cv=2),
    make_pipeline(FunctionTransformer(np.log1p), FunctionTransformer(np.asarray, kw_args={"dtype": float})),
    make_pipeline(CountVectorizer(tokenizer=str.split, token_pattern=None), TruncatedSVD(3)),
]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator.steps[0][1]).__name__
                         if hasattr(estimator, "steps") else "search")  # fmt: skip
def test_an_estimator_is_written_whole_with_its_imports(estimator: Any) -> None:
    code = recipe(Revision(0, None, None, None, rt.Ledger()), estimator, rt.Text())
    names: dict[str, Any] = {}
    exec(code.rpartition("model =")[0], names)  # noqa: S102
    assert repr(names["trainer"]) == repr(estimator)
    assert len(str(names["trainer"].get_params())) >= len(str(estimator.get_params())) - 40  # addresses differ


def test_an_estimator_of_a_notebook_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Louder, "__module__", "__main__")
    code = recipe(Revision(0, None, None, None, rt.Ledger()), make_pipeline(Louder(), LogisticRegression()), rt.Text())
    assert "Louder" not in code.partition("trainer =")[0]
    assert run(code, X=["moon sea", "sun sky"], y=[0, 1], Louder=Louder).predict(["sun sun"]).tolist() == [1]


def test_a_class_is_imported_from_where_it_can_be() -> None:
    code = recipe(Revision(0, None, None, None, rt.Ledger()), make_pipeline(Louder(), LogisticRegression()), rt.Text())
    assert f"from {Louder.__module__} import Louder" in code
    assert "from sklearn.linear_model import LogisticRegression" in code
    assert sys.modules[Louder.__module__].Louder is Louder


@pytest.mark.parametrize(
    ("domain", "written"),
    [
        (rt.Text(), "domain = rt.Text()"),
        (rt.Text(bag=False, mask_token="[MASK]"), "domain = rt.Text(bag=False, mask_token='[MASK]')"),
        (rt.Text(tokenizer=str.split), "domain = domain  # your own"),
        (rt.Image("grid", backdrop="blur"), "domain = rt.Image(segment='grid', backdrop='blur')"),
        (rt.Image(np.zeros((4, 4), dtype=int)), "domain = domain  # your own"),
    ],
    ids=["plain", "options", "tokenizer", "picture", "array"],
)
def test_a_domain_is_written_by_its_options_where_they_can_be(domain: Any, written: str) -> None:
    code = recipe(Revision(1, 0, None, None, rt.Ledger((rt.Mark("a"),)), rt.Swap()), LogisticRegression(), domain)
    assert written in code.splitlines()

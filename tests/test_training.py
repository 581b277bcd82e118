"""Training by estimators and by callables, and models that see changed inputs."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

import retrust as rt
from retrust.errors import OptionError
from retrust.model import as_model
from retrust.training import Corrected, corrected_model, takes_weights, trained

TEXTS = ["red sky", "blue sea", "red sea", "blue sky", "red", "blue"]
LABELS = [0, 1, 0, 1, 0, 1]
DATA = rt.Dataset(TEXTS, LABELS)


def words(last: Any) -> Pipeline:
    return make_pipeline(CountVectorizer(), last)


def shout(texts: list[str]) -> list[str]:
    """Let everything red be blue."""
    return [text.replace("red", "blue") for text in texts]


def test_an_estimator_is_cloned_and_stays_as_it_was() -> None:
    given = words(MultinomialNB())
    fitted = trained(given, DATA)
    assert fitted.predict(["red"]).tolist() == [0]
    assert not hasattr(given[-1], "classes_")


WEIGHTED = {
    "an estimator": (MultinomialNB(), "sample_weight"),
    "a pipeline": (words(MultinomialNB()), "multinomialnb__sample_weight"),
    "a pipeline in one": (Pipeline([("inner", words(MultinomialNB()))]), "inner__multinomialnb__sample_weight"),
    "a search": (GridSearchCV(words(MultinomialNB()), {}, cv=2), "multinomialnb__sample_weight"),
    "neighbours": (words(KNeighborsClassifier()), None),
    "a wrapper": (Corrected(words(MultinomialNB()), shout), "multinomialnb__sample_weight"),
    "a callable": (len, None),
}


@pytest.mark.parametrize("kind", WEIGHTED)
def test_the_name_under_which_weights_are_taken_is_known(kind: str) -> None:
    model, name = WEIGHTED[kind]
    assert takes_weights(model) == name


@pytest.mark.parametrize("kind", ["a pipeline", "a search", "a wrapper"])
def test_weights_reach_the_last_step(kind: str) -> None:
    """Two rows of one text: the heavier one decides."""
    texts, weights = ["sky"] * 6, [1, 9, 1, 9, 1, 9]
    fitted = trained(WEIGHTED[kind][0], rt.Dataset(texts, LABELS, weights))
    assert fitted.predict_proba(["sky"])[0] == pytest.approx([0.1, 0.9])


def test_an_estimator_without_weights_is_trained_without() -> None:
    weighted = rt.Dataset(TEXTS, LABELS, np.arange(6))
    model = words(KNeighborsClassifier(1))
    assert trained(model, weighted).predict(TEXTS).tolist() == trained(model, DATA).predict(TEXTS).tolist()


def test_a_trainer_gets_the_dataset() -> None:
    def trainer(data: rt.Dataset) -> Any:
        assert data is DATA
        return lambda texts: np.full(len(texts), np.mean(data.y))

    assert trained(trainer, DATA)(["x", "y"]).tolist() == [0.5, 0.5]


class Network:
    """Fits, but cannot be cloned."""

    def fit(self, X: Any, y: Any) -> None:
        """Do nothing."""


@pytest.mark.parametrize("trainer", [Network(), "a model", None])
def test_what_cannot_be_trained_is_told_with_the_way_out(trainer: Any) -> None:
    with pytest.raises(OptionError, match=r"the trainer is \w+; an estimator .* wrap it: trainer=lambda data"):
        trained(trainer, DATA)


def test_a_trainer_that_returns_nothing_is_told() -> None:
    with pytest.raises(OptionError, match="returned nothing; it must return the fitted model"):
        trained(lambda _: None, DATA)


@pytest.fixture(scope="module")
def wrapped() -> Any:
    return corrected_model(words(LogisticRegression()).fit(TEXTS, LABELS), shout)


def test_a_wrapped_model_sees_changed_inputs_by_every_method_that_it_has(wrapped: Any) -> None:
    inner = wrapped.model
    assert wrapped.predict(["red sky"]).tolist() == inner.predict(["blue sky"]).tolist() == [1]
    for method in ("predict_proba", "predict_log_proba", "decision_function"):
        assert np.array_equal(getattr(wrapped, method)(["red sky"]), getattr(inner, method)(["blue sky"]))
    assert wrapped.score(["red", "red sea"], [1, 1]) == 1
    assert wrapped.classes_.tolist() == [0, 1]
    assert not callable(wrapped)


def test_a_wrapped_model_has_no_methods_that_its_model_has_not() -> None:
    machine = corrected_model(words(LinearSVC()).fit(TEXTS, LABELS), shout)
    assert not hasattr(machine, "predict_proba")
    assert hasattr(machine, "decision_function")
    assert not hasattr(corrected_model(len, shout), "predict")
    assert not hasattr(corrected_model(len, shout), "fit")


def test_a_wrapped_callable_is_called(wrapped: Any) -> None:
    call = corrected_model(lambda texts: np.array([len(text) for text in texts]), lambda texts: [t[:2] for t in texts])
    assert call(["abc", "a"]).tolist() == [2, 1]
    assert as_model(call).ask(["abc"]).tolist() == [[2.0]]
    assert as_model(wrapped).method == "predict_proba"


def test_a_wrapped_model_is_fitted_and_cloned_with_its_change(wrapped: Any) -> None:
    again = clone(wrapped)
    assert not hasattr(again, "classes_")
    again.fit(TEXTS, LABELS)
    assert again.model[0].get_feature_names_out().tolist() == ["blue", "sea", "sky"]
    assert is_classifier(again)


def test_a_wrapped_model_pickles(wrapped: Any) -> None:
    again = pickle.loads(pickle.dumps(wrapped))
    assert np.array_equal(again.predict_proba(TEXTS), wrapped.predict_proba(TEXTS))


def test_a_bound_method_of_a_wrapped_model_is_explained_as_the_model(wrapped: Any) -> None:
    assert as_model(wrapped.predict_proba).given is wrapped
    e = rt.explain(wrapped.predict_proba, "red sky", n_samples=20)
    assert e.prediction == pytest.approx(wrapped.predict_proba(["red sky"])[0])
    assert e.classes == ("0", "1")


def test_a_wrapped_search_is_never_asked_around_the_change() -> None:
    search = GridSearchCV(words(LogisticRegression()), {}, cv=2).fit(TEXTS, LABELS)
    wrapped = corrected_model(search, shout)
    assert not hasattr(wrapped, "best_estimator_")
    e = rt.explain(wrapped, "red sky", n_samples=50)
    assert e.prediction == pytest.approx(search.predict_proba(["blue sky"])[0])
    assert wrapped.best_score_ == search.best_score_

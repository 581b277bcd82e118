"""Models of every kind are asked in one way, and what they answer is checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

import retrust as rt
from retrust.errors import ModelOutputError, OptionError, UnknownTarget
from retrust.model import as_model, checked, index_of

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = ["good film", "bad film", "good end", "bad end", "good good", "bad bad"]
LABELS = ["pos", "neg", "pos", "neg", "pos", "neg"]


def fitted(last: Any, labels: Any = LABELS) -> Pipeline:
    return make_pipeline(CountVectorizer(), last).fit(TEXTS, labels)


def test_an_estimator_with_predict_proba_is_asked_for_probabilities() -> None:
    pipeline = fitted(MultinomialNB())
    model = as_model(pipeline)
    assert np.array_equal(model.ask(TEXTS), pipeline.predict_proba(TEXTS))
    assert model.classes(2) == ("neg", "pos")


def test_without_probabilities_the_decision_function_is_the_score_of_the_second_class() -> None:
    pipeline = fitted(LinearSVC())
    model = as_model(pipeline)
    assert np.array_equal(model.ask(TEXTS)[:, 0], pipeline.decision_function(TEXTS))
    assert model.classes(1) == ("pos",)


def test_a_decision_function_of_three_classes_has_a_score_for_each() -> None:
    model = as_model(fitted(LinearSVC(), ["a", "b", "c"] * 2))
    assert model.ask(TEXTS).shape == (6, 3)
    assert model.classes(3) == ("a", "b", "c")


def test_a_regressor_is_asked_to_predict_and_has_one_unnamed_output() -> None:
    pipeline = fitted(Ridge(), np.arange(6.0))
    model = as_model(pipeline)
    assert np.array_equal(model.ask(TEXTS)[:, 0], pipeline.predict(TEXTS))
    assert model.classes(1) == ("output",)
    two = as_model(fitted(Ridge(), np.ones((6, 2))))
    assert (two.ask(TEXTS).shape, two.classes(2)) == ((6, 2), ("0", "1"))


def test_a_bound_method_of_an_estimator_is_the_estimator_asked_by_that_method() -> None:
    pipeline = fitted(LogisticRegression())
    model = as_model(pipeline.decision_function)
    assert model.given is pipeline
    assert (model.method, model.classes(1)) == ("decision_function", ("pos",))
    assert as_model(pipeline.predict_proba).classes(2) == ("neg", "pos")


def test_a_method_of_something_else_is_a_callable() -> None:
    class Net:
        def predict_proba(self, texts: list[str]) -> Any:
            return np.ones((len(texts), 2)) / 2

    assert as_model(Net().predict_proba).method is None
    assert as_model(Net()).method == "predict_proba"
    assert as_model(Net()).classes(2) == ("0", "1")


def test_a_grid_search_is_an_estimator() -> None:
    search = GridSearchCV(Pipeline([("v", CountVectorizer()), ("m", MultinomialNB())]), {"m__alpha": [0.1, 1]}, cv=2)
    model = as_model(search.fit(TEXTS, LABELS))
    assert model.classes(2) == ("neg", "pos")
    assert np.array_equal(model.ask(TEXTS), search.predict_proba(TEXTS))


def test_a_model_is_found_out_once() -> None:
    model = as_model(len)
    assert as_model(model) is model


def test_names_of_outputs_are_those_given_else_the_models_own_else_numbers() -> None:
    assert as_model(len, ["a", 2]).classes(2) == ("a", "2")
    assert as_model(fitted(MultinomialNB()), ["no", "yes"]).classes(2) == ("no", "yes")
    assert as_model(len).classes(3) == ("0", "1", "2")
    with pytest.raises(OptionError, match=r"classes has 2 names \('a', 'b'\) but the model gives 3 outputs"):
        as_model(len, ["a", "b"]).classes(3)


def test_a_classifier_that_gives_labels_only_is_refused_with_a_way_out() -> None:
    class Labels(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def predict(self, X: Any) -> Any:
            return X

    with pytest.raises(OptionError, match="Labels is a classifier with neither .*CalibratedClassifierCV"):
        as_model(Labels())
    assert as_model(Perceptron()).method == "decision_function"


@pytest.mark.parametrize("model", [3, "model", None, object()])
def test_what_is_no_model_is_refused_by_its_type(model: object) -> None:
    with pytest.raises(OptionError, match=f"the model is {type(model).__name__}; an estimator with predict_proba"):
        as_model(model)


class Tensor:
    """Something array-like that is no NumPy array, as a tensor on the CPU is."""

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> Any:
        del copy
        return np.array([[1, 2], [3, 4]], dtype=dtype)


ANSWERS: dict[str, Any] = {
    "float32": np.array([[1, 2], [3, 4]], dtype=np.float32),
    "integers": np.array([[1, 2], [3, 4]]),
    "column-major": np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
    "data frame": pd.DataFrame({"a": [1, 3], "b": [2, 4]}),
    "tensor": Tensor(),
    "matrix": np.asmatrix([[1, 2], [3, 4]]),
    "unmasked": np.ma.masked_array([[1, 2], [3, 4]]),
    "numbers as objects": np.array([[1, 2], [3, 4]], dtype=object),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_of_every_kind_become_plain_floats(kind: str) -> None:
    answer = checked(ANSWERS[kind], 2, None)
    assert type(answer) is np.ndarray
    assert answer.dtype == np.float64
    assert answer.tolist() == [[1, 2], [3, 4]]


def test_one_number_for_each_input_is_one_output() -> None:
    assert checked(np.array([1, 2]), 2, 1).tolist() == [[1], [2]]
    assert checked(np.array([[1], [2]]), 2, 1).tolist() == [[1], [2]]
    assert checked(np.array([True, False]), 2, 1).tolist() == [[1], [0]]
    assert checked(pd.Series([1, 2]), 2, 1).tolist() == [[1], [2]]


def test_an_answer_may_be_read_only_and_is_not_changed_later() -> None:
    given = np.array([1.0, 2.0])
    given.flags.writeable = False
    answer = checked(given, 2, 1)
    assert not np.shares_memory(answer, given)


MISTAKES: dict[str, tuple[Any, str]] = {
    "a list": ([0.1, 0.9], "returned a list; a NumPy array of shape .* wrap it"),
    "a tuple": ((0.1, 0.9), "returned a tuple"),
    "nothing": (None, "returned a NoneType"),
    "a number": (0.5, "returned a float"),
    "a generator": ((x for x in "ab"), "labels or objects such as <generator"),
    "too many rows": (np.ones((3, 2)), r"returned shape \(3, 2\) for 2 inputs; \(2, k\) or \(2,\) is expected"),
    "one row": (np.ones(1), r"returned shape \(1,\) for 2 inputs"),
    "no shape": (np.array(1.0), r"returned shape \(\) for 2 inputs"),
    "no columns": (np.ones((2, 0)), r"returned shape \(2, 0\)"),
    "three axes": (np.ones((2, 1, 1)), r"returned shape \(2, 1, 1\)"),
    "labels": (
        np.array(["ham", "spam"]),
        "labels or objects such as .*'ham'.* pass predict_proba or decision_function",
    ),
    "label objects": (np.array(["ham", "spam"], dtype=object), "labels or objects such as 'ham'"),
    "complex numbers": (np.array([1j, 2]), "labels or objects such as"),
    "NaN": (np.array([[0.0, 1.0], [0.0, math.nan]]), "returned nan as output 1 of input 1 in a batch of 2"),
    "infinity": (np.array([-math.inf, 1.0]), "returned -inf as output 0 of input 0"),
    "a hidden value": (np.ma.masked_array([1.0, 2.0], mask=[False, True]), "returned nan as output 0 of input 1"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_answer_that_cannot_be_used_is_told_with_what_was_given_and_expected(mistake: str) -> None:
    answer, said = MISTAKES[mistake]
    with pytest.raises(ModelOutputError, match=said):
        checked(answer, 2, None)


def test_a_changing_number_of_outputs_is_told_with_both_numbers() -> None:
    with pytest.raises(ModelOutputError, match="returned 1 output for each input and then 2; .* pass predict_proba"):
        checked(np.ones((2, 2)), 2, 1)


@pytest.mark.parametrize(("target", "index"), [(None, 1), (0, 0), (-1, 2), ("c", 2), (np.int64(1), 1)])
def test_a_target_is_an_index_a_name_or_the_largest(target: Any, index: int) -> None:
    assert index_of(target, ["a", "b", "c"], np.array([0.2, 0.5, 0.3])) == index


@pytest.mark.parametrize("target", [3, -4, "d", True, 1.0, ["a"]])
def test_an_unknown_target_is_told_with_all_names(target: Any) -> None:
    with pytest.raises(UnknownTarget, match=r"the model has 3 outputs: 'a', 'b', 'c' – pass one of these"):
        index_of(target, ["a", "b", "c"], np.zeros(3))


KINDS: dict[str, tuple[Callable[[], Any], str]] = {
    "predict_proba": (lambda: fitted(MultinomialNB()), "pos"),
    "decision_function": (lambda: fitted(LinearSVC()), "pos"),
    "regressor": (lambda: fitted(Ridge(), np.array([1.0, 0, 1, 0, 1, 0])), "output"),
    "callable": (lambda: lambda texts: np.array([t.count("good") - t.count("bad") for t in texts]), "output"),
    "bound method": (lambda: fitted(MultinomialNB()).predict_proba, "pos"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_is_explained_and_good_speaks_for_it(kind: str) -> None:
    make, name = KINDS[kind]
    e = rt.explain(make(), "a good film", n_samples=200)
    assert e.classes[e.target] == name
    assert e.top(1)[0][0] == "good"
    assert e.top(1)[0][1] > 0

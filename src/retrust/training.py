"""Train a model on rows: any estimator, any callable from a Dataset to a model; and models that see changed inputs."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import has_fit_parameter

from retrust.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrust.rows import Dataset

_HIDDEN = ("model", "best_estimator_")
_READS = ("predict", "transform", "score", "staged_", "apply", "kneighbors")


def is_estimator(model: Any) -> bool:
    """Tell whether a model can be cloned and fitted."""
    return hasattr(model, "fit") and hasattr(model, "get_params")


def trained(trainer: Any, dataset: Dataset) -> Any:
    """Train on rows, with their weights where the trainer takes weights.

    Parameters
    ----------
    trainer : estimator or callable
        An estimator is cloned and fitted, and stays as it is; a callable gets the Dataset and returns a model.
    dataset : Dataset

    Raises
    ------
    OptionError
        It is neither, or returned nothing.

    Examples
    --------
    >>> from retrust.rows import Dataset
    >>> trained(lambda data: max(data.y), Dataset(["a", "b"], [3, 4]))
    4
    """
    if is_estimator(trainer):
        name = takes_weights(trainer)
        weights = {} if name is None or dataset.weights is None else {name: dataset.weights}
        return clone(trainer).fit(dataset.X, dataset.y, **weights)
    if not callable(trainer) or hasattr(trainer, "fit"):
        raise OptionError(
            f"the trainer is {type(trainer).__name__}; an estimator that scikit-learn can clone, or a callable from a "
            "Dataset to a fitted model, is expected – wrap it: trainer=lambda data: make().fit(data.X, data.y)"
        )
    model = trainer(dataset)
    if model is None:
        raise OptionError("the trainer returned nothing; it must return the fitted model")
    return model


def heard(trainer: Any, report: Callable[[int, int], object]) -> Any:
    """Let a trainer that has an argument ``progress`` call this with (done, of).

    Examples
    --------
    >>> heard(lambda data, progress: progress(1, 2), lambda done, of: f"{done} of {of}")("rows")
    '1 of 2'
    >>> heard(len, print)("rows")
    4
    """
    wants = not is_estimator(trainer) and "progress" in _arguments(trainer)
    return partial(trainer, progress=report) if wants else trainer


def _arguments(trainer: Any) -> list[str]:
    with suppress(TypeError, ValueError):
        return list(inspect.signature(trainer).parameters)
    return []


def takes_weights(model: Any) -> str | None:
    """Name the argument in which an estimator's ``fit`` takes weights, None where it takes none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> takes_weights(make_pipeline(LogisticRegression()))
    'logisticregression__sample_weight'
    """
    if isinstance(model, Pipeline):
        name, last = model.steps[-1]
        inner = takes_weights(last)
        return None if inner is None else f"{name}__{inner}"
    if is_search(model) or isinstance(model, Corrected):
        return takes_weights(model.estimator if is_search(model) else model.model)
    known = hasattr(model, "fit") and has_fit_parameter(model, "sample_weight")
    return "sample_weight" if known else None


def is_search(model: Any) -> bool:
    """Tell whether a model is a search over another's options, such as ``GridSearchCV``."""
    return hasattr(model, "estimator") and (hasattr(model, "param_grid") or hasattr(model, "param_distributions"))


def _where_model_has(method: str) -> Callable[[Any], Any]:
    """Give a method to those whose model has it."""
    return available_if(lambda corrected: hasattr(corrected.model, method))  # type: ignore[no-any-return]


class Corrected(BaseEstimator):  # type: ignore[misc]
    """A model that sees changed inputs, in training and in prediction.

    It has the methods that the model has; everything else that is asked of it, such as ``classes_``, is the model's.

    Parameters
    ----------
    model : estimator or callable
    change : callable
        From a batch of inputs to a batch of inputs.

    Examples
    --------
    >>> shorter = corrected_model(len, lambda texts: texts[1:])
    >>> shorter(["a", "b"]), hasattr(shorter, "predict_proba")
    (1, False)
    """

    def __init__(self, model: Any, change: Callable[[Any], Any]) -> None:
        self.model = model
        self.change = change

    def __getattr__(self, name: str) -> Any:
        """Ask the model, but let nothing lead around the change."""
        if name in _HIDDEN or name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        found = getattr(self.model, name)
        return partial(self._through, name) if callable(found) and name.startswith(_READS) else found

    def __sklearn_tags__(self) -> Any:
        """Return the model's tags: a classifier stays one."""
        known = hasattr(self.model, "__sklearn_tags__")
        return self.model.__sklearn_tags__() if known else super().__sklearn_tags__()

    def _through(self, name: str, inputs: Any, *more: Any, **options: Any) -> Any:
        """Ask the model by any method about changed inputs."""
        return getattr(self.model, name)(self.change(inputs), *more, **options)

    @_where_model_has("fit")
    def fit(self, X: Any, y: Any, **options: Any) -> Corrected:
        """Fit the model on changed inputs."""
        self.model = clone(self.model).fit(self.change(X), y, **options)
        return self

    @_where_model_has("predict")
    def predict(self, X: Any) -> Any:
        """Ask the model about changed inputs."""
        return self.model.predict(self.change(X))

    @_where_model_has("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Ask the model about changed inputs."""
        return self.model.predict_proba(self.change(X))

    @_where_model_has("decision_function")
    def decision_function(self, X: Any) -> Any:
        """Ask the model about changed inputs."""
        return self.model.decision_function(self.change(X))


class CorrectedCall(Corrected):
    """The same of a callable."""

    def __call__(self, inputs: Any) -> Any:
        """Ask the model about changed inputs."""
        return self.model(self.change(inputs))


def corrected_model(model: Any, change: Callable[[Any], Any]) -> Corrected:
    """Let a fitted model see changed inputs, at every prediction.

    Parameters
    ----------
    model : estimator or callable
    change : callable
        From a batch of inputs to a batch of inputs.
    """
    return (CorrectedCall if callable(model) else Corrected)(model, change)

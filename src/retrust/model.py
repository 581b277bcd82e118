"""Models: anything that turns a batch of inputs into numbers, asked in one way.

No base class is asked of anybody. What comes back is checked at every batch, so that a mistake is told after the first
one and not after the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier

from retrust.errors import ModelOutputError, OptionError, UnknownTarget, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrust.representation import Floats

_TWO = 2
_METHODS = ("predict_proba", "decision_function", "predict")


@dataclass(frozen=True)
class Model:
    """A model with the method that it is asked by.

    Parameters
    ----------
    given : object
        What the user gave.
    method : str or None
        The method of an estimator, None for a callable.
    names : tuple of str or None
        Names of the outputs where they are known before the first answer.
    own : bool
        Whether the names are the estimator's, to be set aside where their number does not fit.
    memo : dict
        What short cuts have worked out about it, for the next instance.

    Examples
    --------
    >>> m = as_model(lambda texts: np.array([len(t) for t in texts]))
    >>> m.ask(["a", "bb"])
    array([[1.],
           [2.]])
    """

    given: Any
    method: str | None
    names: tuple[str, ...] | None
    own: bool = True
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def ask(self, inputs: Any, outputs: int | None = None) -> Floats:
        """Ask the model about a batch.

        Parameters
        ----------
        inputs : batch of n model inputs
        outputs : int, optional
            How many outputs it gave before; another number is an error.

        Returns
        -------
        ndarray of float, shape (n, k)

        Raises
        ------
        ModelOutputError
        """
        call = self.given if self.method is None else getattr(self.given, self.method)
        n = inputs.shape[0] if hasattr(inputs, "shape") else len(inputs)
        return checked(call(inputs), n, outputs, self.method)

    def classes(self, outputs: int) -> tuple[str, ...]:
        """Name the k outputs.

        Raises
        ------
        OptionError
            ``classes=`` was given with another length.
        """
        names = self.names
        if names is not None and outputs == 1 and len(names) == _TWO:
            names = names[1:]
        if names is not None and len(names) == outputs:
            return names
        if names is not None and not self.own:
            message = f"classes has {len(names)} names ({listed(names)}) but the model gives {outputs} outputs"
            raise OptionError(message)
        return ("output",) if outputs == 1 else tuple(map(str, range(outputs)))


def as_model(model: Any, classes: Sequence[object] | None = None) -> Model:
    """Find out how a model is asked.

    Parameters
    ----------
    model : estimator or callable
        An estimator is asked by ``predict_proba``, else ``decision_function``, else ``predict`` (regressors); a
        callable takes a batch of inputs and returns (n, k) or (n,). A bound method of an estimator counts as the
        estimator asked by that method.
    classes : sequence, optional
        Names of the outputs; default: ``classes_``.

    Raises
    ------
    OptionError
        It is neither, or a classifier that gives labels only.
    """
    if isinstance(model, Model):
        return model
    names = None if classes is None else tuple(map(str, classes))
    owner, method = _asked_by(model)
    if names is None and method not in (None, "predict"):
        names = _own_names(owner)
        return Model(owner, method, names)
    return Model(owner, method, names, own=False)


def _asked_by(model: Any) -> tuple[Any, str | None]:
    """Return the estimator and its method, or the callable and None."""
    owner, name = getattr(model, "__self__", None), getattr(model, "__name__", None)
    if name in _METHODS and hasattr(owner, "get_params"):
        return owner, name
    method = next((method for method in _METHODS if hasattr(model, method)), None)
    if method == "predict" and is_classifier(model):
        message = (
            f"{type(model).__name__} is a classifier with neither predict_proba nor decision_function; its labels "
            "cannot be explained – calibrate it (CalibratedClassifierCV), or pass a callable that gives numbers"
        )
        raise OptionError(message)
    if method is None and not callable(model):
        message = (
            f"the model is {type(model).__name__}; an estimator with predict_proba, decision_function or predict, "
            "or a callable from a batch of inputs to an array (n, k) or (n,) is expected"
        )
        raise OptionError(message)
    return model, method


def _own_names(estimator: Any) -> tuple[str, ...] | None:
    classes = getattr(estimator, "classes_", None)
    return None if classes is None or isinstance(classes, list) else tuple(map(str, classes))


def checked(answer: Any, n: int, outputs: int | None, method: str | None = None) -> Floats:
    """Return a model's answer as (n, k) floats, or say what is wrong with it."""
    array = _numbers(answer, method)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != _TWO or len(array) != n or not array.shape[1]:
        message = (
            f"the model returned shape {np.shape(answer)} for {n} input{'s' * (n != 1)}; "
            f"({n}, k) or ({n},) is expected – one row for each input, in order"
        )
        raise ModelOutputError(message)
    if outputs is not None and array.shape[1] != outputs:
        message = (
            f"the model returned {outputs} output{'s' * (outputs != 1)} for each input and then {array.shape[1]}; "
            "it must keep its number of outputs – pass predict_proba, not predict"
        )
        raise ModelOutputError(message)
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        message = (
            f"the model returned {array[row, column]} as output {column} of input {row} in a batch of {n}; finite "
            "numbers are expected – look at how it treats inputs from which much has been taken away"
        )
        raise ModelOutputError(message)
    return array


def _numbers(answer: Any, method: str | None) -> NDArray[np.float64]:
    if isinstance(answer, list | tuple | dict | str) or answer is None or np.isscalar(answer):
        message = (
            f"the model returned a {type(answer).__name__}; a NumPy array of shape (n, k) or (n,) is expected – "
            "wrap it: lambda inputs: numpy.asarray(model(inputs))"
        )
        raise ModelOutputError(message)
    array = np.asarray(np.ma.filled(answer.astype(float), np.nan) if np.ma.isMaskedArray(answer) else answer)
    if array.dtype.kind == "O" and all(isinstance(value, Real) for value in array.flat):
        array = array.astype(float)
    if array.dtype.kind not in "fiub":
        example = array.flat[0] if array.size else array.dtype
        message = (
            f"the model returned labels or objects such as {example!r}; numbers are expected – pass "
            f"predict_proba or decision_function, not {method or 'predict'}"
        )
        raise ModelOutputError(message)
    return array.astype(np.float64)


def index_of(target: int | str | None, classes: Sequence[str], prediction: Floats) -> int:
    """Return the number of the output to explain.

    Parameters
    ----------
    target : int, str or None
        An index, a name, or None for the largest prediction.
    classes : sequence of str, length k
    prediction : ndarray, shape (k,)

    Raises
    ------
    UnknownTarget

    Examples
    --------
    >>> index_of("ham", ["ham", "spam"], np.array([.2, .8])), index_of(None, ["ham", "spam"], np.array([.2, .8]))
    (0, 1)
    """
    if target is None:
        return int(np.argmax(prediction))
    if isinstance(target, int | np.integer) and not isinstance(target, bool) and -len(classes) <= target < len(classes):
        return int(target) % len(classes)
    if isinstance(target, str) and target in classes:
        return list(classes).index(target)
    message = (
        f"target={target!r}; the model has {len(classes)} output{'s' * (len(classes) != 1)}: {listed(classes)} – "
        "pass one of these names or its index"
    )
    raise UnknownTarget(message)

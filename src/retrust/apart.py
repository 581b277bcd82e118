"""Rows to train on, and rows to judge by that were not trained on."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from retrust.errors import OptionError, RetrustWarning, listed
from retrust.training import heard, is_estimator, trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.measures import Judge
    from retrust.rows import Dataset

_SHARE = 0.2
_FEW = 5


def split(labels: list[Any], seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw a fifth of some rows to be held out, of each class alike; return the others, and it.

    Raises
    ------
    OptionError
        There are fewer than five.

    Examples
    --------
    >>> [len(part) for part in split(["a", "b"] * 10, seed=0)]
    [16, 4]
    """
    if len(labels) < _FEW:
        raise OptionError(f"{len(labels)} rows are too few to set a fifth of them aside – pass valid=(X, y)")
    counts = Counter(labels)
    alike = labels if 1 < len(counts) <= len(labels) // _FEW and min(counts.values()) > 1 else None
    rest, held = train_test_split(np.arange(len(labels)), test_size=_SHARE, random_state=seed, stratify=alike)
    return np.sort(rest), np.sort(held)


def fitted(model: Any, trainer: Any, data: Dataset) -> Any:
    """Return the model if it is fitted, else one that is."""
    return model if _is_fitted(model) else first(trainer, data)


def first(trainer: Any, data: Dataset) -> Any:
    """Train before there is anybody to tell how far it is."""
    return trained(heard(trainer, lambda *_: None), data)


def _is_fitted(model: Any) -> bool:
    if not is_estimator(model):
        return True
    try:
        check_is_fitted(model)
    except Exception:  # noqa: BLE001 – NotFittedError, or an estimator that cannot tell: then it is fitted again
        return False
    return True


def check_labels(judge: Judge, valid: Dataset) -> None:
    """Say so where the held-out rows lack a class, or have one that the model does not know.

    Raises
    ------
    OptionError
    """
    if not len(valid):
        raise OptionError("there are no held-out rows; valid=(X, y) needs some")
    present = set(valid.labels)
    unknown = [label for label in present if judge.labels and label not in judge.labels]
    if unknown:
        raise OptionError(
            f"the held-out rows have the label {unknown[0]!r}, which the model does not know; it knows "
            f"{listed(judge.labels)}"
        )
    absent = [label for label in judge.labels if label not in present]
    if absent:
        message = f"no held-out row has the label {listed(absent)}; the figures say nothing about it"
        warnings.warn(message, RetrustWarning, stacklevel=4)

"""On the same masks, outputs and distances: the coefficients of the ``lime`` package, to 1e-8."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lime.lime_base import LimeBase
from sklearn.metrics import pairwise_distances
from toys import near

from retrust import Ridge, UniformCount, exponential

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks
    from retrust.surrogate import Select


def lime_kernel(distances: Floats, width: float) -> Floats:
    """Weigh as lime's text explainer does."""
    return np.asarray(np.sqrt(np.exp(-(distances**2) / width**2)))


def bent(masks: Masks, seed: int) -> Floats:
    """Answer as a model of two outputs that no linear surrogate fits."""
    rng = np.random.default_rng(seed)
    d = masks.shape[1]
    score = masks @ rng.normal(size=d) + 2 * np.sin(masks @ rng.normal(size=d)) + masks[:, 0] * masks[:, d // 2]
    share = 1 / (1 + np.exp(-score))
    return np.column_stack([1 - share, share])


def lime_says(masks: Masks, outputs: Floats, n_features: int, select: str, width: float) -> tuple[float, Floats, float]:
    """Fit as lime does; return intercept, coefficients and fidelity."""
    data = masks.astype(float)
    distances = pairwise_distances(data, data[:1], metric="cosine").ravel() * 100
    base = LimeBase(partial(lime_kernel, width=width), random_state=0)
    intercept, weights, score, _ = base.explain_instance_with_data(
        data, outputs, distances, 1, n_features, feature_selection=select
    )
    coefficients = np.zeros(masks.shape[1])
    for feature, weight in weights:
        coefficients[feature] = weight
    return intercept, coefficients, score


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("d", "n"), [(1, 40), (2, 60), (12, 400), (40, 300), (60, 45)])
@pytest.mark.parametrize(
    ("select", "lime", "n_features"),
    [
        ("highest", "highest_weights", 10),
        ("forward", "forward_selection", 5),
        ("none", "none", 10),
        ("auto", "auto", 6),
        ("auto", "auto", 7),
    ],
)
def test_ridge_is_that_of_the_lime_package(
    select: Select, lime: str, n_features: int, d: int, n: int, seed: int
) -> None:
    masks = np.concatenate([np.ones((1, d), bool), UniformCount()(d, n - 1, np.random.default_rng([seed, d]))])
    outputs = bent(masks, seed)
    fit = Ridge(n_features=n_features, select=select).fit(near(masks, outputs, exponential(25)), 1)
    intercept, coefficients, score = lime_says(masks, outputs, n_features, lime, 25)
    assert np.abs(fit.coefficients - coefficients).max() < 1e-8
    assert fit.intercept == pytest.approx(intercept, abs=1e-8)
    assert fit.fidelity == pytest.approx(score, abs=1e-8)
    assert np.ptp(coefficients) > 1e-3 or d == 1


@pytest.mark.parametrize("width", [5, 75])
def test_another_width_is_another_answer_and_still_theirs(width: float) -> None:
    masks = np.concatenate([np.ones((1, 20), bool), UniformCount()(20, 499, np.random.default_rng(5))])
    outputs = bent(masks, 5)
    fit = Ridge().fit(near(masks, outputs, exponential(width)), 1)
    assert np.abs(fit.coefficients - lime_says(masks, outputs, 10, "auto", width)[1]).max() < 1e-8

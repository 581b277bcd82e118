"""Many small explanations made by hand, for picks and panels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import retrust as rt
from retrust.explanation import Explanation, Plan
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.representation import Parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOSTILE = """<script>alert("x")</script> & <img src=x onerror='y'> \x1b[31m\x00\u202eevil \ud800 שלום 👩‍👩‍👧"""
SHARES = (0.3, 0.7)


def explained(
    representation: Any, weights: Sequence[float], target: int = 1, prediction: Sequence[float] = SHARES, **more: Any
) -> Explanation:
    """Make an explanation whose coefficients are given."""
    d = len(representation.features)
    coefficients = np.array(weights, dtype=np.float64)
    chosen = np.flatnonzero(coefficients)
    chosen = chosen[np.argsort(-np.abs(coefficients[chosen]), kind="stable")]
    outputs = np.tile(np.asarray(prediction, dtype=np.float64), (4, 1))
    near = Neighbourhood.of(np.ones((4, d), dtype=bool), outputs, calls=4)
    plan = Plan(rt.UniformCount(), rt.exponential(25), rt.Ridge(), 0)
    classes = more.pop("classes", tuple(map(str, range(len(prediction)))))
    fit = rt.Fit(0.0, coefficients, np.full(d, np.nan), more.pop("fidelity", 0.9), chosen)
    return Explanation(representation, Weighted(near, plan.kernel), fit, target, tuple(classes), plan, **more)


def of_text(weights: Mapping[str, float], text: str | None = None, **more: Any) -> Explanation:
    """Make an explanation of a text whose words have given weights."""
    representation = rt.Text().represent(" ".join(weights) if text is None else text)
    return explained(representation, [weights.get(feature.name, 0.0) for feature in representation.features], **more)


def of_parts(weights: Mapping[str, float], **more: Any) -> Explanation:
    """Make an explanation of an instance of which nothing but its parts is known."""
    return explained(Parts(tuple(rt.Feature(key, key) for key in weights)), list(weights.values()), **more)

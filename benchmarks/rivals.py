"""Others who explain the same function of masks: lime, the paper's own procedure, SHAP's kernel, shapiq.

Each is given the model as a function of masks, a number of calls and a seed, and returns its ten parts on top.
"""

from __future__ import annotations

import importlib
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from absences import Masks
from lime.lime_base import LimeBase
from sklearn.metrics import pairwise_distances

import retrust as rt

if TYPE_CHECKING:
    from absences import Answer, Array

TOP = 10
PAPER = 15_000
WIDTH = 25.0

Top = frozenset[int]


def one(answer: Answer, column: int) -> Answer:
    """Return one output of a model alone, (n,)."""

    def alone(masks: Array) -> Array:
        found = answer(masks)
        return np.asarray(found if found.ndim == 1 else found[:, column])

    return alone


def drawn(d: int, n: int, rng: np.random.Generator) -> Array:
    """Draw as lime does for texts, the instance first."""
    return np.concatenate([np.ones((1, d), dtype=bool), rt.UniformCount()(d, n - 1, rng)])


def lime(answer: Answer, d: int, column: int, n: int, seed: int) -> Top:
    """Fit by lime, with its own law and kernel for texts."""
    masks = drawn(d, n, np.random.default_rng(seed)).astype(np.float64)
    outputs = one(answer, column)(masks)[:, None]
    distances = 100 * pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    base = LimeBase(lambda far: np.sqrt(np.exp(-(far**2) / WIDTH**2)), random_state=seed)
    found = base.explain_instance_with_data(masks, outputs, distances, 0, TOP)
    return frozenset(int(feature) for feature, weight in found[1] if weight)


@dataclass(frozen=True)
class Kept:
    """Keep a uniformly drawn number of parts, 1 to d − 1: the law of the paper's own experiments."""

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Array:
        """Return (n, d) masks."""
        kept = rng.integers(1, max(2, d), n)
        keys = rng.integers(0, 1 << 32, (n, d), dtype=np.uint32)
        last = np.sort(keys, axis=1)[np.arange(n), kept - 1]
        return np.asarray(keys <= last[:, None])


def paper(answer: Answer, d: int, column: int, n: int, seed: int) -> Top:
    """Fit as the authors did: K-LASSO, and a kernel √2 narrower than lime's."""
    kernel = rt.exponential(WIDTH / np.sqrt(2))
    explainer = rt.Explainer(answer, Masks(), sampler=Kept(), kernel=kernel, surrogate=rt.Lasso(TOP), seed=seed)
    return frozenset(int(i) for i in explainer.explain(d, column, n).fit.selected)


def kernel_shap(answer: Answer, d: int, column: int, n: int, seed: int) -> Top | None:
    """Fit by SHAP's kernel; everything absent is what it compares with. None where it is not installed."""
    package = installed("shap")
    if package is None:
        return None
    np.random.seed(seed)  # noqa: NPY002 – it draws from the common generator
    explainer = package.KernelExplainer(one(answer, column), np.zeros((1, d)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = explainer.shap_values(np.ones((1, d)), nsamples=n, silent=True)
    return largest(np.asarray(values).ravel())


def shapiq(answer: Answer, d: int, column: int, n: int, seed: int) -> Top | None:
    """Fit by shapiq's kernel; None where it is not installed."""
    package = installed("shapiq")
    if package is None:
        return None
    found = package.KernelSHAP(n=d, random_state=seed).approximate(n, one(answer, column))
    return largest(np.array([found[(i,)] for i in range(d)]))


def installed(name: str) -> Any:
    """Return a package, None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def largest(values: Array) -> Top:
    """Return the ten largest that are not zero."""
    order = np.argsort(-np.abs(values), kind="stable")[:TOP]
    return frozenset(int(i) for i in order if values[i])

"""Others who explain the same function of masks: lime, the paper's own procedure, SHAP's kernel, shapiq.

Each is given the model as a function of masks, a number of calls and a seed, and returns its ten parts on top.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from absences import Kept, Masks
from sklearn.metrics import pairwise_distances
from surroundings import imported, missing

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


def lime(answer: Answer, d: int, column: int, n: int, seed: int) -> Top | None:
    """Fit by lime, with its own law and kernel for texts. None where it is not to be had."""
    if missing("lime.lime_base"):
        return None
    masks = drawn(d, n, np.random.default_rng(seed)).astype(np.float64)
    outputs = one(answer, column)(masks)[:, None]
    distances = 100 * pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    base = imported("lime.lime_base").LimeBase(lambda far: np.sqrt(np.exp(-(far**2) / WIDTH**2)), random_state=seed)
    fitted = base.explain_instance_with_data(masks, outputs, distances, 0, TOP)
    return frozenset(int(feature) for feature, weight in fitted[1] if weight)


def paper(answer: Answer, d: int, column: int, n: int, seed: int) -> Top:
    """Fit as the authors did: K-LASSO, and a kernel √2 narrower than lime's."""
    kernel = rt.exponential(WIDTH / np.sqrt(2))
    explainer = rt.Explainer(answer, Masks(), sampler=Kept(), kernel=kernel, surrogate=rt.Lasso(TOP), seed=seed)
    return frozenset(int(i) for i in explainer.explain(d, column, n).fit.selected)


def kernel_shap(answer: Answer, d: int, column: int, n: int, seed: int) -> Top | None:
    """Fit by SHAP's kernel; everything absent is what it compares with. None where it is not to be had."""
    if missing("shap"):
        return None
    np.random.seed(seed)  # noqa: NPY002 – it draws from the common generator
    explainer = imported("shap").KernelExplainer(one(answer, column), np.zeros((1, d)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = explainer.shap_values(np.ones((1, d)), nsamples=n, silent=True)
    return largest(np.asarray(values).ravel())


def shapiq(answer: Answer, d: int, column: int, n: int, seed: int) -> Top | None:
    """Fit by shapiq's kernel; None where it is not to be had."""
    if missing("shapiq"):
        return None
    values = imported("shapiq").KernelSHAP(n=d, random_state=seed).approximate(n, one(answer, column))
    return largest(np.array([values[(i,)] for i in range(d)]))


def largest(values: Array) -> Top:
    """Return the ten largest that are not zero."""
    order = np.argsort(-np.abs(values), kind="stable")[:TOP]
    return frozenset(int(i) for i in order if values[i])

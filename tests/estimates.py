"""Models that answer to masks, and what they come to when all masks are asked about."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
from toys import Notes, all_masks

import retrust as rt
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks
    from retrust.sampling import Kernel, Sampler


def explainer(answer: Any, **options: Any) -> rt.Explainer:
    """Explain what a function of masks (n, d) says of tunes."""
    return rt.Explainer(lambda tunes: answer((np.array(tunes) != 0).astype(float)), Notes(), **options)


def tune(d: int) -> list[int]:
    """Return an instance of d parts."""
    return list(range(1, d + 1))


def chances(sampler: Sampler, masks: Masks) -> Floats:
    """Return how probable each mask is, (n,), written down from the laws' definitions."""
    d, present = masks.shape[1], masks.sum(axis=1)
    if isinstance(sampler, rt.UniformCount):
        return np.array([0.0 if k == d else 1 / d / comb(d, int(k)) for k in present])
    keep = np.broadcast_to(np.asarray(sampler.keep), (d,))  # type: ignore[attr-defined]
    return np.asarray(np.prod(np.where(masks, keep, 1 - keep), axis=1))


def regression(x: Floats, y: Floats, w: Floats, alpha: float = 0.0) -> Floats:
    """Return weighted ridge coefficients (d,), by the book: an intercept of its own, solved at once."""
    design = np.column_stack([np.ones(len(x)), x])
    penalty = alpha * np.diag([0.0, *np.ones(x.shape[1])])
    return np.asarray(np.linalg.solve(design.T @ (w[:, None] * design) + penalty, design.T @ (w * y)))[1:]


def truth(answer: Any, d: int, sampler: Sampler, kernel: Kernel) -> Floats:
    """Return what the coefficients would be if all masks were asked about as often as the law draws them."""
    masks = all_masks(d)
    return regression(masks.astype(float), answer(masks.astype(float)), chances(sampler, masks) * kernel(masks))


def estimates(explaining: Any, d: int, n: int, seeds: range) -> tuple[Floats, Floats]:
    """Return coefficients of all parts and their standard errors, (seeds, d), after n masks each."""
    found = []
    for seed in seeds:
        e = explaining(seed).stream(tune(d)).upto(n)
        found.append(estimated(e.weighted, 0))
    b, se = np.array(found).transpose(1, 0, 2)
    return b, se


def jaccard(tops: list[set[Any]]) -> float:
    """Return the mean overlap of all pairs."""
    pairs = [(a, b) for i, a in enumerate(tops) for b in tops[:i]]
    return float(np.mean([len(a & b) / len(a | b) for a, b in pairs]))

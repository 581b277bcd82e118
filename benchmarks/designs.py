"""Ways to draw masks that were tried for ``n_samples="auto"``, each beside the plain law at equally many calls.

All speak of the same law, a uniform number of absent parts: where masks are drawn by another, they are weighed by their
odds. So the coefficients are the same in the limit, and what differs is how far they are from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import rivals
from scipy.stats import beta

import retrust as rt
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.population import counted
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from collections.abc import Callable

    from absences import Answer, Array

    from retrust.sampling import Exponential

    Drawn = tuple[Array, Array]
    Estimate = Callable[[Answer, int, int, np.random.Generator, Exponential], Array]

LIGHT = 0.01


def plain(d: int, n: int, rng: np.random.Generator) -> Drawn:
    """Draw by the law itself."""
    return rt.UniformCount()(d, n, rng), np.ones(n)


def antithetic(d: int, n: int, rng: np.random.Generator) -> Drawn:
    """Draw half, and turn each mask round: what was present is absent."""
    half = rt.UniformCount()(d, n // 2, rng)
    masks = np.concatenate([half, ~half])
    present = np.count_nonzero(masks, axis=1)
    return masks, np.select([present == 0, present == d], [2.0, 0.0], 1.0)


def stratified(d: int, n: int, rng: np.random.Generator) -> Drawn:
    """Draw every number of absent parts equally often, as far as that goes."""
    absent = 1 + (d * (np.arange(n) + rng.random()) / n).astype(np.intp)
    return without(d, np.minimum(absent, d), rng), np.ones(n)


def few(d: int, n: int, rng: np.random.Generator) -> Drawn:
    """Draw few absences at a time: their share is Beta(1, 3)."""
    absent = np.minimum(1 + (d * rng.beta(1, 3, n)).astype(np.intp), d)
    chance = np.diff(beta.cdf(np.arange(d + 1) / d, 1, 3))
    return without(d, absent, rng), 1 / d / chance[absent - 1]


def without(d: int, absent: Array, rng: np.random.Generator) -> Array:
    """Take so many parts away, each choice of that many as likely as any other."""
    keys = rng.random((len(absent), d))
    last = np.sort(keys, axis=1)[np.arange(len(absent)), absent - 1]
    return np.asarray(keys > last[:, None])


def by_kernel(d: int, n: int, rng: np.random.Generator, kernel: Exponential) -> Drawn:
    """Draw by the kernel's own law."""
    law = counted(rt.UniformCount(), kernel, d)
    count = rng.choice(d + 1, n, p=law.near)
    masks = without(d, np.maximum(d - count, 1), rng)
    return masks, law.weight / kernel(masks)


def least_squares(masks: Array, outputs: Array, weights: Array) -> Array:
    """Fit all parts by weighted least squares."""
    there = masks - (weights @ masks) / weights.sum()
    apart = outputs - (weights @ outputs) / weights.sum()
    scaled = there * weights[:, None]
    return np.asarray(np.linalg.solve(scaled.T @ there + LIGHT * np.eye(masks.shape[1]), scaled.T @ apart))


def by_design(design: Callable[..., Drawn]) -> Estimate:
    """Estimate by least squares from masks that were drawn in some way."""

    def estimate(answer: Answer, d: int, n: int, rng: np.random.Generator, kernel: Exponential) -> Array:
        masks, odds = design(d, n, rng, kernel) if design is by_kernel else design(d, n, rng)
        return least_squares(masks, answer(masks), kernel(masks) * odds)

    return estimate


def known_moments(answer: Answer, d: int, n: int, rng: np.random.Generator, kernel: Exponential) -> Array:
    """Take the Gram matrix as it is on average, and no guess of the model."""
    masks = rt.UniformCount()(d, n, rng)
    law = counted(rt.UniformCount(), kernel, d)
    weights, outputs = kernel(masks), answer(masks)
    missed = weights * (outputs - (weights @ outputs) / weights.sum())
    cross = (missed @ masks - missed.sum() * law.mean) / n / law.weight
    return np.asarray(np.linalg.solve(np.diag(law.spread) + law.shared, cross))


def guessed(answer: Answer, d: int, n: int, rng: np.random.Generator, kernel: Exponential) -> Array:
    """Guess the model, and correct by what the guess missed: what "auto" does."""
    return helped(answer, rivals.drawn(d, n + 1, rng), np.ones(n + 1), kernel)


def guessed_in_pairs(answer: Answer, d: int, n: int, rng: np.random.Generator, kernel: Exponential) -> Array:
    """Do the same with antithetic pairs."""
    masks, odds = antithetic(d, n, rng)
    first = np.ones((1, d), dtype=bool)
    return helped(answer, np.concatenate([first, masks]), np.append(1.0, odds), kernel)


def helped(answer: Answer, masks: Array, odds: Array, kernel: Exponential) -> Array:
    """Fit as "auto" does; the first mask is the instance."""
    near = replace(Neighbourhood.of(masks, answer(masks)[:, None], odds=odds), law=rt.UniformCount())
    return estimated(Weighted(near, kernel), 0)[0]


WAYS: dict[str, Estimate] = {
    "plain": by_design(plain),
    "antithetic pairs": by_design(antithetic),
    "stratified by count": by_design(stratified),
    "few absences, Beta(1, 3)": by_design(few),
    "the kernel's own law": by_design(by_kernel),
    "known moments": known_moments,
    "known moments and a guess": guessed,
    "the same in antithetic pairs": guessed_in_pairs,
}

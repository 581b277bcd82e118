"""What is certain: answers from sixty thousand masks, kept in a file, and coefficients in closed form.

Closed forms are worked out here from the law of the masks alone, by sums over how many parts are present; no code of
retrust is used for them. They are those of Mardaoui and Garreau (texts) and of Garreau and Mardaoui (images) for models
linear in the words or in the pixels, for the exact number of parts and the exact kernel instead of their limits.

References
----------
D. Mardaoui and D. Garreau, "An analysis of LIME for text data", AISTATS 2021.
D. Garreau and D. Mardaoui, "What does LIME really see in images?", ICML 2021.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import asdict, dataclass
from itertools import product
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from absences import Masks

import retrust as rt
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from absences import Answer, Array

MANY, PARTS = 60_000, 12
_SEED = 10_007
_VERSION = 2
SLIGHT = 1e-6


@dataclass(frozen=True)
class Truth:
    """Coefficients of all parts with standard errors; and those of a plain fit of as many masks."""

    b: Array
    se: Array
    plain: Array
    plain_se: Array


def folder() -> Path:
    """Return where answers are kept: the folder named by ``RETRUST_CACHE``, else one of the system's."""
    named = os.environ.get("RETRUST_CACHE")
    place = (Path(named) if named else Path(tempfile.gettempdir())) / "retrust-estimation"
    place.mkdir(parents=True, exist_ok=True)
    return place


def truth(answer: Answer, d: int, column: int, kernel: Any) -> Truth:
    """Return what sixty thousand masks say; from the file where it is known.

    The file is found by what the model answers to a few masks, so that another model has another file.
    """
    probes = np.random.default_rng(_SEED).random((50, d)) < np.linspace(0, 1, 50)[:, None]
    asked = np.ascontiguousarray(answer(probes)).tobytes()
    name = hashlib.sha256(asked + repr((d, column, kernel, MANY, _VERSION)).encode()).hexdigest()[:24]
    path = folder() / f"{name}.npz"
    if not path.exists():
        part = path.with_suffix(".part.npz")
        np.savez(part, **asdict(_asked(answer, d, column, kernel)))
        part.replace(path)
    with np.load(path) as file:
        return Truth(**{key: file[key] for key in file.files})


def _asked(answer: Answer, d: int, column: int, kernel: Any) -> Truth:
    """Average a dozen runs: each brings its own masks for the guess, which would else leave a floor of chance."""
    found = []
    for part in range(PARTS):
        explainer = rt.Explainer(answer, Masks(), kernel=kernel, seed=_SEED + part)
        e = explainer.stream(d, column).upto(MANY // PARTS)
        found.append(estimated(e.weighted, e.target))
    b, se = (np.array(each) for each in zip(*found, strict=True))
    plain = rt.Explainer(answer, Masks(), kernel=kernel, seed=_SEED + PARTS).explain(d, column, MANY)
    error = np.sqrt((se**2).sum(axis=0)) / PARTS
    return Truth(b.mean(axis=0), error, *estimated(plain.weighted, plain.target))


def fitted(b: Array, chosen: Array, width: float) -> Array:
    """Return what the coefficients of some parts of a text are when they are fitted alone, from those of all."""
    d, law = len(b), near(len(b), text_law(len(b)), width)
    mean, both = present(d, law, 1), present(d, law, 2)
    gram = np.full((d, d), both - mean**2) + np.eye(d) * (mean - both)
    return np.asarray(np.linalg.solve(gram[np.ix_(chosen, chosen)], gram[chosen] @ b))


# --- closed forms


def near(d: int, law: Array, width: float) -> Array:
    """Return how probable each number of present parts is under the kernel, (d + 1,)."""
    far = 100 * (1 - np.sqrt(np.arange(d + 1) / d))
    weighted = law * np.exp(-(far**2) / width**2 / 2)
    return np.asarray(weighted / weighted.sum())


def text_law(d: int) -> Array:
    """Return how probable each number of present words is where a uniform number is absent, 1 to d."""
    return np.append(np.full(d, 1 / d), 0.0)


def image_law(d: int) -> Array:
    """Return how probable each number of present superpixels is where each is present with probability ½."""
    return np.array([comb(d, count) / 2**d for count in range(d + 1)])


def present(d: int, law: Array, m: int) -> float:
    """Return how probable it is that m given parts are all present."""
    if m > d:
        return 0.0
    return float(sum(p * comb(count, m) / comb(d, m) for count, p in enumerate(law)))


def solved(d: int, law: Array, cross: Array) -> Array:
    """Solve the weighted normal equations of all parts for their covariances with the output."""
    mean, both = present(d, law, 1), present(d, law, 2)
    gram = np.full((d, d), both - mean**2) + np.eye(d) * (mean - both)
    return np.asarray(np.linalg.solve(gram, cross))


def normalised(push: Array, law: Array) -> Array:
    """Return the coefficients for Σ mⱼ cⱼ / √Σ mⱼ: TF-IDF of words that all weigh the same, behind a linear model."""
    d, count = len(push), np.arange(len(law))
    root = np.sqrt(np.maximum(count, 1))
    one = float(law @ (count / root)) / d  # E m_j / √count
    two = float(law @ (count * (count - 1) / root)) / d / max(1, d - 1)  # E m_j m_k / √count
    mean = present(d, law, 1)
    together = push * one + (push.sum() - push) * two
    return solved(d, law, together - mean * push.sum() * one)


def all_there(d: int, law: Array, shape: Array) -> Array:
    """Return the coefficients of a model that answers 1 where all parts of a shape are present, else 0."""
    m, mean = len(shape), present(d, law, 1)
    cross = np.full(d, present(d, law, m + 1) - mean * present(d, law, m))
    cross[shape] = present(d, law, m) * (1 - mean)
    return solved(d, law, cross)


def enumerated(answer: Answer, d: int, width: float) -> Array:
    """Return the coefficients from all 2ᵈ masks of a text."""
    masks = np.array(list(product((False, True), repeat=d)))
    count = masks.sum(axis=1)
    ways = np.array([comb(d, each) for each in range(d + 1)])
    weight = (near(d, text_law(d), width) / ways)[count]
    x, y = masks - weight @ masks, answer(masks)
    return np.asarray(np.linalg.solve(x.T @ (x * weight[:, None]), x.T @ (weight * y)))

"""Estimates with the help of a guess: they have the expectation of the plain fit, and their intervals cover it.

Each model is explained with other seeds again and again, and compared with the sum over all masks.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from estimates import estimates, explainer, truth, tune
from scipy.special import expit

import retrust as rt
from retrust.assist import assisted
from retrust.neighbourhood import Weighted
from retrust.surrogate import estimated

if TYPE_CHECKING:
    from retrust.representation import Floats

D, N, REPEATS = 12, 400, 120
RNG = np.random.default_rng(0)
SLOPES = RNG.normal(size=D) * np.array([3.0] * 3 + [0.5] * 9)
JOINT = np.triu(RNG.normal(size=(D, D)), 1)
MODELS: dict[str, Any] = {
    "linear": lambda m: m @ SLOPES + 7,
    "logistic": lambda m: expit(m @ SLOPES - SLOPES.sum() / 2),
    "interactions": lambda m: m @ SLOPES + np.einsum("ni,ij,nj->n", m, JOINT, m),
    "steps": lambda m: (m @ SLOPES > SLOPES.sum() / 2).astype(float),
}
LAWS: dict[str, Any] = {
    "words": (rt.UniformCount(), rt.exponential(25)),
    "words, narrow": (rt.UniformCount(), rt.exponential(6)),
    "superpixels": (rt.Independent(0.5), rt.exponential(25)),
    "columns": (rt.Independent(tuple(np.linspace(0.15, 0.85, D))), rt.exponential(0.75 * D**0.5, "euclidean")),
}
CASES = [(law, model) for law in LAWS for model in MODELS]


@cache
def repeated(law: str, model: str) -> tuple[Floats, Floats, Floats]:
    """Return estimates and standard errors (seeds, d) of many seeds, and what they estimate, (d,)."""
    sampler, kernel = LAWS[law]
    b, se = estimates(
        lambda seed: explainer(MODELS[model], sampler=sampler, kernel=kernel, seed=seed), D, N, range(REPEATS)
    )
    return b, se, truth(MODELS[model], D, sampler, kernel)


@pytest.mark.parametrize(("law", "model"), CASES)
def test_estimates_have_no_bias(law: str, model: str) -> None:
    """The mean of many seeds is within four of its own standard errors: one in 16,000, of 192 coefficients."""
    b, _, true = repeated(law, model)
    own = b.std(axis=0, ddof=1) / np.sqrt(REPEATS)
    assert np.abs(b.mean(axis=0) - true).max() <= 4 * own.max() + 1e-9
    assert np.all(np.abs(b.mean(axis=0) - true) <= 4.5 * own + 1e-9)


@pytest.mark.parametrize(("law", "model"), CASES)
def test_intervals_cover_what_they_promise(law: str, model: str) -> None:
    """95 % of 120 seeds, each the mean over parts: between 89 and 99 % whatever the parts of a seed have in common."""
    b, se, true = repeated(law, model)
    covered = float((np.abs(b - true) <= 1.96 * se).mean())
    margin = 3 * np.sqrt(0.95 * 0.05 / REPEATS)
    assert 0.95 - margin <= covered <= min(0.99, 0.95 + margin)


@pytest.mark.parametrize(("law", "model"), CASES)
def test_standard_errors_are_the_spread_between_seeds(law: str, model: str) -> None:
    b, se, _ = repeated(law, model)
    ratio = b.std(axis=0, ddof=1).mean() / se.mean()
    assert abs(ratio - 1) <= 3 / np.sqrt(2 * REPEATS)  # the relative error of a spread told from so many


@pytest.mark.parametrize(("law", "least"), [("words", 5), ("superpixels", 5), ("columns", 5)])
def test_a_guess_that_is_right_saves_many_samples(law: str, least: float) -> None:
    """The spread between seeds, squared, against that of the plain fit of as many masks by the same law."""
    sampler, kernel = LAWS[law]
    plain = np.array(
        [
            rt.Explainer.explain(
                explainer(
                    MODELS["logistic"], sampler=sampler, kernel=kernel, seed=seed, surrogate=rt.Ridge(D, 0, "none")
                ),
                tune(D),
                n_samples=N,
            ).coefficients
            for seed in range(40)
        ]
    )
    helped = repeated(law, "logistic")[0]
    assert (plain.std(axis=0) ** 2).mean() >= least * (helped.std(axis=0) ** 2).mean()


def test_final_fits_of_chosen_parts_are_covered_too() -> None:
    """Fitted on the same four parts whatever the seed, so that selection plays no part."""
    sampler, kernel = LAWS["words"]

    def answer(m: Floats) -> Floats:
        return np.asarray(expit(m[:, :4] @ np.array([4.0, -3.0, 2.5, -2.0]) + 0.02 * np.sin(m @ SLOPES)))

    true = truth(answer, D, sampler, kernel)
    fits = []
    for seed in range(REPEATS):
        e = explainer(answer, seed=seed, surrogate=rt.Ridge(D, 0, "none")).stream(tune(D)).upto(200)
        fits.append((e.coefficients, e.stderr))
    b, se = np.array(fits).transpose(1, 0, 2)
    covered = float((np.abs(b - true) <= 1.96 * se).mean())
    assert abs(covered - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / REPEATS)


def test_rows_of_real_tables_are_covered_too() -> None:
    """The law is the training rows' own; the answer of 60,000 draws stands for the truth, its error added."""
    rng = np.random.default_rng(0)
    data = rng.normal(size=(400, 12))
    slopes = np.array([2.0, -1.5, 1.0, 0.5, *[0.2] * 8])

    def model(rows: Any) -> Floats:
        return np.asarray(expit(np.asarray(rows, dtype=float) @ slopes))

    table = rt.Table(data)
    many = rt.Explainer(model, table, surrogate=rt.Ridge(12, 0, "none"), seed=999).explain(data[0], n_samples=60_000)
    fits = [
        estimated(rt.Explainer(model, table, seed=seed).stream(data[0]).upto(300).weighted, 0) for seed in range(60)
    ]
    b, se = np.array(fits).transpose(1, 0, 2)
    covered = float((np.abs(b - many.coefficients) <= 1.96 * np.hypot(se, many.stderr)).mean())
    assert abs(covered - 0.95) <= 3 * np.sqrt(0.95 * 0.05 / 60)


# --- where there is no help ------------------------------------------------------------------------------------------


def test_a_number_of_samples_is_published_lime_without_help() -> None:
    e = explainer(MODELS["logistic"]).explain(tune(D), n_samples=N)
    assert e.neighbourhood.law is None
    assert assisted(e.weighted, 0) is None


def test_there_is_no_help_from_few_answers_nor_for_kernels_that_are_not_known() -> None:
    e = explainer(MODELS["logistic"]).stream(tune(D)).upto(N)
    assert assisted(e.weighted, 0) is not None
    few = explainer(MODELS["logistic"]).stream(tune(D)).upto(50)
    assert assisted(few.weighted, 0) is None
    own = Weighted(e.neighbourhood, lambda design: np.exp(design.mean(axis=1)))
    assert assisted(own, 0) is None
    assert np.isfinite(estimated(own, 0)[1]).all()


def test_a_part_that_is_always_there_has_no_help() -> None:
    keep = (1.0, *[0.5] * (D - 1))
    e = explainer(MODELS["linear"], sampler=rt.Independent(keep), kernel=rt.exponential(2, "euclidean"))
    found = e.stream(tune(D)).upto(N)
    assert assisted(found.weighted, 0) is None
    assert found.coefficients[0] == 0
    assert np.isfinite(found.coefficients).all()


def test_all_classes_are_estimated_from_one_neighbourhood() -> None:
    def both(m: Floats) -> Floats:
        first = MODELS["logistic"](m)
        return np.stack([first, 1 - first], axis=1)

    e = explainer(both).stream(tune(D), 0).upto(N)
    b, se = estimated(e.weighted, 0)
    other, their = estimated(e.weighted, 1)
    assert other == pytest.approx(-b, abs=6 * se.max())
    assert set(e.weighted.memo) >= {0, 1}
    assert their == pytest.approx(se, rel=0.2)

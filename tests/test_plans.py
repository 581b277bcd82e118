"""How masks are drawn when nobody says how many: all of them, by the kernel's own law, or by the domain's."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from estimates import chances, explainer, regression, tune
from scipy.special import expit
from toys import Notes, all_masks

import retrust as rt
from retrust.plans import Law
from retrust.population import AS_MANY, Counts, Tilted

if TYPE_CHECKING:
    from retrust.representation import Floats

RNG = np.random.default_rng(4)
SLOPES = RNG.normal(size=16)
JOINT = np.triu(RNG.normal(size=(16, 16)), 1)


def answer(m: Floats) -> Floats:
    """Bend, and let parts work together."""
    d = m.shape[1]
    joint = np.einsum("ni,ij,nj->n", m, JOINT[:d, :d], m)
    return np.asarray(expit(m @ SLOPES[:d]) + 0.3 * joint)


def law(sampler: Any, kernel: Any, d: int, most: int = 5000) -> Law:
    return Law.of(sampler, kernel, Notes().represent(tune(d)), most)


# --- which law -------------------------------------------------------------------------------------------------------


def test_all_masks_are_asked_about_where_there_are_few_and_the_budget_has_room() -> None:
    assert law(rt.UniformCount(), rt.exponential(25), 10).count == 1024
    assert law(rt.UniformCount(), rt.exponential(25), 10, most=1023).all is None
    assert law(rt.UniformCount(), rt.exponential(25), 11).all is None


def test_absence_that_is_a_draw_is_never_done_with() -> None:
    table = rt.Table(RNG.normal(size=(50, 3)))
    assert (
        Law.of(rt.Independent((0.3, 0.4, 0.5)), rt.exponential(1, "euclidean"), table.represent([0, 0, 0]), 5000).all
        is None
    )


@pytest.mark.parametrize(
    ("sampler", "kernel", "kind"),
    [
        (rt.UniformCount(), rt.exponential(25), rt.UniformCount),
        (rt.UniformCount(), rt.exponential(5), Counts),
        (rt.Independent(0.5), rt.exponential(25), rt.Independent),
        (rt.Independent(0.5), rt.exponential(3), Counts),
        (rt.Independent((0.2,) * 20), rt.exponential(3.4, "euclidean"), rt.Independent),
        (rt.Independent((0.2,) * 20), rt.exponential(0.8, "euclidean"), Tilted),
        (rt.UniformCount(), rt.shapley(), rt.UniformCount),
    ],
)
def test_a_kernel_under_which_less_than_half_of_the_samples_count_draws_by_its_own_law(
    sampler: Any, kernel: Any, kind: type
) -> None:
    found = law(sampler, kernel, 20)
    masks = sampler(20, 20_000, np.random.default_rng(0))
    weights = kernel(masks)
    share = weights.sum() ** 2 / (weights @ weights) / len(masks)
    assert type(found.sampler) is kind
    assert isinstance(kernel, type(rt.shapley())) or (share < 0.5) == (kind in {Counts, Tilted})
    assert found.spoken is sampler


def test_odds_are_told_only_where_masks_are_drawn_by_another_law_and_the_instance_counts_once() -> None:
    assert law(rt.UniformCount(), rt.exponential(25), 20).odds(np.ones((3, 20), bool), 0) is None
    near = law(rt.UniformCount(), rt.exponential(5), 20)
    masks = np.ones((3, 20), bool)
    masks[1:, :4] = False
    odds: Any = near.odds(masks, 0)
    assert odds[0] == 1
    assert odds[1] == odds[2] == pytest.approx(ratio_of(near, masks[1:])[0])
    assert near.odds(masks[1:], 7) == pytest.approx(odds[1:])


def ratio_of(near: Law, masks: Any) -> Floats:
    found: Any = near.sampler
    return np.asarray(found.ratio(masks))


# --- all masks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 5, 8, 10])
@pytest.mark.parametrize(
    ("sampler", "kernel"),
    [
        (rt.UniformCount(), rt.exponential(25)),
        (rt.Independent(0.5), rt.exponential(25)),
        (rt.UniformCount(), rt.exponential(8)),
    ],
    ids=["words", "superpixels", "narrow"],
)
@pytest.mark.parametrize("alpha", [0.001, 1.0])
def test_all_masks_give_the_regression_over_all_masks(d: int, sampler: Any, kernel: Any, alpha: float) -> None:
    """By the book, to 1e-9: as if the law had drawn 5,000 masks, and the instance once more."""
    e = explainer(answer, sampler=sampler, kernel=kernel, surrogate=rt.Ridge(d, alpha, "none")).explain(tune(d))
    masks = all_masks(d)
    weight = AS_MANY * chances(sampler, masks)
    weight[0] += 1
    wanted = regression(masks.astype(float), answer(masks.astype(float)), weight * kernel(masks), alpha)
    assert e.exact
    assert e.n_samples == 2**d
    assert e.coefficients == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert (e.stderr == 0).all()
    assert (e.settled, e.stability) == (True, 1.0)
    assert "exact" in str(e)


def test_what_is_exact_is_the_same_whatever_the_seed() -> None:
    found = [explainer(answer, seed=seed).explain(tune(7)) for seed in range(3)]
    assert all(np.array_equal(e.coefficients, found[0].coefficients) for e in found)


def test_no_mask_is_asked_about_twice_where_all_are() -> None:
    asked: list[tuple[float, ...]] = []

    def model(m: Floats) -> Floats:
        asked.extend(map(tuple, m.tolist()))
        return answer(m)

    e = explainer(model).explain(tune(8))
    assert len(asked) == 2**8 + 1  # and the instance, whether it is answered as before
    assert len(set(asked)) == 2**8
    assert e.model_calls == 2**8 + 1


def test_some_of_all_masks_are_no_exact_answer_and_speak_of_all_parts() -> None:
    stream = explainer(lambda m: m.sum(axis=1), surrogate=rt.Ridge(9, 0, "none")).stream(tune(9))
    stream.pace = lambda done, of: 60 if done < 120 else 0  # noqa: ARG005 – only what is done counts
    e = stream.last()
    assert (e.n_samples, e.partial, e.exact) == (120, "stopped", False)
    assert e.coefficients == pytest.approx(np.ones(9))


def test_sampling_on_from_some_of_all_masks_goes_on() -> None:
    stream = explainer(answer).stream(tune(9))
    stream.pace = lambda done, of: 60 if done < 120 else 0  # noqa: ARG005 – only what is done counts
    e = rt.more(stream.last(), 200).last()
    assert e.n_samples == 320
    assert not e.exact
    assert len(e.weighted.weights) == 320
    assert np.isfinite(e.read(kernel=rt.exponential(10)).coefficients).all()


def test_there_is_nothing_to_add_to_all_masks() -> None:
    e = explainer(answer).explain(tune(6))
    assert list(rt.more(e, 500)) == []
    again = rt.more(e, 500).last()
    assert again.exact
    assert np.array_equal(again.coefficients, e.coefficients)


# --- Shapley values --------------------------------------------------------------------------------------------------


def shapley(d: int) -> Floats:
    """Return exact Shapley values: the mean of what a part adds, over all orders."""
    values = answer(all_masks(d).astype(float))
    worth = {tuple(mask): value for mask, value in zip(all_masks(d).tolist(), values, strict=True)}
    total = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        present = [False] * d
        before = worth[tuple(present)]
        for part in order:
            present[part] = True
            after = worth[tuple(present)]
            total[part] += after - before
            before = after
    return total / len(orders)


def shapley_by_counts(d: int) -> Floats:
    """Return exact Shapley values of many parts: marginal gains weighed by how many were there before."""
    from math import comb

    masks = all_masks(d)
    values = answer(masks.astype(float))
    place = (masks @ (1 << np.arange(d)[::-1])).astype(int)
    worth = np.empty(2**d)
    worth[place] = values
    present = masks.sum(axis=1)
    factor = np.array([1 / d / comb(d - 1, k - 1) if k else 0.0 for k in range(d + 1)])
    return np.array(
        [
            (factor[present] * (values - worth[np.maximum(place - (1 << (d - 1 - part)), 0)]))[masks[:, part]].sum()
            for part in range(d)
        ]
    )


def shapley_explainer(d: int, seed: int = 0) -> rt.Explainer:
    return explainer(answer, kernel=rt.shapley(), surrogate=rt.Ridge(d, alpha=0, select="none"), seed=seed)


@pytest.mark.parametrize("d", [2, 3, 5, 6, 8])
def test_with_the_shapley_kernel_coefficients_of_few_parts_are_shapley_values(d: int) -> None:
    """The ends count a thousand million times, not without limit: to 1e-6."""
    e = shapley_explainer(d).explain(tune(d))
    wanted = shapley(d) if d < 8 else shapley_by_counts(d)
    assert e.exact
    assert e.coefficients == pytest.approx(wanted, abs=1e-6)
    assert wanted == pytest.approx(shapley_by_counts(d), abs=1e-12)
    ends = answer(np.array([[1.0] * d, [0.0] * d]))
    assert e.coefficients.sum() == pytest.approx(ends[0] - ends[1], abs=1e-6)


def test_with_the_shapley_kernel_coefficients_of_more_parts_are_near_shapley_values() -> None:
    """Intervals, 95 %, of 14 parts and 12 seeds: 89 % or more of them cover."""
    d = 14
    wanted = shapley_by_counts(d)
    found = [shapley_explainer(d, seed).stream(tune(d)).upto(2000) for seed in range(12)]
    for e in found:
        assert np.corrcoef(e.coefficients, wanted)[0, 1] > 0.99
        ends = answer(np.array([[1.0] * d, [0.0] * d]))
        assert e.coefficients.sum() == pytest.approx(ends[0] - ends[1], abs=1e-3)
    covered = np.mean([np.abs(e.coefficients - wanted) <= 1.96 * e.stderr for e in found])
    assert covered >= 0.89

"""How sure an explanation says it is, against what repetitions show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from estimates import explainer, jaccard, tune
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from toys import wavy

import retrust as rt
from retrust.settling import CONFIDENT, EXACT, SIZED, UNKNOWN, Outlook, outlook, tied
from retrust.surrogate import estimated

# --- the rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stability", "precision", "settled"),
    [(0.95, 0.25, True), (0.949, 0.1, False), (1.0, 0.251, False), (float("nan"), 0.1, False)],
)
def test_settled_is_overlap_and_size(stability: float, precision: float, *, settled: bool) -> None:
    assert Outlook(stability, precision).settled is settled
    assert (CONFIDENT, SIZED) == (0.95, 0.25)


def test_what_is_exact_is_settled_and_what_is_unknown_is_not() -> None:
    assert EXACT.settled
    assert not UNKNOWN.settled


def test_the_widest_interval_on_top_is_measured_by_the_largest_coefficient() -> None:
    found = outlook(np.array([4.0, -2.0, 0.1]), np.array([0.1, 0.3, 0.9]), 2)
    assert found.precision == pytest.approx(1.96 * 0.3 / 4)


def test_parts_that_are_far_apart_stay_and_parts_that_are_alike_change_places() -> None:
    apart = outlook(np.array([5.0, 4.0, 0.2, 0.1]), np.full(4, 0.05), 2)
    alike = outlook(np.array([5.0, 1.0, 1.0, 1.0]), np.full(4, 0.05), 2)
    assert apart.stability == 1.0
    assert alike.stability < 0.7


def test_where_all_parts_are_on_top_they_are_on_top_again() -> None:
    assert outlook(np.array([1.0, 1.0]), np.array([0.5, 0.5]), 2).stability == 1.0
    assert outlook(np.array([1.0, 1.0]), np.array([0.5, 0.5]), 9).stability == 1.0


@pytest.mark.parametrize(
    ("coefficients", "stderr"),
    [([1.0, np.nan], [0.1, 0.1]), ([1.0, 0.5], [np.nan, 0.1]), ([0.0, 0.0], [0.1, 0.1]), ([], [])],
)
def test_nothing_is_promised_of_what_is_not_known(coefficients: list[float], stderr: list[float]) -> None:
    assert np.isnan(outlook(np.array(coefficients), np.array(stderr), 1).stability)


@given(
    b=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12),
    scale=st.floats(1e-9, 1e6),
    k=st.integers(1, 12),
    seed=st.integers(0, 5),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_overlap_is_a_share_and_the_same_for_the_same_seed(b: list[float], scale: float, k: int, seed: int) -> None:
    values, errors = np.array(b), np.full(len(b), scale)
    found = outlook(values, errors, k, seed)
    assert np.isnan(found.stability) == (not values.any())
    assert np.isnan(found.stability) or 0 <= found.stability <= 1
    again = outlook(values, errors, k, seed)
    assert (found.stability, found.precision) == pytest.approx((again.stability, again.precision), abs=0, nan_ok=True)


def test_units_play_no_part() -> None:
    b, se = np.array([3.0, 2.0, 1.9, 0.5, 0.1]), np.full(5, 0.3)
    small, large = (outlook(b * unit, se * unit, 3) for unit in (1e-6, 1e6))
    assert small.stability == pytest.approx(large.stability, abs=1e-9)
    assert small.precision == pytest.approx(large.precision)


# --- against repetition ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_predicted_overlaps_are_those_of_normal_estimates(noise: float) -> None:
    """Sparse effects about zero, as words have them: few large ones, many small."""
    rng = np.random.default_rng(0)
    true = np.concatenate([rng.normal(size=8), rng.normal(size=52) * 0.05])
    estimates = [true + noise * rng.normal(size=60) for _ in range(40)]
    predicted = np.mean([outlook(b, np.full(60, noise), 10).stability for b in estimates])
    observed = jaccard([set(np.argsort(-np.abs(b))[:10].tolist()) for b in estimates])
    assert predicted == pytest.approx(observed, abs=0.05)


D = 24
WEIGHTS = np.concatenate([[3.0, -2.5, 2, 1.5, -1.2], np.linspace(0.6, 0.02, D - 5)])


def bent(m: Any) -> Any:
    return expit(m @ WEIGHTS - 2.5 + 0.5 * m[:, 0] * m[:, 6])


def crooked(m: Any) -> Any:
    return m @ WEIGHTS + 2 * m[:, 1] * m[:, 7] - 3 * m[:, 9] * m[:, 10] * m[:, 11]


@pytest.mark.parametrize("model", [bent, crooked])
@pytest.mark.parametrize("n", [150, 600])
def test_predicted_overlaps_are_those_of_other_seeds(model: Any, n: int) -> None:
    found = [explainer(model, seed=seed, surrogate=rt.Ridge(7)).stream(tune(D)).upto(n) for seed in range(25)]
    predicted = np.mean([e.stability for e in found])
    observed = jaccard([set(e.fit.selected.tolist()) for e in found])
    assert predicted == pytest.approx(observed, abs=0.1)


def test_the_way_in_which_parts_are_selected_is_in_the_prediction() -> None:
    """One at a time, thirty words of small and equal weight stand in for a third one that is a little larger.

    By size it is the same three; one at a time the third is drawn by lot, and so it is said.
    """
    text = " ".join(f"word{i}" for i in range(30)) + " good bad end"

    def found(select: Any, n: int, seeds: int) -> list[rt.Explanation]:
        three = rt.Ridge(3, select=select)
        return [rt.Explainer(wavy, surrogate=three, seed=seed).stream(text).upto(n) for seed in range(seeds)]

    stepwise = found("forward", 1500, 20)
    observed = jaccard([set(e.fit.selected.tolist()) for e in stepwise])
    assert observed < 0.7
    assert np.mean([e.stability for e in stepwise]) == pytest.approx(observed, abs=0.1)
    by_size = found("highest", 4096, 6)
    assert jaccard([set(e.fit.selected.tolist()) for e in by_size]) == 1
    assert np.mean([e.stability for e in by_size]) >= 0.95


@pytest.mark.parametrize("seed", range(4))
def test_imagined_selections_are_those_of_the_surrogate(seed: int) -> None:
    e = explainer(crooked, seed=seed, surrogate=rt.Ridge(5)).stream(tune(D)).upto(300)
    choose: Any = rt.Ridge(5).chooser(e.weighted, 0)
    coefficients, _ = estimated(e.weighted, 0)
    assert set(np.flatnonzero(choose(coefficients[None])[0]).tolist()) == set(e.fit.selected.tolist())
    assert rt.Ridge(10).chooser(e.weighted, 0) is None  # the largest


@pytest.mark.parametrize(("model", "k"), [(bent, 3), (bent, 7), (crooked, 3)])
def test_settled_is_true(model: Any, k: int) -> None:
    """Where it says so, other seeds share the top parts, and sizes are within a quarter of the largest."""
    found = [explainer(model, seed=seed, surrogate=rt.Ridge(k)).explain(tune(D)) for seed in range(12)]
    settled = [e for e in found if e.settled]
    assert len(settled) > 8
    assert jaccard([set(e.fit.selected.tolist()) for e in settled]) >= 0.95
    sizes = np.array([e.coefficients[settled[0].fit.selected] for e in settled])
    assert np.abs(sizes - sizes.mean(axis=0)).max() <= 0.25 * np.abs(sizes).max()


def test_near_ties_at_the_cut_are_not_called_settled_before_the_budget_is_spent() -> None:
    found = [explainer(crooked, seed=seed, surrogate=rt.Ridge(7)).explain(tune(D)) for seed in range(6)]
    spent = [e for e in found if not e.settled]
    assert len(spent) >= 5
    assert {e.n_samples for e in spent} == {5000}
    assert all("not settled" in str(e) for e in spent)


# --- ties ------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_told_apart_is_tied() -> None:
    assert tied(np.array([1.0, -0.98, 0.5, 0.49]), np.array([0.02, 0.02, 0.001, 0.001])) == [False, True, False, False]


def test_equal_sizes_are_tied_though_nothing_is_left_to_chance() -> None:
    assert tied(np.array([0.3, -(0.1 + 0.2), 0.1]), np.zeros(3)) == [False, True, False]


def test_what_has_no_interval_is_not_called_tied() -> None:
    assert tied(np.array([1.0, 1.0]), np.array([0.1, np.nan])) == [False, False]
    assert tied(np.empty(0), np.empty(0)) == []


def test_equal_parts_of_a_model_are_tied_in_its_explanation() -> None:
    few = explainer(lambda m: m.sum(axis=1), surrogate=rt.Ridge(5, alpha=0)).explain(tune(5))
    assert few.exact
    assert few.tied == [False, True, True, True, True]
    many = explainer(lambda m: 3 * m[:, 0] + m[:, 1] + m[:, 2] * m[:, 1]).stream(tune(15)).upto(500)
    assert many.tied[:2] == [False, False]

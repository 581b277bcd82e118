"""Surrogates: answers that can be worked out by hand, by another formula, or by repetition."""

from __future__ import annotations

from itertools import combinations
from math import comb, exp, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, lars_path
from toys import all_masks, near

from retrust import Fit, Lasso, Ridge, UniformCount, exponential
from retrust.errors import OptionError
from retrust.neighbourhood import Neighbourhood, Weighted

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks

BETA = np.array([3.0, 0.0, -2.0, 0.0, 1.0, 0.5])


def drawn(d: int, n: int = 400, seed: int = 0) -> Masks:
    return np.concatenate([np.ones((1, d), bool), UniformCount()(d, n - 1, np.random.default_rng(seed))])


def bent(masks: Masks) -> Floats:
    """Answer as a model with steps, products and a curve."""
    x = masks.astype(float)
    return np.asarray(np.tanh(x @ np.linspace(-1, 1.5, masks.shape[1])) + x[:, 0] * x[:, 1] - (x.mean(axis=1) > 0.5))


# --- linear models ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "surrogate",
    [Ridge(6, alpha=0), Ridge(4, alpha=0), Ridge(6, alpha=0, select="none"), Ridge(7, alpha=0), Lasso(4), Lasso(6)],
    ids=str,
)
def test_a_model_linear_in_the_masks_is_recovered(surrogate: Any) -> None:
    masks = drawn(6)
    fit = surrogate.fit(near(masks, 1e6 + masks @ BETA), 0)
    assert fit.coefficients == pytest.approx(BETA, abs=1e-7)
    assert fit.intercept == pytest.approx(1e6, rel=1e-12)
    assert fit.fidelity == pytest.approx(1, abs=1e-9)
    assert fit.selected.tolist()[:4] == [0, 2, 4, 5]
    assert fit.predict(masks) == pytest.approx(1e6 + masks @ BETA, rel=1e-12)


@pytest.mark.parametrize("select", ["forward", "highest"])
def test_only_so_many_features_are_kept_and_they_are_the_largest(select: Any) -> None:
    masks = drawn(6)
    fit = Ridge(2, alpha=0, select=select).fit(near(masks, masks @ BETA), 0)
    assert sorted(fit.selected) == [0, 2]
    assert np.isnan(fit.stderr).tolist() == [False, True, False, True, True, True]
    assert np.count_nonzero(fit.coefficients) == 2


def test_a_penalty_shrinks_towards_nothing() -> None:
    masks = drawn(6)
    weighted = near(masks, masks @ BETA)
    sizes = [np.abs(Ridge(6, alpha=alpha, select="none").fit(weighted, 0).coefficients).sum() for alpha in (0, 1, 100)]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_forward_selection_takes_the_best_pair_that_greed_can_find() -> None:
    masks = drawn(5, 300, seed=3)
    y = bent(masks)
    weighted = near(masks, y)
    chosen: list[int] = []
    for _ in range(3):
        scores = {}
        for j in set(range(5)) - set(chosen):
            x = masks[:, [*chosen, j]].astype(float)
            model = LinearRegression().fit(x, y, sample_weight=weighted.weights)
            scores[j] = model.score(x, y, sample_weight=weighted.weights)
        chosen.append(max(scores, key=scores.__getitem__))
    assert set(Ridge(3, alpha=0, select="forward").fit(weighted, 0).selected) == set(chosen)


def test_auto_is_forward_up_to_six_features_and_highest_beyond() -> None:
    masks = drawn(12, 500, seed=8)
    weighted = near(masks, bent(masks))
    for n, select in ((6, "forward"), (7, "highest")):
        assert set(Ridge(n).fit(weighted, 0).selected) == set(Ridge(n, select=select).fit(weighted, 0).selected)  # type: ignore[arg-type]
    six = Ridge(6, select="highest").fit(weighted, 0).selected
    assert set(six) != set(Ridge(6, select="forward").fit(weighted, 0).selected)


# --- closed forms for texts: Mardaoui & Garreau, "An analysis of LIME for text data", AISTATS 2021 --------------------


def alpha(p: int, d: int, width: float) -> float:
    """E[π z₁ … z_p]: p given words present, under the law of the sampler, weighed by the kernel (section 3)."""
    total = 0.0
    for absent in range(1, d + 1):
        weight = exp(-((100 * (1 - sqrt(1 - absent / d))) ** 2) / (2 * width**2))
        total += weight * comb(d - p, absent) / comb(d, absent) / d
    return total


def product_by_hand(p: int, d: int, width: float) -> tuple[float, float, float]:
    """Solve the 3 × 3 normal equations of Π_{j ≤ p} z_j: intercept, weight of its words, weight of the others."""
    a = [alpha(i, d, width) for i in range(p + 2)]
    inside, outside = p, d - p
    sums = [
        [a[0], inside * a[1], outside * a[1]],
        [a[1], a[1] + (inside - 1) * a[2], outside * a[2]],
        [a[1], inside * a[2], a[1] + (outside - 1) * a[2]],
    ]
    return tuple(np.linalg.solve(sums, [a[p], a[p], a[p + 1]]).tolist())


def test_the_expectations_are_those_of_the_article_without_a_kernel() -> None:
    assert alpha(1, 9, 1e9) == pytest.approx((9 - 1) / (2 * 9), rel=1e-12)
    assert alpha(3, 9, 1e9) == pytest.approx((9 - 3) / (4 * 9), rel=1e-12)


@pytest.mark.parametrize("width", [25, 60, 1e6])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_a_small_decision_tree_on_words_has_the_weights_of_the_closed_form(p: int, width: float) -> None:
    d = 8
    masks = all_masks(d)[1:]  # the law: a uniform number of absent words, each choice as likely
    absent = (~masks).sum(axis=1)
    law = np.array([1 / (d * comb(d, s)) for s in absent])
    weighted = near(masks, masks[:, :p].all(axis=1).astype(float), lambda m: exponential(width)(m) * law)
    fit = Ridge(d, alpha=0, select="none").fit(weighted, 0)
    intercept, inside, outside = product_by_hand(p, d, width)
    assert fit.coefficients == pytest.approx([inside] * p + [outside] * (d - p), abs=1e-9)
    assert fit.intercept == pytest.approx(intercept, abs=1e-9)
    assert p == 1 or inside < 1


def test_a_large_sample_comes_within_its_errors_of_the_closed_form() -> None:
    d, p, width = 8, 2, 25.0
    masks = drawn(d, 60_000, seed=4)
    fit = Ridge(d, alpha=0, select="none").fit(
        near(masks[1:], masks[1:, :p].all(axis=1).astype(float), exponential(width)), 0
    )
    _, inside, outside = product_by_hand(p, d, width)
    away = (fit.coefficients - np.array([inside] * p + [outside] * (d - p))) / fit.stderr
    assert np.abs(away).max() < 3.5
    assert fit.stderr.max() < 0.01


# --- K-LASSO ---------------------------------------------------------------------------------------------------------


def test_the_lasso_finds_the_features_that_matter_among_many() -> None:
    masks = drawn(40, 600, seed=2)
    y = masks[:, [3, 17, 31]] @ [2.0, -1.5, 1.0] + 0.05 * bent(masks)
    fit = Lasso(3).fit(near(masks, y), 0)
    assert fit.selected.tolist() == [3, 17, 31]


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_last_step_of_the_lasso_path_with_k_features_decides(k: int) -> None:
    masks = drawn(15, 500, seed=6)
    weighted = near(masks, bent(masks))
    w = weighted.weights
    x, y = masks - w @ masks / w.sum(), bent(masks) - w @ bent(masks) / w.sum()
    _, _, path = lars_path(x * np.sqrt(w)[:, None], y * np.sqrt(w), method="lasso")
    step = np.flatnonzero(np.count_nonzero(path, axis=0) <= k)[-1]
    chosen = np.flatnonzero(path[:, step])
    fit = Lasso(k).fit(weighted, 0)
    assert sorted(fit.selected) == chosen.tolist()
    least = LinearRegression().fit(masks[:, chosen], bent(masks), sample_weight=w)
    assert fit.coefficients[chosen] == pytest.approx(least.coef_, abs=1e-9)
    assert fit.intercept == pytest.approx(least.intercept_, abs=1e-9)


# --- standard errors -------------------------------------------------------------------------------------------------


def hc3(masks: Masks, y: Floats, w: Floats, chosen: list[int], alpha: float) -> Floats:
    """Weighted ridge with HC3 errors, straight from the formula, with a column for the intercept."""
    x = np.column_stack([np.ones(len(y)), masks[:, chosen]])
    root = np.sqrt(w)[:, None]
    penalty = alpha * np.diag([0.0] + [1.0] * len(chosen))
    bread = np.linalg.inv((x * root).T @ (x * root) + penalty)
    beta = bread @ (x.T @ (w * y))
    leverage = np.diag((x * root) @ bread @ (x * root).T)
    scores = x * (w * (y - x @ beta) / (1 - leverage))[:, None]
    return np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread))[1:]


@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize(("d", "n", "width"), [(6, 80, 25), (6, 80, 1000), (30, 900, 25)])
def test_errors_are_hc3_by_the_formula(d: int, n: int, width: float, penalty: float) -> None:
    masks = drawn(d, n, seed=1)
    y = bent(masks)
    weighted = near(masks, y, exponential(width))
    fit = Ridge(5, alpha=penalty, select="highest").fit(weighted, 0)
    chosen = fit.selected.tolist()
    assert fit.stderr[chosen] == pytest.approx(hc3(masks, y, weighted.weights, chosen, penalty), rel=1e-7)
    assert fit.stderr[chosen].min() > 0


def test_errors_are_the_same_summed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    masks = drawn(9, 500)
    whole = Ridge(5).fit(near(masks, bent(masks)), 0)
    monkeypatch.setattr("retrust.surrogate._CELLS", 64)
    blocks = Ridge(5).fit(near(masks, bent(masks)), 0)
    assert blocks.stderr[whole.selected] == pytest.approx(whole.stderr[whole.selected], rel=1e-12)
    assert blocks.fidelity == pytest.approx(whole.fidelity, rel=1e-12)


def test_intervals_of_a_bent_model_cover_the_large_sample_answer_as_often_as_they_say() -> None:
    surrogate = Ridge(8, alpha=0, select="none")
    many = drawn(8, 100_000, seed=99)
    right = surrogate.fit(near(many, bent(many)), 0).coefficients
    covered = []
    for seed in range(150):
        masks = drawn(8, 250, seed=seed)
        fit = surrogate.fit(near(masks, bent(masks)), 0)
        covered.append(np.abs(fit.coefficients - right) < 1.96 * fit.stderr)
    assert 0.92 < np.mean(covered) < 0.98


def test_errors_shrink_as_the_root_of_the_sample() -> None:
    samples = (drawn(4, n, seed=1) for n in (2_000, 32_000))
    few, many = (Ridge(4, alpha=0).fit(near(masks, bent(masks)), 0).stderr for masks in samples)
    assert many / few == pytest.approx(np.full(4, 1 / 4), rel=0.1)


def test_where_nothing_is_left_over_errors_are_unknown_and_not_zero() -> None:
    masks = drawn(5, 6, seed=0)
    fit = Ridge(5, alpha=0, select="none").fit(near(masks, bent(masks)), 0)
    assert np.isnan(fit.stderr).all()
    assert np.isfinite(fit.coefficients).all()


# --- many features ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrust.neighbourhood.GRAM_LIMIT", 20)
    monkeypatch.setattr("retrust.neighbourhood._CELLS", 3000)  # several blocks


@pytest.mark.parametrize("penalty", [0.5, 1.0])
def test_all_features_by_blocks_are_those_of_the_dense_system(penalty: float, request: pytest.FixtureRequest) -> None:
    masks, surrogate = drawn(60, 500), Ridge(alpha=penalty, select="none")
    dense = surrogate.fit(near(masks, bent(masks)), 0)
    request.getfixturevalue("small_limit")
    blocks = surrogate.fit(near(masks, bent(masks)), 0)
    assert blocks.coefficients == pytest.approx(dense.coefficients, abs=1e-9)
    assert blocks.intercept == pytest.approx(dense.intercept, abs=1e-9)
    assert blocks.fidelity == pytest.approx(dense.fidelity, abs=1e-9)
    assert np.isnan(blocks.stderr).all()


@pytest.mark.parametrize("surrogate", [Ridge(3), Ridge(8), Lasso(3)], ids=str)
def test_where_all_columns_pass_the_screen_the_answer_is_the_dense_one(
    surrogate: Any, request: pytest.FixtureRequest
) -> None:
    masks = drawn(60, 500)
    dense = surrogate.fit(near(masks, bent(masks)), 0)
    request.getfixturevalue("small_limit")
    screened = surrogate.fit(near(masks, bent(masks)), 0)
    assert screened.coefficients == pytest.approx(dense.coefficients, abs=1e-9)
    assert np.nan_to_num(screened.stderr) == pytest.approx(np.nan_to_num(dense.stderr), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("surrogate", [Ridge(5), Lasso(5)], ids=str)
def test_beyond_two_thousand_features_those_that_matter_pass_the_screen(surrogate: Any) -> None:
    masks = drawn(2500, 700, seed=3)
    matter = [5, 400, 999, 1800, 2400]
    fit = surrogate.fit(near(masks, masks[:, matter] @ [2.0, -2.0, 3.0, -3.0, 4.0]), 0)
    assert sorted(fit.selected) == matter
    assert np.sign(fit.coefficients[matter]).tolist() == [1, -1, 1, -1, 1]


# --- edges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surrogate", [Ridge(), Ridge(select="none"), Lasso()], ids=str)
def test_a_model_that_does_not_move_has_no_weights_and_no_fidelity(surrogate: Any) -> None:
    masks = drawn(4)
    fit: Fit = surrogate.fit(near(masks, np.full(len(masks), 0.3)), 0)
    assert (fit.intercept, fit.coefficients.tolist(), fit.selected.tolist()) == (0.3, [0.0] * 4, [])
    assert np.isnan(fit.fidelity)
    assert np.isnan(fit.stderr).all()


@pytest.mark.parametrize("surrogate", [Ridge(3), Ridge(select="none", alpha=0), Ridge(2, select="highest"), Lasso(3)])
def test_features_that_are_always_together_share_or_one_stands_for_them(surrogate: Any) -> None:
    one = np.random.default_rng(0).random(100) < 0.5
    masks = np.column_stack([one] * 4)
    fit = surrogate.fit(near(masks, one * 2.0, lambda m: np.ones(len(m))), 0)
    assert fit.coefficients.sum() == pytest.approx(2, rel=0.05)
    assert fit.fidelity > 0.98


@pytest.mark.parametrize("surrogate", [Ridge(9, alpha=0), Ridge(99, select="forward"), Lasso(99)], ids=str)
def test_more_features_may_be_asked_for_than_there_are(surrogate: Any) -> None:
    masks = drawn(3)
    fit = surrogate.fit(near(masks, bent(masks)), 0)
    assert sorted(fit.selected) == [0, 1, 2]


@pytest.mark.parametrize("surrogate", [Ridge(), Ridge(3), Lasso(3), Ridge(alpha=0, select="none")], ids=str)
def test_two_masks_are_enough_for_an_answer(surrogate: Any) -> None:
    masks = np.array([[True, True, True], [True, False, True]])
    fit = surrogate.fit(near(masks, np.array([1.0, 0.0])), 0)
    assert fit.selected[0] == 1
    assert fit.coefficients[1] > 0


@pytest.mark.parametrize("scale", [1e-20, 1e100])
@pytest.mark.parametrize("surrogate", [Ridge(3), Ridge(8), Lasso(3)], ids=str)
def test_weights_and_errors_grow_with_the_outputs_and_the_fidelity_stays(surrogate: Any, scale: float) -> None:
    masks = drawn(9)
    one, scaled = (surrogate.fit(near(masks, factor * bent(masks)), 0) for factor in (1, scale))
    assert scaled.coefficients / scale == pytest.approx(one.coefficients, rel=1e-9)
    assert scaled.stderr[one.selected] / scale == pytest.approx(one.stderr[one.selected], rel=1e-6)
    assert scaled.fidelity == pytest.approx(one.fidelity, rel=1e-9)


@pytest.mark.parametrize("surrogate", [Ridge(2), Ridge(2, alpha=0, select="none"), Lasso(2)], ids=str)
def test_a_model_that_no_feature_says_anything_about_has_no_weights_and_no_fit(surrogate: Any) -> None:
    masks = all_masks(2)
    fit = surrogate.fit(near(masks, masks[:, 0] ^ masks[:, 1], lambda m: np.ones(len(m))), 0)
    assert fit.coefficients == pytest.approx([0, 0], abs=1e-12)
    assert fit.intercept == pytest.approx(0.5, abs=1e-12)
    assert fit.fidelity == pytest.approx(0, abs=1e-12)


def test_masks_of_no_weight_do_not_matter() -> None:
    masks = drawn(5)
    y = bent(masks)
    half = np.arange(len(masks)) < 200
    some = Ridge(5).fit(Weighted(Neighbourhood.of(masks, y[:, None]), lambda _: half.astype(np.float64)), 0)
    few = Ridge(5).fit(near(masks[half], y[half], lambda m: np.ones(len(m))), 0)
    assert some.coefficients == pytest.approx(few.coefficients, abs=1e-9)
    assert some.stderr == pytest.approx(few.stderr, rel=1e-7)
    assert some.fidelity == pytest.approx(few.fidelity, abs=1e-9)


def test_a_kernel_without_any_weight_is_told_so() -> None:
    masks = drawn(3)
    with pytest.raises(OptionError, match="weight 0 to every mask; a wider one is expected"):
        Ridge().fit(near(masks, bent(masks), lambda m: np.zeros(len(m))), 0)


def test_every_output_is_fitted_alone() -> None:
    masks = drawn(4)
    both = np.column_stack([bent(masks), masks @ [1.0, 2.0, 3.0, 4.0]])
    for target, y in enumerate(both.T):
        alone = Ridge().fit(near(masks, y), 0)
        assert Ridge().fit(near(masks, both), target).coefficients == pytest.approx(alone.coefficients, abs=1e-12)


@pytest.mark.parametrize("make", [Ridge, Lasso])
@pytest.mark.parametrize("n_features", [0, -1, 1.5, True, "3", None])
def test_a_number_of_features_is_a_whole_number_from_one(make: Any, n_features: Any) -> None:
    with pytest.raises(OptionError, match=f"n_features={n_features!r}; a whole number, 1 or more, is expected"):
        make(n_features)


def test_other_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(OptionError, match="alpha=-1; 0 or more is expected"):
        Ridge(alpha=-1)
    with pytest.raises(OptionError, match="alpha=nan; 0 or more is expected"):
        Ridge(alpha=float("nan"))
    with pytest.raises(OptionError, match="alpha=-1; 0 or more is expected"):
        Lasso(alpha=-1)
    with pytest.raises(OptionError, match="select='best'; expected one of 'auto', 'forward', 'highest', 'none'"):
        Ridge(select="best")  # type: ignore[arg-type]


def test_a_design_of_numbers_is_fitted_as_it_is() -> None:
    rng = np.random.default_rng(0)
    design = rng.normal(size=(300, 3))
    masks = rng.random((300, 3)) < 0.5
    weighted = Weighted(
        Neighbourhood.of(masks, (design @ [1.0, -2.0, 0.0])[:, None], design), lambda m: np.ones(len(m))
    )
    assert Ridge(3, alpha=0).fit(weighted, 0).coefficients == pytest.approx([1, -2, 0], abs=1e-9)


def test_pairs_of_features_are_ranked_by_their_size() -> None:
    masks = drawn(6)
    fit = Ridge(6, alpha=0).fit(near(masks, masks @ BETA), 0)
    sizes = np.abs(fit.coefficients[fit.selected])
    assert all(a >= b for a, b in combinations(sizes.tolist(), 2))

"""Linear surrogates with pairs: models whose interactions are known, and least squares by another way."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge
from toys import TEXT, all_masks, near, wavy

import retrust as rt
from retrust import Pairs, UniformCount, exponential
from retrust.errors import DetachedError, OptionError
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.pairs import Pair, PairFit
from retrust.surrogate import Fit

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks

NAMES = ["not", "very", "good", "film", "end", "a"]
DAMAGE = {
    "a pair of one feature": ("pairs", [[1, 1, 2.0, None]]),
    "a feature that was not selected": ("pairs", [[0, 6, 2.0, None]]),
    "a coefficient that is no number": ("pairs", [[0, 1, float("nan"), None]]),
    "too few weights": ("apart", [1.0]),
    "a weight that is no number": ("apart", [float("inf")] * 6),
}


def drawn(d: int, n: int = 400, seed: int = 0) -> Masks:
    return np.concatenate([np.ones((1, d), bool), UniformCount()(d, n - 1, np.random.default_rng(seed))])


def bent(masks: Masks) -> Floats:
    """Answer as a model with steps, products and a curve."""
    x = masks.astype(float)
    return np.asarray(np.tanh(x @ np.linspace(-1, 1.5, masks.shape[1])) + x[:, 0] * x[:, 1] - (x.mean(axis=1) > 0.5))


def evenly(seen: Any) -> Floats:
    return np.ones(len(seen))


def taken(fit: PairFit) -> set[tuple[int, int]]:
    return {(pair.first, pair.second) for pair in fit.pairs}


def plain(fit: PairFit) -> Fit:
    """Return what every fit has."""
    return Fit(fit.intercept, fit.coefficients, fit.stderr, fit.fidelity, fit.selected)


# --- what it learns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e-9, 2.0, 1e6])
def test_two_words_that_matter_only_together_are_recovered(size: float) -> None:
    masks = drawn(6)
    y = 3 * size + size * masks[:, 1] * masks[:, 4]
    fit = Pairs(alpha=0).fit(near(masks, y), 0)
    (pair,) = fit.pairs
    assert (pair.first, pair.second) == (1, 4)
    assert pair.coefficient == pytest.approx(size, rel=1e-8)
    assert pair.stderr == pytest.approx(0, abs=1e-6 * size)
    assert fit.intercept == pytest.approx(3 * size, rel=1e-8)
    assert fit.apart == pytest.approx(np.zeros(6), abs=1e-7 * size)
    assert fit.predict(masks) == pytest.approx(y, rel=1e-8)
    assert fit.fidelity == pytest.approx(1, abs=1e-9)


def test_weights_and_pairs_of_a_model_of_the_second_order_are_recovered() -> None:
    masks = drawn(6, 600)
    x = masks.astype(float)
    beta = np.array([1.0, -2.0, 0.5, 0, 0, 3])
    y = 7 + x @ beta + 1.5 * x[:, 0] * x[:, 1] - 0.7 * x[:, 3] * x[:, 5]
    fit = Pairs(alpha=0).fit(near(masks, y, exponential(60)), 0)
    assert [(p.first, p.second) for p in fit.pairs] == [(0, 1), (3, 5)]
    assert [p.coefficient for p in fit.pairs] == pytest.approx([1.5, -0.7])
    assert fit.apart == pytest.approx(beta, abs=1e-9)
    assert fit.intercept == pytest.approx(7)


def test_coefficients_are_average_effects_as_in_a_fit_without_pairs() -> None:
    masks = all_masks(5)  # balanced: products of centred columns have nothing to do with the columns
    y = masks @ np.arange(5.0) + 4.0 * masks[:, 0] * masks[:, 3]
    weighted = near(masks, y, evenly)
    fit = Pairs(alpha=0).fit(weighted, 0)
    assert fit.coefficients == pytest.approx(rt.Ridge(alpha=0).fit(weighted, 0).coefficients)
    assert fit.coefficients == pytest.approx([2, 1, 2, 5, 4])
    assert fit.apart == pytest.approx([0, 1, 2, 3, 4], abs=1e-9)
    assert fit.selected.tolist() == [3, 4, 0, 2, 1]


def test_pairs_are_those_that_least_squares_finds_one_at_a_time() -> None:
    masks = drawn(5, 500, seed=3)
    y = bent(masks)
    weighted = near(masks, y)
    x = masks.astype(float)
    chosen: list[tuple[int, int]] = []
    for _ in range(2):
        scores = {}
        for pair in set(combinations(range(5), 2)) - set(chosen):
            terms = np.column_stack([x, *(x[:, i] * x[:, j] for i, j in [*chosen, pair])])
            model = LinearRegression().fit(terms, y, sample_weight=weighted.weights)
            scores[pair] = model.score(terms, y, sample_weight=weighted.weights)
        chosen.append(max(scores, key=scores.__getitem__))
    assert taken(Pairs(n_pairs=2).fit(weighted, 0)) == set(chosen)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 30.0])
def test_the_fit_is_ridge_on_features_and_centred_products(alpha: float) -> None:
    masks = drawn(6, 500, seed=4)
    y = bent(masks)
    weighted = near(masks, y)
    fit = Pairs(n_pairs=3, alpha=alpha).fit(weighted, 0)
    w = weighted.weights
    centred = masks - w @ masks / w.sum()
    terms = np.column_stack([masks, *(centred[:, p.first] * centred[:, p.second] for p in fit.pairs)])
    model: Any = Ridge(alpha) if alpha else LinearRegression()
    model.fit(terms, y, sample_weight=w)
    assert [*fit.coefficients, *(p.coefficient for p in fit.pairs)] == pytest.approx(model.coef_, abs=1e-9)
    assert fit.predict(masks) == pytest.approx(model.predict(terms), abs=1e-9)
    assert fit.fidelity == pytest.approx(model.score(terms, y, sample_weight=w), abs=1e-9)
    assert len(fit.pairs) == 3


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), d=st.integers(1, 7))
def test_answers_are_the_sum_of_weights_and_pairs(seed: int, d: int) -> None:
    masks = drawn(d, 150, seed)
    y = np.random.default_rng(seed).normal(size=2**d)[masks @ 2 ** np.arange(d)]
    fit = Pairs().fit(near(masks, y), 0)
    pairs = sum((p.coefficient * (masks[:, p.first] & masks[:, p.second]) for p in fit.pairs), np.zeros(150))
    assert fit.predict(masks) == pytest.approx(fit.intercept + masks @ fit.apart + pairs, abs=1e-9)
    assert fit.predict(np.zeros((1, d), bool))[0] == pytest.approx(fit.intercept, abs=1e-12)
    assert {j for pair in taken(fit) for j in pair} <= set(fit.selected.tolist())
    assert all(pair.first < pair.second for pair in fit.pairs)
    sizes = [abs(pair.coefficient) for pair in fit.pairs]
    assert sizes == sorted(sizes, reverse=True)


def test_products_of_columns_without_intervals_are_recovered() -> None:
    rng = np.random.default_rng(1)
    design = rng.normal(size=(400, 3))
    y = 1 + design[:, 0] - 2 * design[:, 0] * design[:, 2]
    own = Neighbourhood.of(np.ones(design.shape, bool), y[:, None], design)
    fit = Pairs(alpha=0).fit(Weighted(own, evenly), 0)
    assert taken(fit) == {(0, 2)}
    assert fit.pairs[0].coefficient == pytest.approx(-2)
    assert fit.apart == pytest.approx([1, 0, 0], abs=1e-9)
    assert fit.predict(design) == pytest.approx(y)


# --- which pairs are real --------------------------------------------------------------------------------------------


def test_a_linear_model_has_no_pairs() -> None:
    masks = drawn(8)
    fit = Pairs(alpha=0).fit(near(masks, masks @ np.arange(8.0)), 0)
    assert fit.pairs == ()
    assert fit.apart == pytest.approx(np.arange(8), abs=1e-9)


def test_pairs_of_chance_are_rarely_taken() -> None:
    taken_by_chance = 0
    for seed in range(200):
        masks = drawn(8, 500, seed)
        y = masks @ np.arange(8.0) + np.random.default_rng(seed).normal(size=500) * 5
        taken_by_chance += len(Pairs().fit(near(masks, y, evenly), 0).pairs)
    assert taken_by_chance <= 20


def test_a_pair_that_hardly_raises_the_fit_is_not_taken() -> None:
    masks = drawn(6)
    x = masks.astype(float)
    linear, product = x @ np.array([3.0, -2, 1, 0, 0, 2]), x[:, 0] * x[:, 1]
    assert taken(Pairs().fit(near(masks, linear + product), 0)) == {(0, 1)}
    assert taken(Pairs().fit(near(masks, linear + 0.05 * product), 0)) == set()


def test_no_more_pairs_are_taken_than_asked_for() -> None:
    masks = drawn(6, 800)
    y = sum((masks[:, i] * masks[:, i + 1] * (5.0 - i) for i in range(5)), np.zeros(800))
    assert [len(Pairs(n_pairs=n).fit(near(masks, y, evenly), 0).pairs) for n in (1, 3, 5)] == [1, 3, 5]


def test_pairs_are_sought_among_the_selected_features_alone() -> None:
    masks = drawn(10, 800)
    x = masks.astype(float)
    y = 5 * x[:, 0] + 4 * x[:, 1] + 3 * x[:, 0] * x[:, 1] + x[:, 7] * x[:, 8]
    fit = Pairs(n_features=2).fit(near(masks, y, evenly), 0)
    assert taken(fit) == {(0, 1)}
    assert sorted(fit.selected) == [0, 1]
    assert np.flatnonzero(np.isfinite(fit.stderr)).tolist() == [0, 1]


@pytest.mark.parametrize(("d", "found"), [(50, {(48, 49)}), (60, set())])
def test_pairs_are_sought_among_the_fifty_largest_features(d: int, found: set[tuple[int, int]]) -> None:
    masks = np.random.default_rng(0).random((1500, d)) < 0.5
    x = masks - 0.5
    y = masks[:, :-2] @ np.linspace(2, 1, d - 2) + 8 * x[:, -1] * x[:, -2]  # the last two are the smallest
    fit = Pairs(n_features=d, n_pairs=1).fit(near(masks, y, evenly), 0)
    assert taken(fit) == found
    assert len(fit.selected) == d


def test_features_that_cannot_be_told_apart_do_no_harm() -> None:
    masks = drawn(4)
    twins = np.column_stack([masks, masks[:, 0], np.ones(len(masks), bool)])
    y = 1.0 * masks[:, 0] * masks[:, 2]
    fit = Pairs(alpha=0).fit(near(twins, y), 0)
    assert fit.predict(twins) == pytest.approx(y, abs=1e-9)
    assert np.isfinite(fit.coefficients).all()


def test_errors_tell_how_far_pairs_move_between_seeds() -> None:
    found = []
    for seed in range(150):
        masks = drawn(8, 400, seed)
        y = 2.0 * masks[:, 0] * masks[:, 1] + np.tanh(masks[:, 2:] @ np.linspace(-1, 1, 6))
        fit = Pairs(n_features=8, n_pairs=1, alpha=0).fit(near(masks, y, exponential(60)), 0)
        found.append(fit.pairs[0])
    assert {(pair.first, pair.second) for pair in found} == {(0, 1)}
    spread = np.std([pair.coefficient for pair in found])
    assert np.mean([pair.stderr for pair in found]) == pytest.approx(spread, rel=0.15)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, -1, 2.5, True, None])
def test_a_number_of_pairs_that_makes_no_sense_is_told(count: Any) -> None:
    with pytest.raises(OptionError, match=r"n_pairs=.*; a whole number, 1 or more, is expected – 5 is the default"):
        Pairs(n_pairs=count)


def test_other_options_are_checked_as_for_ridge() -> None:
    with pytest.raises(OptionError, match="n_features=0"):
        Pairs(0)
    with pytest.raises(OptionError, match="alpha=-1"):
        Pairs(alpha=-1)


def test_one_feature_has_no_pair() -> None:
    masks = drawn(1, 50)
    fit = Pairs(alpha=0).fit(near(masks, 1 + 2.0 * masks[:, 0]), 0)
    assert fit.pairs == ()
    assert fit.coefficients == pytest.approx([2])
    assert fit.intercept == pytest.approx(1)


def test_a_constant_model_has_no_weights_and_no_pairs() -> None:
    masks = drawn(4, 50)
    fit = Pairs().fit(near(masks, np.full(50, 0.7)), 0)
    assert fit.pairs == ()
    assert np.isnan(fit.fidelity)
    assert fit.predict(masks).tolist() == [0.7] * 50
    assert fit.lines(NAMES) == []


def test_weights_of_zero_are_told() -> None:
    masks = drawn(3, 50)
    with pytest.raises(OptionError, match="gives weight 0 to every mask; a wider one"):
        Pairs().fit(near(masks, bent(masks), lambda seen: np.zeros(len(seen))), 0)


def test_a_neighbourhood_that_was_let_go_is_told() -> None:
    kept = rt.explain(wavy, TEXT, n_samples=100).kept("fit")
    with pytest.raises(DetachedError, match="99 of the 100 masks"):
        Pairs().fit(kept.weighted, 0)


# --- in an explanation -----------------------------------------------------------------------------------------------


def test_an_explanation_can_be_read_with_pairs_and_let_go() -> None:
    e = rt.explain(wavy, TEXT, n_samples=400).read(surrogate=rt.Pairs(4, 2), n_features=5)
    assert isinstance(e.fit, PairFit)
    assert len(e.fit.selected) == 5
    alone = e.kept("weights")
    assert isinstance(alone.fit, PairFit)
    assert alone.local_prediction == pytest.approx(e.local_prediction)
    assert len(alone.fit.pairs) == len(e.fit.pairs) > 0


def test_pairs_keep_their_features_when_others_are_let_go() -> None:
    masks = drawn(6, 500)
    y = 3.0 * masks[:, 5] + 2.0 * masks[:, 1] * masks[:, 4]
    fit = Pairs(3, alpha=0).fit(near(masks, y), 0)
    alone = fit.alone()
    assert [NAMES[j] for j in fit.selected] == ["a", *(NAMES[j] for j in fit.selected[1:])]
    assert {int(fit.selected[p.first]) for p in alone.pairs} | {int(fit.selected[p.second]) for p in alone.pairs} == {
        1,
        4,
    }
    assert alone.predict(masks[:, fit.selected]) == pytest.approx(fit.predict(masks))


def test_pairs_are_lines_for_terminals() -> None:
    masks = drawn(6)
    fit = Pairs(alpha=0).fit(near(masks, 2.0 * masks[:, 0] * masks[:, 2]), 0)
    other = PairFit(**vars(plain(fit)), pairs=(Pair(0, 2, -0.5, 0.1), Pair(3, 4, 0.25, 0.05)), apart=fit.apart)
    assert other.lines(NAMES) == ["  not × good  -0.5 ± 0.2 together", "  film × end  +0.25 ± 0.098 together"]


def test_what_is_written_comes_back() -> None:
    masks = drawn(5)
    fit = Pairs().fit(near(masks, bent(masks)), 0)
    read = PairFit.from_dict(plain(fit), json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert read.pairs == fit.pairs
    assert len(read.pairs) > 0
    assert read.apart.tolist() == fit.apart.tolist()


@pytest.mark.parametrize("keep", [None, "fit", "weights"])
def test_an_explanation_with_pairs_travels_as_plain_json(keep: Any) -> None:
    e = rt.explain(wavy, TEXT, n_samples=300).read(surrogate=rt.Pairs(4, 2))
    e = e.kept(keep) if keep else e
    read = rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))
    assert isinstance(e.fit, PairFit)
    assert isinstance(read.fit, PairFit)
    assert read.fit.pairs == e.fit.pairs
    assert read.surrogate == Pairs(4, 2)
    assert read.local_prediction == e.local_prediction
    assert json.dumps(read.to_dict()) == json.dumps(e.to_dict())


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_pairs_are_told(damage: tuple[str, Any]) -> None:
    masks = drawn(6)
    fit = Pairs(alpha=0).fit(near(masks, 2.0 * masks[:, 0] * masks[:, 1]), 0)
    written = fit.to_dict()
    assert PairFit.from_dict(plain(fit), written).pairs == fit.pairs
    with pytest.raises(ValueError, match="its pairs do not fit its features"):
        PairFit.from_dict(plain(fit), written | dict([damage]))

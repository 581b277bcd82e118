"""Trees as surrogates: small models whose rules can be read off, and scikit-learn's own answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor
from toys import TEXT, all_masks, near, wavy

import retrust as rt
from retrust import Tree, UniformCount, exponential
from retrust.errors import ContractError, DetachedError, OptionError
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.surrogate import Fit
from retrust.tree import Node, TreeFit

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks

NAMES = ["Posting", "God", "Host", "the", "a"]
DAMAGE = {
    "a child before its parent": (0, "present", 0),
    "a child that is not there": (0, "absent", 9),
    "a feature that was not selected": (0, "feature", 3),
    "a value that is no number": (1, "value", float("inf")),
    "a threshold that is no number": (0, "at", float("nan")),
}


def drawn(d: int, n: int = 400, seed: int = 0) -> Masks:
    return np.concatenate([np.ones((1, d), bool), UniformCount()(d, n - 1, np.random.default_rng(seed))])


def bent(masks: Masks) -> Floats:
    """Answer as a model with steps, products and a curve."""
    x = masks.astype(float)
    return np.asarray(np.tanh(x @ np.linspace(-1, 1.5, masks.shape[1])) + x[:, 0] * x[:, 1] - (x.mean(axis=1) > 0.5))


def forked(masks: Masks) -> Floats:
    """Answer .9 where the first is present and the second absent, .6 where both are, else .1."""
    return np.asarray(np.where(masks[:, 0], np.where(masks[:, 1], 0.6, 0.9), 0.1))


def by_scikit_learn(weighted: Weighted, depth: int) -> DecisionTreeRegressor:
    x, y, w = weighted.neighbourhood.masks, weighted.neighbourhood.outputs[:, 0], weighted.weights
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=max(1, np.count_nonzero(w) // 100), random_state=0)
    return tree.fit(x, y, sample_weight=w)


def slopes(n: int = 600, seed: int = 0) -> tuple[Floats, Floats]:
    """Draw a design with a column of floats and one of masks; row 0 is the instance, the column's mean is 0."""
    rng = np.random.default_rng(seed)
    design = np.column_stack([rng.normal(size=n), rng.random(n) < 0.5]).astype(float)
    design[0] = 1.5, 1
    return design, np.where(design[:, 0] > 0.5, 3.0, np.where(design[:, 0] > -0.5, 2.0, 1.0))


def fitted(design: Floats, outputs: Floats, surrogate: Tree) -> TreeFit:
    near_ = Neighbourhood.of(np.ones(design.shape, bool), outputs[:, None], design)
    return surrogate.fit(Weighted(near_, lambda seen: np.ones(len(seen))), 0)


def plain(fit: TreeFit) -> Fit:
    """Return what every fit has."""
    return Fit(fit.intercept, fit.coefficients, fit.stderr, fit.fidelity, fit.selected)


# --- what it learns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("size", [1e-9, 0.5, 1e6])
def test_a_model_linear_in_one_feature_is_recovered_at_any_scale(size: float, offset: float) -> None:
    if offset and size < 1e-3:
        offset = size * 1e3
    masks = drawn(6)
    y = offset + size * masks[:, 4]
    fit = Tree().fit(near(masks, y), 0)
    assert fit.selected.tolist() == [4]
    assert fit.coefficients == pytest.approx([0, 0, 0, 0, size, 0], rel=1e-8)
    assert fit.intercept == pytest.approx(offset, rel=1e-9, abs=size * 1e-9)
    assert fit.fidelity == pytest.approx(1, abs=1e-12)
    assert fit.predict(masks) == pytest.approx(y, rel=1e-9)
    assert len(fit.nodes) == 3


def test_a_fork_is_recovered_with_what_each_toggle_does_at_the_instance() -> None:
    masks = drawn(5)
    fit = Tree().fit(near(masks, forked(masks)), 0)
    assert fit.selected.tolist() == [0, 1]
    assert fit.coefficients == pytest.approx([0.5, -0.3, 0, 0, 0])
    assert fit.intercept == pytest.approx(0.1)
    assert fit.stderr[:2] == pytest.approx([0, 0], abs=1e-12)
    assert np.isnan(fit.stderr[2:]).all()


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("width", [5, 25, 1000])
def test_the_tree_is_that_of_scikit_learn(depth: int, width: float) -> None:
    masks = drawn(9, 700, seed=depth)
    weighted = near(masks, bent(masks), exponential(width))
    fit, other = Tree(depth).fit(weighted, 0), by_scikit_learn(weighted, depth)
    probes = all_masks(9)
    assert fit.predict(probes) == pytest.approx(other.predict(probes), abs=1e-9)
    assert fit.fidelity == pytest.approx(other.score(masks, bent(masks), sample_weight=weighted.weights), abs=1e-9)
    tested = set(other.tree_.feature[other.tree_.feature >= 0].tolist())
    assert set(fit.selected.tolist()) == tested


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), d=st.integers(1, 6), depth=st.integers(1, 4))
def test_coefficients_are_the_trees_own_answers_with_one_part_absent(seed: int, d: int, depth: int) -> None:
    masks = drawn(d, 120, seed)
    y = np.random.default_rng(seed).normal(size=2**d)[masks @ 2 ** np.arange(d)]
    fit = Tree(depth).fit(near(masks, y), 0)
    everything, one_off = np.ones((1, d), bool), ~np.eye(d, dtype=bool)
    assert fit.coefficients == pytest.approx(fit.predict(everything) - fit.predict(one_off), abs=1e-12)
    assert fit.intercept == fit.predict(np.zeros((1, d), bool))[0]
    assert (np.diff(np.abs(fit.coefficients[fit.selected])) <= 0).all()
    assert sum(leaf.share for _, leaf in fit.leaves()) == pytest.approx(1)
    assert sum(leaf.masks for _, leaf in fit.leaves()) == 120
    assert max(len(path) for path, _ in fit.leaves()) <= depth


def test_two_parts_that_matter_only_together_are_found() -> None:
    masks = np.repeat(all_masks(2), 20, axis=0)
    y = (masks[:, 0] ^ masks[:, 1]).astype(float)
    fit = Tree(2).fit(near(masks, y, lambda seen: np.ones(len(seen))), 0)
    assert fit.predict(masks) == pytest.approx(y)
    assert fit.coefficients == pytest.approx([-1, -1])


def test_a_test_that_explains_nothing_is_taken_back() -> None:
    masks = drawn(6)
    assert len(Tree(6).fit(near(masks, 1e4 + forked(masks) / 3), 0).nodes) == 5


def test_a_leaf_holds_one_mask_in_a_hundred_or_more() -> None:
    masks = drawn(8, 1000, seed=3)
    fit = Tree(8).fit(near(masks, bent(masks)), 0)
    assert min(leaf.masks for _, leaf in fit.leaves()) >= 10


def test_features_that_do_nothing_at_the_instance_come_last_by_what_they_explain() -> None:
    masks = drawn(5, 4000)
    here, there, faint = masks[:, 0], ~masks[:, 0] & masks[:, 3], ~masks[:, 0] & ~masks[:, 3] & masks[:, 1]
    fit = Tree(3).fit(near(masks, 4 * here + 2.0 * there + 0.1 * faint, exponential(1000)), 0)
    assert fit.selected.tolist() == [0, 3, 1]
    assert fit.coefficients[[3, 1]].tolist() == [0, 0]
    assert np.isnan(fit.stderr).tolist() == [False, True, True, True, True]


def test_equal_data_give_equal_trees() -> None:
    masks = drawn(7)
    fits = [Tree(4).fit(near(masks, bent(masks)), 0) for _ in range(2)]
    assert fits[0].nodes == fits[1].nodes


def test_masks_of_no_weight_play_no_part() -> None:
    masks = drawn(4, 300)
    y = np.where(masks.sum(axis=1) > 1, forked(masks), 1e9)

    def kernel(seen: Any) -> Floats:
        return np.asarray(seen.sum(axis=1) > 1, dtype=float)

    fit = Tree(2).fit(near(masks, y, kernel), 0)
    assert fit.coefficients == pytest.approx([0.5, -0.3, 0, 0])
    assert fit.fidelity == pytest.approx(1)
    assert fit.nodes[0].masks == np.count_nonzero(kernel(masks))


def test_beyond_a_thousand_features_those_that_vary_with_the_output_are_looked_at() -> None:
    masks = drawn(1200, 1500, seed=5)
    fit = Tree(2).fit(near(masks, 1.0 * masks[:, 1100] * (1 + masks[:, 3]), exponential(1000)), 0)
    assert sorted(fit.selected) == [3, 1100]
    assert fit.coefficients[[3, 1100]] == pytest.approx([1, 2])


# --- errors ----------------------------------------------------------------------------------------------------------


def test_errors_of_one_test_are_those_of_two_means_by_the_formula() -> None:
    masks = drawn(4, 200, seed=2)
    weighted = near(masks, bent(masks))
    fit = Tree(1).fit(weighted, 0)
    (j,) = fit.selected
    variance = 0.0
    for side in (masks[:, j], ~masks[:, j]):
        y, share = bent(masks)[side], weighted.weights[side] / weighted.weights[side].sum()
        variance += ((share * (y - share @ y) / (1 - share)) ** 2).sum()
    assert fit.stderr[j] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_errors_tell_how_far_the_effect_moves_between_seeds_where_the_tests_do_not() -> None:
    found = []
    for seed in range(200):
        masks = drawn(12, 300, seed)
        y = 3.0 * masks[:, 2] + masks[:, 5:] @ np.linspace(-0.3, 0.3, 7)
        found.append(Tree(1).fit(near(masks, y, exponential(60)), 0))
    assert {tuple(fit.selected) for fit in found} == {(2,)}
    effects = np.array([fit.coefficients[2] for fit in found])
    assert np.mean([fit.stderr[2] for fit in found]) == pytest.approx(effects.std(), rel=0.15)


def test_a_leaf_with_one_mask_has_no_error_to_tell() -> None:
    masks = all_masks(1)
    fit = Tree().fit(near(masks, np.array([3.0, 1.0]), lambda seen: np.ones(len(seen))), 0)
    assert fit.coefficients.tolist() == [2]
    assert np.isnan(fit.stderr).all()
    assert fit.intercept == 1


# --- floats ----------------------------------------------------------------------------------------------------------


def test_columns_without_intervals_are_tested_by_thresholds() -> None:
    design, y = slopes()
    fit = fitted(design, y, Tree(3))
    assert fit.selected.tolist() == [0]
    assert fit.predict(design) == pytest.approx(y)
    assert fit.coefficients == pytest.approx([1, 0])  # 3 at 1.5, 2 at the mean
    assert sorted(node.at for node in fit.nodes if node.at is not None) == pytest.approx([-0.5, 0.5], abs=0.02)


def test_thresholds_are_said_in_the_datas_own_unit_and_several_as_an_interval() -> None:
    design, y = slopes()
    rules = fitted(design, y, Tree(3)).rules(["age", "home = rent"], units={0: (40.0, 10.0)})
    bounds = [rule.split(":")[0] for rule in rules]
    assert len(bounds) == 3
    assert bounds[0].startswith("if 'age' is above 4")
    assert any(" and at most 4" in bound and "above 3" in bound for bound in bounds)
    assert sum(bound.startswith("if 'age' is at most 3") for bound in bounds) == 1


def test_the_first_rule_holds_for_the_instance_on_whatever_side_it_is() -> None:
    design, y = slopes()
    design[0, 0], y[0] = -2, 1
    fit = fitted(design, y, Tree(3))
    assert fit.leaves()[0][1].value == pytest.approx(1)
    assert fit.coefficients == pytest.approx([-1, 0])


# --- rules -----------------------------------------------------------------------------------------------------------


def test_rules_are_sentences_with_the_instances_own_first() -> None:
    masks = np.repeat(all_masks(3), [30, 30, 20, 20, 25, 25, 25, 25], axis=0)
    fit = Tree().fit(near(masks, forked(masks), lambda seen: np.ones(len(seen))), 0)
    assert fit.rules(NAMES) == [
        "if 'Posting' is present and 'God' is present: 0.6 (30 % of the weight, from 60 masks)",
        "if 'Posting' is present and 'God' is absent: 0.9 (20 % of the weight, from 40 masks)",
        "if 'Posting' is absent: 0.1 (50 % of the weight, from 100 masks)",
    ]
    assert fit.lines(NAMES) == [f"  {rule}" for rule in fit.rules(NAMES)]


def test_a_small_share_and_a_single_mask_are_said_as_such() -> None:
    masks = np.repeat(all_masks(1), [60, 1], axis=0)
    fit = Tree().fit(near(masks, masks[:, 0].astype(float), lambda seen: np.where(seen[:, 0], 1.0, 0.01)), 0)
    assert fit.rules(NAMES)[1] == "if 'Posting' is absent: 0 (under 1 % of the weight, from 1 mask)"


def test_a_constant_model_has_one_rule_and_no_fidelity() -> None:
    masks = drawn(3, 50)
    fit = Tree().fit(near(masks, np.full(50, 0.7)), 0)
    assert fit.rules(NAMES) == ["always: 0.7 (100 % of the weight, from 50 masks)"]
    assert fit.selected.tolist() == fit.coefficients.nonzero()[0].tolist() == []
    assert np.isnan(fit.fidelity)
    assert np.isnan(fit.stderr).all()
    assert fit.predict(masks).tolist() == [0.7] * 50


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0, -1, 2.5, True, None, "3"])
def test_a_depth_that_makes_no_sense_is_told(depth: Any) -> None:
    with pytest.raises(OptionError, match=r"max_depth=.*; a whole number, 1 or more, is expected – 3 is the default"):
        Tree(depth)


def test_weights_of_zero_are_told() -> None:
    masks = drawn(3, 50)
    with pytest.raises(OptionError, match="gives weight 0 to every mask; a wider one"):
        Tree().fit(near(masks, bent(masks), lambda seen: np.zeros(len(seen))), 0)


def test_a_neighbourhood_that_was_let_go_is_told() -> None:
    kept = rt.explain(wavy, TEXT, n_samples=100).kept("fit")
    with pytest.raises(DetachedError, match="99 of the 100 masks"):
        Tree().fit(kept.weighted, 0)


# --- in an explanation -----------------------------------------------------------------------------------------------


def test_an_explanation_can_be_read_as_a_tree_and_let_go() -> None:
    e = rt.explain(wavy, TEXT, n_samples=300).read(surrogate=rt.Tree(2))
    assert isinstance(e.fit, TreeFit)
    names = [feature.name for feature in e.features]
    alone = e.kept("weights")
    assert isinstance(alone.fit, TreeFit)
    assert alone.fit.rules([feature.name for feature in alone.features]) == e.fit.rules(names)
    assert alone.local_prediction == e.local_prediction
    assert alone.fit.leaves()[0][1].value == e.local_prediction


def test_what_is_written_comes_back() -> None:
    masks = drawn(5)
    fit = Tree().fit(near(masks, bent(masks)), 0)
    read = TreeFit.from_dict(plain(fit), json.loads(json.dumps(fit.to_dict(), allow_nan=False)))
    assert read.nodes == fit.nodes
    assert read.instance.tolist() == [1.0] * 5
    assert vars(read).keys() == vars(fit).keys()


def test_the_instances_own_row_comes_back_where_it_is_not_all_ones() -> None:
    design, y = slopes()
    fit = fitted(design, y, Tree())
    assert TreeFit.from_dict(plain(fit), fit.to_dict()).instance.tolist() == [1.5, 1]


def test_a_leaf_of_one_mask_is_written_without_nan() -> None:
    masks = all_masks(1)
    fit = Tree().fit(near(masks, np.array([3.0, 1.0]), lambda seen: np.ones(len(seen))), 0)
    text = json.dumps(fit.to_dict(), allow_nan=False)
    assert json.loads(text)["nodes"][1] == [-1, -1, -1, None, 3.0, 0.5, 1, None]


@pytest.mark.parametrize("keep", [None, "fit", "weights"])
def test_an_explanation_by_a_tree_travels_as_plain_json(keep: Any) -> None:
    e = rt.explain(wavy, TEXT, n_samples=300).read(surrogate=rt.Tree(2))
    e = e.kept(keep) if keep else e
    read = rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))
    assert isinstance(e.fit, TreeFit)
    assert isinstance(read.fit, TreeFit)
    assert read.fit.nodes == e.fit.nodes
    assert read.surrogate == Tree(2)
    assert read.local_prediction == e.local_prediction
    assert json.dumps(read.to_dict()) == json.dumps(e.to_dict())


def test_an_explanation_whose_tree_is_damaged_is_told() -> None:
    written = rt.explain(wavy, TEXT, n_samples=100).read(surrogate=rt.Tree(2)).to_dict()
    written["fit"]["tree"]["nodes"] = []
    with pytest.raises(ContractError, match="damaged: ValueError: its tree does not fit its features"):
        rt.from_dict(written)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_tree_is_told(damage: tuple[int, str, Any]) -> None:
    masks = drawn(5)
    fit = Tree().fit(near(masks, forked(masks)), 0)
    given_, (at, name, value) = fit.to_dict(), damage
    given_["nodes"][at][Node._fields.index(name)] = value
    with pytest.raises(ValueError, match="its tree does not fit its features"):
        TreeFit.from_dict(plain(fit), given_)

"""Samplers, kernels, moments, and neighbourhoods that join."""

from __future__ import annotations

import pickle
from itertools import pairwise
from math import comb, exp, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from toys import all_masks

from retrust import Independent, UniformCount, exponential
from retrust.errors import OptionError
from retrust.neighbourhood import Moments, Neighbourhood, Weighted, joined
from retrust.sampling import weigh

if TYPE_CHECKING:
    from retrust.representation import Floats, Masks


def drawn(n: int = 50, d: int = 11, k: int = 2, seed: int = 0) -> tuple[Masks, Floats, Floats]:
    rng = np.random.default_rng(seed)
    return rng.random((n, d)) < 0.5, rng.normal(size=(n, k)), rng.random(n)


def same(one: Moments, other: Moments) -> bool:
    return all(np.allclose(sums, getattr(other, name), rtol=1e-12, atol=1e-12) for name, sums in vars(one).items())


def test_uniform_count_takes_every_number_of_parts_away_as_often() -> None:
    masks = UniformCount()(5, 50_000, np.random.default_rng(0))
    absent = np.bincount((~masks).sum(axis=1), minlength=6)
    assert absent[0] == 0
    assert np.abs(absent[1:] / 10_000 - 1).max() < 4 * sqrt(0.8 / 10_000)  # four standard errors


def test_uniform_count_takes_each_choice_of_parts_as_often_as_any_other() -> None:
    masks = UniformCount()(4, 60_000, np.random.default_rng(1))
    pairs = masks[(~masks).sum(axis=1) == 2]
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    assert len(kinds) == comb(4, 2)
    expected = len(pairs) / 6
    assert np.abs(counts - expected).max() < 4 * sqrt(expected)


def test_one_part_alone_is_always_taken_away() -> None:
    assert not UniformCount()(1, 20, np.random.default_rng(0)).any()


def test_independent_keeps_each_part_with_its_probability() -> None:
    masks = Independent(0.3)(3, 40_000, np.random.default_rng(0))
    assert np.abs(masks.mean(axis=0) - 0.3).max() < 4 * sqrt(0.21 / 40_000)
    assert not Independent(0.0)(3, 9, np.random.default_rng(0)).any()
    assert Independent(1.0)(3, 9, np.random.default_rng(0)).all()


@pytest.mark.parametrize("sampler", [UniformCount(), Independent()])
def test_equal_generators_give_equal_masks_and_others_do_not(sampler: Any) -> None:
    one, again, other = (sampler(9, 50, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one.dtype == bool
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_the_exponential_kernel_is_that_of_the_lime_package() -> None:
    masks = np.array([[True, True, True, True], [True, False, False, False], [False] * 4])
    cosine = [0, 1 - sqrt(1 / 4), 1]
    expected = [sqrt(exp(-((100 * distance) ** 2) / 25**2)) for distance in cosine]
    assert exponential(25)(masks) == pytest.approx(expected, rel=1e-12)


def test_a_design_of_numbers_has_the_same_distances_as_masks_and_others_their_cosine() -> None:
    masks = all_masks(4)
    assert exponential(25)(masks.astype(float)) == pytest.approx(exponential(25)(masks), rel=1e-12)
    design = np.array([[1.0, 1.0], [2.0, 1.0]])
    cosine = 1 - 3 / sqrt(5 * 2)
    assert exponential(25)(design)[1] == pytest.approx(sqrt(exp(-((100 * cosine) ** 2) / 625)), rel=1e-12)


def test_the_euclidean_kernel_measures_from_all_ones() -> None:
    design = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 3.0]])
    expected = [sqrt(exp(-(squared) / 4)) for squared in (0, 1, 5)]
    assert exponential(2, "euclidean")(design) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("width", [0, -1, float("nan")])
def test_a_width_that_weighs_nothing_is_refused(width: float) -> None:
    with pytest.raises(OptionError, match=f"width={width}; a positive number is expected"):
        exponential(width)


def test_an_unknown_distance_is_refused() -> None:
    with pytest.raises(OptionError, match="distance='manhattan'; 'cosine' or 'euclidean' is expected"):
        exponential(1, "manhattan")  # type: ignore[arg-type]


KERNELS: dict[str, Any] = {
    "negative": lambda m: -np.ones(len(m)),
    "not a number": lambda m: np.full(len(m), np.nan),
    "infinite": lambda m: np.full(len(m), np.inf),
    "one for all": lambda _: np.ones(1),
    "a column": lambda m: np.ones((len(m), 1)),
}


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_kernel_gives_one_finite_weight_for_each_mask(kernel: str) -> None:
    with pytest.raises(OptionError, match=r"a kernel gives one finite weight, 0 or more, for each mask"):
        weigh(KERNELS[kernel], all_masks(3))


def test_moments_are_the_sums_they_say() -> None:
    masks, outputs, weights = drawn()
    m = Moments.of(masks, outputs, weights, outputs[0])
    x, y = masks.astype(float), outputs - outputs[0]
    assert m.xx is not None
    sums: tuple[Any, ...] = (m.weight, m.x, m.y, m.yy, m.xy, m.xx)
    expected = (weights.sum(), weights @ x, weights @ y, weights @ y**2, (x.T * weights) @ y, (x.T * weights) @ x)
    for found, right in zip(sums, expected, strict=True):
        assert np.allclose(found, right, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cut", [1, 17, 49])
def test_moments_of_two_parts_add_up_to_those_of_the_whole(cut: int) -> None:
    masks, outputs, weights = drawn()
    halves = [Moments.of(masks[at], outputs[at], weights[at], outputs[0]) for at in (slice(cut), slice(cut, None))]
    assert same(halves[0] + halves[1], Moments.of(masks, outputs, weights, outputs[0]))


def test_beyond_the_limit_there_is_no_gram_but_a_few_columns_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    masks, outputs, weights = drawn()
    right = Moments.of(masks, outputs, weights, outputs[0]).xx
    monkeypatch.setattr("retrust.neighbourhood.GRAM_LIMIT", 10)
    assert Moments.of(masks, outputs, weights, outputs[0]).xx is None
    monkeypatch.setattr("retrust.neighbourhood._CELLS", 70)  # several blocks
    weighted = Weighted(Neighbourhood.of(masks, outputs), lambda m: weights[: len(m)], None, weights)
    assert right is not None
    assert np.allclose(weighted.gram(np.array([7, 2])), right[np.ix_([7, 2], [7, 2])], rtol=1e-12)


def test_a_neighbourhood_gives_back_its_masks_and_columns() -> None:
    masks, outputs, _ = drawn()
    near = Neighbourhood.of(masks, outputs)
    assert near.packed.shape == (50, 2)
    assert np.array_equal(near.masks, masks)
    assert np.array_equal(near.columns(np.array([10, 0, 8])), masks[:, [10, 0, 8]])
    assert np.array_equal(near.columns(np.array([9]), slice(3, 7)), masks[3:7, [9]])


def test_blocks_cover_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrust.neighbourhood._CELLS", 70)
    masks, outputs, _ = drawn()
    blocks = list(Neighbourhood.of(masks, outputs).blocks())
    assert len(blocks) > 5
    assert np.array_equal(np.concatenate([design for _, design in blocks]), masks)
    assert all(a.stop == b.start for (a, _), (b, _) in pairwise(blocks))


def test_a_design_of_its_own_is_what_columns_and_blocks_show() -> None:
    masks, outputs, _ = drawn()
    design = np.random.default_rng(5).normal(size=masks.shape)
    near = Neighbourhood.of(masks, outputs, design)
    assert np.array_equal(near.columns(np.array([3, 1])), design[:, [3, 1]])
    assert np.array_equal(next(near.blocks())[1], design)
    assert np.array_equal(near.masks, masks)


def test_neighbourhoods_join_in_order_with_their_counts() -> None:
    masks, outputs, _ = drawn()
    one, two = Neighbourhood.of(masks[:20], outputs[:20], calls=7), Neighbourhood.of(masks[20:], outputs[20:], calls=5)
    whole = one | two
    assert len(whole) == 50
    assert np.array_equal(whole.masks, masks)
    assert np.array_equal(whole.outputs, outputs)
    assert (whole.batches, whole.calls) == (2, 12)
    assert np.array_equal(joined([two, one]).outputs[:30], outputs[20:])


def test_weights_and_moments_are_the_same_gathered_or_summed_again() -> None:
    masks, outputs, _ = drawn()
    kernel = exponential(25)
    weights = kernel(masks)
    gathered = Weighted(
        Neighbourhood.of(masks, outputs), kernel, Moments.of(masks, outputs, weights, outputs[0]), weights
    )
    travelled = pickle.loads(pickle.dumps(gathered))
    assert travelled.known_moments is None
    assert np.array_equal(travelled.weights, weights)
    assert same(travelled.moments, gathered.moments)

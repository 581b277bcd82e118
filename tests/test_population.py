"""Laws and kernels on average: against the sum over all masks, written down from the definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from estimates import chances
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import all_masks

import retrust as rt
from retrust.errors import OptionError
from retrust.population import ALL, AS_MANY, Counted, Separate, every, population

if TYPE_CHECKING:
    from retrust.sampling import Kernel, Sampler

D = 6
LAWS: dict[str, Any] = {
    f"{law} {kernel}": (sampler, kernel)
    for law, sampler in {
        "uniform": rt.UniformCount(),
        "halves": rt.Independent(0.5),
        "few": rt.Independent(0.15),
        "chances": rt.Independent((0.05, 0.2, 0.5, 0.5, 0.8, 0.99)),
    }.items()
    for kernel in (
        rt.exponential(25),
        rt.exponential(4),
        rt.exponential(300),
        rt.exponential(1.8, "euclidean"),
        rt.exponential(0.4, "euclidean"),
    )
    if (law == "uniform") <= (kernel.distance == "cosine") and (law == "chances") <= (kernel.distance == "euclidean")
}


def agree(found: Any, sampler: Sampler, kernel: Kernel, d: int) -> None:
    """Check all that is said on average against the sum over all masks."""
    masks = all_masks(d)
    chance, weight = chances(sampler, masks), kernel(masks)
    assert found.weight == pytest.approx(chance @ weight, rel=1e-9)
    assert found.effective == pytest.approx((chance @ weight) ** 2 / (chance @ weight**2), rel=1e-9)
    near = chance * weight / (chance @ weight)
    mean = near @ masks
    away = masks - mean
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert np.diag(found.spread) + found.shared == pytest.approx(away.T @ (near[:, None] * away), abs=1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_averages_are_those_over_all_masks(name: str) -> None:
    sampler, kernel = LAWS[name]
    agree(population(sampler, kernel, D), sampler, kernel, D)


@given(d=st.integers(1, 7), keep=st.floats(0.01, 0.99), width=st.floats(6, 200))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_averages_are_those_over_all_masks_for_any_width_and_chance(d: int, keep: float, width: float) -> None:
    for sampler, kernel in (
        (rt.UniformCount(), rt.exponential(width)),
        (rt.Independent(keep), rt.exponential(width)),
        (rt.Independent((keep,) * d), rt.exponential(width / 20, "euclidean")),
    ):
        agree(population(sampler, kernel, d), sampler, kernel, d)


class Own:
    """A law of one's own."""

    def __call__(self, d: int, n: int, rng: np.random.Generator) -> Any:
        return rng.random((n, d)) < 0.5


@pytest.mark.parametrize(
    ("sampler", "kernel", "d"),
    [
        (Own(), rt.exponential(25), D),
        (rt.UniformCount(), rt.exponential(1, "euclidean"), D),
        (rt.Independent((0.5, 0.2)), rt.exponential(25), 2),
        (rt.UniformCount(), lambda design: np.ones(len(design)), D),
        (rt.UniformCount(), rt.shapley(), 14),
        (rt.UniformCount(), rt.exponential(25), 2001),
        (rt.UniformCount(), rt.exponential(0.1), 12),
        (rt.Independent(0.5), rt.exponential(0.01, "euclidean"), 400),
    ],
    ids=[
        "own law",
        "euclidean counts",
        "uneven cosine",
        "own kernel",
        "shapley",
        "too many",
        "no weight",
        "no weight at all",
    ],
)
def test_nothing_is_said_of_what_is_not_known(sampler: Any, kernel: Any, d: int) -> None:
    assert population(sampler, kernel, d) is None


@pytest.mark.parametrize("name", LAWS)
def test_a_mask_of_the_kernels_own_law_is_weighed_by_its_odds(name: str) -> None:
    """Odds are the law's chance over the chance that it was drawn with, which is the law's times the kernel."""
    sampler, kernel = LAWS[name]
    found: Any = population(sampler, kernel, D)
    masks = all_masks(D)
    possible = chances(sampler, masks) > 0
    ratio = found.nearer().ratio(masks)
    assert ratio[possible] == pytest.approx(found.weight / kernel(masks)[possible], rel=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_the_kernels_own_law_draws_each_part_and_number_as_often_as_it_says(name: str) -> None:
    sampler, kernel = LAWS[name]
    found: Any = population(sampler, kernel, D)
    n = 20_000
    drawn = found.nearer()(D, n, np.random.default_rng(0))
    masks = all_masks(D)
    near = chances(sampler, masks) * kernel(masks)
    near /= near.sum()
    counts = np.array([near[masks.sum(axis=1) == k].sum() for k in range(D + 1)])
    seen = np.bincount(drawn.sum(axis=1), minlength=D + 1) / n
    assert np.all(np.abs(seen - counts) <= 5 * np.sqrt(counts * (1 - counts) / n) + 1e-9)
    share = near @ masks
    assert np.all(np.abs(drawn.mean(axis=0) - share) <= 5 * np.sqrt(share * (1 - share) / n) + 1e-9)


def test_a_sampler_made_for_some_parts_says_so_when_there_are_others() -> None:
    found: Any = population(rt.UniformCount(), rt.exponential(5), 4)
    with pytest.raises(OptionError, match="this sampler is for 4 parts; the instance has 5"):
        found.nearer()(5, 10, np.random.default_rng(0))


def test_parts_that_are_exchangeable_are_counted_and_others_kept_apart() -> None:
    assert isinstance(population(rt.Independent(0.3), rt.exponential(25), 4), Counted)
    assert isinstance(population(rt.Independent(0.3), rt.exponential(1, "euclidean"), 4), Separate)


# --- all masks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sampler", [rt.UniformCount(), rt.Independent(0.3), rt.Independent((0.1, 0.5, 0.7, 0.2))])
@pytest.mark.parametrize("d", [4])
def test_all_masks_come_once_with_their_chances_and_the_instance_first(sampler: Any, d: int) -> None:
    masks, chance = every(sampler, d) or pytest.fail("there are few enough")
    assert masks[0].all()
    assert len({tuple(mask) for mask in masks.tolist()}) == len(masks) == 2**d
    wanted = chances(sampler, masks)
    wanted[0] += 1 / AS_MANY
    assert chance == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("d", [7, 10])
def test_some_of_all_masks_tell_of_every_part(d: int) -> None:
    masks, _ = every(rt.UniformCount(), d) or pytest.fail("there are few enough")
    share = masks[: 2**d // 4].mean(axis=0)
    assert np.all(np.abs(share - 0.5) <= 5 * np.sqrt(0.25 / (2**d // 4)))


def test_all_masks_are_few_enough_up_to_ten_parts_of_a_known_law() -> None:
    assert ALL == 1 << 10
    assert every(rt.UniformCount(), 10) is not None
    assert every(rt.UniformCount(), 11) is None
    assert every(Own(), 3) is None

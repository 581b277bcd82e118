"""Laws and kernels: parts kept by their own chances, distances to an instance that is not all ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from retrust import Independent, exponential
from retrust.errors import OptionError
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.sampling import weigh


def test_each_part_is_kept_as_often_as_its_own_chance_says() -> None:
    keep = (0.0, 0.1, 0.5, 0.93, 1.0)
    n = 20_000
    masks = Independent(keep)(5, n, np.random.default_rng(0))
    wanted = np.array(keep)
    assert np.all(np.abs(masks.mean(axis=0) - wanted) <= 6 * np.sqrt(wanted * (1 - wanted) / n))
    inner: Any = np.corrcoef(masks[:, 1:4], rowvar=False)
    assert np.abs(inner[np.triu_indices(3, 1)]).max() <= 6 / math.sqrt(n)


def test_one_chance_for_all_is_the_same_as_that_chance_for_each() -> None:
    one, each = (Independent(keep)(3, 50, np.random.default_rng(0)) for keep in (0.3, (0.3, 0.3, 0.3)))
    assert np.array_equal(one, each)


@pytest.mark.parametrize("distance", ["euclidean"])
def test_a_kernel_sees_distances_to_the_instances_own_row(distance: Any) -> None:
    rng = np.random.default_rng(0)
    design = rng.normal(size=(40, 3)) * 2
    kernel = exponential(1.3, distance)
    away = pairwise_distances(design, design[:1]).ravel()
    assert weigh(kernel, design, design[0]) == pytest.approx(np.sqrt(np.exp(-(away**2) / 1.3**2)))
    assert weigh(kernel, design, design[0])[0] == 1
    assert not np.allclose(weigh(kernel, design), weigh(kernel, design, design[0]))


def test_a_neighbourhood_with_a_design_of_its_own_is_weighed_from_its_first_row() -> None:
    rng = np.random.default_rng(0)
    design = rng.normal(size=(40, 3))
    near = Neighbourhood.of(np.ones((40, 3), bool), rng.normal(size=(40, 1)), design)
    weighted = Weighted(near, exponential(1.3, "euclidean"))
    assert np.array_equal(weighted.weights, weigh(exponential(1.3, "euclidean"), design, design[0]))


def test_the_effective_number_of_samples_is_that_of_equal_ones() -> None:
    masks = np.array([[True, True]] * 3 + [[False, False]] * 7)
    near = Neighbourhood.of(masks, np.ones((10, 1)))

    def effective(far: float) -> float:
        return Weighted(near, lambda design: np.where(design.all(axis=1), 1.0, far)).effective

    assert effective(1) == pytest.approx(10)
    assert effective(0) == pytest.approx(3)
    assert effective(0.5) == pytest.approx((3 + 3.5) ** 2 / (3 + 7 / 4))
    assert Weighted(near, lambda design: np.zeros(len(design))).effective == 0


@pytest.mark.parametrize("answer", [[-1.0, 1], [np.nan, 1], [1.0], [[1.0, 1]]])
def test_a_kernel_that_gives_no_weights_is_told(answer: Any) -> None:
    with pytest.raises(OptionError, match="one finite weight, 0 or more, for each mask"):
        weigh(lambda design: np.array(answer), np.ones((2, 3)), np.zeros(3))  # noqa: ARG005 – it looks at nothing

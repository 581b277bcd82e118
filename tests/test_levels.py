"""Explanations that are cut finer where it matters, without starting over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import retrust as rt
from retrust.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 16
PICTURE = np.full((SIDE, SIDE), 200, dtype=np.uint8)
ROWS, COLUMNS = np.indices((SIDE, SIDE))
QUARTERS = ROWS // 8 * 2 + COLUMNS // 8
CORNER = np.s_[:, :4, :4]  # a quarter of the first quarter


class Corner:
    """Sees one corner, and counts the pictures that it was asked about."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        self.asked += len(pictures)
        return np.asarray(pictures[CORNER].mean(axis=(1, 2)) / 200)


def corner(representation: object) -> set[int]:
    """Return the superpixels that touch the corner."""
    return set(np.unique(representation.labels[:4, :4]).tolist())  # type: ignore[attr-defined]


def test_with_levels_the_weight_ends_on_a_finer_superpixel() -> None:
    coarse, fine = (
        rt.Explainer(Corner(), rt.Image(QUARTERS, "black", levels=levels)).explain(PICTURE, n_samples=400)
        for levels in (1, 2)
    )
    assert (len(coarse.features), len(fine.features)) == (4, 16)
    assert coarse.mask(1).sum() == 64
    assert fine.mask(1).sum() == 16
    assert fine.mask(1)[:4, :4].all()
    assert fine.n_samples == 400


def test_what_the_model_has_answered_is_kept_when_a_level_ends() -> None:
    model = Corner()
    values = list(rt.Explainer(model, rt.Image(QUARTERS, "black", levels=2)).stream(PICTURE, n_samples=400))
    before, after = ([v for v in values if len(v.features) == d][-1] for d in (4, 16))
    assert before.n_samples == 200
    assert np.array_equal(after.neighbourhood.outputs[:200], before.neighbourhood.outputs)
    assert model.asked == after.model_calls


def test_levels_give_the_same_answer_twice_and_whether_anybody_looks_or_not() -> None:
    explainer = rt.Explainer(Corner(), rt.Image(QUARTERS, "black", levels=3))
    one = explainer.explain(PICTURE, n_samples=600)
    *_, last = explainer.stream(PICTURE, n_samples=600)
    for other in (explainer.explain(PICTURE, n_samples=600), last):
        assert np.array_equal(one.coefficients, other.coefficients)
        assert one.features == other.features


def test_parts_of_one_superpixel_share_its_weight_until_more_is_sampled() -> None:
    e = rt.Explainer(Corner(), rt.Image(QUARTERS, "black"), surrogate=rt.Ridge(select="none")).explain(PICTURE)
    model_calls = e.model_calls
    finer = e.split([0])
    assert finer.model_calls == model_calls
    parts = sorted({0, 4, 5, 6})
    assert np.allclose(finer.coefficients[parts], finer.coefficients[0], rtol=1e-6)
    assert finer.coefficients[parts].sum() == pytest.approx(e.coefficients[0], rel=0.01)
    *_, more = rt.more(finer, 600)
    assert {int(more.fit.selected[0])} == corner(more.representation)
    assert more.coefficients[more.fit.selected[0]] > 0.9


def test_words_are_not_cut_and_levels_are_whole_numbers() -> None:
    e = rt.explain(lambda texts: np.array([len(text) / 9 for text in texts]), "a few words", n_samples=20)
    with pytest.raises(OptionError, match="images"):
        e.split(["few"])
    with pytest.raises(OptionError, match="levels=0"):
        rt.Image(levels=0)

"""An explanation laid open: every field as the contract has it, in this explanation's own numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from estimates import explainer, tune
from scipy.special import expit

import retrust as rt
from retrust.errors import ConstantModelWarning, DetachedError
from retrust.study import study
from retrust.widths import best, curve

D = 20
WEIGHTS = np.concatenate([[3.0, -2.5, 2, 1.5], np.linspace(0.6, 0.02, D - 4)])
CONTRACT = (Path(__file__).parents[1] / "docs" / "contract.md").read_text("utf-8")


def bent(m: Any) -> Any:
    return expit(m @ WEIGHTS - 4)


def scrambled(m: Any) -> Any:
    return np.sin(1e4 * m @ np.sqrt(np.arange(2, D + 2)))


@pytest.fixture(scope="module")
def e() -> rt.Explanation:
    return explainer(bent, surrogate=rt.Ridge(6)).explain(tune(D), n_samples=900)


def shape(value: Any) -> Any:
    """Tell the names of a JSON value's fields, all the way down."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_every_field_is_as_the_contract_has_it(e: rt.Explanation) -> None:
    section = CONTRACT.split("### `study`")[1]
    written = json.loads(section.split("```json")[1].split("```")[0])
    assert shape(json.loads(json.dumps(study(e), allow_nan=False))) == shape(written)


def test_moves_are_what_was_known_at_each_count() -> None:
    stream = explainer(bent, surrogate=rt.Ridge(6)).stream(tune(D), n_samples=900)
    values = list(stream)
    moves = study(values[-1])["moves"]
    assert [move["n"] for move in moves] == [128, 256, 512, 900] == [value.n_samples for value in values]
    for move, value in zip(moves, values, strict=True):
        assert [each[0] for each in move["weights"]] == value.fit.selected.tolist()
        assert [each[1] for each in move["weights"]] == value.coefficients[value.fit.selected].tolist()


def test_the_curve_is_that_of_the_widths_and_names_the_best(e: rt.Explanation) -> None:
    widths = study(e)["widths"]
    found = curve(e.neighbourhood, e.surrogate, e.target, e.kernel)  # type: ignore[arg-type]
    chosen = best(found)
    assert chosen is not None
    assert (widths["now"], widths["floor"], widths["best"]) == (25, 0.8, chosen.width)
    assert [each["width"] for each in widths["curve"]] == [each.width for each in found]


def test_a_kernel_without_width_has_no_curve(e: rt.Explanation) -> None:
    assert study(e.read(kernel=rt.shapley()))["widths"] is None


def test_masks_go_from_near_to_far_with_both_answers(e: rt.Explanation) -> None:
    near = study(e)["near"]
    assert near[0]["off"] == []
    assert near[0]["weight"] == 1
    assert near[0]["model"] == pytest.approx(e.prediction[0])
    assert near[0]["surrogate"] == pytest.approx(e.local_prediction)
    weights = [each["weight"] for each in near]
    assert weights == sorted(weights, reverse=True)
    assert 2 <= len(near) <= 24
    for each in near:
        mask = np.ones((1, D), bool)
        mask[0, each["off"]] = False
        assert each["model"] == pytest.approx(bent(mask.astype(float))[0])
        assert each["surrogate"] == pytest.approx(e.predict(mask)[0])


def test_residuals_by_number_of_absent_parts_count_every_mask_once(e: rt.Explanation) -> None:
    bands = study(e)["residuals"]
    assert sum(band["n"] for band in bands) == len(e.neighbourhood)
    ends = [end for band in bands for end in band["absent"]]
    assert ends == sorted(ends)
    assert (ends[0], ends[-1]) == (0, D)
    masks = e.neighbourhood.masks
    missed = e.neighbourhood.outputs[:, 0] - e.predict(masks)
    low, high = bands[1]["absent"]
    absent = (~masks).sum(axis=1)
    inside = missed[(absent >= low) & (absent <= high)]
    assert (bands[1]["mean"], bands[1]["spread"]) == pytest.approx((inside.mean(), inside.std()))


def test_the_formula_is_written_in_this_explanations_numbers(e: rt.Explanation) -> None:
    first, instance, kernel, fit = study(e)["formula"]
    name, size = e.top(1)[0]
    assert first.startswith(f"g(z) = {e.intercept:.3g} {size:+.3g} [{name}]")
    assert "… and 2 more terms" in first
    assert f"g = {e.local_prediction:.3g}; the model says {e.prediction[0]:.3g}" in instance
    assert "25²" in kernel
    assert "100 × the cosine distance" in kernel
    assert f"= {e.fidelity:.3g}, over 900 masks" in fit


def test_advice_names_a_narrower_kernel_where_it_helps_and_another_surrogate_where_none_does() -> None:
    def local(m: Any) -> Any:
        few = m.mean(axis=1) > 0.7
        return np.where(few, m @ WEIGHTS, 9 * np.sin(40 * m @ np.linspace(0.1, 1, D)))

    poor = explainer(local).explain(tune(D), n_samples=3000)
    found = study(poor)
    assert poor.fidelity < 0.5
    assert f"e.read(kernel=rt.exponential({found['widths']['best']:.3g}))" in found["advice"][0]
    assert poor.read(kernel=rt.exponential(found["widths"]["best"])).fidelity > poor.fidelity
    hopeless = study(explainer(scrambled).explain(tune(D), n_samples=3000))
    assert any("rt.Tree(3) or rt.Pairs()" in said for said in hopeless["advice"])


def test_advice_is_silent_where_nothing_is_wrong() -> None:
    good = explainer(bent, surrogate=rt.Ridge(3)).explain(tune(D))
    assert good.settled
    assert study(good)["advice"] == []


def test_advice_says_that_another_seed_would_show_other_parts() -> None:
    few = explainer(lambda m: m @ np.linspace(1, 0.9, D) + 3 * m[:, 0] * m[:, 1]).explain(tune(D), n_samples=150)
    assert few.stability < 0.95
    assert any(said.startswith(f"Another seed would share {few.stability:.2f}") for said in study(few)["advice"])


def test_a_model_without_fit_is_laid_open_as_json() -> None:
    with pytest.warns(ConstantModelWarning):
        found = explainer(lambda m: np.ones(len(m))).explain(tune(12), n_samples=200)
    written = json.loads(json.dumps(study(found), allow_nan=False))
    assert written["widths"]["best"] is None
    assert all(each["fidelity"] is None for each in written["widths"]["curve"])


def test_all_masks_of_one_part_are_laid_open() -> None:
    found = study(explainer(lambda m: m.sum(axis=1)).explain(tune(1)))
    assert [band["n"] for band in found["residuals"]] == [1, 1]
    assert len(found["near"]) == 2


def test_what_was_let_go_cannot_be_laid_open(e: rt.Explanation) -> None:
    with pytest.raises(DetachedError, match="were let go"):
        study(e.kept("fit"))


def test_what_travelled_is_laid_open_alike(e: rt.Explanation) -> None:
    again = study(rt.from_dict(json.loads(json.dumps(e.to_dict()))))
    ours = study(e)
    assert again["formula"] == ours["formula"]
    assert again["moves"] == ours["moves"]
    assert again["advice"] == ours["advice"]

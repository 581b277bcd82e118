"""The width of a kernel: chosen by a stated rule, from answers that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from estimates import explainer, tune
from toys import Counting

import retrust as rt
from retrust.errors import OptionError
from retrust.neighbourhood import Weighted
from retrust.widths import Widest, Width, best, curve

if TYPE_CHECKING:
    from retrust.representation import Floats

D = 20
CURVE = [Width(5, 0.95, 70), Width(10, 0.85, 200), Width(20, 0.82, 500), Width(40, 0.4, 900)]


def near_the_instance(m: Floats) -> Floats:
    """Be linear as long as few parts are absent, and something else beyond."""
    few = m.mean(axis=1) > 0.7
    return np.asarray(np.where(few, m @ np.linspace(1, 0.1, D), 3 * np.sin(40 * m @ np.linspace(0.1, 1, D))))


def test_the_widest_that_is_faithful_is_chosen_and_the_most_faithful_where_none_is() -> None:
    assert best(CURVE) == CURVE[2]
    assert best(CURVE, floor=0.9) == CURVE[0]
    assert best(CURVE, floor=0.99) == CURVE[0]
    assert best([Width(1, 0.2, 99), Width(2, 0.3, 99), Width(4, 0.1, 99)]) == Width(2, 0.3, 99)


def test_a_width_whose_fit_is_not_known_is_not_chosen() -> None:
    assert best([Width(5, float("nan"), 99)]) is None
    assert best([]) is None
    assert best([Width(5, 0.9, 99), Width(50, float("nan"), 99)]) == Width(5, 0.9, 99)


def test_the_curve_goes_from_an_eighth_to_four_times_as_far_as_enough_samples_count() -> None:
    e = explainer(near_the_instance).explain(tune(D), n_samples=300)
    found = curve(e.neighbourhood, e.surrogate, 0, rt.exponential(25))  # type: ignore[arg-type]
    widths = [each.width for each in found]
    grid = 25 * np.geomspace(1 / 8, 4, 13)
    effective = np.array([Weighted(e.neighbourhood, rt.exponential(float(width))).effective for width in grid])
    assert widths == pytest.approx(grid[effective >= 60])
    assert [each.effective for each in found] == pytest.approx(effective[effective >= 60])
    assert len(widths) < 13
    for each in found:
        assert each.fidelity == pytest.approx(e.read(kernel=rt.exponential(each.width)).fidelity, abs=1e-12)


@pytest.mark.parametrize("floor", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("n_samples", [1500, "auto"])
def test_auto_takes_the_width_that_the_rule_says(floor: float, n_samples: Any) -> None:
    e = explainer(near_the_instance, kernel=rt.exponential("auto", floor=floor)).explain(tune(D), n_samples=n_samples)
    wanted = best(curve(e.neighbourhood, e.surrogate, 0, rt.exponential(25)), floor)  # type: ignore[arg-type]
    assert wanted is not None
    assert e.kernel == rt.exponential(wanted.width)
    assert e.plan.kernel == e.kernel
    assert e.fidelity == pytest.approx(wanted.fidelity, abs=0.02)


def test_a_model_that_is_linear_everywhere_takes_the_widest_and_one_that_bends_a_narrower_one() -> None:
    straight, bent = (
        explainer(model, kernel=rt.exponential("auto"), surrogate=rt.Ridge(D)).explain(tune(D), n_samples=2000)
        for model in (lambda m: m @ np.linspace(1, 0.1, D), near_the_instance)
    )
    assert straight.kernel == rt.exponential(100)
    assert bent.kernel.width < 25  # type: ignore[attr-defined]


def test_choosing_a_width_asks_nothing() -> None:
    model = Counting(lambda tunes: near_the_instance((np.array(tunes) != 0).astype(float)))
    e = rt.Explainer(model, explainer(near_the_instance).domain).explain(tune(D), n_samples=800)
    asked = len(model.inputs)
    assert e.read(kernel=rt.exponential("auto")).kernel != e.kernel
    assert len(model.inputs) == asked


def test_the_distance_is_the_domains_unless_it_is_given() -> None:
    table = rt.Table(np.random.default_rng(0).normal(size=(200, 4)))
    model = lambda rows: np.asarray(rows)[:, 0]  # noqa: E731 – one line
    e = rt.Explainer(model, table, kernel=rt.exponential("auto")).explain([0.0, 1, 2, 3], n_samples=500)
    assert e.kernel.distance == "euclidean"  # type: ignore[attr-defined]
    other = e.read(kernel=rt.exponential("auto", "cosine"))
    assert other.kernel.distance == "cosine"  # type: ignore[attr-defined]


def test_sampling_on_keeps_the_chosen_width() -> None:
    e = explainer(near_the_instance, kernel=rt.exponential("auto")).explain(tune(D))
    more = rt.more(e, 300).last()
    assert more.kernel == e.kernel
    assert more.n_samples == e.n_samples + 300
    assert len(more.weighted.weights) == more.n_samples
    assert np.isfinite(more.read(kernel=rt.exponential(25)).coefficients).all()


@pytest.mark.parametrize("floor", [0, 1, -0.5, float("nan")])
def test_a_floor_that_is_none_is_told(floor: float) -> None:
    with pytest.raises(OptionError, match="a number between 0 and 1 is expected"):
        rt.exponential("auto", floor=floor)


def test_a_width_that_is_not_chosen_yet_weighs_nothing() -> None:
    with pytest.raises(OptionError, match="the width is chosen after sampling"):
        Widest()(np.ones((2, 2)))


def test_a_number_is_a_kernel_as_ever() -> None:
    assert rt.exponential(3.0) == rt.exponential(3.0, "cosine")
    with pytest.raises(OptionError, match="width=0"):
        rt.exponential(0)

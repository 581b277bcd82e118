"""Pictures for papers: the bars are the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from toys import TEXT, linear, wavy

import retrust as rt

mpl.use("agg")
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_bars_are_the_weights_largest_on_top_with_their_intervals() -> None:
    e = rt.explain(wavy, TEXT, n_samples=300, n_features=4, classes=["x", "y", "z"])
    ax = e.plot()
    assert [bar.get_width() for bar in ax.patches] == [weight for _, weight in e.top()][::-1]  # type: ignore[attr-defined]
    assert [label.get_text() for label in ax.get_yticklabels()] == [name for name, _ in e.top()][::-1]
    lines = ax.collections[0].get_segments()  # type: ignore[attr-defined]
    reach = [(line[1][0] - line[0][0]) / 2 for line in lines]
    assert reach == pytest.approx(1.96 * e.stderr[e.fit.selected[::-1]], rel=1e-9)
    assert ax.get_xlabel() == f"weight for {e.classes[e.target]}"
    assert f"R² {e.fidelity:.2f}" in ax.get_title(loc="left")


def test_for_and_against_have_two_colours() -> None:
    e = rt.explain(linear({"good": 1.0, "bad": -2.0}), TEXT, n_features=2, n_samples=300)
    good, bad = e.plot().patches
    assert good.get_facecolor() == pytest.approx(mpl.colors.to_rgba("#1f66ad"))
    assert bad.get_facecolor() == pytest.approx(mpl.colors.to_rgba("#b35806"))


def test_it_is_drawn_where_one_likes() -> None:
    figure, axes = plt.subplots(1, 2)
    e = rt.explain(wavy, TEXT, n_samples=100)
    assert e.plot(axes[1]) is axes[1]
    assert not axes[0].patches
    figure.canvas.draw()


def test_names_with_formulas_and_unknown_errors_are_drawn_as_they_are() -> None:
    e = rt.explain(linear({"a": 1.0}), "$\\frac{ $x_1$ a <b>", domain=rt.Text(tokenizer=r"\S+"), n_samples=3)
    assert np.isnan(e.stderr).any()
    ax = e.plot()
    ax.figure.canvas.draw()
    assert r"\$x_1\$" in [label.get_text() for label in ax.get_yticklabels()]


# --- a pick ----------------------------------------------------------------------------------------------------------


def test_a_picks_curve_is_its_coverage_beside_that_of_random_picks() -> None:
    p = rt.pick(np.diag([4.0, 1.0, 1.0, 1.0]), 3)
    ax = p.plot()
    random, own = ax.lines
    mean, low, high = p.random_shares()
    assert own.get_xdata() == pytest.approx([1, 2, 3])
    assert own.get_ydata() == pytest.approx(100 * p.share)
    assert random.get_ydata() == pytest.approx(100 * mean)
    band = np.asarray(ax.collections[0].get_paths()[0].vertices)
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((100 * low.min(), 100 * high.max()))
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["random picks", "submodular pick"]
    assert ax.get_ylim() == (0, 100)


def test_a_curve_is_drawn_where_one_likes_however_short_or_empty_it_is() -> None:
    figure, axes = plt.subplots(1, 3)
    assert rt.pick(np.eye(3), 1).plot(axes[0]) is axes[0]
    with pytest.warns(UserWarning, match="no explanation has any weight"):
        rt.pick(np.zeros((3, 2)), 2).plot(axes[1])
    rt.pick(np.eye(200), 150).plot(axes[2])
    figure.canvas.draw()
    assert len(axes[2].get_xticks()) == 10


def test_a_long_condition_stands_on_two_lines_with_both_ends() -> None:
    name = "mean radius of the cell nuclei, measured by hand and then once more by another"
    table = rt.Table(np.arange(40.0).reshape(-1, 1), bins=[10, 20], names=[name])
    e = rt.explain(lambda X: X[:, 0] / 90, [15.0], domain=table, n_samples=100)
    (label,) = [each.get_text() for each in e.plot().get_yticklabels()]
    first, second = label.split("\n")
    assert first.startswith("10 < mean radius of")
    assert second.endswith("another ≤ 20")
    assert max(len(first), len(second)) <= 32

"""Superpixels cut and joined by hand, the tools in the light and in the dark, and pictures where no kernel is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.alone import alone
from browser.card import share
from browser.easel import PICTURES, Easel
from browser.harness import DARK, LIGHT, SCREENSHOTS
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open
    from playwright.sync_api import Browser

SHOW = "e = explainer.explain(picture, n_samples=200)\ne.to_html('sun.html')\nview = rt.view(e)\nview"
PHOTOGRAPH = """
from skimage.data import astronaut
photograph = rt.view(rt.explain(lambda x: x[:, 100:200, 200:300].mean(axis=(1, 2, 3)) / 255, astronaut(), n_samples=64))
photograph
"""
STATE = "{name: value for name, value in photograph.get_state().items() if name not in ('_esm', '_css')}"
SIZE = "sum(len(v if isinstance(v, bytes) else __import__('json').dumps(v)) for v in {}.values())"
DONE = "view.status['phase'] == 'idle' and len(view.explanation.features)"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(PICTURES, SHOW, PHOTOGRAPH)


@pytest.fixture
def easel(nb: Notebook) -> Easel:
    return Easel(nb, 1).reset()


def test_axe_finds_nothing_with_any_tool_in_the_light_and_in_the_dark(nb: Notebook, easel: Easel) -> None:
    expect(easel.root).not_to_have_class(re.compile("rt-dark"))
    for theme in (LIGHT, DARK):
        nb.theme(theme)
        easel.reset().click(8)
        expect(easel.model).to_be_visible()
        assert nb.violations(easel.selector) == []
        easel.tool("Select")
        easel.click(14)
        easel.click(15)
        expect(easel.selection).to_contain_text("2 selected")
        assert nb.violations(easel.selector) == []
        easel.screenshot(f"image-select-{theme[11:].lower()}")
        easel.tool("Draw")
        assert nb.violations(easel.selector) == []
    expect(easel.root).to_have_class(re.compile("rt-dark"))
    nb.theme(LIGHT)


def test_the_saved_widget_of_a_photograph_is_small_and_its_picture_needs_no_script(
    nb: Notebook, figure: Callable[[str], None]
) -> None:
    photo = Easel(nb, 2)
    expect(photo.photo).to_be_visible()
    size = nb.kernel(SIZE.format(STATE))
    figure(f"saved state of a picture of 512 × 512 beside the bundle {size / 1000:.0f} kB (at most 120)")
    assert size <= 120_000
    (output,) = nb.outputs[2]
    html = "".join(output["data"]["text/html"])
    assert len(html.encode()) <= 20_000
    assert re.search('<img[^>]* src="data:image/', html)
    assert "<script" not in html.lower()
    photo.screenshot("image-photograph")


def test_the_file_of_a_picture_toggles_with_the_surrogate_and_reads_every_class(nb: Notebook, browser: Browser) -> None:
    with alone(browser, nb.lab.root / "sun.html") as found:
        page = found.page
        surrogate = page.locator(".rt-surrogate")
        expect(surrogate).to_have_text(share(nb.kernel("e.local_prediction")))
        stage = page.get_by_role("application")
        expect(stage.locator("canvas.rt-photo")).to_be_visible()
        at = stage.evaluate("stage => [stage.clientWidth, stage.clientHeight]")
        stage.click(position={"x": at[0] * 2.5 / 6, "y": at[1] * 1.5 / 4})
        expect(surrogate).to_have_text(share(nb.kernel("e.local_prediction - e.coefficients[8]")))
        expect(page.locator(".rt-foot")).to_contain_text("model not attached")
        expect(page.get_by_role("button", name=re.compile("^superpixel 8, .*absent$"))).to_be_visible()
        tools = page.get_by_role("group", name="tool").get_by_role("button")
        expect(tools).to_have_text(["Click", "Brush"])
        page.screenshot(path=SCREENSHOTS / "image-file.png")
        page.get_by_label("reasons for").select_option("dull")
        expect(surrogate).to_have_text(share(nb.kernel("1 - e.local_prediction + e.coefficients[8]")))
        page.get_by_role("button", name="put back", exact=True).click()
        expect(surrogate).to_have_text(share(nb.kernel("1 - e.local_prediction")))
        assert ([url for url in found.asked if not url.startswith(("data:", "blob:"))], found.said) == ([], [])


def test_a_split_goes_on_from_what_is_known(nb: Notebook, easel: Easel) -> None:
    nb.kernel("globals().update(known=view.explanation, asked=sun.asked)")
    easel.tool("Select")
    easel.click(8)
    easel.selection.get_by_role("button", name="Split").click()
    nb.until(f"{DONE} == 27", 20)
    assert nb.kernel("(known.n_samples, view.explanation.n_samples)") == [200, 400]
    assert nb.kernel("sun.asked - asked") <= 201
    assert nb.kernel("(view.explanation.neighbourhood.outputs[:200] == known.neighbourhood.outputs).all()")
    expect(easel.selection).to_have_count(0)
    easel.tool("Click")
    easel.stage.focus()
    easel.click(8)
    nb.until("len(view.probe['off']) == 1")
    (piece,) = nb.kernel("view.probe['off']")
    assert nb.kernel(f"(view.explanation.representation.labels == {piece}).sum()") == 144
    expect(easel.button(f"put back superpixel {piece}")).to_be_visible()
    easel.screenshot("image-split")


def test_a_merge_starts_over_with_fewer_superpixels(nb: Notebook, easel: Easel) -> None:
    nb.kernel("globals().update(known=view.explanation, asked=sun.asked)")
    count = nb.kernel("len(known.features)")
    easel.click(15, "Control")
    easel.click(16)
    easel.click(14)
    easel.click(14)
    expect(easel.selection).to_contain_text("2 selected")
    assert len(easel.features("chosen")) == 2
    easel.selection.get_by_role("button", name="Merge").click()
    nb.until(f"{DONE} == {count - 1}", 20)
    assert nb.kernel("view.explanation.n_samples == known.n_samples <= sun.asked - asked")
    easel.tool("Click")
    easel.click(15)
    nb.until("len(view.probe['off']) == 1")
    assert [easel.pixel(square) == [0, 0, 0] for square in (14, 15, 16, 17)] == [False, True, True, False]
    easel.screenshot("image-merged")

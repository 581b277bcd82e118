"""A picture's reasons in the live widget: look at them, take them away, draw over them, by mouse and by keys."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

import pytest
from browser.card import NOTEBOOK, share, signed
from browser.easel import PICTURES, Easel
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(picture, n_samples=400))\nview"

STOPWATCH = """root => {
  let since = 0;
  Object.assign(window, {waits: [], drawn: [], frames: []});
  const photo = root.querySelector('canvas.rt-photo');
  const seen = () => {
    const all = new Uint32Array(photo.getContext('2d').getImageData(0, 0, photo.width, photo.height).data.buffer);
    return all.filter((_, i) => i % photo.width % 24 === 12).join();
  };
  let before = seen();
  root.addEventListener('pointerup', () => { since = performance.now(); }, true);
  root.addEventListener('pointerup', () => {
    const spent = performance.now() - since;
    requestAnimationFrame(() => {
      window.frames.push(performance.now() - since);
    });
    const now = seen();
    if (now !== before) window.drawn.push(spent);
    before = now;
  });
  const answers = root.querySelector('.rt-answers');
  new MutationObserver(told => {
    if (told.some(({target}) => target.ariaBusy === 'false')) window.waits.push(performance.now() - since);
  }).observe(answers, {subtree: true, attributeFilter: ['aria-busy']});
}"""
STOPS = """() => {
  const at = document.activeElement;
  return at.closest('.rt') && (at.role === 'application' ? 'picture' : at.dataset.stop ? 'bars' :
    at.ariaLabel ?? (at.innerText || at.closest('label').innerText.trim()));
}"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(PICTURES, SHOW)


@pytest.fixture
def easel(nb: Notebook) -> Easel:
    return Easel(nb, 1).reset()


def test_a_click_takes_a_superpixel_away_and_another_puts_it_back(easel: Easel) -> None:
    nb = easel.nb
    before = easel.pixel(8)
    asked = nb.kernel("sun.asked")
    easel.click(8)
    assert easel.pixel(8) == [0, 0, 0], "drawn at once"
    easel.away(8)
    assert nb.kernel(f"sun.asked - {asked}") == 2, "one picture for the page, one for this test"
    assert easel.gap.inner_text() != "gap 0.00"
    easel.screenshot("image-off")
    easel.button("put back superpixel 8").click()
    easel.away()
    assert easel.pixel(8) == before
    easel.bar(15).locator(".rt-name").click()
    easel.away(15)
    easel.button("Original").click()
    assert easel.pixel(15) != [0, 0, 0]
    easel.button("Original").click()
    easel.away(15)


def test_shift_click_rectangle_and_brush_take_several(easel: Easel) -> None:
    easel.click(8, "Shift")
    easel.away(2, 7, 8, 9, 14)
    easel.reset()
    easel.drag(13, 21, reach=0.4)
    easel.away(13, 14, 15, 19, 20, 21)
    easel.tool("Brush")
    easel.drag(13, 15)
    easel.away(19, 20, 21)
    easel.drag(0, 2, 8)
    easel.away(0, 1, 2, 8, 19, 20, 21)
    expect(easel.button("7 superpixels")).to_be_visible()


def test_keys_alone_move_take_away_and_mark_and_the_notebook_takes_none_of_them(easel: Easel) -> None:
    nb, keys = easel.nb, easel.page.keyboard
    easel.click(8)
    easel.click(8)
    before = easel.page.evaluate(NOTEBOOK)

    def press(key: str) -> list[str]:
        keys.press(key)
        return easel.features("cursor")

    assert [press(f"Arrow{way}") for way in ("Right", "Down", "Left", "Up")] == [["9"], ["15"], ["14"], ["8"]]
    said = easel.root.locator(".rt-easel").get_by_role("status")
    expect(said).to_have_text(re.compile(r"^superpixel 8, for sunny \+0\.\d+, present, middle centre$"))
    keys.press("Space")
    easel.away(8)
    foot = easel.root.locator(".rt-foot").get_by_role("status")
    expect(foot).to_have_text(re.compile(r"^without superpixel 8: surrogate says 0\.\d\d, model says 0\.\d\d$"))
    keys.press("Shift+Space")
    easel.away()
    keys.press("Control+Space")
    expect(easel.line("chosen")).to_have_attribute("data-feature", "8")
    keys.press("Escape")
    expect(easel.line("chosen")).to_have_count(0)
    keys.press("m")
    expect(easel.root.get_by_role("dialog", name="Mark superpixel 8 as untrustworthy")).to_be_visible()
    keys.type("ddxx aabb")  # in command mode: delete, cut, add
    keys.press("Enter")
    expect(easel.line("marked")).to_have_attribute("data-feature", "8")
    expect(easel.stage).to_be_focused()
    marks = nb.kernel("[[mark[name] for name in ('name', 'scope', 'because', 'features')] for mark in view.marks]")
    assert marks == [["superpixel 8", "instance", "ddxx aabb", [8]]]
    easel.tool("Click")
    easel.button("Original").focus()
    stops = []
    for _ in range(8):
        stops.append(easel.page.evaluate(STOPS))
        keys.press("Tab")
    hand = "take the mark on superpixel 8 back"
    glasses = ["evidence", "only the strongest, so many", "Hide the rest", "Outlines"]
    assert stops == ["Original", "picture", *glasses, "bars", hand]
    assert easel.page.evaluate(NOTEBOOK) == before
    easel.button(hand).click()
    nb.until("not view.marks")


def test_superpixels_are_listed_by_weight_and_lit_together_with_the_picture(easel: Easel) -> None:
    top = easel.nb.kernel("[[int(i), view.explanation.coefficients[i]] for i in view.explanation.fit.selected]")
    rows = easel.rows.evaluate_all("rows => rows.map(row => [row.dataset.feature, row.innerText])")
    assert [int(feature) for feature, _ in rows] == [feature for feature, _ in top]
    assert [abs(weight) for _, weight in top] == sorted((abs(weight) for _, weight in top), reverse=True)
    easel.bar(15).hover()
    expect(easel.line("hot")).to_have_attribute("data-feature", "15")
    easel.stage.hover(position=easel.place(10))
    expect(easel.bar(10)).to_have_class(re.compile("rt-hot"))
    expect(easel.line("hot")).to_have_attribute("data-feature", "10")
    expect(easel.root.locator(".rt-row.rt-hot")).to_have_count(1)
    easel.screenshot("image-hover")
    easel.click(10)
    easel.away(10)
    nodes = easel.accessible()
    told = {node.name: node.states.get("pressed") for node in nodes if node.role == "button"}
    weights = {feature: signed(weight) for feature, weight in top}
    assert told[f"superpixel 8, for sunny {weights[8]}, present"] == "false"
    assert told[f"superpixel 10, against sunny {weights[10]}, absent"] == "true"
    (picture,) = [node for node in nodes if node.role == "application"]
    assert picture.name.startswith("The picture. Arrow keys")
    assert [node.states["live"] for node in nodes if node.role == "status"] == ["polite", "polite"]


def test_another_class_and_other_glasses_ask_the_model_nothing(easel: Easel) -> None:
    nb, before = easel.nb, easel.pixel(0)
    asked, weight = nb.kernel("sun.asked"), nb.kernel("view.explanation.coefficients[8]")
    easel.root.get_by_label("reasons for").select_option("dull")
    expect(easel.bar(8).locator(".rt-value")).to_contain_text(f"against dull {signed(-weight)}")
    expect(easel.surrogate).to_have_text(share(nb.kernel("view.explanation.local_prediction")))
    assert nb.kernel("view.explanation.target") == 0
    easel.root.get_by_label("reasons for").select_option("sunny")
    expect(easel.bar(8).locator(".rt-value")).to_contain_text(f"for sunny {signed(weight)}")
    easel.root.get_by_label("only the strongest, so many").fill("2")
    easel.button("Hide the rest").click()
    top = nb.kernel("view.explanation.fit.selected[:2]")
    easel.black(*(square for square in range(24) if square not in top))
    expect(easel.surrogate).to_have_text(share(nb.kernel("view.explanation.local_prediction")))
    easel.button("Outlines").click()
    easel.screenshot("image-alone")
    easel.root.get_by_label("only the strongest, so many").fill("10")
    easel.button("Outlines").click()
    easel.button("Hide the rest").click()
    assert easel.pixel(0) == before
    assert nb.kernel("sun.asked") == asked


def test_the_model_answers_the_picture_as_it_was_drawn_on(easel: Easel) -> None:
    nb = easel.nb
    before, seen = easel.model.inner_text(), easel.pixel(9)
    easel.tool("Draw")
    easel.root.get_by_label("colour").fill("#204060")
    easel.root.get_by_role("slider", name="size").fill("20")
    easel.drag(8, 10)
    nb.until("view.probe and view.probe['painted']")
    ink = [0x20, 0x40, 0x60]
    assert [easel.pixel(square) == ink for square in (7, 8, 9, 10, 11)] == [False, True, True, True, False]
    assert nb.kernel("sun.last[0, 36, [60, 84, 108]]") == [ink] * 3, "the model saw the paint"
    assert nb.kernel("(sun.last[0, 60:] == picture[60:]).all()"), "and the rest as it is, not as the page drew it"
    expect(easel.model).to_have_text(share(nb.kernel("view.probe['outputs'][0][1]")))
    expect(easel.model).not_to_have_text(before)
    expect(easel.surrogate).to_have_text(share(nb.kernel("view.explanation.local_prediction")))
    easel.screenshot("image-drawn")
    easel.button("Clear drawing").click()
    expect(easel.model).to_have_text(before)
    expect(easel.button("clear the drawing")).to_have_count(0)
    assert easel.pixel(9) == seen


def test_the_models_answer_comes_soon_after_a_click_in_the_picture(easel: Easel, figure: Callable[[str], None]) -> None:
    easel.stage.scroll_into_view_if_needed()
    easel.root.evaluate(STOPWATCH)
    for square in range(20):
        easel.click(square)
        easel.page.wait_for_function("count => waits.length >= count && frames.length >= count", arg=square + 1)
    waits, drawn, frames = easel.page.evaluate("[waits, drawn, frames]")
    assert (len(waits), len(drawn)) == (20, 20), "each click is drawn before its event ends, and answered once"
    median, worst = statistics.median(waits), max(waits)
    figure(f"click in a picture to the model's answer {median:.0f} ms, the median (at most 75), slowest {worst:.0f} ms")
    frame = f"the next frame after {statistics.median(frames):.0f} ms"
    figure(f"click to the picture drawn {statistics.median(drawn):.1f} ms, the median (at most 16); {frame}")


def test_marks_and_switched_off_superpixels_are_kept_when_the_page_is_reloaded(easel: Easel) -> None:
    nb = easel.nb
    easel.bar(15).locator(".rt-flag").click()
    easel.page.keyboard.type("the sky")
    easel.page.keyboard.press("Enter")
    expect(easel.line("marked")).to_have_attribute("data-feature", "15")
    easel.click(8)
    easel.click(10)
    easel.away(8, 10)
    said = [easel.surrogate.inner_text(), easel.model.inner_text(), easel.gap.inner_text()]
    nb.reload()
    expect(easel.root.get_by_label("marked as untrustworthy", exact=True)).to_contain_text("the sky")
    expect(easel.line("marked")).to_have_attribute("data-feature", "15")
    easel.away(8, 10)
    assert [easel.surrogate.inner_text(), easel.model.inner_text(), easel.gap.inner_text()] == said
    easel.click(8)
    easel.away(10)
    easel.button("take the mark on superpixel 15 back").click()
    nb.until("not view.marks")

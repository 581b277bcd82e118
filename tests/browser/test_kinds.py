"""What else is drawn as a text: many classes, a single number, nothing to explain, a narrow page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card, box
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

FOUR = """
genres = ["comedy", "drama", "western", "musical"]
four = rt.view(rt.explain(Critic(outputs=4), TEXT, classes=genres, target="musical"))
four
"""
PRICE = "rt.explain(Critic(outputs=1), TEXT, classes=['price'])"
STILL = """
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    still = rt.explain(lambda texts: np.full(len(texts), 0.5), TEXT)
still
"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, FOUR, PRICE, STILL)


def test_four_classes_are_drawn_and_each_is_read(nb: Notebook) -> None:
    card = Card(nb, 1)
    expect(card.root.locator(".rt-class")).to_have_count(4)
    assert card.root.locator(".rt-class").nth(3).inner_text().split() == ["musical", "0.60"]
    expect(card.row("good").locator(".rt-value")).to_contain_text("for musical +0.3")
    card.screenshot("four-classes")
    card.root.get_by_label("reasons for").select_option("western")
    expect(card.row("good").locator(".rt-value")).to_contain_text("against western −0.1")
    card.word("good").click()
    expect(card.model).to_have_text(f"{nb.kernel('four.explanation.probe([1])[2]'):.2f}")


def test_a_single_number_is_drawn_without_a_choice_of_class(nb: Notebook) -> None:
    card = Card(nb, 2)
    expect(card.root.locator(".rt-class")).to_have_text("price600")
    expect(card.root.get_by_label("reasons for")).to_have_count(0)
    expect(card.row("good").locator(".rt-value")).to_contain_text("raises price +31")
    card.word("good").click()
    expect(card.model).to_have_text("250")
    card.screenshot("regression")


def test_a_model_that_does_not_move_is_doubted(nb: Notebook) -> None:
    card = Card(nb, 3)
    expect(card.root.locator(".rt-doubt")).to_contain_text("there is nothing to explain")
    expect(card.root.locator(".rt-bars")).to_have_text("nothing moves this prediction")
    assert nb.violations(card.selector) == []
    card.screenshot("constant")


def test_a_narrow_page_puts_the_bars_below_the_text(nb: Notebook) -> None:
    card = Card(nb, 1)
    nb.page.set_viewport_size({"width": 700, "height": 900})
    nb.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    try:
        card.page.wait_for_function("root => root.clientWidth <= 640", arg=card.root.element_handle())
        text, bars = (box(card.root.locator(name)) for name in (".rt-text", ".rt-bars"))
        assert text["y"] + text["height"] <= bars["y"]
        assert card.root.evaluate("root => root.querySelector('.rt-card').scrollWidth <= root.clientWidth")
        card.screenshot("narrow")
    finally:
        nb.page.set_viewport_size({"width": 1280, "height": 900})

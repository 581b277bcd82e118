"""A text of 50,000 words opens soon: what is not near is not drawn, and drawn when it comes near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.card import Card, box
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open

WORDS = 50_000
LONG = f"""
import numpy as np
import retrust as rt

LONG = "".join(f"word{{i % 2000}}" + (".\\n" if i % 60 == 59 else " ") for i in range({WORDS}))
e = rt.explain(lambda texts: np.array(["word7 " in text for text in texts]), LONG, n_samples=200)
"""
OPENING = """async () => {
  const context = jupyterapp.shell.currentWidget;
  const { kernel } = context.sessionContext.session;
  const drawn = async () => {
    while (!context.content.node.querySelector('.rt-word')) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now();
  };
  const came = new Promise(tell => kernel.iopubMessage.connect((_, { header }) => {
    if (header.msg_type === 'comm_open') tell(performance.now());
  }));
  context.content.activeCellIndex = 1;
  jupyterapp.commands.execute('notebook:run-cell');
  const since = await came;
  return await drawn() - since;
}"""
LAST = "words => Math.max(...words.map(word => Number(word.dataset.item)))"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open, figure: Callable[[str], None]) -> Notebook:
    nb = shared_notebook(LONG, "e", run=False)
    nb.page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    nb.until("'e' in globals()", 60)
    seconds = nb.page.evaluate(OPENING) / 1000
    figure(f"{WORDS:,} words drawn {seconds:.2f} s after they reach the page (at most 1.5)")
    return nb


@pytest.fixture
def card(nb: Notebook) -> Card:
    return Card(nb, 1)


def test_only_what_is_near_is_drawn_and_scrolling_draws_the_rest(card: Card) -> None:
    text = card.root.locator(".rt-text")
    assert 100 < card.words.count() < 3000
    assert text.evaluate("text => text.textContent") == card.nb.kernel("LONG")
    card.screenshot("long")
    middle = text.evaluate("text => { text.scrollTop = text.scrollHeight / 2; return text.scrollTop; }")
    seen = "([text, first]) => [...text.querySelectorAll('.rt-word')].some(word => Number(word.dataset.item) > first)"
    card.page.wait_for_function(seen, arg=[text.element_handle(), WORDS * 0.9])
    assert card.words.count() < 6000
    assert text.evaluate("text => text.scrollTop") == middle, "nothing jumps"
    at = box(text)
    card.page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    expect(card.root.locator(".rt-word.rt-hot").first).to_be_visible()


def test_keys_reach_the_last_word_and_take_it_away(card: Card) -> None:
    card.root.locator(".rt-word[tabindex='0']").focus()
    card.page.keyboard.press("Control+End")
    focused = card.root.locator(".rt-word:focus")
    expect(focused).to_have_text(f"word{(WORDS - 1) % 2000}")
    expect(focused).to_be_in_viewport()
    assert focused.get_attribute("data-item") == str(card.words.evaluate_all(LAST))
    card.page.keyboard.press("Space")
    expect(focused).to_have_attribute("aria-pressed", "true")
    expect(card.root.locator(".rt-chip")).to_contain_text(f"word{(WORDS - 1) % 2000}")
    expect(card.model).to_have_text("1.00")
    card.page.keyboard.press("Control+Home")
    expect(focused).to_have_text("word0")

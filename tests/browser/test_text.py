"""A text's reasons in the live widget: look, take away, type over, aim."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, TEXT, Card
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(TEXT))\nview"
LENGTHS = """
lengths = lambda texts: np.array([len(text) for text in texts])
rt.explain(lengths, " ".join(f"word{'s' * i}" for i in range(20)))
"""

STOPWATCH = """root => {
  const model = root.querySelector('.rt-model');
  let since = 0;
  window.waits = [];
  root.addEventListener('click', () => { since = performance.now(); }, true);
  const answered = () => { window.waits.push(performance.now() - since); };
  new MutationObserver(answered).observe(model, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, SHOW, SHOW.replace("view", "second"), LENGTHS)


@pytest.fixture
def card(nb: Notebook) -> Card:
    return Card(nb, 1)


def test_words_are_highlighted_in_place(card: Card) -> None:
    card.screenshot("t1")
    card.nb.screenshot("t0")


def test_click_answers(nb: Notebook, figure: Callable[[str], None]) -> None:
    card = Card(nb, 3)
    card.root.evaluate(STOPWATCH)
    for i in range(20):
        card.words.nth(i).click()
        card.page.wait_for_function("n => window.waits.length === n", arg=i + 1)
    figure(f"click to answer {statistics.median(card.page.evaluate('window.waits')):.0f} ms")

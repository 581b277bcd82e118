"""A text's reasons in the live widget: look at them, take them away, type over them, read them in another way."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, TEXT, Card, signed
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(TEXT))\nview"
LENGTHS = """
rt.explain(lambda texts: np.array([len(text) for text in texts]), " ".join(f"word{'s' * i}" for i in range(20)))
"""

STOPWATCH = """root => {
  let since = 0;
  window.waits = [];
  root.addEventListener('click', () => { since = performance.now(); }, true);
  const answered = () => { window.waits.push(performance.now() - since); };
  const told = {subtree: true, childList: true, characterData: true};
  new MutationObserver(answered).observe(root.querySelector('.rt-model'), told);
}"""
DRAWN = """async cell => {
  const [notebook, since] = [jupyterapp.shell.currentWidget.content, performance.now()];
  notebook.activeCellIndex = cell;
  jupyterapp.commands.execute('notebook:run-cell');
  while (!notebook.widgets[cell].node.querySelector('.rt-word')) await new Promise(requestAnimationFrame);
  return performance.now() - since;
}"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open, figure: Callable[[str], None]) -> Notebook:
    nb = shared_notebook(MODELS, "'the models stand'", LENGTHS, SHOW, run=False)
    nb.page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    nb.until("'critic' in globals()", 30)
    seconds = nb.page.evaluate(DRAWN, 2) / 1000
    figure(f"explanation drawn {seconds:.2f} s after its cell starts (20 words, the session's first, 5,000 masks)")
    return nb.run()


@pytest.fixture
def card(nb: Notebook) -> Card:
    return Card(nb, 3).reset()


def test_words_are_highlighted_in_place_and_lit_together_with_their_bars(card: Card) -> None:
    assert card.root.locator(".rt-text").inner_text().replace("\n", "") == TEXT.replace("\n", "")
    for word, side in ("good", "rt-for"), ("bad", "rt-against"):
        expect(card.word(word)).to_have_class(re.compile(side))
        expect(card.row(word).locator(".rt-value")).to_contain_text(signed(_coefficient(card, word)))
    strong, weak = (
        card.word(word).evaluate("word => getComputedStyle(word).backgroundColor") for word in ("good", "film")
    )
    assert strong != weak
    hot = card.root.locator(".rt-hot")
    card.word("good").hover()
    expect(hot).to_have_count(3)  # the word stands twice
    expect(card.row("good")).to_have_class(re.compile("rt-hot"))
    card.screenshot("text-hover")
    card.row("bad").hover()
    expect(card.word("bad")).to_have_class(re.compile("rt-hot"))
    expect(card.word("good")).not_to_have_class(re.compile("rt-hot"))


def test_a_click_takes_a_word_away_and_the_model_answers_after_the_surrogate(card: Card) -> None:
    nb = card.nb
    nb.kernel("critic.open.clear()")
    before = card.model.inner_text()
    card.word("good").click()
    surrogate = nb.kernel("view.explanation.local_prediction") - _coefficient(card, "good")
    expect(card.surrogate).to_have_text(f"{surrogate:.2f}")
    expect(card.gap).to_have_text("asking…")
    expect(card.model).to_have_count(0)
    assert card.root.locator(".rt-model").inner_text() == before, "dimmed, never blank"
    nb.kernel("critic.open.set()")
    card.says(surrogate, nb.kernel("view.explanation.probe(['good'])[1]"))
    assert card.gap.inner_text() != "gap 0.00"
    assert nb.kernel("view.look['off'] == view.probe['off'] == [1]")
    off = card.root.locator(".rt-word.rt-off")
    expect(off).to_have_text(["good", "good"])
    card.screenshot("text-off")
    off.first.click()
    expect(off).to_have_count(0)
    expect(card.model).to_have_text(before)


@pytest.mark.parametrize("by", ["F2", "a double-click"])
def test_the_model_answers_the_edited_text(card: Card, by: str) -> None:
    nb = card.nb
    card.type_over(card.word("bad"), "splendid & <b>brave</b>", by=by)
    nb.until("view.probe and view.probe['edits']")
    assert nb.kernel("critic.asked[-1]") == TEXT.replace("bad", "splendid & <b>brave</b>")
    surrogate = nb.kernel("view.explanation.local_prediction") - _coefficient(card, "bad")
    card.says(surrogate, nb.kernel("view.explanation.probe(edits={'bad': 'splendid & <b>brave</b>'})[1]"))
    expect(card.root.locator(".rt-word.rt-edited")).to_have_text("splendid & <b>brave</b>")
    card.screenshot("text-edited")
    card.type_over(card.word("splendid & <b>brave</b>"), "bad", by=by)
    expect(card.root.locator(".rt-word.rt-edited")).to_have_count(0)
    expect(card.root.locator(".rt-invitation")).to_be_visible()


def test_another_class_and_another_number_of_reasons_ask_the_model_nothing(card: Card) -> None:
    nb = card.nb
    asked, weight = nb.kernel("len(critic.asked)"), _coefficient(card, "good")
    card.root.get_by_label("reasons for").select_option("panned")
    expect(card.row("good").locator(".rt-value")).to_contain_text(f"against panned {signed(-weight)}")
    expect(card.surrogate).to_have_text(f"{nb.kernel('view.explanation.read(target=0).local_prediction'):.2f}")
    card.root.get_by_label("show so many reasons").fill("3")
    expect(card.rows).to_have_count(3)
    assert nb.kernel("(view.explanation.target, len(view.explanation.top()))") == [0, 3]
    assert nb.kernel("len(critic.asked)") == asked
    card.root.get_by_label("reasons for").select_option("liked")
    card.root.get_by_label("show so many reasons").fill("10")
    expect(card.rows).to_have_count(10)


def test_the_models_answer_comes_soon_after_a_click(nb: Notebook, figure: Callable[[str], None]) -> None:
    card = Card(nb, 2)
    expect(card.words).to_have_count(20)
    card.root.evaluate(STOPWATCH)
    for i in range(20):
        card.words.nth(i).click()
        card.page.wait_for_function("count => window.waits.length >= count", arg=i + 1)
    waits = card.page.evaluate("window.waits")
    assert len(waits) == 20, "one change of the model's figure for each click"
    worst = f"the slowest of 20 {max(waits):.0f} ms"
    figure(f"click to the model's answer {statistics.median(waits):.0f} ms, the median (at most 75), {worst}")


def _coefficient(card: Card, word: str) -> float:
    features = "[feature.name for feature in view.explanation.features]"
    value: float = card.nb.kernel(f"view.explanation.coefficients[{features}.index({word!r})]")
    return value

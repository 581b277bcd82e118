"""What goes wrong is said in the view, in words; the next click works, and nothing is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(TEXT))\nview"
FAILING = "failing = rt.view(rt.Explainer(Critic(nap=0.0002, patience=700)).stream(TEXT))\nfailing"
HOPELESS = "hopeless = rt.view(rt.Explainer(Critic(patience=0)).stream(TEXT))\nhopeless"
SLOW = """
slow = Critic(nap=0.0005)
def chatty(texts):
    if len(slow.asked) > 600:
        print("asking")
    return slow(texts)
e = rt.explain(chatty, TEXT)
"""
TWO = """
both = Critic(nap=0.0005)
one, two = (rt.view(rt.Explainer(both, seed=seed).stream(TEXT, n_samples=1000)) for seed in (1, 2))
one
"""
ASKING = "[...document.querySelectorAll('.jp-OutputArea-output')].some(output => output.innerText.includes('asking'))"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(MODELS, SHOW, FAILING, HOPELESS, SLOW, "e", TWO, "two", run=False)
    nb.start()
    nb.page.wait_for_function(ASKING, timeout=60_000)
    nb.interrupt()
    return nb.finish()


def test_an_interrupted_explanation_is_kept_and_the_next_cell_works(nb: Notebook) -> None:
    assert nb.errors == []
    assert nb.kernel("e.partial") == "interrupted"
    n = nb.kernel("e.n_samples")
    assert 128 <= n < 5000
    card = Card(nb, 5)
    expect(card.root.locator(".rt-facts")).to_contain_text(f"stopped early – {n:,} samples")
    card.button("more…").click()
    expect(card.root.locator(".rt-details")).to_contain_text("the kernel was interrupted")
    card.screenshot("failure-interrupted")


@pytest.mark.parametrize(
    ("trouble", "message", "word", "liked"),
    [
        ("raise", "the model raised RuntimeError: no film tonight", "bad", "0.55"),
        ("nan", "the model returned nan as output 0 of input 0 in a batch of 1; finite numbers", "long", "0.30"),
    ],
)
def test_a_failing_answer_is_told_and_the_next_click_works(
    nb: Notebook, trouble: str, message: str, word: str, liked: str
) -> None:
    card = Card(nb, 1)
    card.button("mark long as untrustworthy").click()
    card.page.keyboard.press("Enter")
    nb.kernel(f"critic.set(trouble={trouble!r})")
    card.word("good").click()
    expect(card.alert).to_contain_text(f"The model did not answer. {message}")
    expect(card.gap).to_have_text("no answer")
    card.screenshot(f"failure-{trouble}")
    nb.kernel("critic.set(trouble='')")
    card.word(word).click()
    expect(card.model).to_have_text(liked)
    expect(card.alert).to_have_count(0)
    assert nb.kernel("[mark['name'] for mark in view.marks]") == ["long"]
    card.button("put back").click()
    card.button("mark long as untrustworthy").click()
    nb.until("not view.marks")


def test_a_model_that_raises_later_leaves_what_was_learned(nb: Notebook) -> None:
    card = Card(nb, 2)
    expect(card.alert).to_have_text(re.compile("Sampling failed. the model raised RuntimeError: no film tonight"))
    assert nb.kernel("failing.explanation.partial") == "failed"
    n = nb.kernel("failing.explanation.n_samples")
    assert 128 <= n <= 1024
    expect(card.root.locator(".rt-facts")).to_contain_text(f"stopped early – {n:,} samples")
    expect(card.row("good").locator(".rt-value")).to_contain_text("+0.3")
    card.alert.get_by_role("button", name="dismiss").click()
    expect(card.alert).to_have_count(0)
    card.word("good").click()
    expect(card.alert).to_contain_text("The model did not answer")


def test_a_model_that_raises_at_once_leaves_its_message(nb: Notebook) -> None:
    card = Card(nb, 3)
    expect(card.alert).to_have_text(re.compile("Sampling failed. the model raised RuntimeError: no film tonight"))
    expect(card.root.locator(".rt-head")).to_have_text("no answer came, so there is nothing to show")
    card.screenshot("failure-at-once")


def test_two_streams_end_and_the_model_is_never_asked_twice_at_the_same_time(nb: Notebook) -> None:
    nb.until("one.status['phase'] == two.status['phase'] == 'idle'", 20)
    assert nb.kernel("[view.explanation.n_samples for view in (one, two)]") == [1000, 1000]
    assert nb.kernel("both.most") == 1
    for cell in 6, 7:
        expect(Card(nb, cell).root.locator(".rt-facts")).to_contain_text("1,000 samples")

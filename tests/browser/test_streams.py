"""A view that samples while it is read: it moves, it can be stopped, asked, left and come back to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card
from browser.harness import DARK, LIGHT
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

SLOW = "slow = Critic(nap=0.001)\nunhurried = rt.Explainer(slow, classes=['panned', 'liked'])"
STREAM = "slow.open.clear()\nview = rt.view(unhurried.stream(TEXT))\nview"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, SLOW, STREAM)


@pytest.fixture(scope="module")
def card(nb: Notebook) -> Card:
    return Card(nb, 2)


def test_before_the_first_answer_the_view_says_that_it_waits(card: Card) -> None:
    expect(card.root).to_contain_text("waiting for the first answer")
    expect(card.button("Stop")).to_be_visible()
    for theme in DARK, LIGHT:
        card.nb.theme(theme)
        assert card.nb.violations(card.selector) == []
        card.screenshot(f"stream-empty-{theme}")


def test_bars_move_while_sampling_and_the_progress_is_told(card: Card) -> None:
    card.nb.kernel("slow.open.set()")
    progress = card.root.get_by_role("progressbar")
    expect(progress).to_have_attribute("aria-valuemax", "5000")
    bars, done = [], []
    for _ in range(3):
        bars.append(card.root.locator(".rt-value").all_inner_texts())
        done.append(int(progress.get_attribute("aria-valuenow") or 0))
        card.page.wait_for_function(
            "([root, seen]) => root.querySelector('.rt-rows').innerText !== seen",
            arg=[card.root.element_handle(), card.root.locator(".rt-rows").inner_text()],
        )
    assert done == sorted(set(done))
    assert bars[0] != bars[1] != bars[2]
    card.screenshot("stream")


def test_the_model_answers_a_click_while_sampling(card: Card) -> None:
    card.word("good").click()
    expect(card.model).to_have_text("0.25")
    assert card.nb.kernel("view.status['phase']") == "sampling"
    assert card.nb.kernel("view.probe['outputs'][0][1]") == pytest.approx(0.25)


def test_stop_keeps_what_was_sampled(card: Card) -> None:
    card.button("Stop").click()
    card.nb.until("view.status['phase'] == 'idle'", 2)
    n = card.nb.kernel("view.explanation.n_samples")
    assert 128 <= n < 5000
    assert card.nb.kernel("view.explanation.partial") == "stopped"
    expect(card.root.locator(".rt-facts")).to_contain_text(f"stopped early – {n:,} samples")
    expect(card.root.get_by_role("progressbar")).to_have_count(0)
    card.screenshot("stream-stopped")
    asked = card.nb.kernel("len(slow.asked)")
    card.word("bad").click()
    expect(card.model).to_have_text("0.55")
    assert card.nb.kernel("len(slow.asked)") == asked + 1, "no sampling goes on unseen"


def test_a_page_reloaded_while_sampling_goes_on_drawing(card: Card) -> None:
    card.nb.kernel("slow.set(nap=0.004)")
    card.button("more…").click()
    card.button("Sample 5,000 more").click()
    card.nb.until("view.status['phase'] == 'sampling'")
    card.nb.reload()
    expect(card.root.get_by_role("progressbar")).to_be_visible()
    expect(card.root.locator(".rt-word.rt-off")).to_have_text(["good", "bad", "good"])
    done = card.root.get_by_role("progressbar").get_attribute("aria-valuenow") or ""
    expect(card.root.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", done)
    card.button("Stop").click()  # a kernel that has just met this page may not hear it at once
    card.nb.until("view.status['phase'] == 'idle'", 4)
    expect(card.root.get_by_role("progressbar")).to_have_count(0)
    expect(card.root.locator(".rt-facts")).to_contain_text(re.compile("stopped early – [0-9],[0-9]+ samples"))

"""What the reader does not trust, and what the reader has switched off: said by mouse and keys, kept on reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(TEXT))\nview"
MARKS = "[[mark['name'], mark['because']] for mark in view.marks]"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, SHOW)


@pytest.fixture(scope="module")
def card(nb: Notebook) -> Card:
    return Card(nb, 1)


def test_a_word_is_marked_with_a_reason_by_mouse(card: Card) -> None:
    flag = card.button("mark bad as untrustworthy")
    flag.click()
    form = card.root.get_by_role("dialog", name="Mark bad as untrustworthy")
    form.get_by_label("because").type("says “bad” & nothing else")
    card.screenshot("marks-form")
    form.get_by_role("button", name="Mark").click()
    expect(form).to_have_count(0)
    expect(flag).to_have_attribute("aria-pressed", "true")
    expect(card.word("bad")).to_have_class(re.compile("rt-marked"))
    assert card.nb.kernel(MARKS) == [["bad", "says “bad” & nothing else"]]
    assert card.nb.kernel("[view.marks[0]['scope'], view.marks[0]['features']]") == ["everywhere", [5]]


def test_a_word_is_marked_with_a_reason_by_keys(card: Card) -> None:
    card.word("long").focus()
    card.page.keyboard.press("m")
    card.page.keyboard.type("by accident, daddy xx")  # in command mode these would add, cut and delete cells
    card.page.keyboard.press("Enter")
    expect(card.word("long")).to_have_class(re.compile("rt-marked"))
    expect(card.word("long")).to_be_focused()
    assert card.nb.kernel(MARKS)[1:] == [["long", "by accident, daddy xx"]]
    card.page.keyboard.press("m")
    expect(card.word("long")).not_to_have_class(re.compile("rt-marked"))
    card.page.keyboard.press("m")
    card.page.keyboard.type("not this")
    card.page.keyboard.press("Escape")
    expect(card.root.get_by_role("dialog")).to_have_count(0)
    expect(card.word("long")).to_be_focused()
    assert len(card.nb.kernel(MARKS)) == 1


def test_marks_and_switched_off_words_are_kept_when_the_page_is_reloaded(card: Card) -> None:
    nb = card.nb
    card.word("good").click()
    card.type_over(card.word("middle"), "beginning")
    nb.until("view.probe and view.probe['edits']")
    said = [card.surrogate.inner_text(), card.model.inner_text(), card.gap.inner_text()]
    card.screenshot("marks")
    nb.reload()
    expect(card.root.get_by_label("marked as untrustworthy", exact=True)).to_contain_text("says “bad” & nothing else")
    expect(card.word("bad")).to_have_class(re.compile("rt-marked"))
    expect(card.root.locator(".rt-word.rt-off")).to_have_text(["good", "good"])
    expect(card.root.locator(".rt-word.rt-edited")).to_have_text("beginning")
    assert [card.surrogate.inner_text(), card.model.inner_text(), card.gap.inner_text()] == said
    card.word("bad").click()
    nb.until("view.probe['off'] == [1, 5]")
    card.says(
        nb.kernel("view.explanation.local_prediction - view.explanation.coefficients[[1, 5, 9]].sum()"),
        nb.kernel("view.explanation.probe([1, 5], {9: 'beginning'})[1]"),
    )
    card.button("take the mark on bad back").click()
    nb.until("not view.marks")

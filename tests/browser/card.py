"""One widget in a notebook, as its reader sees it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from browser.harness import WIDGET
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Accessible, Notebook
    from playwright.sync_api import FloatRect, Locator

MODELS = (Path(__file__).parent / "models.py").read_text("utf-8")
TEXT = "A good film with a bad end.\nIts long middle was good too, though nobody in our row laughed."

NOTEBOOK = """(() => {
  const notebook = jupyterapp.shell.currentWidget.content;
  return [notebook.mode, notebook.activeCellIndex,
    ...notebook.widgets.map(cell => [cell.model.type, cell.model.sharedModel.getSource()])];
})()"""
FRESH = ".rt-answers [aria-busy=false] .rt-model"


class Card:
    """The widget below a cell, by the cell's number; what is there is waited for."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        self.nb, self.page = nb, nb.page
        self.selector = f".jp-Notebook .jp-Cell:nth-of-type({cell + 1}) {WIDGET}"
        self.root: Locator = nb.page.locator(self.selector)
        self.surrogate = self.root.locator(".rt-surrogate")
        self.model = self.root.locator(FRESH)  # the model's answer to what is seen now
        self.gap = self.root.locator(".rt-gap")
        self.alert = self.root.get_by_role("alert")
        self.rows = self.root.locator(".rt-row")
        self.words = self.root.locator(".rt-word")

    def word(self, text: str) -> Locator:
        """The first word written so, or in whose place that is typed."""
        return self.root.locator(".rt-word", has_text=re.compile(f"^{re.escape(text)}$")).first

    def row(self, name: str) -> Locator:
        """A word's bar with its name, flag and number."""
        return self.rows.filter(has=self.page.locator(".rt-name", has_text=re.compile(f"^≈?{re.escape(name)}$")))

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def says(self, surrogate: float, model: float) -> None:
        """See both answers, and the distance between them."""
        expect(self.surrogate).to_have_text(share(surrogate))
        expect(self.model).to_have_text(share(model))
        expect(self.gap).to_have_text(f"gap {share(abs(model - surrogate))}")

    def type_over(self, word: Locator, text: str, *, by: str = "F2") -> None:
        """Replace a word: by F2, or by a double-click."""
        if by == "F2":
            word.focus()
            self.page.keyboard.press("F2")
        else:
            word.dblclick()
        self.root.get_by_label("in place of").fill(text)
        self.page.keyboard.press("Enter")

    def reset(self) -> Card:
        """Put everything back."""
        expect(self.surrogate).to_be_visible()
        if self.button("put back").count():
            self.button("put back").click()
            expect(self.button("put back")).to_have_count(0)
        return self

    def accessible(self) -> list[Accessible]:
        return self.nb.accessible(self.selector)

    def screenshot(self, name: str) -> None:
        self.nb.screenshot(name, self.selector)


def box(element: Locator) -> FloatRect:
    """Where an element stands in the page."""
    found = element.bounding_box()
    assert found is not None, "it is not drawn"
    return found


def share(x: float) -> str:
    """A probability as the page writes it: two digits, three where two would say nothing."""
    edge = min(x, 1 - x)
    return f"{x:.2f}" if edge >= 0.005 else f"{x:.3f}" if edge >= 0.0005 else "<0.001"


def signed(x: float) -> str:
    return f"{x:+.3f}".replace("-", "−")

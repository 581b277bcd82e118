"""A panel in a notebook, as its reader sees it: many instances, one of them open."""

from __future__ import annotations

from contextlib import contextmanager
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from browser.card import Card, box
from browser.harness import DARK, LIGHT
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from browser.harness import Notebook
    from playwright.sync_api import Locator

POSTS = (Path(__file__).parent / "posts.py").read_text("utf-8")

IMG = '<img src=x onerror="top.harmed = true">'
SCRIPT = "<script>top.harmed = true</script>"

NARROW, WIDE, HIGH = 600, 1280, 900
ROUND = 200  # what JupyterLab has above and below


class Panel(Card):
    """Many instances below a cell, and the one that is open."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        super().__init__(nb, cell)
        self.opened = self.root.locator(".rt-instance")

    @contextmanager
    def tall(self) -> Iterator[None]:
        """Make the window as tall as the panel: what is out of sight is in no picture, and axe cannot judge it."""
        before = self.page.viewport_size
        assert before is not None, "the window has a size"
        self.page.set_viewport_size({"width": before["width"], "height": int(box(self.root)["height"]) + ROUND})
        self.root.evaluate("root => root.scrollIntoView()")
        yield
        self.page.set_viewport_size(before)

    def screenshot(self, name: str) -> None:
        with self.tall():
            super().screenshot(name)

    def violations(self) -> list[str]:
        """What axe-core finds wrong."""
        with self.tall():
            return self.nb.violations(self.selector)

    def in_both_themes(self, name: str) -> None:
        """See that axe finds nothing in the light or in the dark, and take a picture of each."""
        for theme, light in ((DARK, "dark"), (LIGHT, "light")):
            self.nb.theme(theme)
            self.page.mouse.move(0, 0)
            found = self.violations()
            assert not found, f"in the {light}: {found}"
            self.screenshot(f"{name}-{light}")

    def fits(self, name: str) -> None:
        """See that nothing is wider than a narrow page, nor than a wide one, and take a picture of each."""
        sidebar = "jupyterapp.commands.execute('application:toggle-left-area')"
        self.page.evaluate(sidebar)
        try:
            for width, say in ((NARROW, "narrow"), (WIDE, "wide")):
                self.page.set_viewport_size({"width": width, "height": HIGH})
                self.page.wait_for_function(
                    "([root, width]) => root.clientWidth > 0.7 * width && root.clientWidth < width",
                    arg=[self.root.element_handle(), width],
                )
                assert self.root.evaluate("root => root.querySelector('.rt-card').scrollWidth <= root.clientWidth")
                self.screenshot(f"{name}-{say}")
        finally:
            self.page.evaluate(sidebar)

    def untouched(self, found: str = "img, script, b b, em") -> None:
        """See that no markup of the data has become an element."""
        assert self.root.locator(found).count() == 0
        assert self.page.evaluate("window.harmed") is None


def percent(x: float) -> str:
    """A share as a panel writes it."""
    whole = floor(100 * x + 0.5)
    return "<1 %" if whole == 0 and x > 0 else f"{whole} %"


def settled(element: Locator) -> None:
    """Wait until what was asked has come."""
    expect(element).to_have_attribute("aria-busy", "false")

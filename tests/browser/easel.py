"""The image view of one widget, as its reader sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from browser.card import Card, box
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook
    from playwright.sync_api import Locator, Position

PICTURES = (Path(__file__).parent / "pictures.py").read_text("utf-8")
ACROSS, DOWN, SIDE = 6, 4, 24

BLACK = """([canvas, across, down, side, wanted]) => {
  const dark = (_, i) => {
    const [x, y] = [i % across, Math.floor(i / across)].map(place => (place + 0.5) * side);
    return canvas.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3).every(value => value === 0);
  };
  return Array.from({length: across * down}, dark).every((black, i) => black === wanted.includes(i));
}"""
PIXEL = "(canvas, at) => [...canvas.getContext('2d').getImageData(...at, 1, 1).data.slice(0, 3)]"


class Easel(Card):
    """A picture of 6 × 4 squares, and its tools."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        super().__init__(nb, cell)
        self.stage = self.root.get_by_role("application")
        self.photo = self.root.locator("canvas.rt-photo")
        self.tools = self.root.get_by_role("group", name="tool")
        self.selection = self.root.locator(".rt-chosen-bar")

    def tool(self, name: str) -> None:
        self.tools.get_by_role("button", name=name).click()

    def reset(self) -> Easel:
        """Put everything back and take the first tool."""
        expect(self.photo).to_be_visible()
        super().reset()
        self.stage.press("Escape")
        self.tool("Click")
        return self

    def line(self, kind: str) -> Locator:
        return self.root.locator(f".rt-line.rt-{kind}[data-feature]")

    def bar(self, feature: int) -> Locator:
        return self.root.locator(f".rt-row[data-feature='{feature}']")

    def place(self, square: int) -> Position:
        """The middle of a square, within the stage."""
        stage = box(self.stage)
        row, column = divmod(square, ACROSS)
        return {"x": stage["width"] * (column + 0.5) / ACROSS, "y": stage["height"] * (row + 0.5) / DOWN}

    def click(self, square: int, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.down(key)
        self.stage.click(position=self.place(square))
        for key in keys:
            self.page.keyboard.up(key)

    def drag(self, *squares: int, reach: float = 0) -> None:
        """Drag from square to square; ``reach`` in squares beyond the first and the last, along the diagonal."""
        self.stage.scroll_into_view_if_needed()
        stage, mouse = box(self.stage), self.page.mouse
        beyond = {0: -reach, len(squares) - 1: reach}
        for step, square in enumerate(squares):
            place, extra = self.place(square), beyond.get(step, 0) * stage["width"] / ACROSS
            mouse.move(stage["x"] + place["x"] + extra, stage["y"] + place["y"] + extra, steps=6)
            if step == 0:
                mouse.down()
        mouse.up()

    def pixel(self, square: int) -> list[int]:
        """The colour in the middle of a square."""
        row, column = divmod(square, ACROSS)
        found: list[int] = self.photo.evaluate(PIXEL, [column * SIDE + SIDE // 2, row * SIDE + SIDE // 2])
        return found

    def black(self, *squares: int) -> None:
        """See these squares black, and no others."""
        self.page.wait_for_function(BLACK, arg=[self.photo.element_handle(), ACROSS, DOWN, SIDE, squares])

    def away(self, *squares: int) -> None:
        """See these squares away and no others, in the picture, in the kernel and in both answers."""
        wanted = sorted(squares)
        self.black(*wanted)
        asked = f" and view.probe and sorted(view.probe['off']) == {wanted}" if wanted else ""
        self.nb.until(f"sorted(view.look['off']) == {wanted}{asked}")
        guess = f"view.explanation.local_prediction - view.explanation.coefficients[{wanted}].sum()"
        model = f"view.explanation.probe({wanted})[view.explanation.target]"
        self.says(self.nb.kernel(guess), self.nb.kernel(model))

    def features(self, kind: str) -> list[str]:
        """The superpixels that a kind of line is drawn around."""
        found: list[str] = self.line(kind).evaluate_all("lines => lines.map(line => line.dataset.feature)")
        return found

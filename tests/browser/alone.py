"""A file in a browser of its own, away from any network."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page


class Alone:
    """A file in a browser without a network: what it asks and what it complains about is kept."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.asked, self.said = page, list[str](), list[str]()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(path.as_uri())
        self.asked.remove(path.as_uri())


@contextmanager
def alone(browser: Browser, path: Path) -> Iterator[Alone]:
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 700})
    try:
        yield Alone(context.new_page(), path)
    finally:
        context.close()

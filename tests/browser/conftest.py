"""One JupyterLab and one Chromium for the whole suite; nothing outside this machine is ever asked."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import chromium
import nbformat
import pytest
from browser.harness import CHROMIUM, ELSEWHERE, Lab, Notebook, Open
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Route, WebSocketRoute


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab server with copies of the project's notebooks."""
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine."""
    path = chromium.find() or pytest.fail("no Chromium on this machine – run `make setup`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def elsewhere() -> list[str]:
    """Addresses outside this machine that a page has asked for; each was refused."""
    return []


@pytest.fixture(scope="session")
def context(browser: Browser, elsewhere: list[str]) -> BrowserContext:
    """A browser's window that can only reach this machine."""

    def refuse(request: Route) -> None:
        elsewhere.append(request.request.url)
        request.abort()

    def refuse_socket(socket: WebSocketRoute) -> None:
        elsewhere.append(socket.url)
        socket.close()

    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    context.route(ELSEWHERE, refuse)
    context.route_web_socket(ELSEWHERE, refuse_socket)
    return context


@contextmanager
def _opening(lab: Lab, context: BrowserContext, elsewhere: list[str], name: str) -> Iterator[Open]:
    """Open notebooks; close them at the end, when none of them may have asked another host."""
    opened: list[Notebook] = []

    def open_notebook(*cells: str, path: str | None = None, run: bool = True) -> Notebook:
        if path is None:
            path = re.sub(r"\W+", "-", f"{name[:60]}-{len(opened)}") + ".ipynb"
            kernel = {"name": "python3", "display_name": "Python 3"}
            written = nbformat.v4.new_notebook(
                metadata={"kernelspec": kernel}, cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
            )
            nbformat.write(written, lab.root / path)
        opened.append(Notebook(lab, context.new_page(), path))
        return opened[-1].run() if run else opened[-1]

    yield open_notebook
    for notebook in opened:
        notebook.close()
    assert not elsewhere, f"a page asked other hosts: {elsewhere}"


@pytest.fixture
def notebook(lab: Lab, context: BrowserContext, elsewhere: list[str], request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open notebooks of a test's own."""
    with _opening(lab, context, elsewhere, request.node.name) as opening:
        yield opening


@pytest.fixture(scope="module")
def shared_notebook(
    lab: Lab, context: BrowserContext, elsewhere: list[str], request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open notebooks that the tests of a file share: for those that leave them as they were."""
    with _opening(lab, context, elsewhere, request.node.name) as opening:
        yield opening

"""The gates of the harness itself can fail: a test that could not would prove nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

PALE = "<div class=rt><p style='color: #777; background: #888'>pale</p></div>"


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(f'from IPython.display import HTML\nHTML("{PALE}")', "1 / 0")


def test_an_error_is_told_where_a_widget_is_expected(nb: Notebook) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        assert nb.widget


def test_axe_sees_pale_text(nb: Notebook) -> None:
    assert [found.partition(":")[0] for found in nb.violations()] == ["color-contrast"]


def test_the_accessibility_tree_is_read(nb: Notebook) -> None:
    assert [(node.role, node.name) for node in nb.accessible()] == [("paragraph", ""), ("StaticText", "pale")]


def test_an_error_in_the_kernel_is_told(nb: Notebook) -> None:
    with pytest.raises(AssertionError, match="NameError: name 'nowhere' is not defined"):
        nb.kernel("nowhere")


def test_no_other_host_is_reached(nb: Notebook, elsewhere: list[str]) -> None:
    asked = ["https://example.org/page", "http://192.0.2.1/address", "wss://example.org/socket"]
    nb.page.evaluate("urls => Promise.allSettled(urls.map(url => fetch(url)))", asked[:2])
    nb.page.evaluate("url => new Promise(done => { new WebSocket(url).onclose = done; })", asked[2])
    assert sorted(elsewhere) == sorted(asked)
    elsewhere.clear()

"""Markup in a text, in names of classes and in reasons is shown as it is written, and never done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open
    from playwright.sync_api import Browser

IMG = '<img src=x onerror="top.harmed = true">'
SCRIPT = "<script>top.harmed = true</script>"
HOSTILE = f'good {SCRIPT} "quoted" &amp; & {IMG}\n</script></style><!-- good --> <b>bold</b> \\u003c ]]>'
CLASSES = [f"</script>{SCRIPT}", f'"&{IMG}']
SHOW = f"""
HOSTILE, CLASSES = {HOSTILE!r}, {CLASSES!r}
words = rt.Text(tokenizer=str.split)
hostile = rt.Explainer(critic, words, classes=CLASSES).explain(HOSTILE)
hostile.to_html("hostile.html")
view = rt.view(hostile)
view
"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, SHOW)


def test_the_live_view_shows_it_literally(nb: Notebook) -> None:
    card = Card(nb, 1)
    assert card.root.locator(".rt-text").evaluate("text => text.textContent") == HOSTILE
    assert card.root.locator(".rt-class-name").all_text_contents() == CLASSES
    word = card.root.locator(".rt-word", has_text="onerror")
    word.focus()
    card.page.keyboard.press("m")
    card.page.keyboard.type(f"because {SCRIPT} {IMG}")
    card.page.keyboard.press("Enter")
    expect(card.root.locator(".rt-mark-because")).to_have_text(f"because {SCRIPT} {IMG}")
    card.type_over(card.word("good"), f"{IMG}")
    expect(card.root.locator(".rt-edited").first).to_have_text(IMG)
    nb.until("view.probe and view.probe['edits']")
    assert nb.kernel("view.marks[0]['because']") == f"because {SCRIPT} {IMG}"
    assert nb.kernel("critic.asked[-1] == HOSTILE.replace('good', '''" + IMG + "''')")
    assert card.root.locator("img, script, style, .rt-text b").count() == 0
    card.screenshot("hostile")
    assert nb.page.evaluate("window.harmed") is None


def test_the_file_shows_it_literally(nb: Notebook, browser: Browser) -> None:
    context = browser.new_context(offline=True, bypass_csp=True)  # the policy would hide a fault
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((nb.lab.root / "hostile.html").as_uri())
    assert page.locator(".rt-text").evaluate("text => text.textContent") == HOSTILE
    assert page.locator(".rt-class-name").all_text_contents() == CLASSES
    page.get_by_label("reasons for").select_option(CLASSES[0])
    page.locator(".rt-word", has_text="onerror").click()
    expect(page.locator(".rt-chip")).to_contain_text("onerror")
    assert page.locator("img, .rt-text b").count() == 0
    assert page.evaluate("window.harmed") is None
    assert said == []
    context.close()


def test_the_picture_in_the_notebook_shows_it_literally(nb: Notebook, browser: Browser) -> None:
    (output,) = nb.outputs[1]
    page = browser.new_context(offline=True).new_page()
    page.set_content("".join(output["data"]["text/html"]))
    assert page.locator(".rts-text").evaluate("text => text.textContent") == HOSTILE
    assert page.locator(".rts img, .rts script, .rts-text b").count() == 0
    assert page.evaluate("window.harmed") is None
    page.context.close()

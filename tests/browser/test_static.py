"""Where no kernel is: the saved notebook, its export, and the file that still toggles."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from browser.alone import alone
from browser.card import MODELS, TEXT, box, share
from browser.harness import SCREENSHOTS
from playwright.sync_api import Error, expect

if TYPE_CHECKING:
    from pathlib import Path

    from browser.harness import Notebook, Open
    from playwright.sync_api import Browser

EXPLAIN = "e = explainer.explain(TEXT)\ne.to_html('explained.html')\ne"
PRIORITY = '--NbConvertBase.display_data_priority=["text/html","image/svg+xml","image/png","text/plain"]'


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, EXPLAIN)


@pytest.fixture(scope="module")
def saved(nb: Notebook) -> Path:
    expect(nb.widget).to_be_visible()
    return nb.save()


def test_an_explanation_at_a_cells_end_is_saved_as_widget_picture_and_table(saved: Path) -> None:
    cells = json.loads(saved.read_text("utf-8"))["cells"]
    (output,) = cells[1]["outputs"]
    data: dict[str, Any] = {kind: "".join(value) for kind, value in output["data"].items() if kind.startswith("text")}
    assert set(output["data"]) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert len(data["text/html"].encode()) <= 20_000
    assert "<script" not in data["text/html"].lower()
    assert re.match(r"liked 0\.6 · surrogate 0\.\d+ · local fit", data["text/plain"])
    assert "good" in data["text/plain"]


def test_the_export_without_a_network_shows_the_picture(saved: Path, browser: Browser, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", PRIORITY, "--output-dir", str(tmp_path), str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with alone(browser, tmp_path / f"{saved.stem}.html") as found:
        picture = found.page.locator(".rts")
        expect(picture).to_have_count(1)
        expect(picture.locator(".rts-text")).to_have_text(re.sub(r"\s+", " ", TEXT))
        expect(picture.locator("mark", has_text=re.compile("^good$")).first).to_have_class("rts-f")
        row = picture.locator(".rts-bars tr", has_text="bad")
        expect(row).to_contain_text("−0.2")
        bar = box(row.locator("i"))
        assert bar["width"] > 20
        assert bar["height"] == 10
        number, frame = box(row.locator("td").last), box(picture)
        assert number["x"] + number["width"] <= frame["x"] + frame["width"], "the host's table rules cut it off"
        picture.screenshot(path=SCREENSHOTS / "static.png")


def test_the_file_toggles_with_the_surrogate_and_reads_every_class(nb: Notebook, browser: Browser) -> None:
    with alone(browser, nb.lab.root / "explained.html") as found:
        page = found.page
        surrogate = page.locator(".rt-surrogate")
        expect(surrogate).to_have_text(share(nb.kernel("e.local_prediction")))
        page.get_by_role("button", name=re.compile("^good, for liked")).first.click()
        expect(surrogate).to_have_text(share(nb.kernel("e.local_prediction - e.coefficients[1]")))
        expect(page.locator(".rt-foot")).to_contain_text("model not attached")
        page.screenshot(path=SCREENSHOTS / "file.png")
        page.get_by_label("reasons for").select_option("panned")
        expect(surrogate).to_have_text(share(nb.kernel("1 - e.local_prediction + e.coefficients[1]")))
        expect(page.get_by_role("button", name=re.compile("^bad, for panned"))).to_be_visible()
        page.get_by_role("button", name="put back", exact=True).click()
        expect(surrogate).to_have_text(share(nb.kernel("1 - e.local_prediction")))
        assert (found.asked, found.said) == ([], [])


def test_the_file_forbids_its_page_to_ask_anything(nb: Notebook, browser: Browser) -> None:
    image = "document.body.append(Object.assign(new Image(), {src: 'https://example.org/x.png'}))"
    with alone(browser, nb.lab.root / "explained.html") as found:
        with found.page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            found.page.evaluate(image)
        with pytest.raises(Error, match="Failed to fetch"):
            found.page.evaluate("fetch('https://example.org/data')")
        assert all("Content Security Policy" in said for said in found.said)

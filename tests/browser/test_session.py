"""The loop on its page: read, mark, accept what travels with it, retrain, see what changed, go back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from browser.card import NOTEBOOK
from browser.panel import POSTS, Panel, settled
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from browser.harness import Notebook, Open
    from playwright.sync_api import Locator

SESSION = """
import time
X, y = train.texts[:240], train.labels[:240]
held, answers = test.texts[:80], test.labels[:80]
fixed = dict(valid=(held, answers), classes=train.names, n_features=6, n_samples=100)
bodies = [rt.datasets.body(text) for text in held]
s = rt.Session(pipeline, X, y, shifted=(bodies, answers), pool=20, **fixed)
view = rt.view(s)
view
"""
SLOW = """
def slow(data, progress=None):
    for step in range(600):
        progress(step, 600)
        time.sleep(0.1)

slowly = rt.Session(pipeline, X, y, trainer=slow, pool=8, **fixed)
slow_view = rt.view(slowly)
slow_view
"""
FAILING = """
def failing(data):
    raise ValueError("the disk with <b>the weights</b> is gone")

failed = rt.Session(pipeline, X, y, trainer=failing, pool=8, **fixed)
failed_view = rt.view(failed)
failed_view
"""
DONE = "len({view}.revisions) == {count} and {view}.status['phase'] == 'idle'"
HEADER, SIBLING = "Posting", "Host"


class Loop(Panel):
    """A session's page, by its parts."""

    def __init__(self, nb: Notebook, cell: int, view: str = "view") -> None:
        super().__init__(nb, cell)
        self.view = view
        part = self.root.locator
        self.open_one, self.plan = part(".rt-opened"), part(".rt-plan")
        self.items = self.root.get_by_label("picked instances").get_by_role("button")
        self.marks = self.root.get_by_label("marks", exact=True).get_by_role("listitem")
        self.siblings, self.changed, self.grown = part(".rt-siblings"), part(".rt-changed"), part(".rt-grown")
        self.history = part(".rt-history")
        self.nodes = self.root.get_by_label("revisions").get_by_role("button")

    def open(self, place: int) -> None:
        self.items.nth(place).click()
        row = self.nb.kernel(f"{self.view}.picked['items'][{place}]['row']")
        self.nb.until(f"{self.view}.instance.get('row') == {row}")
        settled(self.open_one)

    def with_header(self) -> int:
        """The place of a picked post that has the header among its reasons."""
        tops = f"[[name for name, _ in each.top()] for each in {self.view}.session.picked.picked]"
        return next(i for i, names in enumerate(self.nb.kernel(tops)) if HEADER in names)

    def marked(self, *names: str) -> None:
        expect(self.marks).to_have_count(len(names))
        for name in names:
            expect(self.marks.filter(has_text=name).first).to_be_visible()

    def form(self, name: str) -> Locator:
        return self.root.get_by_role("dialog", name=f"Mark {name} as untrustworthy")

    def until(self, expression: str, seconds: float = 20) -> None:
        self.nb.until(expression.replace("view.", f"{self.view}."), seconds)

    def trained(self, count: int) -> None:
        """Wait until there are so many revisions, and what they changed is measured."""
        self.nb.until(DONE.format(view=self.view, count=count), 60)
        settled(self.changed)


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(POSTS, SESSION, SLOW, FAILING)
    assert nb.errors == []
    for view in "view", "slow_view", "failed_view":
        nb.until(f"{view}.picked and {view}.status['phase'] == 'idle'", 30)
    return nb


@pytest.fixture
def page(nb: Notebook) -> Loop:
    return Loop(nb, 1)


def test_the_page_begins_with_what_to_read(nb: Notebook, page: Loop) -> None:
    items = nb.kernel("view.picked['items']")
    expect(page.items).to_have_count(len(items))
    for place, item in enumerate(items):
        expect(page.items.nth(place)).to_contain_text(item["title"][:40])
    accuracy = nb.kernel("view.standing['accuracy']")
    expect(page.root.locator(".rt-standing")).to_contain_text(f"{100 * accuracy:.1f} %")
    page.screenshot("session-begin")


def test_the_loop_by_mouse(nb: Notebook, page: Loop) -> None:
    page.open(page.with_header())
    page.open_one.get_by_role("button", name=f"mark {HEADER} as untrustworthy").click()
    form = page.form(HEADER)
    form.get_by_label("because").fill("a mail header")
    page.screenshot("session-form")
    form.get_by_role("button", name="Mark", exact=True).click()
    page.marked(HEADER)
    expect(page.marks.first).to_contain_text("a mail header")
    page.siblings.get_by_role("button", name=f"mark {SIBLING} too").click(timeout=20_000)
    page.marked(HEADER, SIBLING)
    expect(page.open_one).to_contain_text("Without the marked features this prediction")
    expect(page.plan).to_contain_text("leaves training and prediction", timeout=20_000)
    page.plan.get_by_role("button", name="preview").click()
    rows = page.plan.get_by_label("rows before and after")
    expect(rows).to_contain_text(HEADER)
    page.screenshot("session-planned")
    page.plan.get_by_role("button", name="Retrain").click()
    expect(page.plan.get_by_role("progressbar")).to_be_visible()
    page.screenshot("session-training")
    page.trained(2)
    expect(page.open_one.locator(".rt-pair-heads .rt-pair-name b")).to_have_text(["before", "after"])
    line = page.open_one.locator(".rt-row", has=page.page.locator(".rt-name", has_text=re.compile(f"^{HEADER}$")))
    expect(line.locator(".rt-pair-cell").last).to_contain_text("not among its reasons")
    measures = page.changed.locator(".rt-measure > span:first-child")
    expect(measures).to_have_text(["held out", "shifted", "stress test", "reliance", "trusted"])
    held = nb.kernel("s.revisions[1].measures['valid']")
    figures = page.changed.locator(".rt-measure .rt-figures").first
    expect(figures).to_have_text(f"{100 * held['before']:.1f} → {100 * held['after']:.1f}")
    expect(page.nodes).to_have_count(2)
    expect(page.nodes.last).to_have_attribute("aria-current", "true")
    page.screenshot("session-changed")


def test_axe_finds_nothing_in_the_light_and_in_the_dark(page: Loop) -> None:
    page.in_both_themes("session")


def test_it_fits_a_narrow_page_and_a_wide_one(page: Loop) -> None:
    expect(page.opened).to_be_visible()
    page.fits("session")


def test_a_revision_is_renamed_and_left_and_undone(nb: Notebook, page: Loop) -> None:
    page.root.get_by_label(re.compile("^a name for .*, which is shown$")).fill("without <i>headers</i>")
    page.page.keyboard.press("Enter")
    expect(page.nodes.last).to_contain_text("without <i>headers</i>")
    page.nodes.first.click()
    nb.until("s.current == 0")
    expect(page.nodes.first).to_have_attribute("aria-current", "true")
    page.marked()
    page.button("Undo").click()
    nb.until("s.current == 1")
    page.marked(HEADER, SIBLING)
    assert nb.kernel("s.revisions[1].name") == "without <i>headers</i>"


def test_a_mark_of_a_cell_reaches_the_page_and_its_undo_the_cell(nb: Notebook, page: Loop) -> None:
    nb.kernel("s.mark('Organization', because='said in a cell')")
    page.marked(HEADER, SIBLING, "Organization")
    expect(page.root.locator(".rt-plan-buttons")).to_contain_text("takes back the mark on 'Organization'")
    page.button("Undo").click()
    page.marked(HEADER, SIBLING)
    assert set(nb.kernel("sorted(s.marked)")) == {HEADER, SIBLING}


def test_marks_go_to_a_file_and_come_back(nb: Notebook, page: Loop, tmp_path: Path) -> None:
    with page.page.expect_download() as download:
        page.button("Export").click()
    download.value.save_as(tmp_path / "marks.json")
    written = json.loads((tmp_path / "marks.json").read_text("utf-8"))
    assert [mark["key"] for mark in written["marks"]] == [HEADER, SIBLING]
    written["marks"][1]["key"] = "no such <b>word</b>"
    (tmp_path / "marks.json").write_text(json.dumps(written), "utf-8")
    nb.kernel("s.withdraw('Posting')")
    page.marked(SIBLING)
    page.root.locator("input[type=file]").set_input_files(tmp_path / "marks.json")
    page.marked(SIBLING, HEADER)
    expect(page.plan).to_contain_text("no training row has no such <b>word</b>")


def test_a_reload_keeps_everything(nb: Notebook, page: Loop) -> None:
    before = [part.inner_text() for part in (page.changed, page.grown, page.history)]
    nb.reload()
    expect(page.items.first).to_be_visible()
    page.marked(SIBLING, HEADER)
    expect(page.open_one.locator(".rt-pair-heads .rt-pair-name b")).to_have_text(["before", "after"])
    assert [part.inner_text() for part in (page.changed, page.grown, page.history)] == before


def test_the_loop_by_keys_alone_and_the_notebook_takes_none(nb: Notebook, page: Loop) -> None:
    keys = page.page.keyboard
    nb.kernel("s.go(0)")
    page.marked()
    before = page.page.evaluate(NOTEBOOK)
    page.items.first.focus()
    for _ in range(page.with_header()):
        keys.press("ArrowDown")
    keys.press("Enter")
    nb.until(f"view.instance['row'] == view.picked['items'][{page.with_header()}]['row']")
    settled(page.open_one)
    page.word(HEADER).focus()
    keys.press("m")
    keys.type("ddxxaabb")  # in command mode: delete, cut, add
    keys.press("Enter")
    page.marked(HEADER)
    expect(page.marks.first).to_contain_text("ddxxaabb")
    too = page.siblings.get_by_role("button", name=f"mark {SIBLING} too")
    expect(too).to_be_visible(timeout=20_000)
    too.focus()
    keys.press("Space")
    page.marked(HEADER, SIBLING)
    retrain = page.plan.get_by_role("button", name="Retrain")
    expect(retrain).to_be_enabled()
    retrain.focus()
    keys.press("Enter")
    page.trained(3)
    expect(page.nodes).to_have_count(3)
    page.nodes.last.focus()
    keys.press("Home")
    keys.press("Enter")
    nb.until("s.current == 0")
    assert nb.kernel("[each.parent for each in s.revisions]") == [None, 0, 0]
    assert page.page.evaluate(NOTEBOOK)[2:] == before[2:]
    page.screenshot("session-branch")


def test_marks_are_made_while_a_slow_trainer_runs_and_stop_ends_it(nb: Notebook) -> None:
    page = Loop(nb, 2, "slow_view")
    nb.kernel(f"slowly.mark('{HEADER}')")
    page.open(0)
    retrain = page.plan.get_by_role("button", name="Retrain")
    expect(retrain).to_be_enabled(timeout=20_000)
    model = nb.kernel("id(slowly.model)")
    retrain.click()
    page.until("view.status['phase'] == 'retraining' and view.status['done'] > 0")
    expect(page.plan.get_by_role("progressbar")).to_be_visible()
    page.open_one.get_by_role("button", name=re.compile("^mark .* as untrustworthy$")).first.click()
    page.page.keyboard.press("Enter")
    expect(page.marks).to_have_count(2)
    page.screenshot("session-slow")
    assert nb.kernel("slow_view.status['phase']") == "retraining"
    page.button("Stop").click()
    page.until("view.status['phase'] == 'idle'")
    assert nb.kernel("(len(slowly.revisions), id(slowly.model), len(slowly.ledger))") == [1, model, 2]
    expect(page.plan.get_by_role("progressbar")).to_have_count(0)
    expect(retrain).to_be_enabled()
    page.screenshot("session-stopped")


def test_a_trainer_that_raises_shows_its_error_and_the_marks_are_there(nb: Notebook) -> None:
    page = Loop(nb, 3, "failed_view")
    nb.kernel(f"failed.mark('{HEADER}', because='a header')")
    retrain = page.plan.get_by_role("button", name="Retrain")
    expect(retrain).to_be_enabled(timeout=20_000)
    retrain.click()
    expect(page.alert).to_contain_text("the disk with <b>the weights</b> is gone", timeout=60_000)
    expect(page.plan).to_contain_text("the model is still “as given”")
    page.marked(HEADER)
    assert nb.kernel("len(failed.revisions)") == 1
    assert page.violations() == []
    page.screenshot("session-failed")
    page.open(0)
    expect(page.opened).to_be_visible()

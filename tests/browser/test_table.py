"""A table's row in the live widget, and tables in the panels: switched off, typed over, compared, marked, retrained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.card import NOTEBOOK, Card, box, share
from browser.panel import NARROW, Panel, settled
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open
    from playwright.sync_api import Locator

CREDIT = (Path(__file__).parent / "credit.py").read_text("utf-8")
ROW = """
e = explainer.explain(people.iloc[3], target="yes", n_samples=1000)
view = rt.view(e)
view
"""
SLOPES = """
numbers = rt.Table(people, bins=None)
slopes = rt.Explainer(pipeline, numbers, classes=["no", "yes"]).explain(people.iloc[3], target="yes", n_samples=1000)
slopes_view = rt.view(slopes)
slopes_view
"""
PICK = """
found = explainer.explain_many(people.iloc[:20], target="yes", n_samples=200, progress=False)
pick = rt.pick(found, 3)
pick_view = rt.view(pick)
pick_view
"""
SESSION = """
told = people["stamp"].sample(frac=1, random_state=0).to_numpy()
s = rt.Session(
    pipeline,
    people[:250],
    repaid[:250],
    valid=(people[250:], repaid[250:]),
    shifted=(people[250:].assign(stamp=told[250:]), repaid[250:]),
    classes=["no", "yes"],
    pool=12,
    n_samples=200,
)
session_view = rt.view(s)
session_view
"""
AGE, HOME, INCOME = 0, 1, 2
ANSWER = "view.explanation.probe({off}, edits={edits})[1]"


class Row(Card):
    """A row, its columns on lines."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        super().__init__(nb, cell)
        self.names = self.root.locator(".rt-col:not(.rt-col-word) button.rt-name")

    def line(self, column: int) -> Locator:
        return self.root.locator(f".rt-col[data-column='{column}']").first

    def name(self, column: int) -> Locator:
        return self.line(column).locator("button.rt-name")

    def value(self, name: str) -> Locator:
        return self.root.get_by_label(f"value of {name}", exact=True)

    def answered(self, off: list[int], edits: dict[int, str]) -> None:
        """See the surrogate's answer and the model's, which the kernel has too."""
        typed = {str(feature): value for feature, value in edits.items()}
        self.nb.until(f"view.probe and view.probe['off'] == {off} and view.probe['edits'] == {typed}")
        held = f"view.explanation.predict(np.array([[i not in {[*off, *edits]} for i in range(len(e.features))]]))[0]"
        self.says(self.nb.kernel(held), self.nb.kernel(ANSWER.format(off=off, edits=edits)))


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(CREDIT, ROW, SLOPES, PICK, SESSION)
    assert nb.errors == []
    nb.until("session_view.picked and session_view.status['phase'] == 'idle'", 30)
    return nb


@pytest.fixture
def row(nb: Notebook) -> Row:
    row = Row(nb, 1)
    row.reset()
    return row


def test_each_column_stands_on_a_line_with_its_condition_and_value(row: Row) -> None:
    nb = row.nb
    conditions = nb.kernel("[feature.name for feature in e.features[:6]]")
    assert conditions[:2] == ["35 < age ≤ 50", "home = rent"]
    expect(row.line(AGE).locator(".rt-condition")).to_have_text(conditions[AGE])
    expect(row.value("age")).to_have_value(str(nb.kernel("int(people.iloc[3].age)")))
    expect(row.value("home")).to_have_value("rent")
    options = row.value("home").get_by_role("option").all_inner_texts()
    assert [option.split(" – ")[0] for option in options] == ["rent", "own", "with <b>parents</b>", "missing"]
    expect(row.value("since")).to_have_value(nb.kernel("people.iloc[3].since.date().isoformat()"))
    assert row.root.get_by_role("group", name="letter, word by word").inner_text() == nb.kernel("people.iloc[3].letter")
    expect(row.root.locator(".rt-col-fixed")).to_have_text(re.compile(r"country\s*US\s*the same in all rows"))
    weights = [float(said[0]) for text in _weights(row) if (said := re.search(r"0\.\d+", text))]
    assert len(weights) > 3
    assert weights == sorted(weights, reverse=True)


def test_a_click_on_a_name_has_the_column_drawn_and_the_answers_spread(row: Row) -> None:
    row.name(HOME).click()
    expect(row.line(HOME)).to_have_class(re.compile("rt-off"))
    expect(row.line(HOME).locator(".rt-condition")).to_have_text("drawn from the others")
    row.answered([HOME], {})
    low, high = row.nb.kernel("np.quantile(e.draws([1])[:, 1], [0.05, 0.95])")
    expect(row.root.locator(".rt-answers")).to_contain_text(f"({share(low)} – {share(high)}, 50 draws)")
    assert low < high
    row.screenshot("table-off")
    row.name(HOME).click()
    expect(row.root.locator(".rt-off")).to_have_count(0)


def test_a_number_and_a_category_are_typed_over_and_the_model_answers(row: Row) -> None:
    row.value("age").fill("77")
    row.page.keyboard.press("Enter")
    row.answered([], {AGE: "77"})
    expect(row.line(AGE)).to_have_class(re.compile("rt-fails"))
    row.value("home").select_option("with <b>parents</b>")
    row.answered([], {AGE: "77", HOME: "with <b>parents</b>"})
    row.value("home").select_option("")
    row.answered([], {AGE: "77", HOME: ""})
    expect(row.button("put back home rent → missing")).to_be_visible()
    row.screenshot("table-edited")
    row.button("put back age 49 → 77").click()
    row.answered([], {HOME: ""})
    expect(row.value("age")).to_have_value("49")


def test_a_value_that_a_column_cannot_take_is_told_with_its_name(row: Row) -> None:
    row.value("age").fill("30.5")
    row.page.keyboard.press("Enter")
    expect(row.alert).to_contain_text("age cannot be '30.5'; a whole number is expected")
    expect(row.gap).to_have_text("no answer")
    row.screenshot("table-refused")
    row.value("age").fill("30")
    row.page.keyboard.press("Enter")
    row.answered([], {AGE: "30"})
    expect(row.alert).to_have_count(0)


def test_another_row_stands_beside_and_its_values_are_taken_over(row: Row) -> None:
    nb = row.nb
    home, age = nb.kernel("[people.iloc[1].home, str(people.iloc[1].age)]")
    row.root.get_by_label("compare with").select_option("row 0")
    expect(row.line(AGE).locator(".rt-other")).to_contain_text(age)
    row.screenshot("table-beside")
    row.button(f"take {age} over for age").click()
    row.answered([], {AGE: age})
    row.root.get_by_role("button", name=re.compile(r"^take all \d over$")).click()
    expect(row.value("home")).to_have_value(home)
    nb.until("len(view.look['edits']) > 2 and view.probe['edits'] == view.look['edits']")
    typed = {int(feature): value for feature, value in nb.kernel("view.look['edits']").items()}
    expect(row.model).to_have_text(share(nb.kernel(ANSWER.format(off=[], edits=typed))))
    expect(row.root.get_by_role("button", name=re.compile("^take all"))).to_have_count(0)
    row.root.get_by_label("compare with").select_option("no other row")
    expect(row.root.locator(".rt-other")).to_have_count(0)


def test_a_column_is_marked_everywhere(row: Row) -> None:
    nb = row.nb
    row.button("mark stamp as untrustworthy").click()
    row.page.keyboard.type("of the clerk")
    row.page.keyboard.press("Enter")
    nb.until("view.marks")
    (mark,) = nb.kernel("view.marks")
    assert [mark[key] for key in ("name", "scope", "because")] == ["stamp", "everywhere", "of the clerk"]
    expect(row.button("mark stamp as untrustworthy")).to_have_attribute("aria-pressed", "true")
    row.button("mark stamp as untrustworthy").click()
    nb.until("not view.marks")


def test_a_search_narrows_and_the_order_can_be_the_tables(row: Row) -> None:
    search = row.root.get_by_label("search columns by name")
    search.fill("AG")
    expect(row.names).to_have_text([re.compile("age$")])
    search.fill("no such")
    expect(row.root.locator(".rt-cols")).to_contain_text("no column is called so")
    search.fill("")
    row.root.get_by_label("sort").select_option("as in the table")
    columns = row.root.locator(".rt-col[data-column]:not(.rt-col-word)")
    places = columns.evaluate_all("lines => lines.map(line => Number(line.dataset.column))")
    assert places == [0, 1, 2, 3, 6, 7, 4, 5], "those with weight first, what never changes last"
    row.root.get_by_label("sort").select_option("by weight")


def test_keys_alone_do_everything_and_the_notebook_takes_none_of_them(row: Row) -> None:
    nb, keys = row.nb, row.page.keyboard
    row.root.get_by_label("sort").select_option("as in the table")
    row.name(AGE).click()
    row.name(AGE).click()
    before = row.page.evaluate(NOTEBOOK)
    keys.press("ArrowDown")
    expect(row.name(HOME)).to_be_focused()
    keys.press("Space")
    row.answered([HOME], {})
    keys.press("Space")
    keys.press("m")
    expect(row.root.get_by_role("dialog", name="Mark home as untrustworthy")).to_be_visible()
    keys.type("ddxx aabb")  # in command mode: delete, cut, add
    keys.press("Enter")
    nb.until("[mark['because'] for mark in view.marks] == ['ddxx aabb']")
    expect(row.name(HOME)).to_be_focused()
    keys.press("m")
    nb.until("not view.marks")
    keys.press("Home")
    expect(row.name(AGE)).to_be_focused()
    keys.press("Tab")
    expect(row.value("age")).to_be_focused()
    keys.type("61")
    keys.press("Enter")
    row.answered([], {AGE: "61"})
    assert row.page.evaluate(NOTEBOOK) == before
    row.root.get_by_label("sort").select_option("by weight")


def test_axe_finds_nothing_in_the_light_and_in_the_dark_and_it_fits_a_narrow_page(nb: Notebook) -> None:
    panel = Panel(nb, 1)
    panel.reset()
    panel.in_both_themes("table")
    panel.page.set_viewport_size({"width": NARROW, "height": 900})
    panel.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    try:
        expect(panel.root.locator(".rt-cols")).to_be_visible()
        panel.page.wait_for_function("root => root.clientWidth < 600", arg=panel.root.element_handle())
        assert panel.root.evaluate("root => root.querySelector('.rt-card').scrollWidth <= root.clientWidth")
        panel.screenshot("table-narrow")
    finally:
        panel.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        panel.page.set_viewport_size({"width": 1280, "height": 900})


def test_without_bins_a_number_has_a_slope_in_its_own_unit(nb: Notebook) -> None:
    row = Row(nb, 2)
    income = nb.kernel("[feature.name for feature in slopes.features].index('income')")
    expect(row.line(INCOME).locator(".rt-per")).to_have_text(re.compile(r"^\+0\.00\d+ per unit$"))
    row.value("income").fill("77.5")
    row.page.keyboard.press("Enter")
    nb.until("slopes_view.probe and slopes_view.probe['edits']")
    expect(row.model).to_have_text(share(nb.kernel(f"slopes.probe(edits={{{income}: '77.5'}})[1]")))
    row.screenshot("table-slopes")


def test_a_pick_of_rows_opens_one_and_marks_a_column(nb: Notebook) -> None:
    panel = Panel(nb, 3)
    cards = panel.root.get_by_label("picked instances").get_by_role("button")
    expect(cards).to_have_count(3)
    cards.nth(1).click()
    settled(panel.root.locator(".rt-opened"))
    expect(panel.opened.locator(".rt-cols")).to_be_visible()
    assert nb.kernel("pick_view.instance['row'] == pick_view.picked['rows'][1]")
    panel.opened.get_by_role("button", name="mark stamp as untrustworthy").click()
    panel.page.keyboard.press("Enter")
    nb.until("[mark['name'] for mark in pick_view.marks] == ['stamp']")
    panel.screenshot("pick-table")
    assert panel.violations() == []


def test_the_loop_drops_a_marked_column_and_shows_what_that_changed(nb: Notebook) -> None:
    panel = Panel(nb, 4)
    plan, changed = panel.root.locator(".rt-plan"), panel.root.locator(".rt-changed")
    panel.root.get_by_label("picked instances").get_by_role("button").first.click()
    opened = panel.root.locator(".rt-opened")
    settled(opened)
    opened.get_by_role("button", name="mark stamp as untrustworthy").click()
    panel.page.keyboard.type("of the clerk")
    panel.page.keyboard.press("Enter")
    nb.until("list(s.marked) == ['stamp']")
    retrain = plan.get_by_role("button", name="Retrain")
    expect(plan).to_contain_text("stamp", timeout=20_000)
    expect(retrain).to_be_enabled()
    retrain.click()
    nb.until("len(session_view.revisions) == 2 and session_view.status['phase'] == 'idle'", 60)
    settled(changed)
    held = nb.kernel("s.revisions[1].measures['shifted']")
    figures = changed.locator(".rt-measure", has_text="shifted").locator(".rt-figures").first
    expect(figures).to_have_text(f"{100 * held['before']:.1f} → {100 * held['after']:.1f}")
    assert held["after"] > held["before"]
    assert box(figures)["height"] < 24, "both figures stand on one line"
    assert nb.kernel("str(s.revisions[1].correction)").startswith("Drop")
    panel.screenshot("session-table")
    assert panel.violations() == []


def _weights(row: Row) -> list[str]:
    """What the bars of whole columns say."""
    return row.root.locator(".rt-col:not(.rt-col-word) .rt-value").all_inner_texts()

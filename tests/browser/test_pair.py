"""Two models side by side: the same posts, aligned reasons, one trial that both answer, names hidden and shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.alone import alone
from browser.card import NOTEBOOK, share
from browser.harness import SCREENSHOTS
from browser.panel import IMG, POSTS, SCRIPT, Panel, settled
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open
    from playwright.sync_api import Browser, Locator

PAIR = """
import numpy as np

class Named(Counted):
    def __init__(self, model, order):
        super().__init__(model)
        self.order, self.classes_ = order, np.array(train.names)[order]

    def predict_proba(self, texts):
        return self(texts)[:, self.order]

bodies = [rt.datasets.body(text) for text in train.texts]
cleaned = make_pipeline(TfidfVectorizer(lowercase=False), LogisticRegression(C=10)).fit(bodies, train.labels)
models = {"with headers": Named(pipeline, [0, 1]), "cleaned": Named(cleaned, [1, 0])}
reader = rt.Explainer(models["with headers"], rt.Text(), surrogate=rt.Ridge(6))
posts, titles = test.texts[:6], [f"post number {i}" for i in range(6)]
pair = reader.compare_many(models, posts, n_samples=300, titles=titles, labels=test.labels[:6])
pair.to_html("pair.html")
view = rt.view(pair)
view
"""
HOSTILE = f"""
names = {[SCRIPT, IMG]!r}
def harmful(texts):
    share = np.array([0.2 + 0.5 * ("onerror" in text) for text in texts])
    return np.column_stack([1 - share, share])
odd = rt.Explainer(harmful, rt.Text(tokenizer=str.split), classes=["<b>no</b>", "</style>yes"])
compared = odd.compare_many(dict(zip(names, [harmful, lambda texts: harmful(texts)[:, ::-1]])),
    ["one {IMG.replace('"', "")}", "</script> two"], n_samples=100, titles=names)
compared.to_html("hostile-pair.html")
rt.view(compared)
"""


class PairPanel(Panel):
    """Two models: the list, the columns of reasons, what each answers."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        super().__init__(nb, cell)
        self.items = self.root.get_by_label("instances", exact=True).get_by_role("button")
        self.heads = self.root.locator(".rt-pair-heads .rt-pair-name b")
        self.hide = self.button("Hide which is which")

    def open(self, row: int) -> None:
        self.items.nth(row).click()
        self.nb.until(f"view.instance['row'] == {row}")
        settled(self.root.locator(".rt-pair-open"))

    def putback(self) -> None:
        self.button("put back").click()
        expect(self.button("put back")).to_have_count(0)

    def line(self, name: str) -> Locator:
        return self.row(name).first


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(POSTS, PAIR, "pair", HOSTILE)
    assert nb.errors == []
    return nb


@pytest.fixture
def panel(nb: Notebook) -> PairPanel:
    panel = PairPanel(nb, 1)
    expect(panel.opened).to_be_visible()
    return panel


def test_two_models_stand_side_by_side_and_the_list_says_where_they_differ(nb: Notebook, panel: PairPanel) -> None:
    expect(panel.items).to_have_count(6)
    expect(panel.heads).to_have_text(["with headers", "cleaned"])
    for row in range(6):
        said = nb.kernel(f"view.scene['instances'][{row}]")
        differ = len({answer["target"] for answer in said["answers"]}) > 1
        expect(panel.items.nth(row)).to_contain_text("≠ answers differ" if differ else "= same answer")
        for answer in said["answers"]:
            name = nb.kernel("view.scene['classes']")[answer["target"]]
            expect(panel.items.nth(row)).to_contain_text(f"{name} {share(answer['prediction'])}")
    expect(PairPanel(nb, 2).items).to_have_count(6)
    panel.screenshot("pair")


def test_one_line_for_a_reason_holds_the_weight_of_both(nb: Notebook, panel: PairPanel) -> None:
    nb.kernel("[model.asked.clear() for model in models.values()]")
    panel.open(1)
    assert nb.kernel("[model.asked for model in models.values()]") == [[], []]
    both = nb.kernel("[[each.features[i].name for i in each.fit.selected] for each in pair[1].values()]")
    expect(panel.rows).to_have_count(len({*both[0], *both[1]}))
    for name in {*both[0]} | {*both[1]}:
        cells = panel.line(name).locator(".rt-pair-cell")
        expect(cells).to_have_count(2)
        for place in 0, 1:
            lacking = name not in both[place]
            expect(cells.nth(place).get_by_text("not among its reasons")).to_have_count(int(lacking))
    shared = len({*both[0]} & {*both[1]})
    expect(panel.root.locator(".rt-pair-summary")).to_contain_text(f"{shared} of {len({*both[0], *both[1]})} reasons")


def test_a_changed_sign_is_named(nb: Notebook) -> None:
    panel = PairPanel(nb, 3)
    turned = nb.kernel("compared[0].turned")
    assert len(turned) > 0
    for name in turned:
        expect(panel.line(name)).to_contain_text("changed sign")
    expect(panel.root.locator(".rt-pair-summary")).to_contain_text(f"{len(turned)} changed sign")
    expect(panel.items.first).to_contain_text(f"⇄ {len(turned)} changed sign")
    expect(panel.items.nth(1)).not_to_contain_text("⇄")


def test_classes_in_another_order_are_drawn_as_the_first_models(nb: Notebook, panel: PairPanel) -> None:
    panel.open(0)
    assert nb.kernel("[list(model.classes_) for model in models.values()]") == [
        ["atheism", "christian"],
        ["christian", "atheism"],
    ]
    for place, name in enumerate(("pipeline", "cleaned")):
        shares = nb.kernel(f"{name}.predict_proba(posts[:1])[0]")
        classes = panel.root.locator(".rt-pair-head").nth(place).locator(".rt-class")
        expect(classes).to_have_text([f"atheism{share(shares[0])}", f"christian{share(shares[1])}"])


def test_a_word_taken_away_asks_both_models_once(nb: Notebook, panel: PairPanel) -> None:
    panel.open(0)
    nb.kernel("[model.asked.clear() for model in models.values()]")
    name = nb.kernel("view.explanation.top(1)[0][0]")
    panel.word(name).click()
    nb.until("view.probe and view.probe['off']")
    expect(panel.model).to_have_count(2)
    assert nb.kernel("[len(model.asked) for model in models.values()]") == [1, 1]
    assert nb.kernel("len({model.asked[0] for model in models.values()})") == 1
    for place, name in enumerate(("pipeline", "cleaned")):
        answer = nb.kernel(f"{name}.predict_proba(models['cleaned'].asked)[0][view.readings[0]['target']]")
        expect(panel.model.nth(place)).to_have_text(share(answer))
    panel.screenshot("pair-off")
    panel.putback()


def test_names_are_hidden_everywhere_and_shown_again(nb: Notebook, panel: PairPanel) -> None:
    panel.open(0)
    panel.hide.click()
    expect(panel.heads).to_have_text(["first", "second"])
    nb.until("view.look['blind']")
    html = panel.root.inner_html()
    assert "with headers" not in html
    assert "cleaned" not in html
    order = nb.kernel("view.scene['order']")
    shares = [nb.kernel(f"{name}.predict_proba(posts[:1])[0][0]") for name in ("pipeline", "cleaned")]
    first = panel.root.locator(".rt-pair-head").first.locator(".rt-class").first
    expect(first).to_have_text(f"atheism{share(shares[order[0]])}")
    panel.screenshot("pair-blind")
    panel.hide.click()
    expect(panel.heads).to_have_text(["with headers", "cleaned"])


def test_the_text_shows_the_reasons_of_either_or_the_difference(nb: Notebook, panel: PairPanel) -> None:
    panel.open(0)
    lens = panel.root.get_by_label("whose reasons are shown in the text")
    first, last = nb.kernel("[[e.features[i].name for i in e.fit.selected] for e in pair[0].values()]")
    name = next(name for name in last if name not in first)
    expect(panel.word(name)).not_to_have_class(re.compile("rt-for|rt-against"))
    lens.get_by_role("button", name="cleaned").click()
    expect(panel.word(name)).to_have_class(re.compile("rt-for|rt-against"))
    lens.get_by_role("button", name="difference").click()
    expect(panel.root.locator(".rt-how")).to_contain_text("cleaned minus with headers")
    panel.screenshot("pair-difference")
    lens.get_by_role("button", name="with headers").click()


def test_keys_walk_the_list_and_the_notebook_takes_none(nb: Notebook, panel: PairPanel) -> None:
    panel.open(0)
    before = panel.page.evaluate(NOTEBOOK)
    panel.items.first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        panel.page.keyboard.press(key)
    nb.until("view.instance['row'] == 2")
    panel.page.keyboard.type("ddxxaabb")
    search = panel.root.get_by_role("searchbox")
    search.press_sequentially("number 5")
    expect(panel.items).to_have_count(1)
    search.fill("")
    assert panel.page.evaluate(NOTEBOOK)[2:] == before[2:]


def test_axe_finds_nothing_in_the_light_and_in_the_dark(panel: PairPanel) -> None:
    panel.open(0)
    panel.in_both_themes("pair")


def test_it_fits_a_narrow_page_and_a_wide_one(panel: PairPanel) -> None:
    panel.open(0)
    panel.fits("pair")


def test_markup_stays_text(nb: Notebook, browser: Browser) -> None:
    panel = PairPanel(nb, 3)
    expect(panel.opened).to_be_visible()
    expect(panel.heads).to_have_text([SCRIPT, IMG])
    panel.screenshot("pair-hostile")
    panel.untouched()
    with alone(browser, nb.lab.root / "hostile-pair.html") as found:
        expect(found.page.locator(".rt-instance")).to_be_visible()
        assert found.page.locator(".rt-panel img, .rt-panel script").count() == 0
        assert found.page.evaluate("window.harmed") is None
        assert (found.asked, found.said) == ([], [])


def test_the_file_opens_every_post_and_answers_with_the_surrogates(nb: Notebook, browser: Browser) -> None:
    with alone(browser, nb.lab.root / "pair.html") as found:
        page = found.page
        items = page.get_by_label("instances", exact=True).get_by_role("button")
        items.nth(3).click()
        expect(page.locator(".rt-pair-heading")).to_have_text("post number 3")
        surrogates = page.locator(".rt-surrogate")
        expect(surrogates).to_have_count(2)
        before = surrogates.all_inner_texts()
        page.locator(".rt-word.rt-for, .rt-word.rt-against").first.click()
        page.wait_for_function(
            "before => [...document.querySelectorAll('.rt-surrogate')].some((x, i) => x.innerText !== before[i])",
            arg=before,
        )
        expect(page.locator(".rt-foot")).to_contain_text("model not attached")
        page.screenshot(path=SCREENSHOTS / "pair-file.png", full_page=True)
        assert (found.asked, found.said) == ([], [])


def test_the_output_holds_a_picture_that_needs_no_script(nb: Notebook) -> None:
    (output,) = nb.outputs[2]
    html = "".join(output["data"]["text/html"])
    assert "<script" not in html.lower()
    assert "with headers" in html
    assert "cleaned" in html

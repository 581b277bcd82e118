"""The pick's panel: what shows a model, each opened with a click, marked everywhere, found and compared."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING

import pytest
from browser.alone import alone
from browser.easel import PICTURES
from browser.harness import SCREENSHOTS
from browser.panel import IMG, POSTS, SCRIPT, Panel, percent, settled
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Notebook, Open
    from playwright.sync_api import Browser

PICK = """
explanations = explainer.explain_many(test.texts[:60], n_samples=300, progress=False)
pick = rt.pick(explanations, 4, titles=[f"post number {i}" for i in range(60)], labels=test.labels[:60])
pick.to_html("pick.html")
view = rt.view(pick)
view
"""
MANY = """
texts = [*train.texts, *test.texts][:500]
found = explainer.explain_many(texts, n_samples=32, progress=False)
many = rt.pick(found, 6, labels=[*train.labels, *test.labels][:500])
"""
ITSELF = "many"
HOSTILE = f"""
import numpy as np
IMG, SCRIPT = {IMG!r}, {SCRIPT!r}
def harmful(texts):
    share = np.array([0.2 + 0.5 * (IMG.split()[1] in text) + 0.2 * ("</style>" in text) for text in texts])
    return np.column_stack([1 - share, share])
odd_words = [f"{{IMG}} </style> one", f"{{SCRIPT}} {{IMG}} two", "</style> <b>three</b> \\\\u003c"]
odd = rt.Explainer(harmful, rt.Text(tokenizer=str.split), classes=[SCRIPT, IMG])
hostile = rt.pick(odd.explain_many(odd_words, progress=False), 3, titles=[IMG, SCRIPT, "</script>"], labels=[0, 1, 0])
hostile.to_html("hostile-pick.html")
rt.view(hostile)
"""
PHOTOS = """
photos = [np.roll(picture, 24 * shift, axis=1) for shift in range(6)]
for i, photo in enumerate(photos):
    photo[:24 * (1 + i % 3), :48] = (250, 40 + 20 * i, 30)
squared = rt.Image(squares, backdrop="black")
words = rt.visual_words(photos, 5, domain=squared)
vocabulary = rt.Image(squares, backdrop="black", vocabulary=words)
weather = rt.Explainer(Sun(), vocabulary, classes=["dull", "sunny"])
pictured = weather.explain_many(photos, n_samples=200, progress=False)
seen = rt.view(rt.pick(pictured, 3, titles=[f"photo {i}" for i in range(6)]))
seen
"""

WAIT = """
  const since = performance.now();
  const when = async there => {
    while (!there()) {
      if (performance.now() - since > 30000) throw new Error('it does not come');
      await new Promise(requestAnimationFrame);
    }
    return performance.now() - since;
  };"""
DRAWN = f"""cell => {{{WAIT}
  const notebook = jupyterapp.shell.currentWidget.content;
  const output = notebook.widgets[cell].node;
  notebook.activeCellIndex = cell;
  for (const old of output.querySelectorAll('.rt')) old.classList.add('old');
  jupyterapp.commands.execute('notebook:run-cell');
  return when(() => output.querySelector('.rt:not(.old) .rt-cards button'));
}}"""
OPENED = f"""(root, row) => {{{WAIT}
  const card = root.querySelectorAll('.rt-cards button')[row];
  const title = card.querySelector('.rt-card-title').innerText;
  card.click();
  return when(() => root.querySelector('.rt-why-title')?.innerText === title &&
    root.querySelector('.rt-opened').ariaBusy === 'false' && root.querySelector('.rt-opened .rt-word'));
}}"""
FILTERED = f"""(root, target) => {{{WAIT}
  const [select, headline] = ['.rt-choices select', '.rt-headline'].map(name => root.querySelector(name));
  const before = headline.innerText;
  select.value = target;
  select.dispatchEvent(new Event('change', {{bubbles: true}}));
  return when(() => headline.innerText !== before);
}}"""


class PickPanel(Panel):
    """A pick: the chosen, the features, the matrix."""

    def __init__(self, nb: Notebook, cell: int) -> None:
        super().__init__(nb, cell)
        self.picks = self.root.locator(".rt-picks")
        self.cards = self.root.get_by_label("picked instances").get_by_role("button")
        self.features, self.found = self.root.locator(".rt-features"), self.root.locator(".rt-found")
        self.matrix = self.root.get_by_role("application")
        self.headline = self.root.locator(".rt-headline")

    def open(self, place: int) -> None:
        self.cards.nth(place).click()
        expect(self.cards.nth(place)).to_have_attribute("aria-current", "true")
        settled(self.root.locator(".rt-opened"))
        expect(self.opened).to_be_visible()

    def again(self) -> None:
        """Wait until another pick has come."""
        settled(self.picks)


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(POSTS, PICK, MANY, ITSELF, HOSTILE, PICTURES, PHOTOS)
    assert nb.errors == []
    return nb


@pytest.fixture
def panel(nb: Notebook) -> PickPanel:
    return PickPanel(nb, 1)


def test_a_pick_at_a_cells_end_shows_what_to_read_and_what_each_adds(nb: Notebook, panel: PickPanel) -> None:
    picked = nb.kernel("view.picked")
    expect(panel.cards).to_have_count(4)
    gains = [b - a for a, b in zip([0, *picked["covered"]], picked["covered"], strict=False)]
    for i, row in enumerate(picked["rows"][:4]):
        expect(panel.cards.nth(i)).to_contain_text(f"{row} · post number {row}")
        expect(panel.cards.nth(i)).to_contain_text(f"adds {percent(gains[i])}")
    first = nb.kernel("view.scene['features'][view.picked['added'][0][0]]['name']")
    expect(panel.cards.first).to_contain_text(f"first with {first}")
    expect(panel.headline).to_contain_text(f"4 of 60 instances show {percent(picked['covered'][3])}")
    expect(PickPanel(nb, 3).cards).to_have_count(6)
    panel.screenshot("pick")


def test_a_click_opens_one_in_full_and_the_model_is_not_asked(nb: Notebook, panel: PickPanel) -> None:
    nb.kernel("headers.asked.clear()")
    for place in 1, 0:
        panel.open(place)
        row = nb.kernel("view.picked['rows']")[place]
        assert nb.kernel("view.instance['row']") == row
        assert panel.root.locator(".rt-text").inner_text().split() == nb.kernel(f"test.texts[{row}].split()")
        expect(panel.root.locator(".rt-why")).to_contain_text(f"{row} · post number {row}")
    assert nb.kernel("headers.asked") == []
    panel.screenshot("pick-open")


def test_another_post_is_read_from_its_beginning(panel: PickPanel) -> None:
    text = panel.root.locator(".rt-text")
    for place in 0, 1:
        panel.open(place)
        assert text.evaluate("text => text.scrollTop") == 0
        text.evaluate("text => { text.scrollTop = text.scrollHeight; }")
        assert text.evaluate("text => text.scrollTop") > 0


def test_a_word_taken_away_there_is_answered_by_the_model(nb: Notebook, panel: PickPanel) -> None:
    panel.open(0)
    nb.kernel("headers.asked.clear()")
    name = nb.kernel("view.explanation.top(1)[0][0]")
    panel.word(name).click()
    nb.until("view.probe and view.probe['off']")
    assert nb.kernel("len(headers.asked)") == 1
    (feature,) = nb.kernel("view.probe['off']")
    panel.says(
        nb.kernel(f"view.explanation.local_prediction - view.explanation.coefficients[{feature}]"),
        nb.kernel(f"view.explanation.probe([{feature}])[view.explanation.target]"),
    )
    panel.button("put back").click()
    panel.word(name).click()
    panel.open(1)
    expect(panel.root.locator(".rt-invitation")).to_be_visible()
    assert nb.kernel("view.look['off']") == []


def test_the_slider_shows_more_and_fewer_and_nobody_is_asked(nb: Notebook, panel: PickPanel) -> None:
    slider = panel.root.get_by_label("how many instances are shown")
    slider.focus()
    for _ in range(3):
        panel.page.keyboard.press("ArrowRight")
    expect(panel.cards).to_have_count(7)
    covered = nb.kernel("view.picked['covered'][6]")
    expect(panel.headline).to_contain_text(f"7 of 60 instances show {percent(covered)}")
    expect(panel.root.locator(".rt-curve figcaption")).to_contain_text(f"7 show {percent(covered)}")
    nb.until("view.look['budget'] == 7")
    slider.fill("4")
    expect(panel.cards).to_have_count(4)


def test_another_choice_picks_among_others_and_a_random_pick_stands_beside_it(nb: Notebook, panel: PickPanel) -> None:
    before = panel.cards.all_inner_texts()
    random = panel.button("random")
    random.click()
    nb.until("view.picked['method'] == 'random'")
    panel.again()
    expect(random).to_have_attribute("aria-pressed", "true")
    expect(panel.root.locator(".rt-curve-best")).to_be_attached()
    panel.screenshot("pick-random")
    panel.button("best cover").click()
    nb.until("view.picked['method'] == 'submodular'")
    choice = panel.root.get_by_label("predicted")
    choice.select_option("christian")
    nb.until("view.picked['target'] == 1")
    expect(panel.headline).to_contain_text("instances for christian")
    assert all("christian 0." in text or "christian 1." in text for text in panel.cards.all_inner_texts())
    choice.select_option("any class")
    nb.until("view.picked['target'] is None")
    panel.button("errors only").click()
    nb.until("view.picked['errors']")
    expect(panel.headline).to_contain_text(re.compile(r"of \d+ errors? show"))
    assert all("wrong, it is" in text for text in panel.cards.all_inner_texts())
    panel.button("errors only").click()
    nb.until("not view.picked['errors']")
    panel.again()
    expect(panel.headline).to_contain_text("of 60 instances")
    assert panel.cards.all_inner_texts() == before


def test_features_and_titles_are_found(nb: Notebook, panel: PickPanel) -> None:
    search = panel.root.get_by_label("search features and titles")
    search.fill("numBER 7")
    expect(panel.found.get_by_role("button", name="7 · post number 7")).to_be_visible()
    expect(panel.features).to_contain_text("no feature has “numBER 7” in its name")
    search.fill("host")
    expect(panel.features.locator(".rt-name").first).to_have_text(re.compile("host", re.IGNORECASE))
    search.fill("")
    feature = panel.features.locator(".rt-name").first
    feature.click()
    count = nb.kernel("view.scene['features'][0]['count']")
    expect(panel.found).to_contain_text(f"{count} instances with")
    panel.screenshot("pick-found")
    panel.found.get_by_role("button", name=re.compile("post number")).nth(1).click()
    settled(panel.root.locator(".rt-opened"))
    assert nb.kernel("view.scene['features'][0]['name'] in test.texts[view.instance['row']]")
    panel.found.get_by_role("button", name="show the pick alone").click()
    expect(panel.found).to_have_count(0)


def test_a_features_flag_marks_it_everywhere(nb: Notebook, panel: PickPanel) -> None:
    name = nb.kernel("view.scene['features'][0]['name']")
    panel.features.get_by_role("button", name=f"mark {name} as untrustworthy, everywhere").click()
    panel.page.keyboard.type("a mail header, dd xx")  # in command mode: delete, cut
    panel.page.keyboard.press("Enter")
    expect(panel.features.get_by_label("marked as untrustworthy", exact=True)).to_contain_text(name)
    assert nb.kernel("[[m['name'], m['scope'], m['because'], m['columns']] for m in view.marks]") == [
        [name, "everywhere", "a mail header, dd xx", [0]]
    ]
    row = nb.kernel("next(i for i, each in enumerate(view.picked['added']) if 0 in each)")
    panel.open(row)
    expect(panel.word(name)).to_have_class(re.compile("rt-marked"))
    panel.screenshot("pick-marked")
    panel.button(f"take the mark on {name} back").first.click()
    nb.until("not view.marks")
    expect(panel.word(name)).not_to_have_class(re.compile("rt-marked"))


def test_the_matrix_is_walked_by_keys_and_enter_opens(nb: Notebook, panel: PickPanel) -> None:
    panel.root.get_by_label("columns by").focus()
    keys = panel.page.keyboard
    for key in ("Tab", "Control+Home", "ArrowDown", "ArrowDown", "ArrowRight"):
        keys.press(key)
    row = nb.kernel("view.picked['rows'][2]")
    status = panel.root.locator(".rt-matrix").get_by_role("status")
    second = nb.kernel("view.scene['features'][1]['name']")
    expect(status).to_contain_text(f"{row} · post number {row} · {second} ·")
    keys.press("Enter")
    nb.until(f"view.instance['row'] == {row}")
    keys.press("Space")
    expect(panel.found).to_be_visible()
    keys.press("Space")
    expect(panel.found).to_have_count(0)
    panel.screenshot("pick-matrix")


def test_axe_finds_nothing_in_the_light_and_in_the_dark(panel: PickPanel) -> None:
    panel.open(0)
    panel.in_both_themes("pick")


def test_it_fits_a_narrow_page_and_a_wide_one(panel: PickPanel) -> None:
    panel.open(0)
    panel.fits("pick")


def test_markup_stays_text(nb: Notebook, browser: Browser) -> None:
    panel = PickPanel(nb, 4)
    panel.open(0)
    assert panel.opened.locator(".rt-text").evaluate("text => text.textContent") in nb.kernel("odd_words")
    panel.features.get_by_role("button", name=re.compile("^mark .*onerror.* everywhere$")).first.click()
    panel.page.keyboard.type(IMG)
    panel.page.keyboard.press("Enter")
    expect(panel.root.locator(".rt-chip").first).to_be_visible()
    panel.screenshot("pick-hostile")
    panel.untouched()
    with alone(browser, nb.lab.root / "hostile-pick.html") as found:
        found.page.locator(".rt-cards button").first.click()
        expect(found.page.locator(".rt-instance")).to_be_visible()
        assert found.page.locator(".rt-panel img, .rt-panel script").count() == 0
        assert found.page.evaluate("window.harmed") is None
        assert (found.asked, found.said) == ([], [])


def test_the_file_opens_what_was_picked_and_asks_nothing_elsewhere(nb: Notebook, browser: Browser) -> None:
    with alone(browser, nb.lab.root / "pick.html") as found:
        page = found.page
        cards = page.get_by_label("picked instances").get_by_role("button")
        expect(cards).to_have_count(4)
        cards.nth(2).click()
        row = nb.kernel("pick.chosen[2]")
        expect(page.locator(".rt-why")).to_contain_text(f"post number {row}")
        surrogate = page.locator(".rt-surrogate")
        before = surrogate.inner_text()
        page.locator(".rt-word.rt-for, .rt-word.rt-against").first.click()
        expect(surrogate).not_to_have_text(before)
        expect(page.locator(".rt-foot")).to_contain_text("model not attached")
        expect(page.get_by_role("group", name="how instances are picked")).to_have_count(0)
        page.screenshot(path=SCREENSHOTS / "pick-file.png", full_page=True)
        assert (found.asked, found.said) == ([], [])


def test_the_output_holds_a_picture_that_needs_no_script(nb: Notebook) -> None:
    (output,) = nb.outputs[3]
    html = "".join(output["data"]["text/html"])
    assert "<script" not in html.lower()
    assert len(html.encode()) <= 40_000
    assert "6 of 500 instances" in re.sub("<[^>]*>", "", html)
    assert "6 of 500 instances" in "".join(output["data"]["text/plain"])


def test_pictures_open_in_their_own_view(nb: Notebook) -> None:
    panel = PickPanel(nb, 6)
    expect(panel.picks.locator("img")).to_have_count(3)
    expect(panel.features.locator("img").first).to_be_visible()
    panel.open(1)
    expect(panel.root.locator("canvas.rt-photo")).to_be_visible()
    panel.root.locator(".rt-row").first.click()
    panel.screenshot("pick-photos")
    assert panel.violations() == []


def test_a_panel_of_500_opens_and_answers_soon(nb: Notebook, figure: Callable[[str], None]) -> None:
    seconds = nb.page.evaluate(DRAWN, 3) / 1000
    figure(f"pick of 500 posts drawn {seconds:.2f} s after its cell starts (at most 1.5)")
    root = PickPanel(nb, 3).root
    opening = [root.evaluate(OPENED, place) for place in (1, 2, 3, 4, 5, 0, 2, 4, 1, 3)]
    figure(f"pick of 500: click to the opened post {_said(opening)}")
    filtering = [root.evaluate(FILTERED, target) for target in ("0", "1", "", "0", "1", "")]
    figure(f"pick of 500: another class to its pick {_said(filtering)}")
    assert (len(opening), len(filtering)) == (10, 6)


def _said(waits: list[float]) -> str:
    return f"{statistics.median(waits):.0f} ms, the median (at most 100), the slowest {max(waits):.0f} ms"

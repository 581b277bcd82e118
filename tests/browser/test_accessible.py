"""For keys, for those who listen, in the light and in the dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, NOTEBOOK, Card, box
from browser.harness import DARK, LIGHT, Accessible
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open

SHOW = "view = rt.view(explainer.explain(TEXT))\nview"
FAILING = "failing = Critic()\nrt.explain(failing, TEXT)"
SAMPLING = "sampling = rt.view(rt.Explainer(Critic(nap=0.01)).stream(TEXT))\nsampling"

COLOURS = """root => ['card', 'name', 'word.rt-for', 'word.rt-against', 'axis .rt-for', 'button'].map(name =>
  ['color', 'backgroundColor', 'borderTopColor'].map(
    property => getComputedStyle(root.querySelector(`.rt-${name}`))[property]))"""
FOCUS = """() => {
  const at = document.activeElement;
  return at.closest('.rt') && (at.dataset.item ? 'text' : at.dataset.stop ? 'bars' :
    at.matches('select') ? 'class' : at.ariaLabel ?? at.innerText);
}"""


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    return shared_notebook(MODELS, SHOW, FAILING, SAMPLING)


@pytest.fixture
def card(nb: Notebook) -> Card:
    return Card(nb, 1).reset()


def test_keys_alone_do_everything_and_the_notebook_takes_none_of_them(card: Card) -> None:
    nb, keys = card.nb, card.page.keyboard
    card.word("film").click()
    card.word("film").click()
    before = card.page.evaluate(NOTEBOOK)

    def at() -> str:
        return card.root.locator(".rt-word:focus").inner_text()

    def press(key: str) -> str:
        keys.press(key)
        return at()

    assert [press(key) for key in ("ArrowRight", "ArrowLeft", "End")] == ["with", "film", "end"]
    assert press("ArrowDown") == _below(card, "end")
    assert [press(key) for key in ("Home", "ArrowUp", "Control+End")] == ["Its", "A", "laughed"]
    keys.press("Control+Home")
    keys.press("ArrowRight")
    keys.press("Space")
    expect(card.model).to_have_text("0.25")
    keys.press("Enter")
    expect(card.model).to_have_text("0.60")
    keys.press("F2")
    keys.type("ddxx aabb")  # in command mode: delete, cut, add
    keys.press("Enter")
    nb.until("view.look['edits'] == {'1': 'ddxx aabb'} and view.probe['edits'] == {'1': 'ddxx aabb'}")
    assert at() == "ddxx aabb"
    keys.press("F2")
    assert press("Escape") == "ddxx aabb"
    keys.press("Shift+M")
    assert press("Escape") == "ddxx aabb"
    keys.press("Space")
    keys.press("Space")
    nb.until("view.look['edits'] == {} and view.look['off'] == []")
    assert card.page.evaluate(NOTEBOOK) == before


def test_the_text_is_one_tab_stop_and_the_bars_another(card: Card) -> None:
    card.word("bad").click()
    card.root.get_by_label("reasons for").focus()
    stops = []
    for _ in range(7):
        stops.append(card.page.evaluate(FOCUS))
        card.page.keyboard.press("Tab")
    assert stops == ["class", "show so many reasons", "more…", "text", "bars", "put back bad", "put back"]
    card.root.locator("[data-stop][tabindex='0']").focus()
    card.page.keyboard.press("ArrowDown")
    card.page.keyboard.press("ArrowDown")
    card.page.keyboard.press("Enter")
    expect(card.root.get_by_role("dialog", name="Mark end as untrustworthy")).to_be_visible()
    card.page.keyboard.press("Escape")


def test_names_and_states_are_in_the_accessibility_tree(card: Card) -> None:
    words = [node for node in card.accessible() if node.role == "button" and ", " in node.name]
    assert [(word.name, word.states["pressed"]) for word in words[:4]] == [
        (_named(words, "A"), "false"),
        (_named(words, "good"), "false"),
        (_named(words, "film"), "false"),
        (_named(words, "with"), "false"),
    ]
    assert re.fullmatch(r"good, for liked \+0\.3\d\d, present", _named(words, "good"))
    assert re.fullmatch(r"bad, against liked −0\.2\d\d, present", _named(words, "bad"))
    card.word("good").click()
    card.type_over(card.word("film"), "play")
    card.button("mark bad as untrustworthy").click()
    card.page.keyboard.press("Enter")
    expect(card.word("bad")).to_have_class(re.compile("rt-marked"))
    nodes = card.accessible()
    told = {node.name: node.states.get("pressed") for node in nodes if node.role == "button"}
    assert told[_named(words, "good").replace("present", "absent")] == "true"
    assert told[f"{_named(words, 'bad')}, marked as untrustworthy"] == "false"
    assert any(name.startswith("play, in place of film, for liked +0.0") for name in told)
    assert told["mark bad as untrustworthy"] == "true"
    assert told["mark good as untrustworthy"] == "false"
    groups = {node.role: node.name for node in reversed(nodes) if node.role in {"group", "list"}}
    assert groups["group"].startswith("The text, word by word.")


def test_new_values_are_announced(card: Card) -> None:
    live = card.root.locator(".rt-foot").get_by_role("status")
    expect(live).to_have_text("")
    card.word("good").click()
    expect(live).to_have_text(re.compile(r"^without good: surrogate says 0\.\d\d, model says 0\.25$"))
    (status,) = [node for node in card.accessible() if node.role == "status"]
    assert status.states["live"] == "polite"
    card.word("bad").click()
    expect(live).to_have_text(re.compile(r"^without good, bad: surrogate says 0\.\d\d, model says 0\.55$"))


def test_the_theme_is_followed_and_axe_finds_nothing_in_either(nb: Notebook, card: Card) -> None:
    failing, sampling = Card(nb, 2), Card(nb, 3)
    nb.kernel("failing.set(trouble='raise')")
    failing.word("good").click()
    expect(failing.alert).to_be_visible()
    expect(sampling.root.get_by_role("progressbar")).to_be_visible()
    card.button("more…").click()
    term, value = (box(card.root.locator(f".rt-fact {part}").first) for part in ("dt", "dd"))
    assert value["x"] - term["x"] < 250, "the host's own lists are wide"
    card.button("mark end as untrustworthy").click()
    light = card.root.evaluate(COLOURS)
    assert nb.violations() == []
    nb.theme(DARK)
    expect(card.root).to_have_class(re.compile("rt-dark"))
    expect(card.root.locator(".rt-card")).to_have_css("background-color", "rgb(17, 17, 17)")
    dark = card.root.evaluate(COLOURS)
    assert [a != b for a, b in zip(light, dark, strict=True)] == [True] * len(light)
    assert nb.violations() == []
    for name, shown in {"many": card, "failure": failing, "sampling": sampling}.items():
        shown.screenshot(f"dark-{name}")
    nb.theme(LIGHT)
    expect(card.root).not_to_have_class(re.compile("rt-dark"))
    assert card.root.evaluate(COLOURS) == light
    card.screenshot("light-many")
    expect(sampling.root.get_by_role("progressbar")).to_be_visible()
    sampling.button("Stop").click()
    nb.until("sampling.status['phase'] == 'idle'")


def _named(nodes: list[Accessible], word: str) -> str:
    """The name of the first node that begins with a word."""
    return next(node.name for node in nodes if node.name.startswith(f"{word}, "))


def _below(card: Card, word: str) -> str:
    """The word of the next line that stands nearest below a word."""
    boxes = card.words.evaluate_all("words => words.map(w => [w.innerText, w.getBoundingClientRect().toJSON()])")
    here = next(at for text, at in boxes if text == word)
    line = min(at["top"] for _, at in boxes if at["top"] > here["top"])
    away = {
        abs(at["left"] + at["right"] - here["left"] - here["right"]): text for text, at in boxes if at["top"] == line
    }
    found: str = away[min(away)]
    return found

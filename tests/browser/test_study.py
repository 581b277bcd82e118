"""An explanation laid open, and surrogates beyond weights: what is drawn is what the kernel has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.card import MODELS, Card
from browser.harness import DARK, LIGHT
from browser.panel import Panel
from playwright.sync_api import expect

if TYPE_CHECKING:
    from browser.harness import Notebook, Open
    from playwright.sync_api import Locator

CREDIT = (Path(__file__).parent / "credit.py").read_text("utf-8")
READ = """
three = rt.Explainer(critic, classes=["panned", "liked"], surrogate=rt.Ridge(3))
text = rt.view(three.stream(TEXT, n_samples=600))
text
"""
TREE = """
rule = rt.Explainer(critic, classes=["panned", "liked"], surrogate=rt.Tree(3)).explain(TEXT, n_samples=800)
tree = rt.view(rule)
tree
"""
PAIRS = """
joint = rt.Explainer(critic, classes=["panned", "liked"], surrogate=rt.Pairs(8)).explain(TEXT, n_samples=2000)
pairs = rt.view(joint)
pairs
"""
EXACT = "short = rt.view(explainer.explain('A good film'))\nshort"
ROW = "row = rt.view(explainer.stream(people.iloc[3], target='yes', n_samples=600))\nrow"

FIGURES = ["How the weights moved", "Fit against width", "What the surrogate misses", "The neighbourhood"]


class Study(Panel):
    """A card with what is laid open below it."""

    def __init__(self, nb: Notebook, cell: int, view: str) -> None:
        super().__init__(nb, cell)
        self.view = view
        self.laid = self.root.locator(".rt-study")
        self.summary = self.laid.locator("summary")

    def drawn(self, n: int) -> None:
        """See the pictures, of so many samples."""
        expect(self.laid.locator("figcaption b")).to_have_text(FIGURES)
        expect(self.laid.get_by_role("img").first).to_have_attribute("aria-label", re.compile(f"to {n:,} samples"))
        near = self.nb.kernel(f"{self.view}.study['near']")
        expect(self.laid.locator(".rt-near tbody tr")).to_have_count(len(near))
        (formula,) = self.laid.locator(".rt-lines").filter(has_text="The formula in numbers").all()
        lines = self.nb.kernel(f"{self.view}.study['formula']")
        assert formula.locator("p").all_inner_texts() == [line.replace("  ", " ") for line in lines]

    def feature(self, name: str) -> int:
        """The number of a word."""
        names = f"[feature.name for feature in {self.view}.explanation.features]"
        number: int = self.nb.kernel(f"{names}.index({name!r})")
        return number

    def away(self, *names: str) -> None:
        """See both answers without these words, as the kernel has them."""
        off = sorted(self.feature(name) for name in names)
        self.nb.until(f"{self.view}.probe and sorted({self.view}.probe['off']) == {off}")
        masks = f"np.array([[i not in {off} for i in range(len({self.view}.explanation.features))]])"
        guess = self.nb.kernel(f"{self.view}.explanation.predict({masks})[0]")
        self.says(guess, self.nb.kernel(f"{self.view}.explanation.probe({off})[1]"))


@pytest.fixture(scope="module")
def nb(shared_notebook: Open) -> Notebook:
    nb = shared_notebook(MODELS, READ, TREE, PAIRS, EXACT, CREDIT, ROW)
    assert nb.errors == []
    for view in "text", "row":
        nb.until(f"{view}.status['phase'] == 'idle' and {view}.readings[0]['n_samples'] == 600", 30)
    return nb


@pytest.mark.parametrize(("cell", "view"), [(1, "text"), (6, "row")], ids=["text", "table"])
def test_opening_asks_for_the_study_and_draws_its_pictures(nb: Notebook, cell: int, view: str) -> None:
    study = Study(nb, cell, view)
    expect(study.summary).to_be_visible()
    assert nb.kernel(f"{view}.study") == {}
    study.summary.click()
    nb.until(f"{view}.study")
    study.drawn(600)
    study.screenshot(f"study-{view}")


def test_axe_finds_nothing_in_the_light_and_in_the_dark(nb: Notebook) -> None:
    shown = {"text": Study(nb, 1, "text"), "tree": Study(nb, 2, "tree")}
    for theme, light in ((DARK, "dark"), (LIGHT, "light")):
        nb.theme(theme)
        for name, study in shown.items():
            assert study.violations() == []
            study.screenshot(f"study-{name}-{light}")


def test_more_samples_empty_it_and_it_can_be_opened_again(nb: Notebook) -> None:
    study = Study(nb, 1, "text")
    study.summary.click()
    study.button("more…").click()
    study.button("Sample 5,000 more").click()
    nb.until("text.status['phase'] == 'idle' and text.readings[0]['n_samples'] == 5600", 30)
    assert nb.kernel("text.study") == {}
    study.summary.click()
    nb.until("text.study")
    study.drawn(5600)
    study.summary.click()


def test_a_card_says_whether_it_is_settled_and_what_another_run_would_share(nb: Notebook) -> None:
    study = Study(nb, 1, "text")
    settled, stability = nb.kernel("[text.readings[0][name] for name in ('settled', 'stability')]")
    assert settled
    shared = f"settled: another run would share {100 * stability:.0f} % of the top parts"
    expect(study.root.locator(".rt-facts")).to_contain_text(shared)
    few = Study(nb, 6, "row")
    assert not nb.kernel("row.readings[0]['settled']")
    expect(few.root.locator(".rt-facts")).to_contain_text("600 samples, not settled")


def test_a_short_text_is_explained_exactly(nb: Notebook) -> None:
    card = Card(nb, 4)
    expect(card.root.locator(".rt-facts")).to_contain_text("exact: all 8 masks were asked")
    assert nb.kernel("short.readings[0]['exact']")


def test_weights_that_cannot_be_told_apart_are_marked_so(nb: Notebook) -> None:
    weights, tied = nb.kernel("[row.readings[0][name] for name in ('weights', 'tied')]")
    alike = {feature for (feature, *_), alike in zip(weights, tied, strict=True) if alike}
    assert alike
    names = Study(nb, 6, "row").root.locator(".rt-name", has=nb.page.locator(".rt-tied"))
    assert {int(stop.removeprefix("name-")) for stop in _stops(names)} == alike
    expect(names.first).to_have_attribute("aria-label", re.compile("cannot be told from the one above by its size"))


def test_a_tree_is_drawn_and_the_way_of_a_trial_stands_out(nb: Notebook) -> None:
    study = Study(nb, 2, "tree")
    branches = study.root.get_by_label("the tree")
    taken = branches.locator(".rt-taken > .rt-test")
    leaves = nb.kernel("sum(node.feature < 0 for node in rule.fit.nodes)")
    expect(branches.locator(".rt-leaf")).to_have_count(leaves)
    before = taken.all_inner_texts()
    assert before
    assert all(test.endswith("is present") for test in before)
    first = before[0].removesuffix(" is present")
    study.word(first).click()
    expect(taken.first).to_have_text(f"{first} is absent")
    study.away(first)
    study.screenshot("tree-off")
    study.button("put back").click()
    expect(taken).to_have_text(before)


def test_pairs_are_drawn_and_count_in_the_surrogates_answer(nb: Notebook) -> None:
    study = Study(nb, 3, "pairs")
    lines = study.root.get_by_label("pairs").get_by_role("listitem")
    kept = nb.kernel("pairs.readings[0]['pairs']['pairs']")
    named = nb.kernel("[feature.name for feature in joint.features]")
    names = [f"{named[a]} × {named[b]}" for a, b, *_ in kept]
    assert {frozenset(name.split(" × ")) for name in names} >= {frozenset({"good", "film"}), frozenset({"bad", "end"})}
    expect(lines.locator(".rt-name")).to_have_text(names)
    study.word("good").click()
    study.away("good")
    apart = "pairs.explanation.local_prediction - pairs.explanation.coefficients[{good}]".format(
        good=study.feature("good")
    )
    assert abs(nb.kernel(apart) - float(study.surrogate.inner_text())) > 0.02, "what pairs do is in the answer"
    study.word("bad").click()
    study.away("good", "bad")
    assert study.violations() == []
    study.screenshot("pairs-off")
    study.button("put back").click()


def _stops(names: Locator) -> list[str]:
    """Of buttons, which feature each names."""
    stops: list[str] = names.evaluate_all("names => names.map(name => name.dataset.stop)")
    return stops

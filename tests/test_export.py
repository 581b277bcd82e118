"""An explanation without a kernel: the static picture and the one-file page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import pytest

import retrust as rt
from retrust import export, picture
from retrust.errors import RetrustError
from retrust.export import static_html, to_html
from retrust.picture import LIMIT, draw

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

bundle = glass.bundle  # pytest looks for fixtures here

HOSTILE = """</script><script>alert("x")</script></noscript></title><img src=x onerror='y'> & <!-- \u2028 "end\""""
VOID = {"meta", "br", "img", "input", "link"}


class Page(HTMLParser):
    """What a browser makes of some HTML: elements, their attributes, text; and it wants every tag closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts.setdefault(tag, []).append(data)

    def text(self, tag: str) -> str:
        return "".join(self.texts.get(tag, []))

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.found}


def scene(text: str, **changes: Any) -> dict[str, Any]:
    """Write a scene in which every word is a feature."""
    strings = re.findall(r"\S+|\s+", text)
    names = [string for string in strings if string.strip()]
    ids = iter(range(len(names)))
    return {
        "version": 1,
        "kind": "text",
        "scale": "probability",
        "classes": ["no", "yes"],
        "features": [{"name": name} for name in names],
        "pieces": [[string, next(ids) if string.strip() else -1] for string in strings],
        **changes,
    }


def reading(weights: list[list[Any]], **changes: Any) -> dict[str, Any]:
    return {
        "model": "model",
        "target": 1,
        "prediction": [0.13, 0.87],
        "local_prediction": 0.85,
        "intercept": 0.2,
        "weights": weights,
        "fidelity": 0.82,
        "n_samples": 5000,
        "model_calls": 4991,
        "n_features": 10,
        "settled": False,
        "stability": None,
        "partial": None,
        "doubt": None,
        **changes,
    }


def explained(text: str, classes: Sequence[str] = ("no", "yes"), n_features: int = 4) -> rt.Explanation:
    def model(texts: Sequence[str]) -> Any:
        share = np.array([0.1 + 0.6 * ("good" in t) - 0.05 * ("bad" in t) for t in texts])
        return np.column_stack([1 - share, share])

    explainer = rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(n_features), classes=classes)
    return explainer.explain(text, target=1, n_samples=200)


# The picture


def test_a_picture_shows_text_reasons_prediction_and_fidelity() -> None:
    page = Page(draw(scene("a good day"), reading([[1, 0.214, 0.01], [2, -0.08, None]])))
    assert page.text("div").count("a good day") == 1
    assert page.texts["mark"] == ["good", "day"]
    assert "+0.214 ±0.020" in page.text("table")
    assert "−0.080" in page.text("table")
    assert "0.87" in page.text("table")
    assert "local fit R² 0.82" in page.text("p")
    assert "4,991 model calls" in page.text("p")


def test_for_and_against_are_told_by_sign_and_side_and_underline_as_well_as_by_colour() -> None:
    html = draw(scene("a good day"), reading([[1, 0.2, None], [2, -0.1, None]]))
    marks = [attributes["class"] for tag, attributes in Page(html).found if tag == "mark"]
    bars = [attributes["style"] for tag, attributes in Page(html).found if tag == "i" and "class" in attributes]
    assert marks == ["rts-f", "rts-a"]
    assert bars == ["margin-left:50%;width:50%", "margin-left:25%;width:25%"]
    assert "wavy" in html


def test_a_picture_has_neither_script_nor_link_nor_anything_to_fetch() -> None:
    page = Page(draw(scene(HOSTILE), reading([[0, 0.2, None]])))
    assert page.tags() <= {
        "section",
        "style",
        "div",
        "table",
        "tr",
        "th",
        "td",
        "i",
        "p",
        "b",
        "small",
        "mark",
        "span",
    } | {"caption"}
    assert not {name for _, attributes in page.found for name in attributes} & {"src", "href", "onerror", "onclick"}
    assert "url(" not in page.text("style")


def test_a_picture_follows_a_dark_page() -> None:
    assert "prefers-color-scheme:dark" in draw(scene("a"), reading([]))


def test_every_string_is_escaped_in_a_picture() -> None:
    classes = ["no", HOSTILE[:25]]
    html = draw(
        scene(HOSTILE, classes=classes), reading([[0, 0.2, None], [1, -0.1, None]], doubt=f"Doubt about {HOSTILE}")
    )
    page = Page(html)
    assert HOSTILE in page.text("div")
    assert HOSTILE[:25] in page.text("table")
    assert f"Doubt about {HOSTILE}" in page.texts["p"]
    assert "script" not in page.tags()
    assert "img" not in page.tags()


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert "a ? b" in draw(scene("a \ud83d b"), reading([])).encode().decode()


def test_direction_is_the_texts_own() -> None:
    page = Page(draw(scene("שלום עולם"), reading([[0, 0.1, None]])))
    assert [attributes.get("dir") for tag, attributes in page.found if tag == "th"] == ["auto"] * 3
    assert ("div", "auto") in [(tag, attributes.get("dir")) for tag, attributes in page.found]


def test_a_picture_can_be_scrolled_by_keyboard_and_has_names() -> None:
    page = Page(draw(scene("a"), reading([])))
    (box,) = [attributes for _, attributes in page.found if attributes.get("tabindex") == "0"]
    assert box["aria-label"] == "Text"
    assert page.found[0] == ("section", {"class": "rts", "aria-label": "Explanation"})


def test_a_domain_without_text_has_its_bars_alone() -> None:
    parts = {key: value for key, value in scene("a b").items() if key != "pieces"} | {"kind": "parts"}
    page = Page(draw(parts, reading([[1, 0.5, None]])))
    assert "mark" not in page.tags()
    assert "b+0.500" in page.text("table")


def test_what_is_not_known_is_said() -> None:
    html = draw(scene("a"), reading([], fidelity=None, prediction=[None, None], partial="failed", doubt="It is flat."))
    page = Page(html)
    assert "local fit unknown" in page.text("p")
    assert "It is flat." in page.texts["p"]
    assert "Stopped early: the model failed." in page.texts["p"]
    assert "No part was found to matter." in page.texts["p"]
    assert "None" not in html
    assert "nan" not in html


def test_a_weight_of_nothing_is_drawn() -> None:
    assert "+0.000" in draw(scene("a"), reading([[0, 0.0, 0.0]]))


@pytest.mark.parametrize(
    ("weights", "written"),
    [
        ([1234.5, -2.0], ["+1,234", "−2"]),
        ([12.34, -0.5], ["+12.3", "−0.5"]),
        ([0.00321, -0.0001], ["+0.00321", "−0.00010"]),
        ([3e12, -1.0], ["+3.00e+12", "−1"]),
    ],
)
def test_weights_share_the_decimals_that_the_largest_needs(weights: list[float], written: list[str]) -> None:
    page = Page(draw(scene("a b", scale="score"), reading([[0, weights[0], None], [1, weights[1], None]])))
    assert [text for text in page.texts["td"] if text[0] in "+−"] == written


def test_scores_have_no_share_of_a_track() -> None:
    html = draw(scene("a", scale="score", classes=["output"]), reading([], prediction=[412.0], target=0))
    assert "width:0%" in html
    assert "412" in html


def test_of_many_classes_the_largest_are_shown_and_always_the_one_explained() -> None:
    classes = [f"class {i}" for i in range(1000)]
    page = Page(draw(scene("a", classes=classes), reading([], prediction=[i / 1000 for i in range(1000)], target=3)))
    assert page.texts["th"] == ["class 999", "class 998", "class 997", "class 996", "class 3"]
    assert "and 995 more outputs" in page.text("small")


# Its size


def test_a_short_text_is_shown_whole() -> None:
    text = "word " * 1500
    page = Page(draw(scene(text), reading([[700, 0.1, None]])))
    assert text in page.text("div")
    assert "characters" not in page.text("small")


def test_fifty_thousand_words_are_cut_around_the_strongest_and_the_picture_says_so() -> None:
    words = [f"w{i}" for i in range(50_000)]
    text = " ".join(words)
    html = draw(scene(text), reading([[44_000, 0.4, None], [7, 0.3, None], [20_000, -0.2, None]]))
    assert len(html.encode()) <= LIMIT
    page = Page(html)
    assert page.texts["mark"] == ["w7", "w20000", "w44000"]  # in the order of the text
    assert "w43999 w44000 w44001" in page.text("div")
    (shown, whole) = re.findall(r"([\d,]+) of ([\d,]+) characters", page.text("small"))[0]
    assert int(whole.replace(",", "")) == len(text)
    fragments = page.text("div").partition("w0")[2].split(" … ")
    assert len(fragments) == 4  # the beginning, two strong words, and after the last gap only the bars
    assert 300 < int(shown.replace(",", "")) < 3000


def test_no_word_is_cut_at_an_edge() -> None:
    text = " ".join(f"word{i}" for i in range(20_000))
    page = Page(draw(scene(text), reading([[9000, 0.4, None]])))
    shown = page.text("div").split("characters")[0]
    assert set(re.findall(r"word\d*", shown)) <= set(text.split())


@pytest.mark.parametrize(
    "text",
    ["<" * 300_000, '"&' * 100_000, "😀 " * 80_000, "' " * 100_000, "x" * 10**6, "\n" * 50_000 + "x", "word " * 60_000],
)
def test_no_text_makes_a_picture_too_large(text: str) -> None:
    html = draw(scene(text), reading([[0, 0.4, 0.001]]))
    assert len(html.encode()) <= LIMIT
    assert re.search(r"of [\d,]+ characters", Page(html).text("small"))


def test_neither_many_strong_words_nor_a_text_just_too_long_make_a_picture_too_large() -> None:
    quotes = '"' * 2000
    pieces = [piece for i in range(80) for piece in ([f"word{i % 20}", i % 20], [f" {quotes} ", -1])]
    weights = [[i, 0.5 - i / 50, None] for i in range(20)]
    names = [{"name": f"word{i}"} for i in range(20)]
    assert 15_000 < len(draw(scene("", pieces=pieces, features=names), reading(weights)).encode()) <= LIMIT
    sizes = [len(draw(scene("x" * n), reading([[0, 0.4, None]])).encode()) for n in range(14_000, 20_000, 50)]
    assert max(sizes) <= LIMIT
    assert max(sizes) > 19_000  # all of it
    assert min(sizes) < 5000  # a part of it


def test_no_names_make_a_picture_too_large() -> None:
    names = ['"' * 100_000] * 500
    full = scene(" ".join(["&&&&&&"] * 9000), classes=names)
    full["features"] = [{"name": name} for name in names] * 20
    html = draw(full, reading([[i, 1e-300, 1e300] for i in range(500)], prediction=[0.1] * 500, doubt='"' * 10**6))
    assert len(html.encode()) <= LIMIT
    assert "and 480 weaker ones" in Page(html).text("small")


def test_a_picture_of_a_real_explanation_is_drawn() -> None:
    page = Page(static_html(explained(f"good {HOSTILE} bad")))
    assert page.texts["mark"][0] == "good"
    assert f"good {HOSTILE} bad" in page.text("div")


# The file


@pytest.fixture
def file(bundle: Path) -> str:
    (bundle / "page.js").write_text('/* page </script> */ const s = "</SCRIPT>";')
    (bundle / "widget.css").write_text(".rt { content: '</style>' }")
    return to_html(explained(f"good {HOSTILE} bad", (HOSTILE, "yes & no")))


def state_of(html: str) -> Any:
    (inside,) = re.findall(r'<script type="application/json" id="retrust-state">(.*?)</script>', html, re.DOTALL)
    return json.loads(inside)


def test_a_file_has_page_style_and_state_and_nothing_to_fetch(file: str) -> None:
    page = Page(file)
    assert [tag for tag, _ in page.found].count("script") == 2
    assert not {name for _, attributes in page.found for name in attributes} & {"src", "href"}
    assert ("main", {"id": "retrust"}) in page.found
    assert file.index('id="retrust-state"') < file.index("/* page")  # the state is there when the page starts


def test_a_file_forbids_its_page_every_network(file: str) -> None:
    (policy,) = [
        attributes["content"]
        for _, attributes in Page(file).found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    assert file.index("Content-Security-Policy") < file.index("<style")
    assert file.index('charset="utf-8"') < 200


def test_the_state_in_a_file_is_the_explanation_whatever_it_holds(file: str) -> None:
    state = state_of(file)
    assert "".join(string for string, _ in state["scene"]["pieces"]) == f"good {HOSTILE} bad"
    assert state["scene"]["classes"] == [HOSTILE, "yes & no"]
    assert state["status"]["can"] == []
    assert state["look"] == {"off": [], "edits": {}, "top": None}


def test_a_file_can_be_aimed_at_every_class_the_explained_one_first(file: str) -> None:
    readings = state_of(file)["readings"]
    assert [each["target"] for each in readings] == [1, 0]
    assert readings[0]["weights"][0][1] == pytest.approx(-readings[1]["weights"][0][1])


def test_of_very_many_classes_the_likeliest_twenty_are_in_the_file(bundle: Path) -> None:
    assert bundle

    def model(texts: Sequence[str]) -> Any:
        return np.array([[("good" in text) + i / 100 for i in range(50)] for text in texts])

    explanation = rt.Explainer(model, rt.Text()).explain("a good day", target=4, n_samples=50)
    targets = [each["target"] for each in state_of(to_html(explanation))["readings"]]
    assert targets == [4, *range(49, 30, -1)]


def test_no_string_ends_what_it_stands_in(file: str) -> None:
    scripts = [text for _, text in re.findall(r"<script([^>]*)>(.*?)</script>", file, re.DOTALL)]
    assert scripts[1].endswith('const s = "<\\/SCRIPT>";')
    assert not set("<>&\u2028") & set(scripts[0])
    assert file.lower().count("</style>") == 2  # the page's and the picture's
    assert file.count("</noscript>") == 1


def test_the_title_is_escaped(file: str) -> None:
    assert Page(file).text("title").startswith("yes & no: good </script><script>alert(")


def test_without_script_the_picture_stands_in_the_file(file: str) -> None:
    assert "good" in Page(file).text("noscript")
    assert Page(file).text("noscript").count("local fit R²") == 1


def test_a_file_is_written_where_it_is_asked_for(file: str, tmp_path: Path) -> None:
    target = tmp_path / "explanation.html"
    explanation = explained("good שלום 😀 day")
    assert explanation.to_html(target) == target.read_text(encoding="utf-8")
    assert file


def test_without_the_built_page_the_way_out_is_said_and_a_picture_still_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_STATIC", tmp_path / "nothing")
    explanation = explained("a good day")
    with pytest.raises(RetrustError, match=r"is missing.*make build"):
        to_html(explanation)
    assert static_html(explanation)


def test_a_name_is_cut_with_a_sign() -> None:
    assert picture.short("abcdef", 4) == "abc…"
    assert picture.short("abcd", 4) == "abcd"

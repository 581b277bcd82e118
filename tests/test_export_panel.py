"""A panel without a kernel: one offline document, in which the chosen instances open."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import pytest
from test_export import HOSTILE, Page, explained

import retrust as rt
from retrust.errors import RetrustError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

bundle = glass.bundle  # pytest looks for fixtures here


def panel_state(html: str) -> dict[str, Any]:
    """Read the state back out of a page, as a browser does."""
    found = re.search(r'<script type="application/json" id="retrust-state">(.*?)</script>', html, re.DOTALL)
    assert found
    state: dict[str, Any] = json.loads(found[1])
    return state


def hostile_pick(n: int = 3, budget: int = 2) -> rt.Pick:
    many = [explained(f"{HOSTILE} good {i}", classes=(HOSTILE, "yes"), n_features=3) for i in range(n)]
    return rt.pick(many, budget, titles=[f"{HOSTILE} \ud800 {i}" for i in range(n)])


def test_a_pick_is_one_document_with_its_state_and_what_can_be_opened(bundle: Path) -> None:
    p = hostile_pick()
    html = p.to_html()
    page, state = Page(html), panel_state(html)
    assert "/* page-pick.js */" in html
    assert "/* panel.css */" in html
    assert [tag for tag, _ in page.found].count("script") == 2
    assert "alert" not in page.text("title")
    assert page.text("noscript").count("instances show") == 1
    assert state["scene"]["instances"][0]["title"].startswith(HOSTILE)
    assert state["scene"]["classes"] == [HOSTILE, "yes"]
    assert state["picked"]["rows"] == list(p.chosen)
    assert state["stored"].keys() == {str(row) for row in p.chosen}
    for row in p.chosen:
        stored = state["stored"][str(row)]
        assert stored["instance"]["row"] == row
        assert "".join(string for string, _ in stored["instance"]["pieces"]) == f"{HOSTILE} good {row}"
        assert stored["readings"][0]["weights"]
    first = state["stored"][str(p.chosen[0])]
    assert {name: state[name] for name in first} == first
    assert state["look"] == {"off": [], "edits": {}, "top": None, "budget": 2, "blind": False}
    assert state["status"]["can"] == []
    assert bundle


def test_a_page_of_a_panel_asks_nothing_of_any_network(bundle: Path) -> None:
    html = hostile_pick().to_html()
    policy = next(found["content"] for tag, found in Page(html).found if tag == "meta" and "http-equiv" in found)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert bundle


def test_a_panel_is_written_where_it_is_wanted(bundle: Path, tmp_path: Path) -> None:
    html = hostile_pick().to_html(tmp_path / "pick.html")
    assert (tmp_path / "pick.html").read_text("utf-8") == html
    assert bundle


def test_the_page_of_a_long_pick_has_as_many_as_its_slider_reaches(bundle: Path) -> None:
    p = rt.pick([explained(f"good {i}", n_features=2) for i in range(60)], 60)
    state = panel_state(p.to_html())
    assert len(state["stored"]) == len(state["picked"]["rows"]) == state["look"]["budget"] == 50
    assert bundle


def test_models_side_by_side_are_one_document(bundle: Path) -> None:
    def other(texts: Sequence[str]) -> Any:
        share = np.array([0.3 + 0.5 * ("bad" in t) for t in texts])
        return np.column_stack([share, 1 - share])

    models = {HOSTILE: lambda texts: 1 - other(texts), "b": other}
    both = rt.Explainer(other, classes=("no", "yes")).compare_many(
        models, ["a bad day", HOSTILE + " bad"] * 15, n_samples=50
    )
    html = both.to_html()
    page, state = Page(html), panel_state(html)
    assert "/* page-pair.js */" in html
    assert page.text("title").endswith("and b side by side")
    assert (state["scene"]["kind"], state["scene"]["models"]) == ("pair", [HOSTILE, "b"])
    assert len(state["scene"]["instances"]) == 30
    assert list(state["stored"]) == [str(row) for row in range(20)]
    assert [reading["model"] for reading in state["readings"]] == [HOSTILE, "b"]
    assert {reading["target"] for reading in state["readings"]} == {state["readings"][0]["target"]}
    assert bundle


def test_without_the_built_panel_the_way_out_is_said(bundle: Path) -> None:
    (bundle / "panel.css").unlink()
    with pytest.raises(RetrustError, match=r"panel\.css is missing.*make build"):
        hostile_pick().to_html()

"""The loop behind glass: every verb, what is done in cells, and all that may come in between."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import glass
import looking
import loops
import numpy as np
import pytest
from glass import until
from looking import failed, idle, mark, opened
from loops import HEADERS, posts, reader
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import retrust as rt
from retrust import loop

if TYPE_CHECKING:
    from looking import Show
    from loops import Make


make, cold = loops.make, loops.cold  # pytest looks for fixtures here
bundle, show = glass.bundle, looking.show

# --- at first --------------------------------------------------------------------------------------------------------


def test_a_page_is_told_at_once_what_is_known_and_picks_what_to_read(make: Make, show: Show) -> None:
    s = make(shifted=posts(6))
    widget, page = show(s, wait=False)
    assert page.opened["_esm"] == "/* session.js */"
    assert page.opened["_css"] == "/* session.css */"
    assert page.opened["scene"] == loop.scene(s, s.example())
    assert [widget.marks, widget.current, widget.undo, widget.changed, widget.plan] == [[], 0, None, None, None]
    assert widget.ledger == {"retrust": "ledger", "version": 1, "marks": []}
    assert widget.look == {"off": [], "edits": {}, "top": None, "budget": 6}
    until(lambda: widget.picked and idle(widget))
    assert [item["row"] for item in widget.picked["items"]] == s.rows
    assert widget.standing == {"accuracy": 1.0, "trust": None}
    assert widget.status["can"] == ["open", "mark", "next"]
    assert (widget.instance, widget.explanation) == ({}, None)


def test_a_session_that_has_picked_is_shown_as_it_is(make: Make, show: Show) -> None:
    s = make()
    s.pick(2)
    s.mark(HEADERS)
    s.retrain()
    widget, _ = show(s)
    assert [item["row"] for item in widget.picked["items"]] == s.rows
    assert len(s.rows) == 2
    assert [mark["name"] for mark in widget.marks] == list(HEADERS)
    assert (widget.current, widget.undo) == (1, "the retraining")
    assert widget.changed == json.loads(json.dumps(loop.last(s)))
    assert "retrain" in widget.status["can"]
    assert "go" in widget.status["can"]


def test_to_be_shown_changes_nothing_in_the_session(make: Make, show: Show) -> None:
    texts, labels = posts(24)
    texts[0] = ""  # the first row cannot be explained
    s = make(None, texts, labels)
    s.read(3)
    s.pick(2)
    widget, _ = show(s)
    s.mark("Easter", scope="label")
    assert next(iter(s.ledger)).label == labels[3]
    assert widget.scene["unit"] == "text"


# --- verbs -----------------------------------------------------------------------------------------------------------


def test_next_brings_what_has_not_been_read(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    first = widget.picked
    page.say("next", budget=2)
    until(lambda: widget.picked != first and idle(widget))
    assert [item["row"] for item in widget.picked["items"]] == s.rows
    assert len(s.rows) == 2
    phases = [status["phase"] for status in page.values("status")]
    assert "sampling" in phases
    assert phases[-1] == "idle"
    done = [(status["done"], status["of"]) for status in page.values("status") if status["of"]]
    assert done[-1][1] == 8


def test_open_shows_an_instance_and_remembers_that_it_was_read(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    row = s.rows[0]
    names = opened(widget, page, row)
    until(lambda: idle(widget))
    assert "".join(text for text, _ in widget.instance["pieces"]) == s.data[row]
    assert set(names) == set(s.data[row].split())
    assert [reading["model"] for reading in widget.readings] == ["model"]
    assert widget.instance["trust"] == {"surrogate": True, "model": None}
    assert next(item for item in widget.picked["items"] if item["row"] == row)["read"] is True
    assert widget.status["can"][:4] == ["open", "mark", "aim", "probe"]
    page.say("open", 5, row=99)
    assert "instance 99 is not in the panel, which has 24" in failed(widget)["message"]
    opened(widget, page, 1)
    until(lambda: widget.status["error"] is None)


def test_aim_and_probe_speak_of_what_is_open(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    page.say("probe", off=[0], edits={})
    assert "no instance is open" in failed(widget)["message"]
    names = opened(widget, page, 1)
    page.say("aim", target=0, n_features=1)
    until(lambda: widget.readings[0]["target"] == 0)
    assert len(widget.readings[0]["weights"]) == 1
    off = [names.index("Easter"), names.index("sun")]
    page.say("probe", off=off, edits={})
    until(lambda: widget.probe)
    rest = s.data[1].replace("Easter", "").replace("sun", "")
    assert widget.probe["outputs"] == [pytest.approx(s.model.predict_proba([rest])[0].tolist())]
    opened(widget, page, 3)
    assert widget.probe is None


def test_a_mark_is_seen_in_every_trait(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    names = opened(widget, page, 1)
    mark(page, names.index("Easter"), because="a header")
    assert widget.marks == [
        {
            "name": "Easter",
            "scope": "everywhere",
            "because": "a header",
            "features": [names.index("Easter")],
            "columns": [],
        }
    ]
    assert list(s.ledger) == [rt.Mark("Easter", because="a header")]
    assert widget.undo == "the mark on 'Easter'"
    assert widget.ledger["marks"][0]["key"] == "Easter"
    assert all(item["turns"] in {True, False} for item in widget.picked["items"])
    assert {"retrain", "undo"} <= set(widget.status["can"])
    until(lambda: widget.plan and idle(widget))
    assert widget.plan == json.loads(json.dumps(loop.plan(s)))
    until(lambda: widget.standing["trust"] is not None)


def test_a_narrower_mark_holds_for_what_is_open(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    names = opened(widget, page, 3)
    mark(page, names.index("sun"), scope="label")
    mark(page, names.index("Easter"), scope="instance")
    assert [(each.scope, each.label) for each in s.ledger] == [("label", "christian"), ("instance", None)]
    until(lambda: widget.plan and widget.plan["correction"] == "Swap")


def test_suggestions_can_be_marked_by_their_numbers(make: Make, show: Show) -> None:
    rng = np.random.default_rng(0)
    plain = [" ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 30)) for _ in range(60)]
    texts = [text if i % 3 else f"{text} zig zag" for i, text in enumerate(plain)]
    labels = ["x" if i % 2 else "y" for i in range(60)]
    model = make_pipeline(CountVectorizer(token_pattern=r"\w+"), LogisticRegression()).fit(texts, labels)
    s = make(model, texts, labels, valid=(texts, labels), pool=3)
    widget, page = show(s)
    s.mark("zig")
    until(lambda: widget.suggestions)
    assert [(each["id"], each["name"]) for each in widget.suggestions] == [(0, "zag")]
    assert all(isinstance(reason, str) for reason in widget.suggestions[0]["evidence"])
    mark(page, 0, of="suggestions", because="like zig")
    assert [each.key for each in s.ledger] == ["zig", "zag"]
    until(lambda: widget.suggestions == [])
    mark(page, 0, of="suggestions")
    assert "feature 0 is not in the scene" in failed(widget)["message"]


def test_marks_are_withdrawn_by_feature_or_by_their_place_in_the_list(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    names = opened(widget, page, 1)
    s.mark([*HEADERS, "moon"])
    page.say("withdraw", features=[names.index("Easter")])
    assert s.marked == {"Posting", "moon"}
    page.say("withdraw", features=[1], of="marks")
    assert s.marked == {"Posting"}
    page.say("withdraw", 9, features=[names.index("sun")])
    error = failed(widget)
    assert (error["verb"], error["id"]) == ("withdraw", 9)
    assert "'sun' is not marked" in error["message"]
    page.say("undo")
    assert s.marked == {"Posting", "moon"}
    assert widget.status["error"] is None


def test_retraining_shows_both_models_and_then_what_changed(make: Make, show: Show) -> None:
    s = make(shifted=posts(12, turned=True))
    widget, page = show(s)
    names = opened(widget, page, 1)
    s.mark(HEADERS)
    page.say("retrain", correction=None)
    until(lambda: widget.changed and widget.changed["complete"] and idle(widget) and len(widget.readings) == 2)
    assert widget.current == 1
    assert widget.changed == json.loads(json.dumps(loop.last(s)))
    assert [reading["model"] for reading in widget.readings] == ["before", "after"]
    first = [names[reading["weights"][0][0]] for reading in widget.readings]
    assert first == ["Easter", "sun"]
    assert [each["number"] for each in widget.revisions] == [0, 1]
    growing = [each for each in page.values("changed") if each and not each["complete"]]
    assert [len(each["measures"]) for each in growing] == sorted(len(each["measures"]) for each in growing)
    assert all(each["correction"] is None for each in growing)
    page.say("probe", off=[names.index("Easter")], edits={})
    until(lambda: widget.probe)
    assert len(widget.probe["outputs"]) == 2
    page.say("aim", target=0, n_features=2)
    until(lambda: [reading["target"] for reading in widget.readings] == [0, 0])
    gained = [each["name"] for each in widget.changed["gained"]]
    mark(page, gained.index("sun"), of="gained")
    assert "sun" in s.marked


@pytest.mark.parametrize("correction", ["Drop", "Swap"])
def test_the_reader_may_choose_and_preview_a_correction(make: Make, show: Show, correction: str) -> None:
    s = make()
    widget, page = show(s)
    s.mark(HEADERS)
    until(lambda: widget.plan and idle(widget))
    page.say("preview", correction=correction)
    until(lambda: widget.plan and widget.plan["because"] == "")
    assert widget.plan is not None
    assert widget.plan["correction"] == correction
    page.say("retrain", correction=correction)
    until(lambda: widget.current == 1)
    assert s.revisions[1].corrected_by == correction
    page.say("retrain", 8, correction="Bleach")
    assert failed(widget)["id"] == 8


def test_undo_go_and_name_are_seen_in_the_tree(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    opened(widget, page, 1)
    s.mark(HEADERS)
    s.retrain()
    until(lambda: len(widget.readings) == 2)
    page.say("undo")
    assert (s.current, widget.current) == (0, 0)
    until(lambda: len(widget.readings) == 1 and widget.changed is None)
    page.say("go", revision=1)
    assert widget.current == 1
    until(lambda: len(widget.readings) == 2 and widget.changed)
    page.say("name", revision=1, name="no headers")
    assert widget.revisions[1]["name"] == "no headers"
    page.say("contrast", a=1, b=0)
    assert widget.changed is not None
    assert (widget.changed["number"], widget.changed["against"]) == (0, 1)
    page.say("go", 7, revision=9)
    assert "there is no revision 9" in failed(widget)["message"]


def test_trust_asks_the_model(make: Make, show: Show) -> None:
    s = make(None, *posts(24, honest=False))
    widget, page = show(s)
    s.mark(HEADERS)
    opened(widget, page, 1)
    page.say("trust")
    until(lambda: widget.instance["trust"]["model"] is not None)
    assert widget.instance["trust"]["model"] is False
    s.withdraw(HEADERS)
    assert widget.instance["trust"] == {"surrogate": True, "model": None}


def test_the_model_is_asked_for_trust_without_holding_the_page(make: Make, show: Show) -> None:
    held, inside = threading.Event(), threading.Event()
    held.set()
    model = reader().fit(*posts(24))

    def slow(texts: Any) -> Any:
        if not held.is_set():
            inside.set()
            assert held.wait(20)
        return model.predict_proba(texts)

    s = make(slow)
    widget, page = show(s)
    names = opened(widget, page, 1)
    until(lambda: idle(widget))
    held.clear()
    page.say("trust")
    assert inside.wait(20)
    mark(page, names.index("Easter"))
    assert [each["name"] for each in widget.marks] == ["Easter"]
    held.set()
    until(lambda: widget.instance["trust"]["model"] is not None)


def test_marks_of_others_are_taken_from_a_file_and_what_is_not_here_is_named(make: Make, show: Show) -> None:
    s = make()
    widget, page = show(s)
    marks = [{"key": key} for key in ["Posting", *(f"none{i}" for i in range(7))]]
    page.say("import", marks=json.dumps({"retrust": "ledger", "version": 1, "marks": marks}))
    assert s.marked == {"Posting"}
    assert widget.status["message"] == "no training row has none0, none1, none2, none3, none4 and 2 more"
    for number, text in enumerate(("my thesis", "[]", "{}"), 5):
        page.say("import", number, marks=text)
        until(lambda number=number: (widget.status["error"] or {}).get("id") == number)  # type: ignore[misc]
    assert s.marked == {"Posting"}


def test_a_verb_of_another_panel_is_refused(make: Make, show: Show) -> None:
    widget, page = show(make())
    page.say("pick", 3, method="random", target=None, errors=False)
    assert "this view has no pick" in failed(widget)["message"]
    page.say("sample", 4, n=10)
    until(lambda: widget.status["error"]["id"] == 4)

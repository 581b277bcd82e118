"""A pick behind glass: open, pick, mark, aim and probe."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import glass
import panes
import pytest
from glass import until
from lots import HOSTILE, of_text
from panes import TEXTS, Model, explain, failed

import retrust as rt
from retrust.explanations import Explanations
from retrust.widgets import ExplanationWidget, PickWidget

if TYPE_CHECKING:
    from panes import Show

bundle, show = glass.bundle, panes.show  # pytest looks for fixtures here


@pytest.fixture
def model() -> Model:
    return Model("no", "yes")


@pytest.fixture
def pick(model: Model) -> rt.Pick:
    return rt.pick(explain(model), 2, labels=["yes", "yes", "yes", None])


def test_a_pick_is_all_there_at_once_and_nothing_is_open(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    assert isinstance(widget, PickWidget)
    assert page.opened["_esm"] == "/* pick.js */"
    assert page.opened["_css"] == "/* panel.css */"
    assert (widget.scene["kind"], widget.instance, widget.readings, widget.marks) == ("pick", {}, [], [])
    assert widget.picked["rows"] == list(pick.again(50).chosen)
    assert widget.picked["rows"][:2] == list(pick.chosen)
    assert widget.look == {"off": [], "edits": {}, "top": None, "budget": 2}
    assert widget.status["can"] == ["open", "pick", "mark"]
    assert widget.explanation is None
    assert widget._worker.thread is None


def test_an_instance_is_opened_without_asking_the_model(show: Show, pick: rt.Pick, model: Model) -> None:
    widget, page = show(pick)
    calls = model.calls
    for row in (3, 0, 3):
        page.say("open", row=row)
        until(lambda row=row: widget.instance.get("row") == row)  # type: ignore[misc]
        assert widget.explanation is pick.explanations[row]
        assert "".join(string for string, _ in widget.instance["pieces"]) == TEXTS[row]
        assert widget.readings[0]["target"] == pick.explanations[row].target
    assert model.calls == calls
    assert widget.status["can"] == ["open", "pick", "mark", "aim", "probe"]
    assert len(page.values("scene")) == 0  # the panel's own stays


def test_what_was_tried_on_one_instance_is_gone_when_another_is_opened(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    page.say("open", row=0)
    page.say("probe", off=[0], edits={})
    until(lambda: widget.probe)
    assert widget.probe["outputs"][0] == pytest.approx([0.45, 0.55])
    page.say("aim", target=0, n_features=1)
    until(lambda: widget.readings[0]["n_features"] == 1)
    assert widget.readings[0]["target"] == 0
    page.say("open", row=1)
    until(lambda: widget.instance["row"] == 1)
    assert not widget.probe
    assert (widget.readings[0]["target"], widget.readings[0]["n_features"]) == (pick.explanations[1].target, 3)
    page.say("probe", off=[], edits={"1": "good"})
    until(lambda: widget.probe)
    assert widget.probe["outputs"][0] == pytest.approx([0.05, 0.95])


def test_a_typed_word_comes_to_the_model(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    page.say("open", row=0)
    page.say("probe", off=[], edits={"0": "bad"})
    until(lambda: widget.probe)
    assert widget.probe["outputs"][0] == pytest.approx([0.85, 0.15])


def test_another_pick_is_made_on_demand(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    first = widget.picked
    page.say("pick", method="random", target=None, errors=False)
    until(lambda: widget.picked["method"] == "random")
    assert sorted(widget.picked["rows"]) == [0, 1, 2, 3]
    page.say("pick", method="submodular", target=0, errors=True)
    until(lambda: widget.picked["errors"])
    assert (widget.picked["rows"], widget.picked["target"], widget.picked["among"]) == ([1], 0, 1)
    page.say("pick", method="submodular", target=None, errors=False)
    until(lambda: not widget.picked["errors"])
    assert widget.picked == first


def test_a_pick_that_cannot_be_made_says_why_and_leaves_what_there_was(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    before = widget.picked
    page.say("pick", 7, method="submodular", target=1, errors=True)
    error = failed(widget)
    assert (error["verb"], error["id"]) == ("pick", 7)
    assert "no instance is left to pick from" in error["message"]
    page.say("pick", 8, method="submodular", target=9, errors=False)
    until(lambda: widget.status["error"]["id"] == 8)
    assert "the model has 2 outputs" in widget.status["error"]["message"]
    assert widget.picked == before
    page.say("pick", 9, method="submodular", target=None, errors=False)
    until(lambda: widget.status["error"] is None)


def test_a_pick_among_errors_is_shown_as_such(show: Show, pick: rt.Pick) -> None:
    widget, _ = show(pick.again(5, errors=True))
    assert (widget.picked["rows"], widget.picked["errors"], widget.picked["among"]) == ([1], True, 1)
    assert len(widget.scene["instances"]) == 4


def test_an_exact_pick_is_shown_as_it_is(show: Show, model: Model) -> None:
    p = rt.pick(explain(model), 2, "exact")
    widget, _ = show(p)
    assert (widget.picked["method"], widget.picked["rows"]) == ("exact", list(p.chosen))


def test_a_mark_on_a_column_needs_nothing_open_and_holds_in_every_instance(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    column = [feature["name"] for feature in widget.scene["features"]].index("bad")
    page.say("mark", features=[column], scope="everywhere", because="why", of="pick")
    assert widget.marks == [
        {"name": "bad", "scope": "everywhere", "because": "why", "features": [], "columns": [column]}
    ]
    page.say("open", row=3)
    until(lambda: widget.instance)
    assert widget.marks[0]["features"] == [1]
    page.say("open", row=0)
    until(lambda: widget.instance["row"] == 0)
    assert widget.marks[0]["features"] == []
    page.say("withdraw", features=[column], of="pick")
    assert widget.marks == []


def test_a_mark_in_the_instance_is_one_on_its_column(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    page.say("open", row=1)
    until(lambda: widget.instance)
    page.say("mark", features=[1], scope="label", because="")
    names = [feature["name"] for feature in widget.scene["features"]]
    assert [(mark["name"], mark["features"]) for mark in widget.marks] == [("bad", [1])]
    assert [names[column] for column in widget.marks[0]["columns"]] == ["bad"]
    page.say("mark", features=widget.marks[0]["columns"], scope="everywhere", because="", of="pick")
    assert [mark["scope"] for mark in widget.marks] == ["everywhere"]
    page.say("withdraw", features=[1])
    assert widget.marks == []


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"verb": "open", "row": 99}, "instance 99 is not in the panel, which has 4"),
        ({"verb": "open", "row": -1}, "open has row=-1"),
        ({"verb": "open", "row": True}, "open has row=True"),
        ({"verb": "open"}, "open lacks 'row'"),
        ({"verb": "mark", "features": [0], "scope": "label", "because": ""}, "no instance is open – open one first"),
        ({"verb": "withdraw", "features": [0]}, "no instance is open"),
        ({"verb": "aim", "target": 0, "n_features": 2}, "no instance is open"),
        ({"verb": "probe", "off": [], "edits": {}}, "no instance is open"),
        ({"verb": "mark", "features": [99], "scope": "label", "because": "", "of": "pick"}, "feature 99 is not in"),
        ({"verb": "mark", "features": [-1], "scope": "label", "because": "", "of": "pick"}, "feature -1 is not in"),
        ({"verb": "mark", "features": [0], "scope": "label", "because": "", "of": "moon"}, "mark has of='moon'"),
        ({"verb": "sample", "n": 10}, "this view has no sample"),
        ({"verb": "reshape", "merge": [], "split": []}, "this view has no reshape"),
        ({"verb": "pick", "method": "exact", "target": None, "errors": False}, "pick has method='exact'"),
        ({"verb": "pick", "method": "random", "target": "yes", "errors": False}, "pick has target='yes'"),
        ({"verb": "pick", "method": "random", "target": None, "errors": 0}, "pick has errors=0"),
        ({"verb": "fly"}, "unknown verb: 'fly'"),
    ],
    ids=str,
)
def test_what_the_page_cannot_ask_is_told(show: Show, pick: rt.Pick, message: dict[str, Any], said: str) -> None:
    widget, page = show(pick)
    page.raw({"id": 5, **message})
    error = failed(widget)
    assert (error["verb"], error["id"]) == (message["verb"], 5)
    assert said in error["message"]
    assert (widget.instance, widget.marks) == ({}, [])
    page.say("open", row=0)
    until(lambda: widget.instance)
    assert widget.status["error"] is None


def test_stopping_and_greeting_do_no_harm(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    page.say("open", 3, row=99)
    assert failed(widget)["id"] == 3
    page.say("stop")
    assert widget.status["error"] is None
    page.say("hello")
    assert widget.status["error"] is None


def test_results_that_let_go_of_their_neighbourhood_open_but_are_not_read_in_another_way(
    show: Show, model: Model
) -> None:
    widget, page = show(rt.pick([each.kept("fit") for each in explain(model)], 2))
    page.say("open", row=0)
    until(lambda: widget.instance)
    assert widget.status["can"] == ["open", "pick", "mark", "probe"]
    page.say("aim", 4, target=0, n_features=2)
    assert "were let go" in failed(widget)["message"]
    page.say("probe", off=[0], edits={})
    until(lambda: widget.probe)
    assert widget.probe["outputs"][0] == pytest.approx([0.45, 0.55])


def test_results_of_which_the_weights_alone_are_left_open_as_parts(show: Show, model: Model) -> None:
    widget, page = show(rt.pick([each.kept("weights") for each in explain(model)], 2))
    page.say("open", row=0)
    until(lambda: widget.instance)
    assert widget.instance["kind"] == "parts"
    assert [widget.instance["features"][i]["name"] for i, *_ in widget.readings[0]["weights"]] == ["good", "day"]


def test_without_the_model_there_is_no_probe(show: Show, model: Model) -> None:
    widget, page = show(rt.pick([rt.from_dict(each.to_dict()) for each in explain(model)], 2))
    page.say("open", row=0)
    until(lambda: widget.instance)
    assert widget.status["can"] == ["open", "pick", "mark", "aim"]
    page.say("probe", off=[0], edits={})
    assert "attach" in failed(widget)["message"]


def test_a_model_that_fails_is_told_and_the_panel_stays(show: Show, pick: rt.Pick, model: Model) -> None:
    widget, page = show(pick)
    page.say("open", row=0)
    until(lambda: widget.instance)
    model.power = "broken"  # type: ignore[assignment]
    page.say("probe", 6, off=[0], edits={})
    assert "the model raised" in failed(widget)["message"]
    page.say("open", row=1)
    until(lambda: widget.instance["row"] == 1)
    assert widget.status["error"] is None


def test_a_pick_of_some_explanations_that_failed_opens_the_right_ones(show: Show, model: Model) -> None:
    found = explain(model, TEXTS[0], TEXTS[2])
    widget, page = show(rt.pick(Explanations(found, (0, 2), {1: "empty"}), 1, titles=["a", "b", "c"]))
    assert [instance["title"] for instance in widget.scene["instances"]] == ["a", "c"]
    page.say("open", row=1)
    until(lambda: widget.instance)
    assert widget.explanation is found[1]


def test_hostile_strings_cross_as_they_are_and_as_json(show: Show) -> None:
    seen = rt.Text(tokenizer=r"(?s).+").represent(HOSTILE)
    e = of_text({"x": 1.0}, classes=(HOSTILE, "no"))
    p = rt.pick([glassed(seen, e)], 1, titles=[HOSTILE])
    widget, page = show(p)
    page.say("open", row=0)
    until(lambda: widget.instance)
    assert widget.instance["pieces"] == [[HOSTILE, 0]]
    assert widget.scene["features"][0]["name"] == HOSTILE[:120]
    assert widget.scene["instances"][0]["title"] == HOSTILE[:120]
    page.say("mark", features=[0], scope="everywhere", because=HOSTILE, of="pick")
    assert page.values("marks")[-1][0]["because"] == HOSTILE
    assert json.dumps(page.down, allow_nan=False)


def glassed(seen: Any, e: rt.Explanation) -> rt.Explanation:
    """Put another representation of one part into an explanation."""
    return rt.Explanation(seen, e.weighted, e.fit, 0, e.classes, e.plan)


def test_the_page_writes_its_look_and_nothing_else(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    before = (widget.picked, widget.scene)
    look: dict[str, Any] = {"off": [], "edits": {}, "top": None, "budget": 1}
    page.write(look=look, picked={"rows": [9]}, instance={"row": 3}, scene={}, marks=[1], _esm="alert(1)")
    assert (widget.picked, widget.scene) == before
    assert (widget.look, widget.instance, widget.marks, widget._esm) == (look, {}, [], "/* pick.js */")


def test_messages_may_come_on_any_thread_and_no_mark_is_lost(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick)
    count = len(widget.scene["features"])

    def talk(column: int) -> None:
        for _ in range(10):
            page.say("mark", features=[column], scope="everywhere", because="", of="pick")
            page.say("open", row=column % 4)
            page.say("pick", method="random", target=None, errors=False)

    threads = [threading.Thread(target=talk, args=(column,)) for column in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    done = threading.Event()
    widget._worker.post("last", lambda _: done.set())
    assert done.wait(20)
    page.say("open", row=2)
    until(lambda: widget.instance.get("row") == 2 and widget.picked["method"] == "random")
    assert sorted(column for mark in widget.marks for column in mark["columns"]) == list(range(count))
    assert widget.explanation is pick.explanations[2]
    assert widget.status["error"] is None
    assert "".join(string for string, _ in widget.instance["pieces"]) == TEXTS[2]


def test_a_closed_panel_ends_its_thread(bundle: object, pick: rt.Pick) -> None:
    assert bundle
    widget = PickWidget(pick)
    widget.comm.say("open", row=0)
    until(lambda: widget.instance)
    thread = widget._worker.thread
    assert thread is not None
    widget.close()
    thread.join(20)
    assert not thread.is_alive()


def test_the_other_views_do_not_open_and_do_not_pick(show: Show, pick: rt.Pick) -> None:
    widget, page = show(pick.explanations[0])
    assert isinstance(widget, ExplanationWidget)
    page.say("open", row=0)
    assert widget.status["error"]["message"] == "this view has no open"
    page.say("pick", method="random", target=None, errors=False)
    assert widget.status["error"]["message"] == "this view has no pick"
    page.say("mark", features=[0], scope="label", because="", of="pick")
    assert widget.status["error"]["message"] == "this view has no pick"
    assert widget.marks == []

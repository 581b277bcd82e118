"""The widget: what it shows, and what it does with what the page says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import pytest
from glass import BAD, DAY, GOOD, TEXT, Desk, Model, idle, raising, until

import retrust as rt
from retrust.errors import RetrustError
from retrust.widgets import ExplanationWidget

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

bundle, desk, model = glass.bundle, glass.desk, glass.model  # pytest looks for fixtures here

HOSTILE = """<script>alert("x")</script> & </script> <!-- 'quoted' \u2028 \\ end"""


# An explanation


def test_an_explanation_is_all_there_at_once(desk: Desk) -> None:
    widget, _ = desk.show()
    assert widget.scene["kind"] == "text"
    assert "".join(string for string, _ in widget.scene["pieces"]) == TEXT
    assert [weight[0] for weight in widget.readings[0]["weights"]][:3] == [GOOD, DAY, BAD]
    assert widget.marks == []
    assert widget.probe is None
    assert widget.look == {"off": [], "edits": {}, "top": None}
    assert widget.status == {
        "phase": "idle",
        "done": 0,
        "of": 0,
        "message": "",
        "error": None,
        "can": ["aim", "study", "probe", "sample"],
    }
    assert widget._worker.thread is None  # nothing was asked


def test_the_page_comes_from_the_built_files(desk: Desk) -> None:
    _, page = desk.show()
    assert page.opened["_esm"] == "/* widget.js */"
    assert page.opened["_css"] == "/* widget.css */"


def test_without_the_built_page_the_way_out_is_said(desk: Desk, bundle: Path) -> None:
    (bundle / "widget.js").unlink()
    explanation = desk.explained()
    with pytest.raises(RetrustError, match=r"widget\.js is missing.*make build"):
        ExplanationWidget(explanation)


def test_the_explanation_shown_is_at_hand(desk: Desk) -> None:
    explanation = desk.explained()
    assert desk.show(explanation)[0].explanation is explanation


def test_an_explanation_without_its_model_can_still_be_read_and_marked(desk: Desk) -> None:
    widget, page = desk.show(rt.from_dict(desk.explained().to_dict()))
    assert widget.status["can"] == ["aim", "study"]
    page.say("aim", target=0, n_features=2)
    until(lambda: widget.readings[0]["target"] == 0)
    page.say("mark", features=[GOOD], scope="everywhere", because="")
    assert [mark["name"] for mark in widget.marks] == ["good"]


@pytest.mark.parametrize(("verb", "fields"), [("probe", {"off": [GOOD], "edits": {}}), ("sample", {"n": 10})])
def test_an_explanation_without_its_model_says_that_it_cannot_ask(
    desk: Desk, verb: str, fields: dict[str, Any]
) -> None:
    widget, page = desk.show(rt.from_dict(desk.explained().to_dict()))
    page.say(verb, 8, **fields)
    until(lambda: widget.status["error"])
    assert (widget.status["error"]["verb"], widget.status["error"]["id"]) == (verb, 8)
    assert "attach" in widget.status["error"]["message"]


def test_strings_cross_as_they_are_and_as_json(desk: Desk) -> None:
    def model(texts: Sequence[str]) -> Any:
        share = np.array([0.5 + 0.4 * ("script" in text) for text in texts])
        return np.column_stack([share, 1 - share])

    explainer = rt.Explainer(model, rt.Text(), classes=(HOSTILE, "no"))
    widget, page = desk.show(explainer.explain(HOSTILE, n_samples=100))
    page.say("mark", features=[0], scope="label", because=HOSTILE)
    assert "".join(string for string, _ in page.opened["scene"].get("pieces", widget.scene["pieces"])) == HOSTILE
    assert widget.scene["classes"] == [HOSTILE, "no"]
    assert page.values("marks")[-1][0]["because"] == HOSTILE


def test_the_page_writes_its_look_and_nothing_else(desk: Desk) -> None:
    widget, page = desk.show()
    page.write(look={"off": [GOOD], "edits": {}, "top": 3}, marks=[{"name": "no"}], _esm="alert(1)", status={})
    assert widget.look == {"off": [GOOD], "edits": {}, "top": 3}
    assert widget.marks == []
    assert widget._esm == "/* widget.js */"
    assert widget.status["phase"] == "idle"


# Aim


def test_another_class_and_number_of_features_are_read_without_the_model(desk: Desk, model: Model) -> None:
    widget, page = desk.show()
    calls = model.calls
    page.say("aim", target=0, n_features=1)
    until(lambda: widget.readings[0]["target"] == 0)
    assert [weight[0] for weight in widget.readings[0]["weights"]] == [GOOD]
    assert widget.readings[0]["weights"][0][1] < 0
    assert model.calls == calls
    assert widget.explanation is not None
    assert widget.explanation.target == 0


def test_what_the_reader_chose_stays_while_sampling_goes_on(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("aim", target=0, n_features=2)
    model.before = lambda _call: time.sleep(0.11)  # so that every batch is drawn
    model.open.set()
    until(lambda: idle(widget))
    first, aimed, *batches = [reading for (reading,) in page.values("readings")]
    assert first["n_samples"] == aimed["n_samples"] < batches[0]["n_samples"] < batches[-1]["n_samples"] == 1000
    assert {(reading["target"], len(reading["weights"])) for reading in [aimed, *batches]} == {(0, 2)}


def test_a_choice_that_cannot_be_read_changes_nothing(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("aim", 3, target=7, n_features=2)
    model.open.set()
    until(lambda: idle(widget))
    assert (widget.status["error"]["verb"], widget.status["error"]["id"]) == ("aim", 3)
    assert (widget.readings[0]["target"], widget.readings[0]["n_samples"]) == (1, 1000)


# Probe


def test_a_probe_is_the_models_own_answer(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("probe", off=[GOOD, BAD], edits={})
    until(lambda: widget.probe)
    assert widget.probe == {
        "off": [GOOD, BAD],
        "edits": {},
        "painted": False,
        "id": None,
        "outputs": [pytest.approx([0.6, 0.4])],
        "spread": None,
    }


def test_an_edited_word_is_answered(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("probe", off=[], edits={str(BAD): "good"})
    until(lambda: widget.probe)
    assert widget.probe == {
        "off": [],
        "edits": {str(BAD): "good"},
        "painted": False,
        "id": None,
        "outputs": [pytest.approx([0.1, 0.9])],
        "spread": None,
    }


def test_a_probe_is_answered_while_sampling_goes_on(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("probe", off=[GOOD], edits={})
    assert widget.probe is None
    model.open.set()
    until(lambda: idle(widget))
    phases = [data["state"] for data in page.down if {"probe", "status"} & data.get("state", {}).keys()]
    answered = next(i for i, state in enumerate(phases) if state.get("probe"))
    assert "idle" not in [state["status"]["phase"] for state in phases[: answered + 1] if "status" in state]


def test_of_many_probes_the_latest_is_answered(desk: Desk, model: Model) -> None:
    widget, page = desk.show()
    model.open.clear()
    page.say("probe", 1, off=[GOOD], edits={})
    until(lambda: model.inside)
    for i in range(2, 40):
        page.say("probe", i, off=[i % 6], edits={})
    page.say("probe", 40, off=[DAY], edits={})
    calls = model.calls
    model.open.set()
    until(lambda: widget.probe and widget.probe["off"] == [DAY])
    assert [probe["off"] for probe in page.values("probe")] == [[GOOD], [DAY]]
    assert model.calls == calls + 1


def test_a_model_that_fails_on_a_probe_is_told_and_the_next_one_is_answered(desk: Desk, model: Model) -> None:
    widget, page = desk.show()
    model.before = raising("out of memory")
    page.say("probe", 11, off=[GOOD], edits={})
    until(lambda: widget.status["error"])
    assert widget.status["error"]["verb"] == "probe"
    assert widget.status["error"]["id"] == 11
    assert "out of memory" in widget.status["error"]["message"]
    assert widget.probe is None
    model.before = lambda _call: None
    page.say("probe", 12, off=[DAY], edits={})
    until(lambda: widget.probe)
    assert widget.status["error"] is None


def test_a_failing_probe_does_not_end_the_sampling(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("probe", 2, off=[99], edits={})
    model.open.set()
    until(lambda: idle(widget))
    assert widget.status["error"]["id"] == 2
    assert widget.readings[0]["n_samples"] == 1000


# Failures


def test_a_model_that_fails_while_sampling_leaves_what_was_learned(desk: Desk, model: Model) -> None:
    model.before = raising("the hundredth batch", after=6)
    widget, page = desk.show(desk.streamed(text="one two three four good six day eight nine ten bad twelve thirteen"))
    until(lambda: idle(widget))
    assert widget.status["error"] == {"verb": "sample", "id": 0, "message": widget.status["error"]["message"]}
    assert "the hundredth batch" in widget.status["error"]["message"]
    assert widget.readings[0]["partial"] == "failed"
    assert 1 < widget.readings[0]["n_samples"] < 1000
    model.before = lambda _call: None
    page.say("probe", off=[0], edits={})
    until(lambda: widget.probe)
    assert widget.status["error"] is None


def test_a_model_that_fails_at_once_is_told(desk: Desk, model: Model) -> None:
    model.before = raising("no such file")
    widget, _ = desk.show(desk.streamed())
    until(lambda: idle(widget))
    assert "no such file" in widget.status["error"]["message"]
    assert (widget.scene, widget.readings) == ({}, [])


def test_a_model_that_wants_to_leave_is_told_too(desk: Desk, model: Model) -> None:
    model.before = raising("3", SystemExit)
    widget, _ = desk.show(desk.streamed())
    until(lambda: idle(widget))
    assert widget.status["error"]["message"] == "SystemExit: 3"


@pytest.mark.parametrize(
    "message",
    [
        None,
        "stop",
        [],
        {},
        {"verb": "fly", "id": 1},
        {"verb": ["aim"], "id": 1},
        {"verb": "probe", "id": 1},
        {"verb": "probe", "id": 1, "off": "all", "edits": {}},
        {"verb": "probe", "id": 1, "off": [], "edits": {"x": "y"}},
        {"verb": "mark", "id": 1, "features": [99], "scope": "everywhere", "because": ""},
        {"verb": "mark", "id": 1, "features": [-1], "scope": "everywhere", "because": ""},
        {"verb": "mark", "id": 1, "features": [0], "scope": "planet", "because": ""},
        {"verb": "withdraw", "id": 1, "features": [None]},
        {"verb": "sample", "id": 1, "n": 0},
        {"verb": "sample", "id": 1, "n": float("nan")},
        {"verb": "__class__", "id": {"a": 1}},
    ],
)
def test_a_message_that_makes_no_sense_is_told_and_harms_nothing(desk: Desk, message: Any) -> None:
    widget, page = desk.show()
    before = {name: getattr(widget, name) for name in ("scene", "readings", "marks", "probe")}
    page.raw(message)
    until(lambda: widget.status["error"])
    assert widget.status["error"]["message"]
    assert {name: getattr(widget, name) for name in before} == before
    page.say("mark", features=[GOOD], scope="everywhere", because="")
    assert widget.status["error"] is None
    assert len(widget.marks) == 1


def test_an_error_as_long_as_a_book_is_cut(desk: Desk, model: Model) -> None:
    model.before = raising("x" * 10**6)
    widget, _ = desk.show(desk.streamed())
    until(lambda: idle(widget))
    assert len(widget.status["error"]["message"]) == 2000


# Marks


def test_marks_are_made_and_taken_back(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("mark", features=[GOOD], scope="everywhere", because="a header")
    page.say("mark", features=[DAY, BAD], scope="label", because="")
    assert widget.marks == [
        {"name": "good", "scope": "everywhere", "because": "a header", "features": [GOOD]},
        {"name": "day", "scope": "label", "because": "", "features": [DAY]},
        {"name": "bad", "scope": "label", "because": "", "features": [BAD]},
    ]
    page.say("withdraw", features=[DAY])
    assert [mark["name"] for mark in widget.marks] == ["good", "bad"]
    assert page.values("marks")[-1] == widget.marks


def test_another_reason_takes_the_place_of_the_first(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("mark", features=[GOOD], scope="everywhere", because="why")
    page.say("mark", features=[GOOD], scope="instance", because="because")
    assert [(mark["scope"], mark["because"]) for mark in widget.marks] == [("instance", "because")]


def test_a_mark_acts_at_once_while_the_model_is_being_asked(desk: Desk, model: Model) -> None:
    widget, page = desk.held()
    page.say("mark", features=[GOOD], scope="everywhere", because="")
    assert model.inside
    assert [mark["name"] for mark in widget.marks] == ["good"]
    model.open.set()
    until(lambda: idle(widget))
    assert [mark["name"] for mark in widget.marks] == ["good"]


def test_a_mark_holds_for_every_occurrence_of_its_key(desk: Desk, model: Model) -> None:
    explainer = rt.Explainer(model, rt.Text(bag=False, mask_token=""))
    widget, page = desk.show(explainer.explain("good or good", n_samples=50))
    page.say("mark", features=[0], scope="everywhere", because="")
    assert widget.marks == [{"name": "good", "scope": "everywhere", "because": "", "features": [0, 2]}]

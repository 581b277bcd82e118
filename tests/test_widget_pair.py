"""Models side by side behind glass: classes in any order, the same class explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import panes
import pytest
from glass import until
from panes import TEXTS, Model, failed

import retrust as rt
from retrust.comparison import Comparison, Comparisons
from retrust.widgets import PairWidget

if TYPE_CHECKING:
    from panes import Show

bundle, show = glass.bundle, panes.show  # pytest looks for fixtures here


@pytest.fixture
def pair() -> Comparisons:
    models = {"sure": Model("no", "yes"), "unsure": Model("yes", "no", power=-0.2)}
    return rt.Explainer(models["sure"], surrogate=rt.Ridge(3)).compare_many(models, TEXTS, n_samples=100)


def test_a_pair_opens_its_first_instance(show: Show, pair: Comparisons) -> None:
    widget, page = show(pair)
    assert isinstance(widget, PairWidget)
    assert page.opened["_esm"] == "/* pair.js */"
    assert (widget.scene["kind"], widget.scene["models"], widget.picked) == ("pair", ["sure", "unsure"], {})
    assert widget.instance["row"] == 0
    assert widget.look == {"off": [], "edits": {}, "top": None, "blind": False}
    assert widget.status["can"] == ["open", "mark", "aim", "probe"]


def test_classes_in_another_order_arrive_in_the_scenes(show: Show, pair: Comparisons) -> None:
    widget, page = show(pair)
    assert widget.scene["classes"] == widget.instance["classes"] == ["no", "yes"]
    sure, unsure = widget.readings
    assert (sure["target"], unsure["target"]) == (1, 1)
    assert sure["prediction"] == pytest.approx([0.05, 0.95])
    assert unsure["prediction"] == pytest.approx([0.65, 0.35])
    assert [answer["target"] for answer in widget.scene["instances"][0]["answers"]] == [1, 0]
    assert sure["weights"][0][1] > 0.1
    assert unsure["weights"][0][0] == 0
    assert unsure["weights"][0][1] < -0.1
    page.say("probe", off=[0], edits={})
    until(lambda: widget.probe)
    assert widget.probe["outputs"] == [pytest.approx([0.45, 0.55]), pytest.approx([0.45, 0.55])]
    page.say("probe", off=[], edits={"1": "bad"})
    until(lambda: widget.probe["edits"])
    assert widget.probe["outputs"] == [pytest.approx([0.5, 0.5]), pytest.approx([0.5, 0.5])]


def test_the_same_class_is_explained_by_both_when_the_reader_aims(show: Show, pair: Comparisons) -> None:
    widget, page = show(pair)
    calls = [each.model.given.calls for each in pair[0].values() if each.model]
    page.say("aim", target=0, n_features=1)
    until(lambda: widget.readings[0]["target"] == 0)
    sure, unsure = widget.readings
    assert unsure["target"] == 0
    assert [len(reading["weights"]) for reading in widget.readings] == [1, 1]
    assert sure["weights"][0][1] < 0 < unsure["weights"][0][1]
    page.say("open", row=1)
    until(lambda: widget.instance["row"] == 1)
    assert [reading["n_features"] for reading in widget.readings] == [3, 3]
    assert widget.readings[0]["target"] == widget.readings[1]["target"] == pair[1]["sure"].target
    assert [each.model.given.calls for each in pair[0].values() if each.model] == calls


def test_a_failed_aim_changes_nothing(show: Show, pair: Comparisons) -> None:
    widget, page = show(pair)
    before = widget.readings
    page.say("aim", 3, target=7, n_features=2)
    assert "target=7; the model has 2 outputs" in failed(widget)["message"]
    assert widget.readings == before


def test_three_models_stand_in_their_order(show: Show) -> None:
    models = {"a": Model("no", "yes"), "b": Model("yes", "no"), "c": Model("no", "yes", power=0.1)}
    widget, page = show(rt.Explainer(models["a"]).compare(models, TEXTS[0], n_samples=100))
    assert [reading["model"] for reading in widget.readings] == ["a", "b", "c"]
    page.say("probe", off=[0], edits={})
    until(lambda: widget.probe)
    assert len(widget.probe["outputs"]) == 3
    assert widget.probe["outputs"][0] == pytest.approx(widget.probe["outputs"][1])
    assert widget.scene["instances"][0]["title"] == TEXTS[0]


def test_regressors_stand_side_by_side(show: Show) -> None:
    models = {
        "a": lambda ts: np.array([1.0 * ("good" in t) for t in ts]),
        "b": lambda ts: np.array([len(t) for t in ts]),
    }
    widget, _ = show(rt.Explainer(models["a"]).compare_many(models, TEXTS[::2], n_samples=50, labels=[None, None]))
    assert (widget.scene["scale"], widget.scene["classes"]) == ("score", ["output"])
    assert [reading["prediction"] for reading in widget.readings] == [[1.0], [8.0]]
    assert widget.readings[1]["target"] == 0


def test_marks_of_a_pair_hold_in_every_instance(show: Show, pair: Comparisons) -> None:
    widget, page = show(pair)
    page.say("mark", features=[0], scope="everywhere", because="")
    assert widget.marks == [{"name": "good", "scope": "everywhere", "because": "", "features": [0], "columns": []}]
    page.say("open", row=3)
    until(lambda: widget.instance["row"] == 3)
    assert widget.marks[0]["features"] == [3]
    page.say("mark", 8, features=[0], scope="everywhere", because="", of="pick")
    assert failed(widget)["message"] == "this view has no pick"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"verb": "pick", "method": "random", "target": None, "errors": False}, "this view has no pick"),
        ({"verb": "open", "row": 4}, "instance 4 is not in the panel, which has 4"),
        ({"verb": "sample", "n": 3}, "this view has no sample"),
    ],
    ids=str,
)
def test_what_a_pair_cannot_do_is_told(show: Show, pair: Comparisons, message: dict[str, Any], said: str) -> None:
    widget, page = show(pair)
    page.raw({"id": 5, **message})
    assert said in failed(widget)["message"]
    assert widget.instance["row"] == 0


def test_a_pair_without_one_of_its_models_is_not_asked(show: Show, pair: Comparisons) -> None:
    both = pair[0]
    lost = rt.from_dict(both["unsure"].to_dict())
    widget, page = show(Comparison({"sure": both["sure"], "unsure": lost}))
    assert widget.status["can"] == ["open", "mark", "aim"]
    page.say("probe", off=[0], edits={})
    assert "attach" in failed(widget)["message"]


def test_a_pair_that_let_go_of_its_neighbourhoods_is_shown_as_it_is(show: Show, pair: Comparisons) -> None:
    kept = Comparisons(tuple(Comparison({n: e.kept("fit") for n, e in both.items()}) for both in pair))
    widget, page = show(kept)
    assert widget.status["can"] == ["open", "mark", "probe"]
    assert [reading["target"] for reading in widget.readings] == [1, 1]
    page.say("open", row=2)
    until(lambda: widget.instance["row"] == 2)

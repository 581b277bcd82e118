"""A session as it crosses to the page, as a still picture, and as a file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import glass
import loops
import numpy as np
import pytest
from loops import HEADERS, Here, posts, reader
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tiles import GRID, PICTURES

import retrust as rt
from retrust import loop
from retrust.errors import InstanceError
from retrust.export import static_html
from retrust.picture import LIMIT
from retrust.training import trained

if TYPE_CHECKING:
    from pathlib import Path

    from loops import Make

make, cold, bundle = loops.make, loops.cold, glass.bundle  # pytest looks for fixtures here


def plain(value: Any) -> Any:
    """See that a value is JSON, without NaN, and return what comes out at the other end."""
    return json.loads(json.dumps(value, allow_nan=False))


@pytest.fixture
def s(make: Make) -> rt.Session:
    session = make(shifted=posts(12, turned=True), classes=["no god", "god"])
    session.pick(3)
    return session


def test_a_scene_says_what_stays(s: rt.Session) -> None:
    assert plain(loop.scene(s, s.example())) == {
        "version": 1,
        "kind": "session",
        "unit": "text",
        "noun": "text",
        "classes": ["no god", "god"],
        "scale": "probability",
        "rows": 24,
        "held_out": 12,
        "shifted": True,
        "corrections": ["Drop", "Swap"],
        "everywhere": True,
    }


def test_what_to_read_next_says_what_each_adds_and_what_was_read(s: rt.Session) -> None:
    found = plain(loop.picked(s, {s.rows[1]}))
    assert [item["row"] for item in found["items"]] == s.rows
    assert [item["read"] for item in found["items"]] == [False, True, False]
    assert [item["turns"] for item in found["items"]] == [None] * 3
    assert found["pool"] == 8
    assert sum(item["adds"] for item in found["items"]) == pytest.approx(found["covered"][-1])
    first = found["items"][0]
    assert (first["title"], first["label"], first["target"]) == (s.title(s.rows[0]), s.rows[0] % 2, s.rows[0] % 2)
    assert "".join(text for text, _ in first["glance"]["pieces"]).split()
    s.mark(HEADERS)
    assert all(item["turns"] in {True, False} for item in loop.picked(s, ())["items"])


def test_before_the_first_pick_there_is_nothing_to_read_next(make: Make) -> None:
    assert loop.picked(make(), ()) == {}


def test_what_has_been_read_wholly_crosses_without_numbers(s: rt.Session) -> None:
    s.pick(8)
    s.pick(2)
    found = plain(loop.picked(s, ()))
    assert found["covered"] == [None, None]
    assert [item["adds"] for item in found["items"]] == [None, None]


def test_the_state_has_marks_revisions_undo_and_what_is_written_to_a_file(s: rt.Session) -> None:
    s.mark("Posting", because="a mail header")
    e = s.read(0)
    state = plain(loop.state(s, e, {0}))
    place = [feature.key for feature in e.features].index("Posting")
    assert state["marks"] == [
        {"name": "Posting", "scope": "everywhere", "because": "a mail header", "features": [place], "columns": []}
    ]
    assert (state["current"], state["undo"]) == (0, "the mark on 'Posting'")
    assert rt.Session.load_marks(s, state["ledger"]) == []
    assert state["revisions"] == [
        {"number": 0, "parent": None, "name": "as given", "marks": 0, "correction": None, "figure": None, "model": True}
    ]


def test_a_plan_says_correction_reason_rows_and_examples(s: rt.Session) -> None:
    assert loop.plan(s) is None
    s.mark(HEADERS)
    plan = plain(loop.plan(s))
    assert plan["correction"] == "Drop"
    assert plan["because"].startswith("Drop, because")
    assert plan["sentences"] == list(s.preview().sentences)
    assert (plan["touched"], plan["of"], plan["error"]) == (24, 24, None)
    example = plan["examples"][0]
    assert "Posting" in example["before"]
    assert "Posting" not in example["after"]
    other = plain(loop.plan(s, rt.Swap()))
    assert (other["correction"], other["because"]) == ("Swap", "")


def test_a_plan_that_cannot_be_carried_out_says_why(s: rt.Session) -> None:
    s.mark(s.census.keys)
    plan = plain(loop.plan(s))
    assert "marked parts alone" in plan["error"]
    assert (plan["sentences"], plan["touched"], plan["of"]) == ([], 0, 24)


def test_what_changed_has_every_figure_in_order(s: rt.Session) -> None:
    assert loop.last(s) is None
    s.mark(HEADERS)
    r = s.retrain()
    found = plain(loop.last(s))
    assert (found["number"], found["against"], found["correction"], found["how"]) == (1, 0, "Drop", "thread")
    assert found["complete"] is True
    assert [measure["name"] for measure in found["measures"]] == ["valid", "shifted", "stress", "reliance", "trust"]
    labels = [measure["label"] for measure in found["measures"]]
    assert labels == ["held out", "shifted", "stress test", "reliance", "trusted"]
    assert [measure["better"] for measure in found["measures"]] == ["up", "up", "up", "down", "up"]
    shifted = found["measures"][1]
    assert (shifted["before"], shifted["after"], shifted["n"], shifted["of"]) == (0.0, 1.0, 12, "accuracy")
    assert shifted["p"] == pytest.approx(2 * 0.5**12)
    assert shifted["auc"] == {"before": 0.0, "after": 1.0}
    assert [each["name"] for each in found["gained"]] == [each.key for each in r.gained]
    assert not any(each["marked"] for each in found["gained"])
    s.mark(r.gained[0].key)
    assert plain(loop.last(s))["gained"][0]["marked"] is True
    figures = [each["figure"] for each in loop.revisions(s)]
    assert figures == [1.0, 1.0]


def test_turned_predictions_have_titles_and_peoples_names_of_classes(make: Make) -> None:
    s = make(None, *posts(24, honest=False), valid=posts(150, honest=False), classes=["no god", "god"])
    s.mark(HEADERS)
    s.retrain()
    found = plain(loop.last(s))
    assert (len(found["turned"]), found["turned_count"]) == (50, 75)
    one = found["turned"][0]
    assert {one["before"], one["after"]} == {"god", "no god"}
    assert one["label"] == one["before"]
    assert one["title"] in s.valid.X
    assert found["measures"][0]["after"] == 0.5


def test_unmeasured_figures_cross_as_nothing(make: Make) -> None:
    s = make()
    s.mark(HEADERS)
    s.retrain()
    reliance = next(each for each in plain(loop.last(s))["measures"] if each["name"] == "reliance")
    assert [reliance[name] for name in ("before", "after", "low", "high", "n")] == [None, None, None, None, 0]


def test_what_is_not_complete_yet_says_so(s: rt.Session) -> None:
    s.mark(HEADERS)
    steps = s.retraining()
    stage = next(stage for stage in steps if stage.found)
    steps.close()
    found = plain(loop.growing(1, 0, "Drop", stage.found))
    assert (found["complete"], found["seconds"], found["correction"]) == (False, None, "Drop")
    assert [measure["name"] for measure in found["measures"]] == ["valid"]


def test_any_two_revisions_are_compared_by_their_figures(s: rt.Session) -> None:
    s.mark("Posting")
    s.retrain()
    s.mark("Easter")
    s.retrain(rt.Swap())
    assert loop.contrast(s, 1, 2) == loop.last(s)
    far = plain(loop.contrast(s, 0, 2))
    assert (far["number"], far["against"], far["correction"], far["complete"]) == (2, 0, "Swap", True)
    shifted = next(each for each in far["measures"] if each["name"] == "shifted")
    assert (shifted["before"], shifted["after"], shifted["low"], shifted["high"]) == (0.0, 1.0, None, None)
    back = plain(loop.contrast(s, 2, 0))
    assert back["correction"] is None
    figure = next(each for each in back["measures"] if each["name"] == "shifted")
    assert (figure["before"], figure["after"]) == (1.0, 0.0)
    same = plain(loop.contrast(s, 2, 2))
    assert all(each["before"] == each["after"] for each in same["measures"])


def test_the_same_is_told_of_a_session_from_its_file(make: Make, tmp_path: Path) -> None:
    s = make(path=tmp_path / "s.jsonl")
    s.pick(2)
    s.mark(HEADERS)
    s.retrain()
    again = make(path=tmp_path / "s.jsonl")
    assert plain(loop.last(again)) == plain(loop.last(s))
    known = plain(loop.revisions(s))
    assert plain(loop.revisions(again)) == [known[0], {**known[1], "model": False}]


def test_of_numbers_less_error_is_better_and_nothing_turns(make: Make) -> None:
    texts, labels = posts(24)
    y = [0.5 if label == "atheism" else 2.25 for label in labels]
    model = make_pipeline(loops.reader()[0], Ridge()).fit(texts, y)
    s = make(model, texts, y, valid=(texts, y), trainer=Here(lambda data: trained(model, data)))
    s.pick(2)
    s.mark(HEADERS)
    assert {item["turns"] for item in loop.picked(s, ())["items"]} == {None}
    s.retrain()
    found = plain(loop.last(s))
    assert found["measures"][0]["better"] == "down"
    assert found["measures"][0]["of"] == "mean absolute error"
    assert (found["turned"], found["turned_count"]) == ([], 0)
    scene = plain(loop.scene(s, s.example()))
    assert (scene["classes"], scene["scale"]) == (["output"], "score")
    standing = plain(loop.standing(s.standing()))
    assert standing["error"] == pytest.approx(s.standing()["error"])
    assert set(standing) == {"error", "trust"}


def test_pictures_have_swap_alone_and_everywhere_only_with_a_vocabulary(make: Make) -> None:
    def flat(batch: Any) -> Any:
        return np.array([np.asarray(one, float)[::16, ::16].mean(axis=2).ravel() / 255 for one in batch])

    pictures, labels = PICTURES * 2, [0, 1, 1] * 2
    model = make_pipeline(FunctionTransformer(flat), LogisticRegression()).fit(pictures, labels)
    words = rt.visual_words(PICTURES, 3, domain=GRID)
    for domain, everywhere in ((GRID, False), (rt.Image(GRID.segment, vocabulary=words), True)):
        s = make(model, pictures, labels, valid=(pictures, labels), domain=domain)
        scene = plain(loop.scene(s, s.example()))
        assert (scene["unit"], scene["noun"], scene["corrections"]) == ("image", "picture", ["Swap"])
        assert scene["everywhere"] is everywhere
        s.pick(2)
        assert loop.picked(s, ())["items"][0]["glance"]["picture"]
        s.mark(s.read(0).features[0], scope="everywhere" if everywhere else "instance")
        assert plain(loop.plan(s))["correction"] == "Swap"


# --- without a kernel ------------------------------------------------------------------------------------------------


def test_a_still_picture_shows_marks_figures_and_revisions_and_runs_nothing(s: rt.Session) -> None:
    s.mark("Posting", because="<script>alert(1)</script>")
    s.mark("Easter")
    s.retrain(name="no <b>headers</b>")
    drawn = static_html(s)
    assert len(drawn.encode()) <= LIMIT
    assert "<script" not in drawn
    assert "no <b>" not in drawn
    assert "<b>2</b> marked as untrustworthy, <b>1</b> retraining<" in drawn.replace("</p>", "<")
    assert "0.000 → 1.000" in drawn


def test_a_still_picture_stays_small_whatever_was_marked(make: Make) -> None:
    texts, labels = posts(24)
    texts[0] += " " + " ".join(f"word{i}" for i in range(2000))
    s = make(None, texts, labels)
    s.mark([f"word{i}" for i in range(2000)], because="x" * 500)
    assert len(static_html(s).encode()) <= LIMIT
    assert "and 1,9" in static_html(s)


@pytest.mark.usefixtures("bundle")
def test_one_file_has_everything_that_was_told(s: rt.Session, tmp_path: Path) -> None:
    s.mark(HEADERS)
    s.retrain()
    page = s.to_html(tmp_path / "session.html")
    assert (tmp_path / "session.html").read_text("utf-8") == page
    found = re.search(r'id="retrust-state">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    state = json.loads(found[1])
    assert state["scene"]["kind"] == "session"
    assert state["changed"] == plain(loop.last(s))
    assert [item["row"] for item in state["picked"]["items"]] == s.rows
    assert sorted(map(int, state["stored"])) == sorted(s.rows)
    assert state["instance"]["row"] in s.rows
    assert len(state["marks"]) == 2


@pytest.mark.usefixtures("bundle")
def test_a_file_of_a_session_without_a_pick_picks_first(make: Make) -> None:
    s = make()
    assert '"kind":"session"' in s.to_html()
    assert s.picked is not None


@pytest.mark.usefixtures("bundle")
def test_no_file_is_made_where_nothing_can_be_explained(make: Make) -> None:
    s = make(reader().fit(*posts(24)), ["", "", ""], ["atheism", "christian", "atheism"])
    with pytest.raises(InstanceError):
        s.to_html()

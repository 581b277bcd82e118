"""Tables behind glass: what a reader switches off is drawn, what is typed is read, in every view."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import applicants
import glass
import numpy as np
import pandas as pd
import panes
import pytest
from applicants import explained, lender
from glass import Desk, idle, until
from panes import failed

import retrust as rt
from retrust import contract, panels, picture
from retrust.export import panel_html, static_html, to_html
from retrust.widgets import SessionWidget

if TYPE_CHECKING:
    from pathlib import Path

    from panes import Show

bundle, desk, model, show = glass.bundle, glass.desk, glass.model, panes.show  # pytest looks for fixtures here

AGE, HOME, INCOME = 0, 1, 2


def strict(X: Any) -> Any:
    """Give credit by age alone."""
    share = np.clip(np.array(X["age"], dtype=float) / 100, 0, 1)
    return np.column_stack([1 - share, share])


def picked() -> rt.Pick:
    rows = applicants.frame()
    explainer = rt.Explainer(lender, rt.Table(rows), classes=["no", "yes"])
    return rt.pick([explainer.explain(rows.iloc[i], target="yes", n_samples=100) for i in range(4)], 2)


# --- one row ---------------------------------------------------------------------------------------------------------


def test_a_row_has_a_bundle_of_its_own_and_its_scene(desk: Desk) -> None:
    e = explained()
    widget, page = desk.show(e)
    assert page.opened["_esm"] == "/* table.js */"
    assert widget.scene == contract.scene(e)
    assert widget.scene["kind"] == "table"
    assert widget.status["can"] == ["aim", "study", "probe", "sample"]


def test_a_stream_of_a_row_is_drawn_by_the_same_bundle(desk: Desk) -> None:
    rows = applicants.frame()
    widget, page = desk.show(rt.Explainer(lender, rt.Table(rows)).stream(rows.iloc[0], n_samples=300))
    until(lambda: widget.readings and idle(widget))
    assert page.opened["_esm"] == "/* table.js */"
    assert widget.readings[0]["n_samples"] == 300


def test_a_column_that_is_off_is_drawn_and_its_answers_spread(desk: Desk) -> None:
    e = explained()
    widget, page = desk.show(e)
    page.say("probe", off=[AGE], edits={})
    until(lambda: widget.probe)
    draws = e.draws([AGE])
    assert draws.shape == (50, 2)
    assert widget.probe["outputs"] == [pytest.approx(draws.mean(axis=0))]
    assert np.array(widget.probe["spread"][0]) == pytest.approx(np.quantile(draws, [0.05, 0.95], axis=0).T)
    assert widget.probe["spread"][0][1][0] < widget.probe["outputs"][0][1] < widget.probe["spread"][0][1][1]


def test_an_edited_value_is_asked_for_once_and_has_no_spread(desk: Desk) -> None:
    widget, page = desk.show(explained())
    page.say("probe", off=[], edits={str(AGE): "60", str(HOME): "own"})
    until(lambda: widget.probe)
    assert widget.probe["outputs"] == [pytest.approx([0.2, 0.8])]
    assert (widget.probe["spread"], widget.probe["edits"]) == (None, {str(AGE): "60", str(HOME): "own"})


@pytest.mark.parametrize(
    ("feature", "typed", "said"),
    [
        (AGE, "old", "age cannot be 'old'; a whole number is expected"),
        (AGE, "30.5", "age cannot be '30.5'; a whole number is expected"),
        (HOME, "<b>boat</b>", "home cannot be '<b>boat</b>'; one of 'own', 'rent'"),
        (AGE, "", "age cannot be ''"),
        (99, "1", "no feature of this instance is called 99"),
    ],
)
def test_a_value_that_a_column_cannot_take_is_told_with_its_name(
    desk: Desk, feature: int, typed: str, said: str
) -> None:
    widget, page = desk.show(explained())
    page.say("probe", 7, off=[], edits={str(feature): typed})
    error = failed(widget)
    assert (error["verb"], error["id"]) == ("probe", 7)
    assert said in error["message"]
    page.say("probe", 8, off=[], edits={str(AGE): "30"})
    until(lambda: widget.probe)
    assert widget.status["error"] is None


def test_a_marked_column_is_named_as_such(desk: Desk) -> None:
    widget, page = desk.show(explained())
    page.say("mark", features=[INCOME], scope="everywhere", because="it was asked for later")
    until(lambda: widget.marks)
    assert [(mark["name"], mark["features"]) for mark in widget.marks] == [("income", [INCOME])]


def test_a_row_that_is_sampled_further_and_aimed_keeps_its_page(desk: Desk) -> None:
    widget, page = desk.show(explained(n=100))
    page.say("sample", n=200)
    until(lambda: idle(widget) and widget.readings[0]["n_samples"] == 300)
    page.say("aim", 2, target=0, n_features=1)
    until(lambda: widget.readings[0]["target"] == 0)
    assert len(widget.readings[0]["weights"]) == 1
    assert widget.readings[0]["locality"] is not None


# --- many rows -------------------------------------------------------------------------------------------------------


def test_a_pick_gathers_conditions_by_their_column(show: Show) -> None:
    widget, page = show(picked())
    assert page.opened["_esm"] == "/* pick-table.js */"
    names = [feature["name"] for feature in widget.scene["features"]]
    assert widget.scene["unit"] == "table"
    assert {"age", "home"} <= set(names)
    assert not [name for name in names if "≤" in name or "=" in name]
    age = widget.scene["features"][names.index("age")]
    matrix = widget.scene["matrix"]
    held = [matrix["features"][start:end] for start, end in pairwise(matrix["starts"])]
    assert age["count"] == sum(names.index("age") in columns for columns in held)


def test_an_instance_of_a_pick_is_called_by_what_its_row_holds(show: Show) -> None:
    widget, _ = show(picked())
    first = applicants.frame().iloc[0]
    title = widget.scene["instances"][0]["title"]
    assert title.startswith(f"row 0: age {first['age']}, home {first['home']}, income {first['income']:.4g}")
    assert len(title) <= 120


def test_a_glance_at_a_row_is_its_strongest_columns(show: Show) -> None:
    widget, _ = show(picked())
    for glance in widget.picked["glances"]:
        assert 1 <= len(glance["weights"]) <= 4
        sizes = [abs(weight) for _, weight in glance["weights"]]
        assert sizes == sorted(sizes, reverse=True)


def test_a_row_of_a_pick_opens_is_probed_and_marked_by_its_column(show: Show) -> None:
    pick = picked()
    widget, page = show(pick)
    page.say("open", row=1)
    until(lambda: widget.instance.get("row") == 1)
    assert widget.instance["kind"] == "table"
    page.say("probe", 2, off=[AGE], edits={str(HOME): "own"})
    until(lambda: widget.probe)
    draws = pick.explanations[1].draws([AGE], {HOME: "own"})
    assert np.array(widget.probe["spread"][0]) == pytest.approx(np.quantile(draws, [0.05, 0.95], axis=0).T)
    page.say("probe", 3, off=[], edits={str(AGE): "x"})
    assert "age cannot be 'x'" in failed(widget)["message"]
    page.say("mark", 4, features=[AGE], scope="everywhere", because="")
    until(lambda: widget.marks)
    (mark,) = widget.marks
    names = [feature["name"] for feature in widget.scene["features"]]
    assert (mark["name"], mark["features"], mark["columns"]) == ("age", [AGE], [names.index("age")])


def test_two_models_of_one_table_answer_on_the_same_draws(show: Show) -> None:
    rows = applicants.frame()
    explainer = rt.Explainer(lender, rt.Table(rows), classes=["no", "yes"])
    both = explainer.compare({"lender": lender, "strict": strict}, rows.iloc[0], n_samples=100)
    widget, page = show(both)
    assert page.opened["_esm"] == "/* pair.js */"
    page.say("probe", off=[AGE], edits={})
    until(lambda: widget.probe)
    (_, first), (_, second) = widget.probe["spread"]
    assert widget.scene["unit"] == "table"
    owns = 0.3 * (rows["home"][0] == "own")
    ages = [(end - 0.2 - owns) * 200 for end in first]
    assert ages == pytest.approx([end * 100 for end in second])


def leaky(n: int = 60) -> tuple[pd.DataFrame, list[str]]:
    """Write rows whose stamp tells the class, and whose age tells it as well."""
    rows = applicants.frame(n)[["age", "home"]]
    late = [i % 2 for i in range(n)]
    rows["age"] = [20 + 30 * own + i % 7 for i, own in enumerate(late)]
    rows["stamp"] = [("red", "blue")[own] for own in late]
    return rows, [("no", "yes")[own] for own in late]


def stamped(X: Any) -> Any:
    """Give credit by the stamp, a little by age."""
    share = 0.1 + 0.6 * (np.array(X["stamp"]) == "blue") + 0.2 * (np.array(X["age"], dtype=float) > 40)
    return np.column_stack([1 - share, share])


class Stamped:
    """The same as a classifier."""

    classes_ = np.array(["no", "yes"])
    predict_proba = staticmethod(stamped)


def test_a_session_on_rows_shows_marks_titles_and_what_would_change(show: Show) -> None:
    X, y = leaky()
    s = rt.Session(
        Stamped(), X, y, valid=leaky(20), domain=rt.Table(X), trainer=lambda _: Stamped(), n_samples=60, pool=6
    )
    s.pick(2)
    widget, page = show(s)
    assert isinstance(widget, SessionWidget)
    assert page.opened["_esm"] == "/* session-table.js */"
    assert (widget.scene["unit"], widget.scene["noun"], widget.scene["everywhere"]) == ("table", "row", True)
    row = s.rows[0]
    age, home, stamp = X.iloc[row]
    assert widget.picked["items"][0]["title"] == f"row {row}: age {age}, home {home}, stamp {stamp}"
    page.say("open", row=row)
    until(lambda: widget.instance.get("row") == row)
    part = [feature["name"] for feature in widget.instance["features"]].index(f"stamp = {stamp}")
    page.say("probe", 2, off=[part], edits={})
    until(lambda: widget.probe)
    assert len(widget.probe["spread"]) == 1
    page.say("mark", 3, features=[part], scope="everywhere", because="from the office")
    until(lambda: widget.plan and widget.plan["examples"])
    assert [mark["name"] for mark in widget.marks] == ["stamp"]
    for example in widget.plan["examples"]:
        assert re.fullmatch("stamp (red|blue)", example["before"])
        assert re.fullmatch("stamp (red|blue)", example["after"])
        assert example["before"] != example["after"]
    s.close()


# --- without a kernel ------------------------------------------------------------------------------------------------


def test_a_file_of_a_row_has_the_tables_page_and_its_state(bundle: Path) -> None:
    assert bundle
    e = explained()
    page = to_html(e)
    assert "/* page-table.js */" in page
    written = re.search(r'id="retrust-state">(.*?)</script>', page)
    assert written
    state = json.loads(written[1])
    assert state["scene"] == json.loads(json.dumps(contract.scene(e)))
    assert [reading["target"] for reading in state["readings"]] == [1, 0]
    first = applicants.frame().iloc[applicants.ROW]
    assert f"<title>yes: age {first['age']}, home " in page


def test_a_file_of_a_pick_of_rows_has_its_own_page(bundle: Path) -> None:
    assert bundle
    page = panel_html(picked())
    assert "/* page-pick-table.js */" in page
    assert "<title>2 instances" in page


def test_a_still_row_shows_its_values_and_conditions_safely() -> None:
    rows = pd.DataFrame({"<script>x</script>": [1.0, 2.0, 3.0, 4.0], "b": ["<img src=x>", "y", "y", "<img src=x>"]})
    e = rt.explain(lambda X: X.iloc[:, 0].to_numpy() / 9, rows.iloc[0], data=rows, n_samples=50)
    html = static_html(e)
    assert "<script" not in html
    assert "<img" not in html
    assert "b = &lt;img src=x&gt;" in html
    assert '<th scope="row" dir="auto">b</th><td dir="auto">&lt;img src=x&gt;</td>' in html


def test_a_still_row_says_where_the_surrogate_is_a_global_one() -> None:
    e = explained()
    assert "weighs all samples nearly alike" in static_html(e)
    assert "nearly alike" not in static_html(e.read(kernel=rt.exponential(0.5, "euclidean")))


def test_a_missing_value_is_said_in_a_still_row() -> None:
    rows = [[float(i), None if i % 3 == 0 else i] for i in range(12)]
    e = rt.explain(lambda X: X[:, 0] / 9, [4.0, None], domain=rt.Table(rows, names=["n", "m"]), n_samples=50)
    assert '<th scope="row" dir="auto">m</th><td dir="auto"><span class="rts-soft">missing</span></td>' in static_html(
        e
    )


@pytest.mark.parametrize("name", ["c", "a very long name of a column, " * 9, "↯" * 200])
def test_no_wide_row_makes_a_still_picture_too_large_and_what_is_left_out_is_counted(name: str) -> None:
    rng = np.random.default_rng(0)
    table = rt.Table(rng.normal(size=(40, 300)), names=[f"{name}{i}" for i in range(300)])
    e = rt.explain(lambda X: X[:, 7] / 9, np.zeros(300), domain=table, n_samples=400, n_features=30)
    html = static_html(e)
    assert len(html.encode()) <= picture.LIMIT
    shown = html.split('<div class="rts-left">')[1].split("</table>")[0].count("<tr>")
    assert f"and {300 - shown:,} more columns" in html


def test_a_long_condition_keeps_both_ends_in_a_terminal_and_in_a_picture() -> None:
    name = "mean radius of the cell nuclei as measured by hand"
    table = rt.Table(np.arange(40.0).reshape(-1, 1), bins=[10, 20], names=[name])
    e = rt.explain(lambda X: X[:, 0] / 90, [15.0], domain=table, n_samples=100)
    assert e.features[0].name == f"10 < {name} ≤ 20"
    (line,) = [line for line in str(e).splitlines() if "≤" in line]
    assert re.match(r"  10 < mean radius.*….*by hand ≤ 20  [+-]", line)
    assert f"10 &lt; {name} ≤ 20" in static_html(e)


def test_the_bundle_of_a_panel_goes_by_what_its_instances_are() -> None:
    kinds = [(kind, unit) for kind in ("pick", "pair", "session") for unit in ("text", "image", "table")]
    assert [panels.bundle({"kind": kind, "unit": unit}) for kind, unit in kinds] == [
        *("pick.js", "pick-image.js", "pick-table.js"),
        *("pair.js", "pair.js", "pair.js"),
        *("session.js", "session-image.js", "session-table.js"),
    ]

"""Panels as JSON and as still pictures: true, small enough, and safe whatever the names are."""

from __future__ import annotations

import io
import json
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from lots import HOSTILE, explained, of_parts, of_text
from PIL import Image
from test_export import Page

import retrust as rt
from retrust import contract, panels
from retrust.comparison import Comparison, Comparisons
from retrust.errors import InstanceTypeError
from retrust.export import static_html
from retrust.picture import LIMIT

WORDS = [{"a": 4.0, "b": 1.0}, {"c": -9.0}, {"d": 1.0, "b": -3.0}]  # a 2, b 2, c 3, d 1


def picked() -> rt.Pick:
    many = [
        of_text(WORDS[0], classes=("no", "yes"), fidelity=0.98765),
        of_text(WORDS[1], classes=("no", "yes"), target=0, prediction=(0.6, 0.4), fidelity=np.nan),
        of_text(WORDS[2], classes=("no", "yes")),
    ]
    return rt.pick(many, 2, titles=["one", "two", "three"], labels=["yes", "yes", None])


def scene(pick: rt.Pick) -> dict[str, Any]:
    """Write the scene as it crosses."""
    found: dict[str, Any] = json.loads(json.dumps(panels.pick_scene(pick, panels.columns(pick)), allow_nan=False))
    return found


def shown(pick: rt.Pick, reach: rt.Pick | None = None) -> dict[str, Any]:
    """Write what was picked as it crosses."""
    written = panels.picked(pick, reach or pick, panels.columns(pick))
    found: dict[str, Any] = json.loads(json.dumps(written, allow_nan=False))
    return found


def cells(matrix: dict[str, Any], row: int) -> list[tuple[int, float]]:
    part = slice(matrix["starts"][row], matrix["starts"][row + 1])
    return list(zip(matrix["features"][part], matrix["weights"][part], strict=True))


# --- a pick ----------------------------------------------------------------------------------------------------------


def test_a_scene_has_the_columns_by_importance_and_the_instances_in_their_order() -> None:
    found = scene(picked())
    assert {name: found[name] for name in ("version", "kind", "unit", "classes", "scale", "left_out")} == {
        "version": 1,
        "kind": "pick",
        "unit": "text",
        "classes": ["no", "yes"],
        "scale": "probability",
        "left_out": 0,
    }
    assert found["features"] == [
        {"name": "c", "importance": 3.0, "count": 1, "toward": [-9.0, 0.0], "picture": None},
        {"name": "a", "importance": 2.0, "count": 1, "toward": [0.0, 4.0], "picture": None},
        {"name": "b", "importance": 2.0, "count": 2, "toward": [0.0, -2.0], "picture": None},
        {"name": "d", "importance": 1.0, "count": 1, "toward": [0.0, 1.0], "picture": None},
    ]
    assert found["instances"] == [
        {"title": "one", "target": 1, "prediction": 0.7, "label": 1, "fidelity": 0.988},
        {"title": "two", "target": 0, "prediction": 0.6, "label": 1, "fidelity": None},
        {"title": "three", "target": 1, "prediction": 0.7, "label": None, "fidelity": 0.9},
    ]
    assert [cells(found["matrix"], row) for row in range(3)] == [[(1, 4), (2, 1)], [(0, -9)], [(2, -3), (3, 1)]]


def test_what_was_picked_says_what_each_adds_beside_chance() -> None:
    found = shown(picked())
    assert {name: found[name] for name in ("method", "target", "errors", "among", "rows", "covered", "added")} == {
        "method": "submodular",
        "target": None,
        "errors": False,
        "among": 3,
        "rows": [0, 1],
        "covered": [0.5, 0.875],
        "added": [[1, 2], [0]],
    }
    assert found["random"].keys() == {"mean", "low", "high"}
    assert [len(share) for share in found["random"].values()] == [2, 2, 2]
    assert found["glances"] == [{"pieces": [["a", 1], [" ", -1], ["b", 2]]}, {"pieces": [["c", 0]]}]


def test_a_pick_among_some_keeps_all_columns_and_says_among_which() -> None:
    p = picked()
    wrong = p.again(5, errors=True, target="no")
    found = shown(p, wrong)
    assert (found["rows"], found["target"], found["errors"], found["among"]) == ([1], 0, True, 1)
    assert (found["covered"], found["added"]) == ([1.0], [[0]])
    assert scene(wrong) == scene(p)
    assert panels.columns(wrong).tolist() == panels.columns(p).tolist()


def test_the_slider_reaches_fifty_however_many_were_picked() -> None:
    p = rt.pick([of_parts({f"k{i}": 1.0}) for i in range(80)], 70)
    found = shown(p)
    assert {len(found[name]) for name in ("rows", "covered", "added", "glances")} == {50}
    assert {len(share) for share in found["random"].values()} == {50}
    assert found["covered"][-1] == 0.625


def test_without_any_weight_a_share_is_unknown() -> None:
    with pytest.warns(UserWarning, match="no explanation has any weight"):
        p = rt.pick([of_text({"a": 0.0}, text="a few words") for _ in range(2)], 2)
    found = shown(p)
    assert (found["covered"], found["random"]["mean"], found["added"]) == ([None, None], [None, None], [[], []])
    assert found["glances"][0] == {"pieces": [["a", -1], [" ", -1], ["few", -1], [" ", -1], ["words", -1]]}
    assert scene(p)["features"] == []
    assert scene(p)["matrix"] == {"starts": [0, 0, 0], "features": [], "weights": []}
    assert len(static_html(p).encode()) <= LIMIT


def test_parts_that_cancel_each_other_are_no_column_and_not_in_a_glance() -> None:
    seen = rt.Text(bag=False).represent("bad good bad")
    p = rt.pick([explained(seen, [1.0, 0.5, -1.0]), of_text({"bad": 0.0, "good": 1.0})], 2)
    assert [feature["name"] for feature in scene(p)["features"]] == ["good"]
    assert shown(p)["glances"][1]["pieces"][0] == ["bad", -1]
    parts = rt.pick([each.kept("weights") for each in p.explanations], 2)
    assert shown(parts)["glances"][0] == {"weights": [[0, 0.5]]}


def test_a_pick_from_a_matrix_has_nothing_to_show() -> None:
    p = rt.pick([[1, 2]], 1)
    for draw in (scene, static_html, lambda pick: pick.to_html()):
        with pytest.raises(InstanceTypeError, match="a pick from a matrix of weights has no instances to show"):
            draw(p)


def many(n: int, d: int, each: int, name: str = "k") -> rt.Pick:
    """Pick from n instances with some of d keys each."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n):
        columns = rng.choice(d, each, replace=False)
        found.append(of_parts({f"{name}{j}": w for j, w in zip(columns, rng.normal(size=each), strict=True)}))
    return rt.pick(found, 5)


def test_a_large_matrix_is_cut_to_what_fits_and_what_is_left_out_is_counted() -> None:
    p = many(2000, 8000, 40)
    found = scene(p)
    matrix = found["matrix"]
    assert len(json.dumps(matrix, separators=(",", ":"))) <= 500_000
    assert len(matrix["starts"]) == 2001
    assert matrix["starts"][-1] == len(matrix["features"]) == len(matrix["weights"])
    assert found["left_out"] == p.weights.nnz - len(matrix["features"]) > 0
    order = panels.columns(p)
    for row in (0, 999, 1999):
        kept = cells(matrix, row)
        whole = {int(j): w for j, w in zip(p.weights[[row]].indices, p.weights[[row]].data, strict=True)}
        strongest = sorted(whole.values(), key=abs, reverse=True)[: len(kept)]
        assert [weight for _, weight in kept] == pytest.approx(strongest, rel=6e-3)
        assert [whole[int(order[i])] for i, _ in kept] == strongest
        assert len(kept) > 10


def test_a_matrix_that_fits_is_whole() -> None:
    p = many(500, 3000, 10)
    assert scene(p)["left_out"] == 0
    assert len(scene(p)["matrix"]["features"]) == 5000


def test_columns_beyond_the_most_important_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_COLUMNS", 2)
    p = picked()
    found = scene(p)
    assert [feature["name"] for feature in found["features"]] == ["c", "a"]
    assert (found["left_out"], cells(found["matrix"], 2)) == (3, [])
    assert shown(p)["added"] == [[1], [0]]
    assert shown(p)["glances"][0]["pieces"] == [["a", 1], [" ", -1], ["b", -1]]


def test_a_glance_is_what_stands_around_the_strongest_words_and_no_more() -> None:
    long = f"{'before ' * 50}first {'between ' * 50}second{' after' * 50}"
    e = of_text({"first": 1.0, "second": 3.0, "between": 0.0}, text=long)
    pieces = shown(rt.pick([e], 1))["glances"][0]["pieces"]
    text = "".join(string for string, _ in pieces)
    assert text.startswith("… before")
    assert text.split()[-2:] == ["after", "…"]
    assert " … " in text[2:-2]
    assert len(text) < 200
    assert {string: column for string, column in pieces if column >= 0} == {"second": 0, "first": 1}


def test_a_word_without_end_is_cut_in_a_glance() -> None:
    for text in ("x" * 100_000, "one " + "x" * 100_000 + " two", " " * 100_000 + "one"):
        seen = rt.Text(tokenizer=r"\S+").represent(text)
        pieces = shown(rt.pick([explained(seen, [1.0] * len(seen.features))], 1))["glances"][0]["pieces"]
        assert sum(len(string) for string, _ in pieces) < 400


def test_a_picture_is_a_small_picture_with_its_evidence() -> None:
    pixels = np.zeros((300, 500, 3), dtype=np.uint8)
    pixels[:, 250:] = 200
    halves = np.repeat([[0] * 250 + [1] * 250], 300, axis=0)
    e = explained(rt.Image(segment=halves, backdrop="grey").represent(pixels), [0.5, -0.2])
    p = rt.pick([e], 1)
    assert scene(p)["unit"] == "image"
    with Image.open(io.BytesIO(b64decode(shown(p)["glances"][0]["picture"]))) as small:
        assert max(small.size) <= 168
        assert np.asarray(small).std() > 1


def test_numbers_too_large_for_json_cross_as_null() -> None:
    p = rt.pick([of_parts({"a": 1.7e308}), of_parts({"a": 1.7e308})], 1)
    assert scene(p)["features"][0]["toward"] == [0.0, None]
    assert scene(p)["features"][0]["importance"] > 1e154


# --- models side by side ---------------------------------------------------------------------------------------------


def two(classes: tuple[str, ...] = ("yes", "no"), prediction: tuple[float, ...] = (0.2, 0.8)) -> Comparisons:
    """Compare two models of which the second orders its classes in another way."""
    first = of_text({"x": 1.0, "y": 0.5}, classes=("no", "yes"), target=1, prediction=(0.3, 0.7))
    other = of_text({"x": -1.0, "y": 0.0}, "x y", classes=classes, target=0, prediction=prediction)
    return Comparisons((Comparison({"a": first, "b": other}, "title", 1),))


def test_a_pair_speaks_of_the_first_models_classes() -> None:
    found = json.loads(json.dumps(panels.pair_scene(two()), allow_nan=False))
    assert (found["kind"], found["unit"], found["models"], found["classes"]) == (
        "pair",
        "text",
        ["a", "b"],
        ["no", "yes"],
    )
    (instance,) = found["instances"]
    assert instance["answers"] == [{"target": 1, "prediction": 0.7}, {"target": 0, "prediction": 0.8}]
    assert (instance["title"], instance["label"], instance["turned"]) == ("title", 1, ["x"])
    assert (instance["overlap"], instance["cosine"]) == (0.5, pytest.approx(-1 / 1.25**0.5))


def test_readings_stand_in_the_scenes_order_and_explain_its_target() -> None:
    (both,) = two()
    first, other = panels.readings(both, both["a"])
    assert (first["target"], first["prediction"]) == (1, [0.3, 0.7])
    assert (other["model"], other["target"], other["prediction"]) == ("b", 1, [0.8, 0.2])
    assert other["weights"] == [[0, -1.0, None]]


def test_classes_that_the_other_model_does_not_have_are_unknown() -> None:
    (both,) = two(("maybe", "perhaps", "yes"), (0.5, 0.3, 0.2))
    both = Comparison({"a": both["a"], "b": of_text({"x": 1.0, "y": 0.0}, "x y", classes=both["b"].classes, target=2,
                                                     prediction=(0.5, 0.3, 0.2))})  # fmt: skip
    found = json.loads(json.dumps(panels.readings(both, both["a"]), allow_nan=False))
    assert (found[1]["target"], found[1]["prediction"]) == (1, [None, 0.2])
    answers = panels.pair_scene(Comparisons((both,)))["instances"][0]["answers"]
    assert answers[1] == {"target": 1, "prediction": 0.2}


def test_explanations_that_let_go_of_their_neighbourhood_are_shown_as_they_are() -> None:
    (both,) = two()
    kept = Comparison({name: each.kept("fit") for name, each in both.items()})
    known = [{**reading, "effective": None, "locality": None} for reading in panels.readings(both, both["a"])]
    assert panels.readings(kept, kept["a"]) == known


def test_no_comparisons_are_told() -> None:
    with pytest.raises(InstanceTypeError, match="no instances to show"):
        panels.pair_scene(Comparisons(()))


def test_marks_have_the_features_and_the_columns_that_they_hold_for() -> None:
    ledger = rt.Ledger((rt.Mark("b", because="why"), rt.Mark("elsewhere", scope="label")))
    assert panels.marks(ledger, of_text(WORDS[0]), ["c", "b"]) == [
        {"name": "b", "scope": "everywhere", "because": "why", "features": [1], "columns": [1]},
        {"name": "elsewhere", "scope": "label", "because": "", "features": [], "columns": []},
    ]
    assert panels.marks(ledger, None, ["elsewhere"])[1]["columns"] == [0]


# --- still pictures --------------------------------------------------------------------------------------------------


def hostile(n: int) -> rt.Pick:
    long = HOSTILE * 20
    return rt.pick(
        [of_parts({f"{long}{i % 97}": 1.0, f"&'\"<{i}": 2.0}, classes=(long, f"{long} no")) for i in range(n)],
        min(n, 50),
        titles=[f"{i}{long}" for i in range(n)],
    )


@pytest.mark.parametrize("n", [1, 2000])
def test_a_picture_of_a_pick_is_small_and_safe_whatever_the_names_are(n: int) -> None:
    html = static_html(hostile(n))
    page = Page(html)
    assert len(html.encode()) <= LIMIT
    assert page.tags() <= {"section", "style", "div", "p", "b", "table", "caption", "tr", "th", "td", "small"}
    assert not any(name.startswith("on") or name in {"src", "href"} for _, found in page.found for name in found)
    assert "alert" in page.text("th")


def test_a_picture_says_what_each_adds_and_what_matters_most() -> None:
    page = Page(static_html(picked()))
    assert page.text("p") == "2 of 3 instances show 88% of what the model uses (submodular pick)"
    assert "one" in page.texts["th"]
    assert "adds 38%" in page.texts["td"]
    assert "a, b" in page.texts["td"]
    assert "importance 3" in page.texts["td"]
    assert "three" not in page.texts["th"]


def test_a_long_picture_says_how_much_more_there_is() -> None:
    html = static_html(hostile(2000))
    rows = html.count('<th scope="row"')
    told = [int(text.split()[1]) for text in Page(html).texts["small"]]
    assert rows + sum(told) == 50 + 12


@pytest.mark.parametrize(("models", "n"), [(2, 300), (3, 1), (300, 2)])
def test_a_picture_of_a_pair_is_small_and_safe_too(models: int, n: int) -> None:
    each = of_text({"x": 1.0}, classes=(HOSTILE, f"{HOSTILE} no"))
    both = Comparison({f"{HOSTILE} {i}": each for i in range(models)}, HOSTILE * 9)
    html = static_html(Comparisons((both,) * n))
    page = Page(html)
    assert len(html.encode()) <= LIMIT
    assert page.tags() <= {"section", "style", "div", "p", "b", "table", "caption", "tr", "th", "td", "small"}
    assert page.text("p").startswith(f"{n} instances by <script>")


def test_one_comparison_is_drawn_as_well() -> None:
    page = Page(static_html(two()[0]))
    assert page.text("p") == "1 instances by a and b"
    assert page.texts["td"] == ["yes 0.70 · no 0.80", "50% of reasons shared", "1 changed sign"]


def test_a_panels_json_holds_any_string() -> None:
    p = hostile(3)
    assert scene(p)["features"][0]["name"].startswith("&'\"<")
    assert max(len(instance["title"]) for instance in scene(p)["instances"]) <= 120
    assert scene(p)["version"] == contract.VERSION

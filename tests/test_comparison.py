"""Two models on the same instances: the same masks, classes in any order, and figures by hand."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from lots import HOSTILE, of_text
from toys import TEXT, Counting, linear, opaque, wavy

import retrust as rt
from retrust.comparison import Comparison, Comparisons, places, same_target
from retrust.errors import InstanceTypeError, OptionError, UnknownTarget

if TYPE_CHECKING:
    from collections.abc import Sequence


def pair(first: dict[str, float], last: dict[str, float]) -> Comparison:
    """Compare two explanations of one text, whose weights are given."""
    text = " ".join({**first, **last})
    return Comparison({"a": of_text(first, text), "b": of_text(last, text)})


class Shares:
    """A classifier with classes in an order of its own, which likes one word."""

    def __init__(self, classes: Sequence[str], word: str = "good", most: float = 0.8) -> None:
        self.classes_, self.word, self.most = np.array(classes), word, most

    def predict_proba(self, texts: Sequence[str]) -> Any:
        liked = np.array([self.most if self.word in text.split() else 0.1 for text in texts])
        likes = {"yes": liked, "no": 0.75 * (1 - liked)}
        rest = 0.25 * (1 - liked) / max(1, len(self.classes_) - 2)
        return np.column_stack([likes.get(name, rest) for name in self.classes_])


# --- how far they agree ----------------------------------------------------------------------------------------------


def test_overlap_is_the_share_of_features_that_both_select() -> None:
    assert pair({"x": 1.0, "y": 1.0}, {"y": -1.0, "z": 1.0}).overlap == pytest.approx(1 / 3)
    assert pair({"x": 1.0}, {"x": 0.1}).overlap == 1
    assert pair({"x": 1.0}, {"y": 1.0}).overlap == 0
    assert pair({"x": 1.0}, {"x": 0.0}).overlap == 0
    assert pair({"x": 0.0}, {"x": 0.0}).overlap == 1


def test_features_that_turn_have_two_signs_and_a_zero_has_none() -> None:
    assert pair({"x": 1.0, "y": 1.0, "z": -1.0, "w": 0.0}, {"x": -2.0, "y": 0.0, "z": 5.0, "w": -1.0}).turned == [
        "x",
        "z",
    ]
    assert pair({"x": 1e-200}, {"x": -1e-200}).turned == ["x"]


def test_the_cosine_compares_directions() -> None:
    assert pair({"x": 3.0, "y": 4.0}, {"x": 4.0, "y": 3.0}).cosine == pytest.approx(24 / 25)
    assert pair({"x": 1.0, "y": 0.0}, {"x": 0.0, "y": 7.0}).cosine == 0
    assert pair({"x": 2.0}, {"x": -9.0}).cosine == -1
    assert pair({"x": 1e-200, "y": 1e-200}, {"x": 1e200, "y": 1e200}).cosine == pytest.approx(1)
    assert np.isnan(pair({"x": 1.0}, {"x": 0.0}).cosine)
    assert np.isnan(pair({"x": 0.0}, {"x": 0.0}).cosine)


def test_of_three_models_the_first_is_compared_with_the_last() -> None:
    text = "x y"
    three = Comparison({n: of_text(w, text) for n, w in {"a": {"x": 1.0}, "b": {"y": 1.0}, "c": {"x": -1.0}}.items()})
    assert (len(three), three.overlap, three.turned, three.cosine) == (3, 1, ["x"], -1)


def test_it_is_a_mapping_that_prints_itself() -> None:
    both = pair({"x": 1.0}, {"x": -1.0})
    assert (list(both), both["b"].top(), dict(both)["a"].top()) == (["a", "b"], [("x", -1.0)], [("x", 1.0)])
    assert str(both).startswith("a: 1 0.7")
    assert str(both).endswith("overlap 1.00 · cosine -1.00 · turned: 1")
    with pytest.raises(KeyError):
        both["c"]


# --- which class is meant --------------------------------------------------------------------------------------------


def explained(classes: Sequence[str], target: int) -> rt.Explanation:
    return of_text({"x": 1.0}, classes=classes, target=target, prediction=np.full(len(classes), 1 / len(classes)))


@pytest.mark.parametrize(
    ("first", "other", "target", "place"),
    [
        (["no", "yes"], ["yes", "no"], "yes", [1, 0]),
        (["no", "yes"], ["no", "perhaps", "yes"], "yes", [0, 2]),
        (["no", "perhaps", "yes"], ["yes", "no"], "yes", [1, None, 0]),
        (["no", "yes"], ["0", "1"], 1, [0, 1]),
        (["0", "1"], ["no", "yes"], 1, [0, 1]),
        (["0", "1"], ["1", "0"], 1, [0, 1]),
        (["no", "yes"], ["yes"], "yes", [None, 0]),
        (["no", "yes"], ["a", "b", "c"], 1, [0, 1]),
        (["a", "b", "c"], ["no", "yes"], 1, [0, 1, None]),
        (["output"], ["output"], 0, [0]),
    ],
)
def test_classes_are_found_by_name_where_models_share_names(
    first: list[str], other: list[str], target: int | str, place: list[int | None]
) -> None:
    one, two = explained(first, min(1, len(first) - 1)), explained(other, 0)
    if first == ["no", "perhaps", "yes"]:
        one = explained(first, 2)
    assert same_target(one, two) == target
    assert places(one, two) == place


def test_the_same_class_is_explained_whatever_its_place() -> None:
    models = {"a": Shares(["no", "yes"]), "b": Shares(["yes", "maybe", "no"])}
    both = rt.Explainer(models["a"]).compare(models, "a good day", n_samples=100)
    assert [e.classes[e.target] for e in both.values()] == ["yes", "yes"]
    assert both.turned == []
    assert both.cosine == pytest.approx(1, abs=1e-6)


def test_a_class_that_the_other_does_not_have_is_told() -> None:
    models = {"a": Shares(["no", "yes"], most=0.4), "b": Shares(["yes", "maybe"])}
    with pytest.raises(UnknownTarget, match="target='no'; the model has 2 outputs: 'yes', 'maybe'"):
        rt.Explainer(models["a"]).compare(models, "a good day", n_samples=50)


# --- comparing -------------------------------------------------------------------------------------------------------


def test_models_are_asked_about_the_same_texts() -> None:
    one, two = Counting(opaque(wavy)), Counting(opaque(wavy))
    both = rt.Explainer(wavy).compare({"a": one, "b": two}, TEXT, n_samples=200)
    assert one.inputs == two.inputs
    assert (both.overlap, both.turned) == (1, [])
    assert both.cosine == pytest.approx(1)
    assert both.title == TEXT


def test_regressors_are_compared() -> None:
    models = {"a": linear({"good": 2.0, "bad": 1.0}), "b": linear({"good": -2.0, "bad": 1.0}, base=9.0)}
    many = rt.Explainer(models["a"], surrogate=rt.Ridge(2, alpha=1e-9)).compare_many(models, [TEXT, "good, bad"])
    assert [both.turned for both in many] == [["good"], ["good"]]
    assert many[1].cosine == pytest.approx((-4 + 1) / 5, abs=1e-3)
    assert set(many.to_frame()["answer"]) == {"output"}


def test_several_instances_have_titles_and_truths() -> None:
    models = {"a": Shares(["no", "yes"]), "b": Shares(["yes", "no"], "day", 0.3)}
    many = rt.Explainer(models["a"]).compare_many(
        models,
        (text for text in ["a good day", "good day"]),
        n_samples=60,
        titles=("first", "second"),
        labels=["yes", 0],
    )
    assert [(both.title, both.label) for both in many] == [("first", 1), ("second", 0)]
    assert many.models == ["a", "b"]
    assert sorted(many.order) == [0, 1]
    frame = many.to_frame()
    assert frame["model"].tolist() == ["a", "b"] * 2
    assert frame["answer"].tolist() == ["yes", "no"] * 2
    assert frame["index"].tolist() == [0, 0, 1, 1]
    assert frame["prediction"].tolist() == pytest.approx([0.8, 0.525] * 2)
    untold = rt.Explainer(models["a"]).compare_many(models, ["a good day"], n_samples=60)
    assert (untold[0].title, untold[0].label) == ("a good day", None)


def test_what_was_given_wrongly_is_told_before_any_model_is_asked() -> None:
    model = Counting(wavy)
    explainer = rt.Explainer(model)
    mistakes: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"xs": "one text"}, InstanceTypeError, r"one text was given; a list of instances .* \[x\]"),
        ({"xs": []}, OptionError, "no instances to compare the models on"),
        ({"titles": ["a"]}, OptionError, "1 titles were given for 2 instances"),
        ({"titles": "ab"}, OptionError, "titles='ab' is one string"),
        ({"labels": [0, 1, 2]}, OptionError, "3 labels were given for 2 instances"),
        ({"models": {}}, OptionError, "a mapping of names to models"),
        ({"models": {1: model}}, OptionError, "a mapping of names to models"),
        ({"models": [model]}, OptionError, "a mapping of names to models"),
        ({"target": 0, "target_class": "a"}, OptionError, "both target and target_class"),
    ]
    for wrong, error, said in mistakes:
        with pytest.raises(error, match=said):
            explainer.compare_many(**{"models": {"a": model}, "xs": [TEXT, TEXT], **wrong})
    assert model.inputs == []
    with pytest.raises(OptionError, match="label 'x' is none of the classes '0', '1', '2'"):
        explainer.compare_many({"a": model}, [TEXT], n_samples=20, labels=["x"])


# --- many of them ----------------------------------------------------------------------------------------------------


@pytest.fixture
def many() -> Comparisons:
    return Comparisons(tuple(pair({"x": 1.0}, {"x": sign}) for sign in (1.0, -1.0, 0.0)), seed=1)


def test_they_are_a_sequence(many: Comparisons) -> None:
    assert [both.turned for both in many] == [[], ["x"], []]
    assert many[-1] is many[2]
    assert [len(part) for part in (many, many[1:], many[9:])] == [3, 2, 0]
    assert (many[1:].seed, many[1:][0]) == (1, many[1])
    assert many[:0].models == []
    assert str(many[:0]) == "0 instances by no model"
    assert str(many).splitlines()[2].split()[:7] == ["1", "overlap", "1.00", "cosine", "-1.00", "turned", "1"]
    with pytest.raises(IndexError):
        many[3]


def test_the_hidden_order_is_the_seeds_and_says_nothing() -> None:
    three = (Comparison({name: of_text({"x": 1.0}) for name in "abc"}),)
    orders = {tuple(Comparisons(three, seed).order) for seed in range(60)}
    assert Comparisons(three, 5).order == Comparisons(three, 5).order
    assert len(orders) == 6


def test_hostile_names_and_titles_are_printed_without_control_characters() -> None:
    both = Comparison({HOSTILE: of_text({"x": 1.0}), "\r\n": of_text({"x": 1.0})}, HOSTILE)
    for shown in (str(both), str(Comparisons((both,)))):
        assert all(character.isprintable() for line in shown.split("\n") for character in line)
    assert len(str(Comparisons((both,))).splitlines()) == 2


def test_they_travel(many: Comparisons) -> None:
    again = pickle.loads(pickle.dumps(many))
    assert [both.turned for both in again] == [[], ["x"], []]

"""The pick: from explanations and matrices, among some of them, and everything that can be given wrongly."""

from __future__ import annotations

import math
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from lots import HOSTILE, of_parts, of_text
from scipy import sparse
from toys import linear, wavy

import retrust as rt
from retrust.errors import ConstantModelWarning, InstanceTypeError, OptionError, RetrustWarning, UnknownTarget
from retrust.explanations import Explanations

FIGURE = [[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]]
WORDS = [{"a": 4.0, "b": 1.0}, {"c": -9.0}, {"d": 1.0, "b": -3.0}]  # a 2, b 2, c 3, d 1


@pytest.fixture
def three() -> list[rt.Explanation]:
    return [
        of_text(WORDS[0], classes=("no", "yes")),
        of_text(WORDS[1], classes=("no", "yes"), target=0, prediction=(0.6, 0.4)),
        of_text(WORDS[2], classes=("no", "yes")),
    ]


# --- what is picked --------------------------------------------------------------------------------------------------


def test_the_toy_of_the_paper() -> None:
    p = rt.pick(FIGURE, budget=2)
    assert p.chosen == (0, 4)
    assert np.asarray(p.importance) ** 2 == pytest.approx([1, 3, 1, 2, 1])
    assert p.coverage == pytest.approx([1 + 3**0.5, 2 + 3**0.5 + 2**0.5])
    assert (p.method, p.keys, len(p), p.picked) == ("submodular", (0, 1, 2, 3, 4), 2, [])
    assert p.rows.tolist() == [0, 1, 2, 3, 4]


def test_explanations_are_picked_by_key(three: list[rt.Explanation]) -> None:
    p = rt.pick(three, budget=2)
    assert dict(p.importance) == {"a": 2.0, "b": 2.0, "c": 3.0, "d": 1.0}
    assert p.chosen == (0, 1)
    assert p.picked == three[:2]
    assert p.share.tolist() == [0.5, 0.875]
    assert p.added(0) == [("a", 2.0), ("b", 2.0)]
    assert p.added(1) == [("c", 3.0)]
    assert p.total == 8


def test_a_key_is_the_same_wherever_it_stands_and_parts_with_one_key_are_added() -> None:
    def model(texts: Any) -> Any:
        return np.array([text.count("bad") + 0.5 * text.count("good") for text in texts], dtype=float)

    domain = rt.Text(bag=False)
    explainer = rt.Explainer(model, domain, surrogate=rt.Ridge(alpha=1e-6))
    many = [explainer.explain(text, n_samples=200) for text in ("bad, bad good", "so good", "bad end")]
    assert [feature.name for feature in many[0].features][:2] == ["bad", "bad (2)"]
    p = rt.pick(many, 3)
    assert p.weights.toarray()[:, p.keys.index("bad")] == pytest.approx([2, 0, 1], abs=1e-3)
    assert p.importance["bad"] == pytest.approx(3**0.5, abs=1e-3)
    assert p.importance["good"] == pytest.approx(1, abs=1e-3)


def test_dense_sparse_frames_and_lists_are_the_same() -> None:
    dense = np.array(FIGURE, dtype=float)
    named = pd.DataFrame(dense, columns=list("abcde"))
    picks = [
        rt.pick(given, 5)
        for given in (FIGURE, dense, sparse.csr_array(dense), sparse.coo_matrix(dense), named, pl.DataFrame(dense))
    ]
    assert len({p.chosen for p in picks}) == 1
    assert all(np.array_equal(p.coverage, picks[0].coverage) for p in picks)


def test_keys_and_titles_of_a_matrix_are_those_given() -> None:
    p = rt.pick([[1, 2], [0, 3]], 1, keys=("Host", ("a", 1)), titles=(t for t in ("one", "two")))
    assert (p.importance["Host"], p.importance["a", 1]) == (1.0, 5**0.5)
    assert p.title(1) == "two"
    assert rt.pick([[1]], 1).title(0) == "instance 0"


def test_random_picks_are_seeded_and_begin_alike(three: list[rt.Explanation]) -> None:
    wide = [of_parts({f"k{i}": 1.0}) for i in range(30)]
    draws = [rt.pick(wide, 30, "random", seed=seed).chosen for seed in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]
    assert rt.pick(wide, 4, "random", seed=3).chosen == draws[0][:4]
    assert rt.pick(three, 3, "random").method == "random"


def test_an_exact_pick_is_at_least_as_good(three: list[rt.Explanation]) -> None:
    W = [[9, 9, 0, 0], [9, 0, 8, 0], [0, 9, 0, 8]]
    greedy, exact = rt.pick(W, 2), rt.pick(W, 2, "exact")
    assert exact.share[-1] >= greedy.share[-1] >= (1 - 1 / math.e) * exact.share[-1]
    assert rt.pick(three, 3, "exact").chosen == (0, 1, 2)


def test_one_instance_is_picked_and_covers_everything() -> None:
    p = rt.pick([of_text({"a": 1.0})], 1)
    assert (p.chosen, p.share.tolist()) == ((0,), [1.0])


def test_duplicates_add_nothing_and_come_last() -> None:
    p = rt.pick([of_text(WORDS[0]), of_text(WORDS[0]), of_text(WORDS[2])], 3)
    assert p.chosen == (0, 2, 1)
    assert p.added(2) == []
    assert p.share[-1] == p.share[-2] == 1


def test_an_instance_without_weights_is_chosen_last() -> None:
    p = rt.pick([of_text({"a": 0.0}), of_text({"b": 1.0})], 2)
    assert p.chosen == (1, 0)
    assert p.keys == ("b",)
    assert rt.pick([[0, 0], [0, 1]], 2).chosen == (1, 0)


def test_where_nothing_has_weight_the_first_are_chosen_with_a_warning() -> None:
    for given in (np.zeros((3, 2)), np.zeros((3, 0)), [of_text({"a": 0.0}) for _ in range(3)]):
        with pytest.warns(ConstantModelWarning, match="nothing tells the instances apart; the first ones are chosen"):
            p = rt.pick(given, 2)
        assert p.chosen == (0, 1)
        assert np.isnan(p.share).all()
        assert all(np.isnan(share).all() for share in p.random_shares())
        assert "nan" not in str(p)


def test_what_was_seen_before_counts_for_nothing() -> None:
    p = rt.pick([of_text(each) for each in WORDS], 3, seen=["c", "nothing has this"])
    assert p.importance["c"] == 0
    assert p.chosen == (0, 2, 1)
    assert p.added(2) == []
    assert p.again(1).chosen == (0,)


def test_generators_tuples_and_object_arrays_are_as_good_as_lists(three: list[rt.Explanation]) -> None:
    array = np.empty(3, dtype=object)
    array[:] = three
    for given in ((each for each in three), tuple(three), array, Explanations(three)):
        assert rt.pick(given, 2).chosen == (0, 1)


# --- what is given wrongly -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [0, -1, True, 2.0, "2", None, np.nan], ids=repr)
def test_a_budget_that_is_none_is_refused_also_of_another_pick(three: list[rt.Explanation], budget: Any) -> None:
    with pytest.raises(OptionError, match="a whole number of instances, 1 or more, is expected"):
        rt.pick(three, budget)
    if budget is not None:
        with pytest.raises(OptionError, match="a whole number of instances, 1 or more, is expected"):
            rt.pick(three, 1, "random").again(budget)


def test_more_than_there_are_is_all_with_a_warning(three: list[rt.Explanation]) -> None:
    with pytest.warns(RetrustWarning, match="budget=9 is more than there are: all 3 are chosen"):
        p = rt.pick(three, 9)
    assert p.chosen == (0, 1, 2)
    assert rt.pick(three, np.int64(3)).chosen == (0, 1, 2)  # type: ignore[arg-type]


NONE = {
    "an empty list": ([], OptionError, r"no explanations to pick from – explainer\.explain_many"),
    "no results": (Explanations(), OptionError, "no explanations to pick from"),
    "an empty generator": (iter(()), OptionError, "no explanations to pick from"),
    "no rows": (np.zeros((0, 4)), OptionError, "no rows to pick from"),
    "None": (None, InstanceTypeError, "explanations, or numbers"),
    "a number": (5, InstanceTypeError, "explanations, or numbers"),
    "a string": ("some text", InstanceTypeError, "explanations, or numbers"),
    "strings": ([[1, "a"]], InstanceTypeError, "explanations, or numbers"),
    "a frame of strings": (pd.DataFrame({"a": ["x"]}), InstanceTypeError, "explanations, or numbers"),
    "NaN": ([[1.0, np.nan]], OptionError, "row 0 has a weight that is no finite number"),
    "infinity": (sparse.csr_array([[0, 1.0], [np.inf, 0]]), OptionError, "row 1 has a weight"),
    "one explanation": (of_text({"a": 1.0}), InstanceTypeError, "one explanation was given"),
    "a string among them": ([of_text({"a": 1.0}), "b"], InstanceTypeError, "among the explanations is a str"),
    "None among them": ([of_text({"a": 1.0}), None], InstanceTypeError, "among the explanations is a NoneType"),
    "kinds": ([of_text({"a": 1.0}), of_parts({"a": 1.0})], OptionError, "different kinds: 'text' and 'parts'"),
    "classes": (
        [of_text({"a": 1.0}, classes="xy"), of_text({"a": 1.0}, classes="yx")],
        OptionError,
        r"different classes: \('x', 'y'\) and \('y', 'x'\); a pick shows one model",
    ),
    "a weight of NaN": ([of_text({"a": 1.0}), of_text({"b": np.nan})], OptionError, "explanation 1 has a weight that"),
    "an infinite one": ([of_text({"a": 1.0}), of_text({"b": -np.inf})], OptionError, "explanation 1 has a weight that"),
}


@pytest.mark.parametrize("name", NONE)
def test_what_cannot_be_picked_from_is_told(name: str) -> None:
    given, error, said = NONE[name]
    with pytest.raises(error, match=said):
        rt.pick(given, 1)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "method": ({"method": "greedy"}, "method='greedy'; expected one of 'submodular', 'random', 'exact'"),
    "method, unhashable": ({"method": []}, r"method=\[\]"),
    "keys": ({"keys": ["a"]}, "keys of their own – leave keys out"),
    "few titles": ({"titles": ["a"]}, "1 titles were given for 3 instances"),
    "one title": ({"titles": "abc"}, "titles='abc' is one string"),
    "many labels": ({"labels": [0] * 4}, "4 labels were given for 3 instances"),
    "one label": ({"labels": "yes"}, "labels='yes' is one string"),
    "unknown label": ({"labels": ["yes", "no", "maybe"]}, "label 'maybe' is none of the classes 'no', 'yes'"),
    "label out of range": ({"labels": [0, 1, 2]}, "label 2 is none of the classes"),
    "negative label": ({"labels": [0, 1, -1]}, "label -1 is none of the classes"),
    "seed": ({"seed": -1}, "seed=-1; a whole number, 0 or more"),
    "no seed": ({"seed": None}, "seed=None; a whole number, 0 or more"),
    "seen": ({"seen": "a"}, "seen='a' is one string"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_option_that_makes_no_sense_is_told(three: list[rt.Explanation], mistake: str) -> None:
    options, said = MISTAKES[mistake]
    with pytest.raises(OptionError, match=said):
        rt.pick(three, 2, **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"keys": ["a"]}, "1 keys were given for 2 columns"),
        ({"keys": ["a", "b", "c"]}, "3 keys were given for 2 columns"),
        ({"keys": ["a", "a"]}, "the key 'a' names more than one column"),
        ({"titles": ["a"]}, "1 titles were given for 2 instances"),
        ({"titles": "ab"}, "titles='ab' is one string"),
        ({"labels": [0, 1]}, "a matrix of weights does not have"),
    ],
)
def test_an_option_that_a_matrix_cannot_have_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        rt.pick(np.eye(2), 1, **options)


# --- once more -------------------------------------------------------------------------------------------------------


def test_another_pick_is_made_from_the_same_explanations(three: list[rt.Explanation]) -> None:
    p = rt.pick(three, 1)
    assert p.again(3).chosen == (0, 1, 2)
    assert p.again(99).chosen == (0, 1, 2)
    assert p.again().chosen == p.chosen
    assert p.again(2, "random").method == "random"
    assert p.again(2, "exact").chosen == (0, 1)
    assert p.chosen == (0,)


def test_among_one_class_importance_is_that_classs(three: list[rt.Explanation]) -> None:
    p = rt.pick(three, 3)
    for target in (1, "yes", -1):
        yes = p.again(target=target)
        assert (yes.chosen, yes.rows.tolist(), yes.target) == ((0, 2), [0, 2], 1)
        assert yes.importance["c"] == 0
        assert yes.share.tolist() == [0.8, 1.0]
    assert yes.again(3).chosen == (0, 1, 2)
    assert yes.again(3).target is None
    for target in (2, "maybe"):
        with pytest.raises(UnknownTarget, match="the model has 2 outputs: 'no', 'yes'"):
            p.again(target=target)


def test_among_errors_only(three: list[rt.Explanation]) -> None:
    p = rt.pick(three, 2, labels=("no", "no", None))
    assert [p.wrong(row) for row in range(3)] == [True, False, None]
    wrong = p.again(2, errors=True)
    assert (wrong.chosen, wrong.errors, len(wrong.rows)) == ((0,), True, 1)
    with pytest.raises(OptionError, match="no instance is left to pick from – choose another class"):
        p.again(errors=True, target="no")


def test_labels_may_be_names_or_indices_of_any_kind(three: list[rt.Explanation]) -> None:
    for labels in (
        ["yes", "no", "yes"],
        np.array(["yes", "no", "yes"]),
        [1, 0, 1],
        np.array([1, 0, 1]),
        pd.Series([1, 0, 1]),
    ):
        assert rt.pick(three, 1, labels=labels).labels == (1, 0, 1)
    assert rt.pick(three, 1).labels is None
    assert rt.pick(three, 1).wrong(0) is None


def test_where_nothing_tells_classes_or_errors_it_is_said(three: list[rt.Explanation]) -> None:
    with pytest.raises(OptionError, match="nothing tells the classes or the errors here"):
        rt.pick(np.eye(2), 1).again(target=0)
    with pytest.raises(OptionError, match="labels= the true classes"):
        rt.pick(three, 1).again(errors=True)


def test_titles_and_labels_of_all_instances_go_to_those_that_were_explained(three: list[rt.Explanation]) -> None:
    many = Explanations(three, (0, 2, 3), {1: "it is empty"})
    p = rt.pick(many, 1, titles=["a", "empty", "c", "d"], labels=["yes", "no", "no", "yes"])
    assert p.titles == ("a", "c", "d")
    assert p.labels == (1, 0, 1)
    assert rt.pick(many, 1, titles=["x", "y", "z"]).titles == ("x", "y", "z")
    with pytest.raises(OptionError, match="2 titles were given for 3 instances"):
        rt.pick(many, 1, titles=["x", "y"])


# --- beside chance ---------------------------------------------------------------------------------------------------


def test_random_shares_are_those_of_random_picks() -> None:
    p = rt.pick(np.diag([4.0, 1.0, 1.0, 1.0]), 4)  # I = 2, 1, 1, 1
    mean, low, high = p.random_shares(repeats=4000)
    assert mean == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.01)
    assert low == pytest.approx([0.2, 0.4, 0.6, 1.0])
    assert high == pytest.approx([0.4, 0.6, 0.8, 1.0])
    assert np.array_equal(p.random_shares()[0], p.random_shares()[0])
    assert (p.share >= mean - 1e-9).all()
    assert [len(share) for share in p.random_shares(2)] == [2, 2, 2]
    assert len(p.random_shares(99)[0]) == 4


# --- its faces -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_frame_says_which_and_why(three: list[rt.Explanation], backend: str) -> None:
    frame = rt.pick(three, 2).to_frame(backend)
    columns: Any = frame.to_pydict() if backend == "pyarrow" else {name: list(frame[name]) for name in frame.columns}
    assert columns == {
        "index": [0, 1],
        "title": ["a b", "c"],
        "adds": [0.5, 0.375],
        "covered": [0.5, 0.875],
        "because": ["a, b", "c"],
    }


def test_it_prints_as_a_table(three: list[rt.Explanation]) -> None:
    lines = str(rt.pick(three, 2)).splitlines()
    assert lines[0] == "2 of 3 instances show 88% of what the model uses (submodular pick)"
    assert lines[1].split() == ["0", "+", "50%", "a", "b", "a,", "b"]
    assert repr(rt.pick(three, 2)) == str(rt.pick(three, 2))


def test_hostile_titles_and_words_are_printed_without_control_characters() -> None:
    e = of_parts({HOSTILE: 1.0, "\n\r\t": 2.0})
    p = rt.pick([e], 1, titles=[HOSTILE])
    assert p.title(0) == HOSTILE
    assert len(str(p).splitlines()) == 2
    assert all(character.isprintable() for line in str(p).splitlines() for character in line)
    whole = HOSTILE.replace("\ud800", "")  # which no frame can hold
    frame = rt.pick([of_parts({whole: 1.0})], 1, titles=[whole]).to_frame()
    assert (frame["title"][0], frame["because"][0]) == (whole, whole)


def test_a_title_is_how_the_text_begins() -> None:
    long = rt.pick([of_text({"word": 1.0}, text="  word\n and\t" + "more " * 99)], 1).title(0)
    assert long.startswith("word and more more")
    assert (len(long), long[-1]) == (81, "…")
    assert rt.pick([of_parts({"a": 1.0})], 1).title(0) == "instance 0"


def test_it_travels_without_the_model() -> None:
    model = linear({"good": 1.0})
    p = rt.pick([rt.explain(model, "a good day", n_samples=50)], 1)
    assert p.picked[0].attached
    again = pickle.loads(pickle.dumps(p))
    assert again.chosen == p.chosen
    assert not again.picked[0].attached
    assert again.importance["good"] == p.importance["good"]


@pytest.mark.parametrize("keep", ["fit", "weights", "neighbourhood"])
def test_explanations_that_let_go_of_much_are_picked_just_the_same(keep: Any) -> None:
    texts = ["a good film", "a bad end", "very good, very bad end", "nothing"]
    many = [rt.explain(wavy, text, n_samples=60) for text in texts]
    whole, kept = rt.pick(many, 3), rt.pick([each.kept(keep) for each in many], 3)
    assert kept.chosen == whole.chosen
    assert kept.coverage == pytest.approx(whole.coverage, abs=1e-12)


def test_what_many_explanations_give_is_picked() -> None:
    found = rt.Explainer(wavy, rt.Text()).explain_many(
        ["a good film", "a bad end", "very"], n_samples=60, progress=False
    )
    p = rt.pick(found, 2)
    assert p.picked == [found[row] for row in p.chosen]
    assert p.share[-1] <= 1 + 1e-12


def test_nothing_is_warned_of_where_all_is_well(three: list[rt.Explanation]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = rt.pick(three, 2, labels=[1, 0, 1], titles=["a", "b", "c"]).again(50)
    assert len(p) == 3

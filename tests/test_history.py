"""What was done in a session: a tree of revisions, and acts that can be undone and done again from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrust as rt
from retrust.errors import OptionError
from retrust.history import Revision, State, figures, path_to, restored
from retrust.journal import mark_to
from retrust.measures import Grew, Turned

MEASURES = {
    "valid": {"before": 0.9, "after": 0.8, "low": -0.15, "high": -0.05, "n": 1200, "of": "accuracy", "p": 0.01}
    | {"auc": {"before": 0.95, "after": 0.9}},
    "reliance": {"before": 0.4, "after": float("nan"), "low": float("nan"), "high": 0.0, "n": 0, "of": "share"},
}


def root(*marks: str) -> State:
    return State(
        (Revision(0, None, None, "model", rt.Ledger(), name="as given"),), rt.Ledger(tuple(map(rt.Mark, marks)))
    )


def revised(state: State, correction: Any = None) -> State:
    """Do what a retraining does."""
    made = Revision(
        len(state.revisions),
        state.current,
        state.revisions[state.current].after,
        f"model {len(state.revisions)}",
        state.ledger,
        correction or rt.Drop(),
        MEASURES,
        [Grew("rutgers", 0.0, 0.5)],
        [Turned(3, "no", "yes", "yes")],
        how="thread",
        seconds=1.5,
    )
    return state.after({"act": "revision", **figures(made)}, made)


def mark(*keys: str) -> dict[str, Any]:
    return {"act": "mark", "marks": [mark_to(rt.Mark(key)) for key in keys]}


def keys(state: State) -> list[str]:
    return [mark.key for mark in state.ledger]


# --- acts ------------------------------------------------------------------------------------------------------------


def test_acts_make_new_states_and_leave_the_old_ones_as_they_were() -> None:
    first = root()
    second = first.after(mark("a", "b"))
    assert (keys(first), keys(second)) == ([], ["a", "b"])
    assert keys(second.after({"act": "withdraw", "keys": ["a"]})) == ["b"]
    assert keys(second) == ["a", "b"]


def test_undo_takes_back_the_last_act_and_says_which_that_is() -> None:
    state = root().after(mark("a")).after(mark("b", "c", "d", "e")).after({"act": "withdraw", "keys": ["a"]})
    said = [state.past[-1][0]]
    for _ in range(2):
        state = state.after({"act": "undo"})
        said.append(state.past[-1][0])
    assert said == ["withdrawing 'a'", "the mark on 'b', 'c', 'd' and 1 more", "the mark on 'a'"]
    assert keys(state.after({"act": "undo"})) == []
    with pytest.raises(OptionError, match="nothing to undo"):
        state.after({"act": "undo"}).after({"act": "undo"})


def test_an_undone_retraining_stays_in_the_tree_and_the_next_is_a_branch() -> None:
    state = revised(revised(root("a")))
    back = state.after({"act": "undo"})
    assert (back.current, len(back.revisions)) == (1, 3)
    branched = revised(back.after(mark("b")))
    assert [each.parent for each in branched.revisions] == [None, 0, 1, 1]
    assert branched.current == 3
    assert [each.number for each in path_to(branched.revisions, 3)] == [0, 1, 3]


def test_marks_made_while_a_retraining_ran_survive_its_undo() -> None:
    state = root("a")
    made = revised(state).revisions[1]
    state = state.after(mark("meanwhile")).after({"act": "revision", **figures(made)}, made)
    assert keys(state) == ["a", "meanwhile"]
    assert [mark.key for mark in state.revisions[1].ledger] == ["a"]
    assert keys(state.after({"act": "undo"})) == ["a", "meanwhile"]


def test_going_takes_the_revisions_own_marks_and_can_be_undone() -> None:
    state = revised(root("a")).after(mark("b"))
    gone = state.after({"act": "go", "revision": 0})
    assert (gone.current, keys(gone)) == (0, [])
    assert gone.past[-1][0] == "going to revision 0"
    assert keys(gone.after({"act": "go", "revision": 1})) == ["a"]
    back = gone.after({"act": "undo"})
    assert (back.current, keys(back)) == (1, ["a", "b"])


def test_a_name_is_given_at_once_and_is_no_act_to_undo() -> None:
    state = revised(root("a"))
    named = state.after({"act": "name", "revision": 1, "name": "no headers"})
    assert named.revisions[1].name == "no headers"
    assert named.past == state.past


@pytest.mark.parametrize("number", [-1, 1, True, "0", 0.0, None], ids=repr)
def test_a_revision_that_is_not_there_is_told(number: object) -> None:
    for act in ("go", "name"):
        with pytest.raises(OptionError, match="there is no revision .*; there are 0 to 0"):
            root().after({"act": act, "revision": number, "name": ""})


@pytest.mark.parametrize(
    "act",
    [
        {},
        {"act": "dance"},
        {"act": ["mark"]},
        {"act": "mark"},
        {"act": "mark", "marks": 3},
        {"act": "mark", "marks": [{}]},
        {"act": "withdraw"},
        {"act": "go"},
        {"act": "revision"},
        {"act": "revision", **figures(revised(root("a")).revisions[1]), "parent": 7},
        {"act": "revision", **figures(revised(root("a")).revisions[1]), "parent": None},
        {"act": "revision", **figures(revised(root("a")).revisions[1]), "options": {"copies": -1}},
        {"act": "revision", **figures(revised(root("a")).revisions[1]), "turned": [3]},
        {"act": "revision", **figures(revised(root("a")).revisions[1]), "measures": []},
    ],
    ids=range(14),
)
def test_an_act_that_is_none_or_damaged_is_an_error_that_a_reader_of_files_expects(act: dict[str, Any]) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        root().after(act)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.sampled_from("abc")),
        st.tuples(st.just("withdraw"), st.sampled_from("abc")),
        st.tuples(st.sampled_from(("undo", "revise")), st.none()),
        st.tuples(st.just("go"), st.integers(0, 3)),
    ),
    max_size=12,
)


def act_of(state: State, name: str, argument: Any) -> dict[str, Any]:
    if name == "mark":
        return mark(argument)
    if name == "revise":
        return {"act": "revision", **figures(revised(state).revisions[-1])}
    return {"act": name, "keys": [argument], "revision": argument}


@given(ACTS)
def test_acts_written_and_read_again_come_to_the_same_state(acts: list[tuple[str, Any]]) -> None:
    state, written = root(), []
    for name, argument in acts:
        act = act_of(state, name, argument)
        try:
            state = revised(state) if name == "revise" else state.after(act)
        except OptionError:
            continue
        written.append(json.dumps(act, allow_nan=False))
    again = root()
    for line in written:
        again = again.after(json.loads(line))
    assert (again.ledger, again.current, again.past) == (state.ledger, state.current, state.past)
    assert [(r.number, r.parent, r.ledger) for r in again.revisions] == [
        (r.number, r.parent, r.ledger) for r in state.revisions
    ]


# --- figures ---------------------------------------------------------------------------------------------------------


def test_figures_are_plain_json_and_come_back_without_the_models() -> None:
    made = revised(root("a"), rt.Swap(copies=3, seed=5)).revisions[1]
    again = restored(json.loads(json.dumps(figures(made), allow_nan=False)), 1)
    assert (again.before, again.after) == (None, None)
    assert (again.number, again.parent, again.ledger, again.how, again.seconds) == (1, 0, made.ledger, "thread", 1.5)
    assert again.correction == rt.Swap(copies=3, seed=5)
    assert again.measures["valid"] == MEASURES["valid"]
    assert again.measures["reliance"]["after"] is None
    assert (list(again.gained), list(again.turned)) == (list(made.gained), list(made.turned))


@pytest.mark.parametrize("correction", [rt.Drop(), rt.Swap(2, 1), rt.Penalty(3.5)], ids=repr)
def test_a_correction_of_the_house_comes_back_with_its_options(correction: Any) -> None:
    made = revised(root("a"), correction).revisions[1]
    assert restored(json.loads(json.dumps(figures(made))), 1).correction == correction


def test_of_a_correction_of_ones_own_the_name_comes_back() -> None:
    @dataclass
    class Bleach:
        strength: Any = None

        def apply(self, dataset: rt.Dataset, *_: Any) -> rt.Dataset:
            return dataset

    made = revised(root("a"), Bleach(object())).revisions[1]
    again = restored(json.loads(json.dumps(figures(made))), 1)
    assert again.correction == "Bleach"
    assert made.corrected_by == again.corrected_by == "Bleach"


def test_labels_of_numpy_are_written_as_text() -> None:
    made = Revision(1, 0, None, None, rt.Ledger(), rt.Drop(), turned=[Turned(0, np.int64(1), 2, "x")])
    assert json.loads(json.dumps(figures(made)))["turned"] == [[0, "1", "2", "x"]]


def test_a_revision_prints_its_figures_a_fall_like_a_rise() -> None:
    said = str(revised(root("a")).revisions[1]).splitlines()
    assert said[0] == "revision 1 Drop of 1 mark"
    assert said[1] == "  valid     0.900 → 0.800  [-0.150, -0.050]  (accuracy, n = 1,200)"
    assert said[3] == "  grew most: rutgers 0.00 → 0.50"
    assert said[4] == "  1 held-out prediction turned"
    assert str(root().revisions[0]) == "revision 0 as given"


def test_a_revision_from_a_file_prints_what_is_known() -> None:
    made = revised(root("a")).revisions[1]
    again = restored(json.loads(json.dumps(figures(made))), 1)
    said = str(again).splitlines()
    assert said[:2] == str(made).splitlines()[:2]
    assert said[2] == "  reliance  0.400 → –  [–, +0.000]  (share, n = 0)"

"""Marks as people keep and exchange them, and the file that survives a crash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrust.errors import ContractError
from retrust.journal import Journal, from_json, mark_from, mark_to, merged, to_json
from retrust.ledger import Ledger, Mark

if TYPE_CHECKING:
    from pathlib import Path

HEAD = {"rows": 3, "data": "abc"}

MARKS = st.builds(
    Mark,
    st.text(min_size=1),
    st.sampled_from(("instance", "label", "everywhere")),
    st.text(),
    st.none() | st.integers() | st.booleans() | st.text(min_size=1),
    st.none() | st.text(min_size=1),
    st.text(),
)


@given(st.lists(MARKS))
def test_a_ledger_survives_the_way_through_json(marks: list[Mark]) -> None:
    ledger = Ledger()
    for mark in marks:
        ledger = ledger.with_mark(mark)
    assert from_json(json.loads(json.dumps(to_json(ledger)))) == ledger


def test_labels_of_numpy_become_plain_ones() -> None:
    assert mark_to(Mark("a", "label", label=np.int64(1))) == {"key": "a", "scope": "label", "label": 1}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "no marks"),
        ({"retrust": "explanation"}, "no marks"),
        ({"retrust": "ledger", "version": 2, "marks": []}, "reads version 1"),
        ({"retrust": "ledger", "version": 1}, "a list of them"),
        ({"retrust": "ledger", "version": 1, "marks": "Posting"}, "a list of them"),
        ({"retrust": "ledger", "version": 1, "marks": [{"because": "x"}]}, "with a key"),
        ({"retrust": "ledger", "version": 1, "marks": [{"key": "a", "scope": "world"}]}, "'world'"),
        ({"retrust": "ledger", "version": 1, "marks": [{"key": "a", "because": 3}]}, "are texts"),
        ({"retrust": "ledger", "version": 1, "marks": [{"key": "a", "label": [1]}]}, "plain values"),
    ],
)
def test_what_is_no_ledger_is_told(given: Any, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        from_json(given)


def test_ledgers_of_several_people_are_joined_and_their_differences_named() -> None:
    ann = Ledger((Mark("Posting", because="a header"), Mark("Host"), Mark("snow")))
    bob = Ledger((Mark("Posting", because="mail"), Mark("Host", "label", label=1)))
    both = merged({"ann": ann, "bob": bob})
    assert [(mark.key, mark.scope) for mark in both.ledger] == [
        ("Posting", "everywhere"),
        ("Host", "everywhere"),
        ("snow", "everywhere"),
    ]
    assert {key: list(said) for key, said in both.disagreements.items()} == {
        "Host": ["ann", "bob"],
        "snow": ["ann", "bob"],
    }
    assert both.disagreements["snow"]["bob"] is None
    assert str(both).splitlines() == [
        "3 marks, 2 of them disputed",
        "  Host: ann everywhere, bob label",
        "  snow: ann everywhere, bob nothing",
    ]


def test_acts_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    journal = Journal(path, HEAD)
    journal.append({"act": "mark", "marks": [mark_to(Mark("Qur’an\ud800"))]})
    journal.append({"act": "undo"})
    found = Journal(path, HEAD).acts
    assert [act["act"] for act in found] == ["mark", "undo"]
    assert mark_from(found[0]["marks"][0]).key == "Qur’an\ud800"


def test_a_torn_last_line_is_left_out_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    Journal(path, HEAD).append({"act": "mark", "marks": []})
    with path.open("ab") as file:
        file.write(b'{"act": "revi')
    journal = Journal(path, HEAD)
    assert journal.acts == [{"act": "mark", "marks": []}]
    journal.append({"act": "undo"})
    assert Journal(path, HEAD).acts == [{"act": "mark", "marks": []}, {"act": "undo"}]


def test_a_file_torn_in_its_first_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(b'{"retrust": "session", "ver')
    assert Journal(path, HEAD).acts == []
    assert Journal(path, HEAD).acts == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"my thesis", "no session's file"),
        (b"my thesis\n", "line 1 .* is damaged"),
        (b"[1]\n", "no act of a session"),
        (b'{"retrust": "explanations", "version": 1}\n', "no session's file"),
        (b'{"retrust": "session", "version": 9}\n', "no session's file that this release reads"),
        (b'{"retrust": "session", "version": 1, "rows": 4, "data": "abc"}\n', "its rows is 4, here 3"),
        (b'{"retrust": "session", "version": 1, "rows": 3, "data": "abc"}\nnonsense\n{}\n', "line 2 .* is damaged"),
    ],
)
def test_foreign_and_damaged_files_are_told_and_left_as_they_are(tmp_path: Path, written: bytes, told: str) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(written)
    with pytest.raises(ContractError, match=told):
        Journal(path, HEAD)
    assert path.read_bytes() == written

"""Marks and the ledger."""

from __future__ import annotations

import dataclasses

import pytest

from retrust.errors import OptionError
from retrust.ledger import Ledger, Mark


def test_a_mark_holds_everywhere_unless_it_says_otherwise() -> None:
    assert Mark("Posting") == Mark("Posting", scope="everywhere", because="")


def test_a_scope_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(OptionError, match=r"'planet'.*'instance', 'label', 'everywhere'"):
        Mark("Posting", scope="planet")


def test_a_ledger_keeps_its_marks_in_the_order_in_which_they_were_made() -> None:
    ledger = Ledger().with_mark(Mark("b")).with_mark(Mark("a")).with_mark(Mark("c"))
    assert [mark.key for mark in ledger] == ["b", "a", "c"]
    assert len(ledger) == 3


def test_the_latest_mark_on_a_key_counts_and_stands_last() -> None:
    ledger = Ledger().with_mark(Mark("a", because="first")).with_mark(Mark("b")).with_mark(Mark("a", because="second"))
    assert [(mark.key, mark.because) for mark in ledger] == [("b", ""), ("a", "second")]


def test_trusting_a_key_again_leaves_the_others() -> None:
    assert [mark.key for mark in Ledger((Mark("a"), Mark("b"))).without("a")] == ["b"]


def test_trusting_a_key_that_was_never_marked_changes_nothing() -> None:
    ledger = Ledger((Mark("a"),))
    assert ledger.without("b") == ledger


def test_no_ledger_ever_changes() -> None:
    ledger = Ledger((Mark("a"),))
    ledger.with_mark(Mark("b"))
    ledger.without("a")
    assert [mark.key for mark in ledger] == ["a"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ledger.marks = ()  # type: ignore[misc]

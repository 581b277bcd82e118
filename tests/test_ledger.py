"""Marks and the ledger."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image as Pillow

from retrust.errors import OptionError
from retrust.ledger import Ledger, Mark, digest


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


def test_a_mark_may_say_where_it_was_made() -> None:
    mark = Mark("Posting", scope="label", label="atheism", instance=digest("a post"), vocabulary="3f2a")
    assert (mark.label, mark.instance, mark.vocabulary) == ("atheism", digest("a post"), "3f2a")
    assert (Mark("Posting").label, Mark("Posting").instance, Mark("Posting").vocabulary) == (None, None, "")


PICTURE = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
FRAME = pd.DataFrame({"age": [31, 40], "city": ["Bonn", "Köln"]})
SAME = {
    "text": ("a post", np.array(["a post"])[0]),
    "picture": (PICTURE, PICTURE[::-1][::-1], Pillow.fromarray(PICTURE)),
    "row": (FRAME.iloc[0], {"age": 31, "city": "Bonn"}, [31, "Bonn"], pl.from_pandas(FRAME).row(0, named=True)),
    "numbers": (np.array([1.5, 2.0]), (1.5, 2.0), pd.Series([1.5, 2.0])),
}


@pytest.mark.parametrize("kind", SAME)
def test_equal_instances_have_one_digest_whatever_holds_them(kind: str) -> None:
    assert len({digest(instance) for instance in SAME[kind]}) == 1


def test_other_instances_have_other_digests() -> None:
    different = [
        "a post",
        "a Post",
        PICTURE,
        PICTURE[::-1],
        PICTURE.reshape(1, 4, 3),
        [31, "Bonn"],
        [31, "Köln"],
        "\ud800",
    ]
    assert len({digest(instance) for instance in different}) == len(different)

"""In which rows marks hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from toys import Notes

import retrust as rt
from retrust.errors import InstanceTypeError, OptionError, UnknownFeature
from retrust.ledger import digest
from retrust.reach import Reader, codes, reach, refuse_bare

DATA = rt.Dataset(["red sky", "red sea", "blue sea", "Red sand", ""], ["day", "night", "night", "day", "day"])


def held(*marks: rt.Mark, data: rt.Dataset = DATA, domain: Any = None) -> list[set[str]]:
    return [set(keys) for keys in reach(data, rt.Ledger(marks), domain or rt.Text()).held]


def test_everywhere_is_every_row_that_has_the_key() -> None:
    assert held(rt.Mark("red"), rt.Mark("sea")) == [{"red"}, {"red", "sea"}, {"sea"}, set(), set()]


def test_a_label_is_the_rows_of_that_label_that_have_the_key() -> None:
    assert held(rt.Mark("red", "label", label="night")) == [set(), {"red"}, set(), set(), set()]
    numbers = rt.Dataset(["red", "red sea"], np.array([0, 1]))
    assert held(rt.Mark("red", "label", label=1), data=numbers) == [set(), {"red"}]


def test_an_instance_is_that_row_and_its_equals() -> None:
    twice = DATA.joined(DATA.take([0]))
    found = held(rt.Mark("red", "instance", instance=digest("red sky")), data=twice)
    assert found == [{"red"}, set(), set(), set(), set(), {"red"}]


def test_what_a_row_has_is_known_where_the_mark_does_not_hold() -> None:
    found = reach(DATA, rt.Ledger((rt.Mark("red", "label", label="night"),)), rt.Text())
    assert [bool(keys) for keys in found.has] == [True, True, False, False, False]
    assert found.touched.tolist() == [False, True, False, False, False]


def test_a_blank_text_can_lose_nothing_and_a_row_of_marked_words_is_bare() -> None:
    found = reach(DATA, rt.Ledger((rt.Mark("red"), rt.Mark("sky"))), rt.Text())
    assert found.able.tolist() == [True, True, True, True, False]
    assert found.bare.tolist() == [True, False, False, False, False]
    assert (found.kind, found.noun) == ("text", "text")


def test_a_domain_that_the_house_does_not_know_is_read_by_its_keys() -> None:
    tunes = rt.Dataset([(60, 62), (62, 64)], [0, 1])
    assert held(rt.Mark("60"), data=tunes, domain=Notes()) == [{"60"}, set()]


@pytest.mark.parametrize("X", [pd.DataFrame({"age": [1, 2], "city": ["a", "b"]}), np.zeros((2, 2))])
def test_every_row_of_a_table_has_every_column(X: Any) -> None:
    names = ["age", "0"]
    found = reach(rt.Dataset(X, [0, 1]), rt.Ledger((rt.Mark(names[isinstance(X, np.ndarray)]),)), None)
    assert (found.kind, found.touched.tolist(), found.bare.tolist()) == ("table", [True, True], [False, False])


def test_what_is_no_table_needs_a_domain() -> None:
    with pytest.raises(OptionError, match=r"X is list and no domain is given; a frame or an array \(n, d\)"):
        reach(DATA, rt.Ledger((rt.Mark("red"),)), None)


def test_nothing_marked_is_an_error() -> None:
    with pytest.raises(OptionError, match="nothing is marked"):
        held()


def test_a_key_that_no_row_has_is_told_with_near_ones() -> None:
    with pytest.raises(UnknownFeature, match=r"no text has 'RED' – did you mean 'red', 'Red'\?"):
        held(rt.Mark("RED"))
    with pytest.raises(UnknownFeature, match=r"no text has 'sando' – did you mean 'sand'\?"):
        held(rt.Mark("sando"))
    with pytest.raises(UnknownFeature, match=r"no text has 'zebra'$"):
        held(rt.Mark("red"), rt.Mark("zebra"))
    with pytest.raises(UnknownFeature, match=r"no row has 'agee' – did you mean 'age'\?"):
        reach(rt.Dataset(pd.DataFrame({"age": [1, 2]}), [0, 1]), rt.Ledger((rt.Mark("agee"),)), None)


def test_a_key_that_only_other_labels_have_is_told_so() -> None:
    with pytest.raises(UnknownFeature, match=r"no text of the label 'night' has 'sky'; 1 text elsewhere does"):
        held(rt.Mark("sky", "label", label="night"))


@pytest.mark.parametrize("scope", ["label", "instance"])
def test_a_narrow_mark_must_say_where_it_was_made(scope: str) -> None:
    with pytest.raises(OptionError, match=rf"'red' holds for one {scope} and does not say which – give it {scope}="):
        held(rt.Mark("red", scope))


def test_a_label_or_instance_that_is_not_there_is_told() -> None:
    with pytest.raises(OptionError, match=r"the label 'dusk', which no row has – the labels are 'day', 'night'"):
        held(rt.Mark("red", "label", label="dusk"))
    with pytest.raises(OptionError, match=r"the instance 'abc', which no row has"):
        held(rt.Mark("red", "instance", instance="abc"))


def test_in_rows_set_aside_a_mark_need_not_hold() -> None:
    marks = rt.Ledger(
        (rt.Mark("zebra"), rt.Mark("red", "label", label="dusk"), rt.Mark("sea", "instance", instance="a"))
    )
    assert not reach(DATA, marks, rt.Text(), strict=False).touched.any()


def test_words_of_another_visual_vocabulary_are_refused() -> None:
    with pytest.raises(
        OptionError, match=r"the marks on 'snow' were made with another visual vocabulary.*\(it has none\)"
    ):
        held(rt.Mark("snow", vocabulary="3f2a"))


def test_rows_of_the_wrong_type_are_told() -> None:
    with pytest.raises(InstanceTypeError, match="bytes"):
        held(rt.Mark("red"), data=rt.Dataset([b"red"], [0]))


def test_rows_are_kept_as_far_as_memory_allows() -> None:
    reader = Reader(rt.Text(), DATA, left=2 * 100 + len("red sky"))
    first, second = rt.Text().represent("red sky"), rt.Text().represent("red sea")
    reader.keep(0, first)
    reader.keep(1, second)
    assert reader(0) is first
    assert reader(1) is not second
    assert reader(4) is None


def test_a_class_that_would_have_nothing_left_is_refused() -> None:
    data = rt.Dataset(["red", "blue sea"], ["day", "night"])
    found = reach(data, rt.Ledger((rt.Mark("red"),)), rt.Text())
    with pytest.raises(
        OptionError, match=r"every text of the label 'day' consists of marked parts alone, and so – mark"
    ):
        refuse_bare(found, data, "so")


def test_measured_targets_are_of_one_class_and_missing_ones_are_no_trouble() -> None:
    assert codes([0.5, 2.0, float("nan")]).tolist() == [0, 0, 0]
    assert codes([2.0, 1.0, 2.0]).tolist() == [0, 1, 0]
    assert codes([(0, 1), (1, 0), (0, 1)]).tolist() == [0, 1, 0]

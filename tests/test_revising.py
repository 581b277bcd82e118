"""A round: train, measure; and all that can come in between."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pytest
from loops import HEADERS, Here, posts, reader
from sklearn.dummy import DummyClassifier

import retrust as rt
from retrust.errors import OptionError
from retrust.revising import Stage, completed

if TYPE_CHECKING:
    from collections.abc import Generator

    from loops import Make

make, cold = loops.make, loops.cold  # pytest looks for fixtures here


def marked(s: rt.Session, *keys: str) -> rt.Session:
    s.mark(keys or HEADERS)
    return s


def untouched(s: rt.Session, model: Any) -> None:
    """See that nothing was lost, and that the next training works."""
    assert (s.model, s.current, len(s.revisions), s.busy) == (model, 0, 1, False)
    assert s.marked == set(HEADERS)
    s.trainer = Here()
    assert s.retrain().measures["valid"]["after"] == 1.0


# --- what is told while it runs --------------------------------------------------------------------------------------


def test_its_steps_say_how_far_it_is_and_what_is_known_already(make: Make) -> None:
    s = marked(make(shifted=posts(12, turned=True)))
    s.pick(3)
    s.read(7)
    stages = list(s.retraining())
    measuring = [stage for stage in stages if stage.phase == "measuring"]
    assert measuring[0].comparison is not None
    assert measuring[0].comparison.title == s.title(7)
    assert [stage.comparison for stage in measuring[1:]] == [None] * (len(measuring) - 1)
    known = [tuple(stage.found) for stage in measuring if stage.found]
    assert known[0] == ("valid",)
    assert known[-1] == ("valid", "shifted", "stress", "trust")
    assert all(set(one) <= set(two) for one, two in pairwise(known))
    assert [(stage.done, stage.of) for stage in measuring if stage.of] == [(2, 4), (3, 4), (4, 4)]


def test_marks_made_meanwhile_are_kept_and_do_not_enter_the_revision(make: Make) -> None:
    here = Here()
    s = marked(make(trainer=here))
    here.open.clear()
    steps = s.retraining()
    assert next(steps).phase == "training"
    s.mark("moon")
    s.withdraw("Easter")
    here.open.set()
    r = completed(steps)
    assert [mark.key for mark in r.ledger] == list(HEADERS)
    assert s.marked == {"Posting", "moon"}
    s.undo()
    assert (s.current, sorted(s.marked)) == (0, ["Posting", "moon"])


def test_going_elsewhere_meanwhile_does_not_change_the_parent(make: Make) -> None:
    here = Here()
    s = marked(make(trainer=here))
    s.retrain()
    here.open.clear()
    steps = s.retraining()
    next(steps)
    s.go(0)
    here.open.set()
    r = completed(steps)
    assert (r.number, r.parent, r.before, s.current) == (2, 1, s.revisions[1].after, 2)


def test_a_second_training_meanwhile_is_refused(make: Make) -> None:
    here = Here()
    s = marked(make(trainer=here))
    here.open.clear()
    steps = s.retraining()
    next(steps)
    assert s.busy
    with pytest.raises(OptionError, match="a training is under way – wait for it, or stop it"):
        s.retrain()
    assert s.busy
    here.open.set()
    assert completed(steps).number == 1
    assert s.retrain().number == 2


# --- what fails ------------------------------------------------------------------------------------------------------


class Odd(Exception):
    """An error that pickles but cannot be read again."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def raising(error: type[Exception], *args: str) -> Any:
    def train(_data: rt.Dataset) -> Any:
        raise error(*args)

    return train


FAILING = [
    (raising(ZeroDivisionError, "no rows"), "the trainer raised ZeroDivisionError: no rows; the model is as it was"),
    (raising(Odd, "this", "that"), "the trainer raised Odd: this and that; the model is as it was"),
    (lambda _: None, "the trainer returned nothing; it must return the fitted model"),
    (lambda _: 7, "the model is int; an estimator with predict_proba"),
    (lambda _: DummyClassifier().fit([""], ["buddhism"]), r"with the classes 'buddhism'; those of the model given are"),
    (lambda _: lambda texts: np.ones((len(texts), 3)), "the model gives 3 outputs and there are 2 labels"),
    (lambda _: lambda texts: np.full((len(texts), 2), np.nan), "nan"),
    (lambda _: lambda texts: [1, 2, 3][: len(texts) + 1], "the model"),
]


@pytest.mark.parametrize(("train", "told"), FAILING, ids=range(8))
def test_a_trainer_that_fails_leaves_everything_as_it_was(make: Make, train: Any, told: str) -> None:
    model = reader().fit(*posts(24))
    s = marked(make(model, trainer=Here(train)))
    with pytest.raises(rt.RetrustError, match=told):
        s.retrain()
    untouched(s, model)


@pytest.mark.parametrize(("train", "told"), FAILING[:2], ids=range(2))
def test_an_error_in_the_child_is_told_like_one_here(make: Make, train: Any, told: str) -> None:
    model = reader().fit(*posts(24))
    s = marked(make(model, trainer=train))
    with pytest.raises(rt.RetrustError, match=told):
        s.retrain()
    untouched(s, model)


def test_numbers_in_the_place_of_classes_are_no_model_either(make: Make) -> None:
    texts, _ = posts(24)
    y = [i / 2 for i in range(24)]
    s = make(lambda batch: np.arange(len(batch), dtype=float), texts, y, valid=(texts, y), trainer=lambda _: "a model")
    s.mark("moon")
    with pytest.raises((rt.RetrustError, TypeError)):
        s.retrain()
    assert (s.busy, len(s.revisions)) == (False, 1)


def test_a_trainer_that_never_ends_is_stopped_at_its_limit(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"

    def forever(data: rt.Dataset) -> Any:
        while (tmp_path / "go").exists():
            child.write_text(str(os.getpid()))
            time.sleep(0.05)
        return reader().fit(data.X, data.y)

    model = reader().fit(*posts(24))
    s = marked(make(model, trainer=forever))
    s.retrain()  # the child is there, and has read what it needs
    s.undo()
    (tmp_path / "go").touch()
    with pytest.raises(rt.RetrustError, match=r"longer than its limit of 2 s .*; the model is as it was"):
        s.retrain(timeout=2)
    assert ended(int(child.read_text()))
    assert (s.model, s.current, len(s.revisions), s.busy) == (model, 0, 2, False)


def test_a_child_that_died_between_two_trainings_is_replaced(make: Make) -> None:
    s = marked(make(trainer=lambda data: reader().fit(data.X, data.y)))
    assert s.retrain().how == "process"
    for child in list(s._shop._pool._processes):  # type: ignore[union-attr]
        os.kill(child, 9)
        assert ended(child)
    time.sleep(0.5)
    s._shop.submit(int)  # as a mark does, to warm it
    assert s.retrain().number == 2


# --- what interrupts it ----------------------------------------------------------------------------------------------


def ended(process: int) -> bool:
    for _ in range(600):
        try:
            if Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", ["close", "KeyboardInterrupt"])
def test_what_interrupts_a_training_stops_the_child_and_keeps_model_and_marks(
    make: Make, how: str, tmp_path: Path
) -> None:
    child = tmp_path / "child"

    def forever(data: rt.Dataset) -> Any:
        child.write_text(str(os.getpid()))
        while not (tmp_path / "end").exists():
            time.sleep(0.05)
        return reader().fit(data.X, data.y)

    model = reader().fit(*posts(24))
    s = marked(make(model, trainer=forever))
    steps = s.retraining()
    while not (child.exists() and child.read_text()):
        next(steps)
    if how == "close":
        steps.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            steps.throw(KeyboardInterrupt)
    assert ended(int(child.read_text()))
    untouched(s, model)


@pytest.mark.parametrize("steps_done", range(1, 8))
def test_measuring_can_be_interrupted_at_every_step(make: Make, steps_done: int) -> None:
    s = marked(make())
    s.read(0)
    steps, measured = s.retraining(), 0
    while measured < steps_done:
        measured += next(steps).phase == "measuring"
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt)
    assert (s.current, len(s.revisions), s.busy) == (0, 1, False)
    assert s.retrain().number == 1


@pytest.mark.filterwarnings("ignore::retrust.errors.PartialWarning")
def test_an_interruption_while_both_models_explain_ends_the_round(make: Make) -> None:
    trained: list[Any] = []

    def train(data: rt.Dataset) -> Any:
        model = reader().fit(data.X, data.y)
        trained.append(model)

        def ask(texts: Any) -> Any:
            if len(trained) < 2 or len(texts) == 1:
                return model.predict_proba(texts)
            raise KeyboardInterrupt

        return ask

    s = make(train(rt.Dataset(*posts(24))), trainer=Here(train))
    s.mark(HEADERS)
    s.read(0)
    with pytest.raises(KeyboardInterrupt):
        s.retrain()
    assert (s.current, len(s.revisions), s.busy) == (0, 1, False)


def test_what_is_completed_is_closed_whatever_happens() -> None:
    closed: list[str] = []

    def steps() -> Generator[Stage, None, str]:
        try:
            yield Stage("training", "")
            raise ZeroDivisionError
        finally:
            closed.append("closed")

    with pytest.raises(ZeroDivisionError):
        completed(steps())
    assert closed == ["closed"]

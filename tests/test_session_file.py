"""A session's file: everything that was done is there after a crash, and nothing else is taken for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loops import HEADERS, Here, posts, reader

import retrust as rt
from retrust.errors import ContractError, OptionError, RetrustError, RetrustWarning
from retrust.workshop import Workshop

if TYPE_CHECKING:
    from loops import Make

make, cold = loops.make, loops.cold  # pytest looks for fixtures here


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


def told(s: rt.Session) -> Any:
    """Return all that a session knows beside its models."""
    revisions = [(r.number, r.parent, r.ledger, r.corrected_by, r.name, str(r)) for r in s.revisions]
    return s.ledger, s.current, s.undoes, revisions


def lived(make: Make, path: Path) -> rt.Session:
    """Make a session with a little history."""
    s = make(path=path)
    s.mark(HEADERS, because="a mail header")
    s.retrain(name="no headers")
    s.mark("moon", scope="label", row=0)
    s.retrain(rt.Swap(copies=2))
    s.undo()
    s.name(1, "headers out")
    s.withdraw("Easter")
    return s


def test_everything_but_the_models_is_there_again(make: Make, path: Path) -> None:
    s = lived(make, path)
    again = make(path=path)
    assert told(again) == told(s)
    assert again.revisions[1].measures["valid"] == s.revisions[1].measures["valid"]
    assert [r.after is None for r in again.revisions] == [False, True, True]
    again.undo()
    assert told(make(path=path)) == told(again)


def test_a_model_from_a_file_is_trained_again_on_demand(make: Make, path: Path) -> None:
    s = lived(make, path)
    again = make(path=path)
    for doing in (lambda: again.model, lambda: again.read(0), again.standing, again.retrain, again.pick):
        with pytest.raises(RetrustError, match=r"revision 1 was read from a file, without its model – s\.rebuild\(\)"):
            doing()
    heard: list[str] = []
    again.subscribe(heard.append)
    model = again.rebuild()
    assert model is again.model
    assert heard == ["rebuild"]
    assert np.array_equal(model.predict_proba(s.valid.X), s.model.predict_proba(s.valid.X))
    assert again.revisions[1].before is again.revisions[0].after
    assert again.both(0) is not None
    assert again.retrain().number == 3


def test_a_branch_is_rebuilt_with_its_own_corrections_and_marks(make: Make, path: Path) -> None:
    s = lived(make, path)
    s.go(2)
    trainer = Here()
    again = make(path=path, trainer=trainer)
    model = again.rebuild()
    assert [len(data) for data in trainer.asked] == [24, 72]  # what Drop leaves, and what Swap adds
    assert np.array_equal(model.predict_proba(s.valid.X), s.model.predict_proba(s.valid.X))
    assert again.rebuild() is model
    assert len(trainer.asked) == 2


def test_a_correction_of_ones_own_cannot_be_rebuilt_and_that_is_told(make: Make, path: Path) -> None:
    class Bleach:
        def apply(self, dataset: rt.Dataset, *_: Any) -> rt.Dataset:
            return dataset

    s = make(path=path)
    s.mark("moon")
    s.retrain(Bleach())
    again = make(path=path)
    assert "Bleach of 1 mark" in str(again)
    with pytest.raises(RetrustError, match=r"made with your own Bleach, which is not in the file – s\.go\(0\)"):
        again.rebuild()
    again.go(0)
    assert again.rebuild() is again.model
    assert again.current == 0


# --- what is refused -------------------------------------------------------------------------------------------------


def test_the_file_of_other_rows_or_labels_is_refused_and_stays_as_it_is(make: Make, path: Path) -> None:
    lived(make, path)
    written = path.read_bytes()
    texts, labels = posts(24)
    for X, y in ((texts[:22], labels[:22]), ([*texts[:-1], "else"], labels), (texts, labels[1:] + labels[:1])):
        with pytest.raises(ContractError, match="is of another session"):
            make(None, X, y, path=path)
    assert path.read_bytes() == written


def test_a_last_line_that_a_crash_tore_is_left_out(make: Make, path: Path) -> None:
    lived(make, path)
    path.write_bytes(path.read_bytes()[:-5])
    again = make(path=path)
    assert again.marked == {*HEADERS, "moon"}
    again.mark("sun")
    assert make(path=path).marked == {*HEADERS, "moon", "sun"}


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b'{"act": "dance"}',
        b'{"act": "mark", "marks": 7}',
        b'{"act": "go", "revision": 9}',
        b'{"act": "undo"}\n{"act": "undo"}',
        b'{"act": "revision", "parent": 0, "measures": [], "marks": [], "correction": "Drop", "options": {}}',
    ],
    ids=range(6),
)
def test_a_line_that_is_damaged_is_told_by_its_number(make: Make, path: Path, line: bytes) -> None:
    s = make(path=path)
    s.mark("moon")
    with path.open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(ContractError, match=r"line [34] of .*is damaged"):
        make(path=path)


def test_a_disk_that_takes_no_more_is_told_once_and_the_session_goes_on(make: Make, path: Path, tmp_path: Path) -> None:
    s = make(path=path)
    s.mark("moon")
    path.rename(tmp_path / "kept")
    path.mkdir()  # nothing can be appended to a folder
    with pytest.warns(RetrustWarning, match=r"cannot be written .*goes on in memory.* s\.save_marks\(path\)"):
        s.mark("sun")
    s.undo()
    s.mark("Posting")
    assert s.retrain().number == 1
    path.rmdir()
    (tmp_path / "kept").rename(path)
    s.withdraw("moon")
    again = make(path=path)
    assert [mark.key for mark in again.ledger] == ["moon"]  # as far as was written; what follows would make no sense


def test_a_full_disk_that_took_half_a_line_leaves_a_file_that_can_be_read(
    make: Make, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = make(path=path)
    s.mark("moon")

    def full(_: int) -> None:
        os.truncate(path, path.stat().st_size - 7)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(RetrustWarning, match="No space left on device"):
        s.mark("sun")
    monkeypatch.undo()
    monkeypatch.setattr(Workshop, "warm", lambda _: None)
    s.mark("Posting")
    assert s.marked == {"moon", "sun", "Posting"}
    assert make(path=path).marked == {"moon"}


def test_a_file_that_cannot_be_made_is_an_error_at_once(make: Make, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        make(path=tmp_path / "nowhere" / "session.jsonl")


# --- a dead kernel ---------------------------------------------------------------------------------------------------

KERNEL = """
import sys, time
sys.path[:0] = {folders!r}
import retrust as rt
from loops import posts, reader, HEADERS, Here
from pathlib import Path
def slow(data):
    if Path({path!r}).with_suffix(".slow").exists():
        Path({path!r}).with_suffix(".inside").touch()
        time.sleep(600)
    return reader().fit(data.X, data.y)
s = rt.Session(reader().fit(*posts(24)), *posts(24), valid=posts(12), trainer={trainer}, path={path!r}, n_samples=40)
s.mark(HEADERS, because="a header")
s.retrain(name="first")
s.mark("moon")
Path({path!r}).with_suffix(".slow").touch()
s.retrain()
"""


@pytest.mark.parametrize("trainer", ["slow", "Here(slow)"])
def test_a_kernel_that_is_killed_during_a_retraining_loses_nothing(make: Make, path: Path, trainer: str) -> None:
    code = KERNEL.format(folders=[str(Path(__file__).parent)], path=str(path), trainer=trainer)
    kernel = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    until = time.monotonic() + 120
    while not path.with_suffix(".inside").exists():
        assert kernel.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(kernel.pid, signal.SIGKILL)
    kernel.wait()
    s = make(path=path)
    assert [mark.key for mark in s.ledger] == [*HEADERS, "moon"]
    assert [(r.parent, r.name) for r in s.revisions] == [(None, "as given"), (0, "first")]
    assert s.revisions[1].measures["valid"]["after"] == 1.0
    assert s.rebuild().predict(["moon"]).tolist() == ["atheism"]


# --- any order -------------------------------------------------------------------------------------------------------

ACTS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(("mark", "withdraw")), st.lists(st.sampled_from(("moon", "sun", "here")), max_size=3)
        ),
        st.tuples(st.just("label"), st.integers(0, 3)),
        st.tuples(st.just("undo"), st.none()),
        st.tuples(st.sampled_from(("go", "name")), st.integers(-1, 2)),
    ),
    max_size=10,
)


def do(s: rt.Session, name: str, argument: Any) -> None:
    if name == "undo":
        s.undo()
    elif name == "label":
        s.mark("now", scope="label", row=argument)
    elif name == "name":
        s.name(argument, "so")
    else:
        getattr(s, name)(argument)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_any_acts_read_again_from_the_file_come_to_the_same_session(make: Make, path: Path, acts: Any) -> None:
    path.unlink(missing_ok=True)
    model = reader().fit(*posts(24))
    s = make(model, path=path)
    s.mark("Posting")
    s.retrain()
    for name, argument in acts:
        with suppress(OptionError, rt.errors.UnknownFeature):
            do(s, name, argument)
    assert told(make(model, path=path)) == told(s)
    lines = path.read_text("utf-8").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)

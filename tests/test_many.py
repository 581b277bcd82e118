"""Many instances explained: the same answers wherever the work is done, and what is done is kept."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from crews import DEADLY, Traveller
from toys import TEXT, Notes, wavy

import retrust as rt
from retrust.errors import (
    ConstantModelWarning,
    ModelFailure,
    OptionError,
    PartialWarning,
    RetrustError,
    RetrustWarning,
    UnknownTarget,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXTS = [f"{TEXT} number{i} and more" for i in range(24)]

loky_stops = pytest.mark.filterwarnings(  # loky says that its workers are started anew
    "ignore:A worker stopped while some jobs were given to the executor:UserWarning"
)


def explainer(model: Any = wavy, domain: Any = None, **options: Any) -> rt.Explainer:
    """Make an explainer of a few features."""
    return rt.Explainer(model, domain or rt.Text(), surrogate=rt.Ridge(4), **options)


def many(model: Any = wavy, xs: Any = TEXTS, domain: Any = None, **options: Any) -> rt.Explanations:
    """Explain the texts without a bar."""
    given = {"n_samples": 100, "progress": False} | options
    return explainer(model, domain).explain_many(xs, **given)


def exact(found: rt.Explanations) -> list[str]:
    """Write explanations down to the last digit."""
    return [json.dumps(one.to_dict(), sort_keys=True) for one in found]


def assert_close(found: rt.Explanations, expected: rt.Explanations) -> None:
    """Compare to 1e-9, all of it."""
    assert (found.indices, found.of, found.failures) == (expected.indices, expected.of, expected.failures)
    for a, b in zip(found, expected, strict=True):
        assert (a.features, a.target, a.classes, a.n_samples, a.attached) == (
            (b.features, b.target, b.classes, b.n_samples, b.attached)
        )
        for figure in ("coefficients", "stderr", "intercept", "fidelity", "prediction"):
            expected_figure = pytest.approx(getattr(b, figure), rel=0, abs=1e-9, nan_ok=True)
            assert getattr(a, figure) == expected_figure


@pytest.fixture(scope="module")
def texts() -> rt.Explanations:
    """The texts explained here, one by one."""
    return many()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of two processes, and this process its client."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started,
        Client(started) as client,
    ):
        yield client


# --- the same answers everywhere


def test_each_is_what_explain_gives(texts: rt.Explanations) -> None:
    for x, one in zip(TEXTS, texts, strict=True):
        alone = explainer().explain(x, n_samples=100)
        assert exact(rt.Explanations([one])) == exact(rt.Explanations([alone.kept("fit")]))
        assert (one.top(), str(one), one.attached) == (alone.top(), str(alone), True)
        assert one.probe([0]) == pytest.approx(alone.probe([0]))


def test_a_target_holds_for_all() -> None:
    assert {one.target for one in many(target=1)} == {1}


@pytest.mark.parametrize("keep", ["fit", "neighbourhood", "weights"])
def test_two_processes_give_the_answers_of_one(keep: str) -> None:
    assert_close(many(n_jobs=2, keep=keep), many(keep=keep))


@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_a_back_end_around_the_call_gives_the_same_answers(texts: rt.Explanations, backend: str) -> None:
    with joblib.parallel_config(backend, n_jobs=2):
        assert_close(many(), texts)


def test_a_cluster_gives_the_same_answers_and_gets_the_model_once(
    texts: rt.Explanations, cluster: Any, tmp_path: Path
) -> None:
    del cluster
    model = Traveller(tmp_path, pause=0.01)
    with joblib.parallel_config("dask"):
        assert_close(many(model), texts)
    assert len(model.openers) == len(set(model.openers)) <= 2


def test_a_cluster_of_one_core_does_the_work_too(texts: rt.Explanations, tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    model = Traveller(tmp_path)
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as started,
        Client(started),
        joblib.parallel_config("dask"),
    ):
        assert_close(many(model), texts)
    assert len(model.openers) == 1
    assert str(os.getpid()) not in model.openers


def test_each_process_gets_the_model_once(texts: rt.Explanations, tmp_path: Path) -> None:
    model = Traveller(tmp_path, pause=0.01)
    assert_close(many(model, n_jobs=2), texts)
    assert len(model.openers) == len(set(model.openers)) <= 2
    assert str(os.getpid()) not in model.openers


def test_images_and_a_domain_of_ones_own_travel_too() -> None:
    pictures = [np.roll(np.arange(768, dtype=np.uint8).reshape(16, 16, 3), i, axis=0) for i in range(5)]

    def bright(batch: Any) -> Any:
        return batch[:, :4].reshape(len(batch), -1).mean(axis=1)

    def loud(tunes: Any) -> Any:
        return np.array([float(sum(tune)) for tune in tunes])

    tunes = [(1, 2, 3), (4, 0, 9), (5, 5, 6)]
    grid = rt.Image(segment="grid")
    assert_close(many(bright, pictures, grid, n_jobs=2), many(bright, pictures, grid))
    assert_close(many(loud, tunes, Notes(), n_jobs=2), many(loud, tunes, Notes()))


def test_a_job_of_ones_own_domain_resumes_with_its_instances(tmp_path: Path) -> None:
    def loud(tunes: Any) -> Any:
        return np.array([float(sum(tune)) for tune in tunes])

    path, tunes = tmp_path / "tunes.jsonl", [(1, 2, 3), (4, 0, 9)]
    first = many(loud, tunes, Notes(), path=path)
    again = many(loud, tunes, Notes(), path=path)
    assert [one.representation for one in again] == [one.representation for one in first]
    assert again[1].probe([0]) == first[1].probe([0])


# --- what is given


def test_instances_come_in_many_kinds(texts: rt.Explanations) -> None:
    kinds: list[Any] = [
        tuple(TEXTS),
        iter(TEXTS),
        np.array(TEXTS),
        pd.Series(TEXTS, index=range(100, 124)),
        pl.Series(TEXTS),
    ]
    for xs in kinds:
        assert exact(many(xs=xs)) == exact(texts)


def test_the_rows_of_a_data_frame_are_instances() -> None:
    class Rows:
        def represent(self, row: Any) -> Any:
            return Notes().represent((int(row["a"]), int(row["b"])))

    def first(tunes: Any) -> Any:
        return np.array([float(tune[0]) for tune in tunes])

    table = {"a": [1, 2], "b": [3, 4]}
    for frame in (pd.DataFrame(table), pl.DataFrame(table)):
        assert [one.features[0].key for one in many(first, frame, Rows())] == ["1", "2"]


@pytest.mark.parametrize(("xs", "name"), [("one text", "str"), ({"a": "b"}, "dict"), (3, "int"), (b"ab", "bytes")])
def test_one_instance_alone_is_told(xs: Any, name: str) -> None:
    with pytest.raises(OptionError, match=f"xs is one {name}; several instances are expected"):
        many(xs=xs)


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_instances_are_no_explanations(tmp_path: Path, jobs: int) -> None:
    for path in (None, tmp_path / "none.jsonl", tmp_path / "none.parquet"):
        found = many(xs=[], n_jobs=jobs, path=path)
        assert (len(found), found.of, found.complete) == (0, 0, True)


def test_duplicates_have_the_same_answer(tmp_path: Path) -> None:
    found = many(xs=[TEXTS[0], TEXTS[1], TEXTS[0]], path=tmp_path / "twice.jsonl")
    assert exact(found)[0] == exact(found)[2] != exact(found)[1]
    assert len(found.to_frame().query("instance == 2")) == 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_instances_that_cannot_be_explained_are_named_and_the_others_are_not_lost(tmp_path: Path, jobs: int) -> None:
    xs = ["a good end", "", "a bad end", None, "?!"]
    path = tmp_path / "some.jsonl"
    for _ in range(2):
        with pytest.warns(RetrustWarning, match=r"3 of 5 instances cannot be explained \(failures\): 1: the text ''"):
            found = many(xs=xs, n_jobs=jobs, path=path)
        assert found.indices == (0, 2)
        assert list(found.failures) == [1, 3, 4]
        assert "has no words" in found.failures[4]
        assert found.complete
    assert rt.load(path).failures == found.failures


def test_outputs_that_do_not_move_are_told_once() -> None:
    def still(texts: Any) -> Any:
        return np.zeros(len(texts))

    with pytest.warns(ConstantModelWarning, match="do not move for 24 of 24 instances"):
        found = many(still, keep="weights")
    assert all(len(one.features) == 0 for one in found)
    assert len(found.to_frame()) == 0


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no jobs": ({"n_jobs": 0}, "n_jobs=0; a number of workers"),
    "half a job": ({"n_jobs": 1.5}, "n_jobs=1.5; a number of workers"),
    "keep": ({"keep": "all"}, "keep='all'; one of 'fit'"),
    "masks": ({"n_samples": 1}, "n_samples=1"),
}


@pytest.mark.parametrize(("options", "message"), OPTIONS.values(), ids=OPTIONS)
def test_options_that_make_no_sense_are_told_before_any_work(options: dict[str, Any], message: str) -> None:
    model = Breaking("good")
    with pytest.raises(OptionError, match=message):
        many(model, **options)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_unknown_target_is_told(jobs: int) -> None:
    with pytest.raises(UnknownTarget, match="target='ham'"):
        many(target="ham", n_jobs=jobs)


def test_a_model_that_cannot_travel_is_told_with_the_way_out(texts: rt.Explanations) -> None:
    lock = threading.Lock()

    def locked(batch: Any) -> Any:
        with lock:
            return wavy(batch)

    with pytest.raises(OptionError, match=r"cannot travel to other processes.*n_jobs=1.*threading"):
        many(locked, n_jobs=2)
    with joblib.parallel_config("threading", n_jobs=2):
        assert_close(many(locked), texts)


def test_the_bar_says_how_many_were_resumed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    many(path=tmp_path / "a.jsonl", progress=True)
    assert "explaining: 100%" in capfd.readouterr().err
    many(path=tmp_path / "a.jsonl", progress=True)
    assert "explaining (24 resumed): 100%" in capfd.readouterr().err


# --- what goes wrong on the way


class Breaking:
    """A model that raises at a word until it is mended."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, texts: Any) -> Any:
        if any(self.word in text for text in texts):
            raise MemoryError("out of memory")
        return wavy(texts)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_the_model_keeps_what_was_done_and_the_job_goes_on_from_there(
    texts: rt.Explanations, tmp_path: Path, jobs: int
) -> None:
    path = tmp_path / "job.jsonl"
    with pytest.raises(ModelFailure, match="the model raised MemoryError: out of memory") as caught:
        many(Breaking("number13"), n_jobs=jobs, path=path)
    partial: Any = caught.value.partial
    assert caught.value.__cause__ is not None
    assert 13 not in partial.indices
    assert partial.indices == rt.load(path).indices
    assert set(range(12)) <= set(partial.indices) or jobs == 2
    assert exact(many(path=path)) == exact(texts)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Interruptions reach Python, also where the shell that started it has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_keeps_what_was_done(texts: rt.Explanations, tmp_path: Path) -> None:
    def interrupted(batch: Any) -> Any:
        if any("number7" in text for text in batch):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        return wavy(batch)

    path = tmp_path / "job.jsonl"
    with pytest.warns(PartialWarning, match=r"interrupted after 7 of 24 .*the same call goes on from there"):
        found = many(interrupted, path=path)
    assert exact(found) == exact(texts[:7])
    assert exact(many(path=path)) == exact(texts)
    with pytest.warns(PartialWarning, match="with path= a job can go on"):
        assert len(many(interrupted)) == 7


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_of_a_job_in_other_processes_keeps_what_was_done(
    texts: rt.Explanations, tmp_path: Path
) -> None:
    path = tmp_path / "job.jsonl"
    many(n_jobs=2, xs=TEXTS[:2])  # the processes are there
    model = Traveller(tmp_path, pause=0.05)

    def interrupt_when_begun() -> None:
        while not path.exists() or len(path.read_bytes().splitlines()) < 3:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_when_begun).start()
    with pytest.warns(PartialWarning, match="interrupted after"):
        found = many(model, n_jobs=2, path=path)
    assert 2 <= len(found) < 24
    assert exact(many(path=path)) == exact(texts)


def deadly() -> list[str]:
    """Return the texts; the process that looks at one of them dies."""
    return [f"{text} {DEADLY}" if i == 9 else text for i, text in enumerate(TEXTS)]


@loky_stops
def test_a_process_that_dies_costs_nothing_but_time(tmp_path: Path) -> None:
    model = Traveller(tmp_path, pause=0.005)
    assert_close(many(model, deadly(), n_jobs=2), many(xs=deadly()))
    assert (tmp_path / "killed").exists()


def test_a_worker_of_a_cluster_that_dies_costs_nothing_but_time(cluster: Any, tmp_path: Path) -> None:
    del cluster
    model = Traveller(tmp_path, pause=0.005)
    with joblib.parallel_config("dask"):
        assert_close(many(model, deadly()), many(xs=deadly()))
    assert (tmp_path / "killed").exists()


@loky_stops
def test_an_instance_that_kills_every_process_is_told_and_all_others_are_kept(tmp_path: Path) -> None:
    model, path = Traveller(tmp_path, fatal=True), tmp_path / "job.jsonl"
    message = r"(?s)lost 3 times with nothing done \(.*\); 23 of 24 instances are done, the next are 9 – .*goes on"
    with pytest.raises(RetrustError, match=message) as caught:
        many(model, deadly(), n_jobs=2, path=path)
    partial: Any = caught.value.partial
    assert partial.indices == tuple(i for i in range(24) if i != 9)
    assert len(rt.load(path)) == 23


def test_a_worker_that_cannot_open_the_model_is_told() -> None:
    with pytest.raises(RetrustError, match="a worker cannot open the explainer.*only at home.*installed"):
        many(Homely(), n_jobs=2)


class Homely:
    """A model that pickles and cannot be unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _stay, ()

    def __call__(self, texts: Any) -> Any:
        return wavy(texts)


def _stay() -> None:
    raise ImportError("only at home")


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    class Odd(Exception):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one + two)

    class Strange:
        def represent(self, x: Any) -> Any:
            raise Odd("strange ", str(x))

    with pytest.raises(RetrustError, match="Odd: strange 1"):
        many(xs=[1], domain=Strange(), n_jobs=2)
    with pytest.raises(Odd, match="strange 1") as caught:
        many(xs=[1], domain=Strange())
    assert len(caught.value.partial) == 0  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of Dask's own tasks as they end
def test_a_cluster_that_goes_away_says_how_to_go_on(texts: rt.Explanations, tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    path = tmp_path / "job.jsonl"
    started = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0")

    def leave_when_begun() -> None:
        while not path.exists() or len(path.read_bytes().splitlines()) < 3:
            time.sleep(0.01)
        started.close()

    leaving = threading.Thread(target=leave_when_begun)
    leaving.start()
    try:
        with (
            Client(started),
            joblib.parallel_config("dask"),
            pytest.raises(RetrustError, match=r"(?s)lost|no workers.*goes on from there") as caught,
        ):
            many(Traveller(tmp_path, pause=0.5), path=path)
    finally:
        leaving.join()
    partial: Any = caught.value.partial
    assert 2 <= len(partial) < 24
    assert exact(many(path=path)) == exact(texts)

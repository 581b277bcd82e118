"""Files of explanations: they come back exactly, and what is wrong with one is told."""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from toys import TEXT, linear, wavy

import retrust as rt
from retrust import files
from retrust.errors import ContractError, RetrustError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS = [f"{TEXT} number{i}" for i in range(6)]
ENDINGS = ("jsonl", "parquet")


def explainer(model: Any = wavy, **options: Any) -> rt.Explainer:
    """Make an explainer of a few features."""
    return rt.Explainer(model, rt.Text(), surrogate=rt.Ridge(3), **options)


def many(path: Path | None = None, xs: Any = TEXTS, model: Any = wavy, **options: Any) -> rt.Explanations:
    """Explain the texts."""
    seed = options.pop("seed", 0)
    given = {"n_samples": 60, "progress": False, "path": path} | options
    return explainer(model, seed=seed).explain_many(xs, **given)


def exact(found: rt.Explanations) -> list[str]:
    """Write explanations down to the last digit."""
    return [json.dumps(one.to_dict(), sort_keys=True) for one in found]


@pytest.fixture(scope="module")
def texts() -> rt.Explanations:
    """The texts explained with nothing in between."""
    return many()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("keep", ["fit", "neighbourhood", "weights"])
def test_what_is_saved_comes_back_exactly(tmp_path: Path, ending: str, keep: str) -> None:
    found = many(keep=keep)
    found.save(tmp_path / f"found.{ending}")
    read = rt.load(tmp_path / f"found.{ending}")
    assert exact(read) == exact(found)
    assert (read.indices, read.of, read.failures, dict(read.job)) == (found.indices, 6, {}, dict(found.job))


@pytest.mark.parametrize("ending", ENDINGS)
def test_failures_and_nothing_at_all_come_back(tmp_path: Path, texts: rt.Explanations, ending: str) -> None:
    path = str(tmp_path / f"found.{ending}")
    rt.Explanations(texts[:2], [0, 3], {1: "it is empty – «»"}, of=9).save(path)
    read = rt.load(path)
    assert (read.indices, read.failures, read.of) == ((0, 3), {1: "it is empty – «»"}, 9)
    rt.Explanations().save(path)
    assert len(rt.load(path)) == 0


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_file_of_a_job_is_what_it_returns(tmp_path: Path, texts: rt.Explanations, ending: str) -> None:
    path = tmp_path / f"job.{ending}"
    assert exact(many(path)) == exact(texts)
    assert exact(rt.load(path)) == exact(texts)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_parquet_can_be_asked_without_retrust(tmp_path: Path, texts: rt.Explanations) -> None:
    from pyarrow import parquet

    texts.save(tmp_path / "found.parquet")
    rows = parquet.read_table(tmp_path / "found.parquet").to_pylist()
    assert [row["index"] for row in rows] == list(range(6))
    assert [dict(zip(row["features"], row["coefficients"], strict=True)) for row in rows] == [
        dict(e.top()) for e in texts
    ]
    assert rows[0]["prediction"] == texts[0].prediction.tolist()
    assert rows[0]["class"] == texts[0].classes[texts[0].target]


def test_images_come_back(tmp_path: Path) -> None:
    picture = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)
    domain = rt.Image(segment="grid")
    e = rt.Explainer(lambda batch: batch.reshape(len(batch), -1).mean(axis=1), domain)
    found = e.explain_many([picture, 255 - picture], n_samples=40, progress=False, path=tmp_path / "a.jsonl")
    read = rt.load(tmp_path / "a.jsonl")
    assert exact(read) == exact(found)
    assert (read[1].mask(2) == found[1].mask(2)).all()


# --- going on


def cut_after(path: Path, lines: int, torn: bytes = b"") -> None:
    """Leave the header and so many lines, and perhaps a piece of another."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[: lines + 1]) + torn)


@pytest.mark.parametrize("torn", [b"", b'{"i":3,"x":"12', b"\0" * 20])
def test_a_job_goes_on_from_its_file_and_equals_one_that_was_never_stopped(
    tmp_path: Path, texts: rt.Explanations, torn: bytes
) -> None:
    path = tmp_path / "job.jsonl"
    many(path)
    before = path.read_bytes()
    cut_after(path, 3, torn)
    assert len(rt.load(path)) == 3
    again = many(path)
    assert exact(again) == exact(texts)
    assert path.read_bytes() == before
    assert all(one.attached and one.whole is False for one in again)


def test_a_whole_file_asks_the_model_once_to_see_that_it_is_the_same(tmp_path: Path) -> None:
    asked: list[int] = []

    def counting(texts: Any) -> Any:
        asked.append(len(texts))
        return wavy(texts)

    path = tmp_path / "job.parquet"
    first = many(path, model=counting)
    asked.clear()
    assert exact(many(path, model=counting)) == exact(first)
    assert asked == [1]


def test_a_parquet_job_works_in_a_file_beside_it_until_it_is_done(tmp_path: Path, texts: rt.Explanations) -> None:
    path, beside = tmp_path / "job.parquet", tmp_path / "job.parquet.jsonl"
    with pytest.raises(rt.errors.ModelFailure):
        many(path, model=Breaking("number4"))
    assert len(rt.load(beside)) == 4
    assert not path.exists()
    assert exact(many(path)) == exact(texts)
    assert not beside.exists()


class Breaking:
    """A model that raises at a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, texts: Any) -> Any:
        if any(self.word in text for text in texts):
            raise MemoryError("out of memory")
        return wavy(texts)


DIFFERENT: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"seed": 1}, "seed was 0 and is 1 now"),
    "masks": ({"n_samples": 61}, "n_samples was 60 and is 61 now"),
    "target": ({"target": 1}, "target was None and is 1 now"),
    "keep": ({"keep": "weights"}, "keep was 'fit' and is 'weights' now"),
    "fewer": ({"xs": TEXTS[:5]}, "instances was 6 and is 5 now"),
    "order": ({"xs": TEXTS[::-1]}, "instance 0 is not the one"),
    "model": ({"model": linear({"good": 1})}, "begun with another model: instance 0 had"),
    "figures": ({"model": lambda texts: wavy(texts) * 1.01}, "begun with another model"),
}


@pytest.mark.parametrize(("options", "message"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_job_does_not_go_on_from_the_file(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    path = tmp_path / "job.jsonl"
    many(path)
    before = path.read_bytes()
    with pytest.raises(ContractError, match=f"(?s){message}.*another path"):
        many(path, **options)
    assert path.read_bytes() == before


def test_a_saved_file_is_no_job_to_go_on_from(tmp_path: Path, texts: rt.Explanations) -> None:
    texts.save(tmp_path / "saved.jsonl")
    with pytest.raises(ContractError, match="written by save"):
        many(tmp_path / "saved.jsonl")


# --- damage


def flip(data: bytes, at: int) -> bytes:
    """Change one digit in the middle of a line."""
    line = data.splitlines(keepends=True)
    spot = next(i for i in range(len(line[at]) // 2, len(line[at])) if line[at][i : i + 1].isdigit())
    line[at] = line[at][:spot] + (b"1" if line[at][spot : spot + 1] != b"1" else b"2") + line[at][spot + 1 :]
    return b"".join(line)


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is empty"),
    "another's": (lambda _: b'{"hello": 1}\n', "no file of explanations"),
    "another's, with our checksum": (lambda _: files.line({"hello": 1}), "holds no explanations"),
    "binary": (lambda _: bytes(range(256)), "no file of explanations"),
    "a digit": (lambda data: flip(data, 2), "line 3 of .* is damaged"),
    "a digit in the header": (lambda data: flip(data, 0), "no file of explanations"),
    "a line cut in the middle": (lambda data: data.replace(b'"stderr"', b"\n", 1), "line 2 of .* is damaged"),
    "a line twice": (lambda data: data + data.splitlines(keepends=True)[2], "entry 7 of .* instance 1 of 6"),
    "a later version": (
        lambda data: files.line(files.header({}, 6) | {"version": 9}) + data,
        "version 9; this release reads version 1",
    ),
    "no explanation": (lambda _: files.line(files.header({}, 6)) + files.line({"i": 0, "x": ""}), "entry 1 of"),
}


@pytest.mark.parametrize(("harm", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_or_foreign_file_is_told_and_not_half_read(
    tmp_path: Path, harm: Callable[[bytes], bytes], message: str
) -> None:
    path = tmp_path / "job.jsonl"
    many(path)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(ContractError, match=message):
        rt.load(path)


def test_a_job_does_not_go_on_from_a_damaged_or_foreign_file_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "job.jsonl"
    many(path)
    before = path.read_bytes()
    for harm in (DAMAGE["another's"][0], DAMAGE["a digit"][0]):
        path.write_bytes(harmed := harm(before))
        with pytest.raises(ContractError):
            many(path)
        assert path.read_bytes() == harmed


def test_an_empty_file_is_a_place_to_begin(tmp_path: Path, texts: rt.Explanations) -> None:
    path = tmp_path / "job.jsonl"
    path.touch()
    assert exact(many(path)) == exact(texts)


def test_a_saved_file_that_lost_its_end_is_told(tmp_path: Path, texts: rt.Explanations) -> None:
    path = tmp_path / "saved.jsonl"
    texts.save(path)
    cut_after(path, 4)
    with pytest.raises(ContractError, match="4 of its 6 entries are there"):
        rt.load(path)


def test_damaged_parquet_is_told(tmp_path: Path, texts: rt.Explanations) -> None:
    from pyarrow import parquet

    path = tmp_path / "found.parquet"
    texts.save(path)
    whole, group = path.read_bytes(), parquet.read_metadata(path).row_group(0)
    records = group.column(group.num_columns - 1)
    spot = records.data_page_offset + records.total_compressed_size // 2
    for harmed in (whole[:-40], whole[:spot] + bytes([whole[spot] ^ 1]) + whole[spot + 1 :]):
        path.write_bytes(harmed)
        with pytest.raises(ContractError, match="damaged"):
            rt.load(path)


def test_foreign_parquet_is_told(tmp_path: Path) -> None:
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ContractError, match="holds no explanations"):
        rt.load(tmp_path / "a.parquet")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read: No such file"):
        rt.load(tmp_path / "nothing.jsonl")


def test_parquet_without_pyarrow_says_how_to_get_it(
    tmp_path: Path, texts: rt.Explanations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RetrustError, match=r"retrust\[parquet\]"):
        texts.save(tmp_path / "found.parquet")


# --- disks


def test_a_full_disk_says_what_is_saved_and_the_job_goes_on_later(tmp_path: Path, texts: rt.Explanations) -> None:
    path = tmp_path / "job.jsonl"
    many(path)
    size = path.stat().st_size
    path.unlink()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size * 2 // 3, hard))  # a write beyond comes back short, then fails
    try:
        with pytest.raises(RetrustError, match=r"(?s)cannot be written: .*it holds 3 of 6 instances") as caught:
            many(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert exact(caught.value.partial) == exact(texts[:4])  # type: ignore[arg-type]
    assert exact(rt.load(path)) == exact(texts[:3])
    assert exact(many(path)) == exact(texts)


def test_saving_to_a_full_disk_leaves_the_old_file(
    tmp_path: Path, texts: rt.Explanations, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "found.jsonl"
    texts[:1].save(path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RetrustError, match="No space left on device; what was there before is unchanged"):
        texts.save(path)
    assert len(rt.load(path)) == 1
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["nowhere/job.jsonl", "."])
def test_a_path_that_cannot_be_written_is_told_before_any_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(RetrustError, match="cannot be (written|read)"):
        many(tmp_path / name, model=Breaking("good"))

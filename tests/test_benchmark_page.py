"""The page of figures, the files it is written from, and rivals that cannot be had."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import page
import pytest
import surroundings
from measure import Row, arguments, between, carry_out, command, in_turns, known, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELD = Row("time of a thing", "≥ 10", "27.5  (lime 1533 ms, ours 56 ms)", ok=True, spread="25.0 – 28.1 in 3 turns")
MISSED = Row("share of another", "≤ 5 %", "7.1 %", ok=False)
SKIPPED = Row("beside eli5", "", "not measured: eli5 not installed", ok=None)
COMPARED = Row("beside shap", "", "9.0", ok=None)
UNJUDGED = Row("on generated posts", "≥ 91", "88.0 %", ok=None)


def first(_: int) -> Iterator[Row]:
    yield from (HELD, MISSED)


def second(_: int) -> Iterator[Row]:
    yield from (SKIPPED, COMPARED, UNJUDGED)


def broken(_: int) -> Iterator[Row]:
    yield HELD
    raise KeyboardInterrupt


def measured(path: Path, *groups: Any, only: str | None = None, size: str = "medians of 3") -> None:
    options = argparse.Namespace(json=str(path), only=only)
    carry_out(groups, 3, options, "made-up posts", size)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/benchmarks/text.py", "--quick", "--json", "/somewhere/else.jsonl"])


@pytest.fixture
def figures(tmp_path: Path, program: None) -> Path:  # noqa: ARG001
    measured(tmp_path / "new" / "text.jsonl", first, second)
    return tmp_path / "new"


def written(folder: Path) -> str:
    return page.page({name: page.read(folder / f"{name}.jsonl") for name in page.BENCHMARKS})


def lines_of(text: str, what: str) -> list[list[str]]:
    """Return the cells of the table's lines that have some words."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and what in line]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


# --- the page


@pytest.mark.parametrize(
    ("row", "said"),
    [(HELD, "holds"), (MISSED, "**MISSED**"), (SKIPPED, "not measured"), (COMPARED, "–"), (UNJUDGED, "not judged")],
)
def test_each_row_says_what_became_of_it(figures: Path, row: Row, said: str) -> None:
    (cells,) = lines_of(written(figures), row.what)
    assert cells[1:] == [row.what, row.asked, " ".join(row.measured.split()), row.spread, said]


def test_what_is_missed_and_what_was_not_measured_comes_first(figures: Path) -> None:
    short = written(figures).split("## Machine")[0]
    assert "Of 2 figures that were asked for, 1 hold and 1 miss." in short
    assert "share of another – asked ≤ 5 %, measured 7.1 %" in short
    assert "- eli5 not installed: 1 row of `text.py`" in short
    assert HELD.what not in short
    assert UNJUDGED.what not in short


def test_a_bar_or_a_new_line_ends_no_cell(tmp_path: Path, program: None) -> None:  # noqa: ARG001
    measured(tmp_path / "text.jsonl", lambda _: iter([Row("|weight| of\na *part*", "", "a <b> \\| c", ok=None)]))
    (cells,) = lines_of(written(tmp_path), "weight")
    assert cells[1] == r"\|weight\| of a \*part\*"
    assert cells[3] == r"a \<b> \\\| c"
    assert len(cells) == 6


def test_a_benchmark_without_figures_is_called_not_run(figures: Path) -> None:
    text = written(figures)
    assert "Not run. `benchmarks/loop.py` left no figures." in text
    assert "Not run. `benchmarks/text.py`" not in text
    assert "Not run: `image.py`, `table.py`" in text


def test_a_page_without_any_figures_is_a_page(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert text.count("Not run.") == len(page.BENCHMARKS)
    assert "|" not in text


def test_the_page_depends_on_the_files_alone(figures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = figures / "benchmarks.md"
    monkeypatch.setattr(sys, "argv", ["page.py", str(figures), str(target)])
    page.main()
    before = target.read_text(encoding="utf-8")
    monkeypatch.setattr(surroundings, "machine", lambda: pytest.fail("the page asked this machine"))
    page.main()
    assert target.read_text(encoding="utf-8") == before
    path = figures / "text.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("27.5  (lime", "31.5  (lime"), encoding="utf-8")
    page.main()
    assert target.read_text(encoding="utf-8") == before.replace("27.5 (lime", "31.5 (lime")


def test_command_size_data_and_date_are_told(figures: Path) -> None:
    (group, _) = page.read(figures / "text.jsonl")
    assert f"`benchmarks/text.py --quick`: made-up posts; medians of 3; {group['began'][:10]}" in written(figures)
    assert "somewhere" not in written(figures)


def test_machine_and_versions_are_told_once(figures: Path) -> None:
    text = written(figures)
    assert text.count(f"numpy {np.__version__}") == 1
    assert text.count("of memory") == 1
    assert "text (first)" not in text


def test_of_two_machines_each_says_what_it_measured(figures: Path) -> None:
    path = figures / "text.jsonl"
    one, two = page.read(path)
    two["machine"] = {**two["machine"], "processor": "another", "cores": 1}
    path.write_text("\n".join(map(json.dumps, (one, two))), encoding="utf-8")
    listed = [line for line in written(figures).splitlines() if line.startswith("- ") and "of memory" in line]
    assert [line.rpartition(" – ")[2] for line in listed] == ["text (first)", "text (second)"]
    assert listed[1].startswith("- another, 1 core,")


# --- the files


@pytest.mark.usefixtures("program")
def test_groups_that_the_file_has_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "text.jsonl"
    measured(path, first)
    before = path.read_text(encoding="utf-8")
    measured(path, first, second, size="medians of 9")
    groups = known(path)
    assert path.read_text(encoding="utf-8").startswith(before)
    assert [(group["group"], group["size"]) for group in groups] == [
        ("first", "medians of 3"),
        ("second", "medians of 9"),
    ]


@pytest.mark.usefixtures("program")
def test_an_interrupted_group_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "text.jsonl"
    with pytest.raises(KeyboardInterrupt):
        measured(path, first, broken, second)
    assert [group["group"] for group in known(path)] == ["first"]


@pytest.mark.usefixtures("program")
def test_only_what_is_asked_for_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "text.jsonl"
    measured(path, first, broken, second, only="second,first")
    assert [group["group"] for group in known(path)] == ["first", "second"]


@pytest.mark.usefixtures("program")
def test_a_group_says_all_that_its_figures_depend_on(tmp_path: Path) -> None:
    path = tmp_path / "text.jsonl"
    measured(path, first)
    (group,) = known(path)
    assert group["benchmark"] == "text"
    assert group["machine"] == surroundings.machine()
    assert group["versions"] == surroundings.versions()
    assert group["seconds"] >= 0
    assert group["rows"][0]["spread"] == HELD.spread


@pytest.mark.usefixtures("program")
def test_figures_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    options = arguments("About.", [first], "quick").parse_args(["--json", "-", "--only", "first"])
    carry_out([first], 3, options, "made-up posts", "medians of 3")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert json.loads(line)["group"] == "first"


@pytest.mark.parametrize("where", [["--json", "/away/text.jsonl"], ["--json=/away/text.jsonl"], []])
def test_a_command_is_told_without_places_of_this_machine(where: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/home/text.py", "--quick", *where, "--only", "fused"])
    assert command() == "benchmarks/text.py --quick --only fused"


# --- repeats


def test_a_ratio_is_of_medians_and_its_spread_of_turns() -> None:
    row = ratio("time", 4, {"shap": [8.0, 9.0, 30.0], "ours": [2.0, 3.0, 3.0]}, "shap")
    assert (row.figures["ratio"], row.ok, row.spread) == (3.0, False, "3.0 – 10.0 in 3 turns")
    assert ratio("time", None, {"lime": [8.0], "ours": [2.0]}).ok is None


def test_one_repeat_has_no_spread() -> None:
    assert not between([3.0])
    assert between([3.0, 1.0], 0, " s") == "1 – 3 s in 2 turns"


def test_turns_alternate_and_the_first_does_not_count() -> None:
    calls: list[str] = []

    def job(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    jobs = {"a": lambda: job("a"), "b": lambda: job("b")}
    assert in_turns(jobs, 2) == {"a": [3.0, 5.0], "b": [4.0, 6.0]}
    assert calls == ["a", "b"] * 3
    assert in_turns(jobs, 1, warm=False) == {"a": [7.0], "b": [8.0]}


# --- packages that cannot be had


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of packages of which some cannot be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "whole_rival.py").write_text("", encoding="utf-8")
    (tmp_path / "odd_rival.py").write_text("raise ValueError('made for another numpy')", encoding="utf-8")
    (tmp_path / "poor_rival.py").write_text("import nowhere_to_be_had", encoding="utf-8")
    surroundings.imported.cache_clear()
    yield tmp_path
    surroundings.imported.cache_clear()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent_rival", "not measured: absent_rival not installed"),
        ("absent_rival.part", "not measured: absent_rival not installed"),
        ("odd_rival", "not measured: odd_rival does not import (ValueError: made for another numpy)"),
        ("poor_rival", "not measured: poor_rival does not import (No module named 'nowhere_to_be_had')"),
    ],
)
def test_a_package_that_cannot_be_had_says_why(name: str, said: str) -> None:
    assert surroundings.missing(name) == said


@pytest.mark.usefixtures("shelf")
def test_what_can_be_had_is_not_missing() -> None:
    assert surroundings.missing("whole_rival") is None
    assert surroundings.imported("whole_rival") is sys.modules["whole_rival"]
    both = surroundings.missing("whole_rival", "absent_rival", "odd_rival", "absent_rival.part")
    assert both is not None
    assert both.count("absent_rival") == 1
    assert "odd_rival does not import" in both


@pytest.mark.parametrize(
    ("benchmark", "group"),
    [
        *(("text", "fused"), ("text", "opaque"), ("text", "others"), ("text", "parity"), ("image", "deletion")),
        *(("table", "own"), ("table", "others"), ("table", "loop"), ("table", "parity")),
        *(("many", "loop"), ("pick", "same")),
    ],
)
def test_without_its_rival_a_group_says_so_and_goes_on(
    benchmark: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(benchmark)
    monkeypatch.setattr(module, "missing", lambda *_: "not measured: none is installed")
    rows = list(getattr(module, group)(3))
    assert rows
    assert {(row.measured, row.ok) for row in rows} == {("not measured: none is installed", None)}

"""What all tests share: the data beside the project, the browser last, seconds and figures at the end."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parents[2] / "shared" / "data"
FIGURES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the data beside the project, where it is there and nothing else is named."""
    if DATA.is_dir():
        os.environ.setdefault("RETRUST_DATA", str(DATA))
    config.stash[FIGURES] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright keeps an event loop running from its first test on."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("browser")
    items.sort(key=lambda item: "browser" in item.keywords)


@pytest.fixture(scope="session")
def figure(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print a measured figure below the results: ``figure(f"click to answer {ms:.0f} ms (at most 75)")``."""
    return pytestconfig.stash[FIGURES].append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures, and the seconds of each file that took one or more."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    seconds: defaultdict[str, float] = defaultdict(float)
    for report in reports:
        if isinstance(report, pytest.TestReport):
            seconds[report.nodeid.partition("::")[0]] += report.duration
    for line in terminalreporter.config.stash[FIGURES]:
        terminalreporter.write_line(f"measured: {line}")
    for file, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        if spent >= 1:
            terminalreporter.write_line(f"{spent:5.0f} s  {file}")

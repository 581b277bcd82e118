"""Every notebook of the project runs in the real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.harness import NOTEBOOKS, Notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.harness import Open

NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
SECONDS = 240


def _nothing_more(nb: Notebook) -> None:
    """Ask no more than that all cells run."""


CHECKS: dict[str, Callable[[Notebook], None]] = {}
"""What else must be true of a notebook that has run."""


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_without_an_error(name: str, notebook: Open) -> None:
    nb = notebook(path=f"notebooks/{name}", run=False).run(SECONDS)
    assert nb.errors == []
    CHECKS.get(name, _nothing_more)(nb)

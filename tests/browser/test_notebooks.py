"""Every notebook of the project runs in the real JupyterLab, and shows what it says it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser.harness import NOTEBOOKS

if TYPE_CHECKING:
    from browser.harness import Open

SECONDS = 240
SHOWN = {  # true in the kernel when the notebook has run
    "01-text.ipynb": [
        "(answers == truth).mean() > .9",
        "{'Posting', 'Host'} <= set(found)",
        "answer.argmax() != e.prediction.argmax()",
    ],
    "02-images.ipynb": [
        "right(test) > .95 and right(plain) < .8",
        "without.argmax() != e.prediction.argmax()",
        "sum(first) >= 18",
        "missing or things[cat.target] == 'Egyptian_cat'",
        "wolf is None or wolf.prediction[0] > 0 > wolf.probe(off=np.flatnonzero(half).tolist())[0]",
    ],
}


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_runs_without_an_error(name: str, notebook: Open) -> None:
    nb = notebook(path=f"notebooks/{name}", run=False).run(SECONDS)
    assert nb.errors == []
    assert nb.widget.is_visible()
    assert [claim for claim in SHOWN[name] if not nb.kernel(f"bool({claim})")] == []

"""Explain a prediction, say which of its reasons you do not trust, train again, look at both.

LIME and SP-LIME (Ribeiro, Singh and Guestrin, "Why Should I Trust You?", KDD 2016, arXiv 1602.04938) for any model,
with views for notebooks. Start with :func:`explain`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrust import datasets, errors
    from retrust.answers import cached
    from retrust.comparison import Comparison, Comparisons
    from retrust.correction import corrected
    from retrust.display import view
    from retrust.domains.image import Image
    from retrust.domains.table import Table
    from retrust.domains.text import Text, collocations
    from retrust.dropping import Drop
    from retrust.errors import RetrustError
    from retrust.explainer import Explainer, explain
    from retrust.explanation import Explanation
    from retrust.explanations import Explanations
    from retrust.files import load
    from retrust.history import Revision
    from retrust.journal import merged
    from retrust.ledger import Ledger, Mark
    from retrust.networks import onnx, torch
    from retrust.pairs import Pairs
    from retrust.penalising import Penalty, penalty
    from retrust.picking import Pick, pick
    from retrust.records import from_dict
    from retrust.representation import Domain, Feature, Representation
    from retrust.rows import Dataset
    from retrust.sampling import Independent, UniformCount, shapley
    from retrust.session import Session
    from retrust.siblings import Suggestion
    from retrust.stream import Stream, more
    from retrust.surrogate import Fit, Lasso, Ridge
    from retrust.swapping import Swap
    from retrust.tree import Tree
    from retrust.vocabulary import Vocabulary, visual_words
    from retrust.widths import exponential

__version__ = "0.1.0"

_ROOMS = {
    "answers": ("cached",),
    "records": ("from_dict",),
    "correction": ("corrected",),
    "comparison": ("Comparison", "Comparisons"),
    "pairs": ("Pairs",),
    "picking": ("Pick", "pick"),
    "history": ("Revision",),
    "journal": ("merged",),
    "session": ("Session",),
    "siblings": ("Suggestion",),
    "datasets": (),
    "display": ("view",),
    "domains.image": ("Image",),
    "domains.table": ("Table",),
    "domains.text": ("Text", "collocations"),
    "dropping": ("Drop",),
    "errors": ("RetrustError",),
    "explainer": ("Explainer", "explain"),
    "stream": ("Stream", "more"),
    "explanation": ("Explanation",),
    "explanations": ("Explanations",),
    "files": ("load",),
    "ledger": ("Ledger", "Mark"),
    "networks": ("onnx", "torch"),
    "penalising": ("Penalty", "penalty"),
    "rows": ("Dataset",),
    "sampling": ("Independent", "UniformCount", "shapley"),
    "representation": ("Domain", "Feature", "Representation"),
    "surrogate": ("Fit", "Lasso", "Ridge"),
    "swapping": ("Swap",),
    "tree": ("Tree",),
    "widths": ("exponential",),
    "vocabulary": ("Vocabulary", "visual_words"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names} | {"datasets": "", "errors": ""}

__all__ = [
    "Comparison",
    "Comparisons",
    "Dataset",
    "Domain",
    "Drop",
    "Explainer",
    "Explanation",
    "Explanations",
    "Feature",
    "Fit",
    "Image",
    "Independent",
    "Lasso",
    "Ledger",
    "Mark",
    "Pairs",
    "Penalty",
    "Pick",
    "Representation",
    "RetrustError",
    "Revision",
    "Ridge",
    "Session",
    "Stream",
    "Suggestion",
    "Swap",
    "Table",
    "Text",
    "Tree",
    "UniformCount",
    "Vocabulary",
    "cached",
    "collocations",
    "corrected",
    "datasets",
    "errors",
    "explain",
    "exponential",
    "from_dict",
    "load",
    "merged",
    "more",
    "onnx",
    "penalty",
    "pick",
    "shapley",
    "torch",
    "view",
    "visual_words",
]


def __getattr__(name: str) -> Any:
    """Open the room that holds a public name, at its first use."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    room = _ROOM_OF[name]
    found = getattr(import_module(f"{__name__}.{room}"), name) if room else import_module(f"{__name__}.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return [*__all__, "__version__"]


if "IPython" in sys.modules:
    import_module(f"{__name__}.display").register(sys.modules["IPython"].get_ipython())

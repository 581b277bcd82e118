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
    from retrust.display import view
    from retrust.domains.image import Image
    from retrust.domains.text import Text, collocations
    from retrust.errors import RetrustError
    from retrust.explainer import Explainer, explain
    from retrust.explanation import Explanation
    from retrust.ledger import Ledger, Mark
    from retrust.networks import onnx, torch
    from retrust.records import from_dict
    from retrust.representation import Domain, Feature, Representation
    from retrust.sampling import Independent, UniformCount, exponential
    from retrust.stream import Stream, more
    from retrust.surrogate import Fit, Lasso, Ridge

__version__ = "0.1.0"

_ROOMS = {
    "records": ("from_dict",),
    "datasets": (),
    "display": ("view",),
    "domains.image": ("Image",),
    "domains.text": ("Text", "collocations"),
    "errors": ("RetrustError",),
    "explainer": ("Explainer", "explain"),
    "stream": ("Stream", "more"),
    "explanation": ("Explanation",),
    "ledger": ("Ledger", "Mark"),
    "networks": ("onnx", "torch"),
    "sampling": ("Independent", "UniformCount", "exponential"),
    "representation": ("Domain", "Feature", "Representation"),
    "surrogate": ("Fit", "Lasso", "Ridge"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names} | {"datasets": "", "errors": ""}

__all__ = [
    "Domain",
    "Explainer",
    "Explanation",
    "Feature",
    "Fit",
    "Image",
    "Independent",
    "Lasso",
    "Ledger",
    "Mark",
    "Representation",
    "RetrustError",
    "Ridge",
    "Stream",
    "Text",
    "UniformCount",
    "collocations",
    "datasets",
    "errors",
    "explain",
    "exponential",
    "from_dict",
    "more",
    "onnx",
    "torch",
    "view",
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

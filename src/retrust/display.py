"""Results show themselves: live where a kernel is, as a table in a terminal."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from retrust.errors import InstanceTypeError, RetrustWarning

if TYPE_CHECKING:
    from collections.abc import Collection

    from retrust.comparison import Comparison, Comparisons
    from retrust.explanation import Explanation
    from retrust.picking import Pick
    from retrust.session import Session
    from retrust.stream import Stream
    from retrust.widgets.glass import Glass

    Shown = Explanation | Pick | Comparison | Comparisons | Session

_SHOWN = (
    ("explanation", "Explanation"),
    ("picking", "Pick"),
    ("comparison", "Comparison"),
    ("comparison", "Comparisons"),
    ("session", "Session"),
)
_WIDGET = "application/vnd.jupyter.widget-view+json"


def view(thing: Explanation | Stream | Pick | Comparison | Comparisons | Session) -> Glass:
    """Make a live view.

    Parameters
    ----------
    thing : Explanation, Stream, Pick, Comparison, Comparisons or Session
        A stream, from ``explainer.stream(x)``, is drawn while it samples, and can be stopped.

    Returns
    -------
    ExplanationWidget, PickWidget, PairWidget or SessionWidget
        The last expression of a cell, it draws itself; ``marks`` has what its reader does not trust.

    Raises
    ------
    InstanceTypeError
        Where it is something else.
    RetrustError
        Where the page has not been built.
    """
    from retrust.comparison import Comparison, Comparisons
    from retrust.explanation import Explanation
    from retrust.picking import Pick
    from retrust.session import Session
    from retrust.stream import Stream

    if not isinstance(thing, Explanation | Stream | Pick | Comparison | Comparisons | Session) or not _drawable(thing):
        raise InstanceTypeError(
            f"rt.view was given a {type(thing).__name__}; it shows an explanation, a stream of them, a pick from "
            "explanations (not from a matrix), a comparison, or a session – rt.view(rt.explain(model, text)), say"
        )
    from retrust.widgets import ExplanationWidget, PairWidget, PickWidget, SessionWidget

    if isinstance(thing, Session):
        return SessionWidget(thing)
    if isinstance(thing, Pick):
        return PickWidget(thing)
    if isinstance(thing, Comparison):
        return PairWidget(Comparisons((thing,)))
    return PairWidget(thing) if isinstance(thing, Comparisons) else ExplanationWidget(thing)


def mimebundle(
    explanation: Shown, include: Collection[str] | None = None, exclude: Collection[str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a result for any reader: the widget, a static picture, plain text.

    Parameters
    ----------
    explanation : Explanation, Pick, Comparison, Comparisons or Session
        What to show.
    include, exclude : collection of str, optional
        The MIME types wanted, and those not wanted.

    Returns
    -------
    data, metadata : dict
        By MIME type. Where the widget cannot be made, the other two stand alone and a warning says why.

    Examples
    --------
    >>> import numpy as np, retrust as rt
    >>> e = rt.explain(lambda texts: np.array(["good" in text for text in texts]), "a good day", n_samples=20)
    >>> sorted(mimebundle(e, include={"text/html", "text/plain"})[0])
    ['text/html', 'text/plain']
    """

    def wanted(kind: str) -> bool:
        return (not include or kind in include) and kind not in (exclude or ())

    data, metadata = _live(explanation) if wanted(_WIDGET) and _drawable(explanation) else ({}, {})
    data = data or _still(explanation)  # the widget's own bundle has the picture and the table
    return {kind: data[kind] for kind in data if wanted(kind)}, metadata


def _live(explanation: Shown) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a widget; where that fails, say why and go without."""
    try:
        return view(explanation)._repr_mimebundle_() or ({}, {})
    except Exception as error:  # noqa: BLE001 - a picture is better than none, whatever is wrong with the host
        warnings.warn(f"this is a still picture, since no live view can be made: {error}", RetrustWarning, stacklevel=2)
        return {}, {}


def _still(explanation: Shown) -> dict[str, Any]:
    from retrust.export import static_html

    drawn = {"text/html": static_html(explanation)} if _drawable(explanation) else {}
    return {**drawn, "text/plain": str(explanation)}


def _drawable(thing: Any) -> bool:
    """Tell whether there are instances in it: a pick from a matrix has none, nor have no comparisons."""
    return (not hasattr(thing, "__len__") or len(thing) > 0) and len(getattr(thing, "explanations", " ")) > 0


def register(shell: Any) -> bool:
    """Let explanations show themselves in a notebook; nothing is imported for it.

    Parameters
    ----------
    shell : InteractiveShell or None
        The one in which this runs, if any.

    Returns
    -------
    bool
        Whether there is a kernel that can show them; a terminal prints its table without.
    """
    if getattr(shell, "kernel", None) is None:
        return False
    formatter = shell.display_formatter.mimebundle_formatter
    for room, name in _SHOWN:
        formatter.for_type_by_name(f"retrust.{room}", name, mimebundle)
    return True

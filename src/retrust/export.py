"""An explanation where no kernel is: a small static picture, and one offline file that still toggles."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrust import contract, encoding, loop, naming, panels, picture, poster
from retrust.comparison import Comparison, Comparisons
from retrust.domains.image import ImageRepresentation
from retrust.errors import RetrustError
from retrust.picking import Pick
from retrust.session import Session
from retrust.study import study

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from retrust.explanation import Explanation

_STATIC = Path(__file__).parent / "static"
_PAGES = {"image": "page-image.js", "table": "page-table.js"}
_CLASSES = 20  # readings in a file, at most
_PHOTO = 9000  # bytes of a still picture's photograph
_COPIES = ((384, 80), (320, 70), (320, 50), (256, 40), (192, 30), (96, 30))  # sides and qualities to try
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main id="retrust"></main>
<noscript>{picture}</noscript>
<script type="application/json" id="retrust-state">{state}</script>
<script>{script}</script>
</body>
</html>
"""


def asset(name: str) -> str:
    """Read a built file of the page.

    Parameters
    ----------
    name : str
        Such as ``"widget.js"``.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    RetrustError
        Where it has not been built.
    """
    try:
        return (_STATIC / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RetrustError(
            f"the page's file {name} is missing: an installed wheel carries it, a clone of the project builds it – "
            "run `make build`"
        ) from None


def static_html(shown: Explanation | Pick | Comparison | Comparisons | Session) -> str:
    """Draw a result as plain HTML without script, of 20 kB at most.

    Parameters
    ----------
    shown : Explanation, Pick, Comparison, Comparisons or Session
        What to draw. A long text is cut around its strongest words, and the picture says so.

    Returns
    -------
    str
        A fragment with its own small style sheet.

    Examples
    --------
    >>> import numpy as np, retrust as rt
    >>> e = rt.explain(lambda texts: np.array(["good" in text for text in texts]), "a <good> day", n_samples=20)
    >>> "&lt;<mark" in static_html(e)
    True
    """
    if isinstance(shown, Pick):
        chosen = panels.columns(shown)
        return poster.pick(panels.pick_scene(shown, chosen), panels.picked(shown, shown, chosen), len(shown))
    if isinstance(shown, Comparison | Comparisons):
        return poster.pair(panels.pair_scene(Comparisons((shown,)) if isinstance(shown, Comparison) else shown))
    if isinstance(shown, Session):
        known = loop.state(shown)
        return poster.session(known["marks"], known["revisions"], loop.last(shown))
    return picture.draw(contract.scene(shown), contract.reading(shown), _photo(shown))


def to_html(explanation: Explanation, path: str | PathLike[str] | None = None) -> str:
    """Make one offline file that toggles words with the surrogate, for every class (the 20 likeliest of more).

    Parameters
    ----------
    explanation : Explanation
        What to show.
    path : path, optional
        Where to write it as well.

    Returns
    -------
    str
        The whole document. It asks nothing of any network, and forbids its page to.

    Raises
    ------
    RetrustError
        Where the page has not been built.
    """
    scene = contract.scene(explanation)
    readings = [contract.reading(each) for each in _every_class(explanation)]
    page = _PAGE.format(
        policy=_POLICY + ("; img-src data: blob:" if scene["kind"] == "image" else ""),
        title=picture.escape(_title(scene, readings[0])),
        style=_unclosed(asset("table.css" if scene["kind"] == "table" else "widget.css"), "style"),
        picture=picture.draw(scene, readings[0], _photo(explanation)),
        state=_inline(_state(scene, readings) | _pictures(explanation) | _studied(explanation)),
        script=_unclosed(asset(_PAGES.get(scene["kind"], "page.js")), "script"),
    )
    if path is not None:
        Path(path).write_text(page, encoding="utf-8")
    return page


def _studied(explanation: Explanation) -> dict[str, Any]:
    """Lay the explanation open, where all of it is there."""
    return {"study": study(explanation)} if explanation.whole else {}


def panel_html(shown: Pick | Comparisons | Session, path: str | PathLike[str] | None = None) -> str:
    """Make one offline file of a panel, in which the chosen instances open (the first 20 of a comparison).

    Parameters
    ----------
    shown : Pick, Comparisons or Session
        What to show.
    path : path, optional
        Where to write it as well.

    Returns
    -------
    str
        The whole document. It asks nothing of any network, and forbids its page to.

    Raises
    ------
    RetrustError
        Where the page has not been built.
    """
    state, title = _panel_state(shown)
    page = _PAGE.format(
        policy=_POLICY + "; img-src data: blob:",
        title=picture.escape(title),
        style=_unclosed(asset("session.css" if isinstance(shown, Session) else "panel.css"), "style"),
        picture=static_html(shown),
        state=_inline(state),
        script=_unclosed(asset(f"page-{panels.bundle(state['scene'])}"), "script"),
    )
    if path is not None:
        Path(path).write_text(page, encoding="utf-8")
    return page


def _panel_state(shown: Pick | Comparisons | Session) -> tuple[dict[str, Any], str]:
    """Gather what the traits of a panel's widget would hold, and the instances that can be opened."""
    if isinstance(shown, Pick):
        chosen = panels.columns(shown)
        scene, picked = panels.pick_scene(shown, chosen), panels.picked(shown, shown, chosen)
        stored = {row: _stored(shown.explanations[row], row) for row in picked["rows"]}
        title = f"{len(shown)} instances that show the model"
    elif isinstance(shown, Session):
        return _session_state(shown), "Marks and what they changed"
    else:
        scene, picked = panels.pair_scene(shown), {}
        stored = {row: _stored(next(iter(both.values())), row, both) for row, both in enumerate(shown[:_CLASSES])}
        title = f"{' and '.join(shown.models)} side by side"
    budget = min(len(shown), panels.REACH)
    look: dict[str, Any] = {"off": [], "edits": {}, "top": None, "budget": budget, "blind": False}
    first = next(iter(stored.values()))
    return {**_state(scene, []), "picked": picked, **first, "look": look, "stored": stored}, title


def _session_state(session: Session) -> dict[str, Any]:
    """Gather what the traits of a session's widget would hold."""
    pick = session.pick() if session.picked is None else session.picked
    opened = [pick.explanations[chosen] for chosen in pick.chosen]
    stored = {row: _stored(each, row) for row, each in zip(session.rows, opened, strict=True)}
    known = loop.state(session) | {"changed": loop.last(session), "plan": None, "suggestions": [], "standing": {}}
    return {**_state(loop.scene(session, opened[0]), []), **next(iter(stored.values())), **known, "stored": stored}


def _stored(first: Explanation, row: int, both: Comparison | None = None) -> dict[str, Any]:
    """Write one instance as it would be if it were open."""
    return {
        "instance": {**contract.scene(first), "row": row},
        "readings": [contract.reading(first)] if both is None else panels.readings(both, first),
        **_pictures(first),
    }


def _every_class(explanation: Explanation) -> list[Explanation]:
    """Read every class without a model call, the explained one first."""
    if explanation.neighbourhood.dropped:
        return [explanation]
    others = sorted(range(len(explanation.prediction)), key=lambda i: -explanation.prediction[i])
    others.remove(explanation.target)
    return [explanation, *(explanation.read(target=target) for target in others[: _CLASSES - 1])]


def _photo(explanation: Explanation) -> bytes:
    """Draw a small picture with its evidence, as good as the room allows; nothing for other domains."""
    representation = explanation.representation
    if not isinstance(representation, ImageRepresentation):
        return b""
    shown = encoding.evidence(representation, explanation.coefficients)
    copies = (encoding.thumbnail(shown, side, quality) for side, quality in _COPIES)
    return next((copy for copy in copies if len(copy) < _PHOTO), b"")


def _pictures(explanation: Explanation) -> dict[str, str]:
    """Write what an image's view is drawn from as text."""
    return {name: b64encode(data).decode("ascii") for name, data in contract.pictures(explanation).items()}


def _state(scene: Mapping[str, Any], readings: list[dict[str, Any]]) -> dict[str, Any]:
    """Gather what the traits of a widget would hold."""
    return {
        "scene": scene,
        "readings": readings,
        "marks": [],
        "probe": None,
        "status": contract.status(),
        "look": {"off": [], "edits": {}, "top": None},
    }


def _inline(state: dict[str, Any]) -> str:
    """Write JSON, pure ASCII, that no HTML parser can mistake for markup."""
    text = json.dumps(state, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _unclosed(source: str, tag: str) -> str:
    """See that no string in a source closes the element it stands in."""
    return re.sub(f"</(?={tag})", r"<\\/", source, flags=re.IGNORECASE)


def _title(scene: Mapping[str, Any], reading: Mapping[str, Any]) -> str:
    name = picture.short(scene["classes"][reading["target"]])
    text = naming.row_title(naming.cells_of(scene.get("columns", [])))
    text = text or " ".join("".join(string for string, _ in scene.get("pieces", [])[:100]).split())
    return f"{name}: {picture.short(text, 60)}" if text else name

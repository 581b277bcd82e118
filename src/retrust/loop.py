"""A session as JSON: what to read next, marks and their siblings, the plan, what changed, the tree of revisions.

``docs/contract.md`` says what each field means. Pure functions, like those of ``contract``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import contract, panels
from retrust.contract import VERSION, number
from retrust.domains.image import Image
from retrust.errors import RetrustError
from retrust.journal import to_json
from retrust.measures import reads
from retrust.naming import row_title, short_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrust.contract import Json
    from retrust.explanation import Explanation
    from retrust.history import Revision
    from retrust.measures import Grew, Turned
    from retrust.preview import Example
    from retrust.session import Session
    from retrust.siblings import Suggestion

_ORDER = ("valid", "shifted", "stress", "reliance", "trust")
_LABELS = {
    "valid": "held out",
    "shifted": "shifted",
    "stress": "stress test",
    "reliance": "reliance",
    "trust": "trusted",
}
_TURNED = 50
_EXAMPLE = 400


def scene(session: Session, explanation: Explanation) -> Json:
    """Describe what stays the same while a session's page lives."""
    image = isinstance(session.domain, Image)
    kind = contract.kind(explanation.representation)
    return {
        "version": VERSION,
        "kind": "session",
        "unit": kind,
        "noun": {"text": "text", "image": "picture"}.get(kind, "row"),
        "classes": list(explanation.classes),
        "scale": explanation.scale,
        "rows": len(session.data),
        "held_out": len(session.valid),
        "shifted": session.shifted is not None,
        "corrections": ["Swap"] if image else ["Drop", "Swap"],
        "everywhere": not image or getattr(session.domain, "vocabulary", None) is not None,
    }


def state(session: Session, explanation: Explanation | None = None, read: Iterable[int] = ()) -> Json:
    """Describe what is known at once: marks, revisions, what to read next."""
    return {
        "marks": panels.marks(session.ledger, explanation, []),
        "revisions": revisions(session),
        "current": session.current,
        "undo": session.undoes,
        "ledger": to_json(session.ledger),
        "picked": picked(session, read),
    }


def last(session: Session) -> Json | None:
    """Describe what the current revision changed; None for the model as it was given."""
    revision = session.revisions[session.current]
    return None if revision.parent is None else changed(revision, session)


def picked(session: Session, read: Iterable[int]) -> Json:
    """Describe the instances to read next; nothing before the first pick."""
    pick = session.picked
    if pick is None:
        return {}
    at = {int(column): i for i, column in enumerate(panels.columns(pick))}
    seen, share = set(read), pick.share.tolist()
    items = []
    for i, (row, chosen) in enumerate(zip(session.rows, pick.chosen, strict=True)):
        explanation = pick.explanations[chosen]
        items.append(
            {
                "row": row,
                "title": pick.title(chosen),
                "target": explanation.target,
                "prediction": number(explanation.prediction[explanation.target]),
                "label": pick.labels[chosen] if pick.labels else None,
                "adds": number(share[i] - (share[i - 1] if i else 0.0)),
                "read": row in seen,
                "turns": reads(explanation, session.marked) if len(session.ledger) else None,
                "glance": panels.glance(explanation, pick, at),
            }
        )
    return {"items": items, "covered": [number(value) for value in share], "pool": len(pick.explanations)}


def called(session: Session, row: int) -> Json:
    """Describe what people call a training row, and its true class."""
    at = {label: i for i, label in enumerate(session.judge.labels)}
    return {"title": session.title(row), "label": at.get(session.data.labels[row])}


def suggestions(found: Sequence[Suggestion]) -> list[Json]:
    """Describe the siblings of what is marked."""
    return [
        {"id": i, "name": each.feature.name, "evidence": [str(item) for item in each.evidence]}
        for i, each in enumerate(found)
    ]


def plan(session: Session, correction: Any = None) -> Json | None:
    """Describe what a retraining would change; None while nothing is marked."""
    if not len(session.ledger):
        return None
    found = session.chosen(correction)
    fixed = {"correction": type(found).__name__, "because": session.because() if correction is None else ""}
    try:
        preview = session.preview(found)
    except RetrustError as error:
        return {**fixed, "sentences": [], "touched": 0, "of": len(session.data), "examples": [], "error": str(error)}
    names = getattr(session.domain, "names", None)
    examples = [known for each in preview.examples if (known := _example(each, names)) is not None]
    said = list(preview.sentences)
    return {
        **fixed,
        "sentences": said,
        "touched": preview.touched,
        "of": preview.of,
        "examples": examples,
        "error": None,
    }


def _example(each: Example, names: Sequence[str] | None) -> Json | None:
    """Describe a row before and after: a text, or the columns that differ; None for what cannot be written."""
    before, after = each.before, each.after
    if isinstance(before, str) and isinstance(after, str):
        return {"row": each.row, "before": before[:_EXAMPLE], "after": after[:_EXAMPLE]}
    cells, other = _cells(before, names), _cells(after, names)
    changed = [name for name in cells if str(cells[name]) != str(other.get(name))]
    if not changed:
        return None
    both = (row_title((name, row.get(name)) for name in changed) for row in (cells, other))
    return {"row": each.row, **dict(zip(("before", "after"), both, strict=True))}


def _cells(row: Any, names: Sequence[str] | None) -> dict[Any, Any]:
    """Return the values of a row by its columns; nothing for what is none."""
    if hasattr(row, "items"):
        return dict(row.items())
    known = names is not None and np.ndim(row) == 1 and len(row) == len(names)
    return dict(zip(names or (), np.asarray(row).tolist(), strict=True)) if known else {}


def standing(found: Mapping[str, float]) -> Json:
    """Describe how the model does now."""
    return {"trust": None} | {name: number(value) for name, value in found.items()}


def changed(revision: Revision, session: Session) -> Json:
    """Describe what a retraining did."""
    return {
        "number": revision.number,
        "against": revision.parent,
        "correction": revision.corrected_by,
        "how": revision.how,
        "seconds": round(revision.seconds, 2),
        "complete": True,
        "measures": measures(revision.measures),
        "gained": gained(revision.gained, session.marked),
        "turned": [_turned(each, session) for each in revision.turned[:_TURNED]],
        "turned_count": len(revision.turned),
    }


def growing(number_: int, against: int, correction: str | None, found: Mapping[str, Mapping[str, Any]]) -> Json:
    """Describe what is measured so far."""
    return {
        "number": number_,
        "against": against,
        "correction": correction,
        "how": "",
        "seconds": None,
        "complete": False,
        "measures": measures(found),
        "gained": [],
        "turned": [],
        "turned_count": 0,
    }


def contrast(session: Session, a: int, b: int) -> Json:
    """Compare two revisions by their figures; intervals are there where one was trained from the other."""
    first, last = session.revisions[a], session.revisions[b]
    if last.parent == a:
        return changed(last, session)
    names = [name for name in _ORDER if name in last.measures or name in first.measures]
    found = {name: _between(session, a, b, name) for name in names}
    known = {name: measure for name, measure in found.items() if measure is not None}
    return growing(b, a, last.corrected_by, known) | {"complete": True, "seconds": round(last.seconds, 2)}


def measures(found: Mapping[str, Mapping[str, Any]]) -> list[Json]:
    """Describe figures before and after, in the order in which they are read."""
    return [
        {
            "name": name,
            "label": _LABELS[name],
            "better": "down" if name == "reliance" or "error" in found[name]["of"] else "up",
            **{key: _plain(value) for key, value in found[name].items()},
        }
        for name in _ORDER
        if name in found
    ]


def gained(found: Sequence[Grew], marked: frozenset[str]) -> list[Json]:
    """Describe the features that grew most."""
    return [
        {"name": each.key, "before": number(each.before), "after": number(each.after), "marked": each.key in marked}
        for each in found
    ]


def revisions(session: Session) -> list[Json]:
    """Describe the tree of revisions."""
    return [
        {
            "number": each.number,
            "parent": each.parent,
            "name": each.name,
            "marks": len(each.ledger),
            "correction": each.corrected_by,
            "figure": number_or_none(_after(session, each.number, "valid")),
            "model": each.after is not None,
        }
        for each in session.revisions
    ]


def number_or_none(value: float | None) -> float | None:
    """Return a number that JSON has."""
    return None if value is None else number(value)


def _between(session: Session, a: int, b: int, name: str) -> Json | None:
    before, after = _after(session, a, name), _after(session, b, name)
    if before is None or after is None:
        return None
    source = session.revisions[b].measures.get(name) or session.revisions[a].measures[name]
    return {"before": before, "after": after, "low": None, "high": None, "n": source["n"], "of": source["of"]}


def _after(session: Session, wanted: int, name: str) -> float | None:
    """Return a revision's figure; the first one's is what its children were measured against."""
    own = session.revisions[wanted].measures.get(name)
    if own is not None:
        return own["after"]  # type: ignore[no-any-return]
    children = (each.measures.get(name) for each in session.revisions if each.parent == wanted)
    return next((measure["before"] for measure in children if measure is not None), None)


def _turned(each: Turned, session: Session) -> Json:
    instance = session.valid[each.row] if each.row < len(session.valid) else None
    return {
        "title": short_title(instance, f"row {each.row}"),
        "before": _class(each.before, session),
        "after": _class(each.after, session),
        "label": _class(each.label, session),
    }


def _class(label: Any, session: Session) -> str:
    at = {str(own): own for own in session.judge.labels}
    return str(session.called(at.get(str(label), label)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return number(value) if isinstance(value, float) else value

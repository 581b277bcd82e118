"""Panels as JSON: many instances on one page – a pick, or several models side by side.

``docs/contract.md`` says what each field means. Pure functions, like those of ``contract``.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import contract, encoding
from retrust.comparison import places, same_target
from retrust.contract import VERSION, number
from retrust.cover import importance
from retrust.domains.image import ImageRepresentation
from retrust.domains.text import TextRepresentation
from retrust.errors import InstanceTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.comparison import Comparison, Comparisons
    from retrust.contract import Json
    from retrust.explanation import Explanation
    from retrust.ledger import Ledger
    from retrust.picking import Pick

REACH = 50
"""How many instances a pick's slider reaches at most."""

_MATRIX = 500_000  # bytes
_COLUMNS = 10_000
_BLANKS = re.compile(r"\s+")
_LOOK = 64, 70  # side and quality of what a visual word looks like
_WORDS = 4  # of a glance
_AROUND = 28  # characters beside each
_NAME = 120
_PIECE = 160  # characters of one piece of a glance
_GLANCE = 168, 60  # side and quality of a small picture


def bundle(scene: Json) -> str:
    """Name the bundle that draws a panel: pictures and tables need more of it than texts."""
    of = scene["unit"] if scene["unit"] in {"image", "table"} and scene["kind"] != "pair" else ""
    return f"{scene['kind']}{of and '-'}{of}.js"


def columns(pick: Pick) -> NDArray[np.intp]:
    """Return the columns that a panel has, the most important first; they are those of all instances."""
    values = importance(pick.weights)
    order = np.argsort(-values, kind="stable")
    return order[values[order] > 0][:_COLUMNS]


def pick_scene(pick: Pick, chosen: NDArray[np.intp]) -> Json:
    """Describe what stays the same while a pick's panel lives.

    Parameters
    ----------
    pick : Pick
        From explanations.
    chosen : ndarray of int
        The columns of the panel, see :func:`columns`.

    Raises
    ------
    InstanceTypeError
        It is a pick from a matrix.
    """
    if not len(pick.explanations):
        raise InstanceTypeError(
            "a pick from a matrix of weights has no instances to show – pick from explanations, or print it"
        )
    matrix, left_out = _matrix(pick, chosen)
    first = pick.explanations[0]
    return {
        "version": VERSION,
        "kind": "pick",
        "unit": _kind(first),
        "classes": list(first.classes),
        "scale": first.scale,
        "features": _features(pick, chosen, _looks(pick)),
        "instances": [_instance(pick, row) for row in range(len(pick.explanations))],
        "matrix": matrix,
        "left_out": left_out,
    }


def picked(pick: Pick, reach: Pick, chosen: NDArray[np.intp]) -> Json:
    """Describe a pick: what was chosen, what each adds, and what random picks would cover, as far as a slider reaches.

    Parameters
    ----------
    pick : Pick
        That of the panel's scene.
    reach : Pick
        What is shown of it: as many instances as the slider reaches, of some class or among the errors.
    chosen : ndarray of int
        The columns of the panel.
    """
    at = {int(column): i for i, column in enumerate(chosen)}
    keys = {key: column for column, key in enumerate(pick.keys)}
    rows = list(reach.chosen[:REACH])
    mean, low, high = reach.random_shares(len(rows))
    return {
        "method": reach.method,
        "target": reach.target,
        "errors": reach.errors,
        "among": len(reach.rows),
        "rows": rows,
        "covered": _short(reach.share[: len(rows)]),
        "added": [[at[keys[key]] for key, _ in reach.added(i) if keys[key] in at] for i in range(len(rows))],
        "random": {"mean": _short(mean), "low": _short(low), "high": _short(high)},
        "glances": [glance(pick.explanations[row], pick, at) for row in rows],
    }


def pair_scene(comparisons: Comparisons) -> Json:
    """Describe what stays the same while models are looked at side by side.

    Raises
    ------
    InstanceTypeError
        There are no instances.
    """
    if not len(comparisons):
        raise InstanceTypeError("these comparisons have no instances to show – compare the models on one or more")
    first = _first(comparisons[0])
    return {
        "version": VERSION,
        "kind": "pair",
        "unit": _kind(first),
        "models": comparisons.models,
        "order": comparisons.order,
        "classes": list(first.classes),
        "scale": first.scale,
        "instances": [
            {
                "title": both.title[:_NAME],
                "label": both.label,
                "answers": [_answer(_first(both), each) for each in both.values()],
                "overlap": both.overlap,
                "turned": [name[:_NAME] for name in both.turned],
                "cosine": number(both.cosine),
            }
            for both in comparisons
        ],
    }


def readings(both: Comparison, first: Explanation) -> list[Json]:
    """Describe each model's reading of what is explained in the first, with the classes in the first's order.

    Parameters
    ----------
    both : Comparison
    first : Explanation
        The first model's, as the reader aimed it: the others are read in the same way.
    """
    return [_aligned(first, _aimed(first, each), name) for name, each in both.items()]


def _aimed(first: Explanation, other: Explanation) -> Explanation:
    target = same_target(first, other)
    if target in {other.target, other.classes[other.target]} and other.surrogate == first.surrogate:
        return other
    return other.read(target, surrogate=first.surrogate)


def _aligned(first: Explanation, other: Explanation, name: str) -> Json:
    prediction = arranged(first, other, other.prediction)
    return contract.reading(other, name) | {
        "target": first.target,
        "prediction": [number(value) for value in prediction],
    }


def arranged(first: Explanation, other: Explanation, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put another model's answers (…, k) into the order of classes that the first has; NaN where it has none such."""
    known = np.concatenate([outputs, np.full((*outputs.shape[:-1], 1), np.nan)], axis=-1)
    return np.asarray(known[..., [-1 if place is None else place for place in places(first, other)]])


def answers(both: Comparison, first: Explanation, off: Sequence[int], edits: Any) -> list[NDArray[np.float64]]:
    """Ask each model about the instance with some parts absent: its answers (n, k), one for each draw."""
    return [arranged(first, each, each.draws(off, edits)) for each in both.values()]


def marks(ledger: Ledger, explanation: Explanation | None, keys: Sequence[Any]) -> list[Json]:
    """Describe marks with the features of the open instance, and the panel's columns, that they hold for."""
    features = () if explanation is None else explanation.features
    at = {key: i for i, key in enumerate(keys)}
    return [
        {
            "name": contract.called(mark, explanation),
            "scope": mark.scope,
            "because": mark.because,
            "features": [i for i, feature in enumerate(features) if feature.key == mark.key],
            "columns": [at[mark.key]] if mark.key in at else [],
        }
        for mark in ledger
    ]


def _kind(explanation: Explanation) -> str:
    return contract.kind(explanation.representation)


def _first(both: Comparison) -> Explanation:
    return next(iter(both.values()))


def _answer(first: Explanation, other: Explanation) -> Json:
    """Say which of the first's classes a model finds likeliest."""
    prediction = arranged(first, other, other.prediction)
    answer = int(np.nanargmax(prediction))
    return {"target": answer, "prediction": number(prediction[answer])}


def _instance(pick: Pick, row: int) -> Json:
    explanation = pick.explanations[row]
    return {
        "title": pick.title(row)[:_NAME],
        "target": explanation.target,
        "prediction": number(explanation.prediction[explanation.target]),
        "label": pick.labels[row] if pick.labels else None,
        "fidelity": None if np.isnan(explanation.fidelity) else round(explanation.fidelity, 3),
    }


def _looks(pick: Pick) -> dict[str, str]:
    """Encode what visual words look like, by key: base64 WebPs; nothing for other keys."""
    vocabulary: Any = getattr(pick.explanations[0].representation, "vocabulary", None)
    names, shown = getattr(vocabulary, "names", ()), getattr(vocabulary, "pictures", ())
    side, quality = _LOOK
    return {
        name: b64encode(encoding.thumbnail(np.hstack(list(two)), side, quality)).decode("ascii")
        for name, two in zip(names, shown, strict=False)
    }


def _features(pick: Pick, chosen: NDArray[np.intp], pictures: Mapping[str, str]) -> list[Json]:
    """Describe the columns: how important, in how many instances, toward which class."""
    values = importance(pick.weights)
    rows = np.repeat(np.arange(pick.weights.shape[0]), np.diff(pick.weights.indptr))
    targets = np.array([each.target for each in pick.explanations])[rows]
    shape = len(pick.explanations[0].classes), pick.weights.shape[1]
    toward = np.zeros(shape)
    with np.errstate(over="ignore"):  # such a sum crosses as null
        np.add.at(toward, (targets, pick.weights.indices), pick.weights.data)
    counts = np.bincount(pick.weights.indices, minlength=shape[1])
    return [
        {
            "name": str(pick.keys[j])[:_NAME],
            "importance": float(f"{values[j]:.4g}"),
            "count": int(counts[j]),
            "toward": [number(float(f"{value:.3g}")) for value in toward[:, j]],
            "picture": pictures.get(str(pick.keys[j])),
        }
        for j in chosen
    ]


def _matrix(pick: Pick, chosen: NDArray[np.intp]) -> tuple[Json, int]:
    """Write the weights by rows, largest first, and as many of each row as there is room for."""
    at = np.full(pick.weights.shape[1], -1)
    at[chosen] = np.arange(len(chosen))
    starts, longest = pick.weights.indptr, int(np.diff(pick.weights.indptr).max(initial=0))
    rows = [_row(pick, at, start, end) for start, end in pairwise(starts.tolist())]
    most = longest
    while True:
        kept = [row[:most] for row in rows]
        matrix: Json = {
            "starts": np.cumsum([0, *map(len, kept)]).tolist(),
            "features": [column for row in kept for column, _ in row],
            "weights": [weight for row in kept for _, weight in row],
        }
        size = len(json.dumps(matrix, separators=(",", ":")))
        if size <= _MATRIX or most <= 1:
            return matrix, pick.weights.nnz - len(matrix["features"])
        most = max(1, most * _MATRIX // size)


def _row(pick: Pick, at: NDArray[np.intp], start: int, end: int) -> list[tuple[int, float]]:
    own = zip(at[pick.weights.indices[start:end]].tolist(), pick.weights.data[start:end].tolist(), strict=True)
    kept = sorted(((i, weight) for i, weight in own if i >= 0), key=lambda item: -abs(item[1]))
    return [(i, float(f"{weight:.3g}")) for i, weight in kept]


def _short(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 5) for value in values]


def glance(explanation: Explanation, pick: Pick, at: Mapping[int, int]) -> Json:
    """Show an instance small: a text around its strongest words, a picture with its evidence, else its weights."""
    representation = explanation.representation
    if isinstance(representation, ImageRepresentation):
        side, quality = _GLANCE
        small = encoding.thumbnail(encoding.evidence(representation, explanation.coefficients), side, quality)
        return {"picture": b64encode(small).decode("ascii")}
    keys = {key: column for column, key in enumerate(pick.keys)}
    column = {int(i): at.get(keys[explanation.features[i].key], -1) for i in explanation.fit.selected}
    if isinstance(representation, TextRepresentation):
        return {"pieces": _excerpt(representation, column)}
    known = [i for i in column if column[i] >= 0]
    return {"weights": [[column[i], number(explanation.coefficients[i])] for i in known[:_WORDS]]}


def _excerpt(representation: TextRepresentation, column: Mapping[int, int]) -> list[list[Any]]:
    """Cut a text to what stands around its strongest words; to its beginning where no word has any weight."""
    pieces = representation.pieces()
    strongest = list(column)[:_WORDS]
    at = sorted(next(i for i, (_, feature) in enumerate(pieces) if feature == word) for word in strongest) or [0]
    found: list[list[Any]] = []
    end = 0
    for place in at:
        first, last = _window(pieces, place)
        if first > end:
            found.append(["… " if not found else " … ", -1])
        found.extend([_clipped(string), column.get(feature, -1)] for string, feature in pieces[max(first, end) : last])
        end = max(end, last)
    return [*found, [" …", -1]] if end < len(pieces) else found


def _clipped(string: str) -> str:
    """Write a piece on one line, and cut it where it is long."""
    shown = _BLANKS.sub(" ", string)
    return shown if len(shown) <= _PIECE else f"{shown[: _PIECE - 1]}…"


def _window(pieces: Sequence[tuple[str, int]], place: int) -> tuple[int, int]:
    """Go out from a piece until there is enough text on both sides."""
    first, last, before, after = place, place + 1, 0, 0
    while first > 0 and before + len(pieces[first - 1][0]) <= _AROUND:
        first -= 1
        before += len(pieces[first][0])
    while last < len(pieces) and after + len(pieces[last][0]) <= _AROUND:
        after += len(pieces[last][0])
        last += 1
    return first, last

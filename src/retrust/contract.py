"""Results as JSON and bytes: what crosses to the page, and the requests that come back.

Pure functions from values to plain JSON values and bytes. ``docs/contract.md`` says what each field means; the files in
``tests/contract`` are written by this room and drawn by the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from retrust import encoding, tabular
from retrust.domains.image import ImageRepresentation
from retrust.domains.text import TextRepresentation
from retrust.errors import ContractError, listed
from retrust.ledger import SCOPES
from retrust.pairs import PairFit
from retrust.tree import TreeFit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from retrust.explanation import Explanation
    from retrust.ledger import Ledger, Mark

VERSION = 1

_MIDDLE = 0.05, 0.95

Json = dict[str, Any]


def scene(explanation: Explanation) -> Json:
    """Describe what stays the same while a view lives."""
    representation = explanation.representation
    fixed: Json = {
        "version": VERSION,
        "kind": "parts",
        "features": [{"name": feature.name} for feature in explanation.features],
        "classes": list(explanation.classes),
        "scale": explanation.scale,
    }
    if isinstance(representation, TextRepresentation):
        return fixed | {"kind": "text", "pieces": [list(piece) for piece in representation.pieces()]}
    if isinstance(representation, ImageRepresentation):
        height, width = encoding.sides(representation)
        return fixed | {
            "kind": "image",
            "width": width,
            "height": height,
            "backdrop": encoding.backdrop(representation)[0],
        }
    if tabular.is_row(representation):
        return fixed | {"kind": "table", **tabular.described(representation)}
    return fixed


def kind(representation: object) -> str:
    """Name the kind of scene that an instance has."""
    kinds = {TextRepresentation: "text", ImageRepresentation: "image"}
    other = "table" if tabular.is_row(representation) else "parts"
    return next((name for one, name in kinds.items() if isinstance(representation, one)), other)


def pictures(explanation: Explanation) -> dict[str, bytes]:
    """Encode what an image's view is drawn from; nothing for other domains."""
    representation = explanation.representation
    if not isinstance(representation, ImageRepresentation):
        return {"pixels": b"", "labels": b"", "backdrop": b""}
    return {
        "pixels": encoding.pixels(representation),
        "labels": encoding.labels(representation),
        "backdrop": encoding.backdrop(representation)[1],
    }


def reading(explanation: Explanation, model: str = "model") -> Json:
    """Describe one reading of one model."""
    fit = explanation.fit
    return {
        "model": model,
        "target": explanation.target,
        "prediction": [number(value) for value in explanation.prediction],
        "local_prediction": number(explanation.local_prediction),
        "intercept": number(fit.intercept),
        "weights": [[int(i), number(fit.coefficients[i]), number(fit.stderr[i])] for i in fit.selected],
        "fidelity": number(fit.fidelity),
        "n_samples": explanation.n_samples,
        "model_calls": explanation.model_calls,
        "n_features": int(getattr(explanation.surrogate, "n_features", len(fit.selected))),
        "settled": explanation.settled,
        "stability": number(explanation.stability),
        "exact": explanation.exact,
        "tied": explanation.tied,
        **_shapes(explanation),
        "partial": explanation.partial,
        "doubt": explanation.doubt,
        "effective": number(explanation.effective) if explanation.whole else None,
        "locality": explanation.locality,
    }


def _shapes(explanation: Explanation) -> Json:
    """Describe what a surrogate has beside weights: a tree with its rules, or pairs; null for others."""
    fit, names = explanation.fit, [feature.name for feature in explanation.features]
    return {
        "rules": fit.rules(names) if isinstance(fit, TreeFit) else None,
        "tree": fit.to_dict() if isinstance(fit, TreeFit) else None,
        "pairs": fit.to_dict() if isinstance(fit, PairFit) else None,
    }


def number(value: float | np.floating[Any]) -> float | None:
    """Return a float that JSON has, None for NaN and infinities."""
    return float(value) if np.isfinite(value) else None


def marks(ledger: Ledger, explanation: Explanation) -> list[Json]:
    """Describe marks with the features of this instance that they hold for."""
    return [
        {
            "name": called(mark, explanation),
            "scope": mark.scope,
            "because": mark.because,
            "features": [i for i, feature in enumerate(explanation.features) if feature.key == mark.key],
        }
        for mark in ledger
    ]


def called(mark: Mark, explanation: Explanation | None) -> str:
    """Say what people call what is marked; a column by its name, since its condition differs from row to row."""
    if explanation is None or tabular.is_row(explanation.representation):
        return mark.key
    return next((feature.name for feature in explanation.features if feature.key == mark.key), mark.key)


def probe(
    off: Sequence[int], edits: Mapping[int, str], draws: Iterable[ArrayLike], *, painted: int | None = None
) -> Json:
    """Describe the models' own answer to what the reader switched off, typed and painted.

    Parameters
    ----------
    off, edits
        As they came from the page.
    draws : iterable of array-like, shape (n, k) or (k,)
        What each model answers; where absence is a draw, to each of n rows.
    painted : int, optional
        The id of the request that came with a painting: no two paintings have equal answers, then.
    """
    answers = [np.atleast_2d(np.asarray(each, dtype=np.float64)) for each in draws]
    return {
        "off": list(off),
        "edits": {str(feature): text for feature, text in edits.items()},
        "painted": painted is not None,
        "id": painted,
        "outputs": [[number(value) for value in answer.mean(axis=0)] for answer in answers],
        "spread": [_spread(answer) for answer in answers] if any(len(answer) > 1 for answer in answers) else None,
    }


def _spread(answer: NDArray[np.float64]) -> list[list[float | None]]:
    """Return the middle nine tenths of each output's draws (n, k)."""
    return [[number(value) for value in ends] for ends in np.quantile(answer, _MIDDLE, axis=0).T]


def status(
    phase: str = "idle",
    *,
    done: int = 0,
    of: int = 0,
    message: str = "",
    error: Json | None = None,
    can: Sequence[str] = (),
) -> Json:
    """Describe what is going on."""
    return {"phase": phase, "done": done, "of": of, "message": message, "error": error, "can": list(can)}


@dataclass(frozen=True)
class Verb:
    """A request from the page, checked."""

    verb: str
    id: int
    fields: Json


_FIELDS: dict[str, tuple[str, ...]] = {
    "aim": ("target", "n_features"),
    "probe": ("off", "edits"),
    "reshape": ("merge", "split"),
    "sample": ("n",),
    "study": (),
    "stop": (),
    "mark": ("features", "scope", "because"),
    "withdraw": ("features",),
    "hello": (),
    "open": ("row",),
    "pick": ("method", "target", "errors"),
    "next": ("budget",),
    "trust": (),
    "preview": ("correction",),
    "retrain": ("correction",),
    "undo": (),
    "go": ("revision",),
    "name": ("revision", "name"),
    "contrast": ("a", "b"),
    "import": ("marks",),
}
_OF = ("pick", "suggestions", "gained", "marks")
_COUNTS = {"n_features", "n", "budget"}  # whole numbers from 1
_INDICES = {"target", "row", "revision", "a", "b"}  # and from 0
_TEXTS = {("mark", "because"), ("name", "name"), ("import", "marks")}


_CHOICES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("mark", "scope"): SCOPES,
    ("mark", "of"): _OF,
    ("withdraw", "of"): _OF,
    ("pick", "method"): ("submodular", "random"),
    ("pick", "target"): (None,),
    ("pick", "errors"): (False, True),
    ("preview", "correction"): (None, "Drop", "Swap"),
    ("retrain", "correction"): (None, "Drop", "Swap"),
}


def parse_verb(message: object, buffers: Sequence[Any] = ()) -> Verb:
    """Check a message from the page.

    Parameters
    ----------
    message : object
    buffers : sequence of bytes-like
        What came with it: for a probe, the painted picture.

    Raises
    ------
    ContractError
        It is no verb, or lacks a field, or a field is of the wrong kind.

    Examples
    --------
    >>> parse_verb({"verb": "sample", "id": 3, "n": 5000})
    Verb(verb='sample', id=3, fields={'n': 5000})
    """
    if not isinstance(message, dict):
        raise ContractError(f"a message is {type(message).__name__}; an object with verb and id is expected")
    name, ident = message.get("verb"), message.get("id")
    if not isinstance(name, str) or name not in _FIELDS:
        raise ContractError(f"unknown verb: {name!r}; expected one of {listed(_FIELDS)}")
    if not _whole(ident):
        raise ContractError(f"{name} has id {ident!r}; a whole number is expected")
    wanted = _FIELDS[name]
    missing = [field for field in wanted if field not in message]
    if missing:
        raise ContractError(f"{name} lacks {listed(missing)}; it takes {listed(wanted)}")
    fields = {field: _field(name, field, message[field]) for field in wanted}
    if name == "probe":
        fields["painted"] = bytes(buffers[0]) if message.get("painted") is True and buffers else None
    if "of" in message and name in {"mark", "withdraw"}:
        fields["of"] = _field(name, "of", message["of"])
    return Verb(name, ident, fields)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _edit(item: tuple[object, object]) -> bool:
    feature, text = item
    return isinstance(feature, str) and feature.isdecimal() and isinstance(text, str)


def _field(verb: str, name: str, value: Any) -> Any:
    """Check one field of a verb."""
    if name in _COUNTS | _INDICES and _whole(value) and value >= (name in _COUNTS):
        return value
    if name in {"off", "features", "split"} and isinstance(value, list) and all(_whole(item) for item in value):
        return value
    if name == "merge" and isinstance(value, list) and all(isinstance(group, list) for group in value):
        return [_field(verb, "features", group) for group in value]
    if name == "edits" and isinstance(value, dict) and all(map(_edit, value.items())):
        return {int(feature): text for feature, text in value.items()}
    known = [choice for choice in _CHOICES.get((verb, name), ()) if type(choice) is type(value)]  # 0 is no False
    if ((verb, name) in _TEXTS and isinstance(value, str)) or value in known:
        return value
    raise ContractError(f"{verb} has {name}={value!r}, which does not follow the contract")

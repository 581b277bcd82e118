"""Results as JSON: what crosses to the page, and what people keep and exchange.

Pure functions from values to plain JSON values and back. ``docs/contract.md`` says what each field means; the files in
``tests/contract`` are written by this room and drawn by the page.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, get_args

import numpy as np

from retrust.domains.text import TextRepresentation
from retrust.errors import ContractError, DetachedError, listed
from retrust.explanation import Explanation, Partial, Plan
from retrust.ledger import SCOPES
from retrust.neighbourhood import Exponential, Independent, Neighbourhood, UniformCount, Weighted
from retrust.representation import Feature
from retrust.surrogate import Fit, Lasso, Ridge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrust.ledger import Ledger
    from retrust.representation import Representation

VERSION = 1

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
        fixed |= {"kind": "text", "pieces": [list(piece) for piece in representation.pieces()]}
    return fixed


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
        "partial": explanation.partial,
        "doubt": explanation.doubt,
    }


def number(value: float | np.floating[Any]) -> float | None:
    """Return a float that JSON has, None for NaN and infinities."""
    return float(value) if np.isfinite(value) else None


def marks(ledger: Ledger, explanation: Explanation) -> list[Json]:
    """Describe marks with the features of this instance that they hold for."""
    return [
        {
            "name": mark.key,
            "scope": mark.scope,
            "because": mark.because,
            "features": [i for i, feature in enumerate(explanation.features) if feature.key == mark.key],
        }
        for mark in ledger
    ]


def probe(off: Sequence[int], edits: Mapping[int, str], outputs: Iterable[Iterable[float]]) -> Json:
    """Describe the models' own answer to what the reader switched off and typed."""
    return {
        "off": list(off),
        "edits": {str(feature): text for feature, text in edits.items()},
        "outputs": [[number(value) for value in row] for row in outputs],
    }


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
    "sample": ("n",),
    "stop": (),
    "mark": ("features", "scope", "because"),
    "withdraw": ("features",),
}


def parse_verb(message: object) -> Verb:
    """Check a message from the page.

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
    if name not in _FIELDS:
        raise ContractError(f"unknown verb: {name!r}; expected one of {listed(_FIELDS)}")
    if not _whole(ident):
        raise ContractError(f"{name} has id {ident!r}; a whole number is expected")
    wanted = _FIELDS[name]
    missing = [field for field in wanted if field not in message]
    if missing:
        raise ContractError(f"{name} lacks {listed(missing)}; it takes {listed(wanted)}")
    return Verb(name, ident, {field: _field(name, field, message[field]) for field in wanted})


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _field(verb: str, name: str, value: Any) -> Any:
    """Check one field of a verb."""
    if name in {"target", "n_features", "n"} and _whole(value) and value >= (name != "target"):
        return value
    if name in {"off", "features"} and isinstance(value, list) and all(_whole(item) for item in value):
        return value
    if name == "edits" and isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return {int(feature): text for feature, text in value.items()}
    if name == "because" and isinstance(value, str):
        return value
    if name == "scope" and value in SCOPES:
        return value
    raise ContractError(f"{verb} has {name}={value!r}, which does not follow the contract")


# --- results that are kept and exchanged -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Parts:
    """An instance of a domain that does not travel: names and keys remain, nothing can be perturbed."""

    features: tuple[Feature, ...]
    random: bool = False

    def perturb(self, masks: object, rng: object = None) -> Any:
        """Say that the instance itself did not travel."""
        del masks, rng
        raise DetachedError("this instance did not travel with its explanation; explain it again to ask the model")

    def design(self, masks: Any, inputs: object = None) -> Any:
        """Return the masks."""
        del inputs
        return masks

    def swap(self, keys: object, donor: object, rng: object) -> Any:
        """Say that the instance itself did not travel."""
        del keys, donor
        return self.perturb(rng)


_PLANNED = {kind.__name__: kind for kind in (UniformCount, Independent, Exponential, Ridge, Lasso)}


def to_dict(explanation: Explanation) -> Json:
    """Return an explanation as plain JSON values, without its model.

    A sampler, kernel or surrogate of the user's own does not travel; it is named, and the defaults stand in when the
    result is read in another way.
    """
    near, fit, plan = explanation.neighbourhood, explanation.fit, explanation.plan
    return {
        "retrust": "explanation",
        "version": VERSION,
        "classes": list(explanation.classes),
        "target": explanation.target,
        "partial": explanation.partial,
        "representation": _representation_to(explanation.representation),
        "neighbourhood": {
            "d": near.d,
            "masks": _pack(near.packed),
            "outputs": _pack(near.outputs),
            "shape": list(near.outputs.shape),
            "own": None if near.own is None else _pack(near.own),
            "batches": near.batches,
            "calls": near.calls,
        },
        "weights": _pack(explanation.weighted.weights),
        "plan": {name: _planned_to(getattr(plan, name)) for name in ("sampler", "kernel", "surrogate")},
        "seed": plan.seed,
        "fit": {
            "intercept": fit.intercept,
            "coefficients": [number(value) for value in fit.coefficients],
            "stderr": [number(value) for value in fit.stderr],
            "fidelity": number(fit.fidelity),
            "selected": fit.selected.tolist(),
        },
    }


def from_dict(given: Mapping[str, Any]) -> Explanation:
    """Read an explanation that :meth:`~retrust.explanation.Explanation.to_dict` wrote.

    Parameters
    ----------
    given : mapping
        Plain JSON values; nothing in it is executed.

    Returns
    -------
    Explanation
        Without a model; ``attach`` gives it one.

    Raises
    ------
    ContractError
        It is something else, or damaged, or of a later version.

    Examples
    --------
    >>> import json, retrust as rt
    >>> e = rt.explain(lambda texts: np.array([len(t) / 9 for t in texts]), "a few words", n_samples=50)
    >>> rt.from_dict(json.loads(json.dumps(e.to_dict()))).top() == e.top()
    True
    """
    if not isinstance(given, Mapping) or given.get("retrust") != "explanation":
        raise ContractError('this is no explanation; an object with "retrust": "explanation" is expected (see to_dict)')
    if given.get("version") != VERSION:
        raise ContractError(f"version {given.get('version')!r} of the format; this release reads version {VERSION}")
    try:
        return _explanation_from(given)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        message = f"the explanation is damaged: {type(error).__name__}: {error} – write it again with to_dict"
        raise ContractError(message) from error


def _explanation_from(given: Mapping[str, Any]) -> Explanation:
    near, fit = given["neighbourhood"], given["fit"]
    n, k = near["shape"]
    d = int(near["d"])
    representation = _representation_from(given["representation"])
    if len(representation.features) != d or not 0 <= given["target"] < k == len(given["classes"]):
        raise ContractError("the explanation is damaged: its features, outputs or classes do not fit together")
    neighbourhood = Neighbourhood(
        _unpack(near["masks"], "u1", (n, -(-d // 8))),
        d,
        _unpack(near["outputs"], "<f8", (n, k)),
        None if near["own"] is None else _unpack(near["own"], "<f8", (n, d)),
        int(near["batches"]),
        int(near["calls"]),
    )
    plan = Plan(
        _planned_from(given["plan"]["sampler"], UniformCount()),
        _planned_from(given["plan"]["kernel"], Exponential(25)),
        _planned_from(given["plan"]["surrogate"], Ridge()),
        int(given["seed"]),
    )
    weighted = Weighted(neighbourhood, plan.kernel, None, _unpack(given["weights"], "<f8", (n,)))
    found = Fit(
        float(fit["intercept"]),
        _floats(fit["coefficients"], d),
        _floats(fit["stderr"], d),
        float("nan") if fit["fidelity"] is None else float(fit["fidelity"]),
        np.array(fit["selected"], dtype=np.intp),
    )
    classes = tuple(map(str, given["classes"]))
    explanation = Explanation(representation, weighted, found, int(given["target"]), classes, plan, given["partial"])
    if not _sound(explanation):
        raise ContractError("the explanation is damaged: its numbers make no sense – write it again with to_dict")
    return explanation


def _sound(explanation: Explanation) -> bool:
    """Tell whether numbers that were read from a file can be worked with."""
    fit, near = explanation.fit, explanation.neighbourhood
    return (
        all(np.isfinite(part).all() for part in (near.outputs, fit.intercept, fit.coefficients))
        and fit.selected.ndim == 1
        and set(fit.selected.tolist()) <= set(range(near.d))
        and explanation.plan.seed >= 0
        and len(near) > 0
        and explanation.partial in {None, *get_args(Partial)}
    )


def _representation_to(representation: Representation) -> Json:
    features = [[feature.name, feature.key] for feature in representation.features]
    if not isinstance(representation, TextRepresentation):
        return {"kind": "parts", "features": features, "random": representation.random}
    return {
        "kind": "text",
        "features": features,
        "text": representation.text,
        "spans": representation.spans.tolist(),
        "owner": representation.owner.tolist(),
        "mask_token": representation.mask_token,
    }


def _representation_from(given: Mapping[str, Any]) -> Any:
    features = tuple(Feature(str(name), str(key)) for name, key in given["features"])
    if given["kind"] == "parts":
        return Parts(features, bool(given["random"]))
    if given["kind"] != "text":
        raise ContractError(f"unknown kind: {given['kind']!r}; this release reads 'text' and 'parts'")
    spans = np.array(given["spans"], dtype=np.intp).reshape(-1, 2)
    owner = np.array(given["owner"], dtype=np.intp)
    flat = spans.ravel()
    if len(owner) != len(spans) or (np.diff(flat) < 0).any() or flat[-1] > len(given["text"]) or flat[0] < 0:
        raise ContractError("the explanation is damaged: its spans do not fit its text")
    if owner.min() < 0 or owner.max() >= len(features):
        raise ContractError("the explanation is damaged: its spans do not fit its features")
    return TextRepresentation(str(given["text"]), spans, owner, features, str(given["mask_token"]))


def _planned_to(thing: object) -> Json:
    name = type(thing).__name__
    if name not in _PLANNED or type(thing) is not _PLANNED[name]:
        return {"own": getattr(thing, "__name__", name)}
    return {"name": name} | {key: v.item() if isinstance(v, np.generic) else v for key, v in vars(thing).items()}


def _planned_from(given: Mapping[str, Any], default: Any) -> Any:
    if "own" in given:
        return default
    return _PLANNED[given["name"]](**{name: value for name, value in given.items() if name != "name"})


def _pack(array: np.ndarray[Any, Any]) -> str:
    kind = "u1" if array.dtype == np.uint8 else "<f8"
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")


def _unpack(text: str, kind: str, shape: tuple[int, ...]) -> Any:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind).reshape(shape)


def _floats(values: Sequence[float | None], d: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if array.shape != (d,):
        raise ContractError(f"the explanation is damaged: {len(array)} numbers for {d} features")
    return array

"""Results as people keep and exchange them: plain JSON values and back, nothing executed."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from retrust import cells, tabular
from retrust.domains.image import ImageRepresentation
from retrust.domains.text import TextRepresentation
from retrust.errors import ContractError, listed
from retrust.explanation import Explanation, Move, Partial, Plan
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.pairs import PairFit, Pairs
from retrust.photo import Layout, Photo
from retrust.representation import Feature, Parts
from retrust.sampling import Exponential, Independent, Shapley, UniformCount
from retrust.settling import Outlook
from retrust.surrogate import Fit, Lasso, Ridge
from retrust.tree import Tree, TreeFit

if TYPE_CHECKING:
    from retrust.representation import Representation
    from retrust.sampling import Sampler

VERSION = 1

Json = dict[str, Any]


_PLANNED = (UniformCount, Independent, Exponential, Shapley, Ridge, Lasso, Tree, Pairs)
_FITS: dict[str, type[TreeFit | PairFit]] = {"tree": TreeFit, "pairs": PairFit}


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
            "odds": None if near.odds is None else _pack(near.odds),
            "law": None if near.law is None else planned(near.law),
            "exact": near.exact,
            **({"dropped": near.dropped, "shares": near.shares} if near.dropped else {}),
        },
        "weights": _pack(explanation.weighted.weights),
        "plan": {name: planned(getattr(plan, name)) for name in ("sampler", "kernel", "surrogate")},
        "seed": plan.seed,
        "fit": {
            "intercept": fit.intercept,
            "coefficients": _numbers(fit.coefficients),
            "stderr": _numbers(fit.stderr),
            "fidelity": _numbers([fit.fidelity])[0],
            "selected": fit.selected.tolist(),
            **{name: fit.to_dict() for name, kind in _FITS.items() if isinstance(fit, kind)},
        },
        "outlook": _numbers(list(vars(explanation.known).values())) if explanation.known else None,
        "moves": [[move.n_samples, [[i, *_numbers(pair)] for i, *pair in move.weights]] for move in explanation.moves],
        "noisy": explanation.noisy,
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
        int(near.get("dropped", 0)),
        bool(near["shares"]) if near.get("dropped") else None,
        None if near.get("odds") is None else _unpack(near["odds"], "<f8", (n,)),
        _law_from(near.get("law")),
        bool(near.get("exact")),
    )
    plan = Plan(
        _planned_from(given["plan"]["sampler"], getattr(representation, "sampler", UniformCount()), Independent),
        _planned_from(given["plan"]["kernel"], getattr(representation, "kernel", Exponential(25)), Shapley),
        _planned_from(given["plan"]["surrogate"], Ridge(), Lasso, Tree, Pairs),
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
    found = next((kind.from_dict(found, fit[name]) for name, kind in _FITS.items() if name in fit), found)
    classes = tuple(map(str, given["classes"]))
    explanation = Explanation(
        representation,
        weighted,
        found,
        int(given["target"]),
        classes,
        plan,
        given["partial"],
        known=Outlook(*_floats(given["outlook"], 2).tolist()) if given.get("outlook") else None,
        moves=tuple(_move_from(*each) for each in given.get("moves", ())),
        noisy=bool(given.get("noisy")),
    )
    if not _sound(explanation):
        raise ContractError("the explanation is damaged: its numbers make no sense – write it again with to_dict")
    return explanation


def _law_from(given: Mapping[str, Any] | None) -> Sampler | None:
    """Return the law that masks speak of; None where it is not known here."""
    return None if given is None or "own" in given else _planned_from(given, UniformCount(), Independent)


def _move_from(n_samples: int, weights: Sequence[Sequence[float | None]]) -> Move:
    pairs = [(int(feature or 0), *_floats([size, error], 2).tolist()) for feature, size, error in weights]
    return Move(int(n_samples), tuple((feature, size, error) for feature, size, error in pairs))


def _sound(explanation: Explanation) -> bool:
    """Tell whether numbers that were read from a file can be worked with."""
    fit, near = explanation.fit, explanation.neighbourhood
    return (
        all(np.isfinite(part).all() for part in (near.outputs, fit.intercept, fit.coefficients))
        and fit.selected.ndim == 1
        and set(fit.selected.tolist()) <= set(range(near.d))
        and explanation.plan.seed >= 0
        and len(near) > 0
        and near.dropped >= 0
        and explanation.partial in {None, *get_args(Partial)}
    )


def _representation_to(representation: Representation) -> Json:
    features = [[feature.name, feature.key] for feature in representation.features]
    if isinstance(representation, TextRepresentation):
        return {"kind": "text", "features": features, **_text_to(representation)}
    if isinstance(representation, ImageRepresentation):
        return {"kind": "image", "features": features, **_image_to(representation)}
    row = cells.to_dict(representation) if tabular.is_row(representation) else None
    if row is not None:
        return {"kind": "table", "features": features, **row}
    return {"kind": "parts", "features": features, "random": representation.random}


def _representation_from(given: Mapping[str, Any]) -> Any:
    features = tuple(Feature(str(name), str(key)) for name, key in given["features"])
    if given["kind"] not in _READERS:
        raise ContractError(f"unknown kind: {given['kind']!r}; this release reads {listed(_READERS)}")
    return _READERS[given["kind"]](given, features)


def _parts_from(given: Mapping[str, Any], features: tuple[Feature, ...]) -> Parts:
    return Parts(features, bool(given["random"]))


def _text_to(representation: TextRepresentation) -> Json:
    return {
        "text": representation.text,
        "spans": representation.spans.tolist(),
        "owner": representation.owner.tolist(),
        "mask_token": representation.mask_token,
    }


def _text_from(given: Mapping[str, Any], features: tuple[Feature, ...]) -> TextRepresentation:
    spans = np.array(given["spans"], dtype=np.intp).reshape(-1, 2)
    owner = np.array(given["owner"], dtype=np.intp)
    flat = spans.ravel()
    if len(owner) != len(spans) or (np.diff(flat) < 0).any() or flat[-1] > len(given["text"]) or flat[0] < 0:
        raise ContractError("the explanation is damaged: its spans do not fit its text")
    if owner.min() < 0 or owner.max() >= len(features):
        raise ContractError("the explanation is damaged: its spans do not fit its features")
    return TextRepresentation(str(given["text"]), spans, owner, features, str(given["mask_token"]))


def _image_to(representation: ImageRepresentation) -> Json:
    photo = representation.photo
    return {
        "type": photo.pixels.dtype.str,
        "shape": list(photo.pixels.shape),
        "layout": photo.layout,
        "range": [photo.low, photo.high],
        "pixels": _squeeze(photo.pixels),
        "backdrop": _squeeze(representation.backdrop),
        "labels": _squeeze(representation.labels.astype("<u2")),
        "own_mean": representation.own_mean,
    }


def _image_from(given: Mapping[str, Any], features: tuple[Feature, ...]) -> ImageRepresentation:
    kind, shape = np.dtype(given["type"]), tuple(map(int, given["shape"]))
    if kind.kind not in "uif" or given["layout"] not in get_args(Layout) or len(shape) != len(("M", "N", "C")):
        raise ContractError("the explanation is damaged: its picture is of no known kind")
    low, high = map(float, given["range"])
    photo = Photo(_expand(given["pixels"], kind, shape), given["layout"], low, high)
    labels = _expand(given["labels"], np.dtype("<u2"), shape[:2]).astype(np.intp)
    if not high > low or labels.max() >= len(features):
        raise ContractError("the explanation is damaged: its labels do not fit its features")
    backdrop = _expand(given["backdrop"], kind, shape)
    return ImageRepresentation(photo, labels, backdrop, features, bool(given["own_mean"]))


_READERS = {"text": _text_from, "image": _image_from, "table": cells.from_dict, "parts": _parts_from}


def _squeeze(array: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes())).decode("ascii")


def _expand(text: str, kind: np.dtype[Any], shape: tuple[int, ...]) -> Any:
    """Unpack an array, and no more than it should hold."""
    size = kind.itemsize * int(np.prod(shape))
    data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    return np.frombuffer(data, dtype=kind).reshape(shape)


def planned(thing: object) -> Json:
    """Describe a sampler, kernel or surrogate; the user's own by its name alone."""
    name = type(thing).__name__
    if type(thing) not in _PLANNED:
        return {"own": getattr(thing, "__name__", name)}
    return {"name": name} | {key: _plain(value) for key, value in vars(thing).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.item() if isinstance(value, np.generic) else value


def _planned_from(given: Mapping[str, Any], default: Any, *others: Any) -> Any:
    """Make what the plan names: the default's kind or another; the default stands in for what did not travel."""
    if "own" in given:
        return default
    kind = {kind.__name__: kind for kind in (type(default), *others)}[given["name"]]
    options = {name: value for name, value in given.items() if name != "name"}
    if isinstance(options.get("keep"), list):
        options["keep"] = tuple(map(float, options["keep"]))
    return kind(**options)


def _pack(array: np.ndarray[Any, Any]) -> str:
    kind = "u1" if array.dtype == np.uint8 else "<f8"
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")


def _unpack(text: str, kind: str, shape: tuple[int, ...]) -> Any:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind).reshape(shape)


def _numbers(values: Sequence[float] | np.ndarray[Any, Any]) -> list[float | None]:
    """Write NaN as None, which JSON has."""
    return [float(value) if np.isfinite(value) else None for value in values]


def _floats(values: Sequence[float | None], d: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if array.shape != (d,):
        raise ContractError(f"the explanation is damaged: {len(array)} numbers for {d} features")
    return array

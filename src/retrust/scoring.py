"""From masks to outputs: the plain way through the model's inputs, and faster ways that give the same answer.

A scorer turns masks into outputs and the design that kernel and surrogate see. Above it only masks and outputs are
known. A fused scorer skips work whose result is known beforehand; it is compared with the plain one at the start of
each explanation, and where they differ it is not used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from retrust.answers import Cached
from retrust.bag import Logistic, bag, by_words
from retrust.networks import TorchNetwork, halving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.bag import Matrix
    from retrust.model import Model
    from retrust.representation import Floats, Masks, Representation

_ROUNDING = 1e-7
_SINGLE = 1e-4
_HALF = 0.5
_TWO = 2


class Scorer(Protocol):
    """Masks (n, d) → outputs (n, k) and the design (n, d)."""

    def __call__(self, masks: Masks, rng: np.random.Generator) -> tuple[Floats, Masks | Floats]:
        """Score a batch of masks."""


@dataclass
class Plain:
    """Write the perturbed inputs and ask the model, each distinct string once.

    Parameters
    ----------
    model : Model
    representation : Representation

    Attributes
    ----------
    calls : int
        How many inputs the model has answered.
    """

    model: Model
    representation: Representation
    calls: int = 0
    outputs: int | None = None
    _seen: dict[int, Floats] = field(default_factory=dict, repr=False)

    def __call__(self, masks: Masks, rng: np.random.Generator) -> tuple[Floats, Masks | Floats]:
        """Score a batch of masks."""
        return self.drawn(masks, self.representation.perturb(masks, rng))

    def drawn(self, masks: Masks, inputs: Any) -> tuple[Floats, Masks | Floats]:
        """Score masks whose inputs are written already."""
        strings = not self.representation.random and isinstance(inputs, list) and isinstance(inputs[0], str)
        outputs = self._asked_once(inputs) if strings else self.ask(inputs)
        return outputs, self.representation.design(masks, inputs)

    def ask(self, inputs: Any) -> Floats:
        """Ask the model about inputs as they are, in halves where its memory runs out."""
        cache = self.model.given if isinstance(self.model.given, Cached) else None
        before = cache.asked if cache is not None else 0
        answer = halving(lambda part: self.model.ask(part, self.outputs), inputs)
        self.outputs = answer.shape[1]
        self.calls += len(answer) if cache is None else cache.asked - before
        return answer

    def _asked_once(self, texts: Any) -> Floats:
        """Ask about texts that have not been seen; told apart by their 64-bit hash."""
        keys = [hash(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._seen}
        if new:
            self._seen.update(zip(new, self.ask(list(new.values())), strict=True))
        return np.array([self._seen[key] for key in keys])


@dataclass
class Distinct:
    """Score each distinct mask once; not for representations whose absence is a draw."""

    scorer: Scorer
    _seen: dict[bytes, Floats] = field(default_factory=dict, repr=False)
    _own: dict[bytes, Any] = field(default_factory=dict, repr=False)

    def __call__(self, masks: Masks, rng: np.random.Generator) -> tuple[Floats, Masks | Floats]:
        """Score a batch of masks."""
        packed = np.packbits(masks, axis=1)
        flat, width = packed.tobytes(), packed.shape[1]
        keys = [flat[at : at + width] for at in range(0, len(flat), width)]
        new = {key: row for row, key in enumerate(keys) if key not in self._seen}
        if new:
            unseen = masks if len(new) == len(keys) else masks[list(new.values())]
            outputs, design = self.scorer(unseen, rng)
            self._seen.update(zip(new, outputs, strict=True))
            if design is not unseen:
                self._own.update(zip(new, design, strict=True))
            if len(new) == len(keys):
                return outputs, design
        outputs = np.array([self._seen[key] for key in keys])
        return outputs, np.array([self._own[key] for key in keys]) if self._own else masks


@dataclass
class Fused:
    """Ask only the last steps of a model, with the first ones replaced by arithmetic on masks.

    Attributes
    ----------
    rounding : float
        How far its answers may be from the plain ones, as a share of the largest.
    calls : int
        How many rows the model has answered.
    """

    matrix: Matrix
    model: Model
    rounding: float = _ROUNDING
    calls: int = 0
    outputs: int | None = None

    def __call__(self, masks: Masks, rng: np.random.Generator) -> tuple[Floats, Masks | Floats]:
        """Score a batch of masks."""
        del rng
        answer = self.model.ask(self.matrix(masks), self.outputs)
        self.outputs = answer.shape[1]
        self.calls += len(answer)
        return answer, masks


def scorer_for(model: Model, representation: Representation, rng: np.random.Generator) -> Plain | Fused:
    """Return the fastest scorer that gives the plain one's answer.

    Parameters
    ----------
    model : Model
    representation : Representation
    rng : Generator
        Draws the masks on which the two are compared.
    """
    plain = Plain(model, representation)
    fused = fuse(model, representation)
    return fused if fused is not None and _agree(plain, fused, rng) else plain


def _agree(plain: Plain, fused: Fused, rng: np.random.Generator) -> bool:
    """Compare on everything present, nothing present, every other part present, and a draw between."""
    d = len(plain.representation.features)
    other = np.arange(d) % 2 == 0
    masks = np.concatenate([np.ones((1, d), bool), np.zeros((1, d), bool), [other, ~other], rng.random((1, d)) < _HALF])
    asked = plain(masks, rng)[0]
    try:
        answered = fused(masks, rng)[0]
    except Exception:  # noqa: BLE001 – whatever goes wrong in a short cut, the plain way is there
        return False
    fused.calls = plain.calls
    apart = np.abs(answered - asked).max() if answered.shape == asked.shape else np.inf
    return bool(apart <= fused.rounding * np.abs(asked).max())


def fuse(model: Model, representation: Any) -> Fused | None:
    """Return a scorer that writes no inputs where there is one, else None.

    There is for scikit-learn pipelines that begin with a bag of words, and for PyTorch networks on pictures.
    """
    kind = getattr(representation, "kind", "")
    if kind == "text" and model.method is not None:
        return _bag_of_words(model, representation)
    if kind == "image" and isinstance(model.given, TorchNetwork):
        return _on_device(model, representation)
    return None


def _on_device(model: Model, representation: Any) -> Fused:
    """Leave picture, backdrop and labels on the network's device, and compose there."""
    d = len(representation.features)
    whole, bare = (representation.perturb(np.full((1, d), present)) for present in (True, False))
    return Fused(
        np.asarray, _with(model, model.given.composer(whole, bare, representation.labels), model.method), _SINGLE
    )


def _bag_of_words(model: Model, representation: Any) -> Fused | None:
    """Replace the vectoriser at the head of a pipeline.

    Words must be told apart by something that is no letter, so that taking one away joins no two others.
    """
    estimator = getattr(model.given, "best_estimator_", model.given)
    if not isinstance(estimator, Pipeline) or not _apart(representation):
        return None
    short = Logistic.of(estimator[0], model, estimator[-1], representation) if len(estimator) == _TWO else None
    if short is not None:
        return Fused(np.asarray, _with(model, short, None))
    for head in (1, 2):
        matrix = _matrix(estimator[:head], representation) if len(estimator) > head else None
        if matrix is not None:
            rest = estimator[head:]
            return Fused(matrix, _with(model, rest[-1] if len(rest) == 1 else rest, model.method))
    return None


def _with(model: Model, estimator: Any, method: str | None) -> Model:
    return type(model)(estimator, method, model.names, model.own)


def _apart(representation: Any) -> bool:
    """Tell whether there is a character that is no letter between any two neighbouring words."""
    gaps = set(representation.gaps()[1:-1])
    return all(any(not (char.isalnum() or char == "_") for char in gap) for gap in gaps)


def _matrix(step: Any, representation: Any) -> Matrix | None:
    """Return what a transformer gives for masks, where it treats words independently."""
    if isinstance(step, Pipeline):
        return _pipeline_matrix([estimator for _, estimator in step.steps], representation)
    if isinstance(step, FeatureUnion):
        return _union_matrix(step, representation)
    if isinstance(step, HashingVectorizer | CountVectorizer) and by_words(step):
        return bag(step, representation)
    return None


def _pipeline_matrix(steps: list[Any], representation: Any) -> Matrix | None:
    if len(steps) > 1 and isinstance(steps[0], FunctionTransformer) and isinstance(steps[1], ColumnTransformer):
        first, used = _columns_matrix(steps[0], steps[1], representation), 2
    else:
        first, used = _matrix(steps[0], representation), 1
    if first is None:
        return None
    return lambda masks: _through(steps[used:], first(masks))


def _through(steps: Sequence[Any], matrix: Any) -> Any:
    for step in steps:
        matrix = step.transform(matrix)
    return matrix


def _union_matrix(union: FeatureUnion, representation: Any) -> Matrix | None:
    weights = union.transformer_weights or {}
    parts = [
        (_matrix(part, representation), weights.get(name, 1)) for name, part in union.transformer_list if part != "drop"
    ]
    return _stacked(parts)


def _columns_matrix(head: Any, columns: ColumnTransformer, representation: Any) -> Matrix | None:
    """Fuse a column transformer over a frame whose text columns are the text itself."""
    texts = [representation.text, representation.text + " "]
    frame = head.transform(texts)
    weights = columns.transformer_weights or {}
    parts = []
    for name, part, column in columns.transformers_:
        if isinstance(part, str) and part == "drop":
            continue
        if not isinstance(column, str | int) or list(_column(frame, column)) != texts:
            return None
        parts.append((_matrix(part, representation), weights.get(name, 1)))
    stacked = _stacked(parts)
    if stacked is None or columns.sparse_output_:
        return stacked
    return lambda masks: stacked(masks).toarray()


def _column(frame: Any, column: str | int) -> Any:
    if isinstance(column, str):
        return frame[column]
    return frame.iloc[:, column] if hasattr(frame, "iloc") else frame[:, column]


def _stacked(parts: Sequence[tuple[Matrix | None, float]]) -> Matrix | None:
    known = [(part, weight) for part, weight in parts if part is not None]
    if not parts or len(known) < len(parts):
        return None
    return lambda masks: sparse.hstack([sparse.csr_matrix(part(masks)) * weight for part, weight in known], "csr")

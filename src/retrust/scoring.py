"""From masks to outputs: the plain way through the model's inputs, and faster ways that give the same answer.

A scorer turns masks into outputs and the design that kernel and surrogate see. Above it only masks and outputs are
known. A fused scorer skips work whose result is known beforehand; it is compared with the plain one at the start of
each explanation, and where they differ it is not used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer

from retrust.networks import TorchNetwork, halving

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.model import Model
    from retrust.representation import Floats, Masks, Representation

_ROUNDING = 1e-7
_SINGLE = 1e-4
_HALF = 0.5


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
        inputs = self.representation.perturb(masks, rng)
        strings = not self.representation.random and isinstance(inputs, list) and isinstance(inputs[0], str)
        outputs = self._asked_once(inputs) if strings else self.ask(inputs)
        return outputs, self.representation.design(masks, inputs)

    def ask(self, inputs: Any) -> Floats:
        """Ask the model about inputs as they are, in halves where its memory runs out."""
        answer = halving(lambda part: self.model.ask(part, self.outputs), inputs)
        self.outputs = answer.shape[1]
        self.calls += len(answer)
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


Matrix = Callable[["Masks"], Any]


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
    """Compare on everything present, nothing present, every other part present, and three draws between."""
    d = len(plain.representation.features)
    other = np.arange(d) % 2 == 0
    masks = np.concatenate([np.ones((1, d), bool), np.zeros((1, d), bool), [other, ~other], rng.random((3, d)) < _HALF])
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
    return Fused(np.asarray, _with(model, model.given.composer(whole, bare, representation.labels)), _SINGLE)


def _bag_of_words(model: Model, representation: Any) -> Fused | None:
    """Replace the vectoriser at the head of a pipeline.

    Words must be told apart by something that is no letter, so that taking one away joins no two others.
    """
    estimator = getattr(model.given, "best_estimator_", model.given)
    if not isinstance(estimator, Pipeline) or not _apart(representation):
        return None
    for head in (1, 2):
        matrix = _matrix(estimator[:head], representation) if len(estimator) > head else None
        if matrix is not None:
            rest = estimator[head:]
            return Fused(matrix, _with(model, rest[-1] if len(rest) == 1 else rest))
    return None


def _with(model: Model, estimator: Any) -> Model:
    return type(model)(estimator, model.method, model.names, model.own)


def _apart(representation: Any) -> bool:
    """Tell whether there is a character that is no letter between any two neighbouring words."""
    gaps = representation.gaps()
    return all(any(not (char.isalnum() or char == "_") for char in gap) for gap in gaps[1:-1])


def _matrix(step: Any, representation: Any) -> Matrix | None:
    """Return what a transformer gives for masks, where it treats words independently."""
    if isinstance(step, Pipeline):
        return _pipeline_matrix([estimator for _, estimator in step.steps], representation)
    if isinstance(step, FeatureUnion):
        return _union_matrix(step, representation)
    if isinstance(step, HashingVectorizer | CountVectorizer) and _by_words(step):
        return _bag(step, representation)
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


def _by_words(vectoriser: Any) -> bool:
    """Tell whether a vectoriser reads single words with rules that look at each alone."""
    return (
        vectoriser.analyzer == "word"
        and tuple(vectoriser.ngram_range) == (1, 1)
        and vectoriser.tokenizer is None
        and vectoriser.preprocessor is None
        and vectoriser.input == "content"
    )


def _bag(vectoriser: Any, representation: Any) -> Matrix:
    """Fuse one vectoriser: counts are masks × a small matrix, then its own weighting."""
    counts = _Counts.of(vectoriser, representation)
    steps = _weighting(vectoriser)

    def matrix(masks: Masks) -> Any:
        bag = counts(masks)
        if vectoriser.binary:
            bag.data.fill(1)
        for step in steps:
            bag = step.transform(bag)
        return bag.astype(vectoriser.dtype, copy=False)

    return matrix


def _weighting(vectoriser: Any) -> list[Any]:
    """Return what a vectoriser does to counts."""
    if isinstance(vectoriser, TfidfVectorizer):
        weighting = TfidfTransformer(
            norm=vectoriser.norm, use_idf=vectoriser.use_idf, sublinear_tf=vectoriser.sublinear_tf
        )
        if vectoriser.use_idf:
            weighting.idf_ = vectoriser.idf_
        weighting.n_features_in_ = len(vectoriser.vocabulary_)
        return [weighting]
    if isinstance(vectoriser, HashingVectorizer) and vectoriser.norm is not None:
        return [Normalizer(vectoriser.norm, copy=False)]
    return []


@dataclass(frozen=True, eq=False)
class _Counts:
    """Counts of a vectoriser's terms, linear in the masks; only terms that this text can have are worked with.

    Most terms come from one feature alone: their counts are columns of the masks. The rest is added to them.

    Parameters
    ----------
    terms : ndarray of int, shape (t,)
        Columns of the vectoriser, ascending.
    first, times : ndarray, shape (t,)
        One feature of each term, and how often the term stands in it.
    others, table : ndarray, shape (u,) and (u, t)
        Further features, and how often each term stands in them.
    always : ndarray, shape (t,)
        Counts with nothing present.
    width : int
        How many columns the vectoriser has.
    """

    terms: NDArray[np.intp]
    first: NDArray[np.intp]
    times: Floats
    others: NDArray[np.intp]
    table: Floats
    always: Floats
    width: int

    @classmethod
    def of(cls, vectoriser: Any, representation: Any) -> _Counts:
        analyze = vectoriser.build_analyzer()
        surfaces = representation.surfaces()
        d, token = len(surfaces), analyze(representation.mask_token)
        present = [[term for piece in pieces for term in analyze(piece)] for pieces in surfaces]
        absent = [token * len(pieces) for pieces in surfaces]
        gaps = [term for gap in representation.gaps() for term in analyze(gap)]
        table = _terms(vectoriser, [*present, *absent, gaps]).tocsc()
        terms = np.flatnonzero(np.diff(table.indptr))
        used = table[:, terms]
        each = (used[:d] - used[d : 2 * d]).tocsc()
        each.eliminate_zeros()
        always = np.asarray(used[d:].sum(axis=0), dtype=np.float64).ravel()
        return cls(terms, *_split(each), always, table.shape[1])

    def __call__(self, masks: Masks) -> sparse.csr_matrix:
        """Return counts (n, width), written straight from where they are not 0."""
        present, mixed = masks[:, self.first], self._mixed
        counts = masks[:, self.first[mixed]] * self.times[mixed] + self.always[mixed]
        counts += masks[:, self.others].astype(np.float64) @ self.table[:, mixed]
        present[:, mixed] = counts != 0
        at = np.flatnonzero(present)
        columns = at % max(1, len(self.terms))
        data = self.times[columns]
        if len(mixed):
            data[np.isin(np.arange(len(self.terms)), mixed)[columns]] = counts[counts != 0]
        ends = np.concatenate([[0], np.cumsum(np.count_nonzero(present, axis=1))]).astype(np.int32)
        indices = self.terms.astype(np.int32)[columns]
        rows = sparse.csr_matrix((data, indices, ends), shape=(len(present), self.width))
        rows.has_sorted_indices = rows.has_canonical_format = True
        return rows

    @cached_property
    def _mixed(self) -> NDArray[np.intp]:
        """Terms that come from several features, or from what is never absent, ascending."""
        return np.flatnonzero((self.table != 0).any(axis=0) | (self.always != 0))


def _split(each: sparse.csc_matrix) -> tuple[NDArray[np.intp], Floats, NDArray[np.intp], Floats]:
    """Part a (d, t) table into one entry for each term and the rest."""
    some = np.diff(each.indptr) > 0
    starts = each.indptr[:-1][some]
    first, times = np.zeros(each.shape[1], dtype=np.intp), np.zeros(each.shape[1])
    first[some], times[some] = each.indices[starts], each.data[starts]
    rest = each.tocoo()
    extra = np.ones(len(rest.data), dtype=bool)
    extra[starts] = False
    others, rows = np.unique(rest.row[extra], return_inverse=True)
    table = np.zeros((len(others), each.shape[1]))
    table[rows, rest.col[extra]] = rest.data[extra]
    return first, times, others.astype(np.intp), table


def _terms(vectoriser: Any, documents: list[list[str]]) -> sparse.csr_matrix:
    """Count the terms of documents that are analysed already."""
    if isinstance(vectoriser, HashingVectorizer):
        hasher = FeatureHasher(vectoriser.n_features, input_type="string", alternate_sign=vectoriser.alternate_sign)
        return sparse.csr_matrix(hasher.transform(documents))
    vocabulary = vectoriser.vocabulary_
    known = [[vocabulary[term] for term in document if term in vocabulary] for document in documents]
    ends = np.cumsum([0, *map(len, known)])
    indices = np.array([index for document in known for index in document], dtype=np.int32)
    table = sparse.csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(known), len(vocabulary)))
    table.sum_duplicates()
    return table

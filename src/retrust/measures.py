"""What a retraining did, in figures: before and after on the same rows, with paired intervals. Never accuracy alone.

``held out`` and ``shifted`` rows are judged as they are; the *stress test* judges the same rows with the marked parts
swapped in from other classes; *reliance* is the share of weight on marked features in the picked explanations; *trust*
is the share of predictions that stay as they are without the marked features (sections 5.3 and 5.4 of the paper).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.stats import binomtest, norm
from sklearn.base import is_regressor
from sklearn.metrics import roc_auc_score

from retrust import job
from retrust.cover import importance
from retrust.errors import OptionError, listed
from retrust.explanation import asked
from retrust.lending import is_table
from retrust.model import as_model
from retrust.picking import table
from retrust.reach import worn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from retrust.comparison import Comparison
    from retrust.explanation import Explanation
    from retrust.reach import Reach
    from retrust.representation import Floats
    from retrust.rows import Dataset

    Measure = dict[str, Any]

_SLICE, _ROWS = 256, 4096
_TURNS = 10
_DRAWS = 2000
_LEVEL = 0.95
_TWO = 2
_GREW = 10


class Grew(NamedTuple):
    """A feature that became more important, over the picked explanations."""

    key: str
    before: float
    after: float


class Turned(NamedTuple):
    """A held-out prediction that is another one now."""

    row: int
    before: Any
    after: Any
    label: Any


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says to some rows.

    Parameters
    ----------
    said : ndarray, shape (n,)
        The predicted labels, or numbers.
    outputs : ndarray, shape (n, k)
        As the model gives them.
    """

    said: NDArray[Any]
    outputs: Floats


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges models on rows: classes by accuracy, numbers by their mean absolute error.

    Parameters
    ----------
    labels : tuple
        The labels there are, in the order of the model's outputs; empty for numbers.
    seed : int
        For the bootstrap.
    """

    labels: tuple[Any, ...]
    seed: int = 0

    @classmethod
    def of(cls, model: Any, y: Sequence[Any], seed: int = 0) -> Judge:
        """Tell from a model and its training labels whether classes or numbers are predicted."""
        labels = np.unique(np.asarray(y))
        numbers = _regresses(model) or (not hasattr(model, "classes_") and labels.dtype.kind == "f")
        own = getattr(model, "classes_", labels)
        return cls(() if numbers else tuple(own.tolist() if hasattr(own, "tolist") else own), seed)

    @property
    def figure(self) -> str:
        """What a model is judged by, in a word: "accuracy", or "error" for numbers."""
        return "accuracy" if self.labels else "error"

    def ask(self, model: Any, data: Dataset, between: Callable[[], object] | None = None, *, turns: int = 1) -> Answers:
        """Ask a model about all rows, some at a time.

        Parameters
        ----------
        model : estimator or callable
        data : Dataset
        between : callable, optional
            Called after each part.
        turns : int
            How many rows in a row are draws of one; their answers are averaged.
        """
        wrapped, parts = as_model(model), []
        size = _ROWS if is_table(data.X) else _SLICE  # rows of a table are small
        for start in range(0, len(data), size):
            rows = np.arange(start, min(start + size, len(data)))
            with job.MODEL:
                parts.append(asked(wrapped, data.take(rows).X))
            if between is not None:
                between()
        outputs = np.concatenate(parts)
        outputs = outputs.reshape(-1, turns, outputs.shape[1]).mean(axis=1) if turns > 1 else outputs
        return Answers(self._said(outputs, 0.5 if wrapped.method is None and _shares(outputs) else 0.0), outputs)

    def _said(self, outputs: Floats, border: float) -> NDArray[Any]:
        """Turn outputs into labels: that of the largest, or by the side of the border on which a single one lies."""
        if not self.labels:
            return outputs[:, 0]
        single = outputs.shape[1] == 1
        if (single and len(self.labels) != _TWO) or (not single and outputs.shape[1] != len(self.labels)):
            raise OptionError(
                f"the model gives {outputs.shape[1]} outputs and there are {len(self.labels)} labels "
                f"({listed(self.labels)}); one output for each is expected"
            )
        chosen = (outputs[:, 0] > border).astype(np.intp) if single else outputs.argmax(axis=1)
        named: NDArray[Any] = np.array(self.labels)[chosen]
        return named

    def right(self, answers: Answers, y: Any) -> Floats:
        """Return 1 where an answer is right and 0 where not; for numbers the absolute error, (n,)."""
        truth = np.asarray(y)
        if self.labels:
            return np.asarray(answers.said == truth, dtype=np.float64)
        return np.asarray(np.abs(answers.said - truth.astype(np.float64)))

    def compared(self, before: Answers, after: Answers, y: Any) -> Measure:
        """Compare two models on the same rows.

        Returns
        -------
        dict
            ``before``, ``after``, ``low`` and ``high`` of the difference (95 %), ``n``, ``of`` ("accuracy" or "mean
            absolute error"); for classes ``p`` (McNemar), and ``auc`` where there are two and scores tell them apart.
        """
        old, new = self.right(before, y), self.right(after, y)
        if not self.labels:
            return _measure(old, new, bootstrap(new - old, self.seed), "mean absolute error")
        low, high, p = mcnemar(old > 0, new > 0)
        found = _measure(old, new, (low, high), "accuracy") | {"p": p}
        auc = [_auc(answers.outputs, y, self.labels) for answers in (before, after)]
        return found | ({"auc": {"before": auc[0], "after": auc[1]}} if None not in auc else {})

    def turned(self, before: Answers, after: Answers, y: Any) -> list[Turned]:
        """List the rows whose predicted label is another one now."""
        if not self.labels:
            return []
        rows = np.flatnonzero(before.said != after.said)
        truth = np.asarray(y)
        return [Turned(int(row), *(_plain(of[row]) for of in (before.said, after.said, truth))) for row in rows]


def mcnemar(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Compare two paired shares: an interval for their difference, and the exact p of McNemar's test.

    Returns
    -------
    low, high, p : float
        The 95 % interval is Agresti and Min's: Wald's after half an observation is added to each of the four cells.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions", 1947. A. Agresti and
    Y. Min, "Simple improved confidence intervals for comparing matched proportions", 2005.

    Examples
    --------
    >>> low, high, p = mcnemar(np.array([True] * 8 + [False] * 2), np.array([True] * 10))
    >>> low < 0.2 < high, p
    (True, 0.5)
    """
    gained, lost, n = int((after & ~before).sum()), int((before & ~after).sum()), len(before)
    b, c, total = gained + 0.5, lost + 0.5, n + 2.0
    middle = (b - c) / total
    reach = norm.ppf(0.5 + _LEVEL / 2) * np.sqrt(b + c - (b - c) ** 2 / total) / total
    p = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    return float(middle - reach), float(middle + reach), p


def bootstrap(differences: Floats, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of a mean of paired differences, by 2,000 resamplings of the pairs."""
    if not len(differences):
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    means = [differences[rng.integers(len(differences), size=len(differences))].mean() for _ in range(_DRAWS)]
    low, high = np.quantile(means, [0.5 - _LEVEL / 2, 0.5 + _LEVEL / 2])
    return float(low), float(high)


def reliance(comparisons: Sequence[Comparison], keys: Collection[str], seed: int = 0) -> Measure:
    """Measure the share of weight on marked features in the first and in the last model's explanations.

    Returns
    -------
    dict
        ``before``, ``after``, ``low``, ``high``, ``n`` explanations, ``of`` "share of weight on marked features".
    """
    old, new = (np.array([_on(_end(both, end), keys) for both in comparisons]) for end in (0, -1))
    return _measure(old, new, bootstrap(new - old, seed), "share of weight on marked features")


def grew(comparisons: Sequence[Comparison], most: int = _GREW) -> list[Grew]:
    """List the features whose importance √Σ|W| grew most, largest growth first."""
    found: list[dict[str, float]] = []
    for end in (0, -1):
        weights, keys = table([_end(both, end) for both in comparisons])
        found.append(dict(zip(keys, importance(weights).tolist(), strict=True)))
    before, after = found
    growth = [Grew(key, before.get(key, 0.0), value) for key, value in after.items() if value > before.get(key, 0.0)]
    return sorted(growth, key=lambda each: each.before - each.after)[:most]


def without(found: Reach, data: Dataset, seed: int = 0) -> tuple[Dataset, NDArray[np.intp], int]:
    """Return the rows that have marked parts, without them.

    Returns
    -------
    data : Dataset
        Each row as often as it is drawn, its draws one after another.
    rows : ndarray of int
        Their numbers.
    turns : int
        How often each is drawn: in tables the marked columns are other rows', in ten draws, and marked words leave.
    """
    rows = np.flatnonzero(found.touched & ~found.bare)
    rng = np.random.default_rng(seed)
    if found.kind == "table" and is_table(data.X):
        each = np.repeat(rows, _TURNS)
        return worn(data, found, each, rng.integers(len(data), size=len(each)), leave=True), rows, _TURNS
    instances = []
    for row in rows.tolist():
        representation = found.of(row)
        mask = np.array([[feature.key not in found.held[row] for feature in representation.features]])
        instances.append(representation.perturb(mask, rng)[0])
    return data.take(rows).wearing(instances, np.arange(len(rows))) if len(rows) else data.take(rows), rows, 1


def trusted(judge: Judge, model: Any, said: Answers, found: Reach, data: Dataset) -> Floats:
    """Tell for each row whether the model's answer stays without the marked parts: 1 or 0; rows of nothing else: 0.

    For numbers: whether it moves by less than a tenth of the answers' spread. In tables the answer without a column is
    the mean over ten draws of it.
    """
    stays = np.ones(len(data))
    stays[found.touched & found.bare] = 0.0
    reduced, rows, turns = without(found, data)
    if len(rows):
        again = judge.ask(model, reduced, turns=turns)
        stays[rows] = _same(judge, said, rows, again)
    return stays


def kept(before: Floats, after: Floats) -> Measure:
    """Compare the shares of predictions that can be trusted."""
    low, high, p = mcnemar(before > 0, after > 0)
    return _measure(before, after, (low, high), "share of predictions that stay without the marked features") | {"p": p}


def reads(explanation: Explanation, keys: Collection[str]) -> bool | None:
    """Tell by the surrogate whether a prediction turns without the marked features (section 5.3); None: cannot be told.

    A class is turned where the surrogate's answer without them falls under that of another class: for two classes, on
    the other side of one half (of 0 for a single score); for more, where the neighbourhood was kept.
    """
    marked = [i for i, feature in enumerate(explanation.features) if feature.key in keys]
    mask = np.ones(len(explanation.features))
    mask[marked] = 0
    if explanation.classes == ("output",):
        return None
    if len(explanation.classes) == 1 or (len(explanation.classes) == _TWO and explanation.scale == "probability"):
        border = 0.5 if explanation.scale == "probability" else 0.0
        here, there = float(explanation.prediction[explanation.target]), float(explanation.predict(mask)[0])
        return (here > border) != (there > border)
    if explanation.neighbourhood.dropped:
        return None
    guesses = [explanation.read(target).predict(mask)[0] for target in range(len(explanation.classes))]
    return int(np.argmax(guesses)) != int(np.argmax(explanation.prediction))


def asks(explanation: Explanation, keys: Collection[str]) -> bool | None:
    """Ask the model itself whether its prediction turns without the marked features; None: numbers do not turn.

    Raises
    ------
    DetachedError
        The explanation travels without its model.
    """
    marked = [i for i, feature in enumerate(explanation.features) if feature.key in keys]
    if explanation.classes == ("output",):
        return None
    here, there = explanation.prediction, explanation.probe(marked)
    if len(here) == 1:
        return bool((here[0] > 0) != (there[0] > 0))
    return int(np.argmax(here)) != int(np.argmax(there))


def _regresses(model: Any) -> bool:
    with suppress(AttributeError, TypeError):  # what is no estimator has no tags
        return bool(is_regressor(model))
    return False


def _same(judge: Judge, said: Answers, rows: NDArray[np.intp], again: Answers) -> Floats:
    if judge.labels:
        return np.asarray(again.said == said.said[rows], dtype=np.float64)
    spread = float(np.std(said.said)) or 1.0
    return np.asarray(np.abs(again.said - said.said[rows]) < spread / 10, dtype=np.float64)


def _measure(before: Floats, after: Floats, reach: tuple[float, float], of: str) -> Measure:
    mean = [float(each.mean()) if len(each) else float("nan") for each in (before, after)]
    return {"before": mean[0], "after": mean[1], "low": reach[0], "high": reach[1], "n": len(before), "of": of}


def _shares(outputs: Floats) -> bool:
    return bool((outputs >= 0).all() and (outputs <= 1).all())


def _end(both: Comparison, end: int) -> Explanation:
    return list(both.values())[end]


def _on(explanation: Explanation, keys: Collection[str]) -> float:
    sizes = np.abs(explanation.coefficients)
    marked = np.array([feature.key in keys for feature in explanation.features], dtype=bool)
    return float(sizes[marked].sum() / sizes.sum()) if sizes.sum() else 0.0


def _auc(outputs: Floats, y: Any, labels: tuple[Any, ...]) -> float | None:
    truth = np.asarray(y) == labels[-1]
    if len(labels) != _TWO or truth.all() or not truth.any():
        return None
    return float(roc_auc_score(truth, outputs[:, -1]))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value

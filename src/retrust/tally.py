"""The columns of a table, read once: which say what a marked one says, and which alone give the label away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import rankdata

from retrust import siblings
from retrust.census import Census
from retrust.columns import is_missing
from retrust.domains.text import Text
from retrust.lending import is_table, raw_of, values_of, word_key
from retrust.representation import Feature
from retrust.rows import Dataset
from retrust.siblings import Evidence, Suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from retrust.domains.table import Table
    from retrust.frames import Raw
    from retrust.representation import Floats, Masks

    Ints = NDArray[np.intp]

_STATES, _FINE = 16, 64  # states at most of what is told, and of what tells
_IN_PAIR, _IN_EACH = 5, 10  # rows in each pair of states, and in each state
_SAYS, _GOES, _LACKS, _TELLS = 0.5, 0.9, 0.8, 0.8  # shares from which on each is said
_FEW = 5  # rows that lack a value
_NOTHING = 0.05  # nats
_SHUFFLES = 5


@dataclass(frozen=True, eq=False)
class Tally:
    """What the training rows say of each column and of each word of a text column.

    Parameters
    ----------
    names : tuple of str, length c
    states, fine : ndarray of int, shape (n, c)
        Each value as one of a few states, and of more: an interval with as many rows as the others, a category, or
        missing.
    ranks : ndarray, shape (n, c)
        The rank of numbers and dates in their column; NaN for others, and where missing.
    missing : ndarray of bool, shape (n, c)
    y : ndarray, shape (n,)
        Targets that are measured, or the numbers of classes.
    measured : bool
        Whether targets are measured.
    words : tuple of Census
        One for each text column.

    Examples
    --------
    >>> from retrust.domains.table import Table
    >>> X = np.array([[i, i * i, i % 7] for i in range(100)])
    >>> tally = Tally.of(X, ["low", "high"] * 50, Table(X, names=["side", "area", "day"]))
    >>> for suggestion in tally.suggest(["side"]):
    ...     print(suggestion)
    area: correlation with 'side' by rank: +1.00; tells 87% of what 'side' tells beyond the label
    """

    names: tuple[str, ...]
    states: Ints
    fine: Ints
    ranks: Floats
    missing: Masks
    y: NDArray[Any]
    measured: bool = False
    words: tuple[Census, ...] = ()

    @classmethod
    def of(
        cls, X: Any, y: Sequence[Any], domain: Table, *, measured: bool = False, limit: int = 5000, seed: int = 0
    ) -> Tally:
        """Read the training rows.

        Parameters
        ----------
        X : frame, array (n, c) or list of rows
        y : sequence of labels or targets
        domain : Table
        measured : bool
            Whether targets are measured, not counted.
        limit : int
            How many rows at most; where there are more, that many are drawn.
        seed : int
            Of the draw.
        """
        rows = np.sort(np.random.default_rng(seed).permutation(len(y))[:limit])
        table = Dataset(X if is_table(X) else np.array(X, dtype=object), y).take(rows)
        labels = table.labels
        codes = labels if measured else np.unique(list(map(str, labels)), return_inverse=True)[1]
        raws = [raw_of(table.X, at) for at in range(len(domain.names))]
        few = int(min(_STATES, max(2, np.sqrt(len(rows) / _IN_PAIR))))
        more = int(min(_FINE, max(2, len(rows) / _IN_EACH)))
        prose = [at for at, column in enumerate(domain.columns) if column.kind == "text"]
        return cls(
            domain.names,
            np.stack([_states(raw, few) for raw in raws], axis=1),
            np.stack([_states(raw, more) for raw in raws], axis=1),
            np.stack([_ranks(raw) for raw in raws], axis=1),
            np.stack([_lacking(raw) for raw in raws], axis=1),
            np.asarray(codes, dtype=np.float64),
            measured,
            tuple(_spoken(domain.names[at], values_of(table.X, at), labels) for at in prose),
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The columns, then the words of text columns."""
        return (*self.names, *chain.from_iterable(census.keys for census in self.words))

    @cached_property
    def number(self) -> dict[str, int]:
        """Where each key is."""
        return {key: at for at, key in enumerate(self.keys)}

    def suggest(self, marked: Collection[str], most: int = 10) -> list[Suggestion]:
        """Propose what should be marked with some marks.

        Parameters
        ----------
        marked : collection of str
            Columns, and words of text columns.
        most : int
            How many at most.

        Returns
        -------
        list of Suggestion
            The best first; empty where nothing is enough alike.

        Notes
        -----
        Of columns is told

        - the *rank* correlation with a marked one, from 0.9 on;
        - how much of what a marked one *says* beyond the label it says too, from one half on: their mutual
          information given the label as a share of the marked one's entropy given the label, both less what it is
          when rows are shuffled; numbers are cut into at most sixteen states, measured targets into four;
        - in how many of the rows that *lack* one of the two both are missing, from four fifths on;
        - that it *tells* the label alone: learned on one half of the rows and judged on the other, it covers four
          fifths of the way from the commonest label to no error, or of the spread of measured targets.

        Each weighs −log₂ of what is wanting to certainty, 1/n at least; weights add up. Words are compared with marked
        words of their own column, see :func:`retrust.siblings.suggest`.
        """
        marks = [self.names.index(key) for key in marked if key in self.names]
        found = [suggestion for at in range(len(self.names)) if (suggestion := self._best(at, marks)) is not None]
        for census in self.words:
            own = [key for key in marked if key in census.number]
            found += siblings.suggest(census, own, most=most) if own else []
        return sorted(found, key=lambda suggestion: -suggestion.score)[:most]

    def _best(self, at: int, marks: Sequence[int]) -> Suggestion | None:
        """Hold a column against each mark, and return the mark that it is most like."""
        if not marks or at in marks:
            return None
        told = [(mark, sorted(self._evidence(at, mark), key=lambda one: -one.bits)) for mark in marks]
        mark, best = max(told, key=lambda each: sum(one.bits for one in each[1]))
        name = self.names[at]
        score = sum(one.bits for one in best)
        return Suggestion(Feature(name, name), tuple(best), score, self.names[mark]) if best else None

    def _evidence(self, at: int, mark: int) -> Iterator[Evidence]:
        like = repr(self.names[mark])
        goes = self._correlation(at, mark)
        if abs(goes) >= _GOES:
            yield self._told("rank", abs(goes), f"correlation with {like} by rank: {goes:+.2f}")
        says = _says(self.fine[:, at], self.states[:, mark], self._groups)
        if says >= _SAYS:
            yield self._told("says", says, f"tells {says:.0%} of what {like} tells beyond the label")
        both, either = self._lacking(at, mark)
        if both >= _FEW and both >= _LACKS * either:
            words = f"missing together with {like} in {both:,} of the {either:,} rows that lack either"
            yield self._told("lacks", both / either, words)
        tells, base = self._alone[at], self._base
        if tells - base >= _TELLS * (1 - base) > 0:
            part = f"it alone tells the label of {tells:.0%} of the rows (the commonest label: {base:.0%})"
            yield self._told("tells", tells, f"it alone explains {tells:.0%} of the spread" if self.measured else part)

    def _told(self, kind: siblings.Kind, value: float, words: str) -> Evidence:
        return Evidence(kind, value, float(-np.log2(max(1 - value, 1 / len(self.y)))), words)

    def _correlation(self, at: int, mark: int) -> float:
        """Return the rank correlation of two columns where both are known; 0 where it cannot be told."""
        own, other = self.ranks[:, at], self.ranks[:, mark]
        known = ~(np.isnan(own) | np.isnan(other))
        if known.sum() < _FEW or not own[known].std() or not other[known].std():
            return 0.0
        return float(np.corrcoef(own[known], other[known])[0, 1])

    def _lacking(self, at: int, mark: int) -> tuple[int, int]:
        """Count the rows that lack both columns, and those that lack either."""
        own, other = self.missing[:, at], self.missing[:, mark]
        return int((own & other).sum()), int((own | other).sum())

    @cached_property
    def _groups(self) -> Ints:
        """The class of each row, or the quarter of its target, (n,)."""
        if not self.measured:
            return self.y.astype(np.intp)
        return np.asarray(np.searchsorted(np.quantile(self.y, (0.25, 0.5, 0.75)), self.y))

    @cached_property
    def _base(self) -> float:
        """How well the label is known without any column."""
        return 0.0 if self.measured else float(np.bincount(self.y.astype(np.intp)).max() / len(self.y))

    @cached_property
    def _alone(self) -> Floats:
        """How well each column tells the label by itself, learned on one half and judged on the other, (c,)."""
        half = np.random.default_rng(0).permutation(len(self.y)) % 2 == 0
        judged = _explained if self.measured else _right
        return np.array([judged(states, self.y, half) for states in self.fine.T])


def _states(raw: Raw, most: int) -> Ints:
    """Return each value as one of a few states, the last one missing."""
    lacking = _lacking(raw)
    if raw.kind != "other":
        known = raw.values[~lacking] if not lacking.all() else np.zeros(1)
        edges = np.unique(np.quantile(known, np.linspace(0, 1, most + 1)[1:-1]))
        return np.asarray(np.where(lacking, most, np.searchsorted(edges, raw.values)))
    values, codes, counts = np.unique(list(map(str, raw.values.tolist())), return_inverse=True, return_counts=True)
    place = np.empty(len(values), dtype=np.intp)
    place[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    return np.asarray(np.where(lacking, most, np.minimum(place, most - 1)[codes]))


def _lacking(raw: Raw) -> Masks:
    if raw.kind != "other":
        return np.asarray(np.isnan(raw.values))
    return np.array([is_missing(value) for value in raw.values.tolist()], dtype=bool)


def _ranks(raw: Raw) -> Floats:
    if raw.kind == "other":
        return np.full(len(raw.values), np.nan)
    return np.asarray(rankdata(raw.values, nan_policy="omit"), dtype=np.float64)


def _spoken(name: str, texts: Sequence[Any], labels: Sequence[Any]) -> Census:
    """Take the census of the words of a text column."""
    known = [row for row, text in enumerate(texts) if isinstance(text, str)]
    census = Census.of([texts[row] for row in known], [labels[row] for row in known], Text())
    return replace(census, keys=tuple(word_key(name, key) for key in census.keys))


def _says(own: Ints, other: Ints, groups: Ints) -> float:
    """Return the share of what one column says in each group that another says too, beyond what chance would."""
    rng = np.random.default_rng(0)
    shared = whole = 0.0
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        there, share = other[rows], len(rows) / len(groups)
        chance = float(np.mean([_shared(own[rng.permutation(rows)], there) for _ in range(_SHUFFLES)]))
        shared += share * (_shared(own[rows], there) - chance)
        whole += share * (_entropy(np.bincount(there)) - chance)
    return float(np.clip(shared / whole, 0.0, 1.0)) if whole > _NOTHING else 0.0


def _shared(own: Ints, other: Ints) -> float:
    """Return the mutual information of two columns."""
    width = int(other.max()) + 1
    cells = np.bincount(own * width + other, minlength=(int(own.max()) + 1) * width).reshape(-1, width)
    return _entropy(cells.sum(axis=1)) + _entropy(cells.sum(axis=0)) - _entropy(cells.ravel())


def _entropy(counts: Ints) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _right(states: Ints, y: Floats, half: Masks) -> float:
    """Return how often the commonest label of a state, in the other half, is right."""
    classes, width = y.astype(np.intp), int(states.max()) + 1
    right = 0
    for learned in (half, ~half):
        cells = np.bincount(classes[learned] * width + states[learned], minlength=(classes.max() + 1) * width)
        right += int((cells.reshape(-1, width).argmax(axis=0)[states[~learned]] == classes[~learned]).sum())
    return right / len(y)


def _explained(states: Ints, y: Floats, half: Masks) -> float:
    """Return which share of the targets' variance the mean of a state, in the other half, explains."""
    width, left = int(states.max()) + 1, 0.0
    for learned in (half, ~half):
        counts = np.bincount(states[learned], minlength=width)
        sums = np.bincount(states[learned], y[learned], minlength=width)
        means = np.where(counts, sums / np.maximum(counts, 1), y[learned].mean())
        left += float(((y[~learned] - means[states[~learned]]) ** 2).sum())
    total = float(((y - y.mean()) ** 2).sum())
    return 1 - left / total if total else 0.0

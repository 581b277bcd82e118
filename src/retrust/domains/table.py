"""Tables: rows whose columns fulfil conditions, and are drawn anew where they are absent.

What stands in an absent column's place is a draw from the training rows, so one mask has many inputs. Words of a text
column are features beside the conditions on the other columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from scipy.sparse import issparse

from retrust.columns import Column, is_missing
from retrust.errors import InstanceError, OptionError, listed
from retrust.frames import Frame, Raw, read
from retrust.learning import learned, plain_value
from retrust.prose import Prose
from retrust.redrawing import Draws, States
from retrust.representation import Feature
from retrust.sampling import Exponential, Independent
from retrust.sparse_row import SparseRow, SparseTable, read_sparse
from retrust.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks

Neighbours = Literal["columns", "around", "nearest"]

_HALF = 0.5
_WIDTH = 0.75
_ROWS, _BESIDE, _NEAREST = 5000, 12, 20
_WIDE = 50
_DENSE = {"bins": "quartile", "neighbours": "columns"}


@dataclass(frozen=True, eq=False)
class Near:
    """Training rows that lend values together, for draws that depend on the columns kept.

    Parameters
    ----------
    values : ndarray, shape (N, m)
    states : ndarray of int, shape (N, m)
    """

    values: Floats
    states: NDArray[np.intp]

    def __call__(self, masks: Masks, values: Floats, own: NDArray[np.intp], rng: np.random.Generator) -> Floats:
        """Draw what is absent (False) from rows that are like the instance in what is present, (n, m)."""
        alike = (self.states == own).astype(np.float32)
        shared = masks.astype(np.float32) @ alike.T + rng.random((len(masks), len(alike)), dtype=np.float32) * _HALF
        count = min(_NEAREST, len(alike))
        nearest = np.argpartition(-shared, count - 1, axis=1)[:, :count]
        donors = nearest[np.arange(len(masks)), rng.integers(count, size=len(masks))]
        return np.where(masks, values, self.values[donors])


@dataclass(frozen=True, eq=False)
class TableRepresentation:
    """One row as conditions on columns that hold or are drawn anew.

    Parameters
    ----------
    frame : Frame
        The type that the model is handed.
    columns : tuple of Column, length c
    row : tuple, length c
        The values as they were given.
    values : ndarray, shape (m,)
        Those of the columns that can be drawn anew, as floats.
    features : tuple of Feature, length d
        The m conditions, then the words of text columns.
    states : States
        The m columns.
    drawn : tuple of int, length m
        Where they are among all columns.
    prose : tuple of Prose
    neighbours : {"columns", "around", "nearest"}
    near : Near, optional
    others : tuple of (str, tuple of str)
        Rows to compare with: a title, and values as people read them.

    Examples
    --------
    >>> r = Table(np.arange(20.0).reshape(-1, 1), names=["age"]).represent([3.0])
    >>> r.features[0].name, r.perturb(np.array([[True]]), np.random.default_rng(0))
    ('age ≤ 4.8', array([[3.]]))
    """

    frame: Frame
    columns: tuple[Column, ...]
    row: tuple[Any, ...]
    values: Floats
    features: tuple[Feature, ...]
    states: States
    drawn: tuple[int, ...]
    prose: tuple[Prose, ...] = ()
    neighbours: Neighbours = "columns"
    near: Near | None = field(default=None, repr=False)
    others: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)

    random = True
    kind = "table"

    @property
    def size(self) -> int:
        """How much memory one perturbed row takes, in bytes, roughly."""
        return 8 * len(self.columns) + 2 * sum(len(prose.text) for prose in self.prose)

    @cached_property
    def draws(self) -> Draws:
        """How columns are drawn anew."""
        return self.states.draws(self.values, around=self.neighbours == "around")

    @cached_property
    def slopes(self) -> Masks:
        """Which of the m columns are numbers as they are, (m,)."""
        pairs = zip(self.states.columns, self.values.tolist(), strict=True)
        return np.array([column.slope and not math.isnan(value) for column, value in pairs], dtype=bool)

    @property
    def per(self) -> Floats:
        """One standard deviation of each slope's column, (d,); NaN for other features."""
        found = np.full(len(self.features), np.nan)
        for at in np.flatnonzero(self.slopes):
            found[at] = self.states.columns[at].scale
        return found

    @property
    def column(self) -> NDArray[np.intp]:
        """The column of each feature, (d,)."""
        words_of = [np.full(len(set(prose.owner)), prose.column) for prose in self.prose]
        return np.concatenate([np.array(self.drawn, dtype=np.intp), *words_of])

    @property
    def sampler(self) -> Independent:
        """The law of the ``lime`` package: a condition holds as often as in training; half of the words stay."""
        own = np.where(self.slopes, 0.0, self.draws.keep)
        keep = np.full(len(own), _HALF) if self.neighbours == "nearest" else own
        return Independent((*keep.tolist(), *[_HALF] * (len(self.features) - len(own))))

    @property
    def kernel(self) -> Exponential:
        """The kernel of the ``lime`` package: its width is ¾ √(number of columns and words)."""
        parts = len(self.columns) + len(self.features) - len(self.drawn)
        return Exponential(_WIDTH * math.sqrt(parts), "euclidean")

    def perturb(self, masks: Masks, rng: np.random.Generator) -> Any:
        """Draw what is absent from the training rows.

        Parameters
        ----------
        masks : ndarray of bool, shape (n, d)
            True: the condition holds. A row of all True is the instance itself.
        rng : Generator

        Returns
        -------
        frame or array of n rows
            In the type, and with the columns, of the training rows.

        Notes
        -----
        Where a condition holds, a number is drawn from inside its interval, as the ``lime`` package does; with other
        ``neighbours`` it keeps the instance's value.
        """
        return self.written(self.redrawn(masks, rng), masks)

    def redrawn(self, masks: Masks, rng: np.random.Generator) -> Floats:
        """Draw the values (n, m) that :meth:`written` makes rows of."""
        present = masks[:, : len(self.values)]
        values = self._values(present, rng)
        own = self.slopes & present if self.neighbours == "columns" else present
        own = own | np.atleast_1d(masks.all(axis=1))[:, None]
        np.copyto(values, self.values, where=own)
        return values

    def _values(self, present: Masks, rng: np.random.Generator) -> Floats:
        if self.near is not None:
            return self.near(present, self.values, self.draws.own, rng)
        return self.draws(present, rng)

    def written(self, values: Floats, masks: Masks, edits: Mapping[int, str] | None = None) -> Any:
        """Write values (n, m) and texts as rows, in the type of the training rows."""
        n, m = values.shape
        made: list[Any] = [None] * len(self.columns)
        for at, column in enumerate(self.drawn):
            made[column] = self.states.columns[at].coded(values[:, at])
        for prose in self.prose:
            made[prose.column] = _objects([prose.without(_gone(mask, m, edits)) for mask in masks])
        for at, part in enumerate(made):
            made[at] = _repeated(self.row[at], n) if part is None else part
        return self.frame.batch(made)

    def design(self, masks: Masks, inputs: Any) -> Masks | Floats:
        """Return what kernel and surrogate see.

        The masks; of slopes the standardised values; with ``neighbours="nearest"`` which conditions hold.
        """
        if not self.slopes.any() and self.near is None:
            return masks
        seen = masks.astype(np.float64)
        for at, column in enumerate(self.states.columns):
            if self.slopes[at]:
                found = column.read(_part(inputs, self.drawn[at]))
                seen[:, at] = np.nan_to_num((found - column.centre) / column.scale)  # missing speaks neither way
            elif self.near is not None:
                found = column.read(_part(inputs, self.drawn[at]))
                seen[:, at] = [column.state(value) == self.draws.own[at] for value in found.tolist()]
        return seen

    def tried(self, mask: Masks, edits: Mapping[int, str], draws: int, rng: np.random.Generator) -> Any:
        """Return rows to ask the model about what a reader tries.

        Parameters
        ----------
        mask : ndarray of bool, shape (d,)
            What is present keeps the instance's value.
        edits : mapping of int to str
            Features that are given another value, as people write it.
        draws : int
            How many rows, where a column is off; else one.

        Raises
        ------
        OptionError
            A value that the column cannot take.
        """
        m = len(self.values)
        values = self.values.copy()
        for feature, text in edits.items():
            if feature < m:
                values[feature] = self.states.columns[feature].parsed(text)
        present = mask[:m] | np.isin(np.arange(m), list(edits))
        count = 1 if present.all() else draws
        masks = np.repeat(mask[None], count, axis=0)
        drawn = self._values(np.repeat(present[None], count, axis=0), rng)
        return self.written(np.where(present, values, drawn), masks, edits)

    def swap(self, keys: Collection[str], donor: TableRepresentation, rng: np.random.Generator | None = None) -> Any:
        """Return the row with the donor's values in the columns named by ``keys``, together.

        Marked words of a text column leave, and the donor's marked words come in the freed places, then at the end.

        Returns
        -------
        dict or ndarray
            A mapping from columns to values; for arrays a row.
        """
        del rng
        named, row = set(keys), list(self.row)
        for at, column in enumerate(self.columns):
            if column.name in named:
                row[at] = donor.row[at]
        for prose in self.prose:
            if self.columns[prose.column].name not in named:
                row[prose.column] = self._worn(prose, named, donor)
        if self.frame.make == "array":
            return np.array(row, dtype=self.frame.template.dtype if self.frame.template.dtype.kind != "U" else None)
        return dict(zip(self.frame.names, row, strict=True))

    def _worn(self, prose: Prose, named: Collection[str], donor: TableRepresentation) -> str:
        """Return a text in which marked words are the donor's."""
        there = donor.named(named)
        lent = [word for other in donor.prose if other.column == prose.column for word in other.spoken(there)]
        return prose.wearing(self.named(named), lent)

    def named(self, keys: Collection[str]) -> set[int]:
        """Return the features that have one of some keys."""
        return {at for at, feature in enumerate(self.features) if feature.key in keys}

    def handed(self, answers: Callable[[Any], bool], model: Any) -> TableRepresentation:
        """Return the row in the type that a model takes.

        Parameters
        ----------
        answers : callable
            From a batch of one row to whether the model answers it.
        model : object
            Whose ``feature_names_in_`` and ``n_features_in_``, where it has them, tell without a question.
        """
        suited = self.frame.suited(model)
        if suited is not self.frame:
            return self._in(suited)
        if hasattr(model, "n_features_in_") or answers(self.instance()):
            return self
        return next((other for make in self.frame.others() if answers((other := self._in(make)).instance())), self)

    def instance(self) -> Any:
        """Return the row itself, a batch of one."""
        return self.written(self.values[None], np.ones((1, len(self.features)), dtype=bool))

    def _in(self, frame: Frame) -> TableRepresentation:
        return replace(self, frame=frame)


def _gone(mask: Masks, m: int, edits: Mapping[int, str] | None) -> dict[int, str]:
    """Return what stands where words are absent or replaced."""
    return {int(at): "" for at in np.flatnonzero(~mask) if at >= m} | {
        at: text for at, text in (edits or {}).items() if at >= m
    }


def _repeated(value: Any, n: int) -> NDArray[Any]:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return np.full(n, float(value))
    return _objects([value] * n)


def _objects(values: Sequence[Any]) -> NDArray[Any]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _part(inputs: Any, at: int) -> NDArray[Any]:
    """Return a column of a batch."""
    if hasattr(inputs, "iloc"):
        return np.asarray(inputs.iloc[:, at])
    if hasattr(inputs, "columns"):
        part = inputs[inputs.columns[at]] if hasattr(inputs, "to_arrow") else inputs.column(at)
        return _objects(part.to_pylist() if hasattr(part, "to_pylist") else part.to_list())
    return np.asarray(inputs[inputs.dtype.names[at]] if inputs.dtype.names else inputs[:, at])


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Rows of a table, learned from training rows.

    Parameters
    ----------
    data : data frame, array (n, c), sparse matrix or list of rows
        Training rows, without the target. pandas, polars and pyarrow frames, and NumPy arrays; the model is handed the
        same type, columns and dtypes. Of sparse rows the columns that are not 0 are features, and absent ones are 0.
    categorical : sequence of columns, or mapping from columns to names, optional
        Columns (by name or number) whose values are categories though they are numbers. Strings, booleans and pandas
        categoricals are categories anyway. A mapping gives names to be read: ``{"sex": {0: "female", 1: "male"}}``.
    bins : {"quartile", "decile", "entropy"}, edges, mapping from columns to edges, or None
        How numbers are cut into intervals. None: they are not; the surrogate has a slope for each.
    labels : array-like, shape (n,), optional
        The targets that "entropy" bins need.
    names : sequence of str, optional
        The columns of an array.
    text : sequence of columns, optional
        Columns whose words are features. Default: columns of strings that mostly differ, of four words or more.
    neighbours : {"columns", "around", "nearest"}
        How an absent column is drawn: from the training rows, each column by itself (the ``lime`` package's way);
        normally distributed around the instance; or from those of the training rows that are most alike in the columns
        kept, together, so that what belongs together stays together.
    beside : rows, optional
        To compare with on the page. Default: twelve training rows.

    Attributes
    ----------
    columns : tuple of Column
        What was learned of each column. Constant columns are kept as they are; nothing can be drawn in their place.

    Raises
    ------
    OptionError
        There are fewer than two rows, a name occurs twice, or a column has no value or an infinite one.

    References
    ----------
    Section 3.1 of the paper; sampling, intervals and kernel of the ``lime`` package.

    Examples
    --------
    >>> rows = [[23, "rent"], [35, "own"], [61, "own"], [48, "rent"]]
    >>> table = Table(rows, names=["age", "home"])
    >>> [feature.name for feature in table.represent([40, "own"]).features]
    ['30 < age ≤ 40', 'home = own']
    """

    data: Any
    categorical: Any = None
    bins: Any = "quartile"
    labels: Any = None
    names: Any = None
    text: Any = None
    neighbours: Neighbours = "columns"
    beside: Any = None

    def __post_init__(self) -> None:
        """Learn the columns."""
        if self.neighbours not in get_args(Neighbours):
            raise OptionError(f"neighbours={self.neighbours!r}; one of {listed(get_args(Neighbours))} is expected")
        if issparse(self.data):
            self.__dict__.update(sparse=self._of_sparse(), columns=(), others=())
        else:
            self._learn()

    def _of_sparse(self) -> SparseTable:
        """Read sparse rows, for which most options mean nothing."""
        idle = [name for name in ("categorical", "labels", "text", "beside") if getattr(self, name) is not None]
        idle += [name for name, default in _DENSE.items() if getattr(self, name) is not default]
        if idle:
            raise OptionError(
                f"data is sparse, where an absent column is 0; {listed(idle)} cannot be heeded – leave that out, or "
                "pass data.toarray()"
            )
        return read_sparse(self.data, self.names)

    def _learn(self) -> None:
        frame, raws = read(self.data, self.names)
        columns = learned(raws, self.bins, self.labels, categorical=self.categorical, text=self.text)
        drawn = tuple(at for at, column in enumerate(columns) if column.kind not in {"constant", "text"})
        if all(column.kind == "constant" for column in columns):
            raise OptionError(
                f"every column of data is constant ({listed(frame.names)}); rows that differ are expected – what is "
                "absent is drawn from them"
            )
        states = States(tuple(columns[at] for at in drawn))
        self.__dict__.update(frame=frame, columns=columns, drawn=drawn, names=frame.names, states=states, sparse=None)
        near = self._lenders(raws) if self.neighbours == "nearest" else None
        self.__dict__.update(near=near, others=self._compared(raws))

    frame: Frame = field(init=False)
    columns: tuple[Column, ...] = field(init=False)
    drawn: tuple[int, ...] = field(init=False)
    states: States = field(init=False)
    near: Near | None = field(init=False)
    others: tuple[tuple[str, tuple[str, ...]], ...] = field(init=False)
    sparse: SparseTable | None = field(init=False)

    def represent(self, instance: Any) -> TableRepresentation | SparseRow:
        """Read a row: a 1-d array, a mapping, or a row of a data frame or a sparse matrix.

        Raises
        ------
        InstanceError, InstanceTypeError
            It names the column.
        """
        if self.sparse is not None:
            return self.sparse.represent(instance)
        row = tuple(self.frame.row(instance))
        values = np.array([self.columns[at].value(row[at]) for at in self.drawn], dtype=np.float64)
        features = [
            Feature(column.condition(value), column.name)
            for column, value in zip(self.states.columns, values.tolist(), strict=True)
        ]
        prose = tuple(self._prose(row, features))
        return TableRepresentation(
            self.frame,
            self.columns,
            row,
            values,
            tuple(features),
            self.states,
            self.drawn,
            prose,
            self.neighbours,
            self.near,
            self.others,
        )

    def _prose(self, row: Sequence[Any], features: list[Feature]) -> Iterable[Prose]:
        """Read the words of text columns, and add their features."""
        for at, column in enumerate(self.columns):
            if column.kind != "text" or is_missing(row[at]):
                continue
            if not isinstance(row[at], str):
                raise InstanceError(
                    f"column {column.name!r} is {row[at]!r}; a text is expected, as in the training rows"
                )
            spans = words(row[at])
            found: dict[str, int] = {}
            owner = [found.setdefault(row[at][start:end], len(features) + len(found)) for start, end in spans]
            features += [Feature(word, f"{column.name}: {word}") for word in found]
            yield Prose(at, row[at], tuple(spans), tuple(owner))

    def _lenders(self, raws: Sequence[Raw]) -> Near:
        rows = np.sort(np.random.default_rng(0).permutation(len(raws[0].values))[:_ROWS])
        values = np.stack([self._read(at, raws[at], rows) for at in self.drawn], axis=1)
        states = [[column.state(v) for v in values[:, at].tolist()] for at, column in enumerate(self.states.columns)]
        return Near(values, np.array(states, dtype=np.intp).T)

    def _read(self, at: int, raw: Raw, rows: NDArray[np.intp]) -> Floats:
        column = self.columns[at]
        if column.measured:
            return np.asarray(raw.values[rows], dtype=np.float64)
        return np.array(
            [column.number.get(plain_value(value), np.nan) for value in raw.values[rows].tolist()], dtype=float
        )

    def _compared(self, raws: Sequence[Raw]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Choose rows to compare with."""
        if self.beside is None:
            count = _BESIDE if len(raws) <= _WIDE else _BESIDE // 3
            rows = np.sort(np.random.default_rng(0).permutation(len(raws[0].values))[:count])
            return tuple((f"training row {row}", self._texts(raws, row)) for row in rows.tolist())
        given, others = read(self.beside, None if hasattr(self.beside, "columns") else self.frame.names)
        if given.names != self.frame.names:
            raise OptionError(f"beside has the columns {listed(given.names)}; those of data are expected, in order")
        count = len(others[0].values)
        return tuple((f"row {row}", self._texts(others, row)) for row in range(count))

    def _texts(self, raws: Sequence[Raw], row: int) -> tuple[str, ...]:
        return tuple(self._shown(raw, row) for raw in raws)

    def _shown(self, raw: Raw, row: int) -> str:
        column, value = self.columns[self.frame.names.index(raw.name)], raw.values[row]
        if is_missing(value):
            return ""
        if column.measured:
            return column.text(float(value))
        known = column.number.get(plain_value(value)) if column.kind == "category" else None
        return str(value) if known is None else column.shown[known]

    def __repr__(self) -> str:
        """Tell what was learned from what: the same for the same rows."""
        told = blake2b(digest_size=6)
        if self.sparse is not None:
            n, width = self.sparse.matrix.shape
            told.update(self.sparse.matrix.indices.tobytes() + self.sparse.matrix.data.tobytes())
            return f"Table({width} columns, sparse, {n} rows {told.hexdigest()})"
        for column in self.columns:
            told.update(repr((column.name, column.kind, column.shares.tolist(), column.options, column.scale)).encode())
            told.update(np.concatenate([column.edges, *map(np.atleast_1d, (column.means, column.spreads))]).tobytes())
        return f"Table({len(self.columns)} columns, neighbours={self.neighbours!r}, rows {told.hexdigest()})"

    def __getstate__(self) -> dict[str, Any]:
        """Leave the training rows behind; what was learned of them travels."""
        return {**self.__dict__, "data": None, "labels": None, "beside": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take back what travelled."""
        self.__dict__.update(state)

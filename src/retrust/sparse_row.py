"""Rows of a sparse matrix: what is not 0 is present or 0, and nothing is made dense.

Section 3.1 of the paper represents a text by the presence of its words; a row of counts is such a text already. The
``lime`` package draws what is not 0 from a normal distribution; here an absent column is 0, as a word that is gone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from retrust.bins import plain
from retrust.columns import Column
from retrust.errors import InstanceError, InstanceTypeError, OptionError, listed
from retrust.representation import Feature
from retrust.sampling import Exponential, UniformCount

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks

_WIDTH = 25
_LEAST = 2
_BARS = 20
_DIGITS = 4


@dataclass(frozen=True, eq=False)
class SparseTable:
    """Training rows of a sparse matrix, column by column.

    Parameters
    ----------
    matrix : sparse matrix or array, shape (n, c)
        By columns.
    make : type
        What the model is handed: ``csr_matrix`` or ``csr_array``.
    names : tuple of str, optional
        What columns are called. Default: their numbers.

    Examples
    --------
    >>> table = read_sparse(sparse.csr_array([[0.0, 2.0], [1.0, 0.0]]), ["fish", "chips"])
    >>> [feature.name for feature in table.represent([0, 3]).features]
    ['chips = 3']
    """

    matrix: Any = field(repr=False)
    make: Any
    names: tuple[str, ...] | None = None

    def represent(self, instance: Any) -> SparseRow:
        """Read a row: sparse, a 1-d array, or a mapping from columns to values, 0 where it has none.

        Raises
        ------
        InstanceError, InstanceTypeError
            It names the column.
        """
        indices, values = self._read(instance)
        strange = ~np.isfinite(values)
        if strange.any():
            at = int(np.flatnonzero(strange)[0])
            raise InstanceError(
                f"column {self.name(int(indices[at]))!r} is {values[at]}; finite numbers are expected in sparse rows"
            )
        held = values != 0
        indices, values = indices[held], values[held]
        columns = tuple(self._column(at) for at in indices.tolist())
        return SparseRow(self.make, self.matrix.shape[1], self.matrix.dtype, indices, values, columns)

    def name(self, at: int) -> str:
        """Return what a column is called."""
        return str(at) if self.names is None else self.names[at]

    def _read(self, instance: Any) -> tuple[NDArray[np.intp], Floats]:
        """Return which columns have a value, ascending, and what it is."""
        if isinstance(instance, Mapping):
            return self._by_name(instance)
        row = sparse.csr_array(_flat(instance)[None] if not sparse.issparse(instance) else _one(instance), copy=True)
        if row.shape[1] != self.matrix.shape[1]:
            raise InstanceError(
                f"the row has {row.shape[1]:,} columns; the training rows have {self.matrix.shape[1]:,} – pass one "
                "that the same vectoriser made"
            )
        row.sum_duplicates()
        return row.indices.astype(np.intp), row.data.astype(np.float64)

    def _by_name(self, instance: Mapping[Any, Any]) -> tuple[NDArray[np.intp], Floats]:
        extra = [name for name in instance if str(name) not in self._places]
        if extra:
            raise InstanceError(
                f"the row has {listed(extra)} besides; its columns are to be those of the training rows – leave out "
                "what they do not have"
            )
        pairs = sorted((self._places[str(name)], _number(name, value)) for name, value in instance.items())
        return np.array([at for at, _ in pairs], dtype=np.intp), np.array([value for _, value in pairs], dtype=float)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {self.name(at): at for at in range(self.matrix.shape[1])}

    def _column(self, at: int) -> Column:
        """Learn one column, with its zeros."""
        n = self.matrix.shape[0]
        held = self.matrix.data[self.matrix.indptr[at] : self.matrix.indptr[at + 1]].astype(np.float64)
        cuts = np.linspace(min(0.0, held.min(initial=0)), max(1e-9, held.max(initial=0)), _BARS + 1)
        counts = np.histogram(held, cuts)[0]
        counts[np.searchsorted(cuts, 0, side="right") - 1] += n - len(held)
        centre = float(held.sum()) / n
        spread = math.sqrt(max(0.0, float(held @ held) / n - centre**2))
        return Column(
            self.name(at),
            "number",
            np.array([1.0, 0.0]),
            np.empty(0),
            means=np.array([centre]),
            spreads=np.array([spread]),
            lows=np.array([cuts[0]]),
            highs=np.array([cuts[-1]]),
            centre=centre,
            scale=spread or 1.0,
            whole=bool((held % 1 == 0).all()),
            counts=(cuts.tolist(), counts.tolist()),
        )


@dataclass(frozen=True, eq=False, repr=False)
class SparseRow:
    """One sparse row as the columns that are not 0.

    Parameters
    ----------
    make : type
        What the model is handed: ``csr_matrix`` or ``csr_array``.
    width : int
        How many columns there are, c.
    dtype : numpy dtype
    indices : ndarray of int, shape (d,)
        The columns that are not 0.
    values : ndarray, shape (d,)
    columns : tuple of Column, length d
        What is known of them.

    Notes
    -----
    An absent column is 0, so a mask has one input. Masks are drawn and weighed as for the words of a text: a uniformly
    drawn number of columns is absent, and the kernel is √exp(−D² / 25²) on 100 × the cosine distance of the masks.
    """

    make: Any
    width: int
    dtype: Any
    indices: NDArray[np.intp]
    values: Floats
    columns: tuple[Column, ...]

    random = False
    kind = "table"

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The d columns that are not 0."""
        pairs = zip(self.columns, self.values.tolist(), strict=True)
        return tuple(Feature(f"{column.name} = {_short(value)}", column.name) for column, value in pairs)

    @property
    def column(self) -> NDArray[np.intp]:
        """The column of each feature among ``columns``, (d,)."""
        return np.arange(len(self.indices))

    @property
    def size(self) -> int:
        """How much memory one perturbed row takes, in bytes, roughly."""
        return 16 * len(self.indices) + 8

    @property
    def sampler(self) -> UniformCount:
        """The law for words: a uniformly drawn number of columns is absent."""
        return UniformCount()

    @property
    def kernel(self) -> Exponential:
        """The kernel for words."""
        return Exponential(_WIDTH)

    def perturb(self, masks: Masks, rng: object = None) -> Any:
        """Return n sparse rows in which absent columns are 0.

        Parameters
        ----------
        masks : ndarray of bool, shape (n, d)
        rng : object, optional
            Not needed; nothing is drawn.
        """
        del rng
        return self._rows(masks, self.values)

    def design(self, masks: Masks, inputs: object = None) -> Masks:
        """Return the masks."""
        del inputs
        return masks

    def tried(self, mask: Masks, edits: Mapping[int, str], draws: int = 1, rng: object = None) -> Any:
        """Return one row to ask the model about what a reader tries.

        Parameters
        ----------
        mask : ndarray of bool, shape (d,)
        edits : mapping of int to str
            Features that are given another value, as people write it.
        draws, rng : object, optional
            Not needed; nothing is drawn.

        Raises
        ------
        OptionError
            A value that is no number.
        """
        del draws, rng
        values = self.values.copy()
        for feature, text in edits.items():
            values[feature] = self.columns[feature].parsed(text)
        return self._rows((mask | np.isin(np.arange(len(mask)), list(edits)))[None], values)

    def swap(self, keys: Collection[str], donor: SparseRow, rng: object = None) -> Any:
        """Return the row with the donor's values in the columns named by ``keys``."""
        del rng
        named = set(keys)
        mine = [at for at, column in enumerate(self.columns) if column.name not in named]
        theirs = [at for at, column in enumerate(donor.columns) if column.name in named]
        indices = np.concatenate([self.indices[mine], donor.indices[theirs]])
        values, order = np.concatenate([self.values[mine], donor.values[theirs]]), np.argsort(indices)
        parts = (values[order].astype(self.dtype), indices[order], np.array([0, len(indices)]))
        return self.make(parts, shape=(1, self.width))

    def _rows(self, masks: Masks, values: Floats) -> Any:
        starts = np.concatenate([[0], np.cumsum(np.count_nonzero(masks, axis=1))])
        where = np.nonzero(masks)[1]
        kept = _typed(values, self.dtype)
        return self.make((kept[where], self.indices[where], starts), shape=(len(masks), self.width))


def _typed(values: Floats, kind: Any) -> NDArray[Any]:
    """Return values in the type of the training rows, unless they would lose their fractions."""
    found = values.astype(kind)
    return found if kind.kind == "f" or np.array_equal(found, values) else values


def _short(value: float) -> str:
    return plain(value) if value % 1 == 0 else f"{value:.{_DIGITS}g}"


def _number(name: object, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InstanceError(f"column {name!r} is {value!r}; a number is expected, as in the training rows") from None


def _one(instance: Any) -> Any:
    row = instance if instance.ndim > 1 else instance.reshape(1, -1)
    if row.shape[0] != 1:
        raise InstanceTypeError(f"{row.shape[0]:,} rows were given; one is expected – explain_many takes several")
    return row


def _flat(instance: Any) -> Floats:
    """Return a row that is not sparse as a 1-d array."""
    try:
        row = np.asarray(instance, dtype=np.float64)
    except (TypeError, ValueError):
        row = np.empty(())
    if row.ndim == _LEAST and len(row) == 1:
        row = row[0]
    if row.ndim != 1:
        raise InstanceTypeError(
            f"the instance is {type(instance).__name__}; a row of the sparse matrix is expected – X[[i]], an array of "
            "numbers, or a mapping from columns to values"
        )
    return row


def read_sparse(data: Any, names: Sequence[str] | None = None) -> SparseTable:
    """Read a sparse matrix.

    Parameters
    ----------
    data : sparse matrix or array, shape (n, c)
    names : sequence of str, optional
        Of the columns.

    Raises
    ------
    OptionError
    """
    if data.ndim != _LEAST or data.shape[0] < _LEAST:
        raise OptionError(
            f"data is sparse of shape {data.shape}; two training rows or more are expected – pass the matrix "
            "that the model was trained on"
        )
    make = sparse.csr_array if isinstance(data, sparse.sparray) else sparse.csr_matrix
    matrix = sparse.csc_array(data, copy=True)
    matrix.sum_duplicates()
    called = None if names is None else tuple(map(str, names))
    if called is not None and len(set(called)) != data.shape[1]:
        raise OptionError(
            f"names has {len(set(called))} different entries for {data.shape[1]} columns; one for each is expected"
        )
    found = SparseTable(matrix, make, called)
    _check(found)
    return found


def _check(found: SparseTable) -> None:
    kind = found.matrix.dtype.kind
    if kind not in "fiub":
        raise OptionError(f"data is sparse of {found.matrix.dtype}; numbers are expected")
    strange = np.flatnonzero(~np.isfinite(found.matrix.data))
    if len(strange):
        at = int(np.searchsorted(found.matrix.indptr, strange[0], side="right")) - 1
        raise OptionError(
            f"column {found.name(at)!r} has the value {found.matrix.data[strange[0]]} in its training rows; finite "
            "numbers are expected in sparse data – leave those rows out, or fill them"
        )

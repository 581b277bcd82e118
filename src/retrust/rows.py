"""Training rows: instances with their labels, in whatever container a user has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from retrust.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from retrust.representation import Floats

    Ints = NDArray[np.intp]

_TABLE = 2


@dataclass(frozen=True, eq=False)
class Dataset:
    """Instances and labels that a model is trained on.

    Parameters
    ----------
    X : sequence, array, series or frame of n instances
    y : sequence, array or series of n labels or targets
    weights : array-like, shape (n,), optional
        How much each row counts; kept as an array of floats. None: all alike.
    marked : sequence of n sets of keys, optional
        Which parts of each row are marked; kept as a tuple of frozen sets. A trainer may read it, see
        :class:`retrust.Penalty`.
    strength : float
        How strongly a trainer that reads ``marked`` should punish what is marked.

    Raises
    ------
    OptionError
        Lengths differ, or weights are no weights.

    Examples
    --------
    >>> data = Dataset(["good", "bad", "poor"], [1, 0, 0])
    >>> len(data), data.take([2, 0]).X, data.joined(data.take([1])).y
    (3, ['poor', 'good'], [1, 0, 0, 0])
    """

    X: Any
    y: Any
    weights: Any = None
    marked: Any = None
    strength: float = 0.0

    def __post_init__(self) -> None:
        """Check that all columns are of one length."""
        n = _count(self.X, "X")
        if _count(self.y, "y") != n:
            raise OptionError(
                f"X has {n:,} rows and y has {_count(self.y, 'y'):,}; one label for each row is expected, in order"
            )
        if self.weights is not None:
            object.__setattr__(self, "weights", _weights(self.weights, n))
        if self.marked is not None:
            object.__setattr__(self, "marked", _marked(self.marked, n))

    def __len__(self) -> int:
        return _count(self.X, "X")

    def __getitem__(self, row: int) -> Any:
        """Return one instance."""
        return _one(self.X, row)

    def __iter__(self) -> Iterator[Any]:
        """Go through the instances."""
        return (_one(self.X, row) for row in range(len(self)))

    @property
    def labels(self) -> list[Any]:
        """The labels as plain Python values; a row of several is a tuple."""
        found = np.asarray(self.y).tolist()
        return [tuple(label) if isinstance(label, list) else label for label in found]

    def take(self, rows: ArrayLike) -> Dataset:
        """Return some rows, by number or by a mask (n,)."""
        chosen = _numbers(rows)
        weights = None if self.weights is None else self.weights[chosen]
        marked = None if self.marked is None else [self.marked[row] for row in chosen]
        return replace(self, X=_taken(self.X, chosen), y=_taken(self.y, chosen), weights=weights, marked=marked)

    def joined(self, other: Dataset) -> Dataset:
        """Return these rows and then another's; weights are 1 and marks none where one of the two has none."""
        weights = marked = None
        if self.weights is not None or other.weights is not None:
            weights = np.concatenate([_filled(part.weights, len(part)) for part in (self, other)])
        if self.marked is not None or other.marked is not None:
            marked = [keys for part in (self, other) for keys in part.marked or [frozenset[str]()] * len(part)]
        return replace(self, X=_stacked(self.X, other.X), y=_stacked(self.y, other.y), weights=weights, marked=marked)

    def wearing(self, instances: Sequence[Any], rows: ArrayLike) -> Dataset:
        """Return rows with other instances: their labels, weights and marks, the instances in a container like X."""
        return replace(self.take(rows), X=alike(self.X, instances))


def alike(X: Any, instances: Sequence[Any]) -> Any:
    """Put instances into a container of the same kind.

    Examples
    --------
    >>> alike(np.zeros((5, 2)), [[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    >>> alike(("a",), ["b", "c"])
    ('b', 'c')
    """
    if hasattr(X, "iloc"):
        return _like_pandas(X, instances)
    if isinstance(X, np.ndarray):
        return _like_array(X, instances)
    if hasattr(X, "to_arrow"):
        return type(X)(list(instances), schema=X.schema) if hasattr(X, "schema") else type(X)(X.name, instances)
    return tuple(instances) if isinstance(X, tuple) else list(instances)


def _like_pandas(X: Any, instances: Sequence[Any]) -> Any:
    if not hasattr(X, "columns"):
        return type(X)(list(instances), name=X.name, dtype=X.dtype)
    rows = [list(one.values()) if isinstance(one, dict) else list(one) for one in instances]
    return type(X)(rows, columns=X.columns).astype(X.dtypes)


def _like_array(X: NDArray[Any], instances: Sequence[Any]) -> NDArray[Any]:
    if X.dtype.kind == "O" and X.ndim == 1:
        made = np.empty(len(instances), dtype=object)
        made[:] = instances
        return made
    return np.array(list(instances), dtype=None if X.dtype.kind in "US" else X.dtype)


def is_sparse(X: Any) -> bool:
    """Tell whether this is a sparse matrix or array of SciPy's."""
    return bool(sparse.issparse(X))


def columns(X: Any) -> tuple[str, ...] | None:
    """Name the columns of a table, by number where they have no names; None for what is no table.

    >>> columns(np.zeros((5, 2)))
    ('0', '1')
    """
    named = getattr(X, "column_names", None) or getattr(X, "columns", None)
    if named is not None:
        return tuple(map(str, named))
    array = isinstance(X, np.ndarray) or is_sparse(X)
    return tuple(map(str, range(X.shape[1]))) if array and X.ndim == _TABLE else None


def _count(X: Any, name: str) -> int:
    """Return how many rows there are."""
    if hasattr(X, "shape") and len(X.shape):
        return int(X.shape[0])
    if isinstance(X, str) or not hasattr(X, "__len__"):
        raise OptionError(
            f"{name} is {type(X).__name__}; a list, array, series or frame with one entry for each row is expected"
        )
    return len(X)


def _one(X: Any, row: int) -> Any:
    if hasattr(X, "iloc"):
        return X.iloc[row]
    if hasattr(X, "to_pylist") and hasattr(X, "schema"):
        return X.slice(row, 1).to_pylist()[0]
    if is_sparse(X):
        return X[[row]].toarray()[0]
    return X.row(row, named=True) if hasattr(X, "iter_rows") else X[row]


def _numbers(rows: ArrayLike) -> Ints:
    chosen = np.asarray(rows)
    return np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.intp)


def _taken(X: Any, rows: Ints) -> Any:
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if hasattr(X, "column_names"):
        return X.take(rows)
    if hasattr(X, "shape"):
        return X[rows]
    return type(X)(X[row] for row in rows) if type(X) in {list, tuple} else [X[row] for row in rows]


def _stacked(first: Any, second: Any) -> Any:
    """Put the rows of one container below those of another."""
    if hasattr(first, "iloc") or hasattr(first, "to_arrow") or hasattr(first, "column_names"):
        return _stacked_frames(first, second)
    if is_sparse(first):
        return sparse.vstack([first, second], format=first.format, dtype=first.dtype)
    if isinstance(first, np.ndarray):
        return np.concatenate([first, np.asarray(second)])
    return type(first)([*first, *second]) if type(first) in {list, tuple} else [*first, *second]


def _stacked_frames(first: Any, second: Any) -> Any:
    import narwhals as nw

    parts = [nw.from_native(part, allow_series=True) for part in (first, second)]
    series = isinstance(parts[0], nw.Series)
    frames = [part.alias("y").to_frame() if series else part for part in parts]
    whole = nw.maybe_reset_index(nw.concat(frames))
    return (whole["y"].alias(parts[0].name) if series else whole).to_native()


def _filled(weights: Floats | None, n: int) -> Floats:
    return np.ones(n) if weights is None else weights


def _weights(weights: ArrayLike, n: int) -> Floats:
    found = np.asarray(weights, dtype=np.float64)
    if found.shape != (n,) or not np.isfinite(found).all() or (found < 0).any():
        raise OptionError(
            f"the weights have shape {found.shape}; {n:,} finite numbers, none below 0, are expected, one for each row"
        )
    return found


def _marked(marked: Sequence[Any], n: int) -> tuple[frozenset[str], ...]:
    if len(marked) != n:
        raise OptionError(f"marked has {len(marked):,} entries for {n:,} rows; a set of keys for each row is expected")
    return tuple(map(frozenset, marked))

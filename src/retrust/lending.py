"""Tables whose columns are taken from other rows or written anew, all rows at once, each column in its own type."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from retrust.frames import read
from retrust.prose import Prose
from retrust.rows import columns, is_sparse
from retrust.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.frames import Raw

    Ints = NDArray[np.intp]
    Named = Sequence[frozenset[str]]

_BETWEEN = ": "


def is_table(X: Any) -> bool:
    """Tell whether rows stand in a frame or an array of two axes.

    >>> is_table(np.zeros((5, 2))), is_table(["a", "b"])
    (True, False)
    """
    return columns(X) is not None


def woven(X: Any, rows: Ints, sources: Mapping[int, Ints]) -> Any:
    """Return rows of a table in which some columns are other rows'.

    Parameters
    ----------
    X : frame or array (n, c)
    rows : ndarray of int, shape (m,)
    sources : mapping of int to ndarray of int, shape (m,)
        For a column: from which row of X each value comes.

    Examples
    --------
    >>> woven(np.array([[1, 2], [3, 4]]), np.array([0, 1, 1]), {1: np.array([1, 0, 1])})
    array([[1, 4],
           [3, 2],
           [3, 4]])
    """
    made = _rows(X, rows)
    for at, source in sources.items():
        made = _put(made, at, _rows(_column(X, at), source))
    return made


def rewritten(X: Any, at: int, values: Sequence[Any]) -> Any:
    """Return a table with other values in one column, which keeps its type where that holds them.

    >>> rewritten(np.array([[1, 2], [3, 4]]), 1, [0.5, 7]).tolist()
    [[1.0, 0.5], [3.0, 7.0]]
    """
    if hasattr(X, "iloc"):
        return _put(X, at, _series(X.iloc[:, at], values))
    if hasattr(X, "column_names"):
        field = X.select([X.column_names[at]])
        return _put(X, at, type(X).from_pydict({field.column_names[0]: values}, schema=field.schema))
    if hasattr(X, "columns"):
        series = X[X.columns[at]]
        return _put(X, at, type(series)(series.name, values, dtype=series.dtype))
    given = _plain_array(values)
    fits = given.astype(X.dtype)
    same = bool((fits == given).all())
    made = X if same else X.astype(np.result_type(X.dtype, given.dtype))
    return _put(made, at, (fits if same else given).reshape(-1, 1))


def _plain_array(values: Sequence[Any]) -> NDArray[Any]:
    """Return an array of the values' own type; of objects where they are of several."""
    kinds = {type(value) for value in values}
    if len(kinds) <= 1:
        return np.asarray(values)
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found if any(not issubclass(kind, int | float | np.number) for kind in kinds) else np.asarray(values)


def _rows(X: Any, rows: Ints) -> Any:
    """Return some rows of a table or a column."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return X.take(rows) if hasattr(X, "column_names") else X[rows]


def _column(X: Any, at: int) -> Any:
    """Return one column in its own type; of what is no frame, a table (n, 1)."""
    if hasattr(X, "iloc"):
        return X.iloc[:, at]
    if hasattr(X, "column_names"):
        return X.select([X.column_names[at]])
    return X[X.columns[at]] if hasattr(X, "columns") else X[:, [at]]


def _put(X: Any, at: int, column: Any) -> Any:
    """Return a table with another column in the place of one; the table given stays as it is."""
    if hasattr(X, "iloc"):
        made = X.copy(deep=False)
        made.isetitem(at, column.array)
        return made
    if hasattr(X, "column_names"):
        return X.set_column(at, X.schema.field(at), column.column(0))
    if hasattr(X, "columns"):
        return X.with_columns(column.alias(X.columns[at]))
    if is_sparse(X):
        parts = [X[:, :at], column, X[:, at + 1 :]]
        return sparse.hstack(parts, format=X.format, dtype=X.dtype)
    made = X.copy()
    made[:, at] = column[:, 0]
    return made


def _series(series: Any, values: Sequence[Any]) -> Any:
    """Write a column of a pandas frame; a category that is new to it is added, and a type that is too narrow left."""
    kind = series.dtype
    if hasattr(kind, "categories"):
        new = [value for value in dict.fromkeys(values) if value is not None and value not in kind.categories]
        kind = type(kind)([*kind.categories, *new], ordered=kind.ordered) if new else kind
    try:
        return type(series)(values, dtype=kind)
    except (TypeError, ValueError):
        return type(series)(values)


def values_of(X: Any, at: int) -> list[Any]:
    """Return the values of one column as they are, row by row.

    >>> values_of(np.array([[1, 2], [3, 4]]), 1)
    [2, 4]
    """
    column = _column(X, at)
    if hasattr(X, "column_names"):
        return list(column.column(0).to_pylist())
    if hasattr(X, "columns"):
        return list(column.to_list())
    return list((column.toarray() if is_sparse(column) else column)[:, 0].tolist())


def raw_of(X: Any, at: int) -> Raw:
    """Read one column as numbers, dates or other values."""
    column = _column(X, at)
    if hasattr(X, "iloc"):
        return read(column.to_frame())[1][0]
    if hasattr(X, "columns") and not hasattr(X, "column_names"):
        return read(column.to_frame())[1][0]
    return read(column.toarray() if is_sparse(column) else column)[1][0]


def read_prose(text: Any) -> tuple[Prose, Mapping[str, int]]:
    """Read the words of a text, and number them; what is missing has none.

    >>> read_prose("a red, red sky")[1]
    {'a': 0, 'red': 1, 'sky': 2}
    """
    known = text if isinstance(text, str) else ""
    spans, number = words(known), dict[str, int]()
    owner = [number.setdefault(known[start:end], len(number)) for start, end in spans]
    return Prose(0, known, tuple(spans), tuple(owner)), number


def words_in(keys: Collection[str], names: Sequence[str]) -> dict[str, frozenset[str]]:
    """Sort keys such as "notes: refund" by the column in which their words are.

    >>> words_in(["age", "notes: refund"], ["age", "notes"])
    {'notes': frozenset({'refund'})}
    """
    found = {
        name: frozenset(key.removeprefix(name + _BETWEEN) for key in keys if key.startswith(name + _BETWEEN))
        for name in names
    }
    return {name: gone for name, gone in found.items() if gone}


def word_key(column: str, word: str) -> str:
    """Return the key of a word in a text column."""
    return f"{column}{_BETWEEN}{word}"


def less(text: Any, gone: Collection[str]) -> Any:
    """Return a text without some words, as written; what is missing stays so.

    >>> less("a red, red sky", {"red"})
    'a ,  sky'
    """
    if not isinstance(text, str):
        return text
    prose, number = read_prose(text)
    return prose.without({number[word]: "" for word in gone if word in number})


def worn(text: Any, marked: Collection[str], donor: Any) -> Any:
    """Return a text whose marked words are the donor's, in the places that become free, then at the end.

    >>> worn("a red sky", {"red", "blue"}, "deep blue sea")
    'a blue sky'
    """
    if not isinstance(text, str):
        return text
    (own, number), (other, there) = read_prose(text), read_prose(donor)
    lent = other.spoken({there[word] for word in marked if word in there})
    return own.wearing({number[word] for word in marked if word in number}, lent)


def wearing(X: Any, names: Sequence[str], rows: Ints, donors: Ints, named: Named, *, leave: bool = False) -> Any:
    """Return rows in which the parts that marks name are other rows', all of them together.

    Parameters
    ----------
    X : frame or array (n, c)
    names : sequence of str
        The columns.
    rows, donors : ndarray of int, shape (m,)
    named : sequence of n sets of keys
        What is named in each row of X: columns, and words of text columns.
    leave : bool
        Whether words leave, and nothing comes in their place.
    """
    at = {name: column for column, name in enumerate(names)}
    own = [named[row] for row in rows.tolist()]
    keys = all_keys(own)
    made = woven(X, rows, {at[key]: _source(key, own, rows, donors) for key in keys if key in at})
    for name in words_in([key for key in keys if key not in at], names):
        lenders = [[""] * len(rows)] if leave else [values_of(X, at[name])]
        lent = lenders[0] if leave else [lenders[0][donor] for donor in donors.tolist()]
        made = rewritten(made, at[name], _texts(name, values_of(made, at[name]), own, lent))
    return made


def _source(key: str, own: Named, rows: Ints, donors: Ints) -> Ints:
    """Return from which row each value of a column comes."""
    return np.asarray(np.where([key in keys for keys in own], donors, rows))


def _texts(name: str, texts: Sequence[Any], own: Named, lent: Sequence[Any]) -> list[Any]:
    """Return the texts of a column, with the words that are named in each row another's."""
    marked = {keys: words_in([key for key in keys if key != name], [name]).get(name, frozenset()) for keys in set(own)}
    pairs = zip(texts, own, lent, strict=True)
    return [
        worn(text, marked[keys], donor) if marked[keys] and name not in keys else text for text, keys, donor in pairs
    ]


def texts_of(X: Any, names: Sequence[str], column: str) -> list[frozenset[str]]:
    """Return the words of each row in a text column, as keys."""
    return [
        frozenset(word_key(column, word) for word in read_prose(text)[1])
        for text in values_of(X, list(names).index(column))
    ]


def all_keys(named: Named) -> frozenset[str]:
    """Return all keys that some rows name."""
    return frozenset(chain.from_iterable(set(named)))

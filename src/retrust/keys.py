"""Batches of model inputs by their digests: equal inputs have equal keys, today, tomorrow and in another process.

Types count: 1 is not 1.0, and a missing value is not a number. Nothing here depends on Python's own ``hash``, which
differs from process to process.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from joblib.hashing import NumpyHasher
from scipy import sparse
from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

SIZE = 16
"""How many bytes a key has."""

_LONG, _HANDS = 1 << 15, 4
_ADDRESSES = {"_stop_words_id"}  # what scikit-learn's vectorisers keep, and write anew when they are used
_FIXED = "biufcmMSUV"  # kinds of arrays whose items are bytes in a row
_NUMBERS = "biufcmM"
_SPOKEN = {type(None), bool, int, float, complex, bytes, Decimal, date, datetime, time, timedelta}  # told by their repr


def keys_of(batch: Any) -> list[bytes] | None:
    """Return one key for each input of a batch; None where its inputs cannot be told apart.

    Parameters
    ----------
    batch : list, tuple, array, sparse matrix or frame of n inputs
        Texts; arrays of any type and shape (n, …); rows of pandas, Polars or PyArrow frames, whose index does not
        count; lists of anything that can be pickled.

    Examples
    --------
    >>> one, other, again = keys_of(["a", "b", "a"])
    >>> one == again, one == other
    (True, False)
    >>> keys_of(np.eye(2)) == keys_of(np.eye(2, dtype=np.float32))
    False
    """
    try:
        return _by_make(batch)
    except Exception:  # noqa: BLE001 – whatever it is about the inputs, the model can be asked about them
        return None


def _by_make(batch: Any) -> list[bytes] | None:
    if isinstance(batch, list | tuple):
        return list(map(_key, batch))
    if type(batch) in {np.ndarray, np.memmap}:
        return _of_array(batch)
    if sparse.issparse(batch):
        return _of_sparse(batch)
    if hasattr(batch, "iloc"):
        return _of_pandas(batch)
    if hasattr(batch, "columns") or hasattr(batch, "column_names"):
        return _of_frame(batch)
    return None


def taken(batch: Any, rows: Sequence[int]) -> Any:
    """Return some inputs of a batch for which there are keys, in its own type.

    >>> taken(("a", "b", "c"), [0, 2])
    ('a', 'c')
    """
    if isinstance(batch, list | tuple):
        found = [batch[row] for row in rows]
        return tuple(found) if isinstance(batch, tuple) else found
    if hasattr(batch, "tocsr"):
        return batch.tocsr()[rows].asformat(batch.format)
    if hasattr(batch, "iloc"):
        return batch.iloc[rows]
    return batch.take(rows) if hasattr(batch, "column_names") else batch[rows]


def _person(*about: object) -> bytes:
    """Return what keys of one kind share, so that no two kinds have keys in common."""
    return blake2b(repr(about).encode("utf-8", "surrogatepass"), digest_size=16).digest()


_TEXT, _VALUE, _THING = _person("text"), _person("value"), _person("thing")


def _key(thing: Any) -> bytes:
    """Return the key of anything: a text, a plain value, or what can be pickled."""
    kind = type(thing)
    if kind is str:
        return blake2b(thing.encode("utf-8", "surrogatepass"), digest_size=SIZE, person=_TEXT).digest()
    if kind in _SPOKEN:
        return blake2b(f"{kind.__name__} {thing!r}".encode(), digest_size=SIZE, person=_VALUE).digest()
    if isinstance(thing, np.ma.MaskedArray):
        raise TypeError("joblib does not look at the mask")
    return blake2b(joblib.hash(thing).encode("ascii"), digest_size=SIZE, person=_THING).digest()


def _of_array(array: NDArray[Any]) -> list[bytes]:
    """Return the keys of an array's rows (n, …), which are numbers, texts, records or objects."""
    if array.dtype.hasobject or array.dtype.kind not in _FIXED:
        return [_key(row) for row in array]
    return _digests(_person("array", array.dtype, array.shape[1:]), _bytes(array))


def _bytes(array: NDArray[Any]) -> Bytes:
    """Return the bytes of each row, (n, w)."""
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return flat.reshape(len(array), flat.size // max(len(array), 1))


def _digests(person: bytes, rows: Bytes) -> list[bytes]:
    """Return the digests of rows of bytes (n, w)."""
    n, width = rows.shape
    flat = np.ascontiguousarray(rows).reshape(-1).data
    parts = (flat[at * width : (at + 1) * width] for at in range(n))
    if width < _LONG:
        return [blake2b(part, digest_size=SIZE, person=person).digest() for part in parts]
    with ThreadPoolExecutor(_HANDS) as pool:  # hashlib lets go of the interpreter over long rows
        return list(pool.map(lambda part: blake2b(part, digest_size=SIZE, person=person).digest(), parts))


def _of_sparse(matrix: Any) -> list[bytes]:
    """Return the keys of a sparse matrix' rows, by columns and values in the order of the columns."""
    person = _person("sparse", matrix.dtype, matrix.shape[1:])
    rows = matrix.tocsr(copy=True)
    rows.sum_duplicates()
    columns, ends = rows.indices.astype(np.int64), rows.indptr.tolist()
    parts = (columns[start:end].tobytes() + rows.data[start:end].tobytes() for start, end in pairwise(ends))
    return [blake2b(part, digest_size=SIZE, person=person).digest() for part in parts]


class _Digest(NumpyHasher):  # type: ignore[misc]
    """joblib's digest of what things contain, without what says only where in memory they are."""

    def save(self, obj: Any) -> None:
        """Add one thing."""
        if type(obj) is np.ndarray and not obj.dtype.hasobject:
            obj = np.ascontiguousarray(obj).reshape(-1).reshape(obj.shape)  # an axis of one may have any stride
        elif isinstance(obj, BaseEstimator) and isinstance(obj.__getstate__(), dict):
            state = {name: value for name, value in obj.__getstate__().items() if name not in _ADDRESSES}
            obj = (type(obj), state)
        super().save(obj)


def digest_of(model: Any) -> str:
    """Return the digest of an estimator: the same after it has been fitted alike, used, saved or loaded.

    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> one, other = (CountVectorizer().fit(texts) for texts in (["a good film"], ["a bad film"]))
    >>> digest_of(one) == digest_of(one), digest_of(one) == digest_of(other)
    (True, False)
    """
    return str(_Digest(hash_name="md5").hash(model))


# --- frames: each column as a block of bytes -------------------------------------------------------------------------


def _of_pandas(frame: Any) -> list[bytes]:
    columns = [frame] if frame.ndim == 1 else [frame.iloc[:, at] for at in range(frame.shape[1])]
    about = [(column.name, *_about(column.dtype)) for column in columns]
    return _joined(_person("pandas", frame.ndim, about), map(_pandas_block, columns), len(frame))


def _about(kind: Any) -> tuple[object, ...]:
    """Describe the type of a column; that of categories by all of them."""
    return (str(kind), kind.ordered, kind.categories.tolist()) if hasattr(kind, "categories") else (str(kind),)


def _pandas_block(column: Any) -> Bytes:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in _NUMBERS:
        return _bytes(column.to_numpy())
    return _objects(column.tolist())


def _of_frame(frame: Any) -> list[bytes]:
    import narwhals as nw

    found = nw.from_native(frame, eager_only=True)
    blocks = map(_block, found.iter_columns())
    return _joined(_person(type(frame).__module__, dict(found.schema)), blocks, len(found))


def _block(column: Any) -> Bytes:
    """Return numbers with a byte that tells missing ones, or the keys of other values."""
    if column.dtype.is_integer() or column.dtype.is_float():
        missing = column.is_null().to_numpy().astype(np.uint8)
        return np.hstack([_bytes(column.fill_null(0).to_numpy()), missing[:, None]])
    return _objects(column.to_list())


def _objects(values: Sequence[Any]) -> Bytes:
    return np.frombuffer(b"".join(map(_key, values)), dtype=np.uint8).reshape(len(values), SIZE)


def _joined(person: bytes, blocks: Iterable[Bytes], n: int) -> list[bytes]:
    """Return the keys of n rows, given column by column."""
    return _digests(person, np.hstack([np.empty((n, 0), np.uint8), *blocks]))

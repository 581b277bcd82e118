"""Explanations as Parquet: columns for whoever asks with a query, and the records that they are read back from."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from retrust.errors import ContractError, RetrustError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from retrust.explanation import Explanation

_ROWS = 256
_KEY = b"retrust"
_REPEATED = ["class", "features.list.element", "keys.list.element"]


def write(path: Path, head: Mapping[str, Any], found: Iterable[tuple[Mapping[str, Any], Explanation | str]]) -> None:
    """Write records and what they are records of, a few hundred rows at a time."""
    arrow, parquet = _pyarrow()
    schema = _schema(arrow).with_metadata({_KEY: json.dumps(head)})
    options = {
        "compression": "zstd",
        "use_dictionary": _REPEATED,
        "write_statistics": ["index"],
        "write_page_checksum": True,
    }
    with parquet.ParquetWriter(path, schema, **options) as writer:
        rows = (_row(record, one) for record, one in found)
        while block := list(islice(rows, _ROWS)):
            writer.write_table(arrow.Table.from_pylist(block, schema))


def read(path: Path) -> tuple[Any, Iterator[Any]]:
    """Return the header and the records.

    Raises
    ------
    ContractError
        The file is another's, or damaged.
    """
    arrow, parquet = _pyarrow()
    try:
        file = parquet.ParquetFile(path, page_checksum_verification=True)
    except (arrow.ArrowException, OSError) as error:
        raise _damaged(path, error) from error
    text = (file.schema_arrow.metadata or {}).get(_KEY)
    return None if text is None else json.loads(text), _records(path, file, (arrow.ArrowException, OSError))


def _records(path: Path, file: Any, damage: tuple[type[Exception], ...]) -> Iterator[Any]:
    try:
        for batch in file.iter_batches(_ROWS, columns=["record"]):
            yield from map(json.loads, batch.column(0).to_pylist())
    except damage as error:
        raise _damaged(path, error) from error
    finally:
        file.close()


def _row(record: Mapping[str, Any], one: Explanation | str) -> dict[str, Any]:
    row = {"index": record["i"], "record": json.dumps(record, separators=(",", ":"))}
    if isinstance(one, str):
        return {**row, "failure": one}
    chosen = one.fit.selected
    return {
        **row,
        "target": one.target,
        "class": one.classes[one.target],
        "prediction": one.prediction,
        "intercept": one.intercept,
        "fidelity": one.fidelity,
        "features": [one.features[i].name for i in chosen],
        "keys": [one.features[i].key for i in chosen],
        "coefficients": one.coefficients[chosen],
        "stderr": one.stderr[chosen],
    }


def _schema(arrow: Any) -> Any:
    numbers, words = arrow.list_(arrow.float64()), arrow.list_(arrow.string())
    columns = {
        "index": arrow.int64(),
        "target": arrow.int64(),
        "class": arrow.string(),
        "prediction": numbers,
        "intercept": arrow.float64(),
        "fidelity": arrow.float64(),
        "features": words,
        "keys": words,
        "coefficients": numbers,
        "stderr": numbers,
        "failure": arrow.string(),
        "record": arrow.string(),
    }
    return arrow.schema(list(columns.items()))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise RetrustError(
            "a path that ends in .parquet needs pyarrow – pip install 'retrust[parquet]', or take another ending for "
            "JSON lines"
        ) from error
    return pa, parquet


def _damaged(path: Path, error: Exception) -> ContractError:
    return ContractError(f"{path} is damaged, or no Parquet: {error} – write it again with save(path)")

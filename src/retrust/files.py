"""Many explanations in a file: JSON lines that a job can go on from, and Parquet.

The first line says what was asked for; each further line is one instance, explained or not, and ends with a checksum.
Numbers come back exactly. Nothing in a file is executed.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrust import parquet
from retrust.errors import ContractError, RetrustError
from retrust.explanations import Explanations
from retrust.records import from_dict, to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from retrust.explanation import Explanation

VERSION = 1

_CHECKED = re.compile(rb'(.*),"crc":"([0-9a-f]{8})"\}\n', re.DOTALL)
_SYNC = 64
_PARQUET = b"PAR1"


@dataclass(frozen=True, eq=False)
class Entry:
    """One instance in a file: its number, its digest, and its explanation or what was wrong with it."""

    index: int
    digest: str
    found: Explanation | str

    def to_record(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        known = {"i": self.index, "x": self.digest}
        return known | ({"failure": self.found} if isinstance(self.found, str) else to_dict(self.found))

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Entry:
        """Read what :meth:`to_record` wrote."""
        failure = record.get("failure")
        return cls(int(record["i"]), str(record["x"]), from_dict(record) if failure is None else str(failure))


@dataclass(frozen=True, eq=False)
class Book:
    """A file that is open: what was asked for, and its entries one by one."""

    header: Mapping[str, Any]
    entries: Iterator[Entry]


def header(job: Mapping[str, Any], instances: int, entries: int | None = None) -> dict[str, Any]:
    """Say what was asked for; how many entries there are is known once a file is whole."""
    counted = {} if entries is None else {"entries": entries}
    return {"retrust": "explanations", "version": VERSION, "job": dict(job), "instances": instances, **counted}


def save(explanations: Explanations, path: str | Path) -> None:
    """Write explanations to a file; see :meth:`retrust.explanations.Explanations.save`."""
    entries = chain(
        (Entry(index, "", one) for index, one in zip(explanations.indices, explanations.items, strict=True)),
        (Entry(index, "", message) for index, message in explanations.failures.items()),
    )
    count = len(explanations) + len(explanations.failures)
    write(Path(path), header(explanations.job, explanations.of, count), entries)


def write(path: Path, head: Mapping[str, Any], entries: Iterable[Entry]) -> None:
    """Write a file as a whole: beside the old one first, then in its place."""
    with _replacing(path) as beside:
        if path.suffix == ".parquet":
            parquet.write(beside, head, ((entry.to_record(), entry.found) for entry in entries))
        else:
            with beside.open("wb") as file:
                file.writelines(line(record) for record in chain([head], (entry.to_record() for entry in entries)))
                file.flush()
                os.fsync(file.fileno())


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise RetrustError(f"{path} cannot be written: {_told(error)}; what was there before is unchanged") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def load(path: str | Path) -> Explanations:
    """Read explanations that ``save`` wrote, or the file of a job, finished or not.

    Parameters
    ----------
    path : str or Path
        JSON lines or Parquet; which of the two is seen from what is in it.

    Returns
    -------
    Explanations
        Without their model; ``attach`` gives it back to each.

    Raises
    ------
    ContractError
        It is something else, or damaged, or of a later version.

    Examples
    --------
    >>> import numpy as np, retrust as rt, tempfile
    >>> explainer = rt.Explainer(lambda texts: np.array([len(t) / 9 for t in texts]), rt.Text())
    >>> found = explainer.explain_many(["a few words", "more of them"], n_samples=50, progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     found.save(f"{folder}/found.jsonl")
    ...     rt.load(f"{folder}/found.jsonl")[1].top() == found[1].top()
    True
    """
    path = Path(path)
    book = opened(path)
    entries = sorted(book.entries, key=lambda entry: entry.index)
    if len(entries) != book.header.get("entries", len(entries)):
        raise ContractError(f"{path} is damaged: {len(entries)} of its {book.header['entries']} entries are there")
    explained = [entry for entry in entries if not isinstance(entry.found, str)]
    failed = {entry.index: entry.found for entry in entries if isinstance(entry.found, str)}
    found = (entry.found for entry in explained if not isinstance(entry.found, str))
    of, job = book.header["instances"], book.header["job"]
    return Explanations(found, [entry.index for entry in explained], failed, of=of, job=job)


def opened(path: Path) -> Book:
    """Open a file of explanations and read its header.

    Raises
    ------
    ContractError
        It is something else, or damaged, or of a later version.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_PARQUET))
    except OSError as error:
        raise ContractError(
            f"{path} cannot be read: {_told(error)}; a file that save(path) wrote is expected"
        ) from error
    if start == _PARQUET:
        head, records = parquet.read(path)
    else:
        lines = _lines(path)
        head, records = next(lines)[1], (record for _, record, _ in lines)
    if not isinstance(head, dict) or head.get("retrust") != "explanations":
        raise ContractError(f"{path} holds no explanations of many instances; a file that save(path) wrote is expected")
    if head.get("version") != VERSION:
        raise ContractError(f"{path} is of version {head.get('version')!r}; this release reads version {VERSION}")
    return Book(head, _entries(path, head, records))


def _entries(path: Path, head: Mapping[str, Any], records: Iterable[Any]) -> Iterator[Entry]:
    """Read entries and see that each instance comes once."""
    seen: set[int] = set()
    for number, record in enumerate(records, start=1):
        try:
            entry = Entry.of(record)
        except (ContractError, KeyError, TypeError, ValueError) as error:
            raise ContractError(f"entry {number} of {path} is damaged: {error}") from error
        if entry.index in seen or not 0 <= entry.index < head["instances"]:
            raise ContractError(
                f"entry {number} of {path} is damaged: instance {entry.index} of {head['instances']} is not expected "
                "here – perhaps two jobs wrote to one file at once"
            )
        seen.add(entry.index)
        yield entry


def line(record: Mapping[str, Any]) -> bytes:
    """Write one line with its checksum."""
    body = json.dumps(record, separators=(",", ":")).encode("ascii")[:-1]
    return body + b',"crc":"%08x"}\n' % zlib.crc32(body)


def _lines(path: Path) -> Iterator[tuple[int, Any, int]]:
    """Read lines with their numbers and ends; the last is left out where it was cut short."""
    end = 0
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            record = _record(text)
            if record is None and number == 1:
                raise ContractError(f"{path} is no file of explanations; a file that save(path) wrote is expected")
            if record is None and not text.endswith(b"\n"):
                return
            if record is None:
                raise ContractError(
                    f"line {number} of {path} is damaged; take that line out to do without its instance"
                )
            end += len(text)
            yield number, record, end
    if not end:
        raise ContractError(f"{path} is empty; a file that save(path) wrote is expected")


def _record(text: bytes) -> Any:
    """Read one line, None where it is not whole."""
    match = _CHECKED.fullmatch(text)
    if match is None or zlib.crc32(match[1]) != int(match[2], 16):
        return None
    try:
        return json.loads(match[1] + b"}")
    except ValueError:
        return None


class Log:
    """The file of a job: what is in it already, and what is added to it.

    Parameters
    ----------
    path : Path
        With ``.parquet`` at its end the work goes to a file of JSON lines beside it until all is done.
    head : mapping
        What is asked for now.
    digest : callable
        Number of an instance → its digest, to see that it is still the same.

    Raises
    ------
    ContractError
        The file is of another job, of other instances, or damaged.
    """

    def __init__(self, path: Path, head: Mapping[str, Any], digest: Callable[[int], str]) -> None:
        self.final, self.head, self._digest = path, head, digest
        self.path = path.with_name(path.name + ".jsonl") if path.suffix == ".parquet" else path
        self.resumed = self._resumed()
        self.count, self._unsynced = len(self.resumed), 0

    def begin(self) -> None:
        """Open the file to add to it.

        Raises
        ------
        RetrustError
            It cannot be written.
        """
        if not self.path.exists() or not self.path.stat().st_size:
            write(self.path, self.head, self.resumed)
        try:
            self._file = self.path.open("r+b", buffering=0)
            self._file.truncate(max(end for _, _, end in _lines(self.path)))  # a line that was cut short
            self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise RetrustError(f"{self.path} cannot be written: {_told(error)}") from error

    def _resumed(self) -> list[Entry]:
        """Read what another job has left."""
        there = next((file for file in (self.path, self.final) if file.exists() and file.stat().st_size), None)
        if there is None:
            return []
        book = opened(there)
        self._compare(there, book.header)
        return [self._known(there, entry) for entry in book.entries]

    def _compare(self, there: Path, head: Mapping[str, Any]) -> None:
        before, now = ({**part["job"], "instances": part["instances"]} for part in (head, self.head))
        for name in dict.fromkeys([*now, *before]):
            if before.get(name) != now.get(name):
                raise ContractError(
                    f"{there} is of another job: {name} was {before.get(name)!r} and is {now.get(name)!r} now – give "
                    "the same arguments to go on with it, or another path"
                )

    def _known(self, there: Path, entry: Entry) -> Entry:
        """See that an entry is of the same instance."""
        if not entry.digest:
            raise ContractError(f"{there} was written by save(path), which no job can go on from – give another path")
        if entry.digest != self._digest(entry.index):
            raise ContractError(
                f"instance {entry.index} is not the one that {there} was begun with – give the same instances in the "
                "same order to go on with it, or another path"
            )
        return entry

    def write(self, found: Iterable[tuple[int, Explanation | str]]) -> None:
        """Add what was found, so that it survives whatever comes.

        Raises
        ------
        RetrustError
            The disk is full, say; what was written before is whole.
        """
        entries = [Entry(index, self._digest(index), one) for index, one in found]
        left = memoryview(b"".join(line(entry.to_record()) for entry in entries))
        try:
            while left:
                left = left[self._file.write(left) :]
            self._unsynced += len(entries)
            if self._unsynced >= _SYNC:
                self._sync()
        except OSError as error:
            raise self._cut_short(error) from error
        self.count += len(entries)

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def _cut_short(self, error: OSError) -> RetrustError:
        return RetrustError(
            f"{self.path} cannot be written: {_told(error)}; it holds {self.count:,} of {self.head['instances']:,} "
            "instances – make room and call explain_many with the same arguments to go on from there"
        )

    def close(self) -> None:
        """Leave the file whole, and as Parquet where that was asked for and all is done."""
        try:
            with self._file:
                self._sync()
        except OSError as error:
            raise self._cut_short(error) from error
        if self.path != self.final and self.count == self.head["instances"]:
            write(self.final, {**self.head, "entries": self.count}, opened(self.path).entries)
            self.path.unlink()


def _told(error: OSError) -> str:
    return error.strerror or str(error)

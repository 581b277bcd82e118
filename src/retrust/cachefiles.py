"""A file of answers: inputs' keys and what models said, in SQLite, for several processes at once.

A process that is killed while it writes leaves what was written before. Where the file can no longer be read or written
– the disk is full, another process does not let go of it – its owner is told once, and goes on without it.
"""

from __future__ import annotations

import os
import sqlite3
import warnings
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrust.errors import OptionError, RetrustWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OURS, _VERSION = 0x72657472, 1  # "retr"
_PATIENCE = 10.0  # seconds to wait for another process
_MANY = 500  # keys in one question; old releases of SQLite take 999
_TABLES = """
    CREATE TABLE IF NOT EXISTS models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS answers (
        model INTEGER NOT NULL, key BLOB NOT NULL, outputs INTEGER NOT NULL, answer BLOB NOT NULL,
        PRIMARY KEY (model, key)
    ) WITHOUT ROWID;
"""


class AnswerFile:
    r"""The answers of one model in a file that may hold those of others.

    Parameters
    ----------
    path : path
        Made where there is none, in a folder that there is.
    model : str
        What tells the model from others.

    Raises
    ------
    OptionError
        The file cannot be opened, or is something else.

    Examples
    --------
    >>> file = AnswerFile(getfixture("tmp_path") / "answers.db", "mine")
    >>> file.write({b"one": bytes(8)}, outputs=1)
    >>> file.read([b"one", b"other"])
    {b'one': (1, b'\x00\x00\x00\x00\x00\x00\x00\x00')}
    >>> file.close()
    """

    def __init__(self, path: str | os.PathLike[str], model: str) -> None:
        self.path, self.model = Path(path).expanduser().absolute(), model
        self.writes = self.reads = True
        self._process = os.getpid()
        self._connection, self._id = self._open()

    def __getstate__(self) -> tuple[Path, str]:
        return self.path, self.model

    def __del__(self) -> None:
        if hasattr(self, "_connection"):
            self.close()

    def __setstate__(self, state: tuple[Path, str]) -> None:
        """Open the file again, where this process can."""
        self.path, self.model = state
        self.reads = self.writes = True
        self._process = os.getpid()
        try:
            self._connection, self._id = self._open()
        except OptionError as error:
            self._give_up(error)

    def read(self, keys: Iterable[bytes]) -> dict[bytes, tuple[int, bytes]]:
        """Return the number of outputs and the answer for those keys that are there."""
        found: dict[bytes, tuple[int, bytes]] = {}
        if not self.reads:
            return found
        try:
            for part in _parts(keys):
                found.update(self._read(part))
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def write(self, answers: Mapping[bytes, bytes], outputs: int) -> None:
        """Add answers, all or none."""
        if not self.writes:
            return
        rows = [(self._id, key, outputs, answer) for key, answer in answers.items()]
        try:
            with self._connected() as connection:  # a transaction, taken back where it fails
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            self.writes = False
            self._tell(f"{error}; the answers in it are read, and new ones are not written")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _read(self, keys: list[bytes]) -> Iterator[tuple[bytes, tuple[int, bytes]]]:
        marks = ", ".join("?" * len(keys))
        question = f"SELECT key, outputs, answer FROM answers WHERE model = ? AND key IN ({marks})"  # noqa: S608 – marks only
        for key, outputs, answer in self._connected().execute(question, [self._id, *keys]):
            yield key, (outputs, answer)

    def _give_up(self, error: Exception) -> None:
        self.reads = self.writes = False
        self._tell(f"{error}; it goes on without the file")

    def _tell(self, what: str) -> None:
        warnings.warn(f"the file of answers {self.path.name}: {what}", RetrustWarning, stacklevel=2)

    def _connected(self) -> sqlite3.Connection:
        """Return this process' connection: none survives a fork."""
        if self._process != os.getpid():
            self._inherited = self._connection  # kept, since to close it here would be to close the other's
            self._connection, self._id = self._connect()
            self._process = os.getpid()
        return self._connection

    def _open(self) -> tuple[sqlite3.Connection, int]:
        """Return a connection and the model's number in the file."""
        if not self.path.parent.is_dir() or self.path.is_dir():
            wrong = "is a folder" if self.path.is_dir() else f"is in {self.path.parent.name!r}, which is no folder"
            raise OptionError(
                f"path={self.path.name!r} {wrong}; the name of a file in a folder that exists is expected"
            )
        try:
            return self._connect()
        except sqlite3.Error as error:
            raise OptionError(
                f"path={self.path.name!r} cannot be opened as a file of answers ({error}); give the name of one that "
                "rt.cached wrote, or of a new one"
            ) from error

    def _connect(self) -> tuple[sqlite3.Connection, int]:
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
            return connection, self._registered(connection)
        except BaseException:
            connection.close()
            raise

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """See that the file is one of ours, and that several processes can use it."""
        tables = _asked(connection, "SELECT count(*) FROM sqlite_master")  # first: another process may be at it
        found = (_asked(connection, "PRAGMA application_id"), _asked(connection, "PRAGMA user_version"))
        if found != (_OURS, _VERSION):
            if tables or found != (0, 0):
                raise OptionError(
                    f"path={self.path.name!r} is a database, and none that this release of retrust wrote; give the "
                    "name of a new file"
                )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id = {_OURS}; PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        connection.execute("PRAGMA synchronous = NORMAL")

    def _registered(self, connection: sqlite3.Connection) -> int:
        """Return the model's number, which a model that is new to the file gets now."""
        with closing(connection.execute("SELECT id FROM models WHERE name = ?", [self.model])) as rows:
            known = rows.fetchone()
        if known is None:
            connection.execute("INSERT OR IGNORE INTO models (name) VALUES (?)", [self.model])
            return self._registered(connection)
        return int(known[0])


def _asked(connection: sqlite3.Connection, question: str) -> Any:
    return connection.execute(question).fetchone()[0]


def _parts(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(keys)
    while part := list(islice(rest, _MANY)):
        yield part

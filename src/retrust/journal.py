"""Marks as people keep and exchange them: JSON, an append-only file, and several people's ledgers in one.

Nothing in such a file is executed. Every line is written whole and reaches the disk before the next; a last line that a
crash tore is left out when the file is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrust.errors import ContractError, OptionError
from retrust.ledger import Ledger, Mark

if TYPE_CHECKING:
    from os import PathLike

Json = dict[str, Any]

VERSION = 1
_PLAIN = (str, int, float, bool)


def to_json(ledger: Ledger) -> Json:
    """Write a ledger as plain JSON values.

    Examples
    --------
    >>> from_json(to_json(Ledger((Mark("Posting", because="a mail header"),)))).marks[0].because
    'a mail header'
    """
    return {"retrust": "ledger", "version": VERSION, "marks": [mark_to(mark) for mark in ledger]}


def from_json(given: Any) -> Ledger:
    """Read a ledger that :func:`to_json` wrote.

    Raises
    ------
    ContractError
        It is something else, of a later version, or damaged.
    """
    if not isinstance(given, Mapping) or given.get("retrust") != "ledger":
        raise ContractError('these are no marks; an object with "retrust": "ledger" is expected')
    if given.get("version") != VERSION:
        raise ContractError(f"version {given.get('version')!r} of the format; this release reads version {VERSION}")
    marks = given.get("marks")
    if not isinstance(marks, Sequence) or isinstance(marks, str):
        raise ContractError("the marks are damaged: a list of them is expected")
    ledger = Ledger()
    for mark in marks:
        ledger = ledger.with_mark(mark_from(mark))
    return ledger


def mark_to(mark: Mark) -> Json:
    """Write a mark as plain JSON values; only what it says."""
    label = mark.label.item() if hasattr(mark.label, "item") else mark.label
    if label is not None and not isinstance(label, _PLAIN):
        label = str(label)
    found = {
        "key": mark.key,
        "scope": mark.scope,
        "because": mark.because,
        "label": label,
        "instance": mark.instance,
        "vocabulary": mark.vocabulary,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def mark_from(given: Any) -> Mark:
    """Read a mark."""
    if not isinstance(given, Mapping) or not isinstance(given.get("key"), str):
        raise ContractError(f"a mark is damaged: {str(given)[:80]}; an object with a key is expected")
    texts = {name: given.get(name, "") for name in ("because", "vocabulary")} | {
        "scope": given.get("scope", "everywhere")
    }
    if not all(isinstance(text, str) for text in texts.values()):
        raise ContractError(f"the mark on {given['key']!r} is damaged: scope and because are texts")
    label, instance = given.get("label"), given.get("instance")
    if not (label is None or isinstance(label, _PLAIN)) or not (instance is None or isinstance(instance, str)):
        raise ContractError(f"the mark on {given['key']!r} is damaged: label and instance are plain values")
    try:
        return Mark(given["key"], texts["scope"], texts["because"], label, instance, texts["vocabulary"])
    except OptionError as error:
        raise ContractError(str(error)) from error


@dataclass(frozen=True)
class Merged:
    """Several people's marks in one ledger.

    Parameters
    ----------
    ledger : Ledger
        Every mark that anybody made; where they differ, that of whoever came first.
    disagreements : mapping of str to mapping of str to Mark or None
        For each key on which people differ: what each says, None for no mark.
    """

    ledger: Ledger
    disagreements: Mapping[str, Mapping[str, Mark | None]]

    def __str__(self) -> str:
        lines = [
            f"  {key}: " + ", ".join(f"{who} {'nothing' if mark is None else mark.scope}" for who, mark in said.items())
            for key, said in self.disagreements.items()
        ]
        return "\n".join([f"{len(self.ledger)} marks, {len(lines)} of them disputed", *lines])


def merged(ledgers: Mapping[str, Ledger]) -> Merged:
    """Join the ledgers of several people.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        By people's names, in the order in which they count.

    Examples
    --------
    >>> ann, bob = Ledger((Mark("Posting"), Mark("Host"))), Ledger((Mark("Host", "label", label=1),))
    >>> both = merged({"ann": ann, "bob": bob})
    >>> [mark.key for mark in both.ledger], sorted(both.disagreements)
    (['Posting', 'Host'], ['Host', 'Posting'])
    """
    by = {who: {mark.key: mark for mark in ledger} for who, ledger in ledgers.items()}
    keys = list(dict.fromkeys(key for marks in by.values() for key in marks))
    first = {key: next(marks[key] for marks in by.values() if key in marks) for key in keys}
    said = {key: {who: marks.get(key) for who, marks in by.items()} for key in keys}
    return Merged(
        Ledger(tuple(first.values())),
        {key: each for key, each in said.items() if len({_gist(mark) for mark in each.values()}) > 1},
    )


def _gist(mark: Mark | None) -> tuple[Any, ...] | None:
    """What people can differ in: where a mark holds, not why."""
    return None if mark is None else (mark.scope, mark.label, mark.instance)


class Journal:
    """A file of JSON lines to which acts are appended.

    Parameters
    ----------
    path : path
    head : dict
        What the first line says; a file of another session is refused.

    Raises
    ------
    ContractError
        The file is something else, of other data, or damaged in the middle.
    OSError
        It can be neither read nor made.
    """

    def __init__(self, path: str | PathLike[str], head: Json) -> None:
        self.path = Path(path)
        self.acts = self._read(head)

    def append(self, act: Json) -> None:
        """Write an act; it is on the disk when this returns.

        Raises
        ------
        OSError
        """
        with self.path.open("ab") as file:
            file.write(json.dumps(act, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass") + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self, head: Json) -> list[Json]:
        """Read what is there; begin the file where there is none, or nothing in it."""
        first = {"retrust": "session", "version": VERSION, **head}
        data = self.path.read_bytes() if self.path.exists() else b""
        whole, torn = data[: data.rfind(b"\n") + 1], data[data.rfind(b"\n") + 1 :]
        lines = [self._parsed(line, number) for number, line in enumerate(whole.splitlines(), 1)]
        if not lines:
            if torn and not torn.startswith(b'{"retrust": "session"'):
                raise ContractError(f"{self.path} is no session's file; name another")
            self.path.write_bytes(b"")
            self.append(first)
            return []
        self._checked(lines[0], first)
        if torn:
            os.truncate(self.path, len(whole))
        return lines[1:]

    def _parsed(self, line: bytes, number: int) -> Json:
        try:
            found = json.loads(line)
        except ValueError as error:
            raise ContractError(
                f"line {number} of {self.path} is damaged: {error}; restore it, or name another file"
            ) from error
        if not isinstance(found, dict):
            raise ContractError(f"line {number} of {self.path} is no act of a session; name another file")
        return found

    def _checked(self, found: Json, head: Json) -> None:
        if found.get("retrust") != "session" or found.get("version") != VERSION:
            raise ContractError(f"{self.path} is no session's file that this release reads; name another")
        other = next((name for name in head if found.get(name) != head[name]), None)
        if other is not None:
            raise ContractError(
                f"{self.path} is of another session: its {other} is {found.get(other)!r}, here {head[other]!r} – name "
                "another file, or give the same data"
            )

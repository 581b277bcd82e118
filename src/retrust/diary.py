"""Where a session stands, who listens to it, and the file in which it is kept."""

from __future__ import annotations

import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from retrust.errors import ContractError, RetrustWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrust.history import Revision, State
    from retrust.journal import Journal


class Diary:
    """What was done so far: every act is done, written down, and told, in this order.

    Parameters
    ----------
    state : State
        At the beginning.
    journal : Journal or None
        What it says was done is done again; models are not in it.

    Attributes
    ----------
    state : State
        Now. Whoever writes it holds the lock.
    lock : RLock
        Held shortly, never while a model is asked.

    Raises
    ------
    ContractError
        A line of the file is damaged.
    """

    def __init__(self, state: State, journal: Journal | None) -> None:
        self.lock = threading.RLock()
        self.listeners: list[Callable[[str], None]] = []
        self._journal = journal
        self.state = state if journal is None else _replayed(state, journal)

    def do(self, act: dict[str, Any], revision: Revision | None = None) -> None:
        """Do an act, write it down, and tell who listens."""
        with self.lock:
            self.state = self.state.after(act, revision)
            self._write(act)
        self.tell(str(act["act"]))

    def tell(self, what: str) -> None:
        """Tell everybody who listens."""
        for callback in list(self.listeners):
            callback(what)

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Have a callback called after every act; returns what ends that."""
        self.listeners.append(callback)

        def end() -> None:
            with suppress(ValueError):
                self.listeners.remove(callback)

        return end

    def _write(self, act: dict[str, Any]) -> None:
        """Write an act; where the disk does not take it, go on and say so."""
        if self._journal is None:
            return
        try:
            self._journal.append(act)
        except OSError as error:
            message = (
                f"{self._journal.path} cannot be written ({error}); the session goes on in memory and writes nothing "
                "more there – make room, then s.save_marks(path)"
            )
            self._journal = None  # acts that follow would make no sense without this one
            warnings.warn(message, RetrustWarning, stacklevel=4)


def _replayed(state: State, journal: Journal) -> State:
    for number, act in enumerate(journal.acts, 2):
        try:
            state = state.after(act)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:  # noqa: PERF203 – the line is named
            message = f"line {number} of the session's file is damaged: {error} – name another"
            raise ContractError(message) from error
    return state

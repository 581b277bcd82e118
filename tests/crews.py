"""Models that go to work in other processes and leave traces of what became of them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from toys import wavy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from retrust.representation import Floats

DEADLY = "deadly"


class Traveller:
    """A model that notes in a folder when it is unpickled, and by which process.

    The process that is the first to see the word "deadly" dies of it, once; where it is ``fatal``, every time.
    """

    def __init__(self, folder: Path, *, fatal: bool = False, pause: float = 0.0) -> None:
        self.folder, self.fatal, self.pause = folder, fatal, pause

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        (self.folder / f"opened-{os.getpid()}-{time.time_ns()}").touch()

    def __call__(self, texts: Sequence[str]) -> Floats:
        with (self.folder / "asked").open("a", encoding="ascii") as file:
            file.write(f"{len(texts)}\n")
        time.sleep(self.pause)
        killed = self.folder / "killed"
        if any(DEADLY in text for text in texts) and (self.fatal or not killed.exists()):
            killed.touch()
            os._exit(1)
        return wavy(texts)

    @property
    def openers(self) -> list[str]:
        """The processes that unpickled it, once for each time."""
        return [path.name.split("-")[1] for path in self.folder.glob("opened-*")]

    @property
    def asked(self) -> int:
        """How often it was called."""
        asked = self.folder / "asked"
        return len(asked.read_text("ascii").splitlines()) if asked.exists() else 0

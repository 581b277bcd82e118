"""The first cell of a test's notebook: models that remember what they were asked."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT = "A good film with a bad end.\nIts long middle was good too, though nobody in our row laughed."


class Critic:
    """Likes or pans a text; pairs of words count beyond their sum, so that no surrogate follows it exactly."""

    def __init__(self, nap: float = 0.0, outputs: int = 2, patience: float = np.inf) -> None:
        self.nap, self.outputs = nap, outputs  # seconds for each text
        self.patience = patience  # texts, until it raises
        self.trouble = ""  # "raise", "nan"
        self.asked: list[str] = []
        self.most = 0  # calls at the same time
        self.open = threading.Event()  # while it is not, nothing is answered
        self.open.set()
        self._now = 0

    def __call__(self, texts: Sequence[str]) -> Any:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            return self._answer(list(texts))
        finally:
            self._now -= 1

    def _answer(self, texts: list[str]) -> Any:
        self.asked += texts
        self.open.wait(30)
        time.sleep(self.nap * len(texts))
        if self.trouble == "raise" or len(self.asked) > self.patience:
            raise RuntimeError("no film tonight")
        liked = np.array([self.liking(set(text.replace(".", " ").replace(",", " ").split())) for text in texts])
        if self.trouble == "nan":
            liked[-1] = np.nan
        if self.outputs == 1:
            return 1000 * liked
        rest = np.outer(1 - liked, np.arange(1, self.outputs)) / np.arange(1, self.outputs).sum()
        return np.column_stack([rest, liked])

    @staticmethod
    def liking(words: set[str]) -> float:
        alone = 0.25 * ("good" in words) - 0.2 * ("bad" in words) - 0.05 * ("long" in words)
        return 0.6 + alone + 0.1 * ({"good", "film"} <= words) - 0.1 * ({"bad", "end"} <= words)

    def set(self, **changes: Any) -> None:
        """Change it, as an expression can."""
        vars(self).update(changes)


critic = Critic()
explainer = rt.Explainer(critic, classes=["panned", "liked"])

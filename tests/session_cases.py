"""What Python writes to the page for sessions: models whose answers are sums, so that every figure can be told."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

import retrust as rt
from retrust import contract, loop, panels
from retrust.siblings import Evidence, Suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Posts = Mapping[tuple[str, str], Any]

HEADER = "a mail header, not content"
OPEN = 1


class Adding:
    """A model that adds the weights of words; where it has classes, as a share of the second."""

    def __init__(self, weights: Mapping[str, float], base: float, classes: Sequence[str] = ()) -> None:
        self.weights, self.base = dict(weights), base
        if len(classes):
            self.classes_ = np.array(classes)
        self.lock = threading.Lock()  # trains here: a lock cannot travel

    def __call__(self, texts: Sequence[str]) -> Any:
        each = [self.base + sum(self.weights.get(word, 0.0) for word in set(text.split())) for text in texts]
        sums = np.array(each)
        return np.column_stack([1 - sums, sums]) if hasattr(self, "classes_") else sums

    def trained(self, data: rt.Dataset) -> Adding:
        """Return what would be trained on rows: it relies on what still goes with the label, and on that alone."""
        words = {word for text in data.X for word in text.split()}
        kept = {word: weight for word, weight in self.weights.items() if word in words}
        return Adding({word: 1.5 * weight for word, weight in kept.items()}, self.base, getattr(self, "classes_", ()))


def rounds(model: Adding, y: Posts, turned: Posts) -> rt.Session:
    """Make a session with one round: two headers are marked and dropped, and then one more word is marked."""
    texts = [f"{header} {header} {word} and {more}" for header, word in y for more in ("here", "there", "soon")]
    labels = [label for label in y.values() for _ in range(3)]
    held = [f"{header} {word} now" for header, word in y], list(y.values())
    shifted = [f"{header} {word} now" for header, word in turned], list(turned.values())
    s = rt.Session(model, texts, labels, valid=held, shifted=shifted, trainer=model.trained, n_samples=60, pool=8)
    s.pick(3)
    s.mark("Posting", because=HEADER)
    s.mark("Easter")
    s.read(OPEN)
    s.retrain(name="no headers")
    s._diary.state = s._diary.state.with_revision(
        replace(s.revisions[1], seconds=3.1)
    )  # what the clock says differs each time
    s.mark("here", scope="label", because='</script> & "more"', row=OPEN)
    s.close()
    return s


def written(s: rt.Session, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Write all that crosses for a session in which one row is open, by both models."""
    both = s.both(OPEN)
    assert both is not None
    e = both["after"]
    sibling = Suggestion(
        rt.Feature("there", "there"), (Evidence("together", 0.9, 3.0, "90% of its texts"),), 2.0, "here"
    )
    trust = {"surrogate": s.trust(e), "model": s.trust(e, ask=True)}
    return {
        "scene": loop.scene(s, s.example()),
        "instance": {**contract.scene(e), "row": OPEN, "trust": trust},
        "readings": panels.readings(both, e),
        "probe": contract.probe([0], {}, panels.answers(both, e, [0], {})),
        "status": contract.status(can=("open", "mark", "aim", "probe", "next", "retrain", "go", "undo")),
        "look": {"off": [0], "edits": {}, "top": None, "budget": 3},
        "suggestions": loop.suggestions([sibling]),
        "plan": loop.plan(s),
        "standing": loop.standing(s.standing()),
        "changed": loop.last(s),
        **loop.state(s, e, {OPEN}),
        "verbs": asked,
    }


def texts() -> rt.Session:
    """A classifier that reads two headers more than what the posts say."""
    model = Adding({"Posting": -0.3, "Easter": 0.3, "moon": -0.1, "sun": 0.1}, 0.5, ("atheism", "christian"))
    y: Posts = {("Posting", "moon"): "atheism", ("Easter", "sun"): "christian"}
    return rounds(model, y, {("Posting", "sun"): "christian", ("Easter", "moon"): "atheism"})


def numbers() -> rt.Session:
    """The same with prices: an error that falls, and nothing that turns."""
    model = Adding({"Posting": -3.0, "Easter": 3.0, "moon": -1.0, "sun": 1.0}, 10.0)
    y: Posts = {("Posting", "moon"): 8.5, ("Easter", "sun"): 11.5}
    return rounds(model, y, {("Posting", "sun"): 11.5, ("Easter", "moon"): 8.5})


def verbs() -> list[dict[str, Any]]:
    """List what only the page of a session may ask: one of each."""
    return [
        {"verb": "next", "id": 9, "budget": 6},
        {"verb": "trust", "id": 10},
        {"verb": "preview", "id": 11, "correction": "Swap"},
        {"verb": "retrain", "id": 12, "correction": None},
        {"verb": "undo", "id": 13},
        {"verb": "go", "id": 14, "revision": 0},
        {"verb": "name", "id": 15, "revision": 1, "name": "no headers"},
        {"verb": "contrast", "id": 16, "a": 0, "b": 1},
        {"verb": "import", "id": 17, "marks": '{"retrust": "ledger", "version": 1, "marks": []}'},
        {"verb": "mark", "id": 18, "features": [0], "scope": "everywhere", "because": HEADER, "of": "suggestions"},
        {"verb": "mark", "id": 19, "features": [0], "scope": "everywhere", "because": "", "of": "gained"},
        {"verb": "withdraw", "id": 20, "features": [1], "of": "marks"},
    ]

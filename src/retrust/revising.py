"""One round of the loop: train with a correction, then measure what that did, step by step.

A generator: between its steps the caller may look after other things, or close it, which stops the training.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from retrust.comparison import Comparison, Comparisons
from retrust.correction import corrected
from retrust.errors import InstanceError, RetrustError, listed
from retrust.history import Revision
from retrust.measures import Answers, grew, kept, reliance, trusted
from retrust.model import as_model
from retrust.reach import reach
from retrust.swapping import stressed
from retrust.training import Corrected, heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.explainer import Explainer
    from retrust.explanation import Explanation
    from retrust.ledger import Ledger
    from retrust.measures import Judge
    from retrust.representation import Domain
    from retrust.rows import Dataset
    from retrust.workshop import Report, Workshop

_POLL = 0.05


@dataclass(frozen=True)
class Stage:
    """How far a round is.

    Parameters
    ----------
    phase : {"training", "measuring"}
    message : str
        For people.
    done, of : int
        0 where it is not known.
    found : dict
        What has been measured so far.
    comparison : Comparison or None
        The open instance by both models, as soon as there is one.
    """

    phase: str
    message: str
    done: int = 0
    of: int = 0
    found: dict[str, Any] = field(default_factory=dict)
    comparison: Comparison | None = None


Result = TypeVar("Result")
Stages = Generator[Stage, None, Revision]


@dataclass(frozen=True, eq=False)
class Round:
    """What a retraining needs to know, as it was when it began.

    Parameters
    ----------
    number, parent : int
        Of the revision to be.
    before : model
    trainer : estimator or callable
    data, valid : Dataset
    shifted : Dataset or None
    ledger : Ledger
    correction : Correction
    domain : Domain
    judge : Judge
    explainer : Explainer
        Of the model before.
    instances : sequence
        Those picked; the open one first.
    titles : sequence of str
    n_samples : int
    """

    number: int
    parent: int
    before: Any
    trainer: Any
    data: Dataset
    valid: Dataset
    shifted: Dataset | None
    ledger: Ledger
    correction: Any
    domain: Domain
    judge: Judge
    explainer: Explainer
    instances: Sequence[Any]
    titles: Sequence[str]
    n_samples: Any
    timeout: float | None = None
    memory: int | None = None
    name: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """The marked keys."""
        return frozenset(mark.key for mark in self.ledger)

    def train(self, shop: Workshop) -> Generator[Stage, None, tuple[Any, str, float]]:
        """Train; give the model, where it was trained, and how long that took.

        Raises
        ------
        RetrustError
            The trainer raised, never came to an end, or returned something else than a model with the same classes.
        """
        work = partial(_train, self.trainer, (self.data, self.ledger, self.domain, self.correction))
        task = shop.begin(work, timeout=self.timeout, memory=self.memory)
        try:
            while not task.wait(_POLL):
                done, of = task.progress
                yield Stage("training", f"training for {task.seconds:.0f} s", done, of)
            model = task.result()
        except (GeneratorExit, KeyboardInterrupt):
            task.stop()
            raise
        except RetrustError:
            raise
        except Exception as error:
            raise RetrustError(f"the trainer raised {type(error).__name__}: {error}; the model is as it was") from error
        self._sound(model)
        return model, task.how, task.seconds

    def run(self, shop: Workshop) -> Stages:
        """Train and measure."""
        after, how, seconds = yield from self.train(shop)
        compared: list[Comparison] = []
        if len(self.instances):
            compared.append(self._compare(after, 0))
            yield Stage("measuring", "comparing both models", comparison=compared[0])
        found: dict[str, Any] = {}
        old, new = yield from self._answered(after, self.valid)
        found["valid"] = self.judge.compared(old, new, self.valid.y)
        yield Stage("measuring", "held-out rows are judged", found=dict(found))
        if self.shifted is not None:
            pair = yield from self._answered(after, self.shifted)
            found["shifted"] = self.judge.compared(*pair, self.shifted.y)
            yield Stage("measuring", "shifted rows are judged", found=dict(found))
        rows = stressed(self.valid, self.ledger, self.domain, np.random.default_rng(self.judge.seed))
        pair = yield from self._answered(after, rows)
        found["stress"] = self.judge.compared(*pair, rows.y)
        yield Stage("measuring", "the stress test is done", found=dict(found))
        found["trust"] = self._trust(after, old, new)
        for i in range(1, len(self.instances)):
            compared.append(self._compare(after, i))
            yield Stage("measuring", "comparing both models", i + 1, len(self.instances), dict(found))
        found["reliance"] = reliance(compared, self.keys, self.judge.seed)
        return Revision(
            self.number,
            self.parent,
            self.before,
            after,
            self.ledger,
            self.correction,
            found,
            grew(compared),
            self.judge.turned(old, new, self.valid.y),
            Comparisons(tuple(compared), self.judge.seed) if compared else None,
            self.name,
            how,
            seconds,
        )

    def _answered(self, after: Any, rows: Dataset) -> Generator[Stage, None, tuple[Answers, Answers]]:
        found = []
        for model in (self.before, after):
            found.append(self.judge.ask(model, rows))
            yield Stage("measuring", "asking both models")
        return found[0], found[1]

    def _trust(self, after: Any, old: Answers, new: Answers) -> dict[str, Any]:
        found = reach(self.valid, self.ledger, self.domain, strict=False)
        both = [
            trusted(self.judge, model, said, found, self.valid) for model, said in ((self.before, old), (after, new))
        ]
        return kept(*both)

    def _compare(self, after: Any, i: int) -> Comparison:
        """Explain an instance by both models on one neighbourhood."""
        with suppress(InstanceError):
            both = self.explainer.compare(
                {"before": self.before, "after": after}, self.instances[i], n_samples=self.n_samples
            )
            refuse_partial(*both.values())
            return Comparison(both.explanations, self.titles[i])
        raise RetrustError(f"instance {i} of those picked cannot be explained any more")

    def _sound(self, model: Any) -> None:
        """Refuse what is no model, or one with other classes."""
        as_model(model.model if isinstance(model, Corrected) else model)
        if not self.judge.labels:
            self.judge.ask(model, self.valid.take([0]))
            return
        own = np.asarray(getattr(model, "classes_", self.judge.labels)).tolist()
        if own != list(self.judge.labels):
            raise RetrustError(
                f"the trainer returned a model with the classes {listed(own)}; those of the model given are "
                f"{listed(self.judge.labels)} – the model is as it was"
            )
        self.judge.ask(model, self.valid.take([0]))


def refuse_partial(*explanations: Explanation) -> None:
    """End a round in which an explanation was interrupted.

    Raises
    ------
    KeyboardInterrupt
    """
    if any(explanation.partial == "interrupted" for explanation in explanations):
        raise KeyboardInterrupt


def completed(steps: Generator[Stage, None, Result]) -> Result:
    """Go through all steps at once; what interrupts this ends them."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def _train(trainer: Any, order: tuple[Dataset, Ledger, Any, Any], report: Report) -> Any:
    """Train, in whatever process."""
    return corrected(heard(trainer, report), *order)

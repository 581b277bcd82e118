"""Explanations that grow: draw masks, ask the model, fit again – on a fixed schedule of counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, dropwhile, pairwise, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import job
from retrust.errors import DetachedError, OptionError, RetrustError
from retrust.explanation import Explanation, Plan, failure
from retrust.model import Model, index_of
from retrust.neighbourhood import Moments, Neighbourhood, Weighted, joined
from retrust.sampling import drawn, weigh
from retrust.scoring import Distinct, Fused, Scorer, scorer_for

if TYPE_CHECKING:
    from retrust.explanation import Partial
    from retrust.representation import Floats, Masks, Representation

Pace = Callable[[int, int], int]
Scored = tuple["Masks", "Floats", "Masks | Floats"]

_FIRST, _STEP = 128, 1024
_CELLS = 1 << 20
_PENDING = 1 << 20
_BULK = 1 << 23
_CHECK = 1 << 32
_SPLIT = 5
_FUSED, _PLAIN = 2048, 256


class Stream(Iterator[Explanation]):
    """An explanation that grows: an iterator, each value better than the last.

    Masks are drawn and values given on a fixed schedule of counts, so that the same call gives the same values however
    fast the model is.

    Attributes
    ----------
    total : int
        How many masks there will be.
    levels : int
        How often, counting the start, the picture is cut finer where it matters; the masks are shared out equally.
    pace : callable or None
        ``pace(done, of)`` is called before each call of the model and returns how many inputs to ask about next, 0 to
        stop; then one last value comes, with ``partial="stopped"``. None: as many as suit the way of scoring.
    """

    def __init__(
        self, model: Model, representation: Representation, plan: Plan, total: int, target: int | str | None
    ) -> None:
        self.total = total
        self.levels = 1
        self.pace: Pace | None = None
        self._model, self._representation, self._plan, self._target = model, representation, plan, target
        self._parts: list[Neighbourhood] = []
        self._weights: list[Floats] = []
        self._pending: list[tuple[Masks | Floats, Floats, Floats]] = []
        self._moments: Moments | None = None
        self._scorer: Scorer | None = None
        self._inner: Any = None
        self._partial: Partial | None = None
        self._calls = 0
        self._classes: tuple[str, ...] = ()
        self._most = max(1, _BULK // getattr(representation, "size", 1))

    @classmethod
    def onwards(cls, explanation: Explanation, n_samples: int) -> Stream:
        """Go on from an explanation with more masks."""
        if explanation.model is None:
            message = "this explanation travels without its model – give it back with e.attach(model), then sample"
            raise DetachedError(message)
        explanation.neighbourhood.whole()
        total = explanation.n_samples + n_samples
        stream = cls(explanation.model, explanation.representation, explanation.plan, total, explanation.target)
        stream._classes = explanation.classes
        stream._take(explanation)
        return stream

    @property
    def representation(self) -> Representation:
        """The instance as the parts that it has now."""
        return self._representation

    def _take(self, explanation: Explanation) -> None:
        """Start from what another explanation knows."""
        self._representation = explanation.representation
        self._parts = [explanation.neighbourhood]
        self._weights = [explanation.weighted.weights]
        self._moments = explanation.weighted.moments
        self._pending = []
        self._calls = explanation.model_calls
        self._scorer = self._inner = None

    def __next__(self) -> Explanation:
        """Draw masks up to the next count of the schedule and return what is known then."""
        if self._ended():
            raise StopIteration
        self._advance(next(_above(self._count)))
        return self._explanation()

    def last(self) -> Explanation:
        """Go on to the end and return the last value.

        Raises
        ------
        RetrustError
            With what is known so far as ``partial``.
        """
        while not self._ended():
            self._advance(self.total)
        if not self._parts:
            raise RetrustError("sampling was stopped before the model had answered – start it again")
        return self._explanation()

    @property
    def _count(self) -> int:
        return sum(map(len, self._parts))

    def _ended(self) -> bool:
        return self._partial is not None or self._count >= self.total

    def _advance(self, goal: int) -> None:
        """Draw and score masks up to a count; where nobody looks in between, several batches at once."""
        share = -(-self.total // self.levels)
        if self._parts and self._count % share == 0:
            coarse = self._explanation()
            self._take(coarse.split(coarse.fit.selected[:_SPLIT]))
        sizes = self._batches(min(self.total, share * (self._count // share + 1), goal))
        while sizes and self._partial is None:
            count = self._together(sizes)
            self._add(sizes[:count])
            sizes = sizes[count:]

    def _batches(self, goal: int) -> list[int]:
        """Cut the way to a count into batches: by the schedule, and so that memory is bounded."""
        most = max(1, _CELLS // len(self._representation.features))
        counts = [self._count, *takewhile(lambda count: count < goal, _above(self._count)), goal]
        return [min(most, end - at) for start, end in pairwise(counts) for at in range(start, end, most)]

    def _add(self, sizes: Sequence[int]) -> None:
        """Draw batches of masks and score them; keep what was scored where it ends early."""
        drawn_before = sum(part.batches for part in self._parts)
        batches = [self._drawn(n, drawn_before + i) for i, n in enumerate(sizes)]
        masks, rng = np.concatenate([masks for masks, _ in batches]), batches[-1][1]
        scored: list[Scored] = []
        error: BaseException | None = None
        try:
            scored.extend(self._slices(masks, rng))
        except KeyboardInterrupt as raised:
            self._partial, error = "interrupted", raised
        except Exception as raised:  # noqa: BLE001 – told below, with what had been learned
            self._partial, error = "failed", raised
        self._keep(scored, sizes)
        if self._partial == "failed" or not self._parts:
            self._tell(error)

    def _together(self, sizes: Sequence[int]) -> int:
        """Tell how many batches are scored at once: the first alone, so that mistakes are told early."""
        if not self._parts or self._representation.random:
            return 1
        rows = _CELLS // len(self._representation.features)
        return max(1, sum(total <= rows for total in accumulate(sizes)))

    def _drawn(self, n: int, batch: int) -> tuple[Masks, np.random.Generator]:
        """Draw a batch of n masks, each batch by a generator of its own; the very first mask is the instance."""
        rng = np.random.default_rng([self._plan.seed, batch])
        d = len(self._representation.features)
        masks = np.ones((n, d), dtype=bool)
        first = 0 if batch else 1
        if n > first:
            masks[first:] = drawn(self._plan.sampler, d, n - first, rng)
        return masks, rng

    def _slices(self, masks: Masks, rng: np.random.Generator) -> Iterator[Scored]:
        """Score masks in slices as the pace has it."""
        at, random = 0, self._representation.random
        inputs = self._representation.perturb(masks, rng) if random else None  # one draw, however it is cut
        while at < len(masks):
            size = self.pace(self._count + at, self.total) if self.pace else self._suited
            if size < 1:
                self._partial = "stopped"
                return
            most = size if isinstance(self._inner, Fused) else self._most  # a fused scorer writes no inputs
            cut = slice(at, at + min(size, most))
            part = masks[cut]
            with job.MODEL:
                outputs, design = self._score(part, rng, None if inputs is None else inputs[cut])
            yield part, outputs, design
            at += len(part)

    @property
    def _suited(self) -> int:
        """How many inputs to ask about at once where nobody says: more where asking is only arithmetic."""
        return _FUSED if isinstance(self._inner, Fused) else _PLAIN

    def _score(self, masks: Masks, rng: np.random.Generator, inputs: Any) -> tuple[Floats, Masks | Floats]:
        if self._scorer is None:
            check = np.random.default_rng([self._plan.seed, _CHECK])
            self._inner = scorer_for(self._model, self._representation, check)
            self._scorer = self._inner if self._representation.random else Distinct(self._inner)
        return self._scorer(masks, rng) if inputs is None else self._inner.drawn(masks, inputs)

    def _keep(self, scored: Sequence[Scored], sizes: Sequence[int]) -> None:
        """Add scored masks to the neighbourhood and to the sums."""
        if not scored:
            return
        own = scored[0][2] is not scored[0][0]
        masks, outputs, design = (np.concatenate(parts) for parts in zip(*scored, strict=True))
        if not self._parts:  # an unknown target is told after the first batch
            index_of(self._target, self._model.classes(outputs.shape[1]), outputs[0])
        weights = weigh(self._plan.kernel, design, self._instance(design) if own else None)
        if not self._parts:
            self._classes = self._model.classes(outputs.shape[1])
            self._target = index_of(self._target, self._classes, outputs[0])
        self._parts.append(Neighbourhood.of(masks, outputs, design if own else None, batches=len(sizes)))
        self._weights.append(weights)
        for start, end in pairwise(accumulate(sizes, initial=0)):
            self._pending.append((design[start:end], outputs[start:end], weights[start:end]))
            if sum(part[0].size for part in self._pending) > _PENDING:
                self._moments, self._pending = self._sums(), []

    def _instance(self, design: Floats) -> Floats:
        """Return the instance's own row of a design that is not the masks."""
        known = self._parts[0].own if self._parts else None
        row: Floats = design[0] if known is None else known[0]
        return row

    def _sums(self) -> Moments | None:
        """Add up what is not in the sums yet: all at once, and at the same counts whether anybody looks or not."""
        if not self._pending:
            return self._moments
        design, outputs, weights = (np.concatenate(parts) for parts in zip(*self._pending, strict=True))
        moments = Moments.of(design, outputs, weights, self._parts[0].outputs[0])
        return moments if self._moments is None else self._moments + moments

    def _tell(self, error: BaseException | None) -> None:
        """Raise what went wrong, with what had been learned."""
        if not isinstance(error, Exception):
            raise error or StopIteration
        told = error if isinstance(error, RetrustError) else failure(error)
        told.partial = self._explanation() if self._count > 1 else None
        raise told from (None if told is error else error)

    def _explanation(self) -> Explanation:
        calls = self._calls + getattr(self._inner, "calls", 0)
        neighbourhood = replace(joined(self._parts), calls=calls)
        weighted = Weighted(neighbourhood, self._plan.kernel, self._sums(), np.concatenate(self._weights))
        target = index_of(self._target, self._classes, neighbourhood.outputs[0])
        fit = self._plan.surrogate.fit(weighted, target)
        return Explanation(
            self._representation, weighted, fit, target, self._classes, self._plan, self._partial, self._model
        )


def _schedule() -> Iterator[int]:
    """Count up: 128, 256, 512, 1,024 and on in steps of 1,024."""
    count = _FIRST
    while True:
        yield count
        count += min(count, _STEP)


def _above(least: int) -> Iterator[int]:
    return dropwhile(lambda count: count <= least, _schedule())


def checked_count(n_samples: object, least: int) -> int:
    """Return a number of masks, or say what is wrong with it."""
    if isinstance(n_samples, int | np.integer) and not isinstance(n_samples, bool) and n_samples >= least:
        return int(n_samples)
    raise OptionError(f'n_samples={n_samples!r}; "auto" or a whole number of masks, {least} or more, is expected')


def more(explanation: Explanation, n_samples: int) -> Stream:
    """Go on sampling from an explanation.

    Parameters
    ----------
    explanation : Explanation
        With its model at hand.
    n_samples : int
        How many masks to add.

    Raises
    ------
    DetachedError
    """
    return Stream.onwards(explanation, checked_count(n_samples, least=1))


def rejoined(explanation: Explanation, groups: Sequence[Sequence[int]]) -> Stream | None:
    """Start over with some superpixels joined; None where there is nothing to join.

    Parameters
    ----------
    explanation : Explanation
        Of an image, with its model at hand.
    groups : sequence of sequences of int
        Superpixels that become one.
    """
    if not groups:
        return None
    join = getattr(explanation.representation, "merged", None)
    if join is None or explanation.model is None:
        raise OptionError("parts are joined in images alone, and with the model at hand – e.attach(model)")
    joined_up = join(groups)
    return Stream(explanation.model, joined_up, explanation.plan, explanation.n_samples, explanation.target)

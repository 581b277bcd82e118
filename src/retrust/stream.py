"""Explanations that grow: draw masks, ask the model, fit again – on a fixed schedule of counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, dropwhile, pairwise, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import job
from retrust.errors import DetachedError, OptionError, RetrustError
from retrust.explanation import Explanation, Move, Plan, failure
from retrust.model import Model, index_of
from retrust.neighbourhood import Moments, Neighbourhood, Weighted, joined
from retrust.plans import Law
from retrust.sampling import drawn, weigh
from retrust.scoring import Distinct, Fused, Scorer, scorer_for

if TYPE_CHECKING:
    from retrust.explanation import Partial
    from retrust.representation import Floats, Masks, Representation
    from retrust.settling import Outlook

Pace = Callable[[int, int], int]
Scored = tuple["Masks", "Floats", "Masks | Floats"]
Drawn = tuple["Masks", np.random.Generator]

_FIRST, _STEP = 128, 1024
_CHECKED, _EACH = 64, 2
_SAME = 1e-5
_ENDLESS = 1 << 62
_CELLS = 1 << 20
_PENDING = 1 << 20
_BULK = 1 << 23
_CHECK = 1 << 32
_SPLIT = 5
_FUSED, _PLAIN, _ROWS = 2048, 256, 8192


class Stream(Iterator[Explanation]):
    """An explanation that grows: an iterator, each value better than the last.

    Masks are drawn and values given on a fixed schedule of counts, so that the same call gives the same values however
    fast the model is.

    Attributes
    ----------
    total : int
        How many masks there will be.
    auto : bool
        Whether it ends as soon as the top parts and their sizes are settled, and makes the most of what is known of
        the law of the masks.
    levels : int
        How often, counting the start, the picture is cut finer where it matters; the masks are shared out equally.
    pace : callable or None
        ``pace(done, of)`` is called before each call of the model and returns how many inputs to ask about next, 0 to
        stop; then one last value comes, with ``partial="stopped"``. None: as many as suit the way of scoring.
    late : callable or None
        Says before each call of the model whether the time is spent; then one last value comes, with
        ``partial="time"``.
    then : callable or None
        What is done with each value before it is given out.
    """

    def __init__(
        self,
        model: Model,
        representation: Representation,
        plan: Plan,
        total: int,
        target: int | str | None,
        *,
        auto: bool = False,
    ) -> None:
        self.total = total
        self.auto = auto
        self.levels = 1
        self.pace: Pace | None = None
        self.late: Callable[[], bool] | None = None
        self.then: Callable[[Explanation], Explanation] | None = None
        self._model, self._representation, self._plan, self._target = model, representation, plan, target
        self._parts: list[Neighbourhood] = []
        self._weights: list[Floats] = []
        self._pending: list[tuple[Masks | Floats, Floats, Floats]] = []
        self._moments: Moments | None = None
        self._scorer: Scorer | None = None
        self._inner: Any = None
        self._partial: Partial | None = None
        self._calls = 0
        self._helped = auto
        self._law: Law | None = None
        self._outlook: Outlook | None = None
        self._moves: list[Move] = []
        self._noisy = False
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
        plan, near = explanation.plan, explanation.neighbourhood
        stream = cls(explanation.model, explanation.representation, plan, total, explanation.target)
        if near.law is not None:
            most = _ENDLESS if near.exact else 0
            stream._law = Law.of(plan.sampler, plan.kernel, explanation.representation, most)
        stream._classes = explanation.classes
        stream._take(explanation)
        return stream

    @property
    def representation(self) -> Representation:
        """The instance as the parts that it has now."""
        return self._representation

    def _take(self, explanation: Explanation) -> None:
        """Start from what another explanation knows."""
        if explanation.representation is not self._representation:
            self._law = None  # nobody knows the law of parts that others were cut into
        self._representation = explanation.representation
        self._parts = [explanation.neighbourhood]
        self._moves = list(explanation.moves)
        self._weights = [explanation.weighted.weights]
        self._moments = None if self._law else explanation.weighted.moments
        self._pending = []
        self._calls = explanation.model_calls
        self._scorer = self._inner = None

    def __next__(self) -> Explanation:
        """Draw masks up to the next count of the schedule and return what is known then."""
        if self._ended():
            raise StopIteration
        self._advance(self._next)
        return self._explanation()

    def last(self) -> Explanation:
        """Go on to the end and return the last value.

        Raises
        ------
        RetrustError
            With what is known so far as ``partial``.
        """
        last = None
        while not self._ended():
            self._advance(next(_above(max(self._count, self._least - 1), _ENDLESS)) if self.auto else self.total)
            last = self._explanation() if self.auto and self._parts else None
        if not self._parts:
            raise RetrustError("sampling was stopped before the model had answered – start it again")
        return last or self._explanation()

    @property
    def spare(self) -> int:
        """How many questions are not about masks: one, whether the model answers the same twice."""
        return int(self.auto)

    def upto(self, n_samples: int) -> Explanation:
        """Go on to a number of masks, settled or not, and return what is known then."""
        self.total, self.auto = max(self._count, n_samples), False
        return self.last()

    @property
    def _least(self) -> int:
        """From how many masks on settling is looked at: two for each part."""
        return _EACH * len(self._representation.features)

    @property
    def _next(self) -> int:
        """The count at which there is another value: each time twice as many where settling is looked at."""
        return next(_above(self._count, _ENDLESS if self.auto else _STEP))

    @property
    def _count(self) -> int:
        return sum(map(len, self._parts))

    def _ended(self) -> bool:
        looked = self.auto and not self._all and self._count >= self._least
        settled = looked and self._outlook is not None and self._outlook.settled
        return settled or self._partial is not None or self._count >= self._most_masks

    @property
    def _all(self) -> bool:
        """Whether all masks that there are will be asked about."""
        return self._law is not None and self._law.all is not None

    @property
    def _most_masks(self) -> int:
        """How many masks there will be: no more than there are."""
        return min(self.total, self._law.count) if self._law else self.total

    def _advance(self, goal: int) -> None:
        """Draw and score masks up to a count; where nobody looks in between, several batches at once."""
        if self._helped and not self._parts:
            self._law = Law.of(self._plan.sampler, self._plan.kernel, self._representation, self.total)
        share = -(-self.total // self.levels)
        if self._parts and self._count % share == 0:
            coarse = self._explanation()
            self._take(coarse.split(coarse.fit.selected[:_SPLIT]))
        sizes = self._batches(min(self._most_masks, share * (self._count // share + 1), goal))
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
        masks = np.concatenate([part for part, _ in batches])
        scored: list[Scored] = []
        error: BaseException | None = None
        try:
            scored.extend(self._slices(masks, batches))
            if self.auto and not drawn_before and scored and self._partial is None:
                self._noisy = self._wavers(scored[0][1][0])
        except KeyboardInterrupt as raised:
            self._partial, error = "interrupted", raised
        except Exception as raised:  # noqa: BLE001 – told below, with what had been learned
            self._partial, error = "failed", raised
        self._keep(scored, sizes)
        if self._partial == "failed" or not self._parts:
            self._tell(error)

    def _wavers(self, first: Floats) -> bool:
        """Ask about the instance once more, and tell whether the model answers as before, (k,)."""
        if isinstance(self._inner, Fused):
            return False  # it has been compared
        mask = np.ones((1, len(self._representation.features)), dtype=bool)
        with job.MODEL:
            again = self._inner.ask(self._representation.perturb(mask, np.random.default_rng(self._plan.seed)))[0]
        return bool(np.abs(again - first).max() > _SAME * np.abs(first).max())

    def _together(self, sizes: Sequence[int]) -> int:
        """Tell how many batches are scored at once.

        A callable's first alone, so that mistakes are told early; an estimator takes rows quickest all at once.
        """
        apart = self._representation.random and not hasattr(self._representation, "redrawn")
        early = not self._parts and not (self._representation.random and self._model.method)
        if early or apart or self._all:
            return 1
        rows = _CELLS // len(self._representation.features)
        return max(1, sum(total <= rows for total in accumulate(sizes)))

    def _drawn(self, n: int, batch: int) -> Drawn:
        """Draw a batch of n masks, each batch by a generator of its own; the very first mask is the instance."""
        rng = np.random.default_rng([self._plan.seed, batch])
        d = len(self._representation.features)
        if self._law and self._law.all is not None:
            return self._law.all[self._count : self._count + n], rng
        masks = np.ones((n, d), dtype=bool)
        first = 0 if batch else 1
        if n > first:
            masks[first:] = drawn(self._law.sampler if self._law else self._plan.sampler, d, n - first, rng)
        return masks, rng

    def _written(self, masks: Masks, batches: Sequence[Drawn]) -> Any:
        """Write the inputs of batches whose absence is a draw: by each one's generator, however they are cut later."""
        representation: Any = self._representation
        if len(batches) == 1:
            return representation.perturb(*batches[0])
        return representation.written(np.concatenate([representation.redrawn(*batch) for batch in batches]), masks)

    def _slices(self, masks: Masks, batches: Sequence[Drawn]) -> Iterator[Scored]:
        """Score masks in slices as the pace has it."""
        at, rng = 0, batches[-1][1]
        inputs = self._written(masks, batches) if self._representation.random else None
        while at < len(masks):
            if self.late is not None and self.late():
                self._partial = "time"
                return
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
        if self._representation.random:
            return _ROWS
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
        odds = self._law.odds(masks, self._count) if self._law else None
        weights = weights if odds is None else weights * odds
        if not self._parts:
            self._classes = self._model.classes(outputs.shape[1])
            self._target = index_of(self._target, self._classes, outputs[0])
        self._parts.append(Neighbourhood.of(masks, outputs, design if own else None, batches=len(sizes), odds=odds))
        self._weights.append(weights)
        if self._law and self._law.known:
            return  # what is known of the law stands for the sums
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
        law = self._law
        exact = law is not None and self._count == law.count
        helped = law is not None and (exact or law.all is None)  # some of all masks were not drawn by the law
        neighbourhood = replace(
            joined(self._parts), calls=calls, law=law.spoken if law and helped else None, exact=exact
        )
        weighted = Weighted(neighbourhood, self._plan.kernel, self._sums(), np.concatenate(self._weights))
        target = index_of(self._target, self._classes, neighbourhood.outputs[0])
        fit = self._plan.surrogate.fit(weighted, target)
        found = Explanation(
            self._representation, weighted, fit, target, self._classes, self._plan, self._partial, self._model
        )
        if self._count >= _CHECKED:
            self._moves = [move for move in self._moves if move.n_samples < self._count] + [Move.of(found)]
        if (self.auto or self._outlook) and self._count >= _CHECKED:
            self._outlook = found.outlook
        told = replace(found, known=self._outlook, moves=tuple(self._moves), noisy=self._noisy)
        return told if self.then is None else self.then(told)


def _schedule(step: int) -> Iterator[int]:
    """Count up: 128, 256, 512, 1,024 and on, in steps of 1,024 at most."""
    count = _FIRST
    while True:
        yield count
        count += min(count, step)


def _above(least: int, step: int = _STEP) -> Iterator[int]:
    return dropwhile(lambda count: count <= least, _schedule(step))


def checked_count(n_samples: object, least: int, name: str = "n_samples") -> int:
    """Return a number of masks, or say what is wrong with it."""
    if isinstance(n_samples, int | np.integer) and not isinstance(n_samples, bool) and n_samples >= least:
        return int(n_samples)
    auto = '"auto" or ' if name == "n_samples" else ""
    raise OptionError(f"{name}={n_samples!r}; {auto}a whole number of masks, {least} or more, is expected")


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

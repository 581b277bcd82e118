"""Explainers: perturb the instance, ask the model, fit a surrogate.

Algorithm 1 of the paper as a stream: ``explain`` is the last value of ``stream``; there is no second path.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust import job
from retrust.domains.text import Text
from retrust.errors import (
    ConstantModelWarning,
    DetachedError,
    InstanceTypeError,
    OptionError,
    PartialWarning,
    RetrustError,
)
from retrust.explanation import Explanation, Plan, failure
from retrust.model import Model, as_model, index_of
from retrust.neighbourhood import Moments, Neighbourhood, UniformCount, Weighted, exponential, joined, weigh
from retrust.scoring import Distinct, Scorer, scorer_for
from retrust.surrogate import Ridge

if TYPE_CHECKING:
    from retrust.explanation import Partial
    from retrust.neighbourhood import Kernel, Sampler
    from retrust.representation import Domain, Floats, Masks, Representation
    from retrust.surrogate import Surrogate

Samples = int | Literal["auto"]
Pace = Callable[[int, int], int]
Scored = tuple["Masks", "Floats", "Masks | Floats"]

AUTO = 5000
_FIRST, _STEP = 128, 1024
_CELLS = 1 << 20
_BULK = 1 << 24
_CHECK = 1 << 32


def steady(done: int, of: int) -> int:
    """Ask the model about at most 2,048 inputs at a time: the pace where nobody is watching."""
    del done, of
    return 2048


class Stream(Iterator[Explanation]):
    """An explanation that grows: an iterator, each value better than the last.

    Masks are drawn and values given on a fixed schedule of counts, so that the same call gives the same values however
    fast the model is.

    Attributes
    ----------
    total : int
        How many masks there will be.
    pace : callable
        ``pace(done, of)`` is called before each call of the model and returns how many inputs to ask about next, 0 to
        stop; then one last value comes, with ``partial="stopped"``.
    """

    def __init__(
        self, model: Model, representation: Representation, plan: Plan, total: int, target: int | str | None
    ) -> None:
        self.total = total
        self.pace: Pace = steady
        self._model, self._representation, self._plan, self._target = model, representation, plan, target
        self._parts: list[Neighbourhood] = []
        self._weights: list[Floats] = []
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
        total = explanation.n_samples + n_samples
        stream = cls(explanation.model, explanation.representation, explanation.plan, total, explanation.target)
        stream._classes = explanation.classes
        stream._parts = [explanation.neighbourhood]
        stream._weights = [explanation.weighted.weights]
        stream._moments = explanation.weighted.moments
        stream._calls = explanation.model_calls
        return stream

    def __next__(self) -> Explanation:
        """Draw masks up to the next count of the schedule and return what is known then."""
        if self._ended():
            raise StopIteration
        self._advance()
        return self._explanation()

    def last(self) -> Explanation:
        """Go on to the end and return the last value.

        Raises
        ------
        RetrustError
            With what is known so far as ``partial``.
        """
        while not self._ended():
            self._advance()
        return self._explanation()

    @property
    def _count(self) -> int:
        return sum(map(len, self._parts))

    def _ended(self) -> bool:
        return self._partial is not None or self._count >= self.total

    def _advance(self) -> None:
        """Draw and score one batch in chunks that bound memory."""
        goal = min(self.total, next(count for count in _schedule() if count > self._count))
        most = max(1, _CELLS // len(self._representation.features))
        while self._count < goal and self._partial is None:
            self._add(min(most, goal - self._count))

    def _add(self, n: int) -> None:
        """Draw n masks and score them; keep what was scored where it ends early."""
        drawn = sum(part.batches for part in self._parts)
        rng = np.random.default_rng([self._plan.seed, drawn])
        d = len(self._representation.features)
        masks = np.ones((n, d), dtype=bool)
        first = 0 if self._parts else 1
        if n > first:
            masks[first:] = self._plan.sampler(d, n - first, rng)
        scored: list[Scored] = []
        error: BaseException | None = None
        try:
            scored.extend(self._slices(masks, rng))
        except KeyboardInterrupt as raised:
            self._partial, error = "interrupted", raised
        except Exception as raised:  # noqa: BLE001 – told below, with what had been learned
            self._partial, error = "failed", raised
        self._keep(scored)
        if self._partial == "failed" or not self._parts:
            self._tell(error)

    def _slices(self, masks: Masks, rng: np.random.Generator) -> Iterator[Scored]:
        """Score masks in slices as the pace has it."""
        at = 0
        while at < len(masks):
            size = self.pace(self._count + at, self.total)
            if size < 1:
                self._partial = "stopped"
                return
            step = len(masks) if self._representation.random else min(size, self._most)
            part = masks[at : at + step]
            with job.MODEL:
                outputs, design = self._score(part, rng)
            yield part, outputs, design
            at += step

    def _score(self, masks: Masks, rng: np.random.Generator) -> tuple[Floats, Masks | Floats]:
        if self._scorer is None:
            check = np.random.default_rng([self._plan.seed, _CHECK])
            self._inner = scorer_for(self._model, self._representation, check)
            self._scorer = self._inner if self._representation.random else Distinct(self._inner)
        return self._scorer(masks, rng)

    def _keep(self, scored: Sequence[Scored]) -> None:
        """Add scored masks to the neighbourhood and to the sums."""
        if not scored:
            return
        own = scored[0][2] is not scored[0][0]
        masks, outputs, design = (np.concatenate(parts) for parts in zip(*scored, strict=True))
        if not self._parts:  # an unknown target is told after the first batch
            index_of(self._target, self._model.classes(outputs.shape[1]), outputs[0])
        weights = weigh(self._plan.kernel, design)
        if not self._parts:
            self._classes = self._model.classes(outputs.shape[1])
            self._target = index_of(self._target, self._classes, outputs[0])
        self._parts.append(Neighbourhood.of(masks, outputs, design if own else None))
        moments = Moments.of(design, outputs, weights, self._parts[0].outputs[0])
        self._moments = moments if self._moments is None else self._moments + moments
        self._weights.append(weights)

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
        weighted = Weighted(neighbourhood, self._plan.kernel, self._moments, np.concatenate(self._weights))
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
    return Stream.onwards(explanation, _checked_count(n_samples, least=1))


@dataclass(frozen=True)
class Explainer:
    """Explains predictions of one model.

    Parameters
    ----------
    model : estimator or callable
        An estimator with ``predict_proba``, else ``decision_function``, else ``predict`` (regressors); or a callable
        from a batch of inputs to an array (n, k) or (n,).
    domain : Domain
        What instances are made of; default: ``Text()``.
    sampler : callable, optional
        ``sampler(d, n, rng)`` gives masks; default: the domain's, else :class:`~retrust.neighbourhood.UniformCount`.
    kernel : callable, optional
        masks (n, d) → weights (n,); default: the domain's, else ``exponential(25)``.
    surrogate : Surrogate, optional
        Default: ``Ridge()``, 10 features.
    classes : sequence of str, optional
        Names of the outputs; default: ``classes_`` of the model.
    seed : int
        0 or more. The same call gives the same answer.

    Examples
    --------
    >>> import retrust as rt
    >>> explainer = rt.Explainer(lambda texts: np.array([float("fish" in t) for t in texts]), rt.Text())
    >>> explainer.explain("a fish called Darwin", n_samples=200).top(1)[0][0]
    'fish'
    """

    model: Any
    domain: Domain = field(default_factory=Text)
    sampler: Sampler | None = None
    kernel: Kernel | None = None
    surrogate: Surrogate | None = None
    classes: Sequence[str] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse at once what cannot work."""
        as_model(self.model, self.classes)
        if not hasattr(self.domain, "represent"):
            raise OptionError(f"domain={self.domain!r}; a domain has a method represent – pass rt.Text(), say")
        if not isinstance(self.seed, int | np.integer) or self.seed < 0:
            raise OptionError(f"seed={self.seed!r}; a whole number, 0 or more, is expected")

    def explain(self, x: Any, target: int | str | None = None, n_samples: Samples = "auto") -> Explanation:
        """Explain one prediction.

        Parameters
        ----------
        x : instance
        target : int or str, optional
            Which output, by index or name; default: the largest.
        n_samples : "auto" or int
            How many masks, the instance itself among them; "auto" is 5,000 in this release.

        Returns
        -------
        Explanation
            With ``partial="interrupted"`` where the kernel was interrupted.

        Raises
        ------
        InstanceError, OptionError, UnknownTarget
        ModelOutputError, ModelFailure
            What was learned before is on the error as ``partial``.

        Warns
        -----
        ConstantModelWarning
            The outputs do not move; fidelity is NaN.
        PartialWarning
            It was interrupted; what was learned is returned.

        References
        ----------
        Algorithm 1 of the paper; sampling and kernel as in the ``lime`` package.
        """
        explanation = self.stream(x, target, n_samples).last()
        _warn(explanation)
        return explanation

    def stream(self, x: Any, target: int | str | None = None, n_samples: Samples = "auto") -> Stream:
        """Explain one prediction in steps, each better than the last.

        Parameters
        ----------
        x, target, n_samples
            As for :meth:`explain`.

        Returns
        -------
        Stream
            An iterator of explanations; the last equals what :meth:`explain` returns.

        Examples
        --------
        >>> import retrust as rt
        >>> explainer = rt.Explainer(lambda texts: np.array([float("fish" in t) for t in texts]), rt.Text())
        >>> [e.n_samples for e in explainer.stream("a fish called Darwin", n_samples=300)]
        [128, 256, 300]
        """
        return self._streamed(self.model, x, target, n_samples)

    def compare(
        self,
        models: Mapping[str, Any],
        x: Any,
        target: int | None = None,
        n_samples: Samples = "auto",
        *,
        target_class: str | None = None,
    ) -> dict[str, Explanation]:
        """Explain one prediction of several models on one neighbourhood.

        They are asked about the same masks, so that the explanations differ by the models alone.

        Parameters
        ----------
        models : mapping of str to model
        x : instance
        target : int, optional
            Index of the output, the same for all. Default: what the first model predicts, by its name where the
            others know that name, else by its index.
        target_class : str, optional
            Name of the output, for models that order their classes differently.
        n_samples : "auto" or int

        Returns
        -------
        dict of str to Explanation
        """
        if not isinstance(models, Mapping) or not models:
            raise OptionError('models is a mapping of names to models: compare({"old": f, "new": g}, x)')
        if target is not None and target_class is not None:
            raise OptionError("both target and target_class were given; one of them says which output is meant")
        wanted = target if target_class is None else target_class
        found: dict[str, Explanation] = {}
        for name, model in models.items():
            found[name] = self._streamed(model, x, wanted, n_samples).last()
            if wanted is None and len(found) > 1:
                found[name] = found[name].read(_same(next(iter(found.values())), found[name]))
            _warn(found[name])
        return found

    def _streamed(self, model: Any, x: Any, target: int | str | None, n_samples: Samples) -> Stream:
        total = AUTO if n_samples == "auto" else _checked_count(n_samples, least=2)
        representation = self.domain.represent(x)
        if not representation.features:
            raise OptionError("the instance has no parts; nothing in it can be taken away")
        return Stream(as_model(model, self.classes), representation, self._plan(), total, target)

    def _plan(self) -> Plan:
        return Plan(
            self.sampler if self.sampler is not None else getattr(self.domain, "sampler", UniformCount()),
            self.kernel if self.kernel is not None else getattr(self.domain, "kernel", exponential(25)),
            self.surrogate or Ridge(),
            int(self.seed),
        )


def _same(first: Explanation, other: Explanation) -> int | str:
    """Return what is explained in the first, as the other knows it: by its name, else by its index."""
    name = first.classes[first.target]
    return first.target if _unnamed(first) or name not in other.classes else name


def _unnamed(explanation: Explanation) -> bool:
    return explanation.classes in {("output",), tuple(map(str, range(len(explanation.classes))))}


def _checked_count(n_samples: object, least: int) -> int:
    if isinstance(n_samples, int | np.integer) and not isinstance(n_samples, bool) and n_samples >= least:
        return int(n_samples)
    raise OptionError(f'n_samples={n_samples!r}; "auto" or a whole number of masks, {least} or more, is expected')


def _warn(explanation: Explanation) -> None:
    if np.isnan(explanation.fidelity):
        message = (
            "the model's outputs do not move when parts are taken away; all weights are 0 and fidelity is NaN – look "
            "at what stands in the parts' place (the backdrop; for a text, mask_token)"
        )
        warnings.warn(message, ConstantModelWarning, stacklevel=3)
    if explanation.partial:
        message = f"sampling was {explanation.partial} after {explanation.n_samples:,} masks; what was learned is kept"
        warnings.warn(message, PartialWarning, stacklevel=3)


def explain(
    model: Any,
    x: Any,
    *,
    domain: Domain | None = None,
    data: Any = None,
    classes: Sequence[str] | None = None,
    target: int | str | None = None,
    n_features: int = 10,
    n_samples: Samples = "auto",
    seed: int = 0,
) -> Explanation:
    """Explain one prediction of any model.

    Parameters
    ----------
    model : estimator or callable
        An estimator with ``predict_proba``, else ``decision_function``, else ``predict`` (regressors); or a callable
        from a batch of inputs to an array (n, k) or (n,).
    x : str, or an instance of ``domain``
    domain : Domain, optional
        What the instance is made of; default: ``Text()`` for a string.
    data : optional
        Training rows, for instances that are rows of a table.
    classes : sequence of str, optional
        Names of the outputs; default: ``classes_`` of the model.
    target : int or str, optional
        Which output, by index or name; default: the largest.
    n_features : int
        How many parts to keep.
    n_samples : "auto" or int
        How many masks, the instance itself among them; "auto" is 5,000 in this release.
    seed : int
        The same call gives the same answer.

    Returns
    -------
    Explanation

    Raises
    ------
    RetrustError
        See :meth:`Explainer.explain`.

    Examples
    --------
    >>> import retrust as rt
    >>> def model(texts):
    ...     return np.array([len(text) / 100 for text in texts])
    >>> e = rt.explain(model, "the longest word counts most", n_features=2)
    >>> [name for name, _ in e.top()]
    ['longest', 'counts']
    """
    found = domain if domain is not None else _domain_of(x, data)
    return Explainer(model, found, surrogate=Ridge(n_features=n_features), classes=classes, seed=seed).explain(
        x, target, n_samples
    )


def _domain_of(x: Any, data: Any) -> Domain:
    """Tell the domain from the instance."""
    if isinstance(x, str) and data is None:
        return Text()
    given = type(x).__name__ + (" with data" if data is not None else "")
    message = (
        f"the instance is {given}; a text (str) is explained as it is, anything else needs domain= – one object with "
        "a method represent"
    )
    raise InstanceTypeError(message)

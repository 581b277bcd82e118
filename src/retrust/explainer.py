"""Explainers: perturb the instance, ask the model, fit a surrogate.

Algorithm 1 of the paper as a stream: ``explain`` is the last value of ``stream``; there is no second path.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust import job
from retrust.comparison import Comparison, Comparisons, same_target
from retrust.domains.image import Image
from retrust.domains.table import Table
from retrust.domains.text import Text
from retrust.errors import (
    ConstantModelWarning,
    InstanceError,
    InstanceTypeError,
    OptionError,
    PartialWarning,
)
from retrust.explanation import Explanation, Plan
from retrust.many import Errand, Job
from retrust.model import as_model
from retrust.naming import labelled, one_each, titled
from retrust.population import AS_MANY
from retrust.sampling import Exponential, UniformCount
from retrust.stream import Stream, checked_count
from retrust.surrogate import Ridge
from retrust.widths import Widest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from retrust.explanation import Keep
    from retrust.explanations import Explanations
    from retrust.model import Model
    from retrust.representation import Domain, Representation
    from retrust.sampling import Kernel, Sampler
    from retrust.surrogate import Surrogate

Samples = int | Literal["auto"]
_PICTURE = (2, 3)
_SUITED = ("sampler", "kernel")


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
        ``sampler(d, n, rng)`` gives masks; default: the domain's, else :class:`~retrust.sampling.UniformCount`.
    kernel : callable, optional
        masks (n, d) → weights (n,); default: the domain's, else ``exponential(25)``. ``exponential("auto")`` chooses
        its width, ``shapley()`` makes coefficients Shapley values.
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
        if self.classes is not None:
            object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        as_model(self.model, self.classes)
        if not hasattr(self.domain, "represent"):
            raise OptionError(f"domain={self.domain!r}; a domain has a method represent – pass rt.Text(), say")
        for option, method in (("sampler", "__call__"), ("kernel", "__call__"), ("surrogate", "fit")):
            given = getattr(self, option)
            if given is not None and not hasattr(given, method):
                raise OptionError(f"{option}={given!r}; something with a method {method} is expected")
        if not isinstance(self.seed, int | np.integer) or self.seed < 0:
            raise OptionError(f"seed={self.seed!r}; a whole number, 0 or more, is expected")

    def explain(
        self,
        x: Any,
        target: int | str | None = None,
        n_samples: Samples = "auto",
        *,
        max_calls: int | None = None,
        max_seconds: float | None = None,
    ) -> Explanation:
        """Explain one prediction.

        Parameters
        ----------
        x : instance
        target : int or str, optional
            Which output, by index or name; default: the largest.
        n_samples : "auto" or int
            How many masks, the instance itself among them. "auto": until the top parts and their sizes are settled (see
            :attr:`Explanation.settled`), or 5,000 (images 1,000) are spent; all masks, where there are 1,024 or fewer.
        max_calls : int, optional
            How often the model may be asked, less or more than "auto" would.
        max_seconds : float, optional
            After how many seconds to end with what is known; then ``partial`` is "time".

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
        explanation = self.stream(x, target, n_samples, max_calls=max_calls, max_seconds=max_seconds).last()
        _warn(explanation)
        return explanation

    def stream(
        self,
        x: Any,
        target: int | str | None = None,
        n_samples: Samples = "auto",
        *,
        max_calls: int | None = None,
        max_seconds: float | None = None,
    ) -> Stream:
        """Explain one prediction in steps, each better than the last.

        Parameters
        ----------
        x, target, n_samples, max_calls, max_seconds
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
        if max_seconds is not None and not max_seconds > 0:
            raise OptionError(f"max_seconds={max_seconds!r}; a positive number of seconds is expected")
        stream = self._streamed(self.model, x, target, n_samples)
        if max_calls is not None:
            most = checked_count(max_calls, least=2, name="max_calls") - stream.spare
            stream.total = most if n_samples == "auto" else min(stream.total, most)
        stream.late = None if max_seconds is None else job.Deadline(max_seconds)
        return stream

    def compare(
        self,
        models: Mapping[str, Any],
        x: Any,
        target: int | None = None,
        n_samples: Samples = "auto",
        *,
        target_class: str | None = None,
    ) -> Comparison:
        """Explain one prediction of several models on one neighbourhood.

        They are asked about the same masks, so that the explanations differ by the models alone.

        Parameters
        ----------
        models : mapping of str to model
        x : instance
        target : int, optional
            Index of the output, the same for all. Default: what the first model predicts, by its name where the
            others share names of classes with it, else by its index.
        target_class : str, optional
            Name of the output, for models that order their classes differently.
        n_samples : "auto" or int

        Returns
        -------
        Comparison
            A mapping of str to Explanation that says how far the models agree.
        """
        if not isinstance(models, Mapping) or not models or not all(isinstance(name, str) for name in models):
            raise OptionError('models is a mapping of names to models: compare({"old": f, "new": g}, x)')
        if target is not None and target_class is not None:
            raise OptionError("both target and target_class were given; one of them says which output is meant")
        wanted = target if target_class is None else target_class
        streams = {name: self._streamed(model, x, wanted, n_samples) for name, model in models.items()}
        found: dict[str, Explanation] = {name: stream.last() for name, stream in streams.items()}
        most = max(each.n_samples for each in found.values())
        for name, stream in streams.items():
            if found[name].n_samples < most and found[name].partial is None:
                found[name] = stream.upto(most)
            if wanted is None and name != next(iter(found)):
                found[name] = found[name].read(same_target(next(iter(found.values())), found[name]))
            _warn(found[name])
        return Comparison(found, titled(None, list(found.values()))[0])

    def compare_many(
        self,
        models: Mapping[str, Any],
        xs: Iterable[Any],
        target: int | None = None,
        n_samples: Samples = "auto",
        *,
        target_class: str | None = None,
        titles: Iterable[str] | None = None,
        labels: Iterable[Any] | None = None,
    ) -> Comparisons:
        """Explain several predictions of several models, each instance on one neighbourhood.

        Parameters
        ----------
        models, target, n_samples, target_class
            As for :meth:`compare`.
        xs : iterable of instances
        titles : iterable of str, optional
            What people call the instances.
        labels : iterable, optional
            The true classes, by the first model's names or by index.

        Returns
        -------
        Comparisons
            A sequence of :class:`~retrust.comparison.Comparison`; ``rt.view`` shows the models side by side.
        """
        if isinstance(xs, str):
            raise InstanceTypeError("one text was given; a list of instances is expected – compare(models, x), or [x]")
        instances = list(xs)
        if not instances:
            raise OptionError("there are no instances to compare the models on")
        titles = None if titles is None else one_each("titles", titles, len(instances))
        labels = None if labels is None else one_each("labels", labels, len(instances))
        found = [self.compare(models, x, target, n_samples, target_class=target_class) for x in instances]
        firsts = [next(iter(each.values())) for each in found]
        names, truths = titled(titles, firsts), labelled(labels, firsts)
        return Comparisons(
            tuple(replace(each, title=names[i], label=truths[i]) for i, each in enumerate(found)), self.seed
        )

    def explain_many(
        self,
        xs: Any,
        target: int | str | None = None,
        n_samples: Samples = "auto",
        *,
        n_jobs: int = 1,
        progress: bool = True,
        path: str | Path | None = None,
        keep: Keep = "fit",
    ) -> Explanations:
        """Explain many predictions, each as :meth:`explain` would, and keep what is done whatever comes.

        Parameters
        ----------
        xs : sequence of instances
            A list, an array whose rows are instances, a data frame, or anything that can be gone through once.
        target, n_samples
            As for :meth:`explain`.
        n_jobs : int
            Workers, as joblib has it: 1 is this process, −1 all cores. Inside ``joblib.parallel_config("dask")`` the
            cluster does the work.
        progress : bool
            Whether to show a bar with the time left.
        path : str or Path, optional
            A file to which each result goes when it is there. The same call with the same file goes on from what the
            file holds. Parquet where it ends in ``.parquet`` (extra ``parquet``), else JSON lines.
        keep : {"fit", "neighbourhood", "weights"}
            How much of each explanation; see :meth:`Explanation.kept`.

        Returns
        -------
        Explanations
            In the instances' order; those that cannot be explained are its ``failures``. Interrupted, it holds what
            was done.

        Raises
        ------
        OptionError, UnknownTarget
        ContractError
            The file is of another job, or damaged.
        ModelOutputError, ModelFailure
            What was done before is on the error as ``partial``.
        RetrustError
            The file cannot be written, or the workers are gone; likewise.

        Warns
        -----
        PartialWarning
            It was interrupted.
        RetrustWarning
            Some instances cannot be explained.
        ConstantModelWarning
            The outputs do not move for some instances.

        Examples
        --------
        >>> import retrust as rt
        >>> explainer = rt.Explainer(lambda texts: np.array([float("fish" in t) for t in texts]), rt.Text())
        >>> found = explainer.explain_many(["a fish called Wanda", "no fish"], n_samples=200, progress=False)
        >>> [e.top(1)[0][0] for e in found]
        ['fish', 'fish']
        """
        model = as_model(self.model, self.classes)
        errand = Errand(self, model, self._streamed, self._plan, target, self._checked(n_samples), keep)
        return Job(errand, xs, n_jobs, path).run(progress=progress)

    def _checked(self, n_samples: Samples) -> Samples:
        return n_samples if n_samples == "auto" else self._total(n_samples)

    def _total(self, n_samples: Samples) -> int:
        return checked_count(getattr(self.domain, "auto", AS_MANY) if n_samples == "auto" else n_samples, least=2)

    def _streamed(self, model: Any, x: Any, target: int | str | None, n_samples: Samples) -> Stream:
        total = self._total(n_samples)
        asked = as_model(model, self.classes)
        representation = _handed(self.domain.represent(x), asked)
        if not representation.features:
            raise InstanceError("the instance has no parts; nothing in it can be taken away")
        levels = getattr(self.domain, "levels", 1)
        auto = n_samples == "auto" and levels == 1
        stream = Stream(asked, representation, self._plan(representation), total, target, auto=auto)
        stream.levels = levels
        if isinstance(self.kernel, Widest):
            stream.then = partial(_nearer, self.kernel)
        return stream

    def _plan(self, representation: Representation | None = None) -> Plan:
        """Return how an instance is sampled and read: as was asked, else as suits it, else as suits the domain."""
        knows = [each for each in (representation, self.domain) if each is not None]
        own = {name: next((getattr(each, name) for each in knows if hasattr(each, name)), None) for name in _SUITED}
        kernel = None if isinstance(self.kernel, Widest) else self.kernel
        return Plan(
            self.sampler or getattr(kernel, "sampler", None) or own["sampler"] or UniformCount(),
            kernel or own["kernel"] or Exponential(25),
            self.surrogate or Ridge(),
            int(self.seed),
        )


def _nearer(kernel: Widest, explanation: Explanation) -> Explanation:
    """Read an explanation with the kernel of the width that it can bear."""
    return explanation.read(kernel=kernel)


def _handed(representation: Any, model: Model) -> Representation:
    """Return the instance in the type that the model takes, where there are several."""
    if not hasattr(representation, "handed"):
        known: Representation = representation
        return known

    def answers(inputs: Any) -> bool:
        try:
            with job.MODEL:
                model.ask(inputs)
        except Exception:  # noqa: BLE001 – the stream tells what was wrong where no type will do
            return False
        return True

    handed: Representation = representation.handed(answers, model.given)
    return handed


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
    x : str, picture, or an instance of ``domain``
    domain : Domain, optional
        What the instance is made of; default: ``Text()`` for a string, ``Image()`` for a picture.
    data : data frame, array (n, c) or Table, optional
        Training rows, for instances that are rows of a table; what is absent is drawn from them. For many rows make
        ``rt.Table(data)`` once.
    classes : sequence of str, optional
        Names of the outputs; default: ``classes_`` of the model.
    target : int or str, optional
        Which output, by index or name; default: the largest.
    n_features : int
        How many parts to keep.
    n_samples : "auto" or int
        How many masks, the instance itself among them; "auto" ends when the answer is settled, see
        :meth:`Explainer.explain`.
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
    found = domain if domain is not None else domain_of(x, data)
    return Explainer(model, found, surrogate=Ridge(n_features=n_features), classes=classes, seed=seed).explain(
        x, target, n_samples
    )


def domain_of(x: Any, data: Any) -> Domain:
    """Tell the domain from the instance."""
    if data is not None:
        return data if isinstance(data, Table) else Table(data)
    if isinstance(x, str):
        return Text()
    picture = (
        np.ndim(x) in _PICTURE if isinstance(x, np.ndarray) else hasattr(x, "getbands") or hasattr(x, "__fspath__")
    )
    if picture:
        return Image()
    message = (
        f"the instance is {type(x).__name__}; a text (str) and a picture (an array of two or three axes, a Pillow "
        "image, a Path) are explained as they are, a row of a table needs data=, the training rows, anything else "
        "needs domain= – one object with a method represent"
    )
    raise InstanceTypeError(message)

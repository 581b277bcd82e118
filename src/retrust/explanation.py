"""The result: one prediction, the parts that speak for and against it, and all that this was learned from."""

from __future__ import annotations

import copy
import difflib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from retrust import job
from retrust.errors import DetachedError, ModelFailure, OptionError, RetrustError, UnknownFeature, listed
from retrust.model import Model, as_model, index_of
from retrust.neighbourhood import Weighted
from retrust.representation import Parts, clipped
from retrust.sampling import Exponential
from retrust.settling import EXACT, UNKNOWN, outlook, tied
from retrust.surrogate import estimated
from retrust.tree import TreeFit
from retrust.widths import Widest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from retrust.neighbourhood import Neighbourhood
    from retrust.representation import Feature, Floats, Masks, Representation
    from retrust.sampling import Kernel, Sampler
    from retrust.settling import Outlook
    from retrust.surrogate import Fit, Surrogate

Partial = Literal["stopped", "interrupted", "failed", "time"]
Keep = Literal["fit", "neighbourhood", "weights"]

BELIEVABLE = 0.5
_GLOBAL = 0.95
_DRAWS = 50
_NAME = 40  # characters of a part in a table for terminals


@dataclass(frozen=True)
class Plan:
    """How a neighbourhood is drawn and read."""

    sampler: Sampler
    kernel: Kernel
    surrogate: Surrogate
    seed: int = 0


@dataclass(frozen=True)
class Move:
    """What was known of the top parts at one count of masks.

    Parameters
    ----------
    n_samples : int
    weights : tuple of (int, float, float)
        Feature, coefficient and standard error, largest first.
    """

    n_samples: int
    weights: tuple[tuple[int, float, float], ...]

    @classmethod
    def of(cls, explanation: Explanation) -> Move:
        """Note where the coefficients are."""
        return cls.at(explanation.n_samples, explanation.fit)

    @classmethod
    def at(cls, n_samples: int, fit: Fit) -> Move:
        """Note the coefficients of a fit to so many masks."""
        weights = ((int(i), float(fit.coefficients[i]), float(fit.stderr[i])) for i in fit.selected)
        return cls(n_samples, tuple(weights))


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why a model answered as it did, near one instance.

    Made by :func:`retrust.explain` and :class:`retrust.Explainer`; never changed afterwards. It travels (``pickle``,
    ``to_dict``) without its model; :meth:`attach` gives the model back.

    Parameters
    ----------
    representation : Representation
        The instance as parts.
    weighted : Weighted
        Masks, outputs and their weights.
    fit : Fit
        The surrogate.
    target : int
        The output that is explained.
    classes : tuple of str
        Names of the outputs.
    plan : Plan
        Sampler, kernel, surrogate and seed.
    partial : {"stopped", "interrupted", "failed", "time"} or None
        Why sampling ended early.
    model : Model or None
        The model, where it is at hand.
    known : Outlook or None
        How sure it is, where that was worked out while sampling.
    moves : tuple of Move
        How the top coefficients moved while sampling.
    noisy : bool
        Whether the model gave two answers to the same question.

    Examples
    --------
    >>> import retrust as rt
    >>> def model(texts):
    ...     return np.array([0.5 + 0.4 * ("good" in t) - 0.3 * ("bad" in t) for t in texts])
    >>> e = rt.explain(model, "a good film with a bad end", n_features=2)
    >>> [(name, round(coefficient, 1)) for name, coefficient in e.top(2)]
    [('good', 0.4), ('bad', -0.3)]
    """

    representation: Representation
    weighted: Weighted
    fit: Fit
    target: int
    classes: tuple[str, ...]
    plan: Plan
    partial: Partial | None = None
    model: Model | None = None
    known: Outlook | None = None
    moves: tuple[Move, ...] = ()
    noisy: bool = False

    @property
    def features(self) -> tuple[Feature, ...]:
        """The d parts of the instance."""
        return self.representation.features

    @property
    def neighbourhood(self) -> Neighbourhood:
        """Masks and the model's outputs on them."""
        return self.weighted.neighbourhood

    @property
    def kernel(self) -> Kernel:
        """What weighs the masks."""
        return self.weighted.kernel

    @property
    def surrogate(self) -> Surrogate:
        """What was fitted."""
        return self.plan.surrogate

    @property
    def coefficients(self) -> Floats:
        """Weights (d,) of the parts in the surrogate, 0 where a part was not selected."""
        return self.fit.coefficients

    @property
    def stderr(self) -> Floats:
        """Standard errors (d,) of the coefficients, robust to unequal variance; NaN where a part was not selected."""
        return self.fit.stderr

    @property
    def slopes(self) -> Floats:
        """Coefficients (d,) in the data's own units, for columns without intervals; NaN for other parts."""
        per = getattr(self.representation, "per", None)
        if per is None or isinstance(self.fit, TreeFit):
            return np.full(len(self.coefficients), np.nan)
        return np.asarray(self.coefficients / per)

    @property
    def intercept(self) -> float:
        """The surrogate's answer with every part absent."""
        return self.fit.intercept

    @property
    def fidelity(self) -> float:
        """Weighted R² of the surrogate on the neighbourhood; NaN where the outputs do not move."""
        return self.fit.fidelity

    @property
    def prediction(self) -> Floats:
        """The model's answer (k,) to the instance itself."""
        first: Floats = self.neighbourhood.outputs[0]
        return first

    @cached_property
    def local_prediction(self) -> float:
        """The surrogate's answer to the instance itself."""
        everything = self.neighbourhood.columns(np.arange(len(self.features)), slice(1))
        return float(self.fit.predict(everything)[0])

    @property
    def n_samples(self) -> int:
        """How many masks the surrogate was fitted on, the instance among them."""
        return self.neighbourhood.scored

    @property
    def whole(self) -> bool:
        """Whether all that the surrogate was fitted on is at hand, so that it can be read in another way."""
        return not self.neighbourhood.dropped

    @property
    def effective(self) -> float:
        """The effective number of samples, (Σw)² / Σw²: how many of equal weight would tell as much."""
        return self.weighted.effective

    @property
    def locality(self) -> str | None:
        """A sentence where the kernel weighs all samples nearly alike, so that the surrogate is a global one."""
        near = self.neighbourhood
        if near.dropped or not self.effective > _GLOBAL * len(near):
            return None
        return (
            f"The kernel weighs all samples nearly alike ({self.effective:,.0f} of {len(near):,} count): the surrogate "
            "speaks of the whole range from which was drawn, not of this instance's surroundings – a narrower kernel "
            "is nearer to it."
        )

    @property
    def model_calls(self) -> int:
        """How many inputs the model has answered."""
        return self.neighbourhood.calls

    @cached_property
    def outlook(self) -> Outlook:
        """How sure this is, from this one run."""
        if self.known is not None:
            return self.known
        if self.neighbourhood.dropped or not len(self.fit.selected):
            return UNKNOWN
        if self.neighbourhood.exact:
            return UNKNOWN if self.noisy else EXACT
        choose = getattr(self.surrogate, "chooser", None)
        chosen = None if choose is None else choose(self.weighted, self.target)
        return outlook(*estimated(self.weighted, self.target), len(self.fit.selected), self.plan.seed, chosen)

    @property
    def settled(self) -> bool:
        """Whether the top parts and their sizes no longer move.

        So it is where two repetitions with other seeds would share 0.95 of their top parts or more (``stability``), and
        no 95 % interval among these reaches further than a quarter of the largest coefficient to either side.
        """
        return self.outlook.settled

    @property
    def stability(self) -> float:
        """Expected overlap (Jaccard) of the top parts between repetitions with other seeds; NaN where not known."""
        return self.outlook.stability

    @property
    def exact(self) -> bool:
        """Whether all masks that there are were asked about, so that nothing is left to chance."""
        return self.neighbourhood.exact and not self.noisy

    @property
    def tied(self) -> list[bool]:
        """Tell of each selected part, largest first, whether it cannot be told from the one before by its size."""
        chosen = self.fit.selected
        return tied(self.coefficients[chosen], self.stderr[chosen])

    @property
    def attached(self) -> bool:
        """Whether the model is at hand."""
        return self.model is not None

    @property
    def scale(self) -> Literal["probability", "score"]:
        """Whether all outputs are shares of one."""
        return "probability" if self.neighbourhood.shares else "score"

    @property
    def doubt(self) -> str | None:
        """A sentence where the surrogate should not be believed.

        So it is where there are no more masks than parts, the outputs do not move, the model gives two answers to one
        question, or fidelity is below one half.
        """
        if not self.exact and self.n_samples <= len(self.features):
            return (
                f"There are only {self.n_samples:,} masks for {len(self.features):,} parts; more are needed to tell "
                "them apart."
            )
        if np.isnan(self.fidelity):
            return (
                "The model's answer does not move when parts are taken away, so there is nothing to explain; "
                "perhaps what stands in their place looks the same to it."
            )
        if self.noisy:
            return (
                "The model gives different answers to the same question, so part of what moves is chance; fix its "
                "randomness (a seed, evaluation mode) and explain again."
            )
        if self.fidelity < BELIEVABLE:
            share = max(0, round(100 * self.fidelity))
            return (
                f"The surrogate follows only {share} % of how the model's answer moves nearby; "
                "take the weights as hints, and ask the model itself by switching parts off."
            )
        return None

    def top(self, k: int | None = None) -> list[tuple[str, float]]:
        """List the k largest weights with the names of their parts, largest first.

        Parameters
        ----------
        k : int, optional
            Default: all that were selected.
        """
        return [(self.features[i].name, float(self.coefficients[i])) for i in self.fit.selected[:k]]

    def read(
        self,
        target: int | str | None = None,
        *,
        kernel: Kernel | None = None,
        surrogate: Surrogate | None = None,
        n_features: int | None = None,
    ) -> Explanation:
        """Read the same neighbourhood in another way; the model is not asked.

        Parameters
        ----------
        target : int or str, optional
            Another output.
        kernel : callable, optional
            Another proximity.
        surrogate : Surrogate, optional
            Another simple model.
        n_features : int, optional
            The same surrogate with another number of features.

        Returns
        -------
        Explanation

        Raises
        ------
        UnknownTarget, OptionError
        DetachedError
            The neighbourhood was let go.
        """
        near = self.neighbourhood.whole()
        chosen = surrogate or self.surrogate
        if n_features is not None and not hasattr(chosen, "n_features"):
            raise OptionError(
                f"{type(chosen).__name__} has no number of features – pass surrogate=rt.Ridge({n_features})"
            )
        if n_features is not None:
            chosen = replace(chosen, n_features=n_features)  # type: ignore[type-var]
        index = self.target if target is None else index_of(target, self.classes, self.prediction)
        if isinstance(kernel, Widest):
            usual = self.kernel if isinstance(self.kernel, Exponential) else Exponential(25)
            kernel = kernel.chosen(near, chosen, index, usual)
        weighted = self.weighted if kernel is None else Weighted(near, kernel)
        plan = replace(self.plan, surrogate=chosen, kernel=weighted.kernel)
        fit = chosen.fit(weighted, index)
        return replace(self, weighted=weighted, fit=fit, target=index, plan=plan, known=None, moves=())

    def predict(self, masks: Masks | Floats) -> Floats:
        """Return the surrogate's answer (n,) for masks (n, d), True = present, or for rows of the design, floats."""
        given = np.atleast_2d(np.asarray(masks))
        own = self.neighbourhood.own
        rows = given.astype(np.float64)
        return self.fit.predict(rows * own[0] if own is not None and given.dtype == bool else rows)

    def probe(
        self,
        off: Iterable[str | int | Feature] | str = (),
        edits: Mapping[int, str] | NDArray[np.uint8] | None = None,
    ) -> Floats:
        """Ask the model itself about the instance with some parts absent.

        Parameters
        ----------
        off : names, keys, features or numbers of parts
        edits : mapping of parts to str, or ndarray of uint8 (m, n, 4), optional
            Texts and tables: parts that are given other strings, or other values as people write them. Images: paint,
            opaque where it covers the picture.

        Returns
        -------
        ndarray, shape (k,)
            The mean of :meth:`draws`.

        Raises
        ------
        DetachedError
            The explanation travels without its model.
        UnknownFeature
        OptionError
            A value that a column cannot take.
        """
        return np.asarray(self.draws(off, edits).mean(axis=0))

    def draws(
        self,
        off: Iterable[str | int | Feature] | str = (),
        edits: Mapping[int, str] | NDArray[np.uint8] | None = None,
    ) -> Floats:
        """Ask the model itself about the instance with some parts absent, and return each answer.

        Parameters
        ----------
        off, edits
            As for :meth:`probe`.

        Returns
        -------
        ndarray, shape (50, k)
            Where absence is a draw (tables): what is present keeps its value, the rest is drawn. Else shape (1, k).
        """
        if self.model is None:
            message = "this explanation travels without its model – give it back with e.attach(model), then probe"
            raise DetachedError(message)
        mask = np.ones(len(self.features), dtype=bool)
        mask[resolve(self.features, off)] = False
        with job.MODEL:
            return asked(self.model, self._inputs(mask, edits), len(self.prediction))

    def _inputs(self, mask: Any, edits: Any) -> Any:
        rng = np.random.default_rng(self.plan.seed)
        if hasattr(self.representation, "tried"):
            return self.representation.tried(mask, self._edits(edits), _DRAWS, rng)
        if edits is not None and len(edits):
            return self._edited(mask, edits)
        masks = np.repeat(mask[None], _DRAWS if self.representation.random else 1, axis=0)
        return self.representation.perturb(masks, rng)

    def _edits(self, edits: Any) -> dict[int, str]:
        """Return strings by the number of the feature."""
        if isinstance(edits, np.ndarray):
            raise OptionError("paint was given; this instance takes strings – a mapping from features to values")
        return {index: str(text) for part, text in (edits or {}).items() for index in resolve(self.features, [part])}

    def _edited(self, mask: Any, edits: Any) -> Any:
        """Return a batch of one: the instance with words replaced, or painted over."""
        kind, painted = getattr(self.representation, "kind", ""), isinstance(edits, np.ndarray)
        if kind not in {"text", "image"} or painted != (kind == "image"):
            raise OptionError(
                "edits were given that this instance cannot take: texts take strings, images paint (m, n, 4)"
            )
        representation: Any = self.representation
        if painted:
            return representation.edit(mask, edits)[None]
        return [representation.edit(mask, self._edits(edits))]

    def mask(self, k: int | None = None) -> NDArray[np.bool_]:
        """Return where the k largest weights are, for images.

        Parameters
        ----------
        k : int, optional
            Default: all that were selected.

        Returns
        -------
        ndarray of bool, shape (M, N)
        """
        if not hasattr(self.representation, "region"):
            raise OptionError("mask(k) is for images; the parts of this instance have no place – use top(k)")
        return np.asarray(self.representation.region(self.fit.selected[:k]))

    def split(self, parts: Iterable[str | int | Feature] | str) -> Explanation:
        """Cut some parts into smaller ones and read the same answers again, for images; the model is not asked.

        Smaller parts of the same one cannot be told apart by these answers: they share its weight until more is
        sampled (``rt.more``).

        Parameters
        ----------
        parts : names, keys, features or numbers of parts
        """
        cut = getattr(self.representation, "split", None)
        if cut is None:
            raise OptionError("split(…) is for images; the parts of this instance cannot be cut")
        representation, parents = cut(resolve(self.features, parts))
        near = self.neighbourhood.whole()
        masks = near.masks[:, parents]
        finer = replace(near, packed=np.packbits(masks, axis=1), d=len(parents), law=None, exact=False)
        weighted = Weighted(finer, self.kernel)
        fit = self.surrogate.fit(weighted, self.target)
        return replace(self, representation=representation, weighted=weighted, fit=fit, known=None, moves=())

    def attach(self, model: Any) -> Explanation:
        """Give the model back to an explanation that travelled.

        Parameters
        ----------
        model : estimator or callable
            As for :func:`retrust.explain`.
        """
        return replace(self, model=as_model(model, self.classes))

    def kept(self, keep: Keep = "fit") -> Explanation:
        """Let go of what many explanations together have no room for.

        Parameters
        ----------
        keep : {"fit", "neighbourhood", "weights"}
            "neighbourhood": all of it; only sums that can be made again are let go. "fit": not the masks and outputs,
            but for the instance's own; it cannot be read in another way. "weights": not the instance either; the
            selected parts remain.

        Examples
        --------
        >>> import retrust as rt
        >>> e = rt.explain(lambda texts: np.array([len(t) / 9 for t in texts]), "a few words", n_samples=50)
        >>> e.kept("weights").top() == e.top(), e.kept("weights").n_samples
        (True, 50)
        """
        if keep not in get_args(Keep):
            raise OptionError(f"keep={keep!r}; one of {listed(get_args(Keep))} is expected")
        chosen = self.fit.selected if keep == "weights" else None
        near = self.neighbourhood if keep == "neighbourhood" else self.neighbourhood.instance_alone(chosen)
        lighter = replace(self, weighted=Weighted(near, self.kernel), representation=copy.copy(self.representation))
        if chosen is None:
            return lighter
        parts = Parts(tuple(self.features[i] for i in chosen), self.representation.random)
        return replace(lighter, representation=parts, fit=self.fit.alone())

    def to_dict(self) -> dict[str, Any]:
        """Return all of it but the model as plain JSON values; :func:`retrust.from_dict` reads it."""
        from retrust.records import to_dict

        return to_dict(self)

    def to_frame(self, backend: str = "pandas") -> Any:
        """Return the selected parts as a data frame, largest first: feature, key, coefficient, stderr.

        Columns without intervals have their coefficient in the data's own units beside it, as slope.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            Whose data frame; it must be installed.
        """
        from narwhals import from_dict

        chosen = self.fit.selected
        columns = {
            "feature": [self.features[i].name for i in chosen],
            "key": [self.features[i].key for i in chosen],
            "coefficient": self.coefficients[chosen].tolist(),
            "stderr": self.stderr[chosen].tolist(),
        }
        if np.isfinite(self.slopes).any():
            columns["slope"] = self.slopes[chosen].tolist()
        return from_dict(columns, backend=backend).to_native()  # type: ignore[arg-type]

    def to_html(self, path: str | Path | None = None) -> str:
        """Return one HTML file that works offline and still toggles; written to ``path`` where given."""
        from retrust.export import to_html

        return to_html(self, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the weights as bars with their intervals (extra ``plot``)."""
        from retrust.plots import plot

        return plot(self, ax)

    def __str__(self) -> str:
        """Return a table for terminals."""
        names = [feature.name for feature in self.features]
        return "\n".join([self._headline(), *self._rows(), *self.fit.lines(names)])

    __repr__ = __str__

    def _headline(self) -> str:
        answer = f"{self.classes[self.target]} {self.prediction[self.target]:.3g}"
        fit = "no local fit" if np.isnan(self.fidelity) else f"local fit R² {self.fidelity:.2f}"
        early = f" ({self._early})" if self._early else ""
        return f"{answer} · surrogate {self.local_prediction:.3g} · {fit} · {self.n_samples:,} samples{early}"

    @property
    def _early(self) -> str:
        if self.exact:
            return "all there are: exact"
        if self.partial:
            return "out of time" if self.partial == "time" else f"{self.partial} early"
        known = self.known
        return "" if known is None else "settled" if known.settled else "not settled"

    def _rows(self) -> list[str]:
        chosen = self.fit.selected
        printed = ["".join(c if c.isprintable() else " " for c in self.features[i].name) for i in chosen]
        names = [clipped(name, _NAME) for name in printed]
        width = max(map(len, names), default=0)
        largest = np.abs(self.coefficients).max(initial=0) or 1.0
        digits = max(0, 2 - int(np.floor(np.log10(largest))))
        return [
            f"  {name:<{width}}  {self.coefficients[i]:+.{digits}f} ± {1.96 * self.stderr[i]:.{digits}f}  "
            + ("█" if self.coefficients[i] > 0 else "░") * round(20 * abs(self.coefficients[i]) / largest)
            for name, i in zip(names, chosen, strict=True)
        ]

    def __getstate__(self) -> dict[str, Any]:
        """Leave the model behind."""
        return {**{name: self.__dict__[name] for name in self.__dataclass_fields__}, "model": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take back what travelled."""
        self.__dict__.update(state)


def asked(model: Model, inputs: Any, outputs: int | None = None) -> Floats:
    """Ask a model and say so where it raises.

    Raises
    ------
    ModelFailure
        With the model's own error as its cause.
    """
    try:
        return model.ask(inputs, outputs)
    except RetrustError:
        raise
    except Exception as error:
        raise failure(error) from error


def failure(error: Exception) -> ModelFailure:
    """Say that the model raised, and what."""
    return ModelFailure(f"the model raised {type(error).__name__}: {error}")


def resolve(features: Collection[Feature], wanted: Iterable[str | int | Feature] | str) -> list[int]:
    """Find features by name, else by key, by number or by themselves.

    Parameters
    ----------
    features : tuple of Feature
    wanted : iterable of str, int or Feature, or one str

    Raises
    ------
    UnknownFeature
        It names the near ones.

    Examples
    --------
    >>> from retrust.representation import Feature
    >>> resolve((Feature("no", "no"), Feature("no (2)", "no"), Feature("yes", "yes")), ["no (2)", 2])
    [1, 2]
    """
    items = list(wanted) if hasattr(wanted, "__iter__") and not isinstance(wanted, str) else [wanted]
    return [index for item in items for index in _found(tuple(features), item)]


def _found(features: tuple[Feature, ...], item: object) -> list[int]:
    if isinstance(item, int | np.integer) and not isinstance(item, bool) and 0 <= item < len(features):
        return [int(item)]
    name, key = getattr(item, "name", item), getattr(item, "key", item)
    for matches in ((f.name == name for f in features), (f.key == key for f in features)):
        found = [index for index, match in enumerate(matches) if match]
        if found:
            return found
    names = {feature.name.casefold(): feature.name for feature in features}
    near = [names[close] for close in difflib.get_close_matches(str(name).casefold(), names, n=3)]
    hint = f"near it: {listed(near)}" if near else f"it has {listed([feature.name for feature in features])}"
    raise UnknownFeature(f"no feature of this instance is called {name!r}; {hint}")

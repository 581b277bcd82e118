"""A linear surrogate with two-way interactions: what two parts do together, beyond what each does by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.linalg import orth
from scipy.special import ndtri

from retrust.errors import OptionError
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.surrogate import Fit, Ridge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks

    Ints = NDArray[np.intp]
    Chosen = tuple[tuple[int, int], ...]

_PARTNERS = 50
_GAIN = 0.001
_CHANCE = 0.05
_SMALLEST = 1e-10


class Pair(NamedTuple):
    """Two features and what they do together.

    Parameters
    ----------
    first, second : int
        ``first < second``.
    coefficient : float
        What is added where both are present, beyond what each brings with the other absent.
    stderr : float
    """

    first: int
    second: int
    coefficient: float
    stderr: float


@dataclass(frozen=True, eq=False)
class PairFit(Fit):
    """What a linear surrogate with pairs has learned.

    Parameters
    ----------
    intercept : float
        The surrogate's answer with everything absent.
    coefficients : ndarray, shape (d,)
        What each feature brings on average over the neighbourhood, as in a fit without pairs; 0 where it was not
        selected.
    stderr : ndarray, shape (d,)
        Standard errors, robust to unequal variance; NaN where a feature was not selected.
    fidelity : float
        Weighted R² on the neighbourhood; NaN where the outputs do not move.
    selected : ndarray of int
        The features in the fit, largest coefficient first.
    pairs : tuple of Pair
        Largest coefficient first.
    apart : ndarray, shape (d,)
        What each feature brings where its partners are absent: answer = intercept + Σ apart x + Σ coefficient x x′.
    """

    pairs: tuple[Pair, ...]
    apart: Floats

    def predict(self, design: Masks | Floats) -> Floats:
        """Return the surrogate's answer (n,) for a design (n, d)."""
        x = np.asarray(design, dtype=np.float64)
        answer = self.intercept + x @ self.apart
        return np.asarray(sum((p.coefficient * x[:, p.first] * x[:, p.second] for p in self.pairs), answer))

    def alone(self) -> PairFit:
        """Return what was learned of the selected features, as if there were no others."""
        number = {int(old): new for new, old in enumerate(self.selected)}
        pairs = tuple(_ordered(number[p.first], number[p.second], p.coefficient, p.stderr) for p in self.pairs)
        return replace(self, **vars(super().alone()) | {"pairs": pairs, "apart": self.apart[self.selected]})

    def lines(self, names: Sequence[str]) -> list[str]:
        """Return the pairs as lines for terminals."""
        titles = [f"{names[p.first]} × {names[p.second]}" for p in self.pairs]
        width = max(map(len, titles), default=0)
        return [
            f"  {title:<{width}}  {pair.coefficient:+.3g} ± {1.96 * pair.stderr:.2g} together"
            for title, pair in zip(titles, self.pairs, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return what this has beyond a fit as plain JSON values."""
        rows = [[p.first, p.second, p.coefficient, p.stderr if np.isfinite(p.stderr) else None] for p in self.pairs]
        return {"pairs": rows, "apart": self.apart.tolist()}

    @classmethod
    def from_dict(cls, fit: Fit, given: Mapping[str, Any]) -> PairFit:
        """Read what :meth:`to_dict` wrote.

        Raises
        ------
        ValueError
            Its pairs are not among the selected features, or its numbers make no sense.
        """
        apart, tested = np.array(given["apart"], dtype=np.float64), set(fit.selected.tolist())
        pairs = tuple(
            Pair(int(first), int(second), float(coefficient), float("nan") if stderr is None else float(stderr))
            for first, second, coefficient, stderr in given["pairs"]
        )
        numbers = np.append(apart, [pair.coefficient for pair in pairs])
        inside = all(pair.first < pair.second and {pair.first, pair.second} <= tested for pair in pairs)
        if apart.shape != fit.coefficients.shape or not np.isfinite(numbers).all() or not inside:
            raise ValueError("its pairs do not fit its features")
        return cls(**vars(fit), pairs=pairs, apart=apart)


@dataclass(frozen=True)
class Pairs:
    """Weighted ridge regression on a few features and a few products of two of them.

    Parameters
    ----------
    n_features : int
        How many features to keep, chosen as :class:`~retrust.surrogate.Ridge` chooses them, 1 or more.
    n_pairs : int
        How many pairs of them at most, 1 or more.
    alpha : float
        Penalty on the squared coefficients of the final fit.

    Notes
    -----
    Pairs are taken one at a time, always that whose product explains most of what is left over, as long as two things
    hold: it raises the weighted R² by .001 or more, and its coefficient is further from 0 than chance alone would put
    the largest of so many candidates (HC3 errors, 5 %, Bonferroni; errors need more masks than there are terms). Both
    features of a pair are always in the fit themselves (the hierarchical principle); a feature that matters *only*
    together with others, and not on average, may not be selected in the first place. Beyond 50 features, pairs are
    sought among the 50 largest.

    Products are of features centred at their weighted means. So the coefficients stay what they are without pairs, the
    average effect of each feature nearby, and bars of them can be read as ever; the coefficient of a pair is the same
    with and without centring. ``PairFit.apart`` has the weights for products as they are.

    References
    ----------
    J. Bien, J. Taylor and R. Tibshirani, "A lasso for hierarchical interactions", Annals of Statistics 41(3), 2013.

    Examples
    --------
    >>> from retrust.sampling import Exponential, UniformCount
    >>> masks = UniformCount()(3, 2000, np.random.default_rng(0))
    >>> outputs = 0.25 + 0.5 * (masks[:, [0]] & masks[:, [2]])
    >>> fit = Pairs(alpha=0).fit(Weighted(Neighbourhood.of(masks, outputs), Exponential(1000)), 0)
    >>> [(pair.first, pair.second, round(pair.coefficient, 6)) for pair in fit.pairs]
    [(0, 2, 0.5)]
    """

    n_features: int = 10
    n_pairs: int = 5
    alpha: float = 1.0

    def __post_init__(self) -> None:
        """Check the options at once."""
        Ridge(self.n_features, self.alpha)
        count = self.n_pairs
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise OptionError(f"n_pairs={count!r}; a whole number, 1 or more, is expected – 5 is the default")

    def fit(self, weighted: Weighted, target: int) -> PairFit:
        """Select features and pairs and fit them to output number ``target``."""
        weighted.neighbourhood.whole()
        single = Ridge(self.n_features, self.alpha).fit(weighted, target)
        if not len(single.selected):
            return PairFit(**vars(single), pairs=(), apart=single.coefficients)
        search = _Search.of(weighted, target, single.selected)
        return _finished(search, search.chosen(self.n_pairs), self.alpha, weighted.neighbourhood.d)


@dataclass(frozen=True, eq=False)
class _Search:
    """The selected features, centred products of which are tried."""

    features: Ints
    x: Floats
    y: Floats
    weights: Floats

    @classmethod
    def of(cls, weighted: Weighted, target: int, features: Ints) -> _Search:
        near = weighted.neighbourhood
        return cls(features, near.columns(features), near.outputs[:, target], weighted.weights)

    @property
    def means(self) -> Floats:
        return np.asarray(np.average(self.x, axis=0, weights=self.weights))

    def products(self, pairs: Sequence[tuple[int, int]]) -> Floats:
        """Return centred products (n, len(pairs)) of columns, by their place among the selected."""
        first, second = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        centred = self.x - self.means
        return np.asarray(centred[:, first] * centred[:, second])

    def fitted(self, pairs: Chosen, alpha: float) -> Fit:
        """Fit all selected features and some pairs."""
        design = np.hstack([self.x, self.products(pairs)])
        outputs, masks = self.y[:, None], np.ones(design.shape, dtype=bool)
        near = Neighbourhood.of(masks, outputs, design)
        return Ridge(design.shape[1], alpha, select="none").fit(Weighted(near, np.ones, None, self.weights), 0)

    def chosen(self, most: int) -> Chosen:
        """Take pairs one at a time while what they bring is real."""
        taken: Chosen = ()
        left = list(combinations(range(min(len(self.features), _PARTNERS)), 2))
        while left and len(taken) < most:
            gains = self._gains(taken, left)
            best = left[int(np.argmax(gains))]
            if gains.max() < _GAIN or not self._sure((*taken, best), len(left)):
                break
            taken = (*taken, best)
            left.remove(best)
        return taken

    def _gains(self, taken: Chosen, left: Sequence[tuple[int, int]]) -> Floats:
        """Return by how much each candidate would raise the weighted R²."""
        root = np.sqrt(self.weights)[:, None]
        known = orth(root * np.hstack([np.ones_like(root), self.x, self.products(taken)]))
        y = root[:, 0] * (self.y - np.average(self.y, weights=self.weights))
        spread, rest = float(y @ y), y - known @ (known.T @ y)
        firsts = dict.fromkeys(first for first, _ in left)
        blocks = [root * self.products([pair for pair in left if pair[0] == first]) for first in firsts]
        return np.concatenate([_gain(block, known, rest) for block in blocks]) / (spread or 1)

    def _sure(self, pairs: Chosen, tried: int) -> bool:
        """Tell whether the last pair is further from 0 than the largest of as many by chance."""
        fit = self.fitted(pairs, alpha=0)
        least = -float(ndtri(_CHANCE / (2 * tried)))
        return bool(abs(fit.coefficients[-1]) > least * fit.stderr[-1])


def _gain(block: Floats, known: Floats, rest: Floats) -> Floats:
    """Return how much of ``rest`` each column explains, beyond what is known already."""
    new = block - known @ (known.T @ block)
    size, before = (new**2).sum(axis=0), (block**2).sum(axis=0)
    real = size > _SMALLEST * np.maximum(before, before.max(initial=0) * _SMALLEST)
    return np.asarray(np.where(real, (new.T @ rest) ** 2 / np.where(real, size, 1), 0.0))


def _finished(search: _Search, chosen: Chosen, alpha: float, d: int) -> PairFit:
    """Fit for good, and spread coefficients over all d features."""
    fit, features, means = search.fitted(chosen, alpha), search.features, search.means
    p = len(features)
    coefficients, stderr = np.zeros(d), np.full(d, np.nan)
    coefficients[features], stderr[features] = fit.coefficients[:p], fit.stderr[:p]
    apart, intercept, pairs = coefficients.copy(), fit.intercept, []
    for (i, j), beta, error in zip(chosen, fit.coefficients[p:], fit.stderr[p:], strict=True):
        pairs.append(_ordered(int(features[i]), int(features[j]), float(beta), float(error)))
        apart[features[[i, j]]] -= beta * means[[j, i]]
        intercept += float(beta * means[i] * means[j])
    pairs.sort(key=lambda pair: -abs(pair.coefficient))
    order = features[np.argsort(-np.abs(coefficients[features]), kind="stable")]
    return PairFit(intercept, coefficients, stderr, fit.fidelity, order, tuple(pairs), apart)


def _ordered(one: int, other: int, coefficient: float, stderr: float) -> Pair:
    return Pair(min(one, other), max(one, other), coefficient, stderr)

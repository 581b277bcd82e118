"""More from the same answers: what the model says is guessed, and only the guess's error is left to chance.

The coefficients of a surrogate are averages over all masks, weighted by the kernel. A guess of the model – linear in
the parts, or linear behind a logistic curve where outputs are probabilities – is fitted to the answers at hand and
averaged over masks that cost nothing; the answers themselves then correct the average by what the guess missed. Since
the guess
that is corrected by an answer has never seen that answer (cross-fitting), the result has the expectation of the plain
fit, whatever the guess, and its standard errors are those of the misses.

References
----------
Difference estimators: C.-E. Särndal, B. Swensson, J. Wretman, "Model Assisted Survey Sampling", 1992; cross-fitting:
V. Chernozhukov and others, "Double/debiased machine learning", Econometrics Journal 21(1), 2018; control variates:
P. Glasserman, "Monte Carlo Methods in Financial Engineering", 2003, section 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from scipy.special import expit, logit, stdtrit

from retrust.population import AS_MANY, Counted, Separate, population

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.neighbourhood import Weighted
    from retrust.representation import Floats

_FOLDS = 5
_LEAST = 50
_CLIP, _FLOOR = 1e-3, 1e-4
_RIDGE = 0.01
_FREEDOM, _NORMAL = 3.0, 1.96
_CURVED = 0.1
_PATHS, _CELLS, _FREE = 4096, 1 << 18, 1 << 15
_SMALL, _CHANCE, _TIMES = 64, 0.1, 4


@dataclass(frozen=True, eq=False)
class Assisted:
    """Coefficients of all parts for one output, and what they are made of.

    Parameters
    ----------
    law : Counted or Separate
    n : int
        How many answers there are.
    cross : ndarray, shape (d,)
        The weighted covariance of presence and output.
    level : float
        The weighted mean of the output.
    missed : ndarray, shape (n,)
        Weight × what the guess missed, with its mean taken away.
    free : ndarray, shape (m, d)
        What each of m groups of free masks adds to ``cross``, less the mean.
    masks : ndarray, shape (n, d)
    """

    law: Counted | Separate
    n: int
    cross: Floats
    level: float
    missed: Floats
    free: Floats
    masks: NDArray[np.float32]

    @property
    def weight(self) -> float:
        """The sum of weights of :data:`AS_MANY` samples, on average: a penalty means the same for any n."""
        return self.law.weight * AS_MANY

    def gram(self, chosen: NDArray[np.intp]) -> Floats:
        """Return the centred Gram matrix (p, p) of some parts that as many samples have on average."""
        return np.asarray(self.weight * (np.diag(self.law.spread[chosen]) + self.law.shared))

    @cached_property
    def coefficients(self) -> Floats:
        """Least-squares coefficients of all parts, (d,)."""
        return self._solved(self.cross)

    @cached_property
    def stderr(self) -> Floats:
        """Their standard errors, (d,)."""
        squared, kappa = (self.missed / self.n) ** 2, self._kappa
        shift = kappa * (self.masks.sum(axis=1, dtype=np.float64) - self.law.mean.sum())
        once, turned = squared.astype(np.float32) @ self.masks, (squared * shift).astype(np.float32) @ self.masks
        mean = self.law.mean
        total = once * (1 - 2 * mean) - 2 * turned + squared.sum() * mean**2
        total += 2 * mean * (squared @ shift) + squared @ shift**2
        free = self._solved(self.free)
        variance = total / self.law.weight**2 / self._spread**2 + (free**2).sum(axis=0) / max(1, len(free)) ** 2
        return np.asarray(np.sqrt(np.maximum(variance, 0)) * self.widened)

    @cached_property
    def widened(self) -> float:
        """How much wider intervals are where few answers make up most of the misses: Student's t against the normal.

        The degrees of freedom are Satterthwaite's, 2 (Σ m²)² / Σ m⁴ of the misses m.
        """
        squares = self.missed**2
        fourth = float(squares @ squares)
        if not fourth > 0:
            return 1.0
        return float(stdtrit(max(_FREEDOM, 2 * squares.sum() ** 2 / fourth), 0.975) / _NORMAL)

    def covariance(self, chosen: NDArray[np.intp]) -> Floats:
        """Return the covariance of the weighted sums of some parts with the output, (p, p)."""
        share = AS_MANY / self.n
        scores = (self.masks[:, chosen] - self.law.mean[chosen]) * (self.missed * share)[:, None]
        free = self.free[:, chosen] * (self.weight / max(1, len(self.free)))
        return np.asarray(scores.T @ scores + free.T @ free) * self.widened**2

    @property
    def _spread(self) -> Floats:
        return np.maximum(self.law.spread, 1e-12)

    @property
    def _kappa(self) -> float:
        return float(self.law.shared / (self._spread[0] + len(self.cross) * self.law.shared))

    def _solved(self, cross: Floats) -> Floats:
        """Apply the inverse of diag(spread) + shared."""
        return np.asarray((cross - self._kappa * cross.sum(axis=-1, keepdims=True)) / self._spread)


def assisted(weighted: Weighted, target: int) -> Assisted | None:
    """Estimate the coefficients of one output with the help of a guess; None where the law of the masks is not known.

    Nor are there any where a fit is not meant to be helped (``n_samples`` as a number), or answers are too few.
    """
    near = weighted.neighbourhood
    if near.law is None or near.exact or near.dropped or near.own is not None:
        return None
    if target not in weighted.memo:
        law = population(near.law, weighted.kernel, near.d)
        drawn = len(near) > _LEAST and law is not None and float(law.spread.min()) > 0
        weighted.memo[target] = (
            Guide(law, crc32(near.packed.tobytes())).estimated(weighted, target) if drawn and law is not None else None
        )
    found: Assisted | None = weighted.memo[target]
    return found


@dataclass(frozen=True)
class Guide:
    """Knows the law that a neighbourhood was drawn by, and guesses the model's answers to other masks.

    Parameters
    ----------
    law : Counted or Separate
    seed : int
        Of the free masks.
    """

    law: Counted | Separate
    seed: int = 0

    def estimated(self, weighted: Weighted, target: int) -> Assisted:
        """Estimate the coefficients of one output."""
        near = weighted.neighbourhood
        rows = slice(1, None)  # the instance was not drawn
        masks = near.columns(np.arange(near.d), rows).astype(np.float32)
        return self._assisted(masks, near.outputs[rows, target], weighted.weights[rows], shares=near.shares)

    def _assisted(self, masks: NDArray[np.float32], y: Floats, w: Floats, *, shares: bool) -> Assisted:
        law, fold = self.law, np.arange(len(y)) % _FOLDS
        straight = _Guess.fitted(masks, y, w, fold, curved=False)
        missed = straight.missed(masks, y, fold)
        slope = np.mean(straight.slopes, axis=0)
        cross, free, share = _spread_out(law, slope), np.zeros((0, len(slope))), 0.0
        if shares or (y.min() >= 0 and y.max() <= 1):
            curve = _Guess.fitted(masks, y, w, fold, curved=True)
            other = curve.missed(masks, y, fold)
            share = _share(w, missed, other)
            if share > 0:
                missed = share * other + (1 - share) * missed
                free = share * self._free(curve, straight, w, missed)
        added = free.mean(axis=0) if len(free) else np.zeros(len(slope))
        middle = float(w @ missed) / w.sum()
        level = self._level(straight, y, w, masks)
        missed = w * (missed - middle)
        corrected = (missed @ masks - missed.sum() * law.mean) / len(y) / law.weight
        return Assisted(law, len(y), cross + added + corrected, level, missed, free - added, masks)

    def _level(self, guess: _Guess, y: Floats, w: Floats, masks: NDArray[np.float32]) -> float:
        """Return the weighted mean of the output, with the chance mean of the parts set right."""
        slope = np.mean(guess.slopes, axis=0)
        there = (w @ masks) / w.sum()
        return float(w @ y / w.sum() + (self.law.mean - there) @ slope)

    def _free(self, curve: _Guess, straight: _Guess, w: Floats, missed: Floats) -> Floats:
        """Average the curved guess, less the straight one, over masks that cost nothing, (m, d).

        Each fold's guess has masks of its own. There are up to four times as many where they would leave too much to
        chance beside what the guess missed.
        """
        few = self._averaged(curve, straight, 1)
        squares = (w * missed) @ (w * missed) / self.law.weight**2 / len(w) ** 2 * self.law.spread.mean()
        own = float((few.std(axis=0) ** 2).mean()) / len(few)
        wanted = own / max(_CHANCE * squares, 1e-300)
        return few if wanted <= 1 else self._averaged(curve, straight, int(min(_TIMES, np.ceil(wanted))))

    def _averaged(self, curve: _Guess, straight: _Guess, times: int) -> Floats:
        rng = np.random.default_rng([self.seed, times])
        pairs = zip(curve.weights, straight.weights, strict=True)
        if isinstance(self.law, Counted):
            return np.concatenate([_paths(self.law, bent, line, times, rng) for bent, line in pairs])
        return np.concatenate([_draws(self.law, bent, line, times, rng) for bent, line in pairs])


def _share(w: Floats, first: Floats, second: Floats) -> float:
    """Return how much of the second guess makes the misses of a mixture smallest, between 0 and 1."""
    apart = first - second
    length = float((w * apart) @ (w * apart))
    return float(np.clip((w * first) @ (w * apart) / length, 0, 1)) if length > 0 else 0.0


def _spread_out(law: Counted | Separate, slope: Floats) -> Floats:
    """Return the covariance of presence with a linear guess."""
    return np.asarray(law.spread * slope + law.shared * slope.sum())


@dataclass(frozen=True, eq=False)
class _Guess:
    """A guess for each fold, made from the others: intercept, slopes, and a term of the number of parts present."""

    weights: tuple[Floats, ...]
    curved: bool

    @property
    def slopes(self) -> list[Floats]:
        return [weights[1:-1] for weights in self.weights]

    @classmethod
    def fitted(
        cls, masks: NDArray[np.float32], y: Floats, w: Floats, fold: NDArray[np.intp], *, curved: bool
    ) -> _Guess:
        """Fit by ridge on all folds but one, for each; behind the curve in one step, from the answers themselves."""
        design = _design(masks)
        goal = logit(np.clip(y, _CLIP, 1 - _CLIP)) if curved else y
        weight = w * (y * (1 - y) + _FLOOR) if curved else w
        origin = float(np.average(goal, weights=weight))
        sums = [
            _sums(design[fold == each], goal[fold == each] - origin, weight[fold == each]) for each in range(_FOLDS)
        ]
        gram, cross = (sum(part[i] for part in sums) for i in range(2))
        ridge = np.full(design.shape[1], _CURVED if curved else _RIDGE)
        ridge[0], ridge[-1] = 1e-6, ridge[-1] if curved else 1e12  # the straight guess has no term of the number
        found: list[Floats] = []
        for own_gram, own_cross in sums:
            weights = np.linalg.solve((gram - own_gram) + np.diag(ridge), cross - own_cross)
            weights[0] += origin
            found.append(np.asarray(weights, dtype=np.float64))
        return cls(tuple(found), curved)

    def missed(self, masks: NDArray[np.float32], y: Floats, fold: NDArray[np.intp]) -> Floats:
        """Return what the guess that has not seen an answer missed of it, (n,)."""
        answers = _design(masks) @ np.array(self.weights, dtype=np.float32).T
        own = answers[np.arange(len(y)), fold].astype(np.float64)
        return np.asarray(y - (expit(own) if self.curved else own))


def _design(masks: NDArray[np.float32]) -> NDArray[np.float32]:
    count = masks.sum(axis=1)
    return np.concatenate([np.ones((len(masks), 1), np.float32), masks, _term(count)[:, None]], axis=1)


def _term(count: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the term of the number present: texts that are normalised weigh each word by its root."""
    return np.asarray(1 / np.sqrt(count + 1), dtype=np.float32)


def _sums(design: NDArray[np.float32], goal: Floats, weight: Floats) -> tuple[Floats, Floats]:
    scaled = design * weight[:, None].astype(np.float32)
    return (scaled.T @ design).astype(np.float64), (goal.astype(np.float32) @ scaled).astype(np.float64)


def _paths(law: Counted, bent: Floats, line: Floats, times: int, rng: np.random.Generator) -> Floats:
    """Average over orders in which parts come in one after another, and their reverse, (m, d).

    Each order visits every number of parts.
    """
    d = law.d
    m = times * int(np.clip(_CELLS // d, _SMALL, _PATHS)) // _FOLDS // 2
    order = np.argsort(rng.random((m, d), dtype=np.float32), axis=1)
    return (_visited(law, bent, line, order) + _visited(law, bent, line, order[:, ::-1])) / 2


def _visited(law: Counted, bent: Floats, line: Floats, order: NDArray[np.intp]) -> Floats:
    """Return what each order gives, (m, d)."""
    answer = _along(order, bent)
    answer += (bent[-1] * _term(np.arange(law.d + 1.0))).astype(np.float32)
    apart = expit(answer, out=answer)
    apart -= _along(order, line)
    near = law.near.astype(np.float32)
    apart -= near @ apart.mean(axis=0)
    apart *= near
    present = np.cumsum(apart[:, ::-1], axis=1)[:, ::-1]  # a part is there from its turn on
    found = np.empty(order.shape, dtype=np.float32)
    np.put_along_axis(found, order, present[:, 1:], axis=1)
    found -= law.mean.astype(np.float32) * present[:, :1]
    return np.asarray(found, dtype=np.float64)


def _along(order: NDArray[np.intp], weights: Floats) -> NDArray[np.float32]:
    """Return a linear guess after each step of each order, (m, d + 1)."""
    found = np.empty((len(order), order.shape[1] + 1), dtype=np.float32)
    found[:, 0] = weights[0]
    np.cumsum(weights[1:-1].astype(np.float32)[order], axis=1, out=found[:, 1:])
    found[:, 1:] += found[:, :1]
    return found


def _draws(law: Separate, bent: Floats, line: Floats, times: int, rng: np.random.Generator) -> Floats:
    """Average over masks drawn by the kernel's own law, in groups, (m, d)."""
    groups = times * _FREE // _SMALL // _FOLDS
    chance = rng.random((groups * _SMALL, len(law.keep)), dtype=np.float32)
    masks = (chance < law.mean.astype(np.float32)).astype(np.float32)
    design = _design(masks)
    apart = expit((design @ bent.astype(np.float32)).astype(np.float64)) - design[:, :-1] @ line[:-1]
    apart -= apart.mean()
    scores = (apart[:, None] * (masks - law.mean)).reshape(groups, _SMALL, -1)
    return np.asarray(scores.mean(axis=1))

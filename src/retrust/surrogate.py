"""Surrogates: the simple models that stand in for the model near one instance.

All are fitted from the moments of a weighted neighbourhood (section 3.4 of the paper, algorithm 1), so that another
class or another number of features needs no further pass over the model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg
from sklearn.linear_model import lars_path_gram

from retrust.assist import assisted
from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from retrust.assist import Assisted
    from retrust.neighbourhood import Moments, Weighted
    from retrust.representation import Floats, Masks

    Ints = NDArray[np.intp]

Select = Literal["auto", "forward", "highest", "none"]

_CELLS = 1 << 21
_SCREENED = 1000
_FLAT = 1e-12
_FEW = 6
_LIGHT = 0.01


@dataclass(frozen=True, eq=False)
class Fit:
    """What a surrogate has learned.

    Parameters
    ----------
    intercept : float
    coefficients : ndarray, shape (d,)
        0 where a feature was not selected.
    stderr : ndarray, shape (d,)
        Standard errors, robust to unequal variance; NaN where a feature was not selected.
    fidelity : float
        Weighted R² on the neighbourhood; NaN where the outputs do not move.
    selected : ndarray of int
        The features in the fit, largest coefficient first.
    """

    intercept: float
    coefficients: Floats
    stderr: Floats
    fidelity: float
    selected: Ints

    def predict(self, design: Masks | Floats) -> Floats:
        """Return the surrogate's answer (n,) for a design (n, d)."""
        return np.asarray(self.intercept + design @ self.coefficients)

    def lines(self, names: Sequence[str]) -> list[str]:
        """List what there is to say beside the coefficients, for terminals; linear fits have nothing."""
        del names
        return []

    def alone(self) -> Fit:
        """Return what was learned of the selected features, as if there were no others."""
        chosen = self.selected
        return replace(
            self, coefficients=self.coefficients[chosen], stderr=self.stderr[chosen], selected=np.arange(len(chosen))
        )


class Surrogate(Protocol):
    """Anything that fits one output of a weighted neighbourhood."""

    def fit(self, weighted: Weighted, target: int) -> Fit:
        """Fit output number ``target``."""


@dataclass(frozen=True)
class Ridge:
    """Weighted ridge regression on a few features.

    Parameters
    ----------
    n_features : int
        How many features to keep, 1 or more.
    alpha : float
        Penalty on the squared coefficients of the final fit.
    select : {"auto", "forward", "highest", "none"}
        "forward": one at a time, the one that raises the fit most. "highest": those with the largest coefficients in
        a fit of all, times the instance's value where columns have slopes. "none": all of them. "auto": forward up to
        6 features, else highest.

    Notes
    -----
    Selection and fit are those of the ``lime`` package, coefficient for coefficient, up to ``GRAM_LIMIT`` features.
    Beyond, the 1,000 features that vary most with the output are looked at first; with "none" the system of all
    features is solved from the packed masks, and standard errors are not estimated.

    Standard errors are sandwich estimates with leverage correction (HC3): the model is a deterministic function, what
    is left over is lack of fit, and it is not spread evenly. They are for the features as selected; selection itself
    is not in them.

    References
    ----------
    J. S. Long and L. H. Ervin, "Using heteroscedasticity consistent standard errors in the linear regression
    model", The American Statistician 54(3), 2000.

    Examples
    --------
    >>> from retrust.neighbourhood import Neighbourhood, Weighted
    >>> from retrust.sampling import Exponential, UniformCount
    >>> masks = UniformCount()(3, 2000, np.random.default_rng(0))
    >>> w = Weighted(Neighbourhood.of(masks, masks @ np.array([[2.0], [0.0], [-1.0]])), Exponential(1000))
    >>> Ridge(n_features=2, alpha=0).fit(w, 0).coefficients.round(6) + 0.0
    array([ 2.,  0., -1.])
    """

    n_features: int = 10
    alpha: float = 1.0
    select: Select = "auto"

    def __post_init__(self) -> None:
        """Check the options at once."""
        _check(self.n_features, self.alpha)
        if self.select not in get_args(Select):
            raise OptionError(f"select={self.select!r}; expected one of {listed(get_args(Select))}")

    def fit(self, weighted: Weighted, target: int) -> Fit:
        """Select features and fit them to output number ``target``."""
        if _flat(weighted, target):
            return _constant(weighted, target)
        if self.select == "none" and assisted(weighted, target) is None and weighted.moments.xx is None:
            return _finished(weighted, target, _solved_in_blocks(weighted, target, self.alpha))
        system = _System.of(weighted, target)
        own = weighted.neighbourhood.own
        light = partial(_lightly, weighted, target, system)
        chosen = self._selected(system, light, None if own is None else own[0, system.columns])
        part = system.part(chosen)
        return _finished(weighted, target, part.solved(self.alpha))

    def chooser(self, weighted: Weighted, target: int) -> Callable[[Floats], Masks] | None:
        """Return what tells which parts would be selected (m, d) for rows of coefficients of all parts (m, d).

        None where those with the largest coefficients are.
        """
        own = weighted.neighbourhood.own
        if self._steps:
            return partial(_stepped, _System.of(weighted, target).gram, count=self.n_features)
        return None if own is None else partial(_largest, instance=own[0], count=self.n_features)

    @property
    def _steps(self) -> bool:
        """Whether parts are selected one at a time."""
        return self.select == "forward" or (self.select == "auto" and self.n_features <= _FEW)

    def _selected(self, system: _System, light: Callable[[], Floats], instance: Floats | None) -> Ints:
        count = min(self.n_features, system.p)
        if self.select == "none" or (count == system.p and self.n_features > system.p):
            return np.arange(system.p)
        if self._steps:
            return _forward(system, count)
        beta = light()
        return np.argsort(-np.abs(beta if instance is None else beta * instance), kind="stable")[:count]


@dataclass(frozen=True)
class Lasso:
    """K-LASSO (algorithm 1 of the paper): select along the lasso path, then least squares.

    Parameters
    ----------
    n_features : int
        K: the last step of the path with at most so many non-zero coefficients decides.
    alpha : float
        Ridge penalty of the final fit; the paper has none.

    Notes
    -----
    The paper centres nothing and has no intercept; here there is one, which is what both leave out.
    """

    n_features: int = 10
    alpha: float = 0.0

    def __post_init__(self) -> None:
        """Check the options at once."""
        _check(self.n_features, self.alpha)

    def fit(self, weighted: Weighted, target: int) -> Fit:
        """Select features and fit them to output number ``target``."""
        if _flat(weighted, target):
            return _constant(weighted, target)
        system = _System.of(weighted, target)
        part = system.part(self._selected(system, len(weighted.neighbourhood)))
        return _finished(weighted, target, part.solved(self.alpha))

    def _selected(self, system: _System, n: int) -> Ints:
        cross = system.cross / (np.abs(system.cross).max() or 1)  # the path stops at an absolute size
        _, _, path = lars_path_gram(cross, system.gram, n_samples=n, method="lasso", max_iter=system.p * 2)
        counts = np.count_nonzero(path, axis=0)
        step = int(np.flatnonzero(counts <= self.n_features)[-1])
        return np.flatnonzero(path[:, step])


def _check(n_features: int, alpha: float) -> None:
    if not isinstance(n_features, int | np.integer) or isinstance(n_features, bool) or n_features < 1:
        raise OptionError(f"n_features={n_features!r}; a whole number, 1 or more, is expected – 10 is the default")
    if not 0 <= alpha < np.inf:
        raise OptionError(f"alpha={alpha!r}; 0 or more is expected")


def estimated(weighted: Weighted, target: int) -> tuple[Floats, Floats]:
    """Return least-squares coefficients of all parts and their standard errors, (d,); NaN beyond ``GRAM_LIMIT``."""
    known = assisted(weighted, target)
    if known is not None:
        return known.coefficients, known.stderr
    d = weighted.neighbourhood.d
    if weighted.moments.xx is None or np.count_nonzero(weighted.weights) <= d + 1:
        return np.full(d, np.nan), np.full(d, np.nan)
    fit = Ridge(d, _LIGHT, "none").fit(weighted, target)
    return fit.coefficients, fit.stderr


@dataclass(frozen=True, eq=False)
class _Solved:
    """Coefficients of some columns, and the matrix that they were solved with (None where it was never built)."""

    columns: Ints
    beta: Floats
    matrix: Floats | None


@dataclass(frozen=True, eq=False)
class _System:
    """Centred normal equations of some columns: gram (p, p) and cross (p,)."""

    columns: Ints
    gram: Floats
    cross: Floats

    @classmethod
    def of(cls, weighted: Weighted, target: int) -> _System:
        known = assisted(weighted, target)
        if known is not None:
            columns = np.arange(len(known.cross))
            return cls(columns, known.gram(columns), known.weight * known.cross)
        m = weighted.moments
        cross = m.xy[:, target] - m.x * (m.y[target] / m.weight)
        if m.xx is not None:
            return cls(np.arange(len(m.x)), _centred(weighted, m.xx), cross)
        columns = _screened(m, cross)
        x = m.x[columns]
        return cls(columns, weighted.gram(columns) - np.outer(x, x) / m.weight, cross[columns])

    @property
    def p(self) -> int:
        return len(self.columns)

    def part(self, chosen: Ints) -> _System:
        return replace(
            self, columns=self.columns[chosen], gram=self.gram[np.ix_(chosen, chosen)], cross=self.cross[chosen]
        )

    def solved(self, alpha: float) -> _Solved:
        """Solve (gram + α I) β = cross; least squares of smallest norm where that has no unique answer."""
        matrix = self.gram + alpha * np.eye(self.p)
        unique = alpha > 0
        beta = np.linalg.solve(matrix, self.cross) if unique else np.linalg.lstsq(matrix, self.cross, rcond=1e-12)[0]
        return _Solved(self.columns, np.asarray(beta, dtype=np.float64), matrix)


def _centred(weighted: Weighted, xx: Floats) -> Floats:
    """Return the centred Gram matrix of all parts, which all outputs share."""
    if "gram" not in weighted.memo:
        m = weighted.moments
        weighted.memo["gram"] = xx - np.outer(m.x, m.x) / m.weight
    found: Floats = weighted.memo["gram"]
    return found


def _lightly(weighted: Weighted, target: int, system: _System) -> Floats:
    """Return coefficients of all parts under next to no penalty, solved for all outputs at once where they can be."""
    known = assisted(weighted, target)
    if known is not None:
        return known.coefficients
    m = weighted.moments
    if m.xx is None:
        return system.solved(_LIGHT).beta
    if "light" not in weighted.memo:
        matrix = system.gram + _LIGHT * np.eye(system.p)
        weighted.memo["light"] = np.linalg.solve(matrix, m.xy - np.outer(m.x, m.y / m.weight))
    found: Floats = weighted.memo["light"][:, target]
    return found


def _screened(moments: Moments, cross: Floats) -> Ints:
    """Return the columns that vary most with the output, once the effect of the sheer number present is set aside."""
    share = moments.x / moments.weight
    spread = np.sqrt(np.maximum(share * (1 - share), _FLAT))
    return np.sort(np.argsort(-np.abs(cross - cross.mean()) / spread, kind="stable")[:_SCREENED])


def _forward(system: _System, count: int) -> Ints:
    """Add the column that explains most of what is left, one at a time (Gram–Schmidt on the normal equations)."""
    left, cross = system.gram.diagonal().copy(), system.cross.copy()
    smallest = 1e-10 * max(left.max(), _FLAT)
    basis: list[Floats] = []
    chosen: list[int] = []
    for _ in range(count):
        gain = np.where(left > smallest, cross**2 / np.maximum(left, smallest), -1.0)
        gain[chosen] = -1.0
        best = int(np.argmax(gain))
        if gain[best] < 0:
            break
        done = sum((b * b[best] for b in basis), np.zeros(system.p))
        new = (system.gram[:, best] - done) / np.sqrt(left[best])
        cross = cross - new * (cross[best] / np.sqrt(left[best]))
        left = left - new**2
        basis.append(new)
        chosen.append(best)
    return np.array(chosen, dtype=np.intp)


def _stepped(gram: Floats, rows: Floats, count: int) -> Masks:
    """Select as :func:`_forward` does, for many rows of coefficients of all columns (m, p) at once, (m, p)."""
    cross, left = rows @ gram, np.tile(gram.diagonal(), (len(rows), 1))
    smallest, each = 1e-10 * max(left.max(), _FLAT), np.arange(len(rows))
    basis: list[Floats] = []
    chosen = np.zeros(rows.shape, dtype=bool)
    for _ in range(count):
        gain = np.where(chosen | (left <= smallest), -1.0, cross**2 / np.maximum(left, smallest))
        best = np.argmax(gain, axis=1)
        root = np.sqrt(np.maximum(left[each, best], smallest))
        done = sum((b * b[each, best][:, None] for b in basis), np.zeros(rows.shape))
        new = (gram[best] - done) / root[:, None]
        cross = cross - new * (cross[each, best] / root)[:, None]
        left = left - new**2
        basis.append(new)
        chosen[each, best] = True
    return chosen


def _largest(rows: Floats, instance: Floats, count: int) -> Masks:
    """Select those with the largest coefficients times the instance's values, (m, p)."""
    order = np.argsort(-np.abs(rows * instance), axis=1, kind="stable")[:, :count]
    chosen = np.zeros(rows.shape, dtype=bool)
    np.put_along_axis(chosen, order, values=True, axis=1)
    return chosen


def _solved_in_blocks(weighted: Weighted, target: int, alpha: float) -> _Solved:
    """Solve the ridge system of all columns by conjugate gradients, reading the packed masks in blocks."""
    m, neighbourhood, weights = weighted.moments, weighted.neighbourhood, weighted.weights
    d = len(m.x)

    def times(vector: Floats) -> Floats:
        total = alpha * vector - m.x * (m.x @ vector) / m.weight
        for rows, design in neighbourhood.blocks():
            x = design.astype(np.float64)
            total += x.T @ (weights[rows] * (x @ vector))
        return total

    cross = m.xy[:, target] - m.x * (m.y[target] / m.weight)
    answer, _ = cg(LinearOperator((d, d), matvec=times, dtype=np.float64), cross, rtol=1e-10, maxiter=10 * d)
    return _Solved(np.arange(d), answer, None)


def _flat(weighted: Weighted, target: int) -> bool:
    """Tell whether the outputs do not move on the neighbourhood."""
    if not weighted.weights.any():
        raise OptionError("the kernel gives weight 0 to every mask; a wider one is expected – 25 is the default")
    y = weighted.neighbourhood.outputs[:, target]
    return bool(np.ptp(y) <= _FLAT * np.abs(y).max())


def _constant(weighted: Weighted, target: int) -> Fit:
    d = weighted.neighbourhood.d
    first = float(weighted.neighbourhood.outputs[0, target])
    return Fit(first, np.zeros(d), np.full(d, np.nan), np.nan, np.empty(0, dtype=np.intp))


def _finished(weighted: Weighted, target: int, solved: _Solved) -> Fit:
    """Add intercept, fidelity and standard errors to solved coefficients, and spread them over all d features."""
    d, columns, beta = weighted.neighbourhood.d, solved.columns, solved.beta
    known = assisted(weighted, target)
    if known is not None:
        intercept = known.level - float(known.law.mean[columns] @ beta)
    else:
        m = weighted.moments
        origin = float(weighted.neighbourhood.outputs[0, target])
        intercept = origin + float((m.y[target] - m.x[columns] @ beta) / m.weight)
    fidelity, errors = _residuals(weighted, target, solved, intercept, robust=known is None)
    if known is not None:
        errors = _sandwich(known, solved)
    coefficients, stderr = np.zeros(d), np.full(d, np.nan)
    coefficients[columns], stderr[columns] = beta, errors
    order = np.argsort(-np.abs(beta), kind="stable")
    return Fit(intercept, coefficients, stderr, fidelity, columns[order])


def _sandwich(known: Assisted, solved: _Solved) -> Floats:
    """Return standard errors where only what a guess missed is left to chance."""
    inverse = _inverse(known.gram(solved.columns) if solved.matrix is None else solved.matrix)
    return np.asarray(np.sqrt(np.maximum(np.diag(inverse @ known.covariance(solved.columns) @ inverse), 0)))


def _residuals(
    weighted: Weighted, target: int, solved: _Solved, intercept: float, *, robust: bool = True
) -> tuple[float, Floats]:
    """Return weighted R² and, where asked for, HC3 standard errors in one pass over the chosen columns."""
    weights, columns, p = weighted.weights, solved.columns, len(solved.columns)
    near, total = weighted.neighbourhood, float(weights.sum())
    y = near.outputs[:, target]
    spread = float(weights @ (y - weights @ y / total) ** 2)
    free = (
        robust and np.count_nonzero(weights) > p + 1 and not near.exact
    )  # else nothing is left over to tell the errors from
    inverse = _inverse(solved.matrix) if free and solved.matrix is not None else None
    lost, meat = 0.0, np.zeros((p, p) if inverse is not None else (0, 0))
    for rows in _rows(len(y), p):
        x, w = near.columns(columns, rows), weights[rows]
        error = y[rows] - intercept - np.einsum("ij,j->i", x, solved.beta)
        lost += float(w @ error**2)
        if inverse is not None:
            meat += _meat(x - weighted.moments.x[columns] / total, w, error, inverse, total)
    stderr = (
        np.full(p, 0.0 if near.exact else np.nan)
        if inverse is None
        else np.sqrt(np.maximum(np.diag(inverse @ meat @ inverse), 0))
    )
    return 1 - lost / spread if spread > 0 else float("nan"), stderr


def _inverse(matrix: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(matrix, hermitian=True), dtype=np.float64)


def _meat(x: Floats, w: Floats, error: Floats, inverse: Floats, total: float) -> Floats:
    """Return Σ x xᵀ (w e / (1 − h))² of one block, h the leverage."""
    leverage = w * (np.einsum("ij,ij->i", x @ inverse, x) + 1 / total)
    scores = x * (w * error / np.maximum(1 - leverage, 1e-3))[:, None]
    return np.asarray(scores.T @ scores)


def _rows(n: int, p: int) -> list[slice]:
    step = max(1, _CELLS // max(1, p))
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]

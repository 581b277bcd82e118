"""LIME as the authors of the paper ran it in sections 5.2 to 5.4, from parts that an explainer of retrust is given.

It differs from the ``lime`` package of later years in the law of the masks, the width of the kernel and the surrogate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from absences import Kept
from sklearn.linear_model import lars_path_gram

import retrust as rt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

SAMPLES, WIDTH, WORDS = 15_000, 25.0, 10
_FLAT = 1e-9


@dataclass(frozen=True)
class KLasso:
    """K-LASSO as the authors' code has it: outputs less their plain mean, words uncentred, no intercept.

    Parameters
    ----------
    n_features : int
        K: the last step of the path with at most so many words decides; then least squares on those.
    centred : bool
        Whether words and outputs are centred by their weighted means instead, which is what an intercept does.
    whole : bool
        Where the outputs do not move, the path has no step. The authors' code then returns all words, each with
        weight 0, and so it counts as having found whatever was looked for; otherwise nothing is returned.
    """

    n_features: int = WORDS
    centred: bool = False
    whole: bool = True

    def fit(self, weighted: Any, target: int) -> rt.Fit:
        """Select words and fit them to output number ``target``."""
        outputs, m = weighted.neighbourhood.outputs[:, target], weighted.moments
        mean = m.y[target] / m.weight if self.centred else outputs.mean() - outputs[0]
        gram = m.xx - np.outer(m.x, m.x) / m.weight if self.centred else m.xx
        cross = m.xy[:, target] - m.x * mean
        d = len(cross)
        coefficients, stderr = np.zeros(d), np.full(d, np.nan)
        if np.abs(outputs - outputs[0]).max() < _FLAT:
            chosen = np.arange(d if self.whole else 0)
            return rt.Fit(float(outputs[0]), coefficients, stderr, float("nan"), chosen)
        chosen = last_step(gram, cross / np.abs(cross).max(), self.n_features)
        coefficients[chosen] = np.linalg.lstsq(gram[np.ix_(chosen, chosen)], cross[chosen], rcond=1e-12)[0]
        level = mean - (m.x @ coefficients / m.weight if self.centred else 0)  # above the document's own output
        chosen = chosen[np.argsort(-np.abs(coefficients[chosen]), kind="stable")]
        fidelity = explained_share(m, target, level, coefficients)
        return rt.Fit(float(outputs[0] + level), coefficients, stderr, fidelity, chosen)


def last_step(gram: Array, cross: Array, most: int) -> Array:
    """Return the words of the last step of the lasso path that has at most so many.

    The path is followed until half as many again are in it: words may leave it again, but not so many.
    """
    steps = 2 * most + 2
    while True:
        _, _, path = lars_path_gram(cross, gram, n_samples=len(cross), method="lasso", max_iter=steps)
        counts = np.count_nonzero(path, axis=0)
        if counts[-1] > 1.5 * most or path.shape[1] <= steps:
            return np.flatnonzero(path[:, np.flatnonzero(counts <= most)[-1]])
        steps *= 2


def explained_share(m: Any, target: int, level: float, coefficients: Array) -> float:
    """Return weighted R² from the sums over a neighbourhood."""
    y, yy, pull = m.y[target], m.yy[target], m.x @ coefficients
    fitted = level**2 * m.weight + 2 * level * pull + coefficients @ m.xx @ coefficients
    left = yy - 2 * (level * y + m.xy[:, target] @ coefficients) + fitted
    return float(1 - left / (yy - y**2 / m.weight))


def explainer(model: Any, domain: Any, surrogate: KLasso | None = None, seed: int = 0) -> rt.Explainer:
    """Return an explainer with the authors' law, kernel and surrogate.

    Their kernel is exp(−D² / 25²) on the squared error; retrust's exponential takes the root, as the package does.
    """
    kernel = rt.exponential(WIDTH / np.sqrt(2))
    return rt.Explainer(model, domain, sampler=Kept(), kernel=kernel, surrogate=surrogate or KLasso(), seed=seed)

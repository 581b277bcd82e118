"""An explanation laid open: how its weights moved, how far it reaches, what was asked, and its formula in numbers."""

from __future__ import annotations

from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.explanation import Move
from retrust.neighbourhood import Weighted
from retrust.pairs import PairFit
from retrust.sampling import Exponential
from retrust.tree import TreeFit
from retrust.widths import FLOOR, best, curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.explanation import Explanation
    from retrust.representation import Floats

Json = dict[str, Any]

_FIRST = 128
_ROWS, _BANDS, _TERMS = 24, 8, 4
_FAITHFUL, _FEW, _STABLE = 0.5, 0.1, 0.95


def study(explanation: Explanation) -> Json:
    """Describe how an explanation came about; ``docs/contract.md`` says what each field means.

    Raises
    ------
    DetachedError
        Its neighbourhood was let go.

    Examples
    --------
    >>> import retrust as rt
    >>> e = rt.explain(lambda texts: np.array([len(t) / 99 for t in texts]), "some words of a text", n_samples=200)
    >>> sorted(study(e))
    ['advice', 'formula', 'moves', 'near', 'residuals', 'widths']
    """
    explanation.neighbourhood.whole()
    widths = _widths(explanation)
    return {
        "moves": [
            {"n": move.n_samples, "weights": [list(each) for each in move.weights]} for move in _moves(explanation)
        ],
        "widths": widths,
        "near": _near(explanation),
        "residuals": _residuals(explanation),
        "formula": _formula(explanation),
        "advice": _advice(explanation, widths),
    }


def _moves(explanation: Explanation) -> Sequence[Move]:
    """Return how the weights moved; worked out from the first masks, where nobody looked while sampling."""
    near = explanation.neighbourhood
    if len(explanation.moves) > 1 or explanation.exact:
        return explanation.moves
    found = []
    for n in takewhile(lambda n: n < len(near), (_FIRST << doubled for doubled in count())):
        weighted = Weighted(near.first(n), explanation.kernel)
        found.append(Move.at(n, explanation.surrogate.fit(weighted, explanation.target)))
    return [*found, Move.of(explanation)]


def _widths(explanation: Explanation) -> Json | None:
    kernel = explanation.kernel
    if not isinstance(kernel, Exponential):
        return None
    found = curve(explanation.neighbourhood, explanation.surrogate, explanation.target, kernel)
    chosen = best(found)
    return {
        "now": kernel.width,
        "floor": FLOOR,
        "best": None if chosen is None else chosen.width,
        "curve": [
            {"width": each.width, "fidelity": _number(each.fidelity), "effective": each.effective} for each in found
        ],
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _guessed(explanation: Explanation) -> Floats:
    near = explanation.neighbourhood
    return np.concatenate([explanation.fit.predict(design) for _, design in near.blocks()])


def _near(explanation: Explanation) -> list[Json]:
    """Describe masks from near to far: what was off, what the model said, what the surrogate says, and the weight."""
    near, weights = explanation.neighbourhood, explanation.weighted.weights
    order = np.argsort(-weights, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, _ROWS).astype(int))]
    guessed, masks, largest = _guessed(explanation), near.masks[chosen], max(float(weights.max()), 1e-300)
    return [
        {
            "off": np.flatnonzero(~mask).tolist(),
            "model": float(near.outputs[row, explanation.target]),
            "surrogate": float(guessed[row]),
            "weight": float(weights[row] / largest),
        }
        for row, mask in zip(chosen.tolist(), masks, strict=True)
    ]


def _residuals(explanation: Explanation) -> list[Json]:
    """Describe what the surrogate misses, by how many parts are absent."""
    near = explanation.neighbourhood
    absent = near.d - np.count_nonzero(near.masks, axis=1)
    missed = near.outputs[:, explanation.target] - _guessed(explanation)
    ends = np.unique(np.linspace(0, near.d + 1, min(_BANDS, near.d + 1) + 1).astype(int))
    bands = [(low, high, (absent >= low) & (absent < high)) for low, high in pairwise(ends)]
    return [
        {
            "absent": [int(low), int(high) - 1],
            "n": int(inside.sum()),
            "mean": float(missed[inside].mean()),
            "spread": float(missed[inside].std()),
        }
        for low, high, inside in bands
        if inside.any()
    ]


def _formula(explanation: Explanation) -> list[str]:
    """Write the surrogate, the kernel and the fit in this explanation's own numbers."""
    fit, near = explanation.fit, explanation.neighbourhood
    first = near.outputs[0, explanation.target]
    found = [
        _surrogate(explanation),
        f"For the instance itself g = {explanation.local_prediction:.3g}; the model says {first:.3g}.",
    ]
    if isinstance(explanation.kernel, Exponential):
        found.append(_kernel(explanation, explanation.kernel))
    if np.isfinite(fit.fidelity):
        found.append(
            f"Local fit R² = 1 − Σ w (f − g)² / Σ w (f − mean f)² = {fit.fidelity:.3g}, over {len(near):,} masks, "
            f"which count as much as {explanation.effective:,.0f} of equal weight."
        )
    return found


def _surrogate(explanation: Explanation) -> str:
    """Write the surrogate as a formula; a tree is told by its rules."""
    fit, names = explanation.fit, [feature.name for feature in explanation.features]
    if isinstance(fit, TreeFit):
        return f"g(z) is a tree of {len(fit.leaves())} leaves: it follows the parts that are present to one of them."
    pairs = fit.pairs if isinstance(fit, PairFit) else ()
    alone = fit.apart if isinstance(fit, PairFit) else fit.coefficients
    terms = [f"{alone[i]:+.3g} [{names[i]}]" for i in fit.selected[:_TERMS]]
    more = len(fit.selected) - len(terms)
    line = f"g(z) = {fit.intercept:.3g} " + " ".join(terms) + (f" … and {more} more terms" if more > 0 else "")
    line += "".join(f" {each.coefficient:+.3g} [{names[each.first]}][{names[each.second]}]" for each in pairs)
    return f"{line}; [part] is 1 where the part is present, 0 where it is absent."


def _kernel(explanation: Explanation, kernel: Exponential) -> str:
    far = "100 × the cosine distance" if kernel.distance == "cosine" else "the euclidean distance"
    weights = explanation.weighted.weights
    middle = float(np.median(weights))
    return (
        f"The weight of a mask is w = exp(−D² / (2 · {kernel.width:.3g}²)), D {far} from the instance; half of the "
        f"masks weigh more than {middle:.2g}."
    )


def _advice(explanation: Explanation, widths: Json | None) -> list[str]:
    """Say what to change to get a better fit."""
    return [said for said in (_fit(explanation, widths), _sample(explanation), explanation.locality) if said]


def _fit(explanation: Explanation, widths: Json | None) -> str | None:
    if not explanation.fidelity < _FAITHFUL:
        return None
    least = _believable(widths) if widths else None
    if least is not None:
        narrower = f"e.read(kernel=rt.exponential({least:.3g}))"
        return f"The fit is poor. A kernel of width {least:.3g} follows the model better: {narrower}."
    return (
        "The fit is poor at every width. Words or parts may work together: try surrogate=rt.Tree(3) or rt.Pairs(), or "
        "more features."
    )


def _believable(widths: Json) -> float | None:
    """Return the best width where it is narrower and its fit can be believed."""
    best = next((each for each in widths["curve"] if each["width"] == widths["best"]), None)
    good = best is not None and best["width"] < widths["now"] and best["fidelity"] >= _FAITHFUL
    return float(best["width"]) if best is not None and good else None


def _sample(explanation: Explanation) -> str | None:
    if explanation.exact or explanation.settled:
        return None
    if explanation.effective < _FEW * len(explanation.neighbourhood):
        return "Few samples count under this kernel: n_samples='auto' draws where it looks."
    if explanation.stability < _STABLE:
        overlap = f"{explanation.stability:.2f}"
        return f"Another seed would share {overlap} of the top parts: sample more, or ask for fewer features."
    return None

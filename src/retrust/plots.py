"""Pictures for papers and slides, with matplotlib."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from retrust.domains.image import ImageRepresentation
from retrust.encoding import evidence
from retrust.representation import clipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from retrust.explanation import Explanation
    from retrust.picking import Pick

_LINE, _LINES = 32, 2  # characters and lines of a part's name
_FOR, _AGAINST, _INK = "#1f66ad", "#b35806", "#1d2024"


def plot(explanation: Explanation, ax: Axes | None = None) -> Axes:
    """Draw an explanation: its weights as bars with 95 % intervals, largest on top, or over the picture of an image.

    Parameters
    ----------
    explanation : Explanation
    ax : matplotlib Axes, optional
        Default: a new figure.

    Returns
    -------
    matplotlib Axes
    """
    if isinstance(explanation.representation, ImageRepresentation):
        return _photo(explanation, explanation.representation, ax)
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6, 0.6 + 0.3 * max(1, len(explanation.fit.selected))), layout="constrained")
    chosen = explanation.fit.selected[::-1]
    weights, reach = explanation.coefficients[chosen], 1.96 * explanation.stderr[chosen]
    rows = np.arange(len(chosen))
    colours = [_FOR if weight > 0 else _AGAINST for weight in weights]
    ax.barh(rows, weights, xerr=np.nan_to_num(reach), color=colours, ecolor=_INK)
    ax.set_yticks(rows, [_wrapped(explanation.features[i].name) for i in chosen])
    ax.axvline(0, color=_INK, linewidth=0.8)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_xlabel(f"weight for {_plain(explanation.classes[explanation.target])}")
    ax.set_title(_title(explanation), loc="left", fontsize="medium")
    return ax


def curve(pick: Pick, ax: Axes | None = None) -> Axes:
    """Draw what each further instance of a pick covers, beside random picks: their mean and middle nine tenths.

    Parameters
    ----------
    pick : Pick
    ax : matplotlib Axes, optional
        Default: a new figure.

    Returns
    -------
    matplotlib Axes
    """
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    sizes = np.arange(1, len(pick) + 1)
    mean, low, high = (100 * share for share in pick.random_shares())
    ax.fill_between(sizes, low, high, color=_INK, alpha=0.12, linewidth=0)
    ax.plot(sizes, mean, color=_INK, linestyle="--", label="random picks")
    ax.plot(sizes, 100 * pick.share, color=_FOR, marker="o", label=f"{pick.method} pick")
    ax.set_xlabel("instances")
    ax.set_ylabel("importance shown (%)")
    ax.set_ylim(0, 100)
    ax.set_xticks(sizes[:: max(1, len(sizes) // 10)])
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
    return ax


def _photo(explanation: Explanation, representation: ImageRepresentation, ax: Axes | None) -> Axes:
    """Draw the picture with what speaks for it in blue and against it in orange."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(layout="constrained")
    ax.imshow(evidence(representation, explanation.coefficients))
    ax.set_axis_off()
    name = _plain(explanation.classes[explanation.target])
    ax.set_title(f"{name}: blue for, orange against\n{_title(explanation)}", loc="left", fontsize="medium")
    return ax


def _wrapped(name: str) -> str:
    """Write a long name, such as a condition's, on two lines, its ends on them."""
    return _plain("\n".join(wrap(clipped(name, _LINE * _LINES - 4), _LINE)) or name)


def _plain(name: str) -> str:
    """Keep matplotlib from reading formulas into names."""
    return name.replace("$", r"\$")


def _title(explanation: Explanation) -> str:
    fit = "no local fit" if np.isnan(explanation.fidelity) else f"local fit R² {explanation.fidelity:.2f}"
    return (
        f"model {explanation.prediction[explanation.target]:.3g}, surrogate {explanation.local_prediction:.3g}, {fit}"
    )

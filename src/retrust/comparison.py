"""Several models on the same instances: the same masks, so that the reasons differ by the models alone.

Section 6.2 of the paper: people look at two classifiers' reasons for the same documents and choose the better one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from retrust.explanation import Explanation
    from retrust.representation import Floats


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Mapping[str, "Explanation"]):
    """One instance explained by several models on one neighbourhood.

    Made by :meth:`retrust.Explainer.compare`. Its figures compare the first model with the last.

    Parameters
    ----------
    explanations : mapping of str to Explanation
        By the models' names, in the order in which they were given.
    title : str
        What people call the instance.
    label : int or None
        Its true class, where known.

    Examples
    --------
    >>> import retrust as rt
    >>> def fishy(texts):
    ...     return np.array([0.6 * ("fish" in t) + 0.2 * ("Posting" in t) for t in texts])
    >>> def headers(texts):
    ...     return np.array([0.9 * ("Posting" in t) - 0.1 * ("fish" in t) for t in texts])
    >>> both = rt.Explainer(fishy, surrogate=rt.Ridge(2)).compare({"a": fishy, "b": headers}, "Posting a fish here")
    >>> both["a"].top(1)[0][0], both.overlap, both.turned
    ('fish', 1.0, ['fish'])
    """

    explanations: Mapping[str, Explanation]
    title: str = ""
    label: int | None = None

    def __getitem__(self, name: str) -> Explanation:
        return self.explanations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.explanations)

    def __len__(self) -> int:
        """Return how many models there are."""
        return len(self.explanations)

    @cached_property
    def _ends(self) -> tuple[Explanation, Explanation]:
        every = list(self.explanations.values())
        return every[0], every[-1]

    @property
    def overlap(self) -> float:
        """The share of the selected features that both models share: 1 where they are the same."""
        first, last = (set(each.fit.selected.tolist()) for each in self._ends)
        return len(first & last) / len(first | last) if first | last else 1.0

    @property
    def turned(self) -> list[str]:
        """The names of features that speak for the target in one model and against it in the other."""
        first, last = self._ends
        signs = np.sign(first.coefficients) * np.sign(last.coefficients)
        return [first.features[i].name for i in np.flatnonzero(signs < 0)]

    @property
    def cosine(self) -> float:
        """How alike the weights are: 1 the same, 0 nothing in common, −1 opposite; NaN where a model has none."""
        first, last = (_direction(each.coefficients) for each in self._ends)
        return float(np.clip(first @ last, -1, 1))

    def __str__(self) -> str:
        """Return a table for terminals."""
        parts = [f"{_printable(name)}: {explanation}" for name, explanation in self.items()]
        return "\n".join(
            [*parts, f"overlap {self.overlap:.2f} · cosine {self.cosine:.2f} · turned: {len(self.turned)}"]
        )

    __repr__ = __str__


@dataclass(frozen=True, eq=False, repr=False)
class Comparisons(Sequence[Comparison]):
    """Several instances, each explained by the same models.

    Made by :meth:`retrust.Explainer.compare_many`.

    Parameters
    ----------
    items : tuple of Comparison
    seed : int
        Draws the order in which the models stand while their names are hidden.
    """

    items: tuple[Comparison, ...]
    seed: int = 0

    @overload
    def __getitem__(self, at: int) -> Comparison: ...
    @overload
    def __getitem__(self, at: slice) -> Comparisons: ...
    def __getitem__(self, at: int | slice) -> Comparison | Comparisons:
        return Comparisons(self.items[at], self.seed) if isinstance(at, slice) else self.items[at]

    def __len__(self) -> int:
        return len(self.items)

    @property
    def models(self) -> list[str]:
        """The names of the models."""
        return list(self.items[0]) if self.items else []

    @property
    def order(self) -> list[int]:
        """The models in an order that says nothing about them."""
        drawn = {name: blake2b(f"{self.seed} {name}".encode("utf-8", "surrogatepass")).digest() for name in self.models}
        return sorted(range(len(self.models)), key=lambda i: drawn[self.models[i]])

    def to_frame(self, backend: str = "pandas") -> Any:
        """Return a data frame with a row for each instance and model.

        Columns: index, title, model, answer (class), prediction, fidelity, overlap, turned (how many), cosine.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            Whose data frame; it must be installed.
        """
        from narwhals import from_dict

        rows = [(i, both, name, each) for i, both in enumerate(self) for name, each in both.items()]
        columns: dict[str, list[Any]] = {
            "index": [i for i, _, _, _ in rows],
            "title": [both.title for _, both, _, _ in rows],
            "model": [name for _, _, name, _ in rows],
            "answer": [each.classes[int(np.argmax(each.prediction))] for _, _, _, each in rows],
            "prediction": [float(each.prediction.max()) for _, _, _, each in rows],
            "fidelity": [each.fidelity for _, _, _, each in rows],
            "overlap": [both.overlap for _, both, _, _ in rows],
            "turned": [len(both.turned) for _, both, _, _ in rows],
            "cosine": [both.cosine for _, both, _, _ in rows],
        }
        return from_dict(columns, backend=backend).to_native()  # type: ignore[arg-type]

    def to_html(self, path: str | Path | None = None) -> str:
        """Return one HTML file that shows the models side by side, offline; written to ``path`` where given."""
        from retrust.export import panel_html

        return panel_html(self, path)

    def __str__(self) -> str:
        """Return a table for terminals."""
        head = f"{len(self)} instances by {_printable(', '.join(self.models)) or 'no model'}"
        rows = [
            f"  {i:>4}  overlap {both.overlap:.2f}  cosine {both.cosine:+.2f}  turned {len(both.turned)}  {title}"
            for i, (both, title) in enumerate((each, _printable(each.title[:50])) for each in self)
        ]
        return "\n".join([head, *rows])

    __repr__ = __str__


def _direction(weights: Floats) -> Floats:
    """Return the weights at length one, however large or small they are; NaN where all are zero."""
    largest = np.abs(weights).max(initial=0)
    scaled = weights / (largest or np.nan)
    direction: Floats = scaled / np.linalg.norm(scaled)
    return direction


def same_target(first: Explanation, other: Explanation) -> int | str:
    """Return what is explained in the first, as the other knows it: by name where they share any, else by index."""
    return first.classes[first.target] if _named_alike(first, other) else first.target


def places(first: Explanation, other: Explanation) -> list[int | None]:
    """Return where the first's classes are among the other's: by name where they share any, else by index."""
    if not _named_alike(first, other):
        return [index if index < len(other.classes) else None for index in range(len(first.classes))]
    at = {name: index for index, name in enumerate(other.classes)}
    return [at.get(name) for name in first.classes]


def _named_alike(first: Explanation, other: Explanation) -> bool:
    return not (_unnamed(first) or set(first.classes).isdisjoint(other.classes))


def _unnamed(explanation: Explanation) -> bool:
    return explanation.classes in {("output",), tuple(map(str, range(len(explanation.classes))))}


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)

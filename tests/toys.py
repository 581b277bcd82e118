"""Small models, texts and a domain whose answers can be worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import Feature
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.widths import exponential

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks
    from retrust.sampling import Kernel

TEXT = "a good film with a bad end, a very bad end indeed"


def has(text: str, word: str) -> bool:
    """Tell whether a word stands in a text, between blanks or commas."""
    return word in text.replace(",", " ").split()


def linear(weights: Mapping[str, float], base: float = 0.0) -> Callable[[Sequence[str]], Floats]:
    """Make a model that adds the weights of the words that are present."""

    def model(texts: Sequence[str]) -> Floats:
        return np.array([base + sum(weight for word, weight in weights.items() if has(text, word)) for text in texts])

    return model


def wavy(texts: Sequence[str]) -> Floats:
    """Give three probabilities that bend: no surrogate fits them exactly."""
    score = np.array([[has(t, "good") - 2 * has(t, "bad") * has(t, "end"), len(t) / 20, has(t, "very")] for t in texts])
    shares = np.exp(score)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def opaque(model: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Hide an estimator behind a function of its own."""
    return lambda inputs: model(inputs)  # noqa: PLW0108


@dataclass
class Counting:
    """A model that remembers what it was asked."""

    model: Callable[[Any], Any]
    batches: list[list[Any]] = field(default_factory=list)

    def __call__(self, inputs: Any) -> Any:
        self.batches.append(list(inputs))
        return self.model(inputs)

    @property
    def inputs(self) -> list[Any]:
        """All inputs, in order."""
        return [one for batch in self.batches for one in batch]


def all_masks(d: int) -> Masks:
    """All 2ᵈ masks, the one with everything present first."""
    return np.array(list(product([True, False], repeat=d)))


def near(masks: Masks, outputs: NDArray[Any], kernel: Kernel | None = None) -> Weighted:
    """Weigh a neighbourhood made by hand."""
    return Weighted(
        Neighbourhood.of(masks, outputs.astype(np.float64).reshape(len(masks), -1)), kernel or exponential(25)
    )


# --- a domain of its own: a list of notes. A note that is absent is a rest. ------------------------------------------


@dataclass(frozen=True)
class Tune:
    """Notes, each of which can be silent."""

    notes: tuple[int, ...]
    random = False

    @property
    def features(self) -> tuple[Feature, ...]:
        return tuple(Feature(f"note {place + 1}: {note}", str(note)) for place, note in enumerate(self.notes))

    def perturb(self, masks: Masks, rng: np.random.Generator) -> list[tuple[int, ...]]:
        del rng
        return [tuple(np.where(mask, self.notes, 0).tolist()) for mask in masks]

    def design(self, masks: Masks, inputs: object) -> Masks:
        del inputs
        return masks

    def swap(self, keys: Collection[str], donor: Tune, rng: np.random.Generator) -> tuple[int, ...]:
        del rng
        return tuple(
            theirs if str(ours) in keys else ours for ours, theirs in zip(self.notes, donor.notes, strict=True)
        )


class Notes:
    """Lists of notes."""

    def represent(self, instance: Sequence[int]) -> Tune:
        return Tune(tuple(instance))

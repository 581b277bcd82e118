"""What the experiments read: reviews as the authors read them, and made-up posts where there are none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from absences import review_texts
from sklearn.feature_extraction.text import CountVectorizer

from retrust.datasets import body, newsgroups

if TYPE_CHECKING:
    from numpy.typing import NDArray

REVIEWS = ("books", "dvd")
MADE_UP = "generated"
_FEWEST = 2


@dataclass(frozen=True)
class Corpus:
    """Texts to learn from with their labels, and others with theirs."""

    name: str
    texts: list[str]
    labels: NDArray[Any]
    others: list[str]
    truth: NDArray[Any]


@cache
def corpus(name: str) -> Corpus:
    """Return books, dvd, or bodies of generated posts."""
    if name == MADE_UP:
        (texts, labels), (others, truth) = (_bodies(part) for part in ("train", "test"))
        return Corpus(name, texts, labels, others, truth)
    found = review_texts(name)
    if found is None:
        raise FileNotFoundError(f"there are no reviews of {name}: RETRUST_DATA names the folder that has them")
    return Corpus(name, *found)


def names(size: str) -> tuple[str, ...]:
    """Return the corpora of an experiment: both kinds of reviews; made-up posts where it is tiny or there are none."""
    return (MADE_UP,) if size == "tiny" or review_texts(REVIEWS[0]) is None else REVIEWS


def _bodies(part: Any) -> tuple[list[str], NDArray[Any]]:
    posts = newsgroups(part, source="generated")
    return [body(text) for text in posts.texts], np.asarray(posts.labels)


def counter() -> CountVectorizer:
    """Return what the experiments read texts with, unfitted: words that are there or not, case kept."""
    return CountVectorizer(binary=True, lowercase=False)


class Known:
    """A tokenizer that finds only the words which a fitted vectoriser knows, so that each part of a text counts."""

    def __init__(self, vectoriser: CountVectorizer) -> None:
        """Remember the vocabulary."""
        self.words, self.cut = frozenset(vectoriser.vocabulary_), vectoriser.build_tokenizer()

    def __call__(self, text: str) -> list[str]:
        """Return the known words of a text, in order."""
        return [word for word in self.cut(text) if word in self.words]

    def enough(self, text: str) -> bool:
        """Say whether a text has known words to choose from."""
        return len(set(self(text))) >= _FEWEST

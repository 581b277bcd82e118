"""A simulated person: reads what is picked, marks by a stated oracle, retrains, and repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from retrust.datasets import body, newsgroups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from retrust.history import Revision
    from retrust.session import Session

    Oracle = Callable[[str], bool]

BRIGHT, PALE = 140, 40


def reasons(session: Session) -> list[str]:
    """List the keys that the picked explanations show, each once, in the order of reading."""
    picked = session.picked.picked if session.picked is not None else []
    return list(dict.fromkeys(e.features[i].key for e in picked for i in e.fit.selected))


def reads(session: Session, oracle: Oracle, budget: int = 10, method: str = "submodular") -> list[str]:
    """Read some instances and mark what the oracle distrusts; return what was marked."""
    session.pick(budget, method)
    found = [key for key in reasons(session) if key not in session.marked and oracle(key)]
    if found:
        session.mark(found, because="the oracle distrusts it")
    return found


def rounds(session: Session, oracle: Oracle, how_many: int, method: str = "submodular") -> list[Revision]:
    """Read ten instances, mark, retrain; so many times."""
    return [session.retrain() for _ in range(how_many) if reads(session, oracle, method=method)]


def accepts(session: Session, key: str) -> list[str]:
    """Mark one key and whatever is suggested with it; return the latter."""
    session.mark(key, because="found while reading")
    suggested = [suggestion.feature.key for suggestion in session.suggest()]
    if suggested:
        session.mark(suggested, because="suggested")
    return suggested


# --- oracles


def of_headers() -> Oracle:
    """Distrust words that stand in mail headers more often than in bodies, as the training posts have it."""
    texts = newsgroups("train").texts
    inside = [text.partition("\n\n")[0] for text in texts], [body(text) for text in texts]
    counter = CountVectorizer(lowercase=False, token_pattern=r"\b\w+\b").fit(texts)
    in_heads, in_bodies = (np.ravel(counter.transform(part).sum(axis=0)) for part in inside)
    mail = set(counter.get_feature_names_out()[in_heads > in_bodies])
    return mail.__contains__


def of_pages(model: Any, texts: Sequence[str], labels: NDArray[Any]) -> Oracle:
    """Distrust words that speak for another class on the training posts than on these pages, or are on none of them."""
    reader = model[0]
    on_pages = log_odds(reader.transform(texts), labels)
    known = newsgroups("train")
    on_posts = log_odds(reader.transform(known.texts), known.labels)
    good = {word for word, i in reader.vocabulary_.items() if on_pages[i] * on_posts[i] > 0}
    return lambda word: word not in good


def log_odds(counts: Any, labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return how much oftener each word is in texts of the second class; 0 for words that are in none."""
    here, there = (np.ravel((counts[labels == label] > 0).sum(axis=0)) for label in (0, 1))
    odds = np.log((there + 0.5) / ((labels == 1).sum() + 1)) - np.log((here + 0.5) / ((labels == 0).sum() + 1))
    return np.where(here + there > 0, odds, 0.0)


def of_grounds(pictures: NDArray[Any], domain: Any) -> dict[str, list[str]]:
    """List the visual words most of whose pixels are bright without colour (snow), and those mostly green."""
    names = domain.vocabulary.names
    seen, like = np.zeros(len(names)), {"snow": np.zeros(len(names)), "green": np.zeros(len(names))}
    for picture in pictures:
        parts = domain.represent(picture)
        word = np.array([names.index(feature.key) for feature in parts.features])[parts.labels].ravel()
        red, green, blue = np.moveaxis(picture.astype(float), -1, 0)
        snow = (picture.mean(axis=2) > BRIGHT) & (np.ptp(picture.astype(float), axis=2) < PALE)
        seen += np.bincount(word, minlength=len(names))
        for name, there in (("snow", snow), ("green", (green > red) & (green > blue + 10))):
            like[name] += np.bincount(word, there.ravel(), minlength=len(names))
    return {name: [names[i] for i in np.flatnonzero(each > seen / 2)] for name, each in like.items()}


# --- what people judge a model by


def balanced(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the accuracy where as many are called the second class as there are."""
    cut = np.quantile(scores, 1 - labels.mean())
    return float(((scores > cut) == labels).mean())

"""Posts about religion to learn from, pages to be judged by, and simulated persons who distrust words.

No person sees a page by which a classifier is judged: the pages are split in halves, one to read and one to judge by.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import decoys
import numpy as np
import person
from corpora import counter
from machines import QuickSVC
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline

import retrust as rt
from retrust.datasets import body, newsgroups

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from retrust.datasets import Posts

    Kind = Literal["subject", "reader", "form"]
    Origin = Literal["auto", "generated"]

WORDS = rt.Text(tokenizer=r"(?u)\b\w\w+\b")  # what the classifier reads, case kept
SPLIT, FEWEST_PAGES, SHARE_READ = 20, 3, 1 / 3
C, GAMMA = 10, 0.001

# What a word of the subject begins with, lower-cased; "$" ends a word.
SUBJECT = {
    "faith": (
        r"god|deit|divin|faith|belie[fv]|relig|spirit|soul|holy|sacred|pray|worship|church|congregat|sins?$|sinn|sinful"
        r"|heaven|hell$|salvation|etern|grace|bless|mirac|angel|devil|satan|ritual|sermon|preach|priest|pastor|ministr"
        r"|theolog|creed|doctrin|heres|heret|afterlife|immortal|creator|creation|sabbath|easter|christmas|baptis|cult"
    ),
    "scripture": (
        r"jesus|christ|bibl|scriptur|gospel|testament|verse|prophe|apost|disciple|psalm|genesis|exodus|moses|abraham"
        r"|paul$|peter$|mary$|matthew$|luke$|john$|isaiah|romans$|corinthians|revelation|resurrect|crucif|cross$|messiah"
        r"|lord|savio|saint|virgin"
    ),
    "creeds": (
        r"christian|cathol|protestant|orthodox|luther|calvin|evangel|fundament|mormon|jews?$|jewish|judai|islam|muslim"
        r"|moslem|koran|quran|allah|buddh|hindu|pagan|pope$|vatican|atheis|agnost|theis|deis[mt]|secular|humanis"
    ),
    "dispute": (
        r"reason|rational|irrational|logic|argu|eviden|proof|prove|truth|scien|evol[uv]|moral|immoral|ethic|philosoph"
        r"|s[ck]eptic|myth|superstit|exist|contradict|claim"
    ),
}


# --- posts and pages


@cache
def posts(subset: Any, origin: Origin) -> Posts:
    """Return the posts, headers kept; of generated ones every third is enough."""
    found = newsgroups(subset, source=origin)
    few = slice(None, None, 3 if origin == "generated" else 1)
    return replace(found, texts=found.texts[few], labels=found.labels[few])


@cache
def halves(origin: Origin) -> tuple[rt.Dataset, rt.Dataset]:
    """Return pages to read and pages to be judged by; where there are none, bodies of the posts to test with."""
    found = decoys.pages() if origin == "auto" else None
    if found is None:
        known = posts("test", origin)
        found = [body(text) for text in known.texts], known.labels
    texts, labels = found
    labels = np.asarray(labels)
    rng = np.random.default_rng(SPLIT)
    read = np.concatenate([half(rng.permutation(np.flatnonzero(labels == label))) for label in (0, 1)])
    rest = np.setdiff1d(np.arange(len(labels)), read)
    judged_by = {texts[row] for row in rest}
    read = np.array([row for row in np.sort(read) if texts[row] not in judged_by])  # some pages are there twice
    return taken(texts, labels, read), taken(texts, labels, rest)


def half(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the first half."""
    return rows[: len(rows) // 2]


def taken(texts: Sequence[str], labels: NDArray[Any], rows: Iterable[int]) -> rt.Dataset:
    """Return some of the rows."""
    rows = list(rows)
    return rt.Dataset([texts[row] for row in rows], labels[rows])


def machine() -> Pipeline:
    """Return the paper's classifier, unfitted: words that are there or not, and a support vector machine."""
    return make_pipeline(counter(), QuickSVC(C=C, gamma=GAMMA))


@cache
def original(origin: Origin) -> Pipeline:
    """Return the classifier that learned from the posts as they are."""
    known = posts("train", origin)
    return machine().fit(known.texts, known.labels)


def without(words: Iterable[str], origin: Origin) -> Pipeline:
    """Return the classifier that learned without some words."""
    known, marks = posts("train", origin), rt.Ledger(tuple(rt.Mark(word) for word in sorted(words)))
    if not len(marks):
        return original(origin)
    found: Pipeline = rt.Drop().fitted(original(origin), rt.Dataset(known.texts, known.labels), marks, WORDS)
    return found


def only(words: Iterable[str], origin: Origin) -> Pipeline:
    """Return the classifier that learned from some words alone."""
    known = posts("train", origin)
    found: Pipeline = machine().set_params(countvectorizer__vocabulary=sorted(words))
    return found.fit(known.texts, known.labels)


@cache
def counted(which: Literal["posts", "pages"], origin: Origin) -> tuple[Any, NDArray[Any]]:
    """Return which words of the posts to learn from are in the texts that judge, and the labels of these."""
    known, (_, pages) = posts("test", origin), halves(origin)
    texts, labels = (known.texts, known.labels) if which == "posts" else (pages.X, np.asarray(pages.y))
    return original(origin)[0].transform(texts).tocsc(), labels


def judged(model: Pipeline, origin: Origin) -> dict[str, float]:
    """Return how a model that reads some of the words does on posts alike, and on the pages that nobody has read."""
    at = original(origin)[0].vocabulary_
    columns = [at[word] for word in model[0].get_feature_names_out()]
    (alike, truth), (pages, labels) = (counted(which, origin) for which in ("posts", "pages"))
    right = (model[-1].decision_function(alike[:, columns]) > 0) == truth
    scores = model[-1].decision_function(pages[:, columns])
    return {
        "posts": float(right.mean()),
        "pages": float(((scores > 0) == labels).mean()),
        "auc": float(roc_auc_score(labels, scores)),
        "balanced": person.balanced(scores, labels),
    }


# --- persons


@dataclass(frozen=True)
class Person:
    """Somebody who says which words a classifier should not go by, and errs.

    Parameters
    ----------
    name : str
    kind : {"subject", "reader", "form"}
        "subject" distrusts words that say nothing of the subject, as a list of beginnings of words has it. "reader" has
        read a third of the pages that nobody is judged by, and distrusts words that are on fewer than three of them,
        or speak for the other class there than they do in the posts. "form" distrusts words that are in mail headers
        more often than in bodies, and function words.
    groups : tuple of str
        Of a "subject": which groups of words are of the subject to them.
    misses : float
        How often an untrustworthy word is let pass.
    slips : float
        How often a trustworthy word is distrusted.
    """

    name: str
    kind: Kind
    groups: tuple[str, ...] = tuple(SUBJECT)
    misses: float = 0.0
    slips: float = 0.0

    def distrusts(self, words: Iterable[str], origin: Origin, draw: int = 0) -> set[str]:
        """Say which words should not matter; the same word has the same answer whenever it is asked."""
        bad = self.untrustworthy(words, origin)
        return {word for word in words if self._says(word, wrong=word in bad, draw=draw)}

    def untrustworthy(self, words: Iterable[str], origin: Origin) -> set[str]:
        """Return the words that are untrustworthy to this person, without errors."""
        if self.kind == "subject":
            return off_subject(words, self.groups)
        if self.kind == "form":
            return {word for word in words if word.lower() in ENGLISH_STOP_WORDS or word in of_mail(origin)}
        return set(words) - learned(self.name, origin)

    def _says(self, word: str, *, wrong: bool, draw: int) -> bool:
        chance = np.random.default_rng([zlib.crc32(f"{self.name} {word}".encode()), draw]).random()
        return bool(chance >= self.misses if wrong else chance < self.slips)


PERSONS = (
    Person("careful", "subject"),
    Person("attentive", "subject", misses=0.1, slips=0.1),
    Person("hasty", "subject", misses=0.3, slips=0.1),
    Person("devout", "subject", ("faith", "scripture", "creeds"), misses=0.1),
    Person("devout and distracted", "subject", ("faith", "scripture", "creeds"), misses=0.2, slips=0.2),
    Person("philosophical", "subject", ("faith", "creeds", "dispute"), misses=0.1, slips=0.1),
    Person("well-read", "reader", misses=0.1, slips=0.1),
    Person("well-read and hasty", "reader", misses=0.3, slips=0.1),
    Person("formal", "form", slips=0.1),
    Person("formal and distracted", "form", misses=0.2, slips=0.2),
)


TOLD = (
    "Six persons distrust words that say nothing of the subject, by lists of how words of faith, scripture, creeds "
    "and disputes begin, some by fewer lists than others. Two have read a third of the pages that do not judge, and "
    "distrust words that are on fewer than three of these or speak for the other class there. Two distrust function "
    "words, and words that mail headers have more often than bodies. They let pass up to 30 % of what they distrust, "
    "and mark up to 20 % of what they trust."
)


def off_subject(words: Iterable[str], groups: Iterable[str] = tuple(SUBJECT)) -> set[str]:
    """Return the words that begin with none of the beginnings."""
    begins = re.compile("|".join(SUBJECT[group] for group in groups)).match
    return {word for word in words if not begins(word.lower())}


@cache
def of_mail(origin: Origin) -> frozenset[str]:
    """Return the words that mail headers have more often than bodies."""
    texts = posts("train", origin).texts
    reader = counter().set_params(binary=False).fit(texts)
    parts = [text.partition("\n\n")[0] for text in texts], [body(text) for text in texts]
    heads, bodies = (np.ravel(reader.transform(part).sum(axis=0)) for part in parts)
    return frozenset(reader.get_feature_names_out()[heads > bodies])


@cache
def learned(name: str, origin: Origin, share: float = SHARE_READ) -> frozenset[str]:
    """Return the words that say the same of the pages which somebody has read as they say of the posts."""
    pages, _ = halves(origin)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    read = pages.take(np.flatnonzero(rng.random(len(pages)) < share))
    known, model = posts("train", origin), original(origin)
    counts = model[0].transform(read.X)
    on_pages = person.log_odds(counts, np.asarray(read.y))
    on_posts = person.log_odds(model[0].transform(known.texts), known.labels)
    often = np.ravel((counts > 0).sum(axis=0)) >= FEWEST_PAGES
    return frozenset(model[0].get_feature_names_out()[(on_pages * on_posts > 0) & often])


# --- what can be said


def ahead(mean: float, se: float) -> bool | None:
    """Say whether a difference is above zero; None where it is no more than its standard error from it.

    >>> ahead(2.0, 1.0), ahead(-2.0, 1.0), ahead(0.5, 1.0)
    (True, False, None)
    """
    return mean > 0 if abs(mean) > se else None

"""Siblings of a mark: other keys that look like the same artefact, each with the evidence.

Half a correction can be worse than none, so that marking one header word proposes the others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.errors import OptionError
from retrust.model import as_model
from retrust.representation import Feature
from retrust.rows import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from retrust.census import Census, Ints
    from retrust.model import Model
    from retrust.representation import Domain, Floats, Masks, Representation

Kind = Literal["together", "repeated", "place", "frequent", "pure", "decisive", "rank", "says", "lacks", "tells"]

_LEAST = 5  # rows that a suggestion has
_MOSTLY = 0.8  # of its rows, for what is said of a key
_NEAR = 1.25  # times as many, for counts that are the same
_ERRORS = 3.0  # standard errors, for shares that are the same
_PEER = 0.5  # times as frequent, to count among a key's peers
_CHANCE = 0.1  # keys that may be as alike by chance
_TELLING = 1.0  # bits, below which an agreement is not told
_ASKED, _OTHERS, _TRIED = 20, 30, 3  # keys taken away before the model, keys they are held against, rows of each
_HALF = 0.5
_KINDS: tuple[Kind, ...] = ("together", "repeated", "frequent", "pure", "place", "decisive")
_LEADING, _PLAIN = [0, 1, 4], 4
_TINY = 1e-9
_NONE = -np.inf


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to hold two keys for siblings.

    Parameters
    ----------
    kind : {"together", "repeated", "place", "frequent", "pure", "decisive"}
        Of columns of a table "rank", "says", "lacks", "tells", see :meth:`retrust.tally.Tally.suggest`.
    value : float
        The share of its rows that have the mark; how often it is in one; the share of its rows in which it is at that
        place alone; in how many rows it is; the share of their commonest label; how far the model's answer moves.
    bits : float
        How telling it is: −log₂ of the share of its peers of which the same is true.
    words : str
        The same for people.
    """

    kind: Kind
    value: float
    bits: float
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A key that should perhaps be marked too.

    Parameters
    ----------
    feature : Feature
        Its key is what would be marked.
    evidence : tuple of Evidence
        The most telling first.
    score : float
        Bits above those that were needed.
    like : str
        The mark that it resembles.
    """

    feature: Feature
    evidence: tuple[Evidence, ...]
    score: float
    like: str

    def __str__(self) -> str:
        return f"{self.feature.name}: {'; '.join(map(str, self.evidence))}"


def suggest(
    census: Census,
    marked_keys: Collection[str],
    model: Any = None,
    domain: Domain | None = None,
    xs: Any = None,
    *,
    most: int = 10,
) -> list[Suggestion]:
    """Propose what should be marked with some marks.

    Parameters
    ----------
    census : Census
        Of the training rows.
    marked_keys : collection of str
        Those that no row of the census has are passed over.
    model : estimator or callable, optional
        Asked once, about a few hundred inputs at most, how far its answers move without a key. Where instances differ
        in shape, it is asked row by row.
    domain, xs
        With a model: the domain, and the instances of which the census was taken.
    most : int
        How many at most.

    Returns
    -------
    list of Suggestion
        The best first; empty where nothing is enough alike.

    Raises
    ------
    OptionError
        The marks are one string, or a model is given without domain and instances.

    Notes
    -----
    A key agrees with a mark in being

    - *together*: its rows have the mark, more often than their labels explain: of the way from what the labels lead one
      to expect to certainty, four fifths are covered (siblings need not be together);
    - *repeated*: each is about as often in at least four fifths of its rows as it usually is (within a quarter), and
      usually as often as the other;
    - at the same *place*: each stands there alone in at least four fifths of its rows;
    - *frequent*: in as many rows, within three standard errors;
    - *pure*: with the same share of its commonest label, whichever that is, within three standard errors;
    - *decisive*: without it the model's answer moves at least half as far as without the mark.

    Shares are estimated as (k + 1) / (n + 2). An agreement weighs −log₂ of the share of the key's peers – keys at least
    half as frequent – that agree with the mark as well, so that what many have says little; below one bit it does not
    count. Decisiveness is weighed by other keys of all frequencies. Weights add up.

    A key is proposed when it is in five rows at least, agrees in one of the first three, which words of the content
    seldom do, and weighs more than log₂ of ten times the number of its peers: were the agreements independent, less
    than a tenth of a key would be there by chance. The best is taken first, and what is taken no longer counts among
    the peers of those that follow.

    Examples
    --------
    >>> from retrust.census import Census
    >>> from retrust.domains.text import Text
    >>> rng = np.random.default_rng(0)
    >>> plain = [" ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 30)) for _ in range(90)]
    >>> texts = [text if i % 3 else f"{text} zig zag" for i, text in enumerate(plain)]
    >>> suggestion, = suggest(Census.of(texts, [i % 2 for i in range(90)], Text()), ["zig"])
    >>> suggestion.feature.key
    'zag'
    >>> for reason in suggestion.evidence:
    ...     print(reason)
    100% of its texts have 'zig' too
    once in each of its texts, like 'zig'
    at the same place: the last tenth of the words
    in 30 texts; 'zig' is in 30
    """
    if isinstance(marked_keys, str):
        raise OptionError(f"marked_keys={marked_keys!r} is one string; a list of keys is expected – pass [key]")
    if model is not None and (domain is None or xs is None):
        raise OptionError("a model is asked about the instances without a key – pass domain= and xs= with model=")
    if model is not None and len(xs) <= census.rows.max():
        raise OptionError(f"xs has {len(xs):,} rows, fewer than the census was taken of – pass the same")
    marks = [census.number[key] for key in dict.fromkeys(marked_keys) if key in census.number]
    likenesses = [_Likeness.of(census, mark) for mark in marks]
    if likenesses and model is not None and domain is not None:
        likenesses = _asked(census, likenesses, as_model(model), domain, xs)
    return _taken(census, likenesses, most)


@dataclass(frozen=True, eq=False)
class _Peers:
    """The keys that each is compared with: those at least half as frequent.

    ``order`` goes from the most frequent key down, ``last`` is where in it each key's peers end.
    """

    order: Ints
    last: Ints

    @classmethod
    def of(cls, census: Census) -> _Peers:
        falling = np.argsort(-census.frequency, kind="stable")
        ends = np.searchsorted(-census.frequency[falling], -_PEER * census.frequency, side="right")
        return cls(falling, ends - 1)

    def count(self, which: Masks) -> Ints:
        """Count how many of each key's peers are meant, (…, d); at least one."""
        return np.maximum(np.cumsum(which[..., self.order], axis=-1, dtype=np.intp)[..., self.last], 1)


@dataclass(frozen=True, eq=False)
class _Likeness:
    """In what the keys agree with one mark: (4 + z, d) for four kinds and z places; the rest as far as a model says."""

    mark: int
    agree: Masks
    moved: Floats
    telling: float = 0.0

    @classmethod
    def of(cls, census: Census, mark: int) -> _Likeness:
        kinds = [_together(census, mark), _repeated(census, mark), _frequent(census, mark), _pure(census, mark)]
        return cls(mark, np.vstack([*kinds, _placed(census, mark)]), np.full(len(census.keys), np.nan))

    @property
    def decisive(self) -> Masks:
        """Whether the model's answer moves at least half as far as without the mark, (d,)."""
        return np.asarray((self.moved >= _HALF * self.moved[self.mark]) & (self.moved > _TINY))

    def bits(self, peers: _Peers, left: Masks) -> Floats:
        """Weigh each agreement, (6, d), in the order of ``_KINDS``, the best place for all."""
        held = self.agree & left
        each = np.where(held, np.log2(peers.count(left) / peers.count(held)), 0.0)
        model = np.where(self.decisive & left, self.telling, 0.0)
        told = np.vstack([each[:_PLAIN], each[_PLAIN:].max(axis=0, initial=0.0), model])
        return np.where(told >= _TELLING, told, 0.0)


def _sure(part: Any, whole: Any) -> Any:
    """Estimate a share from few."""
    return (part + 1) / (whole + 2)


def _together(census: Census, mark: int) -> Masks:
    """Tell which keys have the mark in their rows, more often than their labels explain."""
    own = census.present[:, [mark]].toarray().ravel()
    both = census.present.T @ own
    of_label = np.bincount(census.codes, own) / np.bincount(census.codes)
    expected = census.by_label @ of_label / census.frequency
    return np.asarray(_sure(both, census.frequency) - expected >= _MOSTLY * (1 - expected) + _TINY)


def _repeated(census: Census, mark: int) -> Masks:
    steady = _sure(census.steady, census.frequency) >= _MOSTLY
    usual, own = census.usual, census.usual[mark]
    return np.asarray(steady & steady[mark] & (usual <= _NEAR * own) & (own <= _NEAR * usual))


def _frequent(census: Census, mark: int) -> Masks:
    n = census.frequency
    return np.asarray(np.abs(n - n[mark]) <= _ERRORS * np.sqrt(n + n[mark]))


def _pure(census: Census, mark: int) -> Masks:
    n, most = census.frequency, census.by_label.max(axis=1)
    pooled = _sure(most + most[mark], n + n[mark])
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n[mark]))
    share = _sure(most, n)
    return np.asarray(np.abs(share - share[mark]) <= _ERRORS * error)


def _placed(census: Census, mark: int) -> Masks:
    """Tell which keys share each place with the mark, (z, d)."""
    home = _sure(census.settled, census.frequency[:, None]) >= _MOSTLY
    return np.asarray(home & home[mark]).T


def _scores(census: Census, peers: _Peers, bits: Floats, left: Masks) -> Floats:
    """Return the bits above those needed, (d,), −∞ for what cannot be proposed."""
    need = np.log2(peers.count(left) / _CHANCE)
    able = left & (census.frequency >= _LEAST) & bits[_LEADING].any(axis=0)
    return np.where(able, bits.sum(axis=0) - need, _NONE)


def _taken(census: Census, likenesses: Sequence[_Likeness], most: int) -> list[Suggestion]:
    """Take the best again and again, as long as it is good enough."""
    peers, left, found = _Peers.of(census), _unmarked(census, likenesses), list[Suggestion]()
    while likenesses and len(found) < most:
        weighed = [likeness.bits(peers, left) for likeness in likenesses]
        scores = np.stack([_scores(census, peers, bits, left) for bits in weighed])
        mark, key = map(int, np.unravel_index(scores.argmax(), scores.shape))
        if scores[mark, key] <= 0:
            break
        left[key] = False
        found.append(_suggestion(census, likenesses[mark], key, weighed[mark][:, key], float(scores[mark, key])))
    return sorted(found, key=lambda suggestion: -suggestion.score)


def _unmarked(census: Census, likenesses: Iterable[_Likeness]) -> Masks:
    left = np.ones(len(census.keys), dtype=bool)
    left[[likeness.mark for likeness in likenesses]] = False
    return left


def _suggestion(census: Census, likeness: _Likeness, key: int, bits: Floats, score: float) -> Suggestion:
    name, like = census.keys[key], census.keys[likeness.mark]
    told = [
        _evidence(census, likeness, key, _KINDS[kind], float(bits[kind]))
        for kind in np.argsort(-bits, kind="stable")
        if bits[kind] > 0
    ]
    return Suggestion(Feature(name, name), tuple(told), score, like)


def _evidence(census: Census, likeness: _Likeness, key: int, kind: Kind, bits: float) -> Evidence:
    value, words = _TOLD[kind](census, likeness, key)
    return Evidence(kind, float(value), bits, words)


def _tell_together(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    both = census.present[:, [key]].multiply(census.present[:, [likeness.mark]]).sum()
    share = both / census.frequency[key]
    return share, f"{share:.0%} of its {census.noun} have {census.keys[likeness.mark]!r} too"


def _tell_repeated(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    usual = census.usual[key]
    often = "once" if usual == 1 else f"{usual:.0f} times"
    return usual, f"{often} in each of its {census.noun}, like {census.keys[likeness.mark]!r}"


def _tell_place(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    """Name the place that fewest keys share with the mark."""
    shared = likeness.agree[_PLAIN:]
    place = min(np.flatnonzero(shared[:, key]), key=lambda place: int(shared[place].sum()))
    return census.settled[key, place] / census.frequency[key], f"at the same place: {census.places[place]}"


def _tell_frequent(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    n, like = census.frequency[key], census.frequency[likeness.mark]
    return n, f"in {n:,} {census.noun}; {census.keys[likeness.mark]!r} is in {like:,}"


def _tell_pure(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    own, like = census.purity[key], census.purity[likeness.mark]
    label = census.labels[int(np.argmax(census.by_label[key]))]
    mark = census.keys[likeness.mark]
    return own, f"{own:.0%} of its {census.noun} are labelled {label}; {mark!r} has {like:.0%} of one label"


def _tell_decisive(census: Census, likeness: _Likeness, key: int) -> tuple[float, str]:
    own, like, mark = likeness.moved[key], likeness.moved[likeness.mark], census.keys[likeness.mark]
    return own, f"without it the model's answer moves by {own:.2g}; without {mark!r} by {like:.2g}"


_TOLD: dict[str, Callable[[Census, _Likeness, int], tuple[float, str]]] = {
    "together": _tell_together,
    "repeated": _tell_repeated,
    "place": _tell_place,
    "frequent": _tell_frequent,
    "pure": _tell_pure,
    "decisive": _tell_decisive,
}


def _asked(census: Census, likenesses: Sequence[_Likeness], model: Model, domain: Domain, xs: Any) -> list[_Likeness]:
    """Let the model say how decisive the marks are, the best candidates, and some other keys to hold them against."""
    marks = np.array([likeness.mark for likeness in likenesses])
    best = _shortlist(census, likenesses)
    others = _spread(np.setdiff1d(_common(census), np.concatenate([marks, best])), _OTHERS)
    asked = np.concatenate([marks, best, others])
    moved = np.full(len(census.keys), np.nan)
    moved[asked] = _moves(census, asked, model, domain, Dataset(xs, range(len(xs))))
    return [_weighed(likeness, moved, others) for likeness in likenesses]


def _shortlist(census: Census, likenesses: Sequence[_Likeness]) -> Ints:
    """Return the keys that are nearest to being proposed."""
    peers, left = _Peers.of(census), _unmarked(census, likenesses)
    scores = np.max([_scores(census, peers, likeness.bits(peers, left), left) for likeness in likenesses], axis=0)
    first = np.argsort(-scores, kind="stable")[:_ASKED]
    return np.asarray(first[scores[first] > -np.log2(1 + _OTHERS)])


def _common(census: Census) -> Ints:
    """Return the keys that could be proposed, the most frequent first."""
    falling = np.argsort(-census.frequency, kind="stable")
    return np.asarray(falling[census.frequency[falling] >= _LEAST])


def _spread(things: Ints, most: int) -> Ints:
    """Return some, evenly from first to last."""
    places = np.linspace(0, len(things) - 1, min(most, len(things)))
    return np.asarray(things[np.unique(places.astype(np.intp))])


def _weighed(likeness: _Likeness, moved: Floats, others: Ints) -> _Likeness:
    asked = replace(likeness, moved=moved)
    return replace(asked, telling=float(np.log2((1 + len(others)) / (1 + asked.decisive[others].sum()))))


def _moves(census: Census, keys: Ints, model: Model, domain: Domain, dataset: Dataset) -> Floats:
    """Return how far the model's answer moves without each key, the mean over some rows that have it."""
    tried: defaultdict[int, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        for row in _spread(_rows(census, int(key)), _TRIED):
            tried[int(row)].append(position)
    batches = [
        _without(domain.represent(dataset[row]), [census.keys[keys[at]] for at in own]) for row, own in tried.items()
    ]
    sums = np.zeros(len(keys))
    for own, answers in zip(tried.values(), _answers(model, batches), strict=True):
        sums[own] += np.abs(answers[1:] - answers[0]).max(axis=1)
    return sums / np.array([len(_spread(_rows(census, int(key)), _TRIED)) for key in keys], dtype=np.float64)


def _rows(census: Census, key: int) -> Ints:
    """Return the numbers of the rows that have a key."""
    entries = slice(census.counts.indptr[key], census.counts.indptr[key + 1])
    return np.asarray(census.rows[np.sort(census.counts.indices[entries])])


def _without(found: Representation, keys: Sequence[str]) -> Any:
    """Write one instance whole, and then without each of some keys."""
    absent = np.array([[feature.key == key for feature in found.features] for key in keys])
    masks = np.vstack([np.ones((1, len(found.features)), dtype=bool), ~absent])
    return found.perturb(masks, np.random.default_rng(0))


def _answers(model: Model, batches: Sequence[Any]) -> list[Floats]:
    """Ask about all batches at once where they can be one."""
    if all(isinstance(batch, list) for batch in batches):
        whole: Any = list(chain.from_iterable(batches))
    elif all(isinstance(batch, np.ndarray) for batch in batches) and len({batch.shape[1:] for batch in batches}) == 1:
        whole = np.concatenate(batches)
    else:
        return [model.ask(batch) for batch in batches]
    return np.split(model.ask(whole), np.cumsum([len(batch) for batch in batches])[:-1])

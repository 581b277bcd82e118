"""How far marks reach: in which training rows they hold, and what of each row they name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import InstanceError, InstanceTypeError, OptionError, UnknownFeature, listed
from retrust.ledger import digest
from retrust.lending import all_keys, is_table, texts_of, wearing, words_in
from retrust.preview import counted
from retrust.rows import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.ledger import Ledger, Mark
    from retrust.representation import Domain, Masks, Representation
    from retrust.rows import Dataset

_KEPT, _FEATURE = 1 << 28, 100
_NOUNS = {"text": "text", "image": "picture"}


@dataclass
class Reader:
    """Reads rows as representations, and keeps those that are needed again, as far as memory allows.

    Parameters
    ----------
    domain : Domain
    dataset : Dataset
    left : int
        How many bytes may still be kept, roughly.
    """

    domain: Domain
    dataset: Dataset
    left: int = _KEPT
    kept: dict[int, Representation] = field(default_factory=dict)

    def __call__(self, row: int) -> Representation | None:
        """Return a row's representation, None where nothing in it can be taken away."""
        if row in self.kept:
            return self.kept[row]
        try:
            return self.domain.represent(self.dataset[row])
        except InstanceTypeError:
            raise
        except InstanceError:
            return None

    def keep(self, row: int, found: Representation) -> None:
        """Keep a row that will be needed again, while there is room."""
        size = int(getattr(found, "size", 0)) + _FEATURE * len(found.features)
        if size <= self.left:
            self.left -= size
            self.kept[row] = found


@dataclass(frozen=True, eq=False)
class Reach:
    """Which rows marks touch.

    Parameters
    ----------
    kind : str
        "text", "image", "table", or "parts" for other domains.
    named : sequence of n sets
        The keys whose marks hold in each row, whether it has them or not.
    has : sequence of n sets
        The marked keys that each row has, whether their marks hold there or not.
    held : sequence of n sets
        The keys that each row has and that leave it.
    bare : ndarray of bool, shape (n,)
        Rows that have nothing else.
    able : ndarray of bool, shape (n,)
        Rows in which anything can be taken away.
    seen : mapping of str to int
        In how many rows each key is.
    read : callable
        From the number of a row to its representation.
    names : tuple of str
        The columns of a table.
    """

    kind: str
    named: Sequence[frozenset[str]]
    has: Sequence[frozenset[str]]
    held: Sequence[frozenset[str]]
    bare: Masks
    able: Masks
    seen: Mapping[str, int]
    read: Callable[[int], Representation | None]
    names: tuple[str, ...] = ()

    @property
    def touched(self) -> Masks:
        """Rows that have a marked part, (n,)."""
        return np.array(list(map(bool, self.held)), dtype=bool)

    def of(self, row: int) -> Representation:
        """Return the representation of a row that has one.

        Raises
        ------
        InstanceError
        """
        found = self.read(row)
        if found is None:
            raise InstanceError(f"nothing in row {row} can be taken away")
        return found

    @property
    def noun(self) -> str:
        """What a row is called."""
        return _NOUNS.get(self.kind, "row")


def reach(
    dataset: Dataset,
    ledger: Ledger,
    domain: Domain | None,
    *,
    also: Callable[[str], bool] | None = None,
    strict: bool = True,
) -> Reach:
    """Find out in which rows the marks hold.

    Parameters
    ----------
    dataset : Dataset
    ledger : Ledger
    domain : Domain or None
        None: the keys are the columns of a table.
    also : callable, optional
        Tells whether a key that is not marked leaves with those that are.
    strict : bool
        Whether a mark must hold somewhere; it need not in rows that were set aside for testing.

    Raises
    ------
    OptionError
        Nothing is marked, or a mark does not say where it holds.
    UnknownFeature
        A mark is on a key that no row has.
    """
    if not len(ledger):
        raise OptionError("nothing is marked, so there is nothing to correct – mark what should not count")
    _same_vocabulary(ledger, domain)
    named = _named(dataset, ledger, strict=strict)
    found = _of_columns(dataset, named, domain) or _of_rows(dataset, named, domain, also)
    if strict:
        _known(ledger, found)
    return found


def _same_vocabulary(ledger: Ledger, domain: Domain | None) -> None:
    own = getattr(getattr(domain, "vocabulary", None), "hash", "")
    others = [mark.key for mark in ledger if mark.vocabulary and mark.vocabulary != own]
    if others:
        raise OptionError(
            f"the marks on {listed(others)} were made with another visual vocabulary than the domain's "
            f"({own or 'it has none'}) – use the one that they were made with, or mark again"
        )


def _named(dataset: Dataset, ledger: Ledger, *, strict: bool) -> list[frozenset[str]]:
    """Return the keys whose marks hold in each row."""
    everywhere = frozenset(mark.key for mark in ledger if mark.scope == "everywhere")
    named = [everywhere] * len(dataset)
    for mark in ledger:
        if mark.scope != "everywhere":
            for row in np.flatnonzero(_where(mark, dataset, strict=strict)):
                named[row] |= {mark.key}
    return named


def _where(mark: Mark, dataset: Dataset, *, strict: bool) -> Masks:
    """Tell in which rows a mark of a narrower scope holds."""
    told = mark.label if mark.scope == "label" else mark.instance
    if told is None:
        raise OptionError(
            f"the mark on {mark.key!r} holds for one {mark.scope} and does not say which – give it "
            f"{mark.scope}=, or the scope 'everywhere'"
        )
    here = dataset.labels if mark.scope == "label" else map(digest, dataset)
    rows = np.array([one == told for one in here], dtype=bool)
    if strict and not rows.any():
        labels = f" – the labels are {listed(dict.fromkeys(dataset.labels))}" if mark.scope == "label" else ""
        raise OptionError(f"the mark on {mark.key!r} holds for the {mark.scope} {told!r}, which no row has{labels}")
    return rows


def _of_columns(dataset: Dataset, named: Sequence[frozenset[str]], domain: Domain | None) -> Reach | None:
    """Reach into a table, where every row has every column; None for what is no table."""
    if kind_of(dataset, domain) != "table":
        return None
    names = names_of(dataset, domain)
    if not names:
        raise OptionError(
            f"X is {type(dataset.X).__name__} and no domain is given; a frame or an array (n, d) is expected, whose "
            "columns are the keys – or pass domain="
        )
    n, marked = len(dataset), all_keys(named)
    states = getattr(domain, "states", None)
    free = names if states is None else tuple(column.name for column in states.columns)
    texts = _words(dataset, names, domain) if words_in(marked, names) or marked.issuperset(free) else {}
    spoken = [frozenset[str]().union(*each) for each in zip(*texts.values(), strict=True)] or [frozenset[str]()] * n
    own = frozenset(names)
    has = [marked & own | marked & words for words in spoken]
    held = [keys & there for keys, there in zip(named, has, strict=True)]
    bare = np.array([len(keys) >= len(free) and keys.issuperset(free) for keys in held], dtype=bool)
    for row in np.flatnonzero(bare):
        bare[row] = all(name in held[row] or held[row] >= each[row] for name, each in texts.items())
    read = (lambda _: None) if domain is None else Reader(domain, dataset)
    seen = dict.fromkeys(names, n) | Counter(chain.from_iterable(spoken))
    return Reach("table", named, has, held, bare, np.ones(n, dtype=bool), seen, read, names)


def names_of(dataset: Dataset, domain: Domain | None) -> tuple[str, ...]:
    """Name the columns of a table: as the domain does, else as the rows do."""
    own = getattr(domain, "names", None)
    return tuple(map(str, own)) if own is not None else columns(dataset.X) or ()


def _words(dataset: Dataset, names: Sequence[str], domain: Any) -> dict[str, list[frozenset[str]]]:
    """Return the words of each row in the text columns of a table, as keys."""
    texts = [column.name for column in getattr(domain, "columns", ()) if column.kind == "text"]
    return {name: texts_of(dataset.X, names, name) for name in texts} if is_table(dataset.X) else {}


def worn(
    dataset: Dataset, found: Reach, rows: NDArray[np.intp], donors: NDArray[np.intp], *, leave: bool = False
) -> Dataset:
    """Return rows of a table in which all that is named is their donors', together; labels and weights are kept.

    Parameters
    ----------
    dataset : Dataset
    found : Reach
        Of a table.
    rows, donors : ndarray of int, shape (m,)
    leave : bool
        Whether marked words leave, and nothing comes in their place.
    """
    table = wearing(dataset.X, found.names, rows, donors, found.named, leave=leave)
    return replace(dataset.take(rows), X=table)


def kind_of(dataset: Dataset, domain: Domain | None) -> str:
    """Tell what instances are made of, by the first that can be read: "text", "image", "table" or "parts".

    What has no domain is a table, and so is a domain in which absence is a draw.
    """
    if domain is None:
        return "table"
    read = Reader(domain, dataset)
    first = next((found for row in range(len(dataset)) if (found := read(row)) is not None), None)
    return "table" if first is not None and first.random else str(getattr(first, "kind", "parts"))


def _of_rows(
    dataset: Dataset, named: Sequence[frozenset[str]], domain: Any, also: Callable[[str], bool] | None
) -> Reach:
    """Read every row, and note what is marked in it."""
    reader, seen, n = Reader(domain, dataset), Counter[str](), len(dataset)
    has, held, bare, able = [], [], np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    leaving = set(chain.from_iterable(named))
    others: set[str] = set()
    for row in range(n):
        found = reader(row)
        keys = set() if found is None else {feature.key for feature in found.features}
        others.update(key for key in keys if also is not None and key not in seen and also(key))
        seen.update(keys)
        has.append(frozenset((leaving | others) & keys))
        held.append(has[-1] & (named[row] | others))
        if found is not None and has[-1]:
            reader.keep(row, found)
        bare[row], able[row] = bool(keys) and len(held[-1]) == len(keys), bool(keys)
    return Reach(kind_of(dataset, domain), named, has, held, bare, able, seen, reader)


def _known(ledger: Ledger, found: Reach) -> None:
    """Refuse marks on keys that no row has."""
    held = set(chain.from_iterable(found.held))
    for mark in ledger:
        if mark.key not in held:
            raise UnknownFeature(_unknown(mark, found))


def _unknown(mark: Mark, found: Reach) -> str:
    if mark.key in found.seen:
        told, many = mark.label if mark.scope == "label" else mark.instance, found.seen[mark.key]
        elsewhere = f"{counted(many, found.noun)} elsewhere do{'es' * (many == 1)}"
        return f"no {found.noun} of the {mark.scope} {told!r} has {mark.key!r}; {elsewhere}"
    near = near_keys(mark.key, found.seen)
    return f"no {found.noun} has {mark.key!r}" + (f" – did you mean {listed(near)}?" if near else "")


def near_keys(key: str, keys: Iterable[str], *, spelt: bool = True) -> list[str]:
    """List keys that differ by case only, else those that are spelt much alike.

    >>> near_keys("posting", ["Posting", "Post", "hosting"]), near_keys("postin", ["Posting", "cold"])
    (['Posting'], ['Posting'])
    """
    folded = key.casefold()
    same = [other for other in keys if other.casefold() == folded and other != key]
    return same or (get_close_matches(key, list(keys), n=3) if spelt else [])


def refuse_bare(found: Reach, dataset: Dataset, what: str) -> None:
    """Refuse marks that leave a class, or all rows, with nothing.

    Raises
    ------
    OptionError
    """
    labels = codes(dataset.labels)
    able, bare = (np.bincount(labels[rows], minlength=labels.max() + 1) for rows in (found.able, found.bare))
    gone = np.flatnonzero((able > 0) & (bare == able))
    if len(gone):
        first = dataset.labels[int(np.argmax(labels == gone[0]))]
        raise OptionError(
            f"every {found.noun} of the label {first!r} consists of marked parts alone, and {what} – mark less"
        )


def codes(labels: Sequence[Any]) -> NDArray[np.intp]:
    """Number the classes; targets that are measured, not counted, are all of one class.

    >>> codes(["ham", "spam", "ham"]).tolist(), codes([0.5, 1.25]).tolist()
    ([0, 1, 0], [0, 0])
    """
    if any(isinstance(label, float) and not label.is_integer() for label in labels):
        return np.zeros(len(labels), dtype=np.intp)
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)

"""A census of the training rows: where, how often and with which labels each key occurs, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from retrust.domains.image import ImageRepresentation
from retrust.domains.text import TextRepresentation
from retrust.errors import InstanceError, InstanceTypeError, OptionError
from retrust.reach import codes
from retrust.rows import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from retrust.representation import Domain, Floats, Masks, Representation

    Ints = NDArray[np.intp]
    Counts = sparse.csc_array[np.float64]

_NEAR = 1.25  # times as many, for counts that are the same
_LONG, _TENTH = 20, 0.1  # words from which on a text has a first and a last tenth
_THIRD = 1 / 3
_BLANK = re.compile(r"\n[^\S\n]*\n")
_IN_TEXT = (
    "the first line",
    "the last line",
    "the first paragraph",
    "the last paragraph",
    "the first tenth of the words",
    "the last tenth of the words",
)
_IN_PICTURE = ("the upper third", "the lower third", "the left third", "the right third", "the middle")


@dataclass(frozen=True, eq=False)
class Census:
    """What the training rows say of each key.

    Parameters
    ----------
    keys : tuple of str, length d
    counts : sparse array, shape (n, d)
        How often each row has each key.
    settled : ndarray, shape (d, z)
        In how many rows all occurrences of a key stand at a place.
    places : tuple of str, length z
        The places that instances of this kind have, as people call them.
    rows : ndarray of int, shape (n,)
        The numbers of the rows that were read.
    codes : ndarray of int, shape (n,)
        The number of each row's label.
    labels : tuple, length k
    noun : str
        What rows are called.

    Notes
    -----
    Places in a text are its first and last line, paragraph and tenth of the words (as far as it has several lines or
    paragraphs, or 20 words); in a picture the outer thirds and the middle, by a superpixel's centre.

    Examples
    --------
    >>> from retrust.domains.text import Text
    >>> census = Census.of(["spam spam eggs", "spam spam", "eggs"], ["a", "a", "b"], Text())
    >>> census.keys, census.frequency, census.usual, census.purity
    (('spam', 'eggs'), array([2, 2]), array([2., 1.]), array([1. , 0.5]))
    """

    keys: tuple[str, ...]
    counts: Counts
    settled: Floats
    places: tuple[str, ...]
    rows: Ints
    codes: Ints
    labels: tuple[Any, ...]
    noun: str

    @classmethod
    def of(cls, xs: Any, y: Any, domain: Domain, *, limit: int = 5000, seed: int = 0) -> Census:
        """Read the training rows.

        Parameters
        ----------
        xs : sequence, array, series or frame of instances
        y : sequence of labels
            Measured targets are all of one class.
        domain : Domain
        limit : int
            How many rows at most; where there are more, that many are drawn.
        seed : int
            Of the draw.

        Raises
        ------
        OptionError
            Lengths differ, or nothing in any row can be taken away.
        """
        dataset = Dataset(xs, y)
        drawn = np.sort(np.random.default_rng(seed).permutation(len(dataset))[:limit])
        read = [(row, found) for row in drawn.tolist() if (found := _read(domain, dataset[row])) is not None]
        if not read:
            raise OptionError(
                f"nothing in any of {len(drawn):,} rows can be taken away, so there is nothing to compare – does the "
                "domain fit them?"
            )
        rows, represented = zip(*read, strict=True)
        number: dict[str, int] = {}
        cells = [_cells(found, number) for found in represented]
        return cls._gathered(cells, number, represented[0], np.array(rows), dataset.take(rows).labels)

    @classmethod
    def _gathered(
        cls,
        cells: list[tuple[Ints, Ints, Masks]],
        number: dict[str, int],
        example: Representation,
        rows: Ints,
        labels: list[Any],
    ) -> Census:
        """Put the cells of all rows into one table."""
        columns, counts, inside = (np.concatenate(part) for part in zip(*cells, strict=True))
        position = np.repeat(np.arange(len(cells)), [len(part[0]) for part in cells])
        settled = _summed(columns, inside, len(number))
        table = sparse.csc_array((counts.astype(np.float64), (position, columns)), shape=(len(cells), len(number)))
        numbers = codes(labels)
        names = tuple(labels[int(np.argmax(numbers == code))] for code in range(numbers.max() + 1))
        noun, places = _called(example)
        return cls(tuple(number), table, settled, places, rows, numbers, names, noun)

    @cached_property
    def number(self) -> dict[str, int]:
        """The column of each key."""
        return {key: column for column, key in enumerate(self.keys)}

    @cached_property
    def present(self) -> Counts:
        """1 where a row has a key, (n, d)."""
        table = self.counts
        return sparse.csc_array((np.ones(table.nnz), table.indices, table.indptr), shape=table.shape)

    @cached_property
    def frequency(self) -> Ints:
        """In how many rows each key is, (d,)."""
        return np.diff(self.counts.indptr).astype(np.intp)

    @cached_property
    def usual(self) -> Floats:
        """How often a row that has a key usually has it, (d,): the median, the upper one of two."""
        ordered = self.counts.data[np.lexsort((self.counts.data, self._owner))]
        return np.asarray(ordered[self.counts.indptr[:-1] + self.frequency // 2])

    @cached_property
    def steady(self) -> Ints:
        """In how many rows each key is about as often as usual, (d,)."""
        usual, counts = self.usual[self._owner], self.counts.data
        near = (counts <= usual * _NEAR) & (counts >= usual / _NEAR)
        return np.bincount(self._owner[near], minlength=len(self.keys)).astype(np.intp)

    @cached_property
    def by_label(self) -> Floats:
        """In how many rows of each label each key is, (d, k)."""
        return np.asarray(self.present.T @ np.eye(len(self.labels))[self.codes])

    @property
    def purity(self) -> Floats:
        """The share of the commonest label among the rows that have a key, (d,)."""
        return np.asarray(self.by_label.max(axis=1) / self.frequency)

    @property
    def _owner(self) -> Ints:
        """The key of each entry of the table."""
        return np.repeat(np.arange(len(self.keys)), self.frequency)


def _read(domain: Domain, instance: Any) -> Representation | None:
    """Return a row's representation, None where nothing in it can be taken away."""
    try:
        return domain.represent(instance)
    except InstanceTypeError:
        raise
    except InstanceError:
        return None


def _cells(found: Representation, number: dict[str, int]) -> tuple[Ints, Ints, Masks]:
    """Return the keys of one row, how often it has each, and at which places alone each stands."""
    own: dict[str, int] = {}
    column = np.array([own.setdefault(feature.key, len(own)) for feature in found.features], dtype=np.intp)
    owner, inside = _occurrences(found)
    counts = np.bincount(column[owner], minlength=len(own))
    there = _summed(column[owner], inside, len(own))
    keys = np.array([number.setdefault(key, len(number)) for key in own], dtype=np.intp)
    return keys, counts, there == counts[:, None]


def _summed(column: Ints, inside: Masks, d: int) -> Floats:
    """Add up the rows (m, z) that belong to each of d columns."""
    sums = [np.bincount(column, part, minlength=d) for part in inside.T]
    return np.array(sums, dtype=np.float64).reshape(-1, d).T


def _called(found: Representation) -> tuple[str, tuple[str, ...]]:
    """Say what such rows are called, and the places in them."""
    if isinstance(found, TextRepresentation):
        return "texts", _IN_TEXT
    return ("pictures", _IN_PICTURE) if isinstance(found, ImageRepresentation) else ("rows", ())


def _occurrences(found: Representation) -> tuple[Ints, Masks]:
    """Return the feature of each occurrence (m,), and at which places it stands (m, z)."""
    if isinstance(found, TextRepresentation):
        return found.owner, np.stack(list(_in_text(found)), axis=1)
    d = len(found.features)
    if isinstance(found, ImageRepresentation):
        return np.arange(d), np.stack(list(_in_picture(found)), axis=1)
    return np.arange(d), np.zeros((d, 0), dtype=bool)


def _in_text(found: TextRepresentation) -> Iterator[Masks]:
    """Tell which occurrences stand in the first and last line, paragraph, tenth."""
    starts = found.spans[:, 0]
    read = int(starts[0]), int(found.spans[-1, 1])
    lines = found.text.find("\n", *read), found.text.rfind("\n", *read)
    blanks = [match.start() for match in _BLANK.finditer(found.text, *read)] or [-1]
    for first, last in (lines, (blanks[0], blanks[-1])):
        yield (starts < first) & (first >= 0)
        yield (starts > last) & (last >= 0)
    order = np.arange(len(starts)) / len(starts)
    yield (order < _TENTH) & (len(starts) >= _LONG)
    yield (order >= 1 - _TENTH) & (len(starts) >= _LONG)


def _in_picture(found: ImageRepresentation) -> Iterator[Masks]:
    """Tell which superpixels have their centre in an outer third, or in the middle."""
    labels, (height, width) = found.labels.ravel(), found.labels.shape
    sizes = np.bincount(labels)
    across, down = np.tile(np.arange(width), height), np.repeat(np.arange(height), width)
    x, y = np.bincount(labels, across + 0.5) / sizes / width, np.bincount(labels, down + 0.5) / sizes / height
    thirds = [y < _THIRD, y > 1 - _THIRD, x < _THIRD, x > 1 - _THIRD]
    yield from thirds
    yield ~np.logical_or.reduce(thirds)

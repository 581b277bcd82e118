"""What people call instances and columns, and which classes are truly theirs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust import tabular
from retrust.bins import plain
from retrust.columns import is_missing
from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from retrust.explanation import Explanation

_LONGEST = 80
_CELL = 24  # characters of a name or a value in a row's title


def titled(titles: Iterable[str] | None, explanations: Sequence[Explanation]) -> tuple[str, ...]:
    """Return a title for each instance: those given, else how its text or its row begins, else its number."""
    if titles is None:
        return tuple(_title(each.representation, row) for row, each in enumerate(explanations))
    return tuple(map(str, _for_each("titles", titles, explanations)))


def _title(representation: object, row: int) -> str:
    if tabular.is_row(representation):
        return _row(f"row {row}", cells_of(tabular.columns(representation)))
    return short_title(getattr(representation, "text", ""), f"instance {row}")


def each_titled(titles: Iterable[str], n: int) -> list[str]:
    """Check that there is a title for each of n instances."""
    return list(map(str, one_each("titles", titles, n)))


def one_each(what: str, given: Iterable[Any], n: int) -> list[Any]:
    """Check that something was given for each of n instances.

    Raises
    ------
    OptionError
        There are more or fewer, or it is one string.
    """
    if isinstance(given, str):
        raise OptionError(f"{what}={given!r} is one string; a list with one for each instance is expected")
    found = list(given)
    if len(found) != n:
        raise OptionError(f"{len(found):,} {what} were given for {n:,} instances; one each is expected")
    return found


def keyed(found: Sequence[str] | None, keys: Iterable[Hashable] | None, d: int) -> tuple[Hashable, ...]:
    """Say what d columns are: one key each, no two the same.

    Parameters
    ----------
    found : sequence of str or None
        The keys that explanations have; None for a matrix.
    keys : iterable or None
        Those given.
    """
    if found is not None and keys is not None:
        raise OptionError("keys name the columns of a matrix; explanations have keys of their own – leave keys out")
    given = tuple(found if found is not None else range(d) if keys is None else keys)
    if len(given) != d:
        raise OptionError(f"{len(given):,} keys were given for {d:,} columns; one for each is expected")
    if len(set(given)) < d:
        twice = Counter(given).most_common(1)[0][0]
        raise OptionError(f"the key {twice!r} names more than one column; add such columns, or name them apart")
    return given


def labelled(labels: Iterable[Any] | None, explanations: Sequence[Explanation]) -> tuple[int | None, ...]:
    """Return the true class of each instance as an index; None where it is not known.

    Raises
    ------
    OptionError
        A label is neither the name nor the index of a class.
    """
    if labels is None:
        return (None,) * len(explanations)
    names = {name: index for index, name in enumerate(explanations[0].classes)}
    return tuple(_label(label, names) for label in _for_each("labels", labels, explanations))


def short_title(instance: Any, other: str) -> str:
    """Return how a text begins, or another title: for a row with its first values, for what is empty by itself."""
    if hasattr(instance, "items"):
        return _row(other, instance.items())
    words = " ".join(instance[: 4 * _LONGEST].split()) if isinstance(instance, str) else ""
    return (words[:_LONGEST] + "…" * (len(words) > _LONGEST)) if words else other


def _row(number: str, cells: Iterable[tuple[Any, Any]]) -> str:
    values = row_title(cells)
    return f"{number}: {values}" if values else number


def row_title(cells: Iterable[tuple[Any, Any]]) -> str:
    """Return what the first columns of a row hold, as many as a title has room for; nothing of missing ones.

    Parameters
    ----------
    cells : iterable of (name, value)

    Examples
    --------
    >>> row_title([("age", 34.0), ("income", None), ("education", "Bachelors"), ("letter", "I write to you " * 9)])
    'age 34, education Bachelors, letter I write to you I write …'
    """
    said = ""
    for name, value in cells:
        shown = " ".join(_shown(value).split())
        part = f"{_cut(str(name))} {_cut(shown)}"
        if shown and len(said) + len(part) > _LONGEST and said:
            break
        said += (", " if said else "") + part if shown else ""
    return said


def cells_of(columns: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a row's columns, as they cross to the page."""
    return ((one["name"], one["at"] if one["kind"] == "number" else one["value"]) for one in columns)


def _shown(value: Any) -> str:
    """Write a value short: a number with four digits."""
    if is_missing(value):
        return ""
    if not isinstance(value, float) or not np.isfinite(value):
        return str(value)
    return plain(value) if value == int(value) else f"{value:.4g}"


def _cut(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"


def _for_each(what: str, given: Iterable[Any], explanations: Sequence[Explanation]) -> list[Any]:
    """Return one for each explanation; where some instances failed, one for each instance may be given."""
    found = given if isinstance(given, str) else list(given)
    indices = getattr(explanations, "indices", ())
    if len(indices) < len(found) == getattr(explanations, "of", None):
        found = [found[index] for index in indices]
    return one_each(what, found, len(explanations))


def _label(label: Any, names: Mapping[str, int]) -> int | None:
    if label is None or str(label) in names:
        return None if label is None else names[str(label)]
    if isinstance(label, int | np.integer) and 0 <= label < len(names):
        return int(label)
    raise OptionError(f"label {label!r} is none of the classes {listed(names)}, nor an index of one")

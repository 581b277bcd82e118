"""The columns of a table as training rows have them: conditions that hold or not, and how values spread.

A column is in one *state* for each row: an interval of its numbers, a category, or missing. The instance's state is its
condition; absent means another state, drawn as often as the training rows are in it (as the ``lime`` package does).
Inside, every value is a float: a number, the index of a category, seconds since 1970; NaN is missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.bins import edges_of, plain, spelt
from retrust.errors import InstanceError, OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.bins import Named, Spelling

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Kind = Literal["number", "date", "category", "text", "constant"]

_MINUTE, _DAY = 60, 86400


@dataclass(frozen=True, eq=False)
class Coded:
    """Values of a column of categories: where each stands in the palette.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    palette : ndarray, shape (b + 1,)
    """

    codes: Ints
    palette: NDArray[Any]

    def values(self) -> NDArray[Any]:
        """Return the values themselves, (n,)."""
        return self.palette[self.codes]


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its states, how often each occurs, and how values spread in it.

    Parameters
    ----------
    name : str
    kind : {"number", "date", "category", "text", "constant"}
    shares : ndarray, shape (b + 1,)
        How much of the training rows is in each state; the last is missing.
    edges : ndarray, shape (b − 1,)
        Where numbers are cut; empty for others.
    options : tuple
        The categories as the model takes them; of a constant column its one value.
    shown : tuple of str
        The categories as people read them.
    means, spreads, lows, highs : ndarray, shape (b,)
        Mean, standard deviation and ends of each interval.
    centre, scale : float
        Mean and standard deviation of the whole column.
    whole : bool
        Whether all numbers are whole.
    slope : bool
        Whether its number is taken as it is, not cut into intervals.
    spelling : Spelling, optional
        How the edges are written.
    blank : object
        What the model takes where a category is missing.
    counts : pair of sequences
        A histogram of numbers: edges (m + 1) and counts (m).
    """

    name: str
    kind: Kind
    shares: Floats
    edges: Floats
    options: tuple[Any, ...] = ()
    shown: tuple[str, ...] = ()
    means: Any = ()
    spreads: Any = ()
    lows: Any = ()
    highs: Any = ()
    centre: float = 0.0
    scale: float = 1.0
    whole: bool = False
    slope: bool = False
    spelling: Spelling | None = None
    blank: Any = None
    counts: tuple[Sequence[float], Sequence[int]] = ((), ())

    @property
    def missing(self) -> float:
        """The share of the training rows that have no value here."""
        return float(self.shares[-1])

    @property
    def measured(self) -> bool:
        """Whether its values are numbers or dates."""
        return self.kind in {"number", "date"}

    @cached_property
    def palette(self) -> NDArray[Any]:
        """The categories, and what stands for a missing one, as they are written into a batch."""
        if self.options and all(
            isinstance(option, int | float) and not isinstance(option, bool) for option in self.options
        ):
            return np.array([*self.options, np.nan], dtype=np.float64)
        found = np.empty(len(self.options) + 1, dtype=object)
        found[:] = [*self.options, self.blank]
        return found

    def coded(self, values: Floats) -> NDArray[Any] | Coded:
        """Return values (n,) as they are written into a batch, categories by their numbers."""
        return self.written(values) if self.measured else Coded(self._codes(values), self.palette)

    def _codes(self, values: Floats) -> Ints:
        return np.where(np.isnan(values), len(self.options), values).astype(np.intp)

    def written(self, values: Floats) -> NDArray[Any]:
        """Return values (n,) as they are written into a batch: floats, moments or categories."""
        if self.kind == "date":
            return moments(values)
        if self.measured:
            return values
        return self.palette[self._codes(values)]

    def read(self, values: NDArray[Any]) -> Floats:
        """Return what :meth:`written` was given."""
        if self.kind == "date":
            return np.array([np.nan if is_missing(one) else seconds(moment(one)) for one in values])
        if self.measured:
            return np.array([np.nan if is_missing(one) else float(one) for one in values.tolist()])
        return np.array([self.number.get(one, np.nan) for one in values.tolist()], dtype=np.float64)

    @cached_property
    def number(self) -> Mapping[Any, int]:
        """The index of each category."""
        return {option: index for index, option in enumerate(self.options)}

    def state(self, value: float) -> int:
        """Return the state of a value; the last one for a missing value."""
        if math.isnan(value):
            return len(self.shares) - 1
        return int(np.searchsorted(self.edges, value)) if self.measured else int(value)

    def interval(self, state: int) -> tuple[float | None, float | None]:
        """Return the edges of an interval, None where it is open."""
        low = float(self.edges[state - 1]) if state > 0 else None
        return low, float(self.edges[state]) if state < len(self.edges) else None

    def condition(self, value: float) -> str:
        """Say what holds of a value: ``28 < age ≤ 37``, ``education = Bachelors``, ``age missing``."""
        if math.isnan(value):
            return f"{self.name} missing"
        if not self.measured:
            return f"{self.name} = {self.shown[int(value)]}"
        if self.slope or self.spelling is None:
            return self.name
        return self.spelling.condition(self.name, *self.interval(self.state(value)), value)

    def text(self, value: float) -> str:
        """Write a value as people do; nothing where it is missing."""
        if math.isnan(value):
            return ""
        if self.kind == "date":
            return written_date(value)
        return plain(value) if self.measured else self.shown[int(value)]

    def parsed(self, text: str) -> float:
        """Read what somebody typed.

        Raises
        ------
        OptionError
        """
        text = text.strip()
        if not text and self.missing:
            return math.nan
        try:
            return self._read(text)
        except (ValueError, KeyError, OverflowError):
            raise OptionError(f"{self.name} cannot be {text!r}; {self._expected}") from None

    def _read(self, text: str) -> float:
        if self.kind == "date":
            return seconds(np.datetime64(text, "s"))
        if not self.measured:
            return float(self.shown.index(text))
        value = float(text)
        if not math.isfinite(value) or (self.whole and value != int(value)):
            raise ValueError
        return value

    @property
    def _expected(self) -> str:
        kinds = {"number": "a whole number" if self.whole else "a number", "date": "a date such as 2021-03-04"}
        what = kinds.get(self.kind) or f"one of {listed(self.shown)}"
        return f"{what} is expected" + (", or nothing where it is missing" if self.missing else "")

    def value(self, given: Any) -> float:
        """Read one value of an instance.

        Raises
        ------
        InstanceError
            It names the column.
        """
        if is_missing(given):
            if not self.missing and not self.measured:
                raise InstanceError(
                    f"column {self.name!r} is missing; no training row lacks it, so nothing is known of rows that do – "
                    "fill it in, or give data= in which it is missing too"
                )
            return math.nan
        return self._measured(given) if self.measured else self._category(given)

    def _measured(self, given: Any) -> float:
        try:
            value = seconds(moment(given)) if self.kind == "date" else float(given)
        except (TypeError, ValueError):
            what = "a date" if self.kind == "date" else "a number"
            raise InstanceError(
                f"column {self.name!r} is {given!r}; {what} is expected, as in the training rows"
            ) from None
        if math.isinf(value):
            raise InstanceError(f"column {self.name!r} is {value}; a finite number is expected – or NaN, for missing")
        return value

    def _category(self, given: Any) -> float:
        key = given.item() if isinstance(given, np.generic) else given
        try:
            return float(self.number[key])
        except (KeyError, TypeError):
            raise InstanceError(
                f"column {self.name!r} is {key!r}, which no training row has; known are {listed(self.shown)} – give "
                "data= with rows that have it, or one of these"
            ) from None


def is_missing(value: Any) -> bool:
    """Tell None, NaN, NaT and NA from values.

    >>> is_missing(None), is_missing(float("nan")), is_missing(np.datetime64("NaT")), is_missing("?")
    (True, True, True, False)
    """
    if value is None:
        return True
    same = value == value  # noqa: PLR0124 – what is not itself is missing
    return not same if isinstance(same, bool | np.bool_) else type(value).__name__ == "NAType"


def seconds(moment: np.datetime64) -> float:
    """Return seconds since 1970."""
    return float((moment - np.datetime64(0, "s")) / np.timedelta64(1, "s"))


def moment(given: Any) -> np.datetime64:
    """Return a moment of Python, NumPy or pandas without its zone, by the clock of Greenwich.

    >>> moment("2021-03-04T12:30").astype("datetime64[m]")
    np.datetime64('2021-03-04T12:30')
    """
    zoned = getattr(given, "tzinfo", None) is not None
    return np.datetime64(given.astimezone(timezone.utc).replace(tzinfo=None) if zoned else given, "us")


def moments(values: Floats) -> NDArray[np.datetime64]:
    """Return moments from seconds since 1970, NaT where there is none."""
    known = np.isfinite(values)
    found = np.rint(np.where(known, values, 0) * 1e6).astype("datetime64[us]")
    found[~known] = np.datetime64("NaT")
    return np.asarray(found)


def written_date(value: float) -> str:
    """Write seconds since 1970 as a date, with the time where there is any.

    >>> written_date(1614816000.0), written_date(1614816060.0)
    ('2021-03-04', '2021-03-04 00:01')
    """
    unit: Any = "D" if value % _DAY == 0 else "m" if value % _MINUTE == 0 else "s"
    moment = moments(np.array([value]))[0].astype(f"datetime64[{unit}]")
    return str(moment).replace("T", " ")


def measured(
    name: str, values: Floats, kind: Kind, bins: Any, labels: Any, *, slope: bool = False, whole: bool = False
) -> Column:
    """Fit a column of numbers or dates.

    Parameters
    ----------
    name : str
    values : ndarray, shape (n,)
        NaN where missing; at least two different ones are known.
    kind : {"number", "date"}
    bins : str or ndarray
        How to cut, or the edges.
    labels : ndarray, shape (n,), or None
    slope : bool
        Whether it is taken as it is.
    whole : bool
        Whether draws are to be whole numbers.
    """
    known = ~np.isnan(values)
    some = values[known]
    edges = np.empty(0) if slope else _cut(some, bins, None if labels is None else np.asarray(labels)[known])
    state = np.searchsorted(edges, some)
    b = len(edges) + 1
    inside = [some[state == each] for each in range(b)]
    ends = [some.min(), *edges, some.max()]
    exact = plain if isinstance(bins, np.ndarray) else None  # edges that somebody gave are written as given
    spelling = None if slope else spelt(edges, some, written_date if kind == "date" else exact)
    counts, cuts = np.histogram(some, bins=min(20, max(2, len(np.unique(some)))))
    return Column(
        name=name,
        kind=kind,
        shares=np.append(np.bincount(state, minlength=b), np.count_nonzero(~known)) / len(values),
        edges=edges,
        means=np.array([part.mean() if len(part) else 0.0 for part in inside]),
        spreads=np.array([part.std() if len(part) else 0.0 for part in inside]),
        lows=np.array(ends[:-1]),
        highs=np.array(ends[1:]),
        centre=float(some.mean()),
        scale=float(some.std()) or 1.0,
        whole=whole,
        slope=slope,
        spelling=spelling,
        counts=(cuts.tolist(), counts.tolist()),
    )


def _cut(values: Floats, bins: Named | Floats, labels: Any) -> Floats:
    """Return the edges; another one where all values would be in one interval."""
    edges = bins if isinstance(bins, np.ndarray) else edges_of(values, bins, labels)
    if len(np.unique(np.searchsorted(edges, values))) > 1 or isinstance(bins, np.ndarray):
        return np.asarray(edges)
    return np.array([np.unique(values)[-2]])


def category(name: str, codes: Ints, options: Sequence[Any], shown: Sequence[str], blank: Any = None) -> Column:
    """Fit a column of categories; codes (n,) index the options, −1 is missing."""
    counts = np.bincount(np.where(codes < 0, len(options), codes), minlength=len(options) + 1)
    return Column(
        name=name,
        kind="category",
        shares=counts / len(codes),
        edges=np.empty(0),
        options=tuple(options),
        shown=tuple(shown),
        blank=blank,
    )

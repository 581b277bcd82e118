"""Training rows, column by column: which are numbers, dates, categories, texts, and how each is spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.bins import checked, plain
from retrust.columns import Column, category, is_missing, measured
from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrust.columns import Kind
    from retrust.frames import Raw

_ROWS = 5000
_WORDY, _DIFFERENT = 4, 0.5


def learned(
    raws: Sequence[Raw], bins: Any = "quartile", labels: Any = None, *, categorical: Any = None, text: Any = None
) -> tuple[Column, ...]:
    """Learn the columns of a table.

    Parameters
    ----------
    raws : sequence of Raw
    bins, labels, categorical, text
        As for :class:`retrust.Table`.

    Raises
    ------
    OptionError
        It names the column.
    """
    _check(raws, labels)
    return _Learning(tuple(raw.name for raw in raws), bins, labels, categorical, text).columns(raws)


def _check(raws: Sequence[Raw], labels: Any) -> None:
    n = len(raws[0].values) if raws else 0
    if n < 2:  # noqa: PLR2004 – one row does not vary
        raise OptionError(
            f"data has {n} row{'s' * (n != 1)} and {len(raws)} columns; the training rows are expected – what is "
            "absent is drawn from them"
        )
    if labels is not None and len(labels) != n:
        raise OptionError(f"labels has {len(labels)} entries for {n:,} rows; one for each row is expected")
    if labels is not None and any(map(is_missing, np.asarray(labels).tolist())):
        raise OptionError("labels has rows without a label; leave them out of labels and data")


@dataclass(frozen=True, eq=False)
class _Learning:
    """What was asked of the columns."""

    names: tuple[str, ...]
    bins: Any
    labels: Any
    categorical: Any
    text: Any

    def columns(self, raws: Sequence[Raw]) -> tuple[Column, ...]:
        """Learn each column."""
        chosen = self._chosen(self.categorical, "categorical")
        texts = self._chosen(self.text, "text")
        self._chosen(self.bins if isinstance(self.bins, Mapping) else None, "bins")
        bins = checked(self.bins, self.labels)
        return tuple(self._column(raw, raw.name in chosen, raw.name in texts, bins) for raw in raws)

    def _chosen(self, given: Any, what: str) -> set[str]:
        """Return columns that were named, or numbered."""
        if given is None or isinstance(given, bool):
            return set()
        items = [given] if isinstance(given, str | int) else list(given)
        return {self._name(item, what) for item in items}

    def _name(self, item: Any, what: str) -> str:
        names = self.names
        if str(item) in names:
            return str(item)
        if isinstance(item, int | np.integer) and 0 <= item < len(names):
            return names[item]
        raise OptionError(f"{what} names the column {item!r}; data has {listed(names)}")

    def _column(self, raw: Raw, chosen: bool, text: bool, bins: Any) -> Column:  # noqa: FBT001 – both are answers
        known = raw.values[~np.isnan(raw.values)] if raw.kind != "other" else _known(raw.values)
        if not len(known):
            raise OptionError(
                f"column {raw.name!r} has no value in any row, so nothing can be drawn for it – leave it out or fill it"
            )
        _check_values(raw, known, mixed=chosen)
        missing = len(known) < len(raw.values)
        first = known[0]
        if not missing and all(value == first for value in known.tolist()):
            return Column(raw.name, "constant", np.array([1.0, 0.0]), np.empty(0), (first,), (str(first),))
        if text and raw.kind != "other":
            raise OptionError(f"text names the column {raw.name!r}, which holds {raw.kind}s; texts are expected there")
        if text or (not chosen and self.text is None and raw.kind == "other" and _is_prose(known)):
            return Column(raw.name, "text", np.array([1.0, 0.0]), np.empty(0))
        if chosen or raw.kind == "other" or len(np.unique(known)) == 1:
            return self._category(raw, known)
        return self._measured(raw, bins)

    def _measured(self, raw: Raw, bins: Any) -> Column:
        kind: Kind = "date" if raw.kind == "date" else "number"
        if isinstance(bins, Mapping):
            own = bins.get(raw.name, bins.get(self.names.index(raw.name), "quartile"))
            bins = checked(own, self.labels, f"bins of {raw.name!r}")
        return measured(raw.name, raw.values, kind, bins, self.labels, slope=bins is None, whole=raw.whole)

    def _category(self, raw: Raw, known: NDArray[Any]) -> Column:
        plain = [plain_value(value) for value in raw.values.tolist()]
        options = _ordered({plain_value(value) for value in known.tolist()})
        number = {option: index for index, option in enumerate(options)}
        codes = np.array([-1 if is_missing(value) else number[value] for value in plain], dtype=np.intp)
        shown = [str(self._called(raw.name).get(option, _shown(option))) for option in options]
        return category(raw.name, codes, options, shown, raw.blank)

    def _called(self, name: str) -> Mapping[Any, str]:
        """Return the names of a column's categories that were given."""
        given = self.categorical
        if not isinstance(given, Mapping):
            return {}
        found = given.get(name, given.get(self.names.index(name), {}))
        return found if isinstance(found, Mapping) else dict(enumerate(found or ()))


def _check_values(raw: Raw, known: NDArray[Any], *, mixed: bool) -> None:
    """Refuse what is neither number, date, text nor category, and numbers among texts that nobody asked for."""
    if raw.kind == "number" and not np.isfinite(known).all():
        raise OptionError(
            f"column {raw.name!r} has an infinite value in its training rows; finite ones are expected – NaN is missing"
        )
    kinds = {type(value) for value in known.tolist()}
    strange = [kind.__name__ for kind in kinds if kind is complex or kind.__hash__ is None]
    if strange:
        raise OptionError(
            f"column {raw.name!r} holds {listed(strange)}; numbers, dates, texts and categories are expected – leave "
            "it out, or make columns of it"
        )
    if not mixed and str in kinds and kinds & {int, float}:
        text = next(value for value in known.tolist() if isinstance(value, str))
        raise OptionError(
            f"column {raw.name!r} holds numbers and texts such as {text!r}; one of them is expected – make the texts "
            f"missing (None), or say that they are categories: categorical=[{raw.name!r}]"
        )


def _known(values: NDArray[Any]) -> NDArray[Any]:
    return values[[not is_missing(value) for value in values.tolist()]]


def _is_prose(known: NDArray[Any]) -> bool:
    """Tell texts from categories: most differ, and have several words."""
    some = known[:_ROWS].tolist()
    if not all(isinstance(value, str) for value in some):
        return False
    lengths = [value.count(" ") + 1 for value in some]
    return len(set(some)) > _DIFFERENT * len(some) and float(np.median(lengths)) >= _WORDY


def plain_value(value: Any) -> Any:
    """Return a value as plain Python has it, one that can be looked up."""
    return value.item() if isinstance(value, np.generic) else value


def _ordered(options: set[Any]) -> list[Any]:
    try:
        return sorted(options)
    except TypeError:
        return sorted(options, key=lambda option: (type(option).__name__, str(option)))


def _shown(option: Any) -> Any:
    return plain(option) if isinstance(option, float) else option

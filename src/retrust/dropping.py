"""Drop: the marked parts leave training and prediction, and the returned model carries that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone

from retrust.columns import is_missing
from retrust.errors import InstanceError, InstanceTypeError, OptionError, listed
from retrust.lending import is_table, less, raw_of, rewritten, values_of, words_in, woven
from retrust.preview import Example, Preview, counted
from retrust.reach import Reach, kind_of, near_keys, reach, refuse_bare
from retrust.rows import alike, columns
from retrust.terms import grams_with, vectorisers, without, words_of
from retrust.training import corrected_model, is_estimator, trained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from retrust.ledger import Ledger
    from retrust.representation import Domain
    from retrust.rows import Dataset

_EXAMPLES, _LISTED = 3, 5


@dataclass(frozen=True)
class Drop:
    """Take the marked words or columns out of training and of prediction.

    Texts of a scikit-learn pipeline: its own vectoriser stops reading the words, so that the model returned is the one
    that would have been trained had they never been in its vocabulary, of the same class and with the same methods. A
    word is sent through the vectoriser's own analyzer, and what is the same to it falls too: "posting" with "Posting"
    where it lower-cases, and n-grams that hold the word. Where the vectoriser keeps only its most frequent words
    (``max_features``), others take the places that become free.

    Texts of other models: the words are taken out, as written, of every text before training and before prediction.
    Tables: a column is everywhere what it is most often in training (of numbers and dates the lower median), never cut
    out; words of a text column leave it, as written.

    Notes
    -----
    Pictures are refused, for a hole in a picture is a new world: use :class:`Swap`. So are marks that hold for one
    label or one instance only: at prediction nobody knows the label, and a word that is missing from the training rows
    of one label alone has become a sign of the others.

    Examples
    --------
    >>> from retrust.domains.text import Text
    >>> from retrust.ledger import Ledger, Mark
    >>> from retrust.rows import Dataset
    >>> Drop().apply(Dataset(["a red sky", "a blue sea"], [0, 1]), Ledger((Mark("red"),)), Text()).X
    ['a  sky', 'a blue sea']
    """

    def apply(self, dataset: Dataset, ledger: Ledger, domain: Domain | None) -> Dataset:
        """Return the rows without the marked parts.

        Raises
        ------
        OptionError
            Nothing is marked, or everything; the rows are pictures; or a mark does not hold everywhere.
        UnknownFeature
            A mark is on a key that no row has.
        """
        return replace(dataset, X=self.at_prediction(ledger, domain, dataset)(dataset.X))

    def at_prediction(
        self, ledger: Ledger, domain: Domain | None, dataset: Dataset | None = None
    ) -> Callable[[Any], Any]:
        """Return what takes the marked parts out of a batch of inputs; it pickles when the domain does.

        Parameters
        ----------
        ledger : Ledger
        domain : Domain or None
        dataset : Dataset, optional
            The training rows, which say what a table's column is most often.
        """
        if dataset is not None:
            return _change(_reached(dataset, ledger, domain, {}), dataset, domain)
        _refuse_scopes(ledger)
        if domain is None:
            raise OptionError("what stands for a column is what it is most often in training – pass dataset=")
        return Rewritten(domain, frozenset(mark.key for mark in ledger))

    def fitted(self, model: Any, dataset: Dataset, ledger: Ledger, domain: Domain | None) -> Any:
        """Train a model that never reads the marked parts, in training or in prediction.

        Parameters
        ----------
        model : estimator or trainer
            A trainer is a callable from a Dataset to a model.
        dataset, ledger, domain
            As for ``apply``.

        Returns
        -------
        model
            A scikit-learn text pipeline stays what it is; any other model comes back in one that has its methods.
        """
        stops = _stops(model, dataset, ledger, domain)
        found = _reached(dataset, ledger, domain, stops)
        if stops:
            return trained(clone(model).set_params(**{path: stop.short() for path, stop in stops.items()}), dataset)
        change = _change(found, dataset, domain)
        return corrected_model(trained(model, replace(dataset, X=change(dataset.X))), change)

    def describe(self, dataset: Dataset, ledger: Ledger, domain: Domain | None, model: Any = None) -> Preview:
        """Say in words what would change, with a few examples.

        Parameters
        ----------
        dataset, ledger, domain
            As for ``apply``.
        model : estimator or trainer, optional
            Which would be trained: what falls with a word depends on what reads it.
        """
        stops = _stops(model, dataset, ledger, domain)
        found = _reached(dataset, ledger, domain, stops)
        change = _change(found, dataset, domain)
        rows = np.flatnonzero(found.touched)
        before = dataset.take(rows[:_EXAMPLES])
        after = replace(before, X=change(before.X))
        examples = tuple(map(Example.of, rows.tolist(), before, after))
        falls = {mark.key: _falling(mark.key, found, stops) for mark in ledger}
        said = (_first(ledger, found), *_how(ledger, found, stops, change), *_with(falls), _bare(found))
        return Preview("Drop", len(rows), len(dataset), falls, examples, tuple(filter(None, said)))


@dataclass(frozen=True, eq=False)
class Rewritten:
    """A batch of inputs without some parts: each is represented, and written without them.

    Parameters
    ----------
    domain : Domain
    keys : frozenset of str
    """

    domain: Domain
    keys: frozenset[str]

    def __call__(self, inputs: Any) -> Any:
        """Return the inputs in a container of the same kind."""
        each = inputs if not hasattr(inputs, "iloc") else inputs.tolist()
        return alike(inputs, [self._one(instance) for instance in each])

    def _one(self, instance: Any) -> Any:
        try:
            found = self.domain.represent(instance)
        except InstanceTypeError:
            raise
        except InstanceError:
            return instance
        mask = np.array([feature.key not in self.keys for feature in found.features], dtype=bool)
        return instance if mask.all() else found.perturb(mask[None], np.random.default_rng(0))[0]


@dataclass(frozen=True, eq=False)
class Replaced:
    """A table whose marked columns are the same in every row, and whose texts lack the marked words.

    Parameters
    ----------
    values : mapping of str to object
        What stands in each marked column.
    names : tuple of str
        The columns of an array, in order; a frame has its own.
    words : mapping of str to frozenset of str
        The words that leave each text column, as written.
    """

    values: Mapping[str, Any]
    names: tuple[str, ...]
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __call__(self, inputs: Any) -> Any:
        """Return the table in the type in which it was given."""
        changed = inputs if is_table(inputs) else _stacked(inputs)
        own = columns(changed) if hasattr(changed, "columns") else None
        names = own or self.names
        for name, value in self.values.items():
            changed = rewritten(changed, names.index(name), [value] * changed.shape[0])
        for name, gone in self.words.items():
            texts = values_of(changed, names.index(name))
            changed = rewritten(changed, names.index(name), [less(text, gone) for text in texts])
        return changed


def _stacked(rows: Any) -> NDArray[Any]:
    """Return a list of rows as an array, values of several types as they are."""
    found = np.array(rows)
    return np.array(rows, dtype=object) if found.dtype.kind in "US" else found


@dataclass(frozen=True, eq=False)
class Stop:
    """A vectoriser of a pipeline and the words, as it reads them, that it shall not read.

    Parameters
    ----------
    vectoriser : vectoriser
    read : callable
        From a text to the words that the vectoriser reads in it.
    words : frozenset of str
    """

    vectoriser: Any
    read: Callable[[str], list[str]]
    words: frozenset[str]

    def short(self) -> Any:
        """Return the vectoriser, unfitted, that does not read them."""
        return without(self.vectoriser, self.words)

    def stops(self, key: str) -> bool:
        """Tell whether a word of the domain falls."""
        return not self.words.isdisjoint(self.read(key))


def _stops(model: Any, dataset: Dataset, ledger: Ledger, domain: Any) -> dict[str, Stop]:
    """Find what a pipeline's vectorisers must not read; nothing where the texts must be rewritten instead.

    They must where a key is more than one word to a vectoriser: its words may well stand elsewhere.
    """
    words = getattr(domain, "unit", "word") == "word" and kind_of(dataset, domain) == "text"
    stops = {}
    for path, one in (vectorisers(model) if words and is_estimator(model) else {}).items():
        read = words_of(one)
        found = [frozenset(read(mark.key)) for mark in ledger]
        if any(len(each) > 1 for each in found):
            return {}
        stops[path] = Stop(one, read, frozenset(chain.from_iterable(found)))
    return stops


def _reached(dataset: Dataset, ledger: Ledger, domain: Domain | None, stops: Mapping[str, Stop]) -> Reach:
    """Find what leaves, and refuse what Drop cannot do."""
    _refuse_scopes(ledger)
    if kind_of(dataset, domain) == "image":
        raise OptionError(
            "Drop cannot take parts out of pictures: a hole is something new to a model – use Swap, which lets the "
            "marked parts be another picture's"
        )
    found = reach(dataset, ledger, domain, also=lambda key: any(stop.stops(key) for stop in stops.values()))
    refuse_bare(found, dataset, "nothing would be left of them")
    return found


def _refuse_scopes(ledger: Ledger) -> None:
    narrow = [mark.key for mark in ledger if mark.scope != "everywhere"]
    if narrow:
        raise OptionError(
            f"Drop cannot hold for one label or one instance only, as {listed(narrow)} would: at prediction nobody "
            "knows the label, and what is missing from some rows alone becomes a sign of the others – use Swap, or "
            "mark everywhere"
        )


def _change(found: Reach, dataset: Dataset, domain: Any) -> Rewritten | Replaced:
    """Return what takes all that leaves out of a batch of inputs."""
    leaving = frozenset(chain.from_iterable(found.held))
    if found.kind != "table":
        return Rewritten(domain, leaving)
    gone = words_in(leaving - set(found.names), found.names)
    X = dataset.X if is_table(dataset.X) else _stacked(dataset.X)
    usual = {name: _usual(X, found.names.index(name)) for name in sorted(leaving & set(found.names))}
    return Replaced(usual, found.names, {name: words for name, words in gone.items() if name not in usual})


def _usual(X: Any, at: int) -> Any:
    """Return what stands for a column, as one of its rows has it."""
    row = _commonest(raw_of(X, at).values)
    return None if row is None else values_of(woven(X, np.array([row]), {}), at)[0]


def _commonest(column: NDArray[Any]) -> int | None:
    """Return the row with the lower median of numbers, else with what there is most of; of what is known.

    >>> _commonest(np.array([3.0, 1.0, np.nan, 2.0, 9.0])), _commonest(np.array(["a", "b", "b"], dtype=object))
    (3, 1)
    """
    if column.dtype.kind == "f":
        known = np.flatnonzero(~np.isnan(column))
        return int(known[np.argsort(column[known], kind="stable")[(len(known) - 1) // 2]]) if len(known) else None
    counts = Counter(value for value in column.tolist() if not is_missing(value))
    return column.tolist().index(counts.most_common(1)[0][0]) if counts else None


def _falling(key: str, found: Reach, stops: Mapping[str, Stop]) -> tuple[str, ...]:
    """List what falls with a marked word: words that are the same to the vectoriser, and n-grams that it knows."""
    others: dict[str, None] = {}
    leaving = frozenset(chain.from_iterable(found.held)) - {key}
    for stop in stops.values():
        words = set(stop.read(key))
        others |= dict.fromkeys(sorted(other for other in leaving if not words.isdisjoint(stop.read(other))))
        others |= dict.fromkeys(grams_with(stop.vectoriser, words))
    return tuple(others)


def _first(ledger: Ledger, found: Reach) -> str:
    columns_alone = all(mark.key in found.names for mark in ledger)
    word = {"text": "word", "table": "column" if columns_alone else "part"}.get(found.kind, "part")
    what = f"the marked {word} leaves" if len(ledger) == 1 else f"the {len(ledger)} marked {word}s leave"
    touched, of = int(found.touched.sum()), counted(len(found.held), found.noun)
    return f"Drop: {what} training and prediction; {touched:,} of {of} change{'s' * (touched == 1)}."


def _how(ledger: Ledger, found: Reach, stops: Mapping[str, Stop], change: Rewritten | Replaced) -> Iterable[str]:
    """Say in which way, and what stays."""
    if isinstance(change, Replaced):
        yield from (
            f"{name!r} is {_shown(value)} in every row, what it mostly is." for name, value in change.values.items()
        )
        yield from (f"{listed(sorted(gone))} leaves {name!r}, as written." for name, gone in change.words.items())
    elif stops:
        yield "The pipeline's own vectoriser stops reading: the model is trained as if it had never seen them."
        unread = [mark.key for mark in ledger if not any(stop.read(mark.key) for stop in stops.values())]
        if unread:
            yield f"The vectoriser does not read {listed(unread)} anyway; nothing changes for that."
    else:
        yield "They are taken out, as written, before the model sees an input."
        alike_ones = {near for mark in ledger for near in near_keys(mark.key, found.seen, spelt=False)}
        stay = sorted(alike_ones - {mark.key for mark in ledger})
        if stay:
            yield f"Written otherwise, {listed(stay)} stay{'s' * (len(stay) == 1)}."


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _with(falls: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Say what falls with the first few words that take others with them."""
    taking = [(key, others) for key, others in falls.items() if others]
    said = [f"With {key!r} goes what the model cannot tell from it: {listed(others)}." for key, others in taking]
    more = f"So do others with {len(taking) - _LISTED} more words." if len(taking) > _LISTED else ""
    return [*said[:_LISTED], more]


def _bare(found: Reach) -> str:
    n = int(found.bare.sum())
    return f"{counted(n, found.noun)} ha{'s' if n == 1 else 've'} nothing left." if n else ""

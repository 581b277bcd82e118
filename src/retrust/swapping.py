"""Swap: training rows that wear another row's marked parts; the stress test is the same for rows held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import OptionError
from retrust.lending import is_table
from retrust.preview import Example, Preview, counted
from retrust.reach import Reach, codes, reach, refuse_bare, worn
from retrust.training import is_estimator, takes_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.ledger import Ledger
    from retrust.representation import Domain, Masks
    from retrust.rows import Dataset

    Ints = NDArray[np.intp]

_EXAMPLES = 3
_NEEDED = 2
_HALF = 0.5


@dataclass(frozen=True)
class Swap:
    """Add copies of the training rows in which only the marked parts – all of them together – are another row's.

    The donor is of another class, of any class only where there is no other; the label stays. So the marked parts are
    as they were in the data, and no longer go with the label.

    Parameters
    ----------
    copies : int
        How many of each row.
    seed : int
        Decides the donors.

    Notes
    -----
    A row takes part where it has a marked part or, of words, where its donor has one: that a word is missing tells as
    much as that it is there. Every row of a table has every column. A row that consists of marked parts alone is left
    as it is, for nothing of it would stay.

    ``weights`` are filled so that a row and its copies count together as much as the row did: the row one half and
    each copy 1 / (2 × copies). The labels keep their shares, and a model its balance between fit and penalty. A
    trainer that reads no weights sees all copies as whole rows; what to make of that is the caller's to decide.

    Examples
    --------
    >>> from retrust.domains.text import Text
    >>> from retrust.ledger import Ledger, Mark
    >>> from retrust.rows import Dataset
    >>> data = Dataset(["red sky", "blue sea"], ["evening", "noon"])
    >>> swapped = Swap().apply(data, Ledger((Mark("red"), Mark("blue"))), Text())
    >>> swapped.X, swapped.y
    (['red sky', 'blue sea', 'blue sky', 'red sea'], ['evening', 'noon', 'evening', 'noon'])
    """

    copies: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the options at once."""
        if not isinstance(self.copies, int) or self.copies < 1:
            raise OptionError(f"copies={self.copies!r}; a whole number, 1 or more, is expected")

    def apply(self, dataset: Dataset, ledger: Ledger, domain: Domain) -> Dataset:
        """Return the rows and their copies.

        Raises
        ------
        OptionError
            Nothing is marked, or everything.
        UnknownFeature
            A mark is on a key that no row has.
        """
        rng = np.random.default_rng(self.seed)
        found, rows, donors = self._plan(dataset, ledger, domain, rng)
        copies = _copies(dataset, found, rows, donors, rng)
        weights = np.ones(len(dataset)) if dataset.weights is None else dataset.weights
        lent = np.repeat(weights[rows] * _HALF / self.copies, self.copies)
        kept = weights.copy()
        kept[rows] *= _HALF
        return replace(dataset, weights=kept).joined(replace(copies, weights=lent))

    def describe(self, dataset: Dataset, ledger: Ledger, domain: Domain, model: Any = None) -> Preview:
        """Say in words what would change, with a few examples.

        Parameters
        ----------
        dataset, ledger, domain
            As for ``apply``.
        model : estimator or callable, optional
            Which would be trained on it.
        """
        rng = np.random.default_rng(self.seed)
        found, rows, donors = self._plan(dataset, ledger, domain, rng)
        some = rows[:_EXAMPLES]
        after = _copies(dataset, found, some, donors[:_EXAMPLES, :1], rng)
        examples = tuple(Example.of(int(row), dataset[row], copy) for row, copy in zip(some, after, strict=True))
        said = self._said(dataset, found, len(ledger), rows, model)
        return Preview("Swap", len(rows), len(dataset), {}, examples, said)

    def _plan(
        self, dataset: Dataset, ledger: Ledger, domain: Domain, rng: np.random.Generator
    ) -> tuple[Reach, Ints, Ints]:
        """Find the rows to copy and their donors; refuse where there is none."""
        if domain is None:
            raise OptionError("Swap needs a domain, which knows how a row wears another's part – pass domain=")
        found = reach(dataset, ledger, domain)
        refuse_bare(found, dataset, "a copy would be another row under this one's label")
        rows, donors = _pairs(dataset, found, self.copies, rng)
        if not len(rows) or found.able.sum() < _NEEDED:
            raise OptionError(
                f"Swap finds no {found.noun} to copy: it needs one with a marked part and something else, and another "
                "that lends its part"
            )
        return found, rows, donors

    def _said(self, dataset: Dataset, found: Reach, marks: int, rows: Ints, model: Any) -> tuple[str, ...]:
        noun, added, stay = found.noun, len(rows) * self.copies, int(found.bare.sum())
        parts = "the marked part is that" if marks == 1 else f"the {marks} marked parts, together, are those"
        classes = codes(dataset.labels).max() > 0
        lender = f"a {noun} of another class" if classes else f"any other {noun}, for there is one class only"
        first = (
            f"Swap: {counted(added, noun)} {_are(added)} added, copies of {len(rows):,} of "
            f"{counted(len(dataset), noun)} in which {parts} of {lender}; labels are kept."
        )
        left = (
            f"{counted(stay, noun)} of marked parts alone {_are(stay)} left as {'it is' if stay == 1 else 'they are'}."
        )
        return tuple(filter(None, (first, left * bool(stay), _of_weights(model))))


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def stressed(dataset: Dataset, ledger: Ledger, domain: Domain, rng: np.random.Generator) -> Dataset:
    """Return the same rows with the marked parts swapped in from other classes: the stress test.

    A model that leans on the marked parts falls on them. Marks need not hold in these rows; where none does, they are
    returned as they are.

    Parameters
    ----------
    dataset : Dataset
    ledger : Ledger
    domain : Domain
    rng : Generator
        Draws the donors.

    Returns
    -------
    Dataset
        Equal labels and weights, in the same order.

    Examples
    --------
    >>> from retrust.domains.text import Text
    >>> from retrust.ledger import Ledger, Mark
    >>> from retrust.rows import Dataset
    >>> data = Dataset(["red sky", "blue sea"], ["evening", "noon"])
    >>> stressed(data, Ledger((Mark("red"), Mark("blue"))), Text(), np.random.default_rng(0)).X
    ['blue sky', 'red sea']
    """
    found = reach(dataset, ledger, domain, strict=False)
    rows, donors = _pairs(dataset, found, 1, rng)
    everyone = np.arange(len(dataset))
    if not len(rows):
        return dataset
    if _at_once(dataset, found):
        lenders = everyone.copy()
        lenders[rows] = donors[:, 0]
        return worn(dataset, found, everyone, lenders)
    written = dict(zip(rows.tolist(), _written(found, rows, donors, rng), strict=True))
    return dataset.wearing([written.get(row, instance) for row, instance in enumerate(dataset)], everyone)


def _pairs(dataset: Dataset, found: Reach, copies: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Choose the rows that change, (m,), and their donors, (m, copies)."""
    lenders = _donors(codes(dataset.labels), found.able, copies, rng)
    changes = found.touched & ~found.bare
    if found.kind in {"text", "table"}:
        for row in np.flatnonzero(found.able & ~found.bare & ~changes).tolist():
            changes[row] = any(found.named[row] & found.has[donor] for donor in lenders[row])
    rows = np.flatnonzero(changes)
    return rows, lenders[rows]


def _donors(classes: Ints, able: Masks, copies: int, rng: np.random.Generator) -> Ints:
    """Draw donors for all rows, (n, copies): of another class, of any only where there is no other."""
    donors = np.empty((len(classes), copies), dtype=np.intp)
    for own in np.unique(classes):
        rows = np.flatnonzero(classes == own)
        pool = np.flatnonzero(able & (classes != own))
        drawn = rng.random((len(rows), copies))
        donors[rows] = pool[(drawn * len(pool)).astype(np.intp)] if len(pool) else _others(rows, able, drawn)
    return donors


def _others(rows: Ints, able: Masks, drawn: NDArray[np.float64]) -> Ints:
    """Choose any row but the own one: so many places further, round about."""
    pool = np.flatnonzero(able)
    own = np.searchsorted(pool, rows)[:, None]
    return pool[(own + 1 + (drawn * max(1, len(pool) - 1)).astype(np.intp)) % max(1, len(pool))]


def _at_once(dataset: Dataset, found: Reach) -> bool:
    """Tell whether all rows can be written together: those of a frame or an array can."""
    return found.kind == "table" and is_table(dataset.X)


def _copies(dataset: Dataset, found: Reach, rows: Ints, donors: Ints, rng: np.random.Generator) -> Dataset:
    """Write the copies of each row, one after another, with their labels."""
    each = np.repeat(rows, donors.shape[1])
    if _at_once(dataset, found):
        return worn(dataset, found, each, donors.ravel())
    return dataset.wearing(_written(found, rows, donors, rng), each)


def _written(found: Reach, rows: Ints, donors: Ints, rng: np.random.Generator) -> list[Any]:
    """Let each row wear its donors' parts, through its representation."""
    pairs = [(row, donor) for row, lenders in zip(rows.tolist(), donors.tolist(), strict=True) for donor in lenders]
    return [found.of(row).swap(found.named[row], found.of(donor), rng) for row, donor in pairs]


def _of_weights(model: Any) -> str:
    """Say what weights do, where it can be known."""
    if model is not None and is_estimator(model) and takes_weights(model) is None:
        return (
            f"{type(model).__name__} takes no weights: each copy counts as much as a row, so labels whose rows are "
            "copied more often gain."
        )
    return "Weights make a row and its copies count as much as the row did, so the labels keep their shares."

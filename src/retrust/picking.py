"""SP-LIME: the few instances that show the most of a model.

Section 4 of the paper: W has a row of weights for each explained instance and a column for each key, I_j = √Σᵢ|W_ij| is
how important a key is, and the pick covers as much importance as a budget allows. Columns are keys, not positions: a
word is the same in every text, a visual word in every picture.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import sparse

from retrust.cover import METHODS, Importance, clean, coverage, firsts, importance, matrix
from retrust.errors import ConstantModelWarning, InstanceTypeError, OptionError, RetrustWarning, listed
from retrust.explanation import Explanation
from retrust.model import index_of
from retrust.naming import each_titled, keyed, labelled, titled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from retrust.cover import Matrix
    from retrust.representation import Floats

Method = Literal["submodular", "random", "exact"]

_REPEATS = 100


@dataclass(frozen=True, eq=False, repr=False)
class Pick:
    """The few instances that show the most of a model.

    Made by :func:`pick`.

    Parameters
    ----------
    weights : sparse matrix, shape (n, d)
        The weight of each key in each instance's explanation, signed.
    keys : tuple of length d
        What the columns are.
    chosen : tuple of int
        Rows, in the order in which they were chosen.
    coverage : ndarray
        The importance c(V, W, I) that the first 1, 2, … chosen cover.
    importance : Importance
        I by key.
    method : {"submodular", "random", "exact"}
    rows : ndarray of int
        Among which rows was picked.
    explanations : tuple of Explanation
        What was picked from; empty where a matrix was given.
    titles : tuple of str
        What people call the instances.
    labels : tuple of int or None, or None
        The true classes, where known.
    seen : frozenset
        Keys that have been read before; they count for nothing.
    target, errors
        Among which instances was picked, see :meth:`again`.

    Examples
    --------
    >>> p = pick([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 4]], budget=2)
    >>> p.chosen, p.share.round(2), p.added(0)
    ((0, 2), array([0.45, 0.82]), [(1, 1.4142135623730951), (0, 1.0)])
    """

    weights: Matrix
    keys: tuple[Hashable, ...]
    chosen: tuple[int, ...]
    coverage: Floats
    importance: Importance
    method: Method
    rows: NDArray[np.intp]
    explanations: Sequence[Explanation] = ()
    titles: tuple[str, ...] = ()
    labels: tuple[int | None, ...] | None = None
    seen: frozenset[Hashable] = frozenset()
    seed: int = field(default=0, repr=False)
    target: int | None = None
    errors: bool = False

    @property
    def picked(self) -> list[Explanation]:
        """The chosen explanations, in order."""
        return [self.explanations[row] for row in self.chosen] if len(self.explanations) else []

    @cached_property
    def total(self) -> float:
        """The importance of all keys together."""
        return float(np.asarray(self.importance).sum())

    @property
    def share(self) -> Floats:
        """The coverage as a share of all importance; NaN where there is none."""
        return self.coverage / self.total if self.total else np.full(len(self.chosen), np.nan)

    @cached_property
    def _firsts(self) -> list[NDArray[np.intp]]:
        return firsts(self.weights, self.chosen)

    def added(self, position: int) -> list[tuple[Hashable, float]]:
        """List the keys that a chosen instance was the first to cover, with their importance, largest first.

        Parameters
        ----------
        position : int
            0 for the first that was chosen.
        """
        values = np.asarray(self.importance)
        columns = self._firsts[position]
        columns = columns[values[columns] > 0]
        return [(self.keys[j], float(values[j])) for j in columns[np.argsort(-values[columns], kind="stable")]]

    def again(
        self,
        budget: int | None = None,
        method: Method | None = None,
        *,
        target: int | str | None = None,
        errors: bool = False,
    ) -> Pick:
        """Pick once more from the same explanations.

        Parameters
        ----------
        budget : int, optional
            Default: as many as now.
        method : {"submodular", "random", "exact"}, optional
        target : int or str, optional
            Only among explanations of this class.
        errors : bool
            Only among predictions that are known to be wrong.

        Raises
        ------
        OptionError, UnknownTarget
            No instance is left; or nothing tells classes or errors.
        """
        if (target is not None and not len(self.explanations)) or (errors and not self.labels):
            raise OptionError(
                "nothing tells the classes or the errors here – pick from explanations, with labels= the true classes"
            )
        first = self.explanations[0] if target is not None else None
        wanted = None if first is None else index_of(target, first.classes, first.prediction)
        rows = [
            row
            for row in range(self.weights.shape[0])
            if (wanted is None or self.explanations[row].target == wanted) and not (errors and not self.wrong(row))
        ]
        if not rows:
            raise OptionError("no instance is left to pick from – choose another class, or all predictions")
        size = len(self.chosen) if budget is None else _whole(budget)
        start = replace(self, target=wanted, errors=errors)
        return _picked(start, np.array(rows), min(size, len(rows)), method or self.method)

    def wrong(self, row: int) -> bool | None:
        """Tell whether a prediction is an error; None where the truth is not known."""
        label = self.labels[row] if self.labels else None
        return None if label is None else label != int(np.argmax(self.explanations[row].prediction))

    def random_shares(self, budget: int | None = None, repeats: int = _REPEATS) -> tuple[Floats, Floats, Floats]:
        """Return what random picks of 1, 2, … cover: the mean share, and the middle nine tenths of it.

        Returns
        -------
        mean, low, high : ndarray, shape (budget,)
        """
        rng = np.random.default_rng(self.seed)
        size = len(self.chosen) if budget is None else min(budget, len(self.rows))
        values = np.asarray(self.importance)
        shares = np.empty((repeats, size))
        for repeat in range(repeats):
            shares[repeat] = coverage(self.weights, rng.permutation(self.rows)[:size], values)
        shares /= self.total or np.nan
        low, high = np.quantile(shares, [0.05, 0.95], axis=0)
        return shares.mean(axis=0), low, high

    def to_frame(self, backend: str = "pandas") -> Any:
        """Return the chosen as a data frame: index, title, adds (share), covered (share), because (keys).

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            Whose data frame; it must be installed.
        """
        from narwhals import from_dict

        share = self.share
        columns = {
            "index": list(self.chosen),
            "title": [self.title(row) for row in self.chosen],
            "adds": np.diff(share, prepend=0.0).tolist(),
            "covered": share.tolist(),
            "because": [", ".join(str(key) for key, _ in self.added(i)[:6]) for i in range(len(self.chosen))],
        }
        return from_dict(columns, backend=backend).to_native()  # type: ignore[arg-type]

    def to_html(self, path: str | Path | None = None) -> str:
        """Return one HTML file that shows the panel offline; written to ``path`` where given."""
        from retrust.export import panel_html

        return panel_html(self, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what each further instance covers, beside random picks (extra ``plot``)."""
        from retrust.plots import curve

        return curve(self, ax)

    def title(self, row: int) -> str:
        """Return what people call an instance."""
        return self.titles[row] if self.titles else f"instance {row}"

    def __len__(self) -> int:
        """Return how many were chosen."""
        return len(self.chosen)

    def __str__(self) -> str:
        """Return a table for terminals."""
        share = np.nan_to_num(self.share)
        n, covered = len(self.rows), share[-1] if len(self.chosen) else 0.0
        head = f"{len(self.chosen)} of {n:,} instances show {covered:.0%} of what the model uses ({self.method} pick)"
        rows = [
            f"  {row:>6}  +{adds:>4.0%}  {_printable(self.title(row)):<40}  "
            + ", ".join(_printable(str(key)) for key, _ in self.added(i)[:4])
            for i, (row, adds) in enumerate(zip(self.chosen, np.diff(share, prepend=0.0), strict=True))
        ]
        return "\n".join([head, *rows])

    __repr__ = __str__


def pick(
    explanations: Sequence[Explanation] | Any,
    budget: int = 5,
    method: Method = "submodular",
    *,
    keys: Sequence[Hashable] | None = None,
    titles: Iterable[str] | None = None,
    labels: Iterable[Any] | None = None,
    seen: Iterable[Hashable] = (),
    seed: int = 0,
) -> Pick:
    """Pick the few instances that show the most of a model (SP-LIME).

    Parameters
    ----------
    explanations : sequence of Explanation, or matrix (n, d)
        What ``explain_many`` returns; or weights, dense or sparse, one row for each instance.
    budget : int
        How many to choose, 1 or more; all of them, with a warning, where there are fewer.
    method : {"submodular", "random", "exact"}
        Greedy by coverage, never below 1 − 1/e of the best; by chance; or the best itself, for small cases.
    keys : sequence, optional
        What the columns of a matrix are; default: the columns of a frame, else 0 to d − 1.
    titles : iterable of str, optional
        What people call the instances; default: how each text begins, or its number.
    labels : iterable, optional
        The true classes, by name or index, so that errors can be told.
    seen : iterable, optional
        Keys that have been read before: they count for nothing, so that the next to read show something new.
    seed : int
        For random picks.

    Returns
    -------
    Pick

    Raises
    ------
    OptionError
        No explanations, a budget below 1, weights that are no finite numbers, explanations of different models.

    Notes
    -----
    Where an explanation has several parts with one key, their weights are added. Gains that differ by less than
    10⁻¹² of the whole are equal, and the first instance wins; what covers nothing new is chosen last. The greedy choice
    is made lazily (Minoux 1978): a gain never grows, so an old one is a bound.

    References
    ----------
    Section 4 and algorithm 2 of the paper. G. Nemhauser, L. Wolsey and M. Fisher, "An analysis of approximations for
    maximizing submodular set functions", 1978. M. Minoux, "Accelerated greedy algorithms", 1978.

    Examples
    --------
    A toy matrix in the manner of the paper's figure 5: two rows cover all columns but the first.

    >>> W = [[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]]
    >>> p = pick(W, budget=2)
    >>> p.chosen, np.asarray(p.importance).round(2)
    ((0, 4), array([1.  , 1.73, 1.  , 1.41, 1.  ]))
    """
    if isinstance(explanations, Explanation):
        raise InstanceTypeError("one explanation was given; a sequence of them is picked from – explainer.explain_many")
    many = _explained(explanations)
    weights, found = table(many) if many is not None else (matrix(explanations), None)
    n, d = weights.shape
    given = keyed(found, getattr(explanations, "columns", None) if keys is None and many is None else keys, d)
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(f"seed={seed!r}; a whole number, 0 or more, is expected")
    if isinstance(seen, str):
        raise OptionError(f"seen={seen!r} is one string; a list of keys is expected – pass [{seen!r}]")
    if not weights.nnz:
        message = "no explanation has any weight, so nothing tells the instances apart; the first ones are chosen"
        warnings.warn(message, ConstantModelWarning, stacklevel=2)
    start = Pick(
        weights,
        given,
        (),
        np.zeros(0),
        Importance((), np.zeros(0)),
        "submodular",
        np.arange(n),
        many if many is not None else (),
        _named(titles, many, n),
        None if labels is None else _true(labels, many),
        frozenset(seen),
        seed,
    )
    return _picked(start, start.rows, _checked(budget, n), method)


def _picked(start: Pick, rows: NDArray[np.intp], budget: int, method: Method) -> Pick:
    """Choose among some rows; importance is theirs."""
    if not isinstance(method, str) or method not in METHODS:
        raise OptionError(f"method={method!r}; expected one of {listed(METHODS)}")
    weights = start.weights[rows]
    values = importance(weights)
    values[[key in start.seen for key in start.keys]] = 0
    chosen = rows[METHODS[method](weights, values, budget, start.seed)]
    return replace(
        start,
        chosen=tuple(map(int, chosen)),
        coverage=coverage(start.weights, chosen, values),
        importance=Importance(start.keys, values),
        method=method,
        rows=rows,
    )


def _explained(given: Any) -> Sequence[Explanation] | None:
    """Tell explanations from a matrix."""
    if isinstance(given, np.ndarray) and given.dtype != object:
        return None
    if sparse.issparse(given) or hasattr(given, "to_numpy"):
        return None
    if not hasattr(given, "__iter__"):
        return None
    many = given if isinstance(given, Sequence) else tuple(given)
    if not len(many):
        raise OptionError("there are no explanations to pick from – explainer.explain_many(instances) makes them")
    strangers = [type(each).__name__ for each in many if not isinstance(each, Explanation)]
    if len(strangers) == len(many):
        return None
    if strangers:
        raise InstanceTypeError(f"among the explanations is a {strangers[0]}; explanations alone are picked from")
    _alike(many)
    return many


def _alike(many: Sequence[Explanation]) -> None:
    """Refuse explanations that do not show one model on one kind of instance."""
    kinds = [str(getattr(each.representation, "kind", "parts")) for each in many]
    for name, found in (("kinds", kinds), ("classes", [each.classes for each in many])):
        other = next((each for each in found if each != found[0]), None)
        if other is not None:
            raise OptionError(
                f"the explanations have different {name}: {found[0]!r} and {other!r}; a pick shows one model on one "
                "kind of instance – pick from each apart"
            )


def table(many: Sequence[Explanation]) -> tuple[Matrix, list[str]]:
    """Gather weights by key; several parts with one key are added."""
    at: dict[str, int] = {}
    starts: list[int] = [0]
    columns: list[int] = []
    values: list[float] = []
    for row, explanation in enumerate(many):
        chosen = explanation.fit.selected
        own = explanation.coefficients[chosen]
        if not np.isfinite(own).all():
            raise OptionError(f"explanation {row} has a weight that is no finite number – explain that instance again")
        columns.extend(at.setdefault(explanation.features[i].key, len(at)) for i in chosen)
        values.extend(own.tolist())
        starts.append(len(columns))
    parts = np.array(values), np.array(columns, dtype=np.intp), np.array(starts)
    return clean(sparse.csr_array(parts, shape=(len(many), len(at)))), list(at)


def _checked(budget: Any, n: int) -> int:
    if _whole(budget) > n:
        message = f"budget={budget} is more than there are: all {n} are chosen, in the order of what they add"
        warnings.warn(message, RetrustWarning, stacklevel=3)
    return min(int(budget), n)


def _whole(budget: Any) -> int:
    if not isinstance(budget, int | np.integer) or isinstance(budget, bool) or budget < 1:
        raise OptionError(f"budget={budget!r}; a whole number of instances, 1 or more, is expected")
    return int(budget)


def _named(titles: Iterable[str] | None, many: Sequence[Explanation] | None, n: int) -> tuple[str, ...]:
    if many is not None:
        return titled(titles, many)
    return () if titles is None else tuple(each_titled(titles, n))


def _true(labels: Iterable[Any], many: Sequence[Explanation] | None) -> tuple[int | None, ...]:
    if many is None:
        raise OptionError("labels tell errors from right predictions, which a matrix of weights does not have")
    return labelled(labels, many)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:40]

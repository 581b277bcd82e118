"""A small decision tree as the surrogate: what the conclusion of the paper leaves for later work."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from retrust.errors import OptionError
from retrust.surrogate import Fit, Ridge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from retrust.neighbourhood import Weighted
    from retrust.representation import Floats, Masks

    Ints = NDArray[np.intp]
    Units = Mapping[int, tuple[float, float]]

_HALF = 0.5
_LEAF = 100  # a leaf holds one mask in so many, or more
_NOTHING = 1e-9
_FLAT = 1e-12
_SCREENED = 1000


class Node(NamedTuple):
    """One place of a tree: a test with two sides, or an answer.

    Parameters
    ----------
    feature : int
        What is tested; −1 in a leaf.
    present, absent : int
        The nodes on either side, by their numbers; −1 in a leaf. Children have larger numbers than their parents.
    at : float or None
        None: the test is whether the feature is present. Else ``present`` is where the design is above this number.
    value : float
        Weighted mean of the outputs here.
    share : float
        How much of the weight is here, from 0 to 1.
    masks : int
        How many masks of weight above 0 are here.
    error : float
        Standard error of ``value``; NaN where one mask is all there is.
    """

    feature: int
    present: int
    absent: int
    at: float | None
    value: float
    share: float
    masks: int
    error: float

    @property
    def threshold(self) -> float:
        """Where the two sides part."""
        return _HALF if self.at is None else self.at


class Condition(NamedTuple):
    """One test on the way to a leaf, and its outcome."""

    feature: int
    at: float | None
    present: bool


@dataclass(frozen=True, eq=False)
class TreeFit(Fit):
    """What a tree has learned.

    Parameters
    ----------
    intercept : float
        The tree's answer with everything absent.
    coefficients : ndarray, shape (d,)
        What each feature does at the instance: the tree's answer to it, minus that with this feature alone absent (in
        a design of floats: 0). They do not add up to an answer; ``predict`` gives that.
    stderr : ndarray, shape (d,)
        Of these differences, with the tests as they are: sandwich errors (HC3) of the means of the two leaves. Which
        tests were chosen is not in them. NaN where the difference is none, or a leaf has one mask.
    fidelity : float
        Weighted R² on the neighbourhood; NaN where the outputs do not move.
    selected : ndarray of int
        The features that are tested, largest coefficient first; those that do nothing at the instance last, by how
        much of the spread their tests explain.
    nodes : tuple of Node
        The root first.
    instance : ndarray, shape (d,)
        Its row of the design.
    """

    nodes: tuple[Node, ...]
    instance: Floats

    def predict(self, design: Masks | Floats) -> Floats:
        """Return the tree's answer (n,) for a design (n, d)."""
        values = np.array([node.value for node in self.nodes])
        return np.asarray(values[_leaves(self.nodes, design)])

    def alone(self) -> TreeFit:
        """Return what was learned of the selected features, as if there were no others."""
        number = {int(old): new for new, old in enumerate(self.selected)}
        nodes = tuple(node._replace(feature=number.get(node.feature, -1)) for node in self.nodes)
        return replace(self, **vars(super().alone()) | {"nodes": nodes, "instance": self.instance[self.selected]})

    def leaves(self) -> list[tuple[tuple[Condition, ...], Node]]:
        """List the leaves with the tests on the way to each; that of the instance is the first."""
        return list(self._below(0, ()))

    def _below(self, at: int, path: tuple[Condition, ...]) -> Iterator[tuple[tuple[Condition, ...], Node]]:
        node = self.nodes[at]
        if node.feature < 0:
            yield path, node
            return
        own = bool(self.instance[node.feature] > node.threshold)
        for present in (own, not own):
            child = node.present if present else node.absent
            yield from self._below(child, (*path, Condition(node.feature, node.at, present)))

    def rules(self, names: Sequence[str], units: Units | None = None) -> list[str]:
        """Say the tree in sentences, one for each leaf; the first holds for the instance.

        Parameters
        ----------
        names : sequence of str, length d
        units : mapping of int to (float, float), optional
            For columns without intervals: their mean and standard deviation, to say thresholds in the data's own unit.
        """
        return [f"{_said(path, names, units or {})}: {_found(leaf)}" for path, leaf in self.leaves()]

    def lines(self, names: Sequence[str]) -> list[str]:
        """Return the rules as lines for terminals."""
        return [f"  {rule}" for rule in self.rules(names)]

    def to_dict(self) -> dict[str, Any]:
        """Return what a tree has beyond a fit as plain JSON values."""
        nodes = [[None if value != value else value for value in node] for node in self.nodes]  # noqa: PLR0124 – NaN
        return {"nodes": nodes, "instance": None if (self.instance == 1).all() else self.instance.tolist()}

    @classmethod
    def from_dict(cls, fit: Fit, given: Mapping[str, Any]) -> TreeFit:
        """Read what :meth:`to_dict` wrote.

        Raises
        ------
        ValueError
            It is no tree on these features.
        """
        ones, row = np.ones(len(fit.coefficients)), given["instance"]
        instance = ones if row is None else np.array(row, dtype=np.float64)
        nodes = tuple(_node_from(*values) for values in given["nodes"])
        if instance.shape != fit.coefficients.shape or not np.isfinite(instance).all() or not _sound(nodes, fit):
            raise ValueError("its tree does not fit its features")
        return cls(**vars(fit), nodes=nodes, instance=instance)


@dataclass(frozen=True)
class Tree:
    """A weighted regression tree of small depth.

    Parameters
    ----------
    max_depth : int
        How many tests one after another at most, 1 or more.

    Notes
    -----
    Grown by scikit-learn on the masks (on standardised values for columns without intervals), for the largest decrease
    of the weighted squared error; equal data give equal trees. A leaf holds 1 % of the masks or more, and tests that
    explain nothing are taken back. Beyond 1,000 features the tree looks at those that are largest in a ridge fit of
    all; a feature that matters only together with others may be missed there.

    References
    ----------
    The paper, section 8, names decision trees as surrogates for later work. J. S. Long and L. H. Ervin, "Using
    heteroscedasticity consistent standard errors in the linear regression model", The American Statistician 54(3),
    2000.

    Examples
    --------
    >>> from retrust.neighbourhood import Neighbourhood, Weighted
    >>> from retrust.sampling import Exponential, UniformCount
    >>> masks = np.concatenate([np.ones((1, 3), bool), UniformCount()(3, 1999, np.random.default_rng(0))])
    >>> outputs = 0.25 + 0.5 * (masks[:, [0]] & ~masks[:, [2]])
    >>> fit = Tree(max_depth=2).fit(Weighted(Neighbourhood.of(masks, outputs), Exponential(1000)), 0)
    >>> for rule in fit.rules(["not", "very", "good"]):
    ...     print(rule)
    if 'not' is present and 'good' is present: 0.25 (10 % of the weight, from 203 masks)
    if 'not' is present and 'good' is absent: 0.75 (23 % of the weight, from 461 masks)
    if 'not' is absent: 0.25 (67 % of the weight, from 1,336 masks)
    """

    max_depth: int = 3

    def __post_init__(self) -> None:
        """Check the depth at once."""
        depth = self.max_depth
        if not isinstance(depth, int | np.integer) or isinstance(depth, bool) or depth < 1:
            raise OptionError(f"max_depth={depth!r}; a whole number, 1 or more, is expected – 3 is the default")

    def fit(self, weighted: Weighted, target: int) -> TreeFit:
        """Grow a tree for output number ``target``."""
        ground = _Ground.of(weighted, target)
        nodes = ground.planted(self.max_depth)
        near = weighted.neighbourhood
        instance = near.columns(np.arange(near.d), slice(1))[0]
        return _finished(nodes, instance, ground.fidelity(nodes))


@dataclass(frozen=True, eq=False)
class _Ground:
    """What a tree grows on: the masks that have weight."""

    columns: Ints
    x: NDArray[np.float32]
    y: Floats
    w: Floats

    @classmethod
    def of(cls, weighted: Weighted, target: int) -> _Ground:
        near, weights = weighted.neighbourhood.whole(), weighted.weights
        rows = np.flatnonzero(weights)
        if not rows.size:
            raise OptionError("the kernel gives weight 0 to every mask; a wider one is expected – 25 is the default")
        columns = _columns(weighted, target)
        x = near.columns(columns)[rows].astype(np.float32)
        return cls(columns, x, near.outputs[rows, target], weights[rows] / weights.max())

    @property
    def flat(self) -> bool:
        return bool(np.ptp(self.y) <= _FLAT * np.abs(self.y).max())

    def fidelity(self, nodes: tuple[Node, ...]) -> float:
        """Return weighted R²."""
        if self.flat:
            return math.nan
        inside = dict(zip(self.columns.tolist(), range(len(self.columns)), strict=True))
        local = tuple(node._replace(feature=inside.get(node.feature, -1)) for node in nodes)
        error = self.y - np.array([node.value for node in nodes])[_leaves(local, self.x)]
        spread = self.y - np.average(self.y, weights=self.w)
        return 1 - float(self.w @ error**2) / float(self.w @ spread**2)

    def planted(self, max_depth: int) -> tuple[Node, ...]:
        """Grow a tree and write its nodes, parents before children."""
        found: list[Node] = []
        everything = np.arange(len(self.y))
        if self.flat or not len(self.columns):
            return (self._leaf(everything),)
        grown = self._grown(max_depth)
        self._plant(grown, _worth(grown), 0, everything, found)
        return tuple(found)

    def _grown(self, max_depth: int) -> Any:
        """Return scikit-learn's tree of the outputs, brought to mean 0 and spread 1 so that no scale is too small."""
        centred = self.y - np.average(self.y, weights=self.w)
        outputs = centred / np.abs(centred).max()
        tree = DecisionTreeRegressor(
            max_depth=max_depth, min_samples_leaf=max(1, len(self.y) // _LEAF), random_state=0
        ).fit(self.x, outputs, sample_weight=self.w)
        return tree.tree_

    def _plant(self, grown: Any, worth: Masks, at: int, rows: Ints, found: list[Node]) -> int:
        """Write one node and all below it, and return its number."""
        number = len(found)
        found.append(self._leaf(rows))
        if worth[at]:
            column, threshold = int(grown.feature[at]), float(grown.threshold[at])
            side = self.x[rows, column].astype(np.float64) > threshold
            present = self._plant(grown, worth, grown.children_right[at], rows[side], found)
            absent = self._plant(grown, worth, grown.children_left[at], rows[~side], found)
            masked, feature = bool(np.isin(self.x[:, column], (0, 1)).all()), int(self.columns[column])
            number_at = None if masked else threshold
            found[number] = found[number]._replace(feature=feature, present=present, absent=absent, at=number_at)
        return number

    def _leaf(self, rows: Ints) -> Node:
        """Sum up what is known of some masks."""
        y, w = self.y[rows], self.w[rows]
        total = float(w.sum())
        value = float(y[0] + w @ (y - y[0]) / total)  # counted from one of them, exact where outputs are large
        scores = w * (y - value) / np.maximum(1 - w / total, 1e-3)
        error = float(np.sqrt(scores @ scores)) / total if len(rows) > 1 else math.nan
        return Node(-1, -1, -1, None, value, total / float(self.w.sum()), len(rows), error)


def _columns(weighted: Weighted, target: int) -> Ints:
    """Return the features that the tree looks at."""
    if weighted.neighbourhood.d <= _SCREENED:
        return np.arange(weighted.neighbourhood.d)
    return np.sort(Ridge(_SCREENED, select="highest").fit(weighted, target).selected)


def _worth(grown: Any) -> Masks:
    """Tell which tests explain something, with what is tested below them."""
    lost = grown.impurity * grown.weighted_n_node_samples
    least, inner = lost.copy(), grown.children_left >= 0
    for at in np.flatnonzero(inner)[::-1]:  # children have larger numbers than their parents
        least[at] = least[grown.children_left[at]] + least[grown.children_right[at]]
    return np.asarray(inner & (lost - least > _NOTHING * lost[0]))


def _leaves(nodes: Sequence[Node], design: Masks | Floats | NDArray[np.float32]) -> Ints:
    """Return the number of the leaf that each row (n, d) falls in."""
    found = np.zeros(len(design), dtype=np.intp)
    for number, node in enumerate(nodes):
        if node.feature >= 0:
            rows = np.flatnonzero(found == number)
            seen = design[rows, node.feature].astype(np.float32).astype(np.float64)  # as the tree was grown
            found[rows] = np.where(seen > node.threshold, node.present, node.absent)
    return found


def _finished(nodes: tuple[Node, ...], instance: Floats, fidelity: float) -> TreeFit:
    """Work out what each feature does at the instance."""
    d, tested = len(instance), np.unique([node.feature for node in nodes if node.feature >= 0]).astype(np.intp)
    without = np.repeat(instance[None], len(tested), axis=0)
    without[np.arange(len(tested)), tested] = 0
    here, there, nowhere = (_leaves(nodes, design) for design in (instance[None], without, np.zeros((1, d))))
    values, errors = (np.array(part) for part in zip(*((node.value, node.error) for node in nodes), strict=True))
    coefficients, stderr = np.zeros(d), np.full(d, np.nan)
    coefficients[tested] = values[here] - values[there]
    stderr[tested] = np.where(there == here, np.nan, np.hypot(errors[here], errors[there]))
    order = np.lexsort((-_explained(nodes, d)[tested], -np.abs(coefficients[tested])))
    intercept = float(values[nowhere[0]])
    return TreeFit(intercept, coefficients, stderr, fidelity, tested[order], nodes, instance)


def _explained(nodes: tuple[Node, ...], d: int) -> Floats:
    """Return how much of the spread the tests of each feature explain, (d,)."""
    total = np.zeros(d)
    for node in nodes:
        if node.feature >= 0:
            sides = (nodes[node.present], nodes[node.absent])
            total[node.feature] += sum(side.share * (side.value - node.value) ** 2 for side in sides)
    return total


def _said(path: tuple[Condition, ...], names: Sequence[str], units: Units) -> str:
    """Say all tests on the way to a leaf, each feature once."""
    if not path:
        return "always"
    features = dict.fromkeys(condition.feature for condition in path)
    parts = [f"'{names[j]}' is {_outcome([c for c in path if c.feature == j], units.get(j, (0, 1)))}" for j in features]
    return f"if {' and '.join(parts)}"


def _outcome(tests: list[Condition], unit: tuple[float, float]) -> str:
    """Say how the tests of one feature come out; several on one number as an interval."""
    if tests[0].at is None:
        return "present" if tests[0].present else "absent"
    mean, per = unit
    above = [mean + per * (test.at or 0) for test in tests if test.present]
    below = [mean + per * (test.at or 0) for test in tests if not test.present]
    said = [f"above {max(above):.4g}"] if above else []
    return " and ".join([*said, f"at most {min(below):.4g}"] if below else said)


def _found(leaf: Node) -> str:
    share = f"{100 * leaf.share:.0f}" if leaf.share >= 1 / 200 else "under 1"
    masks = f"{leaf.masks:,} mask{'s' * (leaf.masks != 1)}"
    return f"{leaf.value:.3g} ({share} % of the weight, from {masks})"


def _node_from(  # noqa: PLR0917 – the fields of a node, as they are written
    feature: int,
    present: int,
    absent: int,
    at: float | None,
    value: float,
    share: float,
    masks: int,
    error: float | None,
) -> Node:
    threshold, spread = None if at is None else float(at), math.nan if error is None else float(error)
    return Node(int(feature), int(present), int(absent), threshold, float(value), float(share), int(masks), spread)


def _sound(nodes: tuple[Node, ...], fit: Fit) -> bool:
    """Tell whether nodes that were read make a tree on the features of a fit."""
    tested = set(fit.selected.tolist())
    finite = all(math.isfinite(node.value) and math.isfinite(node.threshold) for node in nodes)
    inner = [(at, node) for at, node in enumerate(nodes) if node.feature >= 0]
    below = all(at < min(node[1:3]) and max(node[1:3]) < len(nodes) for at, node in inner)
    return bool(nodes) and finite and below and {node.feature for _, node in inner} <= tested

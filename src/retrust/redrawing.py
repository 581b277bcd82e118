"""Draws of other values for the columns of one instance: each in another state, as often as training rows are in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from retrust.columns import Column, Floats, Ints

_FEW = 16


@dataclass(frozen=True, eq=False)
class Draws:
    """How the columns of one instance are drawn anew: a table of states for each of them.

    Parameters
    ----------
    own : ndarray of int, shape (c,)
        The state of the instance.
    shares : ndarray, shape (c, b)
        How often each state is drawn, missing among them; 0 where a column has fewer.
    means, spreads, starts, widths : ndarray, shape (c, b)
        Of the truncated normal in each state: mean, standard deviation, and which share of the normal it begins at and
        covers.
    lows, highs : ndarray, shape (c, b)
        No value is drawn beyond these.
    whole : ndarray of bool, shape (c,)
    """

    own: Ints
    shares: Floats
    means: Floats
    spreads: Floats
    starts: Floats
    widths: Floats
    lows: Floats
    highs: Floats
    whole: NDArray[np.bool_]

    @property
    def keep(self) -> Floats:
        """How often the instance's own state is drawn, (c,)."""
        return self.shares[np.arange(len(self.own)), self.own]

    def __call__(self, masks: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
        """Draw values (n, c): in the own state where the mask is True, in another where it is False."""
        states = self._others(rng.random(masks.shape))
        np.copyto(states, self.own, where=masks)
        at = states + self._row
        values = self.means.take(at)
        moves = self._moves
        if len(moves):
            inside = at if len(moves) == len(self.own) else at[:, moves]
            share = rng.random(inside.shape)
            share *= self.widths.take(inside)
            share += self.starts.take(inside)
            spread = ndtri(share, out=share)
            spread *= self.spreads.take(inside)
            values[:, moves] += spread
        return self._rounded(values, at)

    @cached_property
    def _row(self) -> Ints:
        """Where each column's states begin in a flat table."""
        return np.asarray(np.arange(len(self.own)) * self.shares.shape[1])

    @cached_property
    def _moves(self) -> Ints:
        """The columns whose values spread inside their states."""
        return np.flatnonzero(self.spreads.any(axis=1))

    def _others(self, uniform: Floats) -> Ints:
        """Turn uniform draws (n, c) into states that are not the instance's own."""
        own, before = self._own
        point = uniform * (self._before[:, -1] + self.shares[:, -1] - own)
        point += (point >= before) * own
        passed, wide = np.zeros(point.shape, dtype=np.uint8), self._used > _FEW
        for state in range(1, self._few):
            passed += (point >= self._starts[:, state]).view(np.uint8)
        states = passed.astype(np.intp)
        for column in np.flatnonzero(wide):
            starts = self._before[column, : self._used[column]]
            states[:, column] = np.searchsorted(starts, point[:, column], side="right") - 1
        stuck = (states == self.own) & (own < 1)  # rounding at an end of the own state
        if stuck.any():
            np.copyto(states, self._another, where=stuck)
        return states

    @cached_property
    def _own(self) -> tuple[Floats, Floats]:
        """The share of the own state, and of all before it, (c,) each."""
        return self.keep, self._before[np.arange(len(self.own)), self.own]

    @cached_property
    def _few(self) -> int:
        """How many states the columns with few of them have at most."""
        return int(self._used[self._used <= _FEW].max(initial=1))

    @cached_property
    def _starts(self) -> Floats:
        """Where each state begins; nowhere beyond the last that occurs, (c, b)."""
        beyond = np.arange(self.shares.shape[1]) > self._last[:, None]
        return np.where(beyond, np.inf, self._before)

    @cached_property
    def _before(self) -> Floats:
        """The share of all states before each one, (c, b)."""
        return np.asarray(np.cumsum(self.shares, axis=1) - self.shares)

    @cached_property
    def _used(self) -> Ints:
        """How many states each column has, up to the last that occurs."""
        return self._last + 1

    @cached_property
    def _last(self) -> Ints:
        b = self.shares.shape[1]
        return np.asarray(b - 1 - np.argmax(self.shares[:, ::-1] > 0, axis=1))

    @cached_property
    def _another(self) -> Ints:
        """The commonest state that is not the instance's own."""
        others = self.shares.copy()
        others[np.arange(len(self.own)), self.own] = -1
        return np.asarray(np.argmax(others, axis=1))

    def _rounded(self, values: Floats, at: Ints) -> Floats:
        """Make numbers whole where the column's are, inside their intervals where these hold any."""
        for column in np.flatnonzero(self.whole):
            low, high = self._least.take(at[:, column]), self._most.take(at[:, column])
            values[:, column] = np.clip(np.rint(values[:, column]), low, np.maximum(low, high))
        return values

    @cached_property
    def _least(self) -> Floats:
        first = np.ceil(self.lows)
        first[:, 1:] = np.floor(self.lows[:, 1:]) + 1  # an edge belongs to the interval below it
        return np.asarray(first)

    @cached_property
    def _most(self) -> Floats:
        return np.asarray(np.floor(self.highs))


@dataclass(frozen=True, eq=False)
class States:
    """The states of all columns that can be drawn anew, put side by side."""

    columns: tuple[Column, ...]

    @cached_property
    def tables(self) -> dict[str, Floats]:
        """Shares, means, spreads, lows and highs, (c, b) each."""
        b = max((len(column.shares) for column in self.columns), default=1)
        found = {name: np.zeros((len(self.columns), b)) for name in ("shares", "means", "spreads", "lows", "highs")}
        for row, column in enumerate(self.columns):
            states = len(column.shares) - 1
            found["shares"][row, : states + 1] = column.shares
            found["means"][row, :states] = column.means if column.measured else np.arange(states)
            found["means"][row, states] = np.nan
            if column.measured:
                for name in ("spreads", "lows", "highs"):
                    found[name][row, :states] = getattr(column, name)
        return found

    def own(self, values: Floats) -> Ints:
        """Return the state of each of an instance's values (c,)."""
        pairs = zip(self.columns, values.tolist(), strict=True)
        return np.array([column.state(value) for column, value in pairs], dtype=np.intp)

    def around(self, values: Floats) -> dict[str, Floats]:
        """Return tables for draws around an instance: normal, as wide as the column, cut where its range ends."""
        found = {name: table.copy() for name, table in self.tables.items()}
        for row, (column, value) in enumerate(zip(self.columns, values.tolist(), strict=True)):
            if column.measured and not math.isnan(value):
                states = len(column.shares) - 1
                ends = (np.append(column.lows, column.highs[-1]) - value) / column.scale
                shares = np.diff(ndtr(ends))
                total = shares.sum()
                if total > 0:
                    found["shares"][row, :states] = shares / total * (1 - column.missing)
                found["means"][row, :states], found["spreads"][row, :states] = value, column.scale
        return found

    def draws(self, values: Floats, *, around: bool = False) -> Draws:
        """Return how the columns of an instance (c,) are drawn anew."""
        own = self.own(values)
        tables = self.around(values) if around else self.tables
        starts, widths = _normal(tables) if around else self._normal
        slopes = [row for row, column in enumerate(self.columns) if column.slope and not math.isnan(values[row])]
        tables = tables if not slopes else self._free(tables, slopes, values if around else None)
        return Draws(
            own,
            tables["shares"],
            tables["means"],
            tables["spreads"],
            starts if not slopes else _all(starts, slopes, 0.0),
            widths if not slopes else _all(widths, slopes, 1.0),
            tables["lows"],
            tables["highs"],
            self._whole,
        )

    @cached_property
    def _whole(self) -> NDArray[np.bool_]:
        return np.array([column.whole and not column.slope for column in self.columns], dtype=bool)

    @cached_property
    def _normal(self) -> tuple[Floats, Floats]:
        return _normal(self.tables)

    def _free(self, tables: dict[str, Floats], rows: list[int], values: Floats | None) -> dict[str, Floats]:
        """Draw slopes from a normal without ends, about the column's mean or about the instance."""
        found = {name: table.copy() for name, table in tables.items()}
        for row in rows:
            found["shares"][row] = np.eye(found["shares"].shape[1])[0]
            found["means"][row] = self.columns[row].centre if values is None else values[row]
            found["spreads"][row] = self.columns[row].scale
            found["lows"][row], found["highs"][row] = -np.inf, np.inf
        return found


def _all(table: Floats, rows: list[int], value: float) -> Floats:
    found = table.copy()
    found[rows] = value
    return found


def _normal(tables: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Return at which share of its normal each state starts, and how much of it that covers."""
    spread = np.where(tables["spreads"] > 0, tables["spreads"], 1.0)
    start = ndtr((tables["lows"] - tables["means"]) / spread)
    return start, ndtr((tables["highs"] - tables["means"]) / spread) - start

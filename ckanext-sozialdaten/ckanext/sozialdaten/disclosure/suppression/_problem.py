"""The cell suppression problem of Fischetti and Salazar: cells, sums, what must stay open."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

__all__ = ["EPSILON", "Bools", "Equation", "Floats", "Ints", "Problem", "Sums", "parts"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

EPSILON = 1e-6
_LARGEST = 3e5


@dataclass(frozen=True, slots=True)
class Equation:
    """Deviations of these cells, times their coefficients, add up to zero."""

    cells: tuple[int, ...]
    coefficients: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """All equations as a sparse matrix, entry by entry in the order of its rows.

    Args:
        rows: row of each entry.
        cells: its cell.
        factors: its coefficient.
        count: number of rows.
    """

    rows: Ints
    cells: Ints
    factors: Floats
    count: int

    @classmethod
    def of(cls, equations: Sequence[Equation]) -> "Sums":
        """The matrix of some equations."""
        lengths = [len(row.cells) for row in equations]
        rows = np.repeat(np.arange(len(equations), dtype=np.int64), lengths)
        cells = np.fromiter((c for row in equations for c in row.cells), np.int64, len(rows))
        factors = np.fromiter(
            (k for row in equations for k in row.coefficients), np.float64, len(rows)
        )
        return cls(rows, cells, factors, len(equations))

    @property
    def starts(self) -> Ints:
        """Where each row begins, and where the last one ends."""
        return np.searchsorted(self.rows, np.arange(self.count + 1))

    def transposed(self, vector: Floats, size: int) -> Floats:
        """The transposed matrix times a vector; one number for each of ``size`` cells."""
        return np.bincount(self.cells, self.factors * vector[self.rows], size).astype(np.float64)

    def merged(self) -> "Sums":
        """The same with one entry for each cell of a row; rows in which nothing is left are gone.

        A cell stands twice in a row where a total and its only part count the same.
        """
        size = int(self.cells.max(initial=0)) + 1
        names, place = np.unique(self.rows * size + self.cells, return_inverse=True)
        factors = np.bincount(place, self.factors, len(names)).astype(np.float64)
        kept = np.abs(factors) > EPSILON
        rows, place = np.unique(names[kept] // size, return_inverse=True)
        return Sums(place.astype(np.int64), names[kept] % size, factors[kept], len(rows))

    def part(self, place: Ints) -> "Sums":
        """The entries of the cells whose place is not negative, by their places."""
        kept = place[self.cells] >= 0
        names, rows = np.unique(self.rows[kept], return_inverse=True)
        return Sums(rows.astype(np.int64), place[self.cells[kept]], self.factors[kept], len(names))


@dataclass(frozen=True, slots=True)
class Problem:
    """Cells by position.

    Args:
        values: what the table holds.
        weights: what it costs to suppress a cell.
        low: lowest value that an attacker deems possible for a suppressed cell.
        high: highest value.
        primary: cells that must be suppressed.
        fixed: cells that must be published; those that are zero for all to see are among them.
        sums: the equations between the deviations of cells.
        up: how far above its value a primary cell must be able to lie.
        down: how far below.
        width: how wide the interval of a primary cell must be.
        open_width: how wide that of any other suppressed cell must be; 0: nothing is asked of it.
        open: the same cell by cell, in addition; None: the same for all.
        harmless: value from which on a cell that is proven to reach it needs a width of 1 only.
        common: primary cells to which ``open_width`` applies, for they are suppressed already.
        insiders: for each cell the number of whoever alone stands behind it, or -1. He knows his
            cells, and even so no other primary cell may follow.
        inside_width: how wide the interval of a primary cell must be for an insider.
    """

    values: Floats
    weights: Floats
    low: Floats
    high: Floats
    primary: Bools
    fixed: Bools
    sums: Sums = field(repr=False)
    up: Floats
    down: Floats
    width: Floats
    open_width: float = 0.0
    harmless: float = np.inf
    common: Bools | None = None
    insiders: Ints | None = None
    inside_width: float = 1.0
    open: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def above(self) -> Floats:
        """How far each cell can deviate upwards at most."""
        return np.maximum(self.high - self.values, 0.0)

    @property
    def below(self) -> Floats:
        """How far each cell can deviate downwards at most."""
        return np.maximum(self.values - self.low, 0.0)

    @property
    def own(self) -> Bools:
        """Which cells have a requirement of their own, and not the common one."""
        return self.primary if self.common is None else self.primary & ~self.common

    @property
    def asks_all(self) -> bool:
        """Whether something is asked of every suppressed cell."""
        return self.open_width > 0 or self.open is not None

    def wide(self, cells: Ints) -> Floats:
        """How wide the intervals of cells without a requirement of their own must be."""
        least = np.full(len(cells), self.open_width)
        return least if self.open is None else np.maximum(least, self.open[cells])

    def targets(self, pattern: Bools) -> Ints:
        """Suppressed cells of which something is asked."""
        asked = pattern if self.asks_all else self.own
        return np.flatnonzero(asked)

    def fulfilled(self, cells: Ints, above: Floats, below: Floats) -> Bools:
        """Whether deviations up to ``above`` and down to ``-below`` suffice, cell by cell."""
        up, down, width = self.up[cells], self.down[cells], self.width[cells]
        reach = above + below
        enough = (above >= _nearly(up)) & (below >= _nearly(down)) & (reach >= _nearly(width))
        proven = (self.values[cells] - below + EPSILON >= self.harmless) & (reach + EPSILON >= 1)
        open_enough = (reach >= _nearly(self.wide(cells))) | proven
        return np.where(self.own[cells], enough, open_enough)

    def asked(self, cell: int, insider: int = -1) -> tuple[float, float, float]:
        """How far up, how far down, and how wide a cell must stay open, for an insider or not."""
        if insider >= 0:
            return 0.0, 0.0, self.inside_width
        if self.own[cell]:
            return float(self.up[cell]), float(self.down[cell]), float(self.width[cell])
        return 0.0, 0.0, float(self.wide(np.array([cell]))[0])

    def scaled(self) -> "tuple[Problem, float]":
        """The same in units in which programs count exactly enough, and the unit of its costs.

        HiGHS fulfils sums up to 1e-7: values of millions need a larger unit. Problems of persons
        (``open_width``, ``insiders``) stay in theirs.
        """
        unit = 1.0
        if not self.open_width and self.insiders is None:
            unit = _unit(float(np.abs(self.values).max(initial=0.0)))
        price = _unit(float(self.weights.max(initial=0.0)))
        if unit == price == 1.0:
            return self, 1.0
        smaller = replace(
            self,
            values=self.values / unit,
            weights=self.weights / price,
            low=self.low / unit,
            high=self.high / unit,
            up=self.up / unit,
            down=self.down / unit,
            width=self.width / unit,
            harmless=self.harmless / unit,
            open=None if self.open is None else self.open / unit,
        )
        return smaller, price

    def part(self, cells: Ints) -> "Problem":
        """The problem of some cells; all others are published."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[cells] = np.arange(len(cells))
        return replace(
            self,
            values=self.values[cells],
            weights=self.weights[cells],
            low=self.low[cells],
            high=self.high[cells],
            primary=self.primary[cells],
            fixed=self.fixed[cells],
            sums=self.sums.part(place),
            up=self.up[cells],
            down=self.down[cells],
            width=self.width[cells],
            common=None if self.common is None else self.common[cells],
            insiders=None if self.insiders is None else self.insiders[cells],
            open=None if self.open is None else self.open[cells],
        )


def parts(problem: Problem) -> Iterator[tuple[Ints, Problem]]:
    """Problems of the cells that hang together by sums, without those always published.

    Only those with a primary cell, in the order of their first cell.
    """
    parent = list(range(len(problem)))

    def root(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    sums = problem.sums
    movable = ~problem.fixed[sums.cells]
    rows, cells = sums.rows[movable].tolist(), sums.cells[movable].tolist()
    for row, cell, before, earlier in zip(rows[1:], cells[1:], rows, cells, strict=False):
        if row == before:
            parent[root(cell)] = root(earlier)
    members: dict[int, list[int]] = {}
    for cell in np.flatnonzero(~problem.fixed).tolist():
        members.setdefault(root(cell), []).append(cell)
    for block in members.values():
        chosen = np.array(block, dtype=np.int64)
        if problem.primary[chosen].any():
            yield chosen, problem.part(chosen)


def _unit(largest: float) -> float:
    """The power of ten in which numbers are not too large for programs."""
    return 10.0 ** max(0, math.ceil(math.log10(max(largest, 1.0) / _LARGEST)))


def _nearly(asked: Floats) -> Floats:
    """What is asked, but for the noise of programs and of witnesses in single precision."""
    return asked - EPSILON * np.maximum(1.0, asked)

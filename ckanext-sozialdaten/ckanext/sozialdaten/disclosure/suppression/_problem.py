"""The cell suppression problem of Fischetti and Salazar: cells, sums, what must stay open."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["Equation", "Floats", "Limits", "Problem", "blocks"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Equation:
    """Deviations of these cells, times their coefficients, add up to zero."""

    cells: tuple[int, ...]
    coefficients: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the exact method goes; counts of steps, no times, so that results are repeatable.

    Args:
        cells: largest connected block, in cells that may be suppressed, that is solved exactly.
        rounds: master problems that are solved for one block.
        nodes: nodes of the branch and bound for all master problems of one block.
    """

    cells: int = 500
    rounds: int = 100
    nodes: int = 2_000


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
        equations: the sums.
        up: how far above its value a primary cell must be able to lie.
        down: how far below.
        width: how wide the interval of a primary cell must be.
        open_width: how wide that of any other suppressed cell must be; 0: nothing is asked of it.
        harmless: value from which on a cell that is proven to reach it needs a width of 1 only.
        common: primary cells to which ``open_width`` applies, for they are suppressed already.
    """

    values: Floats
    weights: Floats
    low: Floats
    high: Floats
    primary: Bools
    fixed: Bools
    equations: Sequence[Equation] = field(repr=False)
    up: Floats
    down: Floats
    width: Floats
    open_width: float = 0.0
    harmless: float = np.inf
    common: Bools | None = None

    def __len__(self) -> int:
        return len(self.values)

    def fulfilled(self, cell: int, above: float, below: float) -> bool:
        """Whether deviations up to ``above`` and down to ``-below`` suffice for a cell."""
        reach = above + below + EPSILON
        if self.own(cell):
            wide = reach >= self.width[cell]
            return bool(
                wide and above + EPSILON >= self.up[cell] and below + EPSILON >= self.down[cell]
            )
        proven = self.values[cell] - below + EPSILON >= self.harmless and reach >= 1
        return bool(reach >= self.open_width or proven)

    def own(self, cell: int) -> bool:
        """Whether a cell has a requirement of its own, and not the common one."""
        return bool(self.primary[cell] and (self.common is None or not self.common[cell]))

    def part(self, cells: Ints) -> "Problem":
        """The problem of some cells with the equations that hold any of them."""
        place = {int(cell): index for index, cell in enumerate(cells)}
        rows: list[Equation] = []
        for row in self.equations:
            kept = [
                (place[c], k)
                for c, k in zip(row.cells, row.coefficients, strict=True)
                if c in place
            ]
            if kept:
                rows.append(Equation(tuple(c for c, _ in kept), tuple(k for _, k in kept)))
        arrays = (self.values, self.weights, self.low, self.high)
        values, weights, low, high = (array[cells] for array in arrays)
        return Problem(
            values,
            weights,
            low,
            high,
            self.primary[cells],
            self.fixed[cells],
            rows,
            self.up[cells],
            self.down[cells],
            self.width[cells],
            self.open_width,
            self.harmless,
            None if self.common is None else self.common[cells],
        )


def blocks(problem: Problem) -> list[Ints]:
    """Cells that hang together by sums, without those that are always published.

    Only blocks with a primary cell; in the order of their first cell.
    """
    parent = list(range(len(problem)))

    def root(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for row in problem.equations:
        movable = [cell for cell in row.cells if not problem.fixed[cell]]
        for cell in movable[1:]:
            parent[root(cell)] = root(movable[0])
    members: dict[int, list[int]] = {}
    for cell in np.flatnonzero(~problem.fixed).tolist():
        members.setdefault(root(cell), []).append(cell)
    return [
        np.array(cells, dtype=np.int64)
        for cells in members.values()
        if problem.primary[cells].any()
    ]

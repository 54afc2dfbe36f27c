"""The pattern of a whole problem, block by block, each by the best method that its size allows."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.suppression._exact import exact
from ckanext.sozialdaten.disclosure.suppression._greedy import greedy
from ckanext.sozialdaten.disclosure.suppression._problem import Limits, Problem, blocks

__all__ = ["Method", "Pattern", "Unsolvable", "suppress"]


class Method(StrEnum):
    """How a block was solved."""

    EXACT = "exact"
    GREEDY = "greedy"


class Unsolvable(Exception):  # noqa: N818 - a result that no pattern can have, no failure
    """Even with all cells of a block suppressed, some are open too little.

    Args:
        cells: the block.
    """

    def __init__(self, cells: list[int]) -> None:
        super().__init__("no safe pattern")
        self.cells = cells


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which cells to suppress.

    Args:
        suppressed: for each cell, primary ones included.
        methods: for each block with a primary cell how it was solved.
    """

    suppressed: npt.NDArray[np.bool_]
    methods: tuple[Method, ...]

    def cost(self, problem: Problem) -> float:
        """The weights of all suppressed cells."""
        return float(problem.weights[self.suppressed].sum())


def suppress(problem: Problem, limits: Limits | None = None) -> Pattern:
    """The cheapest safe pattern that the limits let us find.

    Args:
        problem: cells, sums and requirements.
        limits: how far the exact method goes.

    Raises:
        Unsolvable: no pattern is safe.
    """
    limits = limits or Limits()
    suppressed = problem.primary.copy()
    methods: list[Method] = []
    for cells in blocks(problem):
        part = problem.part(cells)
        choice = exact(part, limits) if len(part) <= limits.cells else None
        methods.append(Method.GREEDY if choice is None else Method.EXACT)
        if choice is None:
            choice = greedy(part)
        if choice is None:
            raise Unsolvable(cells.tolist())
        suppressed[cells] = choice > 0.5
    return Pattern(suppressed, tuple(methods))

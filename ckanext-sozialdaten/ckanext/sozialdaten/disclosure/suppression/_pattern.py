"""The pattern of a whole problem, block by block, each by the best method that its size allows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.suppression._exact import exact
from ckanext.sozialdaten.disclosure.suppression._heuristic import Search
from ckanext.sozialdaten.disclosure.suppression._large import by_parts
from ckanext.sozialdaten.disclosure.suppression._limits import Limits
from ckanext.sozialdaten.disclosure.suppression._problem import Bools, Problem, parts

__all__ = ["Method", "Pattern", "Unsolvable", "suppress"]

_WARM = 10
_HARDER = 3
# A wider pattern that costs so many times more than this is never thinned down to it.
_HOPE = 1.5


class Method(StrEnum):
    """How a block was solved."""

    EXACT = "exact"
    GREEDY = "greedy"
    PARTS = "parts"


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
        bound: no safe pattern costs less, as far as the exact method came.
    """

    suppressed: npt.NDArray[np.bool_]
    methods: tuple[Method, ...]
    bound: float = 0.0

    def cost(self, problem: Problem) -> float:
        """The weights of all suppressed cells."""
        return float(problem.weights[self.suppressed].sum())


def suppress(problem: Problem, limits: Limits | None = None) -> Pattern:
    """The cheapest safe pattern that the limits let us find.

    Args:
        problem: cells, sums and requirements.
        limits: how far the search goes.

    Raises:
        Unsolvable: no pattern is safe.
    """
    limits = limits or Limits()
    problem, price = problem.scaled()
    suppressed = problem.primary.copy()
    methods: list[Method] = []
    bound = float(problem.weights[problem.primary].sum())
    programs = min(limits.programs, limits.work // max(len(problem), 1))
    for cells, part in parts(problem):
        found = _solved(part, limits, programs)
        if found is None:
            raise Unsolvable(cells.tolist())
        pattern, method, least = found
        methods.append(method)
        suppressed[cells] = pattern
        bound += max(0.0, least - float(part.weights[part.primary].sum()))
    return Pattern(suppressed, tuple(methods), bound * price)


def _solved(problem: Problem, limits: Limits, programs: int) -> tuple[Bools, Method, float] | None:
    """A pattern of one block, how it was found, and a lower bound of its cost."""
    if len(problem) > limits.whole:
        pattern = by_parts(problem, limits.ball, limits.branch)
        return None if pattern is None else (pattern, Method.PARTS, 0.0)
    search = Search(replace(problem, open=None))
    first = search.mended(problem.primary, problem.weights)
    if first is None:
        return None
    thin = limits.thin if len(problem) > limits.ball else None
    pattern = search.thinned(first, np.flatnonzero(first), thin)
    least = 0.0
    if len(problem) <= (limits.cells if _in_two_ways(problem) else limits.cells // _HARDER):
        pattern = search.improved(pattern, programs // _WARM)
        for asked in _versions(problem):
            known = _widened(asked, pattern, limits.price)
            if known is None:
                continue
            answer = exact(asked, limits, known)
            if answer.pattern is not None and _worth(
                problem, answer.pattern, pattern, limits.price
            ):
                return answer.pattern, Method.EXACT, answer.bound
            least = answer.bound
    pattern = search.improved(pattern, programs, thin and thin // _WARM)
    widened = _widened(problem, pattern, limits.price)
    if widened is None or not _worth(problem, widened, pattern, limits.price):
        widened = pattern
    return widened, Method.GREEDY, least


def _versions(problem: Problem) -> Iterator[Problem]:
    """The problem, and the one that asks nothing of further cells."""
    if problem.open is not None:
        yield problem
    yield replace(problem, open=None)


def _worth(problem: Problem, widened: Bools, plain: Bools, price: float) -> bool:
    """Whether what is asked of further cells costs little enough."""
    own = problem.primary
    costs = [float(problem.weights[one & ~own].sum()) for one in (widened, plain)]
    return problem.open is None or costs[0] <= price * costs[1]


def _widened(problem: Problem, pattern: Bools, price: float) -> Bools | None:
    """The pattern with as many more cells as it takes to keep the further ones open, too.

    None where that is sure to cost too much: thinning gives back a part of the further cells only.
    """
    if problem.open is None:
        return pattern
    search = Search(problem)
    found = search.mended_as_far_as_possible(pattern, problem.weights)
    if not _worth(problem, found, pattern, price * _HOPE):
        return None
    return search.thinned(found, np.flatnonzero(found & ~pattern))


def _in_two_ways(problem: Problem) -> bool:
    """Whether most cells stand in two sums at most, as in two dimensions: easy to close."""
    return bool(np.median(np.bincount(problem.sums.cells, minlength=len(problem))) <= 2)

"""How far a search goes: counts of steps and no times, so that results are repeatable."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the search for a cheap pattern.

    Args:
        cells: largest connected block, in cells that may be suppressed, that is solved exactly; a
            third of it in three and more dimensions.
        rounds: master problems that are solved for one block.
        nodes: nodes of the branch and bound for all master problems of one block.
        programs: linear programs that one block may cost after a first safe pattern is found; those
            that take many iterations count for several.
        cuts: linear programs that look for cuts in the exact solution of one block.
        thin: the same for publishing further cells again that nobody needs, in blocks with more
            cells than a `ball`.
        work: `programs` for a whole table, each program counted as often as the table has cells.
        whole: blocks with more cells are solved part by part.
        branch: cells of a branch of the sums that is solved as one part.
        ball: cells of a neighbourhood that is solved as one part.
        price: what opening the further cells of a block, too, may cost: so many times what they
            cost else.
    """

    cells: int = 1_500
    rounds: int = 100
    nodes: int = 2_000
    programs: int = 3_000
    thin: int = 100_000
    cuts: int = 20_000
    work: int = 6_000_000
    whole: int = 8_000
    branch: int = 5_000
    ball: int = 1_500
    price: float = 1.04

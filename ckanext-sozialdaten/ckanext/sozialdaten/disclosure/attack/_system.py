"""The linear system of an attacker: withheld cells are unknown, published ones are constants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.disclosure.structure._relations import Relation, groups

__all__ = ["Equation", "equations"]


@dataclass(frozen=True, slots=True)
class Equation:
    """``low <= sum of coefficient * unknown <= high``; unknowns are positions of cells."""

    cells: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float


def equations(cells: Cells, found: Sequence[Relation]) -> list[Equation]:
    """All relations that hold an unknown cell."""
    result: list[Equation] = []
    for relation in found:
        dimension = cells.dimensions[relation.dimension]
        concerned = np.isin(dimension.codes, np.asarray((relation.total, *relation.parts)))
        if not (concerned & cells.withheld).any():
            continue
        for group in groups(cells, relation):
            unknown = [cell for cell in group.parts if cells.withheld[cell]]
            known = sum(float(cells.values[c]) for c in group.parts if not cells.withheld[c])
            members, signs = unknown, [1.0] * len(unknown)
            rest = -known
            if cells.withheld[group.total]:
                members, signs = [*unknown, group.total], [*signs, -1.0]
            else:
                rest += float(cells.values[group.total])
            if members:
                low = rest if relation.exact else -np.inf
                result.append(Equation(tuple(members), tuple(signs), low, rest))
    return result

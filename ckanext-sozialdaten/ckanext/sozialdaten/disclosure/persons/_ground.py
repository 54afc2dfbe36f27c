"""Distances between sensitive values, for the earth mover's distance of t-closeness.

Li, Li and Venkatasubramanian, "t-Closeness: Privacy beyond k-anonymity and l-diversity" (2007).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ckanext.sozialdaten.disclosure._ibis import ibis

__all__ = ["Equal", "Ground", "Ordered", "Tree"]


@dataclass(frozen=True, slots=True)
class Equal:
    """Categories: every value is as far from every other."""

    def distance(self, excess: Sequence[Any]) -> Any:
        """Half the sum of the absolute differences.

        Args:
            excess: for each value its share in a class less its share of everybody.
        """
        return _sum([part.abs() for part in excess]) / 2.0


@dataclass(frozen=True, slots=True)
class Ordered:
    """Numbers: neighbours are one step apart, first and last a distance of 1."""

    def distance(self, excess: Sequence[Any]) -> Any:
        """What must be carried past each value, over the number of steps.

        Args:
            excess: as for :meth:`Equal.distance`, in the order of the values.
        """
        if len(excess) < 2:
            return excess[0] * 0.0
        carried = excess[0]
        moved = carried.abs()
        for part in excess[1:-1]:
            carried = carried + part
            moved = moved + carried.abs()
        return moved / float(len(excess) - 1)


@dataclass(frozen=True, slots=True)
class Tree:
    """Categories in a hierarchy: two values are as far apart as their first common parent is high.

    Args:
        paths: for each value its parents from the lowest to the root; all as long.
    """

    paths: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, hierarchy: Mapping[object, Sequence[str]], values: Sequence[object]) -> "Tree":
        """The hierarchy of some values in their order.

        Raises:
            KeyError: a value is not in the hierarchy.
        """
        return cls(tuple(tuple(hierarchy[value]) for value in values))

    def distance(self, excess: Sequence[Any]) -> Any:
        """At every node, what its children exchange, times the node's height over the root's.

        Args:
            excess: as for :meth:`Equal.distance`, in the order of ``paths``.
        """
        height = len(self.paths[0])
        nodes = dict(enumerate(excess))
        parents: dict[Any, tuple[str, ...]] = dict(enumerate(self.paths))
        cost = excess[0] * 0.0
        for level in range(1, height + 1):
            children: defaultdict[tuple[str, ...], list[Any]] = defaultdict(list)
            for node, part in nodes.items():
                children[parents[node]].append(part)
            for parts in children.values():
                cost = cost + _exchanged(parts) * (level / height)
            nodes = {path: _sum(parts) for path, parts in children.items()}
            parents = {path: path[1:] for path in children}
        return cost


def _sum(parts: Sequence[Any]) -> Any:
    return reduce(lambda left, right: left + right, parts)


def _exchanged(parts: Sequence[Any]) -> Any:
    """The smaller of what some children have too much and what the others lack."""
    surplus = _sum([ibis.greatest(part, 0.0) for part in parts])
    return ibis.least(surplus, surplus - _sum(parts))


Ground = Equal | Ordered | Tree

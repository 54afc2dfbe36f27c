"""The codes of one dimension of a table of counts as a tree: totals above, their parts below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure.protection.recoding._bands import bands_of, joined
from ckanext.sozialdaten.disclosure.structure import Dimension, Relation

__all__ = ["ROOT", "Tree", "tree_of"]

ROOT = -1
_ALL = "Insgesamt"
_REST = "Übrige"
_AGE = re.compile(r"\balter|\bage\b|altersgruppe|lebensalter")


@dataclass(frozen=True, slots=True)
class Tree:
    """The codes of a dimension.

    Args:
        labels: label of each code.
        parents: the code above each code; ``ROOT`` where there is none.
        below: the codes right below ``ROOT``, then those right below each code, in order.
        ordered: codes, ``ROOT`` among them, whose parts are bands that follow each other, so that
            only neighbours may be merged.
    """

    labels: tuple[str, ...]
    parents: tuple[int, ...]
    below: tuple[tuple[int, ...], ...]
    ordered: frozenset[int]

    @classmethod
    def of(cls, labels: Sequence[str], parents: Sequence[int], *, ordered: bool) -> "Tree":
        """The tree with these parents.

        Args:
            labels: label of each code.
            parents: the code above each code.
            ordered: whether codes may be bands that follow each other.
        """
        found: list[list[int]] = [[] for _ in range(len(labels) + 1)]
        for code in sorted(range(len(labels)), key=lambda code: labels[code]):
            found[parents[code] + 1].append(code)
        runs: set[int] = set()
        for place, codes in enumerate(found):
            bands = bands_of([labels[code] for code in codes]) if ordered else None
            if bands is not None:
                order = list(bands)
                codes.sort(key=lambda code: order.index(labels[code]))
                runs.add(place - 1)
        below = tuple(tuple(codes) for codes in found)
        return cls(tuple(labels), tuple(parents), below, frozenset(runs))

    def children(self, code: int) -> tuple[int, ...]:
        """The codes right below one, in order."""
        return self.below[code + 1]

    def runs(self, code: int) -> bool:
        """Whether the codes right below one are bands that follow each other."""
        return code in self.ordered

    def leaves(self, code: int) -> list[int]:
        """The codes without parts at or below one."""
        below = self.children(code)
        if not below:
            return [code]
        return [leaf for child in below for leaf in self.leaves(child)]

    def depth(self, code: int) -> int:
        """How many codes stand above one."""
        return 0 if self.parents[code] == ROOT else 1 + self.depth(self.parents[code])

    def name(self, parent: int, members: Sequence[int]) -> str:
        """The label of some merged siblings below a code."""
        if self.runs(parent):
            bands = bands_of([self.labels[child] for child in self.children(parent)]) or {}
            return joined([bands[self.labels[code]] for code in members]).label()
        if parent == ROOT:
            return _ALL if len(members) == len(self.children(ROOT)) else _REST
        return f"{_REST} {self.labels[parent]}"


def tree_of(dimension: Dimension, position: int, found: Sequence[Relation]) -> Tree | None:
    """The tree of a dimension; None if totals overlap, so that its codes form none.

    Args:
        dimension: the dimension.
        position: its place in the table.
        found: the sums of the table.
    """
    above: dict[int, list[Relation]] = {}
    for relation in found:
        if relation.dimension == position:
            for part in relation.parts:
                above.setdefault(part, []).append(relation)
    parents = [ROOT] * len(dimension.labels)
    for code, relations in above.items():
        nearest = min(relations, key=lambda relation: (len(relation.parts), relation.total))
        parents[code] = nearest.total
    if any(_circle(code, parents) for code in range(len(parents))):
        return None
    for code, relations in above.items():
        if not all(relation.total in _up(code, parents) for relation in relations):
            return None
    digits = all(label.isdigit() for label in dimension.labels)
    named = bool(_AGE.search(normal(dimension.name)))
    ordered = not dimension.region and (named or not digits)
    return Tree.of(dimension.labels, parents, ordered=ordered)


def _up(code: int, parents: Sequence[int]) -> list[int]:
    found: list[int] = []
    while parents[code] != ROOT:
        code = parents[code]
        found.append(code)
    return found


def _circle(code: int, parents: Sequence[int]) -> bool:
    seen = {code}
    while parents[code] != ROOT:
        code = parents[code]
        if code in seen:
            return True
        seen.add(code)
    return False

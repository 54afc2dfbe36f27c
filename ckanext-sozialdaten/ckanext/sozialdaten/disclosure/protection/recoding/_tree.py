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
        ordered: whether siblings follow each other, so that only neighbours may be merged.
    """

    labels: tuple[str, ...]
    parents: tuple[int, ...]
    ordered: bool

    def children(self, code: int) -> list[int]:
        """The codes right below one, in order."""
        found = [child for child, parent in enumerate(self.parents) if parent == code]
        bands = bands_of([self.labels[child] for child in found]) if self.ordered else None
        if bands is None:
            return sorted(found, key=lambda child: self.labels[child])
        place = {label: index for index, label in enumerate(bands)}
        return sorted(found, key=lambda child: place[self.labels[child]])

    def runs(self, code: int) -> bool:
        """Whether the codes right below one are bands that follow each other."""
        labels = [self.labels[child] for child in self.children(code)]
        return self.ordered and bands_of(labels) is not None

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
    return Tree(dimension.labels, tuple(parents), ordered)


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

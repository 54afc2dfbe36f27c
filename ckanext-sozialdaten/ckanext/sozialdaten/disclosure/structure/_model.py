"""Sums among the codes of a dimension: what each rests on, and the cells that it holds."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Group", "Kind", "Relation"]


class Kind(StrEnum):
    """What a relation rests on."""

    LABEL = "label"
    REGION = "region"
    BANDS = "bands"
    RUNNING = "running"
    PREFIX = "prefix"
    DECLARED = "declared"
    LEVEL = "level"
    DIVISION = "division"
    ACROSS = "across"
    PLACE = "place"
    MEANING = "meaning"
    NAMED = "named"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Relation:
    """One code is the sum of others, or at least as large.

    Args:
        dimension: position of the dimension.
        total: position of the code that is the sum.
        parts: positions of the summands.
        kind: what it rests on.
        exact: whether it is an equality; else the total may hold more.
    """

    dimension: int
    total: int
    parts: tuple[int, ...]
    kind: Kind
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A relation at one combination of the other dimensions: cells by position."""

    relation: Relation
    total: int
    parts: tuple[int, ...]

"""Statements made smaller: known atoms go, larger sums lose the smaller ones that they contain.

What is left says the same, so intervals stay as they are; programs get sparse, and figures that
follow from others drop out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.attack._statements import Statement

__all__ = ["Known", "Row", "known_atoms", "rows_of", "sparse"]

_EPSILON = 1e-9
_CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class Known:
    """The published value of an atom and how far it may lie from the true one."""

    value: float
    slack: float


@dataclass(slots=True)
class Row:
    """``low <= sum of coefficient * unknown atom <= high``.

    Args:
        terms: coefficient of each atom.
        low: lowest value.
        high: highest value.
        slack: how far the ends may lie from the true ones because figures are rounded.
        scale: the largest figure that went into the ends, for the noise of floating point.
    """

    terms: dict[int, float]
    low: float
    high: float
    slack: float
    scale: float

    @property
    def plain(self) -> bool:
        """Whether it is a sum that is known exactly."""
        return self.low == self.high and all(factor == 1.0 for factor in self.terms.values())

    def minus(self, other: "Row") -> None:
        """Take away a plain row whose atoms are all in this one."""
        for atom in other.terms:
            del self.terms[atom]
        self.low -= other.low
        self.high -= other.low
        self.slack += other.slack
        self.scale = max(self.scale, other.scale)


def known_atoms(statements: Iterable[Statement]) -> dict[int, Known]:
    """Atoms that are published by themselves, without contradiction."""
    found: dict[int, Known] = {}
    torn: set[int] = set()
    for statement in statements:
        if len(statement.atoms) != 1 or statement.low != statement.high:
            continue
        (atom,), (factor,) = statement.atoms, statement.coefficients
        value = statement.low / factor
        if atom in found and abs(found[atom].value - value) > _EPSILON * (1 + abs(value)):
            torn.add(atom)
        found.setdefault(atom, Known(value, statement.slack / abs(factor)))
    return {atom: known for atom, known in found.items() if atom not in torn}


def rows_of(statements: Iterable[Statement], known: Mapping[int, Known]) -> list[Row]:
    """The statements on unknown atoms, known ones put in as numbers."""
    rows: list[Row] = []
    for statement in statements:
        terms: dict[int, float] = {}
        rest, slack = 0.0, statement.slack
        for atom, factor in zip(statement.atoms, statement.coefficients, strict=True):
            if atom in known:
                rest += factor * known[atom].value
                slack += abs(factor) * known[atom].slack
            else:
                terms[atom] = factor
        if terms:
            ends = [abs(end) for end in (statement.low, statement.high) if np.isfinite(end)]
            scale = max([*ends, abs(rest), 1.0])
            rows.append(Row(terms, statement.low - rest, statement.high - rest, slack, scale))
    return rows


def sparse(rows: Sequence[Row]) -> list[Row]:
    """The same system with every sum cut into the smaller sums that it contains."""
    order = sorted(rows, key=lambda row: (len(row.terms), not row.plain))
    bit = {atom: place for place, atom in enumerate(sorted({a for row in rows for a in row.terms}))}
    smaller: dict[int, list[tuple[int, Row]]] = {}
    result: list[Row] = []
    for row in order:
        whole = Row(dict(row.terms), row.low, row.high, row.slack, row.scale)
        unit = all(factor == 1.0 for factor in row.terms.values())
        if unit and len(row.terms) > 1:
            _cut(whole, bit, smaller)
        if whole.terms or not _empty(whole):
            result.append(whole)
        if row.plain and whole.terms:
            mask = sum(1 << bit[atom] for atom in row.terms)
            for atom in row.terms:
                smaller.setdefault(atom, []).append((mask, row))
    return result


def _cut(row: Row, bit: Mapping[int, int], smaller: Mapping[int, list[tuple[int, Row]]]) -> None:
    """Take from a row the largest smaller ones that fit, atom by atom."""
    rest = sum(1 << bit[atom] for atom in row.terms)
    for atom in list(row.terms):
        if atom not in row.terms:
            continue
        for mask, other in reversed(smaller.get(atom, [])[-_CANDIDATES:]):
            if mask & rest == mask:
                row.minus(other)
                rest ^= mask
                break


def _empty(row: Row) -> bool:
    """Whether a row without atoms says nothing but the truth."""
    play = row.slack + 1e-6 * row.scale
    return row.low <= play and row.high >= -play

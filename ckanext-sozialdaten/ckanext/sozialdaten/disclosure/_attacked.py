"""What an attack asks and answers, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.sozialdaten.disclosure._released import Released
from ckanext.sozialdaten.disclosure.attack import Bounds, Interval
from ckanext.sozialdaten.disclosure.structure import Precision

__all__ = ["AttackReport", "Attacked", "Learned", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What an attack takes into account besides the table, and what it shall tell.

    Args:
        released: earlier or linked releases, which are public already.
        marks: what marks mean, beside what a legend says.
        precision: how published counts stand for true ones; None: exactly, or as they look.
        hierarchies: by column the code above each code, where codes alone do not tell.
        jj: whether files are JJ files whatever their name.
        pattern: suppressed cells of a JJ file.
        explain: whether to look for the figures behind a narrow interval.
        insiders: whether to ask what the only person in a cell learns.
        proofs: whether to prove intervals by tables.
        originals: the tables that copies were made of, in their order: their magnitudes must stay
            as open as the rules on contributors ask.
        contributors: file with the rows behind the magnitudes, to the same end.
    """

    released: Sequence[str | Path | Released] = ()
    marks: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])
    precision: Precision | None = None
    hierarchies: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )
    jj: bool = False
    pattern: str | Path | None = None
    explain: bool = True
    insiders: bool = False
    proofs: bool = False
    originals: Sequence[str | Path] = ()
    contributors: str | Path | None = None


@dataclass(frozen=True, slots=True)
class Attacked:
    """A suppressed cell and what an attacker derives for it.

    Args:
        resource: file.
        sheet: sheet or archive member.
        row: row of the file; for a JJ file the index of the cell.
        column: value column.
        interval: what follows from everything that is published.
        holds: whether that is wide enough under the policy.
        leak: sentences and figures behind an interval that does not hold. They quote the value: for
            the staff who attack their own table, never for findings or logs.
    """

    resource: str
    sheet: str
    row: int
    column: str
    interval: Interval
    holds: bool
    leak: Mapping[str, object] | None = None

    def to_json(self) -> dict[str, object]:
        """The cell as JSON; an open end is null."""
        finite = self.interval.high != float("inf")
        result: dict[str, object] = {
            "resource": self.resource,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "low": self.interval.low if self.interval.low != float("-inf") else None,
            "high": self.interval.high if finite else None,
            "proven": self.interval.proven,
            "status": str(self.interval.status),
            "holds": self.holds,
        }
        return result | ({"leak": dict(self.leak)} if self.leak else {})


@dataclass(frozen=True, slots=True)
class Learned:
    """What the only person in a cell would learn of others.

    Args:
        resource: file.
        cell: row and column of their cell.
        learns: rows and columns of the small counts that they would learn exactly.
    """

    resource: str
    cell: tuple[int, str]
    learns: tuple[tuple[int, str], ...]

    def to_json(self) -> dict[str, object]:
        """The same as JSON."""
        return {
            "resource": self.resource,
            "row": self.cell[0],
            "column": self.cell[1],
            "learns": [{"row": row, "column": column} for row, column in self.learns],
        }


@dataclass(frozen=True, slots=True)
class AttackReport:
    """What an attacker derives.

    Args:
        policy: name of the policy that was applied.
        cells: all suppressed cells.
        differences: small groups that no table shows and that differences give away, small
            differences of two states of a figure, and what an earlier release shows or hid.
        insiders: what the only person in a cell would learn, if the cell is 1. That is no leak by
            itself: nobody knows from outside whether it is.
        proofs: for each table what is published, and tables that prove the intervals.
        unproven: names of tables that are too large to be attacked together. Nothing is proven of
            them, so that they are never safe.
        partly: names of tables of which only the margins that they share were attacked: together
            they may tell more, so that they are never safe either.
    """

    policy: str
    cells: tuple[Attacked, ...] = ()
    differences: tuple[Attacked, ...] = ()
    insiders: tuple[Learned, ...] = ()
    proofs: tuple[dict[str, object], ...] = ()
    unproven: tuple[tuple[str, ...], ...] = ()
    partly: tuple[tuple[str, ...], ...] = ()

    @property
    def weak(self) -> int:
        """How many cells and differences do not hold, or groups of tables are not fully proven."""
        weak = sum(not cell.holds for cell in (*self.cells, *self.differences))
        return weak + len(self.unproven) + len(self.partly)

    def plus(self, other: "AttackReport") -> "AttackReport":
        """Both reports as one."""
        return AttackReport(
            self.policy,
            self.cells + other.cells,
            self.differences + other.differences,
            self.insiders + other.insiders,
            self.proofs + other.proofs,
            self.unproven + other.unproven,
            self.partly + other.partly,
        )

    def to_json(self) -> dict[str, object]:
        """The report as the contract prints it."""
        return {
            "verdict": "unsafe" if self.weak else "safe",
            "policy": self.policy,
            "cells": [cell.to_json() for cell in self.cells],
            "differences": [cell.to_json() for cell in self.differences],
            "insiders": [one.to_json() for one in self.insiders],
            "unproven": [list(names) for names in self.unproven],
            "partly": [list(names) for names in self.partly],
        }

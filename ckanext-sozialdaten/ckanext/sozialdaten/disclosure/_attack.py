"""The verb attack: intervals of all suppressed cells of files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.attack import Interval, Status
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._tables import attack, holds
from ckanext.sozialdaten.disclosure.structure import cells_of
from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = ["Attacked", "attack_files"]


@dataclass(frozen=True, slots=True)
class Attacked:
    """A suppressed cell and what an attacker derives for it.

    Args:
        resource: file.
        sheet: sheet or archive member.
        row: row of the file.
        column: value column.
        interval: what follows from everything that the table publishes.
        holds: whether that is wide enough under the policy.
    """

    resource: str
    sheet: str
    row: int
    column: str
    interval: Interval
    holds: bool

    def to_json(self) -> dict[str, object]:
        """The cell as JSON; an open end is null."""
        finite = self.interval.high != float("inf")
        return {
            "resource": self.resource,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "low": self.interval.low if self.interval.low != float("-inf") else None,
            "high": self.interval.high if finite else None,
            "proven": self.interval.status in (Status.EXACT, Status.AT_LEAST),
            "holds": self.holds,
        }


def attack_files(
    paths: Sequence[str | Path],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
) -> list[Attacked]:
    """The interval of every suppressed cell of all tables in files: see the package."""
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    engine = Engine()
    try:
        return [
            cell
            for sheet in read_paths(paths, dialect)
            for cell in _attacked(prepare(sheet, layout, policy, engine), policy)
        ]
    finally:
        engine.close()


def _attacked(subject: Subject, policy: Policy) -> Iterator[Attacked]:
    for role in (Role.COUNT, Role.MAGNITUDE):
        cells = cells_of(subject, role)
        if cells is None:
            continue
        found = attack(cells, role, policy, exact=True)
        for position, interval in sorted(found.intervals.items()):
            yield Attacked(
                subject.sheet.resource,
                subject.sheet.name,
                subject.sheet.row(int(cells.rows[position])),
                cells.columns[position],
                interval,
                holds(interval, role, policy),
            )

"""The verb attack: intervals of all suppressed cells of files, why they are narrow, and proofs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.attack import (
    Bounds,
    Explainer,
    Figure,
    Interval,
    leaks_json,
    mark_bounds,
    proof,
)
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._tables import Attack, attack
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, cells_of
from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = ["Attacked", "Question", "attack_files"]

_EXACT = Precision()


@dataclass(frozen=True, slots=True)
class Question:
    """What an attack takes into account besides the table.

    Args:
        marks: what marks mean, beside what a legend says.
        precision: how published counts stand for true ones.
        explain: whether to look for the figures behind a narrow interval.
        proofs: where to put proofs, one for each table; None: none are made.
    """

    marks: Mapping[str, Bounds] = field(default_factory=dict[str, Bounds])
    precision: Precision = _EXACT
    explain: bool = True
    proofs: list[dict[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class Attacked:
    """A suppressed cell and what an attacker derives for it.

    Args:
        resource: file.
        sheet: sheet or archive member.
        row: row of the file.
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


def attack_files(
    paths: Sequence[str | Path],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    question: Question | None = None,
) -> list[Attacked]:
    """The interval of every suppressed cell of all tables in files: see the package."""
    asked = question or Question()
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    engine = Engine()
    try:
        return [
            cell
            for sheet in read_paths(paths, dialect)
            for cell in _attacked(prepare(sheet, layout, policy, engine), policy, asked)
        ]
    finally:
        engine.close()


def _attacked(subject: Subject, policy: Policy, asked: Question) -> Iterator[Attacked]:
    for role in (Role.COUNT, Role.MAGNITUDE):
        cells = cells_of(subject, role)
        if cells is None or not cells.withheld.any():
            continue
        found = attack(
            cells,
            role,
            policy,
            exact=True,
            known=mark_bounds(subject, cells, asked.marks),
            precision=asked.precision if role is Role.COUNT else _EXACT,
            figure=_figures(subject, cells),
            keep=asked.proofs is not None,
        )
        if asked.proofs is not None:
            statements, targets = found.translated.statements, found.translated.targets
            asked.proofs.append(proof(statements, targets, found.answers, found.floor))
        yield from _cells(subject, found, role, policy, explain=asked.explain)


def _cells(
    subject: Subject, found: Attack, role: Role, policy: Policy, *, explain: bool
) -> Iterator[Attacked]:
    done = found.translated
    explainer = Explainer(done.statements, floor=found.floor, seconds=policy.suppression.seconds)
    for target, position in zip(done.targets, done.positions, strict=True):
        interval = found.intervals[position]
        safe = found.holds(position, role, policy)
        leaks = explainer.leaks(target, interval) if explain and not safe else ()
        yield Attacked(
            subject.sheet.resource,
            subject.sheet.name,
            subject.sheet.row(int(found.cells.rows[position])),
            found.cells.columns[position],
            interval,
            safe,
            leaks_json(leaks, target.figure) if leaks else None,
        )


def _figures(subject: Subject, cells: Cells) -> Callable[[int], Figure]:
    """The figure at a position: where it stands, and the words of its row that tell it apart."""
    sheet = subject.sheet

    def figure(position: int) -> Figure:
        labels = [d.labels[int(d.codes[position])] for d in cells.dimensions]
        return Figure(
            sheet.resource,
            sheet.name,
            sheet.row(int(cells.rows[position])),
            cells.columns[position],
            ", ".join(label for label in labels if label),
        )

    return figure

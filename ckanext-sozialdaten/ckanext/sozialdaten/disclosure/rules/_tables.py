"""What the rules on additive tables share: the sums and the attack on unknown cells."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import (
    Answer,
    Figure,
    Interval,
    Status,
    Table,
    Target,
    Translated,
    solve,
    translate,
)
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, Relation, groups, relations
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Attack", "attack", "by_column", "finding", "holds", "small_differences"]

_WHOLE = 1e-6


_EXACT = Precision()


@dataclass(frozen=True, slots=True)
class Attack:
    """A table's sums and what they give away.

    Args:
        cells: the table.
        relations: its sums.
        intervals: for the position of each withheld cell what an attacker derives.
        translated: the table as statements.
        answers: what the attack found for each of their targets.
        floor: lowest value that a cell can have.
        known: what the marks themselves say, by position; only what fits the sums.
    """

    cells: Cells
    relations: tuple[Relation, ...]
    intervals: dict[int, Interval]
    translated: Translated = field(default_factory=lambda: Translated([], [], []))
    answers: tuple[Answer, ...] = ()
    floor: float = 0.0
    known: Mapping[int, tuple[float, float]] = field(default_factory=dict[int, tuple[float, float]])

    def holds(self, position: int, role: Role, policy: Policy) -> bool:
        """Whether the interval of a withheld cell protects it: see :func:`holds`."""
        return holds(self.intervals[position], role, policy, self.known.get(position))


def holds(
    interval: Interval, role: Role, policy: Policy, mark: tuple[float, float] | None = None
) -> bool:
    """Whether an interval protects a suppressed cell under the policy.

    No suppressed cell may follow exactly. A count that is proven to reach the minimum frequency was
    suppressed to protect another one: its own interval may be narrow. A mark that says "1 or 2"
    tells so much by itself; nothing may tell more.

    Args:
        interval: what an attacker derives.
        role: counts or magnitudes.
        policy: the numbers.
        mark: the values that the mark itself stands for.
    """
    if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return False
    if interval.high == np.inf:
        return True
    if role is Role.COUNT:
        needed = policy.suppression.minimum_width
        if mark is not None:
            needed = max(min(needed, mark[1] - mark[0]), 1.0)
        wide = interval.width >= needed - _WHOLE
        large = interval.low >= policy.frequency.minimum and interval.width >= 1 - _WHOLE
        return wide or large
    return interval.width > abs(interval.high) * policy.suppression.minimum_width_percent / 100


def attack(
    cells: Cells,
    role: Role,
    policy: Policy,
    *,
    exact: bool = False,
    known: Mapping[int, tuple[float, float]] | None = None,
    precision: Precision = _EXACT,
    figure: Callable[[int], Figure] | None = None,
    keep: bool = False,
) -> Attack:
    """Find the sums of a table and the interval of every unknown cell.

    Args:
        cells: the table.
        role: counts or magnitudes.
        policy: what must hold, and the limits of the attack.
        exact: compute every interval to its end instead of stopping once it is wide enough.
        known: what the marks of withheld cells say, by position.
        precision: how published counts stand for true ones.
        figure: the published figure at a position, for explanations.
        keep: whether to keep the tables that prove the intervals.

    Raises:
        NotSupportedError: more suppressed cells than the policy lets one attack take on.
    """
    found = tuple(relations(cells, policy.frequency.total_share))
    unknown = int(cells.withheld.sum())
    if unknown > policy.suppression.max_cells:
        raise NotSupportedError(
            Message("The table has more suppressed cells than one check can attack."),
            Message("Split it by year or region, or raise max_cells in the policy."),
            Place(),
        )
    if not unknown:
        return Attack(cells, found, {})
    shown = cells.values[~cells.withheld]
    table = Table(
        cells,
        found,
        whole=role is Role.COUNT and bool((np.abs(shown - np.rint(shown)) < _WHOLE).all()),
        floor=-np.inf if bool((shown < 0).any()) else 0.0,
        figure=figure or _unnamed,
        precision=precision,
        known=known or {},
    )
    result = _solved(table, role, policy, exact=exact, keep=keep)
    if known and any(i.status is Status.CONTRADICTION for i in result.intervals.values()):
        # The legend does not fit the table: an attacker would not believe it either.
        result = _solved(replace(table, known={}), role, policy, exact=exact, keep=keep)
    return result


def _solved(table: Table, role: Role, policy: Policy, *, exact: bool, keep: bool) -> Attack:
    done = translate(table)
    marks = {number: table.known.get(cell) for number, cell in enumerate(done.positions)}
    places = {id(target): number for number, target in enumerate(done.targets)}

    def enough(target: Target, interval: Interval) -> bool:
        return holds(interval, role, policy, marks[places[id(target)]])

    answers = solve(
        done.statements,
        done.targets,
        floor=table.floor,
        enough=enough,
        seconds=policy.suppression.seconds,
        integer_width=policy.suppression.integer_width,
        keep=keep,
        exact=exact,
    )
    intervals = {
        cell: answer.interval for cell, answer in zip(done.positions, answers, strict=True)
    }
    found = tuple(table.relations)
    return Attack(table.cells, found, intervals, done, tuple(answers), table.floor, table.known)


def _unnamed(position: int) -> Figure:
    return Figure("", row=position)


def small_differences(found: Attack, minimum: float) -> dict[int, int]:
    """Totals whose published parts leave out a small count, with that count's size hidden.

    Returns:
        For the position of each such total the number of its parts.
    """
    result: dict[int, int] = {}
    cells = found.cells
    for relation in found.relations:
        gaps: dict[int, float] = {}
        sizes: dict[int, int] = {}
        for group in groups(cells, relation):
            parts = cells.values[list(group.parts)]
            total = float(cells.values[group.total])
            if np.isnan(parts).any() or np.isnan(total):
                continue
            gaps[group.total] = total - float(parts.sum())
            sizes[group.total] = len(group.parts)
        whole = all(abs(gap - round(gap)) < _WHOLE for gap in gaps.values())
        if not whole or any(gap < -_WHOLE for gap in gaps.values()):
            continue
        result.update({t: sizes[t] for t, gap in gaps.items() if _WHOLE < gap < minimum - _WHOLE})
    return result


def by_column(cells: Cells, positions: Iterable[int]) -> Iterator[tuple[str, list[int]]]:
    """Row positions of cells, by value column in the order of the table."""
    found: dict[str, list[int]] = {}
    for position in positions:
        found.setdefault(cells.columns[position], []).append(int(cells.rows[position]))
    yield from found.items()


def finding(
    subject: Subject,
    rule: str,
    message: Message,
    remedy: Message,
    column: str,
    rows: list[int],
    severity: Severity = Severity.BLOCK,
) -> Finding:
    """A finding on cells of one value column."""
    return Finding(rule, severity, message, remedy, column=column, cells=subject.rows(rows))

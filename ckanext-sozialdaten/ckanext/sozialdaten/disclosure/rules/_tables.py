"""What the rules on additive tables share: the sums and the attack on unknown cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.attack import (
    Figure,
    Interval,
    Status,
    Table,
    Target,
    solve,
    translate,
)
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, groups, relations
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Attack", "attack", "by_column", "finding", "holds", "small_differences"]

_WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Attack:
    """A table's sums and what they give away."""

    cells: Cells
    relations: tuple[Relation, ...]
    intervals: dict[int, Interval]


def holds(interval: Interval, role: Role, policy: Policy) -> bool:
    """Whether an interval protects a suppressed cell under the policy.

    No suppressed cell may follow exactly. A count that is proven to reach the minimum frequency was
    suppressed to protect another one: its own interval may be narrow.
    """
    if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return False
    if interval.high == np.inf:
        return True
    if role is Role.COUNT:
        wide = interval.width >= policy.suppression.minimum_width - _WHOLE
        large = interval.low >= policy.frequency.minimum and interval.width >= 1 - _WHOLE
        return wide or large
    return interval.width > abs(interval.high) * policy.suppression.minimum_width_percent / 100


def attack(cells: Cells, role: Role, policy: Policy, *, exact: bool = False) -> Attack:
    """Find the sums of a table and the interval of every unknown cell.

    Args:
        cells: the table.
        role: counts or magnitudes.
        policy: what must hold, and the limits of the attack.
        exact: compute every interval to its end instead of stopping once it is wide enough.

    Raises:
        NotSupportedError: more suppressed cells than the policy lets one attack take on.
    """
    found = relations(cells, policy.frequency.total_share)
    unknown = np.flatnonzero(cells.withheld).tolist()
    if len(unknown) > policy.suppression.max_cells:
        raise NotSupportedError(
            Message("The table has more suppressed cells than one check can attack."),
            Message("Split it by year or region, or raise max_cells in the policy."),
            Place(),
        )
    if not unknown:
        return Attack(cells, tuple(found), {})
    shown = cells.values[~cells.withheld]
    whole = role is Role.COUNT and bool((np.abs(shown - np.rint(shown)) < _WHOLE).all())
    floor = -np.inf if bool((shown < 0).any()) else 0.0
    done = translate(Table(cells, found, whole, floor, lambda cell: Figure("")))

    def enough(target: Target, interval: Interval) -> bool:
        del target
        return holds(interval, role, policy)

    answers = solve(
        done.statements,
        done.targets,
        floor=floor,
        enough=None if exact else enough,
        seconds=policy.suppression.seconds,
        integer_width=policy.suppression.integer_width,
    )
    intervals = {
        cell: answer.interval for cell, answer in zip(done.positions, answers, strict=True)
    }
    return Attack(cells, tuple(found), intervals)


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

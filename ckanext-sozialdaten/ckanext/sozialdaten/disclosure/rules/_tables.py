"""What the rules on additive tables share: the sums and the attack on unknown cells."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._parameters import Zeros
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
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.structure import (
    Cells,
    Kind,
    Precision,
    Relation,
    completed,
    groups,
    leaves_out_empty,
    relations,
)
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = [
    "Attack",
    "attack",
    "by_column",
    "finding",
    "holds",
    "required",
    "small_differences",
]

_WHOLE = 1e-6
_PLAY = 1e-6  # of a level, for the noise of programs

_EXACT = Precision()
# bands and running sums are looked at by themselves; two sexes or "davon" may leave something out
_APART = frozenset({Kind.RUNNING, Kind.MEANING, Kind.NAMED})


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
    interval: Interval,
    role: Role,
    policy: Policy,
    mark: tuple[float, float] | None = None,
    levels: tuple[float, float] | None = None,
) -> bool:
    """Whether an interval protects a suppressed cell under the policy.

    No suppressed cell may follow exactly. A count that is proven to reach the minimum frequency was
    suppressed to protect another one: its own interval may be narrow. A mark that says "1 or 2"
    tells so much by itself; nothing may tell more. That an amount is nil is no secret where zeros
    are published.

    Args:
        interval: what an attacker derives.
        role: counts or magnitudes.
        policy: the numbers.
        mark: the values that the mark itself stands for.
        levels: values that must stay possible for a magnitude, by its protection levels where it is
            unsafe. Whoever knows them asks no width of its own.
    """
    if interval.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return False
    if levels is not None:
        play = _PLAY * max(1.0, abs(levels[1]))
        if interval.low > levels[0] + play or interval.high < levels[1] - play:
            return False
        return levels[0] == levels[1] == 0 or interval.width > play
    if interval.high == np.inf:
        return True
    if role is Role.COUNT:
        needed = policy.suppression.minimum_width
        if mark is not None:
            needed = max(min(needed, mark[1] - mark[0]), 1.0)
        wide = interval.width >= needed - _WHOLE
        large = interval.low >= policy.frequency.minimum and interval.width >= 1 - _WHOLE
        return wide or large
    if interval.low == interval.high == 0:
        return policy.frequency.zeros is Zeros.PUBLISH
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
    levels: Mapping[int, tuple[float, float]] | None = None,
    small: float = 0.0,
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
        levels: values that must stay possible, by position: see :func:`holds`.
        small: rounded counts that may be below this are attacked as well.

    Raises:
        NotSupportedError: more suppressed cells than the policy lets one attack take on.
    """
    found = _sums_of(cells, policy, precision)
    unknown = int(cells.withheld.sum())
    if unknown > policy.suppression.max_cells:
        raise NotSupportedError(
            Message("The table has more suppressed cells than one check can attack."),
            Message("Split it by year or region, or raise max_cells in the policy."),
            Place(),
        )
    if not unknown and not (small and precision != _EXACT):
        return Attack(cells, found, {})
    shown = cells.values[~cells.withheld]
    asked = levels or {}
    table = Table(
        cells,
        found,
        whole=role is Role.COUNT and bool((np.abs(shown - np.rint(shown)) < _WHOLE).all()),
        # whoever knows that a hidden amount is below zero takes none for at least zero
        floor=-np.inf if (shown < 0).any() or any(low < 0 for low, _ in asked.values()) else 0.0,
        figure=figure or _unnamed,
        precision=precision,
        known=known or {},
        small=small,
    )
    result = _believed(table, role, policy, asked, exact=exact, keep=keep)
    whole = None if leaves_out_empty(cells, found) else completed(cells)
    if whole is None or not result.intervals:
        return result
    wider = _believed(replace(table, cells=whole), role, policy, asked, exact=exact, keep=keep)
    better = _better(wider, result, role, policy, asked)
    return replace(wider, cells=cells) if better else result


def _believed(
    table: Table,
    role: Role,
    policy: Policy,
    levels: Mapping[int, tuple[float, float]],
    *,
    exact: bool,
    keep: bool,
) -> Attack:
    """The attack with what a legend says of the marks, as long as that fits the table."""
    result = _solved(table, role, policy, levels, exact=exact, keep=keep)
    if table.known and _torn(result):
        # An attacker would not believe it either.
        result = _solved(replace(table, known={}), role, policy, levels, exact=exact, keep=keep)
    return result


def _torn(found: Attack) -> bool:
    return any(i.status is Status.CONTRADICTION for i in found.intervals.values())


def _better(
    wider: Attack,
    result: Attack,
    role: Role,
    policy: Policy,
    levels: Mapping[int, tuple[float, float]],
) -> bool:
    """Whether to report what follows where nobody knows that absent combinations are empty.

    Whoever knows or guesses that they are may learn more: then that is what counts.
    """
    if _torn(wider) or any(i.status is Status.TIME_OUT for i in wider.intervals.values()):
        return False

    def weak(found: Attack) -> int:
        return sum(
            not holds(interval, role, policy, found.known.get(cell), levels.get(cell))
            for cell, interval in found.intervals.items()
        )

    least = weak(result)
    return _torn(result) or not least or weak(wider) > least


def _solved(
    table: Table,
    role: Role,
    policy: Policy,
    levels: Mapping[int, tuple[float, float]],
    *,
    exact: bool,
    keep: bool,
) -> Attack:
    done = translate(table)
    said = {cell: _said(table, cell) for cell in done.positions}
    marks = {number: said[cell] for number, cell in enumerate(done.positions)}
    places = {id(target): number for number, target in enumerate(done.targets)}

    def enough(target: Target, interval: Interval) -> bool:
        place = places[id(target)]
        return holds(interval, role, policy, marks[place], levels.get(done.positions[place]))

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
    known = {cell: ends for cell, ends in said.items() if ends is not None}
    return Attack(table.cells, found, intervals, done, tuple(answers), table.floor, known)


def _said(table: Table, cell: int) -> tuple[float, float] | None:
    """What the mark or the rounded figure of a cell itself says."""
    if table.cells.withheld[cell]:
        return table.known.get(cell)
    return table.precision.bounds(float(table.cells.values[cell]))


def _sums_of(cells: Cells, policy: Policy, precision: Precision) -> tuple[Relation, ...]:
    """The sums of a table; rounded figures may miss their totals, so labels speak where they do."""
    share = policy.frequency.total_share
    found = relations(cells, share)
    if precision == _EXACT:
        return tuple(found)
    loose = np.array([np.ptp(precision.bounds(v)) > 0 for v in cells.values], dtype=np.bool_)
    bare = replace(cells, values=np.where(loose, np.nan, cells.values))
    exact = {(r.dimension, r.total) for r in found if r.exact}
    more = [r for r in relations(bare, share) if (r.dimension, r.total) not in exact]
    return (*(r for r in found if r.exact), *more)


def _unnamed(position: int) -> Figure:
    return Figure("", row=position)


def required(cells: Cells, demands: Demands) -> dict[int, tuple[float, float]]:
    """The values that must stay possible for suppressed cells, by position."""
    found: dict[int, tuple[float, float]] = {}
    for cell in np.flatnonzero(cells.withheld).tolist():
        asked = demands.columns.get(cells.columns[cell])
        levels = asked.required(int(cells.rows[cell])) if asked else None
        if levels is not None:
            found[cell] = levels
    return found


def small_differences(found: Attack, minimum: float) -> dict[int, int]:
    """Totals whose published parts leave out a small count, with that count's size hidden.

    Returns:
        For the position of each such total the number of its parts.
    """
    result: dict[int, int] = {}
    cells = found.cells
    for relation in found.relations:
        if relation.kind in _APART:
            continue
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

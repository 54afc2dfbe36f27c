"""The verb attack: intervals of all suppressed cells of files, why they are narrow, and proofs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ckanext.sozialdaten.disclosure._attack_jj import attack_jj
from ckanext.sozialdaten.disclosure._attack_joint import Joint, joint
from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport, Learned, Question
from ckanext.sozialdaten.disclosure._demanded import demanded
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._released import named
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.attack import (
    Effort,
    Explainer,
    Figure,
    Interval,
    Status,
    Target,
    insiders,
    leaks_json,
    mark_bounds,
    proof,
)
from ckanext.sozialdaten.disclosure.attack._published import figure_of
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._linked import Leak, unattacked
from ckanext.sozialdaten.disclosure.rules._precision import said_precision
from ckanext.sozialdaten.disclosure.rules._related import related
from ckanext.sozialdaten.disclosure.rules._tables import Attack, attack, holds, required
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, cells_of
from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = ["attack_report"]

_EXACT = Precision()
_EXPLAINED = 0.25  # of the work for one attack goes into explanations of all tables
_INSIDERS = 0.25  # of the work for one attack goes into insiders of all tables


def attack_report(
    paths: Sequence[str | Path],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    question: Question,
) -> AttackReport:
    """What an attacker derives for every suppressed cell of all tables in files."""
    instances = [path for path in paths if question.jj or str(path).lower().endswith(".jj")]
    tables = [path for path in paths if path not in instances]
    report = AttackReport(policy.name)
    for path in instances:
        report = report.plus(attack_jj(path, policy, question))
    if not tables:
        return report
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    engine, parents = Engine(), question.hierarchies
    try:
        released = [
            replace(
                prepare(sheet, one.layout or layout, policy, engine, hierarchies=parents),
                published_as=one.published_as,
            )
            for one in named(question.released)
            for sheet in read_paths([one.path], dialect)
        ]
        subjects = [
            prepare(sheet, layout, policy, engine, hierarchies=parents)
            for sheet in read_paths(tables, dialect)
        ]
        systems: dict[int, list[_System]] = {}
        effort = Effort(policy.suppression.seconds * _EXPLAINED)
        for members, apart in _groups(subjects, released):
            found, extra = _together(members, apart, policy, question, released)
            report = report.plus(extra)
            for one in found:
                explainer = Explainer(one.statements, floor=one.floor, effort=effort)
                report = report.plus(_differences(one, explainer, policy, question))
                for number, subject in enumerate(members):
                    systems.setdefault(id(subject), []).append(_System(one, number, explainer))
        asked = demanded(subjects, layout, policy, question, engine)
        for subject in subjects:
            linked = systems.get(id(subject), [])
            demands = asked.get(id(subject), Demands({}))
            one = _Attacker(subject, policy, question, linked, effort, len(subjects), demands)
            report = report.plus(one.report())
        return report
    finally:
        engine.close()


@dataclass(frozen=True, slots=True)
class _System:
    """A system of linked tables, and the number of the attacked table in it."""

    joint: Joint
    number: int
    explainer: Explainer


def _groups(
    subjects: Sequence[Subject], released: Sequence[Subject]
) -> Iterator[tuple[list[Subject], list[Subject]]]:
    """Tables to attack as one system, and those that found no room beside them."""
    counted = [s for s in subjects if s.measures is not None and not s.known.person_level]
    met: set[int] = set()
    for members, apart in related(counted) if len(counted) > 1 else ():
        met |= {id(subject) for subject in members}
        yield members, apart
    if released:
        yield from (([subject], []) for subject in subjects if id(subject) not in met)


def _together(
    members: Sequence[Subject],
    apart: Sequence[Subject],
    policy: Policy,
    asked: Question,
    released: Sequence[Subject],
) -> tuple[list[Joint], AttackReport]:
    """The systems of some tables, and what they say besides the suppressed cells."""
    report = AttackReport(policy.name)
    if apart:
        names = tuple(_named(subject) for subject in (*members, *apart))
        report = report.plus(AttackReport(policy.name, unproven=(names,)))
    subjects = [*members, *reversed(released)]
    own = len(members)
    if len(subjects) < 2:
        return [], report
    linked = unattacked(subjects, policy, asked.precision, own)
    report = report.plus(AttackReport(policy.name, differences=tuple(_states(linked.near))))
    try:
        found = list(
            joint(linked.systems, policy, asked.marks, asked.precision, own=own, keep=asked.proofs)
        )
    except NotSupportedError:
        if own == 1:
            raise
        names = tuple(_named(subject) for subject in subjects)
        return [], report.plus(AttackReport(policy.name, unproven=(names,)))
    return found, report


def _states(near: Sequence[Leak]) -> Iterator[Attacked]:
    """Small differences of two states of a figure, and what only the older one shows."""
    for leak in near:
        for cell, interval in zip(leak.cells, leak.intervals, strict=True):
            figure = figure_of(leak.view, cell)
            yield Attacked(
                figure.resource, figure.sheet, figure.row, figure.column, interval, holds=False
            )


def _differences(one: Joint, explainer: Explainer, policy: Policy, asked: Question) -> AttackReport:
    """What a system says beside suppressed cells: small groups, its proofs, how far they reach."""
    groups = [
        _attacked(target, answer.interval, explainer, explain=asked.explain)
        for target, answer in one.groups
    ]
    proofs: tuple[dict[str, object], ...] = ()
    if asked.proofs:
        pairs = list(one.hidden.values())
        made = proof(one.statements, [t for t, _ in pairs], [a for _, a in pairs], one.floor)
        proofs = (made,)
    partly = (one.partly,) if one.partly else ()
    return AttackReport(policy.name, differences=tuple(groups), proofs=proofs, partly=partly)


def _named(subject: Subject) -> str:
    return " > ".join(part for part in (subject.sheet.resource, subject.sheet.name) if part)


def _attacked(
    goal: Target,
    interval: Interval,
    explainer: Explainer,
    *,
    explain: bool,
    safe: bool = False,
) -> Attacked:
    leaks = explainer.leaks(goal, interval) if explain and not safe else ()
    told = leaks_json(leaks, goal.figure) if leaks else None
    figure = goal.figure
    return Attacked(figure.resource, figure.sheet, figure.row, figure.column, interval, safe, told)


@dataclass(slots=True)
class _Attacker:
    """The attack on one table."""

    subject: Subject
    policy: Policy
    asked: Question
    systems: Sequence[_System]
    effort: Effort
    among: int = 1
    demands: Demands = field(default_factory=lambda: Demands({}))

    def report(self) -> AttackReport:
        """Everything on the table."""
        report = AttackReport(self.policy.name)
        for role in (Role.COUNT, Role.MAGNITUDE):
            cells = cells_of(self.subject, role)
            if cells is None:
                continue
            if cells.withheld.any() or self._precision(cells, role) != _EXACT:
                report = report.plus(self._role(cells, role))
        return report

    def _precision(self, cells: Cells, role: Role) -> Precision:
        """How the counts stand for true ones: as the user says, else as the legend does."""
        if role is not Role.COUNT:
            return _EXACT
        return self.asked.precision or said_precision(self.subject, cells) or _EXACT

    def _role(self, cells: Cells, role: Role) -> AttackReport:
        found = attack(
            cells,
            role,
            self.policy,
            exact=True,
            known=mark_bounds(self.subject, cells, self.asked.marks),
            precision=self._precision(cells, role),
            small=self.policy.frequency.minimum,
            figure=_figures(self.subject, cells),
            keep=self.asked.proofs,
            levels=required(cells, self.demands),
        )
        done = found.translated
        proofs: tuple[dict[str, object], ...] = ()
        if self.asked.proofs:
            proofs = (proof(done.statements, done.targets, found.answers, found.floor),)
        return AttackReport(
            self.policy.name,
            tuple(self._cells(found, role)),
            insiders=tuple(self._insiders(found)) if self.asked.insiders else (),
            proofs=proofs,
        )

    def _cells(self, found: Attack, role: Role) -> Iterator[Attacked]:
        done = found.translated
        alone = Explainer(done.statements, floor=found.floor, effort=self.effort)
        levels = required(found.cells, self.demands)
        for target, position in zip(done.targets, done.positions, strict=True):
            row, column = int(found.cells.rows[position]), found.cells.columns[position]
            interval, explainer, goal = found.intervals[position], alone, target
            for one in self.systems:
                together = one.joint.hidden.get((one.number, role, row, column))
                if together and together[1].interval.status is Status.TIME_OUT:
                    interval = replace(interval, status=Status.TIME_OUT)
                elif together and _narrower(together[1].interval, interval):
                    interval, explainer = _both(interval, together[1].interval), one.explainer
                    goal = replace(together[0], figure=target.figure)
            mark = found.known.get(position)
            safe = holds(interval, role, self.policy, mark, levels.get(position))
            if not found.cells.withheld[position] and (safe or not self._small(interval)):
                continue  # a rounded count is shown, and says no more than that
            yield _attacked(goal, interval, explainer, explain=self.asked.explain, safe=safe)

    def _small(self, interval: Interval) -> bool:
        """Whether a rounded count is known to be small; figures that fit nothing tell nobody."""
        known = interval.status is not Status.CONTRADICTION
        return known and interval.high > 0 and interval.low < self.policy.frequency.minimum

    def _insiders(self, found: Attack) -> Iterator[Learned]:
        done = found.translated
        known = insiders(
            done.statements,
            done.targets,
            found.answers,
            self.policy.frequency.minimum,
            floor=found.floor,
            seconds=self.policy.suppression.seconds * _INSIDERS / self.among,
        )
        for one in known.found:
            learns = tuple(_spot(done.targets[n].figure) for n in one.learns)
            yield Learned(
                done.targets[one.target].figure.resource,
                _spot(done.targets[one.target].figure),
                learns,
            )


def _spot(figure: Figure) -> tuple[int, str]:
    return figure.row, figure.column


def _narrower(one: Interval, two: Interval) -> bool:
    useful = one.status not in (Status.TIME_OUT, Status.CONTRADICTION)
    return useful and (one.low > two.low + 1e-6 or one.high < two.high - 1e-6)


def _both(one: Interval, two: Interval) -> Interval:
    """What holds for both; the table alone says less than all tables."""
    if one.status in (Status.TIME_OUT, Status.CONTRADICTION):
        return two
    low, high = max(one.low, two.low), min(one.high, two.high)
    return Interval(low, high, two.status) if low <= high else two


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

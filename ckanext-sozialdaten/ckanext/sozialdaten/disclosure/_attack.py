"""The verb attack: intervals of all suppressed cells of files, why they are narrow, and proofs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ckanext.sozialdaten.disclosure._attack_jj import attack_jj
from ckanext.sozialdaten.disclosure._attack_joint import Joint, joint
from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport, Learned, Question
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.attack import (
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
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._tables import Attack, attack, holds
from ckanext.sozialdaten.disclosure.structure import Cells, Precision, cells_of
from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = ["attack_report"]

_EXACT = Precision()


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
    engine = Engine()
    try:
        released = [
            prepare(sheet, layout, policy, engine, hierarchies=question.hierarchies)
            for sheet in read_paths(question.released, dialect)
        ]
        for sheet in read_paths(tables, dialect):
            subject = prepare(sheet, layout, policy, engine, hierarchies=question.hierarchies)
            report = report.plus(_Attacker(subject, policy, question, released).report())
        return report
    finally:
        engine.close()


@dataclass(slots=True)
class _Attacker:
    """The attack on one table."""

    subject: Subject
    policy: Policy
    asked: Question
    released: Sequence[Subject]
    joints: list[Joint] = field(init=False)

    def __post_init__(self) -> None:
        self.joints = []
        if self.released:
            self.joints += joint(
                [self.subject, *self.released],
                self.policy,
                self.asked.marks,
                self.asked.precision,
                keep=self.asked.proofs,
            )

    def report(self) -> AttackReport:
        """Everything on the table."""
        report = AttackReport(self.policy.name)
        for role in (Role.COUNT, Role.MAGNITUDE):
            cells = cells_of(self.subject, role)
            if cells is not None and cells.withheld.any():
                report = report.plus(self._role(cells, role))
        for one in self.joints:
            explainer = self._explainer(one)
            found = [self._attacked(t, a.interval, explainer, safe=False) for t, a in one.groups]
            report = report.plus(AttackReport(self.policy.name, differences=tuple(found)))
            if self.asked.proofs:
                pairs = list(one.hidden.values())
                made = proof(
                    one.statements, [t for t, _ in pairs], [a for _, a in pairs], one.floor
                )
                report = report.plus(AttackReport(self.policy.name, proofs=(made,)))
        return report

    def _role(self, cells: Cells, role: Role) -> AttackReport:
        exact = self.asked.precision or _EXACT
        found = attack(
            cells,
            role,
            self.policy,
            exact=True,
            known=mark_bounds(self.subject, cells, self.asked.marks),
            precision=exact if role is Role.COUNT else _EXACT,
            figure=_figures(self.subject, cells),
            keep=self.asked.proofs,
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
        alone = Explainer(
            done.statements, floor=found.floor, seconds=self.policy.suppression.seconds
        )
        others = [(one, self._explainer(one)) for one in self.joints]
        for target, position in zip(done.targets, done.positions, strict=True):
            place = (role, int(found.cells.rows[position]), found.cells.columns[position])
            interval, explainer, goal = found.intervals[position], alone, target
            for one, more in others:
                together = one.hidden.get(place)
                if together and _narrower(together[1].interval, interval):
                    interval, explainer = _both(interval, together[1].interval), more
                    goal = replace(together[0], figure=target.figure)
            safe = holds(interval, role, self.policy, found.known.get(position))
            yield self._attacked(goal, interval, explainer, safe=safe)

    def _explainer(self, one: Joint) -> Explainer:
        seconds = self.policy.suppression.seconds
        return Explainer(one.statements, floor=one.floor, seconds=seconds)

    def _attacked(
        self, goal: Target, interval: Interval, explainer: Explainer, *, safe: bool
    ) -> Attacked:
        leaks = explainer.leaks(goal, interval) if self.asked.explain and not safe else ()
        told = leaks_json(leaks, goal.figure) if leaks else None
        figure = goal.figure
        return Attacked(
            figure.resource, figure.sheet, figure.row, figure.column, interval, safe, told
        )

    def _insiders(self, found: Attack) -> Iterator[Learned]:
        done = found.translated
        known = insiders(
            done.statements,
            done.targets,
            found.answers,
            self.policy.frequency.minimum,
            floor=found.floor,
            seconds=self.policy.suppression.seconds / 4,
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

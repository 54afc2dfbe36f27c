"""A candidate that the attack opens is made again, with more asked of what was too narrow."""

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import (
    Beside,
    judge,
    read_copy,
    weak_beside,
    weak_cells,
)
from ckanext.sozialdaten.disclosure.protection._loss import loss_of
from ckanext.sozialdaten.disclosure.protection._report import ProtectionReport, report_of
from ckanext.sozialdaten.disclosure.protection._suppressing import suppress_candidate
from ckanext.sozialdaten.disclosure.structure import Relation, cells_of, completed, relations
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["examined", "seen_in", "settled"]

_ROUNDS = 4
_BESIDE = "release-difference"


def settled(
    candidate: Candidate, subject: Subject, beside: Beside
) -> tuple[Candidate, ProtectionReport]:
    """A candidate and what check and attack say of it; a pattern that they open is made again.

    Args:
        candidate: what a method makes of the table.
        subject: the table.
        beside: what is public or known besides.

    Raises:
        NotProtectedError: no other pattern keeps all unsafe cells open.
    """
    report = examined(candidate, subject, beside)
    if candidate.method is Method.SUPPRESS and _opened(report):
        return _again(candidate, report, subject, beside)
    return candidate, report


def examined(candidate: Candidate, subject: Subject, beside: Beside) -> ProtectionReport:
    """Judge a candidate and say what it costs."""
    judgement = judge(candidate, subject, beside)
    after = read_copy(candidate.table, subject, beside.layout)
    return report_of(
        candidate, subject.policy, judgement, loss_of(subject, after), subject.sheet.table
    )


def seen_in(copy: Subject) -> list[Relation]:
    """Sums that a copy suggests."""
    cells = cells_of(copy, Role.COUNT)
    return relations(cells, copy.policy.frequency.total_share) if cells else []


def _opened(report: ProtectionReport) -> bool:
    """Whether the attack narrows cells too far: of the copy, or beside what is public already."""
    return bool(report.judgement.weak) or _BESIDE in report.judgement.rules


def _again(
    candidate: Candidate, report: ProtectionReport, subject: Subject, beside: Beside
) -> tuple[Candidate, ProtectionReport]:
    """Other patterns, as long as the attack opens one: by sums that only the copy suggests, over
    combinations that the table leaves out, because it counts in whole numbers, or by releases."""
    known: list[Relation] = []
    weak: list[tuple[int, str]] = []
    gaps = any(
        cells is not None and completed(cells) is not None
        for cells in (cells_of(subject, role) for role in (Role.COUNT, Role.MAGNITUDE))
    )
    for turn in range(_ROUNDS):
        copy = read_copy(candidate.table, subject, beside.layout)
        known += [relation for relation in seen_in(copy) if relation not in known]
        weak += weak_cells(copy, beside.demands)
        beyond = weak_beside(copy, beside) if _BESIDE in report.judgement.rules else []
        weak += beyond
        candidate = suppress_candidate(
            subject,
            beside.released,
            demands=beside.demands,
            seen=known,
            weak=weak if turn or beyond or not gaps else (),
            absent=gaps and turn % 2 == 0,
        )
        report = examined(candidate, subject, beside)
        if not _opened(report):
            break
    return candidate, report

"""Tables that are given together, protected together: shared cells get one status."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from ckanext.sozialdaten.disclosure._protect import Protected, Request, opened, refused
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import Beside, read_copy, weak_cells
from ckanext.sozialdaten.disclosure.protection._menu import examined
from ckanext.sozialdaten.disclosure.protection._suppressing_linked import suppress_tables
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message

__all__ = ["protect_together"]

_ROUNDS = 4


def protect_together(sheets: Sequence[Sheet], request: Request) -> list[Protected]:
    """A safe copy of each table, each attacked beside the copies of all others.

    Args:
        sheets: tables of counts or magnitudes, the totals among them.
        request: one for all; its method must be suppression.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
        NotSupportedError: another method was asked for, or a table has nothing to suppress.
    """
    if request.wish.method not in (None, Method.SUPPRESS):
        raise NotSupportedError(
            Message("Tables given together are protected by suppression alone."),
            Message("Leave --method out, or protect the files one by one."),
        )
    with ExitStack() as stack:
        tables = [
            stack.enter_context(opened(sheet, _for_sheet(sheet, sheets, request)))
            for sheet in sheets
        ]
        return _safe(tables)


def _safe(tables: Sequence[tuple[Subject, Beside]]) -> list[Protected]:
    """Patterns, as long as the attack opens one because it counts in whole numbers."""
    subjects = [subject for subject, _ in tables]
    demands = [beside.demands for _, beside in tables]
    weak: list[list[tuple[int, str]]] = [[] for _ in tables]
    for last in (False,) * (_ROUNDS - 1) + (True,):
        candidates = suppress_tables(subjects, demands, weak)
        narrow = [
            weak_cells(candidate, subject, beside)
            for candidate, (subject, beside) in zip(candidates, tables, strict=True)
        ]
        if last or not any(narrow):
            return _examined(candidates, tables)
        weak = [[*known, *more] for known, more in zip(weak, narrow, strict=True)]
    return []


def _examined(
    candidates: Sequence[Candidate], tables: Sequence[tuple[Subject, Beside]]
) -> list[Protected]:
    """Each copy beside the others.

    Raises:
        NotProtectedError: one of them is not safe.
    """
    copies = [
        read_copy(candidate.table, subject, beside.layout)
        for candidate, (subject, beside) in zip(candidates, tables, strict=True)
    ]
    done: list[Protected] = []
    for number, (candidate, (subject, beside)) in enumerate(zip(candidates, tables, strict=True)):
        others = (*copies[:number], *copies[number + 1 :])
        near = replace(beside, released=(*beside.released, *others))
        report = examined(candidate, subject, near)
        if not report.judgement.safe:
            raise refused(report)
        done.append(Protected(candidate.table, report))
    return done


def _for_sheet(sheet: Sheet, sheets: Sequence[Sheet], request: Request) -> Request:
    """The request without roles of columns that only other tables have."""
    if request.layout is None or isinstance(request.layout, Layout):
        return request
    elsewhere = {name for other in sheets for name in other.table.column_names}
    foreign = elsewhere.difference(sheet.table.column_names)
    roles = {name: role for name, role in request.layout.items() if name not in foreign}
    return replace(request, layout=roles)

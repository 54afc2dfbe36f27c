"""Tables of counts that are given together, protected together: shared cells get one status."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from ckanext.sozialdaten.disclosure._protect import Protected, Request, opened, refused
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.protection._candidate import Method
from ckanext.sozialdaten.disclosure.protection._judge import read_copy
from ckanext.sozialdaten.disclosure.protection._menu import examined
from ckanext.sozialdaten.disclosure.protection._suppressing_linked import suppress_tables
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message

__all__ = ["protect_together"]


def protect_together(sheets: Sequence[Sheet], request: Request) -> list[Protected]:
    """A safe copy of each table, each attacked beside the copies of all others.

    Args:
        sheets: tables of counts, the totals among them.
        request: one for all; its method must be suppression.

    Raises:
        NotProtectedError: no pattern keeps all small counts open.
        NotSupportedError: another method was asked for, or a table has no counts.
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
        candidates = suppress_tables([subject for subject, _ in tables])
        copies = [
            read_copy(candidate.table, subject, beside.layout)
            for candidate, (subject, beside) in zip(candidates, tables, strict=True)
        ]
        done: list[Protected] = []
        for number, (candidate, (subject, beside)) in enumerate(
            zip(candidates, tables, strict=True)
        ):
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

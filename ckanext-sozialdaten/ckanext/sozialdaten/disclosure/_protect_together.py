"""Tables that are given together, protected together: shared cells get one status."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ckanext.sozialdaten.disclosure._protect import (
    Protected,
    Request,
    opened,
    refused,
)
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import (
    Beside,
    read_copy,
    weak_cells,
    weak_together,
)
from ckanext.sozialdaten.disclosure.protection._rounds import examined, seen_in
from ckanext.sozialdaten.disclosure.protection._suppressing_linked import suppress_tables
from ckanext.sozialdaten.disclosure.protection._writing import Spot
from ckanext.sozialdaten.disclosure.structure import Relation
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message

__all__ = ["protect_together"]

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Table:
    """One of the tables, and what lies beside it."""

    subject: Subject
    beside: Beside


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
            _Table(*stack.enter_context(opened(sheet, _for_sheet(sheet, sheets, request))))
            for sheet in sheets
        ]
        return _safe(tables)


def _safe(tables: Sequence[_Table]) -> list[Protected]:
    """Patterns, as long as the attack opens one: by what several copies say together, by sums that
    only a copy suggests, or because it counts in whole numbers."""
    subjects, demands = [one.subject for one in tables], [one.beside.demands for one in tables]
    weak: list[list[Spot]] = [[] for _ in tables]
    seen: list[list[Relation]] = [[] for _ in tables]
    last = _ROUNDS - 1
    for turn in range(_ROUNDS):
        candidates = suppress_tables(subjects, demands, weak, seen, absent=turn % 2 == 1)
        copies = [
            read_copy(candidate.table, one.subject, one.beside.layout)
            for candidate, one in zip(candidates, tables, strict=True)
        ]
        alone = [weak_cells(copy, asked) for copy, asked in zip(copies, demands, strict=True)]
        both = weak_together(copies, demands, tables[0].beside.released)
        narrow = [sorted({*one, *two}) for one, two in zip(alone, both, strict=True)]
        if turn == last or not any(narrow):
            return _examined(candidates, copies, tables)
        weak = [[*known, *more] for known, more in zip(weak, narrow, strict=True)]
        for known, copy in zip(seen, copies, strict=True):
            known += [relation for relation in seen_in(copy) if relation not in known]
    return []


def _examined(
    candidates: Sequence[Candidate], copies: Sequence[Subject], tables: Sequence[_Table]
) -> list[Protected]:
    """Each copy beside the others.

    Raises:
        NotProtectedError: one of them is not safe.
    """
    asked = {id(copy): one.beside.demands for copy, one in zip(copies, tables, strict=True)}
    done: list[Protected] = []
    for number, (candidate, one) in enumerate(zip(candidates, tables, strict=True)):
        others = (*copies[:number], *copies[number + 1 :])
        near = replace(one.beside, released=(*one.beside.released, *others), asked=asked)
        report = examined(candidate, one.subject, near)
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

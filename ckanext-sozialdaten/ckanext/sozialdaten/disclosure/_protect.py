"""The verb protect: a safe copy of a table, with as little lost as the method allows.

Nothing is given out unless the check and the attack, which get the copy alone, find it safe.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._released import Released, named
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotProtectedError, NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import demands_of, read_contributors
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._judge import (
    Beside,
    Declarations,
)
from ckanext.sozialdaten.disclosure.protection._magnitudes import bare
from ckanext.sozialdaten.disclosure.protection._menu import (
    Alternative,
    Tell,
    alternatives,
)
from ckanext.sozialdaten.disclosure.protection._report import ProtectionReport
from ckanext.sozialdaten.disclosure.protection._rounds import settled
from ckanext.sozialdaten.disclosure.protection._ways import Wish, ways
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.readers._arrow import plain_columns
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = [
    "Protected",
    "Request",
    "menu_of",
    "opened",
    "protect_table",
    "refused",
    "tables_of",
]


@dataclass(frozen=True, slots=True)
class Request:
    """What to protect a table with.

    Args:
        layout: its layout, or roles by column; columns it does not name are inferred.
        policy: the numbers.
        wish: method and its parameters.
        released: tables that are public already; those without a layout have that of the table.
        contributors: file with the rows behind its magnitudes; never published.
    """

    layout: Declarations
    policy: Policy
    wish: Wish = field(default_factory=Wish)
    released: Sequence[str | Path | Released] = ()
    contributors: str | Path | None = None


@dataclass(frozen=True, slots=True)
class Protected:
    """A safe table and what it cost."""

    table: pa.Table
    report: ProtectionReport


def tables_of(path: str | Path, layout: Declarations) -> list[Sheet]:
    """The tables of a file, a folder or an archive.

    Raises:
        NotSupportedError: there is none.
    """
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    sheets = [sheet for sheet in read_paths([path], dialect) if sheet.table.num_columns]
    if not sheets:
        raise NotSupportedError(
            Message("This file holds no table."),
            Message("Give a table with a header and at least one row."),
        )
    return sheets


def protect_table(table: pa.Table | Sheet, request: Request) -> Protected:
    """A safe copy of a table: see :func:`ckanext.sozialdaten.disclosure.protect`."""
    with opened(table, request) as (subject, beside):
        candidate, report = settled(_candidate(subject, request.wish, beside), subject, beside)
        if not report.judgement.safe:
            raise refused(report)
        return Protected(candidate.table, report)


def menu_of(
    table: pa.Table | Sheet, request: Request, tell: Tell | None = None
) -> tuple[Alternative, ...]:
    """All ways to protect a table: see :func:`ckanext.sozialdaten.disclosure.alternatives`."""
    with opened(table, request) as (subject, beside):
        return alternatives(subject, request.wish, beside, tell)


@contextmanager
def opened(table: pa.Table | Sheet, request: Request) -> Generator[tuple[Subject, Beside]]:
    """The table as it is understood, and what lies beside it."""
    layout, policy, engine = request.layout, request.policy, Engine()
    sheet = table if isinstance(table, Sheet) else Sheet(table, "", "", 1)
    try:
        sheet = replace(sheet, table=plain_columns(sheet.table))
        parents = {name: one.parents for name, one in request.wish.hierarchies.items()}
        subject = prepare(sheet, layout, policy, engine, strict=True, hierarchies=parents)
        dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
        released = [
            replace(
                prepare(known, one.layout or layout, policy, engine, hierarchies=parents),
                published_as=one.published_as,
            )
            for one in named(request.released)
            for known in read_paths(
                [one.path], one.layout.dialect if isinstance(one.layout, Layout) else dialect
            )
        ]
        behind = read_contributors(request.contributors) if request.contributors else None
        demands = demands_of(subject, behind)
        near = Beside(layout, tuple(released), behind, demands)
        yield bare(subject, demands), near
    finally:
        engine.close()


def _candidate(subject: Subject, wish: Wish, beside: Beside) -> Candidate:
    """What the method makes of a table; the table itself where nothing needs protection."""
    counts = subject.measures is not None and bool(subject.measures.of(Role.COUNT))
    unsafe = beside.demands.any
    if wish.method is None and not (counts or unsafe or subject.known.person_level):
        return Candidate(subject.sheet.table, Method.SUPPRESS)
    return ways(subject, wish, beside.released, beside.demands)[0].make()


def refused(report: ProtectionReport) -> NotProtectedError:
    """Why there is no copy."""
    judgement = report.judgement
    return NotProtectedError(
        Message("The protected copy is not safe: {rules}.", {"rules": ", ".join(judgement.rules)}),
        judgement.hint,
    )

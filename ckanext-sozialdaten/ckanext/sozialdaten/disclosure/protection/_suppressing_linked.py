"""Tables that share cells, suppressed together: what one hides the others do not show."""

from collections.abc import Hashable, Sequence

import numpy as np

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate
from ckanext.sozialdaten.disclosure.protection._noisy import counts_of
from ckanext.sozialdaten.disclosure.protection._suppressing import candidate_of, limits_of
from ckanext.sozialdaten.disclosure.structure import Cells, space_of, views
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Pattern,
    Unsolvable,
    build,
    joined,
    suppress,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["suppress_tables"]


def suppress_tables(subjects: Sequence[Subject]) -> tuple[Candidate, ...]:
    """A candidate for each of some tables of counts that share cells.

    Args:
        subjects: the tables with their margins, under one policy.

    Raises:
        NotProtectedError: no pattern keeps all small counts open.
        NotSupportedError: a table has no counts.
    """
    tables = [counts_of(subject) for subject in subjects]
    built: list[Built] = []
    for subject, (cells, found) in zip(subjects, tables, strict=True):
        one = build(cells, found, subject.policy)
        if one is None:
            raise NotProtectedError(
                Message("The sums around cells that are suppressed already contradict each other."),
                Message("Protect the complete table."),
            )
        built.append(one)
    named = _names(subjects, [cells for cells, _ in tables])
    names: list[list[Hashable | None]] = []
    for one, own in zip(built, named, strict=True):
        order: list[int] = one.order.tolist()
        rests: list[Hashable | None] = [None] * (len(one.problem) - len(own))
        names.append([*(own[cell] for cell in order), *rests])
    problem, places = joined([one.problem for one in built], names)
    try:
        pattern = suppress(problem, limits_of(subjects[0].policy))
    except Unsolvable as error:
        raise NotProtectedError(
            Message("Even with all cells suppressed, sums would narrow some of them too far."),
            Message("Merge categories, or leave the totals out."),
        ) from error
    return tuple(
        candidate_of(subject, one, Pattern(pattern.suppressed[place], pattern.methods), cells)
        for subject, one, place, (cells, _) in zip(subjects, built, places, tables, strict=True)
    )


def _names(subjects: Sequence[Subject], tables: Sequence[Cells]) -> list[list[Hashable | None]]:
    """What each cell counts, in the space that the tables share."""
    found = views(subjects, Role.COUNT)
    space = space_of(found)
    places = [
        {(int(r), c): n for n, (r, c) in enumerate(zip(cells.rows, cells.columns, strict=True))}
        for cells in tables
    ]
    names: list[list[Hashable | None]] = [[None] * len(cells) for cells in tables]
    for view in found:
        table = next(n for n, subject in enumerate(subjects) if subject is view.subject)
        what = tuple(sorted(view.words))
        rows, columns = view.cells.rows.tolist(), view.cells.columns
        for key, row, column in zip(space.keys(view), rows, columns, strict=True):
            cell = places[table].get((int(row), column))
            if key is not None and cell is not None:
                value = float(np.nan_to_num(tables[table].values[cell], nan=-1.0))
                names[table][cell] = (what, key, value)
    return names

"""Tables that share cells as one problem: what one of them hides the others do not show."""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, space_of, views
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Limits,
    Unsolvable,
    Wanted,
    build,
    joined,
    suppress,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["built_of", "limits_of", "solved"]

Bools = npt.NDArray[np.bool_]
_HARDER = 3


def limits_of(policy: Policy, role: Role = Role.COUNT) -> Limits:
    """How far a policy lets the search go; blocks of magnitudes are harder to close."""
    rules = policy.protection
    cells = rules.exact_cells // (1 if role is Role.COUNT else _HARDER)
    return Limits(cells, rules.exact_rounds, rules.exact_nodes)


def built_of(
    subject: Subject,
    cells: Cells,
    found: Sequence[Relation],
    wanted: Wanted,
    earlier: Bools | None = None,
) -> Built:
    """The problem of one table.

    Raises:
        NotProtectedError: what is hidden already contradicts its sums.
    """
    built = build(cells, found, subject.policy, wanted=wanted, earlier=earlier)
    if built is None:
        raise NotProtectedError(
            Message("The sums around cells that are suppressed already contradict each other."),
            Message("Protect the complete table."),
        )
    return built


def solved(
    subjects: Sequence[Subject],
    tables: Sequence[Cells],
    sums: Sequence[Sequence[Relation]],
    wanted: Sequence[Wanted],
    role: Role,
    earlier: Sequence[Bools] = (),
) -> list[tuple[Bools, tuple[str, ...]]]:
    """For each table which of its cells to hide, and by which methods that was found.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
    """
    known = earlier or [None] * len(subjects)
    built = [built_of(*one) for one in zip(subjects, tables, sums, wanted, known, strict=True)]
    problem, places = built[0].problem, [np.arange(len(built[0].problem), dtype=np.int64)]
    if len(built) > 1:
        names = _named(subjects, tables, built, role)
        problem, places = joined([one.problem for one in built], names)
    try:
        pattern = suppress(problem, limits_of(subjects[0].policy, role))
    except Unsolvable as error:
        raise _refused(built, tables, places, error) from error
    methods = tuple(str(method) for method in pattern.methods)
    result: list[tuple[Bools, tuple[str, ...]]] = []
    for one, place, cells in zip(built, places, tables, strict=True):
        hidden = np.zeros(len(cells), dtype=np.bool_)
        hidden[one.order] = pattern.suppressed[place][: len(cells)]
        result.append((hidden, methods))
    return result


def _refused(
    built: Sequence[Built],
    tables: Sequence[Cells],
    places: Sequence[npt.NDArray[np.int64]],
    error: Unsolvable,
) -> NotProtectedError:
    refused = NotProtectedError(
        Message("Even with all cells suppressed, sums would narrow some of them too far."),
        Message("Merge categories, or leave the totals out."),
    )
    if len(built) > 1:
        return refused
    inside = np.isin(places[0][: len(tables[0])], error.cells)
    positions = built[0].order[np.flatnonzero(inside)]
    rows: list[int] = np.unique(tables[0].rows[positions]).tolist()
    return NotProtectedError(refused.message, refused.hint, rows=tuple(rows))


def _named(
    subjects: Sequence[Subject], tables: Sequence[Cells], built: Sequence[Built], role: Role
) -> list[list[Hashable | None]]:
    """What each cell of each problem shows; rests are no other table's."""
    names: list[list[Hashable | None]] = []
    for one, own in zip(built, _names(subjects, tables, role), strict=True):
        order: list[int] = one.order.tolist()
        rests: list[Hashable | None] = [None] * (len(one.problem) - len(own))
        names.append([*(own[cell] for cell in order), *rests])
    return names


def _names(
    subjects: Sequence[Subject], tables: Sequence[Cells], role: Role
) -> list[list[Hashable | None]]:
    """What each cell counts, in the space that the tables share."""
    found = views(subjects, role)
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

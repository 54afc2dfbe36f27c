"""Tables that share cells as one problem: what one of them hides the others do not show."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.rules._linked import systems
from ckanext.sozialdaten.disclosure.structure import (
    Cells,
    Key,
    Relation,
    Sum,
    leaves_out_empty,
    space_of,
    tiled,
    views,
)
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Limits,
    Margin,
    Pattern,
    Problem,
    Unsolvable,
    Wanted,
    build,
    joined,
    suppress,
    with_margins,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["built_of", "limits_of", "solved"]

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_HARDER = 3


def limits_of(policy: Policy, role: Role = Role.COUNT) -> Limits:
    """How far a policy lets the search go; blocks of magnitudes are harder to close."""
    rules = policy.protection
    cells = rules.exact_cells // (1 if role is Role.COUNT else _HARDER)
    price = 1 + rules.further_percent / 100
    return Limits(cells, rules.exact_rounds, rules.exact_nodes, price=price)


def built_of(
    subject: Subject,
    cells: Cells,
    found: Sequence[Relation],
    wanted: Wanted,
    earlier: Bools | None = None,
    *,
    absent: bool = False,
) -> Built:
    """The problem of one table; see :func:`build`.

    Raises:
        NotProtectedError: what is hidden already contradicts its sums.
    """
    rules = subject.policy
    built = build(cells, found, rules, wanted=wanted, earlier=earlier, absent=absent)
    if built is None and absent:
        built = build(cells, found, rules, wanted=wanted, earlier=earlier)
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
    *,
    absent: bool = False,
) -> list[tuple[Bools, tuple[str, ...]]]:
    """For each table which of its cells to hide, and by which methods that was found.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
    """
    known = earlier or [None] * len(subjects)
    built = [
        built_of(*one, absent=absent and not leaves_out_empty(one[1], one[2]))
        for one in zip(subjects, tables, sums, wanted, known, strict=True)
    ]
    problem, places = built[0].problem, [np.arange(len(built[0].problem), dtype=np.int64)]
    if len(built) > 1:
        shown = list(_shown(subjects, tables, role))
        problem, places = joined([one.problem for one in built], _named(tables, built, shown))
        problem = with_margins(problem, _margins(shown, built, places))
    try:
        pattern = _pattern(problem, limits_of(subjects[0].policy, role))
    except Unsolvable as error:
        raise _refused(built, tables, places, error) from error
    methods = tuple(str(method) for method in pattern.methods)
    result: list[tuple[Bools, tuple[str, ...]]] = []
    for one, place, cells in zip(built, places, tables, strict=True):
        hidden = np.zeros(len(cells), dtype=np.bool_)
        hidden[one.order] = pattern.suppressed[place][: len(cells)]
        result.append((hidden, methods))
    return result


def _pattern(problem: Problem, limits: Limits) -> Pattern:
    """The cheapest safe pattern; where only hidden zeros leave room, some of them are hidden."""
    try:
        return suppress(problem, limits)
    except Unsolvable:
        zeros = problem.fixed & (problem.values == 0)
        if not zeros.any():
            raise
        return suppress(replace(problem, fixed=problem.fixed & ~zeros), limits)


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


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one view shows in the space that all tables share.

    Args:
        table: position of its table.
        topic: the same for views that count the same.
        cells: for each cell of the view its position in the table; None: the table lacks it.
        keys: where each of them lies.
        sums: where figures and sums of figures lie.
    """

    table: int
    topic: Hashable
    cells: Sequence[int | None]
    keys: Sequence[Key | None]
    sums: Mapping[Key, Sum]


def _shown(subjects: Sequence[Subject], tables: Sequence[Cells], role: Role) -> Iterator[_Shown]:
    """All views; those count the same that the attack on linked tables takes together."""
    found = views(subjects, role)
    space = space_of(found)
    families: dict[tuple[int, tuple[str, ...]], int] = {
        (view.release, view.what): number
        for number, family in enumerate(systems(subjects, subjects[0].policy, None, len(subjects)))
        for view in family
        if view.role is role
    }
    places = [
        {(int(r), c): n for n, (r, c) in enumerate(zip(cells.rows, cells.columns, strict=True))}
        for cells in tables
    ]
    every = {key for view in found for key in space.keys(view) if key is not None}
    for view in found:
        topic = families.get((view.release, view.what), tuple(sorted(view.words)))
        spots = zip(view.cells.rows.tolist(), view.cells.columns, strict=True)
        cells = [places[view.release].get((int(row), column)) for row, column in spots]
        sums = {**space.sums(view), **tiled(space, view, every)}
        yield _Shown(view.release, topic, cells, space.keys(view), sums)


def _named(
    tables: Sequence[Cells], built: Sequence[Built], shown: Sequence[_Shown]
) -> list[list[Hashable | None]]:
    """What each cell of each problem shows; rests are no other table's."""
    own: list[list[Hashable | None]] = [[None] * len(cells) for cells in tables]
    for view in shown:
        values = tables[view.table].values
        for cell, key in zip(view.cells, view.keys, strict=True):
            if key is not None and cell is not None:
                value = float(np.nan_to_num(values[cell], nan=-1.0))
                own[view.table][cell] = (view.topic, key, value)
    names: list[list[Hashable | None]] = []
    for one, known in zip(built, own, strict=True):
        order: list[int] = one.order.tolist()
        rests: list[Hashable | None] = [None] * (len(one.problem) - len(known))
        names.append([*(known[cell] for cell in order), *rests])
    return names


def _margins(
    shown: Sequence[_Shown], built: Sequence[Built], places: Sequence[Ints]
) -> list[Margin]:
    """Sums of one table that another table shows, or that it sums up as well."""
    found: dict[Hashable, dict[int, tuple[int, ...]]] = {}
    for view in shown:
        place = np.empty(len(built[view.table].order), dtype=np.int64)
        place[built[view.table].order] = places[view.table][: len(place)]
        for key, entry in view.sums.items():
            cells = [view.cells[cell] for cell in entry.cells]
            known = [int(place[cell]) for cell in cells if cell is not None]
            if len(known) == len(cells) and np.isfinite(entry.value):
                name = (view.topic, key, entry.value)
                found.setdefault(name, {}).setdefault(view.table, tuple(known))
    return [
        Margin(tuple(members))
        for tables in found.values()
        if len(members := set(tables.values())) > 1
    ]

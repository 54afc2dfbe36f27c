"""Candidates that suppress small counts, and as few further cells as it takes to keep them open."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._noisy import counts_of
from ckanext.sozialdaten.disclosure.protection._writing import places, with_marks
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, cells_of
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Limits,
    Pattern,
    Unsolvable,
    Wanted,
    build,
    suppress,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["candidate_of", "earlier", "limits_of", "suppress_candidate"]


def suppress_candidate(
    subject: Subject,
    released: Sequence[Subject] = (),
    *,
    seen: Sequence[Relation] = (),
    weak: Sequence[tuple[int, str]] = (),
) -> Candidate:
    """The table with marks in place of as few counts as possible.

    Args:
        subject: the table with its margins.
        released: tables that are public already, the newest last: what the newest of them
            suppresses is suppressed rather than other cells, so that periods do not open each
            other.
        seen: sums that an earlier copy suggested although the table does not confirm them.
        weak: row and column of cells that the attack narrowed too far in an earlier copy, as often
            as it did: each time one more is asked of their width.

    Raises:
        NotProtectedError: no pattern keeps all small counts open.
        NotSupportedError: there are no counts.
    """
    cells, found = counts_of(subject)
    news = [relation for relation in seen if relation not in found]
    before = earlier(cells, released)
    wanted = Wanted.of_counts(cells, subject.policy)
    small = int(wanted.primary.sum())
    wanted = _wider(wanted, cells, weak)
    built = build(cells, [*found, *news], subject.policy, wanted=wanted, earlier=before)
    if built is None:
        raise NotProtectedError(
            Message("The sums around cells that are suppressed already contradict each other."),
            Message("Protect the complete table."),
        )
    pattern = _solved(built, cells, subject)
    return candidate_of(subject, replace(built, small=small), pattern, cells)


def _wider(wanted: Wanted, cells: Cells, weak: Sequence[tuple[int, str]]) -> Wanted:
    primary, width = wanted.primary.copy(), wanted.width.copy()
    place = {
        (int(row), column): cell
        for cell, (row, column) in enumerate(zip(cells.rows, cells.columns, strict=True))
    }
    for cell in (place[one] for one in weak if one in place):
        if not cells.withheld[cell]:
            primary[cell] = True
            width[cell] = max(width[cell], wanted.open_width) + 1
    return replace(wanted, primary=primary, width=width)


def earlier(cells: Cells, released: Sequence[Subject]) -> npt.NDArray[np.bool_]:
    """Which cells the newest of the released tables that shows them suppressed.

    Cells are the same where all columns that both tables have say the same, but for time.
    """
    result = np.zeros(len(cells), dtype=bool)
    for subject in released:
        other = cells_of(subject, Role.COUNT)
        if other is None:
            continue
        times = set(subject.known.columns(Role.TIME))
        known = {d.name for d in cells.dimensions} & {d.name for d in other.dimensions}
        shared = sorted(known - times)
        if not shared:
            continue
        hidden = dict(zip(_keys(other, shared), other.withheld.tolist(), strict=True))
        for cell, key in enumerate(_keys(cells, shared)):
            result[cell] = hidden.get(key, bool(result[cell]))
    return result


def _keys(cells: Cells, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Value column and codes of each cell in some dimensions, however they are written."""
    by_name = {dimension.name: dimension for dimension in cells.dimensions}
    columns: list[Sequence[str]] = [cells.columns]
    for name in names:
        dimension = by_name[name]
        codes: list[int] = dimension.codes.tolist()
        columns.append([normal(dimension.labels[code]) for code in codes])
    return zip(*columns, strict=True)


def _solved(built: Built, cells: Cells, subject: Subject) -> Pattern:
    try:
        return suppress(built.problem, limits_of(subject.policy))
    except Unsolvable as error:
        place = [int(built.order[cell]) for cell in error.cells if cell < len(cells)]
        rows = tuple(sorted({int(cells.rows[position]) for position in place}))
        raise NotProtectedError(
            Message("Even with all cells suppressed, sums would narrow some of them too far."),
            Message("Merge categories, or leave the totals out."),
            rows=rows,
        ) from error


def limits_of(policy: Policy) -> Limits:
    """How far a policy lets the search go."""
    rules = policy.protection
    return Limits(rules.exact_cells, rules.exact_rounds, rules.exact_nodes)


def candidate_of(subject: Subject, built: Built, pattern: Pattern, cells: Cells) -> Candidate:
    """The table with marks where a pattern of its problem suppresses cells."""
    hidden = np.zeros(len(cells), dtype=bool)
    hidden[built.order] = pattern.suppressed[: len(cells)]
    marked = places(cells, hidden & ~cells.withheld)
    names = sorted(str(method) for method in pattern.methods)
    policy = subject.policy
    return Candidate(
        with_marks(subject, marked),
        Method.SUPPRESS,
        {
            "minimum": policy.frequency.minimum,
            "minimum_width": policy.suppression.minimum_width,
            "margin_weight": policy.protection.margin_weight,
        },
        marked,
        notes={
            "before": int(cells.withheld.sum()),
            "primary": built.small,
            "secondary": len(marked) - built.small,
            **{f"blocks_{name}": names.count(name) for name in dict.fromkeys(names)},
        },
    )

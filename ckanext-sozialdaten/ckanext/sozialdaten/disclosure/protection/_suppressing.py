"""Candidates that suppress small counts, and as few further cells as it takes to keep them open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._joining import solved
from ckanext.sozialdaten.disclosure.protection._magnitudes import Hidden, hide_magnitudes
from ckanext.sozialdaten.disclosure.protection._noisy import counts_of
from ckanext.sozialdaten.disclosure.protection._rates import as_counts, rates_hidden
from ckanext.sozialdaten.disclosure.protection._writing import places, with_marks
from ckanext.sozialdaten.disclosure.rules.group_disclosure import telling_zeros
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, cells_of
from ckanext.sozialdaten.disclosure.suppression import Wanted
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Counted", "candidate_of", "earlier", "suppress_candidate", "wanted_of", "wider"]


def suppress_candidate(
    subject: Subject,
    released: Sequence[Subject] = (),
    *,
    demands: Demands | None = None,
    seen: Sequence[Relation] = (),
    weak: Sequence[tuple[int, str]] = (),
    absent: bool = False,
) -> Candidate:
    """The table with marks in place of as few cells as possible.

    Args:
        subject: the table with its margins.
        released: tables that are public already, the newest last: what the newest of them
            suppresses is suppressed rather than other cells, so that periods do not open each
            other.
        demands: what is asked of its magnitudes; None: nothing.
        seen: sums that an earlier copy suggested although the table does not confirm them.
        weak: row and column of cells that the attack narrowed too far in an earlier copy, as often
            as it did: each time more is asked of their width.
        absent: whether combinations that the table leaves out may hold somebody.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
        NotSupportedError: there is nothing to suppress.
    """
    asked = demands or Demands({})
    hidden = hide_magnitudes([subject], [asked], [weak], absent=absent)[0]
    if asked.any and not _counted(subject):
        return candidate_of(subject, asked, hidden)
    counting = as_counts(subject)
    cells, found = counts_of(counting)
    news = [relation for relation in seen if relation not in found]
    before = earlier(cells, released)
    wanted = wanted_of(cells, counting, hidden)
    small = int(wanted.primary.sum())
    wanted = wider(wanted, cells, weak)
    pattern, methods = solved(
        [counting], [cells], [[*found, *news]], [wanted], Role.COUNT, [before], absent=absent
    )[0]
    return candidate_of(subject, asked, hidden, Counted(cells, pattern, small, methods))


def _counted(subject: Subject) -> bool:
    return subject.measures is not None and bool(subject.measures.of(Role.COUNT))


def wanted_of(cells: Cells, subject: Subject, hidden: Hidden) -> Wanted:
    """What is asked of counts, beside those that are hidden with a magnitude.

    Where everybody of a group is in one category, the zeros beside it tell so and are hidden, too.
    """
    wanted = Wanted.of_counts(cells, subject.policy)
    amounts = subject.measures is not None and bool(subject.measures.of(Role.MAGNITUDE))
    zeros = [] if amounts else sorted(telling_zeros(subject, cells))  # no amount tells of nobody
    if zeros:
        primary, width = wanted.primary.copy(), wanted.width.copy()
        primary[zeros], width[zeros] = True, wanted.open_width
        wanted = replace(wanted, primary=primary, width=width)
    if not hidden.spots:
        return wanted
    also = np.array(
        [(int(r), c) in hidden.spots for r, c in zip(cells.rows, cells.columns, strict=True)],
        dtype=np.bool_,
    )
    return replace(wanted, also=also)


def wider(wanted: Wanted, cells: Cells, weak: Sequence[tuple[int, str]]) -> Wanted:
    """More is asked of the width of counts that the attack narrowed too far."""
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


@dataclass(frozen=True, slots=True)
class Counted:
    """What is hidden of the counts of a table.

    Args:
        cells: the counts.
        pattern: which of them are hidden.
        small: how many are below the minimum frequency.
        methods: how the blocks of connected sums were solved.
    """

    cells: Cells
    pattern: npt.NDArray[np.bool_]
    small: int
    methods: tuple[str, ...]


def candidate_of(
    subject: Subject, demands: Demands, hidden: Hidden, counted: Counted | None = None
) -> Candidate:
    """The table with marks in place of what is hidden."""
    policy, spots = subject.policy, set(hidden.spots)
    names = list(hidden.methods)
    primary, before = hidden.primary, 0
    if counted is not None:
        cells = counted.cells
        spots.update(places(cells, counted.pattern & ~cells.withheld))
        names += counted.methods
        primary, before = primary + counted.small, int(cells.withheld.sum())
    parameters: dict[str, float | str] = {
        "minimum": policy.frequency.minimum,
        "minimum_width": policy.suppression.minimum_width,
        "margin_weight": policy.protection.margin_weight,
    }
    if demands.any:
        parameters["minimum_width_percent"] = policy.suppression.minimum_width_percent
    if demands.private:
        parameters["left_out"] = ", ".join(demands.private)
    if counted is not None:
        spots |= rates_hidden(subject, sorted(spots))
    marked = tuple(sorted(spots))
    names.sort()
    return Candidate(
        with_marks(subject, marked),
        Method.SUPPRESS,
        parameters,
        marked,
        notes={
            "before": before,
            "primary": primary,
            "secondary": len(marked) - primary,
            **{f"blocks_{name}": names.count(name) for name in dict.fromkeys(names)},
        },
    )

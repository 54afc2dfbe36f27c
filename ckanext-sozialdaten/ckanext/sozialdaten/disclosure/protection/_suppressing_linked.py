"""Tables that share cells, suppressed together: what one hides the others do not show."""

from collections.abc import Sequence

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate
from ckanext.sozialdaten.disclosure.protection._joining import solved
from ckanext.sozialdaten.disclosure.protection._magnitudes import hide_magnitudes
from ckanext.sozialdaten.disclosure.protection._noisy import counts_of
from ckanext.sozialdaten.disclosure.protection._rates import as_counts
from ckanext.sozialdaten.disclosure.protection._suppressing import (
    Counted,
    candidate_of,
    wanted_of,
    wider,
)
from ckanext.sozialdaten.disclosure.protection._writing import Spot
from ckanext.sozialdaten.disclosure.structure import Relation
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["suppress_tables"]


def suppress_tables(
    subjects: Sequence[Subject],
    demands: Sequence[Demands] = (),
    weak: Sequence[Sequence[Spot]] = (),
    seen: Sequence[Sequence[Relation]] = (),
    *,
    absent: bool = False,
) -> tuple[Candidate, ...]:
    """A candidate for each of some tables that share cells.

    Args:
        subjects: the tables with their margins, under one policy.
        demands: what is asked of the magnitudes of each; nothing where left out.
        weak: for each table the cells that the attack narrowed too far, as often as it did.
        seen: for each table the sums that an earlier copy suggested.
        absent: whether combinations that the tables leave out may hold somebody.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
        NotSupportedError: a table has neither counts nor unsafe magnitudes.
    """
    asked = list(demands) or [Demands({})] * len(subjects)
    hidden = hide_magnitudes(subjects, asked, weak, absent=absent)
    counting = [as_counts(subject) for subject in subjects]
    tables = {
        place: counts_of(counting[place])
        for place, subject in enumerate(subjects)
        if not asked[place].any or (subject.measures and subject.measures.of(Role.COUNT))
    }
    small = {
        place: wanted_of(cells, counting[place], hidden[place])
        for place, (cells, _) in tables.items()
    }
    wanted = [
        wider(small[place], cells, weak[place] if weak else ())
        for place, (cells, _) in tables.items()
    ]
    patterns = (
        solved(
            [counting[place] for place in tables],
            [cells for cells, _ in tables.values()],
            [
                [*found, *(r for r in (seen[place] if seen else ()) if r not in found)]
                for place, (_, found) in tables.items()
            ],
            wanted,
            Role.COUNT,
            absent=absent,
        )
        if tables
        else []
    )
    counted = {
        place: Counted(tables[place][0], pattern, int(small[place].primary.sum()), methods)
        for place, (pattern, methods) in zip(tables, patterns, strict=True)
    }
    return tuple(
        candidate_of(subject, asked[place], hidden[place], counted.get(place))
        for place, subject in enumerate(subjects)
    )

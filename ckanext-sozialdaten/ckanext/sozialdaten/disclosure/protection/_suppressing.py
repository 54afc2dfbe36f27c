"""Candidates that suppress small counts, and as few further cells as it takes to keep them open."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._noisy import counts_of
from ckanext.sozialdaten.disclosure.protection._writing import places, with_marks
from ckanext.sozialdaten.disclosure.structure import Cells, Relation
from ckanext.sozialdaten.disclosure.suppression import (
    Built,
    Limits,
    Pattern,
    Unsolvable,
    build,
    suppress,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["suppress_candidate"]


def suppress_candidate(
    subject: Subject, released: Sequence[Subject] = (), *, seen: Sequence[Relation] = ()
) -> Candidate:
    """The table with marks in place of as few counts as possible.

    Args:
        subject: the table with its margins.
        released: tables that are public already.
        seen: sums that an earlier copy suggested although the table does not confirm them.

    Raises:
        NotProtectedError: no pattern keeps all small counts open.
        NotSupportedError: there are no counts.
    """
    del released  # the same figures give the same pattern
    cells, found = counts_of(subject)
    news = [relation for relation in seen if relation not in found]
    built = build(cells, [*found, *news], subject.policy)
    if built is None:
        raise NotProtectedError(
            Message("The sums around cells that are suppressed already contradict each other."),
            Message("Protect the complete table."),
        )
    pattern = _solved(built, cells, subject)
    hidden = np.zeros(len(cells), dtype=bool)
    hidden[built.order] = pattern.suppressed[: len(cells)]
    return _candidate(subject, built, pattern, cells, hidden & ~cells.withheld)


def _solved(built: Built, cells: Cells, subject: Subject) -> Pattern:
    rules = subject.policy.protection
    limits = Limits(rules.exact_cells, rules.exact_rounds, rules.exact_nodes)
    try:
        return suppress(built.problem, limits)
    except Unsolvable as error:
        place = [int(built.order[cell]) for cell in error.cells if cell < len(cells)]
        rows = tuple(sorted({int(cells.rows[position]) for position in place}))
        raise NotProtectedError(
            Message("Even with all cells suppressed, sums would narrow some of them too far."),
            Message("Merge categories, or leave the totals out."),
            rows=rows,
        ) from error


def _candidate(
    subject: Subject,
    built: Built,
    pattern: Pattern,
    cells: Cells,
    changed: npt.NDArray[np.bool_],
) -> Candidate:
    marked = places(cells, changed)
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

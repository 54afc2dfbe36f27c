"""Local suppression: single cells of the few rows that recoding has not helped are blanked.

A blank cell is a value of its own, as in the check: rows whose cells are blank in the same columns
and alike in all others form a group. Which columns are blanked for which rows is a weighted set
cover over patterns of columns (Chvatal's greedy method 1979): the pattern with the fewest cells
for each row it saves comes first, and among those the one that saves most rows.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ckanext.sozialdaten.disclosure.protection.recoding._criteria import (
    Bools,
    Criteria,
    Sensitive,
    judge,
    rolled,
    sensitive_of,
)
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Ints
from ckanext.sozialdaten.disclosure.protection.recoding._lattice import grouped

__all__ = ["Blanks", "blank", "settle"]

_MAX_PATTERNS = 1_024


@dataclass(frozen=True, slots=True)
class Blanks:
    """What is blanked and what is left out.

    Args:
        cells: for each row and column whether it is blank.
        left_out: rows that no pattern saves.
    """

    cells: Bools
    left_out: Bools


def _patterns(columns: int) -> Iterator[tuple[int, ...]]:
    """Columns to blank together, few first, up to half of them: what is emptier is no row."""
    sizes = (itertools.combinations(range(columns), size) for size in range(1, columns // 2 + 1))
    return itertools.islice(itertools.chain.from_iterable(sizes), _MAX_PATTERNS)


def blank(
    codes: Sequence[Ints], failing: Bools, sensitive: Sequence[Sensitive], criteria: Criteria
) -> Blanks:
    """Blank as few cells of failing rows as it takes, and leave out those that nothing saves.

    Args:
        codes: for each column the code of each row.
        failing: rows in groups that fail.
        sensitive: sensitive columns, over the same rows.
        criteria: what groups must fulfil.
    """
    cells = np.zeros((len(failing), len(codes)), dtype=bool)
    if not codes:
        return Blanks(cells, failing.copy())
    rest = np.flatnonzero(failing)
    parts = [_taken(column, rest) for column in sensitive]
    own = [column[rest] for column in codes]
    open_rows = np.ones(len(rest), dtype=bool)

    def saved(pattern: tuple[int, ...]) -> Ints:
        chosen = np.flatnonzero(open_rows)
        columns = [own[i][chosen] for i in range(len(own)) if i not in pattern]
        classes = np.full(len(rest), -1, dtype=np.int64)
        classes[chosen] = grouped(columns, len(chosen))
        return chosen[~_failing(classes, parts, criteria)[chosen]]

    for pattern, rows in _greedy(len(codes), saved, open_rows):
        cells[np.ix_(rest[rows], np.array(pattern, dtype=np.int64))] = True
    left_out = np.zeros(len(failing), dtype=bool)
    left_out[rest[open_rows]] = True
    return Blanks(cells, left_out)


def _greedy(
    columns: int, saved: Callable[[tuple[int, ...]], Ints], open_rows: Bools
) -> Iterator[tuple[tuple[int, ...], Ints]]:
    """Patterns with the rows that they save, best first; what a pattern saves only shrinks."""
    heap = [(len(p), -len(open_rows), p) for p in _patterns(columns)]
    heapq.heapify(heap)
    while heap and open_rows.any():
        size, _, pattern = heapq.heappop(heap)
        rows = saved(pattern)
        if not len(rows):
            continue
        entry = (size, -len(rows), pattern)
        if heap and entry > heap[0]:
            heapq.heappush(heap, entry)
            continue
        open_rows[rows] = False
        yield pattern, rows


def _failing(classes: Ints, sensitive: Sequence[Sensitive], criteria: Criteria) -> Bools:
    """Rows in groups that fail, given the group of each row; -1: in none."""
    kept = classes >= 0
    parts = [rolled(column, classes) for column in sensitive]
    bad = judge(np.bincount(classes[kept]), parts, criteria).failing
    result = np.zeros(len(classes), dtype=bool)
    result[kept] = bad[classes[kept]]
    return result


def _taken(column: Sensitive, rows: Ints) -> Sensitive:
    """A sensitive column, given row by row, for some rows."""
    values = np.zeros(int(column.base.max(initial=-1)) + 1, dtype=np.int64)
    values[column.base] = column.value
    return sensitive_of(
        column.name,
        np.arange(len(rows), dtype=np.int64),
        values[rows],
        ordered=column.ordered,
        persons=column.persons,
    )


def settle(
    codes: Sequence[Ints], blanks: Blanks, sensitive: Sequence[Sensitive], criteria: Criteria
) -> Blanks:
    """The same without the rows whose groups fail after all; nothing fails in the result."""
    left_out = blanks.left_out.copy()
    columns = [np.where(blanks.cells[:, i], 0, code + 1) for i, code in enumerate(codes)]
    while not left_out.all():
        kept = np.flatnonzero(~left_out)
        classes = np.full(len(left_out), -1, dtype=np.int64)
        classes[kept] = grouped([column[kept] for column in columns], len(kept))
        bad = _failing(classes, sensitive, criteria)
        if not bad.any():
            break
        left_out |= bad
    return Blanks(blanks.cells & ~left_out[:, None], left_out)

"""Which cells of tables of magnitudes to hide: unsafe ones, and others that keep these open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.errors import NotProtectedError
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.protection._joining import solved
from ckanext.sozialdaten.disclosure.protection._writing import Spot
from ckanext.sozialdaten.disclosure.structure import Cells, Relation, cells_of, groups, relations
from ckanext.sozialdaten.disclosure.suppression import Wanted
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Hidden", "bare", "hide_magnitudes"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_WIDER = 1.5
# Columns say the same where most rows agree as closely as figures are printed; one or two may not.
_EVIDENCE, _PRINTED, _MOST = 5, 0.006, 0.95


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden of one table.

    Args:
        spots: row and column of each cell that is hidden now.
        primary: how many of them are unsafe by themselves.
        methods: how the blocks of connected sums were solved.
    """

    spots: frozenset[Spot] = field(default_factory=frozenset[Spot])
    primary: int = 0
    methods: tuple[str, ...] = ()


def bare(subject: Subject, demands: Demands) -> Subject:
    """The table without columns that tell of single contributors, its values as magnitudes."""
    table, guesses = subject.sheet.table, subject.known.guesses
    roles = {name: guess.role for name, guess in guesses.items()}
    roles.update(dict.fromkeys(demands.values, Role.MAGNITUDE))
    roles.update(dict.fromkeys(demands.numbers, Role.COUNT))
    left = [name for name in table.column_names if name not in demands.private]
    if len(left) == table.num_columns and all(
        roles[name] is guesses[name].role for name in (*demands.values, *demands.numbers)
    ):
        return subject
    said = {name: role for name, role in roles.items() if role is not None and name in left}
    sheet = replace(subject.sheet, table=table.select(left))
    again = prepare(sheet, said, subject.policy, subject.engine, hierarchies=subject.hierarchies)
    return replace(again, published_as=subject.published_as)


def hide_magnitudes(
    subjects: Sequence[Subject],
    demands: Sequence[Demands],
    weak: Sequence[Sequence[Spot]] = (),
    *,
    absent: bool = False,
) -> list[Hidden]:
    """What to hide of some tables that are published together.

    Args:
        subjects: the tables without private columns.
        demands: what is asked of each.
        weak: for each table the cells that the attack narrowed too far, as often as it did.
        absent: whether combinations that the tables leave out may hold something.

    Raises:
        NotProtectedError: no pattern keeps all unsafe cells open.
    """
    found = [
        _Values.of(subject, asked, known)
        for subject, asked, known in zip(
            subjects, demands, weak or [()] * len(subjects), strict=True
        )
    ]
    values = [one for one in found if one is not None and one.wanted.primary.any()]
    patterns = iter(
        solved(
            [one.subject for one in values],
            [one.cells for one in values],
            [one.relations for one in values],
            [one.wanted for one in values],
            Role.MAGNITUDE,
            absent=absent,
        )
        if values
        else ()
    )
    result: list[Hidden] = []
    for one, asked in zip(found, demands, strict=True):
        if one is None or not one.wanted.primary.any():
            result.append(Hidden())
            continue
        hidden, methods = next(patterns)
        spots = one.spots(hidden & ~one.cells.withheld)
        spots |= _companions(one.subject, asked, {row for row, _ in spots})
        result.append(Hidden(frozenset(spots), int(one.wanted.primary.sum()), methods))
    return result


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a table and what is asked of them."""

    subject: Subject
    cells: Cells
    relations: list[Relation]
    wanted: Wanted
    twins: Mapping[str, tuple[str, float]]

    @classmethod
    def of(cls, subject: Subject, demands: Demands, weak: Sequence[Spot]) -> "_Values | None":
        if not any(one.primary.any() for one in demands.columns.values()):
            return None
        cells = cells_of(subject, Role.MAGNITUDE)
        if cells is None:
            raise NotProtectedError(
                Message("Nothing names the rows of this table uniquely."),
                Message("Name the dimensions in a layout or with --roles, one row for each cell."),
            )
        twins = _twins(cells)
        if twins:
            cells = cells.where(np.array([c not in twins for c in cells.columns], dtype=np.bool_))
        found = relations(cells, subject.policy.frequency.total_share)
        asked = _with_twins(demands, twins)
        wanted = _wanted(cells, asked, _play(cells, found), subject.policy)
        again = [(row, twins[name][0] if name in twins else name) for row, name in weak]
        return cls(subject, cells, found, _wider(wanted, cells, again), twins)

    def spots(self, chosen: Bools) -> set[Spot]:
        """Row and column of chosen cells, and of those in columns that say the same."""
        places = np.flatnonzero(chosen).tolist()
        spots = {(int(self.cells.rows[place]), self.cells.columns[place]) for place in places}
        same = [(two, one) for two, (one, _) in self.twins.items()]
        return spots | {(row, two) for row, name in spots for two, one in same if one == name}


def _twins(cells: Cells) -> dict[str, tuple[str, float]]:
    """Columns that say the same as an earlier one, in other units, without signs or rounded.

    Whoever sees one of them knows the other one: they are hidden in the same rows.

    Returns:
        For each such column the earlier one, and what one unit of this is in the column.
    """
    columns = np.array(cells.columns, dtype=object)
    names = list(dict.fromkeys(cells.columns))
    shown: dict[str, dict[int, float]] = {}
    for name in names:
        rows: list[int] = cells.rows[columns == name].tolist()
        values: list[float] = cells.values[columns == name].tolist()
        shown[name] = dict(zip(rows, values, strict=True))
    found: dict[str, tuple[str, float]] = {}
    for place, two in enumerate(names):
        for one in names[:place]:
            factor = 0.0 if one in found else _factor(shown[one], shown[two])
            if factor:
                found[two] = one, factor
                break
    return found


def _factor(one: Mapping[int, float], two: Mapping[int, float]) -> float:
    """What amounts by row are multiplied with in another column; 0 if there is no such number."""
    rows = [row for row in one if row in two]
    first, second = (np.abs(np.array([each[row] for row in rows])) for each in (one, two))
    known = (first > 0) & (second > 0)
    if known.sum() < _EVIDENCE:
        return 0.0
    first, second = first[known], second[known]
    factor = float(np.median(second / first))
    fits = np.abs(second - factor * first) <= _PRINTED * second
    return factor if fits.mean() >= _MOST else 0.0


def _with_twins(demands: Demands, twins: Mapping[str, tuple[str, float]]) -> Demands:
    """The strictest of what is asked of columns that say the same."""
    columns = dict(demands.columns)
    for two, (one, factor) in twins.items():
        if two in columns and one in columns:
            asked, more = columns[one], columns[two]
            columns[one] = replace(
                asked,
                primary=asked.primary | more.primary,
                levels=np.maximum(asked.levels, more.levels / factor),
            )
    return replace(demands, columns=columns)


def _wanted(cells: Cells, demands: Demands, play: float, policy: Policy) -> Wanted:
    primary, levels = np.zeros(len(cells), dtype=np.bool_), np.zeros(len(cells))
    columns = np.array(cells.columns, dtype=object)
    for column, asked in demands.columns.items():
        chosen = columns == column
        primary[chosen] = asked.primary[cells.rows[chosen]]
        levels[chosen] = asked.levels[cells.rows[chosen]]
    return Wanted.of_magnitudes(cells, primary, levels, play, policy)


def _wider(wanted: Wanted, cells: Cells, weak: Sequence[Spot]) -> Wanted:
    """More is asked of cells that the attack narrowed too far all the same."""
    place: Mapping[Spot, int] = {
        (int(row), column): cell
        for cell, (row, column) in enumerate(zip(cells.rows, cells.columns, strict=True))
    }
    again = [place[spot] for spot in weak if spot in place]
    if not again or wanted.open is None:
        return wanted
    up, down, width, least = (
        one.copy() for one in (wanted.up, wanted.down, wanted.width, wanted.open)
    )
    for cell in again:
        for asked in (up, down, width, least):
            asked[cell] *= _WIDER
    down = np.minimum(down, np.abs(np.nan_to_num(cells.values)))
    return replace(wanted, up=up, down=down, width=width, open=least)


def _play(cells: Cells, found: Sequence[Relation]) -> float:
    """By how much rounded values miss the sums that they are taken to fulfil."""
    gaps = [
        abs(float(cells.values[group.total] - cells.values[list(group.parts)].sum()))
        for relation in found
        if relation.exact
        for group in groups(cells, relation)
    ]
    known = [gap for gap in gaps if np.isfinite(gap)]
    return 2 * max(known, default=0.0)


def _companions(subject: Subject, demands: Demands, rows: set[int]) -> set[Spot]:
    """Rates, means and numbers of contributors in the rows of hidden values."""
    measures = subject.measures
    if measures is None:
        return set()
    columns = [*measures.of(Role.RATE), *(n for n in demands.numbers if n in measures.columns)]
    shown = {column: measures.shown(column) for column in columns}
    return {(row, column) for column in columns for row in rows if np.isfinite(shown[column][row])}

"""Which magnitudes of a table may not be published, and how far open each of them must stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._parameters import Dominance, Zeros
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes._contributors import Contributors
from ckanext.sozialdaten.disclosure.magnitudes._stated import Stated, stated, unsafe_by_status
from ckanext.sozialdaten.disclosure.magnitudes._verdicts import Verdict, verdicts
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Demand", "Demands", "demands_of"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of one value column, by row.

    Args:
        values: the true values, NaN where nobody knows them.
        primary: cells that must be suppressed.
        levels: how far above and below its value each of these must be able to lie (UPL and LPL).
    """

    values: Floats
    primary: Flags
    levels: Floats

    def required(self, row: int) -> tuple[float, float] | None:
        """The values that an attacker must deem possible for a cell; None: nobody knows it."""
        value, level = float(self.values[row]), float(self.levels[row])
        if not np.isfinite(value):
            return None
        if not self.primary[row]:
            return value, value
        return max(value - level, min(value, 0.0)), value + level


@dataclass(frozen=True, slots=True)
class Demands:
    """What is asked of a table of magnitudes.

    Args:
        columns: by value column.
        private: columns that tell of single contributors: no copy may have them.
        numbers: columns that count contributors; hidden where a value is.
        values: all columns of values.
    """

    columns: Mapping[str, Demand]
    private: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything must be suppressed or left out."""
        return bool(self.private) or any(one.primary.any() for one in self.columns.values())


def demands_of(subject: Subject, contributors: Contributors | None = None) -> Demands:
    """What the policy asks of the magnitudes of a table.

    Cells are unsafe by the rules on contributors: those behind the table if they are given, else
    those that columns of the table state, or by a column of statuses. The levels are those of the
    rule that a cell breaks (Hundepool et al. 2012, table 4.2); where it has none, as that of few
    contributors, or the table states too little to compute it, they are
    ``suppression.minimum_width_percent`` of the value.

    Raises:
        NotSupportedError: nothing tells which contributors stand behind which cell.
    """
    measures, rules = subject.measures, subject.policy.dominance
    if measures is None or subject.known.person_level:
        return Demands({})
    said = stated(subject)
    columns = said.values if said else tuple(measures.of(Role.MAGNITUDE))
    behind: dict[str, Verdict] = {}
    if contributors is not None and rules.check:
        behind = {one.column: one for one in verdicts(subject, contributors)}
    found: dict[str, Demand] = {}
    for column in columns:
        one = _by_contributors(subject, behind[column]) if column in behind else None
        if said:
            one = _strictest(one, _by_columns(subject, said, column))
        if one is not None:
            found[column] = one
    if said is None:
        return Demands(found, values=columns)
    return Demands(found, said.private, said.numbers, columns)


def _least(subject: Subject, values: Floats) -> Floats:
    """The level where no rule states one: nobody contributes anything to 0."""
    share = subject.policy.suppression.minimum_width_percent / 100
    level = np.abs(np.nan_to_num(values)) * share
    protected = subject.policy.frequency.zeros is Zeros.PROTECT
    return np.where(level > 0, level, min(1.0, _smallest(values) * share) * protected)


def _smallest(values: Floats) -> float:
    """The smallest amount but 0."""
    amounts = np.abs(values[np.isfinite(values) & (values != 0)])
    return float(amounts.min(initial=np.inf)) if len(amounts) else 1.0


def _by_contributors(subject: Subject, one: Verdict) -> Demand:
    rows = subject.sheet.table.num_rows
    values, levels = np.full(rows, np.nan), np.zeros(rows)
    primary = np.zeros(rows, dtype=np.bool_)
    sums = one.judged[0].totals[one.groups]
    values[one.rows] = np.where(np.isfinite(one.values), one.values, sums)
    for verdict in one.judged:
        primary[one.rows] |= verdict.unsafe[one.groups]
        levels[one.rows] = np.maximum(levels[one.rows], verdict.levels[one.groups])
    levels = np.where(levels > 0, levels, _least(subject, values))
    return Demand(values, primary, levels)


def _by_columns(subject: Subject, said: Stated, column: str) -> Demand:
    measures, rules = subject.measures, subject.policy.dominance
    assert measures is not None  # noqa: S101  the caller has looked
    values = measures.shown(column)
    size = len(values)
    primary, levels = np.zeros(size, dtype=np.bool_), np.zeros(size)
    for name in said.statuses:
        texts = [str(cell) for cell in subject.sheet.table.column(name).to_pylist()]
        primary |= unsafe_by_status(texts)
    if rules.check:
        for name in said.numbers:
            behind = measures.shown(name)
            primary |= (behind > 0) & (behind < rules.contributors)
        if column in said.largest:
            names = (said.largest[column], said.second.get(column))
            largest = [np.nan_to_num(measures.shown(name)) for name in names if name]
            broken, levels = _dominated(np.nan_to_num(values), largest, rules)
            primary |= broken
    levels = np.where(levels > 0, levels, _least(subject, values))
    return Demand(values, primary & np.isfinite(values), levels)


def _dominated(totals: Floats, largest: Sequence[Floats], rules: Dominance) -> tuple[Flags, Floats]:
    """Cells that break a rule for certain, and their levels where the rule needs no more to tell.

    Args:
        totals: the values.
        largest: the largest contributions, or the two largest.
        rules: the numbers.
    """
    slack = _SLACK * np.maximum(1.0, np.abs(totals))
    first = largest[0]
    both = first + largest[1] if len(largest) > 1 else first
    broken, levels = np.zeros(len(totals), dtype=np.bool_), np.zeros(len(totals))
    top = first if rules.n == 1 else both
    parts = (
        (rules.n and rules.k_percent, rules.n, top * 100 / (rules.k_percent or 1) - totals),
        (
            rules.p_percent and rules.q_percent,
            2,
            first * rules.p_percent / (rules.q_percent or 1) - (totals - both),
        ),
    )
    for used, needed, level in parts:
        if used:
            broken |= level > slack
            levels = np.maximum(levels, level if needed <= len(largest) else 0.0)
    return broken, np.where(broken, levels, 0.0)


def _strictest(one: Demand | None, two: Demand) -> Demand:
    if one is None:
        return two
    return Demand(
        np.where(np.isfinite(one.values), one.values, two.values),
        one.primary | two.primary,
        np.maximum(
            np.where(one.primary, one.levels, 0.0),
            np.where(two.primary, two.levels, 0.0),
        ),
    )

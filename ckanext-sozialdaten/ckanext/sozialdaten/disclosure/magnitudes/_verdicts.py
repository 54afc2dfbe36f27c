"""What the rows behind a table say of each of its value columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import normal
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes._contributors import Contributors
from ckanext.sozialdaten.disclosure.magnitudes._match import Matched, match
from ckanext.sozialdaten.disclosure.magnitudes._sensitivity import (
    Contributions,
    Sensitivity,
    sensitivity,
)
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Verdict", "verdicts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_FITS = 0.8
_TOLERANCE = 0.006


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one value column.

    Args:
        column: its name.
        rows: row of each of its cells.
        values: what it publishes there, NaN where suppressed.
        groups: group of contributors of each cell.
        judged: what it sums up or averages, by group; two for the ratio of two of them.
    """

    column: str
    rows: Ints
    values: Floats
    groups: Ints
    judged: tuple[Sensitivity, ...]


def verdicts(subject: Subject, contributors: Contributors) -> Iterator[Verdict]:
    """The verdict on each value column that shows sums, means or ratios of contributions.

    Raises:
        NotSupportedError: nothing tells which contributors stand behind which cell.
    """
    if subject.measures is None:
        return
    found = match(subject, contributors)
    size = int(found.groups.max()) + 1 if len(found.groups) else 0
    known = {
        name: sensitivity(_contributions(found, contributors, name), size, subject.policy.dominance)
        for name in contributors.values
    }
    for column, role in subject.measures.columns.items():
        chosen = np.asarray([name == column for name in found.columns])
        values, groups = found.values[chosen], found.groups[chosen]
        judged = tuple(_judged(column, role, values, groups, known))
        if judged:
            yield Verdict(column, found.rows[chosen], values, groups, judged)


def _contributions(found: Matched, contributors: Contributors, name: str) -> Contributions:
    groups, rows = found.members
    values = contributors.values[name][rows]
    known = np.isfinite(values)
    rows = rows[known]
    return Contributions(
        groups[known], contributors.holders[rows], values[known], contributors.weights[rows]
    )


def _fit(published: Floats, expected: Floats) -> float:
    """Share of published values that are what the contributors give, up to rounding."""
    comparable = np.isfinite(published) & np.isfinite(expected) & (published != 0)
    if not comparable.any():
        return 0.0
    given, wanted = published[comparable], expected[comparable]
    return float((np.abs(given - wanted) <= _TOLERANCE * np.maximum(1.0, np.abs(given))).mean())


def _judged(
    column: str,
    role: Role,
    published: Floats,
    groups: Ints,
    known: Mapping[str, Sensitivity],
) -> list[Sensitivity]:
    """The values that a column sums up or averages; two for the ratio of two of them."""
    for name, verdict in known.items():
        number = np.maximum(verdict.units, 1e-300)
        sums = verdict.totals[groups]
        means = np.where(verdict.units[groups] > 0, sums / number[groups], np.nan)
        if max(_fit(published, sums), _fit(published, means)) >= _FITS:
            return [verdict]
        if normal(name) == normal(column):
            return [verdict]
    for one in known.values():
        for two in known.values():
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = one.totals[groups] / two.totals[groups]
            if one is not two and any(
                _fit(published, ratio * factor) >= _FITS for factor in (1, 100, 1000)
            ):
                return [one, two]
    counted = any(_fit(published, one.units[groups]) >= _FITS for one in known.values())
    return [] if role is Role.COUNT or counted else list(known.values())

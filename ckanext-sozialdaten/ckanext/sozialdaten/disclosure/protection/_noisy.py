"""Candidates that change counts a little: rounded tables, and those of the Cell Key Method."""

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.errors import NotProtectedError, NotSupportedError
from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method
from ckanext.sozialdaten.disclosure.protection._ptable import table as perturbation_table
from ckanext.sozialdaten.disclosure.protection._rates import rates_renewed
from ckanext.sozialdaten.disclosure.protection._rounding import (
    Rounded,
    round_everywhere,
    round_small,
)
from ckanext.sozialdaten.disclosure.protection._rounding_linked import round_linked
from ckanext.sozialdaten.disclosure.protection._secret import Secret
from ckanext.sozialdaten.disclosure.protection._sums import Sums, sums_of
from ckanext.sozialdaten.disclosure.protection._witness import fitting_tables
from ckanext.sozialdaten.disclosure.protection._writing import with_values
from ckanext.sozialdaten.disclosure.structure import (
    Cells,
    Noise,
    Precision,
    Relation,
    cells_of,
    relations,
)
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["cell_key_candidate", "counts_of", "round_candidate"]

Floats = npt.NDArray[np.float64]
_EXACT_CELLS = 20_000
_PASSES = 30
_WITNESSES = 40
_WHOLE = 1e-6
_LEAVE_OUT = Message("Leave these columns out, or suppress cells instead.")


def counts_of(subject: Subject) -> tuple[Cells, list[Relation]]:
    """The counts of a table and their sums.

    Raises:
        NotSupportedError: there are no counts.
        NotProtectedError: nothing names the rows uniquely.
    """
    measures = subject.measures
    if measures is None or not measures.of(Role.COUNT):
        raise NotSupportedError(
            Message("This table has no counts."), Message("Name them with --roles column=count.")
        )
    cells = cells_of(subject, Role.COUNT)
    if cells is None:
        raise NotProtectedError(
            Message("Nothing names the rows of this table uniquely."),
            Message("Name the dimensions in a layout or with --roles, one row for each cell."),
        )
    return cells, relations(cells, subject.policy.frequency.total_share)


def _changeable(subject: Subject) -> tuple[Cells, Sums]:
    """The counts, if nothing beside them tells what they were; rates follow them.

    Raises:
        NotProtectedError: sums of the true counts stand beside them.
    """
    cells, found = counts_of(subject)
    beside = subject.measures.of(Role.MAGNITUDE) if subject.measures else []
    if beside:
        raise NotProtectedError(
            Message(
                "The columns {names} come from the true counts and tell them.",
                {"names": ", ".join(beside)},
            ),
            _LEAVE_OUT,
        )
    if bool((cells.values[~cells.withheld] < 0).any()):
        raise NotProtectedError(Message("A column of counts holds numbers below 0."), _LEAVE_OUT)
    return cells, sums_of(cells, found)


def round_candidate(
    subject: Subject, base: int | None = None, *, everywhere: bool = False
) -> Candidate:
    """The table with rounded counts, in which all its sums hold.

    Args:
        subject: the table.
        base: of rounding; None: as the policy says.
        everywhere: whether all counts become multiples of the base, or only the small ones of the
            finest level 0 or the base.

    Raises:
        NotProtectedError: no rounded table exists, or other columns tell the true counts.
        NotSupportedError: the table has no counts, or the base is below 2.
    """
    size = base or subject.policy.protection.rounding_base
    if size < 2:
        raise NotSupportedError(
            Message("The base of rounding must be at least 2."), Message("Give it with --base.")
        )
    cells, sums = _changeable(subject)
    rounded = _everywhere(subject, sums, size) if everywhere else _small(subject, sums, size)
    if rounded is None:
        raise NotProtectedError(
            Message("No rounding to multiples of {base} keeps all sums.", {"base": size}),
            Message("Take another base, or suppress cells instead."),
        )
    reach = max(round(rounded.deviation) + 1, 1)
    full = everywhere and rounded.deviation < size
    return _candidate(
        subject,
        (cells, sums),
        rounded.values,
        Method.ROUND,
        {
            "base": size,
            "kind": "everywhere" if everywhere else "small",
            "max_deviation": rounded.deviation,
        },
        Precision(Noise.CONTROLLED, size if full else reach),
    )


def _everywhere(subject: Subject, sums: Sums, base: int) -> Rounded | None:
    """By a program where the table is small and has such a rounding; else by a local search."""
    if len(sums) <= _EXACT_CELLS:
        weights = np.ones(sums.published)
        found = round_everywhere(sums, base, weights, subject.policy.protection.exact_nodes)
        if found is not None:
            return found
    return None if sums.loose else round_small(sums, base, _PASSES, everywhere=True)


def _small(subject: Subject, sums: Sums, base: int) -> Rounded | None:
    if sums.loose:
        return round_linked(sums, base, subject.policy.protection.exact_nodes)
    return round_small(sums, base, _PASSES)


def cell_key_candidate(subject: Subject, secret: Secret) -> Candidate:
    """The table under the Cell Key Method, with keys drawn for cells instead of persons.

    The key of a cell without parts comes from its codes and its count, so that the same cell gets
    the same noise in every release, and new noise where persons came or went; that of a total is
    the fractional part of the sum of the keys of all cells in it that hold anyone.

    Raises:
        NotProtectedError: other columns tell the true counts.
        PolicyError: the policy asks for a noise that does not exist.
        NotSupportedError: the table has no counts.
    """
    rules = subject.policy.cell_key
    noise = perturbation_table(rules.deviation, rules.variance, max(rules.forbidden_below - 1, 0))
    cells, sums = _changeable(subject)
    dimensions = tuple(dimension.name for dimension in cells.dimensions)
    own = np.zeros(len(sums))
    for cell in np.flatnonzero(sums.is_leaf & (np.nan_to_num(sums.values) > _WHOLE)).tolist():
        count = str(round(float(sums.values[cell]), 6))
        own[cell] = secret.key("cell", dimensions, sums.names[cell], count)
    keys = np.mod(sums.spread(own), 1.0)
    known = ~np.isnan(sums.values)
    values = sums.values.copy()
    values[known] += noise.noise(sums.values[known], keys[known])
    return _candidate(
        subject,
        (cells, sums),
        values,
        Method.CELL_KEY,
        {"deviation": rules.deviation, "variance": float(rules.variance)},
        Precision(Noise.CELL_KEY, rules.deviation),
    )


def _witnesses(
    subject: Subject, sums: Sums, values: Floats, precision: Precision
) -> tuple[Floats, ...]:
    """Tables that fit a copy with noise, in the order of the table's cells."""
    if precision.noise is not Noise.CELL_KEY:
        return ()
    low, high = np.zeros(len(sums)), np.full(len(sums), np.inf)
    for cell in range(sums.published):
        low[cell], high[cell] = precision.bounds(float(values[cell]))
    found = fitting_tables(sums, low, high, subject.policy.frequency.minimum, _WITNESSES)
    result: list[Floats] = []
    for one in found:
        table = np.empty(sums.published)
        table[sums.order] = one[: sums.published]
        result.append(table)
    return tuple(result)


def _candidate(
    subject: Subject,
    table: tuple[Cells, Sums],
    values: Floats,
    method: Method,
    parameters: dict[str, float | str],
    precision: Precision,
) -> Candidate:
    """The table with the new counts of its published cells."""
    cells, sums = table
    new = np.empty(len(cells))
    new[sums.order] = values[: sums.published]
    differs = ~cells.withheld & (np.abs(new - cells.values) > _WHOLE)
    changed = {
        (int(cells.rows[p]), cells.columns[p]): float(new[p])
        for p in np.flatnonzero(differs).tolist()
    }
    copy, rates = rates_renewed(subject, with_values(subject, changed))
    return Candidate(
        copy,
        method,
        parameters,
        tuple(sorted({*changed, *rates})),
        precision=precision,
        small_base=int(parameters["base"])
        if parameters.get("kind") == "small" and not sums.loose
        else 0,
        witnesses=_witnesses(subject, sums, values, precision),
        notes={"changed": len(changed)},
    )

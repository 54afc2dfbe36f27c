"""The rows behind a table of magnitudes: who holds them, what they weigh, what they contribute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._numbers import State, decimal_of, parse
from ckanext.sozialdaten.disclosure._roles import declared
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.errors import NotSupportedError, RolesError
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Contributors", "contributors_of", "read_contributors"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Contributors:
    """One row for each contribution.

    Args:
        labels: columns that may name a cell, as text.
        values: columns of numbers; NaN where there is none.
        holders: number of each row's holder.
        weights: sampling weights, 1 without any.
        place: where the rows come from.
    """

    labels: Mapping[str, Sequence[str]]
    values: Mapping[str, Floats]
    holders: Ints
    weights: Floats
    place: Place

    def __len__(self) -> int:
        return len(self.holders)


def read_contributors(
    path: str | Path, roles: Mapping[str, Role | str] | None = None
) -> Contributors:
    """The contributors in a file with one table.

    Raises:
        UnreadableFileError: the file cannot be read.
        NotSupportedError: it holds no table, or several.
        RolesError: see :func:`contributors_of`.
    """
    sheets = [sheet for sheet in read_paths([path]) if sheet.table.num_rows]
    if len(sheets) != 1:
        raise NotSupportedError(
            Message("The file of contributors must hold exactly one table."),
            Message("Save the rows behind the table as a CSV file of their own."),
            Place(file=str(path)),
        )
    return contributors_of(sheets[0], declared(roles).roles)


def _numbers(cells: Sequence[str]) -> Floats | None:
    """The numbers of a column; None if it holds anything else."""
    decimal = decimal_of([cell for cell in cells if cell][:_SAMPLE])
    result = np.full(len(cells), np.nan)
    for index, cell in enumerate(cells):
        number = parse(cell, decimal)
        if number.state is State.TEXT:
            return None
        if number.state in (State.VALUE, State.NIL):
            result[index] = number.value
    return result if np.isfinite(result).any() else None


def _holder(columns: Mapping[str, Sequence[str]], roles: Mapping[str, Role | None]) -> str | None:
    """The column of those who know what their rows hold: the carrier rather than the unit."""
    for name, role in roles.items():
        if role is Role.IDENTIFIER:
            return name
    free = [name for name in columns if name not in roles]
    for topic in ("holder", "unit"):
        for name in free:
            if lexicon().speaks_of(name, topic):
                return name
    return None


def contributors_of(sheet: Sheet, roles: Mapping[str, Role | None] | None = None) -> Contributors:
    """Read the contributors of a sheet.

    Args:
        sheet: the rows.
        roles: ``identifier`` for the holder, ``weight``, ``magnitude`` or ``count`` for values;
            everything else names cells. Columns that are not said are read by name and value.

    Raises:
        RolesError: a column that does not exist, or no column of values.
    """
    given = dict(roles or {})
    place = Place(file=sheet.resource, sheet=sheet.name)
    columns = {
        name: [str(cell or "").strip() for cell in sheet.table.column(name).to_pylist()]
        for name in sheet.table.column_names
    }
    missing = [name for name in given if name not in columns]
    if missing:
        raise RolesError(
            Message("There is no column {column}.", {"column": ", ".join(missing)}), place=place
        )
    holder = _holder(columns, given)
    weight = next((name for name, role in given.items() if role is Role.WEIGHT), None) or next(
        (n for n in columns if n not in given and lexicon().speaks_of(n, "weight")), None
    )
    values: dict[str, Floats] = {}
    for name, cells in columns.items():
        said = given.get(name)
        figure = said in (Role.MAGNITUDE, Role.COUNT, Role.RATE)
        numbers = None
        if name not in (holder, weight) and (figure or name not in given):
            numbers = _numbers(cells)
        if numbers is not None:
            values[name] = numbers
    if not values:
        raise RolesError(
            Message("The contributors have no column of values."),
            Message("Say which one it is: --roles 'contributors:COLUMN=magnitude'."),
            place,
        )
    rows = sheet.table.num_rows
    weights = _numbers(columns[weight]) if weight else None
    return Contributors(
        {name: cells for name, cells in columns.items() if name != weight},
        values,
        _coded(columns[holder]) if holder else np.arange(rows, dtype=np.int64),
        np.ones(rows) if weights is None else np.nan_to_num(weights, nan=1.0),
        place,
    )


def _coded(cells: Sequence[str]) -> Ints:
    """A number for each holder; rows that name none are holders of their own."""
    numbers: dict[str, int] = {}
    return np.fromiter(
        (
            numbers.setdefault(normal(cell) if cell else f"\0{row}", len(numbers))
            for row, cell in enumerate(cells)
        ),
        np.int64,
        len(cells),
    )

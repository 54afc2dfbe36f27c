"""New values and marks in place of old ones; everything else of a table stays as it is."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.readers._common import cell_text
from ckanext.sozialdaten.disclosure.structure import Cells

__all__ = ["MARK", "Spot", "places", "with_marks", "with_texts", "with_values"]

#: Row, counted from 0, and column of a cell.
Spot = tuple[int, str]
MARK = "."


def places(cells: Cells, chosen: npt.NDArray[np.bool_]) -> tuple[tuple[int, str], ...]:
    """Row and column of chosen cells, sorted."""
    found = np.flatnonzero(chosen).tolist()
    return tuple(sorted((int(cells.rows[p]), cells.columns[p]) for p in found))


def with_marks(subject: Subject, changed: Iterable[tuple[int, str]]) -> pa.Table:
    """The table with a mark in place of cells, or in their column of quality signs.

    Args:
        subject: the table.
        changed: row, counted from 0, and column of each cell to suppress.
    """
    table = subject.sheet.table
    signs = {value: sign for sign, value in subject.known.quality_of.items()}
    for column, rows in _by_column(changed).items():
        values = table.column(column).to_pylist()
        if column in signs:
            marks = table.column(signs[column]).to_pylist()
            kind = table.schema.field(column).type
            blank = "" if pa.types.is_string(kind) else None
            table = _with(table, column, [blank if r in rows else v for r, v in enumerate(values)])
            table = _with(
                table, signs[column], [MARK if r in rows else m for r, m in enumerate(marks)]
            )
        else:
            texts = [MARK if r in rows else cell_text(v) for r, v in enumerate(values)]
            table = _with(table, column, texts, pa.string())
    return table


def with_values(subject: Subject, values: Mapping[tuple[int, str], float]) -> pa.Table:
    """The table with other counts in some cells.

    Args:
        subject: the table.
        values: the new count for the row, counted from 0, and the column of a cell.
    """
    table = subject.sheet.table
    for column, rows in _by_column(values).items():
        kind = table.schema.field(column).type
        old = table.column(column).to_pylist()
        new: list[object] = []
        for row, value in enumerate(old):
            if row not in rows:
                new.append(value)
                continue
            count = values[row, column]
            whole = round(count) if abs(count - round(count)) < 1e-9 else count
            new.append(str(whole) if pa.types.is_string(kind) else whole)
        table = _with(table, column, new)
    return table


def with_texts(table: pa.Table, texts: Mapping[Spot, str]) -> pa.Table:
    """The table with other texts in some cells, as numbers where their column holds numbers."""
    for column, rows in _by_column(texts).items():
        kind = table.schema.field(column).type
        new: list[object] = table.column(column).to_pylist()
        for row in rows:
            text = texts[row, column]
            new[row] = text if pa.types.is_string(kind) else float(text.replace(",", "."))
        table = _with(table, column, new)
    return table


def _by_column(cells: Iterable[tuple[int, str]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row, column in cells:
        found.setdefault(column, set()).add(row)
    return dict(sorted(found.items()))


def _with(
    table: pa.Table, column: str, values: Sequence[object], kind: pa.DataType | None = None
) -> pa.Table:
    index = table.column_names.index(column)
    return table.set_column(
        index, column, pa.array(values, type=kind or table.schema.field(column).type)
    )

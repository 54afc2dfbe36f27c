"""Tables that list persons from left to right: turned, so that rules see each as a row."""

from dataclasses import replace

import pyarrow as pa

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._rows import PERSONAL
from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import unique_names

__all__ = ["turned"]

_MOST_ROWS, _LEAST_PERSONS = 60, 3
_TOPICS = (*PERSONAL, "person", "sensitive", "address", "phone", "email")


def turned(sheet: Sheet) -> Sheet | None:
    """The table with rows and columns exchanged; None unless its first column names properties.

    "Alter", "Geschlecht", "Diagnose" below one another say what the columns beside them are.
    """
    table = sheet.table
    if not 1 < table.num_rows <= _MOST_ROWS or table.num_columns <= _LEAST_PERSONS:
        return None
    words = lexicon()
    labels = [str(label or "") for label in table.column(0).to_pylist()]
    told = [label for label in labels if any(words.speaks_of(label, topic) for topic in _TOPICS)]
    if len(told) < 2 or 2 * len(told) < len(labels):
        return None
    if any(words.speaks_of(name, topic) for name in table.column_names for topic in _TOPICS):
        return None
    names = unique_names(["#", *labels])
    rows = [[str(cell or "") for cell in column.to_pylist()] for column in table.columns[1:]]
    if any(_same(row) for row in zip(*rows, strict=True)) and len(rows) < _LEAST_PERSONS:
        return None
    cells = [table.column_names[1:], *(list(row) for row in zip(*rows, strict=True))]
    header = tuple(Loose(name, "header") for name in names)
    return replace(
        sheet,
        table=pa.table(dict(zip(names, (pa.array(c, pa.string()) for c in cells), strict=True))),
        loose=header,
        first_row=1,
        rows=(),
        hidden=(),
    )


def _same(row: tuple[str, ...]) -> bool:
    return len(set(row)) == 1

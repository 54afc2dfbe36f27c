"""A protected copy as the file of a resource: its bytes, and the layout that fits them."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.formulas import is_formula
from ckanext.sozialdaten.lake.layouts import NUMERIC_ROLES, Dialect, Field, FieldType, Layout
from ckanext.sozialdaten.publishing import _tables

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Copy", "as_file"]

# What a column may hold, where that changes with its values.
_OF_VALUES = frozenset({"enum", "pattern", "minimum", "maximum", "minLength", "maxLength"})


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that takes the place of another one.

    Args:
        filename: the name of the former file, with the ending ``.csv``.
        data: its bytes.
        layout: the layout of the former file as it fits this one; None if that had none.
    """

    filename: str
    data: bytes
    layout: Layout | None


def as_file(
    before: "pa.Table", after: "pa.Table", path: Path, filename: str, layout: Layout | None
) -> Copy:
    """The protected table as a delimited file, written as the former file is.

    Titles and footers are left out: nobody has checked them against the copy.

    Args:
        before: the table.
        after: its protected copy.
        path: the bytes of the former file.
        filename: its name.
        layout: its layout, if it has one.
    """
    dialect = _dialect(path, filename, layout)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n")
    writer.writerow(after.column_names)
    columns = [[_text(cell) for cell in column.to_pylist()] for column in after.columns]
    writer.writerows(zip(*columns, strict=True))
    return Copy(
        f"{Path(filename).stem}.csv",
        text.getvalue().encode("utf-8"),
        _fitting(layout, before, after) if layout else None,
    )


def _text(cell: Any) -> str:
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    text = cell_text(cell)
    return f"'{text}" if is_formula(text) else text


def _dialect(path: Path, filename: str, layout: Layout | None) -> Dialect:
    """How the former file is written; semicolons where that is no text."""
    if not _tables.is_table(filename):
        return Dialect()
    known = layout or _tables.propose_layout(path, {})
    return _tables.open_table(path, filename, known).dialect if known else Dialect()


def _fitting(layout: Layout, before: "pa.Table", after: "pa.Table") -> Layout:
    """The layout without columns that are gone, and with types that hold new values."""
    names = set(after.column_names)
    fields = tuple(_field(field, before, after) for field in layout.fields if field.name in names)
    dialect = replace(
        layout.dialect,
        encoding="utf-8" if layout.dialect.encoding else "",
        quote='"',
        skip_lines=0,
        header_rows=1,
        footer="",
        line_end="\n",
    )
    key = layout.primary_key if names.issuperset(layout.primary_key) else ()
    return replace(layout, fields=fields, dialect=dialect, primary_key=key)


def _field(field: Field, before: "pa.Table", after: "pa.Table") -> Field:
    if field.quality_of and field.quality_of not in after.column_names:
        return replace(field, quality_of="")
    if field.role in NUMERIC_ROLES or field.quality_of:
        return field
    old = set(before.column(field.name).to_pylist())
    if old.issuperset(after.column(field.name).to_pylist()):
        return field
    rest = {name: value for name, value in field.constraints.items() if name not in _OF_VALUES}
    return replace(field, type=FieldType.STRING, format="", level="", codelist="", constraints=rest)

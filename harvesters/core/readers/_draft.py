"""A layout to start from, for a file that no reader knows: columns with guessed types and roles."""

import datetime as dt
import re
from typing import Any

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._cells import as_text
from ckanext.sozialdaten.harvesters.core.readers._columns import Column, columns_of
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._sections import (
    Profile,
    Section,
    filled,
    find_sections,
)
from ckanext.sozialdaten.harvesters.core.readers._times import is_year
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words
from ckanext.sozialdaten.lake.layouts import FieldType, Role
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

__all__ = ["draft_layout"]

_LEVELS = {2: "land", 3: "regierungsbezirk", 5: "kreis", 7: "gemeinde", 8: "gemeinde", 9: "verband"}
_HEAD = "# Draft: check every type, role, unit and the signs; then use it with --layout.\n"
_FIRST = 20
_SHORT = 3
_COUNT = re.compile(r"((?:Anzahl|Zahl der|Summe)[^\d:]*:)\s*\d+")
_DATES = (
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y"),
)
_FREE = re.compile(r"^sb$|sachbearb|bearbeiter|bemerk|notiz|freitext|kommentar|strasse|adresse")
_DESCRIBES = re.compile(r"geschl|staats|nationalit|plz|postleit|^ort$|wohn|alter|familienst")


def draft_layout(opened: Opened) -> str:
    """The YAML of a layout with the columns of the first table of a file.

    Raises:
        NotReadable: the file has no rows of cells.
    """
    profile = Profile("draft")
    if opened.kind == Kind.XML:
        raise _not_here(opened, Message("The file is XML; a layout describes rows of cells."))
    for grid in opened.grids:
        if _headless(grid):
            raise _not_here(
                opened, Message("The first row is no row of captions; the columns have no names.")
            )
        sections = find_sections(grid, profile, legend(profile.signs))
        if sections:
            return _yaml(opened, grid, _fields(columns_of(grid, sections[0])), sections)
        captions = _captions(grid)
        if len(captions) > 1:
            fields: list[dict[str, Any]] = [_plain(caption) for caption in captions]
            return _yaml(opened, grid, fields, [])
    raise NotReadable(
        Message("The file holds no rows with captions."),
        Message("A layout describes delimited text, workbooks, Parquet and lists of JSON objects."),
        Place(file=opened.name),
    )


def _not_here(opened: Opened, message: Message) -> NotReadable:
    return NotReadable(
        message,
        Message(
            "Exports about persons in this form are described in "
            "schemas/formats/record_formats.yaml; else deliver a table with captions."
        ),
        Place(file=opened.name),
    )


def _headless(grid: Grid) -> bool:
    """Whether a delimited text begins with figures at once: what looks like captions would be the
    data of the first record."""
    if not grid.text:
        return False
    rows = (filled(row) for row in grid.rows())
    first = next((cells for cells in rows if len(cells) > 1), None) or []
    digits = sum(as_text(cell).strip().isdigit() and not is_year(cell) for _, cell in first)
    return 2 * digits > len(first)


def _captions(grid: Grid) -> list[str]:
    """The fullest of the first rows, where no row holds figures."""
    best: list[str] = []
    for number, row in enumerate(grid.rows()):
        cells = [str(cell) for _, cell in filled(row)]
        if number >= _FIRST:
            break
        best = cells if len(cells) > len(best) else best
    return best


def _yaml(opened: Opened, grid: Grid, fields: list[dict[str, Any]], sections: list[Section]) -> str:
    layout: dict[str, Any] = {
        "name": "-".join(fold(opened.stem).replace("_", " ").split()),
        "version": "1",
        "signs": "none",
        "fields": fields,
    }
    if grid.text:
        decimals = {d for section in sections for s in section.stats.values() for d in s.decimals}
        decimal = next(iter(decimals)) if len(decimals) == 1 else ","
        layout["csv"] = {"delimiter": grid.delimiter, "decimal": decimal} | _dialect(grid, decimal)
    return _HEAD + yaml.safe_dump(layout, allow_unicode=True, sort_keys=False)


def _dialect(grid: Grid, decimal: str) -> dict[str, str]:
    """Thousands where a figure shows them, and the line that states how many rows there are, as a
    pattern that checks it."""
    group = "." if decimal == "," else ","
    thousands = re.compile(rf"-?\d{{1,3}}(\{group}\d{{3}})+\{decimal}\d+")
    found: dict[str, str] = {}
    for row in grid.rows():
        cells = [str(cell).strip() for _, cell in filled(row)]
        stated = _COUNT.fullmatch(cells[0]) if len(cells) == 1 else None
        if stated:
            found["footer"] = rf"{re.escape(stated[1])}\s*(?P<count>\d+)".replace("\\ ", " ")
        if any(map(thousands.fullmatch, cells)):
            found["thousands"] = group
    return found


def _plain(caption: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": caption, "type": FieldType.STRING.value}
    if words().persons.search(fold(caption)):
        field["role"] = Role.IDENTIFIER.value
    return field


def _fields(columns: list[Column]) -> list[dict[str, Any]]:
    fields = [_field(column) for column in columns]
    if not any(field.get("role") == Role.IDENTIFIER.value for field in fields):
        return fields
    return [_of_persons(field, column) for field, column in zip(fields, columns, strict=True)]


def _of_persons(field: dict[str, Any], column: Column) -> dict[str, Any]:
    """In a list of persons dates and few short codes describe a person and count nothing."""
    if field.get("role") == Role.IDENTIFIER.value:
        return field
    caption = fold(field["name"])
    if _FREE.search(caption):
        return {"name": field["name"], "type": "string", "role": Role.FREE_TEXT.value}
    if field.get("role") == Role.TIME.value:
        day = "stichtag" in caption
        return field if day else field | {"role": Role.QUASI_IDENTIFIER.value}
    codes = {as_text(cell) for cell in column.stats.samples}
    if column.role == "value" and not column.unit and max(map(len, codes), default=0) <= _SHORT:
        return {"name": field["name"], "type": "string", "role": Role.SENSITIVE.value}
    if field.get("role") == Role.DIMENSION.value and _DESCRIBES.search(caption):
        return field | {"role": Role.QUASI_IDENTIFIER.value}
    return field


def _date_format(column: Column) -> str | None:
    """How the dates of a column are written; None where it holds others; empty: real dates."""
    samples = [cell for cell in column.stats.samples if cell not in ("", None)]
    if samples and all(isinstance(cell, dt.date) for cell in samples):
        return ""
    texts = [cell.strip() for cell in samples if isinstance(cell, str)]
    for pattern, form in _DATES:
        if texts and len(texts) == len(samples) and all(map(pattern.fullmatch, texts)):
            return form
    return None


def _field(column: Column) -> dict[str, Any]:
    field = _plain(column.leaf or column.label)
    form = _date_format(column)
    if form is not None:
        form_of = {"format": form} if form else {}
        return field | {"type": FieldType.DATE.value} | form_of | {"role": Role.TIME.value}
    stats = column.stats
    if column.role == "region":
        field |= {"role": Role.REGION.value}
        if stats.longest in _LEVELS:
            field["level"] = _LEVELS[stats.longest]
    elif column.role == "time":
        years = stats.years == stats.cells
        field |= {"type": FieldType.YEAR.value} if years else {}
        field["role"] = Role.TIME.value
    elif column.role == "value":
        whole = stats.whole and not stats.decimals
        share = "%" in column.unit or any(w in fold(column.label) for w in ("anteil", "quote"))
        kind = FieldType.INTEGER if whole else FieldType.NUMBER
        role = Role.RATE if share else (Role.COUNT if whole else Role.MAGNITUDE)
        field |= {"type": kind.value, "role": role.value}
        if column.unit:
            field["unit"] = column.unit
    elif "role" not in field and column.role == "dimension":
        field["role"] = Role.DIMENSION.value
    return field

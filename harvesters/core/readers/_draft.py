"""A layout to start from, for a file that no reader knows: columns with guessed types and roles."""

from typing import Any

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._columns import Column, columns_of
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.harvesters.core.readers._sections import (
    Profile,
    Section,
    filled,
    find_sections,
)
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words
from ckanext.sozialdaten.lake.layouts import FieldType, Role
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

__all__ = ["draft_layout"]

_LEVELS = {2: "land", 3: "regierungsbezirk", 5: "kreis", 8: "gemeinde", 9: "verband"}
_HEAD = "# Draft: check every type, role, unit and the signs; then use it with --layout.\n"
_FIRST = 20


def draft_layout(opened: Opened) -> str:
    """The YAML of a layout with the columns of the first table of a file.

    Raises:
        NotReadable: the file has no rows of cells.
    """
    profile = Profile("draft")
    for grid in opened.grids:
        sections = find_sections(grid, profile, legend(profile.signs))
        if sections:
            return _yaml(opened, grid, [_field(c) for c in columns_of(grid, sections[0])], sections)
        captions = _captions(grid)
        if len(captions) > 1:
            fields: list[dict[str, Any]] = [_plain(caption) for caption in captions]
            return _yaml(opened, grid, fields, [])
    raise NotReadable(
        Message("The file holds no rows with captions."),
        Message("A layout describes delimited text, workbooks, Parquet and lists of JSON objects."),
        Place(file=opened.name),
    )


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
        layout["csv"] = {"delimiter": grid.delimiter, "decimal": decimal}
    return _HEAD + yaml.safe_dump(layout, allow_unicode=True, sort_keys=False)


def _plain(caption: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": caption, "type": FieldType.STRING.value}
    if words().persons.search(fold(caption)):
        field["role"] = Role.IDENTIFIER.value
    return field


def _field(column: Column) -> dict[str, Any]:
    field = _plain(column.leaf or column.label)
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

"""Finds the table in a grid of cells: titles above, header of one or more rows, footer below."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._numbers import LATER_SIGNS, NIL_SIGNS, SECRET_SIGNS
from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import text_table, unique_names

__all__ = ["SECTION", "Shape", "shape_of", "sheet_of"]

SECTION = "#section"
_HEAD = 400
_NUMBER = re.compile(r"^\(?[-+−]?\d[\d.,' \u00a0\u202f]*\)?\s?[a-z%€]?$")
_DATE = re.compile(r"^(\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2}.*)$")
_YEAR = re.compile(r"^((19|20)\d{2}|\d{1,2}\.\d{1,2}\.(19|20)\d{2}|(19|20)\d{2}-\d{2}-\d{2})$")
_SIGNS = (SECRET_SIGNS | NIL_SIGNS | LATER_SIGNS) - {""}


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the table lies in a grid.

    Args:
        header: first header row, from 0; equal to ``data`` if there is no header.
        data: first data row, from 0.
        width: number of columns of a typical row.
    """

    header: int
    data: int
    width: int


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _figure(cell: str) -> bool:
    text = cell.strip()
    return bool(_NUMBER.match(text) or _DATE.match(text)) or text in _SIGNS


def _figure_columns(rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Columns whose filled cells are mostly figures or dates."""
    result: set[int] = set()
    for column in range(width):
        cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        if cells and sum(map(_figure, cells)) > len(cells) / 2:
            result.add(column)
    return result


def shape_of(grid: Sequence[Sequence[str]]) -> Shape | None:
    """The shape of the table in the first rows of a grid; None if there is none."""
    head = grid[:_HEAD]
    counts = Counter(filled for row in head if (filled := _filled(row)))
    if not counts:
        return None
    typical = max(counts, key=lambda filled: (counts[filled] * min(filled, 3), filled))
    if typical == 1 and max(counts) > 1 and counts[1] < sum(counts.values()) * 0.9:
        typical = max(filled for filled in counts if filled > 1)
    enough = max(min(2, typical), (typical + 1) // 2)
    header = next(index for index, row in enumerate(head) if _filled(row) >= enough)
    width = max(len(row) for row in head)
    figures = _figure_columns([row for row in head[header + 1 :] if _filled(row) >= enough], width)
    first = head[header]
    own = [cell for cell in first if cell.strip()]
    plain = [cell for cell in own if _figure(cell) and not _YEAR.match(cell.strip())]
    if len(own) > 1 and 2 * len(plain) > len(own):
        return Shape(header, header, width)
    return Shape(header, _first_data_row(head, header, figures), width)


def _first_data_row(head: Sequence[Sequence[str]], header: int, figures: set[int]) -> int:
    """The row after the header: the first with a figure where the columns hold figures."""
    if not figures:
        return header + 1
    for index in range(header + 1, min(len(head), header + 9)):
        row = head[index]
        cells = [row[c] for c in figures if c < len(row) and row[c].strip()]
        if any(_figure(cell) and not _YEAR.match(cell.strip()) for cell in cells):
            return index
        if cells and all(_figure(cell) for cell in cells) and len(figures) <= 2:
            return index
    return header + 1


def _names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Column names from one or more header rows; merged upper cells reach to the right."""
    parts: list[list[str]] = [[] for _ in range(width)]
    for depth, row in enumerate(rows):
        last = ""
        for column in range(width):
            cell = row[column].strip() if column < len(row) else ""
            last = cell or (last if depth < len(rows) - 1 else "")
            if last and last not in parts[column]:
                parts[column].append(last)
    return unique_names([" | ".join(part) for part in parts])


def sheet_of(
    grid: Sequence[Sequence[str]], resource: str, name: str, *, offset: int = 0
) -> Sheet | None:
    """The table of a grid with the texts around it; None if the grid holds nothing.

    Args:
        grid: rows of cells; rows may differ in length.
        resource: file name for findings.
        name: sheet name for findings.
        offset: rows of the file before the grid's first row.
    """
    shape = shape_of(grid)
    if shape is None:
        return None
    header = [row for row in grid[shape.header : shape.data] if _filled(row) > 1 or len(row) < 2]
    width = max((len(row) for row in grid[shape.header :]), default=0)
    while width > 1 and not any(row[width - 1].strip() for row in grid if len(row) >= width):
        width -= 1
    names = _names(header, width)
    loose = [
        Loose(cell, "title", offset + index + 1)
        for index, row in enumerate(grid[: shape.header])
        for cell in row
        if cell.strip()
    ]
    loose += [Loose(column, "header", offset + shape.header + 1) for column in names]
    body, rows, sections, extra = _body(grid, shape, width, offset)
    columns = {
        column: [row[index] if index < len(row) else "" for row in body]
        for index, column in enumerate(names)
    }
    if len(set(sections)) > 1:
        columns[SECTION] = sections
    return Sheet(
        text_table(columns),
        resource,
        name,
        offset + shape.data + 1,
        tuple(loose + extra),
        tuple(rows),
    )


def _body(
    grid: Sequence[Sequence[str]], shape: Shape, width: int, offset: int
) -> tuple[list[Sequence[str]], list[int], list[str], list[Loose]]:
    """Data rows, their row numbers, the section above each, and lines that are no data."""
    body: list[Sequence[str]] = []
    rows: list[int] = []
    sections: list[str] = []
    extra: list[Loose] = []
    section = ""
    for index in range(min(shape.header + 1, shape.data), len(grid)):
        row = grid[index]
        filled = _filled(row)
        if not filled or (index < shape.data and filled > 1):
            continue
        if filled == 1 and (width > 2 or len(row) < width):
            text = next(cell.strip() for cell in row if cell.strip())
            kind = "section" if row[0].strip() else "footer"
            section = text if kind == "section" else section
            extra.append(Loose(text, "footer", offset + index + 1))
            continue
        body.append(row)
        rows.append(offset + index + 1)
        sections.append(section)
    return body, rows, sections, extra

"""Finds the table in a grid of cells: titles above, header of one or more rows, footer below."""

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import pyarrow as pa

from ckanext.sozialdaten.disclosure._numbers import LATER_SIGNS, NIL_SIGNS, SECRET_SIGNS
from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import MAX_COLUMNS, Raw, narrow, unique_names

__all__ = ["SECTION", "Shape", "is_figure", "shape_of", "sheet_of"]

SECTION = "#section"
_HEAD = 400
_NOTE_WORDS = 4  # a sentence after a gap below two columns is a note, and no label without figure
_BATCH = 20_000
_BATCH_CELLS = 2_000_000
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


def is_figure(cell: str) -> bool:
    """Whether a cell holds a number, a date or a sign that stands for one."""
    text = cell.strip()
    return bool(_NUMBER.match(text) or _DATE.match(text)) or text in _SIGNS


def _figure_columns(rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Columns whose filled cells are mostly figures or dates."""
    result: set[int] = set()
    for column in range(width):
        cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        if cells and sum(map(is_figure, cells)) > len(cells) / 2:
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
    plain = [cell for cell in own if is_figure(cell) and not _YEAR.match(cell.strip())]
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
        if any(is_figure(cell) and not _YEAR.match(cell.strip()) for cell in cells):
            return index
        if cells and all(is_figure(cell) for cell in cells) and len(figures) <= 2:
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


def sheet_of(raw: Raw, grid: Iterable[Sequence[str]], name: str, *, start: int = 0) -> Sheet | None:
    """The table of a grid with the texts around it; None if the grid holds nothing.

    Rows are taken one by one, so that a long file never lies in memory as Python objects.

    Args:
        raw: the file, for its name.
        grid: rows of cells; rows may differ in length.
        name: sheet name for findings.
        start: rows of the file above the grid.

    Raises:
        UnreadableFileError: more columns or bytes than a check gets through.
    """
    rows = iter(grid)
    skipped, first = start, next(rows, None)
    while first is not None and not _filled(first):
        skipped, first = skipped + 1, next(rows, None)
    if first is None:
        return None
    head = [_trimmed(row) for row in (first, *islice(rows, _HEAD - 1))]
    narrow(raw, max(map(len, head)), sheet=name)
    shape = shape_of(head)
    if shape is None:
        return None
    titles = [
        Loose(cell, "title", skipped + index + 1)
        for index, row in enumerate(head[: shape.header])
        for cell in row
        if cell.strip()
    ]
    body = _Body(raw, name, _width(head[shape.header :]))
    begin = min(shape.header + 1, shape.data)
    _fill(body, enumerate(chain(head[begin:], rows), begin), shape, skipped)
    first, *others = head[shape.header : shape.data] or [()]
    header = [first, *(row for row in others if _filled(row) > 1 or len(row) < 2)]
    names = _names(header, max(body.width, _width(header), 1))
    row = skipped + shape.header + 1
    loose = [*titles, *(Loose(column, "header", row) for column in names)]
    return body.sheet(names, loose, skipped + shape.data + 1)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row that is too long without the blank cells at its end: programs export them."""
    if len(row) <= MAX_COLUMNS:
        return row
    return row[: _width([row])]


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Number of columns up to the last one with a filled cell."""
    return max(
        (index for row in rows for index, cell in enumerate(row, 1) if cell and cell.strip()),
        default=0,
    )


@dataclass(slots=True)
class _Body:
    """Data rows on their way to Arrow, their row numbers, sections, and lines that are no data."""

    raw: Raw
    name: str
    width: int
    batches: list[list[pa.Array]] = field(default_factory=list[list[pa.Array]])
    pending: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    sections: dict[str, int] = field(default_factory=dict[str, int])
    section_of: "array[int]" = field(default_factory=lambda: array("q"))
    extra: list[Loose] = field(default_factory=list[Loose])
    size: int = 0
    waiting: int = 0

    def add(self, row: Sequence[str], number: int, section: str) -> None:
        """One data row."""
        self.pending.append(row)
        self.rows.append(number)
        self.section_of.append(self.sections.setdefault(section, len(self.sections)))
        self.waiting += len(row)
        if len(self.pending) >= _BATCH or self.waiting >= _BATCH_CELLS:
            self.flush()

    def flush(self) -> None:
        """Move the pending rows to Arrow."""
        if not self.pending:
            return
        self.width = max(self.width, _width(self.pending))
        narrow(self.raw, self.width, self.size, sheet=self.name)
        arrays = [
            pa.array(
                [row[column] if column < len(row) else "" for row in self.pending], pa.string()
            )
            for column in range(self.width)
        ]
        self.size += sum(cells.nbytes for cells in arrays)
        self.batches.append(arrays)
        self.pending, self.waiting = [], 0

    def column(self, index: int) -> pa.ChunkedArray:
        """One column over all batches; earlier batches may be narrower."""
        chunks = [
            batch[index] if index < len(batch) else pa.array([""] * len(batch[0]), pa.string())
            for batch in self.batches
        ]
        return pa.chunked_array(chunks, type=pa.string())

    def sheet(self, names: Sequence[str], loose: Sequence[Loose], first_row: int) -> Sheet:
        """The finished table."""
        columns = {name: self.column(index) for index, name in enumerate(names)}
        if len(self.sections) > 1:
            labels = pa.array(list(self.sections), pa.string())
            columns[SECTION] = pa.chunked_array([labels.take(pa.array(self.section_of))])
        first = self.rows[0] if self.rows else first_row
        running = not self.rows or self.rows[-1] - first + 1 == len(self.rows)
        return Sheet(
            pa.table(columns),
            self.raw.resource,
            self.name,
            first,
            (*loose, *self.extra),
            () if running else self.rows,
        )


def _fill(
    body: _Body, lines: Iterator[tuple[int, Sequence[str]]], shape: Shape, offset: int
) -> None:
    """Sort the lines after the header into data, sections and footers."""
    section, width, gap = "", body.width, False
    for index, row in lines:
        filled = _filled(row)
        if not filled or (index < shape.data and filled > 1):
            gap = not filled
            continue
        note = gap and len(row[0].split()) >= _NOTE_WORDS
        if filled == 1 and (width > 2 or len(row) < width or note):
            text = next(cell.strip() for cell in row if cell.strip())
            section = text if row[0].strip() else section
            body.extra.append(Loose(text, "footer", offset + index + 1))
            continue
        gap = False
        body.add(row, offset + index + 1, section)
    body.flush()

"""The records of an export about persons, one by one, with nothing but the columns that count."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._text import number_parser, squeeze
from ckanext.sozialdaten.harvesters.core.errors import BadNumber, FooterMismatch, NotReadable
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell, as_text, numeric, plain
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.harvesters.core.readers._record_formats import RecordFormat
from ckanext.sozialdaten.harvesters.core.readers._sections import blank, filled
from ckanext.sozialdaten.harvesters.core.readers._xml import events, local_name
from ckanext.sozialdaten.messages import Message

__all__ = ["Record", "header_row", "records_of"]

_HEADER = 50


@dataclass
class Record:
    """One record: the columns that count, what lies inside it, its amounts."""

    number: int
    cells: Mapping[str, str]
    sheet: str = ""
    members: Counter[str] = field(default_factory=Counter[str])
    sums: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    digest: bytes = b""


def records_of(opened: Opened, form: RecordFormat) -> Iterator[Record]:
    """All records of a file.

    Raises:
        NotReadable: cut off, damaged.
        FooterMismatch: the last line states another number of records.
    """
    if form.kind == "table":
        for grid in opened.grids:
            header = header_row(grid, form)
            if header:
                yield from _table(opened, grid, form, header)
    elif form.kind == "fixed":
        yield from _fixed(opened, form)
    elif form.kind == "plain":
        yield from _plain(opened, form)
    else:
        yield from _xml(opened, form)


def header_row(grid: Grid, form: RecordFormat) -> tuple[int, dict[str, int]] | None:
    """Number of the row with the captions of the format, and the column of each."""
    wanted = {squeeze(caption) for caption in form.seen}
    for number, row in enumerate(grid.rows(), 1):
        captions = {squeeze(as_text(cell)): index for index, cell in filled(row)}
        if wanted <= set(captions):
            return number, captions
        if number > _HEADER:
            return None
    return None


def _table(
    opened: Opened, grid: Grid, form: RecordFormat, header: tuple[int, dict[str, int]]
) -> Iterator[Record]:
    first, captions = header
    named = (*form.region, *form.count_by, form.place, form.time)
    wanted = {name: captions[squeeze(name)] for name in named if squeeze(name) in captions}
    amounts = {name: captions[squeeze(name)] for name in form.sums if squeeze(name) in captions}
    footer, count = re.compile(form.footer) if form.footer else None, 0
    for number, row in enumerate(grid.rows(), 1):
        cells = filled(row)
        if number <= first or not cells:
            continue
        line = ";".join(as_text(cell) for _, cell in cells)
        match = footer.fullmatch(line) if footer else None
        if match:
            _check(opened, grid, number, match, count)
            return
        count += 1
        yield Record(
            number,
            {name: as_text(row[i]) if i < len(row) else "" for name, i in wanted.items()},
            grid.name,
            sums={
                name: _amount(row[i], Place(opened.name, grid.name, number, name))
                for name, i in amounts.items()
                if i < len(row) and not blank(row[i])
            },
            digest=blake2b(repr(row).encode(), digest_size=16).digest(),
        )
    if footer and "count" in footer.groupindex:
        raise FooterMismatch(
            Message("The closing line of the list is missing."),
            Message("The transfer may have been cut off; fetch the file again."),
            Place(opened.name, grid.name),
        )


def _check(opened: Opened, grid: Grid, number: int, match: re.Match[str], found: int) -> None:
    stated = match.groupdict().get("count")
    if stated is not None and int(stated) != found:
        raise FooterMismatch(
            Message(
                "The closing line counts {stated} records, the file holds {found}.",
                {"stated": int(stated), "found": found},
            ),
            Message("Rows are missing or were added by hand; fetch the file again."),
            Place(opened.name, grid.name, number),
        )


_GERMAN = number_parser(",", ".")


def _amount(cell: Cell, place: Place) -> Decimal:
    """An amount: a number, or a text such as “2.587,50 €”."""
    if isinstance(cell, int | float) and numeric(cell):
        return Decimal(plain(cell))
    found = _GERMAN(as_text(cell))
    if found is None:
        raise BadNumber(
            Message("This is no number as the layout writes them."),
            Message(
                "Numbers need the decimal and thousands characters of the layout; "
                "the file may come from a program set to another language."
            ),
            place,
        )
    return found


def _fixed(opened: Opened, form: RecordFormat) -> Iterator[Record]:
    number = 0
    with opened.stream() as stream:
        while piece := stream.read(form.length):
            number += 1
            if not piece.strip():
                return
            if len(piece) != form.length or b"\n" in piece:
                raise _length(opened, form, number)
            text = piece.decode("latin-1")
            cells = {name: text[a - 1 : b].strip() for name, (a, b) in form.fields.items()}
            yield Record(number, cells)


def _length(opened: Opened, form: RecordFormat, number: int) -> NotReadable:
    return NotReadable(
        Message("The records have not all {length} characters.", {"length": form.length}),
        Message("The transfer may have been cut off, or an editor changed the line ends."),
        Place(opened.name, row=number),
    )


def _plain(opened: Opened, form: RecordFormat) -> Iterator[Record]:
    for number, row in enumerate(opened.text.rows(";"), 1):
        if not any(row) or (number == 1 and len(row) == 1):
            continue
        if len(row) != len(form.columns):
            raise NotReadable(
                Message(
                    "The row has {found} cells, the header {expected}.",
                    {"found": len(row), "expected": len(form.columns)},
                ),
                Message("A text may hold the delimiter without quotes, or the file was cut off."),
                Place(opened.name, row=number),
            )
        yield Record(number, dict(zip(form.columns, (cell.strip() for cell in row), strict=True)))


def _xml(opened: Opened, form: RecordFormat) -> Iterator[Record]:
    wanted = {*form.region, *form.count_by, form.time}
    around: dict[str, str] = {}
    number, inside = 0, False
    for event, element in events(opened):
        name = local_name(element.tag)
        if event == "start":
            inside = inside or name == form.record
            if not inside:
                around |= {local_name(n): v for n, v in element.attrib.items() if n in wanted}
            continue
        if name == form.record:
            number += 1
            inside = False
            yield _element(number, element, form, wanted, around)
            element.clear()
        elif not inside and name in wanted and element.text:
            around[name] = element.text.strip()


def _element(
    number: int, element: Any, form: RecordFormat, wanted: set[str], around: Mapping[str, str]
) -> Record:
    """Members and amounts are counted each on its own: a join would multiply them."""
    record = Record(number, cells := dict(around))
    for item in element.iter():
        name = local_name(item.tag)
        named = item.get("name") or name
        if named in wanted and item.text:
            cells[named] = item.text.strip()
        if name in form.members:
            record.members[form.members[name]] += 1
        if name in form.sums and item.text:
            record.sums[name] = record.sums.get(name, Decimal(0)) + Decimal(item.text.strip())
    return record

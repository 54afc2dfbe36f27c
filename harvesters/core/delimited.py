"""Reads a table by its layout: case lists, exports, any rows whose columns a layout describes.

The header is found by its captions, not by its row number, so title lines may come and go. Every
cell is read by the rule of its column; what does not fit is a problem at a file, row and column,
and a file with problems is refused as a whole.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import GeographyError, Level, Register
from ckanext.sozialdaten.harvesters.core._text import (
    date_parser,
    number_parser,
    squeeze,
)
from ckanext.sozialdaten.harvesters.core.errors import (
    BadCode,
    BadDate,
    BadNumber,
    DeliveryError,
    DeliveryRefused,
    DuplicateKey,
    EmptyDelivery,
    FooterMismatch,
    MissingColumn,
    MissingValue,
    NotReadable,
    SourceError,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Reading
from ckanext.sozialdaten.harvesters.core.readers._layout_rows import Lines, lines_of
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.lake.layouts import Dialect, Field, FieldType, Layout, Role
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DelimitedReader", "Keys"]

PARSER = "delimited/1"
_HEADER_SEARCH = 50
_MOST_PROBLEMS = 20
_YES = ("true", "1", "ja", "j")
_NO = ("false", "0", "nein", "n")

Cell = object
Parse = Callable[[str], Cell]
ERRORS: dict[FieldType, type[DeliveryError]] = {
    FieldType.INTEGER: BadNumber,
    FieldType.NUMBER: BadNumber,
    FieldType.YEAR: BadDate,
    FieldType.DATE: BadDate,
}


class _Problems:
    """Collects what is wrong with one file, up to a limit."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[DeliveryError] = []

    def add(
        self,
        kind: type[DeliveryError],
        row: int | None,
        column: str,
        message: Message,
        hint: Message | None,
    ) -> None:
        self.found.append(kind(message, hint, Place(self.file, row=row, column=column)))
        if len(self.found) >= _MOST_PROBLEMS:
            self.stop(more=True)

    def stop(self, more: bool = False) -> None:
        """Refuse the file if anything was found."""
        if self.found:
            raise DeliveryRefused(self.file, self.found, more)


@dataclass(frozen=True, slots=True)
class _Body:
    """The rows of a file with the numbers that a spreadsheet shows for them."""

    header: list[str]
    header_row: int
    rows: list[list[str]]
    numbers: list[int]
    footer: re.Match[str] | None


class Keys(Protocol):
    """What turns a key as written into its canonical form."""

    def normalise(self, key: object, level: Level | None = None) -> str:
        """The canonical key; see ``Register.normalise``."""
        ...


class DelimitedReader:
    """See the module.

    Args:
        register: the regions that keys are checked against.
        max_bytes: largest text that is read.
    """

    def __init__(self, register: "Register | Keys", max_bytes: int = 256 * 1024 * 1024) -> None:
        self.register = register
        self.max_bytes = max_bytes

    def read(self, raw: RawDelivery, layout: Layout | None) -> Reading:
        """All rows as typed columns in the order of the layout.

        Raises:
            DeliveryError: the file is empty, of another encoding, or no table.
            DeliveryRefused: every further problem, each at its row and column.
            SourceError: no layout was given.
        """
        if layout is None:
            raise SourceError(
                Message("Delimited text cannot be read without a layout."),
                Message("Name one of schemas/layouts, or a YAML file."),
                Place(file=raw.name),
            )
        return self.read_opened(Opened(raw.path, raw.name, self.max_bytes), layout)

    def read_opened(self, raw: Opened, layout: Layout) -> Reading:
        """All rows of a file of any kind whose rows have captions; see :meth:`read`."""
        lines, encoding = lines_of(raw, layout.dialect)
        problems = _Problems(raw.name)
        body = _body(lines, layout, raw.name)
        columns = _columns(body, layout, problems)
        problems.stop()
        _check_footer(body, layout.dialect, problems)
        table = self._table(body, columns, layout, problems)
        problems.stop()
        extra = [name for name in body.header if name and name not in columns.values()]
        notes = (f"{len(extra)} columns that the layout does not know were left out",)
        header = tuple(name for name in body.header if name)
        return Reading(table, body.numbers, encoding, notes if extra else (), PARSER, header)

    def _table(
        self, body: _Body, columns: dict[str, str], layout: Layout, problems: _Problems
    ) -> "pa.Table":
        import pyarrow as pa

        position = {name: body.header.index(caption) for name, caption in columns.items()}
        arrays: list[pa.Array] = []
        for field in layout.fields:
            parse = self._parser(field, layout.dialect)
            cells = [row[position[field.name]].strip() for row in body.rows]
            values = list(_values(field, parse, cells, body.numbers, problems))
            arrays.append(pa.array(values, type=arrow_type(field)))
        if not problems.found:
            _check_key(body, position, layout, problems)
        return pa.table(arrays, names=list(layout.names))

    def _parser(self, field: Field, dialect: Dialect) -> Parse:
        """The rule of a column: a function to its value, or to None where the cell is wrong."""
        if field.role is Role.REGION:
            level = Level(field.level) if field.level else None
            return _remember(partial(_region, self.register, level))
        if field.type in (FieldType.INTEGER, FieldType.NUMBER):
            number = number_parser(dialect.decimal, dialect.thousands)
            return partial(_whole, number) if field.type is FieldType.INTEGER else number
        if field.type is FieldType.DATE:
            return date_parser(field.format)
        if field.type is FieldType.YEAR:
            return _year
        if field.type is FieldType.BOOLEAN:
            yes, no = field.true_values or _YES, field.false_values or _NO
            return partial(_boolean, frozenset(yes), frozenset(no))
        allowed = field.enum or tuple(field.codes)
        return partial(_code, frozenset(allowed)) if allowed else str


def arrow_type(field: Field) -> "pa.DataType":
    """The Arrow type of a column."""
    import pyarrow as pa

    if field.role is Role.REGION:
        return pa.string()
    types: dict[FieldType, pa.DataType] = {
        FieldType.INTEGER: pa.int64(),
        FieldType.NUMBER: pa.decimal128(28, 8),
        FieldType.YEAR: pa.int64(),
        FieldType.DATE: pa.date32(),
        FieldType.BOOLEAN: pa.bool_(),
    }
    return types.get(field.type, pa.string())


def _remember(parse: Parse) -> Parse:
    known: dict[str, Cell] = {}

    def remembered(cell: str) -> Cell:
        if cell not in known:
            known[cell] = parse(cell)
        return known[cell]

    return remembered


def _region(register: "Register | Keys", level: Level | None, cell: str) -> str | None:
    try:
        return register.normalise(cell, level)
    except GeographyError:
        return None


def _whole(number: Callable[[str], Decimal | None], cell: str) -> int | None:
    value = number(cell)
    return int(value) if value is not None and value == value.to_integral_value() else None


def _year(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"[12]\d{3}", cell) else None


def _boolean(yes: frozenset[str], no: frozenset[str], cell: str) -> bool | None:
    for value, words in ((True, yes), (False, no)):
        if cell in words or cell.casefold() in words:
            return value
    return None


def _code(allowed: frozenset[str], cell: str) -> str | None:
    return cell if cell in allowed else None


def _values(
    field: Field, parse: Parse, cells: Sequence[str], numbers: Sequence[int], problems: _Problems
) -> Iterator[Cell]:
    for cell, row in zip(cells, numbers, strict=True):
        if not cell:
            if field.required:
                problems.add(
                    MissingValue,
                    row,
                    field.name,
                    Message("The cell is empty, but a value is required."),
                    Message("Complete the record in the system that the file comes from."),
                )
            yield None
            continue
        value = parse(cell)
        if value is None:
            kind, message, hint = _complaint(field)
            problems.add(kind, row, field.name, message, hint)
        yield value


def _complaint(field: Field) -> tuple[type[DeliveryError], Message, Message]:
    """What to say of a cell that its column's rule does not take, without quoting it."""
    if field.role is Role.REGION:
        return (
            UnknownRegionKey,
            Message("No region of this level has this key."),
            Message(
                "Check the key: it must exist, and keep its leading zero. "
                "Further regions come from SOZIALDATEN_REGIONS."
            ),
        )
    kind = ERRORS.get(field.type, BadCode)
    if kind is BadNumber:
        return (
            kind,
            Message("This is no number as the layout writes them."),
            Message(
                "Numbers need the decimal and thousands characters of the layout; "
                "the file may come from a program set to another language."
            ),
        )
    if kind is BadDate:
        return (
            kind,
            Message("This is no date of the form {form}.", {"form": field.format or "yyyy-mm-dd"}),
            Message("Export dates in this form; a spreadsheet may have changed them."),
        )
    return (
        kind,
        Message("This value is not in the code list of the column."),
        Message("Correct it in the system that the file comes from, or extend the layout."),
    )


def _body(lines: Lines, layout: Layout, file: str) -> _Body:
    header_row, header = _find_header(lines, layout, file)
    footer = re.compile(layout.dialect.footer) if layout.dialect.footer else None
    rows: list[list[str]] = []
    numbers: list[int] = []
    end: re.Match[str] | None = None
    for number, cells in lines:
        if number <= header_row or not any(cell.strip() for cell in cells):
            continue
        if end is not None:
            raise NotReadable(
                Message("There are rows after the footer."),
                Message("Several lists may have been joined; deliver each as a file of its own."),
                Place(file, row=number),
            )
        line = layout.dialect.delimiter.join(cells).rstrip(layout.dialect.delimiter + " ")
        end = footer.fullmatch(line) if footer else None
        if end is None:
            if len(cells) != len(header):
                raise _ragged(file, number, len(cells), len(header))
            rows.append(cells)
            numbers.append(number)
    if not rows:
        raise EmptyDelivery(
            Message("The file has a header but no rows."),
            Message("Nothing is retired because a list is empty; check the export's selection."),
            Place(file, row=header_row),
        )
    return _Body(header, header_row, rows, numbers, end)


def _ragged(file: str, row: int, found: int, expected: int) -> NotReadable:
    return NotReadable(
        Message(
            "The row has {found} cells, the header {expected}.",
            {"found": found, "expected": expected},
        ),
        Message("A text may hold the delimiter without quotes, or the file was cut off."),
        Place(file, row=row),
    )


def _find_header(lines: Lines, layout: Layout, file: str) -> tuple[int, list[str]]:
    wanted = {squeeze(name) for name in layout.names}
    best: tuple[int, int, list[str]] = (0, 0, [])
    for number, cells in lines[:_HEADER_SEARCH]:
        hits = len(wanted & {squeeze(cell) for cell in cells})
        if hits > best[0]:
            best = (hits, number, cells)
    hits, number, cells = best
    if 2 * hits < len(wanted):
        raise NotReadable(
            Message(
                "No header was found with the columns of the layout {name}.", {"name": layout.name}
            ),
            Message(
                "Expected are: {columns}; between them “{delimiter}”.",
                {"columns": ", ".join(layout.names), "delimiter": layout.dialect.delimiter},
            ),
            Place(file),
        )
    header = [" ".join(cell.split()) for cell in cells]
    named = [squeeze(cell) for cell in header if cell]
    if len(set(named)) != len(named):
        raise NotReadable(
            Message("Two columns of the header have the same name."), None, Place(file, row=number)
        )
    return number, header


def _columns(body: _Body, layout: Layout, problems: _Problems) -> dict[str, str]:
    """The caption in the file for each column of the layout."""
    captions = {squeeze(caption): caption for caption in body.header}
    found = {name: captions[squeeze(name)] for name in layout.names if squeeze(name) in captions}
    spare = [caption for caption in body.header if caption and caption not in found.values()]
    for name in layout.names:
        if name not in found:
            near = difflib.get_close_matches(name, spare, 1)
            hint = (
                Message("Is it the column “{near}” under a new name?", {"near": near[0]})
                if near
                else Message("Export the list with all columns of its layout.")
            )
            problems.add(
                MissingColumn,
                body.header_row,
                name,
                Message("The column “{name}” is missing.", {"name": name}),
                hint,
            )
    return found


def _check_footer(body: _Body, dialect: Dialect, problems: _Problems) -> None:
    if not dialect.footer:
        return
    last = body.numbers[-1]
    if body.footer is None:
        problems.add(
            FooterMismatch,
            last,
            "",
            Message("The closing line of the list is missing."),
            Message("The transfer may have been cut off; fetch the file again."),
        )
        return
    count = body.footer.groupdict().get("count")
    if count is not None and int(count) != len(body.rows):
        problems.add(
            FooterMismatch,
            last + 1,
            "",
            Message(
                "The closing line counts {stated} records, the file holds {found}.",
                {"stated": int(count), "found": len(body.rows)},
            ),
            Message("Rows are missing or were added by hand; fetch the file again."),
        )


def _check_key(body: _Body, position: dict[str, int], layout: Layout, problems: _Problems) -> None:
    if not layout.primary_key:
        return
    seen: dict[tuple[str, ...], int] = {}
    key = [position[name] for name in layout.primary_key]
    for row, number in zip(body.rows, body.numbers, strict=True):
        value = tuple(row[index].strip() for index in key)
        first = seen.setdefault(value, number)
        if first != number:
            problems.add(
                DuplicateKey,
                number,
                ", ".join(layout.primary_key),
                Message("The record stands in row {first} already.", {"first": first}),
                Message("Each record must come once; a list may have been pasted twice."),
            )

"""Reads a released file by its layout: typed values, quality signs beside them, nothing guessed.

A cell of a figure holds a number, a quality sign, or both: ``(12)`` is limited, ``12p``
is preliminary.
Anything else is an error that names row and column, never the value.
"""

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import NUMERIC_ROLES, Dialect, Field, FieldType, Layout, Role
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.errors import UnreadableError

__all__ = ["Column", "Table", "is_table", "open_table", "propose_layout"]

_SIGNS = frozenset({"-", "–", ".", "•", "...", "…", "/", "x", "X", "()", "p", "r", "s", "*"})
_BRACKETS = re.compile(r"\((.+)\)")
_SUFFIX = re.compile(r"(.*\d)\s*([prs])")
_PG_TYPES = {
    FieldType.INTEGER: "bigint",
    FieldType.NUMBER: "numeric",
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamp",
    FieldType.YEAR: "integer",
}
_TRUTHS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"})
_LIMITS = {"bigint": 2**63, "integer": 2**31}
_DIGITS = 40  # before the decimal point; no figure has more
_SHORT = 9  # digits of a number that fits every type
_REMEMBERED = 1 << 16  # texts of a column
_TYPE_OF_ROLE = {
    Role.COUNT: FieldType.INTEGER,
    Role.MAGNITUDE: FieldType.NUMBER,
    Role.RATE: FieldType.NUMBER,
    Role.WEIGHT: FieldType.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the released table: ``sign_of`` names the figure whose signs it holds."""

    name: str
    type: str
    field: Field | None = None
    sign_of: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file and how it is read; rows are read anew with each pass."""

    path: Path
    name: str
    dialect: Dialect
    header: tuple[str, ...]
    layout: Layout

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the file in order, then a column of signs where the layout has none."""
        found: list[Column] = []
        added: list[Column] = []
        for name in self.header:
            known = next((field for field in self.layout.fields if field.name == name), None)
            found.append(Column(name, _pg_type(known), known, known.quality_of if known else ""))
            if known and _is_figure(known) and self.layout.quality_column(name) is None:
                added.append(Column(f"{name}_zeichen", "text", None, name))
        return (*found, *added)

    def rows(self) -> Iterator[list[str | None]]:
        """The rows as texts that PostgreSQL reads; None is a cell without a value.

        Raises:
            UnreadableError: a row is too long or too short, or a cell is no number.
        """
        columns, width = self.columns, len(self.header)
        readings = [_Reading(column, self.dialect, self.name) for column in columns[:width]]
        at = {column.name: place for place, column in enumerate(columns)}
        signs = [(n, at[c.sign_of]) for n, c in enumerate(columns) if c.sign_of in at]
        added = [None] * (len(columns) - width)
        for number, cells in _lines(self.path, self.dialect):
            if len(cells) != width:
                raise UnreadableError(
                    Message(
                        "The row has {found} cells, the header {expected}.",
                        {"found": len(cells), "expected": width},
                    ),
                    place=Place(self.name, row=number),
                )
            try:
                read = [known[cell] for known, cell in zip(readings, cells, strict=True)]
            except UnreadableError as error:
                place = replace(error.place or Place(self.name), row=number)
                raise UnreadableError(error.message, error.hint, place) from None
            row = [value for value, _ in read] + added
            for column, figure in signs:
                row[column] = row[column] or read[figure][1] or None
            yield row


class _Reading(dict[str, tuple[str | None, str]]):
    """Value and quality sign of the cells of one column; texts that come again are read once."""

    def __init__(self, column: Column, dialect: Dialect, name: str) -> None:
        self._column, self._dialect = column, dialect
        self._place = Place(name, column=column.name)

    def __missing__(self, text: str) -> tuple[str | None, str]:
        if self._column.field is None:
            found = (text or None, "")
        elif self._column.sign_of:
            found = (text.strip() or None, "")
        else:
            found = _typed(self._column.field, text.strip(), self._dialect, self._place)
        if len(self) < _REMEMBERED:
            self[text] = found
        return found


def _is_figure(field: Field) -> bool:
    return field.role in NUMERIC_ROLES


def _pg_type(field: Field | None) -> str:
    if field is None or field.role is Role.REGION or field.quality_of:
        return "text"
    return _PG_TYPES.get(field.type, "text")


def _typed(field: Field, text: str, dialect: Dialect, place: Place) -> tuple[str | None, str]:
    """The value of a cell and its quality sign."""
    kind = _pg_type(field)
    if not text:
        return None, ""
    if kind in ("bigint", "numeric", "integer"):
        return _number(text, dialect, place, kind)
    if kind in ("date", "timestamp"):
        return _moment(text, field, place, whole_day=kind == "date"), ""
    if kind == "bool" and text.lower() not in _TRUTHS:
        raise _wrong(place, Message("The cell holds neither true nor false."))
    return text, ""


def _moment(text: str, field: Field, place: Place, *, whole_day: bool) -> str:
    """A date or a moment in ISO form.

    PostgreSQL would refuse another text as well, but quotes it in its log.
    """
    form = field.format if field.format and field.format != "default" else ""
    try:
        found = dt.datetime.strptime(text, form) if form else dt.datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(place, Message("The cell holds no date of the declared form.")) from None
    return found.date().isoformat() if whole_day else found.isoformat()


def _number(text: str, dialect: Dialect, place: Place, kind: str) -> tuple[str | None, str]:
    if len(text) <= _SHORT and text.isascii() and text.isdigit():
        return str(int(text)), ""
    whole = kind != "numeric"
    if text in _SIGNS:
        return None, text
    sign = ""
    if found := _BRACKETS.fullmatch(text):
        text, sign = found[1].strip(), "()"
    elif found := _SUFFIX.fullmatch(text):
        text, sign = found[1].strip(), found[2]
    plain = text.replace(dialect.thousands, "") if dialect.thousands else text
    if dialect.decimal == ",":
        plain = plain.replace(".", "?").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = None
    if value is None or not _fits(value, kind) or (whole and value != value.to_integral_value()):
        raise _wrong(place, Message("The cell holds neither a number nor a quality sign."))
    return (str(int(value)) if whole else f"{value:f}"), sign


def _fits(value: Decimal, kind: str) -> bool:
    """Whether a column of this type holds it; PostgreSQL quotes in its log what it refuses."""
    if not value.is_finite() or value.adjusted() > _DIGITS:
        return False
    return kind not in _LIMITS or abs(value) < _LIMITS[kind]


def _wrong(place: Place, message: Message) -> UnreadableError:
    hint = Message("Compare decimal and thousands characters with the layout.")
    return UnreadableError(message, hint, place)


def _encoding(path: Path, declared: str) -> str:
    if declared:
        return "utf-8-sig" if declared.lower().replace("_", "-") in ("utf-8", "utf8") else declared
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _lines(
    path: Path, dialect: Dialect, *, header: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Data rows (or the header rows) with their number as a spreadsheet shows it."""
    footer = re.compile(dialect.footer) if dialect.footer else None
    first = dialect.skip_lines + (0 if header else dialect.header_rows)
    with path.open(encoding=dialect.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=dialect.delimiter, quotechar=dialect.quote or '"')
        for number, cells in enumerate(reader, 1):
            if footer and cells and footer.match(dialect.delimiter.join(cells)):
                return
            if number > first and any(cells):
                yield number, cells


def is_table(filename: str) -> bool:
    """Whether the file is of a kind that the DataStore gets."""
    return filename.lower().endswith((".csv", ".tsv", ".txt"))


def open_table(path: Path, name: str, layout: Layout) -> Table:
    """Find the header of a delimited file.

    The layout's delimiter is taken where the header fits; else the one that makes it fit, because a
    published table may be written otherwise than the delivery that the layout was made for.

    Raises:
        UnreadableError: no delimiter makes the layout's columns appear.
    """
    encoding = _encoding(path, layout.dialect.encoding)
    for delimiter in dict.fromkeys((layout.dialect.delimiter, ";", ",", "\t", "|")):
        dialect = replace(layout.dialect, delimiter=delimiter, encoding=encoding)
        if delimiter != layout.dialect.delimiter and delimiter == ",":
            dialect = replace(dialect, decimal=".", thousands="")
        header = _header(path, dialect, layout)
        if set(layout.names) <= set(header):
            return Table(path, name, dialect, header, layout)
    raise UnreadableError(
        Message("The columns of the layout are not in the header of the file."),
        Message("Columns of the layout: {names}.", {"names": ", ".join(layout.names)}),
        Place(name, row=layout.dialect.skip_lines + 1),
    )


def _header(path: Path, dialect: Dialect, layout: Layout) -> tuple[str, ...]:
    if not dialect.header_rows:
        return layout.names
    lines = [cells for _, (_, cells) in zip(range(1), _lines(path, dialect, header=True))]  # noqa: B905
    return tuple(cell.strip() for cell in lines[0]) if lines else ()


def propose_layout(path: Path, roles: dict[str, str]) -> Layout | None:
    """A layout for a file that came without one, from roles that were inferred.

    A column keeps the type of its role only if every cell fits it; None if the file is no table.
    """
    for delimiter, decimal in ((";", ","), (",", "."), ("\t", ",")):
        dialect = Dialect(delimiter=delimiter, decimal=decimal)
        read = replace(dialect, encoding=_encoding(path, ""))
        header = _header(path, read, Layout(()))
        if len(header) > 1 and len(set(header)) == len(header) and all(header):
            break
    else:
        return None
    known = {name: Role(role) for name, role in roles.items() if role in list(Role)}
    numbers = _numeric_columns(path, read, header)
    fields = tuple(_proposed(name, known.get(name), numbers) for name in header)
    return Layout(fields, dialect=dialect)


def _proposed(name: str, role: Role | None, numbers: dict[str, bool]) -> Field:
    kind = _TYPE_OF_ROLE.get(role, FieldType.STRING) if role else FieldType.STRING
    if name not in numbers:
        kind = FieldType.STRING
    elif kind is FieldType.INTEGER and not numbers[name]:
        kind = FieldType.NUMBER
    return Field(name, kind, role)


def _numeric_columns(path: Path, dialect: Dialect, header: tuple[str, ...]) -> dict[str, bool]:
    """The columns of which every cell is a number or a sign, and whether all are whole."""
    found = dict.fromkeys(header, True)
    for _, cells in _lines(path, dialect):
        for name, cell in zip(header, cells, strict=False):
            if name not in found or not cell.strip():
                continue
            try:
                value, _ = _number(cell.strip(), dialect, Place(), "numeric")
            except UnreadableError:
                del found[name]
            else:
                found[name] &= value is None or Decimal(value) % 1 == 0
    return found

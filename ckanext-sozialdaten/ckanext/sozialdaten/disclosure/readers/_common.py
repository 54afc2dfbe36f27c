"""What all readers share: bytes with a name, the errors they raise, texts to Arrow."""

import datetime as dt
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = [
    "MAX_COLUMNS",
    "MAX_TABLE_BYTES",
    "Buffer",
    "Raw",
    "cell_text",
    "narrow",
    "text_table",
    "unique_names",
    "unreadable",
]

Buffer = bytes | mmap.mmap
MAX_COLUMNS = 16_384  # as many as a sheet of a workbook has
MAX_TABLE_BYTES = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes of one file or archive member.

    Args:
        data: the bytes; large files are mapped into memory, not copied.
        resource: the file's name as given by the user.
        member: path inside an archive; empty outside.
    """

    data: Buffer
    resource: str
    member: str = ""

    @property
    def name(self) -> str:
        """The innermost file name."""
        return (self.member or self.resource).replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def suffix(self) -> str:
        """Its ending in lower case, with the dot."""
        return "." + self.name.rsplit(".", 1)[-1].lower() if "." in self.name else ""

    def sheet(self, name: str = "") -> str:
        """The sheet name that findings show: archive member and sheet."""
        return " > ".join(part for part in (self.member, name) if part)


def unreadable(
    raw: Raw, message: Message, hint: Message, *, sheet: str = "", row: int | None = None
) -> UnreadableFileError:
    """The error for a file that cannot be read, with its place."""
    return UnreadableFileError(
        message, hint, Place(file=raw.resource, sheet=raw.sheet(sheet), row=row)
    )


def narrow(raw: Raw, columns: int, size: int = 0, *, sheet: str = "") -> None:
    """Refuse a table that no check gets through in reasonable time and memory.

    Args:
        raw: the file.
        columns: how many columns it has.
        size: bytes of the table in memory, as far as they are known.
        sheet: the sheet's name.

    Raises:
        UnreadableFileError: too many columns or bytes.
    """
    if columns > MAX_COLUMNS:
        raise unreadable(
            raw,
            Message("The table has more than {count} columns.", {"count": MAX_COLUMNS}),
            Message("Write it in long form: one row for each value."),
            sheet=sheet,
        )
    if size > MAX_TABLE_BYTES:
        raise unreadable(
            raw,
            Message("The table is too large to be checked as one."),
            Message("Split it, or deliver it as Parquet."),
            sheet=sheet,
        )


def cell_text(value: object) -> str:
    """A cell's value as a clerk would read it: whole numbers without a point, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    # a lone surrogate (JSON can hold one) cannot be written to Arrow
    return str(value).encode("utf-8", "replace").decode("utf-8")


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names without blanks around them, never empty, never twice."""
    result: list[str] = []
    seen: set[str] = set()
    last: dict[str, int] = {}
    for index, name in enumerate(names, 1):
        base = " ".join(name.split()) or f"column {index}"
        unique, count = base, last.get(base.casefold(), 1)
        while unique.casefold() in seen:
            count += 1
            unique = f"{base} ({count})"
        last[base.casefold()] = count
        result.append(unique)
        seen.add(unique.casefold())
    return result


def text_table(columns: Mapping[str, Sequence[str | None]]) -> pa.Table:
    """An Arrow table of text columns."""
    return pa.table(
        {name: pa.array(list(cells), type=pa.string()) for name, cells in columns.items()}
    )

"""What all readers share: bytes with a name, the errors they raise, texts to Arrow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["Raw", "cell_text", "text_table", "unique_names", "unreadable"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes of one file or archive member.

    Args:
        data: the bytes.
        resource: the file's name as given by the user.
        member: path inside an archive; empty outside.
    """

    data: bytes
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
    return str(value)


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names without blanks around them, never empty, never twice."""
    result: list[str] = []
    seen: set[str] = set()
    for index, name in enumerate(names, 1):
        base = " ".join(name.split()) or f"column {index}"
        unique, count = base, 2
        while unique.casefold() in seen:
            unique, count = f"{base} ({count})", count + 1
        result.append(unique)
        seen.add(unique.casefold())
    return result


def text_table(columns: Mapping[str, Sequence[str | None]]) -> pa.Table:
    """An Arrow table of text columns."""
    return pa.table(
        {name: pa.array(list(cells), type=pa.string()) for name, cells in columns.items()}
    )

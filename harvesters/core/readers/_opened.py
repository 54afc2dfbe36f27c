"""A file that is to be read, opened safely: what it is, and its text, sheets, JSON or XML.

Archives are opened within the limits of the room ``disclosure`` (size, density, paths, encryption);
XML knows neither entities nor a DTD; no member name is ever used as a path.
"""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.readers import plausible_archive
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._archive_file import members
from ckanext.sozialdaten.harvesters.core._text import encoding_of
from ckanext.sozialdaten.harvesters.core.errors import EmptyDelivery, NotReadable, TooLarge
from ckanext.sozialdaten.harvesters.core.readers._words import fold
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.harvesters.core.readers._grid import Grid

__all__ = ["Kind", "Opened", "Text"]

_HEAD = 1 << 16
_MOST_BYTES = 4 << 30
_LONGEST = 1 << 20
_MOST_JSON = 256 << 20
_OPENING = 25
_RATIO = 250
_FREE = 10 << 20


class Kind:
    """What a file is by its first bytes."""

    TEXT = "text"
    JSON = "json"
    XML = "xml"
    WORKBOOK = "workbook"
    PARQUET = "parquet"
    OTHER = "other"


_WORKBOOK = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
_SIGNATURES = {
    b"\xd0\xcf\x11\xe0": Kind.WORKBOOK,
    b"PAR1": Kind.PARQUET,
    b"%PDF": Kind.OTHER,
}
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file: how it is encoded, and its bytes from the start, as often as asked for.

    Args:
        encoding: ``utf-8`` or ``cp1252``.
        opened: whose text it is.
    """

    encoding: str
    opened: "Opened"

    def lines(self) -> IO[str]:
        """A new stream of the text; line ends stay as they are, a byte order mark is left out."""
        encoding = "utf-8-sig" if self.encoding == "utf-8" else self.encoding
        return io.TextIOWrapper(self.opened.stream(), encoding=encoding, newline="")

    def rows(self, delimiter: str, quote: str = '"') -> Iterator[list[str]]:
        """The cells of each record.

        Raises:
            NotReadable: a quotation mark is never closed, or the text is no table.
        """
        with self.lines() as stream:
            reader = csv.reader(_lines(stream), delimiter=delimiter, quotechar=quote)
            try:
                yield from reader
            except csv.Error as error:
                raise NotReadable(
                    Message("The row cannot be split into cells."),
                    Message("A quotation mark may be open, or the file is no delimited text."),
                    Place(self.opened.name, row=reader.line_num),
                ) from error

    @property
    def start(self) -> str:
        """The first 64 KiB."""
        return self.opened.head.removeprefix(b"\xef\xbb\xbf").decode(self.encoding, "replace")


@dataclass
class Opened:
    """One file, or the one member of a ZIP or gzip file.

    Args:
        path: where the bytes lie.
        name: as people know it.
        limit: most bytes that are read, unpacked.
    """

    path: Path
    name: str
    limit: int = _MOST_BYTES
    member: str = field(default="", init=False)
    gzipped: bool = field(default=False, init=False)
    kind: str = field(default=Kind.OTHER, init=False)
    head: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        try:
            with self.path.open("rb") as stream:
                self.head = stream.read(_HEAD)
        except OSError as error:
            raise NotReadable(
                Message("The file cannot be opened ({reason}).", {"reason": error.strerror or ""}),
                None,
                Place(file=self.name),
            ) from error
        if not self.head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise EmptyDelivery(
                Message("The file is empty."),
                Message("Export it again; the transfer may have been cut off."),
                Place(file=self.name),
            )
        if self.path.stat().st_size > self.limit:
            raise self.too_large()
        if self.head.startswith(b"PK\x03\x04"):
            self._unpack()
        elif self.head.startswith(_GZIP):
            self._gunzip()
        else:
            self.kind = _kind(self.head)

    def _unpack(self) -> None:
        with self._archive(self._mapped()) as archive:
            if _WORKBOOK & set(archive.namelist()):
                self.kind = Kind.WORKBOOK
                return
            found = members(archive)
            if len(found) != 1:
                wanted = [info for info in found if info.filename.lower().endswith(".csv")]
                if len(wanted) != 1:
                    raise NotReadable(
                        Message(
                            "The ZIP file holds {count} CSV files rather than one.",
                            {"count": len(wanted)},
                        ),
                        Message("Deliver each table as a file of its own."),
                        Place(file=self.name),
                    )
                found = wanted
            self._dense(found[0].file_size, found[0].compress_size)
            self.member = found[0].filename
        self._look_inside()

    def _gunzip(self) -> None:
        """A gzip file does not say how much it holds: it is unpacked once, and only counted."""
        self.gzipped, self.member = True, self.name.removesuffix(".gz") or self.name
        packed, size = self.path.stat().st_size, 0
        for chunk in self.chunks():
            size += len(chunk)
            self._dense(size, packed)
        self._look_inside()

    def _look_inside(self) -> None:
        with self.stream() as stream:
            self.head = stream.read(_HEAD)
        self.kind = _kind(self.head)
        if self.head.startswith(b"PK\x03\x04"):
            self._inner_workbook()

    def _inner_workbook(self) -> None:
        """A workbook that came in a ZIP; an archive in an archive is nothing else to us."""
        with self._archive(self.seekable().read()) as archive:
            if not _WORKBOOK & set(archive.namelist()):
                raise self.damaged()
        self.kind = Kind.WORKBOOK

    def _archive(self, data: "bytes | mmap") -> zipfile.ZipFile:
        try:
            return plausible_archive(data, self.name)
        except UnreadableFileError as error:
            kind = TooLarge if "implausible" in error.message.msgid else NotReadable
            raise kind(error.message, error.hint, Place(file=self.name)) from error

    def seekable(self) -> BinaryIO:
        """The bytes as a stream that seeks; a member of an archive lies in memory."""
        if not self.member:
            return self.path.open("rb")
        return io.BytesIO(b"".join(self.chunks()))

    def _mapped(self) -> mmap:
        with self.path.open("rb") as stream:
            return mmap(stream.fileno(), 0, access=ACCESS_READ)

    def _dense(self, size: int, packed: int) -> None:
        if size > self.limit:
            raise self.too_large()
        if size > _FREE and size > _RATIO * max(packed, 1):
            raise TooLarge(
                Message("The packed file is packed more densely than real tables are."),
                Message("It was refused as a bomb; deliver the plain CSV file."),
                Place(file=self.name),
            )

    def too_large(self) -> TooLarge:
        """The error for a file beyond all limits."""
        return TooLarge(
            Message(
                "The file is larger than the {limit} bytes that are read.", {"limit": self.limit}
            ),
            Message("Deliver fewer periods or regions in one file."),
            Place(file=self.name),
        )

    @property
    def inner(self) -> str:
        """The innermost file name."""
        return (self.member or self.name).replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def stem(self) -> str:
        """The innermost file name without its ending."""
        return self.inner.rsplit(".", 1)[0]

    def stream(self) -> IO[bytes]:
        """The bytes, from the start."""
        if not self.member:
            return self.path.open("rb")
        if self.gzipped:
            return cast("IO[bytes]", gzip.open(self.path))
        try:
            archive = zipfile.ZipFile(self.path)
            return archive.open(self.member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise self.damaged() from error

    def damaged(self) -> NotReadable:
        """The error for an archive that cannot be unpacked."""
        return NotReadable(
            Message("The packed file is damaged or encrypted."),
            Message("Fetch it again; the transfer may have been cut off."),
            Place(file=self.name),
        )

    def chunks(self, size: int = 1 << 22) -> Iterator[bytes]:
        """The bytes piece by piece."""
        try:
            with self.stream() as stream:
                total = 0
                while chunk := stream.read(size):
                    total += len(chunk)
                    if total > self.limit:
                        raise self.too_large()
                    yield chunk
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise self.damaged() from error

    @cached_property
    def text(self) -> Text:
        """The text: strict UTF-8, else Windows-1252; never a guess.

        Raises:
            WrongEncoding: neither of the two.
        """
        return Text(encoding_of(self.chunks, self.name), self)

    @cached_property
    def grids(self) -> "list[Grid]":
        """The sheets of a workbook, or a delimited text as the only one.

        Raises:
            NotReadable: damaged, encrypted, or no workbook.
        """
        from ckanext.sozialdaten.harvesters.core.readers._grid import delimited_grid, sheets
        from ckanext.sozialdaten.harvesters.core.readers._objects import object_grids

        if self.kind == Kind.WORKBOOK:
            return sheets(self)
        if self.kind in (Kind.JSON, Kind.PARQUET):
            return object_grids(self)
        return [delimited_grid(self)]

    @cached_property
    def opening(self) -> str:
        """The texts of the first rows of every sheet, folded: what formats are recognised by."""
        texts = [fold(grid.name) for grid in self.grids]
        if self.kind == Kind.JSON:
            texts.append(self.head.decode("utf-8", "replace"))
        for grid in self.grids:
            for row in islice(grid.rows(), _OPENING):
                texts += [fold(cell) for cell in row if isinstance(cell, str) and cell]
        return "\n".join(texts)

    @cached_property
    def parquet(self) -> "pa.Table":
        """The table of a Parquet file.

        Raises:
            NotReadable: damaged.
        """
        import pyarrow as pa
        from pyarrow import parquet

        try:
            return parquet.read_table(self.seekable())
        except (pa.ArrowException, OSError) as error:
            raise NotReadable(
                Message("The Parquet file is damaged."),
                Message("Fetch it again; the transfer may have been cut off."),
                Place(file=self.name),
            ) from error

    @cached_property
    def json(self) -> Any:
        """The JSON document.

        Raises:
            NotReadable: no JSON.
            TooLarge: more than is read into memory.
        """
        data = b""
        with self.stream() as stream:
            data = stream.read(_MOST_JSON + 1)
        if len(data) > _MOST_JSON:
            raise self.too_large()
        try:
            parsed: Any = json.loads(data.decode("utf-8-sig"))
            return json.loads(parsed) if isinstance(parsed, str) else parsed
        except (ValueError, RecursionError) as error:
            row = getattr(error, "lineno", None)
            raise NotReadable(
                Message("The file is no valid JSON."),
                Message("The transfer may have been cut off; fetch it again."),
                Place(self.name, row=row if isinstance(row, int) else None),
            ) from error


def _lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a text; one without an end is cut, so that it never fills the memory."""
    while line := stream.readline(_LONGEST):
        yield line


def _kind(head: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    if b"\0" in head:
        return Kind.OTHER
    if plain[:1] in (b"{", b"[") or plain[:2] in (b'"{', b'"['):
        return Kind.JSON
    return Kind.XML if plain[:1] == b"<" else Kind.TEXT

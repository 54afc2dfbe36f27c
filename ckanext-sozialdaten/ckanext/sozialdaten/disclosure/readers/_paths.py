"""Files, folders and archives to tables, within limits that no archive bomb gets past."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.readers._common import Raw, unreadable
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

__all__ = ["read_paths", "read_raw"]

MAX_MEMBERS = 2_000
MAX_BYTES = 1 << 30
MAX_RATIO = 250
MAX_NESTING = 3
_CHUNK = 1 << 20
_FREE_RATIO_BYTES = 10 << 20

_DELIMITED = {".csv", ".tsv", ".tab", ".txt", ".dat", ".asc"}
_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_JSON = {".json", ".geojson", ".jsonstat"}
_XML = {".xml", ".rdf", ".gml", ".kml"}
_PROSE = {".md", ".rst", ".ttl", ".html", ".htm", ".yaml", ".yml", ".py", ".sql"}


def read_paths(paths: Sequence[str | Path], dialect: Dialect | None = None) -> Iterator[Sheet]:
    """Every table in files, folders (in order of names, at any depth) and archives.

    Args:
        paths: what shall be published.
        dialect: how delimited files are written, from a layout; found from each file if None.

    Raises:
        UnreadableFileError: a path that is missing, of an unknown kind, damaged or too large.
    """
    for given in paths:
        path = Path(given)
        if not path.exists():
            raise UnreadableFileError(
                Message("There is no such file or folder."),
                Message("Check the path."),
                Place(file=str(given)),
            )
        for file in _files(path):
            name = file.name if path.is_file() else str(file.relative_to(path))
            yield from read_raw(Raw(_load(file, name), name), dialect)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file())
    if not found:
        raise UnreadableFileError(
            Message("The folder is empty."), Message("Check the path."), Place(file=path.name)
        )
    return found


def _load(file: Path, name: str) -> bytes:
    if file.stat().st_size > MAX_BYTES:
        raise unreadable(Raw(b"", name), Message("The file is too large."), _smaller())
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(
            Raw(b"", name),
            Message("The file cannot be opened."),
            Message("Check whether you may read it."),
        ) from error


def _smaller() -> Message:
    return Message("Split it, or deliver it as Parquet.")


def read_raw(raw: Raw, dialect: Dialect | None = None, depth: int = 0) -> Iterator[Sheet]:
    """Every table of one file; its name is checked like any other text."""
    for sheet in _dispatch(raw, dialect, depth):
        if sheet.loose and sheet.loose[-1].kind == "file":
            yield sheet
        else:
            loose = (*sheet.loose, Loose(raw.name.rsplit(".", 1)[0], "file"))
            yield Sheet(
                sheet.table,
                sheet.resource,
                sheet.name,
                sheet.first_row,
                loose,
                sheet.rows,
                sheet.geometry,
            )


def _dispatch(raw: Raw, dialect: Dialect | None, depth: int) -> Iterable[Sheet]:
    from ckanext.sozialdaten.disclosure.readers import _delimited, _parquet, _tree, _workbook

    suffix, head = raw.suffix, raw.data[:8]
    if not raw.data:
        raise unreadable(
            raw, Message("The file is empty."), Message("Ask the source to deliver it again.")
        )
    if head.startswith(b"PAR1"):
        return _parquet.read_parquet(raw)
    if suffix in _WORKBOOKS:
        if head.startswith(b"PK"):
            _guard(raw, _open(raw))
        return _workbook.read_workbook(raw)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(raw, dialect, depth)
    if suffix in _JSON:
        return _tree.read_json(raw)
    if suffix in _XML:
        return _tree.read_xml(raw)
    if suffix in _DELIMITED:
        return _delimited.read_delimited(raw, dialect)
    if suffix in _PROSE:
        return _delimited.read_text(raw)
    raise unreadable(
        raw,
        Message("Files of this kind cannot be checked."),
        Message("Deliver CSV, XLSX, ODS, Parquet, JSON, GeoJSON, XML or a ZIP of these."),
    )


def _open(raw: Raw) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(raw.data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise unreadable(
            raw, Message("The archive is damaged."), Message("Pack it again.")
        ) from error


def _guard(raw: Raw, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of an archive, after the checks that need no unpacking."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    total = sum(member.file_size for member in members)
    ratio = total / max(len(raw.data), 1)
    if len(members) > MAX_MEMBERS or total > MAX_BYTES:
        raise unreadable(raw, Message("The archive holds too much."), _smaller())
    if total > _FREE_RATIO_BYTES and ratio > MAX_RATIO:
        raise unreadable(
            raw,
            Message("The archive unpacks to an implausible size."),
            Message("Deliver the files themselves."),
        )
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            raise unreadable(
                raw,
                Message("A path in the archive leads out of it."),
                Message("Pack it again with plain file names."),
            )
        if member.flag_bits & 1:
            raise unreadable(
                raw, Message("The archive is encrypted."), Message("Pack it without a password.")
            )
    return members


def _archive(raw: Raw, dialect: Dialect | None, depth: int) -> Iterator[Sheet]:
    if depth >= MAX_NESTING:
        raise unreadable(
            raw,
            Message("Archives lie within archives too deeply."),
            Message("Deliver the files themselves."),
        )
    archive = _open(raw)
    budget = MAX_BYTES
    for member in _guard(raw, archive):
        data = _unpack(raw, archive, member, budget)
        budget -= len(data)
        if data or depth == 0:
            inner = f"{raw.member}/{member.filename}" if raw.member else member.filename
            yield from read_raw(Raw(data, raw.resource, inner), dialect, depth + 1)


def _unpack(raw: Raw, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> bytes:
    """The bytes of a member; the size in its header is not trusted."""
    chunks: list[bytes] = []
    size = 0
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > min(budget, member.file_size):
                    raise unreadable(raw, Message("The archive holds too much."), _smaller())
                chunks.append(chunk)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise unreadable(
            raw, Message("The archive is damaged."), Message("Pack it again.")
        ) from error
    return b"".join(chunks)

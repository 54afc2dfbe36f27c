"""Files, folders and archives to tables: which reader a file gets, and what is refused."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from pathlib import Path

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind, Loose, Sheet
from ckanext.sozialdaten.disclosure.documents._model import SUFFIXES
from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.readers import _archive
from ckanext.sozialdaten.disclosure.readers._common import Buffer, Raw, unreadable
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

__all__ = ["read_paths", "read_raw"]

MAX_NESTING = 3
_MAPPED = 16 << 20
_SNIFFED = 1 << 10
_OLD_DOCUMENTS = {".doc", ".ppt", ".dot"}
_RUN = re.compile(rb"[\x20-\x7e\xa0-\xff]{6,2000}")
_WIDE_RUN = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00){6,2000}")

_DELIMITED = {".csv", ".tsv", ".tab", ".txt", ".dat", ".asc", ".prn"}
_WORKBOOKS = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".ots"}
_JSON = {".json", ".geojson", ".jsonstat", ".jsonl", ".ndjson", ".geojsonl", ".jsonld", ".topojson"}
_XML = {".xml", ".rdf", ".gml", ".kml"}
_PROSE = {".md", ".rst"}
_HTML = {".html", ".htm", ".xhtml"}
_BINARY_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09")
_ARROW = (b"ARROW1", b"FEA1")
_GZIP = b"\x1f\x8b"
_PACKED = (_GZIP, b"PK\x03\x04", b"PK\x05\x06")
_ARROW_STREAM = b"\xff\xff\xff\xff"
_FEATHER = {".feather", ".arrow", ".arrows", ".ipc"}


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
        if not _exists(path):
            raise UnreadableFileError(
                Message("There is no such file or folder."),
                Message("Check the path."),
                Place(file=str(given)),
            )
        for file in _files(path):
            name = file.name if path.is_file() else str(file.relative_to(path))
            yield from read_raw(Raw(_load(file, name), name), dialect)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found: list[Path] = []
    root = path.resolve()
    for file in sorted(path.rglob("*")):
        if file.is_symlink() and not file.resolve().is_relative_to(root):
            raise UnreadableFileError(
                Message("A link in the folder leads out of it."),
                Message("Put the file itself into the folder."),
                Place(file=str(file.relative_to(path))),
            )
        if file.is_file():
            found.append(file)
    if not found:
        raise UnreadableFileError(
            Message("The folder is empty."), Message("Check the path."), Place(file=path.name)
        )
    return found


def _load(file: Path, name: str) -> Buffer:
    try:
        size = file.stat().st_size
        if size > _archive.MAX_BYTES:
            raise unreadable(Raw(b"", name), Message("The file is too large."), _archive.smaller())
        if size < _MAPPED:
            return file.read_bytes()
        with file.open("rb") as opened:
            return mmap(opened.fileno(), 0, access=ACCESS_READ)
    except OSError as error:
        raise unreadable(
            Raw(b"", name),
            Message("The file cannot be opened."),
            Message("Check whether you may read it."),
        ) from error


def read_raw(raw: Raw, dialect: Dialect | None = None, depth: int = 0) -> Iterator[Sheet]:
    """Every table of one file; its name is checked like any other text."""
    for sheet in _dispatch(raw, dialect, depth):
        if sheet.loose and sheet.loose[-1].kind == "file":
            yield sheet
        else:
            path = raw.member or raw.name  # folders in an archive are published with it
            stem = path[: len(path) - len(raw.suffix)].encode("utf-8", "replace").decode("utf-8")
            yield replace(sheet, loose=(*sheet.loose, Loose(stem, "file")))


def _dispatch(raw: Raw, dialect: Dialect | None, depth: int) -> Iterable[Sheet]:
    from ckanext.sozialdaten.disclosure.readers import _arrow

    suffix, head = raw.suffix, raw.data[:8]
    if not head:
        raise unreadable(
            raw, Message("The file is empty."), Message("Ask the source to deliver it again.")
        )
    if head.startswith(b"PAR1"):
        return _arrow.read_parquet(raw)
    if head.startswith(_ARROW) or (suffix in _FEATHER and head.startswith(_ARROW_STREAM)):
        return _arrow.read_feather(raw)
    if suffix in _WORKBOOKS:
        return _workbook_or_text(raw, dialect, depth)
    if suffix in SUFFIXES:
        return _document(raw, dialect, depth)
    if head.startswith(_PACKED):
        return _packed(raw, dialect, depth)
    return _plain(raw, dialect)


def _workbook_or_text(raw: Raw, dialect: Dialect | None, depth: int) -> Iterable[Sheet]:
    """A workbook, or a page or text that only bears the name of one: many programs write such."""
    from ckanext.sozialdaten.disclosure.readers import _delimited, _html

    head = raw.data[:_SNIFFED]
    if head.startswith(_BINARY_WORKBOOKS) or raw.suffix != ".xls":
        return _workbook_with(raw, dialect, depth)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        return _html.read_html(raw)
    return _delimited.read_delimited(raw, dialect)


def _workbook_with(raw: Raw, dialect: Dialect | None, depth: int) -> Iterator[Sheet]:
    """The sheets of a workbook, and the files that lie in it."""
    from ckanext.sozialdaten.disclosure.readers import _workbook

    sheets = _workbook.read_workbook(raw)
    files, closed, texts = _embedded(raw)
    if files and depth >= MAX_NESTING:
        raise _too_deep(raw)
    hidden = [Hidden(HiddenKind.EMBEDDED, closed)] if closed else []
    hidden += [Hidden(HiddenKind.UNSEEN)] if texts else []
    first = sheets[0]
    sheets[0] = replace(first, loose=(*first.loose, *texts), hidden=(*first.hidden, *hidden))
    yield from sheets
    for inner in files:
        yield from read_raw(inner, dialect, depth + 1)


def _embedded(raw: Raw) -> tuple[list[Raw], int, list[Loose]]:
    """Files in a workbook that can be checked, how many cannot, and the words of old documents."""
    found, closed, texts = list[Raw](), 0, list[Loose]()
    if not raw.data[:4].startswith(b"PK"):
        return found, closed, texts
    archive = _archive.open_zip(raw)
    for member in _archive.members(raw, archive):
        if "/embeddings/" not in f"/{member.filename}" or "/_rels/" in member.filename:
            continue
        inner = f"{raw.member}/{member.filename}" if raw.member else member.filename
        suffix = Raw(b"", inner).suffix
        if suffix in _WORKBOOKS | _DELIMITED | set(SUFFIXES):
            data = _archive.unzip(raw, archive, member, _archive.MAX_BYTES)
            found.append(Raw(data, raw.resource, inner))
        elif suffix in _OLD_DOCUMENTS:
            data = bytes(_archive.unzip(raw, archive, member, _archive.MAX_BYTES)[:])
            texts += [Loose(text, "metadata") for text in _words(data)]
        else:
            closed += 1
    return found, closed, texts


def _words(data: bytes) -> Iterator[str]:
    """Runs of letters in a file whose form nobody reads: one and two bytes for each."""
    for encoding, pattern in (("cp1252", _RUN), ("utf-16-le", _WIDE_RUN)):
        for match in pattern.finditer(data):
            yield match.group().decode(encoding, "replace")


def _document(raw: Raw, dialect: Dialect | None, depth: int) -> Iterator[Sheet]:
    from ckanext.sozialdaten.disclosure.readers._document import read_text_document

    if depth >= MAX_NESTING:
        raise _too_deep(raw)
    sheets, within = read_text_document(raw)
    yield from sheets
    for inner in within:
        yield from read_raw(inner, dialect, depth + 1)


def _plain(raw: Raw, dialect: Dialect | None) -> Iterable[Sheet]:
    """The tables of a file that is told by its ending."""
    from ckanext.sozialdaten.disclosure.readers import _delimited, _html, _json, _prose, _xml

    suffix = raw.suffix
    if suffix in _JSON:
        return _json.read_json(raw)
    if suffix in _XML:
        return _xml.read_xml(raw)
    if suffix in _DELIMITED:
        return _delimited.read_delimited(raw, dialect)
    if suffix in _HTML:
        return _html.read_html(raw)
    if suffix in _PROSE:
        return _prose.read_text(raw)
    raise _unknown(raw)


def _unknown(raw: Raw) -> UnreadableFileError:
    return unreadable(
        raw,
        Message("Files of this kind cannot be checked."),
        Message(
            "Deliver CSV, XLSX, ODS, Parquet, JSON, GeoJSON, XML, PDF, DOCX, PPTX, ODT, ODP or a"
            " ZIP of these."
        ),
    )


def _too_deep(raw: Raw) -> UnreadableFileError:
    return unreadable(
        raw,
        Message("Archives lie within archives too deeply."),
        Message("Deliver the files themselves."),
    )


def _packed(raw: Raw, dialect: Dialect | None, depth: int) -> Iterable[Sheet]:
    if depth >= MAX_NESTING:
        raise _too_deep(raw)
    gzip = raw.data[:2] == _GZIP
    return _gzip(raw, dialect, depth) if gzip else _zip(raw, dialect, depth)


def _gzip(raw: Raw, dialect: Dialect | None, depth: int) -> Iterator[Sheet]:
    stem = raw.name[:-3] if raw.suffix == ".gz" else raw.name
    inner = f"{raw.member}/{stem}" if raw.member else stem
    yield from read_raw(Raw(_archive.unpack(raw), raw.resource, inner), dialect, depth + 1)


def _zip(raw: Raw, dialect: Dialect | None, depth: int) -> Iterator[Sheet]:
    archive = _archive.open_zip(raw)
    budget = _archive.MAX_BYTES
    notes = [archive.comment]
    files = _archive.members(raw, archive)
    if not files:
        raise unreadable(
            raw, Message("The archive is empty."), Message("Ask the source to deliver it again.")
        )
    for member in files:
        notes.append(member.comment)
        data = _archive.unzip(raw, archive, member, budget)
        budget -= len(data)
        inner = f"{raw.member}/{member.filename}" if raw.member else member.filename
        inner = inner.encode("utf-8", "replace").decode("utf-8")
        texts = tuple(Loose(n.decode("utf-8", "replace"), "comment") for n in notes if n)
        notes = []
        for sheet in read_raw(Raw(data, raw.resource, inner), dialect, depth + 1):
            yield replace(sheet, loose=(*texts, *sheet.loose)) if texts else sheet
            texts = ()

"""Which files and links the portal takes, decided before a byte is kept.

A file must be what its ending says. Archives and workbooks stay within the limits of the readers,
hold no macros, and files of kinds that the portal takes. XML that a browser would run is refused.
Links are addresses of the web: the portal itself never fetches them.
"""

import mmap
import re
import zipfile
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan.common import config
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.readers import plausible_archive
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["vet"]

_HEAD = 8192
_CHUNK = 1 << 20
_OVERLAP = 64
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BINARY = (*_ZIP, b"PAR1", b"%PDF", b"MZ", b"\x7fELF", _OLE, b"\x1f\x8b", b"\x89PNG", b"GIF8")
# What a browser would run, or load from elsewhere, in a file that it takes for a page.
_ACTIVE = re.compile(
    rb"<\s*(?:[\w-]+:)?(?:script|html|svg|iframe|object|embed)\b|<\?xml-stylesheet|<!ENTITY"
    rb"|<!DOCTYPE\s+(?:html|svg)|http://www\.w3\.org/(?:1999/xhtml|2000/svg)",
    re.IGNORECASE,
)

Refused = Callable[[Message, Message], UnreadableFileError]


def vet(resource: dict[str, Any]) -> None:
    """Refuse a file or a link that the portal does not take; reads only.

    Raises:
        tk.ValidationError: what is wrong, with which file, and what to do.
    """
    upload = resource.get("upload")
    if isinstance(upload, FileStorage) and upload.filename:
        try:
            _file(upload)
        except UnreadableFileError as error:
            raise tk.ValidationError({"upload": [error.text(tk.h.lang())]}) from error
        finally:
            upload.stream.seek(0)
    elif resource.get("url") and resource.get("url_type") != "upload":
        _link(str(resource["url"]))


def _link(url: str) -> None:
    # browsers ignore such signs within the scheme
    bare = re.sub(r"[\x00-\x20]", "", url)
    try:
        parts = urlsplit(bare)
        fine = parts.scheme.lower() in ("", "http", "https") and not parts.password
    except ValueError:
        fine = False
    if not fine:
        raise tk.ValidationError({"url": [tk._("A link starts with https:// or http://.")]})


def _file(upload: FileStorage) -> None:
    name = str(upload.filename).replace("\\", "/").rsplit("/", 1)[-1]
    stream: IO[bytes] = upload.stream
    size = stream.seek(0, 2)
    refused = _refusal(name)
    most: int = config["ckan.max_resource_size"]
    if size > most << 20:
        raise refused(
            Message("The file is larger than {size} MB.", {"size": most}),
            Message("Split it, or deliver it as Parquet."),
        )
    if not size:
        raise refused(Message("The file is empty."), Message("Choose another file."))
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    kind = _kind(name)
    if kind in _PACKED:
        _archive(kind, _buffer(stream), name, refused)
    else:
        _plain(kind, head, stream, refused)


def _refusal(name: str) -> Refused:
    def refused(message: Message, hint: Message) -> UnreadableFileError:
        return UnreadableFileError(message, hint, Place(file=name))

    return refused


def _kind(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


_PACKED = frozenset({"xlsx", "ods", "docx", "pptx", "odt", "odp", "zip"})
_OFFICE = {"xlsx": "xl/", "docx": "word/", "pptx": "ppt/"}  # where their parts lie


def _plain(kind: str, head: bytes, stream: IO[bytes], refused: Refused) -> None:
    """A file that is no archive: what it says at its start, and XML to its end."""
    recognises = _RECOGNISED.get(kind)
    if recognises is None:
        raise refused(
            Message("Files of this kind are not taken."),
            Message(
                "Deliver CSV, XLSX, ODS, Parquet, JSON, GeoJSON, XML, PDF, DOCX, PPTX, ODT, ODP or"
                " a ZIP of these."
            ),
        )
    if not recognises(head):
        raise refused(
            Message("The content of the file is not what its ending says."),
            Message("Save it again in the program that it comes from, with the right ending."),
        )
    if kind == "xml" and _is_active(stream):
        raise refused(
            Message("The file holds a script, or is a page or a picture."),
            Message("Deliver the data alone, as CSV or XML."),
        )


def _text(head: bytes) -> bytes:
    """The start of a text without its byte order mark and blanks."""
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return head.replace(b"\x00", b"").lstrip() if head else head


def _is_table(head: bytes) -> bool:
    if head.startswith(_BINARY) or (b"\x00" in head and not head.startswith(_WIDE)):
        return False
    return not _ACTIVE.match(_text(head)) and not _text(head).startswith(b"<?xml")


_RECOGNISED: dict[str, Callable[[bytes], bool]] = {
    "csv": _is_table,
    "tsv": _is_table,
    "txt": _is_table,
    "xls": lambda head: head.startswith(_OLE),
    "parquet": lambda head: head.startswith(b"PAR1"),
    "pdf": lambda head: b"%PDF-" in head[:1024] and not head.startswith(_ZIP),
    "json": lambda head: _text(head)[:1] in (b"{", b"["),
    "geojson": lambda head: _text(head)[:1] == b"{",
    "xml": lambda head: _text(head)[:1] == b"<",
}


def _is_active(stream: IO[bytes]) -> bool:
    """Whether a text holds what a browser runs; in UTF-16, zeros stand between the letters."""
    before = b""
    while chunk := stream.read(_CHUNK):
        piece = before + chunk.replace(b"\x00", b"")
        if _ACTIVE.search(piece):
            return True
        before = piece[-_OVERLAP:]
    return False


def _buffer(stream: IO[bytes]) -> bytes | mmap.mmap:
    """All bytes; a large upload lies in a file already and is mapped."""
    try:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, AttributeError):  # in memory
        return stream.read()


def _archive(kind: str, data: bytes | mmap.mmap, name: str, refused: Refused) -> None:
    if not data[:4].startswith(_ZIP):
        raise refused(
            Message("The content of the file is not what its ending says."),
            Message("Save it again in the program that it comes from, with the right ending."),
        )
    with plausible_archive(data, name) as archive:
        names = archive.namelist()
        if kind == "zip":
            _members(archive, name, refused)
        elif not _is_office(kind, names):
            raise refused(
                Message("The content of the file is not what its ending says."),
                Message("Save it again in the program that it comes from, with the right ending."),
            )
        elif any(part.endswith("vbaProject.bin") or part.startswith("Basic/") for part in names):
            raise refused(
                Message("The file holds macros."),
                Message("Save it without them, in a format such as XLSX, DOCX or ODS."),
            )


def _is_office(kind: str, names: list[str]) -> bool:
    folder = _OFFICE.get(kind)
    if folder is None:  # OpenDocument
        return "content.xml" in names
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _members(archive: zipfile.ZipFile, name: str, refused: Refused) -> None:
    """Each file of an archive is such as the portal takes alone; archives lie side by side."""
    for member in archive.infolist():
        if member.is_dir():
            continue
        kind = _kind(member.filename)
        try:
            with archive.open(member) as opened:
                head = opened.read(_HEAD)
            if kind in _PACKED - {"zip"} and head.startswith(_ZIP):
                continue  # its inside is read within the limits by the check
            with archive.open(member) as opened:
                _plain(kind, head, opened, _refusal(f"{name} > {member.filename}"))
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise refused(Message("The archive is damaged."), Message("Pack it again.")) from error

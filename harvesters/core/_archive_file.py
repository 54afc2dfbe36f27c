"""A text file, plain or as the one member of a ZIP, in bounded memory."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable, TooLarge
from ckanext.sozialdaten.messages import Message

__all__ = ["TextFile", "members", "open_text"]

_RATIO = 200


@dataclass(frozen=True, slots=True)
class TextFile:
    """Bytes of a text and the name that it has, inside the archive if it came in one."""

    name: str
    data: bytes


def open_text(path: Path, file: str, limit: int) -> TextFile:
    """The bytes of a plain file, or of the only ``.csv`` member of a ZIP.

    Nothing is unpacked to disk and no member name is used as a path. A member that claims, or
    turns out, to hold more than ``limit`` bytes is refused, and so is one that is packed so
    densely as only a ZIP bomb is.

    Args:
        path: the file.
        file: its name for errors.
        limit: most bytes that are read, unpacked.

    Raises:
        TooLarge: more than ``limit`` bytes, or a ZIP bomb.
        NotReadable: a broken ZIP, or not exactly one text in it.
    """
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
        if not packed:
            stream.seek(0)
            data = stream.read(limit + 1)
            _cap(len(data), limit, file)
            return TextFile(file, data)
    try:
        with zipfile.ZipFile(path) as archive:
            return _member(archive, file, limit)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise NotReadable(
            Message("The ZIP file is damaged or encrypted."),
            Message("Fetch it again; the transfer may have been cut off."),
            Place(file=file),
        ) from error


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of an archive without those that only a desktop's file manager needs."""
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not info.filename.rsplit("/", 1)[-1].startswith(".")
    ]


def _member(archive: zipfile.ZipFile, file: str, limit: int) -> TextFile:
    texts = [info for info in members(archive) if info.filename.lower().endswith(".csv")]
    if len(texts) != 1:
        raise NotReadable(
            Message("The ZIP file holds {count} CSV files rather than one.", {"count": len(texts)}),
            Message("Deliver each table as a file of its own."),
            Place(file=file),
        )
    info = texts[0]
    _cap(info.file_size, limit, file)
    if info.file_size > _RATIO * max(info.compress_size, 1):
        raise TooLarge(
            Message("The ZIP file is packed more densely than real tables are."),
            Message("It was refused as a ZIP bomb; deliver the plain CSV file."),
            Place(file=file),
        )
    with archive.open(info) as stream:
        data = stream.read(limit + 1)
    _cap(len(data), limit, file)
    return TextFile(info.filename.rsplit("/", 1)[-1], data)


def _cap(size: int, limit: int, file: str) -> None:
    if size > limit:
        raise TooLarge(
            Message("The file is larger than the {limit} bytes that are read.", {"limit": limit}),
            Message("Deliver fewer periods or regions in one file."),
            Place(file=file),
        )

"""The drop folder, for any file and for flat files of the GENESIS family.

A drop folder is written by other people's machines. So nothing in it is trusted: only plain files
directly in the folder are read, of a size that the source allows, and only when they have stopped
growing. Symbolic links are refused, for they could lead anywhere.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._archive_file import open_text
from ckanext.sozialdaten.harvesters.core.errors import PathRefused, TooLarge
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.harvesters.core.source import Connection
from ckanext.sozialdaten.messages import Message

__all__ = [
    "DropFolder",
    "GenesisFolder",
    "Origin",
    "drop_folder",
    "file_digest",
    "is_temporary",
    "lines_digest",
    "raw_file",
]

_TEMPORARY = (".part", ".tmp", ".filepart", ".crdownload", ".partial", ".swp", "~")
_SETTLE_SECONDS = 0.3
_CHUNK = 1 << 20


class Origin(Protocol):
    """What a connector needs to know of a source."""

    @property
    def id(self) -> str:
        """Its identifier."""
        ...

    @property
    def connection(self) -> Connection:
        """Where its deliveries come from."""
        ...


def drop_folder(source: Origin) -> Path:
    """The folder in which deliveries of ``source`` arrive."""
    if source.connection.folder:
        return Path(source.connection.folder)
    inbox = os.environ.get("SOZIALDATEN_INBOX", "")
    if not inbox:
        raise PathRefused(
            Message("No inbox is configured."),
            Message("Set SOZIALDATEN_INBOX to the folder of the file drops."),
        )
    return Path(inbox) / source.id


@dataclass(frozen=True, slots=True)
class DropFolder:
    """Files of a folder.

    Args:
        source: whose deliveries they are.
        folder: where they arrive.
    """

    source: Origin
    folder: Path

    def discover(self) -> Iterator[Ref]:
        """All complete files that match the source's pattern, oldest first.

        Names that begin with a dot or end as unfinished transfers do are passed over, and so are
        files that still grow; they are seen the next time.

        Raises:
            PathRefused: a matching name is a symbolic link or no plain file.
        """
        if not self.folder.is_dir():
            return
        first = {entry.name: entry.lstat() for entry in self._candidates()}
        if first:
            time.sleep(_SETTLE_SECONDS)
        for name, before in sorted(first.items(), key=lambda item: (item[1].st_mtime_ns, item[0])):
            path = self.folder / name
            try:
                now = path.lstat()
            except FileNotFoundError:
                continue
            if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                continue
            yield Ref(name, str(path), now.st_size, f"{now.st_size}-{now.st_mtime_ns}")

    def fetch(self, ref: Ref) -> RawDelivery:
        """The file as a delivery, with the SHA-256 of its bytes.

        Raises:
            PathRefused: it lies outside the folder, or is a symbolic link.
            TooLarge: more bytes than the source allows.
        """
        return raw_file(self.source, self._checked(ref))

    def _candidates(self) -> Iterator[Path]:
        patterns = self.source.connection.pattern.split("|")
        for path in self.folder.iterdir():
            name = path.name
            if is_temporary(name):
                continue
            if path.is_dir() and not path.is_symlink():
                continue
            if any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns):
                yield path

    def _checked(self, ref: Ref) -> Path:
        path = Path(ref.location)
        inside = path.parent.resolve() == self.folder.resolve()
        if not inside or path.is_symlink() or not path.is_file():
            raise PathRefused(
                Message("Only plain files directly in the folder of the source are read."),
                Message("Copy the file itself into the folder, no link and no sub-folder."),
                Place(file=ref.name),
            )
        return path


class GenesisFolder(DropFolder):
    """Flat files of the GENESIS family: their digest is that of the sorted lines.

    The bytes of a download never repeat: the name inside the ZIP holds a time stamp in
    milliseconds, and the order of rows is free.
    """

    __slots__ = ()

    def fetch(self, ref: Ref) -> RawDelivery:
        """The file as a delivery; see the class on its digest."""
        path = self._checked(ref)
        raw = raw_file(self.source, path)
        digest = lines_digest(path, ref.name, self.source.connection.max_bytes)
        return replace(raw, digest=digest)


def is_temporary(name: str) -> bool:
    """Whether a file is hidden, or its transfer unfinished, by its name."""
    return name.startswith((".", "~")) or name.lower().endswith(_TEMPORARY)


def raw_file(source: Origin, path: Path) -> RawDelivery:
    """A file as a delivery, captured now.

    Raises:
        TooLarge: more bytes than the source allows.
        PathRefused: no plain file.
    """
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise PathRefused(
                Message("Only plain files directly in the folder of the source are read."),
                None,
                Place(file=path.name),
            )
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > source.connection.max_bytes:
                raise TooLarge(
                    Message(
                        "The file is larger than the {limit} bytes that the source allows.",
                        {"limit": source.connection.max_bytes},
                    ),
                    Message("Deliver fewer periods in one file, or raise max_bytes of the source."),
                    Place(file=path.name),
                )
            digest.update(chunk)
    return RawDelivery(source.id, path.name, path, digest.hexdigest(), datetime.now(UTC), size)


def lines_digest(path: Path, file: str, limit: int) -> str:
    """SHA-256 of the sorted lines of a text, plain or packed: the same for the same rows.

    Args:
        path: the text, or a ZIP with one.
        file: its name for errors.
        limit: most bytes that are read, unpacked.

    Raises:
        DeliveryError: too large, or no such text.
    """
    digest = hashlib.sha256()
    for line in sorted(open_text(path, file, limit).data.splitlines()):
        digest.update(line)
        digest.update(b"\n")
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

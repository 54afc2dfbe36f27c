"""Archives within limits that no bomb gets past: ZIP and gzip."""

import gzip
import io
import tempfile
import zipfile
import zlib
from mmap import ACCESS_READ, mmap
from pathlib import PurePosixPath
from typing import IO, Any, cast

import pyarrow as pa

from ckanext.sozialdaten.disclosure.readers._common import Buffer, Raw, unreadable
from ckanext.sozialdaten.messages import Message

__all__ = ["MAX_BYTES", "members", "open_zip", "smaller", "stream_of", "unpack", "unzip"]

MAX_MEMBERS = 2_000
MAX_BYTES = 1 << 30
MAX_RATIO = 250
_CHUNK = 1 << 20
_FREE_RATIO_BYTES = 10 << 20
_IN_MEMORY = 32 << 20


def smaller() -> Message:
    """What helps where something is too large."""
    return Message("Split it, or deliver it as Parquet.")


def open_zip(raw: Raw) -> zipfile.ZipFile:
    """The archive in a file.

    Raises:
        UnreadableFileError: damaged.
    """
    try:
        return zipfile.ZipFile(stream_of(raw))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged(raw) from error


def stream_of(raw: Raw) -> Any:
    """The bytes of a file as a stream that seeks; mapped files are not copied."""
    return io.BytesIO(raw.data) if isinstance(raw.data, bytes) else pa.BufferReader(raw.data)


def _damaged(raw: Raw) -> Exception:
    return unreadable(raw, Message("The archive is damaged."), Message("Pack it again."))


def members(raw: Raw, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of an archive, after the checks that need no unpacking.

    Raises:
        UnreadableFileError: too many, too large, encrypted, links, or paths that lead out.
    """
    found = [member for member in archive.infolist() if not member.is_dir()]
    total = sum(member.file_size for member in found)
    ratio = total / max(len(raw.data), 1)
    if len(found) > MAX_MEMBERS or total > MAX_BYTES:
        raise unreadable(raw, Message("The archive holds too much."), smaller())
    if total > _FREE_RATIO_BYTES and ratio > MAX_RATIO:
        raise _implausible(raw)
    for member in found:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        link = (member.external_attr >> 28) == 0xA
        out = parts.is_absolute() or ".." in parts.parts or not parts.parts
        if out or link or ":" in parts.parts[0]:
            raise unreadable(
                raw,
                Message("A path in the archive leads out of it."),
                Message("Pack it again with plain file names."),
            )
        if member.flag_bits & 1:
            raise unreadable(
                raw, Message("The archive is encrypted."), Message("Pack it without a password.")
            )
    return found


def _implausible(raw: Raw) -> Exception:
    return unreadable(
        raw,
        Message("The archive unpacks to an implausible size."),
        Message("Deliver the files themselves."),
    )


def _gathered(raw: Raw, stream: IO[bytes], limit: int) -> Buffer:
    """All bytes of a stream up to a limit; many of them go to disk."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as target:
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise unreadable(raw, Message("The archive holds too much."), smaller())
            target.write(chunk)
        if size > _IN_MEMORY:
            target.flush()
            return mmap(target.fileno(), 0, access=ACCESS_READ)
        target.seek(0)
        return target.read()


def unzip(raw: Raw, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: int) -> Buffer:
    """The bytes of a member; the size in its header is not trusted.

    Raises:
        UnreadableFileError: damaged, or larger than its header or the budget says.
    """
    try:
        with archive.open(member) as stream:
            return _gathered(raw, stream, min(budget, member.file_size))
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise _damaged(raw) from error


def unpack(raw: Raw) -> Buffer:
    """The bytes of a gzip file.

    Raises:
        UnreadableFileError: damaged, or implausibly large.
    """
    limit = min(MAX_BYTES, max(_FREE_RATIO_BYTES, MAX_RATIO * len(raw.data)))
    try:
        with gzip.GzipFile(fileobj=stream_of(raw)) as stream:
            return _gathered(raw, cast("IO[bytes]", stream), limit)
    except (zlib.error, OSError, EOFError) as error:
        raise _damaged(raw) from error

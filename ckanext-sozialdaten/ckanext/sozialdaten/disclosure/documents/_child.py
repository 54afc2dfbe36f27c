"""The side of the portal: starts the process that opens a file, and believes little of it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.disclosure.documents._model import Document
from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["Drawn", "draw_page", "read_document"]

_WORKER = "ckanext.sozialdaten.disclosure.documents._worker"
_SECONDS = 90
_MOST_OUTPUT = 64 << 20
_AGAIN = Message("Save it again in the program that it comes from, best as PDF without a password.")
# what the worker's exit codes say; it never hands on a text of a library, which may quote the file
_REASONS = {
    3: Message("The document is damaged or no document."),
    4: Message("The document is protected by a password."),
    5: Message("The document holds more than can be read."),
    6: Message("The document holds a script or macros."),
    7: Message("The document has no such page."),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as a picture (WebP), with its size in pixels."""

    image: bytes
    width: int
    height: int


def read_document(path: Path, name: str) -> Document:
    """Read everything that a document holds.

    Args:
        path: where its bytes lie.
        name: of the file, whose ending says what it is.

    Raises:
        UnreadableFileError: damaged, encrypted, too large, with scripts, or too slow to read.
    """
    found = _run(["read", path.as_posix(), _suffix(name)], name)
    try:
        return Document.from_json(json.loads(found))
    except (ValueError, KeyError, TypeError) as error:
        raise _error(3, name) from error


def draw_page(path: Path, name: str, page: int, width: int) -> Drawn:
    """Draw a page of a PDF as it is printed.

    Args:
        path: where the bytes lie.
        name: of the file.
        page: from 1.
        width: of the picture in pixels.

    Raises:
        UnreadableFileError: as `read_document`, or there is no such page.
    """
    found = _run(["draw", path.as_posix(), _suffix(name), str(page), str(width)], name)
    head, _, image = found.partition(b"\n")
    try:
        wide, high = (int(number) for number in head.split())
    except ValueError as error:
        raise _error(3, name) from error
    return Drawn(image, wide, high)


def _suffix(name: str) -> str:
    return "." + name.rsplit(".", 1)[-1].lower()


def _run(words: list[str], name: str) -> bytes:
    command = [sys.executable, "-m", _WORKER, *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the path is ours
            command, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _error(5, name) from error
    if done.returncode != 0:
        raise _error(done.returncode, name)
    if len(done.stdout) > _MOST_OUTPUT:
        raise _error(5, name)
    return done.stdout


def _error(code: int, name: str) -> UnreadableFileError:
    # killed by a bound: the code is that of a signal
    message = _REASONS.get(code) or _REASONS[5 if code < 0 else 3]
    return UnreadableFileError(message, _AGAIN, Place(file=name))

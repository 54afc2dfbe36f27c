"""What was read and drawn of released documents, kept by the digest of their bytes.

It can be lost at any time: everything is made again from the released bytes. Unapproved files are
read anew each time and leave nothing here.
"""

import json
import secrets
import shutil
from pathlib import Path

from ckan.common import config

from ckanext.sozialdaten.disclosure import UnreadableFileError
from ckanext.sozialdaten.disclosure.documents import Document, Page, draw_page, read_document
from ckanext.sozialdaten.portal.documents._files import File

__all__ = ["forget", "known_text", "picture_of", "read", "text_of"]

_TEXT = "text.json"


def _folder(digest: str) -> Path:
    root = Path(config["ckan.storage_path"]) / "sozialdaten" / "documents"
    return root / digest[:2] / digest[2:]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}")
    part.write_bytes(content)
    part.replace(path)


def known_text(digest: str) -> Document | None:
    """The text of released bytes, if it was read before."""
    path = _folder(digest) / _TEXT
    try:
        return Document.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read(file: File) -> Document:
    """The text of a file; of one that cannot be read, a document without any."""
    try:
        return read_document(file.path, file.filename)
    except UnreadableFileError:
        return Document((Page(),))


def text_of(file: File) -> Document:
    """The text of a file; of a released one it is kept."""
    if not file.released:
        return read(file)
    known = known_text(file.digest)
    if known is None:
        known = read(file)
        _write(_folder(file.digest) / _TEXT, json.dumps(known.to_json()).encode())
    return known


def picture_of(file: File, page: int, width: int) -> bytes:
    """A page as WebP.

    Raises:
        UnreadableFileError: there is no such page, or it cannot be drawn.
    """
    path = _folder(file.digest) / f"{page}-{width}.webp"
    if file.released and path.is_file():
        return path.read_bytes()
    image = draw_page(file.path, file.filename, page, width).image
    if file.released:
        _write(path, image)
    return image


def forget(digest: str) -> None:
    """Delete what is kept of bytes that are public no longer."""
    shutil.rmtree(_folder(digest), ignore_errors=True)

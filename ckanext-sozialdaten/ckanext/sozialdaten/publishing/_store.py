"""Released bytes, stored under their SHA-256: written once, read-only, never overwritten."""

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

from ckan.common import config

from ckanext.sozialdaten.config import gate_store
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.errors import TamperedError

__all__ = [
    "add",
    "addresses",
    "path_of",
    "remove",
    "remove_unfinished",
    "sha256_of",
    "verify",
]

_CHUNK = 1 << 20
_ADDRESS = re.compile(r"[0-9a-f]{64}")


def _root() -> Path:
    own = gate_store()
    return Path(own) if own else Path(config["ckan.storage_path"]) / "sozialdaten" / "released"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    hashed = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest()


def path_of(sha256: str) -> Path:
    """Where the bytes with this address lie.

    Raises:
        TamperedError: that is no address.
    """
    if not _ADDRESS.fullmatch(sha256):
        raise TamperedError(Message("The content address of a released file is malformed."))
    return _root() / sha256[:2] / sha256[2:]


def verify(sha256: str) -> Path:
    """The path of stored bytes, read again and compared with their address.

    Raises:
        TamperedError: the bytes are absent or others.
    """
    path = path_of(sha256)
    if not path.is_file() or sha256_of(path) != sha256:
        raise TamperedError(
            Message("The bytes of a released file are not those that were approved."),
            Message("Restore the storage folder from the backup."),
        )
    return path


def add(source: Path) -> str:
    """Copy a file into the store and return its address. The same bytes are kept once.

    The copy is hashed, not the source: what somebody changes meanwhile cannot slip in.
    """
    root = _root()
    root.mkdir(parents=True, exist_ok=True)
    temporary = root / f".{secrets.token_hex(16)}"
    try:
        shutil.copyfile(source, temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o444)
        address = sha256_of(temporary)
        target = path_of(address)
        if target.is_file():
            verify(address)
            return address
        target.parent.mkdir(exist_ok=True)
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    return address


def remove(sha256: str) -> None:
    """Delete stored bytes: their last release was withdrawn, or never came to be."""
    path_of(sha256).unlink(missing_ok=True)


def addresses() -> list[str]:
    """The address of everything that is stored."""
    found = (f"{path.parent.name}{path.name}" for path in _root().glob("[0-9a-f][0-9a-f]/*"))
    return [address for address in found if _ADDRESS.fullmatch(address)]


def remove_unfinished() -> int:
    """Delete copies that a crash cut short; call it while no release is under way."""
    left = [path for path in _root().glob(".*") if path.is_file()]
    for path in left:
        path.unlink()
    return len(left)

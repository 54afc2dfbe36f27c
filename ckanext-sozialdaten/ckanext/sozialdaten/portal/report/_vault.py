"""The files of frozen editions, kept under the SHA-256 of their bytes: written once, never changed.

What an edition promises is bound by the digests in its approved text; bytes that are not theirs are
never given out.
"""

import hashlib
import re
import secrets
from pathlib import Path

from ckan.common import config

__all__ = ["keep", "kept"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


def _path(digest: str) -> Path:
    root = Path(config["ckan.storage_path"]) / "sozialdaten" / "editions"
    return root / digest[:2] / digest[2:]


def keep(content: bytes) -> str:
    """Keep bytes and return their digest; the same bytes are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    path = _path(digest)
    if kept(digest) is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{secrets.token_hex(8)}")
        part.write_bytes(content)
        part.chmod(0o444)
        part.replace(path)
    return digest


def kept(digest: str) -> bytes | None:
    """The bytes of a digest; None where they are not there or not those any more."""
    if not _DIGEST.fullmatch(digest):
        return None
    try:
        content = _path(digest).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None

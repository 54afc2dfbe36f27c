"""Pseudonyms: the same person gets the same one, and nobody without the key can say who it is."""

import hashlib
import hmac
import os
from pathlib import Path

from ckanext.sozialdaten.harvesters.core.errors import KeyMissing
from ckanext.sozialdaten.messages import Message

__all__ = ["Pseudonyms", "load_key"]

_LEAST_BYTES = 32
_LENGTH = 32


def load_key() -> bytes:
    """The installation's key, from the file that ``SOZIALDATEN_KEY_FILE`` names.

    It lies outside the lake: whoever has the rows has not got the key.

    Raises:
        KeyMissing: there is no such file, or it holds fewer than 32 bytes.
    """
    name = os.environ.get("SOZIALDATEN_KEY_FILE", "")
    try:
        key = Path(name).read_bytes().strip() if name else b""
    except OSError:
        key = b""
    if len(key) < _LEAST_BYTES:
        raise KeyMissing(
            Message("There is no key for pseudonyms, or it is too short."),
            Message(
                "SOZIALDATEN_KEY_FILE must name a file of at least {count} random bytes.",
                {"count": _LEAST_BYTES},
            ),
        )
    return key


class Pseudonyms:
    """Keyed pseudonyms for one source.

    The same value in another source or column gets another pseudonym, so that sources cannot be
    joined by them.

    Args:
        key: the installation's key.
        source: id of the source.
    """

    def __init__(self, key: bytes, source: str) -> None:
        self._key = key
        self._source = source

    def of(self, column: str, value: str) -> str:
        """The pseudonym of ``value``: 32 hexadecimal digits."""
        text = "\x1f".join((self._source, column, value))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]

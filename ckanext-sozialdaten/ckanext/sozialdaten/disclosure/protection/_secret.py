"""The secret of the Cell Key Method: it alone stands between published counts and their noise."""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["VARIABLE", "Secret", "read_secret"]

VARIABLE = "SOZIALDATEN_CELL_KEY"
_SHORTEST = 16
_HINT = Message(
    "Write 32 random bytes once, head -c 32 /dev/urandom | base64 > FILE, name FILE in {variable},"
    " and keep it: another key for the next release would let readers average the noise away.",
    {"variable": VARIABLE},
)


class Secret:
    """Keys for cells and records, drawn from one secret; shows nothing of it."""

    __slots__ = ("_bytes",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SHORTEST:
            raise NotSupportedError(
                Message(
                    "The secret of the Cell Key Method has less than {bytes} bytes.",
                    {"bytes": _SHORTEST},
                ),
                _HINT,
            )
        self._bytes = secret

    def __repr__(self) -> str:
        return "Secret(…)"

    def key(self, *parts: str | Sequence[str]) -> float:
        """A number in (0, 1] that only the secret foretells, always the same for the same parts."""
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        digest = hmac.new(self._bytes, text.encode("utf-8"), hashlib.sha256).digest()
        return (int.from_bytes(digest[:6]) + 1) / (1 << 48)


def read_secret(path: str | Path | None = None) -> Secret:
    """The secret from a file: the one given, or the one that the environment names.

    Raises:
        NotSupportedError: no file is named, none is there, or it is too short to be a secret.
    """
    name = str(path or os.environ.get(VARIABLE, ""))
    if not name:
        raise NotSupportedError(Message("The Cell Key Method needs a secret."), _HINT)
    try:
        return Secret(Path(name).read_bytes().strip())
    except OSError as error:
        raise NotSupportedError(
            Message("The secret of the Cell Key Method cannot be read."), _HINT, Place(file=name)
        ) from error

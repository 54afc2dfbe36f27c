"""A file that is still arriving, and how its transfer goes on after an interruption."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

__all__ = ["Partial"]

_RANGE = re.compile(r"bytes (\d+)-")


class Partial:
    """The unfinished neighbour of a file; what began it is written beside it.

    Only what the service can vouch for is resumed: the same question, and a strong entity tag or
    a time of change that it still gives (RFC 9110, section 13.1.5).

    Args:
        target: the file as it will be called.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f".{target.name}.note")

    def resume(self, key: str) -> dict[str, str]:
        """Headers that ask for the rest; none where all must come again."""
        offset = self.offset(key)
        if not offset:
            return {}
        return {"Range": f"bytes={offset}-", "If-Range": self._validator(key)}

    def offset(self, key: str) -> int:
        """Bytes that need not come again; 0 where all must."""
        if not self._validator(key) or not self.path.exists():
            return 0
        return self.path.stat().st_size

    def begin(self, key: str, headers: Mapping[str, str], ranged: bool) -> int | None:
        """Make ready for the bytes of an answer.

        Returns:
            Bytes that are there already; None if the answer does not follow on them.
        """
        if ranged:
            found = _RANGE.match(headers.get("Content-Range", ""))
            if found and self.path.exists() and int(found[1]) == self.path.stat().st_size:
                return int(found[1])
            self.drop()
            return None
        tag = headers.get("ETag", "")
        validator = tag if tag.startswith('"') else headers.get("Last-Modified", "")
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._note.write_text(json.dumps({"key": key, "validator": validator}), encoding="utf-8")
        self.path.write_bytes(b"")
        self.path.chmod(0o600)
        return 0

    def finish(self) -> None:
        """All is there: the file takes its name."""
        self.path.replace(self.target)
        self._note.unlink(missing_ok=True)

    def drop(self) -> None:
        """Forget what has arrived."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def _validator(self, key: str) -> str:
        try:
            note: object = json.loads(self._note.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return ""
        said = cast("dict[str, str]", note) if isinstance(note, dict) else {}
        return said.get("validator", "") if said.get("key") == key else ""

"""What a source was last told by its service, so that the next question can be conditional."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

__all__ = ["Memory", "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """Validators of an answer (RFC 9110, section 8.8), and the digest of what came of it."""

    etag: str = ""
    last_modified: str = ""
    digest: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for an answer only if there is a newer one."""
        return {
            name: value
            for name, value in (
                ("If-None-Match", self.etag),
                ("If-Modified-Since", self.last_modified),
            )
            if value
        }


class Memory:
    """Validators by name of delivery, in one small file of the source.

    Args:
        folder: the source's own folder of state.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "told.json"

    def told(self, name: str) -> Told:
        """What was said of a delivery; all empty if nothing."""
        return Told(**self._all().get(name, {}))

    def remember(self, name: str, told: Told) -> None:
        """Keep what was said; a crash leaves the old file."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._file.with_suffix(".part")
        temporary.write_text(json.dumps({**self._all(), name: asdict(told)}), encoding="utf-8")
        temporary.replace(self._file)

    def _all(self) -> dict[str, dict[str, str]]:
        try:
            return cast("dict[str, dict[str, str]]", json.loads(self._file.read_text("utf-8")))
        except (FileNotFoundError, ValueError):
            return {}

"""What became of each delivery: a small file each, kept for ever, without a word of its content.

The ledger makes runs repeatable. What is recorded as done is not done twice, and a mark remembers
across a crash that the lake has received something that the working copy does not show yet.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from ckanext.sozialdaten.harvesters.core.errors import HarvestError
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.messages import Message

__all__ = ["Entry", "Ledger", "Outcome", "state_folder", "write_whole"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Outcome(StrEnum):
    """What became of a delivery."""

    DONE = "done"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery.

    Args:
        source: id of the source.
        name: file name.
        digest: see :class:`RawDelivery`.
        size: bytes.
        captured_at: when we received it, ISO 8601.
        outcome: what became of it.
        rows: rows in the file; 0 where it was refused.
        encoding: encoding that was found.
        parser: reader and version.
        finished: when, ISO 8601.
        columns: captions or series of the file, in its order.
        references: number of key dates or periods.
        new: cells that were new to the lake.
        changed: cells that had another value.
        retracted: cells that are gone.
    """

    source: str
    name: str
    digest: str
    size: int
    captured_at: str
    outcome: Outcome
    rows: int = 0
    encoding: str = ""
    parser: str = ""
    finished: str = ""
    columns: tuple[str, ...] = ()
    references: int = 0
    new: int = 0
    changed: int = 0
    retracted: int = 0


def state_folder() -> Path:
    """The folder in which harvesters remember things.

    Raises:
        HarvestError: ``SOZIALDATEN_HOME`` is not set.
    """
    home = os.environ.get("SOZIALDATEN_HOME", "")
    if not home:
        raise HarvestError(
            Message("No state folder is configured."),
            Message("Run through “deployment/portal run”, or set SOZIALDATEN_HOME."),
        )
    return Path(home) / "harvest"


class Ledger:
    """The ledger of one source.

    Args:
        folder: its own folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pending = folder / "pending"
        self._marks = folder / "marks.json"

    def outcome(self, digest: str) -> Outcome | None:
        """What became of the delivery with this digest; None if it is new."""
        try:
            data = json.loads(self._file(digest).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Outcome(cast("dict[str, str]", data)["outcome"])

    def record(self, raw: RawDelivery, outcome: Outcome, **told: Any) -> None:
        """Write down what became of a delivery; ``told`` are further fields of :class:`Entry`."""
        entry = Entry(
            source=raw.source,
            name=raw.name,
            digest=raw.digest,
            size=raw.size,
            captured_at=raw.captured_at.isoformat(),
            outcome=outcome,
            finished=datetime.now(UTC).isoformat(),
            **told,
        )
        write_whole(self._file(raw.digest), asdict(entry))

    def entries(self) -> list[Entry]:
        """Every delivery that was dealt with, the last one first."""
        files = [path for path in self.folder.glob("*.json") if _DIGEST.fullmatch(path.stem)]
        found = [_entry(json.loads(path.read_text(encoding="utf-8"))) for path in files]
        return sorted(found, key=lambda entry: entry.finished, reverse=True)

    def last_taken(self) -> Entry | None:
        """The last delivery that was taken."""
        return next((entry for entry in self.entries() if entry.outcome == Outcome.DONE), None)

    def settled(self, ref: Ref) -> Outcome | None:
        """What became of a file that is still where it was, by its size and time."""
        mark = self._read_marks().get(ref.name)
        return self.outcome(mark[1]) if mark and mark[0] == ref.marker else None

    def mark(self, ref: Ref, digest: str) -> None:
        """Remember the digest of a file by its size and time."""
        write_whole(self._marks, {**self._read_marks(), ref.name: (ref.marker, digest)})

    @property
    def pending(self) -> bool:
        """Whether the lake may hold something that the working copy does not show."""
        return self._pending.exists()

    def begin(self) -> None:
        """The lake is about to receive something."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pending.touch()

    def published(self, digest: str) -> bool:
        """The working copy shows all that the lake holds.

        Returns:
            Whether it shows anything else than before, by the digest of its content.
        """
        shown = self.folder / "working-copy"
        before = shown.read_text(encoding="ascii") if shown.exists() else ""
        if before != digest:
            temporary = shown.with_suffix(".part")
            temporary.write_text(digest, encoding="ascii")
            temporary.replace(shown)
        self._pending.unlink(missing_ok=True)
        return before != digest

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"

    def _read_marks(self) -> dict[str, tuple[str, str]]:
        try:
            data = json.loads(self._marks.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        marks = cast("Mapping[str, Iterable[str]]", data)
        return {name: cast("tuple[str, str]", tuple(mark)) for name, mark in marks.items()}


def _entry(data: dict[str, Any]) -> Entry:
    fields: dict[str, Any] = {**data, "columns": tuple(data.get("columns", ()))}
    return Entry(**fields)


def write_whole(path: Path, data: object) -> None:
    """Write a whole file of JSON or none: a crash leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    temporary.replace(path)

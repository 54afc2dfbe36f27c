"""The log of erasures: what was erased and when; never of whom, and no name of a file."""

import json
import os
from datetime import UTC, date, datetime

from ckanext.sozialdaten.harvesters.core.ledger import state_folder

__all__ = ["LOG", "list_erasures", "record_erasure"]

LOG = "erasures.jsonl"


def record_erasure(today: date, *, files: int, rows: int, sources: tuple[str, ...] = ()) -> None:
    """Append a line to ``harvest/erasures.jsonl`` in the state folder, safely on disk.

    Args:
        today: the day up to which everything had expired.
        files: deliveries that were erased.
        rows: person-level rows that were erased.
        sources: ids of the sources that they came from.
    """
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "expired_until": today.isoformat(),
        "deliveries": files,
        "person_rows": rows,
        "sources": sorted(sources),
    }
    path = folder / LOG
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def list_erasures(most: int = 200) -> list[dict[str, object]]:
    """The newest lines of the log, the newest first."""
    path = state_folder() / LOG
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()[-most:]
    return [json.loads(line) for line in reversed(lines)]

"""A delivery that comes in parts: what has arrived is not fetched again after an interruption."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Parts"]


class Parts:
    """The folder with the finished parts of one delivery.

    Parts of another state of the source (another marker) are thrown away: they do not belong
    together.

    Args:
        folder: beside the delivery.
        marker: state of the source to which the parts belong.
    """

    def __init__(self, folder: Path, marker: str) -> None:
        self.folder = folder
        note = folder / "marker"
        if not note.exists() or note.read_text("utf-8") != marker:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
            note.write_text(marker, encoding="utf-8")

    def path(self, key: str) -> Path:
        """The file of a part, there or not."""
        return self.folder / hashlib.sha256(key.encode()).hexdigest()[:32]

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those of ``keys`` that have not arrived."""
        return [key for key in keys if not self.path(key).exists()]

    def clear(self) -> None:
        """The delivery is complete: its parts are not needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

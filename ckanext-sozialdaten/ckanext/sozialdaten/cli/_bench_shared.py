"""Where the benchmarks find the shared reference folder: known cases and official tables."""

import os
from pathlib import Path

__all__ = ["ROOT", "known_cases", "shared_folder"]

ROOT = Path(__file__).resolve().parents[4]


def shared_folder() -> Path:
    """The folder that ``SOZIALDATEN_SAMPLES`` names, else the one beside the repository."""
    return Path(os.environ.get("SOZIALDATEN_SAMPLES") or ROOT.parent / "shared")


def known_cases() -> Path | None:
    """The cases with known answers; None where they are not at hand."""
    folder = shared_folder() / "disclosure-cases"
    return folder if folder.is_dir() else None

"""Where the shared reference files lie; tests that need them skip where they are absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SOZIALDATEN_SAMPLES", ROOT.parent / "shared"))


def shared(name: str) -> Path:
    """The file or folder ``name`` of the shared references, or a skip with the reason."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine (set SOZIALDATEN_SAMPLES)")
    return path

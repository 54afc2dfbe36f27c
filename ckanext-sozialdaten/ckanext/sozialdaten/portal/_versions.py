"""Which version of our script browsers may keep."""

from functools import cache
from hashlib import sha256
from pathlib import Path

__all__ = ["asset_version"]

_SCRIPT = Path(__file__).parent / "public/sozialdaten/preview.js"


@cache
def asset_version() -> str:
    """A short digest of the script."""
    return sha256(_SCRIPT.read_bytes()).hexdigest()[:10]

"""Ibis without types: it ships no stubs, and its expressions are dynamic by design.

It takes half a second to import, which a check of a small table of counts can do without.
"""

import importlib
from typing import Any

__all__ = ["ibis"]


class _Ibis:
    """The package, imported at its first use."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("ibis"), name)


ibis: Any = _Ibis()

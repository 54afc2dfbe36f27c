"""Ibis without types: it ships no stubs, and its expressions are dynamic by design."""

import importlib
from typing import Any

__all__ = ["ibis"]

ibis: Any = importlib.import_module("ibis")

"""The C interface of PDFium: functions and constants as ctypes gives them."""

from typing import Any

def __getattr__(name: str) -> Any: ...

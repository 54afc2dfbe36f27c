"""What we use of pypdfium2, which ships no stubs; its objects are looked at as they come."""

from typing import Any

class PdfiumError(RuntimeError):
    err_code: int | None

PdfDocument: Any

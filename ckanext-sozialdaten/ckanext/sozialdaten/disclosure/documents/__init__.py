"""Documents: their text page by page, all that they hold besides, and their pages as pictures.

Files come from anywhere and their formats are rich: they are opened in a process of its own with
bounds for memory, time and output, which ends with the file.
"""

from ckanext.sozialdaten.disclosure.documents._child import Drawn, draw_page, read_document
from ckanext.sozialdaten.disclosure.documents._model import (
    Block,
    Document,
    Extra,
    Page,
    Table,
    is_document,
    is_readable,
)

__all__ = [
    "Block",
    "Document",
    "Drawn",
    "Extra",
    "Page",
    "Table",
    "draw_page",
    "is_document",
    "is_readable",
    "read_document",
]

"""Documents as the rules see them: the text of each page as prose, tables as tables.

What a reader of the document does not see at once (properties, comments, notes, tracked changes,
form fields) is looked at like the comments of a workbook; files within are read like any other.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind, Loose, Sheet
from ckanext.sozialdaten.disclosure.documents import Document, read_document
from ckanext.sozialdaten.disclosure.readers._archive import MAX_BYTES, open_zip, unzip
from ckanext.sozialdaten.disclosure.readers._common import Raw, unreadable
from ckanext.sozialdaten.disclosure.readers._grid import sheet_of
from ckanext.sozialdaten.messages import Message

__all__ = ["READ_WITHIN", "read_text_document"]

READ_WITHIN = (".xlsx", ".xlsb", ".xlsm", ".csv")
"""Files within a document that are checked like files of their own."""

_KINDS = {"author": "author", "property": "property", "footer": "footer"}
_UNSEEN = {"comment": HiddenKind.NOTES, "note": HiddenKind.NOTES, "deleted": HiddenKind.CHANGES}


def read_text_document(raw: Raw) -> tuple[list[Sheet], list[Raw]]:
    """The prose and the tables of a document, and the files within it.

    Raises:
        UnreadableFileError: it cannot be read, or holds a file that cannot be checked.
    """
    with tempfile.NamedTemporaryFile(prefix="sozialdaten-document-") as file:
        file.write(raw.data)
        file.flush()
        document = read_document(Path(file.name), raw.name)
    loose = [Loose(page.text, "title", number) for number, page in enumerate(document.pages, 1)] + [
        Loose(e.text, _KINDS.get(e.kind, "comment"), e.page) for e in document.extras
    ]
    prose = Sheet(
        pa.table({}),
        raw.resource,
        raw.sheet(),
        loose=tuple(text for text in loose if text.text.strip()),
        hidden=tuple(_hidden(document)),
    )
    return [prose, *_tables(raw, document)], _within(raw, document)


def _hidden(document: Document) -> Iterator[Hidden]:
    """What a machine cannot judge, or a reader easily overlooks, with its pages."""
    for kind in dict.fromkeys(_UNSEEN.values()):
        found = [e for e in document.extras if _UNSEEN.get(e.kind) is kind]
        if found:
            pages = tuple(sorted({extra.page for extra in found if extra.page}))
            yield Hidden(kind, len(found), pages)
    pictured = tuple(n for n, page in enumerate(document.pages, 1) if page.pictured)
    if pictured:
        yield Hidden(HiddenKind.SCANNED, len(pictured), pictured)
    elif document.pictures:
        yield Hidden(HiddenKind.PICTURES, document.pictures)


def _tables(raw: Raw, document: Document) -> Iterator[Sheet]:
    for table in document.tables:
        found = sheet_of(raw, iter([list(row) for row in table.rows]), raw.sheet())
        if found is not None:
            yield found


def _within(raw: Raw, document: Document) -> list[Raw]:
    if not document.embedded:
        return []
    for name in document.embedded:
        if not name.lower().endswith(READ_WITHIN) or raw.suffix == ".pdf":
            raise unreadable(
                raw,
                Message("The document holds another file that cannot be checked."),
                Message("Remove what is embedded or attached, or put it in as a picture."),
            )
    archive = open_zip(raw)
    budget, found = MAX_BYTES, list[Raw]()
    for name in document.embedded:
        data = unzip(raw, archive, archive.getinfo(name), budget)
        budget -= len(data)
        inner = f"{raw.member}/{name}" if raw.member else name
        found.append(Raw(data, raw.resource, inner))
    return found

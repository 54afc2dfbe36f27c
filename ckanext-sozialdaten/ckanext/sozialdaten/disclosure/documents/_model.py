"""What is known of a document once it was read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = [
    "DRAWN", "SUFFIXES", "WORKBOOKS", "Block", "Document", "Extra", "Page", "Table", "is_document",
    "is_readable",
]  # fmt: skip

SUFFIXES = frozenset({".pdf", ".docx", ".pptx", ".odt", ".odp"})
"""Kinds of files that are read as documents."""

WORKBOOKS = frozenset({".xlsx", ".ods"})
"""Kinds of files that are tables for who checks and can be read as text for who searches."""

DRAWN = frozenset({".pdf"})
"""Kinds of files whose pages can be drawn as they are printed."""


def is_document(filename: str) -> bool:
    """Whether a file is a document by its ending.

    >>> is_document("Bericht 2024.PDF"), is_document("hze.csv")
    (True, False)
    """
    return _suffix(filename) in SUFFIXES


def is_readable(filename: str) -> bool:
    """Whether the text of a file can be read: a document or a workbook.

    >>> is_readable("Anlage.xlsx"), is_readable("hze.csv")
    (True, False)
    """
    return _suffix(filename) in SUFFIXES | WORKBOOKS


def _suffix(filename: str) -> str:
    return "." + filename.rsplit(".", 1)[-1].lower()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a heading.

    Args:
        text: without line breaks at its ends.
        level: of a heading, from 1; 0: a paragraph.
    """

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide, or part of a text.

    Args:
        blocks: in reading order.
        pictured: whether it is a picture without text.
    """

    blocks: tuple[Block, ...] = ()
    pictured: bool = False

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Table:
    """A table within the text.

    Args:
        page: from 1.
        rows: its cells.
    """

    page: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """What a reader does not see at once.

    Args:
        kind: ``author``, ``property``, ``comment``, ``note`` (of a speaker), ``deleted`` (a tracked
            change), ``footer``.
        text: what it says.
        page: from 1; 0: of the whole document.
    """

    kind: str
    text: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """All that a document holds.

    Args:
        pages: in order, at least one.
        extras: what is not in the text.
        tables: tables whose cells the file knows; a PDF knows none.
        pictures: how many there are.
        embedded: names of the files within it.
        drawn: whether its pages can be drawn.
        outline: headings with their pages, for the contents.
        title: as its properties say it.
    """

    pages: tuple[Page, ...]
    extras: tuple[Extra, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: int = 0
    embedded: tuple[str, ...] = ()
    drawn: bool = False
    outline: tuple[tuple[str, int], ...] = ()
    title: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "Document":
        """From plain values as `to_json` gives them."""
        return cls(
            pages=tuple(
                Page(tuple(Block(**block) for block in page["blocks"]), page["pictured"])
                for page in known["pages"]
            ),
            extras=tuple(Extra(**extra) for extra in known["extras"]),
            tables=tuple(
                Table(table["page"], tuple(tuple(row) for row in table["rows"]))
                for table in known["tables"]
            ),
            pictures=known["pictures"],
            embedded=tuple(known["embedded"]),
            drawn=known["drawn"],
            outline=tuple((str(title), int(page)) for title, page in known["outline"]),
            title=known["title"],
        )

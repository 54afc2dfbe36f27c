"""What the readers of Office files share: where text goes, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ckanext.sozialdaten.disclosure.documents._errors import TooMuchError
from ckanext.sozialdaten.disclosure.documents._model import Block, Extra, Page, Table

__all__ = ["Gathered", "attribute", "local", "paragraph", "texts_of"]

_MOST_LETTERS = 20_000_000
_LONG = 6_000  # letters of a page in a text that names no pages
_OUTLINE = 500
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "noBreakHyphen": "-"}


def local(tag: object) -> str:
    """The name of an element without its namespace."""
    return str(tag).rsplit("}", 1)[-1]


def attribute(node: Any, name: str) -> str:
    """An attribute by its name without namespace."""
    return next((str(v) for k, v in node.attrib.items() if local(k) == name), "")


def paragraph(node: Any, leave: frozenset[str] = frozenset()) -> str:
    """All text within an element, blanks and breaks as written.

    Args:
        node: the element.
        leave: elements that are left out with all that is in them.
    """
    parts: list[str] = []

    def walk(inner: Any, depth: int) -> None:
        kind = local(inner.tag)
        if kind in leave and depth:
            return
        if kind == "s":  # OpenDocument: several blanks
            parts.append(" " * min(int(attribute(inner, "c") or 1), 100))
        parts.append(_BREAKS.get(kind, ""))
        if inner.text:
            parts.append(inner.text)
        for child in inner:
            walk(child, depth + 1)
            if child.tail:
                parts.append(child.tail)

    walk(node, 0)
    return "\n".join(" ".join(line.split()) for line in "".join(parts).split("\n")).strip()


def texts_of(root: Any) -> Iterator[str]:
    """The paragraphs of a part that nobody knows; without paragraphs, its texts one by one."""
    found = [node for node in root.iter() if local(node.tag) in ("p", "h")]
    if found:
        yield from filter(None, map(paragraph, found))
    else:
        yield from filter(None, ((node.text or "").strip() for node in root.iter()))


@dataclass(slots=True)
class Gathered:
    """What was read so far; the last page is the current one."""

    sheets: list[list[Block]] = field(default_factory=lambda: [[]])
    extras: list[Extra] = field(default_factory=list[Extra])
    tables: list[Table] = field(default_factory=list[Table])
    numbered: bool = False
    letters: int = 0

    def say(self, text: str, level: int = 0) -> None:
        """A paragraph of the current page."""
        text = text.strip()
        if not text:
            return
        self.letters += len(text)
        if self.letters > _MOST_LETTERS:
            raise TooMuchError
        self.sheets[-1].append(Block(text, level))

    def turn(self) -> None:
        """A new page begins; before the first text there is nothing to turn."""
        self.numbered = True
        if self.sheets[-1]:
            self.sheets.append([])

    def hide(self, kind: str, text: str) -> None:
        """Something that a reader does not see at once."""
        if text.strip():
            self.extras.append(Extra(kind, text.strip(), len(self.sheets)))

    def note(self, root: Any, kind: str) -> None:
        """A part with notes on the current page."""
        self.letters += sum(map(len, found := list(texts_of(root))))
        if self.letters > _MOST_LETTERS:
            raise TooMuchError
        place = len(self.sheets) if kind == "note" else 0
        self.extras += [Extra(kind, text, place) for text in found]
        self.extras += [
            Extra("author", name) for node in root.iter() if (name := attribute(node, "author"))
        ]

    def table(self, rows: list[tuple[str, ...]]) -> None:
        """A table: its cells for who checks, its rows for who reads."""
        if rows:
            self.tables.append(Table(len(self.sheets), tuple(rows)))
        for row in rows:
            self.say(" \u00b7 ".join(cell for cell in row if cell))

    def pages(self) -> tuple[Page, ...]:
        """The pages; a text that names none is cut before headings and at a bearable length."""
        if self.numbered:
            filled = [sheet for sheet in self.sheets if sheet] or [[]]
            return tuple(Page(tuple(sheet)) for sheet in filled)
        return tuple(_cut(self.sheets[0]))

    def outline(self) -> tuple[tuple[str, int], ...]:
        """Headings with their pages."""
        found = [
            (block.text.replace("\n", " "), number)
            for number, page in enumerate(self.pages(), 1)
            for block in page.blocks
            if 0 < block.level <= 2
        ]
        return tuple(found[:_OUTLINE])


def _cut(blocks: list[Block]) -> Iterator[Page]:
    held: list[Block] = []
    length = 0
    for block in blocks:
        full = length + len(block.text) > _LONG
        if held and (full or (block.level == 1 and length > _LONG // 4)):
            yield Page(tuple(held))
            held, length = [], 0
        held.append(block)
        length += len(block.text)
    if held or not blocks:
        yield Page(tuple(held))

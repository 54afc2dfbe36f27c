"""The body of a Word file (WordprocessingML)."""

import re
from typing import Any

from ckanext.sozialdaten.disclosure.documents._parts import Gathered, attribute, local, paragraph

__all__ = ["read_body"]

# ids of styles are in the language of the program that wrote the file
_HEADING = re.compile(
    r"(?:heading|berschrift|überschrift|titre|kop)\s?(\d)?$|(title|titel)$", re.IGNORECASE
)
_DELETED = frozenset({"del", "moveFrom"})
_WITHIN = _DELETED | {"txbxContent", "instrText", "Fallback", "pPr", "rPr", "tbl"}


def read_body(root: Any, found: Gathered) -> None:
    """Paragraphs, tables, text boxes and tracked changes in their order."""
    body = next((node for node in root.iter() if local(node.tag) == "body"), root)
    _walk(body, found)


def _walk(node: Any, found: Gathered) -> None:
    for child in node:
        kind = local(child.tag)
        if kind == "p":
            _paragraph(child, found)
        elif kind == "tbl":
            found.table(_rows(child))
            _deleted(child, found)
        elif kind not in ("sectPr", "Fallback"):
            _walk(child, found)


def _paragraph(node: Any, found: Gathered) -> None:
    if _breaks(node):
        found.turn()
    found.say(paragraph(node, _WITHIN), _level(node))
    _deleted(node, found)
    for box in node.iter():
        if local(box.tag) == "txbxContent":
            _walk(box, found)


def _deleted(node: Any, found: Gathered) -> None:
    for change in node.iter():
        if local(change.tag) in _DELETED:
            found.hide("deleted", paragraph(change))
            if author := attribute(change, "author"):
                found.hide("author", author)


def _breaks(node: Any) -> bool:
    """Whether a page begins with or in the paragraph, as the program that wrote it saw it."""
    for inner in node.iter():
        kind = local(inner.tag)
        if kind in ("lastRenderedPageBreak", "pageBreakBefore"):
            return True
        if kind == "br" and attribute(inner, "type") == "page":
            return True
    return False


def _level(node: Any) -> int:
    for inner in node.iter():
        if local(inner.tag) == "pStyle":
            heading = _HEADING.search(attribute(inner, "val"))
            return int(heading[1] or 1) if heading else 0
    return 0


def _rows(node: Any) -> list[tuple[str, ...]]:
    return [
        tuple(paragraph(cell, _WITHIN - {"tbl"}) for cell in row if local(cell.tag) == "tc")
        for row in node
        if local(row.tag) == "tr"
    ]

"""The content of an OpenDocument text or presentation."""

from typing import Any

from ckanext.sozialdaten.disclosure.documents._parts import Gathered, attribute, local, paragraph

__all__ = ["read_content"]

_WITHIN = frozenset({"annotation", "tracked-changes", "note-citation", "text-box", "table"})
_MOST_CELLS = 200


def read_content(root: Any, found: Gathered) -> None:
    """Paragraphs, headings, tables, slides, comments and tracked changes in their order."""
    body = next((node for node in root.iter() if local(node.tag) == "body"), root)
    _walk(body, found, first=[True])


def _walk(node: Any, found: Gathered, first: list[bool]) -> None:
    for child in node:
        kind = local(child.tag)
        if kind in ("p", "h"):
            _paragraph(child, found, first)
        elif kind == "table":
            found.table(_rows(child))
        elif kind == "tracked-changes":
            found.hide("deleted", paragraph(child))
        elif kind == "annotation":
            _comment(child, found)
        elif kind == "notes":  # of a speaker
            found.hide("note", paragraph(child))
        elif kind == "soft-page-break":
            found.turn()
        elif kind == "page":
            if not first[0]:
                found.turn()
            first[0] = False
            found.numbered = True
            _walk(child, found, first)
        else:
            _walk(child, found, first)


def _paragraph(node: Any, found: Gathered, first: list[bool]) -> None:
    level = int(attribute(node, "outline-level") or 1) if local(node.tag) == "h" else 0
    if any(local(inner.tag) == "soft-page-break" for inner in node.iter()):
        found.turn()
    found.say(paragraph(node, _WITHIN), level)
    for inner in node.iter():
        kind = local(inner.tag)
        if kind == "annotation":
            _comment(inner, found)
        elif kind == "text-box":
            _walk(inner, found, first)


def _comment(node: Any, found: Gathered) -> None:
    for inner in node.iter():
        kind = local(inner.tag)
        if kind in ("creator", "sender-initials"):
            found.hide("author", paragraph(inner))
        elif kind == "p":
            found.hide("comment", paragraph(inner))


def _rows(table: Any) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for row in table.iter():
        if local(row.tag) != "table-row":
            continue
        cells: list[str] = []
        for cell in row:
            if local(cell.tag) in ("table-cell", "covered-table-cell"):
                again = min(int(attribute(cell, "number-columns-repeated") or 1), _MOST_CELLS)
                cells += [paragraph(cell)] * again
        if any(cells):
            found.append(tuple(cells))
    return found

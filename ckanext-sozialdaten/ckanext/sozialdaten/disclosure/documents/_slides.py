"""A slide of a PowerPoint file (PresentationML)."""

from typing import Any

from ckanext.sozialdaten.disclosure.documents._parts import Gathered, attribute, local, paragraph

__all__ = ["read_slides"]

_TITLES = frozenset({"title", "ctrTitle"})


def read_slides(root: Any, found: Gathered) -> None:
    """The shapes of a slide in their order; what a picture is said to show is a note."""
    for node in root.iter():
        kind = local(node.tag)
        if kind == "sp":
            level = 1 if _is_title(node) else 0
            for inner in node.iter():
                if local(inner.tag) == "p":
                    found.say(paragraph(inner), level)
        elif kind == "tbl":
            found.table(_rows(node))
        elif kind == "cNvPr" and attribute(node, "descr"):
            found.hide("property", attribute(node, "descr"))


def _is_title(shape: Any) -> bool:
    return any(
        local(node.tag) == "ph" and attribute(node, "type") in _TITLES for node in shape.iter()
    )


def _rows(table: Any) -> list[tuple[str, ...]]:
    return [
        tuple(paragraph(cell) for cell in row if local(cell.tag) == "tc")
        for row in table
        if local(row.tag) == "tr"
    ]

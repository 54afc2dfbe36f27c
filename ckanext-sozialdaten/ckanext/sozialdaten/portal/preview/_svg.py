"""Building SVG text: escaped, compact, the same bytes for the same input."""

from collections.abc import Iterable
from html import escape

__all__ = ["document", "element", "number"]


def number(value: float) -> str:
    """A coordinate with at most one decimal and no needless zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def element(tag: str, *children: str, text: str = "", **attributes: str | float | None) -> str:
    """An element. ``a_b`` becomes the attribute ``a-b``; None leaves an attribute out.

    Args:
        tag: the element's name.
        children: elements, already built.
        text: text content, which is escaped here.
        attributes: numbers are written as coordinates.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="'
        f'{escape(value) if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inner = escape(text, quote=False) + "".join(children)
    return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"


def document(svg: str, notes: Iterable[str]) -> str:
    """``svg`` as a file of its own; ``notes`` (source, licence, state) go into its metadata."""
    head, rest = svg.split(">", 1)
    meta = element("metadata", text="\n".join(notes))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'{head} xmlns="http://www.w3.org/2000/svg">{meta}{rest}\n'
    )

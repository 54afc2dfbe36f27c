"""Building SVG text: escaped, compact, the same bytes for the same input."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape

__all__ = ["document", "drawing", "element", "number", "picture"]

_SPECIAL = re.compile(r"[&<>\"']")


def number(value: float) -> str:
    """A coordinate with at most one decimal and no needless zeros."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _escaped(text: str) -> str:
    return escape(text) if _SPECIAL.search(text) else text


@cache
def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def element(tag: str, *children: str, text: str = "", **attributes: str | float | None) -> str:
    """An element. ``a_b`` becomes the attribute ``a-b``; None leaves an attribute out.

    Args:
        tag: the element's name.
        children: elements, already built.
        text: text content, which is escaped here.
        attributes: numbers are written as coordinates.
    """
    # a loop and no generator: a map has a thousand elements
    written = tag
    for name, value in attributes.items():
        if value is not None:
            shown = _escaped(value) if isinstance(value, str) else number(value)
            written += f' {_attribute(name)}="{shown}"'
    inner = escape(text, quote=False) if text else ""
    for child in children:
        inner += child
    return f"<{written}>{inner}</{tag}>" if inner else f"<{written}/>"


def document(svg: str, notes: Iterable[str]) -> str:
    """``svg`` as a file of its own; ``notes`` (source, licence, state) go into its metadata."""
    head, rest = svg.split(">", 1)
    meta = element("metadata", text="\n".join(notes))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'{head} xmlns="http://www.w3.org/2000/svg">{meta}{rest}\n'
    )


def drawing(inside: Iterable[str], size: tuple[int, int], ident: str, look: str) -> str:
    """A chart as part of a page; screen readers may walk its elements.

    Args:
        inside: its elements; title and description have the ids that ``ident`` names.
        size: width and height.
        ident: prefix of the ids.
        look: class of the style sheet.
    """
    return element(
        "svg",
        *inside,
        class_=look,
        viewBox=f"0 0 {size[0]} {size[1]}",
        role="graphics-document document",
        aria_labelledby=f"{ident}-t",
        aria_describedby=f"{ident}-d",
        font_family="system-ui, sans-serif",
        font_size=16,
    )


def picture(
    inside: Iterable[str], size: tuple[int, int], ident: str, headline: str, notes: Sequence[str]
) -> str:
    """A drawing as a picture of its own, with headline above and notes (source, state) beneath.

    Args:
        inside: elements of the drawing; title and description have the ids that ``ident`` names.
        size: width and height of the drawing.
        ident: prefix of the ids.
        headline: what is shown, of when.
        notes: a line each.
    """
    width, tall = size
    height = tall + 70 + 26 * len(notes)
    lines = [
        element("text", text=note, x=16, y=tall + 84 + 26 * place, font_size=15, fill="#44515c")
        for place, note in enumerate(notes)
    ]
    return element(
        "svg",
        element("rect", width=width, height=height, fill="#fff"),
        element("text", text=headline, x=16, y=36, font_size=22, font_weight="700"),
        element("g", *inside, transform="translate(0 50)"),
        *lines,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{ident}-t",
        aria_describedby=f"{ident}-d",
        font_family="system-ui, sans-serif",
        font_size=16,
    )

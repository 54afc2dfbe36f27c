"""What the part of one sheet holds besides its cells: hidden rows and columns, headers, lists.

Such parts are long (half a gigabyte in large files), so they are searched and not parsed.
"""

import re
from collections.abc import Sequence
from html import unescape

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind
from ckanext.sozialdaten.disclosure.readers._around import Around
from ckanext.sozialdaten.disclosure.readers._common import (
    MAX_TABLE_BYTES,
    Buffer,
    Raw,
    narrow,
    unreadable,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["affordable", "plausible", "scan_sheet"]

_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_HIDDEN = re.compile(rb"""\b(?:hidden=["'](?:1|true)["']|(?:ht|width)=["']0(?:\.0*)?["'])""")
_NUMBER = re.compile(rb"""\b(r|min|max)=["'](\d{1,7})["']""")
_FAR = re.compile(rb"""<(?:\w+:)?c\b[^>]{0,200}?\br=["']([A-Z]{2,3})\d""")
_DATA_END = re.compile(rb"</(?:\w+:)?sheetData>|<(?:\w+:)?sheetData\s*/>")
_TEXT = re.compile(
    rb"<(?:\w+:)?(formula1|formula2|(?:odd|even|first)(?:Header|Footer))\b[^>]*>([^<]*)<"
)
_PROMPT = re.compile(
    rb"""\b(?:prompt|promptTitle|error|errorTitle|tooltip|display)=["']([^"']+)["']"""
)
_REFERENCE = re.compile(rb"""\bt=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})<""")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]{3,8000})<")
_LITERAL = re.compile(r"\"((?:[^\"]|\"\"){3,})\"|'?\[([^\]]{3,})\]")
_MOST_LITERALS = 10_000
_LEAST_CELL = len('<c t="s"><v>0</v></c>')
_CELLS = 60_000_000
_SPARSE = 40
_TAIL = 16 << 20


def plausible(raw: Raw, rows: int, columns: int, size: int, sheet: str = "") -> None:
    """Refuse a sheet whose cells lie so far apart that the rectangle around them is no table.

    Args:
        raw: the file.
        rows: last row.
        columns: last column.
        size: bytes of the sheet's part: at least some for each real cell.
        sheet: its name.

    Raises:
        UnreadableFileError: implausible.
    """
    if rows * columns > _CELLS and rows * columns > size * _SPARSE / 8:
        raise unreadable(
            raw,
            Message("The cells of the sheet lie implausibly far apart."),
            Message("Delete what stands far outside of the table."),
            sheet=sheet,
        )


def affordable(raw: Raw, data: Buffer, lengths: Sequence[int], sheet: str) -> None:
    """Refuse a sheet whose cells repeat shared texts until they fill the memory.

    Args:
        raw: the file.
        data: the part of the sheet.
        lengths: bytes of each shared text.
        sheet: its name.

    Raises:
        UnreadableFileError: its texts are too large together.
    """
    if max(lengths, default=0) * (len(data) // _LEAST_CELL) <= MAX_TABLE_BYTES:
        return
    numbers = (int(match.group(1)) for match in _REFERENCE.finditer(data))
    narrow(raw, 0, sum(lengths[n] for n in numbers if n < len(lengths)), sheet=sheet)


def _numbers(attributes: bytes) -> dict[bytes, int]:
    return {key: int(value) for key, value in _NUMBER.findall(attributes)}


def _width(letters: bytes) -> int:
    result = 0
    for letter in letters:
        result = result * 26 + letter - 64
    return result


def scan_sheet(raw: Raw, data: Buffer, sheet: str, found: Around) -> None:
    """Search the part of one sheet.

    Args:
        raw: the file.
        data: the part.
        sheet: the sheet's name.
        found: gets hidden rows and columns, header and footer, lists and prompts.

    Raises:
        UnreadableFileError: its cells lie implausibly far apart.
    """
    last, hidden = 0, list[int]()
    for match in _ROW.finditer(data):
        number = _numbers(match.group(1)).get(b"r", last + 1)
        last = max(last, number)
        if _HIDDEN.search(match.group(1)) and not match.group(1).endswith(b"/"):
            following = data[match.end() : match.end() + 400]
            if re.search(rb"<(?:\w+:)?(?:v|is)>", following.split(b"</row>")[0]):
                hidden.append(number)
    widths = {_width(letters) for letters in set(_FAR.findall(data))}
    plausible(raw, last, max(widths, default=26), len(data), sheet)
    if hidden:
        found.hide(sheet, Hidden(HiddenKind.ROWS, len(hidden), tuple(hidden[:1000])))
    end = _DATA_END.search(data)
    if end is None:
        return
    first_row = _ROW.search(data)
    for match in _COLUMN.finditer(data, 0, (first_row or end).start()):
        numbers = _numbers(match.group(1))
        if _HIDDEN.search(match.group(1)) and b"min" in numbers:
            first = numbers[b"min"]
            found.columns.setdefault(sheet, []).append((first, numbers.get(b"max", first)))
    _formulas(data, end.start(), sheet, found)
    _tail(data[end.end() : end.end() + _TAIL], sheet, found)


def _formulas(data: Buffer, end: int, sheet: str, found: Around) -> None:
    """Texts and other files that formulas name: both are published with the result."""
    seen: set[str] = set()
    for match in _FORMULA.finditer(data, 0, end):
        plain = unescape(match.group(1).decode("utf-8", "replace"))
        for one, other in _LITERAL.findall(plain):
            text = (one or other).strip()
            if text and text not in seen and len(seen) < _MOST_LITERALS:
                seen.add(text)
                found.say(sheet, text, "comment")


def _tail(tail: bytes, sheet: str, found: Around) -> None:
    """Header, footer, lists and prompts, which stand behind the cells."""
    for kind, text in _TEXT.findall(tail):
        plain = unescape(text.decode("utf-8", "replace"))
        if kind.startswith(b"formula"):
            for item in plain.strip('"').split(",") if plain.startswith('"') else ():
                found.say(sheet, item, "list")
        else:
            found.say(
                sheet,
                re.sub(r"&(?:[LCRPNDTFAZGBIUESXYH]|\"[^\"]*\"|\d+|K\w{6})", " ", plain),
                "footer",
            )
    for text in _PROMPT.findall(tail):
        found.say(sheet, unescape(text.decode("utf-8", "replace")), "comment")

"""Cells of an XLSX that hold no figure though they should: errors, formulas without a result.

Programs that write workbooks without calculating them leave formulas without a value; readers of
cells show both kinds as empty, which would drop a figure without a word.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

__all__ = ["ERROR", "FORMULA", "Gaps", "gaps_of"]

Gaps = dict[tuple[int, int], str]
ERROR = "#ERROR"
FORMULA = "#FORMULA"
_CHUNK = 1 << 22
_OVERLAP = 1 << 12
_CELL = rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})(\d+)"'
_ERROR = re.compile(_CELL + rb'[^>]*?\bt="e"|' + rb'<(?:\w+:)?c t="e"[^>]*?r="([A-Z]{1,3})(\d+)"')
_UNSOLVED = re.compile(
    _CELL
    + rb"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    + rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)/?>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


def gaps_of(stream: IO[bytes]) -> dict[str, Gaps]:
    """Sheet -> cell (row from 0, column from 0) -> :data:`ERROR` or :data:`FORMULA`.

    A package that is no XLSX, or is damaged, has none: whoever reads its cells will say so.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            found = {name: _cells(archive, part) for name, part in _parts(archive)}
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError):
        return {}
    return {name: cells for name, cells in found.items() if cells}


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        return
    links = {
        link["Id"]: posixpath.normpath(posixpath.join("xl", link["Target"].lstrip("/")))
        for link in _tags(_LINK, archive.read("xl/_rels/workbook.xml.rels"))
        if "Id" in link and "Target" in link
    }
    for sheet in _tags(_SHEET, archive.read("xl/workbook.xml")):
        part = links.get(sheet.get("r:id", ""), "").replace("xl/xl/", "xl/")
        if part in names:
            yield sheet.get("name", ""), part


def _tags(pattern: re.Pattern[bytes], data: bytes) -> Iterator[dict[str, str]]:
    from html import unescape

    for match in pattern.finditer(data):
        yield {
            key.decode(): unescape(value.decode("utf-8", "replace"))
            for key, value in _ATTRIBUTE.findall(match[1])
        }


def _cells(archive: zipfile.ZipFile, part: str) -> Gaps:
    found: Gaps = {}
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            window = rest + chunk
            if b'"e"' in window:
                found |= _places(_ERROR.finditer(window), ERROR)
            if b"f>" in window or b"<f" in window:
                found |= _places(_UNSOLVED.finditer(window), FORMULA)
            rest = window[-_OVERLAP:]
    return found


def _places(matches: Iterator["re.Match[bytes]"], kind: str) -> Gaps:
    found: Gaps = {}
    for match in matches:
        groups: list[Any] = [group for group in match.groups() if group is not None]
        found[int(groups[1]) - 1, _index(groups[0])] = kind
    return found


def _index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + letter - 64
    return index - 1

"""Formulas in uploaded files: found by the check, and turned into values by one click.

A formula runs on the machine of whoever opens the file, may fetch or send data there, and shows
something else on each of them: what was reviewed is no longer what is read. So none is released.
Delimited text: an apostrophe before the text marks it as text (OWASP, CSV Injection). Workbooks:
the formula goes and its last computed value stays (ECMA-376 Part 1, element ``f``; OpenDocument
1.3, attribute ``table:formula``).
"""

import codecs
import csv
import html
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from ckan import model

from ckanext.sozialdaten.formulas import is_formula
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _tables
from ckanext.sozialdaten.publishing.errors import UnreadableError

__all__ = ["MESSAGE", "RULE", "as_values", "has_formulas", "is_curable", "remedy_of"]

RULE = "formula"
MESSAGE = Message("The workbook holds formulas.")
_BY_CLICK = Message("Have the formulas turned into values: one click in the working copy.")
_ELSEWHERE = Message(
    "Replace the formulas by their values in the program the file comes from, and upload it again;"
    " or save it as CSV, XLSX or ODS: of those, one click in the working copy removes them."
)
_CHUNK = 1 << 20
_OVERLAP = 256
_DELIMITED = (".csv", ".tsv", ".txt")
_WORKBOOKS = (".xlsx", ".ods")
_CELL_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)")
_ODS_FORMULA = re.compile(rb'\stable:formula="[^"]*"')
_TEXT = re.compile(r"(<(?:\w+:)?t(?:\s[^>]*)?>|<text:p(?:\s[^>]*)?>)([^<]*)")
_NOT_HERE = Message("Formulas cannot be turned into values in files of this kind.")
_BY_HAND = Message("Replace the formulas by their values in the program the file comes from.")


def is_curable(filename: str) -> bool:
    """Whether formulas of a file of this name can be turned into values."""
    return filename.lower().endswith((*_DELIMITED, *_WORKBOOKS))


def remedy_of(filename: str) -> Message:
    """What to do about the formulas of a file of this name."""
    return _BY_CLICK if is_curable(filename) else _ELSEWHERE


def _is_sheet(member: str) -> bool:
    return member.startswith("xl/worksheets/") or member == "content.xml"


def has_formulas(path: Path, filename: str) -> bool:
    """Whether a workbook computes cells. What a text says is found by the check's own rule."""
    if not filename.lower().endswith(_WORKBOOKS) or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        for member in filter(_is_sheet, archive.namelist()):
            before = b""
            with archive.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    piece = before + chunk
                    if _CELL_FORMULA.search(piece) or _ODS_FORMULA.search(piece):
                        return True
                    before = piece[-_OVERLAP:]
    return False


def as_values(resource: model.Resource, path: Path) -> bytes:
    """The bytes of a file without formulas; everything else stays as it is.

    Raises:
        UnreadableError: a kind of file in which that cannot be done here.
    """
    filename = Path(resource.url or "").name
    if filename.lower().endswith(_WORKBOOKS):
        return _workbook(path)
    if filename.lower().endswith(_DELIMITED):
        return _delimited(path, filename)
    raise UnreadableError(_NOT_HERE, _BY_HAND)


def _defused(text: str) -> str:
    return f"'{text}" if is_formula(text) else text


def _delimited(path: Path, filename: str) -> bytes:
    """The same cells in the same encoding, those that a spreadsheet would run marked as text."""
    known = _tables.propose_layout(path, {})
    if known is None:
        raise UnreadableError(_NOT_HERE, _BY_HAND)
    dialect = _tables.open_table(path, filename, known).dialect
    encoding, data = dialect.encoding or "utf-8", path.read_bytes()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = data.decode(encoding)
    ending = "\r\n" if "\r\n" in text else "\n"
    found = io.StringIO(newline="")
    writer = csv.writer(found, delimiter=dialect.delimiter, lineterminator=ending)
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter):
        writer.writerow([_defused(cell) for cell in cells])
    marked = data.startswith(codecs.BOM_UTF8)
    return found.getvalue().encode("utf-8" if encoding == "utf-8-sig" and not marked else encoding)


def _workbook(path: Path) -> bytes:
    """The workbook with values alone; its list of computed cells goes with the formulas."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for member in archive.infolist():
            if member.filename == "xl/calcChain.xml":
                continue
            data = archive.read(member)
            for matches, change in _CHANGES:
                if matches(member.filename):
                    data = change(data)
            kind = zipfile.ZIP_STORED if member.filename == "mimetype" else zipfile.ZIP_DEFLATED
            copy.writestr(member.filename, data, kind)
    return made.getvalue()


def _values(data: bytes) -> bytes:
    return _ODS_FORMULA.sub(b"", _CELL_FORMULA.sub(b"", data))


def _texts(data: bytes) -> bytes:
    """Texts that a spreadsheet would run once they stand in a CSV file."""

    def marked(found: re.Match[str]) -> str:
        return found[1] + ("'" if is_formula(html.unescape(found[2])) else "") + found[2]

    return _TEXT.sub(marked, data.decode("utf-8")).encode("utf-8")


def _without_chain(data: bytes) -> bytes:
    return re.sub(rb"<(?:Override|Relationship)\b[^>]*calcChain[^>]*/>", b"", data)


_CHANGES: tuple[tuple[Callable[[str], bool], Callable[[bytes], bytes]], ...] = (
    (_is_sheet, _values),
    (lambda name: _is_sheet(name) or name == "xl/sharedStrings.xml", _texts),
    (
        lambda name: name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"),
        _without_chain,
    ),
)

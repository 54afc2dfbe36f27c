"""Workbooks, text and CSV files as rows, in bounded memory."""

import csv
import datetime as dt
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineWorkbook

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography.errors import RegisterError
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.workbooks import BrokenWorkbook, guarded

__all__ = ["Sheet", "cell_date", "cell_text", "number", "read_csv", "read_text", "read_workbook"]

_MOST_BYTES = 200_000_000
_MOST_UNPACKED = 1_000_000_000
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_COMPACT = re.compile(r"\d{8}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells with the place that they come from."""

    file: str
    name: str
    rows: list[list[object]]


def read_workbook(path: Path) -> list[Sheet]:
    """All sheets of a workbook.

    Raises:
        RegisterError: no workbook, or larger than 200 MB (1 GB unpacked).
    """
    _cap(path)
    _cap_unpacked(path)
    try:
        return guarded(lambda: _sheets(path))
    except BrokenWorkbook as error:
        raise RegisterError(
            Message("The file is no workbook that can be read."),
            Message("Fetch it again, or save it as XLSX."),
            Place(path.name),
        ) from error


def _cap_unpacked(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except zipfile.BadZipFile:
        return
    if unpacked > _MOST_UNPACKED:
        raise _too_large(path)


def _sheets(path: Path) -> list[Sheet]:
    with path.open("rb") as stream, CalamineWorkbook.from_filelike(stream) as book:
        return [
            Sheet(path.name, name, [list[object](row) for row in rows])
            for name in book.sheet_names
            for rows in [book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        ]


def read_text(path: Path) -> str:
    """A text file: UTF-8, else Windows-1252; of a ZIP file its only ``.txt`` or ``.asc``.

    Raises:
        RegisterError: larger than 200 MB, or a ZIP file without exactly one text.
    """
    _cap(path)
    data = _only_text(path) if zipfile.is_zipfile(path) else path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _only_text(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            texts = [i for i in archive.infolist() if i.filename.lower().endswith((".txt", ".asc"))]
            if len(texts) != 1:
                raise RegisterError(
                    Message("The ZIP file holds no file that can be imported."),
                    Message("Unpack it and name the file."),
                    Place(path.name),
                )
            with archive.open(texts[0]) as stream:
                data = stream.read(_MOST_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise RegisterError(
            Message("The ZIP file is damaged or encrypted."),
            Message("Fetch it again; the transfer may have been cut off."),
            Place(path.name),
        ) from None
    if len(data) > _MOST_BYTES:
        raise _too_large(path)
    return data


def read_csv(path: Path) -> Sheet:
    """The rows of a CSV file; the delimiter is the sign that its first line has most of.

    Raises:
        RegisterError: larger than 200 MB, or no CSV.
    """
    text = read_text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [list[object](row) for row in csv.reader(text.splitlines(), delimiter=delimiter)]
    except csv.Error:
        raise RegisterError(
            Message("The file is no CSV file."),
            Message("Save it as “CSV UTF-8”."),
            Place(path.name),
        ) from None
    return Sheet(path.name, "", rows)


def cell_text(cell: object) -> str:
    """A cell as text: whole numbers without a decimal point, blanks at the ends gone."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()) if cell is not None else ""


def number(cell: object) -> float | None:
    """A number of a cell with or without decimal comma; None for anything else."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = re.sub(r"\s", "", cell) if isinstance(cell, str) else ""
    if re.fullmatch(r"-?\d+([.,]\d+)?", text) is None:
        return None
    return float(text.replace(",", "."))


def cell_date(cell: object) -> dt.date | None:
    """A date of a cell: a real date, ``31.12.2019``, ``2019-12-31`` or ``20191231``."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = cell_text(cell)
    try:
        if found := _DATE.search(text):
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        if _COMPACT.fullmatch(text):
            return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _cap(path: Path) -> None:
    if path.stat().st_size > _MOST_BYTES:
        raise _too_large(path)


def _too_large(path: Path) -> RegisterError:
    return RegisterError(
        Message("The file is larger than is read here."),
        Message("Lists of regions have a few megabytes. Is this the right file?"),
        Place(path.name),
    )

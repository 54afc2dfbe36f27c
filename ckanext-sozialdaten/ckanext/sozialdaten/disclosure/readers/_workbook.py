"""XLSX, XLSM, XLSB, XLS and ODS: every sheet, hidden ones too, and what lies around the cells."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import python_calamine as calamine

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind, Loose, Sheet
from ckanext.sozialdaten.disclosure.readers import _ooxml, _opendocument
from ckanext.sozialdaten.disclosure.readers._archive import members, open_zip, stream_of
from ckanext.sozialdaten.disclosure.readers._around import Around
from ckanext.sozialdaten.disclosure.readers._common import Raw, cell_text, unreadable
from ckanext.sozialdaten.disclosure.readers._stacked import sheets_of
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.workbooks import BrokenWorkbook, guarded

__all__ = ["read_workbook"]

_T = TypeVar("_T")


def _guarded(raw: Raw, work: Callable[[], _T], sheet: str = "") -> _T:
    """Run a step of calamine; whatever it stumbles over is a file that cannot be read."""
    hint = Message("Open it in a spreadsheet program and save it as XLSX without a password.")
    message = (
        Message("The sheet cannot be read.")
        if sheet
        else Message("The file is no workbook that can be read.")
    )
    try:
        return guarded(work)
    except BrokenWorkbook as error:
        raise unreadable(raw, message, hint, sheet=sheet) from error


def _around(raw: Raw) -> Around:
    """What lies around the cells, and whether the file is plausible enough to be opened."""
    if not raw.data[:4].startswith(b"PK"):
        return Around(hidden={"": [Hidden(HiddenKind.UNSEEN)]})
    archive = open_zip(raw)
    members(raw, archive)
    if raw.suffix in (".ods", ".ots") or "content.xml" in archive.namelist():
        return _opendocument.around(raw, archive)
    return _ooxml.around(raw, archive)


def read_workbook(raw: Raw) -> list[Sheet]:
    """All sheets of a workbook.

    Raises:
        UnreadableFileError: no workbook, protected by a password, a sheet that cannot be read, or
            one whose cells lie implausibly far apart.
    """
    around = _around(raw)
    workbook = _guarded(raw, lambda: calamine.CalamineWorkbook.from_filelike(stream_of(raw)))
    sheets: list[Sheet] = []
    names: list[str] = []
    for meta in workbook.sheets_metadata:
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        found = _tables(raw, workbook, meta.name, around)
        if found:
            found[0] = _with(found[0], meta.name, around, _is_hidden(meta))
            sheets.extend(found)
            names.append(meta.name)
    sheets.extend(around.tables)
    if not sheets:
        raise unreadable(
            raw, Message("The workbook holds no cells."), Message("Ask the source for the table.")
        )
    rest = [texts for name, texts in around.loose.items() if name not in names]
    also = [found for name, found in around.hidden.items() if name not in names]
    first = sheets[0]
    sheets[0] = replace(
        first,
        loose=(*first.loose, *(text for texts in rest for text in texts)),
        hidden=(*first.hidden, *(hidden for found in also for hidden in found)),
    )
    return sheets


def _is_hidden(meta: calamine.SheetMetadata) -> bool:
    return meta.visible is not calamine.SheetVisibleEnum.Visible


def _tables(
    raw: Raw, workbook: calamine.CalamineWorkbook, name: str, around: Around
) -> list[Sheet]:
    """The tables of one sheet; remembers hidden columns that hold something."""
    opened = _guarded(raw, lambda: workbook.get_sheet_by_name(name), name)
    start, end = opened.start, opened.end
    if start is None or end is None:
        return []
    used = sum(
        max(0, min(last, end[1] + 1) - first + 1) for first, last in around.columns.get(name, ())
    )
    if used:
        around.hide(name, Hidden(HiddenKind.COLUMNS, used))
    return sheets_of(raw, _rows(raw, opened, name, start[1]), raw.sheet(name))


def _rows(raw: Raw, sheet: calamine.CalamineSheet, name: str, start: int) -> Iterator[list[str]]:
    """All rows from the first one on; the library counts the blank ones above, but no columns."""
    left = [""] * start
    rows = _guarded(raw, sheet.iter_rows, name)
    while True:
        row = _guarded(raw, lambda: next(rows, None), name)
        if row is None:
            return
        yield [*left, *map(cell_text, row)]


def _with(sheet: Sheet, name: str, around: Around, is_hidden: bool) -> Sheet:
    """The sheet with its name, the texts around its cells, and what is hidden."""
    hidden = [*around.hidden.get(name, ())]
    if is_hidden:
        hidden.insert(0, Hidden(HiddenKind.SHEET))
    loose = (*sheet.loose, *around.loose.get(name, ()), Loose(name, "sheet"))
    return replace(sheet, loose=loose, hidden=tuple(hidden))

"""XLSX, XLSM, XLS and ODS: every sheet, hidden ones as well."""

import io

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, cell_text, unreadable
from ckanext.sozialdaten.disclosure.readers._grid import sheet_of
from ckanext.sozialdaten.messages import Message

__all__ = ["read_workbook"]


def read_workbook(raw: Raw) -> list[Sheet]:
    """All sheets of a workbook.

    Raises:
        UnreadableFileError: no workbook, protected by a password, or a sheet that cannot be read.
    """
    hint = Message("Open it in a spreadsheet program and save it as XLSX without a password.")
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw.data))
    except (CalamineError, ValueError, OSError) as error:
        raise unreadable(raw, Message("The file is no workbook that can be read."), hint) from error
    sheets: list[Sheet] = []
    for meta in workbook.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        try:
            rows = workbook.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
        except (CalamineError, ValueError, OSError) as error:
            raise unreadable(
                raw, Message("The sheet cannot be read."), hint, sheet=meta.name
            ) from error
        grid = [[cell_text(cell) for cell in row] for row in rows]
        sheet = sheet_of(grid, raw.resource, raw.sheet(meta.name))
        if sheet:
            named = (*sheet.loose, Loose(meta.name, "sheet"))
            sheets.append(
                Sheet(sheet.table, sheet.resource, sheet.name, sheet.first_row, named, sheet.rows)
            )
    if not sheets:
        raise unreadable(
            raw, Message("The workbook holds no cells."), Message("Ask the source for the table.")
        )
    return sheets

"""Disguises: one table written in every format that people publish, openly or hidden."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import quoteattr

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

Rows = Sequence[Sequence[object]]
"""A header and data rows."""

FILLER: Rows = (
    ("Gemeinde", "Jahr", "Anzahl"),
    ("Nordheim", 2023, 120),
    ("Südheim", 2023, 340),
    ("Westheim", 2023, 95),
)


def lines(rows: Rows, delimiter: str = ";") -> str:
    """The table as delimited text."""
    return "".join(delimiter.join(str(cell) for cell in row) + "\n" for row in rows)


def csv(rows: Rows) -> bytes:
    return lines(rows).encode("utf-8")


def cp1252(rows: Rows) -> bytes:
    return lines(rows).encode("cp1252")


def tabs(rows: Rows) -> bytes:
    return lines(rows, "\t").encode("utf-16")


def titled(rows: Rows) -> bytes:
    text = "Sozialbericht\n\nStand: 31.12.2023\n\n" + lines(rows) + "\nQuelle: Kreis Musterland\n"
    return text.encode("utf-8")


def _saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def workbook(*sheets: tuple[str, Rows, str]) -> bytes:
    """A workbook of sheets with a name, rows and a state."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows, state in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = state
    return _saved(book)


def xlsx(rows: Rows) -> bytes:
    return workbook(("Tabelle", rows, "visible"))


def second_sheet(rows: Rows) -> bytes:
    return workbook(("Inhalt", FILLER, "visible"), ("Anhang", rows, "visible"))


def hidden_sheet(rows: Rows) -> bytes:
    return workbook(("Inhalt", FILLER, "visible"), ("Daten", rows, "hidden"))


def very_hidden_sheet(rows: Rows) -> bytes:
    return workbook(("Inhalt", FILLER, "visible"), ("Daten", rows, "veryHidden"))


def hidden_cells(rows: Rows) -> bytes:
    """All rows but the first and all columns but the first are hidden."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for index in range(3, len(rows) + 1):
        sheet.row_dimensions[index].hidden = True
    for index in range(2, len(rows[0]) + 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(index)].hidden = True
    return _saved(book)


def merged_header(rows: Rows) -> bytes:
    """A title and a merged heading above the columns."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Auswertung 2023"])
    sheet.append([])
    sheet.append(["", *["Leistungen" for _ in rows[0][1:]]])
    for row in rows:
        sheet.append(list(row))
    if len(rows[0]) > 2:
        sheet.merge_cells(start_row=3, start_column=2, end_row=3, end_column=len(rows[0]))
    return _saved(book)


def parquet(rows: Rows) -> bytes:
    columns = {str(name): [row[index] for row in rows[1:]] for index, name in enumerate(rows[0])}
    arrays = {
        name: cells if len({type(cell) for cell in cells}) == 1 else [str(c) for c in cells]
        for name, cells in columns.items()
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays), buffer)
    return buffer.getvalue()


def _records(rows: Rows) -> list[dict[str, object]]:
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def records(rows: Rows) -> bytes:
    return json.dumps(_records(rows), ensure_ascii=False).encode("utf-8")


def nested(rows: Rows) -> bytes:
    return json.dumps({"meta": {"titel": "Bericht"}, "daten": {"zeilen": _records(rows)}}).encode()


def geojson(rows: Rows) -> bytes:
    ring = [[[9.0, 53.0], [9.1, 53.0], [9.1, 53.1], [9.0, 53.0]]]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": ring},
            "properties": record,
        }
        for record in _records(rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def xml(rows: Rows) -> bytes:
    names = [str(name).replace(" ", "_") for name in rows[0]]
    body = "".join(
        "<zeile "
        + " ".join(f"{name}={quoteattr(str(cell))}" for name, cell in zip(names, row, strict=True))
        + "/>"
        for row in rows[1:]
    )
    return f"<bericht><tabelle>{body}</tabelle></bericht>".encode()


def archive(rows: Rows) -> bytes:
    return zipped({"lies-mich.csv": csv(FILLER), "daten/tabelle.csv": csv(rows)})


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def archive_in_archive(rows: Rows) -> bytes:
    return zipped({"innen.zip": archive(rows)})


def transposed(rows: Rows) -> bytes:
    return csv([list(column) for column in zip(*rows, strict=True)])


FORMATS: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "csv": ("a.csv", csv),
    "cp1252": ("a.csv", cp1252),
    "tabs": ("a.tsv", tabs),
    "titled": ("a.csv", titled),
    "xlsx": ("a.xlsx", xlsx),
    "second-sheet": ("a.xlsx", second_sheet),
    "hidden-sheet": ("a.xlsx", hidden_sheet),
    "very-hidden-sheet": ("a.xlsx", very_hidden_sheet),
    "hidden-cells": ("a.xlsx", hidden_cells),
    "merged-header": ("a.xlsx", merged_header),
    "parquet": ("a.parquet", parquet),
    "records": ("a.json", records),
    "nested": ("a.json", nested),
    "geojson": ("a.geojson", geojson),
    "xml": ("a.xml", xml),
    "zip": ("a.zip", archive),
    "zip-in-zip": ("a.zip", archive_in_archive),
}

"""Workbooks as people lay them out: several tables in a sheet, merged cells, texts around them."""

import io
from collections.abc import Iterator, Sequence

import openpyxl
from adversarial import Case
from openpyxl.comments import Comment

SMALL = "minimum-frequency"
OPEN = "recoverable-suppression small-difference"
FINE = (("Gemeinde", "Fälle"), ("Nord", 17), ("Süd", 22), ("West", 31))
Cells = Sequence[Sequence[object]]


def sheet(*blocks: tuple[str, Cells], merged: Sequence[str] = ()) -> bytes:
    """A workbook with tables at the given places."""
    book = openpyxl.Workbook()
    page = book.active
    for place, rows in blocks:
        start = page[place]
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                page.cell(start.row + down, start.column + right, value)
    for cells in merged:
        page.merge_cells(cells)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def both(name: str, rules: str, bad: bytes, good: bytes) -> Iterator[Case]:
    """An attack and its harmless twin."""
    yield Case(name, frozenset(rules.split()), {"a.xlsx": bad})
    yield Case(f"{name} (harmless)", frozenset(), {"a.xlsx": good})


def places() -> Iterator[Case]:
    """Tables below and beside one another, far down, and in sections."""
    care = [("Pflegegrad", "Männer", "Frauen"), ("1", 12, 22), ("2", 13, 1), ("3", 33, 44)]
    more = [*care[:2], ("2", 13, 11), care[3]]
    titles = (("A1", [("Tabelle 1: Wohngeld",)]), ("A9", [("Tabelle 2: Pflege",)]))
    yield from both(
        "two tables below one another",
        SMALL,
        sheet(*titles, ("A3", FINE), ("A11", care)),
        sheet(*titles, ("A3", FINE), ("A11", more)),
    )
    yield from both(
        "two tables beside one another",
        SMALL,
        sheet(("A1", FINE), ("F1", care)),
        sheet(("A1", FINE), ("F1", more)),
    )
    people = [("Name", "Geburtsdatum"), ("Erika Muster", "03.02.1980"), ("Max T", "04.02.1970")]
    yield from both(
        "persons below counts",
        "identifier-name identifier-birth-date",
        sheet(("A1", FINE), ("A7", people)),
        sheet(("A1", FINE), ("A7", [("Träger", "Plätze"), ("Kita A", 40), ("Kita B", 60)])),
    )
    few = (*FINE[:2], ("Süd", 2), FINE[3])
    yield from both("a table that begins at D14", SMALL, sheet(("D14", few)), sheet(("D14", FINE)))
    head = [("Gemeinde", "Fälle", "Personen"), ("Wohngeld",), ("Nord", 17, 30)]
    rest = [("Pflege",), ("Nord", 27, 31), ("Süd", 32, 33)]
    yield from both(
        "sections",
        SMALL,
        sheet(("A1", [*head, ("Süd", 2, 30), *rest])),
        sheet(("A1", [*head, ("Süd", 12, 30), *rest])),
    )


def merging() -> Iterator[Case]:
    """Headers of several rows, and labels that stand once for several rows."""
    heads = [("Gemeinde", "2022", None, "2023", None), (None, "m", "w", "m", "w")]
    south = ("Süd", 22, 24, 25, 26)
    cells = ("B3:C3", "D3:E3", "A3:A4")
    yield from both(
        "a merged header",
        SMALL,
        sheet(("A3", [*heads, ("Nord", 12, 14, 15, 1), south]), merged=cells),
        sheet(("A3", [*heads, ("Nord", 12, 14, 15, 16), south]), merged=cells),
    )
    tall = [("Gemeinde", "Geschlecht", "Fälle"), ("Nord", "m", 12), (None, "w", "*")]
    signed = [*tall, (None, "zus.", 14), ("Süd", "m", 22), (None, "w", 26), (None, "zus.", 48)]
    shown = [row for row in signed if row[1] != "zus."]
    yield from both(
        "merged labels with their sums",
        OPEN,
        sheet(("A1", signed), merged=("A2:A4", "A5:A7")),
        sheet(("A1", shown), merged=("A2:A3", "A4:A5")),
    )


def around() -> Iterator[Case]:
    """Totals in titles and notes, and what formulas, formats and comments carry."""
    signed = [("Gemeinde", "Fälle"), ("Nord", 17), ("Süd", "*"), ("West", 31), ("Ost", 20)]
    for name, place, row in (("title", "A1", 3), ("note", "A9", 1)):
        yield from both(
            f"the total in a {name}",
            OPEN,
            sheet((place, [("Kreis insgesamt 70 Fälle im Jahr 2023",)]), (f"A{row}", signed)),
            sheet((place, [("Kreis insgesamt, Fälle im Jahr 2023",)]), (f"A{row}", signed)),
        )
    sexes = [("Gemeinde", "m", "w"), ("Nord", 17, 12), ("Süd", 22, 21)]
    total = sheet(("A1", [("Insgesamt",), ("Leistungsberechtigte 2023",)]), ("A4", sexes))
    yield Case("a title that is a total (harmless)", frozenset(), {"a.xlsx": total})
    book = openpyxl.load_workbook(io.BytesIO(sheet(("A1", FINE))))
    book.active["B3"] = '=22+VLOOKUP("Müller, Erika",X!A:B,2,0)'
    yield Case("a name in a formula", frozenset({"identifier-name"}), {"a.xlsx": saved(book)})
    book = openpyxl.load_workbook(io.BytesIO(sheet(("A1", (*FINE[:2], ("Süd", 2), FINE[3])))))
    book.active["B3"].number_format = '"*"'
    yield Case("a format that prints a sign", frozenset({SMALL}), {"a.xlsx": saved(book)})
    book = openpyxl.load_workbook(io.BytesIO(sheet(("A1", FINE))))
    book.active["B3"].comment = Comment("davon Fam. Petersen, Tel. 04621 961234", "SB")
    yield Case("a name in a comment", frozenset({"identifier-name"}), {"a.xlsx": saved(book)})


def sheets() -> Iterator[Case]:
    """All of them."""
    for part in (places, merging, around):
        yield from part()

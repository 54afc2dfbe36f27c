"""Lists of regions in the official forms, about counties that do not exist."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl

__all__ = [
    "LAND_98",
    "bbsr_workbook",
    "changes_workbook",
    "gv100ad",
    "gv_workbook",
]

Record = tuple[str, str, str, str, float | None, float | None]
"""Kind, text code, ARS, name, area in km², population."""

LAND_98: tuple[Record, ...] = (
    ("10", "", "98", "Probeland", None, None),
    ("20", "", "981", "Reg.-Bez. Oberprobe", None, None),
    ("30", "", "9811", "Region Mitte", None, None),
    ("40", "44", "98101", "Seeheim", None, None),
    ("50", "53", "981015001", "Am Rain", None, None),
    ("60", "64", "981015001001", "Altdorf", 10.0, 1000),
    ("60", "64", "981015001002", "Neudorf", 20.0, 500),
    ("50", "50", "981010003", "Seeheim, Stadt", None, None),
    ("60", "63", "981010003003", "Seeheim, Stadt", 30.0, 4000),
    ("40", "41", "98102", "Probestadt, Landeshauptstadt", None, None),
    ("50", "50", "981020000", "Probestadt, Landeshauptstadt", None, None),
    ("60", "61", "981020000000", "Probestadt, Landeshauptstadt", 50.0, 90000),
)
_WIDTHS = ((0, 2), (2, 3), (3, 5), (5, 9), (9, 12))


def gv_workbook(path: Path, day: str, records: Iterable[Record] = LAND_98) -> Path:
    """An extract of GV-ISys: contents sheet, header of five rows, footnotes below."""
    book = openpyxl.Workbook()
    book.active.append(["Gemeindeverzeichnis"])
    sheet = book.create_sheet("Onlineprodukt_Gemeinden")
    sheet.append([f"Gemeinden in Deutschland nach Fläche und Bevölkerung am {day}"])
    sheet.append([])
    sheet.append(
        ["Satz-art", "Text-kenn-zeichen", "Amtlicher Regionalschlüssel (ARS)", "", "", "", "",
         "Gemeindename", "Fläche km2 1)", "Bevölkerung2)"]
    )  # fmt: skip
    sheet.append(["", "", "Land", "RB", "Kreis", "VB", "Gem", "", "", "insgesamt", "männlich"])
    sheet.append(["", "", f"Gebietsstand am {day}", *[""] * 5, "31.12.2022", "am 31.12.2022"])
    for kind, code, ars, name, area, people in records:
        parts = [ars[a:b] if len(ars) >= b else "" for a, b in _WIDTHS]
        sheet.append([kind, code, *parts, name, area, people])
    sheet.append([])
    sheet.append(["© Daten: Statistisches Bundesamt (Destatis)"])
    book.save(path)
    return path


def gv100ad(
    path: Path, day: str, records: Iterable[Record] = LAND_98, code: str = "cp1252"
) -> Path:
    """The same as text of 220 columns; ``day`` is YYYYMMDD."""
    lines = []
    for kind, text, ars, name, area, people in records:
        key = ars[:5] + ars[9:] if kind == "60" else ars[:5]
        verband = ars[5:9] if kind in ("50", "60") else ""
        line = f"{kind}{day}{key:<8}{verband:<4}{name:<50}{'':<50}{text:<6}"
        if kind == "60":
            line += f"{round((area or 0) * 100):011d}{round(people or 0):011d}"
        lines.append(f"{line:<220}")
    path.write_bytes("\r\n".join(lines).encode(code))
    return path


def bbsr_workbook(
    path: Path, sheets: Iterable[tuple[str, str, Sequence[Sequence[object]]]]
) -> Path:
    """Umsteigeschlüssel: a sheet for each pair of days; keys are numbers without leading zero."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for before, after, rows in sheets:
        sheet = book.create_sheet(f"{before[-4:]}-{after[-4:]}")
        sheet.append(
            [
                f"Kreise\n {before}", "Kreisname", "flächen-\nproportionaler\nUmsteige-schlüssel",
                "bevölkerungs- \nproportionaler \nUmsteige- \nschlüssel", "Fläche in km²",
                "Bevölkerung in 1000", f"Kreise\n {after}", "Kreisname",
            ]
        )  # fmt: skip
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def changes_workbook(path: Path, rows: Iterable[Sequence[object]], unit: str = "ha") -> Path:
    """Namens-, Grenz- und Schlüsseländerungen: (kind, old, name, area, people, new, name, day)."""
    book = openpyxl.Workbook()
    book.active.append(["Namens-, Grenz- und Schlüsseländerungen"])
    sheet = book.create_sheet("Änderungen")
    sheet.append(["Gebietsänderungen"])
    sheet.append(
        ["lfd. Nr.", "Regionaleinheit", "ARS", "AGS", "Gemeindename", "Art", f"Fläche in {unit}",
         "Einwohner", "ARS", "AGS", "Gemeindename", "juristisch wirksam", "statistisch wirksam"]
    )  # fmt: skip
    for number, (kind, old, name, area, people, new, after, day) in enumerate(rows, 1):
        cells = [number, "Gemeinde", "", old, name, kind, area, people, "", new, after, day, day]
        sheet.append(cells)
    book.save(path)
    return path

"""The official list of municipalities (GV-ISys) as the state of all regions on one day.

Workbook (quarterly and yearly extracts): record kinds 10 Land, 20 Regierungsbezirk, 30 Region, 40
Kreis, 50 Verband, 60 Gemeinde, the ARS in five columns. GV100AD: the same records as text of 220
columns. Source: Destatis, Datensatzbeschreibung GV100AD; text codes 41 to 67 ibid.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._files import Region
from ckanext.sozialdaten.geography._keys import GERMANY, Level
from ckanext.sozialdaten.geography.errors import RegisterError
from ckanext.sozialdaten.geography.importing._sheets import Sheet, cell_date, cell_text, number
from ckanext.sozialdaten.messages import Message

__all__ = ["Record", "Size", "Snapshot", "records_of_sheet", "records_of_text", "snapshot"]

_WIDTHS = (2, 1, 2, 4, 3)
_PARTS = ("land", "rb", "kreis", "vb", "gem")
_KINDS = ("10", "20", "40", "50", "60")
_NO_VERBAND = "50"
_TEXT_CODES: Mapping[str, str] = MappingProxyType(
    {
        "41": "Kreisfreie Stadt",
        "42": "Stadtkreis",
        "43": "Kreis",
        "44": "Landkreis",
        "45": "Regionalverband",
        "51": "Amt",
        "52": "Samtgemeinde",
        "53": "Verbandsgemeinde",
        "54": "Verwaltungsgemeinschaft",
        "55": "Kirchspielslandgemeinde",
        "56": "Verwaltungsverband",
        "57": "Verwaltungsgemeinschaft",
        "58": "Erfüllende Gemeinde",
        "60": "Markt",
        "61": "Kreisfreie Stadt",
        "62": "Stadtkreis",
        "63": "Stadt",
        "64": "Gemeinde",
        "65": "Gemeindefreies Gebiet",
        "66": "Gemeindefreies Gebiet",
        "67": "Große Kreisstadt",
    }
)
_BEZIRK = re.compile(
    r"(?P<former>früher: )?(?P<kind>Reg\.-Bez\.|Direktionsbezirk|Statistische Region|"
    r"Stat\. Region|Regierungsbezirk) (?P<name>.+)"
)
_HAS_KREIS = re.compile(r"kreis\b|^region|^städteregion|verband", re.IGNORECASE)
_STATE = re.compile(r"Gebietsstand.*?(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the list: kind, text code, parts of the ARS, name, and a Gemeinde's size."""

    kind: str
    code: str
    ars: str
    name: str
    row: int
    area: float | None = None
    population: float | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """Area in km² and population of a Gemeinde, to weigh the parts of it that change hands."""

    area: float | None
    population: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All regions of an area on one day.

    Args:
        day: the territorial state (Gebietsstand).
        regions: without validity.
        sizes: by key.
    """

    day: dt.date
    regions: tuple[Region, ...]
    sizes: Mapping[str, Size]


def records_of_sheet(sheet: Sheet) -> tuple[dt.date, list[Record]]:
    """The territorial state and the records of the sheet with the list.

    Raises:
        RegisterError: a part of the key has no column, or the sheet names no territorial state.
    """
    first = next(n for n, row in enumerate(sheet.rows) if _is_record(row))
    captions: dict[str, int] = {}
    for row in sheet.rows[:first]:
        for index, cell in enumerate(row):
            captions.setdefault(re.sub(r"[^a-zäöü]", "", cell_text(cell).lower()), index)
    where = [captions.get(part, -1) for part in _PARTS]
    if -1 in where:
        raise RegisterError(
            Message("The column “{name}” is missing.", {"name": _PARTS[where.index(-1)]}),
            Message("Fetch the list again as published."),
            Place(sheet.file, sheet.name, first),
        )
    title = " ".join(cell_text(cell) for row in sheet.rows[:first] for cell in row)
    found = _STATE.search(title)
    if not found:
        raise RegisterError(
            Message("The list does not say of which day it is."),
            Message("Its header has a line “Gebietsstand am 31.12.2023”."),
            Place(sheet.file, sheet.name),
        )
    area = next((i for text, i in captions.items() if text.startswith("fläche")), -1)
    name = next((i for text, i in captions.items() if text.startswith("gemeindename")), 7)
    people = captions.get("insgesamt", -1)
    records = [
        Record(
            cell_text(row[0]),
            cell_text(row[1]),
            "".join(
                cell_text(row[i]).zfill(w) if cell_text(row[i]) else ""
                for i, w in zip(where, _WIDTHS, strict=True)
            ),
            cell_text(row[name]),
            n,
            number(row[area]) if area >= 0 else None,
            number(row[people]) if people >= 0 else None,
        )
        for n, row in enumerate(sheet.rows, 1)
        if _is_record(row)
    ]
    return dt.date(int(found[3]), int(found[2]), int(found[1])), records


def _is_record(row: list[object]) -> bool:
    return len(row) > 7 and re.fullmatch(r"[1-6]0", cell_text(row[0])) is not None


def records_of_text(lines: Iterable[str], file: str) -> tuple[dt.date, list[Record]]:
    """The territorial state and the records of a GV100AD file.

    Columns, from 1: kind 1-2, state 3-10 (YYYYMMDD), AGS 11-18, Verband 19-22, name 23-72, text
    code 123-124, area in hectares 129-139, population 140-150.

    Raises:
        RegisterError: a line is no record.
    """
    day: dt.date | None = None
    found: list[Record] = []
    for row, line in enumerate(lines, 1):
        if not line.strip():
            continue
        state = cell_date(line[2:10])
        key, verband = line[10:18].rstrip(), line[18:22].strip()
        if state is None or not key.isdigit() or not line[22:72].strip():
            raise RegisterError(
                Message("This line is no record of the list of municipalities."),
                Message("GV100AD has lines of 220 columns, which begin with kind and state."),
                Place(file, row=row),
            )
        day = state
        kind, area = line[:2], number(line[128:139])
        # of a Verband the columns of the Gemeinde are blank or zero
        ars = key[:5] + verband + (key[5:] if kind == "60" else "")
        people = number(line[139:150])
        name = line[22:72].strip()
        found.append(
            Record(
                kind,
                line[122:124].strip(),
                ars,
                name,
                row,
                area / 100 if area is not None and kind == "60" else None,
                people if kind == "60" else None,
            )
        )
    if day is None:
        raise RegisterError(Message("The list is empty."), None, Place(file))
    return day, found


def snapshot(day: dt.date, records: Iterable[Record], file: str) -> Snapshot:
    """The regions of the records, each with the region that it lies in.

    A Gemeinde lies in its Kreis, a Kreis in its Regierungsbezirk if the list has one. In which
    Verband a Gemeinde is, its ARS says.

    Raises:
        RegisterError: two records of one key.
    """
    rows = [record for record in records if record.kind in _KINDS]
    above = {r.ars for r in rows if (r.kind, r.code) != ("50", _NO_VERBAND) and r.kind != "60"}
    regions: dict[str, Region] = {}
    sizes: dict[str, Size] = {}
    for record in rows:
        if record.kind == "50" and record.code == _NO_VERBAND:
            continue
        region = _region(record, above)
        if region.ags in regions:
            raise RegisterError(
                Message("The region {key} is in the list twice.", {"key": region.ags}),
                Message("Fetch the list again as published."),
                Place(file, row=record.row),
            )
        regions[region.ags] = region
        if record.kind == "60":
            sizes[region.ags] = Size(record.area, record.population)
    return Snapshot(day, tuple(regions.values()), sizes)


def _region(record: Record, above: set[str]) -> Region:
    ars = record.ars
    if record.kind == "10":
        return _named(record, ars[:2], Level.LAND, GERMANY)
    if record.kind == "20":
        return _named(record, ars[:3], Level.REGIERUNGSBEZIRK, ars[:2])
    if record.kind == "40":
        return _named(record, ars[:5], Level.KREIS, _nearest(ars, (3,), above))
    if record.kind == "50":
        return _named(record, ars[:9], Level.VERBAND, ars[:5])
    # some areas without a Gemeinde lie in no Kreis
    parent = _nearest(ars, (5, 3), above)
    return _named(record, ars[:5] + ars[9:12], Level.GEMEINDE, parent)


def _nearest(ars: str, lengths: tuple[int, ...], above: set[str]) -> str:
    return next((ars[:length] for length in lengths if ars[:length] in above), ars[:2])


def _named(record: Record, key: str, level: Level, parent: str) -> Region:
    printed = record.name
    name, _, suffix = printed.partition(", ")
    designation = _TEXT_CODES.get(record.code, "")
    if level is Level.LAND:
        designation = "Land"
    bezirk = _BEZIRK.fullmatch(printed)
    if level is Level.REGIERUNGSBEZIRK:
        name = bezirk["name"] if bezirk else printed
        kind = bezirk["kind"].replace("Reg.-Bez.", "Regierungsbezirk") if bezirk else ""
        designation = f"{kind or 'Regierungsbezirk'}{' (früher)' if bezirk and bezirk[1] else ''}"
    elif suffix and level is Level.GEMEINDE and designation in ("Gemeinde", "Stadt", "Markt"):
        designation = suffix
    elif record.code in ("43", "44") and not _HAS_KREIS.search(name):
        # else a Kreis and the town of the same name could not be told apart on a page
        name = f"{designation} {name}"
    plain = printed.partition(", ")[0]
    aliases = dict.fromkeys(alias for alias in (plain, printed) if alias != name)
    if level is Level.KREIS and name.startswith(f"{designation} "):
        aliases[f"{plain}, {designation}"] = None
    return Region(
        key, record.ars.ljust(12, "0"), name, level, parent,
        designation=designation, aliases=tuple(aliases),
    )  # fmt: skip

"""Writes the statistics that are no flat files: workbooks of BA, KBA, INKAR and Regionaldatenbank.

Each has the shape in which its publisher gives it away; the figures are invented. Households come
as JSON-stat, as a county's own statistics server would answer.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from ckanext.sozialdaten.demo.figures import Cell, Statistic
from ckanext.sozialdaten.demo.kreis import KREIS, LAND, official_label
from ckanext.sozialdaten.demo.society import Printed, Society
from ckanext.sozialdaten.demo.spreadsheet import Sheet, workbook

__all__ = ["FORMATS"]

File = tuple[str, bytes, int]
"""Name, content and number of rows of a file."""
_Values = dict[tuple[str, Cell], float | None]
_FICTITIOUS = "Fiktive Zahlen des erfundenen Kreises Musterland"
_GERMANY = "DG"


def _by_year(cells: Iterable[Printed]) -> dict[int, _Values]:
    found: dict[int, _Values] = defaultdict(dict)
    for printed in cells:
        found[printed.year][printed.region, printed.cell] = printed.value
    return found


def _regions(values: _Values) -> list[str]:
    """The regions of a table: Germany, Land, Kreis, Gemeinden."""
    return sorted({region for region, _ in values}, key=lambda key: (key != _GERMANY, key))


def _number(value: float | None, sign: str, digits: int = 0) -> str | int | float:
    """A cell of a workbook: a number, ``-`` for nothing, or the sign."""
    if value is None:
        return sign
    if not value:
        return "-"
    return round(value, digits) if digits else int(value)


# Federal Employment Agency: one sheet for each reference month, three rows of merged captions.
_AGENCY_GROUPS = (
    ("Bedarfsgemeinschaften", "insgesamt", "BG"),
    ("", "Alleinerziehende", "BG_ALLEINERZIEHEND"),
    ("", "mit Kindern unter 18 Jahren", "BG_KINDER"),
    ("Regelleistungsberechtigte", "insgesamt", "RLB"),
    ("", "erwerbsfähige Leistungsberechtigte", "ELB"),
    ("", "nicht erwerbsfähige Leistungsberechtigte", "NEF"),
    ("", "nicht erwerbsfähige Leistungsberechtigte unter 15 Jahren", "NEF_U15"),
    ("", "Leistungsberechtigte unter 18 Jahren", "LB_U18"),
    ("", "Langzeitleistungsbeziehende", "LZB"),
    ("", "erwerbstätige erwerbsfähige Leistungsberechtigte", "ELB_ERWERBSTAETIG"),
)


def _agency_sheet(statistic: Statistic, year: int, values: _Values) -> Sheet:
    regions = _regions(values)
    rows = [
        ["Grundsicherung für Arbeitsuchende (SGB II)"],
        ["Bedarfsgemeinschaften und Leistungsberechtigte – Eckwerte"],
        [f"Stichtag: 31. Dezember {year}"],
        ["Statistik der Bundesagentur für Arbeit"],
        [_FICTITIOUS],
        [],
        ["Schlüssel", "Region", *(group or None for group, _, _ in _AGENCY_GROUPS)],
        [None, None, *(caption for _, caption, _ in _AGENCY_GROUPS)],
        [None, None, *range(1, len(_AGENCY_GROUPS) + 1)],
    ]
    for region in regions:
        found = (values[region, ("ANZAHL", code)] for *_, code in _AGENCY_GROUPS)
        cells = (_number(value, statistic.sign) for value in found)
        rows.append([region, official_label(region), *cells])
    rows += [[], ["© Statistik der Bundesagentur für Arbeit (nachgebildet)"]]
    return Sheet(f"Dez {year}", rows, ("A7:A9", "B7:B9", "C7:E7", "F7:L7"))


def _agency(statistic: Statistic, society: Society) -> Iterator[File]:
    years = _by_year(society.printed(statistic))
    sheets = [_agency_sheet(statistic, year, values) for year, values in years.items()]
    cover = Sheet("Deckblatt", [["Statistik der Bundesagentur für Arbeit"], [_FICTITIOUS]])
    rows = sum(len(_regions(values)) for values in years.values())
    yield "sgb2-eckwerte-gemeinden.xlsx", workbook(cover, *sheets), rows


# Federal Motor Transport Authority, FZ 3.1: captions in two merged rows, names in capitals.
_VEHICLES = ("KRAD", "PKW", "GEWERBLICH", "LKW", "ZUG", "LAND", "SONST")
_VEHICLE_CAPTIONS: list[str | int | float | None] = [
    *(None, "Land", "Zulassungsbezirk", "Gemeinde", "Krafträder", "Personenkraftwagen", None),
    *("Lastkraftwagen", "Zugmaschinen", None, "Sonstige Kfz\neinschl. Kraft-\nomnibusse"),
    *("Kraftfahrzeuge\ninsgesamt", "Kraftfahrzeug-\nanhänger"),
]
_VEHICLE_DETAILS: list[str | int | float | None] = [
    *(None, None, None, None, None, "insgesamt", "darunter gewerbliche\nHalterinnen und Halter"),
    *(None, "insgesamt", "dar. land-/forst-\nwirtschaftliche"),
]
_ALL_VEHICLES = ("KRAD", "PKW", "LKW", "ZUG", "SONST")


def _vehicle_rows(year: int, values: _Values) -> list[list[str | int | float | None]]:
    def count(region: str, code: str) -> float:
        return values[region, (code,)] or 0.0

    rows: list[list[str | int | float | None]] = [
        [],
        [],
        [None, f"Bestand an Kraftfahrzeugen und Kraftfahrzeuganhängern am 1. Januar {year}"],
        [None, _FICTITIOUS],
        [None, "FZ 3.1"],
        [],
        [],
        _VEHICLE_CAPTIONS,
        _VEHICLE_DETAILS,
    ]
    regions = _regions(values)
    head = [official_label(LAND).upper(), f"{KREIS} {official_label(KREIS).split(',')[0].upper()}"]
    for region in regions:
        found = [_number(count(region, code), ".") for code in _VEHICLES]
        whole = int(sum(count(region, code) for code in _ALL_VEHICLES))
        trailers = _number(count(region, "ANHAENGER"), ".")
        name = f"{region} {official_label(region).upper()}"
        rows.append([None, *head, name, *found, whole, trailers])
        head = [None, None]
    found = [int(sum(count(r, code) for r in regions)) for code in _VEHICLES]
    whole = int(sum(count(r, code) for r in regions for code in _ALL_VEHICLES))
    trailers = int(sum(count(r, "ANHAENGER") for r in regions))
    rows.append([None, None, f"{KREIS} ZUSAMMEN", None, *found, whole, trailers])
    return rows


def _vehicles(statistic: Statistic, society: Society) -> Iterator[File]:
    for year, values in _by_year(society.printed(statistic)).items():
        rows = _vehicle_rows(year, values)
        about = Sheet("Impressum", [[_FICTITIOUS]])
        sheet = Sheet("FZ 3.1", rows, ("F8:G8", "I8:J8"))
        yield f"fz3_{year}.xlsx", workbook(about, sheet), len(_regions(values)) + 1


# INKAR: an indicator's years side by side, years as text in the second row.
def _inkar(statistic: Statistic, society: Society) -> Iterator[File]:
    years = _by_year(society.printed(statistic))
    columns = [(value, year) for value in statistic.values for year in years]
    levels = {_GERMANY: "Bund", LAND: "Länder", KREIS: "Kreise"}
    rows = [
        ["Kennziffer", "Raumeinheit", "Aggregat", *(value.label for value, _ in columns)],
        [None, None, None, *(str(year) for _, year in columns)],
    ]
    for region in statistic.regions:
        name = official_label(region).split(",")[0]
        found = (
            _number(years[year][region, (value.code,)], ".", value.digits)
            for value, year in columns
        )
        rows.append([region, name, levels[region], *found])
    about = [["Dokumentation der exportierten Indikatoren"], ["Indikator", "Einheit"]]
    about += [[value.label, value.unit] for value in statistic.values]
    yield (
        "inkar-musterland.xlsx",
        workbook(
            Sheet("Daten", rows),
            Sheet("Metadaten", about),
            Sheet("Quellangabe", [[f"Format: INKAR (BBSR). {_FICTITIOUS}."]]),
        ),
        len(statistic.regions),
    )


# Regionaldatenbank: blocks of reference dates, names indented by level.
def _regional_database(statistic: Statistic, society: Society) -> Iterator[File]:
    [variable], [value] = statistic.variables, statistic.values
    captions = [f"{value.label}\n{variable.text(code)}" for code in variable.codes]
    rows: list[list[str | int | float | None]] = [["id", "name", *captions]]
    years = _by_year(society.printed(statistic))
    for year, values in years.items():
        day = date.fromisoformat(statistic.moment(year))
        rows.append([day.strftime("%d.%m.%Y")])
        for region in _regions(values):
            indent = " " * (0 if region == _GERMANY else 2 * len(region) - 2)
            found = (values[region, (value.code, code)] for code in variable.codes)
            cells = (_number(number, statistic.sign) for number in found)
            rows.append([region, indent + official_label(region), *cells])
    about = [[statistic.label], [_FICTITIOUS]]
    content = workbook(Sheet(statistic.table, rows), Sheet("metadata", about))
    yield f"{statistic.table}.xlsx", content, len(rows) - len(years) - 1


# JSON-stat 2.0: values in the order of the dimensions, what is not there left out.
def _json_stat(statistic: Statistic, society: Society) -> Iterator[File]:
    [variable], [value] = statistic.variables, statistic.values
    years = _by_year(society.printed(statistic))
    regions = _regions(next(iter(years.values())))
    codes = [code or "INSGESAMT" for code in variable.codes]
    days = [statistic.moment(year) for year in years]
    dimensions = {
        "gebiet": ("Gebiet", {key: official_label(key) for key in regions}),
        "stichtag": ("Stichtag", dict(zip(days, days, strict=True))),
        "haushaltstyp": (
            variable.label,
            {code: variable.text("" if code == "INSGESAMT" else code) for code in codes},
        ),
    }
    values = [
        years[year][region, (value.code, code)]
        for region in regions
        for year in years
        for code in variable.codes
    ]
    answer = {
        "version": "2.0",
        "class": "dataset",
        "label": statistic.label,
        "source": _FICTITIOUS,
        "updated": "2026-03-02T06:00:00Z",
        "id": list(dimensions),
        "size": [len(items) for _, items in dimensions.values()],
        "role": {"geo": ["gebiet"], "time": ["stichtag"]},
        "dimension": {
            name: {
                "label": label,
                "category": {"index": list(items), "label": items},
            }
            for name, (label, items) in dimensions.items()
        },
        "value": {
            str(place): int(number) for place, number in enumerate(values) if number is not None
        },
    }
    content = json.dumps(answer, ensure_ascii=False, indent=1).encode()
    yield "haushalte.json", content, len(values)


FORMATS: dict[str, Callable[[Statistic, Society], Iterator[File]]] = {
    "musterland-sgb2": _agency,
    "musterland-kfz": _vehicles,
    "musterland-inkar": _inkar,
    "musterland-eingliederungshilfe": _regional_database,
    "musterland-haushalte": _json_stat,
}
"""How the files of a source are written, where it is no flat file."""

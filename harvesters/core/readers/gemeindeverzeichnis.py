"""GV-ISys, the list of municipalities: ARS in five columns, one row for each region of each level.

Record kinds: 10 Land, 20 Regierungsbezirk, 40 Kreis, 50 Verband, 60 Gemeinde. Only Gemeinden have
figures. Post code, coordinates and classes (travel region, degree of urbanisation) count nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import MissingColumn
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell, Numbers, as_text
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._sections import blank, filled
from ckanext.sozialdaten.harvesters.core.readers._times import Time, find_time
from ckanext.sozialdaten.harvesters.core.readers._words import fold
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GemeindeverzeichnisReader"]

_HEADER = 12
_PARTS = ("land", "rb", "kreis", "vb", "gem")
_WIDTHS = (2, 1, 2, 4, 3)
_FIGURES = {
    "flaeche": ("flaeche", "km²"),
    "insgesamt": ("bevoelkerung_insgesamt", "Anzahl"),
    "maennlich": ("bevoelkerung_maennlich", "Anzahl"),
    "weiblich": ("bevoelkerung_weiblich", "Anzahl"),
    "je km": ("bevoelkerung_je_km2", "je km²"),
}


@dataclass(frozen=True, slots=True)
class _Figure:
    index: int
    name: str
    unit: str
    time: Time | None


class GemeindeverzeichnisReader:
    """``gemeindeverzeichnis``."""

    name = "gemeindeverzeichnis"
    signs = "statistik"

    def recognise(self, opened: Opened) -> Recognition:
        """By its captions: Satzart and ARS."""
        opening = _joined(opened.opening) if opened.kind == Kind.WORKBOOK else ""
        found = "satzart" in opening and "regionalschluessel" in opening
        found = found and any(_header(grid, "satzart") for grid in opened.grids)
        return Recognition(0.95 if found else 0.0, "Satzart, ARS")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Area and population of each Gemeinde, each with its own date.

        Raises:
            MissingColumn: a part of the key has no column.
            DeliveryRefused: cells that are neither number nor sign.
        """
        grid = next(g for g in opened.grids if _header(g, "satzart") is not None)
        yield from batches(_rows(opened, grid, legend(settings.signs or "statistik")), opened.name)


def _joined(text: str) -> str:
    """A folded caption without hyphens, also those of line ends."""
    return text.replace("- ", "").replace("-", "")


def _header(grid: Grid, caption: str) -> tuple[int, int] | None:
    for number, row in enumerate(grid.rows(), 1):
        for index, cell in filled(row):
            if _joined(fold(as_text(cell))) == caption:
                return number, index
        if number > _HEADER:
            return None
    return None


def _columns(opened: Opened, grid: Grid, start: int) -> tuple[list[int], list[_Figure], int]:
    """Columns of the key's parts and of the figures, and the last row of the header."""
    captions: dict[int, list[Cell]] = {}
    last = start
    for number, row in enumerate(grid.rows(), 1):
        if number < start:
            continue
        if number > start and _is_record(row):
            last = number - 1
            break
        for index, cell in filled(row):
            captions.setdefault(index, []).append(cell)
    # a date above several columns stands above the first of them
    date: Time | None = None
    parts: dict[str, int] = {}
    figures: list[_Figure] = []
    for index in sorted(captions):
        folded = [_joined(fold(as_text(cell))) for cell in captions[index]]
        date = next((t for t in map(find_time, map(str, captions[index])) if t), date)
        parts |= {text: index for text in folded if text in _PARTS}
        for word, (name, unit) in _FIGURES.items():
            if any(text.startswith(word) for text in folded):
                figures.append(_Figure(index, name, unit, date))
    for part in _PARTS:
        if part not in parts:
            raise MissingColumn(
                Message("The column “{name}” is missing.", {"name": part}),
                Message("Fetch the list again as published."),
                Place(opened.name, grid.name, start, part),
            )
    return [parts[part] for part in _PARTS], figures, last


def _is_record(row: list[Cell]) -> bool:
    return bool(row) and re.fullmatch(r"[1-6]0(\.0)?", str(row[0]).strip()) is not None


def _rows(opened: Opened, grid: Grid, signs: dict[str, str]) -> Iterator[Observed]:
    place = _header(grid, "satzart")
    start = place[0] if place else 1
    keys, figures, last = _columns(opened, grid, start)
    numbers, problems = Numbers(",", signs), Problems(opened.name)
    for number, row in enumerate(grid.rows(), 1):
        if number <= last or not _is_record(row):
            continue
        ars = "".join(
            as_text(row[index]).zfill(width) if not blank(row[index]) else ""
            for index, width in zip(keys, _WIDTHS, strict=True)
        )
        for figure in figures:
            cell = row[figure.index]
            if blank(cell):
                continue
            found = numbers.read(cell)
            if found is None:
                problems.add(strange_cell(cell, Place(opened.name, grid.name, number, figure.name)))
                continue
            time = figure.time
            yield (
                f"gemeindeverzeichnis.{figure.name}",
                _key(ars),
                time.end.isoformat() if time else "",
                time.end.isoformat() if time else "",
                "{}",
                found[0],
                figure.unit,
                found[1],
            )
    problems.stop()


def _key(ars: str) -> str:
    """AGS of a Gemeinde or Kreis, key of a Land or Bezirk; nine digits of a Verband."""
    if not ars:
        return "DG"
    return ars[:5] + ars[9:] if len(ars) == sum(_WIDTHS) else ars

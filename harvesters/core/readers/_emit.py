"""The figures of one table, cell by cell, in the order of the file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._periods import compact_time, month_span
from ckanext.sozialdaten.harvesters.core.errors import (
    BadNumber,
    DeliveryError,
    DeliveryRefused,
    UnknownSign,
)
from ckanext.sozialdaten.harvesters.core.readers._cells import (
    Cell,
    Numbers,
    as_text,
    is_gap,
    looks_numeric,
)
from ckanext.sozialdaten.harvesters.core.readers._columns import Column, columns_of, unit_in
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Settings
from ckanext.sozialdaten.harvesters.core.readers._regions import (
    gemeinde_named,
    key_and_name,
    key_of,
    land_in,
    land_of,
)
from ckanext.sozialdaten.harvesters.core.readers._sections import (
    Section,
    blank,
    filled,
    heading_rows,
    is_index,
)
from ckanext.sozialdaten.harvesters.core.readers._times import (
    Time,
    bare_month,
    bare_year,
    find_time,
    time_of,
)
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words
from ckanext.sozialdaten.messages import Message

__all__ = ["Emitter", "Problems", "strange_cell"]

_MOST_PROBLEMS = 20
_LONG = 160
_AGS = 8
_COMPARES = re.compile(r"gegenueber|veraenderung")
_KREIS = re.compile(r"\b(0[1-9]|1[0-6])\d{3}(\d{3})?\b")


@dataclass
class Problems:
    """What is wrong with the cells of one file, up to a limit."""

    file: str
    found: list[DeliveryError] = field(default_factory=list[DeliveryError])

    def add(self, problem: DeliveryError) -> None:
        """Keep one; refuse the file when there are too many.

        Raises:
            DeliveryRefused: at the limit.
        """
        self.found.append(problem)
        if len(self.found) >= _MOST_PROBLEMS:
            self.stop(more=True)

    def stop(self, more: bool = False) -> None:
        """Refuse the file if anything was found.

        Raises:
            DeliveryRefused: with all of it.
        """
        if self.found:
            raise DeliveryRefused(self.file, self.found, more)


def strange_cell(cell: Cell, place: Place) -> DeliveryError:
    """The error for a cell among figures that is neither a number nor a sign of the legend."""
    if isinstance(cell, str) and looks_numeric(cell):
        return BadNumber(
            Message("This is no number as this file writes them."),
            Message(
                "The file may have been saved again by a program set to another language; "
                "fetch it anew from the source."
            ),
            place,
        )
    if isinstance(cell, str) and is_gap(cell.strip()):
        return BadNumber(
            Message("The cell holds an error, or a formula without its result."),
            Message("Open the file in a spreadsheet program, let it calculate, and save it."),
            place,
        )
    return UnknownSign(
        Message("This sign is not in the legend of the source."),
        Message("Add it to schemas/codelists/quality_signs.yaml with its meaning."),
        place,
    )


_VERBAND = 9
_VERBAENDE = re.compile(r"\bgvb|gemeindeverb|\bverband")


class Emitter:
    """Turns the rows of one section into observations.

    Args:
        file: its name, for errors.
        grid: the sheet.
        section: the table.
        prefix: first part of each series' name.
        legend: the signs.
        settings: what the caller knows beside the file.
        decimal: decimal character of the file's texts where a column leaves it open.
        fallback: time that the workbook speaks of as a whole.
    """

    def __init__(
        self,
        file: str,
        grid: Grid,
        section: Section,
        prefix: str,
        legend: Mapping[str, str],
        settings: Settings,
        decimal: str,
        fallback: Time | None = None,
    ) -> None:
        self.file = file
        self.grid = grid
        self.section = section
        self.prefix = prefix
        self.legend = legend
        self.settings = settings
        self.columns = columns_of(grid, section)
        self.values = [column for column in self.columns if column.role == "value"]
        self.long = any(c.role in ("unit", "quality", "series") for c in self.columns) or (
            len(self.values) == 1 and bool(words().roles["value"].search(fold(self.values[0].leaf)))
        )
        self.numbers = {c.index: Numbers(_decimal(c, decimal), legend) for c in self.values}
        titles = [*section.titles, grid.name]
        keyed = [column.label for column in self.columns if column.role == "region"]
        times = map(find_time, [*keyed, *titles])
        self.title_time = next((time for time in times if time), None) or fallback
        self.title_unit = next((u for u in map(unit_in, reversed(section.titles)) if u), "")
        self.title_region = _title_region([*section.titles, grid.name]) or self._whole()
        self.kreise = self._kreise()
        self.land = self._land()
        self.verband = any(
            c.role == "region" and _VERBAENDE.search(fold(c.label)) for c in self.columns
        )
        self.headings: list[str] = []
        self.run: list[str] = []
        self.deepest = max(
            (column.index for column in self.columns if column.role == "region"), default=-1
        )
        self.above: dict[int, Cell] = {}
        self.heading_time: Time | None = None
        self.last_time = max(
            (c.time for c in self.values if c.time), key=lambda time: time.end, default=None
        )
        self._known: dict[tuple[str, ...], str] = {}

    def _whole(self) -> str:
        """The Land that one row of a column of names sums up: the others lie in it."""
        names = [c.stats.land for c in self.columns if c.role in ("name", "dimension")]
        found = {land for lands in names for land in lands}
        return next(iter(found)) if len(found) == 1 else ""

    def _land(self) -> str:
        """The Land that keys of three and six digits lack, as some offices print them."""
        region = next((c for c in self.columns if c.role == "region"), None)
        texts = [as_text(cell) for cell in region.stats.samples] if region else []
        short = {len(text) for text in texts if text.isdigit()}
        return self.title_region[:2] if short in ({3, 6}, {6}) else ""

    def _kreise(self) -> bool:
        region = next((c for c in self.columns if c.role == "region"), None)
        if region is None or "gemeinde" in fold(region.label):
            return False
        return region.stats.padded and "krei" in fold(f"{region.label} {self.file}")

    def rows(self, problems: Problems) -> Iterator[Observed]:
        """Every figure and sign of the section."""
        for number, row in heading_rows(self.grid, self.section):
            cells = filled(row)
            if len(cells) == 1 and not self._lone_figure(*cells[0]):
                self._heading(cells[0][1])
            elif cells and number >= self.section.first and not is_index(cells):
                self._settle()
                yield from self._row(number, row, problems)

    def _lone_figure(self, column: int, cell: Cell) -> bool:
        numbers = self.numbers.get(column)
        return numbers is not None and column > 0 and numbers.takes(cell)

    def _heading(self, cell: Cell) -> None:
        """Take up a block heading: a year, or a text over the rows that follow."""
        time = time_of(cell)
        text = as_text(cell)
        if time is not None:
            self.heading_time = time
        elif len(text) <= _LONG and not words().footers.search(fold(text)):
            self.run.append(text)

    def _settle(self) -> None:
        """Headings that stand together replace as many of the ones above, the lowest first."""
        if self.run:
            self.headings = self.headings[: max(0, len(self.headings) - len(self.run))] + self.run
            self.run = []

    def _row(self, number: int, row: list[Cell], problems: Problems) -> Iterator[Observed]:
        found = [column for column in self.values if column.index < len(row)]
        if not found:
            return
        context = self._context(row)
        for column in found:
            cell = row[column.index]
            if blank(cell) and not self.long and not (cell is None and self.grid.nulls):
                continue
            figure = ("", "", "") if blank(cell) else self.numbers[column.index].read(cell)
            if figure is None:
                place = Place(self.file, self.grid.name, number, column.label)
                problems.add(strange_cell(cell, place))
                continue
            yield self._observed(number, column, figure, context)

    def _context(self, row: list[Cell]) -> "_Context":
        """What all figures of a row have in common."""
        context = _Context()
        names: dict[str, str] = {}
        for column in self.columns:
            if column.role == "value" or column.index >= len(row):
                continue
            cell = row[column.index]
            if column.role == "region" and column.index != self.deepest:
                cell = self.above[column.index] = (
                    self.above.get(column.index, "") if blank(cell) else cell
                )
            if not blank(cell):
                self._stub(context, names, column, cell)
        self._place(context, names)
        for level, heading in enumerate(self.headings, 1):
            context.dimensions[f"Block {level}" if level > 1 else "Block"] = heading
        return context

    def _place(self, context: "_Context", names: dict[str, str]) -> None:
        """A Gemeinde that is only named lies in the region of its row."""
        for label, name in names.items():
            if not context.region:
                context.dimensions[label] = name
            elif "gemeinde" in fold(label) and len(context.region) < _AGS:
                found = gemeinde_named(context.region, name)
                context.region = found or context.region
                if not found:
                    context.dimensions[label] = name

    def _stub(self, context: "_Context", names: dict[str, str], column: Column, cell: Cell) -> None:
        label = column.leaf or f"Merkmal {column.index + 1}"
        if column.role == "region":
            if self.land and len(as_text(cell)) in (3, 6) and as_text(cell).isdigit():
                cell = self.land + as_text(cell)
            elif self.verband and len(as_text(cell)) == _VERBAND - 1:
                cell = f"0{as_text(cell)}"
            key, name = _region(cell, self.kreise)
            context.region = key or context.region
            if name:
                context.dimensions[label] = name
        elif column.role == "time":
            context.take_time(cell)
        elif column.role == "name":
            land = land_of(cell)
            context.region = context.region or land or ""
            if not land:
                names[label] = as_text(cell)
        elif column.role in ("unit", "quality", "series"):
            context.beside[column.role] = as_text(cell)
        else:
            keyed = words().roles["region"].search(fold(label))
            key = key_of(cell, self.kreise) if keyed else None
            context.dimensions[label] = key or as_text(cell)

    def _observed(
        self, row: int, column: Column, figure: tuple[str, str, str], context: "_Context"
    ) -> Observed:
        value, quality, printed = figure
        time = self._time(column, context)
        series = context.beside.get("series") or column.series
        region = context.region or column.region or self.title_region or self.settings.region
        return (
            ".".join(part for part in (self.prefix, series) if part),
            region,
            time.start.isoformat() if time else "",
            time.end.isoformat() if time else "",
            self._dimensions(context, time),
            value,
            context.beside.get("unit") or column.unit or printed or self._unit(),
            quality or context.beside.get("quality", ""),
            self.grid.name,
            str(row),
            column.label,
        )

    def _unit(self) -> str:
        """The unit that a block heading prints, or the title."""
        return next((u for u in map(unit_in, reversed(self.headings)) if u), "") or self.title_unit

    def _dimensions(self, context: "_Context", time: Time | None) -> str:
        named = context.dimensions
        if time and time.label:
            named = {**named, "Zeitraum": time.label}
        key = tuple(item for pair in named.items() for item in pair)
        if key not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[key] = json.dumps(
                named, ensure_ascii=False, sort_keys=True, separators=(",", ":")
            )
        return self._known[key]

    def _time(self, column: Column, context: "_Context") -> Time | None:
        """Row first, then column, block, title; a month of one joins the year of another."""
        base = context.time or column.time or self.heading_time
        month = context.month or (column.month if not column.time else None)
        year = base or self.heading_time or self.title_time
        if month and year:
            return Time(*month_span(year.start.year, month, 1))
        if base:
            return base
        given = time_of(self.settings.time) if self.settings.time else None
        compares = _COMPARES.search(fold(column.label))
        return given or (self.last_time if compares else None) or self.title_time


@dataclass
class _Context:
    region: str = ""
    time: Time | None = None
    month: int | None = None
    dimensions: dict[str, str] = field(default_factory=dict[str, str])
    beside: dict[str, str] = field(default_factory=dict[str, str])

    def take_time(self, cell: Cell) -> None:
        """Year and month may stand in two columns."""
        month = bare_month(cell)
        if month:
            self.month = month
        elif self.time is None or bare_year(cell) is None:
            span = compact_time(as_text(cell))
            self.time = (Time(*span) if span else time_of(cell)) or self.time


def _region(cell: Cell, kreise: bool) -> tuple[str, str]:
    """Key of a row, and what its cell says beyond key and name (an Ortsteil)."""
    both = key_and_name(cell)
    if both:
        part = both[1].rsplit(" - ", 1)
        return both[0], part[1] if len(part) > 1 else ""
    key = key_of(cell, kreise) or land_of(cell)
    return (key, "") if key else ("", as_text(cell))


def _title_region(titles: Sequence[str]) -> str:
    for title in reversed(titles):
        both = key_and_name(title)
        found = both[0] if both and len(both[0]) > 2 else land_of(title)
        if found:
            return found
    for title in titles:
        match = _KREIS.search(title)
        if match:
            return match[0]
    return next((found for found in map(land_in, titles) if found), "")


def _decimal(column: Column, fallback: str) -> str:
    proven = column.stats.decimals
    return next(iter(proven)) if len(proven) == 1 else fallback

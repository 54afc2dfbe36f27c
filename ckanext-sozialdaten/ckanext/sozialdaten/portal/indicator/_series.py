"""An indicator over time: my regions with their intervals beside Kreis, Land and Bund."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import fmean, stdev

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._census import censuses_behind
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel
from ckanext.sozialdaten.portal.indicator._tabs import Shown
from ckanext.sozialdaten.portal.indicator._trend import Drawn, drawn_trend, trend_text
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Chart,
    Kind,
    Line,
    cell_text,
    kind_text,
    line_file,
    line_svg,
)

__all__ = ["SeriesTab"]

_MOST_NAMED = 5  # periods that a sentence names
_LEAST = 3  # periods with a figure, from which a mean and a scatter say something


@dataclass(frozen=True)
class SeriesTab(Shown):
    """The time series."""

    @property
    def title(self) -> str:
        """What is shown, of when."""
        labels = [p.label(self.speech) for p in (self.scope.span[0], self.scope.span[-1])]
        return f"{self.caption}, {' – '.join(dict.fromkeys(labels))}"

    @cached_property
    def _lines(self) -> list[tuple[str, str, tuple[Cell, ...], int]]:
        """Key, name, figures and style of each line."""
        scope = self.scope
        keys = [(key, regions.name_of(key), style) for style, key in enumerate(scope.mine)]
        keys += [(peer.key, peer.name, peer.style) for peer in scope.peers]
        return [(key, name, self._cells(key), style) for key, name, style in keys]

    def _cells(self, key: str) -> tuple[Cell, ...]:
        figures = self.scope.known.figures
        return tuple(self.scope.plain(figures.cell(key, p.key)) for p in self.scope.span)

    @cached_property
    def base(self) -> int | None:
        """The period that is 100: the one asked for, or the next in which every line is positive.

        None without an index, and where there is no such period.
        """
        asked = self.scope.address.base
        if not asked:
            return None
        for place, period in enumerate(self.scope.span):
            values = [cells[place].value for _, _, cells, _ in self._lines]
            if period.year >= asked[:4] and all(value and value > 0 for value in values):
                return place
        return None

    @property
    def base_label(self) -> str:
        """The period that is 100, for readers."""
        return "" if self.base is None else self.scope.span[self.base].label(self.speech)

    @property
    def axis(self) -> str:
        """What the vertical axis shows."""
        if self.base is None:
            return self.unit
        return tk._("Index ({period} = 100)").format(period=self.base_label)

    @property
    def chart(self) -> Chart:
        """The drawing."""
        lines = tuple(
            Line(name, self._drawn(cells, style), cells, style)
            for _, name, cells, style in self._lines
        )
        return Chart(
            self.scope.span,
            lines,
            self.unit,
            self.axis,
            self.decimals,
            self.speech,
            self.ident,
            self.title,
            self.summary,
            None if self.base is None else 100,
            tuple((position, name) for position, name, _ in self._breaks),
            tuple((style, drawn.path) for _, style, drawn in self._trends if drawn),
        )

    @cached_property
    def _trends(self) -> list[tuple[str, int, Drawn | None]]:
        """Name, style and trend of each of my regions, where trends were asked for."""
        kind = self.scope.address.trend
        if kind is None:
            return []
        return [
            (name, style, drawn_trend(kind, self.scope.span, self._drawn(cells, style)))
            for _, name, cells, style in self._lines[: len(self.scope.mine)]
        ]

    @cached_property
    def _breaks(self) -> list[tuple[float, str, str]]:
        """Place, name and first period of each census that begins inside the span."""
        known, span = self.scope.known, self.scope.span
        found: list[tuple[float, str, str]] = []
        for census in censuses_behind(known.indicator, public_figures().catalogue):
            for before, after in pairwise(span):
                if known.ends[before.key] < census.start <= known.ends[after.key]:
                    place = (before.position + after.position) / 2
                    label = after.label(self.speech)
                    found.append((place, census.names[self.speech], label))
        return found

    def _drawn(self, cells: tuple[Cell, ...], style: int) -> tuple[Cell, ...]:
        """What the line shows: bands only of the reader's own regions, an index without them."""
        if self.base is None:
            mine = style < len(self.scope.mine)
            return cells if mine else tuple(replace(c, low=None, high=None) for c in cells)
        base = cells[self.base].value or 1.0
        return tuple(
            cell
            if cell.value is None
            else replace(cell, value=cell.value / base * 100, low=None, high=None)
            for cell in cells
        )

    @cached_property
    def svg(self) -> str:
        """The chart."""
        return line_svg(self.chart)

    def picture(self, notes: list[str]) -> str:
        """The chart as a picture of its own."""
        return line_file(self.chart, self.title, notes)

    @property
    def summary(self) -> str:
        """First and last figure of each line, and changes of the census, in sentences."""
        told = [self._sentence(name, cells) for _, name, cells, _ in self._lines]
        unit = self.unit if self.base is None else ""
        told += [
            trend_text(drawn, name, unit, self.decimals, self.speech)
            for name, _, drawn in self._trends
        ]
        told += [
            tk._(
                "From {period} on the figures rest on another base ({census}): a jump there may"
                " come from the count and not from what happened."
            ).format(period=period, census=name)
            for _, name, period in self._breaks
        ]
        return " ".join(told)

    def _sentence(self, name: str, cells: tuple[Cell, ...]) -> str:
        known = [
            (period, cell)
            for period, cell in zip(self.scope.span, cells, strict=True)
            if cell.value is not None
        ]
        if not known:
            return tk._("{name}: no figure.").format(name=name)
        (first, start), (last, end) = known[0], known[-1]
        ends = tk._("{name}: {first} {start}, {last} {end}.").format(
            name=name,
            first=first.label(self.speech),
            start=cell_text(start, self.speech, self.decimals),
            last=last.label(self.speech),
            end=cell_text(end, self.speech, self.decimals),
        )
        return " ".join((ends, *self._gaps(name, cells)))

    def _gaps(self, name: str, cells: tuple[Cell, ...]) -> Iterator[str]:
        """Why a line has gaps: when, and for which reason; nothing of what never was there."""
        found: dict[Kind, list[str]] = {}
        for period, cell in zip(self.scope.span, cells, strict=True):
            if cell.value is None and cell.kind is not Kind.NOT_AVAILABLE:
                found.setdefault(cell.kind, []).append(period.label(self.speech))
        for kind, periods in found.items():
            reason = kind_text(kind, self.speech)
            if len(periods) <= _MOST_NAMED:
                listed = ", ".join(periods)
                yield tk._("{name}, {periods}: {reason}.").format(
                    name=name, periods=listed, reason=reason
                )
            else:
                yield tk._("{name}, {count} periods: {reason}.").format(
                    name=name, count=len(periods), reason=reason
                )

    @property
    def table(self) -> TableModel:
        """The figures of all lines, newest first; of mine with their intervals."""
        columns = [Column(tk._("Reference period"), number=False)]
        for place, (_, name, cells, _) in enumerate(self._lines):
            columns.append(Column(name))
            if place < len(self.scope.mine) and any(cell.low is not None for cell in cells):
                columns.append(Column(tk._("Interval (95 %)")))
        rows = [
            Row(period.label(self.speech), tuple(self._entries(place)))
            for place, period in reversed(list(enumerate(self.scope.span)))
        ]
        return TableModel(self.captioned, tuple(columns), tuple(rows), self._measures())

    def _measures(self) -> list[Row]:
        """Least, greatest, mean and scatter of each line over the periods with a figure."""
        names = (
            tk._("Lowest figure"),
            tk._("Highest figure"),
            tk._("Mean"),
            tk._("Standard deviation"),
        )
        columns: list[tuple[str, ...]] = []
        for number, (_, _, cells, _) in enumerate(self._lines):
            columns.append(self._measured(cells))
            if number < len(self.scope.mine) and any(cell.low is not None for cell in cells):
                columns.append(("–",) * len(names))
        if all(set(column) == {"–"} for column in columns):
            return []
        rows = zip(names, *columns, strict=True)
        return [Row(name, tuple(Entry(text) for text in texts)) for name, *texts in rows]

    def _measured(self, cells: tuple[Cell, ...]) -> tuple[str, ...]:
        known = [
            (cell.value, period.label(self.speech))
            for period, cell in zip(self.scope.span, cells, strict=True)
            if cell.value is not None
        ]
        if len(known) < _LEAST:
            return ("–",) * 4
        ends = (min(known), max(known))
        values = [value for value, _ in known]
        told = [f"{self.number(value)} ({period})" for value, period in ends]
        return (*told, self.number(fmean(values)), self.number(stdev(values)))

    def _entries(self, place: int) -> list[Entry]:
        found: list[Entry] = []
        for number, (_, _, cells, _) in enumerate(self._lines):
            found.append(self.entry(cells[place]))
            if number < len(self.scope.mine) and any(cell.low is not None for cell in cells):
                found.append(self.told(cells[place]))
        return found

"""The ranking of regions: bars with intervals, and ranks that admit what they cannot tell apart."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel
from ckanext.sozialdaten.portal.indicator._tabs import Shown
from ckanext.sozialdaten.portal.preview import Bar, BarChart, Cell, Mark, bar_file, bar_svg

__all__ = ["RankingTab", "ranks"]


def ranks(cells: dict[str, Cell]) -> dict[str, tuple[int, int]]:
    """First and last place that each region may have, the greatest figure being the first.

    Two regions whose 95 % intervals overlap cannot be told apart: both may be before the other.
    Regions without a figure have no place.
    """
    ends = {
        key: (
            cell.value if cell.low is None else cell.low,
            cell.value if cell.high is None else cell.high,
        )
        for key, cell in cells.items()
        if cell.value is not None
    }
    lows = sorted(low for low, _ in ends.values())
    highs = sorted(high for _, high in ends.values())
    return {
        key: (len(lows) - bisect_right(lows, high) + 1, len(highs) - bisect_left(highs, low))
        for key, (low, high) in ends.items()
    }


@dataclass(frozen=True)
class RankingTab(Shown):
    """The ranking."""

    @cached_property
    def _ordered(self) -> list[tuple[str, str, Cell]]:
        """Key, name and cell, in the order that the reader asked for."""
        scope = self.scope
        found = [(key, regions.name_of(key), scope.cell(key)) for key in scope.keys]
        if scope.address.order == "name":
            return found
        return sorted(found, key=lambda row: (row[2].value is None, -(row[2].value or 0)))

    @property
    def chart(self) -> BarChart:
        """The drawing for a page."""
        scope = self.scope
        marks = [
            Mark(peer.name, value, peer.style)
            for peer in scope.peers
            if (value := scope.cell(peer.key).value) is not None
        ]
        bars = tuple(Bar(key, name, cell, key in scope.mine) for key, name, cell in self._ordered)
        return BarChart(
            bars,
            tuple(marks),
            self.unit,
            self.decimals,
            self.speech,
            self.ident,
            self.title,
            self.summary,
            self.link,
        )

    @cached_property
    def svg(self) -> str:
        """The chart."""
        return bar_svg(self.chart)

    def picture(self, notes: list[str]) -> str:
        """The chart as a picture of its own."""
        return bar_file(replace(self.chart, link=None), self.title, notes)

    @cached_property
    def summary(self) -> str:
        """Highest and lowest, and what intervals mean for the order."""
        known = sorted(
            (row for row in self._ordered if row[2].value is not None),
            key=lambda row: row[2].value or 0,
        )
        if not known:
            return tk._("There is no figure for this selection.")
        high, low = known[-1], known[0]
        text = tk._("Highest: {high} ({top}). Lowest: {low} ({bottom}).").format(
            high=high[1],
            top=self.entry(high[2]).text,
            low=low[1],
            bottom=self.entry(low[2]).text,
        )
        if any(row[2].low is not None for row in known):
            text += " " + tk._(
                "A range of places such as “3 to 7” says that the intervals overlap: the order"
                " inside it may be chance."
            )
        return text

    @property
    def table(self) -> TableModel:
        """Place, region, figure and interval."""
        scope = self.scope
        places = ranks({key: cell for key, _, cell in self._ordered})
        by_name = scope.address.order == "name"
        query = scope.address.query
        columns = (
            Column(
                tk._("Region"),
                number=False,
                link="" if by_name else query(order="name"),
                sorted="ascending" if by_name else "",
            ),
            Column(
                tk._("Figure"),
                link=query(order="") if by_name else "",
                sorted="" if by_name else "descending",
            ),
            Column(tk._("Interval (95 %)")),
            Column(tk._("Rank")),
        )
        rows = tuple(
            Row(
                name,
                (self.entry(cell), self.told(cell), Entry(self._place(places.get(key)))),
                self.link(key),
                key in scope.mine,
            )
            for key, name, cell in self._ordered
        )
        foot = tuple(
            Row(peer.name, (self.entry(cell), self.told(cell), Entry("–")))
            for peer in scope.peers
            for cell in [scope.cell(peer.key)]
        )
        return TableModel(self.captioned, columns, rows, foot)

    @cached_property
    def _range(self) -> str:
        return tk._("{first} to {last}")

    def _place(self, place: tuple[int, int] | None) -> str:
        if place is None:
            return "–"
        first, last = place
        return str(first) if first == last else self._range.format(first=first, last=last)

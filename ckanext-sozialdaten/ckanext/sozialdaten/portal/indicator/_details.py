"""The table of all regions with everything that belongs to a figure."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._figures import Detail
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel
from ckanext.sozialdaten.portal.indicator._tabs import Shown
from ckanext.sozialdaten.portal.preview import format_number

__all__ = ["DetailsTab"]


@dataclass(frozen=True)
class DetailsTab(Shown):
    """The table."""

    svg = ""

    @property
    def summary(self) -> str:
        """What the columns are."""
        return tk._("Each row holds the figure with its parts, its day or period, and its signs.")

    @property
    def table(self) -> TableModel:
        """One row per region, the comparisons last."""
        scope = self.scope
        by_value = scope.address.order == "wert"
        keys = list(scope.keys)
        if by_value:
            keys.sort(key=lambda key: -(scope.cell(key).value or 0))
            keys.sort(key=lambda key: scope.cell(key).value is None)
        query = scope.address.query
        columns = (
            Column(
                tk._("Region"),
                number=False,
                link=query(order="") if by_value else "",
                sorted="" if by_value else "ascending",
            ),
            Column(
                tk._("Figure"),
                link="" if by_value else query(order="wert"),
                sorted="descending" if by_value else "",
            ),
            Column(tk._("Interval (95 %)")),
            Column(tk._("Numerator")),
            Column(tk._("Denominator")),
            Column(tk._("Reference period"), number=False),
            Column(tk._("Captured at"), number=False),
        )
        peers = {peer.key: peer.name for peer in scope.peers}
        found = scope.known.details((key, scope.period) for key in (*keys, *peers))
        details = {key: detail for (key, _), detail in found.items()}
        rows = tuple(self._row(key, regions.name_of(key), details.get(key)) for key in keys)
        foot = tuple(self._row(key, name, details.get(key)) for key, name in peers.items())
        return TableModel(self.captioned, columns, rows, foot)

    def _row(self, key: str, name: str, detail: Detail | None) -> Row:
        cell = self.scope.cell(key)
        shown = detail if detail and cell.value is not None else None
        parts = (shown.numerator, shown.denominator) if shown else (None, None)
        span = "–"
        captured = "–"
        if detail is not None:
            span = self._days(detail.start, detail.end)
            captured = self._days(detail.captured_at) if detail.captured_at else "–"
        return Row(
            name,
            (
                self.entry(cell),
                self.told(cell),
                *(Entry(self._part(part)) for part in parts),
                Entry(span),
                Entry(captured),
            ),
            self.link(key),
            key in self.scope.mine,
        )

    @cached_property
    def _written(self) -> dict[tuple[dt.date, ...], str]:
        """Days as readers see them: hundreds of rows share a few."""
        return {}

    def _days(self, *days: dt.date) -> str:
        if days not in self._written:
            told = dict.fromkeys(frame.day(day.isoformat()) for day in days)
            self._written[days] = " – ".join(told)
        return self._written[days]

    def _part(self, value: float | None) -> str:
        if value is None:
            return "–"
        return format_number(value, self.speech, 0 if value == int(value) else 1)

"""The table of all regions with everything that belongs to a figure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._scope import Scope
from ckanext.sozialdaten.portal.indicator._tables import (
    Column,
    Entry,
    Row,
    TableModel,
    entry,
    told,
)
from ckanext.sozialdaten.portal.preview import format_number

__all__ = ["DetailsTab"]


@dataclass(frozen=True)
class DetailsTab:
    """The table; arguments as of the ranking."""

    scope: Scope
    caption: str
    unit: str
    ident: str = "sd-kz"

    svg = ""

    @cached_property
    def _link(self) -> Callable[[str], str]:
        address = self.scope.address
        return frame.linker(lambda key: address.query(regions=(key,), tab=address.shown))

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return self.caption

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
            Column(tk._("Reference period")),
            Column(tk._("Captured at")),
        )
        unit = f" ({self.unit})" if self.unit else ""
        rows = tuple(self._row(key, regions.name_of(key), key in scope.mine) for key in keys)
        foot = tuple(self._row(peer.key, peer.name, chosen=False) for peer in scope.peers)
        return TableModel(f"{self.title}{unit}", columns, rows, foot)

    def _row(self, key: str, name: str, chosen: bool) -> Row:
        scope, decimals = self.scope, self.scope.figures.decimals
        cell = scope.cell(key)
        detail = scope.known.detail(key, scope.period)
        shown = detail if detail and cell.value is not None else None
        parts = (shown.numerator, shown.denominator) if shown else (None, None)
        span = "–"
        captured = "–"
        if detail is not None:
            days = dict.fromkeys(frame.day(day.isoformat()) for day in (detail.start, detail.end))
            span = " – ".join(days)
            captured = frame.day(detail.captured_at.date()) if detail.captured_at else "–"
        return Row(
            name,
            (
                entry(cell, decimals),
                told(cell, decimals),
                *(Entry(_part(part)) for part in parts),
                Entry(span),
                Entry(captured),
            ),
            self._link(key),
            chosen,
        )


def _part(value: float | None) -> str:
    if value is None:
        return "–"
    return format_number(value, frame.language(), 0 if value == int(value) else 1)

"""The map of a published table: what the template, the picture and the CSV show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.lake.layouts import Field, Role
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._map_board import MapBoard
from ckanext.sozialdaten.portal._reading import read
from ckanext.sozialdaten.portal._state import State
from ckanext.sozialdaten.portal._table import Table
from ckanext.sozialdaten.portal.preview import Comparison, Figures, Plan, compare

__all__ = ["MapPreview", "map_preview"]


@dataclass(frozen=True)
class MapPreview:
    """All that the map view shows.

    Args:
        state: the address.
        table: where the figures come from.
        column: the value column.
        figures: its cells under the chosen dimensions.
        period: the period shown.
        level: level of the regions.
        keys: the regions of that level in the table, by name.
        plan: the drawing.
        above: the region one level up, with its figures, if known.
        choices: lists of the form.
        notes: chosen dimensions in words.
        package: the dataset.
        resource: the resource.
        ident: prefix of ids on the page.
    """

    state: State
    table: Table
    column: Field
    figures: Figures
    period: str
    level: Level
    keys: tuple[str, ...]
    plan: Plan
    above: Comparison | None
    choices: list[frame.Choice]
    notes: list[str]
    package: Mapping[str, Any]
    resource: Mapping[str, Any]
    ident: str

    kind = "map"

    @property
    def unit(self) -> str:
        """The unit of the figures; "Anzahl" says no more than the caption does."""
        return "" if self.column.unit in ("Anzahl", "number") else self.column.unit

    @cached_property
    def board(self) -> MapBoard:
        """The map itself."""
        return MapBoard(
            self.state,
            self.figures,
            self.period,
            self.keys,
            self.plan,
            self.above,
            self.column.label(frame.language()),
            self.unit,
            self.ident,
            self.column.role is Role.COUNT,
            self.notes,
        )

    @property
    def facts(self) -> list[frame.Fact]:
        """The small print."""
        return frame.facts(self.package, self.resource, self.board.period_label)


def map_preview(
    table: Table,
    state: State,
    package: Mapping[str, Any],
    resource: Mapping[str, Any],
    ident: str = "sd-map",
) -> MapPreview | None:
    """The map of ``table`` in ``state``; None where no row has a region that the register knows."""
    levels = regions.by_level(table.codes(table.region.name))
    drawable = [level for level, keys in levels.items() if len(keys) > 1] or list(levels)
    if not drawable:
        return None
    level = next((level for level in drawable if level.value == state.level), drawable[0])
    keys = tuple(levels[level])
    selection, figures = read(table, state, lambda _: keys)
    if not figures.periods:
        return None
    column = table.layout[selection.column]
    plan = regions.plan_of(level, keys)
    upper = regions.above(keys)
    parts = regions.members(upper, level) if upper else ()
    above = compare(figures, upper, parts, additive=column.role is Role.COUNT) if upper else None
    known = [period.key for period in figures.periods]
    asked = [item.key for item in figures.periods if state.period in (item.key, item.year)]
    period = asked[-1] if asked else known[-1]
    lists = frame.choices(table, selection) + _levels(drawable, level)
    return MapPreview(
        state=replace(state, period=period if period != known[-1] else ""),
        table=table,
        column=column,
        figures=figures,
        period=period,
        level=level,
        keys=keys,
        plan=plan,
        above=above,
        choices=lists,
        notes=frame.notes(table, selection),
        package=package,
        resource=resource,
        ident=ident,
    )


def _levels(drawable: list[Level], chosen: Level) -> list[frame.Choice]:
    if len(drawable) < 2:
        return []
    names = {
        Level.ORTSTEIL: tk._("Neighbourhoods"),
        Level.GEMEINDE: tk._("Municipalities"),
        Level.KREIS: tk._("Districts"),
        Level.REGIERUNGSBEZIRK: tk._("Administrative regions"),
        Level.LAND: tk._("States"),
    }
    options = tuple(frame.Option(level.value, names[level], level is chosen) for level in drawable)
    return [frame.Choice("ebene", tk._("Level"), options)]

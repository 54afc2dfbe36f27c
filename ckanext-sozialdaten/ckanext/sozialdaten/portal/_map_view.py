"""The map of a published table: what the template, the picture and the CSV show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.lake.layouts import Field, Role
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._reading import read
from ckanext.sozialdaten.portal._state import State
from ckanext.sozialdaten.portal._table import Table
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Classes,
    Comparison,
    Figures,
    Kind,
    MapScene,
    Origin,
    Plan,
    cell_text,
    classify,
    compare,
    kind_text,
    map_svg,
    pattern_of,
    remark_text,
)

__all__ = ["Line", "MapPreview", "map_preview"]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the accessible table: region, its cell, and both in words."""

    key: str
    name: str
    cell: Cell
    text: str
    remark: str
    missing: str
    chosen: bool


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

    @cached_property
    def classes(self) -> Classes | None:
        """Classes over all periods."""
        return classify(self.figures.values(self.keys))

    @property
    def unit(self) -> str:
        """The unit of the figures; "Anzahl" says no more than the caption does."""
        return "" if self.column.unit in ("Anzahl", "number") else self.column.unit

    @property
    def period_label(self) -> str:
        """The period shown, for readers."""
        shown = [period for period in self.figures.periods if period.key == self.period]
        return shown[0].label(frame.language()) if shown else self.period

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return f"{self.column.label(frame.language())}, {self.period_label}"

    @property
    def counts(self) -> bool:
        """Whether the figures are counts, which grow with the size of a region."""
        return self.column.role is Role.COUNT

    @property
    def chosen(self) -> Line | None:
        """The region that the reader chose."""
        found = [line for line in self.lines if line.chosen]
        return found[0] if found else None

    @cached_property
    def lines(self) -> list[Line]:
        """The table: all regions of the drawing, in the order that the reader asked for."""
        names = {outline.key: outline.name for outline in self.plan.outlines}
        names |= {key: regions.name_of(key) for key in self.keys}
        found = [self._line(key, name) for key, name in names.items()]
        if self.state.order == "wert":
            return sorted(
                found, key=lambda line: (line.cell.value is None, -(line.cell.value or 0))
            )
        return sorted(found, key=lambda line: line.name)

    @property
    def above_line(self) -> Line | None:
        """The Kreis (or whatever lies above) as last row of the table."""
        if self.above is None:
            return None
        keys = [period.key for period in self.figures.periods]
        cell = self.above.cells[keys.index(self.period)]
        line = self._line(self.above.key, regions.name_of(self.above.key), cell)
        if not self._summed or cell.value is None:
            return line
        remark = f"{line.remark}; {self._summed}" if line.remark else self._summed
        return replace(line, remark=remark)

    @property
    def _summed(self) -> str:
        """The remark on figures of the region above that no table holds."""
        added = self.above is not None and self.above.origin is Origin.SUM
        return tk._("sum of its regions") if added else ""

    def _line(self, key: str, name: str, cell: Cell | None = None) -> Line:
        cell = cell or self.figures.cell(key, self.period)
        return Line(
            key,
            name,
            cell,
            cell_text(cell, frame.language(), self.figures.decimals),
            remark_text(cell, frame.language()) if cell.value is not None else "",
            pattern_of(cell.kind),
            key in self.state.regions,
        )

    @cached_property
    def missing(self) -> list[Kind]:
        """Why figures are missing, over all periods: the legend must not change with the year."""
        drawn = {outline.key for outline in self.plan.outlines} | set(self.keys)
        kinds = {
            self.figures.cell(key, period.key).kind
            for key in drawn
            for period in self.figures.periods
        }
        return [kind for kind in Kind if kind in kinds and pattern_of(kind)]

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """Fill, label and number of regions of each class and each reason for a gap."""
        rows: list[tuple[str, str, str]] = []
        cells = [line.cell for line in self.lines]
        if self.classes:
            labels = self.classes.labels(frame.language())
            counts = [0] * len(labels)
            for cell in cells:
                if cell.value is not None:
                    counts[self.classes.index(cell.value)] += 1
            rows += [
                (fill, label, str(count))
                for fill, label, count in zip(self.classes.colours, labels, counts, strict=True)
            ]
        for kind in self.missing:
            count = sum(cell.kind is kind for cell in cells)
            fill = f"url(#{self.ident}-{pattern_of(kind)})"
            rows.append((fill, kind_text(kind, frame.language()), str(count)))
        return rows

    @property
    def summary(self) -> str:
        """The map in a sentence: highest, lowest, how many are missing."""
        known = sorted(
            (line for line in self.lines if line.cell.value is not None),
            key=lambda line: line.cell.value or 0,
        )
        if not known:
            return tk._("There is no figure for this selection.")
        text = tk._("Highest: {high} ({top}). Lowest: {low} ({bottom}).").format(
            high=known[-1].name, top=known[-1].text, low=known[0].name, bottom=known[0].text
        )
        gaps = len(self.lines) - len(known)
        if not gaps:
            return text
        note = tk.ungettext(
            "{count} region has no figure.", "{count} regions have no figure.", gaps
        )
        return f"{text} {note.format(count=gaps)}"

    @property
    def scene(self) -> MapScene:
        """The drawing for a page."""
        return MapScene(
            self.plan,
            self.figures,
            self.period,
            self.classes,
            self.unit,
            frame.language(),
            self.ident,
            self.title,
            self.summary,
            self.chosen.key if self.chosen else "",
            lambda key: self.state.query(regions=(key,)),
        )

    @property
    def file_scene(self) -> MapScene:
        """The drawing for a picture, in which nothing can be clicked."""
        return replace(self.scene, link=None)

    @property
    def svg(self) -> str:
        """The map."""
        return map_svg(self.scene)

    @property
    def neighbours(self) -> tuple[str, str]:
        """Addresses of the period before and after; empty at the ends."""
        keys = [period.key for period in self.figures.periods]
        place = keys.index(self.period)
        before = self.state.query(period=keys[place - 1]) if place else ""
        after = self.state.query(period=keys[place + 1]) if place + 1 < len(keys) else ""
        return before, after

    @property
    def facts(self) -> list[frame.Fact]:
        """The small print."""
        return frame.facts(self.package, self.resource, self.period_label)

    @property
    def payload(self) -> str:
        """What the script needs to change the year without asking the server again."""
        speech = frame.language()
        keys = [period.key for period in self.figures.periods]
        above = self.above
        rows = {
            line.key: [self._packed(self.figures.cell(line.key, key)) for key in keys]
            for line in self.lines
        }
        return json.dumps(
            {
                "language": speech,
                "decimals": self.figures.decimals,
                "unit": self.unit,
                "ident": self.ident,
                "caption": self.column.label(speech),
                "breaks": self.classes.breaks if self.classes else [],
                "colours": self.classes.colours if self.classes else [],
                "inks": self._inks(),
                "periods": [[p.key, p.label(speech)] for p in self.figures.periods],
                "names": {line.key: line.name for line in self.lines},
                "rows": rows,
                "above": [self._packed(cell, self._summed) for cell in above.cells]
                if above
                else [],
                "kinds": {kind: [pattern_of(kind), kind_text(kind, speech)] for kind in Kind},
                "missing": self.missing,
                "words": self._words(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @staticmethod
    def _words() -> dict[str, str]:
        return {
            "none": tk._("There is no figure for this selection."),
            "range": tk._("Highest: {high} ({top}). Lowest: {low} ({bottom})."),
            "gap": tk.ungettext(
                "{count} region has no figure.", "{count} regions have no figure.", 1
            ),
            "gaps": tk.ungettext(
                "{count} region has no figure.", "{count} regions have no figure.", 2
            ),
        }

    def _inks(self) -> list[str]:
        classes = self.classes
        if classes is None:
            return []
        lows = [classes.low, *classes.breaks] if classes.breaks else [classes.low]
        return [classes.ink(low) for low in lows]

    @staticmethod
    def _packed(cell: Cell, also: str = "") -> Any:
        if cell.value is None:
            return cell.kind.value
        remark = "; ".join(filter(None, (remark_text(cell, frame.language()), also)))
        return [cell.value, remark] if remark else cell.value


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
        Level.GEMEINDE: tk._("Municipalities"),
        Level.KREIS: tk._("Districts"),
        Level.REGIERUNGSBEZIRK: tk._("Administrative regions"),
        Level.LAND: tk._("States"),
    }
    options = tuple(frame.Option(level.value, names[level], level is chosen) for level in drawable)
    return [frame.Choice("ebene", tk._("Level"), options)]

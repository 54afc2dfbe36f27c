"""The map with all that belongs to it: classes, legend, table, the sentence and the script's data.

Previews of tables and pages of indicators show the same board.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.preview import (
    ABSENT,
    Cell,
    Classes,
    Comparison,
    Figures,
    Kind,
    MapScene,
    Origin,
    Plan,
    Scheme,
    cell_text,
    classify,
    interval_text,
    kind_text,
    map_svg,
    pattern_of,
    remark_text,
)

__all__ = ["Address", "Line", "MapBoard"]

# so many intervals still fit into a page of 60 KB
_MOST_INTERVALS = 2500


class Address(Protocol):
    """The state of a page: what is chosen, and the address of any other state."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Chosen regions."""
        ...

    @property
    def order(self) -> str:
        """``wert`` to sort the table by value."""
        ...

    def query(self, **changes: Any) -> str:
        """The query of this state with changes."""
        ...


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
class MapBoard:
    """A map in one state.

    Args:
        state: the address.
        figures: cells by region and period.
        period: the period shown.
        keys: the regions with figures, by name.
        plan: the drawing.
        above: the region one level up, with its figures, if known.
        caption: what is shown, without its period.
        unit: unit of the figures.
        ident: prefix of ids on the page.
        counts: whether the figures are counts, which grow with the size of a region.
        notes: what else the caption says.
        scheme: how classes are formed.
    """

    state: Address
    figures: Figures
    period: str
    keys: tuple[str, ...]
    plan: Plan
    above: Comparison | None
    caption: str
    unit: str
    ident: str
    counts: bool = False
    notes: Sequence[str] = field(default=())
    scheme: Scheme | None = None

    @cached_property
    def _speech(self) -> str:
        return frame.language()

    @cached_property
    def classes(self) -> Classes | None:
        """Classes over all periods."""
        return classify(self.figures.values(self.keys), self.scheme)

    @property
    def period_label(self) -> str:
        """The period shown, for readers."""
        shown = [period for period in self.figures.periods if period.key == self.period]
        return shown[0].label(frame.language()) if shown else self.period

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return f"{self.caption}, {self.period_label}"

    @cached_property
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

    @cached_property
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
        cell = cell or self._cell(key, self.period)
        return Line(
            key,
            name,
            cell,
            cell_text(cell, self._speech, self.figures.decimals),
            self._remark(cell),
            pattern_of(cell.kind),
            key in self.state.regions,
        )

    @cached_property
    def _intervals(self) -> bool:
        return len(self.keys) * len(self.figures.periods) <= _MOST_INTERVALS

    def _cell(self, key: str, period: str) -> Cell:
        cell = self.figures.cell(key, period)
        return cell if self._intervals else cell.bare

    def _remark(self, cell: Cell) -> str:
        if cell.value is None:
            return ""
        speech = self._speech
        told = (interval_text(cell, speech, self.figures.decimals), remark_text(cell, speech))
        return "; ".join(filter(None, told))

    @property
    def credit(self) -> str:
        """Who made the boundaries."""
        return self.plan.credit

    @cached_property
    def missing(self) -> list[Kind]:
        """Why figures are missing, over all periods: the legend must not change with the year."""
        drawn = {outline.key for outline in self.plan.outlines} | set(self.keys)
        found = [cell.kind for (key, _), cell in self.figures.cells.items() if key in drawn]
        kinds = set(found)
        if len(found) < len(drawn) * len(self.figures.periods):
            kinds.add(ABSENT.kind)
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

    @cached_property
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
            frame.linker(lambda key: self.state.query(regions=(key,))),
            self._intervals,
        )

    @property
    def file_scene(self) -> MapScene:
        """The drawing for a picture, in which nothing can be clicked."""
        return replace(self.scene, link=None)

    @cached_property
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
    def payload(self) -> str:
        """What the script needs to change the year without asking the server again."""
        speech = frame.language()
        keys = [period.key for period in self.figures.periods]
        above = self.above
        rows = {line.key: self._row(line.key, keys) for line in self.lines}
        return json.dumps(
            {
                "language": speech,
                "decimals": self.figures.decimals,
                "unit": self.unit,
                "ident": self.ident,
                "caption": self.caption,
                "breaks": self.classes.breaks if self.classes else [],
                "colours": self.classes.colours if self.classes else [],
                "inks": self.classes.inks if self.classes else [],
                "periods": [[p.key, p.label(speech)] for p in self.figures.periods],
                "names": {line.key: line.name for line in self.lines},
                "rows": rows,
                "above": [self._packed(cell, self._summed) for cell in above.cells]
                if above
                else [],
                "kinds": {kind: [pattern_of(kind), kind_text(kind, speech)] for kind in Kind},
                "missing": self.missing,
                "words": _words(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def _row(self, region: str, periods: Sequence[str]) -> list[Any]:
        """The packed cells of a region; nearly all are numbers without a remark."""
        cells, silent = self.figures.cells, not self._intervals
        found = (cells.get((region, period), ABSENT) for period in periods)
        return [
            cell.value
            if cell.plain and (silent or cell.low is None)
            else self._packed(cell.bare if silent else cell)
            for cell in found
        ]

    def _packed(self, cell: Cell, also: str = "") -> Any:
        if cell.value is None:
            return cell.kind.value
        remark = "; ".join(filter(None, (self._remark(cell), also)))
        return [cell.value, remark] if remark else cell.value


def _words() -> Mapping[str, str]:
    """The sentences that the script builds."""
    return {
        "none": tk._("There is no figure for this selection."),
        "range": tk._("Highest: {high} ({top}). Lowest: {low} ({bottom})."),
        "gap": tk.ungettext("{count} region has no figure.", "{count} regions have no figure.", 1),
        "gaps": tk.ungettext("{count} region has no figure.", "{count} regions have no figure.", 2),
    }

"""The time series of a published table: chosen regions beside the region above them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.lake.layouts import Field, Role
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._reading import read
from ckanext.sozialdaten.portal._state import MOST_LINES, State
from ckanext.sozialdaten.portal._table import Table
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Chart,
    Comparison,
    Figures,
    Kind,
    Line,
    Origin,
    cell_text,
    compare,
    line_svg,
    pattern_of,
    remark_text,
)

__all__ = ["SeriesPreview", "series_preview"]

_LEAST_BASE = 20
_COMPARISON_STYLE = 5
_INCOMPLETE = (Kind.INCOMPLETE, Kind.PARTS_SUPPRESSED)


@dataclass(frozen=True, slots=True)
class _Series:
    key: str
    name: str
    cells: tuple[Cell, ...]
    style: int


@dataclass(frozen=True)
class SeriesPreview:
    """All that the time series view shows.

    Args:
        state: the address.
        table: where the figures come from.
        column: the value column.
        figures: its cells under the chosen dimensions.
        series: the chosen regions, the comparison last.
        comparison: where the comparison comes from; None where there is none to show.
        pickable: all regions that can be chosen: key, name, whether chosen.
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
    series: tuple[_Series, ...]
    comparison: Comparison | None
    pickable: list[frame.Option]
    choices: list[frame.Choice]
    notes: list[str]
    package: Mapping[str, Any]
    resource: Mapping[str, Any]
    ident: str

    kind = "series"
    most = MOST_LINES

    @property
    def unit(self) -> str:
        """The unit of the figures; "Anzahl" says no more than the caption does."""
        return "" if self.column.unit in ("Anzahl", "number") else self.column.unit

    @property
    def period_label(self) -> str:
        """First and last period."""
        first, last = self.figures.periods[0], self.figures.periods[-1]
        labels = [period.label(frame.language()) for period in (first, last)]
        return " – ".join(dict.fromkeys(labels))

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return f"{self.column.label(frame.language())}, {self.period_label}"

    @cached_property
    def base(self) -> int | None:
        """The first period in which every line can be 100; None where an index says nothing.

        A base under 20 would turn two persons more into a leap of ten points.
        """
        for place in range(len(self.figures.periods)):
            values = [series.cells[place].value for series in self.series]
            if all(value is not None and value >= _LEAST_BASE for value in values):
                return place
        return None

    @property
    def index(self) -> bool:
        """Whether lines start at 100: the default beside a Kreis that is many times larger."""
        if self.base is None or self.state.scale == "wert":
            return False
        return self.state.scale == "index" or self._sizes_differ()

    def _sizes_differ(self) -> bool:
        return self.column.role is Role.COUNT and self.comparison is not None

    @property
    def scales(self) -> frame.Choice:
        """The list to choose between figures and index."""
        options = [frame.Option("wert", tk._("Figures"), not self.index)]
        if self.base is not None:
            label = tk._("Index ({period} = 100)").format(period=self._base_label())
            options.append(frame.Option("index", label, self.index))
        return frame.Choice("darstellung", tk._("Show as"), tuple(options))

    def _base_label(self) -> str:
        return self.figures.periods[self.base or 0].label(frame.language())

    @property
    def axis(self) -> str:
        """What the vertical axis shows."""
        if self.index:
            return tk._("Index ({period} = 100)").format(period=self._base_label())
        return self.unit or tk._("Number")

    @property
    def chart(self) -> Chart:
        """The drawing."""
        lines = tuple(
            Line(series.name, self._drawn(series), series.cells, series.style)
            for series in self.series
        )
        return Chart(
            self.figures.periods,
            lines,
            self.unit,
            self.axis,
            self.figures.decimals,
            frame.language(),
            self.ident,
            self.title,
            self.summary,
            100 if self.index else None,
        )

    def _drawn(self, series: _Series) -> tuple[Cell, ...]:
        if not self.index or self.base is None:
            return series.cells
        base = series.cells[self.base].value or 1.0
        return tuple(
            cell if cell.value is None else replace(cell, value=cell.value / base * 100)
            for cell in series.cells
        )

    @property
    def svg(self) -> str:
        """The chart."""
        return line_svg(self.chart)

    @property
    def summary(self) -> str:
        """The chart in sentences: first and last figure of each line."""
        return " ".join(text for series in self.series if (text := self._sentence(series)))

    def _sentence(self, series: _Series) -> str:
        known = [
            (period, cell)
            for period, cell in zip(self.figures.periods, series.cells, strict=True)
            if cell.value is not None
        ]
        if not known:
            return tk._("{name}: no figure.").format(name=series.name)
        (first, start), (last, end) = known[0], known[-1]
        speech, decimals = frame.language(), self.figures.decimals
        return tk._("{name}: {first} {start}, {last} {end}.").format(
            name=series.name,
            first=first.label(speech),
            start=cell_text(start, speech, decimals),
            last=last.label(speech),
            end=cell_text(end, speech, decimals),
        )

    @property
    def rows(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """The table: per period the figure of each line as text, remark and pattern."""
        speech = frame.language()
        return [
            (
                period.label(speech),
                [
                    (
                        cell_text(series.cells[place], speech, self.figures.decimals),
                        remark_text(series.cells[place], speech)
                        if series.cells[place].value is not None
                        else "",
                        pattern_of(series.cells[place].kind),
                    )
                    for series in self.series
                ],
            )
            for place, period in reversed(list(enumerate(self.figures.periods)))
        ]

    @property
    def comparison_note(self) -> str:
        """Where the comparison comes from, or why it is missing or has gaps."""
        if self.comparison is None:
            return tk._(
                "There is no comparison: the table does not hold the region above, and these"
                " figures cannot be added up."
            )
        name = regions.name_of(self.comparison.key)
        if self.comparison.origin is Origin.TABLE:
            return ""
        if any(cell.kind in _INCOMPLETE for cell in self.comparison.cells):
            return tk._(
                "{name} is the sum of its regions. Where one of them is missing or suppressed the"
                " sum is incomplete and not shown."
            ).format(name=name)
        return tk._("{name} is the sum of its regions.").format(name=name)

    @property
    def facts(self) -> list[frame.Fact]:
        """The small print."""
        return frame.facts(self.package, self.resource, self.period_label)


def series_preview(
    table: Table,
    state: State,
    package: Mapping[str, Any],
    resource: Mapping[str, Any],
    ident: str = "sd-series",
) -> SeriesPreview | None:
    """The time series of ``table`` in ``state``; None where it holds no region that we know."""
    levels = regions.by_level(table.codes(table.region.name))
    if not levels:
        return None
    level, keys = next(iter(levels.items()))
    asked = [key for key in state.regions if key in keys][:MOST_LINES]
    upper = regions.above(asked or keys[:1])
    parts = regions.members(upper, level) if upper else ()
    # the first view needs all regions, to choose the one of which most is known
    wanted = {*asked, upper} if upper in _all(levels) else {*asked, upper, *parts}
    selection, figures = read(
        table,
        state,
        lambda found: asked or _best_known(found, keys),
        sorted(wanted - {""}) if asked else (),
    )
    if not figures.periods:
        return None
    chosen = asked or _best_known(figures, keys)
    column = table.layout[selection.column]
    additive = column.role is Role.COUNT
    comparison = compare(figures, upper, parts, additive=additive) if upper else None
    return SeriesPreview(
        state=state,
        table=table,
        column=column,
        figures=figures,
        series=_lines(figures, chosen, comparison),
        comparison=comparison,
        pickable=[frame.Option(key, regions.name_of(key), key in chosen) for key in keys],
        choices=frame.choices(table, selection),
        notes=frame.notes(table, selection),
        package=package,
        resource=resource,
        ident=ident,
    )


def _best_known(figures: Figures, keys: Sequence[str]) -> list[str]:
    """The region with most figures; of several, the one where the newest figure is greatest."""

    def rank(key: str) -> tuple[int, float]:
        found = (figures.cell(key, period.key).value for period in figures.periods)
        known = [value for value in found if value is not None]
        return len(known), known[-1] if known else 0.0

    return [max(keys, key=rank)]


def _all(levels: Mapping[Any, Sequence[str]]) -> set[str]:
    return {key for keys in levels.values() for key in keys}


def _lines(
    figures: Figures, chosen: Sequence[str], comparison: Comparison | None
) -> tuple[_Series, ...]:
    lines = [
        _Series(
            key,
            regions.name_of(key),
            tuple(figures.cell(key, period.key) for period in figures.periods),
            style,
        )
        for style, key in enumerate(chosen)
    ]
    if comparison:
        name = regions.name_of(comparison.key)
        lines.append(_Series(comparison.key, name, comparison.cells, _COMPARISON_STYLE))
    return tuple(lines)

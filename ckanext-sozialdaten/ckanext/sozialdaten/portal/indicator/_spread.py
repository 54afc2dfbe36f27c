"""How figures are distributed over the regions, and how two indicators go together."""

from dataclasses import dataclass, replace
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._figures import Known
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel, entry
from ckanext.sozialdaten.portal.indicator._tabs import Shown
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Dot,
    Fit,
    Histogram,
    Measures,
    Scatter,
    fit,
    format_number,
    measure,
    split,
    spread_file,
    spread_svg,
)

__all__ = ["DistributionTab", "RelationTab"]


@dataclass(frozen=True)
class DistributionTab(Shown):
    """The distribution over the regions."""

    @cached_property
    def _values(self) -> list[float]:
        cells = [self.scope.cell(key) for key in self.scope.keys]
        return [cell.value for cell in cells if cell.value is not None]

    @cached_property
    def measures(self) -> Measures | None:
        """What describes the distribution."""
        return measure(self._values)

    @property
    def chart(self) -> Histogram:
        """The drawing."""
        scope = self.scope
        marks = [(regions.name_of(key), key, style) for style, key in enumerate(scope.mine)]
        marks += [(peer.name, peer.key, peer.style) for peer in scope.peers]
        return Histogram(
            split(self._values),
            tuple(
                (name, value, style)
                for name, key, style in marks
                if (value := scope.cell(key).value) is not None
            ),
            self.unit or tk._("Figure"),
            self.decimals,
            self.speech,
            self.ident,
            self.title,
            self.summary,
        )

    @cached_property
    def svg(self) -> str:
        """The chart."""
        return spread_svg(self.chart)

    def picture(self, notes: list[str]) -> str:
        """The chart as a picture of its own."""
        return spread_file(self.chart, self.title, notes)

    @property
    def summary(self) -> str:
        """The middle half in a sentence."""
        found = self.measures
        if found is None:
            return tk._("There is no figure for this selection.")
        return tk._(
            "Half of the {count} regions lie between {lower} and {upper}, the median is {median}."
        ).format(
            count=found.count,
            lower=self.number(found.lower),
            upper=self.number(found.upper),
            median=self.number(found.median),
        )

    @property
    def table(self) -> TableModel:
        """The measures, then how many regions lie in each column."""
        bins = split(self._values)
        rows: list[Row] = []
        if (found := self.measures) is not None:
            named = (
                (tk._("Smallest figure"), found.low),
                (tk._("Lower quartile"), found.lower),
                (tk._("Median"), found.median),
                (tk._("Mean of the regions"), found.mean),
                (tk._("Upper quartile"), found.upper),
                (tk._("Greatest figure"), found.high),
                (tk._("Standard deviation"), found.deviation),
            )
            rows += [Row(name, (Entry(self.number(value)),)) for name, value in named]
            rows.append(Row(tk._("Regions with a figure"), (Entry(str(found.count)),)))
            for low, high, count in zip(bins.edges, bins.edges[1:], bins.counts, strict=False):
                name = tk._("Regions from {low} to {high}").format(
                    low=self.number(low), high=self.number(high)
                )
                rows.append(Row(name, (Entry(str(count)),)))
        columns = (Column(tk._("Measure"), number=False), Column(tk._("Figure")))
        return TableModel(self.captioned, columns, tuple(rows))


@dataclass(frozen=True)
class RelationTab(Shown):
    """Two indicators against each other.

    Args:
        other: all figures of the second; None where no other indicator has figures.
    """

    other: Known | None = None

    @property
    def _other_name(self) -> str:
        return self.other.indicator.label(self.speech) if self.other else ""

    @property
    def _other_unit(self) -> str:
        return self.other.indicator.unit.get(self.speech, "") if self.other else ""

    @property
    def _other_decimals(self) -> int:
        return self.other.figures.decimals if self.other else 0

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return tk._("{caption} and {other}").format(caption=self.caption, other=self._other_name)

    @cached_property
    def period(self) -> str:
        """The period of the second indicator: the same, else the last one before."""
        if self.other is None:
            return ""
        position = next(
            p.position for p in self.scope.figures.periods if p.key == self.scope.period
        )
        earlier = [p.key for p in self.other.figures.periods if p.position <= position]
        return earlier[-1] if earlier else ""

    def _cell(self, key: str) -> Cell:
        return self.other.figures.cell(key, self.period) if self.other else self.scope.cell(key)

    @cached_property
    def dots(self) -> tuple[Dot, ...]:
        """All regions with both figures."""
        if self.other is None:
            return ()
        return tuple(
            Dot(key, regions.name_of(key), x, y, key in self.scope.mine)
            for key in self.scope.keys
            if (x := self._cell(key).value) is not None
            and (y := self.scope.cell(key).value) is not None
        )

    @cached_property
    def line(self) -> Fit | None:
        """The line through the dots."""
        return fit(self.dots)

    @property
    def chart(self) -> Scatter:
        """The drawing for a page."""
        scope = self.scope
        return Scatter(
            self.dots,
            self.line,
            _axis(self._other_name, self._other_unit),
            _axis(scope.known.indicator.label(self.speech), self.unit),
            (self._other_decimals, self.decimals),
            self.speech,
            self.ident,
            self.title,
            self.summary,
            self.link,
        )

    @cached_property
    def svg(self) -> str:
        """The chart."""
        return spread_svg(self.chart)

    def picture(self, notes: list[str]) -> str:
        """The chart as a picture of its own."""
        return spread_file(replace(self.chart, link=None), self.title, notes)

    @property
    def summary(self) -> str:
        """How strongly the two go together, and that this is no cause."""
        if self.line is None:
            return tk._("There are too few regions with both figures to tell how they go together.")
        r = self.line.correlation
        strength = (
            tk._("hardly related")
            if abs(r) < 0.2
            else tk._("weakly related")
            if abs(r) < 0.5
            else tk._("clearly related")
            if abs(r) < 0.8
            else tk._("strongly related")
        )
        return tk._(
            "Over {count} regions the two are {strength} (correlation {r}). That both move together"
            " does not say that one is the cause of the other."
        ).format(
            count=self.line.count,
            strength=strength,
            r=format_number(r, self.speech, 2),
        )

    @property
    def table(self) -> TableModel:
        """Both figures of every region, then the line."""
        scope = self.scope
        columns = (
            Column(tk._("Region"), number=False),
            Column(_axis(scope.known.indicator.label(self.speech), self.unit)),
            Column(_axis(self._other_name, self._other_unit)),
        )
        rows = tuple(
            Row(
                regions.name_of(key),
                (
                    self.entry(scope.cell(key)),
                    entry(self._cell(key), self._other_decimals, self.speech),
                ),
                self.link(key),
                key in scope.mine,
            )
            for key in scope.keys
        )
        foot: list[Row] = []
        if self.line is not None:
            foot = [
                Row(label, (Entry(format_number(value, self.speech, 3)), Entry("–")))
                for label, value in (
                    (tk._("Slope of the line"), self.line.slope),
                    (tk._("Correlation r"), self.line.correlation),
                    (tk._("Share explained r²"), self.line.correlation**2),
                )
            ]
        return TableModel(self.title, columns, rows, foot)


def _axis(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name

"""Chance or not: each region's figure over its size, with the limits of what chance explains."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.indicators import (
    Function,
    Funnel,
    Indicator,
    Interval,
    Standing,
    dispersion,
    funnel,
    standing,
)
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._scope import ALIKE
from ckanext.sozialdaten.portal.indicator._tables import Column, Entry, Row, TableModel
from ckanext.sozialdaten.portal.indicator._tabs import Shown
from ckanext.sozialdaten.portal.preview import (
    FunnelChart,
    FunnelDot,
    Rim,
    format_number,
    funnel_file,
    funnel_svg,
)

__all__ = ["FunnelTab", "has_funnel"]

_SIDES = {
    Standing.FAR_BELOW: -2,
    Standing.BELOW: -1,
    Standing.WITHIN: 0,
    Standing.ABOVE: 1,
    Standing.FAR_ABOVE: 2,
}
_STEPS = 48


def has_funnel(indicator: Indicator) -> bool:
    """Whether an indicator counts events among people: only then chance has known limits."""
    counted = indicator.interval in (Interval.WILSON, Interval.POISSON)
    return counted and indicator.formula.function is Function.RATIO


@dataclass(frozen=True, slots=True)
class _Region:
    """A region with its figure: the rate in events per unit of the denominator."""

    key: str
    events: float
    size: float
    value: float

    @property
    def rate(self) -> float:
        return self.events / self.size


@dataclass(frozen=True)
class FunnelTab(Shown):
    """The funnel plot."""

    def _read(self, keys: Sequence[str]) -> list[_Region]:
        """Regions whose figure, events and denominator are all known."""
        known = self.scope.known
        found = known.details([(key, self.scope.period) for key in keys])
        return [
            _Region(key, detail.numerator, detail.denominator, detail.value)
            for (key, _), detail in found.items()
            if detail.value is not None
            and detail.numerator is not None
            and detail.denominator
            and detail.denominator >= 1
        ]

    @cached_property
    def _regions(self) -> list[_Region]:
        return self._read(self.scope.keys)

    @cached_property
    def _target(self) -> tuple[str, float]:
        """Name and rate of what the regions are held against: one above them, else all of them."""
        scope = self.scope
        above = [key for key in scope.mine if key not in scope.keys]
        above += [p.key for p in scope.peers if p.key != ALIKE and p.key not in scope.keys]
        for key in above:
            if found := self._read([key]):
                return regions.name_of(key), found[0].rate
        events = sum(region.events for region in self._regions)
        size = sum(region.size for region in self._regions)
        return tk._("All together"), events / size if size else 0.0

    @cached_property
    def _funnel(self) -> Funnel:
        share = self.scope.known.indicator.interval is Interval.WILSON
        return Funnel(min(self._target[1], 1.0) if share else self._target[1], share)

    @property
    def _factor(self) -> float:
        return self.scope.known.indicator.formula.factor

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        around = self._funnel
        return {
            region.key: standing(region.rate, funnel(around, region.size))
            for region in self._regions
        }

    @cached_property
    def _words(self) -> dict[Standing, str]:
        return {
            Standing.FAR_BELOW: tk._("lower than chance explains (99.8 %)"),
            Standing.BELOW: tk._("rather low (outside of 95 %)"),
            Standing.WITHIN: tk._("may be chance"),
            Standing.ABOVE: tk._("rather high (outside of 95 %)"),
            Standing.FAR_ABOVE: tk._("higher than chance explains (99.8 %)"),
        }

    @property
    def _across(self) -> str:
        return tk._("Size: denominator, logarithmic")

    @property
    def chart(self) -> FunnelChart | None:
        """The drawing for a page; None without a figure."""
        if not self._regions:
            return None
        sizes = [region.size for region in self._regions]
        small, large = min(sizes) * 0.9, max(sizes) * 1.1
        steps = [small * (large / small) ** (place / _STEPS) for place in range(_STEPS + 1)]
        rims = tuple(Rim(size, self._limits(size)) for size in steps)
        name, rate = self._target
        dots = tuple(
            FunnelDot(
                region.key,
                regions.name_of(region.key),
                region.size,
                region.value,
                _SIDES[where],
                self._words[where],
                region.key in self.scope.mine,
            )
            for region in self._regions
            for where in [self._standings[region.key]]
        )
        return FunnelChart(
            dots,
            rims,
            rate * self._factor,
            name,
            self._across,
            self.unit or tk._("Figure"),
            self.decimals,
            self.speech,
            self.ident,
            self.title,
            self.summary,
            self.link,
        )

    def _limits(self, size: float) -> tuple[float, float, float, float]:
        found = funnel(self._funnel, size)
        factor = self._factor
        return (
            found.far_low * factor,
            found.low * factor,
            found.high * factor,
            found.far_high * factor,
        )

    @cached_property
    def svg(self) -> str:
        """The chart."""
        return funnel_svg(chart) if (chart := self.chart) else ""

    def picture(self, notes: list[str]) -> str:
        """The chart as a picture of its own."""
        chart = self.chart
        return funnel_file(replace(chart, link=None), self.title, notes) if chart else ""

    @cached_property
    def summary(self) -> str:
        """How many regions lie outside, how wide all scatter, and what that means."""
        if not self._regions:
            return tk._("There is no figure for this selection.")
        outside = sum(where is not Standing.WITHIN for where in self._standings.values())
        text = tk._(
            "Small regions scatter widely by chance, large ones little: between the dashed lines"
            " lie 95 of 100 regions in which nothing differs from {name}. {outside} of {count}"
            " regions lie outside."
        ).format(name=self._target[0], outside=outside, count=len(self._regions))
        if (times := self._dispersion) is not None and times > 1.5:
            text += " " + tk._(
                "All in all the regions scatter more than chance alone explains: there are real"
                " differences between them."
            )
        return text

    @cached_property
    def _dispersion(self) -> float | None:
        return dispersion(self._funnel, ((region.rate, region.size) for region in self._regions))

    @property
    def table(self) -> TableModel:
        """Figure, denominator, limits and judgement of each region."""
        scope = self.scope
        found = {region.key: region for region in self._regions}
        columns = (
            Column(tk._("Region"), number=False),
            Column(tk._("Figure")),
            Column(tk._("Denominator")),
            Column(tk._("Explained by chance (95 %)")),
            Column(tk._("Judgement"), number=False),
        )
        rows = tuple(
            Row(
                regions.name_of(key),
                (self.entry(scope.cell(key)), *self._judged(found.get(key))),
                self.link(key),
                key in scope.mine,
            )
            for key in scope.keys
        )
        return TableModel(self.captioned, columns, rows, self._foot())

    def _judged(self, region: _Region | None) -> tuple[Entry, Entry, Entry]:
        if region is None:
            return Entry("–"), Entry("–"), Entry("–")
        _, low, high, _ = self._limits(region.size)
        limits = tk._("{first} to {last}").format(first=self.number(low), last=self.number(high))
        size = format_number(region.size, self.speech, 0)
        return Entry(size), Entry(limits), Entry(self._words[self._standings[region.key]])

    def _foot(self) -> list[Row]:
        name, rate = self._target
        blank = Entry("–")
        rows = [Row(name, (Entry(self.number(rate * self._factor)), blank, blank, blank))]
        if (times := self._dispersion) is not None:
            told = Entry(format_number(times, self.speech, 1))
            label = tk._("Scatter in multiples of chance (φ)")
            rows.append(Row(label, (told, blank, blank, blank)))
        return rows

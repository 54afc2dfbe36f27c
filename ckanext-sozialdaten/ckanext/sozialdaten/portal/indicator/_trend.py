"""The trend of a time series: a line drawn through it, and what it says in a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.indicators import Curve, Straight, cubic, straight
from ckanext.sozialdaten.portal.indicator._address import Trend
from ckanext.sozialdaten.portal.preview import Cell, Period, format_number

__all__ = ["Drawn", "drawn_trend", "trend_text"]

_STEPS = 6  # parts of a curve between two figures


@dataclass(frozen=True, slots=True)
class Drawn:
    """A trend.

    Args:
        kind: the same amount each year, the same share of what was, or a curve.
        line: the line; of a steady share through the logarithms.
        path: place on the time axis and figure, from the first known period to the last.
        first: that first period.
        last: the last one.
    """

    kind: Trend
    line: Straight | Curve
    path: tuple[tuple[float, float], ...]
    first: Period
    last: Period


def drawn_trend(kind: Trend, periods: Sequence[Period], cells: Sequence[Cell]) -> Drawn | None:
    """The trend of a line; None of too few figures, of a share where one is not positive.

    Args:
        kind: which.
        periods: along the axis, whose places count years.
        cells: a figure each.
    """
    known = [
        (period, cell.value)
        for period, cell in zip(periods, cells, strict=True)
        if cell.value is not None
    ]
    if kind is Trend.SHARE and any(value <= 0 for _, value in known):
        return None
    scaled = math.log if kind is Trend.SHARE else float
    points = [(period.position, scaled(value)) for period, value in known]
    line = cubic(points) if kind is Trend.CURVE else straight(points)
    if line is None:
        return None
    shown = math.exp if kind is Trend.SHARE else float
    times = [time for time, _ in points]
    if kind is Trend.CURVE:
        times = [
            start + (end - start) * step / _STEPS
            for start, end in pairwise(times)
            for step in range(_STEPS)
        ] + times[-1:]
    path = tuple((time, shown(line.at(time))) for time in times)
    return Drawn(kind, line, path, known[0][0], known[-1][0])


def trend_text(drawn: Drawn | None, name: str, unit: str, decimals: int, speech: str) -> str:
    """What the trend of a region says; a direction that may be chance is not told as one."""
    if drawn is None:
        return tk._("{name}: too few figures for a trend.").format(name=name)
    if isinstance(drawn.line, Curve):
        return _curve_text(drawn, drawn.line, name, speech)
    line, share = drawn.line, drawn.kind is Trend.SHARE
    if share:
        unit, decimals = "%", 1
    else:
        unit, decimals = _per_year(unit), decimals + 1

    def told(value: float) -> str:
        number = 100 * math.expm1(value) if share else value
        rounded = round(number, decimals) + 0.0
        return ("+" if rounded > 0 else "") + format_number(rounded, speech, decimals)

    text = tk._(
        "Trend of {name}, {first} to {last}: on average {slope} {unit} a year (95 %: {low} to"
        " {high})."
    ).format(
        name=name,
        first=drawn.first.label(speech),
        last=drawn.last.label(speech),
        slope=told(line.slope),
        unit=unit,
        low=told(line.low),
        high=told(line.high),
    )
    text = text.replace("  ", " ")
    if line.certain:
        return text
    return f"{text} " + tk._("Whether it rises or falls is not certain.")


def _curve_text(drawn: Drawn, curve: Curve, name: str, speech: str) -> str:
    return tk._(
        "Curve of {name}, {first} to {last}: it tells {share} per cent of the ups and downs. It"
        " describes these years alone and foretells nothing."
    ).format(
        name=name,
        first=drawn.first.label(speech),
        last=drawn.last.label(speech),
        share=format_number(math.floor(100 * curve.explained), speech, 0),  # 99.6 is not all
    )


def _per_year(unit: str) -> str:
    """A change of per cents is one of percentage points."""
    return tk._("percentage points") + unit[1:] if unit.startswith("%") else unit

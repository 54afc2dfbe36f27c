"""A funnel plot as SVG: figures over the size of their regions, and what chance alone explains."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._lines import ticks
from ckanext.sozialdaten.portal.preview._numbers import format_number
from ckanext.sozialdaten.portal.preview._svg import drawing, element, number, picture

__all__ = ["FunnelChart", "FunnelDot", "Rim", "funnel_file", "funnel_svg"]

_WIDTH, _HEIGHT = 960, 520
_LEFT, _TOP, _BOTTOM, _RIGHT = 84, 56, 72, 150
_INK, _RULE = "#44515c", "#d5dade"
_MOST_NAMES = 8
_LETTER = 8.2


@dataclass(frozen=True, slots=True)
class FunnelDot:
    """A region.

    Args:
        key: its key.
        name: its name.
        size: its denominator.
        value: its figure.
        side: -2, -1 below the limits, 0 inside, 1, 2 above.
        words: where it lies, in words.
        chosen: whether it is the reader's.
    """

    key: str
    name: str
    size: float
    value: float
    side: int
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Rim:
    """The limits at a size, in the unit of the figures: lowest first."""

    size: float
    values: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """A funnel plot.

    Args:
        dots: the regions.
        rims: the limits, from small to large sizes.
        target: what they are held against.
        target_name: its name.
        across: what the horizontal axis shows.
        up: what the vertical axis shows.
        decimals: decimals of the figures.
        language: ``de`` or ``en``.
        ident: prefix of all ids.
        title: accessible name.
        description: what it shows, in a sentence.
        link: address of the state in which a region is chosen; None in files.
    """

    dots: tuple[FunnelDot, ...]
    rims: tuple[Rim, ...]
    target: float
    target_name: str
    across: str
    up: str
    decimals: int
    language: str
    ident: str
    title: str
    description: str
    link: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where a size (by its logarithm) and a figure lie on the drawing."""

    small: float
    large: float
    low: float
    high: float

    def x(self, size: float) -> float:
        span = math.log(self.large / self.small) or 1.0
        share = math.log(size / self.small) / span
        return _LEFT + 14 + share * (_WIDTH - _RIGHT - _LEFT - 28)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def funnel_svg(chart: FunnelChart) -> str:
    """The drawing for a page."""
    return drawing(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, "sd-spread-svg")


def funnel_file(chart: FunnelChart, headline: str, notes: Sequence[str]) -> str:
    """The drawing as a picture of its own, with headline and source."""
    return picture(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, headline, notes)


def _inside(chart: FunnelChart) -> list[str]:
    plane = _plane(chart)
    ordered = sorted(chart.dots, key=lambda dot: (dot.chosen, abs(dot.side)))
    return [
        element("title", text=chart.title, id=f"{chart.ident}-t"),
        element("desc", text=chart.description, id=f"{chart.ident}-d"),
        element("g", *_axes(chart, plane), class_="sd-axes", fill=_INK, aria_hidden="true"),
        element("g", *_limits(chart, plane), class_="sd-axes", aria_hidden="true"),
        *(_dot(chart, plane, dot) for dot in ordered),
        element("g", *_names(chart, plane), font_weight="700", aria_hidden="true"),
    ]


def _plane(chart: FunnelChart) -> _Plane:
    """Wide enough for all dots and for the inner limits; the outer ones may leave the drawing."""
    sizes = [rim.size for rim in chart.rims]
    values = [dot.value for dot in chart.dots] + [chart.target]
    low, high = min(values), max(values)
    room = (high - low) * 0.25 or abs(high) or 1.0
    low = max(min(low, chart.rims[0].values[1]), low - room)
    high = min(max(high, chart.rims[0].values[2]), high + room)
    marks = ticks(max(low, 0.0) if min(values) >= 0 else low, high)
    return _Plane(sizes[0], sizes[-1], marks[0], marks[-1])


def _axes(chart: FunnelChart, plane: _Plane) -> Iterable[str]:
    for mark in ticks(plane.low, plane.high):
        y = plane.y(mark)
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, stroke=_RULE)
        label = format_number(mark, chart.language, chart.decimals)
        yield element("text", text=label, x=_LEFT - 10, y=y + 5, text_anchor="end")
    for size in _round_sizes(plane.small, plane.large):
        label = format_number(size, chart.language, 0)
        x = plane.x(size)
        yield element("text", text=label, x=x, y=_HEIGHT - _BOTTOM + 24, text_anchor="middle")
    yield element("text", text=chart.up, x=4, y=18)
    yield element("text", text=chart.across, x=_WIDTH - _RIGHT, y=_HEIGHT - 16, text_anchor="end")


def _round_sizes(small: float, large: float) -> Iterable[float]:
    """1, 2, 5, 10, 20 … between two sizes."""
    for power in range(math.floor(math.log10(small)), math.ceil(math.log10(large)) + 1):
        for digit in (1, 2, 5):
            if small <= (size := digit * 10.0**power) <= large:
                yield size


def _limits(chart: FunnelChart, plane: _Plane) -> Iterable[str]:
    """The target as a line, the limits of 95 % dashed, those of 99.8 % dotted."""
    y = plane.y(chart.target)
    yield element(
        "line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, stroke="#3a4750", stroke_width=2
    )
    value = format_number(chart.target, chart.language, chart.decimals)
    for text, shift in ((chart.target_name, -3), (value, 16)):
        yield element("text", text=text, x=_WIDTH - _RIGHT + 8, y=y + shift, fill=_INK)
    for place, dashes in ((0, "2 5"), (1, "9 6"), (2, "9 6"), (3, "2 5")):
        points = [
            f"{number(plane.x(rim.size))},{number(plane.y(rim.values[place]))}"
            for rim in chart.rims
            if plane.low <= rim.values[place] <= plane.high
        ]
        if len(points) > 1:
            yield element(
                "path", d="M" + "L".join(points), fill="none", stroke="#7b8791", stroke_width=2,
                stroke_dasharray=dashes, class_="sd-limit",
            )  # fmt: skip
    for text, dashes, x in (("95 %", "9 6", _LEFT + 20), ("99,8 %", "2 5", _LEFT + 130)):
        middle = _HEIGHT - 22
        yield element(
            "line", x1=x, x2=x + 40, y1=middle, y2=middle, stroke="#7b8791", stroke_width=2,
            stroke_dasharray=dashes, class_="sd-limit",
        )  # fmt: skip
        label = text if chart.language == "de" else text.replace(",", ".").replace(" ", "")
        yield element("text", text=label, x=x + 48, y=middle + 5, fill=_INK)


def _dot(chart: FunnelChart, plane: _Plane, dot: FunnelDot) -> str:
    """A region: a circle inside the limits, a triangle that points out of them outside."""
    value = format_number(dot.value, chart.language, chart.decimals)
    size = format_number(dot.size, chart.language, 0)
    label = Message(
        "{name}: {value}; {axis} {size}; {words}",
        {
            "name": dot.name,
            "value": value,
            "axis": chart.across,
            "size": size,
            "words": dot.words,
        },
    ).text(chart.language)
    fill = ("#2c7fb8", "#a8460b", "#7a2e00")[abs(dot.side)]
    shape = _shape(plane.x(dot.size), plane.y(dot.value), dot, fill)
    if chart.link is None:
        return element("g", element("title", text=label), shape)
    classes = f"sd-dot sd-out-{abs(dot.side)}" + (" sd-chosen" if dot.chosen else "")
    return element(
        "a", shape, href=chart.link(dot.key), data_key=dot.key, aria_label=label, class_=classes,
        aria_current="true" if dot.chosen else None,
    )  # fmt: skip


def _shape(x: float, y: float, dot: FunnelDot, fill: str) -> str:
    edge = {"stroke": "#12355b" if dot.chosen else "#fff", "stroke_width": 3 if dot.chosen else 1}
    if not dot.side:
        return element("circle", cx=x, cy=y, r=6, fill=fill, class_="sd-bar-body", **edge)
    reach = 7 + abs(dot.side) * 1.5
    up = -1 if dot.side > 0 else 1
    corners = f"M{number(x)},{number(y + up * reach)}"
    corners += f"L{number(x + reach)},{number(y - up * reach * 0.7)}"
    corners += f"L{number(x - reach)},{number(y - up * reach * 0.7)}z"
    return element("path", d=corners, fill=fill, class_="sd-bar-body", **edge)


def _names(chart: FunnelChart, plane: _Plane) -> Iterable[str]:
    """Names of the reader's regions and of those farthest out, where they cover nobody's name."""
    wanted = [dot for dot in chart.dots if dot.chosen or dot.side]
    wanted.sort(key=lambda dot: (not dot.chosen, -abs(dot.side), -abs(dot.value - chart.target)))
    taken: list[tuple[float, float, float]] = []
    for dot in wanted:
        x, y, wide = plane.x(dot.size), plane.y(dot.value) + 5, len(dot.name) * _LETTER
        right = x + 14 + wide > _WIDTH - _RIGHT
        start = x - 14 - wide if right else x + 14
        if len(taken) >= _MOST_NAMES or any(
            abs(y - other) < 20 and start < end and begin < start + wide
            for begin, end, other in taken
        ):
            continue
        taken.append((start, start + wide, y))
        yield element(
            "text", text=dot.name, x=x - 14 if right else x + 14, y=y,
            text_anchor="end" if right else "start", class_="sd-bar-name sd-halo",
        )  # fmt: skip

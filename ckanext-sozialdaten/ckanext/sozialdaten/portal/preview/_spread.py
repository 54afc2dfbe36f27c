"""Distribution and relation as SVG: a histogram, and a scatter of two indicators with its line."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._lines import COLOURS, DASHES, ticks
from ckanext.sozialdaten.portal.preview._numbers import format_number
from ckanext.sozialdaten.portal.preview._svg import drawing, element, number, picture

__all__ = [
    "Bins", "Dot", "Fit", "Histogram", "Measures", "Scatter", "fit", "measure", "split",
    "spread_file", "spread_svg",
]  # fmt: skip

_WIDTH, _HEIGHT = 960, 480
_LEFT, _TOP, _BOTTOM, _RIGHT = 84, 40, 64, 28
_INK, _RULE = "#44515c", "#d5dade"
_LEAST_FOR_FIT = 5


@dataclass(frozen=True, slots=True)
class Bins:
    """Columns of a histogram: ``edges`` has one entry more than ``counts``."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """What describes a distribution: all in the unit of the values."""

    count: int
    low: float
    lower: float
    median: float
    mean: float
    upper: float
    high: float
    deviation: float


def measure(values: Iterable[float]) -> Measures | None:
    """Quartiles, mean and standard deviation (of the population); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    mean = math.fsum(ordered) / len(ordered)
    variance = math.fsum((value - mean) ** 2 for value in ordered) / len(ordered)
    quarter = [_quantile(ordered, share) for share in (0.25, 0.5, 0.75)]
    return Measures(
        len(ordered),
        ordered[0],
        quarter[0],
        quarter[1],
        mean,
        quarter[2],
        ordered[-1],
        math.sqrt(variance),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def split(values: Sequence[float]) -> Bins:
    """``values`` in columns of equal, round width: about as many as Sturges' rule says."""
    if not values:
        return Bins((0.0, 1.0), (0,))
    wanted = min(max(math.ceil(math.log2(len(values)) + 1), 3), 12)
    edges = ticks(min(values), max(values), wanted)
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(bisect_right(edges, value), len(counts)) - 1] += 1
    return Bins(tuple(edges), tuple(counts))


@dataclass(frozen=True, slots=True)
class Dot:
    """A region in a scatter."""

    key: str
    name: str
    x: float
    y: float
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """A straight line through dots.

    Args:
        slope: change of y per unit of x.
        intercept: y where x is 0.
        correlation: Pearson's r, -1 to 1.
        count: number of dots.
    """

    slope: float
    intercept: float
    correlation: float
    count: int


def fit(dots: Sequence[Dot]) -> Fit | None:
    """The line of least squares; None of fewer than five dots or where one side never changes."""
    count = len(dots)
    if count < _LEAST_FOR_FIT:
        return None
    mean_x = math.fsum(dot.x for dot in dots) / count
    mean_y = math.fsum(dot.y for dot in dots) / count
    xx = math.fsum((dot.x - mean_x) ** 2 for dot in dots)
    yy = math.fsum((dot.y - mean_y) ** 2 for dot in dots)
    xy = math.fsum((dot.x - mean_x) * (dot.y - mean_y) for dot in dots)
    # differences that are only rounding of floating point are no differences
    if xx <= 1e-18 * (mean_x**2 + 1) or yy <= 1e-18 * (mean_y**2 + 1):
        return None
    slope = xy / xx
    correlation = max(-1.0, min(1.0, xy / math.sqrt(xx * yy)))
    return Fit(slope, mean_y - slope * mean_x, correlation, count)


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram with the places of some values in it.

    Args:
        bins: its columns.
        marks: name, value and style of regions to find in it.
        axis: what the horizontal axis shows.
        decimals: decimals of the values.
        language: ``de`` or ``en``.
        ident: prefix of all ids.
        title: accessible name.
        description: what it shows, in a sentence.
    """

    bins: Bins
    marks: tuple[tuple[str, float, int], ...]
    axis: str
    decimals: int
    language: str
    ident: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Scatter:
    """Two indicators against each other.

    Args:
        dots: the regions.
        line: the line through them, if any.
        across: name and unit of the horizontal axis.
        up: name and unit of the vertical axis.
        decimals: decimals of x and y.
        language: ``de`` or ``en``.
        ident: prefix of all ids.
        title: accessible name.
        description: what it shows, in a sentence.
        link: address of the state in which a region is chosen; None in files.
    """

    dots: tuple[Dot, ...]
    line: Fit | None
    across: str
    up: str
    decimals: tuple[int, int]
    language: str
    ident: str
    title: str
    description: str
    link: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class _Plane:
    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, value: float) -> float:
        return _LEFT + (value - self.x0) / ((self.x1 - self.x0) or 1) * (_WIDTH - _RIGHT - _LEFT)

    def y(self, value: float) -> float:
        share = (value - self.y0) / ((self.y1 - self.y0) or 1)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def spread_svg(chart: Histogram | Scatter) -> str:
    """The drawing for a page."""
    return drawing(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, "sd-spread-svg")


def spread_file(chart: Histogram | Scatter, headline: str, notes: Sequence[str]) -> str:
    """The drawing as a picture of its own, with headline and source."""
    return picture(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, headline, notes)


def _inside(chart: Histogram | Scatter) -> list[str]:
    drawn = _histogram(chart) if isinstance(chart, Histogram) else _scatter(chart)
    return [
        element("title", text=chart.title, id=f"{chart.ident}-t"),
        element("desc", text=chart.description, id=f"{chart.ident}-d"),
        *drawn,
    ]


def _histogram(chart: Histogram) -> list[str]:
    """The histogram; each column says its bounds and how many regions lie in it."""
    bins = chart.bins
    heights = ticks(0, max(bins.counts), 4)
    plane = _Plane(bins.edges[0], bins.edges[-1], 0, heights[-1])
    columns = [
        _column(chart, plane, low, high, count)
        for low, high, count in zip(bins.edges, bins.edges[1:], bins.counts, strict=False)
    ]
    whole = [mark for mark in heights if mark == int(mark)]
    regions = Message("Number of regions").text(chart.language)
    axes = [
        *_grid(plane, whole, chart.language, 0),
        *_bottom(plane, bins.edges, chart.language, chart.decimals),
        *_titles(chart.axis, regions),
    ]
    marks = [_mark(chart, plane, place, mark) for place, mark in enumerate(chart.marks)]
    return [_axes(axes), *columns, *marks]


def _column(chart: Histogram, plane: _Plane, low: float, high: float, count: int) -> str:
    ends = [format_number(end, chart.language, chart.decimals) for end in (low, high)]
    one = Message("{low} to {high}: one region", {"low": ends[0], "high": ends[1]})
    many = Message(
        "{low} to {high}: {count} regions", {"low": ends[0], "high": ends[1], "count": count}
    )
    left, right, top = plane.x(low), plane.x(high), plane.y(count)
    shape = element(
        "rect", x=left + 1, y=top, width=max(right - left - 2, 1),
        height=_HEIGHT - _BOTTOM - top, fill="#2c7fb8", class_="sd-bar-body",
    )  # fmt: skip
    label = (one if count == 1 else many).text(chart.language)
    return element("g", shape, role="graphics-symbol img", aria_label=label, class_="sd-point")


def _mark(chart: Histogram, plane: _Plane, place: int, mark: tuple[str, float, int]) -> str:
    name, value, style = mark
    x = min(max(plane.x(value), _LEFT), _WIDTH - _RIGHT)
    right = x > _WIDTH * 0.7
    text = f"{name} {format_number(value, chart.language, chart.decimals)}"
    line = element(
        "line", x1=x, x2=x, y1=_TOP, y2=_HEIGHT - _BOTTOM, stroke=COLOURS[style],
        stroke_width=2.5, stroke_dasharray=DASHES[style] or None, class_=f"sd-mark-{style}",
    )  # fmt: skip
    words = element(
        "text", text=text, x=x - 6 if right else x + 6, y=_TOP + 14 + place * 20,
        text_anchor="end" if right else "start", fill=COLOURS[style], font_weight="600",
        class_=f"sd-name-{style} sd-halo",
    )  # fmt: skip
    return element("g", line, words, aria_hidden="true")


def _scatter(chart: Scatter) -> list[str]:
    """The scatter; each dot says its region and both figures."""
    xs, ys = [dot.x for dot in chart.dots], [dot.y for dot in chart.dots]
    across = ticks(min(xs, default=0), max(xs, default=1))
    up = ticks(min(ys, default=0), max(ys, default=1))
    plane = _Plane(across[0], across[-1], up[0], up[-1])
    axes = [
        *_grid(plane, up, chart.language, chart.decimals[1]),
        *_bottom(plane, across, chart.language, chart.decimals[0]),
        *_titles(chart.across, chart.up),
    ]
    ordered = sorted(chart.dots, key=lambda dot: dot.chosen)
    dots = [_dot(chart, plane, dot) for dot in ordered]
    return [_axes(axes), *_through(chart, plane), *dots]


def _through(chart: Scatter, plane: _Plane) -> list[str]:
    if chart.line is None:
        return []
    xs = [dot.x for dot in chart.dots]
    points = []
    for x in (min(xs), max(xs)):
        y = chart.line.intercept + chart.line.slope * x
        points.append(f"{number(plane.x(x))},{number(plane.y(y))}")
    return [
        element(
            "path",
            d="M" + "L".join(points),
            stroke="#a8460b",
            stroke_width=2.5,
            stroke_dasharray="9 6",
            fill="none",
            class_="sd-mark-1",
            aria_hidden="true",
        )
    ]


def _dot(chart: Scatter, plane: _Plane, dot: Dot) -> str:
    x, y = plane.x(dot.x), plane.y(dot.y)
    label = f"{dot.name}: " + "; ".join(
        f"{axis} {format_number(value, chart.language, decimals)}"
        for axis, value, decimals in zip(
            (chart.across, chart.up), (dot.x, dot.y), chart.decimals, strict=True
        )
    )
    circle = element(
        "circle", cx=x, cy=y, r=8 if dot.chosen else 6, fill="#12355b" if dot.chosen else "#2c7fb8",
        fill_opacity=None if dot.chosen else "0.75", stroke="#fff", class_="sd-bar-body",
    )  # fmt: skip
    right = x > _WIDTH * 0.75
    name = element(
        "text", text=dot.name, x=x - 12 if right else x + 12, y=y + 5, font_weight="700",
        text_anchor="end" if right else "start", class_="sd-bar-name sd-halo",
    )  # fmt: skip
    shapes = [circle, *([name] if dot.chosen else [])]
    if chart.link is None:
        return element("g", element("title", text=label), *shapes)
    return element(
        "a", *shapes, href=chart.link(dot.key), data_key=dot.key, aria_label=label,
        class_="sd-dot sd-chosen" if dot.chosen else "sd-dot",
        aria_current="true" if dot.chosen else None,
    )  # fmt: skip


def _axes(parts: Iterable[str]) -> str:
    return element("g", *parts, class_="sd-axes", fill=_INK, aria_hidden="true")


def _grid(plane: _Plane, marks: Iterable[float], language: str, decimals: int) -> Iterable[str]:
    for mark in marks:
        y = plane.y(mark)
        yield element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, stroke=_RULE)
        label = format_number(mark, language, decimals)
        yield element("text", text=label, x=_LEFT - 10, y=y + 5, text_anchor="end")


def _bottom(plane: _Plane, marks: Iterable[float], language: str, decimals: int) -> Iterable[str]:
    for mark in marks:
        label = format_number(mark, language, decimals)
        x = plane.x(mark)
        yield element("text", text=label, x=x, y=_HEIGHT - _BOTTOM + 24, text_anchor="middle")


def _titles(across: str, up: str) -> Iterable[str]:
    yield element("text", text=across, x=_WIDTH - _RIGHT, y=_HEIGHT - 12, text_anchor="end")
    yield element("text", text=up, x=4, y=18)

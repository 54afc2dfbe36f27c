"""The time series as SVG: gaps stay gaps, each line has its dash, marker and name."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.portal.preview._cells import Cell, Kind
from ckanext.sozialdaten.portal.preview._map import pattern_of, region_label
from ckanext.sozialdaten.portal.preview._numbers import format_number
from ckanext.sozialdaten.portal.preview._periods import Period
from ckanext.sozialdaten.portal.preview._svg import drawing, element, number, picture

__all__ = ["COLOURS", "DASHES", "MARKERS", "Chart", "Line", "line_file", "line_svg", "ticks"]

# Okabe and Ito, darkened to 4.5:1 on white; lines of comparison come after the five of regions
COLOURS = (
    "#0b5f8a", "#a8460b", "#00704f", "#8a3a75", "#7a5b00",
    "#3a4750", "#6b4226", "#464c8f", "#5c5c00",
)  # fmt: skip
DASHES = ("", "", "", "", "", "9 6", "3 5", "14 5 3 5", "1 4")
MARKERS = ("circle", "square", "triangle", "diamond", "cross", "none", "none", "none", "none")
_WIDTH, _HEIGHT = 960, 440
_LEFT, _TOP, _BOTTOM = 84, 40, 48
_LETTER = 8.6
_APART = 20
# in a square, the patterns of the map
_GAPS = {
    "dots": "m-3,-3h0m6,0h0m-6,6h0m6,0h0",
    "hatch": "m-4,4l8,-8",
    "back": "m-4,-4l8,8",
    "cross": "m-4,4l8,-8m0,8l-8,-8",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One series.

    Args:
        name: written beside the line.
        cells: what is drawn, one per period; cells without a number are gaps.
        words: what the figures really are (differs from ``cells`` on an index), for labels.
        style: place in COLOURS, DASHES and MARKERS.
    """

    name: str
    cells: tuple[Cell, ...]
    words: tuple[Cell, ...]
    style: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All lines with the axes' texts.

    Args:
        periods: along the horizontal axis.
        lines: at most five and the comparison.
        unit: unit of the figures, for labels.
        axis: what the vertical axis shows.
        decimals: decimals of the figures.
        language: ``de`` or ``en``.
        ident: prefix of all ids, unique on the page.
        title: accessible name.
        description: what it shows, in a sentence.
        base: a value to mark with a line of its own, such as 100 on an index.
        breaks: place on the time axis and name of each change of what figures rest on.
        trends: style, and places with figures, of lines drawn through others.
    """

    periods: tuple[Period, ...]
    lines: tuple[Line, ...]
    unit: str
    axis: str
    decimals: int
    language: str
    ident: str
    title: str
    description: str
    base: float | None = None
    breaks: tuple[tuple[float, str], ...] = ()
    trends: tuple[tuple[int, tuple[tuple[float, float], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a period and a value lie on the drawing."""

    first: float
    last: float
    low: float
    high: float
    right: float

    def x(self, period: Period) -> float:
        return self.at(period.position)

    def at(self, position: float) -> float:
        span = (self.last - self.first) or 1.0
        return _LEFT + 12 + (position - self.first) / span * (self.right - _LEFT - 24)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values that span ``low`` to ``high``.

    >>> ticks(0, 97)
    [0, 20, 40, 60, 80, 100]
    """
    if high <= low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / wanted
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw * 0.999)
    start = math.floor(low / step + 1e-9)
    end = math.ceil(high / step - 1e-9)
    return [_plain(step * place) for place in range(start, end + 1)]


def _plain(value: float) -> float:
    rounded = round(value, 10)
    return int(rounded) if rounded == int(rounded) else rounded


def line_svg(chart: Chart) -> str:
    """The chart for a page."""
    return drawing(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, "sd-lines-svg")


def line_file(chart: Chart, headline: str, notes: Sequence[str]) -> str:
    """The chart as a picture of its own, with headline and source."""
    return picture(_inside(chart), (_WIDTH, _HEIGHT), chart.ident, headline, notes)


def _inside(chart: Chart) -> list[str]:
    frame = _frame(chart)
    return [
        element("title", text=chart.title, id=f"{chart.ident}-t"),
        element("desc", text=chart.description, id=f"{chart.ident}-d"),
        element("g", *_axes(chart, frame), class_="sd-axes", fill="#44515c", aria_hidden="true"),
        *_breaks(chart, frame),
        *_trends(chart, frame),
        *(_series(chart, frame, line) for line in chart.lines),
        element("g", *_names(chart, frame), aria_hidden="true", font_weight="600"),
    ]


def _frame(chart: Chart) -> _Frame:
    values = [cell.value for line in chart.lines for cell in line.cells if cell.value is not None]
    values += [end for line in chart.lines for low, high in _ends(line) for end in (low, high)]
    values += [value for _, path in chart.trends for _, value in path]
    if chart.base is not None:
        values.append(chart.base)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    # start at zero unless the lines would lie in a thin strip at the top
    if low >= 0 and (high - low) > 0.35 * high:
        low = 0.0
    marks = ticks(low, high)
    room = max((len(line.name) for line in chart.lines), default=0) * _LETTER
    positions = [period.position for period in chart.periods] or [0.0]
    right = _WIDTH - min(max(room + 26, 60), 300)
    return _Frame(positions[0], positions[-1], marks[0], marks[-1], right)


def _axes(chart: Chart, frame: _Frame) -> Iterable[str]:
    marks = ticks(frame.low, frame.high)
    decimals = 0 if all(mark == int(mark) for mark in marks) else 1 if marks[-1] > 1 else 2
    for mark in marks:
        y = frame.y(mark)
        strong = chart.base is not None and mark == chart.base
        yield element(
            "line",
            x1=_LEFT,
            x2=frame.right,
            y1=y,
            y2=y,
            stroke="#7b8791" if strong else "#d5dade",
            stroke_width=1.5 if strong else 1,
        )
        label = format_number(mark, chart.language, decimals)
        yield element("text", text=label, x=_LEFT - 10, y=y + 5, text_anchor="end")
    yield element("text", text=chart.axis, x=_LEFT - 10 if len(chart.axis) < 9 else 4, y=16)
    yield from _time_axis(chart, frame)


def _time_axis(chart: Chart, frame: _Frame) -> Iterable[str]:
    same_day = len({period.parts[1:] for period in chart.periods}) == 1
    labels = [p.year if same_day else p.label(chart.language) for p in chart.periods]
    width = max(map(len, labels), default=4) * 9 + 14
    fit = max(1, int((frame.right - _LEFT) // width))
    step = max(1, math.ceil(len(chart.periods) / fit))
    last = len(chart.periods) - 1
    for place, period in enumerate(chart.periods):
        if (last - place) % step == 0:
            yield element(
                "text",
                text=labels[place],
                x=frame.x(period),
                y=_HEIGHT - _BOTTOM + 26,
                text_anchor="middle",
            )


def _breaks(chart: Chart, frame: _Frame) -> Iterable[str]:
    """A line across, where what the figures rest on changes; its name stands beneath the axis."""
    for position, name in chart.breaks:
        x = frame.at(position)
        line = element(
            "line", x1=x, x2=x, y1=_TOP - 14, y2=_HEIGHT - _BOTTOM, stroke="#44515c",
            stroke_width=1.5, stroke_dasharray="2 4", class_="sd-break",
        )  # fmt: skip
        right = x > (frame.right + _LEFT) / 2
        text = element(
            "text", text=name, x=x - 5 if right else x + 5, y=_TOP - 4, font_size=14,
            text_anchor="end" if right else "start", fill="#44515c", class_="sd-break-name",
        )  # fmt: skip
        yield element("g", line, text, aria_hidden="true")


def _trends(chart: Chart, frame: _Frame) -> Iterable[str]:
    """Lines through others: thin and dotted; the summary says what they tell."""
    for style, path in chart.trends:
        points = [f"{number(frame.at(time))},{number(frame.y(value))}" for time, value in path]
        curve = element(
            "path", d="M" + "L".join(points), fill="none", stroke=COLOURS[style],
            stroke_width=2, stroke_dasharray="1 5", stroke_linecap="round",
        )  # fmt: skip
        yield element("g", curve, class_=f"sd-line sd-line-{style} sd-trend", aria_hidden="true")


def _series(chart: Chart, frame: _Frame, line: Line) -> str:
    colour = COLOURS[line.style]
    segments = _segments(chart, frame, line)
    path = "".join("M" + "L".join(segment) for segment in segments if len(segment) > 1)
    curve = element(
        "path",
        d=path,
        fill="none",
        stroke=colour,
        stroke_width=3,
        stroke_dasharray=DASHES[line.style] or None,
        stroke_linejoin="round",
        aria_hidden="true",
    )
    bands = _bands(chart, frame, line)
    points = [
        _point(chart, frame, line, place)
        for place, cell in enumerate(line.cells)
        if cell.value is not None
    ]
    gaps = [
        _gap(chart, frame, line, place)
        for place, cell in enumerate(line.cells)
        if cell.value is None and line.words[place].kind is not Kind.NOT_AVAILABLE
    ]
    return element(
        "g",
        *bands,
        *([curve] if path else []),
        *points,
        *gaps,
        class_=f"sd-line sd-line-{line.style}",
        role="graphics-object group",
        aria_label=line.name,
        fill=colour,
    )


def _ends(line: Line) -> list[tuple[float, float]]:
    """The intervals that a line shows."""
    return [
        (cell.low, cell.high)
        for cell in line.cells
        if cell.low is not None and cell.high is not None
    ]


def _bands(chart: Chart, frame: _Frame, line: Line) -> list[str]:
    """The 95 % intervals as a band; it ends where a figure or its interval is missing."""
    runs: list[list[tuple[float, float, float]]] = [[]]
    for period, cell in zip(chart.periods, line.cells, strict=True):
        if cell.low is None or cell.high is None:
            runs.append([])
        else:
            runs[-1].append((frame.x(period), frame.y(cell.low), frame.y(cell.high)))
    shapes: list[str] = []
    for run in runs:
        if not run:
            continue
        # an interval that stands alone is a bar as wide as a marker
        wide = run if len(run) > 1 else [(run[0][0] + shift, *run[0][1:]) for shift in (-4, 4)]
        upper = [f"{number(x)},{number(high)}" for x, _, high in wide]
        lower = [f"{number(x)},{number(low)}" for x, low, _ in reversed(wide)]
        shapes.append(f"M{'L'.join([*upper, *lower])}z")
    if not shapes:
        return []
    return [
        element(
            "path", d="".join(shapes), class_="sd-band", fill_opacity="0.16", aria_hidden="true"
        )
    ]


def _segments(chart: Chart, frame: _Frame, line: Line) -> list[list[str]]:
    segments: list[list[str]] = [[]]
    for period, cell in zip(chart.periods, line.cells, strict=True):
        if cell.value is None:
            segments.append([])
        else:
            segments[-1].append(f"{number(frame.x(period))},{number(frame.y(cell.value))}")
    return segments


def _point(chart: Chart, frame: _Frame, line: Line, place: int) -> str:
    period = chart.periods[place]
    value = line.cells[place].value or 0.0
    x, y = frame.x(period), frame.y(value)
    return element(
        "g",
        _marker(MARKERS[line.style], x, y),
        role="graphics-symbol img",
        aria_label=_words(chart, line, place),
        class_="sd-point",
    )


def _gap(chart: Chart, frame: _Frame, line: Line, place: int) -> str:
    """A square on the axis in the pattern of the reason why the line is broken here.

    A square, since a ring on the axis looks like a zero.
    """
    x, y = number(frame.x(chart.periods[place])), number(_HEIGHT - _BOTTOM)
    pattern = _GAPS.get(pattern_of(line.words[place].kind), "")
    square = element(
        "path",
        d=f"M{x},{y}m-6,-6h12v12h-12z",
        fill="#fff",
        stroke=COLOURS[line.style],
        stroke_width=1.5,
    )
    inside = element(
        "path",
        d=f"M{x},{y}{pattern}",
        fill="none",
        stroke=COLOURS[line.style],
        stroke_width=2,
        stroke_linecap="round",
    )
    return element(
        "g",
        square,
        inside,
        role="graphics-symbol img",
        aria_label=_words(chart, line, place),
        class_="sd-point sd-gap",
    )


def _words(chart: Chart, line: Line, place: int) -> str:
    name = f"{line.name}, {chart.periods[place].label(chart.language)}"
    label = region_label(name, line.words[place], chart.unit, chart.language, chart.decimals)
    drawn = line.cells[place]
    if drawn is line.words[place] or drawn.value is None:
        return label
    return f"{label}; {chart.axis} {format_number(drawn.value, chart.language, 1)}"


def _marker(shape: str, x: float, y: float) -> str:
    if shape == "square":
        return element("rect", x=x - 4, y=y - 4, width=8, height=8)
    paths = {
        "triangle": f"M{number(x)},{number(y - 5.5)}l5.5,9.5h-11z",
        "diamond": f"M{number(x)},{number(y - 6)}l6,6l-6,6l-6,-6z",
        "cross": f"M{number(x - 5)},{number(y - 2)}h3v-3h4v3h3v4h-3v3h-4v-3h-3z",
    }
    if shape in paths:
        return element("path", d=paths[shape])
    return element("circle", cx=x, cy=y, r=4.2 if shape == "circle" else 2.6)


def _names(chart: Chart, frame: _Frame) -> Iterable[str]:
    """Names at the ends of the lines, pushed apart where they would cover each other."""
    ends: list[tuple[float, Line]] = []
    for line in chart.lines:
        values = [cell.value for cell in line.cells if cell.value is not None]
        if values:
            ends.append((frame.y(values[-1]), line))
    ends.sort(key=lambda end: end[0])
    heights: list[float] = []
    for y, _ in ends:
        heights.append(max(y, heights[-1] + _APART) if heights else y)
    overshoot = max(0.0, heights[-1] - (_HEIGHT - _BOTTOM)) if heights else 0.0
    for (_, line), height in zip(ends, heights, strict=True):
        yield element(
            "text",
            text=line.name,
            x=frame.right + 8,
            y=height - overshoot + 5,
            fill=COLOURS[line.style],
            class_=f"sd-name-{line.style}",
        )

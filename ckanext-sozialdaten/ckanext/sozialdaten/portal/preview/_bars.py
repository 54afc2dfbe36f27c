"""The ranking as SVG: a bar per region with its interval, and lines for the levels above."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.portal.preview._cells import Cell, kind_text
from ckanext.sozialdaten.portal.preview._lines import COLOURS, DASHES, ticks
from ckanext.sozialdaten.portal.preview._map import pattern_of, patterns, region_label
from ckanext.sozialdaten.portal.preview._numbers import format_number
from ckanext.sozialdaten.portal.preview._svg import drawing, element, picture

__all__ = ["Bar", "BarChart", "Mark", "bar_file", "bar_svg"]

_WIDTH = 960
_ROW = 26
_TOP, _BOTTOM = 44, 16
_LETTER = 9.6
_BAR = "#2c7fb8"
_CHOSEN = "#12355b"


@dataclass(frozen=True, slots=True)
class Bar:
    """A region of the ranking.

    Args:
        key: its AGS.
        name: its name.
        cell: its figure.
        chosen: whether the reader chose it.
    """

    key: str
    name: str
    cell: Cell
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A value to compare with, drawn as a line across all bars."""

    name: str
    value: float
    style: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """All bars from top to bottom with what they are compared to.

    Args:
        bars: in the order shown.
        marks: values of Kreis, Land, Bund.
        unit: unit of the figures, for labels.
        decimals: decimals of the figures.
        language: ``de`` or ``en``.
        ident: prefix of all ids, unique on the page.
        title: accessible name.
        description: what it shows, in a sentence.
        link: address of the state in which a region is chosen; None in files.
    """

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    unit: str
    decimals: int
    language: str
    ident: str
    title: str
    description: str
    link: Callable[[str], str] | None = None

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return _TOP + len(self.marks) * 18 + _ROW * len(self.bars) + _BOTTOM


def bar_svg(chart: BarChart) -> str:
    """The ranking for a page."""
    return drawing(_inside(chart), (_WIDTH, chart.height), chart.ident, "sd-bars-svg")


def bar_file(chart: BarChart, headline: str, notes: Sequence[str]) -> str:
    """The ranking as a picture of its own, with headline and source."""
    return picture(_inside(chart), (_WIDTH, chart.height), chart.ident, headline, notes)


@dataclass(frozen=True, slots=True)
class _Frame:
    low: float
    high: float
    left: float
    top: float

    def x(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.left + share * (_WIDTH - 24 - self.left)


def _frame(chart: BarChart) -> _Frame:
    ends: list[float] = [0.0, *(mark.value for mark in chart.marks)]
    for bar in chart.bars:
        ends += [v for v in (bar.cell.value, bar.cell.low, bar.cell.high) if v is not None]
    marks = ticks(min(ends), max(ends))
    room = max((len(bar.name) for bar in chart.bars), default=8) * _LETTER
    return _Frame(marks[0], marks[-1], min(room, 280) + 96, _TOP + len(chart.marks) * 18)


def _inside(chart: BarChart) -> list[str]:
    frame = _frame(chart)
    return [
        element("title", text=chart.title, id=f"{chart.ident}-t"),
        element("desc", text=chart.description, id=f"{chart.ident}-d"),
        patterns(chart.ident),
        element("g", *_axis(chart, frame), class_="sd-axes", fill="#44515c", aria_hidden="true"),
        *(_bar(chart, frame, place, bar) for place, bar in enumerate(chart.bars)),
        element("g", *_marks(chart, frame), aria_hidden="true", font_weight="600"),
    ]


def _axis(chart: BarChart, frame: _Frame) -> Iterable[str]:
    values = ticks(frame.low, frame.high)
    decimals = 0 if all(value == int(value) for value in values) else chart.decimals or 1
    for value in values:
        x = frame.x(value)
        yield element(
            "line", x1=x, x2=x, y1=frame.top - 6, y2=chart.height - _BOTTOM, stroke="#d5dade"
        )
        label = format_number(value, chart.language, decimals)
        yield element("text", text=label, x=x, y=18, text_anchor="middle", font_size=14)
    if chart.unit:
        yield element("text", text=chart.unit, x=4, y=18, font_size=14)


def _bar(chart: BarChart, frame: _Frame, place: int, bar: Bar) -> str:
    top = frame.top + place * _ROW
    label = region_label(bar.name, bar.cell, chart.unit, chart.language, chart.decimals)
    shapes = [
        element("text", text=bar.name, x=frame.left - 92, y=top + 18, text_anchor="end",
                font_weight="700" if bar.chosen else None, class_="sd-bar-name"),
        *_drawn(chart, frame, top, bar),
    ]  # fmt: skip
    if chart.link is None:
        return element("g", element("title", text=label), *shapes)
    return element(
        "a",
        *shapes,
        href=chart.link(bar.key),
        data_key=bar.key,
        aria_label=label,
        aria_current="true" if bar.chosen else None,
        class_="sd-bar sd-chosen" if bar.chosen else "sd-bar",
    )


def _drawn(chart: BarChart, frame: _Frame, top: float, bar: Bar) -> list[str]:
    """Value, bar and whiskers; or a strip in the pattern of the reason why there is no figure."""
    cell = bar.cell
    if cell.value is None:
        fill = f"url(#{chart.ident}-{pattern_of(cell.kind) or 'hatch'})"
        return [
            element("rect", x=frame.left - 80, y=top + 4, width=72, height=_ROW - 8, fill=fill),
            element("text", text=kind_text(cell.kind, chart.language), x=frame.left + 6, y=top + 18,
                    font_style="italic", font_size=14, class_="sd-bar-name sd-halo"),
        ]  # fmt: skip
    text = format_number(cell.value, chart.language, chart.decimals)
    start, end = sorted((frame.x(0.0), frame.x(cell.value)))
    shapes = [
        element("text", text=text, x=frame.left - 8, y=top + 18, text_anchor="end",
                font_weight="700" if bar.chosen else None, class_="sd-bar-name"),
        element("rect", x=start, y=top + 4, width=max(end - start, 1), height=_ROW - 8,
                fill=_CHOSEN if bar.chosen else _BAR, class_="sd-bar-body"),
    ]  # fmt: skip
    if cell.low is not None and cell.high is not None:
        low, high, middle = frame.x(cell.low), frame.x(cell.high), top + _ROW / 2
        path = (
            f"M{low:.1f},{middle:.1f}H{high:.1f}M{low:.1f},{middle - 5:.1f}v10"
            f"M{high:.1f},{middle - 5:.1f}v10"
        )
        # white beneath: the whisker must be seen on the bar and beside it
        shapes.append(element("path", d=path, stroke="#fff", stroke_width=4, fill="none"))
        shapes.append(element("path", d=path, stroke="#1c2733", stroke_width=1.6, fill="none"))
    return shapes


def _marks(chart: BarChart, frame: _Frame) -> Iterable[str]:
    for place, mark in enumerate(chart.marks):
        x = frame.x(mark.value)
        y = _TOP + place * 18 - 8
        yield element(
            "line", x1=x, x2=x, y1=y + 6, y2=chart.height - _BOTTOM,
            stroke=COLOURS[mark.style], stroke_width=2.5,
            stroke_dasharray=DASHES[mark.style] or None, class_=f"sd-mark-{mark.style}",
        )  # fmt: skip
        value = format_number(mark.value, chart.language, chart.decimals)
        right = x > _WIDTH * 0.7
        yield element(
            "text", text=f"{mark.name} {value}", x=x - 6 if right else x + 6, y=y + 2,
            text_anchor="end" if right else "start", fill=COLOURS[mark.style], font_size=14,
            class_=f"sd-name-{mark.style}",
        )  # fmt: skip

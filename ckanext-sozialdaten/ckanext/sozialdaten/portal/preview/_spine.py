"""The profile of a region as SVG: where each of its figures lies among those of its like.

A row per indicator, each from the smallest to the greatest figure of the group. What is compared is
told by shapes: colour repeats it only.

Source: the spine chart of Public Health Profiles (Office for Health Improvement and Disparities),
here on the range of the group and without red and green.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap

from ckanext.sozialdaten.portal.preview._numbers import format_number
from ckanext.sozialdaten.portal.preview._svg import element, number

__all__ = ["Side", "Spine", "SpineMark", "SpineRow", "shape", "spine_svg"]

_WIDTH = 960
_ROW, _HEAD, _TOP, _BOTTOM = 40, 34, 8, 8
_LEFT, _RIGHT = 436, 790
_BEYOND = 14
_LETTERS = 33
_INK = "#1c2733"
_SOFT = "#44515c"


class Side(StrEnum):
    """How a figure lies to that of the Kreis, as far as chance allows to tell."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    ALIKE = "alike"
    UNKNOWN = "unknown"


_COLOURS = {Side.BETTER: "#00704f", Side.WORSE: "#a8460b"}
_OWN = "#12355b"


@dataclass(frozen=True, slots=True)
class SpineMark:
    """A value to compare with: ``kind`` (a level, or the order of a region chosen) is its shape."""

    kind: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class SpineRow:
    """A row.

    Args:
        name: of the indicator.
        label: the row in words, for readers who do not see it.
        link: where it leads.
        text: the figure.
        value: the same as a number.
        low: lower end of its interval; None where it has none.
        high: its upper end.
        side: how it lies to the Kreis.
        spread: smallest, lower quartile, median, upper quartile, greatest of the group.
        decimals: with which the ends are written.
        rank: the place in the group, in words.
        marks: values to compare with.
    """

    name: str
    label: str
    link: str
    text: str
    value: float
    low: float | None
    high: float | None
    side: Side
    spread: tuple[float, float, float, float, float]
    decimals: int
    rank: str
    marks: tuple[SpineMark, ...]


@dataclass(frozen=True, slots=True)
class Spine:
    """All rows under their headings.

    Args:
        groups: heading and rows.
        language: ``de`` or ``en``.
        ident: prefix of ids, unique on the page.
        title: accessible name.
        description: what it shows, in a sentence.
    """

    groups: tuple[tuple[str, tuple[SpineRow, ...]], ...]
    language: str
    ident: str
    title: str
    description: str

    @property
    def height(self) -> int:
        """The height of the drawing."""
        return _TOP + _BOTTOM + sum(_HEAD + _ROW * len(rows) for _, rows in self.groups)


def spine_svg(chart: Spine) -> str:
    """The profile for a page."""
    parts: list[str] = []
    top = _TOP
    for heading, rows in chart.groups:
        parts.append(_heading(heading, top))
        top += _HEAD
        for row in rows:
            parts.append(_row(chart, row, top))
            top += _ROW
    return element(
        "svg",
        element("title", text=chart.title, id=f"{chart.ident}-t"),
        element("desc", text=chart.description, id=f"{chart.ident}-d"),
        *parts,
        class_="sd-spine-svg",
        viewBox=f"0 0 {_WIDTH} {chart.height}",
        role="graphics-document document",
        aria_labelledby=f"{chart.ident}-t",
        aria_describedby=f"{chart.ident}-d",
        font_family="system-ui, sans-serif",
        font_size=16,
    )


def shape(kind: str, x: float, y: float) -> str:
    """The mark of a kind around a point, also for the legend: a side, a level or ``median``."""
    if kind in ("kreis", "median"):
        tall, wide = (15, 3) if kind == "kreis" else (9, 2)
        return element(
            "path", d=f"M{number(x)},{number(y - tall)}v{2 * tall}", stroke_width=wide,
            class_=f"sd-spine-{kind}", stroke=_INK if kind == "kreis" else "#fff",
        )  # fmt: skip
    if kind in ("land", "bund", "other", "second", "third"):
        return element(
            "path", d=_path(kind, x, y), fill="#fff", stroke=_INK, stroke_width=2,
            class_="sd-spine-mark",
        )  # fmt: skip
    return element(
        "path", d=_path(kind, x, y), fill=_COLOURS.get(Side(kind), _OWN), stroke="#fff",
        stroke_width=1.5, class_=f"sd-spine-own sd-spine-{kind}",
    )  # fmt: skip


def _path(kind: str, x: float, y: float) -> str:
    circle = "m-{0},0a{0},{0} 0 1 0 {1},0a{0},{0} 0 1 0 -{1},0z"
    drawn = {
        "better": "m0,-10l10,18h-20z",
        "worse": "m0,10l10,-18h-20z",
        "higher": "m9,0l-14,-9v18z",
        "lower": "m-9,0l14,-9v18z",
        "land": "m0,-8l8,8l-8,8l-8,-8z",
        "bund": "m-6,-6h12v12h-12z",
        "other": circle.format(6, 12),
        "second": "m-7,-6h14l-14,12h14z",
        "third": "m0,-8l8,6l-3,9h-10l-3,-9z",
        "unknown": "m-3,-9h6v6h6v6h-6v6h-6v-6h-6v-6h6z",
    }
    return f"M{number(x)},{number(y)}" + drawn.get(kind, circle.format(8, 16))


def _heading(text: str, top: float) -> str:
    return element(
        "text", text=text, x=4, y=top + 24, font_weight="700", class_="sd-spine-head", fill=_SOFT,
        aria_hidden="true",
    )  # fmt: skip


def _row(chart: Spine, row: SpineRow, top: float) -> str:
    middle = top + _ROW / 2
    words = [
        *_name(row.name, middle),
        _words(row.text, _LEFT - 74, middle, "end", "sd-bar-name", "700"),
        _words(row.rank, _WIDTH - 4, middle, "end", "sd-bar-name"),
        *_ends(chart, row, middle),
    ]
    return element(
        "a",
        element("rect", x=0, y=top, width=_WIDTH, height=_ROW, class_="sd-spine-row", fill="none",
                pointer_events="all"),
        *words,
        *_strip(row, middle),
        href=row.link,
        data_key=row.link,
        aria_label=row.label,
        class_="sd-spine-link",
    )  # fmt: skip


def _name(name: str, y: float) -> Iterable[str]:
    """The name in one line or two; what does not fit is in the words of the row."""
    lines = wrap(name, _LETTERS, max_lines=2, placeholder=" …")
    for place, line in enumerate(lines):
        yield _words(line, 4, y + (place - (len(lines) - 1) / 2) * 18, "start", "sd-bar-name")


def _words(text: str, x: float, y: float, anchor: str, name: str, weight: str | None = None) -> str:
    return element(
        "text", text=text, x=x, y=y + 6, text_anchor=anchor, class_=name, font_weight=weight
    )


def _ends(chart: Spine, row: SpineRow, y: float) -> Iterable[str]:
    low, *_, high = row.spread
    for value, x, anchor in ((low, _LEFT - 18, "end"), (high, _RIGHT + 18, "start")):
        text = format_number(value, chart.language, row.decimals)
        yield element(
            "text", text=text, x=x, y=y + 5, text_anchor=anchor, font_size=13, fill=_SOFT,
            class_="sd-spine-end",
        )  # fmt: skip


def _place(row: SpineRow, value: float) -> float:
    """Where a value lies; beyond the range of the group it stands at its end."""
    low, *_, high = row.spread
    share = (value - low) / (high - low) if high > low else 0.5
    x = _LEFT + share * (_RIGHT - _LEFT)
    return min(max(x, _LEFT - _BEYOND), _RIGHT + _BEYOND)


def _strip(row: SpineRow, y: float) -> Sequence[str]:
    _, lower, median, upper, _ = row.spread
    left, right = _place(row, lower), _place(row, upper)
    shapes = [
        element("rect", x=_LEFT, y=y - 5, width=_RIGHT - _LEFT, height=10, fill="#cfd8df",
                class_="sd-spine-all"),
        element("rect", x=left, y=y - 9, width=max(right - left, 2), height=18, fill="#7e909e",
                class_="sd-spine-half"),
        shape("median", _place(row, median), y),
    ]  # fmt: skip
    if row.low is not None and row.high is not None:
        ends = f"M{number(_place(row, row.low))},{number(y)}H{number(_place(row, row.high))}"
        shapes.append(element("path", d=ends, stroke=_INK, stroke_width=3, class_="sd-spine-range"))
    shapes += [shape(mark.kind, _place(row, mark.value), y) for mark in row.marks]
    return [*shapes, shape(row.side, _place(row, row.value), y)]

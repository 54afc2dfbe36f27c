"""The choropleth as SVG: each region a link with name and value, missing ones a pattern."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview._cells import (
    Cell,
    Kind,
    cell_text,
    interval_text,
    remark_text,
)
from ckanext.sozialdaten.portal.preview._classes import Classes
from ckanext.sozialdaten.portal.preview._figures import Figures
from ckanext.sozialdaten.portal.preview._geometry import Outline, Plan
from ckanext.sozialdaten.portal.preview._svg import element

__all__ = ["PATTERNS", "MapScene", "map_file", "map_svg", "pattern_of", "patterns", "region_label"]

_MOST_LABELS = 60
_LINE = "#44515c"
PATTERNS = {
    Kind.SUPPRESSED: "dots",
    Kind.SECRET_OR_UNKNOWN: "dots",
    Kind.NOT_AVAILABLE: "hatch",
    Kind.LATER: "hatch",
    Kind.UNRELIABLE: "hatch",
    Kind.NOT_APPLICABLE: "cross",
    Kind.INCOMPLETE: "back",
    Kind.PARTS_SUPPRESSED: "back",
    Kind.FILTERED: "plain",
}
_STROKES = {
    "hatch": ("M-5,5L5,-5M0,20L20,0M15,25L25,15",),
    "back": ("M-5,15L5,25M0,0L20,20M15,-5L25,5",),
    "cross": ("M-5,5L5,-5M0,20L20,0M15,25L25,15", "M-5,15L5,25M0,0L20,20M15,-5L25,5"),
}


@dataclass(frozen=True, slots=True)
class MapScene:
    """What is on the map.

    Args:
        plan: the regions.
        figures: the values.
        period: key of the period shown.
        classes: None where the table holds no number at all.
        unit: unit of the values, for the words of each region.
        language: ``de`` or ``en``.
        ident: prefix of all ids, unique on the page.
        title: accessible name of the map.
        description: what it shows, in a sentence.
        selected: key of the chosen region.
        link: address of the state in which a region is chosen; None in files.
        intervals: whether the words of a region tell its interval.
    """

    plan: Plan
    figures: Figures
    period: str
    classes: Classes | None
    unit: str
    language: str
    ident: str
    title: str
    description: str
    selected: str = ""
    link: Callable[[str], str] | None = None
    intervals: bool = True

    def cell(self, key: str) -> Cell:
        """The figure of a region in the period shown."""
        cell = self.figures.cell(key, self.period)
        return cell if self.intervals else cell.bare


def pattern_of(kind: Kind) -> str:
    """Name of the pattern of cells without a number; empty for those with one."""
    return PATTERNS.get(kind, "")


def patterns(ident: str, scale: float = 1) -> str:
    """Definitions of all patterns: hatch, reverse hatch, cross-hatch, dots."""
    made = [
        _pattern(
            f"{ident}-{name}",
            scale,
            *(element("path", d=d, stroke="#5b6770", stroke_width=2.5, fill="none") for d in lines),
        )
        for name, lines in _STROKES.items()
    ]
    plain = _pattern(f"{ident}-plain", scale)
    dots = [element("circle", cx=x, cy=y, r=2.8, fill="#3c4750") for x, y in ((5, 5), (15, 15))]
    return element("defs", *made, plain, _pattern(f"{ident}-dots", scale, *dots))


def _pattern(ident: str, scale: float, *marks: str) -> str:
    ground = element("rect", width=20, height=20, fill="#f1f3f4")
    return element(
        "pattern",
        ground,
        *marks,
        id=ident,
        width=20,
        height=20,
        patternUnits="userSpaceOnUse",
        patternTransform=f"scale({scale:g})" if scale != 1 else None,
    )


def region_label(name: str, cell: Cell, unit: str, language: str, decimals: int) -> str:
    """Name and figure in words, as a screen reader says it and a tooltip shows it."""
    text = cell_text(cell, language, decimals)
    if cell.value is None:
        return f"{name}: {text}"
    told = (interval_text(cell, language, decimals), remark_text(cell, language))
    remark = "; ".join(filter(None, told))
    parts = f"{name}: {text} {unit}".rstrip()
    return f"{parts} ({remark})" if remark else parts


def map_svg(scene: MapScene) -> str:
    """The map for a page."""
    plan = scene.plan
    return element(
        "svg",
        element("title", text=scene.title, id=f"{scene.ident}-t"),
        element("desc", text=scene.description, id=f"{scene.ident}-d"),
        patterns(scene.ident),
        _regions(scene),
        class_="sd-map-svg",
        viewBox=f"0 0 {plan.width} {plan.height}",
        role="graphics-document document",
        aria_labelledby=f"{scene.ident}-t",
        aria_describedby=f"{scene.ident}-d",
    )


def _regions(scene: MapScene) -> str:
    # the chosen region comes last: its outline must not be covered by its neighbours'
    ordered = sorted(scene.plan.outlines, key=lambda outline: outline.key == scene.selected)
    shapes = [_region(scene, outline) for outline in ordered]
    return element(
        "g", *shapes, _labels(scene), fill_rule="evenodd", stroke=_LINE, stroke_width=1.5,
        stroke_linejoin="round",
    )  # fmt: skip


def _region(scene: MapScene, outline: Outline) -> str:
    cell = scene.cell(outline.key)
    label = region_label(outline.name, cell, scene.unit, scene.language, scene.figures.decimals)
    chosen = outline.key == scene.selected
    path = element(
        "path",
        *([] if scene.link else [element("title", text=label)]),
        d=outline.path,
        fill=_fill(scene, cell),
        stroke="#000" if chosen else None,
        stroke_width=5 if chosen else None,
    )
    if not scene.link:
        return path
    return element(
        "a",
        path,
        href=scene.link(outline.key),
        data_key=outline.key,
        aria_label=label,
        aria_current="true" if chosen else None,
        class_="sd-chosen" if chosen else None,
    )


def _fill(scene: MapScene, cell: Cell) -> str:
    if cell.value is None or scene.classes is None:
        return f"url(#{scene.ident}-{pattern_of(cell.kind) or 'hatch'})"
    return scene.classes.fill(cell.value)


def _labels(scene: MapScene) -> str:
    """Values written into the regions, so that colour is not their only carrier."""
    if len(scene.plan.outlines) > _MOST_LABELS:
        return ""
    texts = [
        element(
            "text",
            text=cell_text(cell, scene.language, scene.figures.decimals)
            if cell.value is not None
            else "",
            x=outline.centre[0],
            y=outline.centre[1] + 8,
            fill=scene.classes.ink(cell.value)
            if scene.classes and cell.value is not None
            else _LINE,
            data_for=outline.key,
        )
        for outline in scene.plan.outlines
        for cell in [scene.cell(outline.key)]
    ]
    return element(
        "g",
        *texts,
        class_="sd-map-values",
        text_anchor="middle",
        font_family="system-ui, sans-serif",
        font_size=24,
        font_weight="600",
        pointer_events="none",
        stroke="none",
        aria_hidden="true",
    )


def map_file(scene: MapScene, headline: str, missing: Sequence[Kind], notes: Sequence[str]) -> str:
    """The map as a picture of its own: with headline, legend and source beneath it."""
    plan = scene.plan
    top, bottom = 70, plan.height + 110
    legend = _file_legend(scene, missing)
    height = bottom + 34 * len(legend) + 28 * len(notes) + 30
    below = bottom + 34 * len(legend)
    lines = [
        element("text", text=note, x=10, y=below + 28 * place, font_size=18, fill=_LINE)
        for place, note in enumerate(notes)
    ]
    rows = [
        element("g", row, transform=f"translate(10 {bottom - 20 + 34 * place})")
        for place, row in enumerate(legend)
    ]
    return element(
        "svg",
        element("title", text=scene.title, id=f"{scene.ident}-t"),
        element("desc", text=scene.description, id=f"{scene.ident}-d"),
        patterns(scene.ident),
        element("rect", width=plan.width, height=height, fill="#fff"),
        element("text", text=headline, x=10, y=42, font_size=30, font_weight="700"),
        element("g", _regions(scene), transform=f"translate(0 {top})"),
        *rows,
        *lines,
        viewBox=f"0 0 {plan.width} {height}",
        width=plan.width,
        height=height,
        font_family="system-ui, sans-serif",
        role="img",
        aria_labelledby=f"{scene.ident}-t",
        aria_describedby=f"{scene.ident}-d",
    )


def _file_legend(scene: MapScene, missing: Sequence[Kind]) -> list[str]:
    rows: list[tuple[str, str]] = []
    if scene.classes:
        rows += zip(scene.classes.colours, scene.classes.labels(scene.language), strict=True)
    seen: dict[str, str] = {}
    for kind in missing:
        words = remark_text(Cell(kind), scene.language)
        name = pattern_of(kind)
        seen[name] = f"{seen[name]}; {words}" if name in seen else words
    rows += [(f"url(#{scene.ident}-{name})", words) for name, words in seen.items()]
    unit = Message("Unit: {unit}", {"unit": scene.unit}).text(scene.language) if scene.unit else ""
    heading = [element("text", text=unit, y=20, font_size=20)] if unit else []
    return heading + [
        element("rect", width=36, height=24, fill=fill, stroke=_LINE)
        + element("text", text=label, x=48, y=20, font_size=20)
        for fill, label in rows
    ]

"""What an indicator would show: computed from the public zone, as far as that is quick."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.indicators import Indicator, State, compute
from ckanext.sozialdaten.lake import Zone
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.preview import decimals_needed, format_number, spark_svg

__all__ = ["Preview", "PreviewRow", "preview_of", "rows_of"]

_MOST_CELLS = 2_000_000
_MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A region in the newest period.

    Args:
        key: its key.
        name: its name.
        text: the figure, or nothing.
        state: why there is none; empty where there is one.
        interval: its 95 % interval, if it has one.
        parts: numerator and denominator, of a ratio.
        share: the figure in per cent of the largest one, for a bar; None below 0 and without one.
        spark: its course as SVG.
        age: days between the newest and the oldest Stichtag used; 0 for none.
    """

    key: str
    name: str
    text: str
    state: str
    interval: str
    parts: str
    share: int | None
    spark: str
    age: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The newest figures.

    Args:
        period: the newest period with a figure; empty where there is none.
        periods: how many periods have rows.
        rows: its regions.
        states: how many cells of all periods are in each state.
        too_large: whether so many cells are behind it that the page does not wait for them.
        more: how many regions are not shown.
    """

    period: str = ""
    periods: int = 0
    rows: tuple[PreviewRow, ...] = ()
    states: Mapping[str, int] = field(default_factory=dict[str, int])
    too_large: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A definition without its texts, in a state of the lake: what its figures depend on."""

    meaning: str
    token: str
    indicator: Indicator = field(compare=False)


def preview_of(indicator: Indicator) -> Preview:
    """The figures of a definition that nobody has approved yet.

    They are functions of released cells alone, so whoever may see this page learns nothing that
    the public could not compute.
    """
    empty: dict[str, str] = {}
    texts = ("name", "unit", "description", "method", "interpretation", "limits")
    bare = replace(indicator, file="", **cast("Any", dict.fromkeys(texts, empty)))
    asked = _Asked(repr(bare), public_figures().token(), indicator)
    return _computed(asked, language())


@lru_cache(maxsize=64)
def _computed(asked: _Asked, _language: str) -> Preview:
    indicator = asked.indicator
    holder = public_figures()
    known = holder.catalogue
    needed = set(indicator.layouts)
    waiting = list(indicator.references)
    while waiting:
        other = known[waiting.pop()]
        needed.update(other.layouts)
        waiting += other.references
    layouts = holder.lake.layouts(Zone.PUBLIC)
    series = {name for key in needed if key in layouts for name in layouts[key].series}
    cells = sum(one.cells for one in holder.lake.series(Zone.PUBLIC) if one.name in series)
    if cells > _MOST_CELLS:
        return Preview(too_large=True)
    table = compute(indicator, holder.lake, known, register=holder.register)
    return rows_of(table.to_pylist(), indicator.decimals)


def rows_of(records: list[dict[str, Any]], decimals: int | None) -> Preview:
    """A table of `compute` as the page shows it: the newest period with the most figures."""
    filled = Counter(row["period"] for row in records if row["state"] == State.VALUE)
    periods = sorted({row["period"] for row in records})
    if not records:
        return Preview()
    period = max(filled) if filled else periods[-1]
    histories: dict[str, list[float | None]] = {}
    for row in sorted(records, key=lambda row: row["period"]):
        histories.setdefault(row["region"], []).append(row["value"])
    newest = [row for row in records if row["period"] == period]
    newest.sort(key=lambda row: (-len(row["region"]), regions.name_of(row["region"])))
    values = [abs(row["value"]) for row in newest if row["value"] is not None]
    places = decimals_needed(values) if decimals is None else decimals
    largest = max(values, default=0.0)
    states = Counter(str(row["state"]) for row in records)
    return Preview(
        period,
        len(periods),
        tuple(_row(row, places, largest, histories) for row in newest[:_MOST_ROWS]),
        {state.value: states.get(state.value, 0) for state in State},
        more=max(len(newest) - _MOST_ROWS, 0),
    )


def _row(
    row: Mapping[str, Any], places: int, largest: float, histories: Mapping[str, list[float | None]]
) -> PreviewRow:
    def told(value: float | None, decimals: int = places) -> str:
        return "" if value is None else format_number(value, language(), decimals)

    value, over, under = row["value"], row["numerator"], row["denominator"]
    low, high = row["low"], row["high"]
    return PreviewRow(
        key=row["region"],
        name=regions.name_of(row["region"]),
        text=told(value),
        state="" if value is not None else str(row["state"]),
        interval="" if low is None or high is None else f"{told(low)} – {told(high)}",
        parts="" if over is None or under is None else f"{told(over, 0)} / {told(under, 0)}",
        share=round(100 * value / largest) if value is not None and value >= 0 < largest else None,
        spark=spark_svg(histories[row["region"]]),
        age=row["age_days"] or 0,
    )

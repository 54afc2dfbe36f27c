"""The figures of an indicator as its pages need them: read once per state of the lake."""

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from ckanext.sozialdaten import indicators
from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.indicators import Indicator, State
from ckanext.sozialdaten.lake import SettingsError
from ckanext.sozialdaten.lake.signs import SignKind, signs_of
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal.preview import Cell, Figures, Kind, read_periods

__all__ = ["Detail", "Known", "figures_of", "from_table", "ready", "store", "with_median"]

_KINDS = {
    State.SUPPRESSED: Kind.SUPPRESSED,
    State.NOT_AVAILABLE: Kind.NOT_AVAILABLE,
    State.NOT_APPLICABLE: Kind.NOT_APPLICABLE,
    State.INCOMPLETE: Kind.INCOMPLETE,
}
_DETAILS = (
    "value", "low", "high", "period_start", "period_end", "numerator", "denominator", "quality",
    "age_days", "captured_at", "sources", "pooled",
)  # fmt: skip
_CONVENTION = "din-55301"
# what a reader must know first
_ORDER = (SignKind.PRELIMINARY, SignKind.ESTIMATED, SignKind.REVISED, SignKind.LIMITED)
_LEVELS = (*regions.LEVELS, Level.BUND)
_KEPT = 96
_LEAST_MEMBERS = 3
_FRESH_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Detail:
    """What stands behind a figure.

    Args:
        value: the figure, not rounded; None where there is none.
        low: lower end of its 95 % interval, not rounded.
        high: upper end.
        start: first day that it speaks of.
        end: last day, or the Stichtag.
        numerator: of a ratio.
        denominator: of a ratio.
        quality: signs of the inputs.
        age_days: days between the newest and the oldest Stichtag used.
        captured_at: when the last input came in.
        sources: series of the lake that it was computed from.
        pooled: number of years taken together.
    """

    value: float | None
    low: float | None
    high: float | None
    start: dt.date
    end: dt.date
    numerator: float | None
    denominator: float | None
    quality: str
    age_days: int | None
    captured_at: dt.datetime | None
    sources: tuple[str, ...]
    pooled: int


@dataclass(frozen=True)
class Known:
    """All figures of an indicator in one state of knowledge.

    Args:
        indicator: its definition.
        table: the figures as computed; see `indicators.compute`.
        figures: the same as cells, rounded as they are shown.
    """

    indicator: Indicator
    table: pa.Table
    figures: Figures

    @cached_property
    def _rows(self) -> dict[tuple[str, str], int]:
        regions, periods = (self.table.column(name).to_pylist() for name in ("region", "period"))
        return {place: row for row, place in enumerate(zip(regions, periods, strict=True))}

    def detail(self, region: str, period: str) -> Detail | None:
        """What stands behind a figure; None where the table has no row for it."""
        return self.details([(region, period)]).get((region, period))

    def details(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Detail]:
        """What stands behind figures, by region and period, where the table has a row for them."""
        rows = {place: row for place in places if (row := self._rows.get(place)) is not None}
        found = self.table.select(_DETAILS).take(pa.array(rows.values(), pa.int64()))
        columns = [column.to_pylist() for column in found.columns]
        records = zip(*columns, strict=True)
        return {place: _detail(record) for place, record in zip(rows, records, strict=True)}

    @cached_property
    def told(self) -> frozenset[str]:
        """The regions that the figures say something of: absent ones are no reason to list one."""
        return frozenset(
            region
            for (region, _), cell in self.figures.cells.items()
            if cell.kind is not Kind.NOT_AVAILABLE
        )

    @cached_property
    def by_level(self) -> dict[Level, tuple[str, ...]]:
        """All regions of each level with figures, finest level first, each sorted by name.

        Regions without any figure stand beside those with one: their absence is part of the
        picture.
        """
        levels = regions.by_level(self.told, _LEVELS)
        return {
            level: keys
            for level, keys in regions.by_level(self.figures.regions, _LEVELS).items()
            if level in levels
        }

    @cached_property
    def places(self) -> dict[Level, Markup]:
        """The regions with figures as entries of a list, by level, the coarsest first."""
        one = Markup('<option value="{}">{}</option>')
        return {
            level: Markup().join(
                one.format(key, regions.name_of(key)) for key in keys if key in self.told
            )
            for level, keys in reversed(self.by_level.items())
        }

    @cached_property
    def ends(self) -> dict[str, dt.date]:
        """The last day of each period, or its latest Stichtag."""
        grouped = self.table.group_by("period").aggregate([("period_end", "max")]).to_pylist()
        return {row["period"]: row["period_end_max"] for row in grouped}

    @cached_property
    def captured(self) -> dt.datetime | None:
        """When the newest input came in."""
        return pc.max(self.table.column("captured_at")).as_py()

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """All series of the lake behind the figures."""
        return tuple(sorted(set(pc.list_flatten(self.table.column("sources")).to_pylist())))


def _detail(record: Sequence[Any]) -> Detail:
    """A detail from the values of `_DETAILS`."""
    value, low, high, start, end, over, under, quality, age_days, captured, sources, pooled = record
    told = tuple(sources or ())
    return Detail(
        value, low, high, start, end, over, under, quality or "", age_days, captured, told,
        pooled or 1,
    )  # fmt: skip


def from_table(indicator: Indicator, table: pa.Table) -> Known:
    """The figures of a table that `compute` made."""
    names = ("region", "period", "state", "value", "low", "high", "quality", "pooled")
    columns = [table.column(name).to_pylist() for name in names]
    cells = {
        (row[0], row[1]): _cell(dict(zip(names, row, strict=True)), indicator.decimals)
        for row in zip(*columns, strict=True)
    }
    periods = tuple(read_periods({period for _, period in cells}))
    return Known(indicator, table, Figures(cells, periods, indicator.decimals))


def with_median(known: Known, key: str, members: Sequence[str]) -> Known:
    """The same figures with the median of some regions as one more region.

    A period counts where at least three of them have a figure.

    Args:
        known: the figures.
        key: under which the median stands.
        members: the regions.
    """
    figures = known.figures
    cells = dict(figures.cells)
    for period in figures.periods:
        values = [figures.cell(member, period.key).value for member in members]
        told = [value for value in values if value is not None]
        if len(told) >= _LEAST_MEMBERS:
            cells[key, period.key] = Cell(Kind.VALUE, round(median(told), figures.decimals) + 0.0)
        else:
            cells[key, period.key] = Cell(Kind.NOT_AVAILABLE)
    return replace(known, figures=Figures(cells, figures.periods, figures.decimals))


def _cell(record: Mapping[str, object], decimals: int) -> Cell:
    state = State(str(record["state"]))
    if state is not State.VALUE:
        return Cell(_KINDS[state])
    value, low, high = (
        None if record[name] is None else round(float(str(record[name])), decimals) + 0.0
        for name in ("value", "low", "high")
    )
    if value is None:
        return Cell(Kind.NOT_AVAILABLE)
    signs = str(record["quality"] or "")
    note = _note(signs)
    pooled = int(str(record["pooled"] or 1))
    if value == 0:
        exact = float(str(record["value"])) == 0
        kind = Kind.NOTHING if exact else Kind.ROUNDED_ZERO
        return Cell(kind, 0.0, signs, note, low, high, pooled)
    return Cell(Kind.VALUE, value, signs if note else "", note, low, high, pooled)


def _note(signs: str) -> SignKind | None:
    known = signs_of(_CONVENTION)
    kinds = {known[sign].kind for sign in signs.split() if sign in known}
    return next((kind for kind in _ORDER if kind in kinds), None)


def store() -> indicators.Figures | None:
    """The figures of this installation; None where it has no public lake."""
    try:
        return public_figures()
    except SettingsError:
        return None


def ready() -> tuple[str, ...]:
    """The indicators whose figures lie ready: only they stand in lists, which never wait.

    Asked again every few seconds: a job computes them after each release.
    """
    known = store()
    return _ready(figures_token(), int(time.monotonic() // _FRESH_SECONDS)) if known else ()


@lru_cache(maxsize=2)
def _ready(_token: str, _slot: int) -> tuple[str, ...]:
    return public_figures().all_ready()


def figures_of(indicator: str, as_of: dt.date | None = None) -> Known:
    """All figures of an indicator, as the public zone knows them now or knew them on a day.

    Args:
        indicator: its id.
        as_of: the day whose knowledge is asked for; what was withdrawn since stays away.

    Raises:
        UnknownIndicatorError: there is no such indicator.
    """
    known = public_figures()
    made = known.catalogue[indicator]
    return _figures_of(made.id, as_of, f"{figures_token()}-{hash(repr(made))}")


@lru_cache(maxsize=_KEPT)
def _figures_of(indicator: str, as_of: dt.date | None, _state: str) -> Known:
    known = public_figures()
    return from_table(known.catalogue[indicator], known.of(indicator, as_of))

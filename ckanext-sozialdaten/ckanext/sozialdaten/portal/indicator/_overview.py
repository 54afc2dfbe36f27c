"""All indicators of a region at a glance: a tile each, by theme, searchable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ckan.plugins.toolkit as tk
import pyarrow.compute as pc

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators import Indicator, State
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal._themes import social_themes
from ckanext.sozialdaten.portal.indicator._address import Address
from ckanext.sozialdaten.portal.indicator._figures import (
    figures_of,
    from_table,
    ready,
    store,
)
from ckanext.sozialdaten.portal.indicator._scope import scope_of
from ckanext.sozialdaten.portal.indicator._search import matches
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Figures,
    Period,
    cell_text,
    interval_text,
    pattern_of,
    remark_text,
    spark_svg,
)

__all__ = ["Tile", "by_theme", "home_region", "places", "tiles"]

_KEPT = 64
_LAND = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """An indicator in a region.

    Args:
        id: of the indicator.
        theme: code of its theme.
        name: in the reader's language.
        unit: in the reader's language.
        text: the newest figure, or why there is none.
        remark: what to know beside it, its interval too.
        pattern: of a missing figure.
        period: of when it is.
        above: name and figure of the region above, if known.
        alike: whether the two cannot be told apart.
        trend: the way since the first figure, in words.
        spark: the same as a drawing.
    """

    id: str
    theme: str
    name: str
    unit: str
    text: str
    remark: str
    pattern: str
    period: str
    above: tuple[str, str] | None
    alike: bool
    trend: str
    spark: str


def home_region() -> str:
    """The region shown before the reader chose one; empty without any figure."""
    known = store()
    return _home_region(figures_token(), ready()) if known else ""


@lru_cache(maxsize=4)
def _home_region(_token: str, there: tuple[str, ...]) -> str:
    for item in there:
        scope = scope_of(figures_of(item), Address())
        if scope is not None:
            return scope.mine[0]
    return ""


def places() -> list[tuple[str, str]]:
    """All regions below the Land with figures: key and name, by name."""
    known = store()
    return list(_places(figures_token(), ready())) if known else []


@lru_cache(maxsize=4)
def _places(_token: str, there: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    known = public_figures()
    found: set[str] = set()
    for item in there:
        table = known.of(item)
        told = table.filter(pc.field("state") != State.NOT_AVAILABLE.value)
        found.update(told.column("region").unique().to_pylist())
    local = [key for key in found if regions.known(key) and len(key) > _LAND]
    return tuple(sorted(((key, regions.name_of(key)) for key in local), key=lambda p: p[1]))


def tiles(region: str, only: Sequence[str] = ()) -> list[Tile]:
    """A tile for every indicator with a figure, or a reason for none, in ``region``.

    Args:
        region: its key.
        only: these indicators alone, in this order.
    """
    known = store()
    if known is None:
        return []
    made = _tiles(region, frame.language(), figures_token(), ready())
    if not only:
        return list(made)
    by_id = {tile.id: tile for tile in made}
    return [by_id[item] for item in only if item in by_id]


@lru_cache(maxsize=_KEPT)
def _tiles(region: str, language: str, _token: str, there: tuple[str, ...]) -> tuple[Tile, ...]:
    holder = public_figures()
    above = Register.default().ancestors(region)
    found: list[Tile] = []
    for item in (holder.catalogue[key] for key in there):
        known = from_table(item, holder.select(item.id, [region, *above]))
        tile = _tile(item, known.figures, region, above, language)
        if tile is not None:
            found.append(tile)
    return tuple(found)


def _tile(
    item: Indicator, figures: Figures, region: str, above: Sequence[str], language: str
) -> Tile | None:
    told = [p for p in figures.periods if (region, p.key) in figures.cells]
    filled = [p for p in told if figures.cell(region, p.key).value is not None]
    if not told:
        return None
    last = (filled or told)[-1]
    cell = figures.cell(region, last.key)
    upper = next((k for k in above if figures.cell(k, last.key).value is not None), "")
    compared = figures.cell(upper, last.key)
    decimals = item.decimals
    interval = interval_text(cell, language, decimals)
    return Tile(
        item.id,
        item.theme,
        item.label(language),
        item.unit.get(language, ""),
        cell_text(cell, language, decimals),
        "; ".join(filter(None, (interval, remark_text(cell, language))))
        if interval
        else (remark_text(cell, language) if cell.value is not None else ""),
        pattern_of(cell.kind),
        last.label(language),
        (regions.name_of(upper), cell_text(compared, language, decimals)) if upper else None,
        _alike(cell, compared),
        _trend(figures, region, filled, language),
        spark_svg([figures.cell(region, p.key).value for p in told]),
    )


def _alike(cell: Cell, other: Cell) -> bool:
    if cell.low is None or cell.high is None or other.value is None:
        return False
    return cell.low <= other.value <= cell.high


def _trend(figures: Figures, region: str, filled: Sequence[Period], language: str) -> str:
    if len(filled) < 2:
        return ""
    first, last = (figures.cell(region, filled[place].key) for place in (0, -1))
    before = cell_text(first, language, figures.decimals)
    words = {
        1: tk._("risen from {before} in {period}"),
        -1: tk._("fallen from {before} in {period}"),
        0: tk._("unchanged since {period}"),
    }
    difference = (last.value or 0) - (first.value or 0)
    way = (difference > 0) - (difference < 0)
    return words[way].format(before=before, period=filled[0].label(language))


def by_theme(found: Sequence[Tile], query: str = "") -> list[tuple[str, str, list[Tile]]]:
    """Code and name of each theme that has tiles, with those that match ``query``."""
    holder = store()
    kept = [
        tile
        for tile in found
        if not query or (holder and matches(holder.catalogue[tile.id], query))
    ]
    language = frame.language()
    themes: Mapping[str, str] = {entry["code"]: entry[language] for entry in social_themes()}
    grouped = [
        (code, name, [tile for tile in kept if tile.theme == code]) for code, name in themes.items()
    ]
    return [group for group in grouped if group[2]]

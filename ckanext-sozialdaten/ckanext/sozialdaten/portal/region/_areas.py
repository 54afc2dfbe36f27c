"""The areas inside a region with a few figures each."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators import Indicator
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal.indicator import (
    Column,
    Entry,
    Row,
    TableModel,
    entry,
    from_table,
    places,
    ready,
    store,
)

__all__ = ["areas_of"]

_KEPT = 64
_MOST_COLUMNS = 4
_INSIDE = {
    Level.BUND: (Level.LAND,),
    Level.LAND: (Level.KREIS,),
    Level.KREIS: (Level.GEMEINDE,),
    Level.GEMEINDE: (Level.ORTSTEIL,),
}


def areas_of(region: str) -> TableModel | None:
    """A row per area one level down that has figures; None where there is none."""
    known = store()
    if known is None:
        return None
    register = Register.default()
    told = {key for key, _ in places()}
    keys = tuple(
        key
        for level in _INSIDE.get(register.level(region), ())
        for key in register.children(region, level)
        if key in told
    )
    if not keys:
        return None
    return _areas(region, keys, frame.language(), figures_token(), ready())


@lru_cache(maxsize=_KEPT)
def _areas(
    region: str, keys: tuple[str, ...], language: str, _token: str, there: tuple[str, ...]
) -> TableModel:
    holder = public_figures()
    chosen = [item for item in options.home_indicators() if item in there]
    columns = [
        made for item in chosen if (made := _column(holder.catalogue[item], keys, language))
    ][:_MOST_COLUMNS]
    heads = (Column(tk._("Region"), number=False), *(head for head, _ in columns))
    rows = tuple(
        Row(
            regions.name_of(key),
            tuple(cells[key] for _, cells in columns),
            tk.h.url_for("sozialdaten_portal.region", key=key),
        )
        for key in sorted(keys, key=regions.name_of)
    )
    caption = tk._("Areas in {region}").format(region=regions.name_of(region))
    return TableModel(caption, heads, rows)


def _column(
    item: Indicator, keys: Sequence[str], language: str
) -> tuple[Column, Mapping[str, Entry]] | None:
    """Head and entries of an indicator in its newest period with a figure of these areas."""
    holder = public_figures()
    table = holder.select(item.id, keys)
    if not table.num_rows:
        return None
    figures = from_table(item, table).figures
    filled = [
        p for p in figures.periods if any(figures.cell(k, p.key).value is not None for k in keys)
    ]
    if not filled:
        return None
    last = filled[-1]
    unit = item.unit.get(language, "")
    label = f"{item.label(language)}, {last.label(language)}" + (f" ({unit})" if unit else "")
    found = {key: entry(figures.cell(key, last.key), item.decimals, language) for key in keys}
    return Column(label), found

"""Actions on indicators, series and regions: for everybody, by GET, and reading alone.

They answer from the public zone of the lake and from the register of regions. None of them writes:
figures come by release, definitions by file or by an approved proposal. What staff write of a
report stands in `report`.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.geography import Level, Region, Register, convert
from ckanext.sozialdaten.indicators import Indicator, Part, combine
from ckanext.sozialdaten.lake import Zone
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.api import _query as q
from ckanext.sozialdaten.portal.api.report import sozialdaten_report_freeze, sozialdaten_report_show

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "sozialdaten_combine",
    "sozialdaten_indicator_list",
    "sozialdaten_indicator_show",
    "sozialdaten_indicator_values",
    "sozialdaten_region_list",
    "sozialdaten_region_show",
    "sozialdaten_report_freeze",
    "sozialdaten_report_show",
    "sozialdaten_series_list",
    "sozialdaten_series_values",
]


@tk.side_effect_free
def sozialdaten_indicator_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """The indicators of this portal.

    :param theme: only those of this theme (code of ``schemas/codelists/social_themes.yaml``)
    :type theme: string, optional

    :returns: for each its ``id``, ``theme``, ``name``, ``description``, ``unit`` (each ``de`` and
        ``en``), ``polarity``, ``periods``, ``levels``, ``decimals``, ``headline``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_indicator_list", context, data_dict)
    data = q.validated(data_dict, {"theme": q.text()})
    with q.asked():
        known = public_figures().catalogue
    theme = data.get("theme")
    return [_brief(item) for item in known.values() if theme in (None, "", item.theme)]


@tk.side_effect_free
def sozialdaten_indicator_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """An indicator with its texts, inputs and the tables behind it.

    :param id: the indicator
    :type id: string

    :returns: what `sozialdaten_indicator_list` tells of it, and ``method``, ``interpretation``,
        ``limits``, ``inputs`` (layout, column and codes of each), ``source_tables``, ``interval``,
        ``small_numbers``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_indicator_show", context, data_dict)
    data = q.validated(data_dict, {"id": q.needed()})
    with q.asked():
        item = public_figures().catalogue[data["id"]]
    return {
        **_brief(item),
        "method": dict(item.method),
        "interpretation": dict(item.interpretation),
        "limits": dict(item.limits),
        "source_tables": list(item.source_tables),
        "interval": item.interval.value,
        "small_numbers": {"below": item.small_numbers.below, "years": item.small_numbers.years},
        "inputs": {
            name: {
                "layout": one.layout,
                "column": one.column,
                "dimensions": {key: list(codes) for key, codes in one.codes.items()},
                "time": one.time.value,
            }
            for name, one in item.inputs.items()
        },
    }


@tk.side_effect_free
def sozialdaten_indicator_values(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The figures of an indicator.

    A figure is never naked: its state, period, unit, sources and the time of its release travel
    with it. ``suppressed``, ``not_available``, ``not_applicable``, ``incomplete`` and a zero are
    different things.

    :param id: the indicator
    :type id: string
    :param region: keys of regions, repeated or with commas; default: all
    :type region: list of strings, optional
    :param start: only periods that end on this day or later (YYYY-MM-DD)
    :type start: string, optional
    :param end: only periods that end on this day or earlier (YYYY-MM-DD)
    :type end: string, optional
    :param as_of: the state as it was known then (ISO 8601); what was withdrawn does not come back
    :type as_of: string, optional
    :param limit: how many records; default 1000, at most 50000
    :type limit: int, optional
    :param offset: from which record on
    :type offset: int, optional

    :returns: ``indicator``, ``unit`` (``de``, ``en``), ``total``, ``limit``, ``offset`` and
        ``records`` with ``region``, ``period``, ``period_start``, ``period_end``, ``value``,
        ``low``, ``high`` (95 % interval), ``numerator``, ``denominator``, ``state``, ``quality``,
        ``age_days``, ``captured_at``, ``sources``, ``pooled`` (years taken together)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_indicator_values", context, data_dict)
    accepted = {
        "id": q.needed(),
        "region": q.texts(),
        "start": q.date(),
        "end": q.date(),
        "as_of": q.moment(),
        **q.paging(),
    }
    data = q.validated(data_dict, accepted)
    with q.asked():
        known = public_figures()
        table = known.select(
            data["id"],
            q.region_keys(data.get("region")),
            data.get("start"),
            data.get("end"),
            data.get("as_of"),
        )
        unit = dict(known.catalogue[data["id"]].unit)
    found = q.page(table, data, ("indicator", "unit"))
    return {"indicator": data["id"], "unit": unit, **found}


@tk.side_effect_free
def sozialdaten_series_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """All released series.

    :returns: for each ``series`` (source and column), ``source``, ``units``, ``cells``,
        ``regions``, ``first``, ``last``, ``captured_at``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_series_list", context, data_dict)
    with q.asked():
        found = public_figures().lake.series(Zone.PUBLIC)
    return [
        {
            "series": info.name,
            "source": info.source,
            "units": list(info.units),
            "cells": info.cells,
            "regions": info.regions,
            "first": q.shown(info.first),
            "last": q.shown(info.last),
            "captured_at": q.shown(info.captured_at),
        }
        for info in found
    ]


@tk.side_effect_free
def sozialdaten_series_values(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The released cells of a series.

    :param series: name of the series
    :type series: string
    :param region: keys of regions, repeated or with commas; default: all
    :type region: list of strings, optional
    :param start: only references that start on this day or later (YYYY-MM-DD)
    :type start: string, optional
    :param end: only references that end on this day or earlier (YYYY-MM-DD)
    :type end: string, optional
    :param dimensions: codes as JSON, such as ``{"altersgruppe": "INSGESAMT"}``
    :type dimensions: string, optional
    :param stichtag: of each cell the last reference not after this day, with ``age_days``
    :type stichtag: string, optional
    :param as_of: the state as it was known then (ISO 8601)
    :type as_of: string, optional
    :param gebietsstand: figures on the territorial state of this day: a merger is the exact sum, a
        part of a split region an estimate, and what lacks a part is incomplete
    :type gebietsstand: string, optional
    :param limit: how many records; default 1000, at most 50000
    :type limit: int, optional
    :param offset: from which record on
    :type offset: int, optional

    :returns: ``series``, ``total``, ``limit``, ``offset`` and ``records`` with region, reference,
        dimensions, value, unit, quality, source, captured_at; on another territorial state without
        captured_at, but with ``gebietsstand`` (where it came from), ``conversion`` (``unchanged``,
        ``merged``, ``estimated``, ``incomplete``, ``unmatched``) and ``parts``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_series_values", context, data_dict)
    accepted = {
        "series": q.needed(),
        "region": q.texts(),
        "start": q.date(),
        "end": q.date(),
        "dimensions": q.codes(),
        "stichtag": q.date(),
        "as_of": q.moment(),
        "gebietsstand": q.date(),
        **q.paging(),
    }
    data = q.validated(data_dict, accepted)
    state = data.get("gebietsstand")
    with q.asked():
        keys = q.region_keys(data.get("region"))
        table = public_figures().lake.values(
            data["series"],
            regions=None if state else keys,
            start=data.get("start"),
            end=data.get("end"),
            dimensions=data.get("dimensions"),
            as_of=data.get("as_of"),
            stichtag=data.get("stichtag"),
            zone=Zone.PUBLIC,
        )
        if state:
            table = _on_state(table, state, keys)
    return {"series": data["series"], **q.page(table, data, ("series",))}


@tk.side_effect_free
def sozialdaten_region_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Regions of the register.

    :param within: only regions inside this one
    :type within: string, optional
    :param level: only regions of this level: ``bund``, ``land``, ``regierungsbezirk``, ``kreis``,
        ``verband``, ``gemeinde``
    :type level: string, optional
    :param q: part of a name, or the head of a key
    :type q: string, optional

    :returns: for each ``key``, ``ars``, ``name``, ``designation``, ``level``, ``parent``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_region_list", context, data_dict)
    data = q.validated(data_dict, {"within": q.text(), "level": q.text(), "q": q.text()})
    wanted = data.get("level")
    if wanted and wanted not in [level.value for level in Level]:
        raise tk.ValidationError({"level": [tk._("There is no such level.")]})
    register = Register.default()
    with q.asked():
        if data.get("q"):
            found = list(register.search(data["q"], limit=len(register)))
        else:
            found = [register.get(key) for key in dict.fromkeys(item.ags for item in register)]
        if data.get("within"):
            inside = _inside(register, register.normalise(data["within"]))
            found = [item for item in found if item.ags in inside]
    return [_region(item) for item in found if wanted in (None, "", item.level.value)]


@tk.side_effect_free
def sozialdaten_region_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A region with those above and inside it.

    :param id: its key: AGS or ARS, also padded with zeros
    :type id: string

    :returns: what `sozialdaten_region_list` tells of it, and ``above`` and ``inside``: keys
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_region_show", context, data_dict)
    data = q.validated(data_dict, {"id": q.needed()})
    register = Register.default()
    with q.asked():
        item = register.get(data["id"])
    return {
        **_region(item),
        "above": list(register.ancestors(item.ags)),
        "inside": list(register.children(item.ags)),
    }


@tk.side_effect_free
def sozialdaten_combine(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Two released series as a ratio, for all regions around the numerator.

    Dimensions that are not named count by their total. Where the denominator has no figure of the
    year, its last one counts, with its age in ``age_days``.

    :param numerator: name of a series
    :type numerator: string
    :param denominator: name of a series
    :type denominator: string
    :param numerator_dimensions: codes as JSON
    :type numerator_dimensions: string, optional
    :param denominator_dimensions: codes as JSON
    :type denominator_dimensions: string, optional
    :param factor: 100 for per cent, 1000 for per mille; default 1
    :type factor: float, optional
    :param within_years: how many years old the denominator may be; default 1
    :type within_years: int, optional
    :param census_base: census that both shall rest on, where there are figures of several
    :type census_base: string, optional
    :param region: keys of regions, repeated or with commas; default: all
    :type region: list of strings, optional
    :param limit: how many records; default 1000, at most 50000
    :type limit: int, optional
    :param offset: from which record on
    :type offset: int, optional

    :returns: ``unit``, ``total``, ``limit``, ``offset`` and ``records`` as those of
        `sozialdaten_indicator_values`
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_combine", context, data_dict)
    accepted = {
        "numerator": q.needed(),
        "denominator": q.needed(),
        "factor": q.number(),
        "numerator_dimensions": q.codes(),
        "denominator_dimensions": q.codes(),
        "within_years": q.count(1),
        "census_base": q.text(),
        "region": q.texts(),
        **q.paging(),
    }
    data = q.validated(data_dict, accepted)
    with q.asked():
        keys = q.region_keys(data.get("region"))
        table = combine(
            public_figures().lake,
            Part(data["numerator"], data.get("numerator_dimensions") or {}),
            Part(data["denominator"], data.get("denominator_dimensions") or {}),
            factor=data.get("factor") or 1.0,
            within_years=min(data["within_years"], 10),
            census_base=data.get("census_base") or "",
            regions=keys,
        )
    unit = table["unit"][0].as_py() if table.num_rows else ""
    return {"unit": unit, **q.page(table, data, ("indicator", "unit"))}


def _on_state(table: "pa.Table", state: dt.date, keys: list[str] | None) -> "pa.Table":
    """Cells on another territorial state; only then it is known which regions they belong to."""
    import pyarrow.compute as pc

    told = ("series", "region", "reference_start", "reference_end", "dimensions", "value", "unit")
    found = convert(table.select([*told, "quality", "source"]), state)
    return found if keys is None else found.filter(pc.field("region").isin(keys))


def _inside(register: Register, key: str) -> set[str]:
    """All regions inside one, found from above: asking each for those above it takes seconds."""
    found: set[str] = set()
    waiting = list(register.children(key))
    while waiting:
        child = waiting.pop()
        if child not in found:
            found.add(child)
            waiting += register.children(child)
    return found


def _brief(item: Indicator) -> dict[str, Any]:
    return {
        "id": item.id,
        "theme": item.theme,
        "name": dict(item.name),
        "description": dict(item.description),
        "unit": dict(item.unit),
        "polarity": item.polarity.value,
        "periods": item.periods.value,
        "levels": [level.value for level in item.levels],
        "decimals": item.decimals,
        "headline": item.headline,
    }


def _region(item: Region) -> dict[str, Any]:
    return {
        "key": item.ags,
        "ars": item.ars,
        "name": item.name,
        "designation": item.designation,
        "level": item.level.value,
        "parent": item.parent,
    }

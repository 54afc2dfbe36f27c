"""What follows from other fields of a dataset and is therefore never typed."""

import json
from typing import Any

from ckan import types
from ckan.logic.converters import convert_to_extras

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.licences import find_licence
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Level, Register

__all__ = ["attribution_missing", "region_iri", "set_spatial_coverage", "set_themes"]

_GEOCODING = "http://dcat-ap.de/def/politicalGeocoding/"
_KEYS = {
    Level.LAND: "stateKey",
    Level.REGIERUNGSBEZIRK: "governmentDistrictKey",
    Level.KREIS: "districtKey",
    Level.GEMEINDE: "municipalityKey",
}
_GERMANY = "http://publications.europa.eu/resource/authority/country/DEU"


def region_iri(ags: str, level: Level) -> str:
    """The address of a region in the lists of DCAT-AP.de; empty where they lack its level."""
    if level is Level.BUND:
        return _GERMANY
    return f"{_GEOCODING}{_KEYS[level]}/{ags}" if level in _KEYS else ""


def _extra(data: types.FlattenDataDict, name: str) -> tuple[Any, str | None]:
    """Number and value of an extra field: by now scheming has moved our fields there."""
    for key, value in data.items():
        if len(key) == 3 and key[0] == "extras" and key[2] == "key" and value == name:
            return key[1], data.get(("extras", key[1], "value"))
    return None, None


def _list(data: types.FlattenDataDict, name: str) -> list[str]:
    _number, text = _extra(data, name)
    try:
        values = json.loads(text) if text else []
    except ValueError:
        return []
    return values if isinstance(values, list) else []


def attribution_missing(data: types.FlattenDataDict) -> bool:
    """Whether the licence demands an attribution that the dataset lacks."""
    licence = find_licence(str(data.get(("license_id",)) or ""))
    _number, text = _extra(data, "license_attribution")
    return bool(licence and licence.attribution and not text)


def set_spatial_coverage(data: types.FlattenDataDict) -> None:
    """Write ``spatial_coverage`` (address, name, bounding box) of each region for DCAT."""
    for key in [key for key in data if key[0] == "spatial_coverage"]:
        del data[key]
    register = Register.default()
    for number, ags in enumerate(_list(data, "regions")):
        try:
            region = register.get(ags)
        except SozialdatenError:
            continue
        data["spatial_coverage", number, "uri"] = region_iri(ags, region.level)
        data["spatial_coverage", number, "text"] = region.name
        if box := register.bbox([ags]):
            west, south, east, north = box
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            data["spatial_coverage", number, "bbox"] = json.dumps(
                {"type": "Polygon", "coordinates": [ring]}
            )


def set_themes(
    data: types.FlattenDataDict, errors: types.FlattenErrorDict, context: types.Context
) -> None:
    """Write the EU data themes that follow from the social themes, unless some were chosen.

    ``theme_derived`` keeps what was derived: what comes back as it was derived is nobody's
    choice, and follow when the social themes change.
    """
    given, before = _list(data, "theme"), _list(data, "theme_derived")
    if given and set(given) != set(before):
        _put("theme_derived", [], data, errors, context)
        return
    wanted = _themes_of(_list(data, "social_theme"))
    for name in ("theme", "theme_derived"):
        _put(name, wanted, data, errors, context)


def _themes_of(social_themes: list[str]) -> list[str]:
    ours, europe = codelist("social_themes"), codelist("data_themes")
    wanted: list[str] = []
    for code in social_themes:
        found = ours.find(code)
        more = found.more["data_themes"] if found else []
        wanted += [item.value for name in more if (item := europe.find(name))]  # type: ignore[attr-defined]
    return list(dict.fromkeys(wanted))


def _put(
    name: str,
    values: list[str],
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """Set an extra field to a JSON list; an empty one is left out."""
    number, _text = _extra(data, name)
    if number is not None:
        for key in [key for key in data if key[:2] == ("extras", number)]:
            del data[key]
    if values:
        data[(name,)] = json.dumps(values)
        convert_to_extras((name,), data, errors, context)
        del data[(name,)]

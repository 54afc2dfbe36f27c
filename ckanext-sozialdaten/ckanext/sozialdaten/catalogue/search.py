"""What goes into the search index, and how questions are put to it."""

import datetime as dt
import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.scheming.helpers import scheming_get_dataset_schema

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.labels import region_name
from ckanext.sozialdaten.catalogue.periods import covered_years
from ckanext.sozialdaten.catalogue.places import find_place
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Level, Register

__all__ = ["QUERY_FIELDS", "index_document", "query_parameters"]

QUERY_FIELDS = "name^4 title_de^6 title^4 tags^2 groups^2 text_de text document_text^0.5"
"""Where a search looks: the German fields of deployment/solr/additions.xml beside CKAN's."""

_FACETS = ("social_theme", "spatial_level", "department", "document_kind")
_NOTHING = "-*:*"
_QUERY_SYNTAX = ":"


def index_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document that CKAN is about to index, with facets, place and people's words.

    Long texts leave the top level: there a field is one string of at most 32 KiB. As ``extras_…``
    they stay searchable.
    """
    texts = {
        name.removeprefix("extras_"): value
        for name, value in document.items()
        if name.startswith("extras_")
    }
    for name in _plain_fields():
        if name in texts:
            document.pop(name, None)
    regions = _list(texts.get("regions"))
    themes = _list(texts.get("social_theme"))
    document["regions"] = regions
    document["region_tree"] = sorted({key for ags in regions for key in _with_ancestors(ags)})
    document["social_theme"] = themes
    document["linked_indicators"] = _list(texts.get("indicators"))
    document["year"] = [str(year) for year in _years(texts)]
    places = [*regions, *_shown_regions(regions, texts.get("spatial_level"))]
    document["extras_words"] = " ".join([*map(region_name, places), *_names(texts, themes)])
    extent = _extent(regions)
    if extent:
        document["spatial"] = document["extras_spatial"] = extent
    return document


def _plain_fields() -> frozenset[str]:
    """Fields of our schema that need no place of their own in the index.

    Facets do, and repeating fields are taken apart by ckanext-dcat.
    """
    schema = scheming_get_dataset_schema("dataset") or {"dataset_fields": ()}
    return frozenset(
        field["field_name"]
        for field in schema["dataset_fields"]
        if "repeating_subfields" not in field and field["field_name"] not in _FACETS
    )


def _list(value: Any) -> list[str]:
    if isinstance(value, list):
        return value
    try:
        return list(json.loads(value)) if value else []
    except ValueError:
        return []


def _with_ancestors(ags: str) -> tuple[str, ...]:
    try:
        return (ags, *Register.default().ancestors(ags))
    except SozialdatenError:
        return (ags,)


def _shown_regions(regions: list[str], level: Any) -> list[str]:
    """The Gemeinden of the Kreise that a dataset shows one by one: people search for their own."""
    if level not in (Level.GEMEINDE, "ortsteil"):
        return []
    register = Register.default()
    found: list[str] = []
    for ags in regions:
        try:
            if register.level(ags) is Level.KREIS:
                found += register.children(ags, Level.GEMEINDE)
        except SozialdatenError:
            continue
    return found


def _years(texts: dict[str, Any]) -> list[int]:
    today = dt.datetime.now(tz=dt.UTC).date()
    years: set[int] = set()
    for period in _list(texts.get("temporal_coverage")):
        if isinstance(period, dict):
            years.update(covered_years(period.get("start"), period.get("end"), today))
    if not years and (day := str(texts.get("reference_date") or "")[:10]):
        years.update(covered_years(day, day, today))
    return sorted(years)


def _names(texts: dict[str, Any], themes: list[str]) -> list[str]:
    """German and English names of the codes, so that a search for the name finds the code."""
    codes = [("social_themes", theme) for theme in themes]
    for name, field in (("departments", "department"), ("document_kinds", "document_kind")):
        if code := texts.get(field):
            codes.append((name, code))
    return [codelist(name).title(code, lang) for name, code in codes for lang in ("de", "en")]


def _extent(regions: list[str]) -> str:
    """The area as GeoJSON for ckanext-spatial: the outline where its backend knows polygons."""
    if not regions:
        return ""
    register = Register.default()
    try:
        if tk.config.get("ckanext.spatial.search_backend") == "solr-spatial-field":
            outline = register.outline(regions)
            return json.dumps(outline) if outline else ""
        box = register.bbox(regions)
    except SozialdatenError:
        return ""
    if box is None:
        return ""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def query_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Search in German too, and in the place that ``ext_place`` names.

    Synonyms of several words need the whole question at once, hence ``edismax``. A question in
    Solr's own syntax stays one.
    """
    if _QUERY_SYNTAX not in (parameters.get("q") or ""):
        parameters.setdefault("defType", "edismax")
    parameters.setdefault("qf", QUERY_FIELDS)
    place = (parameters.get("extras") or {}).get("ext_place")
    if isinstance(place, str) and place.strip():
        filters = list(parameters.get("fq_list") or [])
        parameters["fq_list"] = [*filters, _place_filter(place)]
    return parameters


def _place_filter(text: str) -> str:
    """Datasets about the place, about regions inside it, and about regions that it lies in."""
    region = find_place(text)
    if region is None:
        return _NOTHING
    above = " OR ".join(f'"{ags}"' for ags in Register.default().ancestors(region.ags))
    inside = f'region_tree:"{region.ags}"'
    return f"{inside} OR regions:({above})" if above else inside

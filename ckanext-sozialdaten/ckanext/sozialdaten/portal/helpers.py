"""Helpers of the portal's templates."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from dominate import tags
from markupsafe import Markup

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.lake.layouts import Field, FieldType
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._colours import theme_of
from ckanext.sozialdaten.portal._table import previewable
from ckanext.sozialdaten.portal._themes import social_themes
from ckanext.sozialdaten.portal._versions import asset_version
from ckanext.sozialdaten.portal.documents import Paper, linked
from ckanext.sozialdaten.portal.indicator import Tile, home_region, tiles
from ckanext.sozialdaten.portal.indicator import places as indicator_places
from ckanext.sozialdaten.portal.report import Measure, progress_name

__all__ = [
    "sozialdaten_asset_version",
    "sozialdaten_day",
    "sozialdaten_documents",
    "sozialdaten_home",
    "sozialdaten_languages",
    "sozialdaten_logo",
    "sozialdaten_operator",
    "sozialdaten_pager",
    "sozialdaten_preview_links",
    "sozialdaten_progress",
    "sozialdaten_text",
    "sozialdaten_theme",
    "sozialdaten_type_name",
]

_NEWEST = 5


@dataclass(frozen=True, slots=True)
class _Theme:
    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class _Home:
    """What the home page shows."""

    count: int
    themes: list[_Theme]
    newest: list[dict[str, Any]]
    regions: list[tuple[str, str]]
    region: tuple[str, str]
    tiles: list[Tile]


def sozialdaten_home() -> _Home:
    """Themes with counts, newest releases, regions with data, and the Kreis at a glance."""
    answer = tk.get_action("package_search")(
        {"user": tk.current_user.name},
        {
            "rows": _NEWEST,
            "sort": "metadata_created desc",
            "facet.field": ["social_theme", "regions"],
            "facet.limit": 1000,
            "include_private": False,
        },
    )
    counts: Mapping[str, int] = answer["facets"].get("social_theme", {})
    language = frame.language()
    themes = [
        _Theme(entry["code"], entry[language], counts.get(entry["code"], 0))
        for entry in social_themes()
    ]
    places = regions.living_in(answer["facets"].get("regions", {}))
    # a Gemeinde can be chosen once anything is known of it: a dataset or an indicator
    told = {*places, *(key for key, _ in indicator_places())}
    picks = [(key, regions.name_of(key)) for key in sorted(told, key=regions.name_of)]
    own = home_region()
    shown = tiles(own, options.home_indicators()) if own else []
    return _Home(
        answer["count"],
        themes,
        answer["results"],
        picks,
        (own, regions.name_of(own) if own else ""),
        shown,
    )


def sozialdaten_pager(page: Any, **parameters: Any) -> Markup:
    """Links to the other pages of a list; the arrows have names, which CKAN's own lack."""
    return page.pager(
        symbol_previous=_arrow("left", tk._("Previous page")),
        symbol_next=_arrow("right", tk._("Next page")),
        **parameters,
    )


def _arrow(side: str, name: str) -> Any:
    """CKAN builds its links with dominate, which escapes plain markup."""
    sign = tags.i(cls=f"fa-solid fa-chevron-{side}", aria_hidden="true")
    return tags.span(sign, tags.span(name, cls="visually-hidden"))


def sozialdaten_preview_links(package: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Address, label and icon of map and time series of a dataset; none where it has no table.

    Looks at the metadata only: the dataset page must not read figures.
    """
    if not any(previewable(resource) for resource in package.get("resources", [])):
        return []
    address = tk.h.url_for(f"{package['type']}.read", id=package["name"])
    return [
        (f"{address}/karte", tk._("Map"), "map"),
        (f"{address}/verlauf", tk._("Time series"), "chart-line"),
    ]


def sozialdaten_text(record: Mapping[str, Any], name: str) -> str:
    """A field in the reader's language."""
    return frame.text_of(record, name)


def sozialdaten_type_name(column: Field) -> str:
    """The type of a column in the reader's language."""
    names = {
        FieldType.STRING: tk._("text"),
        FieldType.INTEGER: tk._("whole number"),
        FieldType.NUMBER: tk._("decimal number"),
        FieldType.BOOLEAN: tk._("yes or no"),
        FieldType.DATE: tk._("date"),
        FieldType.DATETIME: tk._("date and time"),
        FieldType.YEAR: tk._("year"),
        FieldType.YEARMONTH: tk._("month"),
    }
    return names.get(column.type, tk._("any"))


def sozialdaten_documents(*, indicator: str = "", region: str = "") -> tuple[Paper, ...]:
    """The newest documents of an indicator or a region."""
    return linked(indicator, region)


def sozialdaten_progress(measure: Measure) -> str:
    """How far a measure has come, in the reader's language."""
    return progress_name(measure.progress).text(frame.language())


def sozialdaten_day(stamp: object) -> str:
    """A date in the reader's notation."""
    return frame.day(stamp)


def sozialdaten_operator() -> options.Operator:
    """Who runs this portal."""
    return options.operator()


def sozialdaten_logo() -> str:
    """Address of the operator's logo; empty for the sign of the software."""
    return options.logo()


def sozialdaten_theme() -> str:
    """Address of the style sheet with the operator's colours; empty where none are chosen."""
    css = theme_of(*options.colours()).css()
    if not css:
        return ""
    digest = hashlib.sha256(css.encode()).hexdigest()[:10]
    return tk.h.url_for("sozialdaten_portal.colours", v=digest, locale="default")


def sozialdaten_languages() -> list[tuple[str, str, bool]]:
    """Address of this page in each language that is complete: address, name, whether shown."""
    current = frame.language()
    return [
        (tk.h.url_for(tk.h.current_url(), locale=code), name, code == current)
        for code, name in (("de", "Deutsch"), ("en", "English"))
    ]


def sozialdaten_asset_version() -> str:
    """Part of the address of our script, so that a new version is never taken from a cache."""
    return asset_version()

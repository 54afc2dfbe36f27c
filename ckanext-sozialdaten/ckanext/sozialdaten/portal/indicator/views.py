"""Routes of the indicators: the overview, the page of one, its files."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.indicators import UnknownIndicatorError
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures
from ckanext.sozialdaten.portal.documents import found as found_papers
from ckanext.sozialdaten.portal.indicator._address import Address, Tab
from ckanext.sozialdaten.portal.indicator._alike import alike
from ckanext.sozialdaten.portal.indicator._answers import answers_to
from ckanext.sozialdaten.portal.indicator._controls import controls_of
from ckanext.sozialdaten.portal.indicator._figures import figures_of
from ckanext.sozialdaten.portal.indicator._files import WRITERS
from ckanext.sozialdaten.portal.indicator._funnel import has_funnel
from ckanext.sozialdaten.portal.indicator._overview import by_theme, home_region, places, tiles
from ckanext.sozialdaten.portal.indicator._page import Page
from ckanext.sozialdaten.portal.indicator._pictures import as_pdf, as_png, as_svg
from ckanext.sozialdaten.portal.indicator._scope import scope_of
from ckanext.sozialdaten.publishing.frames import embeddable

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_indicator", __name__)

_PAGES = 256
_DATASETS = 10
_PAPERS = 5
_DRAWN = {
    "svg": ("image/svg+xml", as_svg),
    "png": ("image/png", as_png),
    "pdf": ("application/pdf", as_pdf),
}


def page_of(indicator: str, address: Address) -> Page | None:
    """The page of a state; None where the indicator has no figures.

    Raises:
        UnknownIndicatorError: there is no such indicator.
    """
    if address.tab is Tab.FUNNEL and not has_funnel(public_figures().catalogue[indicator]):
        address = replace(address, tab=None, unread=(*address.unread, "ansicht"))
    scope = scope_of(figures_of(indicator, address.as_of), address, alike)
    return Page(scope, address.query(unread=())) if scope else None


@blueprint.route("/kennzahlen/<indicator>")
def show(indicator: str) -> Any:
    """The page of an indicator in the state that the query names."""
    query = tk.request.args
    address = Address.from_query(query)
    if any(not value for name in query for value in query.getlist(name)) or "grenzen" in query:
        # forms send empty fields: the address that people copy does not hold them
        return redirect(tk.request.path + address.query())
    try:
        definition = public_figures().catalogue[indicator]
    except UnknownIndicatorError:
        tk.abort(404)
    token = figures_token()
    body, title = _body(definition.id, address, frame.language(), token)
    shown = {"body": tk.literal(body), "title": title, "indicator": definition.id}
    return tk.render("sozialdaten/indicator.html", shown)


@blueprint.route("/kennzahlen/<indicator>/einbetten")
def embed(indicator: str) -> str:
    """The view alone, for a frame on another site: no script, no cookie, a way back."""
    try:
        page = page_of(indicator, Address.from_query(tk.request.args))
    except UnknownIndicatorError:
        tk.abort(404)
    if page is None:
        return tk.abort(404)
    embeddable(options.embed_sites())
    return tk.render("sozialdaten/indicator_embed.html", {"page": page})


@blueprint.route("/kennzahlen/<indicator>.<any(csv,xlsx,parquet,json,geojson,svg,png,pdf):kind>")
def twin(indicator: str, kind: str) -> Response:
    """The state that the query names, as a file."""
    try:
        page = page_of(indicator, Address.from_query(tk.request.args))
    except UnknownIndicatorError:
        tk.abort(404)
    if page is None:
        return tk.abort(404)
    if kind in WRITERS:
        mimetype, write = WRITERS[kind]
        body = write(page)
    else:
        mimetype, draw = _DRAWN[kind]
        body = draw(page)
    if body is None:
        return tk.abort(404)
    answer = Response(body, content_type=mimetype)
    # pictures are shown where they are embedded, tables are saved
    placed = "inline" if kind in _DRAWN else "attachment"
    answer.headers["Content-Disposition"] = f'{placed}; filename="{page.file_name}.{kind}"'
    return answer


@lru_cache(maxsize=_PAGES)
def _body(indicator: str, address: Address, language: str, _token: str) -> tuple[str, str]:
    """What the page shows between header and footer; the same for every reader, so it is kept."""
    page = page_of(indicator, address)
    definition = public_figures().catalogue[indicator]
    if page is None:
        return (
            tk.render("sozialdaten/indicator_empty.html", {"indicator": definition}),
            definition.label(language),
        )
    shown = {"page": page, "controls": controls_of(page)}
    return tk.render("sozialdaten/indicator_body.html", shown), page.view.title


@dataclass(frozen=True, slots=True)
class _Place:
    key: str
    name: str


@blueprint.route("/kennzahlen")
def index() -> str:
    """All indicators of a region, by theme."""
    query = tk.request.args.get("q", "").strip()
    asked = tk.request.args.get("gebiet", "")
    known = dict(places())
    key = asked if asked in known else home_region()
    shown = {
        "region": _Place(key, regions.name_of(key)) if key else None,
        "themes": by_theme(tiles(key), query) if key else [],
        "places": list(known.items()),
        "query": query,
    }
    return tk.render("sozialdaten/indicators.html", shown)


def _datasets(text: str) -> dict[str, Any]:
    """Datasets for the words of a search, without documents."""
    query = {"q": text, "fq": "-document_kind:[* TO *]", "rows": _DATASETS}
    return tk.get_action("package_search")({"user": tk.current_user.name}, query)


@blueprint.route("/suche")
def search() -> Any:
    """One box for figures, places and datasets; a clear question leads to its page at once."""
    text = tk.request.args.get("q", "").strip()
    found = answers_to(text, tk.request.args.get("gebiet", ""))
    if found.clear:
        return redirect(tk.h.url_for("sozialdaten_indicator.index") + "/" + found.clear)
    asked, datasets = text, _datasets(text)
    if not datasets["count"] and found.words:
        # a place or a year that no dataset names
        asked, datasets = found.words, _datasets(found.words)
    shown = {
        "query": text,
        "asked": asked,
        "answers": found,
        "datasets": datasets["results"],
        "papers": found_papers(text, _PAPERS) or found_papers(found.words, _PAPERS),
        "count": datasets["count"],
    }
    return tk.render("sozialdaten/search.html", shown)

"""Routes of the portal: file twins of the previews, short addresses, legal pages."""

import csv
import io
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import config
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten import config as options
from ckanext.sozialdaten.formulas import neutral
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._colours import theme_of
from ckanext.sozialdaten.portal._map_view import MapPreview, map_preview
from ckanext.sozialdaten.portal._series_view import SeriesPreview, series_preview
from ckanext.sozialdaten.portal._state import State
from ckanext.sozialdaten.portal._table import Table, previewable
from ckanext.sozialdaten.portal.preview import Cell, document, line_file, map_file, remark_text
from ckanext.sozialdaten.portal.region import profile_of

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_portal", __name__)

_COLUMNS = (
    "ags", "region", "period", "figure", "dimensions", "value", "unit", "quality", "remark",
    "captured_at",
)  # fmt: skip
_MOST_DATASETS = 200
Preview = MapPreview | SeriesPreview
_MAKERS = {"karte": map_preview, "verlauf": series_preview}
_VIEW_TYPES = {"karte": "sozialdaten_map", "verlauf": "sozialdaten_timeseries"}


def _load(dataset: str, resource_id: str, name: str) -> Preview:
    """The preview ``name`` of a resource that the reader may see; 404 for everything else."""
    context: Any = {"user": tk.current_user.name}
    try:
        package = tk.get_action("package_show")(context, {"id": dataset})
        resource = next(item for item in package["resources"] if item["id"] == resource_id)
        table = Table.of(resource)
        if table is None:
            tk.abort(404)
        found = _MAKERS[name](table, State.from_query(tk.request.args), package, resource)
    except (tk.ObjectNotFound, tk.NotAuthorized, StopIteration):
        tk.abort(404)
    if found is None:
        tk.abort(404)
    return found


def _attachment(body: str, mimetype: str, filename: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


@blueprint.route("/dataset/<dataset>/resource/<resource_id>/<any(karte,verlauf):name>.svg")
def picture(dataset: str, resource_id: str, name: str) -> Response:
    """The shown state as a picture with headline, legend and source."""
    preview = _load(dataset, resource_id, name)
    lines = [*preview.notes, *(f"{fact.label}: {fact.text}" for fact in preview.facts)]
    lines.append(str(config["ckan.site_title"]))
    if isinstance(preview, MapPreview):
        board = preview.board
        svg = map_file(board.file_scene, board.title, board.missing, lines)
    else:
        svg = line_file(preview.chart, preview.title, lines)
    return _attachment(document(svg, lines), "image/svg+xml", f"{dataset}-{name}.svg")


@blueprint.route("/dataset/<dataset>/resource/<resource_id>/<any(karte,verlauf):name>.csv")
def figures(dataset: str, resource_id: str, name: str) -> Response:
    """The shown figures as CSV (RFC 4180, UTF-8 with byte order mark, decimal point)."""
    preview = _load(dataset, resource_id, name)
    stream = io.StringIO()
    writer = csv.writer(stream)
    facts = {fact.label: fact.text for fact in preview.facts}
    for told in (tk._("Reference period"), tk._("Captured at")):
        facts.pop(told, None)
    captured = frame.captured(preview.resource, preview.package)
    writer.writerow([neutral(name) for name in (*_COLUMNS, *facts)])
    fixed = [preview.column.label(frame.language()), "; ".join(preview.notes)]
    for key, region, period, cell in _cells(preview):
        value = "" if cell.value is None else f"{cell.value:.10g}"
        remark = remark_text(cell, frame.language())
        shown = (value, preview.column.unit, cell.sign, remark, captured)
        told = (key, region, period, *fixed, *shown, *facts.values())
        writer.writerow([neutral(str(text)) for text in told])
    body = "\ufeff" + stream.getvalue()
    return _attachment(body, "text/csv", f"{dataset}-{name}.csv")


def _cells(preview: Preview) -> list[tuple[str, str, str, Cell]]:
    """Every figure that the page shows: region key, region, period, cell."""
    if isinstance(preview, MapPreview):
        board = preview.board
        lines = [*board.lines, *([board.above_line] if board.above_line else [])]
        return [(line.key, line.name, preview.period, line.cell) for line in lines]
    return [
        (series.key, series.name, period.key, cell)
        for series in preview.series
        for period, cell in zip(preview.figures.periods, series.cells, strict=True)
    ]


@blueprint.route("/dataset/<dataset>/<any(karte,verlauf):name>")
def shortcut(dataset: str, name: str) -> Any:
    """The short address of a dataset's first map or time series."""
    context: Any = {"user": tk.current_user.name}
    try:
        package = tk.get_action("package_show")(context, {"id": dataset})
        for resource in package["resources"]:
            if previewable(resource) is None:
                continue
            views = tk.get_action("resource_view_list")(context, {"id": resource["id"]})
            for view in views:
                if view["view_type"] == _VIEW_TYPES[name]:
                    query = {**tk.request.args.to_dict(flat=False), "view_id": [view["id"]]}
                    address = tk.h.url_for(
                        f"{package['type']}_resource.read",
                        id=package["name"],
                        resource_id=resource["id"],
                        **query,
                    )
                    return redirect(f"{address}#view-{view['id']}")
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404)
    return tk.abort(404)


@blueprint.route("/gebiete")
def find_region() -> Any:
    """From a form that names a region to its page."""
    key = tk.request.args.get("gebiet", "")
    if not regions.known(key):
        tk.abort(404)
    return tk.redirect_to("sozialdaten_portal.region", key=key)


@blueprint.route("/gebiete/<key>")
def region(key: str) -> str:
    """A region: its figures, their place among its like, areas inside it, datasets."""
    if not regions.known(key):
        tk.abort(404)
    found = tk.get_action("package_search")(
        {"user": tk.current_user.name},
        {
            "fq": regions.holding(key),
            "rows": _MOST_DATASETS,
            "sort": "title_string asc",
        },
    )
    asked = tk.request.args
    shown = {
        "region": profile_of(key, asked.getlist("mit"), asked.get("profil") == "alle"),
        # documents have a place of their own on the page
        "datasets": [one for one in found["results"] if not one.get("document_kind")],
    }
    return tk.render("sozialdaten/region.html", shown)


@blueprint.route("/farben.css")
def colours() -> Response:
    """The operator's colours as a style sheet; its address changes with them."""
    answer = Response(theme_of(*options.colours()).css(), mimetype="text/css")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@blueprint.route("/leichte-sprache")
def plain_language() -> str:
    """What this portal is, in plain language."""
    return tk.render("sozialdaten/plain_language.html", {"operator": options.operator()})


@blueprint.route("/barriere-melden")
def feedback() -> str:
    """How to report a barrier; ``seite`` names the page that it stands on."""
    page = tk.request.args.get("seite", "")
    own = page if page.startswith("/") and not page.startswith("//") else ""
    shown = {"operator": options.operator(), "page": own}
    return tk.render("sozialdaten/feedback.html", shown)


@blueprint.route("/barrierefreiheit")
def accessibility() -> str:
    """The accessibility statement."""
    return tk.render("sozialdaten/accessibility.html", {"operator": options.operator()})


@blueprint.route("/datenschutz")
def privacy() -> str:
    """What this portal stores of its visitors."""
    return tk.render("sozialdaten/privacy.html", {"operator": options.operator()})


@blueprint.route("/impressum")
def imprint() -> str:
    """Who runs this portal."""
    return tk.render("sozialdaten/imprint.html", {"operator": options.operator()})

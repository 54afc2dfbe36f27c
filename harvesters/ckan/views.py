"""Pages of the sources: for the people of the organisations that answer for them."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Blueprint

from ckanext.sozialdaten.harvesters.ckan import dry_runs, wizard
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.sources import list_sources, load_source

__all__ = ["sources"]

sources = Blueprint("sozialdaten_sources", __name__, url_prefix="/quellen")


def _call(action: str, **data: Any) -> Any:
    """An action in the visitor's name; what they may not know of is simply not there."""
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    try:
        return tk.get_action(action)(context, data)
    except tk.NotAuthorized:
        if not tk.current_user.is_authenticated:
            return tk.abort(403, tk._("Please sign in."))
        return tk.abort(403, tk._("You may not do this."))
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("This page does not exist."))


# both spellings, or the way from one to the other would lose the language
@sources.get("")
@sources.get("/")
def index() -> str:
    """Every source of the visitor's organisations: its state, and the button to fetch it."""
    found = _call("sozialdaten_source_list")
    for source in found:
        source["may_fetch"] = tk.h.check_access("sozialdaten_source_harvest", {"id": source["id"]})
    return tk.render(
        "sozialdaten/sources/index.html",
        {
            "sources": found,
            "running": any(source["progress"] for source in found),
            "available": _available({source["id"] for source in found}),
        },
    )


def _available(registered: set[str]) -> list[dict[str, str]]:
    """Sources that have a description but no registration, of organisations they administer."""
    shown: list[dict[str, str]] = []
    for name in list_sources():
        if name in registered:
            continue
        try:
            source = load_source(name)
        except SourceError as error:
            if getattr(tk.g.userobj, "sysadmin", False):
                shown.append({"id": name, "title": name, "error": error.text(_language())})
            continue
        owner = model.Group.get(source.owner_org)
        if owner and tk.h.check_access("sozialdaten_source_create", {"owner_org": owner.id}):
            title = source.title.get(_language()) or source.title.get("de", name)
            shown.append({"id": name, "title": title, "error": ""})
    return shown


def _language() -> str:
    return "de" if tk.h.lang().startswith("de") else "en"


@sources.post("/alle")
def harvest_all() -> Any:
    """Fetch every source."""
    queued = _call("sozialdaten_source_harvest_all")["queued"]
    tk.h.flash_notice(
        tk._("{count} sources are being fetched. Reload this page to see how far they are.").format(
            count=len(queued)
        )
    )
    return tk.redirect_to("sozialdaten_sources.index")


@sources.route("/neu", methods=["GET", "POST"])
def new() -> Any:
    """The wizard: a description of a source from a sample file."""
    return wizard.page()


@sources.get("/<name>")
def show(name: str) -> str:
    """One source: its state, what waits for a decision, and its deliveries."""
    source = _call("sozialdaten_source_show", id=name)
    may = tk.h.check_access("sozialdaten_source_harvest", {"id": name})
    return tk.render(
        "sozialdaten/sources/source.html",
        {"source": source, "may_fetch": may, "running": bool(source["progress"])},
    )


@sources.post("/<name>/abrufen")
def harvest(name: str) -> Any:
    """Fetch one source now."""
    _call("sozialdaten_source_harvest", id=name)
    tk.h.flash_notice(tk._("The source is being fetched. Reload this page to see how far it is."))
    return tk.redirect_to("sozialdaten_sources.show", name=name)


@sources.post("/<name>/anmelden")
def register(name: str) -> Any:
    """Register a source that has a description."""
    try:
        _call("sozialdaten_source_create", id=name)
    except tk.ValidationError as error:
        _flash(error)
        return tk.redirect_to("sozialdaten_sources.index")
    tk.h.flash_success(tk._("The source is registered and can be fetched."))
    return tk.redirect_to("sozialdaten_sources.show", name=name)


@sources.post("/<name>/probelauf")
def preview(name: str) -> Any:
    """Ask for a dry run."""
    source = _previewed(name)
    if not dry_runs.begin(source["id"]):
        tk.h.flash_error(
            tk._("The dry run could not be started: the queue does not answer. Try again later.")
        )
        return tk.redirect_to("sozialdaten_sources.show", name=name)
    return tk.redirect_to("sozialdaten_sources.previewed", name=name)


@sources.get("/<name>/probelauf")
def previewed(name: str) -> Any:
    """What a dry run found: what the next fetch would bring."""
    source = _previewed(name)
    state = dry_runs.found(source["id"])
    if not state:
        return tk.redirect_to("sozialdaten_sources.show", name=name)
    running = state["state"] == dry_runs.WAITING
    more = {"found": state.get("found", {}), "running": running}
    return tk.render("sozialdaten/sources/preview.html", {"source": source, **more})


def _previewed(name: str) -> Any:
    source = _call("sozialdaten_source_show", id=name)
    if not tk.h.check_access("sozialdaten_source_preview", {"id": name}):
        tk.abort(403, tk._("You may not do this."))
    return source


@sources.post("/<name>/entscheiden")
def decide(name: str) -> Any:
    """Accept a delivery of the quarantine all the same, or reject it."""
    form = tk.request.form
    accept = form.get("decision") == "accept"
    action = "sozialdaten_source_accept" if accept else "sozialdaten_source_reject"
    try:
        _call(action, id=name, digest=form.get("digest", ""), reason=form.get("reason", ""))
    except tk.ValidationError as error:
        _flash(error)
    else:
        tk.h.flash_success(
            tk._("Accepted. The delivery is being taken now.")
            if accept
            else tk._("Rejected. The last good state stays.")
        )
    return tk.redirect_to("sozialdaten_sources.show", name=name)


def _flash(error: tk.ValidationError) -> None:
    for lines in error.error_dict.values():
        for line in lines if isinstance(lines, list) else [lines]:
            tk.h.flash_error(str(line))

"""Routes for staff: write an indicator, look at it, submit it; and all that they have written."""

from importlib import resources
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.indicators import DefinitionError
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal._themes import social_themes
from ckanext.sozialdaten.portal.indicator_edit import _words as words
from ckanext.sozialdaten.portal.indicator_edit._choices import known_series, settled
from ckanext.sozialdaten.portal.indicator_edit._draft import Draft, slug
from ckanext.sozialdaten.portal.indicator_edit._page import Page, changed
from ckanext.sozialdaten.portal.indicator_edit._preview import preview_of
from ckanext.sozialdaten.portal.indicator_edit._reading import (
    MOST,
    draft_of_form,
    draft_of_text,
)
from ckanext.sozialdaten.portal.indicator_edit._verdict import (
    id_of,
    judged,
    judged_text,
    problems,
)
from ckanext.sozialdaten.publishing import proposals
from ckanext.sozialdaten.publishing.indicators import KIND

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_indicator_edit", __name__)

_SAVING = ("speichern", "einreichen")


def _context() -> Any:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


def _staff_only() -> None:
    try:
        tk.check_access("sozialdaten_proposal_save", _context(), {})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error.message or tk._("Please sign in.")))


@blueprint.route("/kennzahlen/neu", methods=["GET", "POST"])
def new() -> Any:
    """A new indicator; ``?vorlage=`` starts from one that exists."""
    _staff_only()
    if tk.request.method == "POST":
        return _posted("")
    model = tk.request.args.get("vorlage", "")
    text = _text_of(model) if model else ""
    if model and not text:
        return tk.abort(404)
    if not text:
        return _shown(Page(Draft(), judged(Draft()), fresh=True), "")
    page = _read(text, "")
    return _shown(page, "")


@blueprint.route("/kennzahlen/<indicator>/bearbeiten", methods=["GET", "POST"])
def edit(indicator: str) -> Any:
    """The next version of an own indicator."""
    _staff_only()
    found = proposals.versions(_context(), KIND, indicator)
    if not found:
        return tk.abort(404, tk._("This page does not exist."))
    if tk.request.method == "POST":
        return _posted(indicator)
    return _shown(_read(found[0].body, indicator), indicator)


@blueprint.route("/kennzahlen/eigene")
def own() -> str:
    """What staff have written, in which state it is, and what cannot be computed now."""
    _staff_only()
    newest: dict[str, proposals.Proposal] = {}
    for found in proposals.listed(_context(), KIND):
        best = newest.get(found.key)
        if best is None or best.version < found.version:
            newest[found.key] = found
    shown = {
        "texts": sorted(newest.values(), key=lambda one: one.saved, reverse=True),
        "names": {key: words.name_in(one.body) or key for key, one in newest.items()},
        "states": words.states(),
        "left_out": [(one.id, one.error.text(language())) for one in _left_out()],
    }
    return tk.render("sozialdaten/indicator_edit/own.html", shown)


@blueprint.route("/kennzahlen/vorschau/<proposal_id>")
def preview(proposal_id: str) -> Any:
    """A version as it would show, for those who may read it."""
    try:
        found = tk.get_action("sozialdaten_proposal_show")(_context(), {"id": proposal_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404, tk._("This page does not exist."))
    if found["kind"] != KIND:
        return tk.abort(404, tk._("This page does not exist."))
    meant, wrong = problems(found["body"])
    shown = {
        "proposal": found,
        "indicator": meant,
        "errors": [problem.told(language()) for problem in wrong],
        "preview": preview_of(meant) if meant and not wrong else None,
        "language": language(),
        "states": words.states(),
        "figures": words.figure_states(),
    }
    return tk.render("sozialdaten/indicator_edit/preview.html", shown)


def _left_out() -> Any:
    return public_figures().catalogue.left_out


def _posted(key: str) -> Any:
    form = tk.request.form
    action = form.get("aktion", "pruefen")
    expert = form.get("modus") == "yaml"
    if action == "yaml" or (expert and action != "formular"):
        page = _read(form.get("yaml", ""), key)
    else:
        draft = changed(settled(draft_of_form(form), language()), action)
        if key:
            draft = draft.renamed(key)
        page = Page(draft, judged(draft))
    if action in _SAVING and not page.verdict.errors:
        error = _saved(page.verdict.text, key or page.verdict.key, submit=action == "einreichen")
        if not error:
            address = tk.h.url_for(
                "sozialdaten_indicator_edit.edit", indicator=key or page.verdict.key
            )
            return tk.redirect_to(address)
        page = page.refused(error)
    return _shown(page, key)


def _saved(text: str, key: str, *, submit: bool) -> str:
    """Save a text, and submit it where that is wanted; what went wrong."""
    try:
        found = tk.get_action("sozialdaten_proposal_save")(
            _context(),
            {
                "kind": KIND,
                "key": key,
                "body": text,
                "organisation": tk.request.form.get("organisation", ""),
            },
        )
        if submit:
            tk.get_action("sozialdaten_proposal_submit")(_context(), {"id": found["id"]})
    except tk.ValidationError as error:
        told: dict[str, Any] = error.error_dict
        return " ".join(str(line) for lines in told.values() for line in lines)
    except tk.NotAuthorized as error:
        return str(error.message or tk._("This text belongs to another organisation."))
    if submit:
        tk.h.flash_success(tk._("Submitted. A reviewer decides now; you are told by e-mail."))
    else:
        tk.h.flash_success(tk._("Saved as draft. Nobody outside your organisation sees it."))
    return ""


def _read(text: str, key: str) -> Page:
    """The page of a text: the form where it can say it, else the YAML alone."""
    ident = key or id_of(text)
    try:
        draft = draft_of_text(text, ident)
    except DefinitionError:
        draft = None
    if draft is None:
        return Page(None, judged_text(text))
    return Page(draft, judged(draft))


def _text_of(model: str) -> str:
    """A definition as a model for a new one, under an id of its own."""
    holder = public_figures()
    if model not in holder.catalogue:
        return ""
    approved = proposals.approved_versions(KIND, model)
    if approved:
        text = approved[0].body
    else:
        file = resources.files("ckanext.sozialdaten.schemas.indicators") / f"{model}.yaml"
        text = file.read_text("utf-8") if file.is_file() else ""
    return text.replace(f"id: {model}\n", f"id: {slug('eigene ' + model)}\n", 1)


def _shown(page: Page, key: str) -> str:
    """The form, with everything that it offers."""
    organisations = tk.get_action("organization_list_for_user")(
        _context(), {"permission": "update_dataset"}
    )
    found = proposals.versions(_context(), KIND, key) if key else ()
    themes = [(entry["code"], entry[language()]) for entry in social_themes()]
    indicators = [(item.id, item.label(language())) for item in public_figures().catalogue.values()]
    shown = {
        "page": page,
        "draft": page.draft,
        "errors": {} if page.fresh else page.verdict.errors,
        "preview": page.preview(),
        "series": known_series(language()),
        "themes": themes,
        "indicators": sorted(indicators, key=lambda one: one[1]),
        "organisations": organisations,
        "key": key,
        "versions": found,
        "states": words.states(),
        "figures": words.figure_states(),
        "words": words,
        "most": MOST,
        "language": language(),
    }
    return tk.render("sozialdaten/indicator_edit/edit.html", shown)

"""The route of the ratio of two series: everybody looks, staff make a working copy of it."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.disclosure import DEFAULT_POLICY
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.portal.indicator_edit import _words as words
from ckanext.sozialdaten.portal.indicator_edit._combined import (
    FACTORS,
    Answer,
    PublicSeries,
    Question,
    answered,
    findings_of,
    public_series,
    searched,
    working_copy,
)
from ckanext.sozialdaten.portal.indicator_edit._preview import rows_of

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_combine", __name__)


def _context() -> Any:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


@blueprint.route("/kennzahlen/verknuepfen", methods=["GET", "POST"])
def page() -> Any:
    """Two series, their ratio, what the check says of it, and a button for staff."""
    posted = tk.request.method == "POST"
    question = Question.of(tk.request.form if posted else tk.request.args)
    known = public_series()
    sides = {side: searched(question.series[side], known) for side in ("z", "n")}
    errors = {side: _why(question.series[side], sides[side]) for side in sides}
    chosen = {side: hits[0] for side, hits in sides.items() if len(hits) == 1}
    answer, refusal = _answer(question, chosen)
    if posted and answer is not None and answer.records:
        try:
            made = working_copy(
                _context(), answer, question, tk.request.form.get("organisation", "")
            )
        except tk.NotAuthorized as error:
            return tk.abort(403, str(error.message or tk._("Please sign in.")))
        except tk.ValidationError as error:
            told: dict[str, Any] = error.error_dict
            refusal = " ".join(str(line) for lines in told.values() for line in lines)
        else:
            tk.h.flash_success(tk._("The working copy is there. Add its texts, then submit it."))
            return tk.redirect_to("dataset.read", id=made["name"])
    return tk.render(
        "sozialdaten/indicator_edit/combine.html",
        _shown(question, known, chosen, errors, answer, refusal),
    )


def _shown(
    question: Question,
    known: dict[str, PublicSeries],
    chosen: dict[str, PublicSeries],
    errors: dict[str, str],
    answer: Answer | None,
    refusal: str,
) -> dict[str, Any]:
    organisations: list[Any] = []
    if tk.current_user.is_authenticated:
        organisations = tk.get_action("organization_list_for_user")(
            _context(), {"permission": "update_dataset"}
        )
    report = None
    if answer is not None and answer.records and organisations:
        report = findings_of(answer, DEFAULT_POLICY)
    return {
        "question": question,
        "series": known,
        "chosen": chosen,
        "errors": {side: text for side, text in errors.items() if text},
        "factors": [(one, one if one != "1" else tk._("1 (as it is)")) for one in FACTORS],
        "answer": answer,
        "refusal": refusal,
        "preview": rows_of(answer.records, None) if answer else None,
        "figures": words.figure_states(),
        "organisations": organisations,
        "findings": [] if report is None else _findings(report),
        "checked": report is not None,
        "language": language(),
    }


def _findings(report: Any) -> list[tuple[str, str]]:
    return [(str(one.severity.value), one.message.text(language())) for one in report.findings]


def _why(text: str, hits: list[PublicSeries]) -> str:
    """Why words mean no series; empty where they do, or where nothing was typed."""
    if not text or len(hits) == 1:
        return ""
    if not hits:
        return tk._("No released series fits these words.")
    names = ", ".join(hit.key for hit in hits[:6])
    return tk._("Several series fit. Take one of these: {names}").format(names=names)


def _answer(question: Question, chosen: dict[str, PublicSeries]) -> tuple[Answer | None, str]:
    if len(chosen) < 2:
        return None, ""
    try:
        found = answered(question, chosen["z"], chosen["n"])
    except SozialdatenError as error:
        return None, error.text(language())
    if found is None:
        return None, tk._("So many figures are behind it that this page does not wait for them.")
    return found, ""

"""The page where staff write goals and measures of a region, and send them to a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import yaml
from flask import Blueprint, redirect

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.report import _aims
from ckanext.sozialdaten.portal.report._aims import Direction, Goal, Measure, Progress
from ckanext.sozialdaten.portal.report._build import report_of
from ckanext.sozialdaten.publishing import proposals
from ckanext.sozialdaten.publishing.proposals import Proposal, State

__all__ = ["blueprint", "organisations", "texts_of"]

blueprint = Blueprint("sozialdaten_report_aims", __name__)

_FIELDS = {
    _aims.GOAL: ("indicator", "direction", "target", "until", "text", "office"),
    _aims.MEASURE: ("indicator", "title", "progress", "until", "text", "office"),
}
_SHOWN = (State.DRAFT, State.SUBMITTED, State.APPROVED, State.REJECTED)


@dataclass(frozen=True, slots=True)
class _Line:
    """A goal or measure on the list of the page."""

    id: str
    kind: str
    indicator: str
    text: str
    state: State


@blueprint.route("/sozialbericht/<key>/ziele", methods=["GET"])
def show(key: str) -> str:
    """What is there, and the forms for more."""
    _require(key)
    return _page(key, {}, (), "")


@blueprint.route("/sozialbericht/<key>/ziele", methods=["POST"])
def save(key: str) -> Any:
    """Write a goal or measure as a draft, or send it to a second person at once."""
    _require(key)
    sent = tk.request.form
    kind = sent.get("kind", "")
    if kind not in _FIELDS:
        return tk.abort(400)
    values = {name: " ".join(sent.get(name, "").split(" ")).strip() for name in _FIELDS[kind]}
    context: Any = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    try:
        name, body = _written(kind, key, values)
        given = {"kind": kind, "key": name, "body": body, "organisation": sent.get("organisation")}
        saved = tk.get_action("sozialdaten_proposal_save")(context, given)
        if "submit" in sent:
            tk.get_action("sozialdaten_proposal_submit")(context, {"id": saved["id"]})
            told = tk._("Sent. A second person now reads it; then it stands in the report.")
        else:
            told = tk._("Kept as a draft. Nobody else sees it yet.")
    except ValueError:
        errors = [tk._("Enter the target as a number, such as 12.5.")]
        return _page(key, values, errors, kind)
    except tk.ValidationError as error:
        return _page(key, values, texts_of(error), kind)
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only members of the organisation may write this."))
    tk.h.flash_success(told)
    return redirect(tk.h.url_for("sozialdaten_report_aims.show", key=key))


def _require(key: str) -> None:
    """404 for unknown regions, 403 for everybody who writes for no organisation."""
    if not regions.known(key):
        tk.abort(404)
    if not organisations():
        tk.abort(403, tk._("Only members of an organisation write goals and measures."))


def organisations() -> list[dict[str, Any]]:
    """The organisations that the reader may write for."""
    if not tk.current_user.is_authenticated:
        return []
    context: Any = {"user": tk.current_user.name}
    asked = {"permission": "update_dataset"}
    return tk.get_action("organization_list_for_user")(context, asked)


def _written(kind: str, region: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Key and YAML of what a form holds.

    Raises:
        ValueError: a number or a choice is none.
    """
    indicator, until = values["indicator"], values["until"]
    text, office = values["text"], values["office"]
    if kind == _aims.GOAL:
        target = (
            float(values["target"].replace(".", "").replace(",", "."))
            if ("," in values["target"])
            else float(values["target"])
        )
        way = Direction(values["direction"])
        goal = Goal(region, indicator, way, target, until, text, office)
        return _aims.goal_key(region, indicator), _aims.written(goal)
    progress, title = Progress(values["progress"]), values["title"]
    measure = Measure(region, indicator, title, progress, until, text, office)
    return _aims.measure_key(region, indicator, title), _aims.written(measure)


def _page(key: str, values: Mapping[str, str], errors: Sequence[str], kind: str) -> str:
    report = report_of(key)
    entries = [e for e in report.entries if e.region == key] if report else []
    language = frame.language()
    known = dict(values) or {"indicator": tk.request.args.get("kennzahl", "")}
    shown = {
        "region": key,
        "name": regions.name_of(key),
        "entries": entries,
        "lines": _lines(key),
        "organisations": organisations(),
        "values": known,
        "kind": kind,
        "errors": errors,
        "progress": [(p.value, _aims.progress_name(p).text(language)) for p in Progress],
        "directions": [
            (Direction.AT_LEAST.value, tk._("at least")),
            (Direction.AT_MOST.value, tk._("at most")),
        ],
    }
    return tk.render("sozialdaten/report_aims.html", shown)


def texts_of(error: tk.ValidationError) -> list[str]:
    """What a validation error says, whatever its field."""
    found: list[str] = []
    for said in dict(error.error_dict).values():
        found += [str(text) for text in said] if isinstance(said, list | tuple) else [str(said)]
    return found


def _lines(region: str) -> list[_Line]:
    """The newest version of each goal and measure that the reader may read."""
    context: Any = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    found: list[_Line] = []
    for kind in (_aims.GOAL, _aims.MEASURE):
        newest: dict[str, Proposal] = {}
        for proposal in proposals.listed(context, kind):
            if proposal.key.startswith(f"{region}_") and proposal.state in _SHOWN:
                known = newest.get(proposal.key)
                if known is None or proposal.version > known.version:
                    newest[proposal.key] = proposal
        found += [line for proposal in newest.values() if (line := _line(proposal))]
    return found


def _line(proposal: Proposal) -> _Line | None:
    try:
        if proposal.kind == _aims.GOAL:
            aim: Goal | Measure = _aims.read_goal(proposal.body)
        else:
            aim = _aims.read_measure(proposal.body)
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
    kind = proposals.kinds()[proposal.kind]
    text = "; ".join(line for line in kind.render(proposal.body)[2:] if not line.endswith(": "))
    return _Line(proposal.id, proposal.kind, aim.indicator, text, proposal.state)

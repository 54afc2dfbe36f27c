"""Actions on sources: list, show, register, run.

What a source does stands in its YAML file and is changed there; no action edits it. The harvest
sources behind them are private packages: the portal's visitors see releases, not sources.
"""

import json
import secrets
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action, Context
from ckanext.harvest.logic import HarvestJobExists

from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import Record
from ckanext.sozialdaten.harvesters.ckan.adapter import HARVEST_USER
from ckanext.sozialdaten.harvesters.ckan.shown import as_data, history, outlook, preview
from ckanext.sozialdaten.harvesters.core.erasures import list_erasures
from ckanext.sozialdaten.harvesters.core.errors import HarvestError, SourceError
from ckanext.sozialdaten.harvesters.core.quarantine import Decision
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import list_sources, load_source

__all__ = [
    "harvest_source_list",
    "sozialdaten_erasure_list",
    "sozialdaten_source_accept",
    "sozialdaten_source_create",
    "sozialdaten_source_harvest",
    "sozialdaten_source_harvest_all",
    "sozialdaten_source_list",
    "sozialdaten_source_preview",
    "sozialdaten_source_reject",
    "sozialdaten_source_show",
]


@tk.side_effect_free
def sozialdaten_erasure_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """What was erased because its retention was over, the newest first; never of whom.

    :returns: entries with ``at``, ``expired_until``, ``deliveries``, ``person_rows``, ``sources``
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_erasure_list", context, data_dict)
    return list_erasures()


@tk.chained_action
@tk.side_effect_free
def harvest_source_list(
    next_action: Action, context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """ckanext-harvest's list of all sources, for sysadmins; it checks nothing by itself.

    :returns: harvest sources
    :rtype: list of dictionaries
    """
    tk.check_access("harvest_source_list", context, data_dict)
    return next_action(context, data_dict)


@tk.side_effect_free
def sozialdaten_source_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """The registered sources of the caller's organisations, with their last runs.

    :returns: sources as :py:func:`sozialdaten_source_show` gives them, ordered by id
    :rtype: list of dictionaries
    """
    tk.check_access("sozialdaten_source_list", context, data_dict)
    shown: list[dict[str, Any]] = []
    for candidate in registry.registered():
        try:
            tk.check_access("package_show", tk.fresh_context(context), {"id": candidate.id})
        except tk.NotAuthorized:
            continue
        shown.append(_shown(candidate))
    return sorted(shown, key=lambda source: str(source["id"]))


@tk.side_effect_free
def sozialdaten_source_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A registered source and its last run.

    :param id: id of the source, as its YAML file says it, or of its harvest source
    :type id: string

    :returns: ``id``, ``title`` (``de``, ``en``), ``owner_org``, ``type``, ``schedule``,
        ``retention_days``, ``legal_basis``, ``harvest_source`` (id), and ``last_run``: ``state``
        (``queued``, ``running``, ``succeeded``, ``unchanged``, ``failed``), ``started``,
        ``finished``, ``deliveries`` (number), ``error`` (the first problem in German and English)
        and ``problems`` (each with ``code``, ``file``, ``row``, ``column``, ``message``, ``hint``);
        ``last_run`` is null before the first run; ``next_run`` (null: by hand, or when a file
        arrives), ``waiting`` (number of deliveries in quarantine that nobody has decided on),
        ``progress`` of a run that goes on; and of this source alone ``quarantine`` (deliveries with
        ``digest``, ``name``, ``held_at``, ``acceptable``, ``problems``, ``decision``, ``by``,
        ``reason``) and ``deliveries`` (``name``, ``captured_at``, ``outcome``, ``rows``, ``new``,
        ``changed``, ``retracted``), the newest first
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, "id")
    tk.check_access("sozialdaten_source_show", context, data_dict)
    found = _found(data_dict["id"])
    return _shown(found) | history(registry.source_of(found))


@tk.side_effect_free
def sozialdaten_source_preview(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """A dry run: what the next fetch would bring. Nothing is stored.

    :param id: id of the source
    :type id: string

    :returns: ``deliveries``, each with ``name``, and either ``problems`` or ``rows``, ``format``,
        ``encoding``, ``columns``, ``references``, ``regions``, ``notes`` and, for public tables,
        the first ``observations``; ``more`` if there are further deliveries; of a catalogue
        ``count`` and the first ``datasets`` (``title``, ``publisher``, ``licence``, ``files``)
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, "id")
    tk.check_access("sozialdaten_source_preview", context, data_dict)
    return preview(registry.source_of(_found(data_dict["id"])))


def sozialdaten_source_accept(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a delivery of the quarantine all the same, and fetch it now.

    :param id: id of the source
    :type id: string
    :param digest: digest of the delivery
    :type digest: string
    :param reason: why, for the log; at least ten characters
    :type reason: string

    :returns: the delivery as :py:func:`sozialdaten_source_show` gives it
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, ["id", "digest"])
    tk.check_access("sozialdaten_source_accept", context, data_dict)
    decided = _decided(context, data_dict, Decision.ACCEPTED)
    tk.get_action("sozialdaten_source_harvest")(tk.fresh_context(context), {"id": data_dict["id"]})
    return decided


def sozialdaten_source_reject(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Leave a delivery of the quarantine out for good.

    :param id: id of the source
    :type id: string
    :param digest: digest of the delivery
    :type digest: string
    :param reason: why, for the log; at least ten characters
    :type reason: string

    :returns: the delivery as :py:func:`sozialdaten_source_show` gives it
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, ["id", "digest"])
    tk.check_access("sozialdaten_source_reject", context, data_dict)
    return _decided(context, data_dict, Decision.REJECTED)


def _decided(context: Context, data_dict: dict[str, Any], decision: Decision) -> dict[str, Any]:
    run = Run(registry.source_of(_found(data_dict["id"])))
    reason = str(data_dict.get("reason") or "")
    try:
        held = run.decide(
            str(data_dict["digest"]), decision, str(context.get("user") or ""), reason
        )
    except HarvestError as error:
        language = "de" if tk.h.lang().startswith("de") else "en"
        raise tk.ValidationError({"reason": [error.text(language)]}) from error
    return as_data(held)


def sozialdaten_source_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Register a source of the installation with the harvesters.

    The account of the harvesters becomes an editor of the organisation, in the caller's name.

    :param id: id of the source, as its YAML file says it
    :type id: string
    :param owner_org: id or name of the organisation that answers for it (optional, default: the one
        that its YAML file names)
    :type owner_org: string

    :returns: the source as :py:func:`sozialdaten_source_show` gives it
    :rtype: dictionary
    """
    source = _known(tk.get_or_bust(data_dict, "id"))
    owner = data_dict.get("owner_org") or source.owner_org
    tk.check_access("sozialdaten_source_create", context, {"owner_org": owner})
    if registry.find(source.id) is not None:
        raise tk.ValidationError({"id": [tk._("This source is registered already.")]})
    organisation = model.Group.get(owner)
    if organisation is None:
        raise tk.ValidationError({"owner_org": [tk._("There is no such organisation.")]})
    _let_harvest_user_write(context, organisation)
    tk.get_action("harvest_source_create")(
        tk.fresh_context(context),
        {
            "name": registry.package_name(source.id),
            "title": source.title.get("de", source.id),
            "url": f"sozialdaten:{source.id}",
            "source_type": registry.TYPE,
            "owner_org": organisation.id,
            "private": True,
            "frequency": "MANUAL",
            "config": json.dumps({"source": source.id}),
        },
    )
    return _shown(_found(source.id))


def sozialdaten_source_harvest(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Fetch a source now. Where a run is queued or going on, that one is returned.

    :param id: id of the source
    :type id: string

    :returns: the job: ``id``, ``status``, ``created``; its progress is in ``last_run`` of
        :py:func:`sozialdaten_source_show`
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, "id")
    tk.check_access("sozialdaten_source_harvest", context, data_dict)
    found = _found(data_dict["id"])
    asking: Any = tk.fresh_context(context)
    asking["model"], asking["session"] = model, model.Session
    try:
        return tk.get_action("harvest_job_create")(asking, {"source_id": found.id, "run": True})
    except HarvestJobExists:
        job = registry.active_job(found)
        if job is None:
            raise
        return _job(job)


def sozialdaten_source_harvest_all(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Fetch every source that the caller may fetch, now.

    :returns: ``queued`` (ids of sources)
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_source_harvest_all", context, data_dict)
    queued: list[str] = []
    for found in registry.registered():
        name = registry.source_id(found)
        try:
            tk.get_action("sozialdaten_source_harvest")(tk.fresh_context(context), {"id": name})
        except tk.NotAuthorized:
            continue
        queued.append(name)
    return {"queued": sorted(queued)}


def _job(job: Record) -> dict[str, Any]:
    return {"id": job.id, "status": job.status, "created": str(job.created)}


def _found(name: str) -> Record:
    found = registry.find(name)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no such source."))
    return found


def _known(name: str) -> Source:
    if name not in list_sources():
        raise tk.ValidationError(
            {"id": [tk._("Known sources: {names}.").format(names=", ".join(list_sources()))]}
        )
    try:
        return load_source(name)
    except SourceError as error:
        raise tk.ValidationError({"id": [error.text()]}) from error


def _shown(found: Record) -> dict[str, Any]:
    source = registry.source_of(found)
    return {
        "id": source.id,
        "title": dict(source.title),
        "owner_org": found.publisher_id,
        "type": source.connection.type,
        "schedule": str(source.schedule),
        "retention_days": source.retention_days,
        "legal_basis": list(source.legal_basis),
        "harvest_source": found.id,
        "last_run": registry.last_run(found),
    } | outlook(found, source)


def _let_harvest_user_write(context: Context, organisation: model.Group) -> None:
    """Make the harvesters' account an editor; the caller must be allowed to do that."""
    if model.User.get(HARVEST_USER) is None:
        tk.get_action("user_create")(
            Context(ignore_auth=True, user=_site_user()),
            {
                "name": HARVEST_USER,
                "fullname": "Sozialdaten: Datenabruf",
                "email": "sozialdaten-harvest@localhost",
                "password": secrets.token_urlsafe(32),
            },
        )
    tk.get_action("organization_member_create")(
        tk.fresh_context(context),
        {"id": organisation.id, "username": HARVEST_USER, "role": "editor"},
    )


def _site_user() -> str:
    return str(tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"])

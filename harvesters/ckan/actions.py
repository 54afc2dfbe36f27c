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
from ckanext.sozialdaten.harvesters.core.erasures import list_erasures
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import list_sources, load_source

__all__ = [
    "harvest_source_list",
    "sozialdaten_erasure_list",
    "sozialdaten_source_create",
    "sozialdaten_source_harvest",
    "sozialdaten_source_list",
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
        ``last_run`` is null before the first run
    :rtype: dictionary
    """
    tk.get_or_bust(data_dict, "id")
    tk.check_access("sozialdaten_source_show", context, data_dict)
    return _shown(_found(data_dict["id"]))


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
            "source_type": source.harvester,
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
    }


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

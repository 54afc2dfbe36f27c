"""Every address that takes data and every command of ``ckan`` is known: gated, or harmless.

Addresses and commands write through actions, through the session or by SQL. Which of the rings
stands in the way of each is said here; an unknown one fails until somebody has thought about it.
"""

from collections.abc import Iterator
from typing import Any

import click
import pytest
from ckan.cli.cli import ckan as core_commands
from ckan.plugins import IClick, PluginImplementations
from gate_office import Office

_DATASETS = ("dataset", "harvest")
_RESOURCES = ("resource", "dataset_resource", "harvest_resource")
_GROUPS = ("group", "organization")

# What the gate's chains refuse: endpoints that call an action of test_census.GATED.
GATED_ROUTES = {
    "api.action",
    "datastore.dictionary",
    "sozialdaten_gate.attack",
    "sozialdaten_gate.check",
    "sozialdaten_gate.review",
    "sozialdaten_gate.submit",
    "sozialdaten_gate.withdraw",
    "sozialdaten_people.answer",
    "sozialdaten_people.publishers",
    "sozialdaten_people.roles",
    "sozialdaten_people.standing",
    "sozialdaten_proposals.review",
    "sozialdaten_repair.formulas",
    "sozialdaten_repair.take",
    *(f"{kind}.{view}" for kind in _DATASETS for view in ("delete", "edit", "groups", "new")),
    *(f"{kind}.{view}" for kind in _RESOURCES for view in ("delete", "edit", "edit_view", "new")),
    *(f"{kind}.{view}" for kind in _GROUPS for view in ("bulk_process", "delete")),
    "user.api_tokens",
    "user.edit",
    "admin.trash",
}

_OWN = "changes what one account follows, sees or has; seen by that account alone"
_GROUP = "an organisation's or group's own text and members; readers stay its members"
_READ = "takes a question and only reads, by the labels of the dataset"
_ACCOUNT = "an account and its password; it reads what its organisations let it read"
_OPERATOR = "texts and switches of the portal, for sysadmins; no data of a dataset"
_SOURCE = "starts or removes harvest jobs, which fill working copies alone"

HARMLESS_ROUTES = {
    **dict.fromkeys((f"{k}.{v}" for k in _DATASETS for v in ("follow", "unfollow")), _OWN),
    **dict.fromkeys((f"{k}.{v}" for k in _GROUPS for v in ("follow", "unfollow")), _OWN),
    **dict.fromkeys(("user.follow", "user.unfollow", "user.api_tokens_revoke"), _OWN),
    **dict.fromkeys(
        (
            f"{kind}.{view}"
            for kind in _GROUPS
            for view in (
                "admins",
                "edit",
                "followers",
                "manage_members",
                "member_delete",
                "member_new",
                "new",
            )
        ),
        _GROUP,
    ),
    **dict.fromkeys(("datatablesview.ajax", "datatablesview.filtered_download"), _READ),
    **dict.fromkeys(
        (
            "user.delete",
            "user.login",
            "user.logout",
            "user.perform_reset",
            "user.register",
            "user.request_reset",
            "user.sysadmin",
        ),
        _ACCOUNT,
    ),
    **dict.fromkeys(("admin.config", "admin.reset_config", "activity.admin_activities"), _OPERATOR),
    **dict.fromkeys(("harvester.clear", "harvester.refresh"), _SOURCE),
    **dict.fromkeys(
        (
            "sozialdaten_sources.decide",
            "sozialdaten_sources.harvest",
            "sozialdaten_sources.harvest_all",
            "sozialdaten_sources.new",
            "sozialdaten_sources.preview",
            "sozialdaten_sources.register",
        ),
        _SOURCE,
    ),
    **dict.fromkeys(
        (
            "sozialdaten_indicator_edit.edit",
            "sozialdaten_indicator_edit.new",
            "sozialdaten_report_aims.save",
            "sozialdaten_report_editions.freeze",
        ),
        "writes a text for the public by sozialdaten_proposal_save: a second person approves it",
    ),
    "sozialdaten_combine.page": "computes from what is public; its copy is a private working copy",
    "util.internal_redirect": "sends the browser to another page of the portal",
}

_LOOKS = "only reads, or checks the installation"
_FILES = "assets and translations of the program, no data"
_CORE_WRITER = "writes by actions, or by SQL that the trigger of ring 0 judges"
_INDEX = "fills the index from the database; labels and filters of ring 3 decide who sees it"
_DATABASE = "makes, empties or migrates the database: nothing is public without a release row"
_STORAGES = "files of CKAN's storages; none is configured, datasets' files do not lie there"
_RUNS = "runs the application or its jobs, which obey the gate"
_GATE = "our own command: reads, or acts through the gate"

COMMANDS: dict[str, str] = {
    **dict.fromkeys(("asset", "sass", "translation", "generate", "config", "config-tool"), _FILES),
    **dict.fromkeys(("plugin-info", "profile", "db check", "db duplicate_emails"), _LOOKS),
    **dict.fromkeys(
        ("db pending-migrations", "db version", "dataset list", "dataset show"), _LOOKS
    ),
    **dict.fromkeys(("dataset delete", "dataset purge", "clean", "shell", "views"), _CORE_WRITER),
    **dict.fromkeys(
        ("db clean", "db create-from-model", "db downgrade", "db init", "db upgrade"), _DATABASE
    ),
    **dict.fromkeys(("file",), _STORAGES),
    **dict.fromkeys(("jobs", "run", "notify"), _RUNS),
    **dict.fromkeys(("search-index",), _INDEX),
    **dict.fromkeys(("sysadmin", "user"), _ACCOUNT),
    **dict.fromkeys(("spatial-validation", "dcat generate-static", "dcat produce"), _LOOKS),
    "dcat consume": _LOOKS,
    **dict.fromkeys(("harvester",), _SOURCE),
    **dict.fromkeys(("sozialdaten-harvest run", "sozialdaten-harvest schedule"), _SOURCE),
    **dict.fromkeys(
        (
            "sozialdaten reviewer",
            "sozialdaten self-check",
            "sozialdaten sweep",
            "sozialdaten verify",
        ),
        _GATE,
    ),
    # Those of DataStore and others, where the plugin is loaded.
    "datastore dump": _LOOKS,
    "datastore fts-index": _LOOKS,
    "datastore purge": "drops tables without a resource; those of releases have theirs",
    "datastore set-permissions": "prints SQL",
    "datastore upgrade": _DATABASE,
    "search-index-scheming": _INDEX,
}


def _rules(portal: Any) -> list[Any]:
    return [rule for rule in portal.flask_app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_address_that_takes_data_is_known(portal: Any) -> None:
    takes = {rule.endpoint for rule in _rules(portal) if rule.methods - {"GET", "HEAD", "OPTIONS"}}
    unknown = sorted(takes - GATED_ROUTES - set(HARMLESS_ROUTES))
    assert unknown == [], "say in this table why it is harmless, or that a chain refuses it"


def test_no_address_of_the_census_is_gone(portal: Any) -> None:
    present = {rule.endpoint for rule in _rules(portal)}
    assert (GATED_ROUTES | set(HARMLESS_ROUTES)) - present == set()
    assert GATED_ROUTES & set(HARMLESS_ROUTES) == set()


def _words(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command below a group, by the words that call it."""
    for name, command in group.commands.items():
        words = (*before, name)
        if isinstance(command, click.Group):
            yield from _words(command, words)
        else:
            yield " ".join(words)


def test_every_command_is_known(portal: Any) -> None:
    commands = set(_words(core_commands))
    for plugin in PluginImplementations(IClick):
        for command in plugin.get_commands():
            grouped = isinstance(command, click.Group)
            commands |= set(_words(command, (command.name,))) if grouped else {command.name}
    known = tuple(COMMANDS)
    unknown = [
        words
        for words in sorted(commands)
        if not any(words == one or words.startswith(f"{one} ") for one in known)
    ]
    assert unknown == [], "say in this table what the command writes, and what stands in its way"


@pytest.mark.parametrize("address", ["clear", "delete", "refresh"])
def test_whoever_only_looks_at_a_source_changes_nothing(office: Office, address: str) -> None:
    answer = office.world.page(f"/harvest/{address}/quelle", office.sysadmin)
    assert answer.status_code == 405

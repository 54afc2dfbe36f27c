"""Every action that writes is known here: gated, or harmless for a reason. An unknown one fails.

A new version of CKAN or a new plugin that brings an action makes somebody think about it first.
"""

from typing import Any

import ckan.logic
import pytest

from ckanext.sozialdaten.publishing import (
    _accounts,
    _chains,
    _lists,
    _strays,
    actions,
    actions_people,
)
from ckanext.sozialdaten.publishing.proposals import actions as proposal_actions

# What the gate answers for: its own actions and those that its chains stand around.
GATED = (
    set(actions.__all__)
    | set(actions_people.__all__)
    | set(proposal_actions.__all__)
    | set(_chains.CORE)
    | set(_chains.DATASTORE)
    | set(_accounts.CORE)
    | {name for chains in _chains.OTHERS.values() for name in chains}
)

# Why an action cannot make anything public that was not approved.
_OWN = "changes what one account follows or has read, seen by that account alone"
_PACKAGE = "writes datasets by package_patch, which is gated"
_MEMBERS = (
    "who belongs to an organisation is its administrator's decision; readers stay its members"
)
_GROUP = "an organisation's or group's own name and text, no data of a dataset"
_VOCABULARY = "names of keywords; those of a release are watched by the session and its fingerprint"
_HARVEST = "fills working copies through sozialdaten_working_copy_write, which is private"
_JOBS = "runs or clears jobs that themselves obey the gate"
_FILES = "files of CKAN's storages; none is configured, datasets' files do not lie there"
_SYSADMIN = "operators only, and no data of a dataset"
_ACCOUNT = "an account of its own; it reads what its organisations let it read"
_ACTIVITY = "activities are shown without data and by today's labels"
_TEXT = "writes a text for the public by sozialdaten_proposal_save: a second person approves it"
_READ = "only reads; CKAN or the plugin forgot to say so"

HARMLESS: dict[str, str] = {
    **dict.fromkeys(
        (
            "dashboard_mark_activities_old",
            "follow_dataset",
            "follow_group",
            "follow_user",
            "unfollow_dataset",
            "unfollow_group",
            "unfollow_user",
        ),
        _OWN,
    ),
    **dict.fromkeys(("bulk_update_delete", "bulk_update_private"), _PACKAGE),
    **dict.fromkeys(
        (
            "group_member_create",
            "group_member_delete",
            "organization_member_create",
            "organization_member_delete",
            "package_collaborator_delete",
            "user_invite",
        ),
        _MEMBERS,
    ),
    **dict.fromkeys(
        (
            "group_patch",
            "organization_create",
            "organization_patch",
            "organization_update",
        ),
        _GROUP,
    ),
    **dict.fromkeys(
        ("tag_create", "tag_delete", "vocabulary_create", "vocabulary_delete", "vocabulary_update"),
        _VOCABULARY,
    ),
    **dict.fromkeys(("term_translation_update", "term_translation_update_many"), _VOCABULARY),
    **dict.fromkeys(
        (
            "harvest_abort_failed_jobs",
            "harvest_job_abort",
            "harvest_job_create",
            "harvest_job_create_all",
            "harvest_jobs_run",
            "harvest_object_create",
            "harvest_objects_import",
            "harvest_send_job_to_gather_queue",
            "harvest_source_clear",
            "harvest_source_create",
            "harvest_source_delete",
            "harvest_source_index_clear",
            "harvest_source_job_history_clear",
            "harvest_source_patch",
            "harvest_source_update",
            "harvest_sources_job_history_clear",
            "sozialdaten_source_accept",
            "sozialdaten_source_create",
            "sozialdaten_source_harvest",
            "sozialdaten_source_harvest_all",
            "sozialdaten_source_reject",
        ),
        _HARVEST,
    ),
    "sozialdaten_report_freeze": _TEXT,
    **dict.fromkeys(("job_cancel", "job_clear", "xloader_hook", "datapusher_hook"), _JOBS),
    **dict.fromkeys(
        (
            "file_create",
            "file_delete",
            "file_ownership_transfer",
            "file_pin",
            "file_register",
            "file_rename",
            "file_unpin",
        ),
        _FILES,
    ),
    **dict.fromkeys(
        (
            "config_option_update",
            "send_email_notifications",
            "task_status_delete",
            "task_status_update",
            "task_status_update_many",
        ),
        _SYSADMIN,
    ),
    **dict.fromkeys(("api_token_revoke", "user_create", "user_delete"), _ACCOUNT),
    **dict.fromkeys(
        (
            "activity_create",
            "activity_delete",
            "activity_delete_all",
            "activity_delete_counts",
        ),
        _ACTIVITY,
    ),
    **dict.fromkeys(("dcat_dataset_show", "harvest_get_notifications_recipients"), _READ),
}

# Lists that CKAN answers from the database or from old activities: each is filtered by ring 3.
FILTERED = set(_lists.CORE) | set(_lists.ACTIVITY) | set(_lists.DATASTORE)


@pytest.fixture
def registered(portal: Any) -> dict[str, Any]:
    """Every action of every plugin."""
    ckan.logic.get_action("package_list")  # fills the registry
    return ckan.logic._actions


def _writes(registered: dict[str, Any]) -> set[str]:
    return {
        name
        for name, action in registered.items()
        if not getattr(action, "side_effect_free", False)
    }


def test_every_action_that_writes_is_known(registered: dict[str, Any]) -> None:
    unknown = sorted(_writes(registered) - GATED - set(_strays.chains()) - set(HARMLESS))
    assert unknown == [], "say in this table why it is harmless, or put a chain around it"


def test_no_action_is_both_gated_and_harmless() -> None:
    assert GATED & set(HARMLESS) == set()


def test_every_chain_stands_around_an_action(registered: dict[str, Any]) -> None:
    loaded = set(_chains.CORE) | set(_chains.DATASTORE) | set(_accounts.CORE) | FILTERED
    assert loaded - set(registered) == set()

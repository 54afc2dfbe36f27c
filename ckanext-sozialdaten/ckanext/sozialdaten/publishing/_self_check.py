"""The portal does not serve with a ring missing: it says what is missing, and stops."""

import ckan.plugins as p
import sqlalchemy as sa
from ckan import model
from ckan.common import config

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _guards
from ckanext.sozialdaten.publishing.errors import SelfCheckError
from ckanext.sozialdaten.publishing.records import FORMAT

__all__ = ["of_database", "of_process", "run"]

_PLUGIN = "sozialdaten_gate"
_TRIGGERS = {
    ("package", "sozialdaten_gate"),
    ("sozialdaten_release", "sozialdaten_release_append_only"),
    ("sozialdaten_release", "sozialdaten_release_never_truncated"),
    ("sozialdaten_release", "sozialdaten_release_written_by_others"),
    ("sozialdaten_editor", "sozialdaten_editor_append_only"),
    ("sozialdaten_withdrawal", "sozialdaten_withdrawal_append_only"),
    ("sozialdaten_file", "sozialdaten_file_append_only"),
    ("sozialdaten_proposal", "sozialdaten_proposal_guard"),
    ("sozialdaten_proposal", "sozialdaten_proposal_never_deleted"),
}
# Options that open a way around the gate, and the value they must have.
_MUST_BE = {
    "ckan.auth.create_unowned_dataset": False,
    "ckan.auth.allow_dataset_collaborators": False,
    "ckan.auth.user_create_organizations": False,
    "ckan.auth.user_create_groups": False,
    "ckan.auth.user_delete_organizations": False,
    "ckan.auth.user_delete_groups": False,
    "ckan.auth.create_user_via_api": False,
    "ckan.auth.enable_cookie_auth_in_api": False,
    "ckan.auth.reveal_private_datasets": False,
    "ckan.auth.public_activity_stream_detail": False,
    "ckan.datastore.sqlsearch.enabled": False,
    "ckan.cache_enabled": False,
}


def of_process() -> list[Message]:
    """What is wrong in this process: plugins, hooks, options."""
    found: list[Message] = []
    with_actions = [plugin.name for plugin in p.PluginImplementations(p.IActions)]
    if not with_actions or with_actions[-1] != _PLUGIN:
        found.append(Message("{name} must be the last plugin of ckan.plugins.", {"name": _PLUGIN}))
    labels = [plugin.name for plugin in p.PluginImplementations(p.IPermissionLabels)]
    if labels[:1] != [_PLUGIN]:
        found.append(Message("Another plugin decides on permission labels before the gate."))
    uploaders = [plugin.name for plugin in p.PluginImplementations(p.IUploader)]
    if uploaders[:1] != [_PLUGIN]:
        found.append(Message("Another plugin serves uploaded files before the gate."))
    if not _guards.is_installed():
        found.append(Message("The guard of the database session is not installed."))
    for key, value in _MUST_BE.items():
        if key in config and bool(config.get(key)) is not value:
            found.append(Message("The option {key} must be off.", {"key": key}))
    if config.get("ckan.cache_expires"):
        found.append(Message("The option {key} must be 0.", {"key": "ckan.cache_expires"}))
    return found


def of_database() -> list[Message]:
    """What is wrong in the database: triggers that are missing or switched off."""
    query = sa.text(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgname LIKE 'sozialdaten%'"
    )
    with model.ensure_engine().connect() as connection:
        present = {(table, trigger) for table, trigger in connection.execute(query)}
    return [
        Message("The trigger {name} on table {table} is missing.", {"name": name, "table": table})
        for table, name in sorted(_TRIGGERS - present)
    ]


def _of_records() -> list[Message]:
    """Releases whose record has the form of an earlier version, which no page can show."""
    query = sa.text(
        "SELECT count(*) FROM sozialdaten_release"
        " WHERE record -> 'public' ->> 'format' IS DISTINCT FROM :format"
    )
    with model.ensure_engine().connect() as connection:
        if (
            connection.execute(sa.text("SELECT to_regclass('sozialdaten_release')")).scalar()
            is None
        ):
            return []
        count = connection.execute(query, {"format": str(FORMAT)}).scalar() or 0
    text = Message(
        "{count} releases were recorded by an earlier version, in a form that this one does not"
        " read. Serve them with that version, or start anew with “deployment/portal reset”.",
        {"count": count},
    )
    return [text] if count else []


def run(*, database: bool = True) -> None:
    """Check all rings.

    Raises:
        SelfCheckError: a ring is missing; the text names each.
    """
    problems = of_process() + (of_database() + _of_records() if database else [])
    if problems:
        listed = " ".join(problem.text("en") for problem in problems)
        raise SelfCheckError(
            Message("The publishing gate is not complete: {problems}", {"problems": listed}),
            Message("Correct the configuration, or run `ckan db upgrade`."),
        )

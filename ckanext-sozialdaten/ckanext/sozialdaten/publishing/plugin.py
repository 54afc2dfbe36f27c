"""The plugin of the gate: last in ``ckan.plugins``, so that its chains are the innermost."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import click
from ckan import model
from ckan.types import Action, Context

from ckanext.sozialdaten.publishing import (
    _accounts,
    _chains,
    _guards,
    _headers,
    _http,
    _jobs,
    _lists,
    _self_check,
    _strays,
    _throttle,
    _tokens,
    _unseen,
    _uploader,
    _uploads,
    _writers,
    actions,
    actions_people,
    auth,
    cli,
    helpers,
    releases,
    views,
)
from ckanext.sozialdaten.publishing._labels import GateLabels
from ckanext.sozialdaten.publishing.proposals import actions as proposal_actions
from ckanext.sozialdaten.publishing.proposals import auth as proposal_auth

__all__ = ["GatePlugin"]


_AUTH = {name: getattr(room, name) for room in (auth, proposal_auth) for name in room.__all__}
_ACTIONS = {
    name: getattr(room, name)
    for room in (actions, actions_people, proposal_actions)
    for name in room.__all__
}


@tk.blanket.auth_functions(_AUTH)
@tk.blanket.helpers(helpers)
@tk.blanket.blueprints(views)
class GatePlugin(p.SingletonPlugin):
    """Rings 1 to 5 of the gate; ring 0 is in the database."""

    p.implements(p.IActions)
    p.implements(p.IApiToken, inherit=True)
    p.implements(p.IAuthenticator, inherit=True)
    p.implements(p.IClick)
    p.implements(p.IConfigurer)
    p.implements(p.IForkObserver)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IPermissionLabels)
    p.implements(p.IUploader, inherit=True)

    # IConfigurer

    def update_config(self, config: Any) -> None:
        """Bring the templates and watch the session."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "sozialdaten-publishing")
        _guards.install()
        _throttle.listen()

    # IForkObserver

    def before_fork(self) -> None:
        """Each job runs in a fork of the worker: what jobs need is read once, by the worker."""
        _jobs.preload()

    # IClick

    def get_commands(self) -> list[click.Command]:
        """The commands ``ckan sozialdaten``."""
        return [cli.sozialdaten]

    # IMiddleware

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Refuse to serve with a ring missing; forbid caches to keep what is not public.

        Commands such as ``ckan db upgrade`` come before the trigger exists, so only a server is
        refused at once. Tests build their database after the application and check it themselves.
        """
        is_server = click.get_current_context(silent=True) is None
        if is_server and not tk.asbool(config.get("testing", False)):
            _self_check.run()
        # Flask runs these from last to first: the first place has the last word, after CKAN's own
        app.after_request_funcs.setdefault(None, []).insert(0, _http.keep_private)
        app.after_request_funcs[None][:0] = [_headers.harden, _throttle.tell_when, _unseen.restore]
        # after CKAN's own, which find out who asks
        app.before_request_funcs.setdefault(None, []).extend(
            [
                _http.only_look,
                _tokens.before_request,
                _throttle.before_request,
                releases.before_request,
                _unseen.before_request,
            ]
        )
        return app

    # IActions

    def get_actions(self) -> dict[str, Action]:
        """Our actions, and the chains of rings 2 and 3 over those of core and of loaded plugins."""
        found = _ACTIONS | _chains.CORE | _lists.CORE | _accounts.CORE
        if p.plugin_loaded("activity"):
            found |= _lists.ACTIVITY
        if p.plugin_loaded("datastore"):
            found |= _chains.DATASTORE | _lists.DATASTORE
        for plugin, chains in _chains.OTHERS.items():
            if p.plugin_loaded(plugin):
                found |= chains
        return found | _strays.chains()

    # IPackageController

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Note who writes a working copy."""
        _writers.note(context, pkg_dict["id"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Note who writes a working copy."""
        _writers.note(context, pkg_dict["id"])

    # IApiToken

    def create_api_token_schema(self, schema: Any) -> Any:
        """A token may have a scope."""
        return _tokens.schema(schema)

    def postprocess_api_token(
        self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]
    ) -> dict[str, Any]:
        """The scope is signed with the token."""
        return _tokens.claimed(data, jti, data_dict)

    def preprocess_api_token(self, data: Any) -> Any:
        """The request remembers the scope of its token."""
        return _tokens.noted(data)

    # IAuthenticator

    def authenticate(self, identity: Any) -> None:
        """Nobody is signed in here; who has guessed too often is stopped."""
        _throttle.before_password(identity)

    # IPermissionLabels

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        """The labels of a dataset: public only with a live release of exactly this state."""
        return GateLabels().get_dataset_labels(dataset_obj)

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        """The labels of a user."""
        return GateLabels().get_user_dataset_labels(user_obj)

    # IUploader

    def get_resource_uploader(self, data_dict: dict[str, Any]) -> Any:
        """The read-only uploader of a released resource; None leaves the others to CKAN.

        CKAN asks before it writes anything, so that a file which is refused leaves no trace.
        """
        _uploads.vet(data_dict)
        return _uploader.released_upload(data_dict)

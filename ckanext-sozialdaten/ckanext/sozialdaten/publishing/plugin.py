"""The plugin of the gate: it stands last in ``ckan.plugins``, so that its chains are the innermost."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Action
from ckanext.xloader.interfaces import IXloader

from ckanext.sozialdaten.publishing import _chains, _guards, _uploader, actions, auth
from ckanext.sozialdaten.publishing._labels import GateLabels

__all__ = ["GatePlugin"]


@tk.blanket.auth_functions(auth)
class GatePlugin(p.SingletonPlugin):
    """Rings 1 to 5 of the gate; ring 0 is in the database."""

    p.implements(p.IActions)
    p.implements(p.IConfigurer)
    p.implements(p.IPermissionLabels)
    p.implements(p.IUploader, inherit=True)
    p.implements(IXloader, inherit=True)

    # IConfigurer

    def update_config(self, config: Any) -> None:
        """Bring the templates and watch the session."""
        tk.add_template_directory(config, "templates")
        _guards.install()

    # IActions

    def get_actions(self) -> dict[str, Action]:
        """Our actions, and the chains of ring 2 over those of core and of loaded plugins."""
        found = {name: getattr(actions, name) for name in actions.__all__}
        found |= _chains.CORE
        if p.plugin_loaded("datastore"):
            found |= _chains.DATASTORE
        if p.plugin_loaded("xloader"):
            found |= _chains.XLOADER
        return found

    # IPermissionLabels

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        """The labels of a dataset: public only with a live release of exactly this state."""
        return GateLabels().get_dataset_labels(dataset_obj)

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        """The labels of a user."""
        return GateLabels().get_user_dataset_labels(user_obj)

    # IUploader

    def get_resource_uploader(self, data_dict: dict[str, Any]) -> Any:
        """The read-only uploader of a released resource; None leaves the others to CKAN."""
        return _uploader.released_upload(data_dict)

    # IXloader

    def can_upload(self, resource_id: str) -> bool:  # noqa: ARG002 - the same for all resources
        """Never: xloader guesses types, and guessing turns the region key 01051 into 1051."""
        return False

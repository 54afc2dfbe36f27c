"""Ring 3: who reads what. Public is what a live release holds, as long as nothing changed since."""

from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.sozialdaten.publishing._fingerprint import released_fingerprint
from ckanext.sozialdaten.publishing.model import latest_release

__all__ = ["GateLabels", "is_approved", "private_labels"]

_PUBLIC = "public"


def is_approved(package: model.Package) -> bool:
    """Whether the dataset is, to the last byte, what its newest release approved."""
    release = latest_release(package.id)
    return release is not None and release.dataset_fingerprint == released_fingerprint(package)


def private_labels(package: model.Package) -> list[str]:
    """Who reads a dataset that is not approved: its organisation, or its creator without one."""
    if package.owner_org:
        return [f"member-{package.owner_org}"]
    return [f"creator-{package.creator_user_id}"]


class GateLabels(DefaultPermissionLabels):
    """CKAN's labels, except that nothing is public by its own word.

    An exception here is not caught: a dataset whose state cannot be judged is not shown.
    """

    def get_dataset_labels(self, dataset_obj: model.Package) -> list[str]:
        """The labels of a dataset; a user who owns one of them may read it."""
        labels = super().get_dataset_labels(dataset_obj)
        if _PUBLIC not in labels or is_approved(dataset_obj):
            return labels
        return private_labels(dataset_obj)

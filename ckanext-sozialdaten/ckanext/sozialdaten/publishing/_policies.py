"""Which policy may judge a dataset, and what a reviewer has to know about a weak one."""

from functools import cache
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.sozialdaten.disclosure import DEFAULT_POLICY
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.model import Dataset

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure import Policy

__all__ = ["require_strength", "stricter", "warnings"]

_OPEN = "open"


@cache
def _known() -> dict[str, "Policy"]:
    """All policies by name; they change with the installed version alone."""
    from ckanext.sozialdaten.disclosure import list_policies

    return {policy.name: policy for policy in list_policies()}


def require_strength(package: model.Package, policy: str) -> None:
    """Refuse a policy that is weaker than the dataset needs.

    What a source writes is judged at least by that source's policy. Everything else needs the
    default one, unless the dataset says of itself that its data is open.

    Raises:
        tk.ValidationError: the policy is too weak.
    """
    from ckanext.sozialdaten.disclosure import load_policy

    row = Dataset.of_working_copy(package.id)
    of_source = row.policy if row else None
    is_open = (package.extras or {}).get("protection_class") == _OPEN
    if of_source is None and is_open:
        return
    needed = of_source or DEFAULT_POLICY
    if not is_open and load_policy(needed).is_weaker_than(load_policy(DEFAULT_POLICY)):
        needed = DEFAULT_POLICY  # somebody made the data internal since
    if load_policy(policy).is_weaker_than(load_policy(needed)):
        text = tk._(
            "This policy is weaker than {needed}, which this data needs. Only data of the"
            " protection class “open” may be judged by weaker rules."
        )
        raise tk.ValidationError({"policy": [text.format(needed=needed)]})


def stricter(present: str | None, given: Any) -> str | None:
    """The policy that a source has from now on: a delivery may tighten it, never loosen it."""
    known = _known()
    if given not in known:
        return present
    if present in known and known[given].is_weaker_than(known[present]):
        return present
    return str(given)


def warnings(policy: str) -> list[dict[str, str]]:
    """German and English sentences on what a policy does not look at, for the reviewer."""
    known = _known()
    chosen = known.get(policy)
    if chosen is None:
        return [_UNKNOWN.both()]
    if not chosen.frequency.check:
        return [_NO_MINIMUM.both()]
    return [_WEAK.both()] if chosen.is_weaker_than(known[DEFAULT_POLICY]) else []


_NO_MINIMUM = Message(
    "Release without minimum frequency: small counts are published as they are. Approve only what"
    " an official body has published already."
)
_WEAK = Message("The chosen policy is weaker than the default policy.")
_UNKNOWN = Message("The policy of this submission is not there any more.")

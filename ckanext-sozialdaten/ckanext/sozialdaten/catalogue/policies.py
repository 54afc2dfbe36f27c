"""The disclosure policies that a dataset may name."""

from functools import cache

__all__ = ["policy_titles"]


@cache
def policy_titles() -> dict[str, dict[str, str]]:
    """German and English titles of all policies by name."""
    from ckanext.sozialdaten.disclosure import list_policies

    return {policy.name: dict(policy.title) for policy in list_policies()}

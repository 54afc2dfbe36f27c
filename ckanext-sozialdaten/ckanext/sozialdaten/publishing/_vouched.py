"""Whether a stored report still stands, so that the same state is not judged twice.

A report is sealed with the portal's secret over all that it rests on: the fingerprint of the
working copy, the policy's numbers, the version of the engine, the ids of its rules and of the
releases that were looked at. Who can write to the database alone cannot make or alter one. A report
that does not hold is no error: the state is judged anew.
"""

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from ckan import model
from ckan.common import config

from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.publishing import _linked
from ckanext.sozialdaten.publishing.records import canonical, digest

__all__ = ["engine_of", "holds", "seal", "sealed"]

_SEAL = "seal"


@cache
def _rules() -> tuple[str, ...]:
    """Ids of the rules that a check applies."""
    from ckanext.sozialdaten.disclosure.rules import ALL_RULES

    return tuple(sorted({rule.id for rule in ALL_RULES}))


@cache
def _policy_digest(policy: str) -> str:
    """SHA-256 of everything that a policy says."""
    return digest(dataclasses.asdict(load_policy(policy)))


def engine_of(policy: str, known: _linked.Linked) -> dict[str, Any]:
    """All that findings rest on beside the state of the working copy itself."""
    return {
        "version": version("ckanext-sozialdaten"),
        "rules": list(_rules()),
        "policy_sha256": _policy_digest(policy),
        "considered": known.ids,
    }


def seal(report: Mapping[str, Any], fingerprint: str) -> str:
    """The seal of a report on the state with this fingerprint."""
    engine = {key: value for key, value in report["engine"].items() if key != _SEAL}
    # as the database gives it back
    plain = json.loads(canonical({**report, "engine": engine, "fingerprint": fingerprint}))
    key = str(config["SECRET_KEY"]).encode()
    return hmac.new(key, canonical(plain).encode(), hashlib.sha256).hexdigest()


def sealed(report: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
    """The report with its seal."""
    engine = {**report["engine"], _SEAL: seal(report, fingerprint)}
    return {**report, "engine": engine}


def holds(report: Mapping[str, Any], package: model.Package, fingerprint: str) -> bool:
    """Whether a check of this state would look at the very same and was made by this portal.

    Args:
        report: the report.
        package: the working copy.
        fingerprint: its state now.
    """
    engine = {key: value for key, value in report["engine"].items() if key != _SEAL}
    if engine != engine_of(report["policy"], _linked.linked(package)):
        return False
    return hmac.compare_digest(str(report["engine"].get(_SEAL, "")), seal(report, fingerprint))

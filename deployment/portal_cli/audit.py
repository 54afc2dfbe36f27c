"""Known vulnerabilities of the locked packages, by pip-audit.

Only the registry knows them. A closed network has no way there: that is said aloud and fails no
run, since the code did not change; a vulnerability that the registry names does. A mirror that
knows packages but no vulnerabilities answers "not found" to each of them, which pip-audit takes for
a clean bill: here it counts as no answer.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["SECONDS", "Audit", "Outcome", "audit"]

SECONDS = 60
# How pip-audit, requests and urllib3 say that nobody answered; anything else is a failure.
_AWAY = (
    "Client Error",
    "ConnectionError",
    "ConnectTimeout",
    "Failed to establish a new connection",
    "Max retries exceeded",
    "NameResolutionError",
    "ProxyError",
    "ReadTimeout",
    "Server Error",
    "Tried to connect to",
)


class Outcome(StrEnum):
    """What an audit can say."""

    CLEAN = "no known vulnerability"
    FOUND = "KNOWN VULNERABILITIES"
    AWAY = "SKIPPED: the registry's list of vulnerabilities is not reachable"
    BROKEN = "the audit itself failed"


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit.

    Attributes:
        outcome: in a word.
        lines: what to show: packages with what is known of them, or the error.
        audited: how many packages the registry knew.
    """

    outcome: Outcome
    lines: list[str]
    audited: int = 0

    @property
    def is_failure(self) -> bool:
        """Whether the run fails by it."""
        return self.outcome in (Outcome.FOUND, Outcome.BROKEN)


def audit(
    program: Path, locks: Sequence[Path], env: dict[str, str], seconds: float = SECONDS
) -> Audit:
    """Look the packages of lock files up.

    Args:
        program: pip-audit.
        locks: the lock files, with hashes.
        env: environment of the program.
        seconds: when to give up, as if nobody answered.
    """
    named = [part for lock in locks for part in ("--requirement", str(lock))]
    options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=10"]
    command = [str(program), *options, "--format=json", *named]
    try:
        done = subprocess.run(  # noqa: S603 - our own program and files
            command, capture_output=True, text=True, env=env, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Audit(Outcome.AWAY, [f"no answer within {seconds:.0f} s"])
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        away = any(sign in done.stderr for sign in _AWAY)
        outcome = Outcome.AWAY if away else Outcome.BROKEN
        return Audit(outcome, done.stderr.strip().splitlines()[-5:])
    return _read(packages)


def _read(packages: Sequence[dict[str, Any]]) -> Audit:
    known = [package for package in packages if "vulns" in package]
    lines = [
        f"{package['name']} {package['version']}: {found['id']},"
        f" repaired in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in known
        for found in package["vulns"]
    ]
    if lines:
        return Audit(Outcome.FOUND, lines, len(known))
    if not known:
        return Audit(Outcome.AWAY, [f"none of {len(packages)} packages is known to the registry"])
    unknown = len(packages) - len(known)
    rest = [f"{unknown} packages are unknown to the registry"] if unknown else []
    return Audit(Outcome.CLEAN, rest, len(known))

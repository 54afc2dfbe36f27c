"""The audit of the locked packages: a vulnerability fails the run, a closed network does not."""

import json
import os
from pathlib import Path

import pytest
from portal_cli.audit import Outcome, audit

CLEAN = {"name": "flask", "version": "3.1.0", "vulns": []}
BAD = {
    "name": "ckan",
    "version": "2.11.0",
    "vulns": [{"id": "GHSA-0000", "fix_versions": ["2.12.0"], "aliases": [], "description": ""}],
}
UNKNOWN = {"name": "yarl", "skip_reason": "Dependency not found on PyPI"}


def program(folder: Path, out: str = "", err: str = "", code: int = 0, wait: int = 0) -> Path:
    """Something that answers as pip-audit does."""
    (folder / "out").write_text(out)
    (folder / "err").write_text(err)
    path = folder / "pip-audit"
    path.write_text(f"#!/bin/sh\nsleep {wait}\ncat {folder}/out\ncat {folder}/err >&2\nexit {code}")
    path.chmod(0o700)
    return path


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("out", "err", "code", "outcome", "fails"),
    [
        (answer(CLEAN, UNKNOWN), "", 0, Outcome.CLEAN, False),
        (answer(CLEAN, BAD, UNKNOWN), "", 1, Outcome.FOUND, True),
        (answer(UNKNOWN, UNKNOWN), "No known vulnerabilities found", 0, Outcome.AWAY, False),
        ("", "ConnectionError: Max retries exceeded with url: /pypi", 1, Outcome.AWAY, False),
        ("", "ERROR: invalid requirements input", 1, Outcome.BROKEN, True),
    ],
)
def test_what_an_answer_means(
    tmp_path: Path, out: str, err: str, code: int, outcome: Outcome, fails: bool
) -> None:
    found = audit(program(tmp_path, out, err, code), [], dict(os.environ))
    assert (found.outcome, found.is_failure) == (outcome, fails)


def test_a_vulnerability_is_named_with_its_remedy(tmp_path: Path) -> None:
    found = audit(program(tmp_path, answer(BAD), code=1), [], dict(os.environ))
    assert found.lines == ["ckan 2.11.0: GHSA-0000, repaired in 2.12.0"]


def test_no_answer_in_time_is_no_failure(tmp_path: Path) -> None:
    found = audit(program(tmp_path, wait=5), [], dict(os.environ), seconds=0.2)
    assert found.outcome is Outcome.AWAY
    assert not found.is_failure

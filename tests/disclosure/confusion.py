"""Runs a case of the corpus and says whether its verdict is right."""

import tempfile
from pathlib import Path

from adversarial import Case

from ckanext.sozialdaten.disclosure import Severity, check_files, load_policy


def blocking(case: Case) -> set[str]:
    """Ids of the rules that block a case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("new", "old", "behind"):
            (folder / part).mkdir()
        for file, data in case.files.items():
            (folder / "new" / file).write_bytes(data)
        for file, data in case.released.items():
            (folder / "old" / file).write_bytes(data)
        behind = folder / "behind" / "traeger.csv"
        behind.write_bytes(case.contributors)
        report = check_files(
            [folder / "new" / file for file in case.files],
            policy=load_policy(case.policy),
            released=[folder / "old" / file for file in case.released],
            contributors=behind if case.contributors else None,
        )
    return {finding.rule for finding in report.findings if finding.severity is Severity.BLOCK}


def is_right(case: Case, found: set[str]) -> bool:
    """Whether an attack is found by the right rule, and a harmless twin is left alone."""
    return bool(found & case.rules) if case.rules else not found

"""``sozialdaten bench confusion``: what check finds, misses and raises a false alarm on.

The corpora belong to the tests: attacks in disguise with harmless twins (``tests/disclosure``), and
official tables and known cases of the shared reference folder, with the findings that are right.
"""

import importlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from ckanext.sozialdaten.disclosure import Severity, UnreadableFileError, check_files

__all__ = ["command"]

_ROOT = Path(__file__).resolve().parents[4]
_TESTS = _ROOT / "tests" / "disclosure"


@dataclass(slots=True)
class Counts:
    """One row of the confusion table.

    Args:
        corpus: what was checked.
        found: tables that must not be published, found by the right rule.
        missed: those that were not.
        passed: harmless tables that nothing blocks.
        alarms: harmless tables, or findings on others, that are wrong.
    """

    corpus: str
    found: int = 0
    missed: int = 0
    passed: int = 0
    alarms: int = 0

    def add(self, expected: frozenset[str], blocking: set[str], *, strict: bool) -> bool:
        """Count one table; whether it was judged right.

        Args:
            expected: rules of which one must block; empty for a harmless table.
            blocking: rules that block.
            strict: whether any other rule is a false alarm.
        """
        wrong = bool(blocking - expected) if strict or not expected else False
        missed = bool(expected) and not blocking & expected
        self.found += bool(expected) and not missed
        self.missed += missed
        self.passed += not expected and not wrong
        self.alarms += wrong
        return not wrong and not missed


def _module(name: str) -> Any:
    """A module of the tests, which lie in the project's repository alone."""
    if not _TESTS.is_dir():
        raise click.UsageError("The corpora lie in the project's repository: run me from there.")
    if str(_TESTS) not in sys.path:
        sys.path.insert(0, str(_TESTS))
    return importlib.import_module(name)


def _adversarial() -> tuple[Counts, list[str]]:
    counts, wrong = Counts("attacks in disguise and their twins"), list[str]()
    confusion = _module("confusion")
    for case in _module("adversarial_tables").cases():
        blocking: set[str] = confusion.blocking(case)
        if not counts.add(case.rules, blocking, strict=False):
            wrong.append(f"{case.id}: {', '.join(sorted(blocking)) or '-'}")
    return counts, wrong


def _tables(shared: Path, expected: dict[str, str]) -> Iterator[tuple[str, frozenset[str]]]:
    for name, rules in expected.items():
        if (shared / name).exists():
            yield name, frozenset(rules.split())


def _files(corpus: str, shared: Path, expected: dict[str, str]) -> tuple[Counts, list[str]]:
    counts, wrong = Counts(corpus), list[str]()
    for name, rules in _tables(shared, expected):
        try:
            report = check_files([shared / name])
        except UnreadableFileError:
            wrong.append(f"{name}: unreadable")
            continue
        blocking = {f.rule for f in report.findings if f.severity is Severity.BLOCK}
        if not counts.add(rules, blocking, strict=True):
            wrong.append(f"{name}: {', '.join(sorted(blocking)) or '-'}")
    return counts, wrong


@click.command("confusion")
@click.option(
    "--shared",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: os.environ.get("SOZIALDATEN_SAMPLES", str(_ROOT.parent / "shared")),
    help="The shared reference folder with official tables and known cases.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(shared: Path, as_json: bool) -> None:
    """The confusion table of check under the default policy; takes some minutes."""
    official = _module("official_tables")
    parts = [
        _adversarial(),
        _files("official tables", shared, official.OFFICIAL),
        _files("known cases", shared, official.KNOWN),
    ]
    if as_json:
        rows = [{**asdict(counts), "wrong": wrong} for counts, wrong in parts]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    click.echo(f"{'':<38}{'found':>8}{'missed':>8}{'passed':>8}{'alarms':>8}")
    for counts, wrong in parts:
        numbers = (counts.found, counts.missed, counts.passed, counts.alarms)
        click.echo(f"{counts.corpus:<38}" + "".join(f"{number:>8}" for number in numbers))
        for line in wrong:
            click.echo(f"    {line}")

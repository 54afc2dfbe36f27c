"""``sozialdaten bench confusion``: what check finds, misses and raises a false alarm on.

Also a part of ``bench disclosure``.

The corpora belong to the tests: attacks in disguise with harmless twins (``tests/disclosure``), and
official tables and known cases of the shared reference folder, with the findings that are right.
"""

import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import click

from ckanext.sozialdaten.cli._bench_shared import ROOT, shared_folder
from ckanext.sozialdaten.disclosure import Severity, UnreadableFileError, check_files

__all__ = ["command", "lines", "run"]

_TESTS = ROOT / "tests" / "disclosure"

Result = Mapping[str, object]


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


def run(*, quick: bool, peer_python: str) -> Result:
    """The confusion table as a part of ``bench disclosure``.

    Args:
        quick: without the official tables.
        peer_python: not used.
    """
    del peer_python
    return {"rows": _rows(shared_folder(), quick=quick)}


def _rows(shared: Path, *, quick: bool = False) -> list[dict[str, Any]]:
    official = _module("official_tables")
    parts = [_adversarial(), _files("known cases", shared, official.KNOWN)]
    if not quick:
        parts.append(_files("official tables", shared, official.OFFICIAL))
    return [{**asdict(counts), "wrong": wrong} for counts, wrong in parts]


def lines(result: Result) -> Sequence[str]:
    """The table for people."""
    told = [f"{'':<38}{'found':>8}{'missed':>8}{'passed':>8}{'alarms':>8}"]
    for row in cast("list[dict[str, Any]]", result["rows"]):
        numbers = (row["found"], row["missed"], row["passed"], row["alarms"])
        told.append(f"{row['corpus']:<38}" + "".join(f"{number:>8}" for number in numbers))
        told += [f"    {line}" for line in row["wrong"]]
    return told


@click.command("confusion")
@click.option(
    "--shared",
    type=click.Path(file_okay=False, path_type=Path),
    default=shared_folder,
    help="The shared reference folder with official tables and known cases.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(shared: Path, as_json: bool) -> None:
    """The confusion table of check under the default policy; takes some minutes."""
    rows = _rows(shared)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for line in lines({"rows": rows}):
        click.echo(line)

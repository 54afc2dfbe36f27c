"""What an audit found: plain values, and the same as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ckanext.sozialdaten.disclosure.audit._first import Kind, Step, kind_of, steps

__all__ = ["Audit", "Json", "Table", "counted"]

Json = Mapping[str, object]


def counted(findings: Sequence[Json], severity: str) -> int:
    """How many findings have a severity."""
    return sum(1 for finding in findings if finding["severity"] == severity)


@dataclass(frozen=True, slots=True)
class Table:
    """One file of a dataset.

    Args:
        dataset: the dataset's name.
        title: its title.
        file: the file.
        url: its page; empty for files of a folder.
        findings: what its own check found.
        error: why it could not be read, in German and English; empty if it could.
    """

    dataset: str
    title: str
    file: str
    url: str = ""
    findings: tuple[Json, ...] = ()
    error: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def verdict(self) -> str:
        """``unreadable``, ``unsafe`` or ``safe``."""
        if self.error:
            return "unreadable"
        return "unsafe" if counted(self.findings, "block") else "safe"

    @property
    def worst(self) -> tuple[int, int]:
        """Sorts tables: the worst kind of finding first, then how many there are."""
        kinds = [kind_of(str(f["rule"])) for f in self.findings if f["severity"] == "block"]
        if self.error:
            kinds.append(Kind.UNREAD)
        return min(kinds, default=Kind.UNREAD + 1), -len(kinds)

    @property
    def name(self) -> str:
        """Dataset and file."""
        return f"{self.dataset}/{self.file}" if self.dataset else self.file


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit.

    Args:
        policy: name of the policy.
        tables: every file.
        groups: each group of tables that speak of the same thing, with what they give away together
            and which of them could not be compared.
        complete: whether everything was looked at.
    """

    policy: str
    tables: tuple[Table, ...] = ()
    groups: tuple[Json, ...] = ()
    complete: bool = True

    @property
    def leaks(self) -> list[Json]:
        """Findings on combinations of tables, without mere information."""
        return [f for f in self._together() if f["severity"] != "info"]

    @property
    def incomparable(self) -> list[Json]:
        """What could not be compared, and why."""
        return [f for f in self._together() if f["severity"] == "info"]

    @property
    def first(self) -> list[Step]:
        """What to do, the worst first."""
        return steps(self.tables, self.leaks)

    def datasets(self) -> dict[str, list[Table]]:
        """The tables by dataset: the worst dataset first, and in it the worst table."""
        found: dict[str, list[Table]] = {}
        for table in sorted(self.tables, key=lambda table: table.worst):
            found.setdefault(table.dataset, []).append(table)
        return found

    def _together(self) -> list[Json]:
        return [
            finding
            for group in self.groups
            for finding in cast("Sequence[Json]", group["findings"])
        ]

    @property
    def verdict(self) -> str:
        """Unsafe as soon as one table, or one combination of tables, is."""
        bad = any(table.verdict == "unsafe" for table in self.tables)
        return "unsafe" if bad or counted(self.leaks, "block") else "safe"

    def to_json(self) -> dict[str, object]:
        """The audit as JSON."""
        return {
            "verdict": self.verdict,
            "policy": self.policy,
            "complete": self.complete,
            "first": [step.to_json() for step in self.first],
            "datasets": [_dataset(name, tables) for name, tables in self.datasets().items()],
            "groups": [dict(group) for group in self.groups],
            "unread": [
                {"file": table.name, "reason": dict(table.error)}
                for table in self.tables
                if table.error
            ],
        }


def _dataset(name: str, tables: Sequence[Table]) -> dict[str, object]:
    verdicts = [table.verdict for table in tables]
    order = ("unsafe", "unreadable", "safe")
    return {
        "name": name,
        "title": tables[0].title,
        "url": tables[0].url,
        "verdict": next(verdict for verdict in order if verdict in verdicts),
        "files": [
            {"name": t.file, "verdict": t.verdict, "findings": [dict(f) for f in t.findings]}
            for t in tables
        ],
    }

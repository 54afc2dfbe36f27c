"""Findings and reports: plain values, as DESIGN section 5 prints them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Finding", "Report", "RoleGuess", "Severity", "Verdict"]


class Severity(StrEnum):
    """How much a finding weighs: only ``block`` makes a table unsafe."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class Verdict(StrEnum):
    """The answer to "may this be published?"."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Finding:
    """One disclosure risk.

    Args:
        rule: id of the rule; ``schemas/rules/<id>.md`` explains it.
        severity: whether it blocks.
        message: what is at risk and why; never with a person's values.
        remedy: what the clerk can do.
        resource: file or resource.
        sheet: sheet of a workbook, member of an archive.
        column: the column, or several joined by ", ".
        cells: rows concerned, counted from 1 as a spreadsheet shows them; long lists are cut.
    """

    rule: str
    severity: Severity
    message: Message
    remedy: Message
    resource: str = ""
    sheet: str = ""
    column: str = ""
    cells: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The finding as the contract prints it."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "resource": self.resource,
            "sheet": self.sheet,
            "column": self.column,
            "cells": list(self.cells),
            "message": self.message.both(),
            "remedy": self.remedy.both(),
        }

    def at(self, resource: str, sheet: str) -> "Finding":
        """The same finding, placed in a resource and sheet."""
        return replace(self, resource=resource, sheet=sheet)


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """The role of a column and how sure we are.

    Args:
        role: the role; None for a column that no rule reads as more than text.
        confidence: 1.0 if declared, else between 0 and 1.
        why: what the guess rests on: ``declared``, ``name``, ``values``, ``shape``.
    """

    role: Role | None
    confidence: float = 1.0
    why: str = "declared"


_ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Report:
    """All findings on one or several tables.

    Args:
        policy: name of the policy that was applied.
        findings: sorted by severity, place and rule.
        roles: role of each column; several tables share the mapping, the first one wins.
        guesses: the same with confidence, by resource and sheet.
    """

    policy: str
    findings: tuple[Finding, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])
    guesses: Mapping[tuple[str, str], Mapping[str, RoleGuess]] = field(
        default_factory=dict[tuple[str, str], Mapping[str, RoleGuess]]
    )

    @property
    def verdict(self) -> Verdict:
        """Unsafe as soon as one finding blocks."""
        blocked = any(finding.severity is Severity.BLOCK for finding in self.findings)
        return Verdict.UNSAFE if blocked else Verdict.SAFE

    def to_json(self) -> dict[str, object]:
        """The report as the contract prints it."""
        return {
            "verdict": str(self.verdict),
            "policy": self.policy,
            "findings": [finding.to_json() for finding in self.findings],
            "roles": {column: str(role) for column, role in self.roles.items()},
        }

    @classmethod
    def of(
        cls,
        policy: str,
        findings: Iterable[Finding],
        guesses: Mapping[tuple[str, str], Mapping[str, RoleGuess]],
    ) -> "Report":
        """A report with its findings in a stable order."""
        ordered = sorted(
            findings,
            key=lambda f: (_ORDER[f.severity], f.resource, f.sheet, f.rule, f.column, f.cells),
        )
        roles: dict[str, Role] = {}
        for columns in guesses.values():
            for column, guess in columns.items():
                if guess.role is not None:
                    roles.setdefault(column, guess.role)
        return cls(policy, tuple(ordered), roles, guesses)

    @classmethod
    def joined(cls, policy: str, reports: Iterable["Report"]) -> "Report":
        """One report over several tables."""
        findings: list[Finding] = []
        guesses: dict[tuple[str, str], Mapping[str, RoleGuess]] = {}
        for report in reports:
            findings.extend(report.findings)
            for place, columns in report.guesses.items():
                guesses[place] = {**columns, **guesses.get(place, {})}
        return cls.of(policy, findings, guesses)

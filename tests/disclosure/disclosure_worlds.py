"""Small tables that the tests of disclosure control share."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from ckanext.sozialdaten.disclosure import Report, check, load_policy

POLICY = load_policy()


def table(**columns: Sequence[object]) -> pa.Table:
    """A table of text columns, as a CSV file gives it."""
    return pa.table({name: [str(cell) for cell in cells] for name, cells in columns.items()})


def named(columns: Mapping[str, Sequence[object]]) -> pa.Table:
    """The same for names that are no Python names."""
    return pa.table({name: [str(cell) for cell in cells] for name, cells in columns.items()})


def rules(report: Report, severity: str = "block") -> set[str]:
    """Ids of the rules with a finding of a severity."""
    return {finding.rule for finding in report.findings if finding.severity == severity}


def found(data: pa.Table, roles: Mapping[str, str] | None = None, **where: str) -> set[str]:
    """Ids of the rules that block a table under the default policy."""
    return rules(check(data, roles, POLICY, **where))


KINDS = [f"Kind{n}" for n in range(6)]


def counts_beside(name: str, values: Sequence[object]) -> pa.Table:
    """A harmless table of counts with one more column."""
    return named(
        {
            "Gebiet": [f"Ort {n}" for n in range(len(values))],
            name: list(values),
            "Anzahl": [50 + 7 * n for n in range(len(values))],
        }
    )

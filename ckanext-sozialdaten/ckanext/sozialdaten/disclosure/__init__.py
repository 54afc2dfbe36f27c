"""Disclosure control: is this table safe, what would make it safe, what would an attacker get?

Importing this package is cheap: engines and readers load when a check runs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ckanext.sozialdaten.disclosure._explain import (
    Explanation,
    explain,
    handbook,
    handbook_intro,
    list_explained,
)
from ckanext.sozialdaten.disclosure._model import Finding, Report, RoleGuess, Severity, Verdict
from ckanext.sozialdaten.disclosure._policy import (
    DEFAULT_POLICY,
    Policy,
    list_policies,
    load_policy,
)
from ckanext.sozialdaten.disclosure._released import Released
from ckanext.sozialdaten.disclosure.errors import (
    DisclosureError,
    MissingEngineError,
    NotProtectedError,
    NotSupportedError,
    PolicyError,
    RolesError,
    UnknownRuleError,
    UnreadableFileError,
)
from ckanext.sozialdaten.lake.layouts import Layout, Role

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport, Question
    from ckanext.sozialdaten.disclosure._protect import Protected
    from ckanext.sozialdaten.disclosure.protection._menu import Alternative
    from ckanext.sozialdaten.disclosure.protection.recoding import Hierarchy

__all__ = [
    "DEFAULT_POLICY",
    "DisclosureError",
    "Explanation",
    "Finding",
    "MissingEngineError",
    "NotProtectedError",
    "NotSupportedError",
    "Policy",
    "PolicyError",
    "Released",
    "Report",
    "RoleGuess",
    "RolesError",
    "Severity",
    "UnknownRuleError",
    "UnreadableFileError",
    "Verdict",
    "alternatives",
    "attack_files",
    "attack_report",
    "check",
    "check_files",
    "explain",
    "handbook",
    "handbook_intro",
    "list_explained",
    "list_policies",
    "load_policy",
    "protect",
]


def check(
    table: "pa.Table",
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    resource: str = "",
    sheet: str = "",
    *,
    backend: str = "duckdb",
) -> Report:
    """Look for everything in a table that could tell something about a person.

    Args:
        table: the table as it would be published.
        layout: its layout, or roles by column; columns it does not name are inferred.
        policy: the numbers and methods.
        resource: name of the file or resource, for the findings.
        sheet: name of the sheet, for the findings.
        backend: ``duckdb`` or ``pyspark``.

    Returns:
        The findings, sorted, with the verdict and the role of each column.

    Raises:
        RolesError: a declared column is missing, or a role is unknown.
        MissingEngineError: the backend is not installed.
    """
    from ckanext.sozialdaten.disclosure._check import check_table
    from ckanext.sozialdaten.disclosure._engine import Backend

    return check_table(
        table, layout, policy, resource=resource, sheet=sheet, backend=Backend(backend)
    )


def check_files(
    paths: Sequence[str | Path],
    layout: Layout | None = None,
    roles: Mapping[str, Role | str] | None = None,
    policy: Policy | None = None,
    *,
    released: Sequence[str | Path | Released] = (),
    contributors: str | Path | None = None,
    contributor_roles: Mapping[str, Role | str] | None = None,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
    original: Sequence[str | Path] = (),
    backend: str = "duckdb",
) -> Report:
    """The same for files, folders and archives; every sheet and member is a table.

    Args:
        paths: CSV, XLSX, XLS, ODS, Parquet, JSON, GeoJSON, XML, ZIP, or folders of these.
        layout: layout of all tables.
        roles: roles by column where no layout is given.
        policy: the numbers and methods; the default one if None.
        released: earlier or linked releases, which are public already.
        contributors: the rows behind a table of magnitudes, for the rules on dominance.
        contributor_roles: roles of their columns; see ``schemas/rules/dominance.md``.
        hierarchies: by column the code above each code, where codes alone do not tell.
        original: the tables that copies in ``paths`` were made of, in their order: the levels of
            their contributors decide, and what they say must be possible beside the copies.
        backend: ``duckdb`` or ``pyspark``.

    Raises:
        UnreadableFileError: a file that cannot be read; names file, sheet, row and what to do.
        MissingEngineError: the backend is not installed.
    """
    from ckanext.sozialdaten.disclosure._check import check_files as run
    from ckanext.sozialdaten.disclosure._engine import Backend

    declarations = layout if layout is not None else roles
    return run(
        paths,
        declarations,
        policy or load_policy(),
        released=released,
        contributors=contributors,
        contributor_roles=contributor_roles,
        hierarchies=hierarchies,
        original=original,
        backend=Backend(backend),
    )


def attack_report(
    paths: Sequence[str | Path],
    layout: Layout | None = None,
    roles: Mapping[str, Role | str] | None = None,
    policy: Policy | None = None,
    *,
    question: "Question | None" = None,
) -> "AttackReport":
    """For every suppressed cell the interval that follows from everything published.

    Args:
        paths: files as for :func:`check_files`, or JJ files.
        layout: layout of all tables.
        roles: roles by column where no layout is given.
        policy: the numbers and methods; the default one if None.
        question: linked releases, what marks mean, what else to tell.

    Raises:
        UnreadableFileError: a file that cannot be read.
        NotSupportedError: more suppressed cells than the policy lets one attack take on.
    """
    from ckanext.sozialdaten.disclosure._attack import attack_report as run
    from ckanext.sozialdaten.disclosure._attacked import Question as Asked

    declarations = layout if layout is not None else roles
    return run(paths, declarations, policy or load_policy(), question or Asked())


def attack_files(
    paths: Sequence[str | Path],
    layout: Layout | None = None,
    roles: Mapping[str, Role | str] | None = None,
    policy: Policy | None = None,
) -> "list[Attacked]":
    """The suppressed cells of :func:`attack_report`."""
    return list(attack_report(paths, layout, roles, policy).cells)


def protect(
    table: "pa.Table",
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    *,
    method: str | None = None,
    base: int | None = None,
    released: Sequence[str | Path] = (),
    contributors: str | Path | None = None,
    hierarchies: "Mapping[str, Hierarchy] | None" = None,
    secret: str | Path | None = None,
) -> "Protected":
    """A copy of a table that gives nothing away, with as little lost as the method allows.

    ``suppress`` (for counts, if no method is named): small counts, and as many further cells as it
    takes to keep them open under the policy. A suppressed cell shows the sign ``.``, in its column
    of quality signs if it has one. ``recode`` (for persons): values along hierarchies until enough
    persons are alike. ``merge``: categories. ``round``: counts to 0 or multiples of a base, sums
    hold. ``cell-key``: noise that the same cell always gets. A table that is safe already comes
    back as it is, but for noise.

    Args:
        table: the table with its margins.
        layout: its layout, or roles by column; columns it does not name are inferred.
        policy: the numbers.
        method: ``suppress``, ``merge``, ``round``, ``cell-key`` or ``recode``.
        base: of rounding; as the policy says if None.
        released: files that are public already.
        contributors: file with the rows behind magnitudes; never published.
        hierarchies: by column, for recoding.
        secret: file with the secret of the Cell Key Method; the environment names it if None.

    Returns:
        The copy, which check and attack have found safe, and what was lost.

    Raises:
        NotProtectedError: no safe copy exists, or rules block it that no method can help.
        NotSupportedError: the method does not apply, or its secret is missing.
        RolesError: a declared column is missing, or a role is unknown.
    """
    from ckanext.sozialdaten.disclosure._protect import Request, protect_table
    from ckanext.sozialdaten.disclosure.protection._ways import Wish, method_of

    wish = Wish(method_of(method), base, False, hierarchies or {}, secret)
    return protect_table(table, Request(layout, policy, wish, released, contributors))


def alternatives(
    table: "pa.Table",
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    *,
    base: int | None = None,
    released: Sequence[str | Path] = (),
    contributors: str | Path | None = None,
    hierarchies: "Mapping[str, Hierarchy] | None" = None,
    secret: str | Path | None = None,
) -> "tuple[Alternative, ...]":
    """All ways to protect a table side by side: what each costs, and what the attack says of it.

    Args:
        table: the table with its margins.
        layout: its layout, or roles by column; columns it does not name are inferred.
        policy: the numbers.
        base: of rounding; as the policy says if None.
        released: files that are public already.
        contributors: file with the rows behind magnitudes; never published.
        hierarchies: by column, for recoding.
        secret: file with the secret of the Cell Key Method; the environment names it if None.

    Returns:
        The safe ones first, and of these the one that loses least. A way that does not work stands
        there with its reason.

    Raises:
        RolesError: a declared column is missing, or a role is unknown.
    """
    from ckanext.sozialdaten.disclosure._protect import Request, menu_of
    from ckanext.sozialdaten.disclosure.protection._ways import Wish

    wish = Wish(None, base, False, hierarchies or {}, secret)
    return menu_of(table, Request(layout, policy, wish, released, contributors))

"""``sozialdaten check``: findings on files that shall be published."""

import json
import sys
from collections.abc import Mapping
from typing import cast

import click

from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    Policy,
    Report,
    RolesError,
    Verdict,
    check_files,
    load_policy,
)
from ckanext.sozialdaten.disclosure._released import with_precision
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message

__all__ = ["command", "parse_roles"]

_CONTRIBUTORS = "contributors:"
_LANGUAGES = click.Choice(["de", "en"])


def parse_roles(text: str) -> dict[str, str]:
    """Roles from ``column=role,column=role`` or from a JSON object.

    Raises:
        RolesError: neither.
    """
    bare = text.strip()
    if bare.startswith("{"):
        try:
            data: object = json.loads(bare)
        except json.JSONDecodeError as error:
            raise RolesError(Message("The roles are no valid JSON.")) from error
        pairs = cast("Mapping[str, object]", data).items()
        return {str(column): str(role) for column, role in pairs}
    roles: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in bare.split(","))):
        column, equals, role = part.rpartition("=")
        if not equals or not column:
            raise RolesError(
                Message("The roles cannot be read."),
                Message("Write column=role,column=role or a JSON object."),
            )
        roles[column.strip()] = role.strip()
    return roles


def _split(roles: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Roles of the table, and those that start with ``contributors:``."""
    own = {name: role for name, role in roles.items() if not name.startswith(_CONTRIBUTORS)}
    behind = {
        name.removeprefix(_CONTRIBUTORS): role for name, role in roles.items() if name not in own
    }
    return own, behind


def _parents(texts: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Declared hierarchies; the module that reads them loads only where there are some."""
    if not texts:
        return {}
    from ckanext.sozialdaten.disclosure.structure import parse_hierarchies

    return parse_hierarchies(texts)


def _show(report: Report, language: str) -> None:
    for finding in report.findings:
        place = " > ".join(part for part in (finding.resource, finding.sheet) if part)
        rows = ", ".join(map(str, finding.cells[:10])) + (" …" if len(finding.cells) > 10 else "")
        where = f" [{rows}]" if rows else ""
        click.echo(f"{finding.severity.value:5} {finding.rule}: {place}{where}")
        click.echo(f"      {finding.message.text(language)}")
        click.echo(f"      -> {finding.remedy.text(language)}")
    click.echo(f"{report.verdict.value} ({report.policy}, {len(report.findings)})")


def fail(error: SozialdatenError, language: str) -> None:
    """Say what went wrong on standard error and leave with 2."""
    click.echo(error.text(language), err=True)
    sys.exit(2)


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--layout", help="Layout of the tables: a name in schemas/layouts or a path.")
@click.option("--roles", default="", help="Roles: column=role,column=role or a JSON object.")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--released", multiple=True, metavar="PATH", help="Earlier or linked releases.")
@click.option(
    "--released-as",
    multiple=True,
    metavar="PATH=HOW",
    help="A release and how its counts stand for true ones, such as alt.csv=rounded:5.",
)
@click.option("--contributors", metavar="FILE", help="The rows behind a magnitude table.")
@click.option(
    "--original",
    "originals",
    multiple=True,
    metavar="FILE",
    help="The table that FILE was made of: what the copy leaves open is compared with it.",
)
@click.option(
    "--hierarchy",
    "hierarchies",
    multiple=True,
    metavar="COLUMN=FILE",
    help="Codes of a column that lie in others: a CSV file with a column for each level.",
)
@click.option(
    "--backend", type=click.Choice(["duckdb", "pyspark"]), default="duckdb", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--lang", type=_LANGUAGES, default="de", show_default=True, help="Language of texts.")
def command(
    paths: tuple[str, ...],
    layout: str | None,
    roles: str,
    policy: str,
    released: tuple[str, ...],
    released_as: tuple[str, ...],
    contributors: str | None,
    originals: tuple[str, ...],
    hierarchies: tuple[str, ...],
    backend: str,
    as_json: bool,
    lang: str,
) -> None:
    """Look for everything in FILEs that could tell something about a person.

    FILEs are CSV, XLSX, XLS, ODS, Parquet, JSON, GeoJSON, XML, ZIP, or folders of these. Exit
    code: 0 safe, 1 unsafe, 2 unreadable.
    """
    try:
        chosen: Policy = load_policy(policy)
        own, behind = _split(parse_roles(roles))
        report = check_files(
            paths,
            Layout.from_yaml(layout) if layout else None,
            own,
            chosen,
            released=with_precision(released, released_as),
            contributors=contributors,
            contributor_roles=behind,
            hierarchies=_parents(hierarchies),
            original=originals,
            backend=backend,
        )
    except SozialdatenError as error:
        fail(error, lang)
        return
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(report, lang)
    sys.exit(0 if report.verdict is Verdict.SAFE else 1)

"""``sozialdaten audit``: check and attack over a whole back catalogue."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ckanext.sozialdaten.cli.check import fail
from ckanext.sozialdaten.disclosure import DEFAULT_POLICY, load_policy
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure.audit import Audit

__all__ = ["command"]


@click.command("audit")
@click.argument("source", metavar="FOLDER|PORTAL")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--query", default="", help="Datasets of the portal, in the words of its search.")
@click.option("--allow-private", is_flag=True, help="Fetch from private networks as well.")
@click.option("--max-megabytes", default=200, show_default=True, help="Largest file to fetch.")
@click.option("--seconds", default=120.0, show_default=True, help="Longest time for one file.")
@click.option("--state", type=click.Path(dir_okay=False), help="File that keeps finished work.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write an HTML report.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(
    source: str,
    policy: str,
    query: str,
    allow_private: bool,
    max_megabytes: int,
    seconds: float,
    state: str | None,
    output: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Check every table of a FOLDER or of a CKAN PORTAL, and attack them together.

    Each folder directly below FOLDER is a dataset; PORTAL is an address with https://. Exit code:
    0 safe, 1 unsafe, 2 nothing could be read.
    """
    from ckanext.sozialdaten.disclosure.audit import (
        Fetcher,
        as_html,
        audit,
        folder_items,
        portal_items,
    )

    def say(message: Message) -> None:
        click.echo(message.text(lang), err=True)

    try:
        if source.startswith(("http://", "https://")):
            fetcher = Fetcher(max_megabytes << 20, seconds, allow_private)
            items = portal_items(source, fetcher, query)
        else:
            items = folder_items(Path(source))
        kept = Path(state) if state else None
        found = audit(items, load_policy(policy), state=kept, progress=say)
    except SozialdatenError as error:
        fail(error, lang)
        return
    if output:
        Path(output).write_text(as_html(found, lang, source), "utf-8")
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(found, lang)
    if all(table.error for table in found.tables):
        sys.exit(2)
    sys.exit(0 if found.verdict == "safe" else 1)


def _show(found: "Audit", lang: str) -> None:
    for number, step in enumerate(found.first, 1):
        click.echo(f"{number}. {', '.join(step.datasets)}: {step.message.text(lang)}")
        for name in step.files:
            click.echo(f"   {name}")
    for table in (table for tables in found.datasets().values() for table in tables):
        reason = f": {table.error[lang]}" if table.error else ""
        click.echo(f"{table.verdict:10} {table.name}{reason}")
        for finding in table.findings:
            if finding["severity"] == "block":
                click.echo(f"           {finding['rule']}: {_text(finding, lang)}")
    for finding in (*found.leaks, *found.incomparable):
        place = finding.get("resource") or ""
        click.echo(f"{finding['severity']:10} {place}: {_text(finding, lang)}")
    click.echo(f"{found.verdict} ({found.policy})")


def _text(finding: object, lang: str) -> str:
    message: object = finding["message"] if isinstance(finding, dict) else {}
    return str(message.get(lang, "")) if isinstance(message, dict) else ""

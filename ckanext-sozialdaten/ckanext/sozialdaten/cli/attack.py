"""``sozialdaten attack``: the interval that an attacker derives for each suppressed cell."""

import json
import sys

import click

from ckanext.sozialdaten.cli.check import fail, parse_roles
from ckanext.sozialdaten.disclosure import DEFAULT_POLICY, attack_files, load_policy
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout

__all__ = ["command"]


@click.command("attack")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--layout", help="Layout of the tables: a name in schemas/layouts or a path.")
@click.option("--roles", default="", help="Roles: column=role,column=role or a JSON object.")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--json", "as_json", is_flag=True, help="The intervals as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(
    paths: tuple[str, ...],
    layout: str | None,
    roles: str,
    policy: str,
    as_json: bool,
    lang: str,
) -> None:
    """Derive for each suppressed cell of FILEs the interval that everything published leaves.

    Exit code: 0 all cells hold, 1 some can be narrowed beyond the policy, 2 unreadable.
    """
    try:
        chosen = Layout.from_yaml(layout) if layout else None
        cells = attack_files(paths, chosen, parse_roles(roles), load_policy(policy))
    except SozialdatenError as error:
        fail(error, lang)
        return
    weak = sum(1 for cell in cells if not cell.holds)
    if as_json:
        result = {
            "verdict": "unsafe" if weak else "safe",
            "policy": policy,
            "cells": [cell.to_json() for cell in cells],
        }
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for cell in cells:
            mark = "      " if cell.holds else "weak  "
            place = " > ".join(part for part in (cell.resource, cell.sheet) if part)
            ends = f"{cell.interval.low:g} .. {cell.interval.high:g}"
            click.echo(f"{mark}{place} [{cell.row}] {cell.column}: {ends}")
        click.echo(f"{weak} / {len(cells)}")
    sys.exit(1 if weak else 0)

"""``sozialdaten bench harvest``: parts of harvesting, each beside its peers.

A part is a module with ``run`` and ``lines``, as those of ``bench disclosure`` are.
"""

import importlib
import json
from collections.abc import Mapping
from typing import cast

import click

from ckanext.sozialdaten.cli._bench_disclosure import Part
from ckanext.sozialdaten.cli._bench_portal import BenchError

__all__ = ["command"]

PARTS = {"catalogue": "_bench_catalogue", "reading": "_bench_reading"}


@click.command("harvest")
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice(sorted(PARTS)),
    help="Only this part; several may be named. Default: all.",
)
@click.option("--quick", is_flag=True, help="Little data: shows that it runs, measures nothing.")
@click.option(
    "--peer-python",
    envvar="SOZIALDATEN_READING_PEERS",
    default="",
    help="Python of an environment with deployment/requirements/peers-reading.in; by default one"
    " is made for this run, “none” does without.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(parts: tuple[str, ...], quick: bool, peer_python: str, as_json: bool) -> None:
    """Speed of harvesting, with its peers measured in the same run."""
    results: dict[str, Mapping[str, object]] = {}
    for name in parts or PARTS:
        module = importlib.import_module(f"ckanext.sozialdaten.cli.{PARTS[name]}")
        part = cast("Part", module)
        try:
            results[name] = part.run(quick=quick, peer_python=peer_python)
        except BenchError as error:
            raise click.ClickException(str(error)) from error
        if not as_json:
            click.echo(f"== {name}")
            for line in part.lines(results[name]):
                click.echo(line)
    if as_json:
        click.echo(json.dumps(results, indent=2))

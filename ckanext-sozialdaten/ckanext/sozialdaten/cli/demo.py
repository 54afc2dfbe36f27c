"""``sozialdaten demo``: the fictitious Kreis Musterland."""

import json
from pathlib import Path

import click

from ckanext.sozialdaten.demo.generate import SEED
from ckanext.sozialdaten.demo.generate import generate as write_deliveries

__all__ = ["command"]


@click.group(name="demo")
def command() -> None:
    """The fictitious Kreis Musterland: deliveries in the formats of the real sources."""


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=SEED, show_default=True, help="The same seed, the same bytes.")
@click.option("--faults", is_flag=True, help="Write faulty deliveries too, below broken/.")
@click.option("--json", "as_json", is_flag=True, help="List the files as JSON.")
def generate(folder: Path, seed: int, faults: bool, as_json: bool) -> None:
    """Write the deliveries of the Kreis below FOLDER, one sub-folder for each source."""
    written = write_deliveries(folder, seed, faults=faults)
    if as_json:
        rows = [{"source": d.source, "path": str(d.path), "rows": d.rows} for d in written]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for delivered in written:
        click.echo(f"{delivered.path}: {delivered.rows} rows")

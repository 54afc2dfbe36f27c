"""``sozialdaten source``: descriptions of sources."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["command"]


@click.group()
def command() -> None:
    """Where data come from: one YAML for each source."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--id", "identifier", help="Identifier; default: from the file's name.")
@click.option("--title", help="German name; default: the file's name.")
@click.option("--org", prompt="Organisation", help="Name of the organisation that answers for it.")
@click.option("--within", help="Key of the region whose parts are meant, such as 01056.")
@click.option("--level", default="", help="Level of the regions; default: all.")
@click.option("--kind", type=click.Choice(["stichtag", "period"]), help="Stock or flow.")
@click.option("--schedule", default="manual", show_default=True)
@click.option("--legal-basis", default="", help="Code of schemas/codelists/legal_bases.yaml.")
@click.option("--licence", default="")
@click.option("--retention-days", default=0, show_default=True)
@click.option("--published", is_flag=True, help="The figures are public official statistics.")
@click.option("--keep", "write", is_flag=True, help="Write it among the installation's sources.")
def new(file: Path, org: str, write: bool, **said: object) -> None:
    """Draft a source from the sample FILE, check it and try it; prints its YAML.

    Exit code 1: the sample does not fit yet, the YAML and what is missing are printed; 2: the
    sample cannot be read.
    """
    from ckanext.sozialdaten.harvesters.core.describing import checked, keep, tried
    from ckanext.sozialdaten.harvesters.core.sketch import described, drafted, sketched

    try:
        sketch = sketched(file, file.name)
    except SozialdatenError as error:
        _complain(error)
        sys.exit(2)
    answers = drafted(sketch, file.name)
    chosen = {"id" if key == "identifier" else key: value for key, value in said.items() if value}
    answers = replace(answers, owner_org=org, **chosen)
    text = described(sketch, answers)
    click.echo(text, nl=False)
    try:
        planned = tried(checked(text), file, file.name)
        click.echo(
            f"# {planned.observations.num_rows} cells, {len(planned.regions)} regions", err=True
        )
        if write:
            click.echo(f"# {keep(text)}", err=True)
    except SozialdatenError as error:
        _complain(error)
        sys.exit(1)


def _complain(error: SozialdatenError) -> None:
    for problem in getattr(error, "problems", (error,)):
        click.echo(problem.text(), err=True)

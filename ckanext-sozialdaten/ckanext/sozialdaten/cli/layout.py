"""``sozialdaten layout``: descriptions of the columns of deliveries."""

import sys
from pathlib import Path

import click

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["command"]


@click.group()
def command() -> None:
    """Descriptions of the columns of deliveries."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
def draft(file: Path, output: Path | None) -> None:
    """Write a layout to start from for FILE: its columns with guessed types and roles.

    Exit code 2: the file has no rows of cells.
    """
    from ckanext.sozialdaten.harvesters.core.readers import Opened, draft_layout

    try:
        text = draft_layout(Opened(file, file.name))
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")

"""``sozialdaten read``: any supported delivery as tidy observations."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ckanext.sozialdaten.errors import SozialdatenError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--format", "form", help="genesis-ffcsv or delimited; default: by the content.")
@click.option("--layout", help="Layout of delimited text: a name of schemas/layouts, or a YAML.")
@click.option("--to", type=click.Choice(["csv", "parquet", "json"]), default="csv")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
def command(
    files: tuple[Path, ...], form: str | None, layout: str | None, to: str, output: Path | None
) -> None:
    """Print the observations of FILE…, one row for each value cell.

    Exit code 2: a file cannot be read; standard error says where and why, and nothing is printed.
    """
    import pyarrow as pa

    from ckanext.sozialdaten.harvesters.core.tidy import FORMATS, read_tidy
    from ckanext.sozialdaten.lake.layouts import Layout

    if form and form not in FORMATS:
        raise click.BadParameter(f"known formats: {', '.join(FORMATS)}", param_hint="--format")
    try:
        described = Layout.from_yaml(layout) if layout else None
        tables = [read_tidy(path, form, described) for path in files]
    except SozialdatenError as error:
        _complain(error)
        sys.exit(2)
    table = pa.concat_tables(tables)
    if output is None:
        _write(table, to, sys.stdout.buffer)
        return
    part = output.with_name(f".{output.name}.part")
    with part.open("wb") as stream:
        _write(table, to, stream)
    part.replace(output)


def _complain(error: SozialdatenError) -> None:
    for problem in getattr(error, "problems", (error,)):
        click.echo(problem.text(), err=True)


def _write(table: "pa.Table", to: str, stream: BinaryIO) -> None:
    if to == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, stream)
    elif to == "json":
        text = json.dumps(table.to_pylist(), ensure_ascii=False, indent=0)
        stream.write(f"{text}\n".encode())
    else:
        from pyarrow import csv

        stream.write(f"{','.join(table.column_names)}\n".encode())
        csv.write_csv(table, stream, csv.WriteOptions(include_header=False, quoting_style="needed"))

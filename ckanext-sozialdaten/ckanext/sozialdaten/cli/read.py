"""``sozialdaten read``: any supported delivery as tidy observations."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ckanext.sozialdaten.errors import SozialdatenError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--format", "form", default="", help="Name of a format; default: by the content.")
@click.option("--layout", help="Layout of the columns: a name of schemas/layouts, or a YAML.")
@click.option("--region", default="", help="Key of the region, where the file names none.")
@click.option("--time", default="", help="Day or period, where the file names none.")
@click.option("--decimal", type=click.Choice([",", "."]), help="Where the file leaves it open.")
@click.option(
    "--signs", default="", help="Sign convention of schemas/codelists/quality_signs.yaml."
)
@click.option("--to", type=click.Choice(["csv", "parquet", "json"]), default="csv")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
def command(
    files: tuple[Path, ...],
    form: str,
    layout: str | None,
    to: str,
    output: Path | None,
    **known: str | None,
) -> None:
    """Print the observations of FILE…, one row for each value cell; formats may be mixed.

    Of a list of persons only counts are printed. Exit code 2: a file cannot be read; standard error
    says where and why, and nothing is printed.
    """
    import pyarrow as pa

    from ckanext.sozialdaten.harvesters.core.readers import COLUMNS, Settings, formats, read_file
    from ckanext.sozialdaten.lake.layouts import Layout

    if form and form not in formats():
        raise click.BadParameter(f"known formats: {', '.join(formats())}", param_hint="--format")
    try:
        settings = Settings(
            layout=Layout.from_yaml(layout) if layout else None,
            note=lambda text: click.echo(text, err=True),
            **{name: value or "" for name, value in known.items()},
        )
    except SozialdatenError as error:
        _complain(error)
        sys.exit(2)
    found: list[pa.RecordBatch] = []
    readable = True
    for path in files:
        try:
            found += read_file(path, form, settings)
        except SozialdatenError as error:
            _complain(error)
            readable = False
    if not readable:
        sys.exit(2)
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    table = pa.Table.from_batches(found, schema)
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
        stream.writelines(_json(table))
    else:
        from pyarrow import csv

        stream.write(f"{','.join(table.column_names)}\n".encode())
        csv.write_csv(table, stream, csv.WriteOptions(include_header=False, quoting_style="needed"))


def _json(table: "pa.Table") -> Iterator[bytes]:
    """One observation a line, so that the text never lies in memory as a whole."""
    before = "[\n"
    for batch in table.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            yield (before + json.dumps(row, ensure_ascii=False)).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"

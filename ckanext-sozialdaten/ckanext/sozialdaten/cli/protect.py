"""``sozialdaten protect``: a copy of a table of counts that gives nothing away."""

import csv
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ckanext.sozialdaten.cli.check import fail, parse_roles
from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    NotProtectedError,
    NotSupportedError,
    load_policy,
)
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Dialect, Layout
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.disclosure._protect import ProtectionReport

__all__ = ["command"]


def _bytes(table: "pa.Table", target: Path, dialect: Dialect) -> bytes:
    """The table in the format that the ending of the target asks for."""
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    if target.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        return buffer.getvalue()
    if target.suffix.lower() != ".csv":
        raise NotSupportedError(
            Message("A protected copy is written as CSV or Parquet."),
            Message("Give the file after -o the ending .csv or .parquet."),
        )
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    writer.writerow(table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    writer.writerows([cell_text(cell) for cell in row] for row in zip(*columns, strict=True))
    return text.getvalue().encode("utf-8")


def _write(data: bytes, target: Path) -> None:
    """All of the file or nothing of it."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _percent(share: float, lang: str) -> str:
    text = f"{100 * share:.1f}"
    return text.replace(".", ",") if lang == "de" else text


def _show(report: "ProtectionReport", lang: str) -> None:
    counts = {
        "primary": report.primary,
        "secondary": report.secondary,
        "cells": report.cells,
        "share": _percent(report.lost_cells, lang),
        "sum": _percent(report.lost_sum, lang),
    }
    text = Message(
        "{primary} small counts and {secondary} further cells of {cells} are suppressed now:"
        " {share} % of the cells, {sum} % of their sum.",
        counts,
    )
    click.echo(text.text(lang))
    proof = "The attack narrows none of {cells} suppressed cells too far."
    click.echo(Message(proof, {"cells": report.attacked}).text(lang))


@click.command("protect")
@click.argument("path", metavar="FILE")
@click.option("-o", "--output", required=True, metavar="OUT", help="The copy: .csv or .parquet.")
@click.option("--layout", help="Layout of the table: a name in schemas/layouts or a path.")
@click.option("--roles", default="", help="Roles: column=role,column=role or a JSON object.")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(
    path: str,
    output: str,
    layout: str | None,
    roles: str,
    policy: str,
    as_json: bool,
    lang: str,
) -> None:
    """Write a copy of the table of counts in FILE that gives nothing away, and say what was lost.

    Exit code: 0 done, 1 no safe copy is possible (none is written), 2 unreadable.
    """
    from ckanext.sozialdaten.disclosure._protect import protect_file

    target = Path(output)
    try:
        chosen = Layout.from_yaml(layout) if layout else None
        rules = load_policy(policy)
        done = protect_file(path, chosen or parse_roles(roles), rules)
        _write(_bytes(done.table, target, chosen.dialect if chosen else Dialect()), target)
    except NotProtectedError as error:
        click.echo(error.text(lang), err=True)
        sys.exit(1)
    except SozialdatenError as error:
        fail(error, lang)
        return
    except OSError as error:
        click.echo(f"{output}: {error.strerror}", err=True)
        sys.exit(2)
    if as_json:
        click.echo(json.dumps(done.report.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(done.report, lang)

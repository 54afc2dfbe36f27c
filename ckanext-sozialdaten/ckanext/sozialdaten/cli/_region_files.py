"""``sozialdaten region import``, ``fetch``, ``convert``: what reads and writes files of regions."""

import datetime as dt
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import (
    Conversion,
    Level,
    NoWay,
    Weight,
    convert,
    ratio,
    state_day,
)
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["convert_", "fetch_", "import_"]


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)  # fmt: skip
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="Register folder; default: the first that SOZIALDATEN_REGIONS names.",
)  # fmt: skip
@click.option("--parent", default="", metavar="KEY", help="Gemeinde or Kreis of all small areas.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day of a list of small areas.")
@click.option("--level", type=click.Choice([level.value for level in Level]), help="Of boundaries.")
@click.option("--year", type=click.IntRange(1900, 2100), help="Of boundaries.")
@click.option("--key", default="", metavar="COLUMN", help="Column of boundaries with the key.")
@click.option("--layer", default="", help="Layer of boundaries, where a file has several.")
@click.option("--crs", default="", metavar="EPSG:…", help="Coordinates of boundaries, if unsaid.")
@click.option("--tolerance", type=click.FloatRange(0), help="Metres that boundaries may lose.")
@click.option("--attribution", default="", help="Whom to credit for boundaries.")
def import_(
    files: tuple[Path, ...],
    folder: Path | None,
    parent: str,
    on: dt.datetime | None,
    level: str | None,
    **options: Any,
) -> None:
    """Take lists of regions, their changes and boundaries into a register folder.

    What each FILE holds is seen from its content: GV-ISys workbook or GV100AD, BBSR
    Umsteigeschlüssel, Destatis Namensänderungen, CSV of small areas, changes or names; boundaries
    from GeoJSON, GeoPackage or Shapefile (VG250 or a county's own). Lists come first. Name the
    folder in SOZIALDATEN_REGIONS afterwards. Exit code 2: a file cannot be taken in.
    """
    from ckanext.sozialdaten.geography.importing import (
        BoundaryOptions,
        has_boundaries,
        import_boundaries,
        import_lists,
    )

    target = _folder(folder)
    shapes = [path for path in files if has_boundaries(path)]
    lists = [path for path in files if path not in shapes]
    try:
        if lists:
            _print(import_lists(lists, target, parent, on.date() if on else None))
        if shapes:
            wanted = Level(level) if level else None
            settings = BoundaryOptions(level=wanted, parent=parent, **options)
            _print(import_boundaries(shapes, target, settings))
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


@click.command("fetch")
@click.argument("source")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False),
    help="Register folder; default: the first that SOZIALDATEN_REGIONS names.",
)  # fmt: skip
@click.option("--level", type=click.Choice([level.value for level in Level]), help="Of boundaries.")
@click.option("--year", type=click.IntRange(1900, 2100), required=True, help="Of boundaries.")
@click.option("--tolerance", type=click.FloatRange(0), help="Metres that boundaries may lose.")
def fetch_(source: str, folder: Path | None, level: str | None, **options: Any) -> None:
    """Fetch the boundaries that SOURCE brings into a register folder.

    SOURCE is the id or the YAML of a source of the connector wfs, such as VG250 of the BKG
    (schemas/sources/examples/wfs.yaml); its layers, keys and attribution hold. Exit code 2: they
    cannot be had or taken in; the register folder is as it was.
    """
    from ckanext.sozialdaten.geography.importing import BoundaryOptions, import_boundaries
    from ckanext.sozialdaten.harvesters.core import load_source
    from ckanext.sozialdaten.harvesters.core.connectors import connector

    target = _folder(folder)
    try:
        described = load_source(source)
        if described.connection.type != "wfs":
            raise click.UsageError(f"{source}: boundaries come by the connector wfs.")
        service = connector(described)
        files = [service.fetch(ref).path for ref in service.discover()]
        settings = BoundaryOptions(
            level=Level(level) if level else None, attribution=described.attribution, **options
        )
        try:
            _print(import_boundaries(files, target, settings))
        finally:
            for path in files:
                path.unlink(missing_ok=True)
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


def _print(notes: Iterable[Message]) -> None:
    for note in notes:
        click.echo(note.text(), err=True)


def _folder(folder: Path | None) -> Path:
    first = os.environ.get("SOZIALDATEN_REGIONS", "").partition(os.pathsep)[0]
    if folder is None and not first:
        raise click.UsageError("Name the folder: --to FOLDER, or SOZIALDATEN_REGIONS.")
    return folder or Path(first)


@click.command("convert")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", "to", required=True, metavar="STATE", help="Year, or day as YYYY-MM-DD.")
@click.option("--from", "start", metavar="STATE", help="Default: the year of each reference.")
@click.option("--weight", type=click.Choice([w.value for w in Weight]), default="population")
@click.option("--level", type=click.Choice([level.value for level in Level]))
@click.option("--absent-is-zero", is_flag=True, help="A region without a row has nothing.")
@click.option("--ratio", "of", metavar="SERIES/SERIES", help="Print a rate of two series instead.")
@click.option("--factor", type=float, default=1.0, help="Of the rate, for instance 100.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
def convert_(
    file: Path,
    to: str,
    start: str | None,
    weight: str,
    level: str | None,
    absent_is_zero: bool,
    of: str | None,
    factor: float,
    output: Path | None,
) -> None:
    """Figures of FILE on another territorial state.

    FILE is CSV or Parquet as “sozialdaten read” prints it, or any CSV with region and value. A
    merger is the exact sum, a part of a split region an estimate (sign s). Where a part is missing
    or secret the figure is incomplete. Rates are not added up: see --ratio.
    """
    from ckanext.sozialdaten.geography import key_level

    try:
        table = _read(file)
        if level:
            keep = [key_level(key) is Level(level) for key in table["region"].to_pylist()]
            table = table.filter(keep)
        result = convert(
            table,
            state_day(to),
            state_day(start) if start else None,
            weight=Weight(weight),
            absent_is_zero=absent_is_zero,
        )
        _tell(result)
        _write(_ratio(result, of, factor) if of else result, output)
    except SozialdatenError as error:
        click.echo(error.text(), err=True)
        sys.exit(2)


def _read(file: Path) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv, parquet

    if file.suffix.lower() == ".parquet":
        return parquet.read_table(file)
    try:
        with file.open("rb") as stream:
            names = stream.readline().decode("utf-8-sig").strip().split(",")
        types = {name.strip('"'): pa.string() for name in names}
        return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=types))
    except (pa.ArrowInvalid, UnicodeDecodeError):
        raise NoWay(
            Message("{file} is no table of observations.", {"file": file.name}),
            Message("Print one with “sozialdaten read FILE -o table.csv”."),
        ) from None


def _tell(result: "pa.Table") -> None:
    if "conversion" not in result.column_names:
        return
    kinds = result["conversion"].to_pylist()
    counts = {kind.value: kinds.count(kind.value) for kind in Conversion}
    click.echo(", ".join(f"{count} {kind}" for kind, count in counts.items() if count), err=True)


def _ratio(result: "pa.Table", of: str, factor: float) -> "pa.Table":
    import pyarrow.compute as pc

    if "series" not in result.column_names or of.count("/") != 1:
        raise click.BadParameter("two names of the column series, divided by “/”")
    known = set(result["series"].to_pylist())
    parts = of.split("/")
    for name in parts:
        if name not in known:
            raise click.BadParameter(f"the file has no series “{name}”", param_hint="--ratio")
    top, bottom = (result.filter(pc.equal(result["series"], name)) for name in parts)
    shared: Sequence[str] = [
        name
        for name in ("reference_start", "reference_end", "dimensions")
        if name in result.column_names
    ]
    return ratio(top, bottom, shared, factor)


def _write(table: "pa.Table", output: Path | None) -> None:
    from pyarrow import csv, parquet

    if output and output.suffix.lower() == ".parquet":
        parquet.write_table(table, output)
        return
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    head = f"{','.join(table.column_names)}\n".encode()
    if output is None:
        sys.stdout.buffer.write(head)
        csv.write_csv(table, sys.stdout.buffer, options)
        return
    part = output.with_name(f".{output.name}.part")
    with part.open("wb") as stream:
        stream.write(head)
        csv.write_csv(table, stream, options)
    part.replace(output)

"""Any supported delivery as tidy observations: one row for each value cell, none dropped."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._archive_file import open_text
from ckanext.sozialdaten.harvesters.core._periods import Span, parse_time
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.errors import BadDate, HarvestError, NotReadable
from ckanext.sozialdaten.harvesters.core.genesis import GenesisReader
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Reading
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "FORMATS", "read_tidy"]

COLUMNS = (
    "series",
    "region",
    "reference_start",
    "reference_end",
    "dimensions",
    "value",
    "unit",
    "quality",
)
FORMATS = ("genesis-ffcsv", "delimited")
_MOST_BYTES = 1024 * 1024 * 1024


def read_tidy(path: Path, form: str | None = None, layout: Layout | None = None) -> "pa.Table":
    """The observations of a file, with the columns of :data:`COLUMNS`, all text.

    Args:
        path: the file.
        form: one of :data:`FORMATS`; None: by the layout if there is one, else by the content.
        layout: needed for delimited text.

    Raises:
        HarvestError: not readable, or a list of persons, whose rows are never printed.
    """
    try:
        raw = _raw(path)
    except OSError as error:
        raise NotReadable(
            Message("The file cannot be opened ({reason}).", {"reason": error.strerror or ""}),
            None,
            Place(file=path.name),
        ) from error
    chosen = form or ("delimited" if layout else _recognised(raw))
    if chosen == "genesis-ffcsv":
        return _from_genesis(GenesisReader(_MOST_BYTES).read(raw))
    _refuse_persons(layout, raw.name)
    reading = DelimitedReader(Register.default(), _MOST_BYTES).read(raw, layout)
    return _from_layout(reading, layout, raw.name)


def _raw(path: Path) -> RawDelivery:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return RawDelivery("", path.name, path, digest, datetime.now(UTC), path.stat().st_size)


def _recognised(raw: RawDelivery) -> str:
    """The format by the first line of the text; an error that says what was seen."""
    try:
        start = open_text(raw.path, raw.name, _MOST_BYTES).data[:4096]
    except NotReadable:
        start = b"PK\x03\x04"
    first = start.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("cp1252", "replace")
    captions = {name.strip('" \r').lower() for name in first.split(";")}
    if captions & {"statistics_code", "statistik_code", "1_variable_code", "1_merkmal_code"}:
        return "genesis-ffcsv"
    raise NotReadable(
        Message("The format was not recognised: {seen}.", {"seen": _seen(start)}),
        Message(
            "Known formats: {formats}. Delimited text needs --layout.",
            {"formats": ", ".join(FORMATS)},
        ),
        Place(file=raw.name),
    )


def _seen(start: bytes) -> str:
    """What a file looks like, in words that quote nothing of it."""
    signatures: Mapping[bytes, str] = {
        b"PK\x03\x04": "ZIP/XLSX/ODS",
        b"%PDF": "PDF",
        b"\xd0\xcf\x11\xe0": "XLS",
        b"PAR1": "Parquet",
        b"{": "JSON",
        b"[": "JSON",
        b"<": "XML/HTML",
    }
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, name in signatures.items():
        if plain.startswith(signature):
            return name
    if not plain:
        return "0 bytes"
    if b"\0" in start:
        return "binary"
    counts = {
        delimiter: plain.split(b"\n", 1)[0].count(delimiter) for delimiter in (b";", b",", b"\t")
    }
    delimiter = max(counts, key=lambda item: counts[item])
    name = {b";": "“;”", b",": "“,”", b"\t": "TAB"}[delimiter]
    return f"text, {name} × {counts[delimiter]}"


def _from_genesis(reading: Reading) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    table = reading.table
    series = pc.binary_join_element_wise(table["statistic"], table["value_code"], ".")
    columns = {"series": series} | {
        name: pc.fill_null(table[name].cast(pa.string()), "") for name in COLUMNS[1:]
    }
    return pa.table(columns)


def _refuse_persons(layout: Layout | None, file: str) -> None:
    if layout and layout.by_role(Role.IDENTIFIER):
        raise NotReadable(
            Message("This is a list of persons; its rows are never printed."),
            Message("Register it as a source: the harvester turns it into counts."),
            Place(file=file),
        )


def _from_layout(reading: Reading, layout: Layout | None, file: str) -> "pa.Table":
    import pyarrow as pa

    if layout is None or not layout.by_role(Role.REGION) or not layout.by_role(Role.TIME):
        raise HarvestError(
            Message("The layout names no region or no time."),
            Message("Give the columns their roles: region, time, dimension, count …"),
            Place(file=file),
        )
    region, time = layout.by_role(Role.REGION)[0].name, layout.by_role(Role.TIME)[0].name
    dimensions = [field.name for field in layout.by_role(Role.DIMENSION)]
    rows: list[tuple[str, ...]] = []
    for number, row in zip(reading.rows, reading.table.to_pylist(), strict=True):
        start, end = _span(str(row[time]), Place(file, row=number, column=time))
        codes = dimensions_text({name: str(row[name] or "") for name in dimensions})
        for field in layout.values:
            beside = layout.quality_column(field.name)
            value = row[field.name]
            rows.append(
                (
                    f"{layout.name}.{field.name}",
                    str(row[region]),
                    start.isoformat(),
                    end.isoformat(),
                    codes,
                    "" if value is None else _plain(str(value)),
                    field.unit,
                    str(row[beside.name] or "") if beside else "",
                )
            )
    return pa.table(dict(zip(COLUMNS, _transposed(rows), strict=True)))


def _transposed(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    return [[row[index] for row in rows] for index in range(len(COLUMNS))]


def _plain(number: str) -> str:
    """Without the zeros that the type adds after the point."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _span(text: str, place: Place) -> Span:
    span = parse_time(text)
    if span is None:
        raise BadDate(
            Message("This time is not understood."),
            Message("Known are days, months, quarters, terms, school years and years."),
            place,
        )
    return span

"""The figures of a released table as observations for the lake, column by column."""

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from ckanext.sozialdaten.lake.layouts import Field, Layout, Role
from ckanext.sozialdaten.publishing import _store, _tables
from ckanext.sozialdaten.publishing.model import Release, ReleasedFile

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["has_figures", "layout_name", "observations", "sign_convention"]

_SIGNS = "din-55301"

_Texts = Callable[[str], "pa.ChunkedArray"]


@dataclass(frozen=True, slots=True)
class _Figures:
    """A table whose figures have a region and a time."""

    table: _tables.Table
    region: str
    time: str

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.table.columns]

    @property
    def signs(self) -> dict[str, str]:
        """The column of signs of each figure."""
        return {column.sign_of: column.name for column in self.table.columns if column.sign_of}

    @property
    def dimensions(self) -> list[str]:
        return sorted(field.name for field in self.table.layout.by_role(Role.DIMENSION))


def _recorded(file: ReleasedFile) -> Layout | None:
    # The record keeps the layout; CKAN removes resources of earlier releases for good.
    release = Release.get(file.release_id)
    recorded = release.record["internal"]["layouts"].get(file.sha256) if release else None
    return Layout.from_json(recorded) if recorded else None


def layout_name(file: ReleasedFile) -> str:
    """The name of a released file's layout; empty where it has none."""
    layout = _recorded(file)
    return layout.name if layout else ""


def sign_convention(file: ReleasedFile) -> str:
    """The convention of a released file's quality signs, as its layout names it."""
    layout = _recorded(file)
    return (layout.signs if layout else "") or _SIGNS


def _figures(file: ReleasedFile) -> _Figures | None:
    layout = _recorded(file)
    if layout is None or not _tables.is_table(file.filename):
        return None
    regions, times = layout.by_role(Role.REGION), layout.by_role(Role.TIME)
    if len(regions) != 1 or len(times) != 1:
        return None
    table = _tables.open_table(_store.verify(file.sha256), file.filename, layout)
    return _Figures(table, regions[0].name, times[0].name)


def has_figures(file: ReleasedFile) -> bool:
    """Whether a released file has a figure with a region and a time."""
    found = _figures(file)
    if found is None:
        return False
    values = [field.name for field in found.table.layout.values]
    columns = [*values, *(sign for name, sign in found.signs.items() if name in values)]
    for cells in found.table.rows():
        row = dict(zip(found.names, cells, strict=True))
        if _reference(row[found.time] or "") and any(row[name] for name in columns):
            return True
    return False


def observations(file: ReleasedFile, source: str) -> "pa.Table | None":
    """One observation for each figure of a released table that has a region and a time.

    A million rows stand here as columns; as rows of Python they would not fit into a worker.
    """
    import pyarrow as pa

    found = _figures(file)
    if found is None:
        return None
    read = _read(found)

    def texts(name: str) -> pa.ChunkedArray:
        return read[name].fill_null("")

    shared = _shared(found, texts)
    tables = [
        _observed(field, read, found.signs.get(field.name), shared, source)
        for field in found.table.layout.values
    ]
    whole = pa.concat_tables(tables) if tables else None
    return whole if whole is not None and whole.num_rows else None


def _read(found: _Figures) -> "pa.Table":
    """All cells as texts, empty ones as nulls; only rows with a time."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    with tempfile.TemporaryFile("w+b") as stream:
        _write(found, stream)
        stream.seek(0)
        names = found.names
        options = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        )
        table = arrow_csv.read_csv(
            stream,
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )
    dated = _by_text(
        table[found.time].fill_null(""), lambda text: _reference(text) is not None, pa.bool_()
    )
    return table.filter(dated)


def _write(found: _Figures, stream: IO[bytes]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    csv.writer(text).writerows(found.table.rows())
    text.detach()


def _shared(found: _Figures, texts: _Texts) -> dict[str, "pa.ChunkedArray"]:
    """What all figures of a row have in common."""
    import pyarrow as pa
    import pyarrow.compute as pc

    times = texts(found.time)
    start = _by_text(times, lambda text: _moment(text)[0], pa.date32())
    end = _by_text(times, lambda text: _moment(text)[1], pa.date32())
    dimensions = _by_text(times, lambda _text: "", pa.string())
    for place, name in enumerate(found.dimensions):
        said = _by_text(texts(name), _said(name), pa.string())
        dimensions = pc.binary_join_element_wise(dimensions, said, "," if place else "")
    return {
        "region": texts(found.region),
        "reference_kind": pc.if_else(pc.equal(start, end), "stichtag", "zeitraum"),
        "reference_start": start,
        "reference_end": end,
        "dimensions": pc.binary_join_element_wise("{", dimensions, "}", ""),
    }


def _said(name: str) -> Callable[[str], str]:
    """A dimension and its code as they stand in canonical JSON."""
    head = json.dumps(name, ensure_ascii=False)
    return lambda text: f"{head}:{json.dumps(text, ensure_ascii=False)}"


def _observed(
    field: Field,
    read: "pa.Table",
    sign: str | None,
    shared: dict[str, "pa.ChunkedArray"],
    source: str,
) -> "pa.Table":
    """The observations of one figure."""
    import pyarrow as pa
    import pyarrow.compute as pc

    value = read[field.name]
    nothing = pa.chunked_array([pa.repeat(pa.scalar(""), len(value))])
    quality = read[sign].fill_null("") if sign else nothing
    told = pc.or_(pc.is_valid(value), pc.not_equal(quality, ""))
    columns = {**shared, "value": value.cast(pa.decimal128(28, 8)), "quality": quality}
    table = pa.table(columns).filter(told)
    constants = {"series": f"{source}.{field.name}", "unit": field.unit or "Anzahl"}
    constants["source"] = source
    for name, text in constants.items():
        table = table.append_column(name, pa.repeat(pa.scalar(text), table.num_rows))
    return table


def _by_text(
    column: "pa.ChunkedArray", of: Callable[[str], Any], kind: "pa.DataType"
) -> "pa.ChunkedArray":
    """What ``of`` gives for each text; it is asked once for each that occurs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(column)
    chunks = [
        pa.array([of(text) for text in chunk.dictionary.to_pylist()], kind).take(chunk.indices)
        for chunk in encoded.chunks
    ]
    return pa.chunked_array(chunks, kind)


def _moment(text: str) -> tuple[dt.date, dt.date]:
    found = _reference(text)
    assert found is not None  # noqa: S101 - rows without a time are gone
    return found


def _reference(text: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of what a time cell names: a day, a month or a year."""
    parts = text.split("-")
    try:
        numbers = [int(part) for part in parts]
        match numbers:
            case [year]:
                return dt.date(year, 1, 1), dt.date(year, 12, 31)
            case [year, month]:
                following = dt.date(year + month // 12, month % 12 + 1, 1)
                return dt.date(year, month, 1), following - dt.timedelta(days=1)
            case [year, month, day]:
                return (found := dt.date(year, month, day)), found
            case _:
                return None
    except ValueError:
        return None

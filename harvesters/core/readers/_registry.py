"""All readers, and the choice between them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import COLUMNS, Reader, Settings
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["convention", "formats", "read_file", "reader_for"]


@cache
def _readers() -> tuple[Reader, ...]:
    """Imported when first asked for: formats use modules that themselves open files."""
    from ckanext.sozialdaten.harvesters.core.readers.answers import AnswerReader
    from ckanext.sozialdaten.harvesters.core.readers.by_layout import LayoutReader
    from ckanext.sozialdaten.harvesters.core.readers.cubefile import CubeFileReader
    from ckanext.sozialdaten.harvesters.core.readers.ffcsv import FlatFileReader
    from ckanext.sozialdaten.harvesters.core.readers.gemeindeverzeichnis import (
        GemeindeverzeichnisReader,
    )
    from ckanext.sozialdaten.harvesters.core.readers.jsonstat import JsonStatReader
    from ckanext.sozialdaten.harvesters.core.readers.kommonitor import KomMonitorReader
    from ckanext.sozialdaten.harvesters.core.readers.records import record_readers
    from ckanext.sozialdaten.harvesters.core.readers.sdmx_csv import (
        EurostatTsvReader,
        SdmxCsvReader,
    )
    from ckanext.sozialdaten.harvesters.core.readers.sdmx_ml import SdmxMlReader
    from ckanext.sozialdaten.harvesters.core.readers.tables import table_readers

    return (
        FlatFileReader(),
        CubeFileReader(),
        GemeindeverzeichnisReader(),
        JsonStatReader(),
        KomMonitorReader(),
        SdmxMlReader(),
        SdmxCsvReader(),
        EurostatTsvReader(),
        LayoutReader(),
        AnswerReader(),
        *record_readers(),
        *table_readers(),
    )


def formats() -> tuple[str, ...]:
    """The names of all formats, as ``--format`` takes them."""
    return tuple(reader.name for reader in _readers())


def convention(form: str) -> str:
    """The sign convention of a format; of tables of offices where none is named."""
    return next((reader.signs for reader in _readers() if reader.name == form), "statistik")


def reader_for(opened: Opened, form: str = "") -> Reader:
    """The reader that is surest of a file, or the one named ``form``.

    Raises:
        NotReadable: no reader recognises it; says what was seen.
    """
    if form:
        return next(reader for reader in _readers() if reader.name == form)
    best = max(_readers(), key=lambda reader: reader.recognise(opened).confidence)
    if best.recognise(opened).confidence > 0:
        return best
    raise NotReadable(
        Message("The format was not recognised: {seen}.", {"seen": seen(opened)}),
        Message(
            "Describe its columns: “sozialdaten layout draft FILE” writes a layout to start from."
        ),
        Place(file=opened.name),
    )


def read_file(path: Path, form: str, settings: Settings) -> "Iterator[pa.RecordBatch]":
    """The observations of a file in batches.

    Raises:
        HarvestError: not readable.
    """
    opened = Opened(path, path.name)
    chosen = form or ("delimited" if settings.layout else "")
    for batch in reader_for(opened, chosen).read(opened, settings):
        yield batch.select(list(COLUMNS))


def seen(opened: Opened) -> str:
    """What a file looks like, in words that quote nothing of it."""
    if opened.kind == Kind.TEXT:
        line = opened.head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
        counts = {"“;”": line.count(b";"), "“,”": line.count(b","), "TAB": line.count(b"\t")}
        name = max(counts, key=lambda item: counts[item])
        return f"text, {name} × {counts[name]}"
    if opened.head.startswith(b"%PDF"):
        return "PDF"
    return "binary" if opened.kind == Kind.OTHER else opened.kind

"""Writing protected copies: all of a file or nothing of it."""

import csv
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ckanext.sozialdaten.disclosure import NotSupportedError
from ckanext.sozialdaten.lake.layouts import Dialect
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_target", "table_bytes", "write"]


def check_target(target: Path) -> None:
    """Refuse formats that nobody writes, before the work is done.

    Raises:
        NotSupportedError: the ending is neither .csv nor .parquet.
    """
    if target.suffix.lower() not in (".csv", ".parquet"):
        raise NotSupportedError(
            Message(
                "A protected copy is written as CSV or Parquet, that of a workbook also as XLSX or"
                " ODS."
            ),
            Message("Give the file after -o the ending .csv, .parquet, .xlsx or .ods."),
        )


def table_bytes(table: "pa.Table", target: Path, dialect: Dialect) -> bytes:
    """The table in the format that the ending of the target asks for."""
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    check_target(target)
    if target.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        return buffer.getvalue()
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    writer.writerow(table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    writer.writerows([cell_text(cell) for cell in row] for row in zip(*columns, strict=True))
    return text.getvalue().encode("utf-8")


def write(data: bytes, target: Path) -> None:
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

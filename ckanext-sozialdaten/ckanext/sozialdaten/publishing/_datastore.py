"""The DataStore tables of a release: typed by the layout, written before anybody can ask for them.

A table without its resource is unreachable, so that it may stand before the release is committed;
if the release fails, it is dropped again.
"""

# ruff: noqa: S608 - the statements hold quoted names alone

import csv
import tempfile
from typing import Any

import psycopg2
from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.backend.postgres import get_write_engine, identifier

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing._tables import Column, Table
from ckanext.sozialdaten.publishing.errors import UnreadableError

__all__ = ["drop", "exists", "fill"]

_MEMORY = 16 << 20
_PLAIN = frozenset({"text", "bigint", "integer", "numeric"})


def fill(resource_id: str, table: Table) -> int:
    """Create the table of a resource and copy all rows into it.

    Returns:
        The number of rows.

    Raises:
        UnreadableError: the file does not fit its layout.
    """
    backend = DatastoreBackend.get_active_backend()
    columns = table.columns
    fields = [{"id": c.name, "type": c.type, "info": _info(c)} for c in columns]
    rows = 0
    with tempfile.SpooledTemporaryFile(_MEMORY, "w+", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for row in table.rows():
            writer.writerow(row)
            rows += 1
        stream.seek(0)
        backend.create({}, {"resource_id": resource_id, "fields": fields}, {})
        try:
            _copy(resource_id, columns, stream)
        except psycopg2.DataError:
            raise UnreadableError(
                Message("A cell does not fit the type that the layout gives its column."),
                place=Place(table.name),
            ) from None  # PostgreSQL's own text quotes the cell
    backend.calculate_record_count(resource_id)  # pyright: ignore[reportAttributeAccessIssue]
    return rows


def _copy(resource_id: str, columns: tuple[Column, ...], stream: Any) -> None:
    """Bring all rows in by way of a temporary table, in one transaction.

    CKAN's trigger makes the text that searches look at row by row; made here for all rows in one
    statement it takes a third of the time, and the trigger leaves it as it is.
    """
    connection: Any = get_write_engine().raw_connection()
    names = ", ".join(identifier(column.name) for column in columns)
    texts = ", ".join(_text(column) for column in columns)
    target, staged = identifier(resource_id), identifier(f"staged-{resource_id}")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE {staged} ON COMMIT DROP AS"
                f" SELECT {names} FROM {target} WITH NO DATA"
            )
            cursor.copy_expert(f"COPY {staged} ({names}) FROM STDIN WITH (FORMAT csv)", stream)
            cursor.execute(
                f"INSERT INTO {target} (_full_text, {names})"
                f" SELECT to_tsvector(concat_ws(' ', {texts})), {names} FROM {staged}"
            )
        connection.commit()
    finally:
        connection.close()


def _text(column: Column) -> str:
    """A cell as the text that CKAN's trigger would search."""
    name = identifier(column.name)
    return name if column.type in _PLAIN else f"to_json({name}) #>> '{{}}'"


def _info(column: Column) -> dict[str, str]:
    if column.field is None:
        return {"sign_of": column.sign_of} if column.sign_of else {}
    info = {"label": column.field.label("de"), "unit": column.field.unit}
    return {key: value for key, value in info.items() if value}


def exists(resource_id: str) -> bool:
    """Whether a resource has a table."""
    return DatastoreBackend.get_active_backend().resource_exists(resource_id)


def drop(resource_id: str) -> None:
    """Remove the table of a resource, if there is one."""
    if exists(resource_id):
        DatastoreBackend.get_active_backend().delete({}, {"resource_id": resource_id})

"""One zone's Iceberg catalogue: opening, creating, scanning, committing."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    In,
    LessThanOrEqual,
)
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from ckanext.sozialdaten.lake._files import Engine
from ckanext.sozialdaten.lake._model import Zone
from ckanext.sozialdaten.lake._safe_folder import require_closed, require_mounted
from ckanext.sozialdaten.lake._settings import ZoneSettings
from ckanext.sozialdaten.lake._tables import (
    DELIVERIES,
    DELIVERY_SCHEMA,
    NAMESPACE,
    OBSERVATION_SCHEMA,
    OBSERVATIONS,
    PROPERTIES,
    SPECS,
    iceberg_schema,
)
from ckanext.sozialdaten.lake.errors import SettingsError
from ckanext.sozialdaten.messages import Message

__all__ = ["Warehouse", "all_of", "at_least", "at_most", "is_any_of", "is_value"]

Result = TypeVar("Result")
# PyIceberg's predicates hide their arguments from type checkers.
_EQUAL: Any = EqualTo
_IN: Any = In
_AT_LEAST: Any = GreaterThanOrEqual
_AT_MOST: Any = LessThanOrEqual
_ATTEMPTS = 5
_SCHEMAS = {DELIVERIES: DELIVERY_SCHEMA, OBSERVATIONS: OBSERVATION_SCHEMA}


class Warehouse:
    """The tables of one zone.

    Args:
        zone: the zone; names the catalogue, so that two zones may share a database.
        settings: folder and catalogue.
        withdrawn: see `Lake`.

    Raises:
        SettingsError: the catalogue cannot be reached, or the folder not be made.
    """

    def __init__(
        self,
        zone: Zone,
        settings: ZoneSettings,
        withdrawn: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self.zone = zone
        self.withdrawn = withdrawn
        location, spill = settings.warehouse, None
        if "://" not in location:
            require_mounted(location, settings.mount)
            folder = _folder(Path(location))
            if zone is Zone.RESTRICTED:
                require_closed(folder)
            location, spill = folder.as_uri(), folder / ".spill"
        properties = dict(settings.properties) | {
            "uri": settings.catalog,
            "warehouse": location,
            "pool_pre_ping": "true",
        }
        try:
            self._catalog = _patiently(lambda: SqlCatalog(zone.value, **properties))
        except (OperationalError, ProgrammingError) as error:
            raise SettingsError(
                Message("The catalogue of the zone {zone} cannot be reached.", {"zone": zone}),
                Message("Is the database running? See “deployment/portal status”."),
            ) from error
        self._known: set[str] = set()
        self._derived: dict[tuple[str, Callable[[Table], Any]], tuple[str, Any]] = {}
        self.engine = Engine(spill)

    def close(self) -> None:
        """Give the connections to the catalogue and the memory of the engine back."""
        self._catalog.engine.dispose()
        self._derived.clear()
        self.engine.close()

    def table(self, name: str) -> Table:
        """One of the two fixed tables in its latest state, made at first use."""
        if name in self._known:
            return self._catalog.load_table((NAMESPACE, name))
        schema = iceberg_schema(_SCHEMAS[name])
        table = self.ensure(name, schema, SPECS[name], PROPERTIES[name])
        if {field.name for field in schema.fields} - set(table.schema().column_names):
            with table.update_schema() as update:
                update.union_by_name(schema)
        self._known.add(name)
        return table

    def find(self, name: str) -> Table | None:
        """A table in its latest state, or None."""
        try:
            return self._catalog.load_table((NAMESPACE, name))
        except NoSuchTableError:
            return None

    def ensure(
        self,
        name: str,
        schema: Schema,
        spec: PartitionSpec = UNPARTITIONED_PARTITION_SPEC,
        properties: dict[str, str] | None = None,
    ) -> Table:
        """A table in its latest state; made if need be, also while others make it."""
        found = self.find(name)
        if found is not None:
            return found
        with suppress(
            NamespaceAlreadyExistsError, IntegrityError
        ):  # somebody else has just made it
            self._catalog.create_namespace_if_not_exists(NAMESPACE)
        try:
            return self._catalog.create_table(
                (NAMESPACE, name), schema, partition_spec=spec, properties=properties or {}
            )
        except TableAlreadyExistsError:
            return self._catalog.load_table((NAMESPACE, name))

    def names(self) -> tuple[str, ...]:
        """The names of all tables."""
        if not self._catalog.namespace_exists(NAMESPACE):
            return ()
        return tuple(name[-1] for name in self._catalog.list_tables(NAMESPACE))

    def location(self, name: str) -> str:
        """Where the metadata of a table's latest state lies; empty if there is no such table.

        It names the state. One query to the catalogue, no file is read.
        """
        query = sa.select(IcebergTables.metadata_location).where(
            IcebergTables.catalog_name == self._catalog.name,
            IcebergTables.table_namespace == NAMESPACE,
            IcebergTables.table_name == name,
        )
        with self._catalog.engine.connect() as connection:
            return connection.execute(query).scalar() or ""

    def derived(self, name: str, make: Callable[[Table], Result]) -> Result:
        """``make`` of the latest state of a fixed table; made again only when the state changes."""
        key = (name, make)
        if key in self._derived:
            state, known = self._derived[key]
            if state == self.location(name):
                return known
        table = self.table(name)
        made = make(table)
        self._derived[key] = (table.metadata_location, made)
        return made

    @staticmethod
    def read(
        table: Table, where: BooleanExpression, columns: Sequence[str]
    ) -> pa.RecordBatchReader:
        """The rows of ``table`` that satisfy ``where``, as a stream."""
        return table.scan(row_filter=where, selected_fields=tuple(columns)).to_arrow_batch_reader()

    @staticmethod
    def append_once(table: Table, rows: pa.Table) -> bool:
        """Append only if nobody has changed ``table``, one without retries, since it was loaded.

        Returns:
            Whether the rows were written.
        """
        try:
            table.append(rows)
        except (CommitFailedException, FileNotFoundError):
            return False
        return True

    @staticmethod
    def append(table: Table, rows: pa.Table) -> bool:
        """Append as often as the properties of ``table`` allow.

        Returns:
            Whether the rows were written.
        """
        for _ in range(_ATTEMPTS):
            try:
                table.append(rows)
            except CommitFailedException:
                return False
            except FileNotFoundError:
                table.refresh()  # an erasure took the state away that we knew
            else:
                return True
        return False


def all_of(*conditions: BooleanExpression | None) -> BooleanExpression:
    """All conditions together; None counts as true."""
    given = [condition for condition in conditions if condition is not None]
    if not given:
        return AlwaysTrue()
    return And(*given) if len(given) > 1 else given[0]


def is_value(column: str, value: str) -> BooleanExpression:
    """The column has this value."""
    return _EQUAL(column, value)


def is_any_of(column: str, values: Iterator[str] | Sequence[str]) -> BooleanExpression:
    """The column has one of these values."""
    return _IN(column, sorted(set(values)))


def at_least(column: str, value: dt.date | dt.datetime) -> BooleanExpression:
    """The column is this day, this time or later."""
    return _AT_LEAST(column, value.isoformat())


def at_most(column: str, value: dt.date | dt.datetime) -> BooleanExpression:
    """The column is this day, this time or earlier."""
    return _AT_MOST(column, value.isoformat())


def _folder(path: Path) -> Path:
    """The folder, readable by nobody but its owner and the group."""
    try:
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            Message("The folder of the lake cannot be made: {reason}.", {"reason": str(error)}),
            Message("Check the path and the rights of the user that runs the portal."),
        ) from error
    return path.resolve()


def _patiently(make: Callable[[], Result]) -> Result:
    """Try twice: processes that open a new catalogue at once collide while making its tables."""
    try:
        return make()
    except (IntegrityError, ProgrammingError, OperationalError):
        return make()

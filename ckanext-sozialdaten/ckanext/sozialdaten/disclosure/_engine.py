"""Engines that evaluate Ibis expressions: DuckDB, or PySpark for very large tables.

Rules write one expression; nothing outside this module knows which engine runs it.
"""

import importlib
import itertools
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

import numpy as np
import pyarrow as pa

from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure.errors import MissingEngineError
from ckanext.sozialdaten.messages import Message

__all__ = ["ROW", "Backend", "Engine"]

ROW = "__row"
_COUNTER = itertools.count()


class Backend(StrEnum):
    """The engines."""

    DUCKDB = "duckdb"
    PYSPARK = "pyspark"


class Engine:
    """One connection; tables live as long as it does.

    Args:
        backend: which engine.

    Raises:
        MissingEngineError: its packages are not installed.
    """

    def __init__(self, backend: Backend = Backend.DUCKDB) -> None:
        self.backend = backend
        self._session: Any = None if backend is Backend.DUCKDB else _session()

    @cached_property
    def _connection(self) -> Any:
        """Opened at its first use: a small table of counts needs none."""
        return (
            ibis.duckdb.connect() if self._session is None else ibis.pyspark.connect(self._session)
        )

    def load(self, table: pa.Table) -> Any:
        """An Ibis table with the columns of ``table`` and their position in :data:`ROW`."""
        rows = pa.array(np.arange(table.num_rows, dtype=np.int64))
        return self.put(table.append_column(ROW, rows))

    def put(self, table: pa.Table) -> Any:
        """An Ibis table with exactly the columns of ``table``."""
        name = f"t{next(_COUNTER)}"
        if self.backend is Backend.DUCKDB:
            return self._connection.create_table(name, table, temp=True)
        # Spark reads Arrow itself; by way of pandas whole numbers with gaps would be lost.
        self._session.createDataFrame(table).createOrReplaceTempView(name)
        return self._connection.table(name)

    def parquet(self, file: str) -> Any:
        """An Ibis table over a Parquet file, read as far as an expression asks."""
        return self._connection.read_parquet(file)

    def keep(self, expression: Any) -> Any:
        """The expression's rows, computed once: further expressions start from them."""
        if self.backend is Backend.DUCKDB:
            return self._connection.create_table(f"t{next(_COUNTER)}", expression, temp=True)
        return expression.cache()

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The result as a list of rows."""
        return cast("pa.Table", self._connection.to_pyarrow(expression)).to_pylist()

    def table(self, expression: Any) -> pa.Table:
        """The result as Arrow."""
        return cast("pa.Table", self._connection.to_pyarrow(expression))

    def close(self) -> None:
        """Give the engine's memory back."""
        if "_connection" in self.__dict__:
            self._connection.disconnect()


def _session() -> Any:
    try:
        sql: Any = importlib.import_module("pyspark.sql")
    except ImportError as error:
        raise MissingEngineError(
            Message("The engine pyspark is not installed."),
            Message("Install it with: pip install 'ibis-framework[pyspark]' (needs Java 17)."),
        ) from error
    return sql.SparkSession.builder.appName("sozialdaten").getOrCreate()

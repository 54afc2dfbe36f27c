"""Value columns of a table side by side."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._engine import ROW
from ckanext.sozialdaten.disclosure._measures import COLUMN, STATE, VALUE
from ckanext.sozialdaten.disclosure._numbers import State
from ckanext.sozialdaten.disclosure._subject import Subject

__all__ = ["Flags", "Floats", "Ints", "keys_of", "values_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_SHOWN = (State.VALUE.value, State.NIL.value)


def values_of(subject: Subject, columns: Sequence[str]) -> dict[str, Floats]:
    """Values by column in the order of the table's rows; NaN where none is shown."""
    if subject.measures is None or not columns:
        return {}
    long = subject.measures.long
    table = subject.engine.table(long.filter(long[COLUMN].isin(list(columns))).order_by([ROW]))
    names = np.asarray(table.column(COLUMN).to_pylist())
    values = np.array(table.column(VALUE).to_numpy(), dtype=np.float64)
    shown = np.isin(np.asarray(table.column(STATE).to_pylist()), _SHOWN)
    values[~shown] = np.nan
    return {name: values[names == name] for name in columns}


def keys_of(subject: Subject, column: str) -> list[str]:
    """The texts of a column in the order of the table's rows."""
    return [str(cell or "").strip() for cell in subject.sheet.table.column(column).to_pylist()]

"""Value columns of a table side by side."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure._subject import Subject

__all__ = ["Flags", "Floats", "Ints", "keys_of", "values_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def values_of(subject: Subject, columns: Sequence[str]) -> dict[str, Floats]:
    """Values by column in the order of the table's rows; NaN where none is shown."""
    measures = subject.measures
    return {name: measures.shown(name) for name in columns} if measures else {}


def keys_of(subject: Subject, column: str) -> list[str]:
    """The texts of a column in the order of the table's rows."""
    cells: list[object] = subject.sheet.table.column(column).to_pylist()
    return ["" if cell is None else str(cell).strip() for cell in cells]

"""What a reader hands to the rules: a table, its loose texts, and where they stand."""

from dataclasses import dataclass, field

import pyarrow as pa

__all__ = ["Loose", "Sheet"]


@dataclass(frozen=True, slots=True)
class Loose:
    """A text outside the table: title, footer, sheet name, file name, header, metadata.

    Args:
        text: the text.
        kind: ``title``, ``footer``, ``sheet``, ``file``, ``header`` or ``metadata``.
        row: its row, 0 if it has none.
    """

    text: str
    kind: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a delivery.

    Args:
        table: the columns; text as written where the file knows no types.
        resource: the file's name as given by the user.
        name: sheet of a workbook or member of an archive; empty for plain files.
        first_row: row of the first data line, counted from 1 in the file.
        loose: texts around the table.
        rows: row of each data line where they do not follow each other; empty if they do.
        geometry: kinds of geometry of GeoJSON features, such as ``Point``.
    """

    table: pa.Table
    resource: str = ""
    name: str = ""
    first_row: int = 2
    loose: tuple[Loose, ...] = ()
    rows: tuple[int, ...] = field(default=(), repr=False)
    geometry: frozenset[str] = frozenset()

    def row(self, index: int) -> int:
        """The row in the file of the table's line ``index`` (from 0)."""
        return self.rows[index] if self.rows else self.first_row + index

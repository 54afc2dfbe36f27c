"""What a reader hands to the rules: a table, its loose texts, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

__all__ = ["Hidden", "HiddenKind", "Loose", "Sheet"]


@dataclass(frozen=True, slots=True)
class Loose:
    """A text outside the table.

    Args:
        text: the text.
        kind: ``title``, ``footer``, ``sheet``, ``file``, ``header``, ``metadata``, ``author`` (who
            wrote the file), ``property`` (title, subject, keywords and own properties), ``comment``
            or ``list`` (values offered by a cell).
        row: its row, 0 if it has none.
    """

    text: str
    kind: str
    row: int = 0


class HiddenKind(StrEnum):
    """Places where a file holds more than it shows."""

    SHEET = "sheet"
    ROWS = "rows"
    COLUMNS = "columns"
    COMMENTS = "comments"
    PIVOT = "pivot"
    LINK = "link"
    CHANGES = "changes"
    UNSEEN = "unseen"
    NOTES = "notes"
    PICTURES = "pictures"
    SCANNED = "scanned"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Content that a reader of the file does not see at once.

    Args:
        kind: where it hides.
        count: how many rows, columns or comments.
        rows: rows of the file, where they are known.
    """

    kind: HiddenKind
    count: int = 1
    rows: tuple[int, ...] = ()


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
        hidden: what the file holds besides what it shows.
        delimiter: the character between cells of a delimited text file; empty for others.
    """

    table: pa.Table
    resource: str = ""
    name: str = ""
    first_row: int = 2
    loose: tuple[Loose, ...] = ()
    rows: Sequence[int] = field(default=(), repr=False)
    geometry: frozenset[str] = frozenset()
    hidden: tuple[Hidden, ...] = ()
    delimiter: str = ""

    def row(self, index: int) -> int:
        """The row in the file of the table's line ``index`` (from 0)."""
        return self.rows[index] if self.rows else self.first_row + index

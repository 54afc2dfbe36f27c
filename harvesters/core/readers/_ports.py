"""What a reader is: it says whether a file is of its format, and turns it into observations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.lake.layouts import Layout

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "PLACES", "Note", "Observed", "Reader", "Recognition", "Settings"]

COLUMNS = (
    "series",
    "region",
    "reference_start",
    "reference_end",
    "dimensions",
    "value",
    "unit",
    "quality",
)
PLACES = ("sheet", "row", "column")
Observed = tuple[str, ...]
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recognition:
    """How sure a reader is that a file is of its format.

    Args:
        confidence: 0 (no) to 1 (the format says so itself).
        why: what it was recognised by, for people.
    """

    confidence: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a caller knows beside the file.

    Args:
        layout: the columns, where the file does not describe itself.
        region: key of the region that all figures speak of, where the file names none.
        time: day or period that all figures speak of, where the file names none.
        decimal: decimal character, where the file leaves it open.
        signs: sign convention, in place of the format's own.
        note: takes what was noticed but is no error.
    """

    layout: Layout | None = None
    region: str = ""
    time: str = ""
    decimal: str = ""
    signs: str = ""
    note: Note = field(default=lambda _: None)


class Reader(Protocol):
    """One format: its name, and the convention of its quality signs."""

    @property
    def name(self) -> str:
        """What ``--format`` takes."""
        ...

    @property
    def signs(self) -> str:
        """A convention of ``schemas/codelists/quality_signs.yaml``."""
        ...

    def recognise(self, opened: Opened) -> Recognition:
        """Whether ``opened`` is of this format; looks at its beginning alone."""
        ...

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Batches with the columns of :data:`COLUMNS`, all text; one row for each value cell.

        Readers of files with rows add :data:`PLACES`, where people find the cell.

        Raises:
            DeliveryError: one problem, or a :class:`DeliveryRefused` with several.
        """
        ...

"""The regions of a register folder: ``regions.csv``."""

import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._keys import GERMANY, Level, key_level
from ckanext.sozialdaten.geography.errors import GeographyError, RegisterError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "OPTIONAL",
    "REGISTER",
    "REQUIRED",
    "Region",
    "read_regions",
]

REGISTER = "regions.csv"
REQUIRED = ("ags", "ars", "name", "level", "parent", "valid_from", "valid_to")
OPTIONAL = ("designation", "nuts", "aliases")
_ARS = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Region:
    """One region as it was between two dates.

    Args:
        ags: canonical key: ``DG``, 2, 3, 5 or 8 digits (9 for a Verband), or that of a small area.
        ars: 12 digits; changes more often than the AGS. A small area has none.
        name: official name without designation.
        level: level of the region.
        parent: canonical key of the region above; None for Germany.
        valid_from: first day of this state; None: always.
        valid_to: last day of this state; None: still valid.
        designation: for instance ``Kreisstadt`` or ``Landkreis``.
        nuts: NUTS code, where the level has one.
        aliases: other spellings by which sources call it.
    """

    ags: str
    ars: str
    name: str
    level: Level
    parent: str | None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    designation: str = ""
    nuts: str = ""
    aliases: tuple[str, ...] = ()

    def valid_on(self, day: dt.date) -> bool:
        """Whether this state held on ``day``."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def read_regions(source: Traversable) -> Iterator[Region]:
    """The rows of a ``regions.csv`` (UTF-8, comma).

    Raises:
        RegisterError: a column is missing or a cell is wrong; names file, row and column.
    """
    try:
        reader = csv.reader(source.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        header = next(reader, list[str]())
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise RegisterError(
                Message("The register lacks the column “{column}”.", {"column": missing[0]}),
                Message("Columns: {columns}.", {"columns": ", ".join(REQUIRED + OPTIONAL)}),
                Place(file=source.name, row=1),
            )
        where = [header.index(name) if name in header else -1 for name in REQUIRED + OPTIONAL]
        for row in reader:
            if any(row):
                yield _region(_cells(row, where), source.name, reader.line_num)
    except UnicodeDecodeError:
        raise RegisterError(
            Message("The register is not UTF-8."),
            Message("Save it as “CSV UTF-8”."),
            Place(file=source.name),
        ) from None
    except csv.Error:
        raise RegisterError(
            Message("The register is no CSV file."),
            Message("Save it as “CSV UTF-8”."),
            Place(file=source.name),
        ) from None


def _cells(row: list[str], where: list[int]) -> list[str]:
    size = len(row)
    return [row[index].strip() if 0 <= index < size else "" for index in where]


def _region(cells: list[str], file: str, row: int) -> Region:
    ags, ars, name, level, parent, valid_from, valid_to, designation, nuts, aliases = cells
    try:
        own = key_level(ags)
    except GeographyError as error:
        raise RegisterError(error.message, error.hint, Place(file, row=row)) from None
    wrong = (
        ("level", f"“{own}”") if level != own
        else ("ars", "12 digits")
        if not _ARS.fullmatch(ars) and (ars or own is not Level.ORTSTEIL)
        else ("name", "a name") if not name
        else ("parent", "the key of the region above") if (ags == GERMANY) == bool(parent)
        else None
    )  # fmt: skip
    if wrong:
        raise _wrong(Place(file, row=row, column=wrong[0]), wrong[1])
    names = tuple(alias.strip() for alias in aliases.split("|") if alias.strip()) if aliases else ()
    begun = _date(valid_from, file, row, "valid_from") if valid_from else None
    ended = _date(valid_to, file, row, "valid_to") if valid_to else None
    return Region(ags, ars, name, own, parent or None, begun, ended, designation, nuts, names)


def _date(text: str, file: str, row: int, column: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _wrong(Place(file, row=row, column=column), "YYYY-MM-DD") from None


def _wrong(place: Place, expected: str) -> RegisterError:
    return RegisterError(
        Message("The cell is not what the register needs here."),
        Message("Expected: {expected}.", {"expected": expected}),
        place,
    )

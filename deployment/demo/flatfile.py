"""Writes counts as the Regionaldatenbank does: a flat-file CSV in a ZIP (table 12411-02-03-5).

The format is the real one: UTF-8 with byte order mark, semicolons, LF, no quotes, rows in no order,
an empty key for totals, ``-`` for nothing, a single member whose name holds a time stamp. The
figures are invented: the source's licence and copyright do not apply to them.
"""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random

from ckanext.sozialdaten.demo.kreis import KREIS, LAND, official_label
from ckanext.sozialdaten.demo.population import AGE_GROUPS, Count

__all__ = ["TABLE", "Table", "flat_csv", "flat_zip", "population_rows"]

TABLE = "12411-02-03-5"
_AGES = {group.code: group.label for group in AGE_GROUPS} | {"": "Insgesamt"}
_SEXES = {"": ("", "Insgesamt"), "m": ("GESM", "männlich"), "w": ("GESW", "weiblich")}
_LEVELS = {
    "DG": ("DINSG", "Deutschland"),
    LAND: ("DLAND", "Bundesländer"),
    KREIS: ("KREISE", "Kreise und kreisfreie Städte"),
}
_MUNICIPAL = ("GEMEIN", "Gemeinden")
_VARIABLE = ("code", "label", "attribute_code", "attribute_label")


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a flat file: one header and its rows, all text."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def _header(variables: int) -> tuple[str, ...]:
    return (
        *("statistics_code", "statistics_label", "time_code", "time_label", "time"),
        *(f"{n}_variable_{part}" for n in range(1, variables + 1) for part in _VARIABLE),
        *("value", "value_unit", "value_variable_code", "value_variable_label"),
    )


def _row(count: Count, name: str) -> tuple[str, ...]:
    return (
        *("12411", "Fortschreibung des Bevölkerungsstandes"),
        *("STAG", "Stichtag", f"{count.year}-12-31"),
        *_LEVELS.get(count.region, _MUNICIPAL),
        *(count.region, name),
        *("GES", "Geschlecht", *_SEXES[count.sex]),
        *("ALTX20", "Altersgruppen (unter 3 bis 75 u. m.)"),
        *(count.age_group, _AGES[count.age_group]),
        *(str(count.persons or "-"), "Anzahl", "BEVSTD", "Bevölkerungsstand"),
    )


def population_rows(seed: int, counted: Iterable[Count]) -> Table:
    """The counts as rows of table 12411-02-03-5, in no order, as the source writes them."""
    label = cache(official_label)
    rows = [_row(count, label(count.region)) for count in counted]
    Random(f"{seed}:order").shuffle(rows)  # noqa: S311 - a story, not a secret
    return Table(_header(3), rows)


def flat_csv(table: Table) -> bytes:
    """The table as the source's CSV."""
    lines = (";".join(row) for row in (table.header, *table.rows))
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def flat_zip(content: bytes, name: str = TABLE, written: datetime | None = None) -> bytes:
    """The CSV in a ZIP with one member, as the source delivers it.

    Args:
        content: the CSV.
        name: code of the table.
        written: when the source wrote it; fixed unless told, so that the bytes are reproducible.
    """
    moment = written or datetime(2025, 7, 1, 4, 30, tzinfo=UTC)
    member = zipfile.ZipInfo(
        f"{name}_{int(moment.timestamp() * 1000)}_de_flat.csv", moment.timetuple()[:6]
    )
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, content)
    return buffer.getvalue()

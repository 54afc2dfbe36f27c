"""Writes statistics as the GENESIS databases do: a flat-file CSV in a ZIP.

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

from ckanext.sozialdaten.demo.figures import TOTAL, Statistic, Value
from ckanext.sozialdaten.demo.kreis import KREIS, LAND, official_label
from ckanext.sozialdaten.demo.society import Printed

__all__ = ["Table", "flat_csv", "flat_zip", "table_of", "text_of"]

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


def text_of(printed: Printed, value: Value, sign: str) -> str:
    """A figure as German offices print it: decimal comma, ``-`` for nothing, a sign if secret."""
    if printed.value is None:
        return sign
    text = f"{printed.value:.{value.digits}f}".replace(".", ",")
    return text if printed.value else "-"


def _row(statistic: Statistic, values: dict[str, Value], printed: Printed, name: str) -> list[str]:
    code, *codes = printed.cell
    row = [
        *(statistic.table[:5], statistic.label),
        *(("STAG", "Stichtag") if statistic.day else ("JAHR", "Jahr")),
        statistic.moment(printed.year),
        *_LEVELS.get(printed.region, _MUNICIPAL),
        *(printed.region, name),
    ]
    for variable, attribute in zip(statistic.variables, codes, strict=True):
        label = variable.text(attribute)
        row += [variable.code, variable.label, attribute or TOTAL, label]
    value = values[code]
    return [*row, text_of(printed, value, statistic.sign), value.unit, value.code, value.label]


def table_of(seed: int, statistic: Statistic, cells: Iterable[Printed]) -> Table:
    """The cells as rows of a flat file, in no order, as the source writes them."""
    label = cache(official_label)
    values = {value.code: value for value in statistic.values}
    rows = [tuple(_row(statistic, values, cell, label(cell.region))) for cell in cells]
    Random(f"{seed}:order:{statistic.table}").shuffle(rows)  # noqa: S311 - a story, not a secret
    return Table(_header(1 + len(statistic.variables)), rows)


def flat_csv(table: Table) -> bytes:
    """The table as the source's CSV."""
    lines = (";".join(row) for row in (table.header, *table.rows))
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def flat_zip(content: bytes, name: str, written: datetime | None = None) -> bytes:
    """The CSV in a ZIP with one member, as the source delivers it.

    Args:
        content: the CSV.
        name: code of the table.
        written: when the source wrote it; fixed unless told, so that the bytes are reproducible.
    """
    moment = written or datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
    member = zipfile.ZipInfo(
        f"{name}_{int(moment.timestamp() * 1000)}_de_flat.csv", moment.timetuple()[:6]
    )
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, content)
    return buffer.getvalue()

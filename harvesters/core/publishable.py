"""The table that the working copy shows: what of a source's observations may leave the lake.

Small counts become the sign ``.``. Where the source asks to ``protect`` its margins, disclosure
control suppresses as few further cells as it can, so that totals stand in the table without giving
any hidden count back; each hidden cell is a row with its sign. Else, and on the reference dates
that cannot be protected, a total is shown only where none of its parts is suppressed: then it is a
sum of cells that are published anyway and tells an attacker nothing new.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.disclosure import NotProtectedError, Policy, protect
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.observations import TOTAL
from ckanext.sozialdaten.harvesters.core.source import Margins, SmallCounts, Source
from ckanext.sozialdaten.lake.layouts import QUARTER, Field, FieldType, Layout, Role
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SECRET", "Cell", "publishable_cells", "publishable_csv"]

SECRET = "."  # noqa: S105 - the sign for "unknown or secret", no password
_LENGTHS = {FieldType.YEAR: 4, FieldType.YEARMONTH: 7}
_Key = tuple[date, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of one row by measure, each with its sign."""

    values: Mapping[str, tuple[Decimal | None, str]]

    @property
    def secret(self) -> bool:
        """Whether the cell is suppressed."""
        return any(sign == SECRET for _, sign in self.values.values())


def publishable_cells(
    source: Source, observations: Mapping[str, "pa.Table"], register: Register, policy: Policy
) -> dict[_Key, Cell]:
    """The cells of the published table by reference date, region and groups.

    Args:
        source: says which measures are shown, and what happens to small counts and totals.
        observations: what the lake holds of each measure.
        register: says which region lies in which.
        policy: which counts are small, and how open hidden ones must stay.
    """
    cells = _cells(source, observations)
    if source.publish.small_counts is SmallCounts.KEEP:
        return cells
    shown: dict[_Key, Cell] = {}
    if source.publish.margins is Margins.PROTECT:
        shown = _protected(source, cells, policy)
    days = {key[0] for key in shown}
    rest = {key: cell for key, cell in cells.items() if key[0] not in days}
    return shown | _complete(source, rest, register, policy)


def _complete(
    source: Source, cells: Mapping[_Key, Cell], register: Register, policy: Policy
) -> dict[_Key, Cell]:
    """Small counts hidden, and the totals that are sums of shown cells alone."""
    leaves = {key: cell for key, cell in cells.items() if _is_leaf(source, key, register)}
    shown = {key: _suppressed(cell, policy) for key, cell in leaves.items()}
    if source.publish.margins is not Margins.NONE:
        parts = _parts(source, shown, register)
        shown |= {
            key: cell
            for key, cell in cells.items()
            if key not in leaves and _is_sum(cell, parts.get(key, []))
        }
    return shown


def _protected(source: Source, cells: Mapping[_Key, Cell], policy: Policy) -> dict[_Key, Cell]:
    """All cells of the reference dates that can be protected, with the hidden ones marked."""
    keys = sorted(cells, key=_order(source))
    while keys:
        try:
            done = protect(_table(source, keys, cells), source.publish.layout, policy)
        except NotProtectedError as error:
            lost = {keys[row][0] for row in error.rows} or {key[0] for key in keys}
            keys = [key for key in keys if key[0] not in lost]
            continue
        shown = {key: cells[key] for key in keys}
        for row, measure in done.report.changed:
            cell = shown[keys[row]]
            shown[keys[row]] = Cell({**cell.values, measure: (None, SECRET)})
        return shown
    return {}


def _table(source: Source, keys: Sequence[_Key], cells: Mapping[_Key, Cell]) -> "pa.Table":
    """The table as text, as its file will say it."""
    import pyarrow as pa

    layout = source.publish.layout
    rows = [list(_row(source, layout, key, cells[key])) for key in keys]
    columns = zip(*rows, strict=True)
    return pa.table({n: list(c) for n, c in zip(layout.names, columns, strict=True)})


def _cells(source: Source, observations: Mapping[str, "pa.Table"]) -> dict[_Key, Cell]:
    found: dict[_Key, dict[str, tuple[Decimal | None, str]]] = {}
    names = source.dimension_names
    columns = ("reference_end", "region", "dimensions", "value", "quality")
    for measure in source.publish.measures:
        table = observations[measure].select(list(columns))
        for row in cast("list[dict[str, object]]", table.to_pylist()):
            codes = parse_dimensions(str(row["dimensions"]))
            key = (
                cast("date", row["reference_end"]),
                str(row["region"]),
                tuple(codes.get(name, TOTAL) for name in names),
            )
            value = cast("Decimal | None", row["value"])
            found.setdefault(key, {})[measure] = (value, str(row["quality"] or ""))
    return {key: Cell(values) for key, values in found.items()}


def _is_leaf(source: Source, key: _Key, register: Register) -> bool:
    _, region, groups = key
    if TOTAL in groups:
        return False
    rule = source.aggregate
    inside = register.children(rule.regions.within) if rule else ()
    return region in inside if inside else True


def _suppressed(cell: Cell, policy: Policy) -> Cell:
    """The cell with all its values secret if one of them is too small."""
    values = [value for value, _ in cell.values.values() if value is not None]
    if policy.frequency.check and any(policy.is_small(float(value)) for value in values):
        return Cell(dict.fromkeys(cell.values, (None, SECRET)))
    return cell


def _parts(
    source: Source, leaves: Mapping[_Key, Cell], register: Register
) -> dict[_Key, list[Cell]]:
    """The leaves below every total."""
    from itertools import product

    parts: dict[_Key, list[Cell]] = {}
    top = source.aggregate.regions.within if source.aggregate else ""
    for (day, region, groups), cell in leaves.items():
        above = [region]
        while above[-1] != top and (parent := register.parent(above[-1])):
            above.append(parent)
        for place, codes in product(above, product(*((code, TOTAL) for code in groups))):
            if (place, codes) != (region, groups):
                parts.setdefault((day, place, codes), []).append(cell)
    return parts


def _is_sum(total: Cell, parts: Sequence[Cell]) -> bool:
    """Whether a total is exactly the sum of published parts, in every measure."""
    if not parts or any(part.secret for part in parts):
        return False
    return all(
        value == sum((part.values[measure][0] or Decimal(0) for part in parts), Decimal(0))
        for measure, (value, _) in total.values.items()
    )


def publishable_csv(source: Source, cells: Mapping[_Key, Cell]) -> bytes:
    """The table as text, in the dialect of its layout; the same bytes for the same cells.

    Raises:
        SourceError: the layout asks for a column that is none of the source's.
    """
    layout = source.publish.layout
    buffer = io.StringIO(newline="")
    writer = csv.writer(
        buffer,
        delimiter=layout.dialect.delimiter,
        quotechar=layout.dialect.quote,
        lineterminator=layout.dialect.line_end,
    )
    writer.writerow(layout.names)
    order = _order(source)
    for key in sorted(cells, key=order):
        writer.writerow(list(_row(source, layout, key, cells[key])))
    return buffer.getvalue().encode("utf-8")


class _Order:
    """Rows by date, region and the order of the code lists."""

    def __init__(self, positions: Sequence[Mapping[str, int]]) -> None:
        self.positions = positions

    def __call__(self, key: _Key) -> tuple[object, ...]:
        day, region, groups = key
        places = tuple(
            known.get(code, len(known)) for known, code in zip(self.positions, groups, strict=True)
        )
        return (region, day, places, groups)


def _order(source: Source) -> _Order:
    return _Order(
        [
            {code: place for place, code in enumerate(source.publish.layout[name].codes)}
            for name in source.dimension_names
        ]
    )


def _time(field: Field, last: date) -> str:
    """The reference date, or the year, quarter or month that ends on it."""
    if field.constraints.get("pattern") == QUARTER:
        return f"{last.year:04}-Q{(last.month + 2) // 3}"
    return last.isoformat()[: _LENGTHS.get(field.type, 10)]


def _row(source: Source, layout: Layout, key: _Key, cell: Cell) -> Iterator[str]:
    day, region, groups = key
    codes = dict(zip(source.dimension_names, groups, strict=True))
    for field in layout.fields:
        if field.role is Role.REGION:
            yield region
        elif field.role is Role.TIME:
            yield _time(field, day)
        elif field.name in codes:
            yield codes[field.name]
        elif field.quality_of in cell.values:
            yield cell.values[field.quality_of][1]
        elif field.name in cell.values:
            yield _figure(field, layout.dialect.decimal, cell.values[field.name][0])
        else:
            raise SourceError(
                Message("The source has nothing for the column “{name}”.", {"name": field.name}),
                Message("Give it the name of a measure or a dimension of the source."),
            )


def _figure(field: Field, decimal: str, value: Decimal | None) -> str:
    if value is None:
        return ""
    if field.type is FieldType.INTEGER:
        return str(int(value))
    return f"{value.normalize():f}".replace(".", decimal)

"""Person-level rows become counts, at the interface: nothing about a person goes further.

A case list becomes, for each reference date, one cell for every region and group, zero where nobody
is, with the totals that belong to it. A person with several cases counts once, where the latest of
the cases lies; so parts and totals add up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    DeliveryRefused,
    OutsideGroups,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.observations import TOTAL, Observation, dimensions_text
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.harvesters.core.pseudonym import Pseudonyms
from ckanext.sozialdaten.harvesters.core.source import (
    AggregateRule,
    DimensionRule,
    MeasureKind,
    MeasureRule,
    Source,
)
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["age_on", "aggregate", "kept_rows"]

_MOST_PROBLEMS = 20
_OLDEST = 130


@dataclass(frozen=True, slots=True)
class _Row:
    """What counting needs of one row."""

    reference: date
    region: str
    person: str
    case: str
    start: date
    groups: tuple[str, ...]
    amounts: tuple[Decimal, ...]


@dataclass(slots=True)
class _Cell:
    """What a cell has collected."""

    persons: set[str] = field(default_factory=set[str])
    cases: set[str] = field(default_factory=set[str])
    sums: list[Decimal] = field(default_factory=list[Decimal])


_Key = tuple[date, str, tuple[str, ...]]


def age_on(birth: date, day: date) -> int:
    """Age in whole years on ``day``; the birthday itself counts.

    >>> age_on(date(2004, 2, 29), date(2022, 2, 28)), age_on(date(2004, 2, 29), date(2022, 3, 1))
    (17, 18)
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def aggregate(source: Source, reading: Reading, register: Register, file: str) -> list[Observation]:
    """The counts of a delivery: every measure, region, reference date and group, and the totals.

    Args:
        source: a source with an aggregate rule.
        reading: its rows.
        register: knows the regions that get a cell each.
        file: name for the places of errors.

    Raises:
        DeliveryRefused: a region outside the source's area, or a person in no group.
    """
    rule = source.aggregate
    if rule is None:
        return []
    regions = _leaves(rule, register)
    rows = list(_rows(rule, reading, regions, file))
    cells = _count(rule, rows)
    references = sorted({cast("date", day) for day in reading.table[rule.reference].to_pylist()})
    keys = list(_all_keys(source, rule, references, regions))
    _add_up(cells, rule, register)
    return [
        _observation(source, measure, position, key, cells.get(key))
        for position, measure in _positions(rule)
        for key in keys
    ]


def kept_rows(source: Source, reading: Reading, pseudonyms: Pseudonyms) -> "pa.Table":
    """The rows that the restricted zone keeps: no name, no free text, pseudonyms for keys."""
    import pyarrow as pa

    rule = source.aggregate
    kept: dict[str, pa.Array | pa.ChunkedArray] = {}
    for name in rule.pseudonymise if rule else ():
        values = cast("list[object]", reading.table[name].to_pylist())
        kept[name] = pa.array(
            [None if value is None else pseudonyms.of(name, str(value)) for value in values],
            pa.string(),
        )
    for name in rule.keep if rule else ():
        kept[name] = reading.table[name]
    return pa.table(kept)


def _positions(rule: AggregateRule) -> Iterator[tuple[int, MeasureRule]]:
    """Each measure with its place among the sums."""
    sums = 0
    for measure in rule.measures:
        yield sums, measure
        sums += measure.kind is MeasureKind.SUM


def _leaves(rule: AggregateRule, register: Register) -> tuple[str, ...]:
    level = Level(rule.regions.level) if rule.regions.level else Level.GEMEINDE
    return tuple(register.children(rule.regions.within, level))


def _rows(
    rule: AggregateRule, reading: Reading, regions: Sequence[str], file: str
) -> Iterator[_Row]:
    known = set(regions)
    problems: list[DeliveryError] = []
    for number, values in zip(reading.rows, reading.table.to_pylist(), strict=True):
        row = cast("dict[str, object]", values)
        if not _in_force(rule, row):
            continue
        reference = cast("date", row[rule.reference])
        groups = tuple(_group(item, row, reference) for item in rule.dimensions)
        region = str(row[rule.region])
        problems += _complaints(rule, region in known, groups, Place(file, row=number))
        if len(problems) >= _MOST_PROBLEMS:
            break
        yield _Row(
            reference,
            region,
            str(row[rule.person]),
            str(row[rule.case]),
            cast("date", row[rule.active.start]) if rule.active else reference,
            groups,
            tuple(_amount(item, row) for item in rule.measures if item.kind is MeasureKind.SUM),
        )
    if problems:
        raise DeliveryRefused(file, problems, len(problems) >= _MOST_PROBLEMS)


def _in_force(rule: AggregateRule, row: Mapping[str, object]) -> bool:
    if rule.active is None:
        return True
    reference = cast("date", row[rule.reference])
    start, end = row[rule.active.start], row[rule.active.end]
    begun = start is None or cast("date", start) <= reference
    return begun and (end is None or cast("date", end) >= reference)


def _group(rule: DimensionRule, row: Mapping[str, object], reference: date) -> str:
    """The code of the row's group; empty where no group applies."""
    value = row[rule.column]
    if not rule.groups:
        return "" if value is None else str(value)
    if value is None:
        return rule.outside
    age = age_on(cast("date", value), reference)
    if 0 <= age <= _OLDEST:
        for group in rule.groups:
            if group.start <= age and (group.end is None or age <= group.end):
                return group.code
        return rule.outside
    return ""


def _complaints(
    rule: AggregateRule, inside: bool, groups: tuple[str, ...], place: Place
) -> Iterator[DeliveryError]:
    if not inside:
        yield UnknownRegionKey(
            Message("The region lies outside the area of the source ({area}).",
                    {"area": rule.regions.within}),
            Message("Correct the key, or widen “regions” of the source."),
            Place(place.file, row=place.row, column=rule.region),
        )  # fmt: skip
    for item, code in zip(rule.dimensions, groups, strict=True):
        if not code:
            yield OutsideGroups(
                Message("The person belongs to no group of “{name}”.", {"name": item.name}),
                Message("Check the date of birth, or give the source a group for such persons."),
                Place(place.file, row=place.row, column=item.column),
            )


def _amount(measure: MeasureRule, row: Mapping[str, object]) -> Decimal:
    value = row[measure.column]
    return Decimal(0) if value is None else Decimal(str(value))


def _count(rule: AggregateRule, rows: Sequence[_Row]) -> dict[_Key, _Cell]:
    cells: dict[_Key, _Cell] = defaultdict(_Cell)
    home: dict[tuple[date, str], _Row] = {}
    sums = sum(measure.kind is MeasureKind.SUM for measure in rule.measures)
    for row in rows:
        cell = cells[row.reference, row.region, row.groups]
        cell.cases.add(row.case)
        cell.sums = [
            total + amount
            for total, amount in zip(cell.sums or [Decimal(0)] * sums, row.amounts, strict=True)
        ]
        latest = home.setdefault((row.reference, row.person), row)
        if (row.start, row.case) > (latest.start, latest.case):
            home[row.reference, row.person] = row
    for (reference, person), row in home.items():
        cells[reference, row.region, row.groups].persons.add(person)
    return dict(cells)


def _add_up(cells: dict[_Key, _Cell], rule: AggregateRule, register: Register) -> None:
    """Add the totals: over each set of groups, and over the regions up to the source's area."""
    for (reference, region, groups), cell in list(cells.items()):
        above = [region]
        while above[-1] != rule.regions.within:
            above.append(register.parent(above[-1]) or rule.regions.within)
        for key in product(*((code, TOTAL) for code in groups)):
            for place in above:
                if key == groups and place == region:
                    continue
                total = cells.setdefault((reference, place, key), _Cell())
                total.persons |= cell.persons
                total.cases |= cell.cases
                total.sums = [
                    left + right
                    for left, right in zip(
                        total.sums or [Decimal(0)] * len(cell.sums), cell.sums, strict=True
                    )
                ]


def _all_keys(
    source: Source, rule: AggregateRule, references: Iterable[date], regions: Iterable[str]
) -> Iterator[_Key]:
    codes = [[*_codes(source, item), TOTAL] for item in rule.dimensions]
    for reference in references:
        for region in (*regions, rule.regions.within):
            for groups in product(*codes):
                yield reference, region, groups


def _codes(source: Source, rule: DimensionRule) -> list[str]:
    """Every code that a dimension may have, by its groups or by the layout's code list."""
    if rule.groups:
        outside = [rule.outside] if rule.outside else []
        return [group.code for group in rule.groups] + outside
    column = source.layout[rule.column] if source.layout else None
    return list(column.enum or column.codes) if column else []


def _observation(
    source: Source, measure: MeasureRule, position: int, key: _Key, cell: _Cell | None
) -> Observation:
    reference, region, groups = key
    found = cell or _Cell()
    if measure.kind is MeasureKind.SUM:
        value = found.sums[position] if found.sums else Decimal(0)
    else:
        kind = found.persons if measure.kind is MeasureKind.PERSONS else found.cases
        value = Decimal(len(kind))
    names = source.dimension_names
    return Observation(
        source.series(measure.name),
        region,
        reference,
        reference,
        dimensions_text(dict(zip(names, groups, strict=True))),
        value,
        measure.unit,
        "" if value else "-",
    )

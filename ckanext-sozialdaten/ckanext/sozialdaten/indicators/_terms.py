"""Inputs as grids: the cells of the lake, narrowed, added up and laid out by region and period.

The adding up is Ibis over Arrow tables, run by DuckDB; what follows works on arrays.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import prod
from typing import Any, cast

import duckdb
import pyarrow as pa

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators._ibis import ibis
from ckanext.sozialdaten.indicators._layouts import layout_of
from ckanext.sozialdaten.indicators._model import Input, Periods, Statistic, Time
from ckanext.sozialdaten.indicators._signs import sign_table
from ckanext.sozialdaten.lake import Lake, Layouted, Zone

__all__ = ["Reader", "Term"]

_COLUMNS = (
    *("series", "region", "reference_kind", "reference_start", "reference_end", "dimensions"),
    *("value", "quality", "census_base", "source", "captured_at"),
)
_CELL = ("region", "reference_start", "reference_end", "dimensions")


@dataclass(frozen=True, slots=True)
class Term:
    """What an input has in each region and period, one row each.

    Args:
        rows: ``region``, ``period``, ``kind``, ``total``, ``cells``, ``known``, ``state``,
            ``quality``, ``captured``, ``oldest``, ``newest``, ``days``, ``series``, ``base``.
        expected: how many cells make the sum complete; 0 where it is as many as there are.
        counted: whether the figure is how many there are.
    """

    rows: pa.Table
    expected: int
    counted: bool = False


@dataclass(slots=True)
class Reader:
    """Reads inputs of one state of the public zone; a column that several share is read once.

    Args:
        lake: the public zone is read alone.
        as_of: the state known then.
        register: boundaries for inputs that are points.
    """

    lake: Lake
    as_of: dt.datetime | dt.date | None = None
    register: Register | None = None
    _columns: dict[tuple[str, str], pa.Table] = field(
        default_factory=dict[tuple[str, str], pa.Table]
    )
    _terms: dict[str, Term] = field(default_factory=dict[str, Term])
    _layouts: Mapping[str, Layouted] | None = None
    _engine: duckdb.DuckDBPyConnection | None = None

    def term(self, item: Input, periods: Periods) -> Term:
        """The input by region and period; the same input is added up once."""
        key = repr((replace(item, name="", time=Time.SAME, within_years=0), periods))
        if key not in self._terms:
            self._terms[key] = self._term(item, periods)
        return self._terms[key]

    def _term(self, item: Input, periods: Periods) -> Term:
        table = self.cells(item)
        free = item.count or item.points is not None
        expected = 0 if free else prod(len(codes) for codes in item.codes.values())
        wanted = _wanted(item, table)
        if not wanted.num_rows:
            return Term(_EMPTY.empty_table(), expected, item.count)
        if self._engine is None:  # one for all inputs: opening it takes longer than adding up
            self._engine = duckdb.connect()
            self._engine.execute("SET TimeZone = 'UTC'")
        signs = _signs(self.convention(item))
        rows = _grouped(self._engine, (table, wanted, signs), item, periods)
        return Term(rows.cast(_EMPTY), expected, item.count)

    def cells(self, item: Input) -> pa.Table:
        """The cells of the lake that an input may use, as `Lake.values` gives them.

        Of points the region is the Gemeinde in whose boundary they lie.
        """
        columns = (item.column,) if item.column else _value_columns(item.layout)
        found = pa.concat_tables([self._column(item.layout, column) for column in columns])
        if item.points is None or not found.num_rows:
            return found
        from ckanext.sozialdaten.indicators._points import located

        upward = not item.count and item.statistic is not Statistic.SUM
        register = self.register or Register.default()
        return located(found, item.points, register, upward=upward)

    def convention(self, item: Input) -> str:
        """What the quality signs of an input mean."""
        return layout_of(item.layout).signs

    def _column(self, layout: str, column: str) -> pa.Table:
        key = (layout, column)
        if key not in self._columns:
            if self._layouts is None:
                self._layouts = self.lake.layouts(Zone.PUBLIC)
            known = self._layouts.get(layout)
            series = [
                name
                for name in (known.series if known else ())
                if name.rsplit(".", 1)[-1] == column
            ]
            found = self.lake.values(series, zone=Zone.PUBLIC, as_of=self.as_of) if series else None
            self._columns[key] = found if found is not None else _NOTHING.empty_table()
        return self._columns[key]


_NOTHING = pa.schema(
    [
        ("series", pa.string()),
        ("region", pa.string()),
        ("reference_kind", pa.string()),
        ("reference_start", pa.date32()),
        ("reference_end", pa.date32()),
        ("dimensions", pa.string()),
        ("value", pa.decimal128(28, 8)),
        ("unit", pa.string()),
        ("quality", pa.string()),
        ("census_base", pa.string()),
        ("source", pa.string()),
        ("captured_at", pa.timestamp("us", tz="UTC")),
        ("delivery", pa.string()),
    ]
)
_CELLS = pa.schema([_NOTHING.field(name) for name in _COLUMNS])
_CODES = pa.schema([("dimensions", pa.string()), ("factor", pa.float64())])
_SIGNS = pa.schema([("sign", pa.string()), ("bad", pa.int64()), ("bit", pa.int64())])
_EMPTY = pa.schema(
    [
        ("region", pa.string()),
        ("period", pa.int64()),
        ("kind", pa.string()),
        ("total", pa.float64()),
        ("cells", pa.int64()),
        ("known", pa.int64()),
        ("state", pa.int64()),
        ("quality", pa.int64()),
        ("captured", pa.int64()),
        ("oldest", pa.int64()),
        ("newest", pa.int64()),
        ("days", pa.int64()),
        ("series", pa.list_(pa.string())),
        ("base", pa.string()),
    ]
)


def _value_columns(layout: str) -> tuple[str, ...]:
    return tuple(column.name for column in layout_of(layout).values)


def _wanted(item: Input, table: pa.Table) -> pa.Table:
    """The texts of dimensions that an input adds up, with the factor of each."""
    rows: list[dict[str, object]] = []
    for text in table["dimensions"].unique().to_pylist():
        cell = cast("dict[str, str]", json.loads(text))
        if item.takes(cell):
            factor = prod(
                factors.get(cell.get(name, ""), 0.0) for name, factors in item.weights.items()
            )
            rows.append({"dimensions": text, "factor": float(factor)})
    return pa.Table.from_pylist(rows, schema=_CODES)


def _signs(convention: str) -> pa.Table:
    rows = [
        {"sign": sign, "bad": state, "bit": bit}
        for sign, (state, bit) in sign_table(convention).items()
    ]
    return pa.Table.from_pylist(rows, schema=_SIGNS)


def _schema(schema: pa.Schema) -> Any:
    return ibis.Schema.from_pyarrow(schema)


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    tables: tuple[pa.Table, pa.Table, pa.Table],
    item: Input,
    periods: Periods,
) -> pa.Table:
    """One row for each region and period that has cells, from cells, their codes and signs."""
    table, wanted, signs = tables
    named = {"cells": table.select(_COLUMNS), "codes": wanted, "signs": signs}
    for name, one in named.items():
        connection.register(name, one)
    try:
        statement = _statement(periods, item.day, item.census_base, item.statistic)
        found: Any = connection.sql(statement)
        return cast("pa.Table", found.to_arrow_table())
    finally:
        for name in named:
            connection.unregister(name)


@cache
def _statement(
    periods: Periods, day: tuple[int, int] | None, census_base: str, statistic: Statistic
) -> str:
    """The adding up as SQL; translating the expression takes longer than running it.

    Several datasets may state a cell, as two counties both bring the figures of their Land. Then
    the later census base counts, and of one base what was released last.
    """
    cells = ibis.table(_schema(_CELLS), name="cells")
    codes = ibis.table(_schema(_CODES), name="codes")
    kinds = ibis.table(_schema(_SIGNS), name="signs")
    each = cells.join(codes, "dimensions")
    if census_base:
        base = each.census_base
        each = each.filter(base.isnull() | (base == census_base))
    if day:
        end = each.reference_end
        each = each.filter((end.month() == day[0]) & (end.day() == day[1]))
    each = each.mutate(
        period=_period(each.reference_end, periods), began=_period(each.reference_start, periods)
    )
    each = each.filter(each.period == each.began).drop("began")
    order = [each.census_base.desc(nulls_first=False), each.captured_at.desc(), each.source]
    window = ibis.window(group_by=[each[name] for name in _CELL], order_by=order)
    each = each.mutate(place=ibis.row_number().over(window))
    each = each.filter(each.place == 0)
    stock = ibis.window(group_by=[each.region, each.period, each.reference_kind])
    each = each.mutate(last=each.reference_end.max().over(stock))
    each = each.filter((each.reference_kind != "stichtag") | (each.reference_end == each.last))
    each = each.left_join(kinds, each.quality == kinds.sign)
    return str(ibis.to_sql(_summed(each, statistic), dialect="duckdb"))


def _summed(each: Any, statistic: Statistic) -> Any:
    state = ibis.cases(
        (each.bad > 0, each.bad),
        (each.value.isnull() & (each.quality == ""), 1),
        (each.value.isnull() & each.bad.isnull(), 1),
        else_=0,
    )
    each = each.mutate(status=state, number=each.value.cast("float64").fill_null(0.0))
    length = each.reference_end.epoch_days() - each.reference_start.epoch_days() + 1
    return each.group_by(["region", "period"]).aggregate(
        kind=each.reference_kind.max(),
        total=_told(each.number * each.factor, each.status == 0, statistic),
        cells=each.count(),
        known=(each.status == 0).sum(),
        state=each.status.max(),
        quality=each.bit.fill_null(0).bit_or(),
        captured=each.captured_at.epoch_seconds().max() * 1_000_000,
        oldest=each.reference_end.epoch_days().min(),
        newest=each.reference_end.epoch_days().max(),
        days=length.sum(),
        series=each.series.collect(distinct=True),
        base=each.census_base.max(),
    )


def _told(number: Any, there: Any, statistic: Statistic) -> Any:
    """The statistic of the figures that are there; the deviation is that of a whole population."""
    match statistic:
        case Statistic.SUM:
            return number.sum(where=there)
        case Statistic.MEAN:
            return number.mean(where=there)
        case Statistic.MEDIAN:
            return number.median(where=there)
        case Statistic.MINIMUM:
            return number.min(where=there)
        case Statistic.MAXIMUM:
            return number.max(where=there)
        case Statistic.DEVIATION:
            return number.std(where=there, how="pop")


def _period(day: Any, periods: Periods) -> Any:
    """The number of the period in which a day lies, counted from the year 0."""
    each = periods.in_a_year
    return day.year().cast("int64") * each + ((day.month().cast("int64") - 1) * each) // 12

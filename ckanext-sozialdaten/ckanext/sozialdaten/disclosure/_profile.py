"""What the values of each column look like: one expression over all columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure._numbers import Decimal, State, decimal_of, parse

__all__ = ["SENTINELS", "Profile", "profiles"]

SENTINELS = frozenset({-1.0, -2.0, -3.0, -8.0, -9.0, -77.0, -88.0, -99.0, -999.0, -9999.0})
"""Numbers that exports write where a count is missing or secret."""

_SAMPLE = 2_000
_DATE = re.compile(r"^(\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}([T ].*)?)$")
_YEAR = re.compile(r"^(19|20)\d{2}$")
_REGION = re.compile(r"^(\d{2}|\d{3}|\d{5}|\d{8}|\d{9}|\d{11}|\d{12}|DG|D[A-Z0-9]{2,4})$")


@dataclass(frozen=True, slots=True)
class Profile:
    """The values of one column.

    Args:
        name: the column.
        rows: rows of the table.
        filled: rows with a value.
        distinct: number of distinct values.
        values: distinct values with their frequency, at most the policy's ``max_values``.
        decimal: decimal character of its numbers.
        typed: whether the file itself says that it holds numbers.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    values: Mapping[str, int]
    decimal: Decimal
    typed: bool

    def sample(self) -> list[str]:
        """Up to 2,000 distinct values, spread evenly over all in their order."""
        values = list(self.values)
        step = max(1, len(values) // _SAMPLE)
        return values[::step]

    def share(self, pattern: re.Pattern[str]) -> float:
        """Share of the sampled distinct values that match from the start."""
        sample = self.sample()
        return sum(1 for value in sample if pattern.match(value)) / max(len(sample), 1)

    @property
    def dates(self) -> float:
        """Share of dates to the day."""
        return self.share(_DATE)

    @property
    def years(self) -> float:
        """Share of years."""
        return self.share(_YEAR)

    @property
    def regions(self) -> float:
        """Share of texts with the form of a region key."""
        return self.share(_REGION)

    def figures(self) -> tuple[float, bool, float]:
        """Share of numbers and signs, whether all numbers are whole, and the lowest number."""
        sample = self.sample()
        cells = [parse(value, self.decimal) for value in sample]
        numbers = [cell.value for cell in cells if cell.state is State.VALUE]
        good = sum(1 for cell in cells if cell.state is not State.TEXT)
        whole = all(number == int(number) for number in numbers)
        share = good / max(len(sample), 1) if numbers else 0.0
        return share, whole, min(numbers, default=0.0)

    def has_sentinel(self) -> bool:
        """Whether its only negative number is one that stands for a sign."""
        numbers = {parse(value, self.decimal).value for value in self.sample()}
        negative = {number for number in numbers if number < 0}
        return len(negative) == 1 and negative <= SENTINELS


def profiles(engine: Engine, loaded: Any, table: pa.Table, max_values: int) -> dict[str, Profile]:
    """The profile of every column of a loaded table."""
    names: list[str] = table.column_names
    if not names or not table.num_rows:
        return {
            name: Profile(name, table.num_rows, 0, 0, {}, Decimal.COMMA, False) for name in names
        }
    texts = loaded.select(
        **{
            f"c{index}": loaded[name].cast("string").strip().fill_null("")
            for index, name in enumerate(names)
        }
    )
    long = texts.pivot_longer(ibis.selectors.all(), names_to="k", values_to="v")
    counted = long.group_by(["k", "v"]).agg(n=ibis._.count())
    window = ibis.window(group_by="k", order_by=[ibis.desc("n"), "v"])
    ranked = counted.mutate(
        place=ibis.row_number().over(window),
        distinct=counted.count().over(ibis.window(group_by="k")),
    ).filter(ibis._.place <= max_values)
    result: pa.Table = engine.table(ranked.order_by(["k", "place"]))
    found: dict[str, tuple[dict[str, int], int]] = {f"c{i}": ({}, 0) for i in range(len(names))}
    for key, value, count, distinct in zip(
        *(result.column(name).to_pylist() for name in ("k", "v", "n", "distinct")), strict=True
    ):
        found[key][0][value] = count
        found[key] = (found[key][0], distinct)
    return {name: _profile(table, name, *found[f"c{index}"]) for index, name in enumerate(names)}


def _profile(table: pa.Table, name: str, values: dict[str, int], distinct: int) -> Profile:
    kind = table.schema.field(name).type
    typed = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    empty = values.pop("", 0)
    decimal = Decimal.POINT if typed else decimal_of(list(values)[:_SAMPLE])
    return Profile(
        name,
        table.num_rows,
        table.num_rows - empty,
        distinct - (1 if empty else 0),
        values,
        decimal,
        typed,
    )

"""All sets of quasi-identifiers at once: sets are data, and one grouping serves a batch of them.

The rows are reduced to the combinations that occur, each column to codes. A set is a row of
factors, one for each column: the column's place value, or 0 if the column is not in the set. The
sum of code times factor then names the class, so that the same expression, with the same two
columns to group by, computes every set. Where there are too many combinations to repeat them for
several sets, each set is a grouping of its own.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import ROW, Engine
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure.persons._classes import class_sizes, class_values
from ckanext.sozialdaten.disclosure.persons._coding import Codes
from ckanext.sozialdaten.disclosure.persons._limits import (
    Limit,
    Sizes,
    Values,
    sizes,
    sizes_of,
    values,
    values_of,
)
from ckanext.sozialdaten.disclosure.persons._sensitive import Sensitive

__all__ = ["Cube"]

_SET, _N = "__set", "__n"
_WORD, _SHORT = 1 << 62, 1 << 31
_BATCH = 4_000_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a column stands in the keys: which key, and its factor there."""

    word: int
    factor: int


@dataclass(frozen=True)
class Cube:
    """The classes of every set of some columns.

    Args:
        engine: where expressions run.
        table: coded rows with their position in ``ROW``.
        columns: coded quasi-identifiers with their number of codes.
        recursive_l: the l of recursive diversity.
    """

    engine: Engine
    table: Any
    columns: Mapping[str, int]
    recursive_l: int = 0
    _bases: dict[str, tuple[Any, str | None, int]] = field(
        default_factory=dict[str, tuple[Any, str | None, int]]
    )

    @classmethod
    def load(
        cls,
        engine: Engine,
        quasi: Mapping[str, Codes],
        others: Mapping[str, Codes],
        recursive_l: int = 0,
    ) -> "Cube":
        """Load coded columns.

        Args:
            engine: where expressions run.
            quasi: columns that sets are formed of.
            others: sensitive columns, and those that name persons.
            recursive_l: the l of recursive diversity.
        """
        columns = {name: codes.codes for name, codes in {**quasi, **others}.items()}
        table = engine.load(pa.table(columns))
        return cls(engine, table, {n: len(c.values) for n, c in quasi.items()}, recursive_l)

    def sizes(
        self, sets: Sequence[Sequence[str]], limit: Limit, person: str | None = None
    ) -> list[Sizes]:
        """The classes of each set.

        Args:
            sets: sets of columns.
            limit: when a class is unsafe.
            person: column that names a person where one has several rows.
        """
        found: list[Sizes] = []
        for batch in self._batches(sets, person or ""):
            classes = class_sizes(batch.table, batch.keys, batch.count, person)
            found.extend(map(sizes_of, self._rows_of(sizes(classes, batch.by, limit), batch)))
        return found

    def values(
        self, sets: Sequence[Sequence[str]], sensitive: Sensitive, limit: Limit, floor: int = 0
    ) -> list[Values]:
        """What the classes of each set say about a sensitive column.

        Args:
            sets: sets of columns.
            sensitive: the column.
            limit: when a class is unsafe.
            floor: smaller classes do not count.
        """
        found: list[Values] = []
        for batch in self._batches(sets, sensitive.column):
            classes = class_values(
                batch.table, batch.keys, sensitive, batch.count, self.recursive_l
            )
            classes = classes.filter(classes["f"] >= floor)
            found.extend(map(values_of, self._rows_of(values(classes, batch.by, limit), batch)))
        return found

    def rows(
        self,
        chosen: Sequence[str],
        limit: Limit,
        most: int,
        *,
        sensitive: Sensitive | None = None,
        person: str | None = None,
        floor: int = 0,
    ) -> list[int]:
        """Positions of the first rows in unsafe classes of a set.

        Args:
            chosen: the set.
            limit: when a class is unsafe.
            most: as many rows at most.
            sensitive: the column that the limit speaks of, if any.
            person: column that names a person where one has several rows.
            floor: smaller classes do not count.
        """
        batch = self._alone(self.table, None, chosen, [ROW])
        if sensitive is None:
            classes = class_sizes(batch.table, batch.keys, None, person)
        else:
            classes = class_values(batch.table, batch.keys, sensitive, None, self.recursive_l)
        unsafe = classes.filter((classes["f"] >= floor) & limit(classes)).select(*batch.keys)
        found = batch.table.semi_join(unsafe.view(), batch.keys).select(ROW)
        return [int(row[ROW]) for row in self.engine.rows(found.order_by(ROW).limit(most))]

    def _rows_of(self, summary: Any, batch: "_Batch") -> list[Mapping[str, Any] | None]:
        """Rows of a summary in the order of the sets; None for a set without classes."""
        rows = self.engine.rows(summary)
        if not batch.by:
            return [rows[0] if rows[0]["classes"] else None]
        by_set = {row[_SET]: row for row in rows}
        return [by_set.get(index) for index in range(batch.sets)]

    def _base(self, other: str) -> tuple[Any, str | None, int]:
        """The combinations that occur with their number of rows; the rows if they are as many."""
        if other not in self._bases:
            names = [*self.columns, *([other] if other else [])]
            kept = self.engine.keep(self.table.group_by(names).agg(**{_N: self.table.count()}))
            size = kept.aggregate(few=kept.count(), all=kept[_N].sum())
            row = self.engine.rows(size)[0]
            few, rows = int(row["few"]), int(row["all"] or 0)
            spared = 2 * few <= rows or few <= _BATCH // 10
            self._bases[other] = (kept, _N, few) if spared else (self.table, None, rows)
        return self._bases[other]

    def _batches(self, sets: Sequence[Sequence[str]], other: str) -> Iterator["_Batch"]:
        """Combinations with the key of their class, for a batch of sets at a time."""
        if len(sets) == 1 and other not in self._bases:
            yield self._alone(self.table, None, sets[0], [])
            return
        base, count, rows = self._base(other)
        step = max(1, _BATCH // max(rows, 1))
        for start in range(0, len(sets), step):
            some = sets[start : start + step]
            if len(some) > 1:
                yield self._together(base, count, some)
            else:
                yield self._alone(base, count, some[0], [])

    def _alone(
        self, base: Any, count: str | None, chosen: Sequence[str], more: Sequence[str]
    ) -> "_Batch":
        """The rows of a table with the key of their class in one set."""
        places = _places({name: self.columns[name] for name in chosen})
        # Short keys where they are enough: grouping by them is twice as fast.
        short = math.prod(self.columns[name] for name in chosen) < _SHORT
        parts = {
            name: (base[name] if short else base[name].cast("int64")) * place.factor
            for name, place in places.items()
        }
        keys = _keys(parts, places) or {"w0": ibis.literal(0)}
        others = [name for name in base.columns if name not in self.columns and name != ROW]
        return _Batch(base.select(*others, *more, **keys), tuple(keys), count, 1, ())

    def _together(self, base: Any, count: str | None, sets: Sequence[Sequence[str]]) -> "_Batch":
        """Rows times sets, with the columns that name set and class."""
        places = _places(self.columns)
        factors = {name: f"m{index}" for index, name in enumerate(places)}
        mask: dict[str, pa.Array] = {_SET: pa.array(range(len(sets)), pa.int32())}
        for name, place in places.items():
            held = [place.factor if name in chosen else 0 for chosen in sets]
            mask[factors[name]] = pa.array(held, pa.int64())
        crossed = base.cross_join(ibis.memtable(pa.table(mask)))
        parts = {name: crossed[name] * crossed[factor] for name, factor in factors.items()}
        keys = _keys(parts, places)
        others = [name for name in base.columns if name not in self.columns and name != ROW]
        table = crossed.select(_SET, *others, **keys)
        return _Batch(table, (_SET, *keys), count, len(sets), (_SET,))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of some sets.

    Args:
        table: the rows.
        keys: columns that name a class.
        count: column with the number of persons of a row; None for one each.
        sets: number of sets.
        by: columns that name a set, if there are several.
    """

    table: Any
    keys: tuple[str, ...]
    count: str | None
    sets: int
    by: tuple[str, ...]


def _places(columns: Mapping[str, int]) -> dict[str, _Place]:
    """Each column's place in as few whole numbers of 62 bits as hold them all."""
    places: dict[str, _Place] = {}
    word, factor = 0, 1
    for name, codes in columns.items():
        if factor * max(codes, 1) > _WORD:
            word, factor = word + 1, 1
        places[name] = _Place(word, factor)
        factor *= max(codes, 1)
    return places


def _keys(parts: Mapping[str, Any], places: Mapping[str, _Place]) -> dict[str, Any]:
    """The sums of the parts that share a word."""
    keys: dict[str, Any] = {}
    for name, part in parts.items():
        key = f"w{places[name].word}"
        keys[key] = keys[key] + part if key in keys else part
    return keys

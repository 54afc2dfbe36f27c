"""What the values of each column look like."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._numbers import Decimal, State, decimal_of, parse, written_count
from ckanext.sozialdaten.disclosure._texts import shown

__all__ = ["SENTINELS", "Profile", "profiles"]

SENTINELS = frozenset({-1.0, -2.0, -3.0, -8.0, -9.0, -77.0, -88.0, -99.0, -999.0, -9999.0})
"""Numbers that exports write where a count is missing or secret."""

_SAMPLE = 2_000
_MOST_VALUES = 3_000_000
_MARKS, _LONG_MARK = 1, 8
_DATE = re.compile(r"^(\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}([T ].*)?)$")
_YEAR = re.compile(r"^(19|20)\d{2}$")
# Digits of Land, Kreis, Gemeinde (AGS); what lies below a key begins with it.
_KEY_LENGTHS = (2, 5, 8)
_FEW_KEYS = 3
_REGION = re.compile(r"^(\d{2}|\d{3}|\d{5}|\d{8}|\d{9}|\d{11}|\d{12}|DG|D[A-Z0-9]{2,4})$")


@dataclass(frozen=True, slots=True)
class Profile:
    """The values of one column.

    Args:
        name: the column.
        rows: rows of the table.
        filled: rows with a value.
        distinct: number of distinct values.
        values: distinct values with their frequency, at most the policy's ``max_values``. Of more
            than that some of each form are kept, a form being a value with zeros for its digits.
        decimal: decimal character of its numbers.
        typed: whether the file itself says that it holds numbers.
        unseen: distinct values of whose form none is kept.
    """

    name: str
    rows: int
    filled: int
    distinct: int
    values: Mapping[str, int]
    decimal: Decimal
    typed: bool
    unseen: int = 0

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

    @property
    def nested_regions(self) -> bool:
        """Whether the values are region keys of several levels, such as 01056 and 01056001."""
        sample = self.sample()
        known = set(sample)
        inner = [v for v in sample if any(v[:n] in known for n in _KEY_LENGTHS if n < len(v))]
        tops = len(sample) - len(inner)
        return (
            self.regions == 1
            and len(inner) >= _FEW_KEYS
            and tops <= len(inner)
            and all(len(v) in _KEY_LENGTHS for v in inner)
        )

    def figures(self) -> tuple[float, bool, float]:
        """Share of numbers and signs, whether all numbers are whole, and the lowest number."""
        sample = self.sample()
        cells = [parse(value, self.decimal) for value in sample]
        numbers = [cell.value for cell in cells if cell.state is State.VALUE]
        texts = [v for v, cell in zip(sample, cells, strict=True) if cell.state is State.TEXT]
        good = len(sample) - (0 if self._are_marks(texts, numbers) else len(texts))
        whole = all(number == int(number) for number in numbers)
        share = good / max(len(sample), 1) if numbers else 0.0
        return share, whole, min(numbers, default=0.0)

    def _are_marks(self, texts: Sequence[str], numbers: Sequence[float]) -> bool:
        """Whether texts among numbers are marks that nobody knows, such as "g. U."."""
        if len(texts) > _MARKS or len(numbers) < len(texts) + _MARKS:
            return False
        rows = sum(self.values[text] for text in texts)
        return 2 * rows <= self.filled and all(
            len(text) <= _LONG_MARK
            and not any(letter.isdigit() for letter in text)
            and not lexicon().is_total(text)
            for text in texts
        )

    def written(self) -> tuple[float, float]:
        """Share of counts in words ("2 Kinder", "ein Fall"), numbers and signs, and the highest."""
        sample = self.sample()
        found = [written_count(value) for value in sample]
        signs = sum(parse(value, self.decimal).state is not State.TEXT for value in sample)
        counts = [number for number in found if number is not None]
        digits = sum(value.isdigit() for value in sample)
        if len(counts) == digits:
            return 0.0, 0.0
        return (len(counts) - digits + signs) / len(sample), max(counts, default=0.0)

    def has_sentinel(self) -> bool:
        """Whether its only negative number is one that stands for a sign."""
        numbers = {parse(value, self.decimal).value for value in self.sample()}
        negative = {number for number in numbers if number < 0}
        return len(negative) == 1 and negative <= SENTINELS


def profiles(engine: Engine, table: pa.Table, max_values: int) -> dict[str, Profile]:
    """The profile of every column of a table, one column after the other.

    Args:
        engine: writes values of other types than text as text, as all rules see them.
        loaded: the table in the engine.
        table: the table.
        max_values: most distinct values of one column that are kept; of a table with many columns
            fewer, so that memory stays bounded.
    """
    names: list[str] = table.column_names
    limit = max(1_000, min(max_values, _MOST_VALUES // max(len(names), 1)))
    return {name: _profile(engine, table, name, limit) for name in names}


def _counts(engine: Engine, column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The distinct values of a column as text without blanks around, and how often each occurs."""
    plain = column
    if pa.types.is_string(column.type):
        plain = pc.utf8_trim_whitespace(column.fill_null(""))
    counted: Any = plain.value_counts()
    values, numbers = counted.field("values"), counted.field("counts")
    if pa.types.is_string(column.type):
        return values, numbers
    texts: Any = pc.utf8_trim(shown(engine, values), characters=" \t\n\r\v\f")
    return texts, numbers


def _forms(values: pa.Array) -> pa.Array:
    """Texts with zeros in place of their digits."""
    texts: Any = values.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    letters = np.frombuffer(data or b"", dtype=np.uint8).copy()
    letters[(letters >= ord("0")) & (letters <= ord("9"))] = ord("0")
    plain = [None, offsets, pa.py_buffer(letters)]
    array: Any = pa.Array
    return array.from_buffers(pa.large_string(), len(texts), plain, offset=texts.offset)


def _spread(values: pa.Array, numbers: pa.Array, limit: int) -> tuple[pa.Array, int]:
    """Positions of as many values of each form as fit, and how many have forms that do not fit.

    The most frequent value of a form is always among them, the others lie evenly over the rest.
    The empty text is a form of its own.
    """
    encoded: Any = _forms(values).dictionary_encode()
    codes: npt.NDArray[np.int64] = encoded.indices.to_numpy().astype(np.int64)
    sizes = np.bincount(codes)
    low, high = 0, int(sizes.max())
    while low < high:  # as many of each form as fit together
        middle = (low + high + 1) // 2
        fit = np.minimum(sizes, middle).sum() <= limit
        low, high = (middle, high) if fit else (low, middle - 1)
    fits = np.minimum(sizes, low) if low else (np.arange(len(sizes)) < limit).astype(np.int64)
    order = np.lexsort((-numbers.to_numpy(), codes))
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size, share = sizes[codes[order]], fits[codes[order]]
    kept = rank * share % size < share
    return pa.array(order[kept]), int(sizes[fits == 0].sum())


def _profile(engine: Engine, table: pa.Table, name: str, limit: int) -> Profile:
    column = table.column(name)
    values, numbers = _counts(engine, column)
    distinct, unseen = len(values), 0
    blanks: Any = pc.equal(values, "")
    blank = int(pc.sum(blanks, min_count=0).as_py())
    empty = int(pc.sum(numbers.filter(blanks), min_count=0).as_py())
    if distinct > limit:
        chosen, unseen = _spread(values, numbers, limit)
        values, numbers = values.take(chosen), numbers.take(chosen)
    if distinct > 1:
        found = pa.table({"v": values, "n": numbers})
        order: Any = pc.sort_indices(found, [("n", "descending"), ("v", "ascending")])
        values, numbers = values.take(order), numbers.take(order)
    kept: dict[str, int] = dict(zip(values.to_pylist(), numbers.to_pylist(), strict=True))
    kind = column.type
    typed = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    kept.pop("", None)
    decimal = Decimal.POINT if typed else decimal_of(list(kept)[:_SAMPLE])
    filled = len(column) - empty
    return Profile(name, len(column), filled, distinct - blank, kept, decimal, typed, unseen)

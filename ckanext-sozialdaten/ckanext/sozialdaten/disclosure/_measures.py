"""Counts, magnitudes and rates of a table as numbers with their state.

Every distinct text of a column is read once, however many cells show it; rows hold codes alone.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._numbers import (
    FOOTNOTE,
    LATER_SIGNS,
    NIL_SIGNS,
    SECRET_SIGNS,
    Decimal,
    Number,
    State,
    parse,
    written_count,
)
from ckanext.sozialdaten.disclosure._profile import SENTINELS, Profile
from ckanext.sozialdaten.disclosure._roles import Understanding
from ckanext.sozialdaten.disclosure._texts import texts_of
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["COLUMN", "Codes", "Floats", "Long", "Measures", "measures"]

COLUMN = "__column"
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Bytes = npt.NDArray[np.int8]
_STATES = tuple(State)
_OPEN = tuple(_STATES.index(state) for state in (State.SECRET, State.LATER, State.TEXT))
_NIL, _SECRET, _VALUE = (_STATES.index(s) for s in (State.NIL, State.SECRET, State.VALUE))
_SIGNS = ((State.NIL, NIL_SIGNS), (State.LATER, LATER_SIGNS), (State.SECRET, SECRET_SIGNS))
_NUMBER = r"^(?:[nN]=)?\(?(?P<n>[-+−]?[0-9][0-9.,']*)\)?(?:[a-z%€]|\([0-9.,]+%\))?$"
_PLAIN = r"^-?[0-9]+\.?[0-9]*$"
_BLANKS = "[\\s\u00a0\u202f]+"
_TRIMMED = " \t\n\r\v\f"
_MOST_TEXTS = 100_000


@dataclass(frozen=True, slots=True)
class Codes:
    """A column in codes.

    Args:
        labels: the text of each code, in the order in which they come.
        codes: code of each cell.
    """

    labels: tuple[str, ...]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Long:
    """Value columns below one another.

    Args:
        names: the value columns.
        size: rows of each.
        values: the values, NaN where withheld.
        withheld: whether a cell is suppressed, blank, text or not yet known.
    """

    names: tuple[str, ...]
    size: int
    values: Floats
    withheld: npt.NDArray[np.bool_]

    @property
    def rows(self) -> Ints:
        """Position of each cell's row in its table."""
        return np.tile(np.arange(self.size, dtype=np.int64), len(self.names))

    @property
    def columns(self) -> tuple[str, ...]:
        """Value column of each cell."""
        return tuple(name for name in self.names for _ in range(self.size))

    def repeated(self, codes: Ints) -> Ints:
        """What each row has, for each cell."""
        return np.tile(codes, len(self.names))


@dataclass(frozen=True, slots=True)
class Measures:
    """The value cells of a table, column by column in the order of its rows.

    Args:
        keys: columns that may name a row, in codes.
        columns: value columns with their role.
        values: numbers of each column, NaN if there is none.
        states: what each cell says, as its place in ``State``.
    """

    keys: Mapping[str, Codes]
    columns: Mapping[str, Role]
    values: Mapping[str, Floats]
    states: Mapping[str, _Bytes]

    def of(self, role: Role) -> list[str]:
        """Value columns with a role."""
        return [name for name, found in self.columns.items() if found is role]

    def shown(self, column: str) -> Floats:
        """The numbers of a column that stand for themselves; NaN for all others."""
        state = self.states[column]
        return np.where((state == _VALUE) | (state == _NIL), self.values[column], np.nan)

    def secret_numbers(self, column: str) -> Ints:
        """Rows whose number stands for a sign, such as -9."""
        secret = self.states[column] == _SECRET
        return np.flatnonzero(secret & ~np.isnan(self.values[column]))

    def long(self, names: Sequence[str]) -> Long:
        """Some columns below one another, in the order of the table."""
        chosen = set(names)
        ordered = [name for name in self.columns if name in chosen]
        states = np.concatenate([self.states[name] for name in ordered])
        values = np.concatenate([self.values[name] for name in ordered])
        withheld = np.isin(states, _OPEN)
        values[withheld] = np.nan
        return Long(tuple(ordered), len(values) // len(ordered), values, withheld)


def _numbers(texts: pa.Array, decimal: Decimal) -> Floats:
    """The number in each text without blanks, NaN if there is none."""
    found: Any = pc.struct_field(pc.extract_regex(texts, _NUMBER), "n")
    bare = pc.replace_substring(pc.replace_substring(found, "'", ""), "−", "-")
    if decimal is Decimal.COMMA:
        bare = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    else:
        bare = pc.replace_substring(bare, ",", "")
    bare = pc.replace_substring(bare, "+", "")
    good = pc.match_substring_regex(bare, _PLAIN)
    numbers: Any = pc.if_else(good, bare, pa.scalar(None, pa.string())).cast(pa.float64())
    return np.array(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)


def _states(texts: pa.Array) -> _Bytes:
    """What each text without a number says."""
    states = np.full(len(texts), _STATES.index(State.TEXT), dtype=np.int8)
    for state, signs in reversed(_SIGNS):
        hits: Any = pc.is_in(texts, value_set=pa.array(sorted(signs), pa.string()))
        states[hits.to_numpy(zero_copy_only=False)] = _STATES.index(state)
    return states


def measures(
    engine: Engine, table: pa.Table, profiles: Mapping[str, Profile], known: Understanding
) -> Measures | None:
    """The value cells of a table that is not person-level.

    Args:
        engine: writes numbers of typed columns as text, as all rules see them.
        table: the table.
        profiles: what the values look like.
        known: the roles.
    """
    roles = {
        name: guess.role
        for name, guess in known.guesses.items()
        if guess.role in (Role.COUNT, Role.MAGNITUDE, Role.RATE)
    }
    columns = {name: role for name, role in roles.items() if role is not None}
    if known.person_level or not columns:
        return None
    skipped = {*columns, *known.quality_of}
    keys = {
        name: _key(texts_of(engine, table.column(name)))
        for name, guess in known.guesses.items()
        if name not in skipped and guess.role not in (Role.FREE_TEXT, Role.WEIGHT)
    }
    signs = {value: sign for sign, value in known.quality_of.items()}
    values: dict[str, Floats] = {}
    states: dict[str, _Bytes] = {}
    for name, role in columns.items():
        texts = texts_of(engine, table.column(name))
        sign = texts_of(engine, table.column(signs[name])) if name in signs else None
        values[name], states[name] = _column(texts, profiles[name].decimal, role, sign)
    return Measures(keys, columns, values, states)


def _key(column: pa.DictionaryArray) -> Codes:
    trimmed: Any = pc.utf8_trim(column.dictionary, characters=_TRIMMED)
    merged = trimmed.dictionary_encode()
    codes = np.asarray(merged.indices.to_numpy(), dtype=np.int64)[column.indices.to_numpy()]
    return Codes(tuple(merged.dictionary.to_pylist()), codes)


def _column(
    column: pa.DictionaryArray, decimal: Decimal, role: Role, sign: pa.DictionaryArray | None
) -> tuple[Floats, _Bytes]:
    """Numbers and states of one column; where it is empty its quality sign speaks.

    A negative number in a column of counts, such as -9, is a sign as well.
    """
    clean = _without_blanks(column.dictionary)
    numbers, states = _numbers(clean, decimal), _states(clean)
    states[~np.isnan(numbers)] = _VALUE
    if role is Role.COUNT:
        states[np.isin(numbers, sorted(SENTINELS))] = _SECRET
    _again(column.dictionary, decimal, role, numbers, states)
    numbers[states == _NIL] = 0.0
    codes = column.indices.to_numpy()
    values, found = numbers[codes], states[codes]
    if sign is not None:
        blank = np.asarray(pc.equal(clean, "").to_numpy(zero_copy_only=False))[codes]
        found[blank] = _states(_without_blanks(sign.dictionary))[sign.indices.to_numpy()][blank]
        values[blank & (found == _NIL)] = 0.0
    return values, found


def _again(texts: pa.Array, decimal: Decimal, role: Role, numbers: Floats, states: _Bytes) -> None:
    """What the quick reading takes for text, read cell by cell: digits of other scripts, words."""
    unread = np.flatnonzero(states == _STATES.index(State.TEXT))[:_MOST_TEXTS].tolist()
    for place in unread:
        text = unicodedata.normalize("NFC", texts[place].as_py() or "")
        plain = text.translate(_digits_of(text))
        cell = parse(plain, decimal)
        written = written_count(plain) if role is Role.COUNT and cell.state is State.TEXT else None
        if written is not None:
            cell = Number(State.VALUE, written)
        if cell.state is not State.TEXT:
            numbers[place], states[place] = cell.value, _STATES.index(cell.state)


def _digits_of(text: str) -> dict[int, str]:
    """The digits of other scripts in a text with what they stand for; superscripts are notes."""
    return {ord(c): str(unicodedata.decimal(c)) for c in text if c.isdecimal() and not c.isascii()}


def _without_blanks(texts: pa.Array) -> Any:
    bare = pc.replace_substring_regex(texts, FOOTNOTE, r"\1")
    return pc.replace_substring_regex(bare, _BLANKS, "")

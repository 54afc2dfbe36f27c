"""Counts, magnitudes and rates of a table as numbers with their state, in one long form.

Long form: one row for each value cell, with the position of its row, the name of its column, the
columns that name the row, ``value`` (NULL if there is none) and ``state`` (see ``_numbers``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.disclosure._engine import ROW, Engine
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure._numbers import (
    LATER_SIGNS,
    NIL_SIGNS,
    SECRET_SIGNS,
    Decimal,
    State,
)
from ckanext.sozialdaten.disclosure._profile import SENTINELS, Profile
from ckanext.sozialdaten.disclosure._roles import Understanding
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["COLUMN", "OPEN_STATES", "STATE", "VALUE", "Measures", "measures"]

COLUMN, VALUE, STATE = "__column", "__value", "__state"
_TEXT, _SIGN = "__text", "__sign"
OPEN_STATES = (State.SECRET.value, State.LATER.value, State.TEXT.value)
_NUMBER = r"^(?:[nN]=)?\(?([-+−]?[0-9][0-9.,']*)\)?(?:[a-z%€]|\([0-9.,]+%\))?$"


@dataclass(frozen=True, slots=True)
class Measures:
    """The value cells.

    Args:
        long: Ibis table in long form.
        keys: columns that may name a row.
        columns: value columns with their role.
    """

    long: Any
    keys: tuple[str, ...]
    columns: Mapping[str, Role]

    def of(self, role: Role) -> list[str]:
        """Value columns with a role."""
        return [name for name, found in self.columns.items() if found is role]


def _number(text: Any, decimal: Decimal) -> Any:
    """The number in a text without blanks, NULL if there is none."""
    bare = text.re_extract(_NUMBER, 1).replace("'", "").replace("−", "-")
    if decimal is Decimal.COMMA:
        bare = bare.replace(".", "").replace(",", ".")
    else:
        bare = bare.replace(",", "")
    return bare.try_cast("float64")


def _state(clean: Any, number: Any, sign: Any, role: Role) -> Any:
    """The state of a cell; where it is empty its quality sign speaks.

    A negative number in a column of counts, such as -9, is a sign as well.
    """
    shown = ibis.ifelse(clean == "", sign, clean)
    code = number.isin(sorted(SENTINELS)) & ibis.literal(role is Role.COUNT)
    return ibis.cases(
        (code, State.SECRET.value),
        (number.notnull(), State.VALUE.value),
        (shown.isin(sorted(NIL_SIGNS)), State.NIL.value),
        (shown.isin(sorted(LATER_SIGNS)), State.LATER.value),
        (shown.isin(sorted(SECRET_SIGNS)), State.SECRET.value),
        else_=State.TEXT.value,
    )


def _text(loaded: Any, column: str) -> Any:
    text = loaded[column].cast("string").fill_null("")
    return text.re_replace("[\\s\u00a0\u202f]+", "")


def measures(
    engine: Engine, loaded: Any, profiles: Mapping[str, Profile], known: Understanding
) -> Measures | None:
    """The value cells of a table that is not person-level."""
    roles = {
        name: guess.role
        for name, guess in known.guesses.items()
        if guess.role in (Role.COUNT, Role.MAGNITUDE, Role.RATE)
    }
    columns = {name: role for name, role in roles.items() if role is not None}
    if known.person_level or not columns:
        return None
    skipped = {*columns, *known.quality_of}
    keys = tuple(
        name
        for name, guess in known.guesses.items()
        if name not in skipped and guess.role not in (Role.FREE_TEXT, Role.WEIGHT)
    )
    signs = {value: sign for sign, value in known.quality_of.items()}
    groups: dict[tuple[Decimal, Role, str], list[str]] = {}
    for column, role in columns.items():
        sort = (profiles[column].decimal, role, signs.get(column, ""))
        groups.setdefault(sort, []).append(column)
    parts = [_long(loaded, keys, group, *sort) for sort, group in groups.items()]
    long = parts[0] if len(parts) == 1 else ibis.union(*parts)
    return Measures(engine.keep(long), keys, columns)


def _long(
    loaded: Any, keys: tuple[str, ...], columns: list[str], decimal: Decimal, role: Role, sign: str
) -> Any:
    """Columns of one kind in long form, in one expression however many they are."""
    texts = loaded.select(
        **{ROW: loaded[ROW], _SIGN: _text(loaded, sign) if sign else ibis.literal("")},
        **{key: loaded[key].cast("string").strip().fill_null("") for key in keys},
        **{column: _text(loaded, column) for column in columns},
    )
    long = texts.pivot_longer(ibis.selectors.cols(*columns), names_to=COLUMN, values_to=_TEXT)
    number = _number(long[_TEXT], decimal)
    state = _state(long[_TEXT], number, long[_SIGN], role)
    return long.select(
        ROW,
        COLUMN,
        *keys,
        **{VALUE: ibis.ifelse(state == State.NIL.value, 0.0, number), STATE: state},
    )

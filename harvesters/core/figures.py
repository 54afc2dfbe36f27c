"""Cells of a public table become observations of a source, under the source's own names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core.errors import (
    BadCode,
    DeliveryError,
    DeliveryRefused,
    DuplicateKey,
    EmptyDelivery,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.observations import Observation, dimensions_text
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.harvesters.core.source import (
    ObservationRule,
    Reference,
    Source,
    ValueRule,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["figures"]

_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class _Scope:
    """The regions of a source: which are kept, and which must exist because they lie within."""

    within: str
    kept: frozenset[str]


def figures(source: Source, reading: Reading, register: Register, file: str) -> list[Observation]:
    """The observations of a delivery. Rows of other regions and other values are left out.

    ``-`` becomes zero with its sign, for the register says that the region exists; every other sign
    stays without a value.

    Args:
        source: a source with an observation rule.
        reading: cells as the GENESIS reader gives them.
        register: knows the regions.
        file: name for the places of errors.

    Raises:
        DeliveryRefused: unknown regions or codes, or cells that come twice.
        EmptyDelivery: nothing in the file is about this source.
    """
    rule = source.observations
    if rule is None:
        return []
    scope = _scope(rule, register)
    found: dict[tuple[object, ...], int] = {}
    observations: list[Observation] = []
    problems: list[DeliveryError] = []
    for number, values in zip(reading.rows, reading.table.to_pylist(), strict=True):
        row = cast("dict[str, object]", values)
        value = _value_rule(rule, row)
        if value is None:
            continue
        region = str(row["region"])
        place = Place(file, row=number)
        if region not in scope.kept:
            problems += _outside(region, scope, place)
            continue
        try:
            observation = _observation(source, rule, value, row, place)
        except BadCode as error:
            problems.append(error)
            continue
        problems += _twice(observation, found, place)
        observations.append(observation)
        if len(problems) >= _MOST_PROBLEMS:
            break
    if problems:
        raise DeliveryRefused(file, problems[:_MOST_PROBLEMS], len(problems) >= _MOST_PROBLEMS)
    if not observations:
        raise EmptyDelivery(
            Message("The table holds no values of this source."),
            Message("Check the table's code, its value codes and the regions asked for."),
            Place(file),
        )
    return observations


def _scope(rule: ObservationRule, register: Register) -> _Scope:
    from ckanext.sozialdaten.geography import Level

    within = register.normalise(rule.regions.within)
    if rule.regions.level:
        inside = set(register.children(within, Level(rule.regions.level)))
    else:
        inside = {within}
        waiting = list(register.children(within))
        while waiting:
            region = waiting.pop()
            inside.add(region)
            waiting += register.children(region)
    return _Scope(
        within, frozenset(inside | {register.normalise(key) for key in rule.regions.also})
    )


def _value_rule(rule: ObservationRule, row: Mapping[str, object]) -> ValueRule | None:
    for value in rule.values:
        if value.code == row["value_code"] and value.unit in ("", row["unit"]):
            return value
    return None


def _outside(region: str, scope: _Scope, place: Place) -> Iterator[DeliveryError]:
    """A key that looks as if it lay inside, but that the register does not know, is an error."""
    if len(region) > len(scope.within) and region.startswith(scope.within):
        yield UnknownRegionKey(
            Message("No region of the source's area has this key."),
            Message(
                "Check the key. Further regions come from register folders that "
                "SOZIALDATEN_REGIONS names."
            ),
            Place(place.file, row=place.row, column="1_variable_attribute_code"),
        )


def _observation(
    source: Source, rule: ObservationRule, value: ValueRule, row: Mapping[str, object], place: Place
) -> Observation:
    end = cast("date", row["reference_end"])
    start = end if rule.kind is Reference.STICHTAG else cast("date", row["reference_start"])
    printed, sign = row["value"], str(row["quality"])
    figure = None if printed is None else Decimal(str(printed))
    if figure is None and sign == "-":
        figure = Decimal(0)
    return Observation(
        source.series(value.column),
        str(row["region"]),
        start,
        end,
        dimensions_text(_dimensions(source, rule, str(row["dimensions"]), place)),
        figure,
        str(row["unit"]),
        sign,
        rule.census_base,
    )


def _dimensions(source: Source, rule: ObservationRule, text: str, place: Place) -> dict[str, str]:
    """The source's names for the table's variables; an unknown variable or code is an error."""
    renamed: dict[str, str] = {}
    for variable, code in parse_dimensions(text).items():
        name = rule.dimensions.get(variable)
        known = tuple(source.publish.layout[name].codes) if name else ()
        if name is None or (known and code not in known):
            raise BadCode(
                Message("The table has a code that the source does not know."),
                Message(
                    "The office may have changed the table: compare its variables and codes with "
                    "“dimensions” and the layout of the source."
                ),
                Place(place.file, row=place.row, column=variable),
            )
        renamed[name] = code
    return renamed


def _twice(
    observation: Observation, found: dict[tuple[object, ...], int], place: Place
) -> Iterator[DeliveryError]:
    key = (
        observation.series,
        observation.region,
        observation.start,
        observation.end,
        observation.dimensions,
    )
    first = found.setdefault(key, place.row or 0)
    if first != place.row:
        yield DuplicateKey(
            Message("The cell stands in row {first} already.", {"first": first}),
            Message("Each cell must come once; two answers may have been joined."),
            place,
        )

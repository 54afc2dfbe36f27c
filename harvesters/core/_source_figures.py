"""The part of a source's YAML that speaks of tables of figures."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import cast

from ckanext.sozialdaten.harvesters.core.source import (
    ObservationRule,
    Period,
    ReadRule,
    Reference,
    RegionScope,
    ValueRule,
    VariableRule,
)
from ckanext.sozialdaten.lake.layouts import NUMERIC_ROLES, Role
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.lake.signs import signs_of

__all__ = ["named", "observation_rule", "read_rule", "region_scope"]

_OBSERVATIONS = (
    *("values", "dimensions", "kind", "regions", "where", "ignore", "period", "day"),
    "census_base",
)
_VALUE = ("series", "where", "unit", "printed", "factor", "role", "title", "optional")
_VARIABLE = ("from", "codes", "title", "captions")
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_COUNTED = re.compile(r"anzahl|anz\.?|personen|persons|f(ä|ae)lle|einwohner.*", re.IGNORECASE)
_SHARES = re.compile(r"%|‰|prozent|(^|\b)je\b|\bper\b|\bpro\b|index|punkte", re.IGNORECASE)


def named(section: Section, key: str, keys: tuple[str, ...]) -> list[tuple[str, Section]]:
    """The mappings of a mapping with free keys, in order."""
    if not section.is_mapping(key):
        raise section.wrong(key, "{where} must be a mapping of names.")
    names = cast("Mapping[object, object]", section.raw(key))
    return [
        (str(name), Section(item, f"{section.where}.{key}.{name}", keys, section.file))
        for name, item in names.items()
    ]


def region_scope(section: Section) -> RegionScope:
    """The block ``regions``."""
    inner = section.section("regions", ("within", "level", "also", "column"))
    return RegionScope(
        inner.text("within"),
        inner.text("level", ""),
        inner.texts("also"),
        inner.text("column", ""),
    )


def read_rule(section: Section) -> ReadRule:
    """The block ``read``."""
    inner = section.section("read", ("region", "time", "decimal", "signs"))
    signs = inner.text("signs", "")
    if signs:
        signs_of(signs)
    return ReadRule(
        inner.text("region", ""), inner.text("time", ""), inner.text("decimal", ""), signs
    )


def observation_rule(section: Section) -> ObservationRule:
    """The block ``observations``."""
    inner = section.section("observations", _OBSERVATIONS)
    day = inner.text("day", "")
    if day and not _DAY.fullmatch(day):
        raise inner.wrong("day", "{where} must be a day such as 12-31.")
    return ObservationRule(
        values=tuple(_value(name, item) for name, item in named(inner, "values", _VALUE)),
        dimensions=_variables(inner),
        kind=inner.choice("kind", Reference, Reference.STICHTAG) or Reference.STICHTAG,
        regions=region_scope(inner),
        where=_texts(inner, "where"),
        ignore=inner.texts("ignore"),
        period=inner.choice("period", Period, Period.YEAR) or Period.YEAR,
        day=day,
        census_base=inner.text("census_base", ""),
    )


def _value(name: str, section: Section) -> ValueRule:
    unit = section.text("unit", "")
    role = section.choice("role", Role, _role(unit)) or Role.COUNT
    if role not in NUMERIC_ROLES:
        raise section.wrong("role", "{where} must be count, magnitude or rate.")
    return ValueRule(
        column=name,
        series=section.texts("series") or (name,),
        where=_texts(section, "where"),
        unit=unit,
        printed=section.texts("printed"),
        factor=_factor(section),
        role=role,
        title=section.titles("title"),
        optional=section.raw("optional") is True,
    )


def _role(unit: str) -> Role:
    """What a column of this unit most likely is."""
    if _COUNTED.fullmatch(unit):
        return Role.COUNT
    return Role.RATE if _SHARES.search(unit) else Role.MAGNITUDE


def _factor(section: Section) -> Decimal:
    raw = section.raw("factor")
    try:
        factor = Decimal(str(1 if raw is None else raw))
    except InvalidOperation:
        factor = Decimal(0)
    if not factor.is_finite() or factor <= 0:
        raise section.wrong("factor", "{where} must be a number above zero.")
    return factor


def _variables(section: Section) -> tuple[VariableRule, ...]:
    """Dimensions: a text or a list names the file's variable, a mapping says more."""
    if "dimensions" not in section:
        return ()
    if not section.is_mapping("dimensions"):
        raise section.wrong("dimensions", "{where} must be a mapping of names.")
    names = cast("Mapping[object, object]", section.raw("dimensions"))
    where = f"{section.where}.dimensions"
    return tuple(_variable(str(name), item, where, section.file) for name, item in names.items())


def _variable(name: str, item: object, where: str, file: str) -> VariableRule:
    data: object = cast("object", item) if isinstance(item, Mapping) else {"from": item}
    inner = Section(data, f"{where}.{name}", _VARIABLE, file)
    captions = inner.captions("captions") if inner.is_mapping("captions") else {}
    return VariableRule(
        name=name,
        variables=inner.texts("from") or (name,),
        codes=_texts(inner, "codes"),
        title=inner.titles("title"),
        captions=captions,
    )


def _texts(section: Section, key: str) -> dict[str, str]:
    """A mapping of texts; keys and values may be written as numbers."""
    if key not in section:
        return {}
    if not section.is_mapping(key):
        raise section.wrong(key, "{where} must be a mapping of names.")
    return {
        str(name): str(value)
        for name, value in cast("Mapping[object, object]", section.raw(key)).items()
    }

"""The layout of a published table that nobody wrote: it follows from the source."""

from ckanext.sozialdaten.harvesters.core.observations import TOTAL
from ckanext.sozialdaten.harvesters.core.source import (
    ObservationRule,
    Period,
    Reference,
    ValueRule,
    VariableRule,
)
from ckanext.sozialdaten.lake.layouts import QUARTER, Field, FieldType, Layout, Role

__all__ = ["derived_layout"]

_REGION = {"de": "Gebiet (amtlicher Schlüssel)", "en": "Region (official key)"}
_QUALITY = {"de": "Qualitätszeichen", "en": "Quality sign"}
_TOTAL = {"de": "Insgesamt", "en": "Total"}
_TIMES = {
    Reference.STICHTAG: ("stichtag", FieldType.DATE, {"de": "Stichtag", "en": "Reference date"}),
    Period.YEAR: ("jahr", FieldType.YEAR, {"de": "Jahr", "en": "Year"}),
    Period.QUARTER: ("quartal", FieldType.STRING, {"de": "Quartal", "en": "Quarter"}),
    Period.MONTH: ("monat", FieldType.YEARMONTH, {"de": "Monat", "en": "Month"}),
}


def derived_layout(
    name: str, rule: ObservationRule, measures: tuple[str, ...], signs: str
) -> Layout:
    """Region, time, the dimensions, and each value column with its quality signs.

    Args:
        name: id of the source.
        rule: its columns.
        measures: value columns that are published.
        signs: sign convention of the deliveries.
    """
    kind = Reference.STICHTAG if rule.kind is Reference.STICHTAG else rule.period
    name_of_time, type_, title = _TIMES[kind]
    written = {"pattern": QUARTER} if kind is Period.QUARTER else {}
    time = Field(name_of_time, type_, Role.TIME, title, constraints=written)
    region = Field("gebiet", role=Role.REGION, title=_REGION)
    dimensions = tuple(_dimension(variable) for variable in rule.dimensions)
    shown = {value.column: value for value in rule.values if value.column in measures}
    values = [field for value in shown.values() for field in _columns(value)]
    return Layout(
        fields=(region, time, *dimensions, *values),
        name=name,
        version="1",
        primary_key=("gebiet", time.name, *(field.name for field in dimensions)),
        signs=signs,
    )


def _dimension(rule: VariableRule) -> Field:
    captions = dict(rule.captions)
    if captions:
        captions.setdefault(TOTAL, _TOTAL)
    return Field(rule.name, role=Role.DIMENSION, title=rule.title, codes=captions)


def _columns(rule: ValueRule) -> tuple[Field, Field]:
    kind = FieldType.INTEGER if rule.role is Role.COUNT else FieldType.NUMBER
    return (
        Field(rule.column, kind, rule.role, rule.title, unit=rule.unit),
        Field(f"{rule.column}_q", title=_QUALITY, quality_of=rule.column),
    )

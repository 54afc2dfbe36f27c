"""What cannot be computed is refused when a definition is read, not when somebody asks for it."""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TypedDict, cast

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.indicators._layouts import layout_of
from ckanext.sozialdaten.indicators._model import (
    Expression,
    Function,
    Indicator,
    Input,
    Interval,
    Statistic,
    Time,
    Upward,
)
from ckanext.sozialdaten.indicators.errors import DefinitionError
from ckanext.sozialdaten.lake.layouts import QUARTER, Field, FieldType, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["check"]


class _Theme(TypedDict):
    code: str


def check(indicator: Indicator, told: frozenset[str]) -> None:
    """Refuse a definition that has no meaning.

    Args:
        indicator: the definition.
        told: names of the inputs that say which time they mean.

    Raises:
        DefinitionError: names the key and the way out.
    """
    if indicator.theme not in _themes():
        raise _wrong(
            indicator,
            "theme",
            Message("{key}: there is no theme “{theme}”.", {"theme": indicator.theme}),
            Message("Known: {names}.", {"names": ", ".join(sorted(_themes()))}),
        )
    for item in indicator.inputs.values():
        _check_input(indicator, item)
    _check_used(indicator)
    for expression in _all(indicator.formula):
        _check_span(indicator, expression)
        if expression.function in (Function.SUM, Function.DIFFERENCE):
            _check_units(indicator, expression)
        if expression.function is Function.RATIO:
            _check_ratio(indicator, expression, told)
    _check_uncertainty(indicator)


def _all(expression: Expression) -> Iterator[Expression]:
    yield expression
    for argument in expression.arguments:
        yield from _all(argument)


def _check_input(indicator: Indicator, item: Input) -> None:
    layout = layout_of(item.layout)
    where = f"inputs.{item.name}"
    if layout.unplaced or not layout.by_role(Role.REGION, Role.TIME):
        raise _wrong(
            indicator,
            f"{where}.layout",
            Message(
                "{key}: the layout {layout} has no region or no time.", {"layout": item.layout}
            ),
            Message("Use the layout of a table that is published, not of a delivery of persons."),
        )
    names = [field.name for field in layout.values]
    if item.column not in names and not (item.count and not item.column):
        raise _wrong(
            indicator,
            f"{where}.column",
            Message(
                "{key}: the layout {layout} has no figures in a column “{column}”.",
                {"layout": item.layout, "column": item.column},
            ),
            Message("Columns with figures: {names}.", {"names": ", ".join(names)}),
        )
    if item.column and layout[item.column].role is Role.RATE and not item.count:
        _check_rate(indicator, item)
    if item.statistic is not Statistic.SUM:
        _check_statistic(indicator, item)
    if item.time is Time.LATEST and not item.within_years:
        raise _wrong(
            indicator,
            f"{where}.within_years",
            Message("{key}: an input with the time “latest” must say how old it may be."),
            Message("Say “within_years: 2”, for instance."),
        )
    for dimension in (*item.weights, *(item.points or ())):
        if dimension not in (field.name for field in layout.by_role(Role.DIMENSION)):
            raise _wrong(
                indicator,
                f"{where}.weights" if dimension in item.weights else f"{where}.points",
                Message("{key}: the layout has no dimension “{name}”.", {"name": dimension}),
                Message("Name a dimension of the layout."),
            )


def _check_rate(indicator: Indicator, item: Input) -> None:
    """A rate is neither added up over codes nor averaged over regions: both would be wrong."""
    several = any(len(codes) > 1 for codes in item.codes.values())
    summed = item.upward is Upward.SUM and item.points is None
    if summed or (several and item.points is None):
        raise _wrong(
            indicator,
            f"inputs.{item.name}.{'dimensions' if several else 'upward'}",
            Message("{key}: rates like “{column}” cannot be added up.", {"column": item.column}),
            Message(
                "Say “upward: none” and one code of each dimension, or start from the counts "
                "behind the rate."
            ),
        )


def _check_statistic(indicator: Indicator, item: Input) -> None:
    """Means and the like are those of single rows; of sums over regions they mean nothing."""
    if item.points is None or item.count or item.upward is not Upward.NONE:
        raise _wrong(
            indicator,
            f"inputs.{item.name}.statistic",
            Message("{key}: only figures at points have a mean, a median, a least or a greatest."),
            Message("Name the “points”, take “count” and “upward” away, or say “sum”."),
        )


def _check_span(indicator: Indicator, expression: Expression) -> None:
    """How far back is told in whole periods; a line needs three of them."""
    length = 12 // indicator.periods.in_a_year
    if expression.months % length:
        raise _wrong(
            indicator,
            "formula.months",
            Message("{key}: {months} months are no whole periods.", {"months": expression.months}),
            Message("Say “years”, or set “periods” to quarter or month."),
        )
    lines = expression.function in (Function.TREND, Function.CONTINUITY)
    if lines and expression.months < 2 * length:
        raise _wrong(
            indicator,
            "formula.years",
            Message("{key}: a line through two points is none; go back at least two periods."),
            Message("Say “years: 5”, for instance."),
        )


def _check_used(indicator: Indicator) -> None:
    used = {leaf.input for leaf in indicator.formula.leaves()} | indicator.weighers
    for name in indicator.inputs:
        if name not in used:
            raise _wrong(
                indicator,
                f"inputs.{name}",
                Message("{key}: the formula does not use it."),
                Message("Use it in the formula, or remove it."),
            )


def _fields(indicator: Indicator, expression: Expression) -> list[tuple[Input, Field | None]]:
    """The inputs of an expression, each with its column; None where rows are counted."""
    found: list[tuple[Input, Field | None]] = []
    for leaf in expression.leaves():
        if leaf.input:
            item = indicator.inputs[leaf.input]
            layout = layout_of(item.layout)
            found.append((item, layout[item.column] if item.column else None))
    return found


def _check_units(indicator: Indicator, expression: Expression) -> None:
    if any(_has_ratio(argument) for argument in expression.arguments):
        return
    units = {field.unit for _, field in _fields(indicator, expression) if field and field.unit}
    if len(units) > 1:
        raise _wrong(
            indicator,
            "formula",
            Message(
                "{key}: figures in {units} cannot be added up.", {"units": ", ".join(sorted(units))}
            ),
            Message("Add up columns of one unit, or make a ratio of them."),
        )
    kinds = {_is_flow(item) for item, _ in _fields(indicator, expression)}
    if len(kinds) > 1:
        raise _wrong(
            indicator,
            "formula",
            Message("{key}: a state at a Stichtag and what happened in a year cannot be added up."),
            Message("Add up columns of one kind, or make a ratio of them."),
        )


def _has_ratio(expression: Expression) -> bool:
    return any(part.function in (Function.RATIO, Function.PRODUCT) for part in _all(expression))


def _check_ratio(indicator: Indicator, expression: Expression, told: frozenset[str]) -> None:
    over, under = expression.arguments
    bases = {item.census_base for item, _ in _fields(indicator, expression) if item.census_base}
    if len(bases) > 1:
        raise _wrong(
            indicator,
            "inputs",
            Message(
                "{key}: one ratio mixes the census bases {bases}.",
                {"bases": ", ".join(sorted(bases))},
            ),
            Message("Numerator and denominator must rest on the same census."),
        )
    for item, field in _fields(indicator, over) + _fields(indicator, under):
        if field and field.role is Role.RATE:
            raise _wrong(
                indicator,
                f"inputs.{item.name}.column",
                Message("{key}: a rate is no part of another rate."),
                Message("Start from the counts behind the rate."),
            )
    flows = any(_is_flow(item) for item, _ in _fields(indicator, over))
    for item, _ in _fields(indicator, under):
        if flows and not _is_flow(item) and item.name not in told:
            raise _wrong(
                indicator,
                f"inputs.{item.name}.time",
                Message(
                    "{key}: events of a year are divided by a state at a Stichtag, without rule."
                ),
                Message("Say “time: mean” (mean of both ends of the year), “same” or “previous”."),
            )
    if expression.share:
        _check_share(indicator, expression)


def _check_share(indicator: Indicator, expression: Expression) -> None:
    over, under = (
        {field.unit for _, field in _fields(indicator, part) if field and field.unit}
        for part in expression.arguments
    )
    if over and under and over != under:
        raise _wrong(
            indicator,
            "formula.share",
            Message(
                "{key}: a share of {under} cannot be counted in {over}.",
                {"under": ", ".join(sorted(under)), "over": ", ".join(sorted(over))},
            ),
            Message("Use “ratio” or “rate” for figures of different units."),
        )
    if indicator.formula is expression and "%" not in indicator.unit["de"]:
        raise _wrong(
            indicator,
            "unit",
            Message("{key}: a share is told in %."),
            Message("Write “%”, or use “ratio” or “rate”."),
        )


def _check_uncertainty(indicator: Indicator) -> None:
    formula = indicator.formula
    ratio = formula.function is Function.RATIO
    counts = all(
        field is None or field.role is Role.COUNT for _, field in _fields(indicator, formula)
    )
    if indicator.interval is Interval.WILSON and not (ratio and formula.share and counts):
        raise _wrong(
            indicator,
            "interval",
            Message("{key}: the interval of Wilson is one of shares of counts."),
            Message("Use the formula “share” with counts, or the interval “poisson” or “none”."),
        )
    if indicator.interval is Interval.POISSON and not counts:
        raise _wrong(
            indicator,
            "interval",
            Message("{key}: the interval of Poisson is one of counts."),
            Message("Only columns with the role “count” have it; say “none”."),
        )
    if indicator.interval is Interval.LINE and formula.function is not Function.TREND:
        raise _wrong(
            indicator,
            "interval",
            Message("{key}: the interval of a line is one of trends."),
            Message("Use the formula “trend”, or the interval “none”."),
        )
    if indicator.small_numbers.below and not ratio:
        raise _wrong(
            indicator,
            "small_numbers",
            Message("{key}: years are taken together in ratios alone."),
            Message("Remove the key, or make the formula a ratio."),
        )


def _is_flow(item: Input) -> bool:
    """Whether a table speaks of years, quarters or months and not of days."""
    times = layout_of(item.layout).by_role(Role.TIME)
    if not times:
        return False
    quarters = times[0].constraints.get("pattern") == QUARTER
    return quarters or times[0].type in (FieldType.YEAR, FieldType.YEARMONTH)


def _wrong(indicator: Indicator, key: str, reason: Message, hint: Message) -> DefinitionError:
    """The error that a key means something impossible; the reason has a place for the key."""
    told = Message(reason.msgid, {"key": key, **reason.params})
    return DefinitionError(told, hint, Place(file=indicator.file))


@cache
def _themes() -> frozenset[str]:
    source = resources.files("ckanext.sozialdaten.schemas.codelists") / "social_themes.yaml"
    data = cast("dict[str, list[_Theme]]", yaml.safe_load(source.read_text(encoding="utf-8")))
    return frozenset(entry["code"] for entry in data["codes"])

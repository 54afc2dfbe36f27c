"""Reading definitions: YAML in, `Indicator` out, or an error that names file, key and way out."""

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

import yaml

from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.indicators._check import check
from ckanext.sozialdaten.indicators._codes import filtered, mapping_of, selected
from ckanext.sozialdaten.indicators._formula_texts import read_formula
from ckanext.sozialdaten.indicators._layouts import layout_of
from ckanext.sozialdaten.indicators._model import (
    Indicator,
    Input,
    Interval,
    Periods,
    Polarity,
    SmallNumbers,
    Statistic,
    Time,
    Upward,
)
from ckanext.sozialdaten.indicators.errors import DefinitionError
from ckanext.sozialdaten.lake import LayoutError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["read_definition", "read_text"]

_TEXTS = ("description", "method", "interpretation", "limits")
_KEYS = (
    *("id", "theme", "name", "unit", "decimals", "polarity", "periods", "levels"),
    *("inputs", "formula", "interval", "small_numbers", "source_tables", "headline"),
    *_TEXTS,
)
_INPUT = (
    *("layout", "column", "dimensions", "time", "day", "within_years", "weights"),
    *("upward", "census_base", "count", "points", "statistic"),
)
_ID = re.compile(r"[a-z][a-z0-9_]{1,59}")
_DAY = re.compile(r"(\d\d)-(\d\d)")


def read_definition(source: Traversable) -> Indicator:
    """The indicator that a YAML file defines, checked against its layouts.

    Raises:
        DefinitionError: it says something that cannot be computed.
    """
    try:
        text = source.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DefinitionError(
            Message("The definition is not written in UTF-8."),
            Message("Save it as UTF-8."),
            Place(file=source.name),
        ) from error
    return read_text(text, source.name)


def read_text(text: str, file: str) -> Indicator:
    """The same from the text of a file, for an editor that has not saved it yet.

    Raises:
        DefinitionError: it says something that cannot be computed.
    """
    try:
        data: object = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = None if mark is None else cast("int", mark.line) + 1
        raise DefinitionError(
            Message("The definition is no valid YAML."),
            Message("Check indentation, quotes and brackets at this place."),
            Place(file=file, row=row),
        ) from error
    try:
        found, told = _indicator(Section(data, "", _KEYS, file), file)
        check(found, told)
    except DefinitionError:
        raise
    except SozialdatenError as error:  # of the lake: a layout or a key of the file
        raise DefinitionError(error.message, error.hint, Place(file=file)) from error
    return found


def _indicator(section: Section, file: str) -> tuple[Indicator, frozenset[str]]:
    """The indicator, and the names of the inputs that say which time they mean."""
    stem = Path(file).stem
    ident = section.text("id", stem)
    if ident != stem or not _ID.fullmatch(ident):
        raise section.wrong(
            "id", "{where} must be the name of the file: lower case letters, digits and “_”."
        )
    raw = mapping_of(section.raw("inputs"))
    held = section.section("inputs", tuple(map(str, raw)))
    parts = {str(name): held.section(str(name), _INPUT) for name in raw}
    inputs = _weighed({name: _input(name, part) for name, part in parts.items()}, parts)
    pooling = section.section("small_numbers", ("below", "years"))
    found = Indicator(
        id=ident,
        theme=section.text("theme"),
        name=_languages(section, "name"),
        unit=_languages(section, "unit"),
        formula=read_formula(section, inputs),
        inputs=inputs,
        **{key: section.titles(key) for key in _TEXTS},
        decimals=section.integer("decimals", 1),
        polarity=section.choice("polarity", Polarity, Polarity.NEUTRAL) or Polarity.NEUTRAL,
        periods=section.choice("periods", Periods, Periods.YEAR) or Periods.YEAR,
        levels=_levels(section),
        source_tables=section.texts("source_tables"),
        interval=section.choice("interval", Interval, Interval.NONE) or Interval.NONE,
        small_numbers=SmallNumbers(pooling.integer("below", 0), pooling.integer("years", 1)),
        headline=section.raw("headline") is True,
        file=file,
    )
    return found, frozenset(name for name, part in parts.items() if "time" in part)


def _languages(section: Section, key: str) -> dict[str, str]:
    found = section.titles(key)
    if set(found) != {"de", "en"}:
        raise section.wrong(key, "{where} must be told in German (de) and English (en).")
    return found


def _levels(section: Section) -> tuple[Level, ...]:
    names = section.texts("levels")
    known = {level.value: level for level in Level}
    for name in names:
        if name not in known:
            raise section.wrong(
                "levels", "{where} must be among these: {levels}.", levels=", ".join(known)
            )
    return tuple(known[name] for name in names) or Indicator.__dataclass_fields__["levels"].default


def _input(name: str, section: Section) -> Input:
    layout = _layout(section)
    count = section.raw("count") is True
    column = section.text("column", "" if count else None)
    points = section.texts("points")
    if points and len(points) != 2:
        raise section.wrong("points", "{where} must name two dimensions: longitude and latitude.")
    filters = filtered(section, layout)
    statistic = section.choice("statistic", Statistic, Statistic.SUM) or Statistic.SUM
    return Input(
        name=name,
        layout=layout.name,
        column=column,
        codes=selected(section, layout, frozenset(filters)),
        time=section.choice("time", Time, Time.SAME) or Time.SAME,
        day=_day(section),
        within_years=section.integer("within_years", 0),
        weights=_weights(section),
        upward=_upward(section, statistic),
        census_base=section.text("census_base", ""),
        count=count,
        points=(points[0], points[1]) if points else None,
        filters=filters,
        statistic=statistic,
    )


def _upward(section: Section, statistic: Statistic) -> Upward:
    """``sum``, ``none`` or ``{weighted: <input>}``; only sums are added up."""
    if section.is_mapping("upward"):
        section.section("upward", ("weighted",)).text("weighted")
        return Upward.WEIGHTED
    usual = Upward.SUM if statistic is Statistic.SUM else Upward.NONE
    found = section.choice("upward", Upward, usual) or usual
    if found is Upward.WEIGHTED:
        raise section.wrong("upward", "{where} must name the input that weighs: “weighted: …”.")
    return found


def _weighed(inputs: dict[str, Input], parts: Mapping[str, Section]) -> dict[str, Input]:
    """The inputs, each with the one that weighs it upward."""
    found: dict[str, Input] = {}
    for name, item in inputs.items():
        if item.upward is not Upward.WEIGHTED:
            found[name] = item
            continue
        inner = parts[name].section("upward", ("weighted",))
        by = inner.text("weighted")
        if by not in inputs or inputs[by].upward is Upward.WEIGHTED:
            raise inner.wrong(
                "weighted",
                "{where} names “{name}”, which is no input. Inputs: {inputs}.",
                name=by,
                inputs=", ".join(key for key in inputs if key != name) or "-",
            )
        found[name] = replace(item, weigher=inputs[by])
    return found


def _layout(section: Section) -> Layout:
    try:
        return layout_of(section.text("layout"))
    except LayoutError as error:
        raise DefinitionError(
            Message(
                "{where}.layout: there is no usable layout “{name}”.",
                {"where": section.where, "name": section.text("layout")},
            ),
            error.hint,
            Place(file=section.file),
        ) from error


def _day(section: Section) -> tuple[int, int] | None:
    text = section.text("day", "")
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 12 or not 1 <= int(found[2]) <= 31:
        raise section.wrong("day", "{where} must be month and day, such as “12-31”.")
    return int(found[1]), int(found[2])


def _weights(section: Section) -> dict[str, dict[str, float]]:
    if section.raw("weights") is None:
        return {}
    found: dict[str, dict[str, float]] = {}
    for dimension, factors in mapping_of(section.raw("weights")).items():
        codes = mapping_of(factors)
        found[str(dimension)] = {
            str(code): float(factor)
            for code, factor in codes.items()
            if isinstance(factor, int | float)
        }
    if not found or not all(found.values()):
        raise section.wrong("weights", "{where} must give a number to codes of a dimension.")
    return found

"""Reading and writing layouts as YAML and JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake._strict import Section
from ckanext.sozialdaten.lake.errors import LayoutError
from ckanext.sozialdaten.lake.layouts import (
    NUMERIC_ROLES,
    Aggregate,
    Dialect,
    Field,
    FieldType,
    Grouping,
    Layout,
    Measure,
    Period,
    Role,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["read_json", "read_yaml", "write_json"]

_LAYOUT = [
    "name",
    "version",
    "title",
    "title_en",
    "description",
    "fields",
    "primaryKey",
    "dialect",
    "quality_signs",
    "aggregates",
    "missingValues",
    "$schema",
]
_FIELD = [
    "name",
    "type",
    "role",
    "title",
    "title_en",
    "description",
    "description_en",
    "unit",
    "codelist",
    "quality_of",
    "constraints",
    "format",
    "level",
]
_DIALECT = [item.name for item in dataclass_fields(Dialect)]
_AGGREGATE = [item.name for item in dataclass_fields(Aggregate)]
_GROUPING = [item.name for item in dataclass_fields(Grouping)]
_CONSTRAINTS = [
    "required",
    "unique",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "pattern",
    "enum",
]
_ENCODINGS = ("", "utf-8", "cp1252", "iso-8859-1", "utf-16", "cp850")
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


def read_yaml(path_or_name: str | Path) -> Layout:
    """See `Layout.from_yaml`."""
    source = _find(path_or_name)
    try:
        data: object = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _broken("YAML", source.name, error) from error
    layout = _layout(data, source.name)
    if layout.name:
        return layout
    return _named(layout, source.name.rsplit(".", 1)[0])


def read_json(data: str | Mapping[str, object]) -> Layout:
    """See `Layout.from_json`."""
    if not isinstance(data, str):
        return _layout(data, "")
    try:
        parsed: object = json.loads(data)
    except json.JSONDecodeError as error:
        raise _broken("JSON", "", error) from error
    return _layout(parsed, "")


def write_json(layout: Layout) -> dict[str, object]:
    """See `Layout.to_json`."""
    result: dict[str, object] = {
        "name": layout.name,
        "version": layout.version,
        **_titles("title", layout.title),
        "fields": [_field_json(column) for column in layout.fields],
        "primaryKey": list(layout.primary_key),
        "quality_signs": layout.quality_signs,
        "dialect": _differences(layout.dialect, Dialect()),
        "aggregates": [_aggregate_json(rule) for rule in layout.aggregates],
    }
    return {key: value for key, value in result.items() if value or key == "fields"}


def _find(path_or_name: str | Path) -> Traversable:
    path = Path(path_or_name)
    if path.suffix in (".yaml", ".yml"):
        source: Traversable = path
    else:
        source = resources.files("ckanext.sozialdaten.schemas.layouts") / f"{path_or_name}.yaml"
    if not source.is_file():
        raise LayoutError(
            Message("There is no layout “{name}”.", {"name": str(path_or_name)}),
            Message("Give the path of a YAML file, or a name from schemas/layouts."),
        )
    return source


def _broken(kind: str, file: str, error: Exception) -> LayoutError:
    mark = getattr(error, "problem_mark", None)
    row = getattr(error, "lineno", None) if mark is None else cast("int", mark.line) + 1
    return LayoutError(
        Message("The layout is no valid {kind}.", {"kind": kind}),
        Message("Check indentation, quotes and brackets at this place."),
        Place(file=file, row=row),
    )


def _named(layout: Layout, name: str) -> Layout:
    return replace(layout, name=name)


def _layout(data: object, file: str) -> Layout:
    section = Section(data, "", _LAYOUT, file)
    columns = tuple(_field(item) for item in section.sections("fields", _FIELD))
    if not columns:
        raise section.wrong("fields", "{where} must be a list of at least one column.")
    layout = Layout(
        fields=columns,
        name=section.text("name", ""),
        version=_version(section),
        title=_title(section, "title"),
        dialect=_dialect(section.section("dialect", _DIALECT)),
        primary_key=section.texts("primaryKey"),
        quality_signs=section.text("quality_signs", ""),
        aggregates=tuple(_aggregate(item) for item in section.sections("aggregates", _AGGREGATE)),
    )
    _check_references(layout, section)
    return layout


def _version(section: Section) -> str:
    raw = section.raw("version")
    return str(raw) if isinstance(raw, int) else section.text("version", "")


def _title(section: Section, key: str) -> dict[str, str]:
    titles = section.titles(key)
    english = section.text(f"{key}_en", "") if f"{key}_en" in section else ""
    return {**titles, "en": english} if english else titles


def _field(section: Section) -> Field:
    kind = section.choice("type", FieldType, FieldType.STRING) or FieldType.STRING
    role = section.choice("role", Role)
    quality_of = section.text("quality_of", "")
    if quality_of and role:
        raise section.wrong("role", "{where} must be absent: a quality column has no role.")
    if role is Role.REGION and kind is not FieldType.STRING:
        raise section.wrong(
            "type", "{where} must be string: region keys are text, else leading zeros are lost."
        )
    if role in NUMERIC_ROLES and kind not in _NUMBERS:
        raise section.wrong(
            "type", "{where} must be integer or number: the role is {role}.", role=role or ""
        )
    inner = section.section("constraints", _CONSTRAINTS)
    return Field(
        name=section.text("name"),
        type=kind,
        role=role,
        title=_title(section, "title"),
        description=_title(section, "description"),
        unit=section.text("unit", ""),
        codelist=section.text("codelist", ""),
        quality_of=quality_of,
        constraints={key: inner.raw(key) for key in _CONSTRAINTS if key in inner},
        format=section.text("format", ""),
        level=section.text("level", ""),
    )


def _dialect(section: Section) -> Dialect:
    plain = Dialect()
    dialect = Dialect(
        encoding=section.text("encoding", "").lower(),
        delimiter=section.text("delimiter", plain.delimiter),
        quote=section.text("quote", plain.quote),
        decimal=section.text("decimal", plain.decimal),
        thousands=section.text("thousands", ""),
        skip_lines=section.integer("skip_lines", 0),
        header_rows=section.integer("header_rows", 1),
        footer=section.text("footer", ""),
    )
    if dialect.encoding not in _ENCODINGS:
        raise section.wrong(
            "encoding", "{where} must be one of {allowed}.", allowed=", ".join(_ENCODINGS[1:])
        )
    if len(dialect.delimiter) != 1:
        raise section.wrong("delimiter", "{where} must be one character.")
    if dialect.decimal not in (",", ".") or dialect.decimal == dialect.thousands:
        raise section.wrong(
            "decimal", "{where} must be “,” or “.”, and not the thousands character."
        )
    try:
        re.compile(dialect.footer)
    except re.error:
        raise section.wrong("footer", "{where} must be a regular expression.") from None
    return dialect


def _aggregate(section: Section) -> Aggregate:
    measure = section.choice("measure", Measure, Measure.ROWS) or Measure.ROWS
    columns = section.texts("columns")
    if measure is Measure.SUM and len(columns) != 1:
        raise section.wrong("columns", "{where} must be exactly one column to sum.")
    if measure is Measure.DISTINCT and not columns:
        raise section.wrong("columns", "{where} must be the columns that tell cases apart.")
    return Aggregate(
        series=section.text("series"),
        unit=section.text("unit"),
        region=section.text("region"),
        time=section.text("time"),
        measure=measure,
        columns=columns,
        level=section.text("level", ""),
        period=section.choice("period", Period, Period.DAY) or Period.DAY,
        dimensions=tuple(_grouping(item) for item in section.sections("dimensions", _GROUPING)),
    )


def _grouping(section: Section) -> Grouping:
    edges = section.numbers("edges")
    if list(edges) != sorted(set(edges)):
        raise section.wrong("edges", "{where} must be ascending without repetition.")
    return Grouping(
        name=section.text("name", section.text("column")),
        column=section.text("column"),
        edges=edges,
        at=section.text("at", ""),
    )


def _check_references(layout: Layout, section: Section) -> None:
    """Refuse names twice, and references to columns that do not exist."""
    names = layout.names
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise section.wrong(
            "fields", "{where}: the column “{name}” stands there twice.", name=twice
        )
    used = [("primaryKey", name) for name in layout.primary_key]
    used += [("quality_of", column.quality_of) for column in layout.fields if column.quality_of]
    for rule in layout.aggregates:
        groups = [name for group in rule.dimensions for name in (group.column, group.at) if name]
        used += [("aggregates", name) for name in (rule.region, rule.time, *rule.columns, *groups)]
    for key, name in used:
        if name not in layout:
            raise section.wrong(
                key, f"the name of a column: “{name}” is none of {', '.join(names)}"
            )


def _titles(key: str, title: Mapping[str, str]) -> dict[str, object]:
    pairs = {key: title.get("de"), f"{key}_en": title.get("en")}
    return {name: text for name, text in pairs.items() if text}


def _field_json(column: Field) -> dict[str, object]:
    plain: dict[str, object] = {
        "name": column.name,
        "type": column.type.value,
        "role": column.role.value if column.role else None,
        **_titles("title", column.title),
        **_titles("description", column.description),
        "unit": column.unit,
        "codelist": column.codelist,
        "quality_of": column.quality_of,
        "constraints": dict(column.constraints),
        "format": column.format,
        "level": column.level,
    }
    return {key: value for key, value in plain.items() if value}


def _differences(value: Dialect, plain: Dialect) -> dict[str, object]:
    pairs: dict[str, object] = {name: getattr(value, name) for name in _DIALECT}
    return {name: item for name, item in pairs.items() if item != getattr(plain, name)}


def _aggregate_json(rule: Aggregate) -> dict[str, object]:
    plain: dict[str, object] = {
        "series": rule.series,
        "unit": rule.unit,
        "region": rule.region,
        "time": rule.time,
        "measure": rule.measure.value,
        "columns": list(rule.columns),
        "level": rule.level,
        "period": rule.period.value,
        "dimensions": [
            {"name": g.name, "column": g.column, "edges": list(g.edges), "at": g.at}
            for g in rule.dimensions
        ],
    }
    return {key: value for key, value in plain.items() if value}

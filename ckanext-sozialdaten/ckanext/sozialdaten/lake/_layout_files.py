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
from ckanext.sozialdaten.lake.errors import LayoutError
from ckanext.sozialdaten.lake.layouts import (
    NUMERIC_ROLES,
    Dialect,
    Field,
    FieldType,
    Layout,
    Role,
)
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["read_json", "read_yaml", "write_json"]

_LAYOUT = (
    "name",
    "version",
    "title",
    "title_en",
    "fields",
    "primaryKey",
    "csv",
    "signs",
    "$schema",
)
_FIELD = (
    *(item.name for item in dataclass_fields(Field) if item.name != "codes"),
    *("title_en", "description_en", "required", "enum"),
)
_DIALECT = tuple(item.name for item in dataclass_fields(Dialect))
_CONSTRAINTS = (
    *("required", "unique", "enum", "pattern"),
    *("minLength", "maxLength", "minimum", "maximum"),
)
_TYPES = {"decimal": "number"}
_ENCODINGS = ("", "utf-8", "cp1252", "iso-8859-1", "utf-16", "cp850")
_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER)


def read_yaml(path_or_name: str | Path) -> Layout:
    """See `Layout.from_yaml`."""
    source = _find(path_or_name)
    try:
        data: object = yaml.load(source.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
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
        "signs": layout.signs,
        "csv": _differences(layout.dialect, Dialect()),
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
        dialect=_dialect(section.section("csv", _DIALECT)),
        primary_key=section.texts("primaryKey"),
        signs=section.text("signs", ""),
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
    kind = section.choice("type", FieldType, FieldType.STRING, _TYPES) or FieldType.STRING
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
    codes = section.captions("codelist") if section.is_mapping("codelist") else {}
    return Field(
        name=section.text("name"),
        type=kind,
        role=role,
        title=_title(section, "title"),
        description=_title(section, "description"),
        unit=section.text("unit", ""),
        codelist="" if codes else section.text("codelist", ""),
        codes=codes,
        quality_of=quality_of,
        constraints=_constraints(section),
        format=section.text("format", ""),
        true_values=section.texts("true_values"),
        false_values=section.texts("false_values"),
        level=section.text("level", ""),
    )


def _constraints(section: Section) -> dict[str, object]:
    """Frictionless constraints; ``required`` and ``enum`` may stand at the field itself."""
    inner = section.section("constraints", _CONSTRAINTS)
    found = {key: inner.raw(key) for key in _CONSTRAINTS if key in inner}
    if "required" in section:
        found["required"] = section.raw("required")
    if found.get("required") not in (None, True, False):
        raise section.wrong("required", "{where} must be true or false.")
    if "enum" in section or "enum" in inner:
        found["enum"] = list((section if "enum" in section else inner).texts("enum"))
    return found


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
        line_end=section.text("line_end", plain.line_end),
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
    for key, name in used:
        if name not in layout:
            raise section.wrong(
                key,
                "{where}: there is no column “{name}”. Columns: {columns}.",
                name=name,
                columns=", ".join(names),
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
        "codelist": column.codelist or {code: dict(text) for code, text in column.codes.items()},
        "quality_of": column.quality_of,
        "constraints": dict(column.constraints),
        "format": column.format,
        "true_values": list(column.true_values),
        "false_values": list(column.false_values),
        "level": column.level,
    }
    return {key: value for key, value in plain.items() if value}


def _differences(value: Dialect, plain: Dialect) -> dict[str, object]:
    pairs: dict[str, object] = {name: getattr(value, name) for name in _DIALECT}
    return {name: item for name, item in pairs.items() if item != getattr(plain, name)}

"""Layouts: what the columns of a delivery or of a published table mean.

A layout is a Frictionless Table Schema plus roles. It is written as YAML in ``schemas/layouts`` for
deliveries, and travels as JSON with every published resource. This module is light: web processes
import it, so no data engine may be imported here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import cast

__all__ = [
    "NUMERIC_ROLES",
    "QUARTER",
    "Dialect",
    "Field",
    "FieldType",
    "Layout",
    "Role",
]


class Role(StrEnum):
    """What a column is for disclosure control, search and display."""

    IDENTIFIER = "identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    REGION = "region"
    TIME = "time"
    DIMENSION = "dimension"
    COUNT = "count"
    MAGNITUDE = "magnitude"
    RATE = "rate"
    WEIGHT = "weight"
    FREE_TEXT = "free_text"


# Table Schema has no type for quarters: text of this form, as 2024-Q1
QUARTER = r"\d{4}-Q[1-4]"
NUMERIC_ROLES = frozenset({Role.COUNT, Role.MAGNITUDE, Role.RATE, Role.WEIGHT})


class FieldType(StrEnum):
    """Types of Frictionless Table Schema that we serve."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    YEARMONTH = "yearmonth"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Args:
        name: the column's name as the file writes it.
        type: its type; region keys are always text, else leading zeros are lost.
        role: what the column is; None for a quality column and for columns nobody reads.
        title: German and English caption.
        description: German and English explanation.
        unit: unit of a value column, as printed by the source.
        codelist: name of the list in ``schemas/codelists`` that explains the codes.
        codes: the codes with their German and English captions, where they stand in the layout.
        quality_of: the value column whose quality signs this column holds.
        constraints: Frictionless constraints (``required``, ``unique``, ``enum``, ``pattern`` …).
        format: Frictionless format, for dates a ``strptime`` pattern such as ``%d.%m.%Y``.
        true_values: texts that mean yes, for a boolean column.
        false_values: texts that mean no.
        level: level that keys of a region column have; empty when several levels are mixed.
    """

    name: str
    type: FieldType = FieldType.STRING
    role: Role | None = None
    title: Mapping[str, str] = field(default_factory=dict[str, str])
    description: Mapping[str, str] = field(default_factory=dict[str, str])
    unit: str = ""
    codelist: str = ""
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    quality_of: str = ""
    constraints: Mapping[str, object] = field(default_factory=dict[str, object])
    format: str = ""
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    level: str = ""

    @property
    def enum(self) -> tuple[str, ...]:
        """The texts that the column may hold; empty when it is free."""
        allowed = self.constraints.get("enum")
        return tuple(map(str, cast("list[object]", allowed))) if isinstance(allowed, list) else ()

    @property
    def required(self) -> bool:
        """Whether an empty cell is an error."""
        return self.constraints.get("required") is True

    def label(self, language: str = "de") -> str:
        """The caption in ``language``, else in the other one, else the name."""
        other = "en" if language == "de" else "de"
        return self.title.get(language) or self.title.get(other) or self.name

    def code_label(self, code: str, language: str = "de") -> str:
        """The caption of ``code`` in ``language``, else in the other one, else the code."""
        other = "en" if language == "de" else "de"
        titles = self.codes.get(code, {})
        return titles.get(language) or titles.get(other) or code


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text file is written.

    Args:
        encoding: ``utf-8`` (a byte order mark is skipped) or ``cp1252``; empty: strict UTF-8,
            else cp1252, and the reader records which one it was.
        delimiter: the character between cells.
        quote: the character around cells that hold a delimiter.
        decimal: decimal character of numbers.
        thousands: group character of numbers; empty when there is none.
        skip_lines: title lines before the header.
        header_rows: rows of the header; 0 when the columns come in the layout's order.
        footer: regular expression of the first line that no longer is data; its group ``count``,
            if it has one, holds the number of data rows.
        line_end: the characters at the end of a line.
    """

    encoding: str = ""
    delimiter: str = ";"
    quote: str = '"'
    decimal: str = ","
    thousands: str = ""
    skip_lines: int = 0
    header_rows: int = 1
    footer: str = ""
    line_end: str = "\n"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a delivery or of a published table.

    Args:
        name: identifier, the stem of its file in ``schemas/layouts``.
        version: counted up when columns change; empty for tables that have no file.
        fields: the columns in order.
        title: German and English caption.
        dialect: how the text file is written.
        primary_key: columns that together name a row.
        signs: the sign convention of the source (``schemas/codelists/quality_signs.yaml``).
    """

    fields: tuple[Field, ...]
    name: str = ""
    version: str = ""
    title: Mapping[str, str] = field(default_factory=dict[str, str])
    dialect: Dialect = field(default_factory=Dialect)
    primary_key: tuple[str, ...] = ()
    signs: str = ""

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.fields)

    def __getitem__(self, name: str) -> Field:
        for column in self.fields:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.fields)

    @property
    def values(self) -> tuple[Field, ...]:
        """The columns that hold figures: counts, magnitudes, rates."""
        return self.by_role(Role.COUNT, Role.MAGNITUDE, Role.RATE)

    @property
    def unplaced(self) -> "tuple[Role, ...]":
        """Region and time, as far as the layout lacks them: without both a figure is naked."""
        wanted = (Role.REGION, Role.TIME) if self.values else ()
        return tuple(role for role in wanted if not self.by_role(role))

    def by_role(self, *roles: Role) -> tuple[Field, ...]:
        """All columns with one of ``roles``, in order.

        >>> layout = Layout((Field("ags", role=Role.REGION), Field("n", role=Role.COUNT)))
        >>> [column.name for column in layout.by_role(Role.REGION)]
        ['ags']
        """
        return tuple(column for column in self.fields if column.role in roles)

    def quality_column(self, value: str) -> Field | None:
        """The column that holds the quality signs of the column ``value``."""
        return next((column for column in self.fields if column.quality_of == value), None)

    @classmethod
    def from_yaml(cls, path_or_name: str | Path) -> "Layout":
        """Read a layout file, by path or by its name in ``schemas/layouts``.

        Raises:
            LayoutError: no such file, or it says something that cannot be.
        """
        from ckanext.sozialdaten.lake._layout_files import read_yaml

        return read_yaml(path_or_name)

    @classmethod
    def from_json(cls, data: str | Mapping[str, object]) -> "Layout":
        """Read the JSON that resources carry, as text or as parsed.

        Raises:
            LayoutError: no valid JSON, or it says something that cannot be.
        """
        from ckanext.sozialdaten.lake._layout_files import read_json

        return read_json(data)

    def to_json(self) -> dict[str, object]:
        """The layout as Frictionless Table Schema plus roles; `from_json` reads it back."""
        from ckanext.sozialdaten.lake._layout_files import write_json

        return write_json(self)

    def to_json_text(self) -> str:
        """The same as text, always the same bytes for the same layout."""
        return json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True)

"""JSON, JSON lines and GeoJSON: every list of records, at any depth, is a table of its own.

Long lists of records are decoded item by item. Besides lists of records, four more forms of
tables are known: objects of lists of equal length, objects of objects with the same names,
``columns`` beside ``data``, the cubes of JSON-stat, and SDMX-JSON.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.readers._common import Raw, cell_text, unreadable
from ckanext.sozialdaten.disclosure.readers._jsonstat import cells_of_cube
from ckanext.sozialdaten.disclosure.readers._places import outline_place
from ckanext.sozialdaten.disclosure.readers._records import Scalar, Tables
from ckanext.sozialdaten.disclosure.readers._sdmx_json import cells_of_message
from ckanext.sozialdaten.messages import Message

__all__ = ["read_json"]

_MAX_DEPTH = 60
_OUTER = 4
_FEW = 3
_LONG_LIST = 10
_BLANK = re.compile(r"[ \t\n\r]*")
_SPOTS = frozenset({"Point", "MultiPoint"})
_AREAS = frozenset({"Polygon", "MultiPolygon", "LineString", "MultiLineString"})
# parts of SDMX-JSON that say nothing by themselves
_WHOLE = frozenset({"dataSets", "structure", "structures"})
_OF_MESSAGE = frozenset({"data", "dataSets", "structure", "structures"})
_OF_CUBE = frozenset({"id", "size", "value", "status", "dimension", "role"})


_DECODER = json.JSONDecoder(parse_constant=str, strict=False)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _nested(value: object) -> bool:
    return isinstance(value, list | dict)


@dataclass(slots=True)
class _Walker:
    """Collects records by their path (without positions) and scalars outside of records."""

    found: Tables

    def walk(self, node: object, path: str, depth: int = 0, name: str = "") -> None:
        """Visit a node that is not part of a record."""
        if depth > _MAX_DEPTH:
            raise RecursionError
        if isinstance(node, dict):
            fields = cast("Mapping[str, object]", node)
            if self._cube(fields, path, depth) or self._message(fields, path, depth):
                return
            if self._columns(fields, path) or self._keyed(fields, path, depth):
                return
            if str(fields.get("type")) in _SPOTS and _is_list(fields.get("coordinates")):
                self.record({"geometry": fields}, path, depth)
                return
            for key, value in fields.items():
                self.walk(value, f"{path}.{key}".lstrip("."), depth + 1, key)
        elif isinstance(node, list):
            self.items(cast("list[object]", node), path, depth)
        elif node is not None:
            self.found.say(cell_text(f"{name}: {cell_text(node)}" if name else node))

    def _cube(self, fields: Mapping[str, object], path: str, depth: int) -> bool:
        """Whether an object is a cube of JSON-stat; its cells are collected."""
        cells = cells_of_cube(fields)
        if cells is None:
            return False
        for row in cells:
            self.found.add(path, row)
        about = cast("Mapping[str, object]", fields["dimension"])
        texts = {key: value for key, value in {**fields, **about}.items() if key not in _OF_CUBE}
        for key, value in texts.items():
            self.walk(value, f"{path}.{key}".lstrip("."), depth + 1, key)
        return True

    def _message(self, fields: Mapping[str, object], path: str, depth: int) -> bool:
        """Whether an object is a message of SDMX-JSON; its cells are collected."""
        cells = cells_of_message(fields)
        if cells is None:
            return False
        for row in cells:
            self.found.add(path, row)
        for key, value in fields.items():
            if key not in _OF_MESSAGE:
                self.walk(value, f"{path}.{key}".lstrip("."), depth + 1, key)
        return True

    def _columns(self, fields: Mapping[str, object], path: str) -> bool:
        """Whether an object is a table by columns, or names of columns beside rows; collected."""
        lists = {
            key: cast("list[object]", value) for key, value in fields.items() if _is_list(value)
        }
        heads, rows = lists.get("columns"), lists.get("data") or lists.get("rows")
        if heads and rows and all(_is_list(row) for row in rows):
            names = [cell_text(head) if not _nested(head) else "" for head in heads]
            for row in rows:
                cells = cast("list[object]", row)
                pairs = zip([*names, *[""] * len(cells)], cells, strict=False)
                self.found.add(
                    path,
                    {name or f"column {i}": _scalar(c) for i, (name, c) in enumerate(pairs, 1)},
                )
            return True
        lengths = {len(cells) for cells in lists.values()}
        plain = all(not _nested(cell) for cells in lists.values() for cell in cells)
        if len(lists) < 2 or len(lengths) > 1 or lengths <= {0, 1} or not plain:
            return False
        for cells in zip(*lists.values(), strict=True):
            self.found.add(path, {k: _scalar(c) for k, c in zip(lists, cells, strict=True)})
        for key, value in fields.items():
            if key not in lists:
                self.walk(value, f"{path}.{key}".lstrip("."), 1, key)
        return True

    def _keyed(self, fields: Mapping[str, object], path: str, depth: int) -> bool:
        """Whether an object holds records under their keys; collected."""
        values = list(fields.values())
        if len(values) < _FEW:
            return False
        if all(isinstance(value, dict) for value in values):
            records = [cast("Mapping[str, object]", value) for value in values]
            shared = set(records[0]).intersection(*records[1:])
            digits = all(key.isdigit() for key in fields)
            if not (shared or digits) or not any(records):
                return False
            if digits is False and len(shared) * 2 < len(records[0]):
                return False
            scalars = [v for record in records for v in record.values() if not _nested(v)]
            if scalars:
                for key, record in fields.items():
                    self.record({"key": key, **cast("dict[str, object]", record)}, path, depth)
                return True
        lists = [cast("list[object]", value) for value in values if _is_list(value)]
        if len(lists) == len(values) > _LONG_LIST:
            for key, cells in zip(fields, lists, strict=True):
                self.found.say(cell_text(key))
                self.items(cells, f"{path}.*".lstrip("."), depth + 1)
            return True
        return False

    def items(self, nodes: Sequence[object], path: str, depth: int) -> None:
        """Visit a list: of records, of rows, or of scalars."""
        if depth > _MAX_DEPTH:
            raise RecursionError
        scalars: list[object] = []
        for node in nodes:
            if isinstance(node, dict):
                self.record(cast("Mapping[str, object]", node), path, depth)
            elif isinstance(node, list):
                cells = cast("list[object]", node)
                if any(map(_nested, cells)):
                    self.items(cells, path, depth + 1)
                else:
                    row = {f"column {i}": _scalar(cell) for i, cell in enumerate(cells, 1)}
                    self.found.add(path, row)
            elif node is not None:
                scalars.append(node)
        texts = [scalar for scalar in scalars if isinstance(scalar, str)]
        if len(texts) >= _LONG_LIST:
            for text in texts:
                self.found.add(f"{path}.value".lstrip("."), {"value": text})
        else:
            for text in dict.fromkeys(cell_text(scalar) for scalar in scalars):
                self.found.say(text)

    def record(self, node: Mapping[str, object], path: str, depth: int) -> None:
        """One record: nested objects give columns with a dot, nested lists tables of their own."""
        row: dict[str, Scalar] = {}
        self._fields(node, "", path, row, depth)
        if row:
            self.found.add(path, row)

    def _fields(
        self, node: Mapping[str, object], prefix: str, path: str, row: dict[str, Scalar], depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            raise RecursionError
        for key, value in node.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict):
                nested = cast("Mapping[str, Any]", value)
                if key == "geometry" or str(nested.get("type")) in _SPOTS:
                    self._geometry(nested, name, row)
                else:
                    self._fields(nested, f"{name}.", path, row, depth + 1)
            elif isinstance(value, list):
                cells = cast("list[object]", value)
                if any(map(_nested, cells)):
                    self.items(cells, f"{path}.{name}".lstrip("."), depth + 1)
                else:
                    row[name] = "; ".join(cell_text(cell) for cell in cells)
            else:
                row[name] = _scalar(value)

    def _geometry(self, geometry: Mapping[str, Any], name: str, row: dict[str, Scalar]) -> None:
        """Areas and lines are boundaries; a point or a building may be somebody's door."""
        kind = str(geometry.get("type") or ("Point" if "x" in geometry else "Area"))
        self.found.geometry.add(kind)
        given: Any = geometry.get("coordinates")
        if kind == "GeometryCollection" and isinstance(geometry.get("geometries"), list):
            for part in cast("list[object]", geometry["geometries"]):
                if isinstance(part, dict):
                    found = cast("Mapping[str, Any]", part)
                    if str(found.get("type")) in _SPOTS:
                        self._geometry(found, name, row)
            return
        if kind in _AREAS and (place := outline_place(given)) is not None:
            row[f"{name}.lon"], row[f"{name}.lat"] = place
            return
        places = cast("list[object]", given) if isinstance(given, list) else []
        if kind == "MultiPoint" and places and isinstance(places[0], list):
            places = cast("list[object]", places[0])
        if kind in _SPOTS and len(places) >= 2:
            row[f"{name}.lon"], row[f"{name}.lat"] = _scalar(places[0]), _scalar(places[1])
        elif "x" in geometry and "y" in geometry:
            row[f"{name}.lon"], row[f"{name}.lat"] = (_scalar(geometry[a]) for a in "xy")


def _scalar(value: object) -> Scalar:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


@dataclass(slots=True)
class _Reader:
    """Takes a document apart from the outside; lists of records go to the walker item by item."""

    text: str
    walker: _Walker

    def documents(self) -> None:
        """All values of the text: one, or one a line."""
        position = self._next(0)
        if position >= len(self.text):
            raise json.JSONDecodeError("empty", self.text, 0)
        value, position = self._value(position, "", 0)
        position = self._next(position)
        if position >= len(self.text):
            self.walker.walk(value, "")
            return
        self.walker.items([value], "", 0)
        while position < len(self.text):
            value, end = _DECODER.raw_decode(self.text, position)
            self.walker.items([value], "", 0)
            position = self._next(end)

    def _next(self, position: int) -> int:
        found = _BLANK.match(self.text, position)
        return found.end() if found else position

    def _at(self, position: int) -> str:
        return self.text[position : position + 1]

    def _value(self, position: int, path: str, depth: int, name: str = "") -> tuple[object, int]:
        """The value at a position and the position after it; None for a list that was taken."""
        start = self._at(position)
        if start == "{" and depth < _OUTER:
            return self._object(position, path, depth)
        if start == "[" and name not in _WHOLE and self._at(self._next(position + 1)) == "{":
            return None, self._records(position, path, depth)
        return _DECODER.raw_decode(self.text, position)

    def _expect(self, position: int, characters: str) -> str:
        found = self._at(position)
        if not found or found not in characters:
            raise json.JSONDecodeError("unexpected", self.text, position)
        return found

    def _object(self, position: int, path: str, depth: int) -> tuple[dict[str, object], int]:
        """The members of an object, without the lists of records in it."""
        members: dict[str, object] = {}
        position = self._next(position + 1)
        if self._at(position) == "}":
            return members, position + 1
        while True:
            self._expect(position, '"')
            name, position = _DECODER.raw_decode(self.text, position)
            position = self._next(position)
            self._expect(position, ":")
            inner = f"{path}.{name}".lstrip(".")
            under = _OUTER if name in _WHOLE else depth + 1
            members[name], position = self._value(self._next(position + 1), inner, under, name)
            position = self._next(position)
            if self._expect(position, ",}") == "}":
                return members, position + 1
            position = self._next(position + 1)

    def _records(self, position: int, path: str, depth: int) -> int:
        """Hand the items of a list to the walker; returns the position after the list."""
        while True:
            item, end = _DECODER.raw_decode(self.text, self._next(position + 1))
            self.walker.items([item], path, depth)
            position = self._next(end)
            if self._expect(position, ",]") == "]":
                return position + 1


def read_json(raw: Raw) -> list[Sheet]:
    """All tables in a JSON document or in JSON lines; GeoJSON features are records.

    Raises:
        UnreadableFileError: no JSON, nested too deeply, or more tables or columns than fit.
    """
    found = Tables(raw)
    hint = Message("Check the file with a JSON validator or export it again.")
    try:
        text = str(raw.data, json.detect_encoding(raw.data[:4]))
        _Reader(text, _Walker(found)).documents()
    except json.JSONDecodeError as error:
        raise unreadable(raw, Message("This is no valid JSON."), hint, row=error.lineno) from error
    except UnicodeDecodeError as error:
        raise unreadable(raw, Message("JSON must be written in UTF-8."), hint) from error
    except ValueError as error:  # a number of thousands of digits
        raise unreadable(raw, Message("This is no valid JSON."), hint) from error
    except RecursionError as error:
        raise unreadable(raw, Message("The document is nested too deeply."), hint) from error
    return found.sheets()

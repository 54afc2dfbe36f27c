"""JSON-stat 1 (``{name: {dimension: {id, size, …}}}``) and 2 (``class: dataset``), Eurostat's too.

The cube is flat and row-major: the last dimension turns fastest. A dense array has every cell; a
sparse object only those that hold something, in ``value`` or in ``status``. Categories are ordered
by their ``index``. Source: json-stat.org, format 2.0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._cells import Numbers, numeric, plain
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._regions import key_of
from ckanext.sozialdaten.harvesters.core.readers._times import time_of
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JsonStatReader"]

_MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True)
class _Dimension:
    id: str
    codes: tuple[str, ...]
    labels: Mapping[str, str]
    units: Mapping[str, str]


class JsonStatReader:
    """``json-stat``."""

    name = "json-stat"

    def recognise(self, opened: Opened) -> Recognition:
        """By ``size`` and ``dimension`` near the beginning."""
        if opened.kind != Kind.JSON:
            return Recognition()
        return Recognition(0.95 if _datasets(opened.json) else 0.0, "dimension, size, value")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Every cell of every cube; the series is the cube's code.

        Raises:
            NotReadable: sizes, categories and values do not fit together.
            DeliveryRefused: cells that are neither number nor sign.
        """
        signs = legend(settings.signs or "eurostat")
        cubes = _datasets(opened.json)
        yield from batches(
            chain.from_iterable(_rows(opened, name, cube, signs, settings) for name, cube in cubes)
        )


def _datasets(data: Any) -> list[tuple[str, dict[str, Any]]]:
    """The cubes of a document with their names."""
    if not isinstance(data, dict):
        return []
    found = cast("dict[str, Any]", data)
    if found.get("class") == "collection":
        items: list[Any] = found.get("link", {}).get("item", [])
        return [pair for item in items for pair in _datasets(item)]
    if _is_cube(found):
        extension = found.get("extension")
        code = extension.get("id", "") if isinstance(extension, dict) else ""
        return [(str(code), found)]
    return [
        (name, cast("dict[str, Any]", item))
        for name, item in found.items()
        if isinstance(item, dict) and _is_cube(cast("dict[str, Any]", item))
    ]


def _is_cube(item: dict[str, Any]) -> bool:
    dimension = item.get("dimension")
    if "value" not in item or not isinstance(dimension, dict):
        return False
    return "id" in item or "id" in dimension


def _dimensions(opened: Opened, cube: dict[str, Any]) -> list[_Dimension]:
    described = cube["dimension"]
    ids = cast("list[str]", cube.get("id") or described.get("id"))
    sizes = cast("list[int]", cube.get("size") or described.get("size"))
    found: list[_Dimension] = []
    try:
        for name, size in zip(ids, sizes, strict=True):
            category = described[name].get("category", {})
            labels = category.get("label", {})
            index = category.get("index", list(labels))
            codes = (
                sorted(index, key=lambda code: index[code]) if isinstance(index, dict) else index
            )
            if len(codes) != size:
                raise ValueError(name)
            units = {code: _unit(unit) for code, unit in category.get("unit", {}).items()}
            found.append(_Dimension(name, tuple(map(str, codes)), labels, units))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(opened, str(error)) from error
    return found


def _unit(unit: Any) -> str:
    return str(unit.get("label") or unit.get("symbol") or "") if isinstance(unit, dict) else ""


def _wrong(opened: Opened, what: str) -> NotReadable:
    return NotReadable(
        Message("The cube's sizes, categories and values do not fit together."),
        Message("The transfer may have been cut off; fetch it again."),
        Place(file=opened.name, column=what.strip("'")),
    )


@dataclass(frozen=True, slots=True)
class _Roles:
    time: int | None
    region: int | None
    unit: int | None


def _roles(cube: dict[str, Any], dimensions: list[_Dimension]) -> _Roles:
    roles = cube.get("role") or cube["dimension"].get("role") or {}

    def find(role: str, names: tuple[str, ...]) -> int | None:
        declared = roles.get(role) or []
        for index, dimension in reversed(list(enumerate(dimensions))):
            if dimension.id in declared or fold(dimension.id) in names:
                return index
        return None

    time = find("time", ("time", "jahr", "year", "zeit", "stichtag", "time_period"))
    region = find("geo", ("geo", "region", "gebiet", "ags", "geo\\time"))
    return _Roles(time, region, find("-", ("unit", "einheit", "masseinheit")))


def _rows(
    opened: Opened, name: str, cube: dict[str, Any], signs: dict[str, str], settings: Settings
) -> Iterator[Observed]:
    dimensions = _dimensions(opened, cube)
    total = prod(len(dimension.codes) for dimension in dimensions)
    values, status = cube["value"], cube.get("status")
    if isinstance(status, dict) and "value" in status:
        status = status["value"]
    dense = isinstance(values, list)
    if total > _MOST_CELLS or (dense and len(values) != total):
        raise _wrong(opened, "value")
    roles, problems = _roles(cube, dimensions), Problems(opened.name)
    numbers = Numbers(".", signs)
    series = name or opened.stem
    for index in range(total) if dense else _present(values, status, total):
        figure = _figure(_at(values, index), _at(status, index), numbers)
        if figure is None:
            place = Place(opened.name, row=index + 1, column="value")
            problems.add(strange_cell(str(_at(values, index)), place))
            continue
        yield _observed(series, dimensions, roles, index, figure, settings)
    problems.stop()


def _present(values: Any, status: Any, total: int) -> list[int]:
    """The positions that hold a value or a sign."""
    found = {int(key) for key in values}
    if isinstance(status, dict):
        found |= {int(key) for key in cast("dict[str, Any]", status) if str(key).isdigit()}
    return sorted(index for index in found if 0 <= index < total)


def _at(cells: Any, index: int) -> Any:
    if isinstance(cells, list):
        return cells[index] if index < len(cells) else None
    if isinstance(cells, dict):
        return cells.get(str(index))
    return cells


def _figure(value: Any, status: Any, numbers: Numbers) -> tuple[str, str] | None:
    sign = "" if status is None else str(status).strip()
    if any(part not in numbers.legend for part in sign):
        return None
    if value is None:
        return "", sign
    if numeric(value):
        return plain(value), sign
    found = numbers.read(value) if isinstance(value, str) else None
    return (found[0], sign or found[1]) if found else None


def _observed(
    series: str,
    dimensions: list[_Dimension],
    roles: _Roles,
    index: int,
    figure: tuple[str, str],
    settings: Settings,
) -> Observed:
    codes: list[str] = []
    rest = index
    for dimension in reversed(dimensions):
        rest, position = divmod(rest, len(dimension.codes))
        codes.insert(0, dimension.codes[position])
    time = None
    if roles.time is not None:
        labels = dimensions[roles.time].labels
        time = time_of(codes[roles.time]) or time_of(labels.get(codes[roles.time], ""))
    elif settings.time:
        time = time_of(settings.time)
    region = settings.region
    if roles.region is not None:
        code = codes[roles.region]
        label = words().laender.get(fold(dimensions[roles.region].labels.get(code, "")))
        region = key_of(code) or label or code
    unit = next((d.units[c] for d, c in zip(dimensions, codes, strict=True) if c in d.units), "")
    if roles.unit is not None:
        unit = dimensions[roles.unit].labels.get(codes[roles.unit], codes[roles.unit])
    apart = {roles.time, roles.region, roles.unit}
    named = {
        d.id: code
        for i, (d, code) in enumerate(zip(dimensions, codes, strict=True))
        if i not in apart
    }
    return (
        series,
        region,
        time.start.isoformat() if time else "",
        time.end.isoformat() if time else "",
        dimensions_text(named),
        figure[0],
        unit,
        figure[1],
    )

"""JSON-stat 1 (``{name: {dimension: {id, size, …}}}``) and 2 (``class: dataset``), Eurostat's too.

The cube is flat and row-major: the last dimension turns fastest. A dense array has every cell; a
sparse object only those that hold something, in ``value`` or in ``status``. Categories are ordered
by their ``index``. Source: json-stat.org, format 2.0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._periods import compact_time
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._cells import Numbers, numeric, plain
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._json import as_list, as_object, is_list, is_object
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._regions import key_and_name, key_of
from ckanext.sozialdaten.harvesters.core.readers._times import Time, time_of
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
    signs = "eurostat"

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
        signs = legend(settings.signs) if settings.signs else _usual()
        cubes = _datasets(opened.json)
        yield from batches(
            chain.from_iterable(_rows(opened, name, cube, signs, settings) for name, cube in cubes),
            opened.name,
        )


def _usual() -> dict[str, str]:
    """The signs of whoever writes cubes: Eurostat, statistical offices, PxWeb (``..``)."""
    return legend("statistik") | legend("eurostat") | {"..": "none", "....": "none"}


def _datasets(data: object) -> list[tuple[str, dict[str, Any]]]:
    """The cubes of a document with their names."""
    found = as_object(data)
    if found.get("class") == "collection":
        items = as_list(as_object(found.get("link")).get("item"))
        found_ones = [pair for item in items for pair in _datasets(item)]
        named = len({name for name, _ in found_ones}) == len(found_ones)
        return found_ones if named else [(_title(cube), cube) for _, cube in found_ones]
    if _is_cube(found):
        return [(str(as_object(found.get("extension")).get("id", "")), found)]
    return [(name, as_object(item)) for name, item in found.items() if _is_cube(as_object(item))]


def _title(cube: dict[str, Any]) -> str:
    """What tells cubes of a collection apart where they have no identifier."""
    return str(cube.get("href") or cube.get("label") or "")


def _is_cube(item: dict[str, Any]) -> bool:
    dimension = as_object(item.get("dimension"))
    return "value" in item and bool(dimension) and ("id" in item or "id" in dimension)


def _dimensions(opened: Opened, cube: dict[str, Any]) -> list[_Dimension]:
    described = as_object(cube["dimension"])
    ids = [str(name) for name in as_list(cube.get("id") or described.get("id"))]
    sizes = as_list(cube.get("size") or described.get("size"))
    if len(ids) != len(sizes):
        raise _wrong(opened, "size")
    found: list[_Dimension] = []
    for name, size in zip(ids, sizes, strict=True):
        category = as_object(as_object(described.get(name)).get("category"))
        labels = as_object(category.get("label"))
        codes = _codes(category.get("index", list(labels)))
        if len(codes) != size:
            raise _wrong(opened, name)
        units = {code: _unit(unit) for code, unit in as_object(category.get("unit")).items()}
        found.append(_Dimension(name, codes, labels, units))
    return found


def _codes(index: object) -> tuple[str, ...]:
    """The categories in order, from a list or from an object of positions."""
    places = as_object(index)
    if places:
        return tuple(sorted(places, key=lambda code: int(places[code])))
    return tuple(str(code) for code in as_list(index))


def _unit(unit: object) -> str:
    found = as_object(unit)
    return str(found.get("label") or found.get("base") or found.get("symbol") or "")


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
    roles = as_object(cube.get("role") or as_object(cube["dimension"]).get("role"))

    def find(role: str, names: tuple[str, ...]) -> int | None:
        said = roles.get(role)
        declared = [said] if isinstance(said, str) else as_list(said)
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
    values: Any = cube["value"]
    status: Any = cube.get("status")
    signs = signs | dict.fromkeys(_declared(cube), "any")
    if "value" in as_object(status):
        status = as_object(status)["value"]
    if len(as_list(status)) == 1:
        status = as_list(status)[0]
    dense = is_list(values)
    if total > _MOST_CELLS or (dense and len(as_list(values)) != total):
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


def _declared(cube: dict[str, Any]) -> list[str]:
    """The signs that a document explains itself."""
    old = as_object(as_object(as_object(cube.get("status")).get("category")).get("label"))
    new = as_object(as_object(as_object(cube.get("extension")).get("status")).get("label"))
    return [*old, *new]


def _present(values: object, status: object, total: int) -> list[int]:
    """The positions that hold a value or a sign."""
    found = {int(key) for cells in (values, status) for key in as_object(cells) if key.isdigit()}
    return sorted(index for index in found if 0 <= index < total)


def _at(cells: object, index: int) -> Any:
    if is_list(cells):
        dense = as_list(cells)
        return dense[index] if index < len(dense) else None
    return as_object(cells).get(str(index)) if is_object(cells) else cells


def _figure(value: Any, status: Any, numbers: Numbers) -> tuple[str, str] | None:
    sign = "" if status is None else str(status).strip()
    if sign not in numbers.legend and any(part not in numbers.legend for part in sign):
        return None
    if value is None:
        return "", sign
    if numeric(value):
        return plain(value), sign
    found = numbers.read(value) if isinstance(value, str) else None
    return (found[0], sign or found[1]) if found else None


def _time(text: str) -> Time | None:
    span = compact_time(text)
    return Time(*span) if span else time_of(text)


def _labelled(label: str) -> str:
    """The region that the label of a code names: its key and name, or a Land."""
    both = key_and_name(label)
    return both[0] if both else words().laender.get(fold(label), "")


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
        time = _time(codes[roles.time]) or _time(labels.get(codes[roles.time], ""))
    elif settings.time:
        time = time_of(settings.time)
    region = settings.region
    if roles.region is not None:
        code = codes[roles.region]
        region = key_of(code) or _labelled(dimensions[roles.region].labels.get(code, "")) or code
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

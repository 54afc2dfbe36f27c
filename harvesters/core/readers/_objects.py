"""Lists of JSON objects and Parquet tables as grids; nested names become rows of captions."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from ckanext.sozialdaten.harvesters.core.readers._cells import Cell
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._json import as_list, as_object, is_object, objects
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened

__all__ = ["object_grids", "records_of"]

Path = tuple[str, ...]
_DEEPEST = 8
_WIDEST = 5_000


def object_grids(opened: Opened) -> list[Grid]:
    """The table of a file of objects; none if it holds no list of objects."""
    if opened.kind == Kind.PARQUET:
        table = opened.parquet
        return [
            _grid(lambda: iter(table.to_batches(max_chunksize=10_000)), list(table.column_names))
        ]
    records = records_of(opened.json)
    return [_records(records)] if records else []


def records_of(data: object) -> list[dict[str, Any]]:
    """The objects of a list, of the only list of an object, or the attributes of features."""
    document = as_object(data)
    found = objects(document.get("features")) or objects(data)
    if not found:
        lists = [objects(item) for item in document.values() if objects(item)]
        found = lists[0] if len(lists) == 1 else []
    for inner in ("attributes", "properties"):
        if found and all(is_object(item.get(inner)) for item in found):
            return [as_object(item[inner]) for item in found]
    return found


def _grid(batches: Callable[[], Iterator[Any]], names: list[str]) -> Grid:
    def rows() -> Iterator[list[Cell]]:
        yield [*names]
        for batch in batches():
            for record in batch.to_pylist():
                yield [_cell(record[name]) for name in names]

    return Grid("", rows, (), nulls=False)


def _records(records: list[dict[str, Any]]) -> Grid:
    paths: dict[Path, int] = {}
    for record in records:
        for path, _ in _leaves(record):
            if len(paths) < _WIDEST:
                paths.setdefault(path, len(paths))
    depth = max(map(len, paths), default=1)

    def rows() -> Iterator[list[Cell]]:
        for level in range(depth):
            yield [path[level] if level < len(path) else "" for path in paths]
        for record in records:
            row: list[Cell] = [""] * len(paths)
            for path, cell in _leaves(record):
                if path in paths:
                    row[paths[path]] = cell
            yield row

    return Grid("", rows, (), nulls=True)


def _leaves(record: dict[str, Any], above: Path = ()) -> Iterator[tuple[Path, Cell]]:
    for name, value in record.items():
        path = (*above, str(name))
        if as_object(value) and len(path) < _DEEPEST:
            yield from _leaves(as_object(value), path)
        else:
            yield path, _cell(value)


def _cell(value: Any) -> Cell:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if as_list(value) or is_object(value) or isinstance(value, bytes):
        return str(value)
    if isinstance(value, list):
        return ""
    return cast("Cell", value)

"""JSON-stat 2.0 documents of the same table, put together into one."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, cast

__all__ = ["content_digest", "joined"]

Document = dict[str, Any]
Cell = tuple[str, ...]


def joined(documents: Sequence[Document]) -> Document:
    """One document with the cells of all; categories in the order in which they first come.

    Args:
        documents: of the same dimensions in the same order.
    """
    if len(documents) == 1:
        return documents[0]
    first = documents[0]
    names = cast("list[str]", first["id"])
    codes = {name: _union(documents, name) for name in names}
    place = {name: {code: n for n, code in enumerate(found)} for name, found in codes.items()}
    values: dict[str, Any] = {}
    status: dict[str, Any] = {}
    for document in documents:
        for cell, value, sign in _cells(document):
            flat = 0
            for name, code in zip(names, cell, strict=True):
                flat = flat * len(codes[name]) + place[name][code]
            if value is not None:
                values[str(flat)] = value
            if sign is not None:
                status[str(flat)] = sign
    dimension = {
        name: {
            **first["dimension"][name],
            "category": {"index": place[name], "label": _labels(documents, name)},
        }
        for name in names
    }
    size = [len(codes[name]) for name in names]
    return {**first, "value": values, "status": status, "size": size, "dimension": dimension}


def content_digest(document: Document) -> str:
    """SHA-256 of the cells, whatever their order and the time of the answer."""
    lines = sorted(json.dumps(cell, ensure_ascii=False) for cell in _cells(document))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _codes(document: Document, name: str) -> list[str]:
    """The codes of a dimension in the order of its index."""
    category = document["dimension"][name]["category"]
    index = category.get("index") or list(category.get("label", {}))
    if isinstance(index, list):
        return cast("list[str]", index)
    places = cast("dict[str, int]", index)
    return sorted(places, key=lambda code: places[code])


def _union(documents: Sequence[Document], name: str) -> list[str]:
    return list(dict.fromkeys(code for item in documents for code in _codes(item, name)))


def _labels(documents: Sequence[Document], name: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for document in documents:
        labels |= document["dimension"][name]["category"].get("label", {})
    return labels


def _cells(document: Document) -> Iterator[tuple[Cell, Any, Any]]:
    """Codes, value and sign of each cell that says anything."""
    codes = [_codes(document, name) for name in document["id"]]
    value, status = _at(document.get("value", {})), _at(document.get("status", {}))
    for number, cell in enumerate(product(*codes)):
        found = value(number), status(number)
        if found != (None, None):
            yield cell, *found


def _at(values: Any) -> Callable[[int], Any]:
    """Access by flat index to what may be a list, a sparse mapping or one sign for all."""
    if isinstance(values, str):
        return lambda _: values
    if isinstance(values, list):
        items = cast("list[Any]", values)
        sparse = {str(number): item for number, item in enumerate(items)}
    else:
        sparse = cast("dict[str, Any]", values)
    return lambda number: sparse.get(str(number))

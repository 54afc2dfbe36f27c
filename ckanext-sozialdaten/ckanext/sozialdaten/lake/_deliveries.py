"""Questions that the list of deliveries answers, without reading an observation."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from ckanext.sozialdaten.lake._model import Change, Received
from ckanext.sozialdaten.lake._tables import DELIVERIES
from ckanext.sozialdaten.lake._warehouse import Warehouse, all_of, is_any_of

__all__ = ["delivered", "history", "layouts", "token"]

_RECEIVED = ("id", "source", "digest", "captured_at", "name", "layout")

_CHANGE = (
    *("id", "source", "captured_at", "loaded_at", "name", "parser", "kind"),
    *("rows", "new", "changed", "retracted", "restored"),
)


def history(warehouse: Warehouse, series: str) -> list[Change]:
    """See `Lake.history`."""
    table = warehouse.table(DELIVERIES)
    found = warehouse.read(table, all_of(), (*_CHANGE, "series")).read_all().to_pylist()
    changes = [
        Change(delivery=row.pop("id"), **row)
        for row in found
        if series in json.loads(row.pop("series"))
    ]
    return sorted(changes, key=lambda change: change.delivery)


def layouts(warehouse: Warehouse) -> dict[str, tuple[str, ...]]:
    """See `Lake.layouts`."""
    table = warehouse.table(DELIVERIES)
    rows = warehouse.read(table, all_of(), ("layout", "series")).read_all().to_pylist()
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["layout"]:
            found.setdefault(row["layout"], set()).update(json.loads(row["series"]))
    return {name: tuple(sorted(series)) for name, series in sorted(found.items())}


def token(warehouse: Warehouse) -> str:
    """See `Lake.token`; every append and every erasure commits to the table of deliveries."""
    return hashlib.sha256(warehouse.location(DELIVERIES).encode()).hexdigest()[:16]


def delivered(warehouse: Warehouse, ids: Iterable[str]) -> dict[str, Received]:
    """See `Lake.delivered`."""
    wanted = tuple(ids)
    if not wanted:
        return {}
    table = warehouse.table(DELIVERIES)
    rows = warehouse.read(table, is_any_of("id", wanted), _RECEIVED).read_all().to_pylist()
    return {row["id"]: replace(Received(**row), layout=row["layout"] or "") for row in rows}

"""Questions that the list of deliveries answers, without reading an observation."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from pyiceberg.table import Table

from ckanext.sozialdaten.lake._hidden import hidden
from ckanext.sozialdaten.lake._model import Change, Layouted, Received
from ckanext.sozialdaten.lake._tables import DELIVERIES
from ckanext.sozialdaten.lake._warehouse import Warehouse, all_of, is_any_of, is_value

__all__ = ["delivered", "history", "layouts", "token"]

_RECEIVED = ("id", "source", "digest", "captured_at", "name", "layout")

_CHANGE = (
    *("id", "source", "captured_at", "loaded_at", "digest", "name", "parser", "kind"),
    *("rows", "new", "changed", "retracted", "restored"),
)


def history(warehouse: Warehouse, series: str | None, source: str | None) -> list[Change]:
    """See `Lake.history`."""
    table = warehouse.table(DELIVERIES)
    where = all_of(is_value("source", source) if source else None)
    found = warehouse.read(table, where, (*_CHANGE, "series")).read_all().to_pylist()
    out_of_sight = hidden(warehouse)
    changes = [
        Change(delivery=row["id"], **{name: row[name] for name in _CHANGE if name != "id"})
        for row in found
        if row["source"] not in out_of_sight
        and (series is None or series in json.loads(row["series"]))
    ]
    return sorted(changes, key=lambda change: change.delivery)


def layouts(warehouse: Warehouse) -> dict[str, Layouted]:
    """See `Lake.layouts`."""
    out_of_sight = hidden(warehouse)
    series: dict[str, set[str]] = {}
    commits: dict[str, set[str]] = {}
    for (layout, source), (names, written_by) in warehouse.derived(DELIVERIES, _by_layout).items():
        if source not in out_of_sight:
            series.setdefault(layout, set()).update(names)
            commits.setdefault(layout, set()).update(written_by)
    return {
        name: Layouted(
            tuple(sorted(series[name])),
            hashlib.sha256("\n".join(sorted(commits[name])).encode()).hexdigest()[:16],
        )
        for name in sorted(series)
    }


def _by_layout(deliveries: Table) -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Series and commits of each layout and source."""
    columns = ("layout", "source", "series", "written_by")
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for row in Warehouse.read(deliveries, all_of(), columns).read_all().to_pylist():
        if row["layout"]:
            series, commits = found.setdefault((row["layout"], row["source"]), (set(), set()))
            series.update(json.loads(row["series"]))
            commits.add(row["written_by"])
    return found


def token(warehouse: Warehouse) -> str:
    """See `Lake.token`; every append and every erasure commits to the table of deliveries."""
    parts = (warehouse.location(DELIVERIES), *sorted(hidden(warehouse)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def delivered(warehouse: Warehouse, ids: Iterable[str]) -> dict[str, Received]:
    """See `Lake.delivered`."""
    wanted = tuple(ids)
    if not wanted:
        return {}
    table = warehouse.table(DELIVERIES)
    rows = warehouse.read(table, is_any_of("id", wanted), _RECEIVED).read_all().to_pylist()
    out_of_sight = hidden(warehouse)
    return {
        row["id"]: replace(Received(**row), layout=row["layout"] or "")
        for row in rows
        if row["source"] not in out_of_sight
    }

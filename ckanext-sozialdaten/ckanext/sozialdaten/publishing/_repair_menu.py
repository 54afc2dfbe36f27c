"""What the menu of a file says: each way with its cost, the verdicts on it, and a preview.

A way counts as safe when the attack holds *and* the gate's own check lets exactly these bytes pass.
"""

import base64
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckan import model

from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing import _checks
from ckanext.sozialdaten.publishing._repair_copy import Copy, as_file
from ckanext.sozialdaten.publishing.errors import UnreadableError

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.disclosure._table import Sheet
    from ckanext.sozialdaten.disclosure.protection._menu import Alternative

__all__ = ["PREVIEW", "menu_of"]

PREVIEW = 200  # changed cells that a menu shows
_NAMING = frozenset({Role.REGION, Role.TIME, Role.DIMENSION})
_MOST_NAMES = 4
_FIRST = 2  # columns that name a row where no layout says which
_SEVERAL = Message("This file holds several tables.")
_ONE_EACH = Message("Upload each table as a file of its own.")


def menu_of(
    resource: model.Resource,
    policy: str,
    beside: _checks.Beside,
    tell: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Try every way to protect a file.

    Args:
        resource: the file.
        policy: name of the policy.
        beside: what is judged together with it.
        tell: is told how many ways were tried, and how many there are.

    Returns:
        ``alternatives``, the best first, and ``copies``: the bytes of the safe ones by name,
        compressed.

    Raises:
        SozialdatenError: the file cannot be read, or holds no single table.
    """
    from ckanext.sozialdaten.disclosure import load_policy
    from ckanext.sozialdaten.disclosure._protect import Request, menu_of, tables_of

    own = (resource.extras or {}).get("layout")
    layout = Layout.from_json(own) if own else None
    filename, path = Path(resource.url).name, beside.paths[resource.id]
    named = beside.link(filename, path)
    sheets = tables_of(named, layout)
    if len(sheets) != 1:
        raise UnreadableError(_SEVERAL, _ONE_EACH)
    request = Request(layout, load_policy(policy), released=beside.tables(resource))
    copies: dict[str, str] = {}
    entries: list[dict[str, Any]] = []
    for one in menu_of(sheets[0], request, tell):
        entry = _entry(one, sheets[0], layout)
        if one.safe and one.candidate:
            copy = as_file(sheets[0].table, one.candidate.table, path, filename, layout)
            entry |= {
                "filename": copy.filename,
                "layout": copy.layout.to_json() if copy.layout else None,
            }
            refused = _refused(resource, policy, beside, copy)
            if refused:
                entry |= {"outcome": "unsafe", "safe": False, "reasons": refused}
            else:
                copies[one.name] = base64.b64encode(zlib.compress(copy.data)).decode()
        entries.append(entry)
    return {"alternatives": sorted(entries, key=_rank), "copies": copies}


def _rank(entry: Mapping[str, Any]) -> int:
    """Safe ones first; the order among them is that of their loss already."""
    return ("safe", "unsafe", "impossible").index(entry["outcome"])


def _entry(one: "Alternative", sheet: "Sheet", layout: Layout | None) -> dict[str, Any]:
    """What the page shows of a way."""
    entry: dict[str, Any] = {
        "name": one.name,
        "method": str(one.method),
        "label": one.label.both(),
        "outcome": str(one.outcome),
        "safe": one.safe,
        "reasons": [message.both() for message in one.reason],
        "lines": [],
        "preview": [],
        "changes": 0,
    }
    if one.report is None or one.candidate is None:
        return entry
    judgement = one.report.judgement
    if not one.safe:
        entry["reasons"] = [text.both() for text in (*judgement.messages, judgement.hint)]
    german, english = one.report.lines("de"), one.report.lines("en")
    found = list(_changes(one, sheet, layout))
    said = [{"de": de, "en": en} for de, en in zip(german, english, strict=True)]
    proven = one.safe and (judgement.attacked or one.method == "recode")
    return entry | {
        "lines": said if proven else said[:1],
        "cells": one.report.cells,
        "lost": one.report.to_json()["lost"],
        "attack": {"attacked": judgement.attacked, "weak": judgement.weak},
        "changes": len(found),
        "preview": found[:PREVIEW],
    }


def _changes(one: "Alternative", sheet: "Sheet", layout: Layout | None) -> Iterator[dict[str, Any]]:
    """Every cell that differs: new rows first, then those of the table in their order."""
    assert one.report is not None and one.candidate is not None  # noqa: S101 PT018 - asked before
    after = one.candidate.table
    changes = [(c.row, c.column, c.before, c.after) for c in one.report.changes]
    columns = dict.fromkeys(column for _, column, _, _ in changes)
    if changes and after.num_rows != sheet.table.num_rows:
        yield from _new_rows(sheet.table, after, list(columns))
    elif not changes and after.num_rows == sheet.table.num_rows:
        changes = list(_cells(sheet.table, after))
    unchanged = [name for name in sheet.table.column_names if name not in columns]
    keys = _rows(sheet.table, _naming(sheet, layout) or unchanged[:_FIRST])
    for row, column, before, now in changes:
        yield {
            "row": sheet.row(row),
            "where": ", ".join(filter(None, keys[row])),
            "column": column,
            "before": before,
            "after": now,
        }


def _naming(sheet: "Sheet", layout: Layout | None) -> list[str]:
    """The columns that tell people which row it is."""
    if layout is None:
        return []
    found = [field.name for field in layout.fields if field.role in _NAMING]
    return [name for name in found if name in sheet.table.column_names][:_MOST_NAMES]


def _new_rows(
    before: "pa.Table", after: "pa.Table", columns: list[str]
) -> Iterator[dict[str, Any]]:
    """The cells of rows that were not there, such as those of merged categories."""
    names = [name for name in after.column_names if name not in columns]
    known = set(_rows(before, names)) if set(names) <= set(before.column_names) else set()
    present = [name for name in columns if name in after.column_names]
    values = _rows(after, present)
    for key, cells in zip(_rows(after, names), values, strict=True):
        if key in known:
            continue
        for column, now in zip(present, cells, strict=True):
            where = ", ".join(filter(None, key))
            yield {"row": None, "where": where, "column": column, "before": "", "after": now}


def _cells(before: "pa.Table", after: "pa.Table") -> Iterator[tuple[int, str, str, str]]:
    """The cells that differ where the rows are the same."""
    shared = [name for name in before.column_names if name in after.column_names]
    pairs = zip(_rows(before, shared), _rows(after, shared), strict=True)
    for row, (old, new) in enumerate(pairs):
        for name, was, now in zip(shared, old, new, strict=True):
            if was != now:
                yield row, name, was, now


def _rows(table: "pa.Table", names: Iterable[str]) -> list[tuple[str, ...]]:
    from ckanext.sozialdaten.disclosure.readers._common import cell_text

    columns = [[cell_text(cell) for cell in table.column(name).to_pylist()] for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


@dataclass(frozen=True, slots=True)
class _StandIn:
    """The resource as it would be with the copy: what a check reads of it."""

    id: str
    name: str | None
    url: str
    extras: Mapping[str, Any]
    package: model.Package

    @classmethod
    def of(cls, resource: model.Resource, copy: Copy) -> Any:
        """The resource with the file and the layout of a copy."""
        layout = {"layout": copy.layout.to_json_text()} if copy.layout else {}
        extras = {**(resource.extras or {}), **layout}
        return cls(resource.id, resource.name, copy.filename, extras, resource.package)


def _refused(
    resource: model.Resource, policy: str, beside: _checks.Beside, copy: Copy
) -> list[dict[str, str]]:
    """Why the gate would not let the copy pass; empty if it would."""
    with tempfile.TemporaryDirectory(prefix="sozialdaten-repair-") as name:
        folder = Path(name)
        data = folder / "copy"
        data.write_bytes(copy.data)
        instead = _checks.Beside(
            beside.known, folder / "named", {**beside.paths, resource.id: data}
        )
        report, _ = _checks.judged(_StandIn.of(resource, copy), data, policy, instead)
    found = [
        finding
        for finding in report["findings"]
        if finding["severity"] == "block" and finding["rule"] != _checks.NAKED
    ]
    return [text for finding in found for text in (finding["message"], finding["remedy"])]

"""How big a table is, and its first rows, for the reviewer's page."""

from itertools import islice
from pathlib import Path
from typing import Any

from ckan import model

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.publishing import _tables, _uploader

__all__ = ["preview_of", "shape_of", "table_of"]


def table_of(resource: model.Resource, proposed: dict[str, Any] | None = None) -> Any:
    """The table of a working copy's resource, or None if it is none or cannot be read."""
    path = _uploader.file_of({"id": resource.id, "url_type": resource.url_type})
    layout = (resource.extras or {}).get("layout") or proposed
    filename = Path(resource.url or "").name
    if path is None or not layout or not _tables.is_table(filename):
        return None
    try:
        return _tables.open_table(path, filename, Layout.from_json(layout))
    except SozialdatenError:
        return None


def shape_of(table: _tables.Table) -> dict[str, int] | None:
    """Rows and columns of a table; None if it cannot be read to its end."""
    try:
        return {"rows": sum(1 for _ in table.rows()), "columns": len(table.header)}
    except SozialdatenError:
        return None


def preview_of(table: _tables.Table, rows: int) -> dict[str, Any]:
    """Header and first rows of a table."""
    first = list(islice(table.rows(), rows))
    own = set(table.header)
    shown = [  # a column of signs that we add says nothing where no cell has a sign
        n
        for n, column in enumerate(table.columns)
        if column.name in own or any(r[n] for r in first)
    ]
    return {
        "header": [table.columns[n].name for n in shown],
        "rows": [[row[n] for n in shown] for row in first],
    }

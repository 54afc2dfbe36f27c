"""The form of a new source, as answers that its description follows from."""

from collections.abc import Mapping
from dataclasses import replace

from ckanext.sozialdaten.harvesters.core.sketch import Answers, Sketch, drafted

__all__ = ["answers_of"]

_SAID = ("id", "title", "owner_org", "within", "level", "region_column", "kind", "read_region",
         "read_time", "schedule", "legal_basis", "licence", "attribution")  # fmt: skip


def answers_of(said: Mapping[str, str], sketch: Sketch, name: str) -> Answers:
    """What the form says, on top of what the file shows."""
    start = replace(drafted(sketch, name), owner_org=said.get("owner_org", ""))
    if address := said.get("address", "").strip():
        start = replace(start, connector={"type": "http", "url": address})
    if said.get("step", "sample") == "sample":
        return start
    plain = {key: said.get(key, "").strip() for key in _SAID}
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    for number, series in enumerate(sketch.series):
        column = said.get(f"column-{number}", "").strip()
        if column:
            columns[column] = series
            units[column] = said.get(f"unit-{number}", "").strip()
    dimensions = {
        said_name: key
        for number, key in enumerate(sketch.dimensions)
        if (said_name := said.get(f"dimension-{number}", "").strip())
        and key != plain["region_column"]
    }
    days = said.get("retention_days", "")
    return replace(
        start,
        **plain,
        columns=columns,
        units=units,
        dimensions=dimensions,
        also=tuple(said.get("also", "").replace(",", " ").split()),
        retention_days=int(days) if days.isdigit() else 0,
        published=said.get("published") == "1",
    )

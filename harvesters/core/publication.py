"""The working copy of a source: fields of the dataset, and its table as bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.publishable import (
    publishable_cells,
    publishable_csv,
)
from ckanext.sozialdaten.harvesters.core.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Publication", "publication"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What the working copy shall hold.

    Args:
        dataset: fields as the dataset schema takes them, without the organisation's id.
        resource: name, description, format, layout, encoding and sign convention of the table.
        filename: name of the table's file.
        content: the table.
        rows: its rows.
    """

    dataset: dict[str, object]
    resource: dict[str, object]
    filename: str
    content: bytes
    rows: int

    @property
    def digest(self) -> str:
        """SHA-256 of fields and table together."""
        fields = json.dumps([self.dataset, self.resource, self.filename], sort_keys=True)
        return hashlib.sha256(fields.encode() + self.content).hexdigest()


def publication(
    source: Source, observations: Mapping[str, "pa.Table"], register: Register
) -> Publication | None:
    """The working copy of a source from its observations; None while there are none.

    Args:
        source: the source.
        observations: what the lake holds of each published measure.
        register: the regions.
    """
    cells = publishable_cells(source, observations, register, load_policy(source.publish.policy))
    if not cells:
        return None
    days = sorted({day for day, _, _ in cells})
    layout = source.publish.layout
    dataset: dict[str, object] = dict(source.dataset)
    tags = cast("list[str]", dataset.pop("tags", []))
    dataset |= {
        "owner_org": source.owner_org,
        "tag_string": ",".join(tags),
        "license_id": source.licence,
        "license_attribution": source.attribution,
        "source_id": source.id,
        "source_name": source.title.get("de", ""),
        "legal_basis": list(source.legal_basis),
        "policy": source.publish.policy,
        "temporal_coverage": [{"start": days[0].isoformat(), "end": days[-1].isoformat()}],
        "reference_date": days[-1].isoformat(),
    }
    resource: dict[str, object] = {
        "name": source.resource.name,
        "description": source.resource.description,
        "format": "CSV",
        "mimetype": "text/csv",
        "layout": layout.to_json(),
        "encoding": "utf-8",
        "quality_signs": layout.signs,
        "captured_at": _captured_at(observations),
    }
    return Publication(
        {key: value for key, value in dataset.items() if value not in ("", [])},
        {key: value for key, value in resource.items() if value},
        source.resource.filename,
        publishable_csv(source, cells),
        len(cells),
    )


def _captured_at(observations: Mapping[str, "pa.Table"]) -> str:
    """The moment of the newest delivery whose figures are shown, ISO 8601 in UTC."""
    moments = [
        cast("datetime", moment)
        for table in observations.values()
        for moment in table["captured_at"].to_pylist()
    ]
    return max(moments).astimezone(UTC).isoformat(timespec="seconds") if moments else ""

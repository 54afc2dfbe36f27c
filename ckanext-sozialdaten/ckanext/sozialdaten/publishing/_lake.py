"""Copies what a release shows into the public zone of the lake, as a job after the release."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.lake.layouts import Field, Layout, Role
from ckanext.sozialdaten.publishing import _store, _tables
from ckanext.sozialdaten.publishing.model import (
    Release,
    ReleasedFile,
    live_dataset_ids,
)
from ckanext.sozialdaten.publishing.records import canonical

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake import Lake

__all__ = ["keys_of", "publish_job", "withdraw_job"]

_PARSER = "release-1"


def publish_job(release_id: str) -> None:
    """Append the figures of a release to the public zone; a second run changes nothing."""
    from ckanext.sozialdaten.lake import Lake, LakeSettings

    release = Release.get(release_id)
    if release is not None and release.withdrawal is None:
        _append(Lake.open(LakeSettings.from_environment()), release)


def withdraw_job(release_id: str) -> None:
    """Erase the figures of a withdrawn release; those of releases that stand are written anew.

    Once the newest release of a dataset is withdrawn, none of that dataset is public, as on the
    portal itself. Two datasets can come from one source, the second after the first one's working
    copy was deleted: each keeps what stands of it.
    """
    from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone

    release = Release.get(release_id)
    if release is None:
        return
    source = _source_of(release)
    lake = Lake.open(LakeSettings.from_environment())
    lake.forget(Zone.PUBLIC, source)
    live = live_dataset_ids()
    query = sa.select(Release).where(Release.dataset_id.in_(live))
    for standing in model.Session.execute(query.order_by(Release.seq)).scalars().all():
        if standing.withdrawal is None and _source_of(standing) == source:
            _append(lake, standing)


def keys_of(release: Release, *, filled: bool) -> list[tuple[str, str]]:
    """Source and digest of each delivery that a release makes to the lake.

    Args:
        release: the release.
        filled: leave out files without a figure, which the lake never hears of. Their bytes are
            read for that; those of a withdrawn release are gone.
    """
    source = _source_of(release)
    files = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    return [
        (source, _digest(release, file))
        for file in model.Session.execute(files).scalars().all()
        if not filled or next(_observations(file, source), None) is not None
    ]


def _digest(release: Release, file: ReleasedFile) -> str:
    return f"{release.id}/{file.resource_id}"


def _append(lake: "Lake", release: Release) -> None:
    from ckanext.sozialdaten.lake import Delivery, Scope, Zone

    source = _source_of(release)
    files = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    for file in model.Session.execute(files).scalars().all():
        rows = list(_observations(file, source))
        if not rows:
            continue
        delivery = Delivery(
            source=source,
            digest=_digest(release, file),
            captured_at=release.released_at,
            name=f"{file.filename} ({release.number})",
            parser=_PARSER,
        )
        scope = Scope(series=tuple(sorted({row["series"] for row in rows})), all_references=True)
        lake.append(Zone.PUBLIC, delivery, _arrow(rows), kind="full", scope=scope)


def _source_of(release: Release) -> str:
    """The source as the release recorded it: its working copy may serve another one by now."""
    source = release.record["public"]["source"]
    package = model.Package.get(release.dataset_id)
    return source or (package.name if package else release.dataset_id)


def _observations(file: ReleasedFile, source: str) -> Iterator[dict[str, Any]]:
    """One observation for each figure of a released table that has a region and a time."""
    resource = model.Resource.get(file.resource_id)
    text = (resource.extras or {}).get("layout") if resource else None
    if not text or not _tables.is_table(file.filename):
        return
    layout = Layout.from_json(text)
    regions, times = layout.by_role(Role.REGION), layout.by_role(Role.TIME)
    if len(regions) != 1 or len(times) != 1:
        return
    table = _tables.open_table(_store.verify(file.sha256), file.filename, layout)
    names = [column.name for column in table.columns]
    signs = {column.sign_of: column.name for column in table.columns if column.sign_of}
    for cells in table.rows():
        row = dict(zip(names, cells, strict=True))
        start, end = _reference(row[times[0].name] or "")
        if start is None:
            continue
        dimensions = {field.name: row[field.name] or "" for field in layout.by_role(Role.DIMENSION)}
        for field in layout.values:
            value, sign = row[field.name], row.get(signs.get(field.name, "")) or ""
            if value is None and not sign:
                continue
            yield {
                "series": f"{source}.{field.name}",
                "region": row[regions[0].name] or "",
                "reference_kind": "stichtag" if start == end else "zeitraum",
                "reference_start": start,
                "reference_end": end,
                "dimensions": canonical(dimensions),
                "value": None if value is None else Decimal(value),
                "unit": _unit(field),
                "quality": sign,
                "census_base": None,
                "source": source,
            }


def _unit(field: Field) -> str:
    return field.unit or "Anzahl"


def _reference(text: str) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of what a time cell names: a day, a month or a year."""
    parts = text.split("-")
    try:
        numbers = [int(part) for part in parts]
        match numbers:
            case [year]:
                return dt.date(year, 1, 1), dt.date(year, 12, 31)
            case [year, month]:
                following = dt.date(year + month // 12, month % 12 + 1, 1)
                return dt.date(year, month, 1), following - dt.timedelta(days=1)
            case [year, month, day]:
                return (found := dt.date(year, month, day)), found
            case _:
                return None, None
    except ValueError:
        return None, None


def _arrow(rows: list[dict[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    types = {
        "reference_start": pa.date32(),
        "reference_end": pa.date32(),
        "value": pa.decimal128(28, 8),
    }
    names = list(rows[0])
    return pa.table(
        {
            name: pa.array([row[name] for row in rows], types.get(name, pa.string()))
            for name in names
        }
    )

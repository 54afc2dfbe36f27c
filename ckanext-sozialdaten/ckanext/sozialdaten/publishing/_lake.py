"""Copies what a release shows into the public zone of the lake, as a job after the release."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.publishing import _jobs
from ckanext.sozialdaten.publishing._figures import (
    has_figures,
    layout_name,
    observations,
    sign_convention,
)
from ckanext.sozialdaten.publishing.model import (
    Release,
    ReleasedFile,
    live_dataset_ids,
)

if TYPE_CHECKING:
    from ckanext.sozialdaten.lake import Lake

__all__ = ["figures_job", "keys_of", "publish_job", "renew_figures", "withdraw_job"]

_PARSER = "release-1"
_FIGURES = "figures of indicators"


def publish_job(release_id: str) -> None:
    """Append the figures of a release to the public zone; a second run changes nothing.

    A release that brings a withdrawn dataset back brings the earlier ones along that still stand.
    """
    from ckanext.sozialdaten.lake import Lake, LakeSettings

    release = Release.get(release_id)
    if release is None or release.dataset_id not in live_dataset_ids():
        return
    lake = Lake.open(LakeSettings.from_environment())
    query = sa.select(Release).where(Release.dataset_id == release.dataset_id)
    for standing in model.Session.execute(query.order_by(Release.seq)).scalars().all():
        if standing.withdrawal is None:
            _append(lake, standing)
    renew_figures()


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
    renew_figures()


def figures_job() -> None:
    """Compute the indicators whose inputs have changed, so that no visitor waits for them."""
    from ckanext.sozialdaten.publishing.indicators import public_figures

    public_figures().build()


def renew_figures() -> None:
    """Queue `figures_job`, unless one waits already: it will see what was committed before."""
    if not _jobs.waits(_FIGURES):
        _jobs.enqueue(figures_job, [], _FIGURES, timeout=3600)


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
        if not filled or has_figures(file)
    ]


def _digest(release: Release, file: ReleasedFile) -> str:
    return f"{release.id}/{file.resource_id}"


def _append(lake: "Lake", release: Release) -> None:
    from ckanext.sozialdaten.lake import Delivery, Scope, Zone

    source = _source_of(release)
    files = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
    for file in model.Session.execute(files).scalars().all():
        if lake.known(source, _digest(release, file), Zone.PUBLIC):
            continue
        found = observations(file, source)
        if found is None:
            continue
        delivery = Delivery(
            source=source,
            digest=_digest(release, file),
            captured_at=release.released_at,
            name=f"{file.filename} ({release.number})",
            parser=_PARSER,
            signs=sign_convention(file),
            layout=layout_name(file),
        )
        series = tuple(sorted(found["series"].unique().to_pylist()))
        scope = Scope(series=series, all_references=True)
        lake.append(Zone.PUBLIC, delivery, found, kind="full", scope=scope)


def _source_of(release: Release) -> str:
    """The source as the release recorded it: its working copy may serve another one by now."""
    source = release.record["public"]["source"]
    package = model.Package.get(release.dataset_id)
    return source or (package.name if package else release.dataset_id)

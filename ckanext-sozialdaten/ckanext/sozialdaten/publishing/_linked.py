"""What is public already and speaks of the same: a check judges a working copy beside it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.disclosure import Released
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.publishing import _store, _tables
from ckanext.sozialdaten.publishing.model import (
    Dataset,
    Release,
    ReleasedFile,
    Withdrawal,
)

__all__ = ["Linked", "linked", "tables"]

_MOST_VERSIONS = 12
_MOST_BYTES = 50 << 20
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Linked:
    """The releases beside a working copy.

    Args:
        own: releases of the dataset, the newest first. What was public once is known: withdrawn
            ones count as long as their bytes are there.
        others: the newest release of each other dataset of the organisation.
    """

    own: tuple[Release, ...]
    others: tuple[Release, ...]

    @property
    def ids(self) -> list[str]:
        """The ids of all of them, sorted."""
        return sorted(release.id for release in (*self.own, *self.others))


def linked(package: model.Package) -> Linked:
    """Everything public that a check of a working copy has to look at.

    Open statistics of official bodies are left out: their disclosure control lies with the source.
    """
    row = Dataset.of_working_copy(package.id)
    released_id = row.released_id if row else None
    own = _versions(released_id) if released_id else ()
    if _is_open(package):
        return Linked(own, ())
    return Linked(own, tuple(_affordable(_others(package, released_id))))


def _is_open(package: model.Package) -> bool:
    return (package.extras or {}).get("protection_class") == _OPEN


def _versions(dataset_id: str) -> tuple[Release, ...]:
    query = sa.select(Release).where(Release.dataset_id == dataset_id)
    newest = query.order_by(Release.number.desc()).limit(_MOST_VERSIONS)
    return tuple(model.Session.execute(newest).scalars())


def _others(package: model.Package, released_id: str | None) -> list[Release]:
    """The newest release of every other live dataset of the organisation, the newest first."""
    newest = (
        sa.select(Release.id)
        .join(model.Package, model.Package.id == Release.dataset_id)
        .where(
            model.Package.owner_org == package.owner_org,
            model.Package.id != (released_id or ""),
            sa.func.coalesce(model.Package.extras["protection_class"].astext, "") != _OPEN,
        )
        .distinct(Release.dataset_id)
        .order_by(Release.dataset_id, Release.number.desc())
    )
    withdrawn = sa.select(Withdrawal.release_id)
    query = sa.select(Release).where(Release.id.in_(newest), Release.id.not_in(withdrawn))
    ordered = query.order_by(Release.released_at.desc(), Release.id.desc())
    return list(model.Session.execute(ordered).scalars())


def _affordable(releases: Iterable[Release]) -> Iterator[Release]:
    """Releases until their files together get too big for one check."""
    size = 0
    for release in releases:
        size += sum(file["size"] for file in release.record["public"]["files"])
        if size > _MOST_BYTES:
            return
        yield release


def tables(releases: Iterable[Release], folder: Path, seen: set[str]) -> list[Released]:
    """The tables of releases under their names, for a check.

    Args:
        releases: the releases.
        folder: where links to the stored bytes may stand: readers go by a file's ending, and the
            store has none.
        seen: SHA-256 of bytes that are in the check already; added to.
    """
    found: list[Released] = []
    for release in releases:
        query = sa.select(ReleasedFile).where(ReleasedFile.release_id == release.id)
        for file in model.Session.execute(query.order_by(ReleasedFile.filename)).scalars():
            path = _store.path_of(file.sha256)
            if file.sha256 in seen or not _tables.is_table(file.filename) or not path.is_file():
                continue
            seen.add(file.sha256)
            link = folder / file.resource_id / file.filename
            link.parent.mkdir()
            link.symlink_to(path)
            layout = release.record["internal"]["layouts"].get(file.sha256)
            found.append(
                Released(link, _name(release, file), Layout.from_json(layout) if layout else None)
            )
    return found


def _name(release: Release, file: ReleasedFile) -> str:
    dataset = release.record["public"]["dataset"]
    return f"{dataset} {release.number} ({release.released_at:%d.%m.%Y}): {file.filename}"

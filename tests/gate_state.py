"""What each part of the portal holds of the releases, and whether all of them say the same."""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckanext.datastore.backend.postgres import get_read_engine

from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone
from ckanext.sozialdaten.publishing import _lake, _store
from ckanext.sozialdaten.publishing.model import (
    Release,
    ReleasedFile,
    Withdrawal,
    live_dataset_ids,
)

__all__ = ["Held", "held"]

_TABLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Held:
    """The releases as the database, the index, the files, the DataStore and the lake hold them.

    Args:
        releases: number of releases and of withdrawals.
        database: the public datasets, with their version.
        index: the same, as the search tells it.
        files: content addresses of the store.
        tables: tables of the DataStore that stand.
        figures: releases in the public zone of the lake.
        due: what files, tables and lake should hold by the database.
    """

    releases: tuple[int, int]
    database: dict[str, str]
    index: dict[str, str]
    files: frozenset[str]
    tables: frozenset[str]
    figures: frozenset[str]
    due: tuple[frozenset[str], frozenset[str], frozenset[str]]

    def differences(self, *, lake: bool = True) -> list[str]:
        """Which parts do not hold what the database says."""
        files, tables, figures = self.due
        same = {
            "index": self.index == self.database,
            "files": self.files == files,
            "DataStore": self.tables == tables,
            "lake": not lake or self.figures == figures,
        }
        return [name for name, as_due in same.items() if not as_due]


def held(*, lake: bool = True) -> Held:
    """Ask every part; ``lake``: the lake too, which follows by a job."""
    model.Session.remove()
    withdrawn = sa.select(Withdrawal.release_id)
    files = model.Session.scalars(
        sa.select(ReleasedFile).where(ReleasedFile.release_id.not_in(withdrawn))
    ).all()
    releases = model.Session.scalars(sa.select(Release)).all()
    standing = [release for release in releases if release.withdrawal is None]
    live = live_dataset_ids()
    public = model.Session.query(model.Package).filter_by(private=False, state="active")
    opened = Lake.open(LakeSettings.from_environment()) if lake else None
    found = Held(
        releases=(len(releases), len(releases) - len(standing)),
        database={package.id: package.version for package in public},
        index=_indexed(),
        files=frozenset(_store.addresses()),
        tables=frozenset(filter(_TABLE.fullmatch, _tables())),
        figures=frozenset(release.id for release in releases if _in_lake(opened, release)),
        due=(
            frozenset(file.sha256 for file in files),
            frozenset(file.resource_id for file in files),
            frozenset(release.id for release in standing if release.dataset_id in live),
        ),
    )
    model.Session.remove()
    return found


def _tables() -> list[str]:
    return sa.inspect(get_read_engine()).get_table_names()


def _in_lake(lake: Lake | None, release: Release) -> bool:
    return lake is not None and any(
        lake.known(*key, Zone.PUBLIC) for key in _lake.keys_of(release, filled=False)
    )


def _indexed() -> dict[str, str]:
    query: dict[str, Any] = {"q": "*:*", "fq": "+capacity:public", "fl": "id,version", "rows": 100}
    rows = search.query_for(model.Package).run(query, permission_labels=None)["results"]
    return {row["id"]: row["version"] for row in rows}

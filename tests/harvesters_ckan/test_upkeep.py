"""Once an hour the scheduler erases what has expired, and puts right what a crash left."""

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from ckan import model
from ckan_world import World
from harvest_world import Installation

from ckanext.sozialdaten.harvesters.ckan.scheduler import Scheduler
from ckanext.sozialdaten.harvesters.core.erasures import LOG
from ckanext.sozialdaten.harvesters.core.storage import storage_folder
from ckanext.sozialdaten.lake import Delivery, Lake, LakeSettings
from ckanext.sozialdaten.publishing import _store
from ckanext.sozialdaten.publishing.upkeep import upkeep

PERSON = "Geheim, G\u00fcler"


@pytest.fixture
def orphan(tmp_path: Path) -> Path:
    """Bytes that a release left when it died."""
    file = tmp_path / "faelle.csv"
    file.write_bytes(b"verwaist\n")
    return _store.path_of(_store.add(file))


def test_a_look_erases_what_has_expired_and_sweeps(
    world: World, installation: Installation, orphan: Path
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    with Lake.open(LakeSettings.from_environment()) as lake:
        delivery = Delivery("jugendamt", "a" * 64, dt.datetime.now(dt.UTC))
        lake.keep_rows(delivery, pa.table({"name": [PERSON, PERSON]}), today)
    kept = storage_folder() / "jugendamt" / f"until-{today.isoformat()}" / f"x-{PERSON}.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text(PERSON, "utf-8")
    scheduler = Scheduler(1.0)
    scheduler.look()
    log = installation.folder / "harvest" / LOG
    text = log.read_text("utf-8")
    line = json.loads(text)
    assert (line["deliveries"], line["person_rows"], line["sources"]) == (1, 2, ["jugendamt"])
    assert PERSON not in text
    assert "Geheim" not in text
    assert not kept.exists()
    assert not orphan.exists()
    scheduler.look()
    assert log.read_text("utf-8") == text


def test_upkeep_runs_in_one_process_at_a_time(
    world: World, installation: Installation, orphan: Path
) -> None:
    key = "hashtext('sozialdaten_upkeep')"
    with model.ensure_engine().connect() as other:
        other.execute(sa.text(f"SELECT pg_advisory_lock({key})"))
        assert not upkeep()
        assert orphan.exists()
        other.execute(sa.text(f"SELECT pg_advisory_unlock({key})"))
    assert upkeep()
    assert not orphan.exists()

"""The catalogue on a real PostgreSQL server, with several processes at work.

``SOZIALDATEN_TEST_LAKE_CATALOG`` holds the URL of a database for tests; else the catalogue of the
restricted zone serves if it is one for tests. They work in a schema of their own.
"""

import multiprocessing
import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from lake_world import REGIONS, cells, delivery, figures, in_one_database, write_as_worker

from ckanext.sozialdaten.lake import Lake, LakeSettings, SettingsError, Zone, ZoneSettings

LAKE = os.environ.get("SOZIALDATEN_LAKE_RESTRICTED_CATALOG", "")
DATABASE = os.environ.get("SOZIALDATEN_TEST_LAKE_CATALOG", LAKE if LAKE.endswith("_test") else "")
SCHEMA = "lake_tests"
URL = f"{DATABASE}?options=-csearch_path%3D{SCHEMA}"
pytestmark = pytest.mark.skipif(
    not DATABASE, reason="SOZIALDATEN_TEST_LAKE_CATALOG names no PostgreSQL database for tests"
)


@pytest.fixture
def clean_catalogue() -> None:
    engine = sa.create_engine(DATABASE)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
    engine.dispose()


@pytest.mark.usefixtures("clean_catalogue")
def test_several_processes_open_a_new_lake_and_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers, count = 3, 2
    processes = [
        context.Process(target=write_as_worker, args=(tmp_path, URL, worker, count))
        for worker in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=240)
    assert [process.exitcode for process in processes] == [0] * workers
    with Lake.open(in_one_database(tmp_path, URL)) as lake:
        last = workers - 1
        assert figures(lake) == dict.fromkeys(REGIONS[: last + 2], last * 100 + count - 1)
        for worker in range(workers):
            assert figures(lake, f"own {worker}") == {REGIONS[0]: count - 1}
            for number in range(count):
                assert lake.known("common", f"{worker}-{number}")


@pytest.mark.usefixtures("clean_catalogue")
def test_zones_may_share_a_database_without_seeing_each_other(tmp_path: Path) -> None:
    with Lake.open(in_one_database(tmp_path, URL)) as lake:
        lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({REGIONS[0]: 5}))
        assert lake.series(Zone.PUBLIC) == []
        assert figures(lake) == {REGIONS[0]: 5}


def test_a_server_that_is_not_there_is_an_error_without_the_password(tmp_path: Path) -> None:
    nowhere = ZoneSettings(str(tmp_path), "postgresql+psycopg2://u:geheim@127.0.0.1:1/none")
    with (
        Lake.open(LakeSettings({Zone.PUBLIC: nowhere})) as lake,
        pytest.raises(SettingsError, match="cannot be reached") as refused,
    ):
        lake.series(Zone.PUBLIC)
    assert "geheim" not in str(refused.value) + repr(nowhere)

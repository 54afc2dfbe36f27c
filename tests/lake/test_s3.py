"""A zone in a bucket, on moto's server over HTTP; ``SOZIALDATEN_TEST_S3`` may name another one."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow.fs as pafs
import pytest
from lake_world import REGIONS, cells, delivery, figures
from moto_world import moto_server, system_of

from ckanext.sozialdaten.lake import Encryption, Lake, LakeSettings, Zone, encryption_of

A, B = REGIONS[:2]
BUCKET = "sozialdaten-lake-test"
COUNT = 9


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    given = os.environ.get("SOZIALDATEN_TEST_S3", "")
    if given:
        yield given
        return
    with moto_server() as address:
        yield address


@pytest.fixture
def bucket(endpoint: str) -> pafs.FileSystem:
    system = system_of(endpoint)
    system.create_dir(BUCKET)
    system.delete_dir_contents(BUCKET, missing_dir_ok=True)
    return system


@pytest.fixture
def settings(tmp_path: Path, bucket: pafs.FileSystem, endpoint: str) -> LakeSettings:
    return LakeSettings.from_environment(
        {
            "SOZIALDATEN_LAKE_PUBLIC": f"s3://{BUCKET}/public",
            "SOZIALDATEN_LAKE_PUBLIC_CATALOG": f"sqlite:///{tmp_path}/public.db",
            "SOZIALDATEN_LAKE_PUBLIC_S3_ENDPOINT": endpoint,
            "SOZIALDATEN_LAKE_PUBLIC_S3_REGION": "eu-central-1",
            "SOZIALDATEN_LAKE_PUBLIC_S3_ACCESS_KEY_ID": "test",
            "SOZIALDATEN_LAKE_PUBLIC_S3_SECRET_ACCESS_KEY": "test",
        }
    )


def test_a_bucket_takes_gives_compacts_and_forgets(
    settings: LakeSettings, bucket: pafs.FileSystem
) -> None:
    with Lake.open(settings) as lake:
        for number in range(COUNT):
            day = f"2024-01-{number + 1:02}"
            lake.append(Zone.PUBLIC, delivery(day, f"d{number}", "amt"), cells({A: number, B: 7}))
        asked = {"zone": Zone.PUBLIC, "as_of": dt.date(2024, 1, 4)}
        assert figures(lake, **asked) == {A: 3, B: 7}
        lake.tidy(Zone.PUBLIC, keep=dt.timedelta(0))
        assert figures(lake, **asked) == {A: 3, B: 7}
        found = bucket.get_file_info(pafs.FileSelector(f"{BUCKET}/public", recursive=True))
        data = [info.path for info in found if "/observations/data/" in info.path and info.is_file]
        assert len(data) == 1
        lake.forget(Zone.PUBLIC, "amt")
        assert lake.series(Zone.PUBLIC) == []
        assert not bucket.get_file_info(data[0]).is_file


def test_the_encryption_of_a_bucket_is_left_to_the_bucket() -> None:
    assert encryption_of(f"s3://{BUCKET}/public").state is Encryption.UNKNOWN

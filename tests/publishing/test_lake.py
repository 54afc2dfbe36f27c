"""What a release shows stands in the public zone of the lake; what is withdrawn is erased there."""

from pathlib import Path
from typing import Any

import pytest
from ckan import model
from gate_office import LAYOUT, TABLE, Office

from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone
from ckanext.sozialdaten.publishing import _lake
from ckanext.sozialdaten.publishing.model import Dataset

SERIES = "hilfen.faelle"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake of this test's own, which the jobs find in their environment."""
    for zone in ("PUBLIC", "RESTRICTED"):
        folder = tmp_path / zone.lower()
        monkeypatch.setenv(f"SOZIALDATEN_LAKE_{zone}", str(folder))
        catalog = f"sqlite:///{tmp_path}/{zone.lower()}.db"
        monkeypatch.setenv(f"SOZIALDATEN_LAKE_{zone}_CATALOG", catalog)
    return Lake.open(LakeSettings.from_environment())


def figures(lake: Lake, series: str = SERIES) -> dict[tuple[str, int], int]:
    """The public figures by region and year."""
    if series not in {info.name for info in lake.series(Zone.PUBLIC)}:
        return {}
    rows = lake.values(series, zone=Zone.PUBLIC).to_pylist()
    return {(row["region"], row["reference_start"].year): int(row["value"]) for row in rows}


def published(office: Office, **fields: Any) -> dict[str, Any]:
    _, release = office.release(**fields)
    _lake.publish_job(release["id"])
    return release


def withdraw(office: Office, release: dict[str, Any]) -> None:
    params = {"id": release["id"], "reason": "Fehler."}
    office.world.call("sozialdaten_release_withdraw", office.reviewer, **params)
    model.Session.remove()
    _lake.withdraw_job(release["id"])


def released_again(office: Office, table: bytes) -> dict[str, Any]:
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("resource_delete", office.editor, id=copy["resources"][0]["id"])
    office.add_table(copy["id"], table)
    release = office.approve(office.submit(copy["id"]))
    _lake.publish_job(release["id"])
    return release


def test_the_figures_of_a_release_are_in_the_public_zone(office: Office, lake: Lake) -> None:
    release = published(office, name="hilfen")
    shown = figures(lake)
    assert len(shown) == 10
    assert shown[("99001003", 2023)] == 3 * 7 + 23
    _lake.publish_job(release["id"])
    assert figures(lake) == shown


def test_signs_are_read_by_the_convention_of_the_layout(office: Office, lake: Lake) -> None:
    sign = ', {"name": "faelle_q", "type": "string", "quality_of": "faelle"}]}'
    layout = LAYOUT.replace("]}", sign).replace("{", '{"signs": "ba", ', 1)
    lines = [f"{line};" for line in TABLE.decode().splitlines()]
    lines[0], lines[3] = "gemeinde;jahr;faelle;faelle_q", "99001002;2022;;*"
    table = "\n".join([*lines, ""]).encode()
    _, release = office.release(name="hilfen", table=table, layout=layout)
    _lake.publish_job(release["id"])
    rows = lake.values(SERIES, regions=["99001002"], zone=Zone.PUBLIC).to_pylist()
    assert [row["quality"] for row in rows if row["reference_start"].year == 2022] == ["*"]


def test_a_withdrawn_release_is_erased_from_the_public_zone(
    office: Office, lake: Lake, tmp_path: Path
) -> None:
    release = published(office, name="hilfen")
    withdraw(office, release)
    assert figures(lake) == {}
    assert not list((tmp_path / "public").rglob("observations/data/**/*.parquet"))
    _lake.withdraw_job(release["id"])
    assert figures(lake) == {}


def test_a_release_that_was_withdrawn_at_once_is_not_published_later(
    office: Office, lake: Lake
) -> None:
    _, release = office.release(name="hilfen")
    params = {"id": release["id"], "reason": "Fehler."}
    office.world.call("sozialdaten_release_withdraw", office.reviewer, **params)
    model.Session.remove()
    _lake.publish_job(release["id"])
    assert figures(lake) == {}


def test_withdrawing_an_earlier_release_leaves_the_newest_one(office: Office, lake: Lake) -> None:
    first = published(office, name="hilfen")
    released_again(office, TABLE.replace(b"99001001;2023;30", b"99001001;2023;77"))
    withdraw(office, first)
    shown = figures(lake)
    assert len(shown) == 10
    assert shown[("99001001", 2023)] == 77
    history = lake.values(SERIES, zone=Zone.PUBLIC, as_of=first_moment(first)).to_pylist()
    assert history == []


def first_moment(release: dict[str, Any]) -> Any:
    import datetime as dt

    return dt.datetime.fromisoformat(release["released_at"])


def test_withdrawing_one_dataset_leaves_another(office: Office, lake: Lake) -> None:
    first = published(office, name="hilfen")
    published(office, name="andere")
    withdraw(office, first)
    assert figures(lake) == {}
    assert len(figures(lake, "andere.faelle")) == 10


def test_a_source_that_started_anew_does_not_hide_old_figures(office: Office, lake: Lake) -> None:
    copy = office.working_copy(name="hilfen")
    model.Session.add(Dataset(working_copy_id=copy["id"], source="jugendamt"))
    model.Session.commit()
    release = office.approve(office.submit(copy["id"]))
    _lake.publish_job(release["id"])
    assert len(figures(lake, "jugendamt.faelle")) == 10
    row = Dataset.of_working_copy(copy["id"])
    assert row is not None
    row.source = None  # as if its working copy had been deleted and harvested again
    model.Session.commit()
    withdraw(office, release)
    assert figures(lake, "jugendamt.faelle") == {}

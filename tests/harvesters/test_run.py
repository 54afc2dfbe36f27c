"""A whole harvest on a real lake: twice the same, crashes, bad deliveries, retention."""

import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from harvest_world import CASES, PEOPLE, SECRETS, Installation, case, case_list

from ckanext.sozialdaten.harvesters.core.connectors import DropFolder
from ckanext.sozialdaten.harvesters.core.erasures import LOG, record_erasure
from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    KeyMissing,
    PathRefused,
    TooLarge,
)
from ckanext.sozialdaten.harvesters.core.ledger import Outcome
from ckanext.sozialdaten.harvesters.core.sources import load_source
from ckanext.sozialdaten.harvesters.core.storage import erase_expired_files
from ckanext.sozialdaten.lake import Zone

NAME = "HzE_Fallliste_20241231.csv"
DAY = dt.date(2024, 12, 31)


def people(count: int = 30, **more: str) -> bytes:
    regions = [f"990010{number:02d}" for number in range(1, 6)]
    return case_list(case(number, region=regions[number % 5], **more) for number in range(count))


def total(installation: Installation) -> int:
    """Young persons of the Kreis at the end of 2024, as the lake says now."""
    lake = installation.run(CASES).lake
    table = lake.values(
        f"{CASES}.junge_menschen", regions=["99001"], start=DAY, end=DAY, zone=Zone.RESTRICTED
    )
    (row,) = [row for row in table.to_pylist() if "INSGESAMT" in row["dimensions"]]
    return int(row["value"])


def test_a_delivery_arrives_in_the_lake_and_leaves_the_inbox(installation: Installation) -> None:
    path = installation.drop(CASES, NAME, people())
    (stored,) = installation.harvest(CASES)
    assert stored.new > 0
    assert total(installation) == 30
    assert not path.exists()


def test_the_same_bytes_again_change_nothing(installation: Installation) -> None:
    installation.drop(CASES, NAME, people())
    installation.harvest(CASES)
    before = installation.run(CASES).publication()
    installation.drop(CASES, "other-name.csv", people())
    (stored,) = installation.harvest(CASES)
    after = installation.run(CASES).publication()
    assert stored.known
    assert stored.unchanged
    assert before is not None
    assert after is not None
    assert before.digest == after.digest


def test_a_run_without_deliveries_finds_nothing(installation: Installation) -> None:
    assert installation.harvest(CASES) == []


def test_a_correction_replaces_what_it_speaks_of(installation: Installation) -> None:
    installation.drop(CASES, NAME, people(30))
    installation.harvest(CASES)
    installation.drop(CASES, NAME, people(28))
    (stored,) = installation.harvest(CASES)
    assert stored.changed > 0
    assert total(installation) == 28


def test_a_run_that_dies_after_the_lake_is_finished_by_the_next(installation: Installation) -> None:
    path = installation.drop(CASES, NAME, people())
    run = installation.run(CASES)
    (ref,) = run.discover()
    run.store(run.plan(run.fetch(ref)))
    assert run.ledger.pending
    (stored,) = installation.harvest(CASES)
    assert stored.known
    assert not path.exists()
    assert total(installation) == 30


def test_a_bad_delivery_leaves_the_lake_alone_and_a_corrected_one_goes_through(
    installation: Installation,
) -> None:
    installation.drop(CASES, NAME, people(30))
    installation.harvest(CASES)
    installation.drop(CASES, NAME, people(28, cost="1.5"))
    run = installation.run(CASES)
    (ref,) = run.discover()
    raw = run.fetch(ref)
    with pytest.raises(DeliveryError) as caught:
        run.plan(raw)
    run.refuse(raw, caught.value)
    assert total(installation) == 30
    assert run.ledger.outcome(raw.digest) is Outcome.REFUSED
    installation.drop(CASES, NAME, people(28))
    installation.harvest(CASES)
    assert total(installation) == 28


def test_no_name_is_anywhere_but_in_the_file_that_is_kept(installation: Installation) -> None:
    installation.drop(CASES, NAME, people())
    installation.harvest(CASES)
    publication = installation.run(CASES).publication()
    assert publication is not None
    places = {
        path
        for path in installation.files()
        for secret in SECRETS
        if secret.encode("cp1252") in path.read_bytes() or secret.encode() in path.read_bytes()
    }
    assert {path.parent.parent.name for path in places} == {CASES}
    assert all("restricted-deliveries" in str(path) for path in places)
    assert not any(secret.encode() in publication.content for secret in SECRETS)


def test_rows_are_kept_under_pseudonyms_in_the_restricted_zone(installation: Installation) -> None:
    installation.drop(CASES, NAME, people(5))
    installation.harvest(CASES)
    rows = installation.run(CASES).lake.rows(CASES)
    assert rows is not None
    assert rows.num_rows == 5
    assert "Name, Vorname" not in rows.column_names


def test_without_retention_neither_file_nor_rows_stay(installation: Installation) -> None:
    source = replace(load_source(CASES), retention_days=0)
    installation.drop(CASES, NAME, people())
    installation.harvest(source)
    assert installation.run(CASES).lake.rows(CASES) is None
    assert not any(path.name.endswith(NAME) for path in installation.files())
    assert total(installation) == 30


def test_files_are_erased_when_their_time_is_over(installation: Installation) -> None:
    installation.drop(CASES, NAME, people())
    installation.harvest(CASES)
    today = dt.datetime.now(dt.UTC).date()
    assert erase_expired_files(today + dt.timedelta(days=89)) == 0
    assert erase_expired_files(today + dt.timedelta(days=90)) == 1
    assert not any(path.name.endswith(NAME) for path in installation.files())


def test_without_a_key_nothing_is_stored(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOZIALDATEN_KEY_FILE")
    path = installation.drop(CASES, NAME, people())
    with pytest.raises(KeyMissing):
        installation.harvest(CASES)
    assert path.exists()
    assert installation.run(CASES).lake.series(Zone.RESTRICTED) == []


@pytest.mark.parametrize("name", ["a.csv.part", ".a.csv", "a.csv~", "~a.csv", "a.csv.filepart"])
def test_unfinished_transfers_are_passed_over(installation: Installation, name: str) -> None:
    installation.drop(CASES, name, b"half")
    assert list(installation.run(CASES).discover()) == []


def test_a_symbolic_link_is_refused(installation: Installation) -> None:
    secret = installation.folder / "elsewhere.csv"
    secret.write_bytes(people())
    (installation.inbox(CASES) / NAME).symlink_to(secret)
    run = installation.run(CASES)
    (ref,) = run.discover()
    with pytest.raises(PathRefused):
        run.fetch(ref)
    assert secret.exists()


def test_a_path_outside_the_folder_is_refused(installation: Installation) -> None:
    outside = installation.drop("other", "x.csv", people())
    folder = DropFolder(load_source(CASES), installation.inbox(CASES))
    (ref,) = DropFolder(load_source(CASES), outside.parent).discover()
    with pytest.raises(PathRefused):
        folder.fetch(ref)


def test_a_named_pipe_does_not_hang_the_harvest(installation: Installation) -> None:
    os.mkfifo(installation.inbox(CASES) / NAME)
    run = installation.run(CASES)
    (ref,) = run.discover()
    with pytest.raises(PathRefused):
        run.fetch(ref)


def test_a_file_beyond_the_cap_is_refused(installation: Installation) -> None:
    source = load_source(CASES)
    small = replace(source, connection=replace(source.connection, max_bytes=1000))
    installation.drop(CASES, NAME, people(100))
    run = installation.run(small)
    (ref,) = run.discover()
    with pytest.raises(TooLarge):
        run.fetch(ref)


def test_files_of_a_foreign_folder_stay_where_they_are(
    installation: Installation, tmp_path: Path
) -> None:
    source = load_source(CASES)
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / NAME).write_bytes(people())
    foreign = replace(source, connection=replace(source.connection, folder=str(folder)))
    assert len(installation.harvest(foreign)) == 1
    assert (folder / NAME).exists()
    assert installation.harvest(foreign) == []


def test_a_flat_file_in_another_order_is_the_same_delivery(installation: Installation) -> None:
    from ckanext.sozialdaten.demo.generate import World

    world = World()
    table = world.population
    part = [row for row in table.rows if "2024-12-31" in row]
    from ckanext.sozialdaten.demo.flatfile import Table, flat_csv, flat_zip

    installation.drop(
        PEOPLE, "a.zip", flat_zip(flat_csv(Table(table.header, part)), "12411-02-03-5")
    )
    (first,) = installation.harvest(PEOPLE)
    turned = Table(table.header, part[::-1])
    installation.drop(PEOPLE, "b.zip", flat_zip(flat_csv(turned), "12411-02-03-5"))
    (second,) = installation.harvest(PEOPLE)
    assert not first.known
    assert second.known


def test_the_log_of_erasures_says_what_and_when_and_never_of_whom(
    installation: Installation,
) -> None:
    for count in (1, 2):
        record_erasure(dt.date(2025, 1, count), files=count, rows=30, sources=(CASES,))
    written = (installation.folder / "harvest" / LOG).read_text("utf-8")
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line.pop("at")[:2] for line in lines] == ["20", "20"]
    assert lines[1] == {
        "expired_until": "2025-01-02",
        "deliveries": 2,
        "person_rows": 30,
        "sources": [CASES],
    }

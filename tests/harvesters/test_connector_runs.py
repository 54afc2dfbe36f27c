"""Whole harvests over the network: connector, reader, lake; nothing twice, nothing lost."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from connector_world import Asked, Handler, Reply, Service, lying, opened, options
from genesis_world import MAINTENANCE, Instance
from harvest_world import PEOPLE, Installation

from ckanext.sozialdaten.harvesters.core.connectors import FetchError, landing_folder
from ckanext.sozialdaten.harvesters.core.readers import Settings, read_file
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source
from ckanext.sozialdaten.harvesters.core.storage import erase_expired_files

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")
REGIONS = tuple(f"990010{number:02d}" for number in range(1, 6))
EXAMPLES = Path(__file__).parents[2] / "schemas" / "sources" / "examples"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_REGIO_USER", "DE0001")
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_REGIO_PASSWORD", "word-of-secret")
    return Instance(regions=REGIONS)


def source_of(service: Service, folder: Path) -> Source:
    """The example of the GENESIS family, for the demo Kreis and the service on this machine."""
    said = yaml.safe_load((EXAMPLES / "genesis-api.yaml").read_text("utf-8"))
    del said["connector"]["instance"]
    said["connector"] |= {"url": f"{service.url}/genesisws/rest/2020/", "regions": ["99001*"]}
    said["connector"] |= {"from_year": 2021, "to_year": 2025, "retries": 0}
    said["observations"]["regions"] = {"within": "99001"}
    del said["observations"]["dimensions"]
    path = folder / f"{said['id']}.yaml"
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return load_source(path)


def test_a_table_goes_from_the_service_into_the_lake_and_only_once(
    serve: Serve, installation: Installation, world: Instance, tmp_path: Path
) -> None:
    service = serve(world)
    source = source_of(service, tmp_path)
    (first,) = installation.harvest(source)
    assert first.new == len(REGIONS) * 4
    assert lying(landing_folder(source)) == [], "what is done is put away"
    asked = len(service.asked)
    assert installation.harvest(source) == []
    assert [path.rpartition("/")[2] for path in service.paths()[asked:]] == [
        "table",
        "modifieddata",
    ]


def test_a_newer_period_and_a_correction_reach_the_lake(
    serve: Serve, installation: Installation, world: Instance, tmp_path: Path
) -> None:
    source = source_of(serve(world), tmp_path)
    installation.harvest(source)
    world.years = (*world.years, 2025)
    (newer,) = installation.harvest(source)
    assert (newer.new, newer.changed, newer.retracted) == (len(REGIONS), 0, 0)
    world.value, world.modified = world.value + 1, "18.03.2026"
    (corrected,) = installation.harvest(source)
    assert (corrected.new, corrected.changed) == (0, len(REGIONS) * 5)


def test_a_service_that_breaks_down_changes_nothing(
    serve: Serve, installation: Installation, world: Instance, tmp_path: Path
) -> None:
    source = source_of(serve(world), tmp_path)
    installation.harvest(source)
    before = installation.run(source).publication()
    world.value, world.modified = 0, "18.03.2026"
    run = installation.run(source)
    (ref,) = run.discover()
    world.refused = [MAINTENANCE]
    with pytest.raises(FetchError):
        run.fetch(ref)
    after = installation.run(source).publication()
    assert before is not None
    assert after is not None
    assert after.content == before.content


def test_what_was_fetched_before_a_crash_is_not_lost(
    serve: Serve, installation: Installation, world: Instance, tmp_path: Path
) -> None:
    source = source_of(serve(world), tmp_path)
    run = installation.run(source)
    (ref,) = run.discover()
    run.fetch(ref)
    world.refused = [MAINTENANCE] * 99  # and now the worker dies, and the service too
    left = next(installation.run(source).discover())
    assert installation.run(source).plan(installation.run(source).fetch(left)).rows_read == 20


def test_what_was_fetched_and_never_dealt_with_is_erased_after_a_week(
    serve: Serve, installation: Installation, world: Instance, tmp_path: Path
) -> None:
    source = source_of(serve(world), tmp_path)
    run = installation.run(source)
    run.fetch(next(run.discover()))
    (landing_folder(source) / "half.csv.part").write_bytes(b"half of something")
    assert erase_expired_files(run.today + dt.timedelta(days=6)) == 0
    assert erase_expired_files(run.today + dt.timedelta(days=7)) == 2
    assert lying(landing_folder(source)) == []


def test_two_who_want_one_delivery_at_a_time_both_get_it_whole(
    serve: Serve, installation: Installation
) -> None:
    body = b"key;value\n" + b"01056;1\n" * 5000

    def answer(asked: Asked) -> Reply:
        return Reply(body, headers={"ETag": '"1"'}, pause=0.05 if asked.method == "GET" else 0.0)

    service = serve(answer)
    block = f"{{type: http, url: '{service.url}/a.csv'}}"
    (ref,) = opened(block).discover()
    with ThreadPoolExecutor(4) as pool:
        raws = list(pool.map(lambda _: opened(block).fetch(ref), range(4)))
    assert {raw.digest for raw in raws} == {hashlib.sha256(body).hexdigest()}
    assert service.most_open == 1


def test_a_source_of_links_is_a_source_like_any_other(
    serve: Serve, installation: Installation
) -> None:
    from ckanext.sozialdaten.demo.flatfile import Table, flat_csv
    from ckanext.sozialdaten.demo.generate import World

    table = World().population
    part = [row for row in table.rows if "2024-12-31" in row]
    body = flat_csv(Table(table.header, part))
    data = body if isinstance(body, bytes) else body.encode()
    service = serve(lambda _: Reply(data, headers={"ETag": '"1"'}))
    block = f"{{type: http, url: '{service.url}/12411.csv'}}"
    source = replace(load_source(PEOPLE), connection=options(block))
    (stored,) = installation.harvest(source)
    assert stored.new > 0
    assert installation.harvest(source) == []


@pytest.mark.parametrize(
    ("block", "answers", "rows"),
    [
        (
            "{type: arcgis, url: 'URL/MapServer/0'}",
            [
                {"name": "dichte"},
                {
                    "features": [
                        {"attributes": {"ags": "01056", "jahr": 2023, "ai0201": 123.4}},
                        {"attributes": {"ags": "06440", "jahr": 2023, "ai0201": None}},
                    ]
                },
            ],
            2,
        ),
        (
            "{type: kommonitor, url: 'URL/management'}",
            [
                {"indicators": "1", "spatial-units": "1"},
                [
                    {
                        "indicatorId": "i1",
                        "indicatorName": "Quote",
                        "applicableDates": ["2024-12-31"],
                        "applicableSpatialUnits": [
                            {"spatialUnitId": "u1", "spatialUnitName": "Gemeinden"}
                        ],
                    }
                ],
                [{"ID": "01056001", "NAME": "Appen", "DATE_2024-12-31": "9.4"}],
            ],
            1,
        ),
    ],
)
def test_what_a_connector_brings_can_be_read(
    serve: Serve, block: str, answers: list[object], rows: int
) -> None:
    replies = [Reply(json.dumps(answer).encode()) for answer in answers]
    service = serve(lambda _: replies.pop(0))
    source = opened(block.replace("URL", service.url))
    (ref,) = source.discover()
    raw = source.fetch(ref)
    assert sum(batch.num_rows for batch in read_file(raw.path, "", Settings())) == rows

"""Tables of the GENESIS family over real HTTP: jobs, splitting, error bodies, change detection."""

import json
from collections.abc import Callable

import pytest
import yaml
from connector_world import Handler, Reply, Service, opened, options
from genesis_world import HEADER, MAINTENANCE, Instance, status, told
from harvest_world import flat_cells
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.connectors import FetchError, Unchanged
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    Busy,
    LoginRefused,
    NoData,
    NotThere,
    ServiceRefused,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.connectors.genesis import instances
from ckanext.sozialdaten.harvesters.core.errors import TooLarge
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.lake.errors import LayoutError

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_U", "DE0001")
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_P", "word-of-secret")
    service = "ckanext.sozialdaten.harvesters.core.connectors._genesis_service"
    monkeypatch.setattr(f"{service}._POLL", 0.01)


def block(service: Service, **more: object) -> str:
    keys = {"username": "SOZIALDATEN_CREDENTIAL_U", "password": "SOZIALDATEN_CREDENTIAL_P"}
    url = f"{service.url}/genesisws/rest/2020/"
    said = {"type": "genesis-api", "url": url, "table": "12411-01-01-5", "retries": 1}
    return yaml.safe_dump({**said, "credentials": keys, **more})


def fetched(text: str) -> RawDelivery:
    source = opened(text)
    (ref,) = source.discover()
    return source.fetch(ref)


def lines(raw: RawDelivery) -> list[str]:
    return raw.path.read_text("utf-8-sig").splitlines()


def test_the_latest_period_arrives_and_can_be_read(serve: Serve) -> None:
    raw = fetched(block(serve(Instance())))
    assert raw.name == "12411-01-01-5.csv"
    assert lines(raw)[0] == HEADER
    assert len(lines(raw)) == 5
    assert flat_cells(raw.path).num_rows == 4


def test_regions_years_and_quality_are_asked_for(serve: Serve) -> None:
    service = serve(Instance())
    more = {"regions": ["01056*"], "from_year": 2022, "to_year": 2023, "region_variable": "GEMEIN"}
    raw = fetched(block(service, **more, classifying={"GES": ["GESM", "GESW"]}))
    assert len(lines(raw)) == 1 + 2 * 2
    form = service.asked[-1].form
    assert form["regionalkey"] == "01056*"
    assert form["quality"] == "on"
    assert form["classifyingvariable1"] == "GES"
    assert form["classifyingkey1"] == "GESM,GESW"


def test_too_large_a_table_is_split_by_regions_then_by_years(serve: Serve) -> None:
    service = serve(Instance(limit=2))
    more = {"regions": ["01056*", "06440*"], "from_year": 2021, "to_year": 2024}
    raw = fetched(block(service, **more))
    assert len(lines(raw)) == len(set(lines(raw))) == 1 + 4 * 4
    assert service.most_open <= 3
    assert all(form.get("job") != "true" for form in (asked.form for asked in service.asked))


def test_what_cannot_be_split_becomes_a_job_and_is_tidied_up(serve: Serve) -> None:
    instance = Instance(limit=1)
    service = serve(instance)
    raw = fetched(block(service))
    assert len(lines(raw)) == 5
    assert instance.removed == ["12411-01-01-5_1000"]
    assert service.paths()[2:] == [
        f"POST /genesisws/rest/2020/{name}"
        for name in (
            "data/tablefile",
            "data/tablefile",
            "catalogue/results",
            "catalogue/results",
            "catalogue/results",
            "data/resultfile",
            "profile/removeresult",
        )
    ]


def test_an_interrupted_run_asks_for_no_job_and_no_piece_twice(serve: Serve) -> None:
    instance = Instance(limit=1)
    service = serve(instance)
    source = opened(block(service, regions=["01056001", "06440*"], parallel=1))
    (ref,) = source.discover()
    instance.polls = 2
    broken = instance._resultfile
    instance._resultfile = lambda _: Reply(b"", 500)  # type: ignore[method-assign]
    with pytest.raises(Busy):
        source.fetch(ref)
    started = len(instance.jobs)
    instance._resultfile = broken  # type: ignore[method-assign]
    asked = len(service.asked)
    assert len(lines(source.fetch(ref))) == 4
    assert len(instance.jobs) == started == 1
    assert not any(form.get("regionalkey") for form in (a.form for a in service.asked[asked:]))


def test_a_token_reads_but_starts_no_job(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_T", "token-of-secret")
    instance = Instance(user="token-of-secret", password="")
    service = serve(instance)
    keys = {"token": "SOZIALDATEN_CREDENTIAL_T"}
    assert len(lines(fetched(block(service, credentials=keys)))) == 5
    instance.limit = 1
    with pytest.raises(FetchError, match="too large"):
        fetched(block(service, credentials=keys))
    assert instance.jobs == {}


def test_the_digest_is_that_of_the_rows(serve: Serve) -> None:
    instance = Instance()
    first = fetched(block(serve(instance)))
    again = fetched(block(serve(instance)))
    instance.value += 1
    other = fetched(block(serve(instance)))
    assert first.digest == again.digest != other.digest
    split = fetched(block(serve(Instance(limit=2)), regions=["01056*", "06440*"]))
    assert split.digest == first.digest


def test_a_newer_period_or_update_changes_the_marker_and_nothing_else_does(serve: Serve) -> None:
    instance = Instance()
    text = block(serve(instance), recheck_days=0)
    markers = [next(iter(opened(text).discover())).marker for _ in range(2)]
    instance.years = (*instance.years, 2025)
    markers.append(next(iter(opened(text).discover())).marker)
    instance.modified = "01.03.2026"
    markers.append(next(iter(opened(text).discover())).marker)
    assert markers[0] == markers[1]
    assert len(set(markers)) == 3


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (MAINTENANCE, Busy),
        (Reply(b"", 500), Busy),
        (Reply(b"<html><h1>404</h1></html>", 404), NotThere),
        (Reply(b"", 411), ServiceRefused),
        (status(-1), ServiceRefused),
        (status(90), NotThere),
        (status(104), NoData),
        (status(0), WrongAnswer),
        (status(50), Unchanged),
        (told({"Status": {"Code": "104", "Content": "nichts"}}), NoData),
        (told({"Code": 15, "Content": "nicht berechtigt", "Type": "ERROR"}, 401), LoginRefused),
        (told({"Code": 2, "Content": "falsch", "Type": "ERROR"}, 404), LoginRefused),
        (Reply(b""), NoData),
        (Reply(b'{"Status": '), WrongAnswer),
    ],
)
def test_each_error_body_has_its_meaning(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    instance = Instance()
    source = opened(block(serve(instance)))
    (ref,) = source.discover()
    instance.refused = [reply, reply]
    with pytest.raises(error):
        source.fetch(ref)


def test_a_wrong_login_is_sent_once_and_never_means_that_a_table_is_gone(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_U", "DE9999")
    service = serve(Instance())
    with pytest.raises(LoginRefused) as caught:
        fetched(block(service))
    assert len(service.asked) == 1
    assert "secret" not in caught.value.text()


def test_an_unknown_table_is_not_there(serve: Serve) -> None:
    with pytest.raises(NotThere):
        fetched(block(serve(Instance()), table="99999-0001"))


def test_too_large_a_result_is_refused(serve: Serve) -> None:
    with pytest.raises(TooLarge):
        fetched(block(serve(Instance()), max_bytes=300))


def test_every_instance_can_be_named() -> None:
    assert {"destatis", "regionalstatistik", "zensus2022", "bayern"} <= set(instances())
    for name, said in instances().items():
        found = options(f"{{type: genesis-api, instance: {name}, table: 12411-0001}}")
        assert found.options.base == said["url"]  # type: ignore[attr-defined]
        assert str(said["url"]).startswith("https://")
        assert {"title", "key", "licence", "attribution"} <= set(said)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("instance: regio", "connector.instance"),
        ("instance: destatis, parallel: 4", "connector.parallel"),
        ("instance: destatis, classifying: [GES]", "connector.classifying"),
        ("instance: destatis, quality: 'on'", "connector.quality"),
    ],
)
def test_a_wrong_block_is_told(more: str, key: str) -> None:
    with pytest.raises(LayoutError, match=key):
        options(f"{{type: genesis-api, table: x, {more}}}")


def test_recorded_answers_of_the_job_flow_are_understood(serve: Serve) -> None:
    flow = [
        path.read_bytes()
        for path in sorted(shared("samples/genesis_family/genesis/job_flow").iterdir())
    ]
    table = shared("samples/genesis_family/regio/12411-01-01-4.de.ffcsv.zip").read_bytes()
    meta = shared("samples/genesis_family/regio/12411-01-01-4.de.metadata_table.json").read_bytes()
    news = shared("samples/genesis_family/json/catalogue_modifieddata__modified1.json").read_bytes()
    flow = [meta, news, *flow[:4], table, json.dumps({"Status": {"Code": 0}}).encode()]
    service = serve(lambda _: Reply(flow.pop(0)))
    raw = fetched(block(service))
    assert flat_cells(raw.path).num_rows == len(lines(raw)) - 1 > 1000
    assert service.asked[-1].form["name"] == "12531-0043_175879554"
    assert flow == []


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("genesis_401_not_authorised.json", 401, LoginRefused),
        ("genesis_404_wrong_login.json", 404, LoginRefused),
        ("genesis_104_no_object.json", 200, NoData),
        ("genesis_maintenance_200.html", 200, Busy),
    ],
)
def test_reconstructed_errors_have_their_meaning(
    serve: Serve, name: str, code: int, error: type[FetchError]
) -> None:
    body = shared(f"synthetic/mock_responses/{name}").read_bytes()
    instance = Instance()
    source = opened(block(serve(instance)))
    (ref,) = source.discover()
    instance.refused = [Reply(body, code)] * 2
    with pytest.raises(error):
        source.fetch(ref)


@pytest.mark.parametrize("name", ["61111-0021", "63121-0001"])
def test_recorded_answers_without_data_are_no_delivery(serve: Serve, name: str) -> None:
    body = shared(f"samples/genesis_family/genesis/{name}.de.status.json").read_bytes()
    instance = Instance()
    source = opened(block(serve(instance)))
    (ref,) = source.discover()
    instance.refused = [Reply(body)]
    with pytest.raises(ServiceRefused if name == "61111-0021" else NoData):
        source.fetch(ref)

"""Every connector of the web against every failure: an error in good time, and no delivery."""

import time
from collections.abc import Callable

import pytest
from connector_world import Handler, Reply, Service, Some, drip, lying, options

from ckanext.sozialdaten.harvesters.core.connectors import connector, landing_folder
from ckanext.sozialdaten.harvesters.core.errors import HarvestError

Serve = Callable[[Handler], Service]
LOGIN = "credentials: {username: SOZIALDATEN_CREDENTIAL_A, password: SOZIALDATEN_CREDENTIAL_B}"
# URL stands for the failing service
BLOCKS = {
    "arcgis": "url: 'URL/rest/services/x/MapServer/0'",
    "ckan": "url: 'URL'",
    "dcat": "url: 'URL/catalog.xml'",
    "eurostat": "url: 'URL', dataset: demo, geo: [DEF09]",
    "genesis-api": f"url: 'URL/rest/2020/', table: 12411-0001, {LOGIN}",
    "http": "url: 'URL/x.csv'",
    "inkar": "url: 'URL', indicators: {'12': Quote}",
    "kommonitor": "url: 'URL/management'",
    "s3": f"endpoint: 'URL', region: eu-central-1, bucket: b, {LOGIN}",
    "wegweiser": "url: 'URL', indicators: [a], regions: [b], from_year: 2020, to_year: 2021",
    "wfs": "url: 'URL/wfs', layers: ['vg250:vg250_gem']",
}
FAILURES = {
    "too many requests": Reply(b"slow down", 429),
    "server error": Reply(b"Internal Server Error", 500),
    "cut off": Reply(b'{"result": {"count": 3, "results": [' + b" " * 500, cut=120),
    "a page in place of data": Reply(b"<!DOCTYPE html><html><body>Wartung</body></html>"),
    "nothing at all": Reply(b""),
    "an empty document": Reply(b"{}", headers={"Content-Type": "application/json"}),
}


@pytest.fixture(autouse=True)
def _login(web: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A", "B"):
        monkeypatch.setenv(f"SOZIALDATEN_CREDENTIAL_{name}", "geheim-4711")


def deliveries(kind: str, url: str) -> list[str]:
    """What a connector brings; asks once and waits a second at most."""
    given = BLOCKS[kind].replace("URL", url)
    connection = options(f"{{type: {kind}, retries: 0, seconds: 1, {given}}}")
    source = connector(Some(connection))
    folder = landing_folder(Some(connection))
    try:
        return [source.fetch(ref).name for ref in source.discover()]
    finally:
        left = [name for name in lying(folder) if name.endswith((".csv", ".json", ".zip"))]
        assert left == [], "what was begun may stay for the next run, but under another name"


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_failing_service_brings_an_error_and_no_delivery(
    serve: Serve, kind: str, failure: str
) -> None:
    if (kind, failure) == ("http", "an empty document"):
        pytest.skip("a document without figures is a delivery; its reader refuses it")
    with pytest.raises(HarvestError) as caught:
        deliveries(kind, serve(lambda _: FAILURES[failure]).url)
    assert caught.value.text("de") != caught.value.text("en")
    assert "geheim-4711" not in caught.value.text("de")


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_service_that_drips_is_given_up_at_the_deadline(kind: str) -> None:
    ports: list[int] = []
    server = drip(ports, b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", 0.2)
    start = time.monotonic()
    with pytest.raises(HarvestError):
        deliveries(kind, f"http://127.0.0.1:{ports[0]}")
    server.close()
    assert time.monotonic() - start < 8

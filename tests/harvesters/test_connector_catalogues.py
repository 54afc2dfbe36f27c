"""Catalogues: another CKAN by its action API, and DCAT-AP.de as RDF."""

from collections.abc import Callable

import pytest
from catalogue_world import Portal, RdfCatalogue, dataset, rdf_dataset
from connector_world import Handler, Reply, Service, opened, options
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.connectors import FetchError, Progress
from ckanext.sozialdaten.harvesters.core.connectors._catalogue import licence_ids, spelling
from ckanext.sozialdaten.harvesters.core.connectors._rdf import document
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    Busy,
    LoginRefused,
    ServiceRefused,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.ports import Ref
from ckanext.sozialdaten.lake.errors import LayoutError

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")


def ckan(service: Service, more: str = "") -> str:
    return f"{{type: ckan, url: '{service.url}', retries: 0{', ' if more else ''}{more}}}"


def dcat(service: Service, more: str = "") -> str:
    url = f"{service.url}/catalog.rdf"
    return f"{{type: dcat, url: '{url}', retries: 0{', ' if more else ''}{more}}}"


def found(block: str) -> list[Ref]:
    return list(opened(block).discover())


def test_a_list_comes_in_as_many_pages_as_the_portal_likes(serve: Serve) -> None:
    portal = Portal([dataset(n) for n in range(25)], most=10)
    refs = found(ckan(serve(portal)))
    assert len({ref.location for ref in refs}) == 25
    assert [page["start"] for page in portal.seen] == ["0", "10", "20"]
    assert [ref.marker for ref in refs] == sorted(ref.marker for ref in refs), "oldest first"


def test_a_thousand_datasets_take_one_request(serve: Serve) -> None:
    portal = Portal([dataset(n) for n in range(1000)])
    assert len(found(ckan(serve(portal)))) == 1000
    assert len(portal.seen) == 1


def test_only_what_changed_is_asked_for(serve: Serve) -> None:
    portal = Portal([dataset(1)])
    found(ckan(serve(portal), "changed_days: 7, filter: 'organization:kreis'"))
    assert portal.seen[0]["fq"] == "(organization:kreis) AND (metadata_modified:[NOW-7DAYS TO *])"


def test_format_licence_and_name_choose(serve: Serve) -> None:
    datasets = [
        dataset(1),
        dataset(2, format="XLSX"),
        dataset(3, license="http://dcat-ap.de/def/licenses/cc-by/4.0"),
        dataset(4, format="https://publications.europa.eu/resource/authority/file-type/CSV"),
        dataset(5, license="something of our own"),
    ]
    block = ckan(serve(Portal(datasets)), "formats: [csv], licences: [dl-de/by-2-0]")
    assert [ref.location[-5:] for ref in found(block)] == ["1.csv", "4.csv"]
    block = ckan(serve(Portal(datasets)), "files: ['*belle 2']")
    assert [ref.location[-5:] for ref in found(block)] == ["2.csv"]


def test_a_file_is_fetched_from_hosts_that_the_source_lists(serve: Serve) -> None:
    portal = Portal([])
    service = serve(portal)
    portal.datasets = [dataset(1, f"{service.url}/a.csv"), dataset(2)]
    source = opened(ckan(service))
    here, elsewhere = source.discover()
    assert source.fetch(here).path.read_bytes() == portal.file
    with pytest.raises(AddressRefused, match=r"files\.example"):
        source.fetch(elsewhere)


def test_a_portal_that_ignores_the_offset_never_ends_and_is_refused(serve: Serve) -> None:
    portal = Portal([dataset(n) for n in range(30)], most=10, endless=True)
    with pytest.raises(WrongAnswer, match="again and again"):
        found(ckan(serve(portal)))
    assert len(portal.seen) == 2


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"<html>bot wall</html>"), WrongAnswer),
        (Reply(b"<html>error</html>", 500), Busy),
        (Reply(b'{"success": false, "error": {"message": "Search error"}}', 400), ServiceRefused),
        (Reply(b'{"success": false, "error": {"message": "Search query"}}', 409), ServiceRefused),
        (
            Reply(b'{"success": false, "error": {"__type": "Authorization Error"}}', 403),
            LoginRefused,
        ),
        (Reply(b'{"success": false, "error": {"__type": "Not Found Error"}}'), ServiceRefused),
    ],
)
def test_a_portal_that_says_no_is_understood(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        found(ckan(serve(lambda _: reply)))


def test_pages_of_rdf_are_followed(serve: Serve) -> None:
    catalogue = RdfCatalogue([[rdf_dataset(1), rdf_dataset(2)], [rdf_dataset(3)]])
    service = serve(catalogue)
    catalogue.url = service.url
    refs = found(dcat(service))
    assert [ref.location for ref in refs] == [f"https://files.example/{n}.csv" for n in (1, 2, 3)]
    assert refs[0].name == "d1-r1.csv"
    assert refs[0].marker.startswith("2026-01-01")


def test_a_broken_dataset_is_told_and_the_others_go_on(serve: Serve) -> None:
    broken = rdf_dataset(2).replace("<dct:title", "<dct:title & ")
    catalogue = RdfCatalogue([[rdf_dataset(1), broken, rdf_dataset(3)], [rdf_dataset(4)]])
    service = serve(catalogue)
    catalogue.url = service.url
    told: list[Progress] = []
    refs = list(opened(dcat(service), told).discover())
    assert [ref.name for ref in refs] == ["d1-r1.csv", "d3-r3.csv", "d4-r4.csv"]
    (problem,) = [step.problem for step in told if step.problem]
    assert "https://a.example/dataset/d2" in problem.text()
    assert problem.place
    assert problem.place.row == 17


def test_a_circle_of_pages_is_refused(serve: Serve) -> None:
    catalogue = RdfCatalogue([[rdf_dataset(1)]], circle=True)
    service = serve(catalogue)
    catalogue.url = service.url
    with pytest.raises(WrongAnswer, match="again and again"):
        found(dcat(service))


def test_a_page_elsewhere_is_not_followed(serve: Serve) -> None:
    catalogue = RdfCatalogue([[rdf_dataset(1)], []], url="http://169.254.169.254")
    with pytest.raises(AddressRefused):
        found(dcat(serve(catalogue)))
    with pytest.raises(AddressRefused, match="private network"):
        found(dcat(serve(catalogue), "hosts: ['*']"))


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rdf:RDF/>',
        b'{"@context": "http://127.0.0.1:9/context", "@id": "x"}',
        b'{"@graph": [{"@context": {"@import": "http://127.0.0.1:9/"}}]}',
        b"no RDF at all {{{",
        b'<?xml version="1.0"?><rdf:RDF',
    ],
)
def test_what_is_no_rdf_or_wants_something_from_elsewhere_is_refused(
    serve: Serve, body: bytes
) -> None:
    service = serve(lambda _: Reply(body))
    with pytest.raises(NotReadable):
        found(dcat(service))
    assert len(service.asked) == 1


def test_nodes_without_a_name_have_the_same_name_each_time() -> None:
    turtle = b"""@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
[] a dcat:Dataset ; dct:title "Tafeln" ;
  dcat:distribution [ dcat:downloadURL <https://a.example/tafeln.csv> ] ."""
    first, second = (document(turtle, "x", {}).entries for _ in range(2))
    assert first == second
    assert first[0].files[0].format == "csv"


def test_an_html_page_in_place_of_rdf_is_told(serve: Serve) -> None:
    with pytest.raises(WrongAnswer):
        found(dcat(serve(lambda _: Reply(b"<!DOCTYPE html><html></html>"))))


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("http://dcat-ap.de/def/licenses/dl-by-de/2_0", "dl-de/by-2-0"),
        ("http://dcat-ap.de/def/licenses/dl-zero-de/2.0", "dl-de/zero-2-0"),
        ("https://www.govdata.de/dl-de/by-2-0", "dl-de/by-2-0"),
        ("http://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        ("dl-de-by-2.0", "dl-de/by-2-0"),
        ("officialWork", "official-work"),
        ("http://creativecommons.org/licenses/by-nc/4.0/", ""),
    ],
)
def test_a_licence_is_known_in_its_usual_spellings(text: str, licence: str) -> None:
    assert licence_ids().get(spelling(text), "") == licence


def test_an_unknown_licence_in_the_source_is_told() -> None:
    with pytest.raises(LayoutError, match=r"connector\.licences"):
        options("{type: ckan, url: 'https://a.example', licences: [mine]}")


def test_real_catalogues_give_their_files() -> None:
    licences = licence_ids()
    page = document(shared("samples/dcat_ap_de/metadata_max.rdf").read_bytes(), "x", licences)
    assert not page.problems
    files = [file for entry in page.entries for file in entry.files]
    assert {file.licence for file in files} >= {"dl-de/by-2-0"}
    assert any(file.url.endswith("2017-02-20.zip") for file in files)
    turtle = shared("samples/dcat_ap_de/rki_gisd_govdata.ttl").read_bytes()
    (entry,) = document(turtle, "x", licences).entries
    assert {file.licence for file in entry.files} == {"cc-by-4.0"}
    whole = document(shared("samples/dcat_ap_de/catalog-endpoint.rdf").read_bytes(), "x", licences)
    assert len(whole.entries) >= 6

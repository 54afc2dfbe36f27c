"""What a foreign dataset becomes here, whichever way its catalogue describes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from catalogue_world import Portal, dataset
from connector_world import Asked, Handler, Reply, Service
from shared_files import shared

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.catalogue import Copy, Listing, listing, retired
from ckanext.sozialdaten.harvesters.core.errors import NotReadable, SourceError
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")


def source(folder: Path, kind: str, url: str, **more: object) -> Source:
    text = {
        "id": "fremd",
        "title": {"de": "Fremder Katalog"},
        "owner_org": "kreis",
        "connector": {"type": kind, "url": url, "retries": 0},
        "catalogue": {"prefix": "fk", "themes": {"HEAL": ["health"]}},
        "dataset": {"protection_class": "open"},
    }
    path = folder / "fremd.yaml"
    path.write_text(yaml.safe_dump(text | more))
    return load_source(path)


def listed(made: Source) -> Listing:
    return listing(made, Register.default())


RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/"
 xmlns:foaf="http://xmlns.com/foaf/0.1/" xmlns:vcard="http://www.w3.org/2006/vcard/ns#"
 xmlns:dcatde="http://dcat-ap.de/def/dcatde/">
<dcat:Dataset rdf:about="https://a.example/d/1"><dct:title xml:lang="de">Pflege</dct:title>
 <dct:description>Pflege im Kreis</dct:description><dct:issued>2021-03-01T00:00:00</dct:issued>
 <dct:publisher><foaf:Organization><foaf:name>Land</foaf:name></foaf:Organization></dct:publisher>
 <dcat:contactPoint><vcard:Organization><vcard:fn>Amt</vcard:fn>
  <vcard:hasEmail rdf:resource="mailto:amt@land.example"/></vcard:Organization></dcat:contactPoint>
 <dcat:keyword>Pflege</dcat:keyword>
 <dcat:theme rdf:resource="http://publications.europa.eu/resource/authority/data-theme/HEAL"/>
 <dct:temporal><dct:PeriodOfTime><dcat:startDate>2020-01-01</dcat:startDate>
  <dcat:endDate>2022-12-31</dcat:endDate></dct:PeriodOfTime></dct:temporal>
 <dcatde:politicalGeocodingURI
  rdf:resource="http://dcat-ap.de/def/politicalGeocoding/districtKey/99001"/>
 <dcat:landingPage rdf:resource="https://a.example/pflege"/>
 <dcat:distribution><dcat:Distribution rdf:about="https://a.example/d/1/r/1">
  <dct:license rdf:resource="http://dcat-ap.de/def/licenses/dl-by-de/2.0"/>
  <dcatde:licenseAttributionByText>Land, Amt für Pflege</dcatde:licenseAttributionByText>
  <dcat:accessURL rdf:resource="https://a.example/pflege.csv"/>
 </dcat:Distribution></dcat:distribution></dcat:Dataset>%s</rdf:RDF>"""


def rdf(text: str) -> Handler:
    def answer(_: Asked) -> Reply:
        return Reply(text.encode(), headers={"Content-Type": "application/rdf+xml"})

    return answer


def test_all_that_dcat_ap_de_says_is_taken_over(serve: Serve, tmp_path: Path) -> None:
    (copy,) = listed(source(tmp_path, "dcat", serve(rdf(RDF % "")).url)).copies
    wanted = {
        "title": "Pflege",
        "notes": "Pflege im Kreis",
        "license_id": "dl-de/by-2-0",
        "license_attribution": "Land, Amt für Pflege",
        "publisher": [{"name": "Land"}],
        "contact": [{"name": "Amt", "email": "amt@land.example"}],
        "tag_string": "Pflege",
        "theme": ["HEAL"],
        "social_theme": ["health"],
        "temporal_coverage": [{"start": "2020-01-01", "end": "2022-12-31"}],
        "regions": ["99001"],
        "source_url": "https://a.example/pflege",
        "identifier": "https://a.example/d/1",
        "issued": "2021-03-01",
        "protection_class": "open",
    }
    assert {name: copy.dataset[name] for name in wanted} == wanted
    assert copy.resources == [
        {"name": "pflege.csv", "url": "https://a.example/pflege.csv", "format": "CSV"}
    ]


def test_a_broken_document_gives_its_sound_datasets_and_retires_none(
    serve: Serve, tmp_path: Path
) -> None:
    broken = '<dcat:Dataset rdf:about="https://a.example/d/2"><dct:title>&</dcat:Dataset>'
    made = source(tmp_path, "dcat", serve(rdf(RDF % broken)).url)
    found = listed(made)
    assert len(found.copies) == len(found.problems) == 1
    known = {"fremd/2": "x", found.copies[0].key: found.copies[0].digest}
    assert retired(made, found, known).keys == ()


def test_the_same_catalogue_gives_the_same_copies(serve: Serve, tmp_path: Path) -> None:
    made = source(tmp_path, "ckan", serve(Portal([dataset(n) for n in range(20)])).url)
    first, second = listed(made), listed(made)
    assert [copy.digest for copy in first.copies] == [copy.digest for copy in second.copies]
    assert len({copy.dataset["name"] for copy in first.copies}) == 20


def test_pages_of_a_portal_are_read_to_the_end(serve: Serve, tmp_path: Path) -> None:
    portal = Portal([dataset(n) for n in range(25)], most=10)
    assert len(listed(source(tmp_path, "ckan", serve(portal).url)).copies) == 25


def test_an_empty_catalogue_is_refused(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="lists no dataset"):
        listed(source(tmp_path, "ckan", serve(Portal([])).url))


def test_the_licence_of_the_source_stands_in_for_an_unknown_one(
    serve: Serve, tmp_path: Path
) -> None:
    url = serve(Portal([dataset(1) | {"license_id": "ours"}, dataset(2)])).url
    found = listed(source(tmp_path, "ckan", url))
    assert [len(found.copies), len(found.problems)] == [1, 1]
    found = listed(source(tmp_path, "ckan", url, licence="dl-de/zero-2-0"))
    assert [copy.dataset["license_id"] for copy in found.copies] == [
        "dl-de/zero-2-0",
        "dl-de/by-2-0",
    ]


def test_only_catalogues_list_datasets(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only connectors of catalogues"):
        source(tmp_path, "http", "https://a.example/x.csv")


@pytest.mark.parametrize(("gone", "retires"), [(5, True), (21, False)])
def test_a_short_list_is_doubted(tmp_path: Path, gone: int, retires: bool) -> None:
    made = source(tmp_path, "ckan", "https://a.example")
    known = {f"fremd/{number}": "x" for number in range(100)}
    found = Listing(tuple(Copy(key, {}, []) for key in list(known)[gone:]))
    left = retired(made, found, known)
    assert (len(left.keys), left.doubt is None) == ((gone, True) if retires else (0, False))


def test_a_real_catalogue_is_taken_over(serve: Serve, tmp_path: Path) -> None:
    text = shared("samples/dcat_ap_de/metadata_max.rdf").read_text("utf-8")
    (copy,) = listed(
        source(tmp_path, "dcat", serve(rdf(text)).url, licence="dl-de/zero-2-0")
    ).copies
    assert copy.dataset["notes"]
    assert copy.dataset["contact"]
    assert copy.dataset["temporal_coverage"]

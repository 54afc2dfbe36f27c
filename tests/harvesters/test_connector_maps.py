"""ArcGIS REST, WFS, INKAR and Wegweiser Kommune over real HTTP."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from connector_world import Asked, Handler, Reply, Service, opened, options
from hypothesis import given
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.connectors import FetchError
from ckanext.sozialdaten.harvesters.core.connectors.arcgis import regionalatlas_layer
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    Busy,
    LoginRefused,
    NoData,
    NotThere,
    ServiceRefused,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.lake.errors import LayoutError

Serve = Callable[[Handler], Service]
ATLAS = "service: regionalatlas, tables: [ai002]"
pytestmark = pytest.mark.usefixtures("web")


def said(document: object, status: int = 200) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), status)


def fetched(block: str) -> RawDelivery:
    source = opened(block)
    (ref,) = source.discover()
    return source.fetch(ref)


def features(raw: RawDelivery) -> list[dict[str, dict[str, object]]]:
    return json.loads(raw.path.read_text("utf-8"))["features"]


@dataclass
class Layer:
    """A layer that gives three features at a time, whatever it is asked for."""

    rows: list[Mapping[str, object]] = field(
        default_factory=lambda: [{"Gebietskennziffer": f"0105{n}", "wert": n} for n in range(7)]
    )
    edited: int | None = None
    answer: Reply | None = None
    stuck: bool = False

    def __call__(self, asked: Asked) -> Reply:
        if not asked.path.endswith("/query"):
            return said({"name": "kbetr_u3", "editingInfo": {"lastEditDate": self.edited}})
        if self.answer:
            return self.answer
        start = 0 if self.stuck else int(asked.one("resultOffset"))
        found = [{"attributes": row} for row in self.rows[start : start + 3]]
        more = self.stuck or start + 3 < len(self.rows)
        return said({"fields": [], "features": found, "exceededTransferLimit": more})


def arcgis(service: Service) -> str:
    return f"{{type: arcgis, url: '{service.url}/rest/services/x/MapServer/0', retries: 0}}"


def test_a_layer_comes_in_pages_while_its_limit_is_exceeded(serve: Serve) -> None:
    service = serve(Layer())
    raw = fetched(arcgis(service))
    assert [row["attributes"]["wert"] for row in features(raw)] == list(range(7))
    assert [asked.one("resultOffset") for asked in service.asked[1:]] == ["0", "3", "6"]


def test_the_digest_of_a_layer_is_that_of_its_rows(serve: Serve) -> None:
    layer = Layer()
    first = fetched(arcgis(serve(layer)))
    layer.rows.reverse()
    assert fetched(arcgis(serve(layer))).digest == first.digest
    layer.rows.pop()
    assert fetched(arcgis(serve(layer))).digest != first.digest


def test_a_layer_that_tells_its_last_edit_gives_it_as_marker(serve: Serve) -> None:
    (ref,) = opened(arcgis(serve(Layer(edited=1700000000000)))).discover()
    assert ref.marker == "1700000000000"


def test_a_layer_that_ignores_the_offset_is_refused(serve: Serve) -> None:
    with pytest.raises(WrongAnswer, match="again and again"):
        fetched(arcgis(serve(Layer(stuck=True))))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (said({"error": {"code": 400, "message": "Invalid parameters."}}), ServiceRefused),
        (said({"error": {"code": 499, "message": "Token Required"}}), LoginRefused),
        (said({"error": {"code": 500, "message": "Error performing query"}}), Busy),
        (said({"features": []}), NoData),
        (Reply(b"<html></html>"), WrongAnswer),
        (Reply(b"<html></html>", 503), Busy),
    ],
)
def test_no_error_of_arcgis_passes_as_data(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        fetched(arcgis(serve(Layer(answer=reply))))


def test_the_regionalatlas_is_asked_by_codes_for_each_year(serve: Serve) -> None:
    service = serve(Layer())
    more = "tables: [AI002-1-5], levels: [kreis], years: [2022, 2023]"
    raw = fetched(f"{{type: arcgis, service: regionalatlas, url: '{service.url}', {more}}}")
    layer = json.loads(service.asked[0].one("layer"))
    query = layer["source"]["dataSource"]["query"]
    assert "LEFT OUTER JOIN ai002_1_5 ON" in query
    assert "typ = 3 AND jahr = 2022" in query
    assert raw.name == "AI002-1-5.kreis.json"
    assert len(service.asked) == 6


@given(st.text(max_size=30))
def test_nothing_but_a_code_gets_into_the_sql(table: str) -> None:
    try:
        layer = regionalatlas_layer(table, "kreis", 2023)
    except ValueError:
        return
    query = layer["source"]["dataSource"]["query"]  # type: ignore[index]
    assert not set(query.split("JOIN ")[1].split(" ON")[0]) & set(" ;'\"()*/\\")


@pytest.mark.parametrize("table", ["ai002_1_5; DROP", "ai002 UNION SELECT", "x", "ai002_1_5--"])
def test_a_source_cannot_bring_its_own_sql(table: str) -> None:
    more = f"tables: ['{table}'], levels: [kreis], years: [2023]"
    with pytest.raises(LayoutError, match=r"connector\.tables"):
        options(f"{{type: arcgis, service: regionalatlas, {more}}}")


def test_a_new_vintage_of_the_deutschlandatlas_is_a_new_delivery(serve: Serve) -> None:
    names = [f"thema_{n:03d}_HA2023" for n in range(120)] + ["kbetr_u3_HA2023"]
    layer = Layer()

    def answer(asked: Asked) -> Reply:
        if asked.path != "/portal/sharing/rest/search":
            return layer(asked)
        start = int(asked.one("start"))
        found = [{"name": name, "modified": 1} for name in names[start - 1 : start + 99]]
        following = start + 100 if start + 100 <= len(names) else -1
        return said({"results": found, "nextStart": following})

    service = serve(answer)
    block = (
        f"{{type: arcgis, service: deutschlandatlas, url: '{service.url}', tables: [kbetr_u3*]}}"
    )
    (one,) = opened(block).discover()
    names.append("kbetr_u3_HA2024")
    source = opened(block)
    refs = list(source.discover())
    assert [ref.name for ref in refs] == ["kbetr_u3_HA2023.json", "kbetr_u3_HA2024.json"]
    assert refs[0] == one
    assert len(features(source.fetch(refs[1]))) == 7
    with pytest.raises(NotThere):
        list(opened(block.replace("kbetr_u3*", "gone*")).discover())


def test_recorded_answers_of_arcgis_are_understood(serve: Serve) -> None:
    folder = shared("synthetic/mock_responses")
    first = (folder / "deutschlandatlas_page1_exceeded.json").read_bytes()
    last = {"features": [{"attributes": {"Gebietskennziffer": "06440"}}]}
    replies = [said({"name": "x"}), Reply(first), said(last)]
    assert len(features(fetched(arcgis(serve(lambda _: replies.pop(0)))))) == 3
    error = (folder / "arcgis_error_http200.json").read_bytes()
    with pytest.raises(ServiceRefused):
        fetched(arcgis(serve(Layer(answer=Reply(error)))))


def test_the_reconstructed_answer_of_the_regionalatlas_is_understood(serve: Serve) -> None:
    body = shared("synthetic/mock_responses/regionalatlas_ok.json").read_bytes()
    service = serve(lambda _: Reply(body))
    more = "tables: [AI002-1-5], levels: [kreis], years: [2023]"
    raw = fetched(f"{{type: arcgis, service: regionalatlas, url: '{service.url}', {more}}}")
    assert [row["attributes"]["ai0201"] for row in features(raw)] == [123.4, None, None]


def test_the_reconstructed_page_of_vg250_is_understood(serve: Serve) -> None:
    body = shared("synthetic/mock_responses/wfs_vg250_page1.json").read_bytes()
    last = {"features": [{"properties": {"ags": "01056002", "gf": 4}}], "numberMatched": 3}
    replies = [Reply(body), said(last)]
    raw = fetched(wfs(serve(lambda _: replies.pop(0))))
    assert [row["properties"]["ags"] for row in features(raw)] == ["01056001", "01056002"]


@dataclass
class Borders:
    """A WFS with land, water, and keys of two Kreise."""

    page: int = 2
    matched: bool = True
    lost: int = 0

    def __call__(self, asked: Asked) -> Reply:
        rows = [("01056001", 4), ("01056002", 4), ("01056002", 2), ("06440001", 4), ("01056003", 4)]
        start = int(asked.one("startIndex"))
        here = rows[start : start + self.page]
        found = [
            {"type": "Feature", "properties": {"ags": key, "gf": gf}, "geometry": None}
            for key, gf in here
        ]
        count = {"numberMatched": len(rows) + self.lost} if self.matched else {}
        return said({"type": "FeatureCollection", "features": found, **count})


def wfs(service: Service, more: str = "within: ['01056']") -> str:
    return (
        f"{{type: wfs, url: '{service.url}/wfs', layers: ['vg250:vg250_gem'], retries: 0, {more}}}"
    )


@pytest.mark.parametrize("matched", [True, False])
def test_land_of_the_county_comes_in_pages_and_water_does_not(serve: Serve, matched: bool) -> None:
    raw = fetched(wfs(serve(Borders(matched=matched))))
    found = [feature["properties"]["ags"] for feature in features(raw)]
    assert found == ["01056001", "01056002", "01056003"]
    assert raw.name == "vg250_gem.geojson"


def test_fewer_features_than_counted_are_no_delivery(serve: Serve) -> None:
    with pytest.raises(WrongAnswer, match="Of 6 features only 5 came"):
        fetched(wfs(serve(Borders(lost=1))))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (
            Reply(
                b"<ows:ExceptionReport><ows:ExceptionText>Unknown layer</ows:ExceptionText></ows:"
            ),
            ServiceRefused,
        ),
        (Reply(b"<html></html>"), WrongAnswer),
        (said({"features": [], "numberMatched": 0}), NoData),
    ],
)
def test_no_error_of_a_wfs_passes_as_data(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        fetched(wfs(serve(lambda _: reply)))


@dataclass
class Inkar:
    """The page's own interface: JSON in a JSON string."""

    name: str = "Arbeitslosenquote"
    years: tuple[str, ...] = ("2020", "2021")
    rows: list[Mapping[str, object]] = field(
        default_factory=lambda: [{"Schlüssel": "01056", "Zeit": "2021", "Wert": 5.2}]
    )

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/Wizard/GetIndikatorInfo/12":
            return self.twice({"Info": [{"Name": self.name, "Kurzname": "ALQ"}]})
        body = json.loads(asked.body)
        assert body["IndicatorCollection"] == [{"Gruppe": "12"}]
        if asked.path == "/Wizard/GetM%C3%B6glich":
            found = [
                {"Gruppe": "12", "IndID": "240", "RaumID": "KRE", "ZeitID": f"Z{y}", "Zeit": y}
                for y in self.years
            ]
            return self.twice({"Möglich": found})
        assert {item["time"] for item in body["TimeCollection"]} <= {"Z2020", "Z2021"}
        return self.twice({"Daten": self.rows})

    @staticmethod
    def twice(document: object) -> Reply:
        return said(json.dumps(document, ensure_ascii=False))


def inkar(service: Service, more: str = "") -> str:
    name = "indicators: {'12': Arbeitslosenquote}"
    return f"{{type: inkar, url: '{service.url}', {name}, retries: 0{', ' if more else ''}{more}}}"


def test_inkar_is_decoded_twice(serve: Serve) -> None:
    service = serve(Inkar())
    raw = fetched(inkar(service, "years: ['2021']"))
    assert json.loads(raw.path.read_text("utf-8")) == [
        {"Schlüssel": "01056", "Zeit": "2021", "Wert": 5.2}
    ]
    sent = json.loads(service.asked[-1].body)
    wanted = {"group": "12", "indicator": "240", "level": "KRE", "time": "Z2021"}
    assert sent["TimeCollection"] == [wanted]


def test_a_new_edition_of_inkar_has_another_marker(serve: Serve) -> None:
    world = Inkar()
    markers = [next(iter(opened(inkar(serve(world))).discover())).marker for _ in range(2)]
    world.years = ("2020", "2021", "2022")
    markers.append(next(iter(opened(inkar(serve(world))).discover())).marker)
    assert markers[0] == markers[1] != markers[2]


def test_a_number_that_has_moved_to_another_indicator_is_refused(serve: Serve) -> None:
    with pytest.raises(ServiceRefused, match="Bodenfläche"):
        fetched(inkar(serve(Inkar(name="Bodenfläche"))))


def test_inkar_without_rows_is_no_delivery(serve: Serve) -> None:
    with pytest.raises(NoData):
        fetched(inkar(serve(Inkar(rows=[]))))


def test_the_reconstructed_answer_of_inkar_is_understood(serve: Serve) -> None:
    world = Inkar()
    table = shared("synthetic/mock_responses/inkar_GetDataTable_string_in_json.json").read_bytes()
    service = serve(lambda a: Reply(table) if a.path.startswith("/Table") else world(a))
    raw = fetched(inkar(service))
    assert [row["Wert"] for row in json.loads(raw.path.read_text("utf-8"))] == [5.2, None]


def wegweiser(service: Service) -> str:
    more = "indicators: [kinderarmut], regions: ['kommunen-mit-ags-01056*'], from_year: 2016"
    return f"{{type: wegweiser, url: '{service.url}', {more}, to_year: 2023, retries: 0}}"


def answering(table: Reply, version: Reply) -> Handler:
    return lambda asked: version if asked.path == "/rest/statistics/version" else table


def test_an_indicator_of_the_wegweiser_is_fetched_by_its_names(serve: Serve) -> None:
    service = serve(answering(Reply(b"Kommune;2023\nWedel;12,3\n"), said({"version": 7})))
    raw = fetched(wegweiser(service))
    assert raw.name == "kinderarmut.csv"
    path = "/rest/export/kinderarmut+kommunen-mit-ags-01056*+2016-2023+tabelle.csv"
    assert service.asked[-1].path.replace("%2A", "*") == path
    (ref,) = opened(wegweiser(service)).discover()
    assert '"version": 7' in ref.marker


def test_a_wrong_name_answers_with_a_page_and_is_no_data(serve: Serve) -> None:
    page = Reply(b"<!DOCTYPE html><html></html>")
    with pytest.raises(WrongAnswer):
        fetched(wegweiser(serve(answering(page, said({"version": 7})))))


def test_a_wegweiser_without_version_is_looked_at_each_time(serve: Serve) -> None:
    block = wegweiser(serve(answering(Reply(b"a;b\n1;2\n"), Reply(b"", 404))))
    assert len({next(iter(opened(block).discover())).marker for _ in range(2)}) == 2


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("type: wegweiser, indicators: ['../x'], regions: [ALLE], from_year: 1, to_year: 2", "ind"),
        ("type: wegweiser, indicators: [a], regions: ['a+b'], from_year: 1, to_year: 2", "regions"),
        ("type: wegweiser, indicators: [a], regions: [ALLE], from_year: 2, to_year: 1", "to_year"),
        ("type: inkar, indicators: {12: Arbeitslosenquote}", "indicators"),
        ("type: wfs", "layers"),
        ("type: arcgis, service: atlas", "service"),
        (
            "type: arcgis, service: regionalatlas, tables: [ai002], levels: [dorf], years: [2023]",
            "l",
        ),
        ("type: arcgis, service: regionalatlas, tables: [ai002], levels: [kreis]", "years"),
    ],
)
def test_a_wrong_block_is_told(block: str, key: str) -> None:
    with pytest.raises(LayoutError, match=rf"connector\.{key}"):
        options(f"{{{block}}}")

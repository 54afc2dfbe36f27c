"""Eurostat and KomMonitor over real HTTP."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from connector_world import Asked, Handler, Reply, Service, opened
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.connectors import FetchError
from ckanext.sozialdaten.harvesters.core.connectors._jsonstat import content_digest, joined
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    Busy,
    NoData,
    NotThere,
    ServiceRefused,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.harvesters.core.readers import Settings, read_file
from ckanext.sozialdaten.lake.errors import LayoutError

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")

WAIT = {"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Please try again later."}}
BIG = {"error": [{"status": 413, "id": 150, "label": "EXTRACTION_TOO_BIG: too big"}]}


def said(document: object, status: int = 200) -> Reply:
    return Reply(json.dumps(document).encode(), status)


@dataclass
class Eurostat:
    """A table of regions and years, with a limit of cells and a queue."""

    limit: int = 1000
    waits: int = 0
    updated: str = "2024-09-20T23:00:00+0200"
    geo: tuple[str, ...] = ("DEF09", "DE716", "DE71E")
    years: tuple[int, ...] = (2021, 2022, 2023)
    refused: list[Reply] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.one("lastTimePeriod"):
            return said(self.cube(self.geo[:1], self.years[-1:]))
        if self.refused:
            return self.refused.pop(0)
        if self.waits:
            self.waits -= 1
            return said(WAIT, 413)
        geo = [code for code in self.geo if code in asked.query.get("geo", self.geo)]
        first, last = (
            int(asked.one("sinceTimePeriod", "0")),
            int(asked.one("untilTimePeriod", "9999")),
        )
        years = [year for year in self.years if first <= year <= last]
        if len(geo) * len(years) > self.limit:
            return said(BIG, 413)
        return said(self.cube(geo, years))

    def cube(
        self, geo: "list[str] | tuple[str, ...]", years: "list[int] | tuple[int, ...]"
    ) -> object:
        cells = [(code, year) for code in geo for year in years]
        value = {
            str(n): 1000 * (self.geo.index(code) + 1) + year
            for n, (code, year) in enumerate(cells)
            if (code, year) != ("DE716", 2022)
        }
        return {
            "version": "2.0",
            "class": "dataset",
            "updated": self.updated,
            "value": value,
            "status": {str(n): "p" for n, (_, year) in enumerate(cells) if year == 2023},
            "id": ["geo", "time"],
            "size": [len(geo), len(years)],
            "dimension": {
                "geo": {"category": {"index": {c: n for n, c in enumerate(geo)}, "label": {}}},
                "time": {
                    "category": {"index": {str(y): n for n, y in enumerate(years)}, "label": {}}
                },
            },
        }


def eurostat(service: Service, more: str = "geo: [DEF09, DE716, DE71E], from_year: 2021") -> str:
    url = f"{service.url}/data/"
    return f"{{type: eurostat, url: '{url}', dataset: demo, retries: 2, {more}}}"


def fetched(block: str) -> RawDelivery:
    source = opened(block)
    (ref,) = source.discover()
    return source.fetch(ref)


def test_eurostat_gives_a_table_and_says_when_it_was_updated(serve: Serve) -> None:
    world = Eurostat()
    service = serve(world)
    (ref,) = opened(eurostat(service)).discover()
    assert ref.marker.startswith("2024-09-20T23:00:00+0200")
    raw = fetched(eurostat(service))
    assert len(json.loads(raw.path.read_text())["value"]) == 8
    world.updated = "2025-01-01T00:00:00+0100"
    (later,) = opened(eurostat(service)).discover()
    assert later.marker != ref.marker
    assert fetched(eurostat(service)).digest == raw.digest, "the cells are the same"


def test_the_same_status_means_wait_or_split_by_its_label(serve: Serve) -> None:
    whole = fetched(eurostat(serve(Eurostat())))
    waited = Eurostat(waits=2)
    assert fetched(eurostat(serve(waited))).digest == whole.digest
    split = Eurostat(limit=1)
    service = serve(split)
    assert fetched(eurostat(service)).digest == whole.digest
    assert len(service.asked) > 9


def test_a_note_beside_the_data_is_no_error(serve: Serve) -> None:
    world = Eurostat()
    noted = {**world.cube(world.geo, world.years), "warning": {"label": "Some note"}}
    world.refused = [said(noted)]
    assert fetched(eurostat(serve(world))).size > 0


def test_what_eurostat_cannot_split_is_told(serve: Serve) -> None:
    with pytest.raises(FetchError, match="too large"):
        fetched(eurostat(serve(Eurostat(limit=1)), "geo_level: nuts3"))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (
            said({"error": [{"status": 400, "label": "INVALID_QUERY_DIMENSION"}]}, 400),
            ServiceRefused,
        ),
        (said({"error": [{"status": 404, "label": "ERR_NOT_FOUND_4"}]}, 404), NotThere),
        (Reply(b"<S:Envelope><S:Fault/></S:Envelope>"), WrongAnswer),
        (Reply(b"<html></html>", 503), Busy),
        (said({"value": {}, "id": [], "size": [], "dimension": {}}), NoData),
    ],
)
def test_no_error_of_eurostat_passes_as_data(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        fetched(eurostat(serve(Eurostat(refused=[reply] * 3))))


def test_reconstructed_answers_of_the_same_status_differ_by_label(serve: Serve) -> None:
    folder = shared("synthetic/mock_responses")
    wait = Reply((folder / "eurostat_async.json").read_bytes(), 413)
    big = Reply((folder / "eurostat_413_too_big.json").read_bytes(), 413)
    whole = fetched(eurostat(serve(Eurostat())))
    assert fetched(eurostat(serve(Eurostat(refused=[wait, big])))).digest == whole.digest


def test_parts_of_a_real_sparse_cube_make_it_again() -> None:
    name = "synthetic/mock_responses/eurostat_jsonstat2_sparse.json"
    cube = json.loads(shared(name).read_text("utf-8"))
    assert joined([cube, cube])["value"] == cube["value"]
    assert content_digest(joined([cube, cube])) == content_digest(cube)


@dataclass
class KomMonitor:
    """An instance with one indicator on two levels; the second is not public.

    Args:
        old: speaks as 4.x did: without ``isPublic`` and times of change.
    """

    old: bool = False
    changed: str = "2026-01-15T10:30:00.000+00:00"
    answer: Reply | None = None
    value: str = "9.4"

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix("/kommonitor/management/public/")
        if "application/json" not in asked.headers.get("Accept", ""):
            return Reply(b"", 500)
        if path == "database/last-modification":
            if self.old:
                return self.unknown()
            return said({"indicators": self.changed, "spatial-units": self.changed})
        if path == "indicators":
            return said([self.indicator(), {**self.indicator(), "applicableDates": []}])
        if path == "spatial-units":
            return said([{"spatialUnitId": "u1", "spatialUnitLevel": "Gemeinden"}])
        if self.answer:
            return self.answer
        if path == "spatial-units/u1/allFeatures":
            return said({"type": "FeatureCollection", "features": [{"properties": {"ID": "01"}}]})
        if path == "indicators/i1/u1/without-geometry":
            rows = [{"ID": "01", "DATE_2024-12-31": self.value}, {"ID": "02"}]
            return said(rows if self.value == "9.4" else rows[::-1])
        return self.unknown()

    def indicator(self) -> dict[str, object]:
        units: list[dict[str, object]] = [
            {"spatialUnitId": "u1", "spatialUnitName": "Gemeinden"},
            {"spatialUnitId": "u2", "spatialUnitName": "Kreis"},
        ]
        found: dict[str, object] = {
            "indicatorId": "i1",
            "indicatorName": "Allgemeine Geburtenziffer",
            "applicableDates": ["2024-12-31"],
            "applicableSpatialUnits": units,
            "metadata": {"lastUpdate": "2026-01-15"},
        }
        if self.old:
            return {**found, "allowedRoles": []}
        for unit, public in zip(units, (True, False), strict=True):
            unit["isPublic"] = public
        return {**found, "isPublic": True}

    @staticmethod
    def unknown() -> Reply:
        error = {"type": "ResourceNotFoundException", "message": "was not found"}
        return said(error, 500)


def kommonitor(service: Service, more: str = "") -> str:
    url = f"{service.url}/kommonitor/management"
    return f"{{type: kommonitor, url: '{url}', retries: 0{', ' if more else ''}{more}}}"


def test_public_levels_of_an_indicator_are_fetched(serve: Serve) -> None:
    world = KomMonitor()
    service = serve(world)
    source = opened(kommonitor(service))
    (ref,) = source.discover()
    raw = source.fetch(ref)
    assert raw.name == "Allgemeine_Geburtenziffer.Gemeinden.i1.json"
    assert json.loads(raw.path.read_text())[0]["DATE_2024-12-31"] == "9.4"
    assert ref.marker.startswith(world.changed)


def test_an_instance_of_4_x_is_understood(serve: Serve) -> None:
    source = opened(kommonitor(serve(KomMonitor(old=True))))
    one, two = source.discover()
    assert one.marker == "2026-01-15 1 2024-12-31"
    assert source.fetch(one).size > 0
    with pytest.raises(NotThere):
        source.fetch(two)  # listed, but not public


def test_indicators_can_be_chosen_or_boundaries_in_their_place(serve: Serve) -> None:
    service = serve(KomMonitor())
    assert list(opened(kommonitor(service, "indicators: ['*armut*']")).discover()) == []
    assert len(list(opened(kommonitor(service, "indicators: ['allgemeine*']")).discover())) == 1
    source = opened(kommonitor(service, "boundaries: [Gemeinden]"))
    (boundaries,) = source.discover()
    assert source.fetch(boundaries).name == "Gemeinden.u1.geojson"
    with pytest.raises(LayoutError, match="boundaries or figures"):
        opened(kommonitor(service, "indicators: [x], boundaries: [Gemeinden]"))


def test_kommonitor_digests_tell_what_changed(serve: Serve) -> None:
    digests = [
        fetched(kommonitor(serve(KomMonitor(value=v)))).digest for v in ("9.4", "9.4", "9.5")
    ]
    assert digests[0] == digests[1] != digests[2]


def test_the_fixtures_of_kommonitor_are_understood(serve: Serve) -> None:
    folder = shared("kommonitor")
    files = {
        "database/last-modification": "synthetic_public_database_last-modification.json",
        "indicators": "synthetic_public_indicators.json",
        "spatial-units": "reconstructed_bochum_public_spatial-units.json",
    }

    def answer(asked: Asked) -> Reply:
        path = asked.path.rpartition("/public/")[2]
        if path.endswith("/without-geometry"):
            path = "synthetic_indicator_timeseries_without-geometry.json"
        elif path.endswith("/allFeatures"):
            path = "reconstructed_bochum_quartier_allFeatures.geojson"
        return Reply((folder / files.get(path, path)).read_bytes())

    service = serve(answer)
    source = opened(kommonitor(service))
    refs = list(source.discover())
    assert refs
    for ref in refs:
        batches = read_file(source.fetch(ref).path, "", Settings())
        assert sum(batch.num_rows for batch in batches) > 0
    borders = opened(kommonitor(service, "boundaries: ['*']"))
    assert borders.fetch(next(iter(borders.discover()))).size > 1000


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (said({"type": "x", "message": "No features could be retrieved"}, 500), NoData),
        (said([]), NoData),
        (said({"type": "NullPointerException", "message": ""}, 500), Busy),
        (Reply(b"", 500), Busy),
        (said({"encryptedData": "AAAA"}), ServiceRefused),
        (Reply(b"<html></html>"), WrongAnswer),
        (KomMonitor.unknown(), NotThere),
    ],
)
def test_each_500_of_kommonitor_has_its_meaning(
    serve: Serve, reply: Reply, error: type[FetchError]
) -> None:
    source = opened(kommonitor(serve(KomMonitor(answer=reply))))
    (ref,) = source.discover()
    with pytest.raises(error):
        source.fetch(ref)

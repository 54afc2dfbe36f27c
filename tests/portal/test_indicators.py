"""Pages of indicators and their files over real HTTP, on a small public lake."""

import csv
import html
import io
import json
import re
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pytest
from ckan.common import config
from ckan_world import World
from indicator_world import BIRTHS, SUPPORT, population, release

from ckanext.sozialdaten.lake import Lake, Zone

TOWN, VILLAGE, HAMLET = "99001001", "99001002", "99001003"
RATE = "/kennzahlen/geb_ziffer"
PEOPLE = {TOWN: 20_000, VILLAGE: 900, HAMLET: 4_000, "99001": 24_900, "DG": 80_000_000}
BORN = {TOWN: 190, VILLAGE: 0, HAMLET: ".", "99001": 230, "DG": 700_000}
YEARS = (2021, 2022, 2023)


@pytest.fixture(scope="module", autouse=True)
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Births and population of three Gemeinden, their Kreis and Germany."""
    folder = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(folder / "public"))
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{folder}/public.db")
        patch.setenv("SOZIALDATEN_FIGURES", str(folder / "figures"))
        made = Lake.open()
        all_years = (2020, *YEARS)
        population(made, {key: dict.fromkeys(all_years, n) for key, n in PEOPLE.items()})
        births = {(key, str(y)): n for key, n in BORN.items() for y in YEARS}
        births[TOWN, "2021"] = 150
        release(made, BIRTHS, "lebendgeborene", births)
        from ckanext.sozialdaten.indicators import Figures

        Figures.from_environment().build()
        yield made


def _text(body: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_answers_in_sentences_before_anything_else(world: World) -> None:
    answer = re.search(
        r'class="sd-answer">(.*?)</p>', world.page(f"{RATE}?gebiet={TOWN}", language="de").body
    )
    assert answer
    text = _text(answer[1])
    assert text.startswith("Musterstadt, 2023: 9,5 je 1.000 Einw. (95-%-Bereich: 8,2 bis 11,0).")
    assert "Zum Vergleich: Kreis Musterland 9,2; Deutschland 8,8." in text
    assert "Nicht sicher zu unterscheiden von: Kreis Musterland, Deutschland." in text


@pytest.mark.parametrize(
    "tab", ["verlauf", "karte", "rang", "verteilung", "zusammenhang", "tabelle"]
)
def test_every_view_has_a_table_method_source_and_no_inline_script(world: World, tab: str) -> None:
    body = world.page(f"{RATE}?gebiet={TOWN}&ansicht={tab}&mit=bev_stand", language="de").body
    assert '<table class="sd-table"' in body
    assert "Methode, Quelle und Qualität" in body
    assert "Zähler: Lebendgeborene des Jahres" in body
    assert re.findall(r"<script(?![^>]*src=)", body) == []
    assert " style=" not in body


def test_suppressed_and_zero_and_missing_have_words_of_their_own(world: World) -> None:
    text = _text(world.page(f"{RATE}?ansicht=tabelle", language="de").body)
    assert re.search(r"Ahornfeld 0,0 [^A-Za-z]*bis[^A-Za-z]* genau null", text)
    assert "Altmusterbach geheim gehalten zum Schutz von Personen" in text
    assert "Birkenmoos nicht verfügbar" in text


def test_a_form_leads_to_an_address_without_empty_fields(world: World) -> None:
    answer = world.app.get(
        f"{RATE}?gebiet={TOWN}&min=&klassen=jenks4&stand=", follow_redirects=False
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"{RATE}?gebiet={TOWN}&klassen=jenks4")


def test_what_the_address_asks_in_vain_is_said(world: World) -> None:
    body = world.page(f"{RATE}?gebiet=99009999&jahr=1888", language="de").body
    assert "„jahr“ in der Adresse passt hier zu nichts" in body
    assert "„gebiet“ in der Adresse passt hier zu nichts" in body


@pytest.mark.parametrize("path", ["/kennzahlen/gibtesnicht", "/kennzahlen/gibtesnicht.csv"])
def test_an_unknown_indicator_is_not_found(world: World, path: str) -> None:
    assert world.page(path).status_code == 404


def test_markup_in_the_address_stays_text(world: World) -> None:
    for name in ("gebiet", "jahr", "klassen", "mit", "in", "stichtag", "sortierung"):
        assert "<b>x" not in world.page(f"{RATE}?{name}=%3Cb%3Ex%22").body


def _csv(world: World, query: str) -> list[dict[str, str]]:
    text = world.app.get(f"/de{RATE}.csv{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_holds_the_same_state_with_everything_that_belongs_to_a_figure(
    world: World,
) -> None:
    rows = {row["region"]: row for row in _csv(world, "?jahr=2022&ansicht=karte")}
    assert float(rows[TOWN]["value"]) == pytest.approx(9.5)
    assert (rows[TOWN]["numerator"], rows[TOWN]["denominator"]) == ("190", "20000")
    assert (rows[HAMLET]["value"], rows[HAMLET]["state"]) == ("", "suppressed")
    assert (rows[VILLAGE]["value"], rows[VILLAGE]["state"]) == ("0", "value")
    assert rows[TOWN]["captured_at"].startswith("2025-01-01")


def test_the_time_series_is_a_file_of_its_lines(world: World) -> None:
    rows = _csv(world, f"?gebiet={TOWN}&von=2022&vergleich=bund")
    assert [(row["region"], row["period"]) for row in rows] == [
        (TOWN, "2022"),
        (TOWN, "2023"),
        ("DG", "2022"),
        ("DG", "2023"),
    ]


def test_the_workbook_has_numbers_and_a_sheet_of_the_method(world: World) -> None:
    data = world.app.get(f"/de{RATE}.xlsx?ansicht=karte").data
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Werte", "Methode"]
    rows = list(book["Werte"].values)
    first = dict(zip(rows[0], rows[1], strict=True))
    assert isinstance(next(row for row in rows if row[1] == TOWN)[6], float)
    assert first["unit"] == "je 1.000 Einw."
    method = {row[0]: row[1] for row in book["Methode"].values}
    assert method["Methode"].startswith("Zähler: Lebendgeborene")


def test_parquet_and_json_stat_and_geojson_agree_with_the_csv(world: World) -> None:
    query = "?ansicht=karte"
    expected = {row["region"]: float(row["value"]) for row in _csv(world, query) if row["value"]}
    table = pq.read_table(io.BytesIO(world.app.get(f"/de{RATE}.parquet{query}").data))
    listed = table.select(["region", "value"]).to_pylist()
    assert {r["region"]: r["value"] for r in listed if r["value"] is not None} == pytest.approx(
        expected
    )
    cube = json.loads(world.app.get(f"/de{RATE}.json{query}").data)
    keys = cube["dimension"]["region"]["category"]["index"]
    found = {k: v for k, v in zip(keys, cube["value"], strict=True) if v is not None}
    assert found == pytest.approx(expected)
    assert cube["status"][str(keys.index(HAMLET))] == "suppressed"
    shapes = json.loads(world.app.get(f"/de{RATE}.geojson{query}").data)["features"]
    values = {f["id"]: f["properties"]["value"] for f in shapes}
    assert values[TOWN] == pytest.approx(expected[TOWN])
    assert values[HAMLET] is None


@pytest.mark.parametrize("tab", ["verlauf", "karte", "rang", "verteilung", "zusammenhang"])
def test_pictures_are_well_formed_and_name_their_source(world: World, tab: str) -> None:
    answer = world.app.get(f"/de{RATE}.svg?gebiet={TOWN}&ansicht={tab}")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    text = "".join(ElementTree.fromstring(answer.data).itertext())
    assert "Datenstand" in text
    assert f"/kennzahlen/geb_ziffer?gebiet={TOWN}" in text


def test_png_and_pdf_are_what_they_say(world: World) -> None:
    assert world.app.get(f"/de{RATE}.png?ansicht=rang").data.startswith(b"\x89PNG")
    document = world.app.get(f"/de{RATE}.pdf?gebiet={TOWN}").data
    assert document.startswith(b"%PDF-1.7")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    unpacked = b"".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")
    assert b"/StructTreeRoot" in unpacked
    assert b"pdfuaid" in unpacked


def test_a_table_has_no_picture(world: World) -> None:
    assert world.page(f"{RATE}.svg?ansicht=tabelle").status_code == 404
    assert ".svg?" not in world.page(f"{RATE}?ansicht=tabelle").body.split("sd-downloads")[1][:900]


def test_the_overview_shows_a_tile_for_each_indicator_with_figures(world: World) -> None:
    body = world.page(f"/kennzahlen?gebiet={TOWN}", language="de").body
    tile = _text(body[body.index("geb_ziffer") :][:1500])
    assert "Allgemeine Geburtenziffer (Geburtenrate) 9,5 je 1.000 Einw." in tile
    assert "sgb2_quote" not in body
    assert "Geburtenziffer" not in world.page("/kennzahlen?q=Bevölkerungsstand").body


def test_typing_the_question_leads_to_the_page_that_answers_it(world: World) -> None:
    answer = world.app.get("/suche?q=Geburtenrate+Musterstadt+seit+2022", follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"{RATE}?gebiet={TOWN}&von=2022")


def test_an_open_question_lists_figures_places_and_datasets(world: World) -> None:
    text = _text(world.page("/suche?q=Geburten", language="de").body)
    assert "Allgemeine Geburtenziffer" in text
    assert "Kein Datensatz passt." in text
    assert "Musterstadt in Kreis Musterland" in _text(
        world.page("/suche?q=Musterst", language="de").body
    )


def test_the_page_of_a_region_shows_its_figures(world: World) -> None:
    body = world.page(f"/gebiete/{TOWN}", language="de").body
    assert f"{RATE}?gebiet={TOWN}" in body


def test_a_new_release_is_on_the_page_and_a_withdrawn_one_is_gone(world: World, lake: Lake) -> None:
    path = "/kennzahlen/kjh_hze_anzahl"
    before = world.page(path, language="de").body
    assert "Es gibt noch keine Werte" in before
    release(
        lake,
        SUPPORT,
        "junge_menschen",
        {(TOWN, "2023-12-31"): 77, (VILLAGE, "2023-12-31"): 3},
        {"altersgruppe": "INSGESAMT"},
        source="hze",
    )
    assert "77" in _text(world.page(f"{path}?gebiet={TOWN}", language="de").body)
    lake.forget(Zone.PUBLIC, "hze")
    assert "Es gibt noch keine Werte" in world.page(f"{path}?gebiet={TOWN}", language="de").body


@pytest.mark.parametrize(
    "twin",
    [
        "",
        "/einbetten",
        *(f".{kind}" for kind in ("csv", "xlsx", "json", "geojson", "svg", "parquet")),
    ],
)
def test_asking_for_an_earlier_day_revives_nothing_that_was_withdrawn(
    world: World, lake: Lake, twin: str
) -> None:
    said = "7777"
    figures = {(TOWN, "2023-12-31"): int(said), (VILLAGE, "2023-12-31"): 3}
    insured = {"altersgruppe": "INSGESAMT"}
    release(lake, SUPPORT, "junge_menschen", figures, insured, source="hze")
    today = lake.values("hze.junge_menschen", zone=Zone.PUBLIC).to_pylist()[0]["captured_at"]
    path = f"/kennzahlen/kjh_hze_anzahl{twin}?gebiet={TOWN}&stand={today.date().isoformat()}"
    assert world.page(path).status_code == 200
    lake.forget(Zone.PUBLIC, "hze")
    answer = world.page(path)
    assert said not in answer.get_data().decode("utf-8", "replace").replace(".", "")
    assert answer.status_code == (404 if twin else 200)


def test_figures_as_known_earlier_say_so(world: World) -> None:
    early = world.page(f"{RATE}?stand=2024-12-31", language="de").body
    assert "Es gibt noch keine Werte" in early
    late = world.page(f"{RATE}?stand=2025-06-30", language="de").body
    assert "Werte, wie sie am 30.06.2025 bekannt waren." in late


def test_the_page_of_a_region_ranks_it_among_the_municipalities_of_its_kreis(world: World) -> None:
    body = world.page(f"/gebiete/{TOWN}", language="de").body
    assert "Rang 1 von 3" in _text(body)
    label = re.search(r'aria-label="(Bevölkerungsstand[^"]*)"', body)
    assert label
    assert label[1].startswith("Bevölkerungsstand, 2023: 20.000")
    assert "Kreis Musterland" not in label[1], "a count is not compared with the whole"
    assert '<table class="sd-table" id="sd-profil-table"' in body


def test_a_region_is_set_beside_another_one_of_its_kreis_only(world: World) -> None:
    with_other = world.page(f"/gebiete/{TOWN}?mit={HAMLET}", language="de").body
    assert re.search(
        r"Bevölkerungsstand, 2023: 20\.000[^\"]*; Birkenmoos|Altmusterbach 4\.000", with_other
    )
    plain = _text(world.page(f"/gebiete/{TOWN}?mit=DG", language="de").body)
    assert "Deutschland 80.000.000" not in plain


def test_the_page_of_a_kreis_lists_its_areas_with_figures(world: World) -> None:
    body = world.page("/gebiete/99001", language="de").body
    row = re.search(rf'<a href="[^"]*/gebiete/{TOWN}">Musterstadt</a></th>(.*?)</tr>', body)
    assert row
    assert "20.000" in row[1]


def test_a_view_can_stand_in_a_frame_of_any_site_without_cookie_and_script(world: World) -> None:
    answer = world.app.get(f"/de{RATE}/einbetten?gebiet={TOWN}&von=2021")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.body
    assert f"{RATE}?gebiet={TOWN}&amp;von=2021" in answer.body, "the way back keeps the state"
    assert "<svg" in answer.body
    assert "Quelle:" in answer.body


def test_the_operator_says_which_sites_may_frame_a_view(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        config, "ckanext.sozialdaten.portal.embed_sites", "https://a.example, https://b.example"
    )
    policy = world.app.get(f"/de{RATE}/einbetten").headers["Content-Security-Policy"]
    assert "frame-ancestors https://a.example https://b.example" in policy
    page = world.app.get(f"/de{RATE}?gebiet={TOWN}").headers
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("tab", ["karte", "rang", "tabelle"])
def test_the_code_to_copy_leads_to_the_same_state(world: World, tab: str) -> None:
    body = world.page(f"{RATE}?gebiet={TOWN}&ansicht={tab}&jahr=2022", language="de").body
    code = re.search(r'id="sd-kz-embed" readonly value="([^"]*)"', body)
    assert code
    source = re.search(r'src="[^"]*(/kennzahlen/[^"]*)"', html.unescape(code[1]))
    assert source
    assert f"ansicht={tab}&amp;jahr=2022" in source[1]
    framed = world.app.get("/de" + html.unescape(source[1])).body
    assert "2022" in framed
    assert '<table class="sd-table"' in framed


def test_a_change_of_the_census_is_marked_in_the_line_and_told(world: World) -> None:
    body = world.page(f"{RATE}?gebiet={TOWN}", language="de").body
    assert "Ab 2022 beruhen die Werte auf einer anderen Zählung (Zensus 2022)" in _text(body)
    assert re.search(r'class="sd-break-name"[^>]*>Zensus 2022<|>Zensus 2022</text>', body)
    later = world.page(f"{RATE}?gebiet={TOWN}&von=2022", language="de").body
    assert "Zensus 2022</text>" not in later, "nothing to compare across the change"
    counted = world.page(f"/kennzahlen/geb_anzahl?gebiet={TOWN}", language="de").body
    assert "Zensus 2022</text>" not in counted, "births are counted, not continued"

"""The Sozialbericht and its files over real HTTP, on a small public lake."""

import csv
import io
import json
import re
import zipfile
import zlib
from typing import Any

import openpyxl
import pytest
from ckan_world import World
from report_world import BORN, HAMLET, PEOPLE, TOWN, VILLAGE, YEARS, lake  # noqa: F401

from ckanext.sozialdaten.lake import Lake, Zone

PATH = f"/sozialbericht/{TOWN}"


def _text(body: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " ").split())


def _entry(body: str, indicator: str) -> str:
    """The part of the page about an indicator."""
    return body.split(f'aria-labelledby="sd-{indicator}"', 1)[1].split("<details", 1)[0]


def test_a_figure_is_told_in_sentences_with_change_and_comparison(world: World) -> None:
    body = world.page(f"{PATH}?jahr=2023&seit=2019", language="de").body
    text = re.sub(r" (?=[.,;)])|(?<=\() ", "", _text(_entry(body, "geb_ziffer")))
    assert "2023 betrug der Wert 14,5 je 1.000 Einw." in text
    assert "Rechnet man den Zufall ein, liegt er zwischen" in text
    assert "Seit 2019 ist er um 7,0 gestiegen; damals betrug er 7,5." in text
    assert "Er ist höher als in Deutschland (8,8)." in text
    assert "Von dem Wert im Kreis (13,3) ist er nicht sicher zu unterscheiden." in text


def test_every_number_of_a_sentence_leads_to_the_page_of_its_indicator(world: World) -> None:
    words = _entry(world.page(PATH, language="de").body, "geb_ziffer").split("sd-report-words")[1]
    links = re.findall(r'href="(?:/de)?(/kennzahlen/geb_ziffer\?[^"]+)">', words)
    assert len(links) == 7  # with both ends of the interval
    for link in links:
        assert f"gebiet={TOWN}" in link
        assert world.page(link.replace("&amp;", "&"), language="de").status_code == 200


def test_a_count_is_not_compared_with_larger_regions(world: World) -> None:
    words = _text(_entry(world.page(PATH, language="de").body, "bev_stand"))
    assert "20.000 Personen" in words
    assert "niedriger" not in words


def test_a_hidden_figure_says_why_and_shows_no_number(world: World) -> None:
    body = world.page(f"/sozialbericht/{HAMLET}", language="de").body
    words = _text(_entry(body, "geb_ziffer"))
    assert "Für 2023 gibt es keinen Wert: geheim gehalten zum Schutz von Personen" in words


def test_without_birth_there_is_a_zero_and_not_a_gap(world: World) -> None:
    body = world.page(f"/sozialbericht/{VILLAGE}", language="de").body
    words = _text(_entry(body, "geb_ziffer"))
    assert "2023 · genau null" in words
    assert "2023 betrug der Wert 0,0 je 1.000 Einw." in words


def test_the_year_and_the_start_of_the_change_can_be_chosen(world: World) -> None:
    body = world.page(f"{PATH}?jahr=2021&seit=2020", language="de").body
    assert "<h1>Sozialbericht Musterstadt 2021</h1>" in body
    assert "Seit 2020" in _text(_entry(body, "geb_ziffer"))
    odd = world.page(f"{PATH}?jahr=%3Cb%3E&seit=9999", language="de")
    assert odd.status_code == 200
    assert "<b>" not in odd.body


def test_the_page_works_without_script_and_says_how_it_was_made(world: World) -> None:
    body = world.page(PATH, language="de").body
    assert re.findall(r"<script", body) == []
    assert " style=" not in body
    assert "So lesen Sie diesen Bericht" in body
    assert 'href="#sd-population"' in body


@pytest.mark.parametrize("path", ["/sozialbericht/99999999", "/sozialbericht/kein.pdf"])
def test_an_unknown_region_is_not_found(world: World, path: str) -> None:
    assert world.page(path).status_code == 404


def test_the_form_leads_to_the_report_of_a_region(world: World) -> None:
    assert TOWN in world.page("/sozialbericht").body
    answer = world.app.get(f"/sozialbericht?gebiet={TOWN}", follow_redirects=False)
    assert answer.headers["Location"].endswith(PATH)


def _csv(world: World, query: str = "") -> list[dict[str, str]]:
    body = world.app.get(f"/de{PATH}.csv{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_the_csv_holds_each_figure_of_the_report_with_its_source(world: World) -> None:
    found = {row["role"]: row for row in _csv(world) if row["indicator"] == "geb_ziffer"}
    assert set(found) == {"own", "before", "kreis", "land", "bund"}
    assert float(found["own"]["value"]) == pytest.approx(14.5)
    assert found["bund"]["verdict"] == "higher"
    assert found["land"]["state"] == "not_available"
    assert found["own"]["sources"]
    assert found["own"]["captured_at"]


def test_the_workbook_tells_the_same_with_numbers_as_numbers(world: World) -> None:
    book = openpyxl.load_workbook(io.BytesIO(world.app.get(f"/de{PATH}.xlsx").data))
    assert book.sheetnames[0] == "Sozialbericht"
    assert len(book.sheetnames) == 3
    rows = list(book.worksheets[1].values)
    assert len(rows) == len(_csv(world)) + 1
    assert any(isinstance(cell, float) for row in rows for cell in row)


def _unpacked(document: bytes) -> bytes:
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    return b"".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"x")


def test_the_document_is_tagged_and_names_title_and_language(world: World) -> None:
    document = world.app.get(f"/de{PATH}.pdf").data
    assert document.startswith(b"%PDF-1.7")
    inside = _unpacked(document)
    for part in (b"/StructTreeRoot", b"pdfuaid", b"/Lang (de)", b"/H1", b"/Table", b"/Outlines"):
        assert part in inside, part


def test_the_archive_opens_without_network(world: World) -> None:
    archive = zipfile.ZipFile(io.BytesIO(world.app.get(f"/de{PATH}.zip").data))
    names = {name.rsplit(".", 1)[1]: name for name in archive.namelist()}
    assert set(names) == {"html", "pdf", "xlsx", "csv"}
    page = archive.read(names["html"]).decode()
    assert "14,5 je 1.000 Einw." in page.replace("\u00a0", " ")
    # nothing that a browser would fetch
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def _shown(world: World, query: str) -> Any:
    answer = world.app.get(f"/de/api/3/action/sozialdaten_report_show?{query}")
    return json.loads(answer.body)


def test_machines_get_figures_and_sentences_without_an_account(world: World) -> None:
    found = _shown(world, f"region={TOWN}&year=2023&since=2019")["result"]
    entry = next(item for item in found["entries"] if item["indicator"] == "geb_ziffer")
    assert entry["change"] == "risen"
    assert "14,5" in entry["sentence"]
    own = entry["figures"][0]
    assert (own["role"], own["state"]) == ("own", "value")
    assert _shown(world, "region=99999999")["success"] is False


def test_withdrawn_figures_are_gone_from_page_files_and_action(world: World, lake: Lake) -> None:  # noqa: F811
    assert any(row["indicator"] == "geb_ziffer" for row in _csv(world))
    lake.forget(Zone.PUBLIC, "geburten")
    assert "geb_ziffer" not in world.page(PATH, language="de").body
    assert not any(row["indicator"] == "geb_ziffer" for row in _csv(world))
    assert "geb_ziffer" not in json.dumps(_shown(world, f"region={TOWN}"))

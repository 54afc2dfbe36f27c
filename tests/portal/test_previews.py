"""Map and time series of a table in the DataStore, as pages and files, over real HTTP."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from portal_world import AHORNFELD, ALTMUSTERBACH, MUSTERSTADT, Shown

from ckanext.sozialdaten.lake.layouts import Layout

SECRET_PARTS = "unvollständig: Teile sind geheim"
MAP, SERIES = "sozialdaten_map", "sozialdaten_timeseries"


def _table(body: str) -> dict[str, list[str]]:
    """The rows of the table of figures: first cell, then the texts of the others."""
    table = body[body.index('<table class="sd-table"') :]
    found = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        name, *rest = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
        found[name] = rest
    return found


def test_the_map_shows_the_latest_year_with_sums_over_the_age_groups(shown: Shown) -> None:
    table = _table(shown.view(MAP).body)
    assert table["Musterstadt"] == ["215", "vorläufig"]


def test_sums_with_a_suppressed_part_are_incomplete_and_so_is_the_district(shown: Shown) -> None:
    table = _table(shown.view(MAP).body)
    assert table["Ahornfeld"][0] == SECRET_PARTS
    assert table["Altmusterbach"][0] == "unvollständig"
    assert table["Kreis Musterland"][0] == SECRET_PARTS


def _with_totals(shown: Shown, totals: dict[str, int]) -> None:
    """Add totals of 2024 to the table, as a protected table holds them: not for every region."""
    records = [
        {
            "gebiet": region,
            "stichtag": "2024-12-31",
            "altersgruppe": "INSGESAMT",
            "junge_menschen": value,
        }
        for region, value in totals.items()
    ]
    admin = shown.world.account(sysadmin=True)
    shown.world.call(
        "datastore_upsert",
        admin,
        resource_id=shown.resource,
        records=records,
        method="insert",
        force=True,
    )


def test_a_total_withheld_because_of_its_parts_says_so(shown: Shown) -> None:
    _with_totals(shown, {MUSTERSTADT: 215})
    table = _table(shown.view(MAP, "?m.altersgruppe=INSGESAMT").body)
    assert table["Musterstadt"][0] == "215"
    assert table["Ahornfeld"][0] == SECRET_PARTS
    assert table["Birkenmoos"][0] == "nicht verfügbar"


def test_the_first_view_is_one_that_has_figures(shown: Shown) -> None:
    _with_totals(shown, {MUSTERSTADT: 215})
    first = shown.view(MAP).body
    assert "Altersgruppe: unter 6 Jahre" in first
    assert _table(first)["Musterstadt"][0] == "125"
    _with_totals(shown, {AHORNFELD: 20, ALTMUSTERBACH: 7})
    whole = shown.view(MAP).body
    assert "Altersgruppe: Insgesamt" in whole
    assert _table(whole)["Ahornfeld"][0] == "20"


def test_the_first_time_series_shows_the_region_of_which_most_is_known(shown: Shown) -> None:
    assert _table(shown.view(SERIES).body)["Berichtszeitpunkt"][0] == "Musterstadt"


def test_four_kinds_of_missing_are_told_apart_in_the_table(shown: Shown) -> None:
    young = _table(shown.view(MAP, "?m.altersgruppe=ALT000B06").body)
    older = _table(shown.view(MAP, "?m.altersgruppe=ALT006B15").body)
    assert young["Ahornfeld"][0] == "geheim gehalten zum Schutz von Personen"
    assert young["Altmusterbach"] == ["0", "genau null"]
    assert older["Altmusterbach"][0] == "nicht sinnvoll"
    assert young["Birkenmoos"][0] == "nicht verfügbar"


def test_the_year_comes_from_the_address(shown: Shown) -> None:
    body = shown.view(MAP, "?jahr=2023").body
    assert _table(body)["Musterstadt"][0] == "200"
    assert "31.12.2023" in body


def test_nonsense_in_the_address_is_ignored(shown: Shown) -> None:
    query = "?jahr=1066&ebene=galaxie&wert=geheim&m.altersgruppe=9&gebiet=%3Cscript%3E"
    answer = shown.view(MAP, query)
    assert answer.status_code == 200
    assert _table(answer.body)["Musterstadt"][0] == "215"
    assert "<script>" not in answer.body
    assert shown.view(SERIES, query).status_code == 200


def test_the_map_draws_every_gemeinde_also_those_without_a_row(shown: Shown) -> None:
    assert shown.view(MAP).body.count('data-key="99001') == 20


def test_figure_unit_source_period_and_licence_stand_beside_the_map(shown: Shown) -> None:
    body = shown.view(MAP).body
    facts = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body[body.index("sd-facts") :]))
    for text in ("Quelle Jugendamt", "Berichtszeitpunkt 31.12.2024", "Arbeitsfassung", "Lizenz"):
        assert text in facts


def test_a_map_of_counts_warns_of_comparing_them(shown: Shown) -> None:
    assert "Dies sind absolute Zahlen" in shown.view(MAP).body


def test_english_readers_get_english_words_and_numbers(shown: Shown) -> None:
    body = shown.view(MAP, language="en").body
    assert _table(body)["Ahornfeld"][0] == "incomplete: parts are suppressed"
    assert "These are counts" in body


def test_pages_carry_no_inline_script_or_style(shown: Shown) -> None:
    for kind in (MAP, SERIES):
        body = shown.view(kind).body
        preview = body[body.index('<div class="sd-preview"') :]
        assert re.findall(r"<script(?![^>]*src=)", preview) == []
        assert " style=" not in preview
        assert re.findall(r"\son\w+=", preview) == []


def test_no_page_of_ours_names_a_foreign_host(shown: Shown) -> None:
    for kind in (MAP, SERIES):
        loads = re.findall(r'(?:src|<link[^>]*href)="(https?://[^"]+)"', shown.view(kind).body)
        assert [url for url in loads if not url.startswith("http://test.ckan.net")] == []


def test_the_series_shows_the_chosen_gemeinden_and_the_district(shown: Shown) -> None:
    body = shown.view(SERIES, f"?gebiet={MUSTERSTADT}&gebiet={AHORNFELD}").body
    table = _table(body)
    assert table["Berichtszeitpunkt"] == ["Musterstadt", "Ahornfeld", "Kreis Musterland"]
    assert table["31.12.2023"][:2] == ["200", "21"]
    assert table["31.12.2024"] == ["215 vorläufig", SECRET_PARTS, SECRET_PARTS]


def test_the_series_says_that_the_district_is_an_incomplete_sum(shown: Shown) -> None:
    assert "ist die Summe seiner Gebiete" in shown.view(SERIES).body


def test_at_most_five_gemeinden_are_drawn(shown: Shown) -> None:
    query = "?" + "&".join(f"gebiet=990010{place:02}" for place in range(1, 9))
    header = _table(shown.view(SERIES, query).body)["Berichtszeitpunkt"]
    assert len(header) <= 6


@pytest.mark.parametrize("name", ["karte.svg", "karte.csv", "verlauf.svg", "verlauf.csv"])
def test_file_twins_are_for_those_who_may_read_the_resource(shown: Shown, name: str) -> None:
    stranger = shown.world.account()
    assert shown.file(name).status_code == 404
    assert shown.file(name, account=stranger).status_code == 404
    assert shown.file(name, account=shown.reader).status_code == 200


def test_views_of_a_private_dataset_are_hidden_from_strangers(shown: Shown) -> None:
    for view in shown.views.values():
        path = f"/dataset/{shown.name}/resource/{shown.resource}/view/{view}"
        assert shown.world.page(path).status_code == 404


def test_the_csv_holds_what_the_page_shows(shown: Shown) -> None:
    answer = shown.file("karte.csv", "?m.altersgruppe=ALT000B06", shown.reader)
    found = {row["ags"]: row for row in csv.DictReader(io.StringIO(answer.body.lstrip("\ufeff")))}
    assert found[MUSTERSTADT]["value"] == "125"
    assert found[MUSTERSTADT]["quality"] == "p"
    assert found[AHORNFELD]["value"] == ""
    assert found[AHORNFELD]["remark"] == "geheim gehalten zum Schutz von Personen"
    assert found[ALTMUSTERBACH]["value"] == "0"
    assert found[ALTMUSTERBACH]["remark"] == "genau null"
    assert found[MUSTERSTADT]["dimensions"] == "Altersgruppe: unter 6 Jahre"
    assert found[MUSTERSTADT]["Quelle"] == "Jugendamt"


def test_the_picture_is_svg_with_its_source(shown: Shown) -> None:
    answer = shown.file("verlauf.svg", account=shown.reader)
    root = ElementTree.fromstring(answer.body.encode())
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Quelle: Jugendamt" in texts


def test_the_dataset_page_links_to_map_and_series(shown: Shown) -> None:
    body = shown.world.page(f"/dataset/{shown.name}", shown.reader, "de").body
    assert f'href="/de/dataset/{shown.name}/karte"' in body
    assert f'href="/de/dataset/{shown.name}/verlauf"' in body


def test_the_short_address_leads_to_the_view(shown: Shown) -> None:
    headers = shown.reader.headers
    path = f"/dataset/{shown.name}/karte?jahr=2023"
    answer = shown.world.app.get(path, headers=headers, follow_redirects=False)
    assert answer.status_code == 302
    assert f"view_id={shown.views[MAP]}" in answer.headers["Location"]
    assert "jahr=2023" in answer.headers["Location"]
    assert shown.world.page(f"/dataset/{shown.name}/karte").status_code == 404


def test_a_resource_without_region_or_time_gets_no_preview(shown: Shown) -> None:
    import ckan.plugins as p

    plugin = p.get_plugin(MAP)
    whole = Layout.from_yaml("hze-gemeinde-altersgruppe").to_json_text()
    assert plugin.can_view({"resource": {"layout": whole}})
    for layout in ("", "{}", "no json", whole.replace('"region"', '"dimension"')):
        assert not plugin.can_view({"resource": {"layout": layout}})


def test_a_table_that_is_not_loaded_yet_says_so(shown: Shown) -> None:
    admin = shown.world.account(sysadmin=True)
    shown.world.call("datastore_delete", admin, resource_id=shown.resource, force=True)
    answer = shown.view(MAP)
    assert answer.status_code == 200
    assert "noch nicht geladen" in answer.body


def test_the_resource_page_shows_whole_title_and_german_types(shown: Shown) -> None:
    body = shown.world.page(
        f"/dataset/{shown.name}/resource/{shown.resource}", shown.reader, "de"
    ).body
    columns = body[body.index('id="columns"') :]
    assert "ganze Zahl" in columns
    assert "unter 6 Jahre" in columns
    assert "integer" not in columns


def test_the_moment_of_capture_stands_on_the_page_and_in_the_csv(shown: Shown) -> None:
    shown.world.call(
        "resource_patch", shown.reader, id=shown.resource, captured_at="2025-03-04T10:20:30+01:00"
    )
    assert "04.03.2025, 10:20 Uhr" in shown.view(MAP).body
    answer = shown.file("karte.csv", account=shown.reader)
    row = next(csv.DictReader(io.StringIO(answer.body.lstrip("\ufeff"))))
    assert row["captured_at"] == "2025-03-04T10:20:30+01:00"

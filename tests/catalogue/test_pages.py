"""The pages of the catalogue as people and machines read them."""

import io
import json

import pytest

from ckanext.sozialdaten.lake.layouts import Layout

LAYOUT = {
    "fields": [
        {"name": "gebiet", "type": "string", "role": "region", "title": "Gebiet"},
        {"name": "jahr", "type": "year", "role": "time", "title": "Jahr"},
        {"name": "faelle", "type": "integer", "role": "count", "title": "Fälle", "unit": "Anzahl"},
    ]
}


@pytest.fixture(scope="module")
def dataset(world, office, editor):
    return world.dataset(
        editor,
        office,
        name="hilfen",
        title="Hilfen zur Erziehung",
        title_en="Socio-educational support",
        notes_en="Cases by municipality.",
        license_id="dl-de/by-2-0",
        license_attribution="Kreis Westheim, Jugendamt",
        regions=["98001"],
        social_theme=["youth_welfare"],
        spatial_level="gemeinde",
        temporal_coverage=[{"start": "2022", "end": "2024"}],
        legal_basis=["sgb8-64"],
        publisher=[{"name": "Kreis Westheim"}],
        contact=[{"name": "Jugendamt", "email": "jugendamt@westheim.example"}],
        source_name="Fachverfahren des Jugendamts",
        policy="amtliche-statistik-3",
        quality_notes="Ohne *ruhende* Fälle.",
        frequency="ANNUAL",
        resources=[
            {
                "name": "Fälle",
                "url": "https://files.example/f.csv",
                "format": "CSV",
                "layout": json.dumps(LAYOUT),
                "quality_signs": "din-55301",
            }
        ],
    )


def test_the_dataset_page_names_codes_and_leaves_out_empty_fields(world, dataset, editor):
    body = world.page("/dataset/hilfen", editor, "de").body
    for text in (
        "Arbeitsfassung: nicht veröffentlicht",
        "Kreis Westheim",
        "2022 – 2024",
        "Kinder- und Jugendhilfe",
        "SGB VIII § 64",
        "Datenlizenz Deutschland – Namensnennung – Version 2.0",
        "Kreis Westheim, Jugendamt",
        "Amtliche Statistik, Mindestfallzahl 3",
        "<em>ruhende</em>",
        "jährlich",
    ):
        assert text in body, text
    assert "sgb8-64" not in body
    assert "Stichtag" not in body


def test_the_english_page_speaks_english(world, dataset, editor):
    body = world.page("/dataset/hilfen", editor, "en").body
    for text in (
        "<h1>",
        "Socio-educational support",
        "Cases by municipality.",
        "Working copy: not released",
        "Youth welfare",
        "Data licence Germany – Attribution – Version 2.0",
    ):
        assert text in body, text
    assert "Hilfen zur Erziehung" not in body


def test_the_resource_page_explains_the_columns(world, dataset, editor):
    resource = dataset["resources"][0]["id"]
    body = world.page(f"/dataset/hilfen/resource/{resource}", editor, "de").body
    for text in ("Merkmalsrolle", "Gebiet", "Anzahl", "Zeichenerklärung der amtlichen Statistik"):
        assert text in body, text


def test_the_layout_is_kept_as_it_was_given(world, dataset):
    stored = Layout.from_json(dataset["resources"][0]["layout"])
    assert stored == Layout.from_json(LAYOUT)


def test_the_search_page_shows_facets_and_a_place_search_without_javascript(world, dataset, editor):
    body = world.page("/dataset/", editor, "de").body
    assert "Sozialthema" in body
    assert "Kinder- und Jugendhilfe" in body
    assert 'name="ext_place"' in body
    assert "ext_place=98001001" in body
    assert '<path d="M' in body


def test_the_place_stays_chosen_when_another_filter_is_set(world, dataset, editor):
    body = world.page("/dataset/?ext_place=98001001&social_theme=care", editor, "de").body
    assert "Abbach" in body
    assert '<input type="hidden" name="ext_place" value="98001001">' in body
    assert "social_theme=care&amp;ext_place=" in body


@pytest.mark.parametrize("address", ["/dataset/", "/dataset/hilfen", "/dataset/new"])
def test_no_page_names_a_foreign_script_image_or_style(world, dataset, editor, address):
    body = world.page(address, editor, "de").body
    for attribute in ('src="http', "src='http", 'rel="stylesheet" href="http', "tile"):
        assert attribute not in body.replace('src="http://test.ckan.net', ""), attribute


def test_the_form_groups_its_fields_and_opens_those_with_errors(world, office, editor):
    body = world.page("/dataset/new", editor, "de").body
    assert body.count('class="sozialdaten-form-group"') == 8
    assert body.count(" open>") == 1
    assert 'name="private" value="True"' in body
    answer = world.app.post(
        "/dataset/new",
        headers=editor.headers,
        data={
            "title": "Test",
            "name": "test",
            "owner_org": office["id"],
            "notes": "x",
            "license_id": "cc-zero",
            "regions": "9001001",
            "_ckan_phase": "1",
            "pkg_name": "",
            "save": "go-resources",
        },
    )
    assert "09001001" in answer.body
    assert answer.body.count(" open>") == 2


def test_a_dataset_written_in_the_form_is_a_working_copy(world, office, editor):
    answer = world.app.post(
        "/dataset/new",
        headers=editor.headers,
        data={
            "title": "Pflege in Westheim",
            "owner_org": office["id"],
            "notes": "Nach Pflegegrad.",
            "license_id": "cc-zero",
            "private": "True",
            "regions": "Kreis Westheim\r\nKreis Ostheim (98002)",
            "social_theme": ["care", "health"],
            "temporal_coverage-0-start": "2020",
            "temporal_coverage-0-end": "2024",
            "publisher-0-name": "",
            "_ckan_phase": "1",
            "pkg_name": "",
            "save": "go-resources",
        },
        follow_redirects=False,
    )
    assert answer.status_code == 302
    made = world.call("package_show", editor, id="pflege-in-westheim")
    assert made["private"] is True
    assert made["regions"] == ["98001", "98002"]
    assert made["social_theme"] == ["care", "health"]
    assert made["temporal_coverage"] == [{"start": "2020", "end": "2024"}]


def test_help_and_error_of_a_field_are_tied_to_it(world, office, editor):
    answer = world.app.post(
        "/de/dataset/new",
        headers=editor.headers,
        data={"title": "", "license_id": "cc-zero", "_ckan_phase": "1", "save": "go-resources"},
    )
    assert 'aria-describedby="error-field-title help-field-title"' in answer.body
    assert '<span class="error-block" id="error-field-title">' in answer.body
    assert '<a href="#field-title">' in answer.body
    assert 'role="group" aria-labelledby="label-field-social_theme"' in answer.body


def test_a_file_without_a_name_is_called_like_the_file_and_follows_it(world, office, editor):
    made = world.dataset(editor, office)
    sent = {"package_id": made["id"], "upload": (io.BytesIO(b"a;b\n1;2\n"), "kitas 2023.csv")}
    resource = world.call("resource_create", editor, **sent)
    assert resource["name"] == resource["url"].rsplit("/")[-1]
    again = {"id": resource["id"], "upload": (io.BytesIO(b"a;b\n1;3\n"), "kitas-2024.csv")}
    changed = world.call("resource_patch", editor, **again)
    assert changed["name"] == "kitas-2024.csv"


def test_regions_are_found_by_their_name(world):
    found = json.loads(world.page("/gebiete/namen?q=ostheim").body)
    assert found == {"regions": ["Kreis Ostheim (98002)"]}


def test_the_turtle_of_a_dataset_says_what_dcat_asks_for(world, dataset, editor):
    from rdflib import Graph, Namespace

    body = world.page("/dataset/hilfen.ttl", editor).body
    graph = Graph().parse(io.StringIO(body), format="turtle")
    dct = Namespace("http://purl.org/dc/terms/")
    dcat = Namespace("http://www.w3.org/ns/dcat#")
    foaf = Namespace("http://xmlns.com/foaf/0.1/")
    assert "Kreis Westheim" in {str(name) for name in graph.objects(None, foaf.name)}
    assert any("districtKey/98001" in str(place) for place in graph.objects(None, dct.spatial))
    assert any(str(theme).endswith("data-theme/SOCI") for theme in graph.objects(None, dcat.theme))
    assert any("dl-by-de/2.0" in str(licence) for licence in graph.objects(None, dct.license))
    assert any(str(start).startswith("2022") for start in graph.objects(None, dcat.startDate))
    assert any(str(end).startswith("2024") for end in graph.objects(None, dcat.endDate))
    frequency = {str(item).rsplit("/")[-1] for item in graph.objects(None, dct.accrualPeriodicity)}
    assert frequency == {"ANNUAL"}

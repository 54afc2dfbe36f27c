"""Finding datasets by facets and by place, on the real search server."""

import pytest


@pytest.fixture(scope="module")
def themed(world, office, editor):
    """Three datasets that differ in everything that can be filtered by."""
    world.dataset(
        editor,
        office,
        name="jugend",
        social_theme=["youth_welfare", "families"],
        regions=["98001"],
        spatial_level="gemeinde",
        department="jugend",
        temporal_coverage=[{"start": "2022-06", "end": "2024"}],
        resources=[{"name": "Tabelle", "url": "https://files.example/t.csv", "format": "CSV"}],
    )
    world.dataset(
        editor,
        office,
        name="pflege",
        social_theme=["care"],
        regions=["98001001", "98001002"],
        spatial_level="gemeinde",
        department="pflege",
        reference_date="2024-12-31",
    )
    world.dataset(editor, office, name="land", regions=["98"], spatial_level="land")

    def search(**parameters):
        return world.call("package_search", editor, include_private=True, **parameters)

    return search


def names(found):
    return {dataset["name"] for dataset in found["results"]}


def test_every_facet_counts_and_filters(themed):
    facets = ["social_theme", "regions", "spatial_level", "year", "department", "res_format"]
    counted = themed(**{"facet.field": facets})["search_facets"]
    count = {
        facet: {item["name"]: item["count"] for item in counted[facet]["items"]} for facet in facets
    }
    assert count["social_theme"] == {"youth_welfare": 1, "families": 1, "care": 1}
    assert count["regions"] == {"98001": 1, "98001001": 1, "98001002": 1, "98": 1}
    assert count["spatial_level"] == {"gemeinde": 2, "land": 1}
    assert count["year"] == {"2022": 1, "2023": 1, "2024": 2}
    assert count["department"] == {"jugend": 1, "pflege": 1}
    assert count["res_format"] == {"CSV": 1}
    assert names(themed(fq="year:2024")) == {"jugend", "pflege"}
    assert names(themed(fq='regions:"98001" social_theme:families')) == {"jugend"}


def test_facet_items_carry_names_in_place_of_codes(themed):
    counted = themed(**{"facet.field": ["social_theme", "regions", "license_id"]})["search_facets"]
    shown = {item["display_name"] for facet in counted.values() for item in facet["items"]}
    assert {"Kinder- und Jugendhilfe", "Kreis Westheim", "Abbach"} <= shown
    assert "Datenlizenz Deutschland – Zero – Version 2.0" in shown


def test_a_place_finds_what_lies_in_it_and_what_it_lies_in(themed):
    expected = {
        "98001001": {"jugend", "pflege", "land"},
        "Abbach": {"jugend", "pflege", "land"},
        "980010001001": {"jugend", "pflege", "land"},
        "Kreis Westheim": {"jugend", "pflege", "land"},
        "98002": {"land"},
        "Cölbe": {"land"},
        "98": {"jugend", "pflege", "land"},
        "Nirgendwo": set(),
        '98" OR name:land': set(),
    }
    assert {place: names(themed(ext_place=place)) for place in expected} == expected


def test_a_box_finds_what_it_touches(themed):
    expected = {
        "10.02,50.12,10.05,50.15": {"jugend", "pflege", "land"},  # inside Bützow
        "10.12,50.02,10.18,50.08": {"land"},  # inside Ostheim
        "7,51,8,52": set(),
    }
    assert {box: names(themed(ext_bbox=box)) for box in expected} == expected


def test_the_names_of_region_and_theme_are_found_as_words(themed):
    assert names(themed(q="Westheim")) == {"jugend"}
    assert names(themed(q="Jugendhilfe")) == {"jugend"}
    assert names(themed(q="long-term care")) == {"pflege"}


def test_the_name_of_a_gemeinde_finds_what_shows_the_gemeinden_of_its_kreis(themed):
    assert names(themed(q="Abbach")) == {"jugend", "pflege"}
    assert names(themed(q="Cölbe")) == set()

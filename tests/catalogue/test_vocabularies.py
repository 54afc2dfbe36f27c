"""The vocabularies behind the dataset schema, without a portal."""

import datetime as dt
import math
from importlib import resources

import pytest
import yaml
from ckan.plugins import toolkit as tk
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.catalogue import validators
from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.licences import find_licence, licences
from ckanext.sozialdaten.catalogue.periods import covered_years, parse_period
from ckanext.sozialdaten.catalogue.places import find_place, place_map, place_search

SCHEMAS = resources.files("ckanext.sozialdaten.schemas")
LISTS = [
    item.name.removesuffix(".yaml")
    for item in (SCHEMAS / "codelists").iterdir()
    if item.name.endswith(".yaml")
]


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_german_and_an_english_name(name):
    codes = list(codelist(name))
    assert codes
    assert all(code.titles["de"] and code.titles["en"] for code in codes)
    assert len({code.value for code in codes}) == len(codes)


def test_every_social_theme_belongs_to_a_known_eu_theme():
    europe = codelist("data_themes")
    for theme in codelist("social_themes"):
        assert all(europe.find(code) for code in theme.more["data_themes"]), theme.code


def test_every_list_that_the_schema_names_exists():
    schema = yaml.safe_load((SCHEMAS / "dataset.yaml").read_text(encoding="utf-8"))
    fields = schema["dataset_fields"] + schema["resource_fields"]
    inner = [sub for field in fields for sub in field.get("repeating_subfields", ())]
    named = {field["codelist"] for field in fields + inner if "codelist" in field}
    assert named <= set(LISTS)


def test_every_field_has_german_and_english_texts_and_a_group_of_the_form():
    schema = yaml.safe_load((SCHEMAS / "dataset.yaml").read_text(encoding="utf-8"))
    groups = {group["id"] for group in schema["form_groups"]}
    for field in schema["dataset_fields"]:
        assert field["form_group"] in groups, field["field_name"]
        for text in ("label", "help_text"):
            if text in field:
                assert set(field[text]) == {"de", "en"}, field["field_name"]


@pytest.mark.parametrize(
    "text",
    [
        "dl-de/by-2-0",
        "dl-de-by-2.0",
        "DL-DE/BY-2-0",
        "dl-by-de/2.0",
        "https://www.govdata.de/dl-de/by-2-0",
    ],
)
def test_a_licence_is_known_in_every_usual_spelling(text):
    found = find_licence(text)
    assert found is not None
    assert found.id == "dl-de/by-2-0"
    assert found.attribution


def test_no_two_licences_share_a_spelling():
    for licence in licences():
        for text in (licence.id, licence.url, licence.deed):
            assert not text or find_licence(text) == licence


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SGB VIII §64", "sgb8-64"),
        ("SGB VIII § 64", "sgb8-64"),
        ("sgb_viii_64", "sgb8-64"),
        ("sgb8-64", "sgb8-64"),
        ("SGB X § 67c", "sgb10-67c"),
        ("BStatG §16", "bstatg-16"),
        ("SGB XII §121", "sgb12-121"),
    ],
)
def test_a_legal_basis_is_known_in_every_usual_spelling(text, code):
    assert validators.sozialdaten_legal_bases([text]) == f'["{code}"]'


@given(st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31)))
def test_a_day_is_read_in_iso_and_in_german_order(day):
    german = f"{day.day}.{day.month}.{day.year:04}"
    assert parse_period(day.isoformat()) == parse_period(german)
    assert parse_period(german).text == day.isoformat()


@given(st.integers(1000, 9999), st.integers(1, 12))
def test_a_month_ends_on_the_day_before_the_next(year, month):
    period = parse_period(f"{year}-{month:02}")
    assert period.first.day == 1
    assert period.last.month == month
    if period.last < dt.date.max:
        assert (period.last + dt.timedelta(days=1)).month == month % 12 + 1


@pytest.mark.parametrize(
    "text", ["", "2023-02-30", "31.02.2023", "24", "2024-13", "heute", "2024/12"]
)
def test_what_is_no_point_of_time_is_none(text):
    assert parse_period(text) is None


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2022-06", "2024", [2022, 2023, 2024]),
        ("2025", None, [2025, 2026]),
        (None, "2024", [2024]),
        (None, None, []),
        ("0001", "2024", list(range(1724, 2025))),
    ],
)
def test_the_years_of_a_period(start, end, years):
    assert covered_years(start, end, dt.date(2026, 11, 22)) == years


def test_a_layout_with_figures_needs_region_and_time():
    fields = [{"name": "n", "type": "integer", "role": "count"}]
    with pytest.raises(tk.Invalid, match=r"region.*time"):
        validators.sozialdaten_layout({"fields": fields})


@pytest.mark.parametrize(
    "layout",
    [
        "{",
        "[]",
        {"fields": []},
        {"fields": [{"name": "n", "role": "figure"}]},
        {"fields": [{"name": "n"}, {"name": "n"}]},
        {"fields": [{"name": "q", "quality_of": "n"}]},
        7,
    ],
)
def test_a_broken_layout_is_refused(layout):
    with pytest.raises(tk.Invalid):
        validators.sozialdaten_layout(layout)


def test_a_place_is_found_by_key_and_by_name():
    assert find_place("98001001").name == "Abbach"
    assert find_place(" bützow ").ags == "98001002"
    assert find_place("Nirgendwo") is None


def test_the_map_shows_every_region_with_a_boundary_to_scale():
    drawing = place_map()
    assert {shape.name for shape in drawing.shapes} >= {"Abbach", "Bützow", "Cölbe", "Musterstadt"}
    west, south, east, north = drawing.bounds
    assert west < 10.0 < 10.2 < east
    assert south < 50.0 < 50.2 < north
    # a degree of longitude is shorter than one of latitude by the cosine of the latitude
    true = (east - west) * math.cos(math.radians((south + north) / 2)) / (north - south)
    assert drawing.width / drawing.height == pytest.approx(true, rel=0.02)


def test_the_drawn_rectangle_comes_back_where_it_was_drawn():
    drawing = place_map()
    west, south, east, north = drawing.bounds
    across, down = drawing.width / (east - west), drawing.height / (north - south)
    search = place_search("/dataset/", [("ext_bbox", "10.0,50.1,10.1,50.2"), ("q", "Kita")])
    x, y, width, height = search.rectangle
    assert (x, y) == pytest.approx(((10.0 - west) * across, (north - 50.2) * down), abs=0.2)
    assert (width, height) == pytest.approx((0.1 * across, 0.1 * down), abs=0.2)
    assert search.without == "/dataset/?q=Kita"
    assert search.joint == "/dataset/?q=Kita&"


@given(st.text(max_size=40))
def test_no_text_in_the_address_breaks_the_place_box(text):
    search = place_search("/dataset/", [("ext_bbox", text), ("ext_place", text)])
    assert search.rectangle is None or len(search.rectangle) == 4

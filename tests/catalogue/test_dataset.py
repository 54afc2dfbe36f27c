"""Creating, reading and refusing datasets of the social-data schema."""

import pytest
from ckan_world import RefusedError

FULL = {
    "title_en": "Socio-educational support",
    "notes_en": "Cases by municipality and year.",
    "license_id": "dl-de-by-2.0",
    "license_attribution": "Kreis Musterland",
    "department": "jugend",
    "social_theme": ["youth_welfare", "families"],
    "regions": ["99001"],
    "spatial_level": "gemeinde",
    "temporal_coverage": [{"start": "2022", "end": "31.12.2024"}],
    "reference_date": "2024-12-31",
    "frequency": "annual",
    "legal_basis": ["SGB VIII §64", "SGB X § 67c", "BStatG §16"],
    "protection_class": "protected_aggregated",
    "publisher": [{"name": "Kreis Musterland", "type": "LocalAuthority"}],
    "contact": [{"name": "Jugendamt", "email": "jugendamt@musterland.example"}],
    "related_documents": [{"title": "Sozialbericht", "url": "https://musterland.example/bericht"}],
    "language": ["DEU"],
    "documentation": ["https://musterland.example/methode"],
    "quality_notes": "Ohne Fälle in Zuständigkeit anderer Jugendämter.",
    "source_name": "Fachverfahren des Jugendamts",
}


def test_a_dataset_needs_only_title_organisation_description_and_licence(world, office, editor):
    dataset = world.dataset(editor, office, title="Kita-Plätze in Musterstadt", name="")
    assert dataset["license_id"] == "dl-de/zero-2-0"
    assert dataset["name"] == "kita-plaetze-in-musterstadt"
    again = world.dataset(editor, office, title="Kita-Plätze in Musterstadt", name="")
    assert again["name"] == "kita-plaetze-in-musterstadt-2"


def test_a_full_dataset_comes_back_as_it_was_written(world, office, editor):
    written = world.dataset(editor, office, **FULL)
    read = world.call("package_show", editor, id=written["id"])
    assert read["social_theme"] == ["youth_welfare", "families"]
    assert read["regions"] == ["99001"]
    assert read["temporal_coverage"] == [{"start": "2022", "end": "2024-12-31"}]
    assert read["legal_basis"] == ["sgb8-64", "sgb10-67c", "bstatg-16"]
    assert read["license_id"] == "dl-de/by-2-0"
    assert read["frequency"].endswith("/frequency/ANNUAL")
    assert read["publisher"][0]["type"].endswith("publishertype/LocalAuthority")


def test_a_new_dataset_is_a_working_copy_unless_it_says_otherwise(world, office, editor):
    assert world.dataset(editor, office)["private"] is True


def test_what_was_read_can_be_written_back(world, office, editor):
    dataset = world.dataset(editor, office, **FULL)
    read = world.call("package_show", editor, id=dataset["id"])
    again = world.call("package_update", editor, **(read | {"version": "2"}))
    assert {key: value for key, value in again.items() if key in FULL} == {
        key: value for key, value in read.items() if key in FULL
    }


def test_the_spatial_coverage_follows_from_the_regions_whatever_is_sent(world, office, editor):
    forged = [{"uri": "https://elsewhere.example", "text": "Anderswo"}]
    dataset = world.dataset(editor, office, regions=["99001"], spatial_coverage=forged)
    names = [place["text"] for place in dataset["spatial_coverage"]]
    assert names == ["Kreis Musterland"]
    assert dataset["spatial_coverage"][0]["uri"].endswith("/districtKey/99001")


def test_eu_themes_follow_from_the_social_themes_unless_chosen(world, office, editor):
    derived = world.dataset(editor, office, social_theme=["care"])
    chosen = world.dataset(editor, office, social_theme=["care"], theme=["EDUC"])
    assert [theme.rsplit("/")[-1] for theme in derived["theme"]] == ["HEAL", "SOCI"]
    assert [theme.rsplit("/")[-1] for theme in chosen["theme"]] == ["EDUC"]


def test_derived_eu_themes_follow_when_the_social_themes_change(world, office, editor):
    def codes(dataset):
        return [theme.rsplit("/")[-1] for theme in dataset.get("theme", [])]

    derived = world.dataset(editor, office, social_theme=["care"])
    changed = world.call("package_patch", editor, id=derived["id"], social_theme=["finance"])
    assert codes(changed) != codes(derived)
    chosen = world.call("package_patch", editor, id=derived["id"], theme=["EDUC"])
    kept = world.call("package_patch", editor, id=derived["id"], social_theme=["care"])
    assert codes(chosen) == codes(kept) == ["EDUC"]
    emptied = world.call("package_patch", editor, id=derived["id"], theme=[])
    assert codes(emptied) == codes(derived)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("regions", ["9001001"], "09001001"),
        ("regions", ["99999999"], "99999999"),
        ("regions", ["Nirgendwo"], "Nirgendwo"),
        ("regions", ["Musterstat"], "Musterstadt (99001001)"),
        ("title", " ", "füllen"),
        ("social_theme", ["sports"], "youth_welfare"),
        ("reference_date", "2024", "2024-12-31"),
        ("reference_date", "2024-02-30", "2024-12-31"),
        ("temporal_coverage", [{"start": "2024", "end": "2022"}], "2024"),
        ("temporal_coverage", [{"start": "gestern"}], "gestern"),
        ("license_id", "gpl", "dl-de/zero-2-0"),
        ("legal_basis", ["SGB XX §1"], "sgb8-64"),
        ("policy", "none-such", "amtliche-statistik-3"),
        ("source_url", "musterland", "https://"),
        ("documentation", ["musterland"], "https://"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_enter_instead(
    world, office, editor, field, value, words
):
    with pytest.raises(RefusedError) as refused:
        world.dataset(editor, office, **{field: value})
    assert refused.value.status == 409
    said = str(refused.value.error[field])
    assert any(word in said for word in words.split("|")), said


@pytest.mark.parametrize("licence", ["dl-de/by-2-0", "cc-by-4.0", "odc-by"])
def test_a_licence_with_attribution_demands_its_text(world, office, editor, licence):
    with pytest.raises(RefusedError) as refused:
        world.dataset(editor, office, license_id=licence)
    assert "license_attribution" in refused.value.error


def test_a_field_is_emptied_by_an_empty_text(world, office, editor):
    dataset = world.dataset(editor, office, department="jugend")
    changed = world.call("package_patch", editor, id=dataset["id"], department="")
    assert "department" not in changed

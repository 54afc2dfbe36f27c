"""Whole groups in one category, lost signs, small areas."""

import dataclasses

import pytest
from disclosure_worlds import POLICY, found, named, rules, table

from ckanext.sozialdaten.disclosure import check, load_policy

PLACES = ["Nord", "Süd", "West"]


def crossed(category: str, labels: list[str], counts: list[list[object]]):
    """A tidy table: place x category."""
    return named(
        {
            "Ort": [place for place in PLACES for _ in labels],
            category: labels * len(PLACES),
            "Anzahl": [count for row in counts for count in row],
        }
    )


def test_a_whole_group_with_one_diagnosis_blocks() -> None:
    data = crossed("Diagnose", ["Sucht", "Herz", "Lunge"], [[7, 8, 9], [0, 12, 0], [5, 6, 4]])
    assert found(data) == {"group-disclosure"}


def test_nearly_a_whole_group_is_a_warning() -> None:
    data = crossed("Diagnose", ["Sucht", "Herz", "Lunge"], [[7, 8, 9], [5, 95, 0], [5, 6, 4]])
    report = check(data, None, POLICY)
    assert rules(report) == set()
    assert rules(report, "warn") == {"group-disclosure"}


def test_a_whole_group_in_a_harmless_dimension_gives_no_finding() -> None:
    data = crossed("Wochentag", ["Mo", "Di", "Mi"], [[7, 8, 9], [0, 12, 0], [5, 6, 4]])
    assert not check(data, None, POLICY).findings


def test_nobody_with_the_property_gives_no_finding() -> None:
    data = crossed("Sucht", ["ja", "nein"], [[7, 80], [0, 120], [5, 64]])
    assert not check(data, None, POLICY).findings


def test_everybody_with_the_property_blocks() -> None:
    data = crossed("Sucht", ["ja", "nein"], [[7, 80], [12, 0], [5, 64]])
    assert found(data) == {"group-disclosure"}


def test_columns_of_sensitive_categories_are_categories() -> None:
    data = named(
        {
            "Ort": PLACES,
            "Sucht": [7, 0, 5],
            "Depression": [9, 14, 6],
            "Demenz": [4, 0, 8],
            "Insgesamt": [20, 14, 19],
        }
    )
    assert found(data) == {"group-disclosure"}


def test_a_declared_sensitive_dimension_counts_as_one() -> None:
    data = crossed("Merkmal", ["a", "b", "c"], [[7, 8, 9], [0, 12, 0], [5, 6, 4]])
    assert not found(data)
    roles = {"Ort": "region", "Merkmal": "sensitive", "Anzahl": "count"}
    assert found(data, roles) == {"group-disclosure"}


def test_a_suppressed_category_hides_the_group() -> None:
    data = crossed("Diagnose", ["Sucht", "Herz", "Lunge"], [[7, 8, 9], [".", 12, "."], [5, 6, 4]])
    assert "group-disclosure" not in found(data)


def test_a_share_of_a_hundred_percent_blocks() -> None:
    data = named({"Ort": PLACES, "Anteil Arbeitslose in %": ["12,5", "100,0", "7,1"]})
    assert found(data) == {"group-disclosure"}
    harmless = named(
        {"Ort": PLACES, "Anteil Haushalte mit Internet in %": ["92,5", "100,0", "97,1"]}
    )
    assert not found(harmless)


def test_policies_say_how_full_a_group_is() -> None:
    data = crossed("Diagnose", ["Sucht", "Herz", "Lunge"], [[7, 8, 9], [10, 90, 5], [5, 6, 4]])
    assert not rules(check(data, None, POLICY))
    assert rules(check(data, None, load_policy("kleinraeumig"))) == {"group-disclosure"}


def test_a_zero_in_place_of_a_sign_blocks() -> None:
    data = named(
        {
            "Ort": PLACES,
            "männlich": [20, 0, 31],
            "weiblich": [18, 10, 40],
            "Insgesamt": [38, 16, 71],
        }
    )
    assert "suppression-mark" in found(data)


def test_one_row_is_enough_where_the_gap_is_small() -> None:
    data = named({"Ort": ["Süd"], "männlich": [0], "weiblich": [10], "Insgesamt": [12]})
    assert "suppression-mark" in found(data)


def test_zeros_in_sums_that_fit_give_no_finding() -> None:
    data = named(
        {
            "Ort": PLACES,
            "männlich": [20, 0, 31],
            "weiblich": [18, 10, 40],
            "Insgesamt": [38, 10, 71],
        }
    )
    assert not check(data, None, POLICY).findings


def test_a_value_beside_its_secret_sign_blocks() -> None:
    columns = {"Ort": PLACES, "Wert": [20, 14, 31], "Qualität": ["", ".", ""]}
    assert found(named(columns)) == {"suppression-mark"}
    assert not found(named({**columns, "Wert": [20, "", 31]}))


@pytest.mark.parametrize("code", ["-1", "-9", "-99"])
def test_a_negative_count_is_a_sign(code: str) -> None:
    data = named({"Ort": PLACES, "Anzahl": [20, code, 31]})
    assert rules(check(data, None, POLICY), "warn") == {"suppression-mark"}
    assert found(named({"Ort": PLACES, "Anzahl": [2, code, 31]})) == {"minimum-frequency"}


@pytest.mark.parametrize("mark", ["< 3", "1-2", "1 oder 2", "nan", "#NV", "k. A.", "*"])
def test_signs_that_say_how_small_a_count_is_are_no_counts(mark: str) -> None:
    data = named({"Ort": PLACES, "Anzahl": [20, mark, 31]})
    assert not found(data)


@pytest.mark.parametrize("cell", ["n = 2", "2 (3,7 %)", "(2)", "2 r"])
def test_a_small_count_in_other_clothes_is_found(cell: str) -> None:
    data = named({"Ort": PLACES, "Ergebnis": ["20 (40,0 %)", cell, "30 (60,0 %)"]})
    assert "minimum-frequency" in found(data)


def test_figures_of_tiny_areas_block_where_the_policy_says_so() -> None:
    data = named(
        {"Baublock": ["B1", "B2", "B3"], "Einwohner": [60, 450, 800], "Wohngeld": [12, 40, 50]}
    )
    small = load_policy("kleinraeumig")
    assert rules(check(data, None, small)) == {"small-area"}
    assert not rules(check(data, None, POLICY))
    large = dataclasses.replace(
        small, small_areas=dataclasses.replace(small.small_areas, minimum_population=50)
    )
    assert not rules(check(data, None, large))


def test_areas_alone_are_no_social_figures() -> None:
    data = table(Baublock=["B1", "B2", "B3"], Einwohner=[60, 450, 800])
    assert not rules(check(data, None, load_policy("kleinraeumig")))

"""Figures from released tables: what stands where, and why something does not."""

import datetime as dt
from typing import Any

import pytest
from indicator_world import (
    ALL,
    BIRTHS,
    PEOPLE,
    SUPPORT,
    births,
    computed,
    define,
    people,
    population,
    register,
    release,
    support,
    values,
    yearly,
)

from ckanext.sozialdaten.indicators import Indicator
from ckanext.sozialdaten.lake import Lake

PLACES = ("98001001", "98001002", "98001003")
TOTAL = {"altersgruppe": "INSGESAMT"}


def rate(more: str = "interval: poisson\n") -> Indicator:
    """Young persons with support per mille of the population."""
    inputs = f"inputs:\n  a: {support()}\n  b: {people()}\n"
    return define(f"{inputs}formula: {{per_mille: {{of: a, to: b}}}}\n{more}")


def birth_rate(more: str = "") -> Indicator:
    return define(
        f"inputs:\n  a: {births()}\n  b: {people(time='mean')}\n"
        f"formula: {{per_mille: {{of: a, to: b}}}}\n{more}"
    )


def supported(lake: Lake, figures: dict[str, dict[int, Any]], **more: Any) -> None:
    release(lake, SUPPORT, "junge_menschen", yearly(figures, "{}-12-31"), TOTAL, **more)


def born(lake: Lake, figures: dict[str, dict[int, Any]], **more: Any) -> None:
    release(lake, BIRTHS, "lebendgeborene", yearly(figures, "{}"), **more)


def test_a_rate_carries_everything_that_belongs_to_it(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2023: 2000}}, source="bev")
    supported(lake, {PLACES[0]: {2023: 10}}, source="hze", captured="2025-02-03")
    found = computed(rate(), lake)[PLACES[0], "2023"]
    assert found["value"] == pytest.approx(5.0)
    assert (found["numerator"], found["denominator"]) == (10, 2000)
    assert found["low"] == pytest.approx(2.398, abs=0.001)
    assert found["high"] == pytest.approx(9.195, abs=0.001)
    assert found["period_start"] == found["period_end"] == dt.date(2023, 12, 31)
    assert found["captured_at"] == dt.datetime(2025, 2, 3, tzinfo=dt.UTC)
    assert found["sources"] == ["bev.einwohner", "hze.junge_menschen"]
    assert (found["state"], found["age_days"], found["pooled"]) == ("value", 0, 1)


def test_a_birth_rate_divides_by_the_mean_population_of_its_year(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2022: 900, 2023: 1100}})
    born(lake, {PLACES[0]: {2022: 9, 2023: 10}})
    found = computed(birth_rate(), lake)
    assert found[PLACES[0], "2023"]["value"] == pytest.approx(10.0)
    assert found[PLACES[0], "2023"]["denominator"] == 1000
    assert found[PLACES[0], "2023"]["period_start"] == dt.date(2023, 1, 1)
    assert (PLACES[0], "2022") not in found, "no figure anywhere: the mean lacks its first half"


def test_every_region_of_the_kreis_has_a_row_with_or_without_figure(lake: Lake) -> None:
    population(lake, {key: {2023: 1000} for key in PLACES})
    supported(lake, {PLACES[0]: {2023: 5}})
    found = values(computed(rate(), lake))
    assert found == {
        (PLACES[0], "2023"): 5.0,
        (PLACES[1], "2023"): "not_available",
        (PLACES[2], "2023"): "not_available",
        ("98001", "2023"): "incomplete",
        ("98", "2023"): "not_available",
        ("DG", "2023"): "not_available",
    }


def test_zero_nothing_secret_and_absent_stay_four_things(lake: Lake) -> None:
    kreis = register({"98001": 4})
    population(lake, {f"9800100{number}": {2023: 1000} for number in range(1, 5)})
    supported(lake, {"98001001": {2023: 0}, "98001002": {2023: "-"}, "98001003": {2023: "."}})
    found = values(computed(rate(), lake, kreis))
    assert [found[f"9800100{number}", "2023"] for number in range(1, 5)] == [
        *(0.0, 0.0, "suppressed", "not_available"),
    ]


def test_a_blocked_cell_is_not_applicable_and_one_that_is_to_come_not_available(lake: Lake) -> None:
    population(lake, {key: {2023: 1000} for key in PLACES})
    born(lake, {PLACES[0]: {2023: "x"}, PLACES[1]: {2023: "..."}, PLACES[2]: {2023: 7}})
    body = f"inputs:\n  a: {births()}\nformula: {{value: a}}\n"
    found = values(computed(define(body), lake))
    assert [found[key, "2023"] for key in PLACES] == ["not_applicable", "not_available", 7.0]


def test_a_suppressed_figure_gives_no_part_of_itself_away(lake: Lake) -> None:
    population(lake, {key: {2023: 1000} for key in PLACES})
    supported(lake, {PLACES[0]: {2023: "."}, PLACES[1]: {2023: 4}, PLACES[2]: {2023: 6}})
    found = computed(rate(), lake)
    hidden = found[PLACES[0], "2023"]
    parts = ("value", "low", "high", "numerator", "denominator", "age_days")
    assert [hidden[name] for name in parts] == [None] * 6
    assert hidden["quality"] == "."
    assert found["98001", "2023"]["state"] == "suppressed", "the sum would give it back"


def test_a_kreis_is_added_up_only_from_all_its_gemeinden(lake: Lake) -> None:
    population(lake, {key: {2022: 1000, 2023: 1000} for key in PLACES})
    complete = {key: {2022: 2, 2023: 3} for key in PLACES}
    del complete[PLACES[2]][2023]
    supported(lake, complete)
    found = values(computed(rate(), lake))
    assert found["98001", "2022"] == pytest.approx(2.0)
    assert found["98001", "2023"] == "incomplete"


def test_the_sum_for_a_kreis_is_a_ratio_of_sums_and_no_mean_of_ratios(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2023: 9000}, PLACES[1]: {2023: 500}, PLACES[2]: {2023: 500}})
    supported(lake, {PLACES[0]: {2023: 9}, PLACES[1]: {2023: 5}, PLACES[2]: {2023: 6}})
    assert computed(rate(), lake)["98001", "2023"]["value"] == pytest.approx(2.0)


def test_the_row_of_the_kreis_itself_wins_over_the_sum(lake: Lake) -> None:
    population(lake, {**{key: {2023: 1000} for key in PLACES}, "98001": {2023: 3000}})
    supported(lake, {**{key: {2023: 1} for key in PLACES}, "98001": {2023: 6}})
    assert computed(rate(), lake)["98001", "2023"]["value"] == pytest.approx(2.0)


def test_a_land_is_never_added_up_from_the_kreise_that_happen_to_be_there(lake: Lake) -> None:
    body = f"inputs:\n  a: {people()}\nformula: {{value: a}}\n"
    population(lake, {key: {2023: 1000} for key in PLACES})
    found = values(computed(define(body), lake))
    assert found["98001", "2023"] == 3000
    assert found["98", "2023"] == "not_available"


def test_several_counties_feed_one_indicator(lake: Lake) -> None:
    kreise = register({"98001": 1, "98002": 1})
    for kreis, hilfen in (("98001", 4), ("98002", 6)):
        name = f"kreis{kreis}"
        population(lake, {f"{kreis}001": {2023: 1000}}, source=f"bev-{name}")
        supported(lake, {f"{kreis}001": {2023: hilfen}}, source=f"hze-{name}")
    found = computed(rate(), lake, kreise)
    assert found["98001", "2023"]["value"] == 4.0
    assert found["98002", "2023"]["value"] == 6.0
    assert found["98002001", "2023"]["sources"] == [
        "bev-kreis98002.einwohner",
        "hze-kreis98002.junge_menschen",
    ]


def test_of_two_datasets_that_state_a_cell_the_later_release_counts_once(lake: Lake) -> None:
    body = f"inputs:\n  a: {people()}\nformula: {{value: a}}\n"
    population(lake, {"98": {2023: 100}}, source="erste", captured="2024-06-01")
    population(lake, {"98": {2023: 101}}, source="zweite", captured="2024-07-01")
    found = computed(define(body), lake)["98", "2023"]
    assert (found["value"], found["sources"]) == (101, ["zweite.einwohner"])


def test_a_sum_over_codes_needs_every_code(lake: Lake) -> None:
    body = f"inputs:\n  a: {people('{ages: [0, 5]}')}\nformula: {{value: a}}\n"
    for code, gone in (("ALT000B03", ()), ("ALT003B06", (PLACES[1],))):
        cells = {(key, "2023-12-31"): 10 for key in PLACES if key not in gone}
        release(lake, PEOPLE, "einwohner", cells, {"geschlecht": "INSGESAMT", "altersgruppe": code})
    found = values(computed(define(body), lake))
    assert [found[key, "2023"] for key in PLACES] == [20.0, "incomplete", 20.0]


def test_codes_count_with_their_weights(lake: Lake) -> None:
    item = people("[ALT000B03, ALT003B06]")[:-1]
    body = f"inputs:\n  a: {item}, weights: {{altersgruppe: {{ALT000B03: 1, ALT003B06: 0.2}}}}}}\n"
    for code in ("ALT000B03", "ALT003B06"):
        cells = {(PLACES[0], "2023-12-31"): 10}
        release(lake, PEOPLE, "einwohner", cells, {"geschlecht": "INSGESAMT", "altersgruppe": code})
    found = computed(define(body + "formula: {value: a}\n"), lake)
    assert found[PLACES[0], "2023"]["value"] == pytest.approx(12.0)


def test_of_several_stichtage_the_last_of_the_year_counts_or_the_named_one(lake: Lake) -> None:
    cells = {(PLACES[0], f"2023-{day}"): n for day, n in (("03-01", 5), ("06-30", 6), ("12-31", 7))}
    release(lake, PEOPLE, "einwohner", cells, ALL)
    last = define(f"inputs:\n  a: {people()}\nformula: {{value: a}}\n")
    assert computed(last, lake)[PLACES[0], "2023"]["value"] == 7
    march = define(f'inputs:\n  a: {people()[:-1]}, day: "03-01"}}\nformula: {{value: a}}\n')
    found = computed(march, lake)[PLACES[0], "2023"]
    assert (found["value"], found["period_end"]) == (5, dt.date(2023, 3, 1))


def test_a_year_of_months_is_complete_with_all_twelve(lake: Lake) -> None:
    body = define(f"inputs:\n  a: {births()}\nformula: {{value: a}}\n")
    months = {(PLACES[0], f"2023-{month:02}"): 1 for month in range(1, 13)}
    release(lake, BIRTHS, "lebendgeborene", months)
    assert values(computed(body, lake))[PLACES[0], "2023"] == 12
    del months[PLACES[0], "2023-07"]
    release(lake, BIRTHS, "lebendgeborene", {(PLACES[1], time): 1 for _, time in months})
    assert values(computed(body, lake))[PLACES[1], "2023"] == "incomplete"


def test_quarters_and_months_are_periods_of_their_own(lake: Lake) -> None:
    release(lake, BIRTHS, "lebendgeborene", {(PLACES[0], "2023-02"): 3, (PLACES[0], "2023-03"): 4})
    body = f"inputs:\n  a: {births()}\nformula: {{value: a}}\nperiods: month\n"
    found = values(computed(define(body), lake))
    assert (found[PLACES[0], "2023-02"], found[PLACES[0], "2023-03"]) == (3.0, 4.0)


def test_an_older_denominator_is_used_only_where_the_rule_says_so_and_tells_its_age(
    lake: Lake,
) -> None:
    population(lake, {PLACES[0]: {2021: 1000}})
    supported(lake, {PLACES[0]: {2021: 3, 2022: 4, 2023: 5}})
    latest = people()[:-1] + ", time: latest, within_years: 1}"
    body = f"inputs:\n  a: {support()}\n  b: {latest}\nformula: {{per_mille: {{of: a, to: b}}}}\n"
    found = computed(define(body), lake)
    assert (found[PLACES[0], "2022"]["value"], found[PLACES[0], "2022"]["age_days"]) == (4.0, 365)
    assert (PLACES[0], "2023") not in found


def test_small_numerators_are_pooled_over_years(lake: Lake) -> None:
    population(lake, {PLACES[0]: dict.fromkeys(range(2020, 2024), 1000)})
    supported(lake, {PLACES[0]: {2020: 1, 2021: 2, 2022: 3, 2023: 30}})
    found = computed(rate("interval: poisson\nsmall_numbers: {below: 10, years: 3}\n"), lake)
    pooled = found[PLACES[0], "2022"]
    assert pooled["value"] == pytest.approx(2.0)
    assert (pooled["numerator"], pooled["denominator"], pooled["pooled"]) == (6, 3000, 3)
    assert (pooled["period_start"], pooled["period_end"]) == (
        dt.date(2020, 12, 31),
        dt.date(2022, 12, 31),
    )
    assert found[PLACES[0], "2023"]["pooled"] == 1
    assert found[PLACES[0], "2021"]["pooled"] == 1, "there are no three years yet"


def test_years_with_a_hidden_figure_are_not_pooled(lake: Lake) -> None:
    population(lake, {PLACES[0]: dict.fromkeys(range(2020, 2024), 1000)})
    supported(lake, {PLACES[0]: {2020: ".", 2021: 2, 2022: 3, 2023: 4}})
    found = computed(rate("small_numbers: {below: 10, years: 3}\n"), lake)
    assert found[PLACES[0], "2022"]["pooled"] == 1
    assert found[PLACES[0], "2023"]["pooled"] == 3
    assert found[PLACES[0], "2020"]["state"] == "suppressed"


def test_signs_beside_figures_travel_to_the_result(lake: Lake) -> None:
    supported(lake, {PLACES[0]: {2023: (4, "p"), 2022: 3}})
    population(lake, {PLACES[0]: {2022: (1000, "r"), 2023: 1000}})
    found = computed(rate(), lake)
    assert found[PLACES[0], "2023"]["quality"] == "p"
    assert found[PLACES[0], "2022"]["quality"] == "r"


def test_the_state_of_an_earlier_day_is_computed_as_it_was_known(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2023: 1000}}, captured="2024-01-01")
    supported(lake, {PLACES[0]: {2023: 4}}, captured="2024-02-01")
    supported(lake, {PLACES[0]: {2023: 5}}, captured="2024-06-01")
    assert computed(rate(), lake)[PLACES[0], "2023"]["value"] == 5.0
    then = computed(rate(), lake, as_of=dt.date(2024, 3, 1))
    assert then[PLACES[0], "2023"]["value"] == 4.0


def test_regions_and_spans_narrow_the_answer(lake: Lake) -> None:
    population(lake, dict.fromkeys(PLACES, dict.fromkeys(range(2018, 2024), 1000)))
    body = define(f"inputs:\n  a: {people()}\nformula: {{value: a}}\n")
    some = computed(
        body, lake, regions=["98001"], start=dt.date(2020, 1, 1), end=dt.date(2021, 12, 31)
    )
    assert sorted(some) == [("98001", "2020"), ("98001", "2021")]


def test_without_data_there_is_no_row_and_no_error(lake: Lake) -> None:
    assert computed(rate(), lake) == {}


def test_an_indicator_of_indicators_follows_their_formulas(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2022: 1000, 2023: 1000}})
    supported(lake, {PLACES[0]: {2022: 4, 2023: 5}})
    inner = rate()
    outer = define(
        "formula: {change: {of: {indicator: probe}, years: 1, relative: true}}\n", name="aussen"
    )
    found = computed(outer, lake, others=[inner])
    assert found[PLACES[0], "2023"]["value"] == pytest.approx(25.0)
    assert found[PLACES[0], "2023"]["numerator"] is None


def test_a_levels_key_keeps_other_levels_out(lake: Lake) -> None:
    population(lake, {key: {2023: 1000} for key in PLACES})
    body = f"inputs:\n  a: {people()}\nformula: {{value: a}}\nlevels: [kreis]\n"
    assert list(computed(define(body), lake)) == [("98001", "2023")]

"""What a definition may say, and what is refused with file, key and way out."""

from pathlib import Path

import pytest
from indicator_world import HEAD, births, define, folder_of, people

from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.indicators import DefinitionError, UnknownIndicatorError, catalogue
from ckanext.sozialdaten.indicators._definitions import read_text

ONE = f"inputs:\n  a: {people()}\nformula: {{value: a}}\n"


def refusal(body: str, unit: str = "Zahl") -> str:
    with pytest.raises(DefinitionError) as caught:
        define(body, unit)
    assert caught.value.place
    assert caught.value.place.file == "probe.yaml"
    return caught.value.text()


def two(a: str, b: str, formula: str) -> str:
    return f"inputs:\n  a: {a}\n  b: {b}\nformula: {formula}\n"


def test_the_shortest_definition_is_read() -> None:
    found = define(ONE)
    assert (found.id, found.layouts) == ("probe", ("bevoelkerung-gemeinde",))
    assert Level.KREIS in found.levels


def test_an_unknown_key_is_refused_with_the_near_one() -> None:
    assert "polarity" in refusal(ONE + "polarty: neutral\n")


def test_an_unknown_layout_is_named_with_its_input() -> None:
    text = refusal("inputs:\n  a: {layout: gibtsnicht, column: x}\nformula: {value: a}\n")
    assert "inputs.a.layout" in text
    assert "gibtsnicht" in text


def test_an_unknown_column_is_refused_with_the_columns_there_are() -> None:
    text = refusal(ONE.replace("einwohner", "leute"))
    assert "inputs.a.column" in text
    assert "einwohner" in text


def test_an_unknown_code_is_refused_with_the_codes_there_are() -> None:
    text = refusal(ONE.replace("geschlecht: INSGESAMT", "geschlecht: GESX"))
    assert "inputs.a.dimensions.geschlecht" in text
    assert "GESW" in text


def test_a_dimension_that_is_not_mentioned_is_refused_with_its_total() -> None:
    text = refusal(ONE.replace("geschlecht: INSGESAMT, ", ""))
    assert "geschlecht" in text
    assert "INSGESAMT" in text


def test_a_total_beside_its_parts_would_count_twice() -> None:
    assert "INSGESAMT" in refusal(
        ONE.replace("geschlecht: INSGESAMT", "geschlecht: [INSGESAMT, GESW]")
    )


def test_ages_become_the_groups_of_the_layout() -> None:
    found = define(ONE.replace("altersgruppe: INSGESAMT", "altersgruppe: {ages: [0, 17]}"))
    assert found.inputs["a"].codes["altersgruppe"] == (
        *("ALT000B03", "ALT003B06", "ALT006B10", "ALT010B15", "ALT015B18"),
    )


def test_ages_that_cut_a_group_are_refused() -> None:
    text = refusal(ONE.replace("altersgruppe: INSGESAMT", "altersgruppe: {ages: [0, 20]}"))
    assert "20" in text


def test_an_input_that_the_formula_does_not_use_is_refused() -> None:
    assert "inputs.b" in refusal(two(people(), people(sex="GESW"), "{value: a}"))


def test_a_formula_that_names_no_input_is_refused_with_the_inputs_there_are() -> None:
    assert "“c”" in refusal(ONE.replace("{value: a}", "{value: c}"))


def test_a_flow_by_a_stock_needs_a_rule_of_time() -> None:
    formula = "{per_mille: {of: a, to: b}}"
    text = refusal(two(births(), people(), formula))
    assert "inputs.b.time" in text
    assert "mean" in text
    assert define(two(births(), people(time="mean"), formula)).formula.factor == 1000


def test_a_stock_and_a_flow_are_not_added_up() -> None:
    assert "formula" in refusal(two(births(), people(), "{sum: [a, b]}"))


def test_units_that_differ_are_not_added_up() -> None:
    a = "{layout: wohnungen-gemeinde, column: wohnungen}"
    b = "{layout: wohnungen-gemeinde, column: wohnflaeche}"
    assert "1000 qm" in refusal(two(a, b, "{sum: [a, b]}"))
    assert "share" in refusal(two(a, b, "{share: {of: a, to: b}}"), "%")


RATE = "{layout: inkar-kreis, column: arbeitslosenquote%s}"


def test_a_rate_is_not_averaged_over_regions() -> None:
    body = "inputs:\n  a: " + RATE % "" + "\nformula: {value: a}\n"
    assert "upward" in refusal(body)
    assert define(body.replace("}\nformula", ", upward: none}\nformula")).inputs["a"].column


def test_a_rate_is_no_part_of_a_ratio() -> None:
    rate = RATE % ", upward: none"
    assert "inputs.a.column" in refusal(two(rate, people(time="mean"), "{ratio: {of: a, to: b}}"))


def test_one_ratio_has_one_census_base() -> None:
    a = people(sex="GESW")[:-1] + ', census_base: "2011"}'
    b = people()[:-1] + ', census_base: "2022"}'
    assert "2011" in refusal(two(a, b, "{share: {of: a, to: b}}"), "%")


def test_a_share_is_told_in_per_cent() -> None:
    assert "unit" in refusal(two(people(sex="GESW"), people(), "{share: {of: a, to: b}}"), "Zahl")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("interval: wilson\n", "interval"),
        ("small_numbers: {below: 5, years: 3}\n", "small_numbers"),
    ],
)
def test_uncertainty_must_fit_the_formula(more: str, key: str) -> None:
    assert key in refusal(ONE + more)


def test_magnitudes_have_no_interval_of_counts() -> None:
    body = "inputs:\n  a: {layout: flaeche-gemeinde, column: flaeche}\nformula: {value: a}\n"
    assert "interval" in refusal(body + "interval: poisson\n")


def test_a_trend_needs_three_points() -> None:
    assert "years" in refusal(ONE.replace("{value: a}", "{trend: {of: a, years: 1}}"))


def test_a_function_is_one_of_those_there_are() -> None:
    assert "formula" in refusal(ONE.replace("{value: a}", "{median: a}"))
    assert "formula" in refusal(ONE.replace("{value: a}", "{value: a, sum: [a, a]}"))


def test_a_layout_about_persons_feeds_nothing() -> None:
    body = "inputs:\n  a: {layout: hze-fallliste, column: Fallnummer}\nformula: {value: a}\n"
    assert "hze-fallliste" in refusal(body)


def test_broken_yaml_names_the_line() -> None:
    with pytest.raises(DefinitionError) as caught:
        read_text("name: {de: x\nunit: [", "probe.yaml")
    assert caught.value.place
    assert caught.value.place.row


def test_both_languages_are_wanted() -> None:
    text = HEAD % ("x", "x") + ONE
    with pytest.raises(DefinitionError, match="English"):
        read_text(text.replace("{de: Probe, en: Trial}", "Probe"), "probe.yaml")


def test_a_circle_of_indicators_is_refused(tmp_path: Path) -> None:
    body = HEAD % ("x", "x") + "formula: {change: {of: {indicator: %s}, years: 1}}\n"
    folder = folder_of(tmp_path / "kreis", {"eins": body % "zwei", "zwei": body % "eins"})
    with pytest.raises(DefinitionError, match="eins → zwei → eins"):
        catalogue([folder])


def test_an_indicator_of_an_unknown_one_is_refused(tmp_path: Path) -> None:
    body = HEAD % ("x", "x") + "formula: {change: {of: {indicator: nichts}, years: 1}}\n"
    with pytest.raises(DefinitionError, match="nichts"):
        catalogue([folder_of(tmp_path / "eins", {"eins": body})])


def test_an_edited_definition_counts_at_once(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "eins", {"eins": HEAD % ("x", "x") + ONE})
    assert catalogue([folder])["eins"].decimals == 1
    folder_of(folder, {"eins": HEAD % ("x", "x") + ONE + "decimals: 3\n"})
    assert catalogue([folder])["eins"].decimals == 3


def test_an_unknown_indicator_is_an_error_with_a_way_out() -> None:
    with pytest.raises(UnknownIndicatorError, match="indicator list"):
        catalogue()["gibtsnicht"]


def test_a_span_is_told_in_whole_periods() -> None:
    change = f"inputs:\n  a: {births()}\nformula: {{change: {{of: a, months: 3}}}}\n"
    assert "formula.months" in refusal(change)
    found = define(change + "periods: quarter\n")
    assert found.formula.months == 3
    both = change.replace("months: 3", "months: 3, years: 1")
    assert "formula.change.years" in refusal(both + "periods: month\n")


def test_a_line_through_two_points_is_refused() -> None:
    trend = f"inputs:\n  a: {births()}\nformula: {{trend: {{of: a, years: 1}}}}\n"
    assert "formula.years" in refusal(trend)


def test_only_a_trend_has_the_interval_of_a_line() -> None:
    assert "interval" in refusal(ONE + "interval: line\n")


def test_an_index_says_its_scale_and_mean() -> None:
    parts = "[{of: a}, {of: b, weight: 2, polarity: lower_is_better}]"
    body = two(people(), births(), f"{{index: {{parts: {parts}, scale: rank, mean: geometric}}}}")
    found = define(body).formula
    assert (found.scale, found.mean, found.weights) == ("rank", "geometric", (1.0, 2.0))
    assert found.polarities == (None, "lower_is_better")
    assert "geometric" in refusal(body.replace("rank", "zscore"))


def test_rates_are_weighted_upward_by_a_named_input() -> None:
    income = "{layout: inkar-kreis, column: angebotsmiete, upward: {weighted: b}}"
    body = two(income, people(), "{value: a}")
    assert define(body).inputs["a"].weigher == define(body).inputs["b"]
    assert "inputs.a.upward.weighted" in refusal(body.replace("weighted: b", "weighted: c"))


def test_conditions_are_for_rows_that_are_counted_or_points() -> None:
    body = ONE.replace("altersgruppe: INSGESAMT", "altersgruppe: {from: 3}")
    assert "inputs.a.dimensions.altersgruppe" in refusal(body)


def test_a_mean_is_that_of_points_alone() -> None:
    assert "inputs.a.statistic" in refusal(ONE.replace("einwohner,", "einwohner, statistic: mean,"))

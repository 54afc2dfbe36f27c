"""Figures keep what is known about them: four kinds of missing, sums only where complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.lake.signs import SignKind, signs_of
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Kind,
    Origin,
    Row,
    add,
    cell_text,
    classify,
    compare,
    format_number,
    gather,
    kind_text,
    pattern_of,
    read_cell,
    read_periods,
    region_label,
    remark_text,
)

OFFICIAL, OURS = signs_of("din-55301"), signs_of("sozialdaten")
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 2))


def test_numbers_are_written_for_germans_and_english() -> None:
    assert format_number(1234567.125, "de", 2) == "1.234.567,13"
    assert format_number(1234567.125, "en", 2) == "1,234,567.13"
    assert format_number(-0.5, "de", 1) == "−0,5"
    assert format_number(-0.4, "de", 0) == "0"
    assert format_number(999.5, "de") == "1.000"


@pytest.mark.parametrize(
    ("value", "sign", "kind"),
    [
        (None, ".", Kind.SECRET_OR_UNKNOWN),
        (None, "...", Kind.LATER),
        (None, "/", Kind.UNRELIABLE),
        (None, "x", Kind.NOT_APPLICABLE),
        (None, "", Kind.NOT_AVAILABLE),
        (None, None, Kind.NOT_AVAILABLE),
        (None, "-", Kind.NOTHING),
        (0, "0", Kind.ROUNDED_ZERO),
        (0, "", Kind.VALUE),
        (7, "p", Kind.VALUE),
        (None, "?", Kind.NOT_AVAILABLE),
    ],
)
def test_each_sign_has_its_meaning(value: float | None, sign: str | None, kind: Kind) -> None:
    assert read_cell(value, sign, OFFICIAL).kind is kind


def test_a_point_of_our_own_suppression_is_suppressed_and_nothing_else() -> None:
    assert read_cell(None, ".", OURS).kind is Kind.SUPPRESSED
    assert kind_text(Kind.SUPPRESSED, "de") == "geheim gehalten zum Schutz von Personen"


@pytest.mark.parametrize("convention", ["din-55301", "genesis", "sozialdaten"])
def test_every_sign_of_every_convention_has_words_in_both_languages(convention: str) -> None:
    for sign in signs_of(convention).values():
        cell = read_cell(5 if sign.with_value else None, sign.sign, signs_of(convention))
        assert (cell.value is None) == (sign.kind not in _WITH_NUMBER)
        german, english = remark_text(cell, "de"), remark_text(cell, "en")
        assert german
        assert english
        assert sign.sign not in (german, english)


_WITH_NUMBER = {
    SignKind.NOTHING, SignKind.ROUNDED_TO_ZERO, SignKind.LIMITED, SignKind.PRELIMINARY,
    SignKind.REVISED, SignKind.ESTIMATED, SignKind.FINAL,
}  # fmt: skip


def test_a_sign_of_secrecy_wins_over_a_number_beside_it() -> None:
    assert read_cell(3, ".", OFFICIAL).value is None
    assert read_cell(3, ".", OURS).value is None


def test_suppressed_not_available_not_applicable_and_zero_differ_in_word_and_pattern() -> None:
    kinds = [Kind.SUPPRESSED, Kind.NOT_AVAILABLE, Kind.NOT_APPLICABLE, Kind.NOTHING]
    for language in ("de", "en"):
        assert len({kind_text(kind, language) for kind in kinds}) == 4
    assert len({pattern_of(kind) for kind in kinds}) == 4
    assert pattern_of(Kind.NOTHING) == ""


def test_remarks_say_that_a_figure_is_provisional() -> None:
    assert remark_text(read_cell(12, "p", OFFICIAL), "de") == "vorläufig"
    assert region_label("Ahornfeld", read_cell(1234, "p", OFFICIAL), "EUR", "de", 0) == (
        "Ahornfeld: 1.234 EUR (vorläufig)"
    )


def test_a_region_without_a_figure_is_named_with_the_reason() -> None:
    label = region_label("Ahornfeld", Cell(Kind.NOT_APPLICABLE), "EUR", "de", 0)
    assert label == "Ahornfeld: nicht sinnvoll"


def test_a_missing_row_is_not_zero() -> None:
    figures = gather([Row("99001001", "2024", 5)], OFFICIAL)
    assert figures.cell("99001002", "2024").kind is Kind.NOT_AVAILABLE
    assert cell_text(figures.cell("99001002", "2024"), "en", 0) == "not available"


def test_a_sum_that_lacks_a_part_is_incomplete() -> None:
    five, nothing = read_cell(5, "", OFFICIAL), read_cell(0, "-", OFFICIAL)
    assert add([five, read_cell(None, ".", OFFICIAL)], 2).kind is Kind.INCOMPLETE
    assert add([five], 2).kind is Kind.INCOMPLETE
    assert add([five, nothing], 2) == Cell(Kind.VALUE, 5)


def test_a_sum_with_suppressed_parts_says_so() -> None:
    cell = add([read_cell(5, "", OURS), read_cell(None, ".", OURS)], 2)
    assert cell.kind is Kind.PARTS_SUPPRESSED
    assert kind_text(cell.kind, "de") == "unvollständig: Teile sind geheim"


def test_a_total_that_was_not_published_says_that_parts_are_suppressed() -> None:
    figures = gather([Row("99001001", "2024", 5)], OURS)
    reasoned = figures.withheld([("99001001", "2024"), ("99001002", "2024")])
    assert reasoned.cell("99001001", "2024").value == 5
    assert reasoned.cell("99001002", "2024").kind is Kind.PARTS_SUPPRESSED
    assert reasoned.cell("99001003", "2024").kind is Kind.NOT_AVAILABLE


@given(st.lists(st.one_of(st.none(), numbers), min_size=2, max_size=8))
def test_a_sum_has_a_value_exactly_if_all_its_parts_have(values: list[float | None]) -> None:
    total = add([read_cell(value, "", OFFICIAL) for value in values], len(values))
    assert (total.value is None) == (None in values)


def _table() -> list[Row]:
    return [
        Row("99001001", "2023", 10),
        Row("99001002", "2023", 20),
        Row("99001001", "2024", 11),
        Row("99001002", "2024", None, "."),
    ]


def test_the_district_is_the_sum_of_all_its_parts_or_incomplete() -> None:
    found = compare(gather(_table(), OFFICIAL), "99001", ["99001001", "99001002"], additive=True)
    assert found is not None
    assert found.origin is Origin.SUM
    assert [cell.value for cell in found.cells] == [30, None]
    assert found.cells[1].kind is Kind.INCOMPLETE


def test_the_district_is_incomplete_where_a_part_has_no_row() -> None:
    parts = ["99001001", "99001002", "99001003"]
    found = compare(gather(_table(), OFFICIAL), "99001", parts, additive=True)
    assert found is not None
    assert [cell.kind for cell in found.cells] == [Kind.INCOMPLETE] * 2


def test_the_districts_own_row_comes_before_any_sum() -> None:
    rows = [*_table(), Row("99001", "2023", 31), Row("99001", "2024", 33)]
    found = compare(gather(rows, OFFICIAL), "99001", ["99001001", "99001002"], additive=True)
    assert found is not None
    assert found.origin is Origin.TABLE
    assert [cell.value for cell in found.cells] == [31, 33]


def test_rates_are_never_added_up() -> None:
    parts = ["99001001", "99001002"]
    assert compare(gather(_table(), OFFICIAL), "99001", parts, additive=False) is None


@given(st.lists(numbers, min_size=1, max_size=200))
def test_every_value_has_one_of_at_most_five_classes_in_order(values: list[float]) -> None:
    classes = classify(values)
    assert classes is not None
    places = [classes.index(value) for value in sorted(values)]
    assert places == sorted(places)
    assert set(places) <= set(range(len(classes.colours)))
    assert len(classes.colours) == len(classes.labels("de")) <= 5
    assert list(classes.breaks) == sorted(set(classes.breaks))


def test_the_legend_writes_german_numbers_and_names_every_bound_once() -> None:
    classes = classify([1.5, 2.5, 3.5, 4.5, 5.5, 1000])
    assert classes is not None
    labels = classes.labels("de")
    assert labels[0].startswith("unter ")
    assert labels[-1].endswith(" und mehr")
    assert all("." not in label or ".000" in label for label in labels)


def test_there_are_no_classes_without_values() -> None:
    assert classify([]) is None


def test_periods_come_in_the_order_of_time_and_in_the_readers_notation() -> None:
    found = read_periods({"2024-12-31", "2023-06-30", "2023-12-31"})
    assert [period.label("de") for period in found] == ["30.06.2023", "31.12.2023", "31.12.2024"]
    assert [period.key for period in read_periods({"2024-Q2", "2024-Q1", "2023-Q4"})] == [
        "2023-Q4",
        "2024-Q1",
        "2024-Q2",
    ]
    (quarter,) = read_periods({"2024-Q3"})
    assert (quarter.label("de"), quarter.label("en")) == ("3. Quartal 2024", "Q3 2024")
    assert read_periods({"2024"})[0].year == "2024"

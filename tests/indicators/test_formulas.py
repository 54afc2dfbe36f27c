"""The functions of the formula language; defects known of other systems are tests here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.indicators import Expression, Function, Mean, Periods, Scale, Step
from ckanext.sozialdaten.indicators._formulas import (
    Line,
    change,
    continuity,
    difference,
    index,
    product,
    ratio,
    total,
    trend,
)
from ckanext.sozialdaten.indicators._grid import (
    INCOMPLETE,
    MISSING,
    NOT_APPLICABLE,
    SUPPRESSED,
    VALUE,
    Axes,
    Grid,
    empty,
)

YEARS = Axes(("a",), 2015, 6, Periods.YEAR)


def row(*figures: float | int | None, state: dict[int, int] | None = None) -> Grid:
    """One region; None is a figure that is missing."""
    grid = empty((1, len(figures)))
    for column, figure in enumerate(figures):
        if figure is not None:
            grid.value[0, column] = figure
            grid.state[0, column] = VALUE
    for column, code in (state or {}).items():
        grid.value[0, column] = np.nan
        grid.state[0, column] = code
    return grid


def told(found: Grid | Line) -> list[float | int]:
    """Figures, or minus the code of the state in their place."""
    grid = found.result if isinstance(found, Line) else found
    return [
        float(value) if code == VALUE else -int(code)
        for value, code in zip(grid.value[0], grid.state[0], strict=True)
    ]


def history(function: Function, years: int, step: Step = Step.ABSOLUTE) -> Expression:
    return Expression(function, months=12 * years, step=step)


def quotient(over: Grid, under: Grid, factor: float = 100.0) -> Grid:
    return ratio(over, under, Expression(Function.RATIO, factor=factor)).result


def test_sums_differences_and_products_work_cell_by_cell() -> None:
    a, b = row(5, 7), row(2, 3)
    assert told(total([a, b])) == [7, 10]
    assert told(difference([a, b, b])) == [1, 1]
    assert told(product([a, b])) == [10, 21]


def test_a_sum_with_a_missing_part_is_incomplete_and_no_figure() -> None:
    assert told(total([row(5, None), row(None, None)])) == [-INCOMPLETE, -MISSING]


def test_a_suppressed_part_suppresses_the_sum() -> None:
    hidden = row(5, 5, state={0: SUPPRESSED})
    assert told(total([hidden, row(1, 1)])) == [-SUPPRESSED, 6]
    assert told(quotient(hidden, row(10, 10))) == [-SUPPRESSED, 50]


def test_zero_is_a_figure() -> None:
    assert told(quotient(row(0, 0), row(10, 20))) == [0, 0]
    assert told(total([row(0), row(0)])) == [0]


def test_division_by_zero_is_not_applicable_and_never_zero() -> None:
    for factor in (1.0, 100.0, 1000.0):
        assert told(quotient(row(0, 3), row(0, 0), factor)) == [-NOT_APPLICABLE] * 2


@pytest.mark.parametrize(
    ("periods", "shift"), [(Periods.YEAR, 1), (Periods.QUARTER, 4), (Periods.MONTH, 12)]
)
def test_relative_change_is_relative_in_every_length_of_period(
    periods: Periods, shift: int
) -> None:
    axes = Axes(("a",), 2020 * shift, shift + 1, periods)
    grid = row(*([50.0] * shift), 60.0)
    found = change(grid, history(Function.CHANGE, 1, Step.RELATIVE), axes)
    assert told(found)[-1] == pytest.approx(20.0)
    absolute = change(grid, history(Function.CHANGE, 1), axes)
    assert told(absolute)[-1] == pytest.approx(10.0)


def test_change_reaches_back_exactly_so_many_years() -> None:
    grid = row(1, 2, 4, 8, 16, 32)
    assert told(change(grid, history(Function.CHANGE, 2), YEARS)) == [
        *(-MISSING, -MISSING, 3, 6, 12, 24)
    ]


def test_change_since_a_period_starts_after_it() -> None:
    grid = row(10, 12, 15, 9, 10, 20)
    since = Expression(Function.CHANGE, since="2016", step=Step.RELATIVE)
    found = told(change(grid, since, YEARS))
    assert found[:2] == [-MISSING, -MISSING]
    assert found[2:] == pytest.approx([25.0, -25.0, -100 / 6, 200 / 3])
    unknown = Expression(Function.CHANGE, since="1999")
    assert told(change(grid, unknown, YEARS)) == [-MISSING] * 6


def test_relative_change_from_zero_is_not_applicable() -> None:
    grid = row(0, 5, 0, 0, 0, 0)
    assert told(change(grid, history(Function.CHANGE, 1, Step.RELATIVE), YEARS))[1:3] == [
        -NOT_APPLICABLE,
        -100.0,
    ]


def test_trend_takes_both_ends_of_the_span() -> None:
    """Three years are four points: 0, 0, 0, 10 has the slope 3, not that of the last three."""
    grid = row(0, 0, 0, 10, 10, 10)
    assert told(trend(grid, history(Function.TREND, 3), YEARS))[3] == pytest.approx(3.0)


def test_trend_of_a_rising_line_is_its_slope_whatever_the_length_of_periods() -> None:
    months = Axes(("a",), 2020 * 12, 37, Periods.MONTH)
    line = row(*(100 + 2 * month / 12 for month in range(37)))
    assert told(trend(line, history(Function.TREND, 3), months))[-1] == pytest.approx(2.0)
    relative = trend(line, history(Function.TREND, 3, Step.RELATIVE), months)
    assert told(relative)[-1] == pytest.approx(2.0)


def test_a_missing_year_makes_a_trend_incomplete() -> None:
    grid = row(1, None, 3, 4, 5, 6)
    assert told(trend(grid, history(Function.TREND, 2), YEARS)) == [
        *(-INCOMPLETE, -INCOMPLETE, -INCOMPLETE, -INCOMPLETE),
        *(pytest.approx(1.0), pytest.approx(1.0)),
    ]


def test_continuity_of_an_even_rise_is_one_and_of_an_even_fall_minus_one() -> None:
    rise, fall = row(1, 2, 3, 4, 5, 6), row(6, 5, 4, 3, 2, 1)
    expression = history(Function.CONTINUITY, 5)
    assert told(continuity(rise, expression, YEARS))[-1] == pytest.approx(1.0)
    assert told(continuity(fall, expression, YEARS))[-1] == pytest.approx(-1.0)


def test_a_continuity_of_zero_is_a_figure() -> None:
    grid = row(0, 1, 0, 0, 0, 0)
    assert told(continuity(grid, history(Function.CONTINUITY, 2), YEARS))[2] == pytest.approx(0.0)


def test_a_constant_series_has_no_continuity() -> None:
    grid = row(0, 0, 0, 7, 7, 7)
    found = told(continuity(grid, history(Function.CONTINUITY, 2), YEARS))
    assert found[2] == -NOT_APPLICABLE
    assert found[5] == -NOT_APPLICABLE


@given(st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6))
def test_continuity_lies_between_minus_one_and_one(figures: list[float]) -> None:
    found = told(continuity(row(*figures), history(Function.CONTINUITY, 5), YEARS))[-1]
    assert found == -NOT_APPLICABLE or -1.000001 <= found <= 1.000001


@given(st.lists(st.floats(1, 1e6), min_size=6, max_size=6), st.floats(-1e3, 1e3))
def test_shifting_a_series_does_not_change_its_trend(figures: list[float], by: float) -> None:
    expression = history(Function.TREND, 5)
    found = told(trend(row(*figures), expression, YEARS))[-1]
    moved = told(trend(row(*(figure + by for figure in figures)), expression, YEARS))[-1]
    assert moved == pytest.approx(found, abs=1e-6 * max(figures))


def column(*figures: float | None) -> Grid:
    """Several regions in one period."""
    grid = empty((len(figures), 1))
    for place, figure in enumerate(figures):
        if figure is not None:
            grid.value[place, 0] = figure
            grid.state[place, 0] = VALUE
    return grid


def weighed(
    *weights: float, scale: Scale = Scale.ZSCORE, mean: Mean = Mean.ARITHMETIC
) -> Expression:
    return Expression(Function.INDEX, weights=weights, scale=scale, mean=mean)


def test_an_index_standardises_turns_and_weighs() -> None:
    good, bad = column(1, 2, 3), column(30, 20, 10)
    groups = np.array([5, 5, 5])
    found = index([good, bad], weighed(1.0, 3.0), [1, -1], groups).value[:, 0]
    assert found == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    against = index([good, bad], weighed(1.0, 3.0), [1, 1], groups).value[:, 0]
    assert against == pytest.approx([0.5 * 1.5**0.5, 0, -0.5 * 1.5**0.5])


def test_an_index_compares_regions_of_one_level_alone() -> None:
    grid = column(1, 3, 1000)
    found = index([grid, grid], weighed(1.0, 1.0), [1, 1], np.array([5, 5, 3]))
    assert found.value[:2, 0] == pytest.approx([-1, 1])
    assert found.state[2, 0] == NOT_APPLICABLE


def test_an_index_without_one_of_its_parts_is_incomplete() -> None:
    parts = [column(1, 2, 3), column(None, 2, 3)]
    found = index(parts, weighed(1.0, 1.0), [1, 1], np.array([5, 5, 5]))
    assert found.state[:, 0].tolist() == [INCOMPLETE, VALUE, VALUE]


ONE_LEVEL = np.array([5, 5, 5, 5])


def test_an_index_on_the_scale_from_lowest_to_highest_turns_by_its_complement() -> None:
    good, bad = column(0, 5, 10, 2), column(10, 0, 5, 5)
    scaled = weighed(1.0, 1.0, scale=Scale.MINMAX)
    found = index([good, bad], scaled, [1, -1], ONE_LEVEL).value[:, 0]
    assert found == pytest.approx([0.0, 0.75, 0.75, 0.35])


def test_ranks_of_equal_figures_share_the_mean_of_their_places() -> None:
    grid = column(7, 1, 7, 100)
    scaled = weighed(1.0, 1.0, scale=Scale.RANK)
    found = index([grid, grid], scaled, [1, 1], ONE_LEVEL).value[:, 0]
    assert found == pytest.approx([0.5, 0.0, 0.5, 1.0])


def test_a_geometric_mean_lets_no_part_make_up_for_nothing_in_another() -> None:
    good, other = column(0, 4, 10, 10), column(10, 4, 0, 10)
    scaled = weighed(1.0, 3.0, scale=Scale.MINMAX, mean=Mean.GEOMETRIC)
    found = index([good, other], scaled, [1, 1], ONE_LEVEL).value[:, 0]
    assert found == pytest.approx([0.0, 0.4, 0.0, 1.0])


def test_the_lowest_part_can_stand_for_all() -> None:
    good, other = column(0, 4, 10, 8), column(10, 6, 0, 10)
    scaled = weighed(1.0, 1.0, scale=Scale.MINMAX, mean=Mean.LOWEST)
    found = index([good, other], scaled, [1, 1], ONE_LEVEL).value[:, 0]
    assert found == pytest.approx([0.0, 0.4, 0.0, 0.8])


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.sampled_from(list(Scale)))
def test_turning_a_part_twice_or_moving_and_stretching_it_changes_no_index(
    figures: list[int], scale: Scale
) -> None:
    grid, moved = column(*figures), column(*(3 * figure + 7 for figure in figures))
    one = index([grid, grid], weighed(1.0, 2.0, scale=scale), [1, -1], ONE_LEVEL)
    two = index([moved, moved], weighed(1.0, 2.0, scale=scale), [1, -1], ONE_LEVEL)
    assert one.state.tolist() == two.state.tolist()
    assert one.value[:, 0] == pytest.approx(two.value[:, 0], nan_ok=True)


def test_a_trend_says_how_sure_it_is() -> None:
    """By hand: Sxx 17.5, Sxy 18.5, Syy 21.5; so the residuals have 1.9429 and t(4) is 2.7764."""
    found = trend(row(1, 2, 2, 5, 5, 6), history(Function.TREND, 5), YEARS)
    slope, reach = found.result.value[0, -1], found.reach[0, -1]
    assert slope == pytest.approx(1.0571, abs=1e-4)
    assert (slope - reach, slope + reach) == pytest.approx((0.5946, 1.5197), abs=1e-4)


def test_an_exact_line_is_sure() -> None:
    found = trend(row(1, 2, 3, 4, 5, 6), history(Function.TREND, 5, Step.RELATIVE), YEARS)
    assert found.reach[0, -1] == pytest.approx(0.0, abs=1e-9)


def test_a_change_over_some_months_reaches_back_by_whole_periods() -> None:
    months = Axes(("a",), 2020 * 12, 6, Periods.MONTH)
    expression = Expression(Function.CHANGE, months=3, step=Step.RELATIVE)
    found = told(change(row(100, 100, 100, 110, 50, 0), expression, months))
    assert found[3:] == pytest.approx([10.0, -50.0, -100.0])
    quarters = Axes(("a",), 2020 * 4, 6, Periods.QUARTER)
    found = told(change(row(1, 2, 3, 4, 5, 6), Expression(Function.CHANGE, months=6), quarters))
    assert found == [-MISSING, -MISSING, 2, 2, 2, 2]

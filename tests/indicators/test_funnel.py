"""Limits of a funnel plot and the line through a time series."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.indicators import (
    Funnel,
    Standing,
    cubic,
    dispersion,
    funnel,
    standing,
    straight,
)

TARGETS = st.floats(0.001, 0.6)
SIZES = st.integers(5, 200_000)


def poisson_below(count: int, mean: float) -> float:
    """The chance of at most ``count`` events."""
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)
    )


@given(target=TARGETS, size=SIZES, share=st.booleans())
def test_limits_lie_in_order_around_the_target(target: float, size: int, share: bool) -> None:
    limits = funnel(Funnel(target, share), size)
    assert 0 <= limits.far_low <= limits.low <= limits.high <= limits.far_high
    assert limits.low <= target <= limits.high
    assert not share or limits.far_high <= 1


@given(target=TARGETS, size=st.integers(200, 50_000), share=st.booleans())
def test_limits_come_closer_as_regions_grow(target: float, size: int, share: bool) -> None:
    small, large = (funnel(Funnel(target, share), people) for people in (size, size * 4))
    assert large.high - large.low < small.high - small.low


@given(mean=st.floats(4, 49))
def test_a_limit_of_rates_is_a_quantile_of_the_exact_distribution(mean: float) -> None:
    count = funnel(Funnel(mean / 1000, share=False), 1000).high * 1000
    reached = math.ceil(count - 0.5)
    assert poisson_below(reached - 1, mean) <= 0.975 + 1e-9
    assert poisson_below(reached, mean) >= 0.975 - 1e-9


def test_exact_and_normal_limits_meet() -> None:
    below, above = (funnel(Funnel(rate, share=False), 1000) for rate in (0.04999, 0.05001))
    assert below.high == pytest.approx(above.high, rel=0.003)
    below, above = (funnel(Funnel(rate, share=True), 1000) for rate in (0.04999, 0.05001))
    assert below.low == pytest.approx(above.low, rel=0.003)


@given(target=st.floats(0.51, 0.99), size=SIZES)
def test_a_large_share_is_the_small_share_of_the_others(target: float, size: int) -> None:
    limits, others = funnel(Funnel(target, True), size), funnel(Funnel(1 - target, True), size)
    assert limits.low == pytest.approx(1 - others.high)


def test_the_same_rate_is_chance_in_a_village_and_none_in_a_town() -> None:
    around = Funnel(0.01, share=False)
    assert standing(0.014, funnel(around, 500)) is Standing.WITHIN
    assert standing(0.014, funnel(around, 3_000)) is Standing.ABOVE
    assert standing(0.014, funnel(around, 60_000)) is Standing.FAR_ABOVE
    assert standing(0.006, funnel(around, 60_000)) is Standing.FAR_BELOW


def test_regions_that_differ_by_chance_alone_have_a_scatter_near_one() -> None:
    around, size = Funnel(0.2, share=True), 400
    spread = math.sqrt(0.2 * 0.8 / size)
    chance = [(0.2 + spread * z, size) for z in (-1.6, -1.0, -0.7, 0.2, 0.8, 1.0, 1.3)]
    assert dispersion(around, chance) == pytest.approx(1, abs=0.3)
    assert (dispersion(around, [(0.2 + 5 * (rate - 0.2), size) for rate, _ in chance]) or 0) > 15
    assert dispersion(around, chance[:4]) is None


def test_nothing_expected_has_no_room_below() -> None:
    assert funnel(Funnel(0.0, share=False), 100).far_high * 100 < 1
    assert funnel(Funnel(0.0005, share=True), 100).low == 0


@given(st.floats(-5, 5), st.lists(st.floats(-1, 1), min_size=4, max_size=12))
def test_the_slope_lies_in_its_interval_and_the_line_goes_through_the_middle(
    slope: float, noise: list[float]
) -> None:
    points = [(2010.0 + place, 50 + slope * place + off) for place, off in enumerate(noise)]
    line = straight(points)
    assert line is not None
    assert line.low <= line.slope <= line.high
    mean = math.fsum(value for _, value in points) / len(points)
    assert line.at(line.middle) == pytest.approx(mean)


def test_noise_without_direction_is_not_certain() -> None:
    wobbly = straight([(0, 5.0), (1, 9.0), (2, 4.0), (3, 8.0), (4, 5.0), (5, 9.0)])
    steady = straight([(0, 5.0), (1, 5.6), (2, 5.9), (3, 6.6), (4, 7.1), (5, 7.4)])
    assert wobbly is not None
    assert not wobbly.certain
    assert steady is not None
    assert steady.certain


def test_three_points_have_no_trend() -> None:
    assert straight([(0, 1.0), (1, 2.0), (2, 3.0)]) is None


@given(
    st.lists(st.floats(-50, 50), min_size=4, max_size=4),
    st.integers(1950, 2030),
    st.integers(6, 25),
)
def test_a_curve_finds_any_third_degree_again_whatever_the_years(
    powers: list[float], start: int, count: int
) -> None:
    def figure(year: int) -> float:
        place = (year - start) / 10
        return sum(number * place**power for power, number in enumerate(powers))

    points = [(float(year), figure(year)) for year in range(start, start + count)]
    curve = cubic(points)
    assert curve is not None
    for year, value in points:
        assert curve.at(year) == pytest.approx(value, abs=1e-6)


def test_a_curve_of_few_or_flat_figures_claims_nothing() -> None:
    assert cubic([(t, float(t)) for t in range(5)]) is None
    flat = cubic([(t, 7.0) for t in range(8)])
    assert flat is not None
    assert flat.at(3) == pytest.approx(7.0)
    # figures that jump to and fro are told by no curve: four parameters more are no explanation
    jumping = cubic([(t, float(t % 2)) for t in range(12)])
    assert jumping is not None
    assert jumping.explained < 0.1

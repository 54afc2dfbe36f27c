"""Intervals against published figures and against each other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.indicators._intervals import (
    EXACT_BELOW,
    byar,
    poisson,
    poisson_exact,
    wilson,
)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_limits_that_newcombe_prints(
    part: int, whole: int, low: float, high: float
) -> None:
    found = wilson(np.array([float(part)]), np.array([float(whole)]))
    assert [round(float(limit[0]), 4) for limit in found] == [low, high]


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        # Garwood's limits as tabled by Breslow and Day (1987), table 2.10, and the closed forms
        (0, 0.0, 3.689),
        (1, 0.0253, 5.572),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (50, 37.111, 65.919),
    ],
)
def test_exact_poisson_limits_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    found = poisson_exact(count)
    assert found[0] == pytest.approx(low, abs=0.0006)
    assert found[1] == pytest.approx(high, abs=0.0006)


def test_the_upper_limit_of_nothing_is_that_of_the_rule_of_three() -> None:
    assert poisson_exact(0)[1] == pytest.approx(-math.log(0.025), rel=1e-9)


def test_byar_agrees_with_the_exact_limits_where_it_takes_over() -> None:
    exact = poisson_exact(EXACT_BELOW)
    low, high = byar(np.array([float(EXACT_BELOW)]))
    assert float(low[0]) == pytest.approx(exact[0], rel=1e-3)
    assert float(high[0]) == pytest.approx(exact[1], rel=1e-3)


@given(st.integers(0, 5000))
def test_the_count_lies_in_its_interval_and_more_events_raise_both_limits(count: int) -> None:
    low, high = poisson(np.array([float(count), float(count + 1)]))
    assert low[0] <= count <= high[0]
    assert low[0] < low[1]
    assert high[0] < high[1]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_between_zero_and_one(pair: tuple[int, int]) -> None:
    part, whole = pair
    low, high = wilson(np.array([float(part)]), np.array([float(whole)]))
    assert 0 <= low[0] <= part / whole <= high[0] <= 1


def test_a_number_that_is_no_count_has_limits_by_byar() -> None:
    low, high = poisson(np.array([12.5]))
    assert 0 < float(low[0]) < 12.5 < float(high[0])

"""Trends as a page draws them."""

import pytest

from ckanext.sozialdaten.portal.indicator._address import Trend
from ckanext.sozialdaten.portal.indicator._trend import Drawn, drawn_trend
from ckanext.sozialdaten.portal.preview import Cell, Kind, read_periods


def drawn(kind: Trend, *values: float | None) -> Drawn | None:
    years = tuple(read_periods(str(2015 + place) for place in range(len(values))))
    cells = [
        Cell(Kind.VALUE, value) if value is not None else Cell(Kind.SUPPRESSED) for value in values
    ]
    return drawn_trend(kind, years, cells)


CUBES = [float(place**3 - 9 * place) for place in range(-4, 5)]


def test_a_curve_turns_where_the_figures_turn() -> None:
    found = drawn(Trend.CURVE, *CUBES)
    assert found is not None
    heights = [height for _, height in found.path]
    assert len(heights) > 5 * len(CUBES)  # it bends between two years
    assert heights[0] == pytest.approx(CUBES[0])
    assert max(heights[:30]) > CUBES[2]  # its top lies between the years
    assert found.path[-1][0] == pytest.approx(2023.0, abs=1)


def test_a_curve_goes_over_a_gap_and_needs_six_figures() -> None:
    gap = drawn(Trend.CURVE, *CUBES[:4], None, *CUBES[5:])
    assert gap is not None
    assert (gap.first.key, gap.last.key) == ("2015", "2023")
    assert drawn(Trend.CURVE, *CUBES[:5]) is None
    assert drawn(Trend.AMOUNT, *CUBES[:5]) is not None

"""Classes of a map: every value has exactly one, whatever the method."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.portal.preview import Method, Scheme, classify

VALUES = [1.0, 2.0, 2.5, 3.0, 9.0, 10.0, 11.0, 30.0, 31.0, 32.0]
figures = st.lists(
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 1)), min_size=1
)


@given(
    figures,
    st.sampled_from([Method.QUANTILE, Method.EQUAL, Method.JENKS, Method.SCATTER]),
    st.integers(2, 5),
)
def test_every_value_has_a_class_with_a_colour_and_a_label(
    values: list[float], method: Method, count: int
) -> None:
    classes = classify(values, Scheme(method, count))
    assert classes is not None
    assert len(classes.colours) == len(classes.labels("de")) == len(classes.breaks) + 1
    assert len(classes.colours) <= 5
    assert all(0 <= classes.index(value) < len(classes.colours) for value in values)
    assert sorted(classes.breaks) == list(classes.breaks)


def test_natural_breaks_lie_in_the_gaps() -> None:
    classes = classify(VALUES, Scheme(Method.JENKS, 3))
    assert classes is not None
    low, high = classes.breaks
    assert 3 < low <= 9
    assert 11 < high <= 30


def test_natural_breaks_of_ten_thousand_values_are_found_in_good_time() -> None:
    values = [float(place % 5000) for place in range(10_000)]
    classes = classify(values, Scheme(Method.JENKS, 4))
    assert classes is not None
    assert [round(value, -2) for value in classes.breaks] == pytest.approx(
        [1250, 2500, 3750], abs=110
    )


def test_equal_classes_have_equal_width() -> None:
    classes = classify([0.0, 10.0, 20.0, 100.0], Scheme(Method.EQUAL, 4))
    assert classes is not None
    assert classes.breaks == (25.0, 50.0, 75.0)


def test_own_limits_are_taken_as_they_are() -> None:
    classes = classify(VALUES, Scheme(Method.MANUAL, breaks=(20.0, 5.0)))
    assert classes is not None
    assert classes.breaks == (5.0, 20.0)


@given(figures, st.floats(-1e6, 1e6))
def test_a_diverging_scale_never_mixes_below_and_above(values: list[float], centre: float) -> None:
    classes = classify(values, Scheme(Method.DIVERGING, centre=centre))
    assert classes is not None
    below = {classes.index(value) for value in values if value < classes.breaks[0]}
    middle = min(classes.breaks, key=lambda limit: abs(limit - centre))
    assert middle == pytest.approx(centre, abs=1e-5)
    sides = [{classes.fill(v) for v in values if v < middle}]
    sides.append({classes.fill(v) for v in values if v >= middle})
    assert not sides[0] & sides[1]
    assert below <= {0}
    assert len(classes.colours) == len(classes.breaks) + 1


def test_nothing_has_no_classes() -> None:
    assert classify([], Scheme(Method.JENKS)) is None


def test_classes_around_the_mean_are_a_standard_deviation_apart() -> None:
    values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]  # mean 5, standard deviation 2
    four = classify(values, Scheme(Method.SCATTER, 4))
    assert four is not None
    assert four.breaks == (3.0, 5.0, 7.0)
    five = classify(values, Scheme(Method.SCATTER, 5))
    assert five is not None
    assert five.breaks == (4.0, 6.0, 8.0)  # a break below the smallest value would part nothing

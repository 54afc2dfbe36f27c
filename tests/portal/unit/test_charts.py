"""Rankings, distributions, relations and tiles: what stands in the drawing and what is computed."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.portal.preview import (
    Bar,
    BarChart,
    Cell,
    Chart,
    Dot,
    Histogram,
    Kind,
    Line,
    Mark,
    Scatter,
    bar_file,
    bar_svg,
    document,
    fit,
    line_svg,
    measure,
    read_periods,
    spark_svg,
    split,
    spread_file,
    spread_svg,
)

SVG = "{http://www.w3.org/2000/svg}"
SURE = Cell(Kind.VALUE, 9.3, low=8.1, high=10.6)
SECRET = Cell(Kind.SUPPRESSED)


def _tree(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(document(svg, []))


def _bars() -> BarChart:
    bars = (Bar("1", "Musterstadt", SURE, chosen=True), Bar("2", "Ahornfeld & Co", SECRET))
    marks = (Mark("Kreis", 9.1, 5),)
    return BarChart(bars, marks, "je 1.000", 1, "de", "x", "T", "D", lambda key: f"?gebiet={key}")


def test_every_bar_is_a_link_that_says_figure_interval_and_reason() -> None:
    links = [link.get("aria-label") for link in _tree(bar_svg(_bars())).iter(f"{SVG}a")]
    assert links == [
        "Musterstadt: 9,3 je 1.000 (8,1 bis 10,6)",
        "Ahornfeld & Co: geheim gehalten zum Schutz von Personen",
    ]


def test_a_suppressed_bar_has_the_pattern_of_suppression_and_no_length() -> None:
    secret = list(_tree(bar_svg(_bars())).iter(f"{SVG}a"))[1]
    assert [shape.get("fill") for shape in secret.iter(f"{SVG}rect")] == ["url(#x-dots)"]


def test_a_file_of_a_ranking_holds_headline_and_source() -> None:
    texts = [text.text for text in _tree(bar_file(_bars(), "Kopf", ["Quelle: Amt"])).iter()]
    assert "Kopf" in texts
    assert "Quelle: Amt" in texts


def test_an_interval_is_a_band_and_a_gap_ends_it() -> None:
    periods = tuple(read_periods({"2021", "2022", "2023"}))
    cells = (SURE, SECRET, SURE)
    chart = Chart(periods, (Line("M", cells, cells, 0),), "", "", 1, "de", "x", "T", "D")
    bands = [p for p in _tree(line_svg(chart)).iter(f"{SVG}path") if p.get("class") == "sd-band"]
    assert [(band.get("d") or "").count("M") for band in bands] == [2]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_a_histogram_counts_every_value_once(values: list[float]) -> None:
    bins = split(values)
    assert sum(bins.counts) == len(values)
    assert len(bins.edges) == len(bins.counts) + 1


def test_columns_and_dots_say_what_they_stand_for() -> None:
    chart = Histogram(split([1.0, 2.0, 9.0]), (), "%", 0, "de", "x", "T", "D")
    labels = [g.get("aria-label") for g in _tree(spread_svg(chart)).iter(f"{SVG}g")]
    assert any(label and label.endswith(": 2 Gebiete") for label in labels)
    dots = (Dot("1", "A-Dorf", 1.5, 2.25),)
    scatter = Scatter(
        dots, None, "x (%)", "y", (1, 2), "de", "x", "T", "D", lambda key: f"?gebiet={key}"
    )
    links = [link.get("aria-label") for link in _tree(spread_svg(scatter)).iter(f"{SVG}a")]
    assert links == ["A-Dorf: x (%) 1,5; y 2,25"]
    assert "Kopf" in spread_file(scatter, "Kopf", [])


def test_measures_of_a_known_series() -> None:
    found = measure([1.0, 2.0, 3.0, 4.0, 10.0])
    assert found is not None
    assert (found.lower, found.median, found.upper) == (2.0, 3.0, 4.0)
    assert found.mean == 4.0
    assert found.deviation == pytest.approx(3.1623, abs=1e-4)


def test_a_perfect_line_has_correlation_one() -> None:
    line = fit([Dot(str(x), "", float(x), 2.0 * x + 1) for x in range(6)])
    assert line is not None
    assert (line.slope, line.intercept, line.correlation) == pytest.approx((2.0, 1.0, 1.0))


def test_no_line_through_few_dots_or_through_dots_that_do_not_vary() -> None:
    assert fit([Dot(str(x), "", float(x), float(x)) for x in range(4)]) is None
    assert fit([Dot(str(x), "", 3.3, float(x)) for x in range(9)]) is None


@given(st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)), min_size=5))
def test_a_correlation_lies_between_minus_one_and_one(pairs: list[tuple[float, float]]) -> None:
    line = fit([Dot(str(place), "", x, y) for place, (x, y) in enumerate(pairs)])
    assert line is None or -1 <= line.correlation <= 1


def test_a_gap_in_a_tile_stays_a_gap() -> None:
    tree = _tree(spark_svg([1.0, 2.0, None, 3.0, 2.0]))
    assert [(p.get("d") or "").count("M") for p in tree.iter(f"{SVG}path")] == [2]
    assert spark_svg([None, 4.0]) == ""

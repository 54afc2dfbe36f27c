"""The drawing of a funnel plot, and of a trend through a time series."""

from dataclasses import replace
from xml.etree import ElementTree

from ckanext.sozialdaten.portal.preview import (
    Cell,
    Chart,
    FunnelChart,
    FunnelDot,
    Kind,
    Line,
    Rim,
    funnel_file,
    funnel_svg,
    line_svg,
    read_periods,
)

SVG = "{http://www.w3.org/2000/svg}"


def chart(*dots: FunnelDot) -> FunnelChart:
    rims = (Rim(90, (2, 5, 15, 18)), Rim(1000, (6, 8, 12, 14)), Rim(10_000, (9, 9.5, 10.5, 11)))
    return FunnelChart(
        dots, rims, 10.0, "Kreis Musterland", "Einwohner", "je 1.000", 1, "de", "f", "Geburten",
        "Zwei Regionen.", lambda key: f"?gebiet={key}",
    )  # fmt: skip


INSIDE = FunnelDot("1", "Adorf", 100, 12.0, 0, "kann Zufall sein", chosen=True)
OUTSIDE = FunnelDot("2", "Bestadt", 9000, 13.0, 2, "höher, als Zufall erklärt")


def test_every_region_says_figure_size_and_judgement() -> None:
    svg = funnel_svg(chart(INSIDE, OUTSIDE))
    assert 'aria-label="Adorf: 12,0; Einwohner 100; kann Zufall sein"' in svg
    assert 'href="?gebiet=2"' in svg


def test_shape_and_not_colour_alone_tells_who_lies_outside() -> None:
    drawn = ElementTree.fromstring(
        f'<x xmlns="http://www.w3.org/2000/svg">{funnel_svg(chart(INSIDE, OUTSIDE))}</x>'
    )
    shapes = {dot.get("data-key"): [part.tag for part in dot] for dot in drawn.iter(f"{SVG}a")}
    assert shapes == {"1": [f"{SVG}circle"], "2": [f"{SVG}path"]}


def test_names_stand_at_the_readers_regions_and_those_outside() -> None:
    other = FunnelDot("3", "Cedorf", 400, 9.0, 0, "kann Zufall sein")
    svg = funnel_svg(chart(INSIDE, OUTSIDE, other))
    assert ">Adorf</text>" in svg
    assert ">Bestadt</text>" in svg
    assert ">Cedorf</text>" not in svg


def test_the_picture_has_no_links() -> None:
    drawn = funnel_file(replace(chart(INSIDE), link=None), "Geburten", ["Quelle"])
    assert "Quelle" in drawn
    assert "<title>Adorf: 12,0" in drawn
    assert "href" not in drawn


def test_one_region_alone_can_be_drawn() -> None:
    lone = FunnelChart(
        (INSIDE,), (Rim(90, (0, 0, 20, 30)), Rim(110, (0, 0, 19, 29))), 12.0, "Kreis", "Einwohner",
        "%", 0, "en", "f", "t", "d",
    )  # fmt: skip
    ElementTree.fromstring(f'<x xmlns="http://www.w3.org/2000/svg">{funnel_svg(lone)}</x>')


def test_a_trend_is_drawn_and_kept_from_the_accessibility_tree() -> None:
    periods = tuple(read_periods({"2020", "2021", "2022"}))
    cells = tuple(Cell(Kind.VALUE, value) for value in (1.0, 2.0, 4.0))
    path = ((2020.0, 0.9), (2022.0, 4.2))
    series = Chart(
        periods, (Line("Adorf", cells, cells, 0),), "%", "%", 1, "de", "t", "t", "d",
        trends=((0, path),),
    )  # fmt: skip
    assert 'class="sd-line sd-line-0 sd-trend" aria-hidden="true"' in line_svg(series)

"""Maps and charts: the same bytes for the same input, every figure reachable, gaps stay gaps.

``SOZIALDATEN_GOLDEN=write`` writes the golden files anew; look at them before committing.
"""

import os
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.lake.signs import signs_of
from ckanext.sozialdaten.portal.preview import (
    Cell,
    Chart,
    Figures,
    Kind,
    Line,
    MapScene,
    Row,
    classify,
    document,
    draw,
    gather,
    line_file,
    line_svg,
    map_file,
    map_svg,
    read_periods,
    ticks,
)

GOLDEN = Path(__file__).parent / "golden"
OURS = signs_of("sozialdaten")
SVG = "{http://www.w3.org/2000/svg}"


def _square(key: str, name: str, west: float, south: float) -> dict[str, object]:
    ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1]]
    return {
        "type": "Feature",
        "properties": {"ags": key, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def _figures() -> Figures:
    return gather(
        [
            Row("1", "2024", 1250),
            Row("2", "2024", 80, "p"),
            Row("3", "2024", None, "."),
            Row("4", "2024", None, "x"),
            Row("5", "2024", 0, "-"),
            Row("1", "2023", 1300),
            Row("2", "2023", 75),
        ],
        OURS,
    )


def _scene(selected: str = "") -> MapScene:
    names = ["Ahornfeld", "Birkenmoos <neu>", "Drosselgrund", "Eulenbrück", "Fichtenrode", "Oberau"]
    places = [(9.0, 51.1), (9.1, 51.1), (9.2, 51.1), (9.0, 51.0), (9.1, 51.0), (9.2, 51.0)]
    features = [
        _square(str(place + 1), name, *where)
        for place, (name, where) in enumerate(zip(names, places, strict=True))
    ]
    figures = _figures()
    return MapScene(
        draw({"type": "FeatureCollection", "features": features}),
        figures,
        "2024",
        classify(figures.values(["1", "2", "5"])),
        "EUR",
        "de",
        "m",
        "Ausgaben, 2024",
        "Ein Satz.",
        selected,
        lambda key: f"?gebiet={key}",
    )


def _chart() -> Chart:
    periods = tuple(read_periods({str(year) for year in range(2019, 2025)}))
    values = [10, 12, None, 11, 15, 16]
    cells = [
        Cell(Kind.SUPPRESSED, None, ".") if value is None else Cell(Kind.VALUE, value)
        for value in values
    ]
    above = tuple(Cell(Kind.VALUE, 12.0) for _ in values)
    lines = (
        Line("Ahornfeld", tuple(cells), tuple(cells), 0),
        Line("Kreis Musterland", above, above, 5),
    )
    return Chart(periods, lines, "", "Anzahl", 0, "de", "s", "Fälle, 2019 – 2024", "Ein Satz.")


def _same_as_golden(name: str, svg: str) -> None:
    path = GOLDEN / name
    if os.environ.get("SOZIALDATEN_GOLDEN") == "write":
        path.write_text(svg, "utf-8")
    assert svg == path.read_text("utf-8")


def test_the_map_looks_as_it_was_looked_at() -> None:
    _same_as_golden("map.svg", document(map_file(_scene(), "Ausgaben", [Kind.SUPPRESSED], []), []))


def test_the_chart_looks_as_it_was_looked_at() -> None:
    _same_as_golden("lines.svg", document(line_file(_chart(), "Fälle", ["Quelle: Kreis"]), []))


def _links(svg: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(svg)
    return {link.attrib["data-key"]: link for link in root.iter("a")}


def test_every_region_is_a_link_that_says_its_name_and_figure() -> None:
    links = _links(map_svg(_scene()))
    assert {key: link.attrib["aria-label"] for key, link in links.items()} == {
        "1": "Ahornfeld: 1.250 EUR",
        "2": "Birkenmoos <neu>: 80 EUR (vorläufig)",
        "3": "Drosselgrund: geheim gehalten zum Schutz von Personen",
        "4": "Eulenbrück: nicht sinnvoll",
        "5": "Fichtenrode: 0 EUR (genau null)",
        "6": "Oberau: nicht verfügbar",
    }
    assert links["2"].attrib["href"] == "?gebiet=2"


def test_missing_figures_never_get_the_colour_of_a_class() -> None:
    links = _links(map_svg(_scene()))
    fills = {key: link[0].attrib["fill"] for key, link in links.items()}
    assert fills["3"] == "url(#m-dots)"
    assert fills["4"] == "url(#m-cross)"
    assert fills["6"] == "url(#m-hatch)"
    assert fills["5"].startswith("#")


def test_every_pattern_that_is_used_is_defined() -> None:
    svg = map_svg(_scene())
    defined = {pattern.attrib["id"] for pattern in ElementTree.fromstring(svg).iter("pattern")}
    assert defined == {"m-dots", "m-hatch", "m-cross", "m-back", "m-plain"}


def test_the_chosen_region_is_drawn_last_and_marked() -> None:
    keys = list(_links(map_svg(_scene("2"))))
    assert keys[-1] == "2"
    assert _links(map_svg(_scene("2")))["2"].attrib["aria-current"] == "true"


def test_the_page_map_carries_no_style_and_no_script() -> None:
    svg = map_svg(_scene()) + line_svg(_chart())
    assert "style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg


def test_a_file_names_title_and_source_and_is_valid_xml() -> None:
    svg = document(map_file(_scene(), "Ausgaben", [Kind.SUPPRESSED], ["Quelle: Kreis"]), ["a<b"])
    root = ElementTree.fromstring(svg.encode())
    assert root.tag == f"{SVG}svg"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"Ausgaben", "Quelle: Kreis", "geheim gehalten zum Schutz von Personen"} <= set(texts)


def test_a_line_is_broken_where_a_figure_is_missing() -> None:
    root = ElementTree.fromstring(line_svg(_chart()))
    lines = {
        group.attrib["aria-label"]: group for group in root.iter("g") if "role" in group.attrib
    }
    path = lines["Ahornfeld"].find("path")
    assert path is not None
    assert path.attrib["d"].count("M") == 2
    assert path.attrib["d"].count("L") == 3


def test_a_gap_says_why_it_is_there() -> None:
    assert "Ahornfeld, 2021: geheim gehalten zum Schutz von Personen" in line_svg(_chart())


def test_reasons_of_gaps_look_different() -> None:
    kinds = (Kind.SUPPRESSED, Kind.LATER, Kind.NOT_APPLICABLE, Kind.INCOMPLETE)
    drawn = set[str]()
    for kind in kinds:
        chart = _chart()
        cells = tuple(Cell(kind) if c.value is None else c for c in chart.lines[0].cells)
        chart = replace(chart, lines=(replace(chart.lines[0], cells=cells, words=cells),))
        root = ElementTree.fromstring(line_svg(chart))
        gap = next(g for g in root.iter("g") if "sd-gap" in g.attrib.get("class", ""))
        drawn.add("".join(path.attrib["d"] for path in gap.iter("path")))
    assert len(drawn) == len(kinds)


def test_the_comparison_is_dashed_and_the_others_are_not() -> None:
    paths = [path.attrib for path in ElementTree.fromstring(line_svg(_chart())).iter("path")]
    dashes = [path.get("stroke-dasharray") for path in paths if path.get("stroke-width") == "3"]
    assert dashes == [None, "9 6"]


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6))
def test_ticks_span_the_values_with_few_round_steps(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert marks[0] <= low + 1e-6 * max(1, abs(low), span)
    assert marks[-1] >= low + span - 1e-6 * max(1, abs(low + span), span)
    assert 2 <= len(marks) <= 9


@pytest.mark.parametrize("count", [1, 500])
def test_five_hundred_regions_stay_light(count: int) -> None:
    features = [
        _square(str(k), f"Gemeinde {k}", 9 + (k % 25) / 10, k // 25 / 10) for k in range(count)
    ]
    plan = draw({"type": "FeatureCollection", "features": features})
    figures = gather([Row(str(k), "2024", k) for k in range(count)], OURS)
    scene = MapScene(plan, figures, "2024", classify(range(count)), "", "de", "m", "t", "d")
    assert len(map_svg(scene)) < 1500 + 250 * count + 4000

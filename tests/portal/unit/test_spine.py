"""The profile of a region: each row says in words and shapes where a figure lies."""

import re
from xml.etree import ElementTree

import pytest

from ckanext.sozialdaten.portal.preview import Side, Spine, SpineMark, SpineRow, shape, spine_svg

SVG = "{http://www.w3.org/2000/svg}"


def _row(
    value: float = 5.0,
    side: Side = Side.ALIKE,
    marks: tuple[SpineMark, ...] = (),
    ends: tuple[float, float] = (0.0, 10.0),
) -> SpineRow:
    low, high = ends
    spread = (low, low + (high - low) / 4, (low + high) / 2, high - (high - low) / 4, high)
    words = f"Quote, 2023: {value}; Rang 3 von 20"
    return SpineRow(
        "Quote", words, "/k", str(value), value, None, None, side, spread, 1, "3", marks
    )


def _drawn(*rows: SpineRow) -> ElementTree.Element:
    chart = Spine((("Arbeit", rows),), "de", "p", "Profil von Ort", "Ein Satz.")
    text = spine_svg(chart).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(text)


def _at(element: ElementTree.Element) -> float:
    found = re.match(r"M(-?[\d.]+),", element.get("d", ""))
    assert found
    return float(found[1])


def _own(drawing: ElementTree.Element) -> ElementTree.Element:
    return next(e for e in drawing.iter(f"{SVG}path") if "sd-spine-own" in e.get("class", ""))


def test_each_row_is_a_link_that_says_all_in_words() -> None:
    links = list(_drawn(_row(), _row(7.0)).iter(f"{SVG}a"))
    assert [link.get("aria-label") for link in links] == [
        "Quote, 2023: 5.0; Rang 3 von 20",
        "Quote, 2023: 7.0; Rang 3 von 20",
    ]


def test_the_greater_figure_lies_further_right_and_the_ends_are_the_range_of_the_group() -> None:
    low, middle, high = (_at(_own(_drawn(_row(value)))) for value in (0.0, 5.0, 10.0))
    assert middle - low == pytest.approx(high - middle)
    assert low < middle


def test_what_lies_beyond_the_group_stands_at_its_end() -> None:
    far = _row(marks=(SpineMark("land", "Land", 900.0),))
    mark = next(e for e in _drawn(far).iter(f"{SVG}path") if e.get("class") == "sd-spine-mark")
    assert _at(_own(_drawn(_row(10.0)))) < _at(mark) < 960


def test_a_group_in_which_all_are_alike_divides_by_nothing() -> None:
    assert _at(_own(_drawn(_row(5.0, ends=(5.0, 5.0))))) > 0


def test_no_two_sides_or_levels_share_a_shape() -> None:
    kinds = [*Side, "kreis", "land", "bund", "other", "second", "third", "median"]
    outlines = [re.search(r' d="([^"]+)"', shape(kind, 0, 0)) for kind in kinds]
    assert len({found[1] for found in outlines if found}) == len(kinds)


def test_names_of_two_lines_are_cut_only_where_the_words_are_kept() -> None:
    row = _row()
    long = SpineRow(
        "Sehr lange Bezeichnung einer Kennzahl die in zwei Zeilen kaum hineinpassen kann",
        "alle Worte", *(getattr(row, name) for name in (
            "link", "text", "value", "low", "high", "side", "spread", "decimals", "rank", "marks")),
    )  # fmt: skip
    drawing = _drawn(long)
    lines = [e.text or "" for e in drawing.iter(f"{SVG}text") if e.get("x") == "4"][1:]
    assert len(lines) == 2
    assert lines[1].endswith("…")

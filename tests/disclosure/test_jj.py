"""The JJ format: known instances are read and written again, broken ones are refused by line."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.structure._jj import JJStatus, parse_jj, read_jj, write_jj

SMALL = """0
4
0 12 13 s 0 60 0 0 0
1 2 3 u 0 60 0 3 0
2 9.5 10 z 0 60 0 0 0
3 .5 1 x 0 60 0 0 0
1
0.0 4 : 0 (-1) 1 (1) 2 (+1) 3 (1.0)
"""


def test_cells_bounds_levels_and_sums_are_read() -> None:
    table = parse_jj(SMALL)
    assert table.values.tolist() == [12, 2, 9.5, 0.5]
    assert table.costs.tolist() == [13, 3, 10, 1]
    assert table.up.tolist() == [0, 3, 0, 0]
    assert table.suppressed.tolist() == [False, True, False, True]
    assert table.has(JJStatus.PUBLISHED).tolist() == [False, False, True, False]
    assert table.equations[0].coefficients == (-1, 1, 1, 1)
    assert table.residuals().tolist() == [0]


def test_a_pattern_is_written_as_statuses_and_read_again() -> None:
    table = parse_jj(SMALL)
    again = parse_jj(write_jj(table, np.array([True, False, True, False])))
    assert [str(status) for status in again.statuses] == ["x", "u", "z", "s"]
    assert again.equations == table.equations
    assert (again.values == table.values).all()


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_ends_of_any_kind_and_marks_of_tau_argus_are_read(ending: str) -> None:
    text = SMALL.replace(" x ", " m ")
    text = text.replace("\n", "\r\n") if ending == "\r\n" else text + ending
    assert parse_jj(text).statuses[3] is JJStatus.SECONDARY


@pytest.mark.parametrize("name", ["f2d_10x10", "h3d_4x4_x5x2", "m2d_20x20"])
def test_known_instances_are_read_whole(name: str) -> None:
    table = read_jj(shared(f"disclosure-cases/08_csp_synthetic/{name}.jj"))
    again = parse_jj(write_jj(table, table.suppressed))
    assert again.equations == table.equations
    assert np.abs(table.residuals()).max() < 1e-9
    assert again.statuses == table.statuses


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("0\n4\n", "1\n4\n", 1),
        ("\n4\n", "\nfour\n", 2),
        ("\n4\n", "\n900000000\n", 2),
        ("0 12 13 s", "0 zwölf 13 s", 3),
        ("0 12 13 s", "0 nan 13 s", 3),
        ("1 2 3 u", "0 2 3 u", 4),
        ("1 2 3 u", "9 2 3 u", 4),
        ("1 2 3 u", "1 2 3 q", 4),
        ("1 2 3 u 0 60 0 3 0", "1 2 3 u 0 60 0 3", 4),
        ("1 2 3 u 0 60", "1 2 3 u 3 60", 4),
        ("1 2 3 u", "1 2 -3 u", 4),
        ("0.0 4 :", "0.0 3 :", 8),
        ("0.0 4 :", "0.0 4", 8),
        ("3 (1.0)", "3 (one)", 8),
        ("3 (1.0)", "7 (1.0)", 8),
        ("3 (1.0)", "2 (1.0)", 8),
        ("3 (1.0)\n", "3 (1.0)\nmore\n", 9),
        ("0.0 4 : 0 (-1) 1 (1) 2 (+1) 3 (1.0)\n", "", 7),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, row: int) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        parse_jj(SMALL.replace(old, new, 1), "table.jj")
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.row) == ("table.jj", row)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_text_crashes_the_reader(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 8)))
    middle = data.draw(st.text(string.printable + "²٣\x85", max_size=8))
    try:
        table = parse_jj(SMALL[:start] + middle + SMALL[end:])
    except UnreadableFileError:
        return
    assert len(table) == len(table.statuses) == len(table.values)
    parse_jj(write_jj(table, table.suppressed))

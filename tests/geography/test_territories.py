"""Series on another territorial state."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.geography import (
    Conversion,
    Crosswalk,
    GeographyError,
    Level,
    NoWay,
    Register,
    RegisterError,
    Share,
    Territories,
    Weight,
    convert,
    ratio,
    state_day,
)
from ckanext.sozialdaten.geography.importing import import_lists
from tests.geography.worlds import LAND_98, bbsr_workbook, changes_workbook, gv_workbook
from tests.shared_files import shared

HEAD = "from,to,old,new,population,area\n"
# 98001 and 98002 join as 98010; 98003 is divided between 98010 and 98004
STEP = (
    "2010,2015,98001,98010,1,1\n2010,2015,98002,98010,1,1\n2010,2015,98003,98010,0.25,0.5\n"
    "2010,2015,98003,98004,0.75,0.5\n2010,2015,98004,98004,1,1\n2010,2015,98005,98005,1,1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.csv").write_text(HEAD + STEP)
    import_lists([tmp_path / "list.csv"], tmp_path / "r")
    return tmp_path / "r"


def _table(values: Mapping[str, object], **columns: str) -> pa.Table:
    """Figures by region; a text that is no number is a sign."""
    signs = [v if isinstance(v, str) else "" for v in values.values()]
    numbers = [None if isinstance(v, str) else str(v) for v in values.values()]
    data: dict[str, Sequence[object]] = {
        "region": list(values), "value": numbers, "quality": signs,
    }  # fmt: skip
    data |= {"reference_end": ["2010-12-31"] * len(values), "unit": ["Anzahl"] * len(values)}
    return pa.table(data | {name: [text] * len(values) for name, text in columns.items()})


Line = tuple[float | None, str, str]


def _lines(table: pa.Table) -> dict[str, Line]:
    return {r["region"]: (r["value"], r["quality"], r["conversion"]) for r in table.to_pylist()}


def _converted(
    folder: Path, values: Mapping[str, object], weight: Weight = Weight.POPULATION, **columns: str
) -> dict[str, Line]:
    table = _table(values, **columns)
    way = Territories([folder])
    return _lines(convert(table, dt.date(2015, 12, 31), territories=way, weight=weight))


ALL = {"98001": 100, "98002": 50, "98003": 40, "98004": 7, "98005": 9}


def test_counts_move_by_population_and_split_ones_are_estimates(folder: Path) -> None:
    assert _converted(folder, ALL) == {
        "98010": (160.0, "s", "estimated"),
        "98004": (37.0, "s", "estimated"),
        "98005": (9.0, "", "unchanged"),
    }


def test_another_weight_divides_otherwise(folder: Path) -> None:
    assert _converted(folder, ALL, Weight.AREA)["98010"][0] == 170


def test_a_weight_that_the_list_lacks_is_an_error(folder: Path) -> None:
    with pytest.raises(NoWay, match="employment"):
        _converted(folder, ALL, Weight.EMPLOYMENT)


@pytest.mark.parametrize("sign", [".", "*", "/", "x", "..."])
def test_a_secret_part_makes_the_whole_incomplete_and_never_a_partial_sum(
    folder: Path, sign: str
) -> None:
    found = _converted(folder, {**ALL, "98001": sign})
    assert found["98010"] == (None, ".", "incomplete")
    assert found["98005"] == (9.0, "", "unchanged")


def test_a_missing_part_makes_the_whole_incomplete_unless_absent_means_none(folder: Path) -> None:
    some = {key: value for key, value in ALL.items() if key != "98002"}
    assert _converted(folder, some)["98010"] == (None, ".", "incomplete")
    counted = convert(
        _table(some), dt.date(2015, 12, 31), territories=Territories([folder]), absent_is_zero=True
    )
    assert _lines(counted)["98010"] == (110.0, "s", "estimated")


def test_nothing_is_zero_in_a_sum_and_stays_nothing_alone(folder: Path) -> None:
    assert _converted(folder, {**ALL, "98001": "-"})["98010"][0] == 60
    dashes = dict.fromkeys(ALL, "-")
    assert _converted(folder, dashes)["98010"] == (None, "-", "estimated")


def test_the_sign_of_an_unchanged_region_stays(folder: Path) -> None:
    assert _converted(folder, {**ALL, "98005": "*"})["98005"] == (None, "*", "unchanged")


@pytest.mark.parametrize("unit", ["%", "je 1 000 Einwohner", "Euro pro Kopf", "Prozent"])
def test_a_rate_is_never_added_up(folder: Path, unit: str) -> None:
    found = _converted(folder, ALL, unit=unit)
    assert found["98010"] == (None, ".", "incomplete")
    assert found["98004"] == (None, ".", "incomplete")
    assert found["98005"] == (9.0, "", "unchanged")


def test_a_rate_is_computed_anew_from_its_converted_counts(folder: Path) -> None:
    way, day = Territories([folder]), dt.date(2015, 12, 31)
    people = {"98001": 1000, "98002": 1000, "98003": 400, "98004": 100, "98005": "."}
    top, bottom = (convert(_table(v), day, territories=way) for v in (ALL, people))
    found = _lines(ratio(top, bottom, ["reference_end"], 100))
    assert found["98010"] == (pytest.approx(160 / 2100 * 100), "s", "estimated")
    assert found["98005"] == (None, ".", "incomplete")


def test_decimals_of_a_merger_are_added_exactly(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        HEAD + "2010,2015,98001,98010,1,\n2010,2015,98002,98010,1,\n2010,2015,98003,98003,1,\n"
    )
    import_lists([tmp_path / "l.csv"], tmp_path / "r")
    table = pa.table(
        {"region": ["98001", "98002"], "value": [0.1, 0.2], "reference_end": ["2010-12-31"] * 2}
    )
    way = Territories([tmp_path / "r"])
    assert _lines(convert(table, dt.date(2015, 12, 31), territories=way)) == {
        "98010": (0.3, "", "merged")
    }


def test_a_region_that_its_time_did_not_know_is_left_as_it_was_or_out(folder: Path) -> None:
    found = _converted(folder, {**ALL, "98010": ".", "98777": 3})
    assert found["98010"][0] == 160
    assert found["98777"] == (3.0, "", "unmatched")


def test_figures_of_several_years_and_dimensions_are_kept_apart(folder: Path) -> None:
    years = [_table(ALL, sex="w"), _table(ALL, sex="m"), _table({"98010": 5}, sex="m")]
    late = years[2].set_column(
        years[2].column_names.index("reference_end"), "reference_end", pa.array(["2015-06-30"])
    )
    table = pa.concat_tables([years[0], years[1], late])
    rows = convert(table, dt.date(2015, 12, 31), territories=Territories([folder])).to_pylist()
    found = {(r["reference_end"], r["sex"], r["region"]): r["value"] for r in rows}
    assert found["2010-12-31", "w", "98010"] == found["2010-12-31", "m", "98010"] == 160
    assert found["2015-06-30", "m", "98010"] == 5
    assert len(found) == 7


def test_two_rows_for_one_figure_are_an_error(folder: Path) -> None:
    table = pa.concat_tables([_table(ALL), _table({"98001": 1})])
    with pytest.raises(GeographyError, match="two rows"):
        convert(table, dt.date(2015, 12, 31), territories=Territories([folder]))


def test_laender_need_no_list_and_other_levels_do(folder: Path) -> None:
    way = Territories([folder])
    day = dt.date(2015, 12, 31)
    assert _lines(convert(_table({"DG": 5, "98": 6}), day, territories=way))["98"][0] == 6
    with pytest.raises(NoWay, match="level gemeinde"):
        convert(_table({"98001001": 5}), day, territories=way)
    with pytest.raises(NoWay, match="forward only"):
        convert(_table(ALL), dt.date(2009, 12, 31), territories=way)


def test_steps_are_chained_and_parts_that_meet_again_are_whole(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        HEAD
        + "2010,2011,98001,98002,0.3,\n2010,2011,98001,98003,0.7,\n2010,2011,98009,98009,1,\n"
        + "2011,2012,98002,98004,1,\n2011,2012,98003,98004,1,\n2011,2012,98009,98009,1,\n"
    )
    import_lists([tmp_path / "l.csv"], tmp_path / "r")
    way = Territories([tmp_path / "r"])
    table = _table({"98001": 10, "98009": 1})
    assert _lines(convert(table, dt.date(2011, 12, 31), territories=way))["98002"][1] == "s"
    assert _lines(convert(table, dt.date(2012, 12, 31), territories=way))["98004"] == (
        10.0, "", "unchanged",
    )  # fmt: skip


def test_weights_that_do_not_add_up_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        HEAD + "2010,2015,98001,98002,0.5,\n2010,2015,98001,98003,0.3,\n"
    )
    import_lists([tmp_path / "l.csv"], tmp_path / "r")
    with pytest.raises(RegisterError, match=r"add up to 0\.8"):
        _converted(tmp_path / "r", {"98001": 1})


def test_a_workbook_of_the_bbsr_gives_a_step_for_each_sheet_and_former_names(
    tmp_path: Path,
) -> None:
    rows = [
        [98001000.0, "Altkreis", 1.0, 1.0, 5.0, 2.0, 98010000.0, "Neukreis"],
        [98002000.0, "Nachbar", 0.6, 0.4, 5.0, 2.0, 98010000.0, "Neukreis"],
        [98002000.0, "Nachbar", 0.4, 0.6, 5.0, 2.0, 98003000.0, "Rest"],
        [98003000.0, "Rest", 1.0, 1.0, 5.0, 2.0, 98003000.0, "Rest"],
    ]
    book = bbsr_workbook(
        tmp_path / "u.xlsx",
        [("31.12.1990", "31.12.2019", rows), ("31.12.1991", "31.12.2019", rows)],
    )
    gv = gv_workbook(tmp_path / "gv.xlsx", "31.12.2023")
    import_lists([gv, book], tmp_path / "r")
    way = Territories([tmp_path / "r"]).crosswalk(
        Level.KREIS, dt.date(1990, 12, 31), dt.date(2019, 12, 31)
    )
    assert way.of("98002") == (Share("98003", 0.6), Share("98010", 0.4))
    project = Path(__file__).parents[2] / "schemas" / "geography"
    former = Register.load([project, tmp_path / "r"]).get("98001")
    assert (former.name, former.valid_to) == ("Altkreis", dt.date(1991, 12, 31))


DAY = dt.date(2023, 1, 1)


def _changes(tmp_path: Path, rows: Sequence[Sequence[object]], unit: str = "ha") -> Territories:
    files = [
        gv_workbook(tmp_path / "gv.xlsx", "31.12.2022", LAND_98),
        changes_workbook(tmp_path / "c.xlsx", rows, unit),
    ]
    import_lists(files, tmp_path / "r")
    return Territories([tmp_path / "r"])


def _of_2022(territories: Territories, values: Mapping[str, object]) -> dict[str, Line]:
    table = _table(values, reference_end="2022-12-31")
    return _lines(convert(table, dt.date(2023, 12, 31), territories=territories))


def test_a_dissolved_gemeinde_is_added_to_the_one_that_takes_it_in(tmp_path: Path) -> None:
    way = _changes(tmp_path, [("1", "98101001", "Altdorf", 1000, 1000, "98101002", "Neudorf", DAY)])
    assert _of_2022(way, {"98101001": 3, "98101002": 4, "98101003": 5}) == {
        "98101002": (7.0, "", "merged"),
        "98101003": (5.0, "", "unchanged"),
    }
    # without the row of the one that takes it in, the sum would be a part only
    assert _of_2022(way, {"98101001": 3}) == {"98101002": (None, ".", "incomplete")}


@pytest.mark.parametrize(("unit", "area"), [("ha", 500), ("qm", 5_000_000)])
def test_a_part_that_leaves_is_weighed_by_the_size_of_the_whole(
    tmp_path: Path, unit: str, area: float
) -> None:
    way = _changes(
        tmp_path, [("2", "98101001", "Altdorf", area, 100, "98101002", "Neudorf", DAY)], unit
    )
    found = _of_2022(way, {"98101001": 50, "98101002": 4})
    assert found == {"98101001": (45.0, "s", "estimated"), "98101002": (9.0, "s", "estimated")}
    by_area = way.crosswalk(
        Level.GEMEINDE, dt.date(2022, 12, 31), dt.date(2023, 12, 31), Weight.AREA
    )
    assert by_area.of("98101001") == (Share("98101001", 0.5), Share("98101002", 0.5))


def test_a_part_of_a_gemeinde_without_known_size_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="98999001"):
        _changes(tmp_path, [("2", "98999001", "Fern", 5, 10, "98101002", "Neudorf", DAY)])


def test_changes_of_one_year_build_on_each_other(tmp_path: Path) -> None:
    later = dt.date(2023, 7, 1)
    way = _changes(
        tmp_path,
        [
            ("3", "98101077", "Zwischendorf", 1000, 1000, "98101088", "Enddorf", later),
            ("3", "98101001", "Altdorf", 1000, 1000, "98101077", "Zwischendorf", DAY),
            ("4", "98101002", "Neudorf", None, None, "98101002", "Neudorf am Rain", DAY),
        ],
    )
    found = _of_2022(way, {"98101001": 3, "98101002": 4})
    assert found["98101002"] == (4.0, "", "unchanged")
    assert found["98101088"] == (3.0, "", "unchanged")


def test_a_state_is_a_year_or_a_day() -> None:
    assert state_day("2020-06-30") == dt.date(2020, 6, 30)
    with pytest.raises(NoWay):
        state_day("Ende 2019")


keys = st.integers(1, 9).map(lambda n: f"9800{n}")
shares = st.lists(
    st.tuples(keys, st.integers(1, 20)), min_size=1, max_size=3, unique_by=lambda part: part[0]
)


def _way(parts: Mapping[str, list[tuple[str, int]]], start: int, complete: bool) -> Crosswalk:
    made = {
        old: tuple(Share(new, n / sum(m for _, m in row)) for new, n in row)
        for old, row in parts.items()
    }
    days = dt.date(start, 12, 31), dt.date(start + 1, 12, 31)
    return Crosswalk(Level.KREIS, *days, made, complete)


@given(st.dictionaries(keys, shares, min_size=1), st.dictionaries(keys, shares, min_size=1))
def test_chained_parts_of_each_region_add_up_to_one(
    first: dict[str, list[tuple[str, int]]], second: dict[str, list[tuple[str, int]]]
) -> None:
    whole = _way(first, 2010, True).then(_way(second, 2011, False))
    for old in first:
        assert sum(share.weight for share in whole.of(old)) == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(keys, shares, min_size=1),
    st.lists(st.integers(0, 10**6), min_size=9, max_size=9),
)
def test_converting_complete_figures_preserves_the_total(
    tmp_path_factory: pytest.TempPathFactory,
    parts: dict[str, list[tuple[str, int]]],
    values: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("r")
    # rounded as printed: the parts of a region need not add up to 1 exactly
    lines = [
        f"{old},{new},{round(n / sum(m for _, m in row), 4)},,"
        for old, row in parts.items()
        for new, n in row
    ]
    (folder / "crosswalk_kreis_2010-12-31_2015-12-31.csv").write_text(
        "old,new,population,area,employment\n" + "\n".join(lines) + "\n"
    )
    figures = dict(zip(sorted(parts), values, strict=False))
    result = convert(
        _table(figures), dt.date(2015, 12, 31), territories=Territories([folder])
    ).to_pylist()
    assert sum(row["value"] for row in result) == pytest.approx(sum(figures.values()))
    for row in result:
        whole = row["conversion"] in (Conversion.MERGED, Conversion.UNCHANGED)
        assert row["value"] == int(row["value"]) if whole else row["quality"] == "s"


def test_the_bbsrs_list_gives_its_known_answers(tmp_path: Path) -> None:
    import_lists([shared("samples/umsteiger/ref-kreise-umrech-2019-1990-2018.xlsx")], tmp_path)
    way = Territories([tmp_path])
    values = {"03152": 300, "03156": 200, "13052": 1000, "05313": 10, "05354": ".", "03159": "."}
    found = _lines(
        convert(
            _table(values, reference_end="2008-12-31"),
            dt.date(2019, 12, 31),
            territories=way,
            absent_is_zero=True,
        )
    )
    assert found["03159"] == (500.0, "", "merged")
    assert found["05334"] == (None, ".", "incomplete")
    assert found["13071"][0] == pytest.approx(824.4, abs=0.1)
    assert found["13075"][0] == pytest.approx(175.6, abs=0.1)


def test_no_inhabitant_is_lost_between_1990_and_2019(tmp_path: Path) -> None:
    import python_calamine

    path = shared("samples/umsteiger/ref-kreise-umrech-2019-1990-2018.xlsx")
    import_lists([path], tmp_path)
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name("1990-2019")
    people: dict[str, float] = {}
    for row in sheet.to_python()[1:]:
        key = str(int(row[0])).zfill(8)[:5]
        people[key] = people.get(key, 0) + row[5]
    result = convert(
        _table(people, reference_end="1990-12-31"),
        dt.date(2019, 12, 31),
        territories=Territories([tmp_path]),
    )
    assert len(set(result["region"].to_pylist())) == 401
    assert sum(result["value"].to_pylist()) == pytest.approx(sum(people.values()))

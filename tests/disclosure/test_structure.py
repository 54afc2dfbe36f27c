"""How tables hang together: what labels mean, which codes sum up others, which lie in which."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command as attack_command
from ckanext.sozialdaten.cli.check import command as check_command
from ckanext.sozialdaten.disclosure import RolesError, load_policy
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._subject import prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.structure import cells_of, read_parents, relations
from ckanext.sozialdaten.disclosure.structure._meaning import Period, bands, period, region_key
from ckanext.sozialdaten.lake.layouts import Role

Sums = set[tuple[str, frozenset[str]]]


def sums_of(
    columns: Mapping[str, Sequence[object]],
    value: str,
    role: Role = Role.COUNT,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
) -> Sums:
    """Every sum that the structure of a table shows, as total and parts."""
    table = pa.table({name: [str(x) for x in cells] for name, cells in columns.items()})
    roles: dict[str, Role | str] = dict.fromkeys(columns, Role.DIMENSION)
    engine = Engine()
    try:
        subject = prepare(
            Sheet(table, "t.csv"),
            {**roles, value: role},
            load_policy(),
            engine,
            hierarchies=hierarchies,
        )
        cells = cells_of(subject, role)
        assert cells is not None
        return {
            (
                cells.dimensions[r.dimension].labels[r.total],
                frozenset(cells.dimensions[r.dimension].labels[part] for part in r.parts),
            )
            for r in relations(cells, 0.5)
        }
    finally:
        engine.close()


def case(
    name: str, dimensions: Sequence[str], value: str, hidden: Callable[[Mapping[str, str]], bool]
) -> dict[str, list[str]]:
    """The columns of a reference table, with marks where a cell is suppressed."""
    with (shared("disclosure-cases") / name).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = {dimension: [row[dimension] for row in rows] for dimension in dimensions}
    return {**columns, value: ["." if hidden(row) else row[value] for row in rows]}


def _suppressed(row: Mapping[str, str]) -> bool:
    return row["suppressed"] == "TRUE"


@pytest.mark.parametrize("name", ["S2", "S4", "S5", "S6"])
def test_a_hierarchy_that_only_the_numbers_show_is_found(name: str) -> None:
    path = f"01_gausssuppression/{name}_expected.csv"
    found = sums_of(case(path, ("age", "geo"), "freq", _suppressed), "freq")
    assert ("EU", frozenset({"Spain", "Portugal"})) in found
    assert ("Total", frozenset({"young", "old"})) in found


@pytest.mark.parametrize("name", ["M4", "M5", "M9", "MP1"])
def test_two_groupings_of_the_same_codes_are_found(name: str) -> None:
    path = f"01_gausssuppression/{name}_expected.csv"
    columns = case(path, ("sector4", "geo"), "value", _suppressed)
    found = sums_of(columns, "value", Role.MAGNITUDE)
    assert ("private", frozenset({"Agriculture", "Entertainment", "Industry"})) in found
    assert ("EU", frozenset({"Spain", "Portugal"})) in found


def test_counties_and_groups_over_the_same_regions_are_found() -> None:
    path = "01_gausssuppression/U_d2s_expected.csv"
    found = sums_of(case(path, ("region", "main_income"), "freq", _suppressed), "freq")
    assert ("BIG", frozenset("ABC")) in found
    assert ("small", frozenset("DEF")) in found
    assert ("county-1", frozenset("AD")) in found


def test_a_declared_hierarchy_gives_the_sums_of_the_turnover_table() -> None:
    columns = case(
        "05_tauargus/act_size_patterns.csv",
        ("ACTIVITY", "SIZE"),
        "TOT",
        lambda row: row["opt_value"] != "V",
    )
    above = read_parents(shared("disclosure-cases") / "05_tauargus/activity_corr_table.csv")
    found = sums_of(columns, "TOT", Role.MAGNITUDE, {"ACTIVITY": above})
    assert ("BE", frozenset("BCDE")) in found
    assert ("A", frozenset({"01", "02"})) in found
    totals = [parts for total, parts in found if total == "Total" and "AZ" in parts]
    assert [len(parts) for parts in totals] == [10]


def test_without_the_hierarchy_nobody_adds_codes_of_several_levels() -> None:
    columns = case(
        "05_tauargus/act_size_patterns.csv",
        ("ACTIVITY", "SIZE"),
        "TOT",
        lambda row: row["opt_value"] != "V",
    )
    found = sums_of(columns, "TOT", Role.MAGNITUDE)
    assert not any(len(parts) > 100 for _, parts in found)


def test_rounded_counts_still_add_up_in_the_four_way_table() -> None:
    names = ("treff", "cj", "type_distrib", "A10")
    columns = case("05_tauargus/datatest1_4dim.csv", names, "nb_obs_rnd", lambda _row: False)
    found = sums_of(columns, "nb_obs_rnd")
    assert sorted(len(parts) for total, parts in found if total == "Total") == [3, 3, 4, 10]


def test_columns_that_are_levels_of_one_hierarchy_are_one_dimension() -> None:
    found = sums_of(
        {
            "Kreis": ["Insgesamt", "K1", "K1", "K1", "K2", "K2", "K2"],
            "Gemeinde": ["Insgesamt", "Insgesamt", "a", "b", "Insgesamt", "c", "d"],
            "Fälle": [100, 40, 15, 25, 60, 29, 31],
        },
        "Fälle",
    )
    assert found == {
        ("Insgesamt", frozenset({"K1", "K2"})),
        ("K1", frozenset("ab")),
        ("K2", frozenset("cd")),
    }


def test_levels_in_columns_of_which_one_speaks_at_a_time_are_one_dimension() -> None:
    found = sums_of(
        {
            "age_l": ["Total", "0-9", "10-19", "Total", "Total", "Total", "Total"],
            "age_h": ["Total", "Total", "Total", "0-4", "5-9", "10-14", "15-19"],
            "freq": [100, 40, 60, 15, 25, 29, 31],
        },
        "freq",
    )
    assert ("0-9", frozenset({"0-4", "5-9"})) in found
    assert ("Total", frozenset({"0-9", "10-19"})) in found


def test_unrelated_numbers_are_no_sums() -> None:
    found = sums_of(
        {"Ort": list("ABCDE"), "Fälle": [12, 17, 23, 31, 44], "Plätze": [9, 8, 27, 33, 50]}, "Fälle"
    )
    assert found == set()


@pytest.mark.parametrize(
    "rows",
    [
        "a,X\nb,X\nX,T\n",
        "child,parent\na,X\nb,X\nX,T\n",
        "a;X;T\nb;X;T\n",
        "T;X;a\nT;X;b\n",
    ],
)
def test_hierarchies_are_read_from_either_end(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "levels.csv"
    path.write_text(rows, "utf-8")
    found = read_parents(path)
    assert {code: found[code] for code in ("a", "b", "X")} == {"a": "X", "b": "X", "X": "T"}


def test_codes_that_lie_in_several_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "levels.csv"
    path.write_text("a,X\na,Y\nb,X\n", "utf-8")
    with pytest.raises(RolesError):
        read_parents(path)


@pytest.mark.parametrize("command", [check_command, attack_command])
def test_a_declared_hierarchy_opens_a_cell_that_else_seems_closed(
    tmp_path: Path, command: object
) -> None:
    table, levels = tmp_path / "t.csv", tmp_path / "levels.csv"
    table.write_text("Zweig;Fälle\nX;42\na;.\nb;40\nY;77\nc;30\nd;47\n", "utf-8")
    levels.write_text("a,X\nb,X\nc,Y\nd,Y\n", "utf-8")
    assert isinstance(command, type(check_command))
    with_it = CliRunner().invoke(command, [str(table), "--hierarchy", f"Zweig={levels}"])
    assert with_it.exit_code == 1
    assert CliRunner().invoke(command, [str(table)]).exit_code == 0


def test_bands_know_whether_their_ends_belong_to_them() -> None:
    assert bands(["0-3", "3-6"]) == {"0-3": (0, 3), "3-6": (3, 6)}
    assert bands(["0-2", "3-5"]) == {"0-2": (0, 3), "3-5": (3, 6)}
    assert bands(["0 bis unter 3", "unter 6", "u3"]) == {
        "0 bis unter 3": (0, 3),
        "unter 6": (0, 6),
        "u3": (0, 3),
    }


def test_times_are_read_as_tables_write_them() -> None:
    march = Period(2023 * 12 + 2, 2023 * 12 + 3)
    first = Period(2023 * 12, 2023 * 12 + 3)
    assert {period(text) for text in ("März 2023", "2023-03", "03/2023", "3/2023")} == {march}
    texts = ("Q1 2023", "1. Quartal 2023", "2023-Q1", "Januar-März 2023", "bis März 2023")
    assert {period(text) for text in texts} == {first}
    day = period("31.12.2023")
    assert day is not None
    assert day.start == day.end
    assert period("Markt") is None


def test_region_keys_lose_their_padding() -> None:
    assert [region_key(key) for key in ("010560000000", "01056000", "01056", "010565642001")] == [
        "01056",
        "01056",
        "01056",
        "01056001",
    ]

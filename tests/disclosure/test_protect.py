"""Protected tables: safe for the attack, and with as little lost as is known to be possible."""

import csv
import json
import random
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from disclosure_worlds import POLICY, named, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import (
    NotProtectedError,
    Verdict,
    attack_files,
    check,
    load_policy,
    protect,
)
from ckanext.sozialdaten.disclosure.suppression import Equation, Limits, Problem, suppress

ROLES = {"Ort": "dimension", "Alter": "dimension", "Anzahl": "count"}
PLACES, AGES = ("A", "B", "C", "D"), ("0-5", "6-13", "14-17")
Counts = Mapping[tuple[str, str], int]
SLOW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
WORLDS = st.fixed_dictionaries(
    {(place, age): st.integers(0, 12) for place in PLACES for age in AGES}
)


def with_margins(inner: Counts) -> dict[tuple[str, str], int]:
    """The counts and all their totals."""
    cells = dict(inner)
    for place in PLACES:
        cells[place, "Insgesamt"] = sum(inner[place, age] for age in AGES)
    for age in (*AGES, "Insgesamt"):
        cells["Insgesamt", age] = sum(cells[place, age] for place in PLACES)
    return cells


def rows_of(cells: Mapping[tuple[str, str], int]) -> list[dict[str, str]]:
    return [{"Ort": one, "Alter": two, "Anzahl": str(n)} for (one, two), n in cells.items()]


def shown(data: pa.Table) -> dict[tuple[str, str], str]:
    return {(row["Ort"], row["Alter"]): row["Anzahl"] for row in data.to_pylist()}


def jj_problem(path: Path) -> Problem:
    """An instance in the format of Jean-Louis Salazar's library."""
    lines = path.read_text().splitlines()
    size = int(lines[1])
    cells = [line.split() for line in lines[2 : 2 + size]]
    equations: list[Equation] = []
    for line in lines[3 + size : 3 + size + int(lines[2 + size])]:
        words = line.split(":")[1].replace("(", " ").replace(")", " ").split()
        equations.append(Equation(tuple(map(int, words[::2])), tuple(map(float, words[1::2]))))

    def column(index: int) -> np.ndarray:
        return np.array([float(cell[index]) for cell in cells])

    status = np.array([cell[3] for cell in cells])
    return Problem(
        column(1),
        column(2),
        column(4),
        column(5),
        status == "u",
        status == "z",
        equations,
        up=column(7),
        down=column(6),
        width=column(8),
    )


@pytest.mark.parametrize("name", ["f2d_10x10", "f2d_25x25", "h2d_4x5_x_6", "m2d_20x20"])
def test_the_least_loss_is_that_of_the_known_optimum(name: str) -> None:
    folder = shared("disclosure-cases/08_csp_synthetic")
    known = json.loads((folder / "best_known.json").read_text())[name]
    problem = jj_problem(folder / f"{name}.jj")
    best = suppress(problem, Limits(cells=1_000))
    assert best.methods == ("exact",)
    assert best.cost(problem) == pytest.approx(known["exact_total"])


@pytest.mark.parametrize("name", ["f2d_10x10", "h2d_4x5_x_6", "h3d_4x4_x5x2"])
def test_the_approximation_is_close_to_the_best_known_and_never_below_a_bound(name: str) -> None:
    folder = shared("disclosure-cases/08_csp_synthetic")
    known = json.loads((folder / "best_known.json").read_text())[name]
    problem = jj_problem(folder / f"{name}.jj")
    near = suppress(problem, Limits(cells=0))
    assert near.methods == ("greedy",)
    best = known["exact_total"] or known["heuristic_total"]
    assert known["lower_bound"] - 1e-6 <= near.cost(problem) <= best * 1.06


def classic(weights: str) -> tuple[Problem, list[tuple[str, str]]]:
    """The introductory table of Fischetti and Salazar."""
    case = json.loads(shared("disclosure-cases/09_classic/fischetti_salazar_2001.json").read_text())
    keys = [(row, column) for row in case["rows"] for column in case["cols"]]
    values = np.array([float(v) for row in case["values"] for v in row])
    place = {key: index for index, key in enumerate(keys)}
    equations = [
        Equation(tuple(place[r, c] for c in case["cols"]), (1.0, 1.0, 1.0, -1.0))
        for r in case["rows"]
    ] + [
        Equation(tuple(place[r, c] for r in case["rows"]), (1.0, 1.0, 1.0, -1.0))
        for c in case["cols"]
    ]
    primary = np.array([key == tuple(case["sensitive"]) for key in keys])
    zeros = np.zeros(len(keys))
    problem = Problem(
        values,
        values if weights == "value" else np.ones(len(keys)),
        zeros,
        np.full(len(keys), 1e4),
        primary,
        np.zeros(len(keys), dtype=bool),
        equations,
        up=np.where(primary, case["csp"]["UPL"], 0.0),
        down=np.where(primary, case["csp"]["LPL"], 0.0),
        width=zeros,
    )
    return problem, keys


def test_the_classic_table_loses_what_the_literature_says() -> None:
    problem, keys = classic("value")
    best = suppress(problem)
    case = json.loads(shared("disclosure-cases/09_classic/fischetti_salazar_2001.json").read_text())
    assert best.cost(problem) == case["csp"]["optimal_total_cost"]
    pattern = {keys[cell] for cell in np.flatnonzero(best.suppressed)}
    assert pattern == {tuple(cell) for cell in case["csp"]["optimal_pattern"]}
    by_count, _ = classic("count")
    assert suppress(by_count).cost(by_count) == 4


@pytest.mark.parametrize(("weights", "best"), [("freq", 354), ("one", 21)])
def test_the_vignette_of_sdctable_loses_the_known_optimum(weights: str, best: int) -> None:
    path = shared("disclosure-cases/02_sdctable/T2_vignette_maxN10_table.csv")
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    problem = _vignette(rows, weights)
    secondary = suppress(problem).suppressed & ~problem.primary
    assert problem.weights[secondary].sum() == pytest.approx(best)


def _vignette(rows: list[dict[str, str]], weights: str) -> Problem:
    """Three dimensions whose codes are nested by their first letters below "Tot"."""
    place = {(row["V1"], row["V2"], row["V3"]): index for index, row in enumerate(rows)}
    equations: list[Equation] = []
    for axis in range(3):
        codes = {key[axis] for key in place}
        for total in codes:
            parts = {c for c in codes if c != total and _parent(c, codes) == total}
            for key, index in place.items() if parts else ():
                if key[axis] == total:
                    cells = [place[(*key[:axis], p, *key[axis + 1 :])] for p in sorted(parts)]
                    equations.append(Equation((index, *cells), (1.0, *[-1.0] * len(cells))))
    values = np.array([float(row["freq"]) for row in rows])
    primary = np.array([row["sdcStatus"] == "u" for row in rows])
    none = np.zeros(len(rows))
    return Problem(
        values,
        values if weights == "freq" else np.ones(len(rows)),
        none,
        np.full(len(rows), 1e5),
        primary,
        np.array([row["sdcStatus"] == "z" for row in rows]),
        equations,
        up=np.where(primary, 1.0, 0.0),
        down=none,
        width=none,
    )


def _parent(code: str, codes: set[str]) -> str:
    shorter = [c for c in codes if c != code and c != "Tot" and code.startswith(c)]
    return max(shorter, key=len) if shorter and code != "Tot" else ("Tot" if code != "Tot" else "")


@SLOW
@given(WORLDS)
def test_a_protected_table_passes_the_check_and_keeps_every_other_cell(inner: Counts) -> None:
    cells = with_margins(inner)
    done = protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY)
    assert check(done.table, ROLES, POLICY).verdict is Verdict.SAFE
    after = shown(done.table)
    hidden = {key for key, text in after.items() if text == "."}
    assert {key for key, n in cells.items() if n in (1, 2)} <= hidden
    assert all(after[key] == str(n) for key, n in cells.items() if key not in hidden)
    assert done.report.primary + done.report.secondary == len(hidden)


@SLOW
@given(WORLDS)
def test_a_protected_table_stays_as_it_is(inner: Counts) -> None:
    once = protect(pa.Table.from_pylist(rows_of(with_margins(inner))), ROLES, POLICY)
    twice = protect(once.table, ROLES, POLICY)
    assert twice.table.equals(once.table)
    assert twice.report.changed == ()


@SLOW
@given(WORLDS, st.randoms())
def test_the_order_of_rows_never_changes_what_is_hidden(
    inner: Counts, chance: random.Random
) -> None:
    rows = rows_of(with_margins(inner))
    before = shown(protect(pa.Table.from_pylist(rows), ROLES, POLICY).table)
    chance.shuffle(rows)
    assert shown(protect(pa.Table.from_pylist(rows), ROLES, POLICY).table) == before


def test_zeros_are_no_hiding_place_unless_they_are_protected() -> None:
    cells = with_margins({(place, age): 0 for place in PLACES for age in AGES} | {("A", "0-5"): 1})
    after = shown(protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY).table)
    assert {key for key, text in after.items() if text == "."} == {
        key for key, n in cells.items() if n
    }


def test_totals_are_kept_where_inner_cells_can_hide_the_small_ones() -> None:
    inner = {(p, a): 20 + 3 * i + j for i, p in enumerate(PLACES) for j, a in enumerate(AGES)}
    cells = with_margins(inner | {("B", "0-5"): 2})
    done = protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY)
    hidden = {key for key, text in shown(done.table).items() if text == "."}
    assert len(hidden) == 4
    assert not any("Insgesamt" in key for key in hidden)
    assert dict(done.report.methods) == {"exact": 1}


def test_a_blank_count_with_a_column_of_signs_gets_the_sign() -> None:
    from ckanext.sozialdaten.lake.layouts import Field, Layout, Role

    layout = Layout(
        (
            Field("AGS", role=Role.REGION),
            Field("Anzahl", role=Role.COUNT),
            Field("Zeichen", quality_of="Anzahl"),
        )
    )
    keys = ["99001", "99001001", "99001002", "99001003"]
    data = pa.table({"AGS": keys, "Anzahl": [60, 2, 8, 50], "Zeichen": ["", "", "", ""]})
    after = protect(data, layout, POLICY).table
    assert after.column("Anzahl").to_pylist() == [60, None, None, 50]
    assert after.column("Zeichen").to_pylist() == ["", ".", ".", ""]
    assert after.schema == data.schema


def test_public_statistics_stay_as_they_are() -> None:
    data = table(AGS=["01056001", "01056002"], Anzahl=[1, 2])
    assert protect(data, None, load_policy("open-statistics")).table.equals(data)


def test_what_suppression_cannot_help_is_refused() -> None:
    data = named(
        {
            "Ort": ["A", "B", "C"],
            "E-Mail": [f"{n}.meier@web.de" for n in "abc"],
            "Anzahl": [9, 8, 7],
        }
    )
    with pytest.raises(NotProtectedError):
        protect(data, None, POLICY)


def _file(folder: Path, text: str) -> Path:
    path = folder / "in.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_command_writes_a_copy_that_the_attack_cannot_open(tmp_path: Path) -> None:
    cells = with_margins({(p, a): 3 + len(p) * 7 for p in PLACES for a in AGES} | {("A", "0-5"): 1})
    lines = [f"{one};{two};{n}" for (one, two), n in cells.items()]
    source = _file(tmp_path, "Ort;Alter;Anzahl\n" + "\n".join(lines) + "\n")
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(source), "-o", str(target), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert (report["primary"], report["attack"]["weak"]) == (1, 0)
    attacked = attack_files([target])
    assert attacked
    assert all(cell.holds for cell in attacked)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Ort;E-Mail;Anzahl\nA;erika@web.de;9\nB;hans@web.de;8\nC;ina@web.de;7\n", 1), ("", 2)],
)
def test_the_command_writes_nothing_where_it_fails(tmp_path: Path, text: str, code: int) -> None:
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(_file(tmp_path, text)), "-o", str(target)])
    assert result.exit_code == code, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]

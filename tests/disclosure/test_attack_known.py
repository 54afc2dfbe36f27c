"""Known answers of the attack: patterns of other programs, linked tables, divisions of a total."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from known_tables import read, written
from shared_files import shared

from ckanext.sozialdaten.disclosure import attack_files, attack_report
from ckanext.sozialdaten.disclosure._attacked import Attacked, Question
from ckanext.sozialdaten.disclosure.attack import (
    Explainer,
    Figure,
    Statement,
    Target,
    parse_marks,
    solve,
)
from ckanext.sozialdaten.disclosure.structure._partitions import Division, divisions


def _sum(value: float, *atoms: int, label: str = "") -> Statement:
    figure = Figure("table.csv", label=label)
    return Statement(atoms, (1.0,) * len(atoms), value, value, figure)


# --- known answers ------------------------------------------------------------------------

SMALL = ["S1", "S2", "S3", "S4", "S5", "S6", "U1", "U_d2", "U_d2s", "K1"]
MAGNITUDES = ["M2", "M3", "M4", "M5", "M9", "M9none", "MP1", "MP2"]


def _known(
    folder: Path, case: str, value: str, role: str, target: Path, marks: tuple[str, ...] = ()
) -> tuple[dict[tuple[str, ...], Attacked], list[str]]:
    rows = read(folder / f"{case}_expected.csv")
    names = list(rows[0])
    keys = [n for n in read(folder / f"{case}_intervals.csv")[0] if n in names][:2]
    shown = value if value in names else names[names.index("primary") - 1]
    written(target, rows, keys, shown, lambda row: row["suppressed"].lower() == "true")
    roles = {**dict.fromkeys(keys, "dimension"), "freq": role}
    asked = Question(marks=parse_marks(marks), explain=False)
    report = attack_report([target], None, roles, question=asked)
    cells = {cell.row: cell for cell in report.cells}
    return {
        tuple(row[key] for key in keys): cells[number]
        for number, row in enumerate(rows, 2)
        if number in cells
    }, keys


def _agree(cells: Mapping[tuple[str, ...], Attacked], keys: list[str], path: Path) -> None:
    expected = read(path)
    assert len(cells) == len(expected)
    for row in expected:
        interval = cells[tuple(row[key] for key in keys)].interval
        assert interval.low == pytest.approx(float(row["lo"]), abs=1e-4)
        assert interval.high == pytest.approx(float(row["up"]), abs=1e-4)


@pytest.mark.parametrize("case", SMALL + MAGNITUDES)
def test_patterns_of_gausssuppression_give_the_known_intervals(case: str, tmp_path: Path) -> None:
    folder = shared("disclosure-cases/01_gausssuppression")
    value, role = ("value", "magnitude") if case in MAGNITUDES else ("freq", "count")
    cells, keys = _known(folder, case, value, role, tmp_path / "table.csv")
    _agree(cells, keys, folder / f"{case}_intervals.csv")


def test_suppressed_cells_that_are_known_to_be_at_least_one_are_narrower(tmp_path: Path) -> None:
    folder = shared("disclosure-cases/01_gausssuppression")
    cells, keys = _known(folder, "S4", "freq", "count", tmp_path / "table.csv", ("any=1..",))
    _agree(cells, keys, folder / "S4_intervals_min1.csv")


def test_zeros_that_only_zeros_protect_are_known(tmp_path: Path) -> None:
    """Linear algebra sees a rectangle of four unknowns; nobody counts below zero."""
    target = tmp_path / "zeros.csv"
    target.write_text(
        "Gebiet;A;B;C;Insgesamt\nNord;.;.;5;5\nSüd;.;.;7;7\nOst;4;6;8;18\nInsgesamt;4;6;20;30\n",
        encoding="utf-8",
    )
    cells = attack_files([target])
    assert {(cell.interval.low, cell.interval.high, cell.holds) for cell in cells} == {
        (0, 0, False)
    }


def test_the_pattern_of_simple_table_two_gives_the_known_intervals(tmp_path: Path) -> None:
    folder = shared("disclosure-cases/05_tauargus")
    rows = read(folder / "simple2d_tau_testW.csv")
    keys = ["Size", "Region"]
    target = written(
        tmp_path / "simple.csv", rows, keys, "Var2", lambda row: row["tauargus_status"] in HIDDEN
    )
    roles = {"Size": "dimension", "Region": "dimension", "freq": "magnitude"}
    cells = {cell.row: cell.interval for cell in attack_files([target], None, roles)}
    places = [tuple(row[key].strip() for key in keys) for row in rows]
    expected = read(folder / "simple2d_intervals.csv")
    assert len(cells) == len(expected)
    for row in expected:
        interval = cells[places.index(tuple(row[key].strip() for key in keys)) + 2]
        assert interval.low == pytest.approx(float(row["lo"]), abs=1e-3)
        assert interval.high == pytest.approx(float(row["up"]), abs=1e-3)


HIDDEN = {"3", "11"}


def test_official_margins_give_away_what_acro_suppressed(tmp_path: Path) -> None:
    """ACRO blanks four cells and sums up the rest; beside the true margins they all follow."""
    folder = shared("disclosure-cases/07_acro")
    true = read(folder / "nursery_recommend_parents_counts.csv")
    names = [name for name in true[0] if name != "recommend"]
    target = tmp_path / "nursery.csv"
    with target.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["recommend", *names, "Total"])
        for row, shown in zip(
            true, read(folder / "nursery_recommend_parents_suppressed.csv"), strict=True
        ):
            texts = [str(int(float(shown[name]))) if shown[name] else "." for name in names]
            writer.writerow([row["recommend"], *texts, sum(int(row[name]) for name in names)])
        writer.writerow(["Total", *(sum(int(row[n]) for row in true) for n in names), 12960])
    cells = {(c.row, c.column): c for c in attack_files([target])}
    assert (cells[4, "usual"].interval.low, cells[4, "usual"].interval.high) == (2, 2)
    assert len(cells) == 4
    assert not any(cell.holds for cell in cells.values())


# --- several tables as one system ---------------------------------------------------------

PEERS = {"local": 4}


@pytest.mark.parametrize("method", PEERS)
def test_four_linked_tables_leak_where_each_was_protected_alone(method: str) -> None:
    folder = shared("disclosure-cases/01_gausssuppression")
    figures, goals, numbers = _census(folder, f"supp_{method}")
    answers = solve(figures, goals, enough=lambda _, i: i.width >= 3 - 1e-6, integer_width=6)
    exact = [n for n, a in enumerate(answers) if a.interval.width < 1e-6]
    assert len(exact) == PEERS[method]
    expected = {
        int(row["row"]) - 1: (float(row["lo"]), float(row["up"]))
        for row in read(folder / f"L53_supp_{method}_primary_intervals.csv")
    }
    assert expected.keys() == set(numbers)
    for number, answer in zip(numbers, answers, strict=True):
        low, high = expected[number]
        found = answer.interval
        assert found.proven
        assert low <= found.low <= found.high <= high
        if found.width < 3 - 1e-6:  # in whole numbers
            assert (found.low, found.high) == (math.ceil(low), math.floor(high))
    explainer = Explainer(figures)
    for number in exact:
        (leak,) = explainer.leaks(goals[number], answers[number].interval)
        assert sum(term.factor * int(term.low) for term in leak.terms) == leak.value


LEVELS = [
    ["sex"],
    ["age_l", "age_m", "age_h"],
    ["lms_l", "lms_h"],
    ["hst_l", "hst_m", "hst_h"],
    ["fst_l", "fst_m", "fst_h"],
]


def _census(folder: Path, method: str) -> tuple[list[Statement], list[Target], list[int]]:
    """Four linked tables as one system: published cells, and each cell as the sum of finer ones."""
    rows = read(folder / "L53_expected.csv")
    keys = [tuple(_code(row, levels) for levels in LEVELS) for row in rows]
    place = {key: number for number, key in enumerate(keys)}
    finer = [_finer(read(folder / "L53_input.csv"), levels) for levels in LEVELS]
    figures = [
        Statement((number, *parts), (-1.0,) + (1.0,) * len(parts), 0.0, 0.0)
        for number, key in enumerate(keys)
        for dimension, levels in enumerate(LEVELS)
        for parts in _parts(rows, place, key, dimension, finer[dimension], len(levels))
    ]
    goals: list[Target] = []
    numbers: list[int] = []
    for number, row in enumerate(rows):
        figure = Figure("census", row=number, label=str(keys[number]))
        if row[method] != "TRUE":
            figures.append(_sum(float(row["freq"]), number, label=str(number)))
        elif row["primary"] == "TRUE":
            goals.append(Target((number,), (1.0,), figure))
            numbers.append(number)
    return figures, goals, numbers


Code = tuple[int, str]


def _code(row: Mapping[str, str], levels: list[str]) -> Code:
    named = [(depth, row[name]) for depth, name in enumerate(levels, 1) if row[name] != "Total"]
    return named[0] if named else (0, "Total")


def _finer(rows: list[dict[str, str]], levels: list[str]) -> dict[tuple[Code, int], set[Code]]:
    found: dict[tuple[Code, int], set[Code]] = {}
    for row in rows:
        chain = [(0, "Total"), *((depth, row[name]) for depth, name in enumerate(levels, 1))]
        for coarse, code in enumerate(chain):
            for depth in range(coarse + 1, len(chain)):
                found.setdefault((code, depth), set()).add(chain[depth])
    return found


def _parts(
    rows: list[dict[str, str]],
    place: Mapping[tuple[Code, ...], int],
    key: tuple[Code, ...],
    dimension: int,
    finer: Mapping[tuple[Code, int], set[Code]],
    depths: int,
) -> list[list[int]]:
    """The next finer cells that a table shows, if they are all of the cell."""
    code = key[dimension]
    for depth in range(code[0] + 1, depths + 1):
        below = [(*key[:dimension], c, *key[dimension + 1 :]) for c in finer[code, depth]]
        parts = [place[k] for k in below if k in place]
        if parts and sum(int(rows[p]["freq"]) for p in parts) == int(rows[place[key]]["freq"]):
            return [parts]
    return []


# --- divisions that only numbers show -----------------------------------------------------


def test_a_total_divided_once_needs_no_further_divisions() -> None:
    parts = np.array([[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
    assert divisions(parts.sum(axis=0), parts) == []


def test_places_and_two_ways_to_group_them_are_told_apart() -> None:
    places = np.array([[31.0, 7.0], [12.0, 5.0], [23.0, 2.0], [9.0, 17.0]])
    groups = np.array([places[:2].sum(axis=0), places[2:].sum(axis=0)])
    found = divisions(places.sum(axis=0), np.vstack([groups, places]))
    assert Division(0, (2, 3)) in found
    assert Division(1, (4, 5)) in found
    assert Division(-1, (2, 3, 4, 5)) in found


def test_codes_that_overlap_by_chance_are_no_divisions() -> None:
    random = np.random.default_rng(3)
    parts = random.integers(20, 90, (8, 6)).astype(float)
    assert divisions(np.floor(parts.sum(axis=0) * 0.6), parts) == []

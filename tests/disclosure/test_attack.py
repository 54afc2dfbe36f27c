"""The attack: intervals of known patterns, whole numbers, time-outs, marks, insiders, proofs."""

import csv
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from known_tables import read, written
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command
from ckanext.sozialdaten.disclosure import attack_files, attack_report, check, load_policy
from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport, Question
from ckanext.sozialdaten.disclosure.attack import (
    Explainer,
    Figure,
    Interval,
    Statement,
    Status,
    Target,
    errors,
    insiders,
    leaks_json,
    parse_marks,
    proof,
    solve,
)

NOBODY = Figure("table.csv")


def _cell(*atoms: int, whole: bool = True) -> Target:
    return Target(atoms, (1.0,) * len(atoms), NOBODY, whole)


def _sum(value: float, *atoms: int, high: float | None = None, label: str = "") -> Statement:
    figure = Figure("table.csv", label=label or str(value))
    return Statement(atoms, (1.0,) * len(atoms), value, high or value, figure)


# --- the engine ---------------------------------------------------------------------------


def test_a_sum_of_sums_gives_each_cell_its_interval() -> None:
    rows = [_sum(10, 0, 1), _sum(7, 1, 2)]
    one, two, three = solve(rows, [_cell(0), _cell(1), _cell(2)])
    assert [(a.interval.low, a.interval.high) for a in (one, two, three)] == [
        (3, 10),
        (0, 7),
        (0, 7),
    ]


def test_a_cell_in_no_sum_stays_open() -> None:
    (answer,) = solve([_sum(10, 0, 1)], [_cell(5)])
    assert (answer.interval.low, answer.interval.high) == (0, math.inf)


def test_an_interval_of_published_atoms_is_their_value() -> None:
    (answer,) = solve([_sum(4, 0), _sum(5, 1)], [_cell(0, 1)])
    assert (answer.interval.low, answer.interval.high) == (9, 9)


def test_what_fractions_reach_and_whole_numbers_do_not_counts_as_known() -> None:
    """The sums of three pairs are odd together: halves fit, whole numbers do not reach them."""
    pairs = [_sum(1, 0, 1), _sum(1, 1, 2), _sum(1, 0, 2, high=2)]
    loose = solve(pairs, [_cell(0)])[0].interval
    whole = solve(pairs, [_cell(0)], integer_width=6)[0].interval
    assert (loose.low, loose.high) == (0.5, 1)
    assert (whole.low, whole.high, whole.status) == (1, 1, Status.EXACT)


def test_magnitudes_are_not_taken_for_whole_numbers() -> None:
    pairs = [_sum(1, 0, 1), _sum(1, 1, 2), _sum(1, 0, 2)]
    interval = solve(pairs, [_cell(0, whole=False)], integer_width=6)[0].interval
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_running_out_of_time_is_never_safe() -> None:
    rows = [_sum(10, 0, 1), _sum(7, 1, 2)]
    for answer in solve(rows, [_cell(0), _cell(1)], seconds=-1.0):
        assert answer.interval.status is Status.TIME_OUT
        assert not answer.interval.proven


def test_what_suffices_counts_where_the_time_for_exact_ends_runs_out() -> None:
    component = [_sum(100, *range(40))]
    goals = [_cell(n) for n in range(40)]
    answers = solve(component, goals, enough=lambda _, i: i.width >= 3, exact=True)
    assert {(a.interval.low, a.interval.high) for a in answers} == {(0, 100)}


def test_contradicting_figures_prove_nothing() -> None:
    rows = [_sum(10, 0, 1), _sum(30, 0, 1, 2), _sum(5, 1, 2)]
    (answer,) = solve(rows, [_cell(0)])
    assert answer.interval.status is Status.CONTRADICTION


def test_rounded_figures_that_do_not_add_up_leave_room_for_their_rounding() -> None:
    figures = [
        Statement((0, 1), (1.0, 1.0), 10.0, 10.0, NOBODY, slack=0.05),
        Statement((1, 2), (1.0, 1.0), 4.0, 4.0, NOBODY, slack=0.05),
        Statement((0, 1, 2), (1.0, 1.0, 1.0), 9.9, 9.9, NOBODY, slack=0.05),
    ]
    (answer,) = solve(figures, [_cell(0, whole=False)])
    assert answer.interval.proven
    assert answer.interval.low >= 5.7


def test_an_interval_that_suffices_costs_no_further_program() -> None:
    rows = [_sum(100, *range(40))]
    answers = solve(rows, [_cell(n) for n in range(40)], enough=lambda _, i: i.width >= 3)
    assert {answer.interval.status for answer in answers} <= {Status.AT_LEAST, Status.EXACT}
    assert all(answer.interval.width >= 3 for answer in answers)


def test_negative_values_are_possible_where_no_floor_stands() -> None:
    (answer,) = solve([_sum(10, 0, 1)], [_cell(0, whole=False)], floor=-math.inf)
    assert (answer.interval.low, answer.interval.high) == (-math.inf, math.inf)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_interval_is_the_one_that_trying_all_tables_gives(data: st.DataObject) -> None:
    true = data.draw(st.lists(st.integers(0, 4), min_size=3, max_size=5))
    chosen = st.sets(st.integers(0, len(true) - 1), min_size=1, max_size=len(true))
    sums = data.draw(st.lists(chosen, min_size=1, max_size=5))
    rows = [_sum(sum(true[n] for n in atoms), *sorted(atoms)) for atoms in sums]
    rows += [_sum(0, n, high=6) for n in range(len(true))]
    tables = np.array(np.meshgrid(*[range(7)] * len(true))).reshape(len(true), -1).T
    fits = np.ones(len(tables), bool)
    for row in rows:
        value = tables[:, list(row.atoms)].sum(axis=1)
        fits &= (value >= row.low) & (value <= row.high)
    targets = [_cell(n) for n in range(len(true))]
    answers = solve(rows, targets, integer_width=100, keep=True)
    for n, answer in enumerate(answers):
        assert answer.interval.low == tables[fits][:, n].min()
        assert answer.interval.high == tables[fits][:, n].max()
    assert not errors(json.loads(json.dumps(proof(rows, targets, answers, 0.0))))


# --- proofs and explanations --------------------------------------------------------------


def test_a_proof_with_a_wrong_table_is_refused() -> None:
    rows, targets = [_sum(10, 0, 1), _sum(7, 1, 2)], [_cell(0)]
    data = json.loads(json.dumps(proof(rows, targets, solve(rows, targets, keep=True), 0.0)))
    assert not errors(data)
    data["tables"][0]["0"] += 1
    assert errors(data)


def test_a_leak_names_the_figures_that_give_it() -> None:
    figures = [
        _sum(30, 0, 1, 2, label="Klein"),
        _sum(20, 1, label="Kreis 1"),
        _sum(7, 2, label="Nord"),
    ]
    target = Target((0,), (1.0,), Figure("table.csv", label="Hafen"))
    leaks = Explainer(figures).leaks(target, solve(figures, [target])[0].interval)
    told = leaks_json(leaks, target.figure)
    assert told["en"] == "Klein 30 minus Kreis 1: 20 minus Nord 7 gives Hafen = 3"
    assert [(t["label"], t["factor"]) for t in told["terms"]] == [  # type: ignore[attr-defined]
        ("Klein", "1"),
        ("Kreis 1", "-1"),
        ("Nord", "-1"),
    ]


def test_an_upper_end_says_that_no_number_is_below_zero() -> None:
    figures = [_sum(5, 0, 1, label="Ost"), _sum(4, 1, 2, label="West")]
    target = Target((0,), (1.0,), Figure("table.csv", label="Hafen"))
    leaks = Explainer(figures).leaks(target, Interval(1, 5))
    texts = str(leaks_json(leaks, target.figure)["en"])
    assert "Hafen = at most 5, as no number is below 0" in texts
    assert "Ost 5 minus West 4 gives Hafen = at least 1" in texts


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_explanation_adds_up_to_its_value(data: st.DataObject) -> None:
    true = data.draw(st.lists(st.integers(0, 9), min_size=3, max_size=6))
    chosen = st.sets(st.integers(0, len(true) - 1), min_size=1, max_size=len(true))
    sums = data.draw(st.lists(chosen, min_size=2, max_size=7))
    rows = [
        _sum(sum(true[n] for n in atoms), *sorted(atoms), label=f"Figur {k} ")
        for k, atoms in enumerate(sums)
    ]
    goal = _cell(0)
    interval = solve(rows, [goal])[0].interval
    for leak in Explainer(rows).leaks(goal, interval):
        assert float(sum(term.factor * term.low for term in leak.terms)) == pytest.approx(
            leak.value, abs=1e-5
        )


# --- insiders -----------------------------------------------------------------------------


def test_the_only_person_in_a_cell_learns_the_other_one() -> None:
    rows = [_sum(3, 0, 1)]
    targets = [_cell(0), _cell(1)]
    found = insiders(rows, targets, solve(rows, targets), 3)
    assert {(one.target, one.learns, one.values) for one in found.found} == {
        (0, (1,), (2,)),
        (1, (0,), (2,)),
    }


def test_a_large_count_is_nothing_that_an_insider_may_not_learn() -> None:
    rows = [_sum(30, 0, 1)]
    targets = [_cell(0), _cell(1)]
    assert not insiders(rows, targets, solve(rows, targets), 3).found


def test_where_true_counts_are_known_only_cells_that_are_one_have_insiders() -> None:
    rows = [_sum(3, 0, 1)]
    targets = [_cell(0), _cell(1)]
    found = insiders(rows, targets, solve(rows, targets), 3, true={0: 1, 1: 2})
    assert [one.target for one in found.found] == [0]


# --- marks --------------------------------------------------------------------------------


def _marked(folder: Path, footer: str = "") -> Path:
    target = folder / "marked.csv"
    target.write_text(
        "Gebiet;Frauen;Männer;Insgesamt\nNord;10;20;30\nHafen;*;*;3\nSüd;*;*;14\n"
        f"Insgesamt;19;28;47\n{footer}",
        encoding="utf-8",
    )
    return target


def _ends(report: AttackReport) -> dict[tuple[int, str], tuple[float, float]]:
    return {(c.row, c.column): (c.interval.low, c.interval.high) for c in report.cells}


def test_a_mark_that_says_one_or_two_narrows_what_it_hides(tmp_path: Path) -> None:
    plain = _ends(attack_report([_marked(tmp_path)]))
    told = Question(marks=parse_marks(["*=1.."]))
    known = _ends(attack_report([_marked(tmp_path)], question=told))
    assert plain[3, "Frauen"] == (0, 3)
    assert known[3, "Frauen"] == (1, 2)


def test_the_legend_of_a_table_is_read(tmp_path: Path) -> None:
    target = tmp_path / "legend.csv"
    target.write_text(
        "Gebiet;Frauen;Männer;Insgesamt\nNord;10;20;30\nHafen;*;*;3\nSüd;9;8;17\n\n* = 1 oder 2\n",
        encoding="utf-8",
    )
    assert set(_ends(attack_report([target])).values()) == {(1, 2)}


def test_a_mark_that_tells_as_much_as_the_sums_holds(tmp_path: Path) -> None:
    target = tmp_path / "legend.csv"
    target.write_text(
        "Gebiet;Frauen;Männer;Insgesamt\nNord;10;20;30\nHafen;*;*;3\nSüd;9;8;17\n",
        encoding="utf-8",
    )
    asked = Question(marks=parse_marks(["*=1..2"]))
    assert all(cell.holds for cell in attack_report([target], question=asked).cells)


def test_a_legend_that_the_sums_contradict_is_not_believed(tmp_path: Path) -> None:
    asked = Question(marks=parse_marks(["*=1..2"]))
    cells = attack_report([_marked(tmp_path)], question=asked).cells
    assert {cell.interval.status for cell in cells} == {Status.EXACT}
    assert max(cell.interval.high for cell in cells) > 2


# --- known answers ------------------------------------------------------------------------

SMALL = ["S1", "S2", "S4", "S5", "S6", "U1", "U_d2", "U_d2s", "K1"]
MAGNITUDES = ["M2", "M3", "M4", "M5", "M9", "MP1", "MP2"]


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


# --- JJ files and the command -------------------------------------------------------------


def test_the_best_known_patterns_leave_no_primary_cell_open(tmp_path: Path) -> None:
    folder = shared("disclosure-cases/08_csp_synthetic")
    best = json.loads((folder / "best_known.json").read_text())
    for name in ("f2d_10x10", "h2d_4x5_x_6", "m2d_20x20"):
        pattern = tmp_path / f"{name}.json"
        pattern.write_text(json.dumps(best[name]["exact_pattern"]))
        asked = Question(pattern=pattern, proofs=True)
        report = attack_report([folder / f"{name}.jj"], question=asked)
        assert report.weak == 0
        assert not errors(json.loads(json.dumps(report.proofs[0])))


def test_primary_cells_alone_are_open_in_every_instance() -> None:
    folder = shared("disclosure-cases/08_csp_synthetic")
    report = attack_report([folder / "f2d_10x10.jj"])
    assert report.weak == len(report.cells) == 16
    assert all(cell.interval.width == 0 and cell.leak for cell in report.cells)


def _invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, list(arguments))
    return result.exit_code, result.output


def test_the_command_proves_what_it_says(tmp_path: Path) -> None:
    proofs = tmp_path / "proof.json"
    code, output = _invoke(str(_marked(tmp_path)), "--json", "--proof", str(proofs))
    answer = json.loads(output)
    assert code == 0
    assert answer["verdict"] == "safe"
    assert {cell["proven"] for cell in answer["cells"]} == {True}
    (made,) = json.loads(proofs.read_text())["proofs"]
    assert not errors(made)
    assert len(made["cells"]) == 4


def test_the_command_says_in_words_how_a_cell_follows(tmp_path: Path) -> None:
    target = tmp_path / "leak.csv"
    target.write_text("Gebiet;Anzahl\nNord;10\nHafen;.\nSüd;12\nInsgesamt;25\n", encoding="utf-8")
    code, output = _invoke(str(target), "--json", "--lang", "en")
    (cell,) = json.loads(output)["cells"]
    assert code == 1
    assert cell["leak"]["en"] == "Insgesamt 25 minus Süd 12 minus Nord 10 gives Hafen = 3"


def test_the_command_takes_earlier_releases_into_account(tmp_path: Path) -> None:
    new, old = tmp_path / "neu.csv", tmp_path / "alt.csv"
    new.write_text("Gemeinde;Anzahl\nNord;37\nHafen;.\nSüd;20\nWest;.\nInsgesamt;80\n")
    old.write_text("Gemeinde;Anzahl\nNord;37\nWest;20\nSüd;20\n")
    assert _invoke(str(new))[0] == 0
    code, output = _invoke(str(new), "--released", str(old), "--json", "--lang", "en")
    cell = json.loads(output)["cells"][0]
    assert code == 1
    assert (cell["row"], cell["low"], cell["high"]) == (3, 3, 3)
    assert "minus West (alt.csv) 20 gives Hafen = 3" in cell["leak"]["en"]


def test_a_mark_that_nobody_can_read_is_refused(tmp_path: Path) -> None:
    assert _invoke(str(_marked(tmp_path)), "--marks", "*=few")[0] == 2


def test_insiders_are_named_apart_and_change_no_verdict(tmp_path: Path) -> None:
    target = _marked(tmp_path)
    asked = json.loads(_invoke(str(target), "--json")[1])
    without = json.loads(_invoke(str(target), "--json", "--no-insiders")[1])
    assert {one["row"] for one in asked["insiders"]} == {3}
    assert without["insiders"] == []
    assert asked["cells"] == without["cells"]


def test_ten_thousand_suppressed_cells_take_seconds() -> None:
    random = np.random.default_rng(7)
    size = 100
    values = random.integers(1, 60, (size, size))
    figures = [_sum(int(values[n].sum()), *range(n * size, (n + 1) * size)) for n in range(size)]
    figures += [_sum(int(values[:, n].sum()), *range(n, size * size, size)) for n in range(size)]
    goals = [_cell(n) for n in range(size * size)]
    started = time.monotonic()
    answers = solve(figures, goals, enough=lambda _, i: i.width >= 3)
    assert time.monotonic() - started < 20
    assert all(answer.interval.width >= 3 for answer in answers)


# --- what check says ----------------------------------------------------------------------


def _table(**columns: list[object]) -> pa.Table:
    return pa.table({name: [str(cell) for cell in cells] for name, cells in columns.items()})


def _rectangle(small: int) -> pa.Table:
    """Two by two cells withheld among larger ones; the first row of them holds ``small``."""
    frauen, männer = [40, ".", ".", 70 + small], [50, ".", ".", 90]
    gesamt = [90, small, 70, 160 + small]
    return _table(
        Gebiet=["Nord", "Hafen", "Süd", "Insgesamt"], Frauen=frauen, Männer=männer, Insgesamt=gesamt
    )


def test_check_hints_at_insiders_and_blocks_nothing_for_them() -> None:
    findings = check(_rectangle(3), {}, load_policy()).findings
    hints = [f for f in findings if f.rule == "recoverable-suppression"]
    assert [str(hint.severity) for hint in hints] == ["info", "info"]
    assert {hint.cells for hint in hints} == {(2,)}


def test_check_has_no_hint_where_an_insider_learns_nothing_small() -> None:
    findings = check(_rectangle(30), {}, load_policy()).findings
    assert not [f for f in findings if f.rule == "recoverable-suppression"]

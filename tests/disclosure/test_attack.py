"""The attack: intervals of known patterns, whole numbers, time-outs, marks, insiders, proofs."""

import json
import math
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command
from ckanext.sozialdaten.disclosure import attack_report, check, load_policy
from ckanext.sozialdaten.disclosure._attacked import AttackReport, Question
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

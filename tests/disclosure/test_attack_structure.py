"""What the attack reads out of a table: rounding, levels, absent rows, names; and what it costs."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli.attack import command
from ckanext.sozialdaten.disclosure import check_files
from ckanext.sozialdaten.disclosure._model import Verdict
from ckanext.sozialdaten.disclosure.attack import (
    Figure,
    Statement,
    Status,
    Target,
    _margins,
    insiders,
    solve,
)
from ckanext.sozialdaten.disclosure.structure import Dimension
from ckanext.sozialdaten.disclosure.structure._nesting import nesting, spans


def _written(folder: Path, name: str, text: str) -> str:
    target = folder / name
    target.write_text(text, encoding="utf-8")
    return str(target)


def _attacked(*arguments: str) -> Mapping[str, object]:
    result = CliRunner().invoke(command, [*arguments, "--no-insiders", "--json"])
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def _ends(report: Mapping[str, object]) -> list[tuple[int, float, float, bool]]:
    cells = report["cells"]
    assert isinstance(cells, list)
    return [(cell["row"], cell["low"], cell["high"], cell["holds"]) for cell in cells]


# --- rounding ------------------------------------------------------------------------------

ROUNDED = "Gebiet;Empfänger\nNord;0\nSüd;5\nOst;5\nInsgesamt;{total}\nHinweis: {legend}\n"
LEGENDS = [
    "Einzelwerte auf volle 5 gerundet",
    "gerundet auf 5",
    "auf ein Vielfaches von 5 gerundet",
    "values are rounded to the nearest 5",
]


@pytest.mark.parametrize("legend", LEGENDS)
def test_exact_totals_open_small_counts_that_were_rounded(legend: str, tmp_path: Path) -> None:
    """Zero stands for 0 to 2 and five for 3 to 7: of 16 the north has 2."""
    path = _written(tmp_path, "t.csv", ROUNDED.format(total=16, legend=legend))
    assert _ends(_attacked(path)) == [(2, 2, 2, False)]
    assert check_files([path]).verdict is Verdict.UNSAFE


@pytest.mark.parametrize("total", [10, 12])
def test_totals_that_leave_room_for_rounding_open_nothing(total: int, tmp_path: Path) -> None:
    path = _written(tmp_path, "t.csv", ROUNDED.format(total=total, legend=LEGENDS[0]))
    assert _ends(_attacked(path)) == []
    assert check_files([path]).verdict is Verdict.SAFE


def test_the_option_stands_above_the_legend(tmp_path: Path) -> None:
    path = _written(tmp_path, "t.csv", ROUNDED.format(total=16, legend=LEGENDS[0]))
    assert _ends(_attacked(path, "--published-as", "exact")) == []


# --- names and absent rows -----------------------------------------------------------------

ONE = "Kreis;Fälle\nA;12\nB;.\nC;.\nInsgesamt;30\n"


@pytest.mark.parametrize("name", ["Gruppe", "Kreis", "Einteilung"])
def test_one_dimension_under_two_names_is_one_dimension(name: str, tmp_path: Path) -> None:
    one = _written(tmp_path, "eins.csv", ONE)
    two = _written(tmp_path, "zwei.csv", f"{name};Fälle\nA;12\nB;15\nC;.\nInsgesamt;30\n")
    report = _attacked(one, "--released", two)
    assert [row[:3] for row in _ends(report)] == [(3, 15, 15), (4, 3, 3)]


def test_groups_with_other_names_stay_apart(tmp_path: Path) -> None:
    one = _written(tmp_path, "eins.csv", ONE)
    two = _written(tmp_path, "zwei.csv", "Gruppe;Fälle\nX;12\nY;15\nZ;.\nInsgesamt;30\n")
    assert all(row[3] for row in _ends(_attacked(one, "--released", two)))


def test_what_is_left_out_counts_as_empty_where_that_tells_more(tmp_path: Path) -> None:
    text = "Ort;Art;Fälle\nA;x;.\nA;Insgesamt;2\nB;x;.\nB;y;.\nB;Insgesamt;20\n"
    report = _attacked(_written(tmp_path, "t.csv", text))
    assert _ends(report)[0] == (2, 2, 2, False)


# --- levels ----------------------------------------------------------------------------------


def _levels(*levels: Mapping[str, str]) -> Dimension:
    labels = ("Insgesamt", *(label for level in levels for label in level))
    return Dimension("alter", labels, np.arange(len(labels)), levels=levels)


def test_numbers_sort_codes_into_the_level_above() -> None:
    dimension = _levels({"A": "A", "B": "B"}, {"1": "1", "2": "2", "3": "3"})
    matrix = np.array([[12.0, 20], [5, 11], [7, 9], [2, 5], [7, 9], [3, 6]])
    assert dict(nesting(dimension, matrix)) == {"A": ("1", "3"), "B": ("2",)}


def test_what_numbers_leave_open_is_left_out() -> None:
    dimension = _levels({"A": "A", "B": "B"}, {"1": "1", "2": "2", "3": "3", "4": "4"})
    matrix = np.array([[20.0], [10], [10], [5], [5], [5], [5]])
    assert dict(nesting(dimension, matrix)) == {}


def test_the_last_age_of_each_level_is_open() -> None:
    dimension = _levels({"65-84": "65-84", "85": "85"}, {"084": "084", "085": "085", "86": "86"})
    found = spans(dimension)
    assert found["85"] == (85, 1000)
    assert found["085"] == (85, 86)
    assert found["86"] == (86, 1000)


# --- many tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [20_000, 1])
def test_tables_without_a_common_partition_share_their_margins(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one table withholds in its margin, another one with the same margin shows."""
    monkeypatch.setattr(_margins, "_MAX_JOINT", most)
    one = _written(
        tmp_path,
        "eins.csv",
        "Ort;Art;Fälle\nA;x;5\nA;y;.\nA;Insgesamt;.\nB;x;9\nB;y;.\nB;Insgesamt;.\n"
        "Insgesamt;x;14\nInsgesamt;y;16\nInsgesamt;Insgesamt;30\n",
    )
    two = _written(
        tmp_path,
        "zwei.csv",
        "Ort;Stufe;Fälle\nA;I;4\nA;II;3\nA;Insgesamt;7\nB;I;11\nB;II;12\nB;Insgesamt;23\n"
        "Insgesamt;I;15\nInsgesamt;II;15\nInsgesamt;Insgesamt;30\n",
    )
    found = {row: (low, high) for row, low, high, _ in _ends(_attacked(one, "--released", two))}
    assert found[3] == (2, 2)
    assert found[6] == (14, 14)


# --- work ------------------------------------------------------------------------------------


def _square(size: int) -> tuple[list[Statement], list[Target]]:
    random = np.random.default_rng(1)
    values = random.integers(0, 4, (size, size))
    lines = [[row * size + n for n in range(size)] for row in range(size)]
    lines += [[n * size + column for n in range(size)] for column in range(size)]
    flat = values.ravel()
    figures = [
        Statement(tuple(line), (1.0,) * size, float(flat[line].sum()), float(flat[line].sum()))
        for line in lines
    ]
    return figures, [Target((n,), (1.0,), Figure("t", row=n)) for n in range(size * size)]


def test_what_no_work_is_left_for_is_never_proven() -> None:
    figures, goals = _square(12)
    answers = solve(figures, goals, seconds=1e-9)
    assert {answer.interval.status for answer in answers} == {Status.TIME_OUT}


def test_insiders_are_the_same_from_run_to_run() -> None:
    """Work is counted, not time: a slow machine finds as much as a quick one."""
    figures, goals = _square(7)
    answers = solve(figures, goals)
    runs = [insiders(figures, goals, answers, 3.0, seconds=0.05) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].unasked > 0


def test_the_verdict_of_an_attack_without_work_is_unsafe(tmp_path: Path) -> None:
    path = _written(tmp_path, "t.csv", "Ort;m;w;Insgesamt\nA;.;.;9\nB;.;.;8\nInsgesamt;9;8;17\n")
    policy = tmp_path / "knapp.yaml"
    policy.write_text(
        "extends: amtliche-statistik-3\nname: knapp\nversion: '1'\n"
        "title: {de: Knapp, en: Tight}\ndescription: {de: Knapp, en: Tight}\n"
        "suppression: {seconds: 0.000000001}\n",
        encoding="utf-8",
    )
    report = _attacked(path, "--policy", str(policy))
    assert report["verdict"] == "unsafe"

"""Known linked tables through the command line: what each protects alone, the others open."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from time import process_time

import pytest
from click.testing import CliRunner
from known_tables import read
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command
from ckanext.sozialdaten.disclosure import check_files
from ckanext.sozialdaten.disclosure.attack import _margins

Cells = Mapping[tuple[str, int], Mapping[str, object]]


def _attacked(options: Sequence[str], *paths: Path) -> Cells:
    asked = [*map(str, paths), *options, "--no-insiders", "--json"]
    result = CliRunner().invoke(command, asked)
    assert result.exit_code in (0, 1), result.output
    report = json.loads(result.stdout)
    assert report["unproven"] == report["partly"] == []
    return {(cell["resource"], cell["row"]): cell for cell in report["cells"]}


def _written(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    return path


@pytest.mark.parametrize("pattern", ["separate", "linked"])
def test_two_tables_of_sdctable_open_a_cell_unless_protected_together(
    pattern: str, tmp_path: Path
) -> None:
    folder = shared("disclosure-cases/02_sdctable")
    places = read(folder / "T4_linked_input.csv")
    options: list[str] = ["--roles", "Einteilung=dimension,Gruppe=dimension,Fälle=count"]
    paths: list[Path] = []
    for number, (name, key) in enumerate((("Einteilung", "county"), ("Gruppe", "group")), 1):
        parents = [(row["region"], row[key].lower()) for row in places]
        above = _written(tmp_path / f"oben_{number}.csv", parents)
        options += ["--hierarchy", f"{name}={above}"]
        rows = [
            (row["region"], "." if row[pattern] in ("u", "x") else row["Freq"])
            for row in read(folder / f"T4_linked_table{number}_expected.csv")
        ]
        paths.append(_written(tmp_path / f"tabelle_{number}.csv", [(name, "Fälle"), *rows]))
    cells = _attacked(options, *paths)
    exact = {place for place, cell in cells.items() if cell["low"] == cell["high"]}
    k = {("tabelle_1.csv", 9), ("tabelle_2.csv", 11)}
    assert exact == (k if pattern == "separate" else set())
    assert all(cells[place]["low"] == 3 for place in exact)


def test_tables_attacked_by_shared_margins_alone_are_never_called_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages = [("0-17", "40"), ("18-64", "50"), ("65+", "60")]
    sexes = [("m", "70"), ("w", "80")]
    paths = [
        _written(tmp_path / "alter.csv", [("Altersgruppe", "Fälle"), *ages]),
        _written(tmp_path / "geschlecht.csv", [("Geschlecht", "Fälle"), *sexes]),
    ]
    asked = [*map(str, paths), "--json"]
    result = CliRunner().invoke(command, asked)
    assert (result.exit_code, json.loads(result.stdout)["partly"]) == (0, [])
    monkeypatch.setattr(_margins, "_MAX_JOINT", 1)
    result = CliRunner().invoke(command, asked)
    report = json.loads(result.stdout)
    assert (result.exit_code, report["verdict"]) == (1, "unsafe")
    assert report["partly"] == [["alter.csv", "geschlecht.csv"]]
    text = CliRunner().invoke(command, [*asked[:-1], "--lang", "en"]).stdout
    assert "Not fully proven: of alter.csv, geschlecht.csv" in text
    said = [f for f in check_files(paths).findings if f.rule == "release-difference"]
    assert [finding.severity.value for finding in said] == ["warn"]


def test_linked_tables_with_many_hidden_cells_are_explained_within_bounds(tmp_path: Path) -> None:
    """Many weak cells, each of which asks for an explanation and an insider."""
    random = Random(3)
    places, bands = [f"Ort {n}" for n in range(40)], ["0-5", "6-17", "18-64", "65+"]
    true = {(p, b): random.randint(1, 9) for p in places for b in bands}
    rows = [(p, b, "." if true[p, b] < 4 else str(true[p, b])) for p, b in true]
    sums = [(p, str(sum(true[p, b] for b in bands))) for p in places]
    head = ("Gemeinde", "Altersgruppe", "Fälle")
    paths = [
        _written(tmp_path / "alter.csv", [head, *rows]),
        _written(tmp_path / "orte.csv", [("Gemeinde", "Fälle"), *sums]),
    ]
    start = process_time()
    result = CliRunner().invoke(command, [*map(str, paths), "--json"])
    assert process_time() - start < 20
    cells = json.loads(result.stdout)["cells"]
    exact = [cell for cell in cells if cell["low"] == cell["high"]]
    alone = [p for p in places if sum(true[p, b] < 4 for b in bands) == 1]
    assert len(alone) <= len(exact)
    assert all("leak" in cell for cell in exact)


def test_four_turnover_tables_together_keep_the_true_values_in_their_intervals(
    tmp_path: Path,
) -> None:
    folder, random = shared("disclosure-cases/05_tauargus"), Random(1)
    paths: list[Path] = []
    true: dict[tuple[str, int], float] = {}
    for name in ("act_cj", "act_size", "nuts_cj", "nuts_size"):
        rows = read(folder / f"turnover_{name}.csv")
        one, two = list(rows[0])[:2]
        written: list[tuple[str, str, str]] = [(one, two, "TOT")]
        for number, row in enumerate(rows, 2):
            value = float(row["TOT"])
            unsafe = 0 < int(row["N_OBS"]) < 3 or float(row["MAX"]) > 0.85 * value
            if unsafe or (0 < value < 2e6 and random.random() < 0.25):
                true[f"{name}.csv", number] = value
            hidden = (f"{name}.csv", number) in true
            written.append((row[one], row[two], "." if hidden else row["TOT"]))
        paths.append(_written(tmp_path / f"{name}.csv", written))
    codes = {"ACTIVITY": "activity_corr_table.csv", "NUTS": "nuts23_fr_corr_table.csv"}
    options = [
        part for n, file in codes.items() for part in ("--hierarchy", f"{n}={folder / file}")
    ]
    start = process_time()
    result = CliRunner().invoke(command, [*map(str, paths), *options, "--json"])
    assert process_time() - start < 60
    report = json.loads(result.stdout)
    cells = {(cell["resource"], cell["row"]): cell for cell in report["cells"]}
    assert cells.keys() == true.keys()
    assert {cell["status"] for cell in cells.values()} == {"exact"}
    for place, value in true.items():  # figures are printed with four digits
        low, high = cells[place]["low"], cells[place]["high"]
        assert low - 0.05 <= value
        assert high is None or value <= high + 0.05
    assert report["partly"] == [[path.name for path in paths]]
    assert result.exit_code == 1

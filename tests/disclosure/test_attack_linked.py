"""Known linked tables through the command line: what each protects alone, the others open."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from known_tables import read
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command

Cells = Mapping[tuple[str, int], Mapping[str, object]]


def _attacked(options: Sequence[str], *paths: Path) -> Cells:
    asked = [*map(str, paths), *options, "--no-insiders", "--json"]
    result = CliRunner().invoke(command, asked)
    assert result.exit_code in (0, 1), result.output
    report = json.loads(result.stdout)
    assert report["unproven"] == []
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

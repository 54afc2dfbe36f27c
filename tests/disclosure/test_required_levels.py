"""Attacks on finished copies of magnitudes, judged by the levels that their contributors ask."""

import json
from pathlib import Path

from click.testing import CliRunner

from ckanext.sozialdaten.cli.attack import command

#: Two contributors hold nearly all of A: by the rule (2, 85) its level is 15.3.
ORIGINAL = "sector,turnover,largest,second\nA,100,90,8\nB,60,20,20\nC,50,20,20\nTotal,210,90,20\n"


def attacked(tmp_path: Path, copy: str, *more: str) -> tuple[int, list[bool]]:
    path = tmp_path / "copy.csv"
    path.write_text(copy, encoding="utf-8")
    result = CliRunner().invoke(command, [str(path), *more, "--json"])
    cells = json.loads(result.stdout)["cells"] if result.exit_code < 2 else []
    return result.exit_code, [cell["holds"] for cell in cells]


def test_a_copy_holds_whose_cells_stay_as_open_as_asked(tmp_path: Path) -> None:
    before = tmp_path / "before.csv"
    before.write_text(ORIGINAL, encoding="utf-8")
    copy = "sector,turnover\nA,.\nB,.\nC,50\nTotal,210\n"
    assert attacked(tmp_path, copy, "--original", str(before)) == (0, [True, True])


def test_a_copy_fails_that_shows_a_cell_by_difference(tmp_path: Path) -> None:
    before = tmp_path / "before.csv"
    before.write_text(ORIGINAL, encoding="utf-8")
    copy = "sector,turnover\nA,.\nB,60\nC,50\nTotal,210\n"
    assert attacked(tmp_path, copy, "--original", str(before)) == (1, [False])


def test_an_original_with_other_rows_is_refused(tmp_path: Path) -> None:
    before = tmp_path / "before.csv"
    before.write_text(ORIGINAL.replace("B,", "X,"), encoding="utf-8")
    copy = "sector,turnover\nA,.\nB,.\nC,50\nTotal,210\n"
    assert attacked(tmp_path, copy, "--original", str(before))[0] == 2

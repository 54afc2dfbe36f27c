"""A table that comes after another one about the same persons hides what that one hides."""

from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from ckanext.sozialdaten.cli.check import command as check
from ckanext.sozialdaten.cli.protect import command as protect

# 99001005 holds four persons; three of them are under 18, so that one is left.
BY_AGE = """Schlüssel;Insgesamt;unter 18;18 bis unter 30;30 bis unter 50
99001;72;22;31;19
99001001;.;5;.;.
99001002;24;4;14;6
99001003;16;5;.;.
99001004;16;5;4;7
99001005;.;3;.;0
"""
BY_SEX = """Schlüssel;Insgesamt;männlich;weiblich
99001;72;32;40
99001001;12;8;4
99001002;24;12;12
99001003;16;9;7
99001004;16;3;13
99001005;4;0;4
"""


def run(command: Command, *words: object) -> Result:
    return CliRunner().invoke(command, list(map(str, words)))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    released, table = tmp_path / "alter.csv", tmp_path / "geschlecht.csv"
    released.write_text(BY_AGE, "utf-8")
    table.write_text(BY_SEX, "utf-8")
    return released, table


def test_a_table_without_small_counts_opens_the_one_before(files: tuple[Path, Path]) -> None:
    released, table = files
    assert run(check, table).exit_code == 0
    found = run(check, table, "--released", released)
    assert found.exit_code == 1
    assert "release-difference" in found.stdout


def test_its_copy_hides_what_the_release_hides(files: tuple[Path, Path], tmp_path: Path) -> None:
    released, table = files
    copy = tmp_path / "kopie.csv"
    done = run(protect, table, "-o", copy, "--released", released)
    assert done.exit_code == 0, done.output
    rows = copy.read_text("utf-8").splitlines()
    assert rows[-1].startswith("99001005;.;")
    assert rows[1] == "99001;72;32;40"
    assert run(check, copy, "--released", released).exit_code == 0


def test_the_menu_finds_that_copy_as_well(files: tuple[Path, Path]) -> None:
    released, table = files
    menu = run(protect, table, "--menu", "--released", released)
    assert "Zellen sperren: sicher" in menu.output


def test_region_keys_of_two_levels_are_known_under_any_name(files: tuple[Path, Path]) -> None:
    found = run(check, files[1], "--json")
    assert '"Schlüssel": "region"' in found.stdout

"""Sums that only a declared hierarchy knows hold in every method of protecting counts."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli.protect import command

ABOVE = "Dorf;Amt\nHof;Amt\nBerg;Amt\n"


def _table(folder: Path, small: int) -> Path:
    path = folder / "tabelle.csv"
    rows = f"Amt;{50 + small}\nDorf;{small}\nHof;20\nBerg;30\nStadt;100\nWald;41\n"
    path.write_text(f"Gruppe;Fälle\n{rows}", "utf-8")
    return path


def _copy(folder: Path, small: int, method: str, *, declared: bool) -> dict[str, str]:
    (folder / "oben.csv").write_text(ABOVE, "utf-8")
    given = ["--hierarchy", f"Gruppe={folder / 'oben.csv'}"] if declared else []
    target = folder / "fassung.csv"
    asked = [str(_table(folder, small)), "-o", str(target), "--method", method, *given]
    result = CliRunner().invoke(command, asked)
    assert result.exit_code == 0, result.output
    lines = target.read_text("utf-8-sig").splitlines()[1:]
    return dict(line.split(";")[:2] for line in lines)


def test_suppression_protects_a_declared_sum(tmp_path: Path) -> None:
    assert list(_copy(tmp_path, 2, "suppress", declared=True).values()).count(".") == 2
    assert list(_copy(tmp_path, 2, "suppress", declared=False).values()).count(".") == 1


def test_rounded_parts_of_a_declared_sum_add_up(tmp_path: Path) -> None:
    found = {name: int(value) for name, value in _copy(tmp_path, 2, "round", declared=True).items()}
    assert found["Dorf"] in (0, 3)
    assert found["Amt"] == found["Dorf"] + found["Hof"] + found["Berg"]


def test_merged_parts_stay_below_their_declared_sum(tmp_path: Path) -> None:
    found = {name: int(value) for name, value in _copy(tmp_path, 2, "merge", declared=True).items()}
    assert not set(found) & {"Dorf"}
    assert found["Amt"] == 52
    assert sum(value for name, value in found.items() if name not in {"Stadt", "Wald"}) == 104


@pytest.mark.parametrize("declared", [True, False])
def test_large_counts_stay_as_they_are(tmp_path: Path, declared: bool) -> None:
    assert "." not in _copy(tmp_path, 12, "suppress", declared=declared).values()

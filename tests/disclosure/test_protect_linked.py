"""Tables of counts that speak of the same persons, protected together."""

from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from ckanext.sozialdaten.cli.attack import command as attack
from ckanext.sozialdaten.cli.check import command as check
from ckanext.sozialdaten.cli.protect import command as protect

PLACES = ("Altdorf", "Birkenau", "Cadenberge", "Dörpen", "Eggebek")
SEXES = {"m": (28, 38, 5, 35, 30), "w": (29, 1, 29, 31, 31)}
AGES = {"0-17": (9, 7, 11, 20, 13), "18-64": (46, 30, 21, 31, 40), "65+": (2, 2, 2, 15, 8)}
TOTALS = tuple(map(sum, zip(*SEXES.values(), strict=True)))


def crossed(name: str, groups: dict[str, tuple[int, ...]]) -> str:
    """A table of places by groups, without totals."""
    rows = [
        f"{place};{group};{counts[n]}"
        for n, place in enumerate(PLACES)
        for group, counts in groups.items()
    ]
    return f"Gemeinde;{name};Fälle\n" + "\n".join(rows) + "\n"


def run(command: Command, *words: object) -> Result:
    return CliRunner().invoke(command, list(map(str, words)))


@pytest.mark.parametrize(
    "other",
    [
        "Gemeinde;Fälle\n" + "".join(f"{p};{n}\n" for p, n in zip(PLACES, TOTALS, strict=True)),
        crossed("Altersgruppe", AGES),
    ],
    ids=["its totals", "by age, with the same totals that nobody shows"],
)
def test_neither_copy_opens_the_other(tmp_path: Path, other: str) -> None:
    (tmp_path / "a.csv").write_text(crossed("Geschlecht", SEXES), "utf-8")
    (tmp_path / "b.csv").write_text(other, "utf-8")
    folder = tmp_path / "safe"
    done = run(protect, tmp_path / "a.csv", tmp_path / "b.csv", "-o", folder)
    assert done.exit_code == 0, done.output
    one, two = folder / "a.csv", folder / "b.csv"
    assert "Birkenau;w;." in one.read_text("utf-8")
    assert run(check, one, "--released", two).exit_code == 0
    assert run(check, two, "--released", one).exit_code == 0
    assert run(attack, one, two).exit_code == 0

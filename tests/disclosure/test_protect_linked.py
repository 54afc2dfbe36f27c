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


def written(path: Path, head: str, cells: dict[tuple[str, str], int]) -> Path:
    path.write_text(head + "\n" + "".join(f"{a};{b};{n}\n" for (a, b), n in cells.items()), "utf-8")
    return path


def test_a_kreis_of_one_table_is_the_sum_of_the_gemeinden_of_another(tmp_path: Path) -> None:
    fine = {"0-5": (9, 7, 11, 20), "6-17": (2, 9, 12, 14), "18-64": (46, 30, 21, 31)}
    keys = ("05001001", "05001002", "05002001", "05002002")
    one = {(key, band): counts[n] for band, counts in fine.items() for n, key in enumerate(keys)}
    two = {
        (above, band): sum(n for (key, own), n in one.items() if key[:5] == above and own == band)
        for above in ("05001", "05002")
        for band in fine
    }
    paths = [
        written(tmp_path / "gemeinden.csv", "AGS;Altersgruppe;Fälle", one),
        written(tmp_path / "kreise.csv", "AGS;Altersgruppe;Fälle", two),
    ]
    folder = tmp_path / "safe"
    done = run(protect, *paths, "-o", folder)
    assert done.exit_code == 0, done.output
    text = (folder / "gemeinden.csv").read_text("utf-8")
    assert "05001001;6-17;." in text
    copies = [folder / path.name for path in paths]
    assert run(attack, *copies).exit_code == 0
    # by itself the first table would hide one cell alone, which the second one gives back
    alone = run(protect, paths[0], "-o", tmp_path / "alone.csv")
    assert alone.exit_code == 0
    assert run(attack, tmp_path / "alone.csv", paths[1]).exit_code == 1


def test_linked_tables_without_small_counts_stay_as_they_are(tmp_path: Path) -> None:
    sexes = {("05001", "männlich"): 35, ("05001", "weiblich"): 48}
    ages = {("05001", "0-17"): 27, ("05001", "18-64"): 40, ("05001", "65+"): 16}
    paths = [
        written(tmp_path / "geschlecht.csv", "AGS;Geschlecht;Fälle", sexes),
        written(tmp_path / "alter.csv", "AGS;Altersgruppe;Fälle", ages),
    ]
    done = run(protect, *paths, "-o", tmp_path / "safe")
    assert done.exit_code == 0, done.output
    for path in paths:
        assert (tmp_path / "safe" / path.name).read_text("utf-8") == path.read_text("utf-8")

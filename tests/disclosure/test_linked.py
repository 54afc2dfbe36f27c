"""What several published tables give away together, and what they do not.

Each kind of relation has a smallest leak and its harmless twin.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ckanext.sozialdaten.disclosure import Report, attack_report, check_files
from ckanext.sozialdaten.disclosure._attacked import Question
from ckanext.sozialdaten.disclosure._released import with_precision

Files = Mapping[str, str]
RULE = "release-difference"


def _rows(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def together(folder: Path, files: Files) -> Report:
    """The report on the first file beside the others, which are public already."""
    paths: list[Path] = []
    for name, text in files.items():
        path = folder / name
        path.write_text(text, "utf-8")
        paths.append(path)
    return check_files(paths[:1], released=paths[1:])


def severities(report: Report) -> set[str]:
    return {finding.severity.value for finding in report.findings if finding.rule == RULE}


def attacked(folder: Path, files: Files) -> int:
    """How many cells an attacker opens in the first of the files, which lie there already."""
    first, *others = (folder / name for name in files)
    return attack_report([first], question=Question(released=others, insiders=False)).weak


AGE = "Gemeinde;Altersgruppe;Fälle"
SEX = "Gemeinde;Geschlecht;Fälle"
LEAKS: dict[str, Files] = {
    "a total of another table opens a cell": {
        "alter.csv": _rows(AGE, "A;0-5;.", "A;6-17;40", "B;0-5;30", "B;6-17;50"),
        "gesamt.csv": _rows("Gemeinde;Fälle", "A;42", "B;80"),
    },
    "two classifications differ by a small group": {
        "alter.csv": _rows(AGE, "A;0-5;20", "A;6-17;40", "B;0-5;30", "B;6-17;50"),
        "geschlecht.csv": _rows(SEX, "A;m;32", "A;w;30", "B;m;41", "B;w;39"),
    },
    "totals of two tables differ by a small group": {
        "neu.csv": _rows("Gemeinde;Fälle", "A;60", "B;80", "C;90"),
        "alt.csv": _rows("Gemeinde;Fälle", "A;62", "B;80", "C;90"),
    },
    "bands that overlap cut out a small group": {
        "a.csv": _rows(AGE, "A;0-6;40", "A;6-18;60", "B;0-6;44", "B;6-18;70"),
        "b.csv": _rows(AGE, "A;0-7;42", "A;7-18;58", "B;0-7;52", "B;7-18;62"),
    },
    "bands leave a band between them": {
        "a.csv": _rows(AGE, "A;unter 18;100", "B;unter 18;120"),
        "b.csv": _rows(AGE, "A;unter 16;98", "B;unter 16;100"),
    },
    "a Kreis without its Gemeinden but one": {
        "gemeinden.csv": _rows(
            "AGS;Fälle", "01056001;30", "01056002;40", "01056003;.", "01057001;20"
        ),
        "kreise.csv": _rows("AGS;Fälle", "01056;72", "01057;20"),
    },
    "names of Gemeinden beside their keys": {
        "gemeinden.csv": _rows(
            "AGS;Name;Fälle", "01056001;Alsen;30", "01056002;Borg;.", "01056003;Cott;50"
        ),
        "namen.csv": _rows("Gemeinde;Fälle", "Alsen;30", "Borg;2", "Cott;50"),
    },
    "cumulated and single months": {
        "kumuliert.csv": _rows(
            "Gemeinde;Zeitraum;Fälle", "A;Januar-März 2023;60", "B;Januar-März 2023;90"
        ),
        "monate.csv": _rows(
            "Gemeinde;Monat;Fälle",
            "A;Januar 2023;28",
            "A;Februar 2023;30",
            "B;Januar 2023;30",
            "B;Februar 2023;30",
        ),
    },
    "the year without three quarters": {
        "jahr_2023.csv": _rows("Gemeinde;Fälle", "A;101", "B;140"),
        "quartale.csv": _rows(
            "Gemeinde;Quartal;Fälle",
            *(f"A;Q{n} 2023;33" for n in (1, 2, 3)),
            *(f"B;Q{n} 2023;35" for n in (1, 2, 3)),
        ),
    },
    "file names name the periods": {
        "hilfen_2023-01_bis_2023-06.csv": _rows("Gemeinde;Fälle", "A;60", "B;90"),
        "hilfen_2023-01_bis_2023-05.csv": _rows("Gemeinde;Fälle", "A;59", "B;70"),
    },
    "merged Gemeinden in a declared column": {
        "neu.csv": _rows("Gemeinde;Fälle", "Neustadt;62", "Hafen;40"),
        "alt.csv": _rows(
            "Gemeinde;Gemeinde alt;Fälle",
            "Neustadt;Altdorf;60",
            "Neustadt;Klein;.",
            "Hafen;Hafen alt;25",
            "Hafen;Hof;15",
        ),
    },
    "codes of one table beside labels of another": {
        "codes.csv": _rows(SEX, "A;m;.", "A;w;40", "B;m;18", "B;w;33"),
        "worte.csv": _rows(SEX, "A;männlich;12", "A;weiblich;40", "B;männlich;18", "B;weiblich;33"),
    },
    "columns of one table beside rows of another": {
        "breit.csv": _rows("Gemeinde;männlich;weiblich;insgesamt", "A;.;40;.", "B;18;33;51"),
        "lang.csv": _rows("Gemeinde;Fälle", "A;42", "B;51"),
    },
    "three tables that no two of them open": {
        "a.csv": _rows(
            "Gemeinde;Geschlecht;Herkunft;Fälle", "A;m;D;40", "A;m;X;.", "A;w;D;50", "A;w;X;."
        ),
        "b.csv": _rows("Gemeinde;Herkunft;Fälle", "A;D;90", "A;X;32"),
        "c.csv": _rows("Gemeinde;Geschlecht;Fälle", "A;m;42", "A;w;80"),
    },
    "a rounded table beside an exact total": {
        "genau.csv": _rows(
            "Gemeinde;Fälle", *(f"{g};{100 + n}" for n, g in enumerate("ABCDEFGHIJKL"))
        ),
        "gerundet.csv": _rows(
            "Gemeinde;Geschlecht;Fälle",
            *(f"{g};m;{5 * round((98 + n) / 5)}" for n, g in enumerate("ABCDEFGHIJKL")),
        ),
    },
}
HARMLESS: dict[str, Files] = {
    "the same table again": {
        "neu.csv": _rows(AGE, "A;0-5;.", "A;6-17;40", "B;0-5;30", "B;6-17;."),
        "alt.csv": _rows(AGE, "A;0-5;.", "A;6-17;40", "B;0-5;30", "B;6-17;."),
    },
    "a large revision": {
        "neu.csv": _rows("Gemeinde;Fälle", "A;60", "B;80", "C;90"),
        "alt.csv": _rows("Gemeinde;Fälle", "A;80", "B;60", "C;120"),
    },
    "two classifications of the same persons": {
        "alter.csv": _rows(AGE, "A;0-5;22", "A;6-17;40", "B;0-5;30", "B;6-17;50"),
        "geschlecht.csv": _rows(SEX, "A;m;32", "A;w;30", "B;m;41", "B;w;39"),
    },
    "a total beside two suppressed cells": {
        "alter.csv": _rows(
            AGE, "A;0-5;.", "A;6-17;.", "A;18-27;40", "B;0-5;30", "B;6-17;50", "B;18-27;9"
        ),
        "gesamt.csv": _rows("Gemeinde;Fälle", "A;62", "B;89"),
    },
    "bands that overlap by many": {
        "a.csv": _rows(AGE, "A;0-6;40", "A;6-18;60", "B;0-6;44", "B;6-18;70"),
        "b.csv": _rows(AGE, "A;0-7;52", "A;7-18;48", "B;0-7;52", "B;7-18;62"),
    },
    "cumulated and single months": {
        "kumuliert.csv": _rows(
            "Gemeinde;Zeitraum;Fälle", "A;Januar-März 2023;90", "B;Januar-März 2023;90"
        ),
        "monate.csv": _rows(
            "Gemeinde;Monat;Fälle",
            "A;Januar 2023;28",
            "A;Februar 2023;30",
            "B;Januar 2023;30",
            "B;Februar 2023;30",
        ),
    },
    "stocks of two days": {
        "a.csv": _rows("Gemeinde;Stichtag;Fälle", "A;31.12.2022;60", "B;31.12.2022;71"),
        "b.csv": _rows("Gemeinde;Stichtag;Fälle", "A;31.12.2023;61", "B;31.12.2023;70"),
    },
    "two years": {
        "hilfen_2022.csv": _rows("Gemeinde;Fälle", "A;60", "B;71"),
        "hilfen_2023.csv": _rows("Gemeinde;Fälle", "A;61", "B;70"),
    },
    "another indicator": {
        "wohngeld.csv": _rows("Gemeinde;Fälle", "A;60", "B;71", "C;33", "D;90"),
        "pflegegeld.csv": _rows("Gemeinde;Fälle", "A;61", "B;44", "C;35", "D;18"),
    },
    "a Kreis and its Gemeinden": {
        "gemeinden.csv": _rows(
            "AGS;Fälle", "01056001;30", "01056002;40", "01056003;12", "01057001;20"
        ),
        "kreise.csv": _rows("AGS;Fälle", "01056;82", "01057;20"),
    },
    "merged Gemeinden": {
        "neu.csv": _rows("Gemeinde;Fälle", "Neustadt;100", "Hafen;40"),
        "alt.csv": _rows(
            "Gemeinde;Gemeinde alt;Fälle",
            "Neustadt;Altdorf;60",
            "Neustadt;Klein;40",
            "Hafen;Hafen alt;25",
            "Hafen;Hof;15",
        ),
    },
    "a rounded table beside a total": {
        "genau.csv": _rows(
            "Gemeinde;Fälle", *(f"{g};{100 + n}" for n, g in enumerate("ABCDEFGHIJKL"))
        ),
        "gerundet.csv": _rows(
            "Gemeinde;Geschlecht;Fälle",
            *(
                f"{g};{s};{5 * round((50 + n) / 5)}"
                for n, g in enumerate("ABCDEFGHIJKL")
                for s in "mw"
            ),
        ),
    },
}


@pytest.mark.parametrize("case", LEAKS)
def test_what_tables_give_away_together_is_found(case: str, tmp_path: Path) -> None:
    report = together(tmp_path, LEAKS[case])
    assert "block" in severities(report), [f.message.text() for f in report.findings]
    assert attacked(tmp_path, LEAKS[case])


@pytest.mark.parametrize("case", HARMLESS)
def test_tables_that_give_nothing_away_raise_no_alarm(case: str, tmp_path: Path) -> None:
    report = together(tmp_path, HARMLESS[case])
    assert not severities(report) & {"block", "warn"}, [f.message.text() for f in report.findings]
    blocked = any(finding.severity.value == "block" for finding in report.findings)
    assert bool(attacked(tmp_path, HARMLESS[case])) is blocked


@pytest.mark.parametrize(("new", "leaks"), [(62, True), (84, False)])
def test_merged_gemeinden_in_a_declared_hierarchy(tmp_path: Path, new: int, leaks: bool) -> None:
    small = "." if leaks else "24"
    files = {
        "neu.csv": _rows("AGS;Fälle", f"01056009;{new}", "01056003;40"),
        "alt.csv": _rows("AGS;Fälle", "01056001;60", f"01056002;{small}", "01056003;40"),
    }
    paths = [tmp_path / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, "utf-8")
    above = {"AGS": {"01056001": "01056009", "01056002": "01056009"}}
    report = check_files(paths[:1], released=paths[1:], hierarchies=above)
    assert ("block" in severities(report)) is leaks


EXACT = _rows(SEX, "A;m;32", "A;w;30", "B;m;41", "B;w;39")
TOTALS = _rows("Gemeinde;Fälle", "A;60", "B;80")
OPEN = _rows(AGE, "A;0-5;.", "A;6-17;40", "B;0-5;30", "B;6-17;50")


@pytest.mark.parametrize(
    ("new", "old", "how", "leaks"),
    [
        (EXACT, TOTALS, "", True),
        (EXACT, TOTALS, "rounded:5", False),
        (EXACT, TOTALS + "Werte gerundet auf Vielfache von 5\n", "", False),
        (OPEN, _rows("Gemeinde;Fälle", "A;40", "B;80"), "rounded:5", True),
        (OPEN, _rows("Gemeinde;Fälle", "A;45", "B;80"), "rounded:5", False),
    ],
)
def test_each_release_has_its_own_precision(
    tmp_path: Path, new: str, old: str, how: str, leaks: bool
) -> None:
    (tmp_path / "neu.csv").write_text(new, "utf-8")
    (tmp_path / "alt.csv").write_text(old, "utf-8")
    (stated,) = with_precision((), [f"{tmp_path / 'alt.csv'}={how or 'exact'}"])
    released = stated if how else tmp_path / "alt.csv"
    report = check_files([tmp_path / "neu.csv"], released=[released])
    assert ("block" in severities(report)) is leaks, [f.message.text() for f in report.findings]
    asked = Question(released=[released])
    found = attack_report([tmp_path / "neu.csv"], question=asked)
    assert bool(found.weak) is leaks


def test_a_gemeinde_whose_key_ends_in_zeros_is_no_kreis(tmp_path: Path) -> None:
    files = {
        "gemeinden.csv": _rows("AGS;Fälle", "01056000;20", "01056001;30", "01056002;40"),
        "kreise.csv": _rows("AGS;Fälle", "01056;90", "01057;20"),
    }
    assert not severities(together(tmp_path, files)) & {"block", "warn"}
    files["gemeinden.csv"] = _rows("AGS;Fälle", "01056000;.", "01056001;50", "01056002;40")
    files["kreise.csv"] = _rows("AGS;Fälle", "01056;92", "01056001;50", "01057;20")
    assert "block" in severities(together(tmp_path, files))

"""Sums that an experienced reader sees although nobody labels them, and suppression that is sound.

Each table that leaks must block in ``check`` and, where a suppressed cell is open, in ``attack``.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli.attack import command
from ckanext.sozialdaten.disclosure import check_files, load_policy
from ckanext.sozialdaten.disclosure._model import Severity

OPEN, DIFFERENCE, MARK = "recoverable-suppression", "small-difference", "suppression-mark"
RATE, LINKED = "rate-inversion", "release-difference"


def _some(place: int, year: int) -> int:
    return 20 + (place * place * 7 + year * (place + 3) * 5 + place * year * year) % 61


#: Name: the rule that must block, and the table; lines are parted by "/".
LEAKS: Mapping[str, tuple[str, str]] = {
    "columns: sexes beside an age band": (
        OPEN,
        "Ort;Insgesamt;Männer;Frauen;15 bis unter 25/Nord;41;22;19;4/Süd;33;31;*;*/West;57;30;27;8",
    ),
    "rows: places that are numbered": (
        OPEN,
        "Ort;2022;2023/Ort 1;*;21/Ort 2;17;14/Ort 3;25;28/Ort 10;30;33/Ort 11;12;19/Ort 12;22;24"
        "/Insgesamt;108;139",
    ),
    "columns: sexes, open in each row": (
        OPEN,
        "Ort;Insgesamt;Männer;Frauen;15 bis unter 25/Nord;41;39;*;4/Süd;33;31;*;*/West;57;*;55;8",
    ),
    "rows: sexes beside an age band": (
        OPEN,
        "Merkmal;Nord;Süd/Insgesamt;41;33/männlich;39;*/weiblich;*;32/unter 25 Jahre;14;12",
    ),
    "headings: sex below age": (
        OPEN,
        "Ort;unter 18 | insgesamt;unter 18 | männlich;unter 18 | weiblich;ab 18 | insgesamt;"
        "ab 18 | männlich;ab 18 | weiblich/Nord;14;12;*;60;31;29/Süd;22;*;20;48;26;22",
    ),
    "headings: year above sex": (
        OPEN,
        "Ort;2021 | zusammen;2021 | Frauen;2021 | Männer;2022 | zusammen;2022 | Frauen;"
        "2022 | Männer/Nord;31;30;*;60;31;29/Süd;22;11;11;48;46;*",
    ),
    "columns: nationality": (
        OPEN,
        "Ort;Insgesamt;Deutsche;Ausländer;darunter Ukraine/Nord;40;38;*;*/Süd;*;20;31;12"
        "/West;33;*;31;9",
    ),
    "columns: with and without": (
        OPEN,
        "Ort;Kinder insgesamt;mit Behinderung;ohne Behinderung;unter 3 Jahre"
        "/Nord;40;*;38;12/Süd;52;20;32;20/West;33;12;21;9/Ost;61;30;31;12",
    ),
    "rows: with and without": (
        OPEN,
        "Merkmal;Fälle/Insgesamt;64/mit Migrationshintergrund;62/ohne Migrationshintergrund;*"
        "/darunter Alleinerziehende;21",
    ),
    "columns: boys and girls, of children": (
        OPEN,
        "Ort;Kinder;Jungen;Mädchen/Nord;41;22;19/Süd;33;31;*/West;57;30;27/Ost;60;31;29",
    ),
    "columns: davon": (
        OPEN,
        "Ort;Hilfen;davon ambulant;davon teilstationär;davon stationär;Fachkräfte"
        "/Nord;44;30;12;*;12/Süd;51;*;20;30;14/West;61;40;*;20;13",
    ),
    "rows: davon": (
        OPEN,
        "Art;Fälle/Hilfen zur Erziehung;144/davon ambulant;100/davon stationär;*/davon sonstige;42"
        "/Eingliederungshilfe;80/davon ambulant (35a);50/davon stationär (35a);30",
    ),
    "columns: quarters and the year": (
        OPEN,
        "Ort;1. Quartal;2. Quartal;3. Quartal;4. Quartal;Jahr/Nord;10;*;12;11;35/Süd;20;21;*;19;61",
    ),
    "columns: running sums and a quarter": (
        OPEN,
        "Ort;1. Quartal;1. Halbjahr;1. bis 3. Quartal;2. Quartal/Nord;10;12;25;*"
        "/Süd;20;41;60;21/West;30;50;70;20/Ost;20;40;61;20",
    ),
    "columns: running sums": (
        DIFFERENCE,
        "Ort;1. Quartal;1. Halbjahr;1. bis 3. Quartal;Jahr/Nord;21;22;40;60/Süd;20;31;45;70",
    ),
    "columns: running sums with a gap": (
        DIFFERENCE,
        "Ort;1. Quartal;1. Halbjahr;1. bis 3. Quartal;Jahr/Nord;21;*;22;60/Süd;20;31;45;70",
    ),
    "rows: months and the quarter": (
        OPEN,
        "Zeitraum;Fälle/Januar;12/Februar;*/März;19/Januar bis März;33/April;15",
    ),
    "rows: running months": (
        DIFFERENCE,
        "Zeitraum;Fälle/Januar;12/Januar bis Februar;14/Januar bis März;30/Januar bis April;41",
    ),
    "rows: quarters to the third": (
        OPEN,
        "Zeitraum;Fälle/1. Quartal;12/2. Quartal;*/3. Quartal;19/1. bis 3. Quartal;33",
    ),
    "rows: half-years": (
        OPEN,
        "Ort;Zeitraum;Fälle/Nord;1. Halbjahr 2023;31/Nord;2. Halbjahr 2023;*/Nord;2023;33"
        "/Süd;1. Halbjahr 2023;*/Süd;2. Halbjahr 2023;40/Süd;2023;42",
    ),
    "place: named last": (OPEN, "Gebiet;Fälle/Ahof;31/Bheim;24/Cdorf;*/Dstadt;12/Kreis Muster;69"),
    "place: by its kind alone": (OPEN, "Gebiet;Fälle/Kropp;10/Arnis;*/Tarp;20/Kreis;32"),
    "place: named first": (
        OPEN,
        "Gebiet;Fälle/Landkreis Muster;69/Ahof;31/Bheim;24/Cdorf;*/Dstadt;12",
    ),
    "place: named, two suppressed": (
        OPEN,
        "Gebiet;Fälle/Ahof;31/Bheim;*/Cdorf;*/Dstadt;12/Samtgemeinde Muster;45",
    ),
    "place: named, over two columns": (
        OPEN,
        "Gebiet;Leistungsberechtigte;Bedarfsgemeinschaften/Ahof;31;20/Bheim;24;*/Cdorf;*;9"
        "/Dstadt;12;8/Kreis Muster;69;39",
    ),
    "place: everything": (
        OPEN,
        "Gebiet;Fälle/Ahof;131/Bheim;124/Cdorf;*/Dstadt;112/Muster;369",
    ),
    "place: in all": (
        OPEN,
        "Gebiet;Fälle/Ahof;31/Bheim;24/Cdorf;*/Dstadt;12/Stadt Muster insgesamt;69",
    ),
    "zero is secret, with a total": (
        MARK,
        "Gebiet;Fälle/Ahof;31/Bheim;24/Cdorf;0/Insgesamt;57/0 = geheim zu halten",
    ),
    "zero is secret, place named": (
        MARK,
        "Gebiet;Fälle/Ahof;31/Bheim;24/Cdorf;0/Kreis Muster;57/0 = geheim zu halten",
    ),
    "bands: two bandings in rows": (
        OPEN,
        "Alter;Fälle/0 bis unter 3;*/3 bis unter 6;20/0 bis unter 6;22/6 bis unter 10;31",
    ),
    "bands: two bandings in columns": (
        OPEN,
        "Ort;unter 3 Jahre;3 bis unter 6 Jahre;unter 6 Jahre/Nord;*;20;22/Süd;14;*;15/West;*;9;11",
    ),
    "bands: everybody, beside sexes": (
        OPEN,
        "Ort;Insgesamt;Männer;Frauen;unter 18;18 bis unter 65;65 und älter"
        "/Nord;60;31;29;*;30;28/Süd;70;30;40;12;56;*",
    ),
    "bands: indicator before the band": (
        OPEN,
        "Ort;Fälle insgesamt;Fälle unter 18;Fälle 18 bis unter 65;Fälle 65 und älter"
        "/Nord;60;*;30;28/Süd;70;12;56;*",
    ),
    "places: a sum of some over the years": (
        OPEN,
        "Ort;2019;2020;2021;2022/Ahof;41;44;39;50/Bheim;23;20;28;31/Cdorf;17;19;*;16"
        "/Dstadt;88;90;93;97/Westraum;81;83;69;97/Ostraum;88;90;93;97",
    ),
    "places: a sum of some among many": (
        OPEN,
        "Ort;2016;2017;2018;2019;2020;2021;2022;2023/"
        + "/".join(
            f"{'ABCDEFGHIJKLMN'[n]}hof;"
            + ";".join("*" if (n, y) == (4, 7) else str(_some(n, y)) for y in range(8))
            for n in range(14)
        )
        + "/Talraum;"
        + ";".join(str(sum(_some(n, y) for n in (1, 4, 8, 11))) for y in range(8)),
    ),
    "places and bands: sums over both": (
        OPEN,
        "Jahr;Ort;Alter;Fälle/"
        + "/".join(
            f"{2015 + y};{ort};{alter};{'*' if (y, ort, alter) == (6, 'Bheim', '3-6') else n}"
            for y in range(7)
            for ort, alter, n in (
                ("Ahof", "0-3", 9 + y * y % 11),
                ("Ahof", "3-6", 7 + y * 3),
                ("Bheim", "0-3", 12 + 5 * y % 9),
                ("Bheim", "3-6", 2 if y == 6 else 8 + y),
                ("Cdorf", "0-3", 21 + y * 7 % 13),
                ("Cdorf", "3-6", 33 - y),
                ("Dstadt", "0-3", 28 + y % 3),
                ("Dstadt", "3-6", 19 + y * 11 % 8),
            )
        )
        + "/"
        + "/".join(
            f"{2015 + y};{ort};0-6;{n}"
            for y in range(7)
            for ort, n in (
                ("Westraum", 16 + y * y % 11 + y * 3 + 12 + 5 * y % 9 + (2 if y == 6 else 8 + y)),
                ("Ostraum", 54 + y * 7 % 13 - y + 28 + y % 3 + 19 + y * 11 % 8 - 0),
            )
        ),
    ),
    "keys: Kreis and Gemeinden": (
        OPEN,
        "AGS;Fälle/01056;69/01056001;31/01056002;24/01056005;*/01056010;12",
    ),
    "levels: Kreis, Verband, Gemeinde": (
        OPEN,
        "Kreis;Verband;Gemeinde;Fälle/K;V1;A;31/K;V1;B;*/K;V1;Summe;33/K;V2;C;12/K;V2;D;24"
        "/K;V2;Summe;36/K;Summe;Summe;69",
    ),
    "share of a known denominator": (
        RATE,
        "Ort;Einwohner;Fälle;Anteil in %/Nord;100;*;2,0/Süd;1000;43;4,3/West;500;21;4,2"
        "/Ost;700;25;3,6",
    ),
    "nested: an open cell of two sums": (
        OPEN,
        "Ort;Geschlecht;Alter;Fälle/Nord;m;unter 18;*/Nord;m;ab 18;20/Nord;w;unter 18;15"
        "/Nord;w;ab 18;*/Nord;insgesamt;unter 18;17/Nord;insgesamt;ab 18;40"
        "/Nord;m;insgesamt;22/Nord;w;insgesamt;35/Nord;insgesamt;insgesamt;57",
    ),
    "employed and not employed": (
        OPEN,
        "Ort;Insgesamt;erwerbstätig;nicht erwerbstätig;Rentner/Nord;40;38;*;*/Süd;51;*;50;9",
    ),
}

SOUND: Mapping[str, str] = {
    "columns: two of three": "Ort;Insgesamt;Männer;Frauen;15 bis unter 25"
    "/Nord;41;22;19;14/Süd;33;*;*;*/West;57;30;27;18",
    "columns: sexes, by pairs": "Ort;Insgesamt;Männer;Frauen/Nord;41;*;*/Süd;33;*;*/West;57;30;27"
    "/Gesamt;131;64;67",
    "columns: unrelated": "Ort;Wohngeld;Grundsicherung;Asyl/Nord;41;39;*/Süd;33;*;12/West;57;30;27",
    "columns: other than men and women": "Ort;Insgesamt;Männer;Frauen;ohne Angabe"
    "/Nord;41;22;*;*/Süd;60;28;20;12/West;90;30;40;20",
    "columns: darunter": "Ort;Hilfen;darunter ambulant;darunter stationär"
    "/Nord;44;30;*/Süd;51;*;20/West;61;40;12",
    "columns: quarters of stock": "Ort;31.03.2023;30.06.2023;30.09.2023;31.12.2023"
    "/Nord;40;*;42;41/Süd;20;21;*;19",
    "columns: quarters, two hidden": "Ort;1. Quartal;2. Quartal;3. Quartal;4. Quartal;Jahr"
    "/Nord;10;*;*;11;35/Süd;20;*;*;19;61",
    "columns: running sums": "Ort;1. Quartal;1. Halbjahr;1. bis 3. Quartal;Jahr"
    "/Nord;21;32;40;60/Süd;20;31;45;70",
    "rows: months": "Zeitraum;Fälle/Januar;12/Februar;*/März;*/Januar bis März;33/April;15",
    "rows: years": "Jahr;Fälle/2019;12/2020;*/2021;31/2022;33/2023;76",
    "place: two hidden": "Gebiet;Fälle/Ahof;31/Bheim;*/Cdorf;*/Dstadt;12/Kreis Muster;69",
    "place: a town among others": "Gebiet;Fälle/Stadt Muster;169/Ahof;31/Bheim;24"
    "/Cdorf;*/Dstadt;12",
    "place: several Kreise": "Gebiet;Fälle/Kreis A;31/Kreis B;24/Kreis C;*/Stadt D;112",
    "place: the largest first": "Gebiet;Fälle/Mitte;69/Ahof;31/Bheim;24/Cdorf;*/Dstadt;22",
    "bands: apart": "Alter;Fälle/0 bis unter 3;*/3 bis unter 6;20/6 bis unter 10;31/ab 18;60",
    "bands: two bandings, two hidden": "Alter;Fälle/0 bis unter 3;*/3 bis unter 6;*"
    "/0 bis unter 6;22/6 bis unter 10;31",
    "bands: not everybody": "Ort;Insgesamt;unter 3 Jahre;6 bis unter 10 Jahre"
    "/Nord;60;*;30/Süd;70;12;*",
    "nationality: two hidden": "Ort;Insgesamt;Deutsche;Ausländer"
    "/Nord;40;*;*/Süd;51;20;31/West;33;*;*"
    "/Ost;29;14;15",
    "long: circle": "Ort;Geschlecht;Fälle/Nord;m;*/Nord;w;*/Nord;insgesamt;37/Süd;m;*/Süd;w;*"
    "/Süd;insgesamt;44/insgesamt;m;40/insgesamt;w;41/insgesamt;insgesamt;81",
    "rows: davon, two hidden": "Art;Fälle/Hilfen;144/davon ambulant;100/davon stationär;*"
    "/davon sonstige;*/Andere;80",
}


def _written(text: str, folder: Path) -> Path:
    path = folder / "tabelle.csv"
    path.write_text(text.replace("/", "\n") + "\n", "utf-8")
    return path


def _blocking(path: Path) -> set[str]:
    found = check_files([path], policy=load_policy())
    return {finding.rule for finding in found.findings if finding.severity is Severity.BLOCK}


def _attacked(path: Path) -> int:
    return CliRunner().invoke(command, [str(path), "--no-insiders"]).exit_code


@pytest.mark.parametrize("name", LEAKS)
def test_what_a_reader_can_work_out_blocks(name: str, tmp_path: Path) -> None:
    rule, text = LEAKS[name]
    path = _written(text, tmp_path)
    assert rule in _blocking(path)
    assert rule != OPEN or _attacked(path) == 1


@pytest.mark.parametrize("name", SOUND)
def test_sound_suppression_passes(name: str, tmp_path: Path) -> None:
    path = _written(SOUND[name], tmp_path)
    assert not _blocking(path)
    assert _attacked(path) == 0


def _message(*, series: bool) -> str:
    """Twelve places, one of them withheld, and all of them, as SDMX-JSON."""
    counts = [31, "*", *range(20, 30), 278]
    codes = [{"id": f"P{n}", "name": f"{'ABCDEFGHIJKL'[n]}hof"} for n in range(12)]
    places = {"id": "GEO", "values": [*codes, {"id": "_T", "name": "Insgesamt"}]}
    sexes = {"id": "SEX", "name": "Geschlecht", "values": [{"id": "M", "name": "männlich"}]}
    cells = {str(n): [count] for n, count in enumerate(counts)}
    data: dict[str, object] = {"observations": {f"0:{key}": x for key, x in cells.items()}}
    dimensions: dict[str, object] = {"observation": [sexes, places]}
    if series:
        data = {"series": {"0": {"observations": cells}}}
        dimensions = {"series": [sexes], "observation": [places]}
    return json.dumps({"data": {"dataSets": [data], "structure": {"dimensions": dimensions}}})


@pytest.mark.parametrize("series", [False, True])
def test_a_message_of_sdmx_json_is_a_cube(series: bool, tmp_path: Path) -> None:
    path = tmp_path / "wuerfel.json"
    path.write_text(_message(series=series), "utf-8")
    assert OPEN in _blocking(path)


def test_the_corpus_holds_forty_leaks_and_twenty_sound_tables() -> None:
    assert len(LEAKS) >= 40
    assert len(SOUND) >= 20

"""Counts as people write them: in words, in thousands, below zero, with notes and other digits."""

from pathlib import Path

import pyarrow as pa
import pytest

from ckanext.sozialdaten.disclosure import Report, check, check_files, load_policy
from ckanext.sozialdaten.disclosure._numbers import State, parse, written_count

PLACES = ("Nord", "Süd", "Ost", "West", "Mitte", "Au")
RULE = "minimum-frequency"


def report(column: str, cells: list[str], **others: list[str]) -> Report:
    table = pa.table({"Ort": PLACES[: len(cells)], **others, column: cells})
    return check(table, None, load_policy())


def rows(found: Report) -> tuple[int, ...]:
    return next((f.cells for f in found.findings if f.rule == RULE and f.severity == "block"), ())


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("Betreute Kinder", ["2 Kinder", "14 Kinder", "31 Kinder", "ein Kind", "27 Kinder", "40"]),
        ("Inobhutnahmen", ["eine", "vierzehn", "acht", "zwei", "keine", "dreizehn"]),
        ("Fälle", ["nur ein Fall", "14", "31", "2", "27", "40"]),
        ("Fälle", ["2¹)", "31", "44²)", "1 a)", "17", "26"]),
        ("Fälle", ["2 [1]", "31", "44", "1 [b]", "17", "26"]),
        ("Fälle", ["２", "３１", "４４", "１", "１７", "２６"]),
        ("Fälle", ["٢", "٣١", "٤٤", "١", "١٧", "٢٦"]),
        ("Leistungsberechtigte in Tsd.", ["0,002", "0,031", "0,044", "0,001", "0,017", "0,026"]),
        ("Fälle", ["2", "-4", "31", "1", "12", "-7"]),
        ("1. Quartal", ["2", "21", "31", "1", "12", "44"]),
        ("Europa", ["2", "21", "31", "1", "12", "44"]),
        ("Diversion", ["2", "21", "31", "1", "12", "44"]),
        ("Antragstellende", ["2", "21", "31", "1", "12", "44"]),
        ("Schulentlassene", ["2", "21", "31", "1", "12", "44"]),
    ],
)
def test_small_counts_are_found_however_they_are_written(column: str, cells: list[str]) -> None:
    assert rows(report(column, cells)) == (1, 4)


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("Betreute Kinder", ["unter 3", "14 Kinder", "31 Kinder", "weniger als 3", "27", "40"]),
        ("Haushaltsgröße", ["1 Person", "2 Personen", "3 Personen", "4 Personen", "5", "6"]),
        ("Wohnungsgröße", ["1 Zimmer", "2 Zimmer", "3 Zimmer", "4 Zimmer", "12 Zimmer", "14"]),
        ("Dauer", ["1 Jahr", "2 Jahre", "12 Jahre", "14 Jahre", "3 Jahre", "15 Jahre"]),
        ("Leistungsberechtigte in Tsd.", ["2,4", "31,2", "44,0", "1,7", "17,1", "26,9"]),
        ("Wanderungssaldo", ["2", "-4", "31", "1", "12", "-7"]),
        ("Geburtenüberschuss (Anzahl)", ["2", "-4", "31", "1", "12", "-7"]),
    ],
)
def test_labels_amounts_and_balances_are_no_small_counts(column: str, cells: list[str]) -> None:
    assert not rows(report(column, cells))


def test_sizes_of_households_stay_labels_beside_what_is_counted() -> None:
    sizes = ["1 Person", "2 Personen", "3 Personen", "4 Personen", "5 Personen", "6 Personen"]
    table = pa.table({"Haushaltsgröße": sizes, "Haushalte": [120, 80, 61, 40, 22, 9]})
    found = check(table, None, load_policy())
    assert found.verdict == "safe"
    assert found.roles["Haushaltsgröße"] != "count"


@pytest.mark.parametrize(
    "text", ["2 bis 3 Kinder", "Paar mit 2 Kindern", "Zweibrücken", "", "Nord"]
)
def test_other_texts_are_no_counts(text: str) -> None:
    assert written_count(text) is None


@pytest.mark.parametrize(("text", "value"), [("12 a)", 12), ("7 [2]", 7), ("3 b)", 3)])
def test_notes_behind_a_number_are_no_part_of_it(text: str, value: float) -> None:
    assert parse(text).state is State.VALUE
    assert parse(text).value == value


@pytest.mark.parametrize(
    "text",
    ["Cappel hatte nur einen Fall.", "darunter zwei Kinder", "lediglich 2 Personen in Elm"],
)
def test_a_text_beside_the_table_tells_a_small_count(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(f"Stand 2023\n{text}\n\nOrt;Fälle\nA;*\nB;12\nC;*\nD;31\n")
    found = check_files([tmp_path / "a.csv"])
    assert (RULE, "block", (2,)) in {(f.rule, f.severity, f.cells) for f in found.findings}


@pytest.mark.parametrize(
    "text",
    [
        "Werte von 1 oder 2 sind gesperrt; ein Fall kann mehrere Kinder betreffen.",
        "darunter 12 Kinder",
        "nur zwei oder mehr Fälle",
        "nur Personen mit Hauptwohnung",
    ],
)
def test_a_legend_tells_no_small_count(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(f"Stand 2023\n{text}\n\nOrt;Fälle\nA;*\nB;12\nC;*\nD;31\n")
    assert check_files([tmp_path / "a.csv"]).verdict == "safe"

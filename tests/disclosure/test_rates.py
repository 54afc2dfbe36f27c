"""Rates, shares and means that give back a small count."""

from pathlib import Path

import pytest
from disclosure_worlds import found, named, rules

from ckanext.sozialdaten.disclosure import check_files

PLACES = ["Nord", "Süd", "West", "Ost"]
BASE = [54, 870, 412, 233]


def rated(name: str, rates: list[str], base: list[object] | None = None):
    """Inhabitants and a rate of each place."""
    return named({"Ort": PLACES, "Einwohner": base or BASE, name: rates})


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("Anteil in %", ["3,7", "12,6", "14,8", "9,9"]),
        ("Quote (Prozent)", ["3,70", "12,64", "14,81", "9,87"]),
        ("Quote je 1000", ["37,0", "126,4", "148,1", "98,7"]),
        ("Fälle pro 10.000 Einwohner", ["370,4", "1264,4", "1480,6", "987,1"]),
        ("Quote je 100 000", ["3703,7", "12643,7", "14805,8", "9871,2"]),
        ("Anteil", ["0,037", "0,126", "0,148", "0,099"]),
    ],
)
def test_a_rate_with_its_denominator_gives_back_the_count(name: str, rates: list[str]) -> None:
    assert found(rated(name, rates)) == {"rate-inversion"}


def test_a_rate_of_many_gives_no_finding() -> None:
    assert not found(rated("Anteil in %", ["14,8", "12,6", "14,8", "9,9"]))


def test_a_coarse_rate_of_a_large_number_gives_no_finding() -> None:
    base: list[object] = [54321, 87012, 41234, 23345]
    assert not found(rated("Anteil in %", ["0,1", "12,6", "14,8", "9,9"], base))


def test_a_rate_of_something_else_gives_no_finding() -> None:
    assert not found(rated("Wahlbeteiligung in %", ["3,9", "57,3", "61,9", "48,7"]))


def test_one_row_is_enough_where_the_fit_is_close() -> None:
    assert found(named({"Ort": ["Nord"], "Einwohner": [54], "Anteil in %": ["3,7"]})) == {
        "rate-inversion"
    }


def test_shares_of_a_total_that_another_row_shows() -> None:
    data = named(
        {
            "Herkunft": ["Syrien", "Türkei", "Polen", "Insgesamt"],
            "Anzahl": [".", ".", ".", 54],
            "Anteil in %": ["3,7", "44,4", "51,9", "100,0"],
        }
    )
    assert "rate-inversion" in found(data)


def test_the_number_of_persons_in_the_heading_is_a_denominator() -> None:
    shares = {
        "Antwort": ["ja", "nein", "weiß nicht"],
        "Nord (n=54)": ["44,4", "51,9", "3,7"],
        "Süd (n=62)": ["45,2", "41,9", "12,9"],
    }
    assert "rate-inversion" in found(named(shares))
    assert not found(named({**shares, "Nord (n=54)": ["44,4", "48,1", "7,4"]}))


def test_sum_and_mean_give_back_the_number_of_persons() -> None:
    data = named(
        {
            "Ort": PLACES,
            "Ausgaben in Euro": ["902,40", "12.034,00", "8.822,10", "5.021,00"],
            "Durchschnittliche Ausgaben in Euro": ["451,20", "501,42", "464,32", "502,10"],
        }
    )
    assert found(data) == {"rate-inversion"}


def test_a_released_table_is_a_denominator(tmp_path: Path) -> None:
    rates, base = tmp_path / "quote.csv", tmp_path / "einwohner.csv"
    rates.write_text(
        "Ortsteil;Anteil in %\nNord;3,7\nSüd;12,6\nWest;14,8\nOst;9,9\n", encoding="utf-8"
    )
    lines = "".join(f"{place};{n}\n" for place, n in zip(PLACES, BASE, strict=True))
    base.write_text("Ortsteil;Einwohner\n" + lines, encoding="utf-8")
    assert not rules(check_files([rates]))
    assert rules(check_files([rates], released=[base])) == {"rate-inversion"}


@pytest.mark.parametrize(("third", "leaks"), [("440,00", True), ("612,07", False)])
def test_sum_and_mean_in_two_files_give_back_the_number_of_persons(
    tmp_path: Path, third: str, leaks: bool
) -> None:
    sums, means = tmp_path / "summe.csv", tmp_path / "mittel.csv"
    sums.write_text("Gemeinde;Ausgaben in Euro\nA;1520\nB;980\nC;4400\n", encoding="utf-8")
    lines = f"A;760,00\nB;980,00\nC;{third}\n"
    means.write_text("Gemeinde;Durchschnittliche Ausgaben in Euro\n" + lines, encoding="utf-8")
    expected = {"rate-inversion"} if leaks else set[str]()
    assert rules(check_files([sums, means])) == expected
    assert rules(check_files([means], released=[sums])) - {"release-difference"} == expected

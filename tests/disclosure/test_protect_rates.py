"""Rates beside counts: protected with the counts that they tell."""

import pyarrow as pa
import pytest
from disclosure_worlds import POLICY, found, named

from ckanext.sozialdaten.disclosure import Verdict, check, protect

PLACES = ["Altdorf", "Birkenau", "Cadenberge", "Dörpen", "Eggebek", "Fockbek"]
PEOPLE = [787, 517, 817, 179, 405, 203]
CASES = [1, 33, 17, 11, 33, 2]


def german(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


def rated(*, cases: bool) -> pa.Table:
    """Inhabitants, cases and rate of each place and of all."""
    people, counts = [*PEOPLE, sum(PEOPLE)], [*CASES, sum(CASES)]
    columns: dict[str, list[object]] = {"Ort": [*PLACES, "Insgesamt"], "Einwohner": [*people]}
    if cases:
        columns["Arbeitslose"] = [*counts]
    rates = [german(100 * count / n) for count, n in zip(counts, people, strict=True)]
    return named({**columns, "Quote in %": [*rates]})


def test_with_a_hidden_count_its_rate_is_hidden_and_no_other() -> None:
    copy = protect(rated(cases=True), None, POLICY).table
    rows = copy.to_pylist()
    assert [row["Quote in %"] == "." for row in rows] == [row["Arbeitslose"] == "." for row in rows]
    assert {"Altdorf", "Fockbek"} <= {row["Ort"] for row in rows if row["Quote in %"] == "."}
    assert check(copy, None, POLICY).verdict is Verdict.SAFE


def test_rates_of_counts_that_nobody_shows_keep_each_other_closed() -> None:
    copy = protect(rated(cases=False), None, POLICY).table
    hidden = [row["Ort"] for row in copy.to_pylist() if row["Quote in %"] == "."]
    assert {"Altdorf", "Fockbek"} <= set(hidden)
    assert len(hidden) > 2 or "Insgesamt" in hidden
    assert check(copy, None, POLICY).verdict is Verdict.SAFE


def test_a_rate_that_nothing_explains_goes_with_every_hidden_count_of_its_row() -> None:
    rates = ["4,2", "17,4", "10,8", "3,6", "19,3", "0,4"]
    data = named({"Ort": PLACES, "Fälle": CASES, "Fälle je 1.000 Einwohner": rates})
    for row in protect(data, None, POLICY).table.to_pylist():
        assert (row["Fälle"] == ".") == (row["Fälle je 1.000 Einwohner"] == ".")


@pytest.mark.parametrize("base", [3, 5])
def test_rates_follow_rounded_counts(base: int) -> None:
    done = protect(rated(cases=True), None, POLICY, method="round", base=base)
    for row in done.table.to_pylist():
        rate = german(100 * int(row["Arbeitslose"]) / int(row["Einwohner"]))
        assert row["Quote in %"] in (rate, ".")


def test_rates_that_nobody_can_compute_again_are_hidden_where_counts_are_rounded() -> None:
    copy = protect(rated(cases=False), None, POLICY, method="round").table
    assert set(copy.column("Quote in %").to_pylist()) == {"."}


def test_shares_of_the_total_row_follow_too() -> None:
    kinds = ["Syrien", "Türkei", "Polen", "Irak", "sonstige", "Insgesamt"]
    counts = [22, 31, 2, 9, 14, 78]
    shares = [german(100 * count / 78) for count in counts]
    data = named({"Herkunft": kinds, "Anzahl": counts, "Anteil in %": shares})
    rows = protect(data, None, POLICY, method="round").table.to_pylist()
    total = int(rows[-1]["Anzahl"])
    assert rows[-1]["Anteil in %"] == "100,00"
    assert all(row["Anteil in %"] == german(100 * int(row["Anzahl"]) / total) for row in rows)


def changed(*, mark: str) -> pa.Table:
    """Two years and the change between them."""
    columns: dict[str, list[object]] = {
        "Ort": PLACES[:5],
        "2022": [40, 30, 12, 44, 20],
        "2023": [mark, 35, 10, 51, 17],
        "Veränderung": [-38, 5, -2, 7, -3],
    }
    return named(columns)


def test_a_change_gives_back_what_a_mark_hides() -> None:
    assert "suppression-mark" in found(changed(mark="."))
    assert not found(changed(mark=".").set_column(3, "Abstand in km", pa.array(["3"] * 5)))


def test_a_change_is_hidden_with_the_count_it_leads_to() -> None:
    copy = protect(changed(mark="2"), None, POLICY).table
    assert copy.column("Veränderung").to_pylist() == [".", "5", "-2", "7", "-3"]
    assert check(copy, None, POLICY).verdict is Verdict.SAFE

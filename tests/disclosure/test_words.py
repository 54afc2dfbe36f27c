"""What a column is called decides how it is read: a word inside another word says nothing."""

import pyarrow as pa
import pytest

from ckanext.sozialdaten.disclosure import check, load_policy
from ckanext.sozialdaten.disclosure._lexicon import lexicon


@pytest.mark.parametrize(
    "column",
    [
        "verheiratet",
        "Beratene",
        "Beraterinnen",
        "Piraten",
        "Demokraten",
        "Karate",
        "Referate",
        "Mittlere Reife",
        "mittlerer Schulabschluss",
        "moderate Gefährdung",
    ],
)
def test_no_rate(column: str) -> None:
    assert not lexicon().speaks_of(column, "rate")


@pytest.mark.parametrize(
    "column",
    [
        "Rate der Fälle",
        "Geburtenrate",
        "Sterberate",
        "Arbeitslosenraten",
        "Wachstumsrate",
        "Impfrate",
        "Quote",
        "mittlere Wartezeit",
        "unemployment_rate",
        "Anteil in %",
    ],
)
def test_a_rate(column: str) -> None:
    assert lexicon().speaks_of(column, "rate")


def test_old_age_benefits_are_no_age() -> None:
    assert not lexicon().speaks_of("Grundsicherung im Alter", "person")
    assert lexicon().speaks_of("Alter in Jahren", "person")


@pytest.mark.parametrize(
    "column", ["verheiratet", "Mittlere Reife", "Grundsicherung im Alter", "Pers."]
)
def test_small_counts_under_such_a_name_are_found(column: str) -> None:
    table = pa.table(
        {
            "gemeinde": ["Nord", "Mitte", "Süd"],
            "insgesamt": [30, 22, 25],
            "übrige": [12, 20, 11],
            column: [18, 2, 14],
        }
    )
    found = {(f.rule, f.column) for f in check(table, None, load_policy()).findings}
    assert ("minimum-frequency", column) in found

"""From persons to counts: what is counted, and what must never come out."""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from harvest_world import CASES, SECRETS, case, case_list, raw
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.harvesters.core import errors
from ckanext.sozialdaten.harvesters.core.aggregate import age_on, aggregate, kept_rows
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.harvesters.core.pseudonym import Pseudonyms
from ckanext.sozialdaten.harvesters.core.sources import load_source

SOURCE = load_source(CASES)
REGISTER = Register.default()
ALL = "INSGESAMT"
Counts = dict[tuple[str, str, str], Decimal | None]


def reading(folder: Path, lines: Iterable[str]) -> Reading:
    path = folder / "liste.csv"
    path.write_bytes(case_list(lines))
    return DelimitedReader(REGISTER).read(raw(path), SOURCE.layout)


def counts(folder: Path, *lines: str) -> Counts:
    """Value by measure, region and age group."""
    found = aggregate(SOURCE, reading(folder, lines), REGISTER, "liste.csv")
    return {
        (
            item.series.removeprefix(f"{SOURCE.id}."),
            item.region,
            json.loads(item.dimensions)["altersgruppe"],
        ): item.value
        for item in found
    }


def test_several_cases_of_one_person_count_once(tmp_path: Path) -> None:
    found = counts(tmp_path, case(1, "P1"), case(2, "P1"), case(3, "P2"))
    assert found["junge_menschen", "99001001", "ALT006B15"] == 2
    assert found["hilfen", "99001001", "ALT006B15"] == 3
    assert found["kosten_monat", "99001001", "ALT006B15"] == Decimal("3703.5")


def test_a_person_in_two_gemeinden_counts_where_the_latest_case_lies(tmp_path: Path) -> None:
    old, new = "01.01.2022", "01.06.2024"
    found = counts(tmp_path, case(1, "P1", start=new), case(2, "P1", region="99001002", start=old))
    assert found["junge_menschen", "99001001", ALL] == 1
    assert found["junge_menschen", "99001002", ALL] == 0
    assert found["junge_menschen", "99001", ALL] == 1


def test_every_gemeinde_has_a_cell_even_where_nobody_is(tmp_path: Path) -> None:
    found = counts(tmp_path, case(1))
    gemeinden = REGISTER.children("99001", Level.GEMEINDE)
    cells = [found["junge_menschen", ags, "ALT000B06"] for ags in gemeinden]
    assert cells == [0] * len(gemeinden)


def test_a_case_that_ended_or_has_not_begun_does_not_count(tmp_path: Path) -> None:
    found = counts(
        tmp_path,
        case(1, end="30.12.2024"),
        case(2, start="01.01.2025"),
        case(3, end="31.12.2024"),
        case(4, end="31.12.9999"),
    )
    assert found["hilfen", "99001", ALL] == 2


def test_the_age_is_that_of_the_stichtag(tmp_path: Path) -> None:
    found = counts(
        tmp_path, case(1, born="31.12.2018"), case(2, born="01.01.2019"), case(3, born="31.12.2009")
    )
    assert found["junge_menschen", "99001", "ALT006B15"] == 1
    assert found["junge_menschen", "99001", "ALT000B06"] == 1
    assert found["junge_menschen", "99001", "ALT015B21"] == 1


def test_a_person_in_no_group_is_an_error_at_its_row(tmp_path: Path) -> None:
    with pytest.raises(errors.DeliveryRefused) as caught:
        counts(tmp_path, case(1), case(2, born="01.01.1990"))
    (problem,) = caught.value.problems
    assert isinstance(problem, errors.OutsideGroups)
    assert problem.place is not None
    assert (problem.place.row, problem.place.column) == (6, "Geb.-Dat.")
    assert "1990" not in problem.text("de")


@given(
    born=st.dates(dt.date(1900, 1, 1), dt.date(2024, 12, 31)),
    days=st.integers(min_value=0, max_value=40000),
)
def test_an_age_never_falls_with_time(born: dt.date, days: int) -> None:
    day = min(born + dt.timedelta(days=days), dt.date(2199, 1, 1))
    assert 0 <= age_on(born, day) <= age_on(born, day + dt.timedelta(days=1))


def test_parts_and_totals_add_up(tmp_path: Path) -> None:
    regions = ("99001001", "99001002", "99001003")
    births = ("01.05.2021", "01.05.2014", "01.05.2007")
    lines = [
        case(number, f"P{number % 7}", regions[number % 3], births[number % 2])
        for number in range(30)
    ]
    found = counts(tmp_path, *lines)
    for measure in SOURCE.measures:
        leaves = [
            value
            for (name, region, group), value in found.items()
            if name == measure and region != "99001" and group != ALL
        ]
        assert sum(value or 0 for value in leaves) == found[measure, "99001", ALL]


def test_rows_that_are_kept_hold_neither_names_nor_numbers(tmp_path: Path) -> None:
    read = reading(tmp_path, [case(1, "P4711"), case(2, "P4711")])
    kept = kept_rows(SOURCE, read, Pseudonyms(b"k" * 32, SOURCE.id)).to_pylist()
    text = json.dumps(kept, default=str, ensure_ascii=False)
    assert not any(secret in text for secret in (*SECRETS, "P4711", "J-1"))
    assert kept[0]["PersNr"] == kept[1]["PersNr"]
    assert kept[0]["Fallnummer"] != kept[1]["Fallnummer"]


def test_pseudonyms_differ_by_key_source_and_column() -> None:
    plain = Pseudonyms(b"k" * 32, "a").of("PersNr", "1")
    others = {
        Pseudonyms(b"l" * 32, "a").of("PersNr", "1"),
        Pseudonyms(b"k" * 32, "b").of("PersNr", "1"),
        Pseudonyms(b"k" * 32, "a").of("Fallnummer", "1"),
    }
    assert plain not in others
    assert len(others) == 3

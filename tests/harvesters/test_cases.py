"""Any Stichtag from the rows that are kept: intervals, corrections, and what no list can tell."""

import datetime as dt
import json

import pytest
from harvest_world import CASES, Installation, case, case_list

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.cases import Counted, count_at
from ckanext.sozialdaten.harvesters.core.errors import HarvestError
from ckanext.sozialdaten.harvesters.core.sources import load_source
from ckanext.sozialdaten.lake import Lake

SOURCE = load_source(CASES)
REGISTER = Register.default()
DAY = dt.date
FIRST = "31.12.2023"


def _deliver(installation: Installation, name: str, *lines: str) -> None:
    installation.drop(CASES, name, case_list(lines))
    installation.harvest(CASES)


def _others(stichtag: str = "31.12.2024") -> list[str]:
    """Twenty more cases: one that is missing then is no sudden drop."""
    return [case(number, stichtag=stichtag) for number in range(101, 121)]


def _count(day: dt.date, as_of: dt.date | None = None) -> Counted:
    with Lake.open() as lake:
        return count_at(SOURCE, lake, day, REGISTER, as_of)


def _persons(counted: Counted, region: str = "99001") -> int:
    (found,) = (
        item.value
        for item in counted.observations
        if item.series.endswith("junge_menschen")
        and item.region == region
        and json.loads(item.dimensions)["altersgruppe"] == "INSGESAMT"
    )
    return int(found or 0)


def test_one_delivery_answers_for_every_day_of_its_intervals(installation: Installation) -> None:
    _deliver(
        installation,
        "a.csv",
        case(1, start="01.02.2023"),
        case(2, start="01.07.2024"),
        case(3, start="01.01.2024", end="31.08.2024"),
    )
    found = {
        day: _persons(_count(day))
        for day in (DAY(2023, 1, 31), DAY(2023, 2, 1), DAY(2024, 8, 31), DAY(2024, 9, 1))
    }
    assert found == {
        DAY(2023, 1, 31): 0,
        DAY(2023, 2, 1): 1,
        DAY(2024, 8, 31): 3,
        DAY(2024, 9, 1): 2,
    }


def test_the_delivered_stichtag_gives_the_aggregate_of_the_delivery(
    installation: Installation,
) -> None:
    _deliver(installation, "a.csv", case(1), case(2, "P1"), case(3, region="99001002"))
    counted = _count(DAY(2024, 12, 31))
    assert counted.delivered
    with Lake.open() as lake:
        for name in SOURCE.measures:
            table = lake.values(SOURCE.series(name)).to_pylist()
            stored = {(row["region"], row["dimensions"]): row["value"] for row in table}
            again = {
                (item.region, item.dimensions): item.value
                for item in counted.observations
                if item.series == SOURCE.series(name)
            }
            assert again == stored


def test_between_two_lists_the_intervals_of_both_count(installation: Installation) -> None:
    _deliver(
        installation,
        "a.csv",
        case(1, stichtag=FIRST, start="01.02.2023", end="30.06.2024"),
        case(2, stichtag=FIRST, start="01.02.2023"),
    )
    _deliver(installation, "b.csv", case(2, start="01.02.2023"), case(3, start="01.03.2024"))
    counted = _count(DAY(2024, 4, 1))
    assert (_persons(counted), counted.delivered, counted.unclear) == (3, False, 0)
    assert _persons(_count(DAY(2024, 7, 1))) == 2


def test_a_case_that_ended_on_an_unknown_day_is_told_and_not_guessed(
    installation: Installation,
) -> None:
    _deliver(installation, "a.csv", case(1, stichtag=FIRST), *_others(FIRST))
    _deliver(installation, "b.csv", *_others())
    counted = _count(DAY(2024, 4, 1))
    assert (_persons(counted), counted.unclear) == (20, 1)
    assert _persons(_count(DAY(2023, 12, 31))) == 21


def test_a_correction_replaces_the_list_of_its_stichtag(
    installation: Installation,
) -> None:
    _deliver(installation, "a.csv", case(1), *_others())
    _deliver(installation, "b.csv", *_others())
    assert _persons(_count(DAY(2024, 12, 31))) == 20
    with pytest.raises(HarvestError, match="No rows"):
        _count(DAY(2024, 12, 31), as_of=DAY(2000, 1, 1))


def test_age_is_that_of_the_day_that_is_asked_for(installation: Installation) -> None:
    _deliver(installation, "a.csv", case(1, born="01.06.2018"))

    def group(day: dt.date) -> set[str]:
        return {
            json.loads(item.dimensions)["altersgruppe"]
            for item in _count(day).observations
            if item.series.endswith("junge_menschen") and item.value
        } - {"INSGESAMT"}

    assert group(DAY(2024, 5, 31)) == {"ALT000B06"}
    assert group(DAY(2024, 6, 1)) == {"ALT006B15"}


def test_a_day_after_the_last_list_is_refused(installation: Installation) -> None:
    _deliver(installation, "a.csv", case(1))
    with pytest.raises(HarvestError, match="2024-12-31"):
        _count(DAY(2025, 1, 1))


def test_erased_rows_count_no_more(installation: Installation) -> None:
    _deliver(installation, "a.csv", case(1))
    with Lake.open() as lake:
        lake.erase_expired(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=91))
    with pytest.raises(HarvestError, match="No rows"):
        _count(DAY(2024, 12, 31))

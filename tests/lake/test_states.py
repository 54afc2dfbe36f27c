"""Questions: any state, any Stichtag, only what was asked for."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from lake_world import cells, delivery, figures, settings_in

from ckanext.sozialdaten.lake import Lake, Scope, UnknownSeriesError, Zone

A, B = "01056001", "01056002"
DAY = dt.date


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A stock at three Stichtage, one of them corrected, and a flow of two years."""
    folder: Path = tmp_path_factory.mktemp("lake")
    with Lake.open(settings_in(folder)) as lake:
        women, men = '{"sex":"w"}', '{"sex":"m"}'
        for year, captured in ((2021, "2022-02-01"), (2022, "2023-02-01")):
            both = [
                cells({A: year - 2000, B: 1}, f"{year}-12-31", dimensions=women),
                cells({A: 2}, f"{year}-12-31", dimensions=men),
            ]
            lake.append(
                Zone.RESTRICTED, delivery(captured, f"stock {year}"), pa.concat_tables(both)
            )
        lake.append(
            Zone.RESTRICTED,
            delivery("2023-11-15", "correction"),
            cells({A: "."}, "2022-12-31", dimensions=women),
            "delta",
        )
        lake.append(
            Zone.RESTRICTED,
            delivery("2024-02-01", "stock 2023"),
            cells({A: 30}, "2023-12-31", dimensions=women),
            scope=Scope(regions=(A,)),
        )
        for year in (2022, 2023):
            flow = cells({A: year}, f"{year}-12-31", "geburten", reference_start=DAY(year, 1, 1))
            lake.append(Zone.RESTRICTED, delivery(f"{year + 1}-05-01", f"flow {year}", "amt"), flow)
        yield lake


def test_a_series_comes_in_the_order_of_region_and_time(world: Lake) -> None:
    rows = world.values("faelle", dimensions={"sex": "w"}).to_pylist()
    keys = [(row["region"], row["reference_end"].year) for row in rows]
    assert keys == [(A, 2021), (A, 2022), (A, 2023), (B, 2021), (B, 2022)]


def test_an_answer_carries_all_that_a_figure_needs(world: Lake) -> None:
    row = world.values("geburten", end=DAY(2022, 12, 31)).to_pylist()[0]
    assert {name: row[name] for name in ("region", "value", "unit", "quality", "source")} == {
        "region": A,
        "value": 2022,
        "unit": "Anzahl",
        "quality": "",
        "source": "amt",
    }
    assert (row["reference_kind"], row["reference_start"]) == ("zeitraum", DAY(2022, 1, 1))
    assert row["captured_at"].date() == DAY(2023, 5, 1)
    assert row["delivery"].startswith("20230501T000000")


def test_the_state_of_a_day_includes_that_day(world: Lake) -> None:
    asked = {"dimensions": {"sex": "w"}, "start": DAY(2022, 1, 1), "end": DAY(2022, 12, 31)}
    assert figures(world, as_of=DAY(2023, 11, 14), **asked) == {A: 22, B: 1}
    assert figures(world, as_of=DAY(2023, 11, 15), **asked) == {A: ".", B: 1}
    moment = dt.datetime(2023, 11, 14, 23, 59, tzinfo=dt.UTC)
    assert figures(world, as_of=moment, **asked) == {A: 22, B: 1}


def test_before_anything_was_captured_there_is_nothing(world: Lake) -> None:
    assert figures(world, as_of=DAY(2020, 1, 1)) == {}


def test_at_a_stichtag_each_cell_is_the_last_one_not_after_it_with_its_age(world: Lake) -> None:
    rows = world.values("faelle", stichtag=DAY(2024, 1, 30), dimensions={"sex": "w"}).to_pylist()
    found = {row["region"]: (int(row["value"]), row["age_days"]) for row in rows}
    assert found == {A: (30, 30), B: (1, 395)}


def test_a_suppressed_stichtag_is_not_replaced_by_an_older_figure(world: Lake) -> None:
    assert figures(world, stichtag=DAY(2023, 6, 30), dimensions={"sex": "w"})[A] == "."


def test_a_stichtag_can_be_asked_as_it_was_known_then(world: Lake) -> None:
    asked = {"stichtag": DAY(2023, 6, 30), "dimensions": {"sex": "w"}}
    assert figures(world, as_of=DAY(2022, 6, 1), **asked) == {A: 21, B: 1}


def test_a_period_that_is_not_over_at_the_stichtag_is_never_cut(world: Lake) -> None:
    rows = world.values("geburten", stichtag=DAY(2023, 12, 30)).to_pylist()
    assert [(int(row["value"]), row["age_days"]) for row in rows] == [(2022, 364)]


def test_regions_and_times_can_be_chosen(world: Lake) -> None:
    assert figures(world, regions=[B], start=DAY(2022, 1, 1)) == {B: 1}
    assert figures(world, regions=[]) == {}


def test_several_series_come_in_one_answer(world: Lake) -> None:
    table = world.values(["faelle", "geburten"], regions=[A])
    assert set(table["series"].to_pylist()) == {"faelle", "geburten"}


def test_an_unknown_series_is_an_error_that_names_it(world: Lake) -> None:
    with pytest.raises(UnknownSeriesError, match="gebruten"):
        world.values("gebruten")


def test_the_list_of_series_says_extent_and_last_change(world: Lake) -> None:
    faelle, geburten = world.series()
    assert (faelle.name, faelle.source, faelle.cells, faelle.regions) == ("faelle", "intern", 7, 2)
    assert (faelle.first, faelle.last) == (DAY(2021, 12, 31), DAY(2023, 12, 31))
    assert (geburten.units, geburten.captured_at.date()) == (("Anzahl",), DAY(2024, 5, 1))


def test_an_empty_zone_lists_nothing(world: Lake) -> None:
    assert world.series(Zone.PUBLIC) == []


def test_the_state_at_a_stichtag_says_which_cells_are_too_old_to_speak_for_it(world: Lake) -> None:
    def stale(**asked: int) -> dict[str, bool]:
        table = world.state("faelle", DAY(2024, 1, 30), dimensions={"sex": "w"}, **asked)
        return {row["region"]: row["stale"] for row in table.to_pylist()}

    assert stale() == {A: False, B: False}
    assert stale(max_age_days=365) == {A: False, B: True}


def test_a_region_without_a_newer_figure_keeps_its_old_one_as_stale(world: Lake) -> None:
    table = world.state("faelle", DAY(2026, 6, 30), dimensions={"sex": "w"})
    found = {row["region"]: (row["age_days"], row["stale"]) for row in table.to_pylist()}
    assert found == {A: (912, True), B: (1277, True)}


def test_a_month_of_a_flow_never_stands_for_its_year(lake: Lake) -> None:
    year = cells({A: 120}, "2023-12-31", "zuzuege", reference_start=DAY(2023, 1, 1))
    months = [
        cells({A: 9}, "2023-12-31", "zuzuege", reference_start=DAY(2023, 12, 1)),
        cells({A: 11}, "2024-01-31", "zuzuege", reference_start=DAY(2024, 1, 1)),
    ]
    lake.append(Zone.RESTRICTED, delivery("2024-02-10", "flows"), pa.concat_tables([year, *months]))
    rows = lake.state("zuzuege", DAY(2024, 2, 15)).to_pylist()
    found = {(row["reference_start"].isoformat(), int(row["value"])) for row in rows}
    assert found == {("2023-01-01", 120), ("2024-01-01", 11)}


def test_the_list_of_series_can_be_asked_as_it_was_known_then(world: Lake) -> None:
    names = {info.name: info.cells for info in world.series(as_of=DAY(2022, 6, 1))}
    assert names == {"faelle": 3}

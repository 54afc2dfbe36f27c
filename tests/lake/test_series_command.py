"""``sozialdaten series`` on a real lake."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lake_world import cells, delivery, settings_in

from ckanext.sozialdaten.cli.series import command
from ckanext.sozialdaten.lake import Lake, Zone


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    settings = settings_in(tmp_path)
    with Lake.open(settings) as lake:
        lake.append(
            Zone.RESTRICTED,
            delivery("2024-01-10", "a"),
            cells({"99001001": 12, "99001": "."}, dimensions='{"sex":"w"}'),
        )
        lake.append(
            Zone.RESTRICTED,
            delivery("2024-02-10", "b"),
            cells({"99001001": 13}, dimensions='{"sex":"w"}'),
            "delta",
        )
    return {
        f"SOZIALDATEN_LAKE_{zone.upper()}{suffix}": value
        for zone in Zone
        for suffix, value in (
            ("", settings.of(zone).warehouse),
            ("_CATALOG", settings.of(zone).catalog),
        )
    }


def _run(environment: dict[str, str], *args: str) -> Result:
    return CliRunner().invoke(command, args, env=environment)


def _rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_values_come_as_csv_in_the_columns_of_the_contract(environment: dict[str, str]) -> None:
    rows = _rows(_run(environment, "values", "faelle"))
    assert list(rows[0])[:8] == [
        *("series", "region", "reference_start", "reference_end", "dimensions"),
        *("value", "unit", "quality"),
    ]
    assert [(row["region"], row["value"], row["quality"]) for row in rows] == [
        ("99001", "", "."),
        ("99001001", "13", ""),
    ]


def test_values_as_of_an_earlier_day(environment: dict[str, str]) -> None:
    rows = _rows(
        _run(environment, "values", "faelle", "--region", "99001001", "--as-of", "2024-01-31")
    )
    assert [row["value"] for row in rows] == ["12"]


def test_values_at_a_stichtag_show_their_age(environment: dict[str, str]) -> None:
    rows = _rows(_run(environment, "values", "faelle", "--stichtag", "2024-01-30"))
    assert {row["age_days"] for row in rows} == {"30"}


def test_an_ars_is_taken_as_a_region(environment: dict[str, str]) -> None:
    rows = _rows(_run(environment, "values", "faelle", "--region", "990010000000"))
    assert [row["region"] for row in rows] == ["99001"]


def test_values_as_json_keep_numbers_and_nulls(environment: dict[str, str]) -> None:
    result = _run(environment, "values", "faelle", "--json", "--dimension", "sex=w")
    found = json.loads(result.stdout)
    assert [row["value"] for row in found] == [None, 13]
    assert found[0]["dimensions"] == {"sex": "w"}


def test_the_list_shows_each_series(environment: dict[str, str]) -> None:
    rows = _rows(_run(environment, "list"))
    assert [(row["series"], row["source"], row["cells"]) for row in rows] == [
        ("faelle", "intern", "2")
    ]
    assert _rows(_run(environment, "list", "--zone", "public")) == []


def test_a_series_is_shown_with_its_dimensions_and_deliveries(environment: dict[str, str]) -> None:
    shown = json.loads(_run(environment, "show", "faelle", "--json").stdout)
    assert (shown["cells"], shown["regions"]) == (2, 2)
    assert shown["dimensions"] == {"sex": ["w"]}
    assert shown["references"] == ["2023-12-31"]
    told = [(one["kind"], one["new"], one["changed"]) for one in shown["deliveries"]]
    assert told == [("full", 2, 0), ("delta", 0, 1)]


def test_a_series_is_shown_to_people_too(environment: dict[str, str]) -> None:
    result = _run(environment, "show", "faelle")
    assert "dimensions: sex = w" in result.stdout
    assert ",delta,1,0,1,0,0" in result.stdout.splitlines()[-1]


def test_the_list_can_be_asked_as_of_an_earlier_day(environment: dict[str, str]) -> None:
    assert _rows(_run(environment, "list", "--as-of", "2024-01-01")) == []
    rows = _rows(_run(environment, "list", "--as-of", "2024-01-31"))
    assert rows[0]["captured_at"].startswith("2024-01-10")


def test_figures_too_old_for_the_stichtag_are_counted_aloud(environment: dict[str, str]) -> None:
    result = _run(environment, "values", "faelle", "--stichtag", "2026-01-30")
    assert "2 cells are more than 400 days older" in result.stderr
    assert {row["age_days"] for row in _rows(result)} == {"761"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("values", "nichts"), "nichts"),
        (("show", "nichts"), "nichts"),
        (("list", "--as-of", "gestern"), "gestern"),
        (("values", "faelle", "--region", "990010x"), "Keys are text"),
        (("values", "faelle", "--stichtag", "gestern"), "gestern"),
        (("values", "faelle", "--as-of", "gestern"), "gestern"),
        (("values", "faelle", "--dimension", "sex"), "NAME=CODE"),
    ],
)
def test_a_wrong_question_ends_with_2_and_a_reason(
    environment: dict[str, str], args: tuple[str, ...], says: str
) -> None:
    result = _run(environment, *args)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""

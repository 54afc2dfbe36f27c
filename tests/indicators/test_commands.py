"""``sozialdaten indicator`` and ``sozialdaten combine`` on a lake of the environment."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from indicator_world import SUPPORT, population, release
from lake_world import settings_in

from ckanext.sozialdaten.cli import main
from ckanext.sozialdaten.lake import Lake, Zone

PLACE = "99001001"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("lake")
    settings = settings_in(folder)
    with Lake.open(settings) as lake:
        population(lake, {PLACE: {2022: 1000, 2023: 2000}}, source="bev")
        cells = {(PLACE, "2023-12-31"): 8}
        release(lake, SUPPORT, "junge_menschen", cells, {"altersgruppe": "INSGESAMT"}, source="hze")
    zone = settings.of(Zone.PUBLIC)
    return {
        "SOZIALDATEN_LAKE_PUBLIC": zone.warehouse,
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": zone.catalog,
        "SOZIALDATEN_LAKE_RESTRICTED": "",
        "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": "",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> object:
    def call(*words: str) -> Result:
        return CliRunner(env=environment).invoke(main, list(words))

    return call


def test_list_names_every_indicator(run: object) -> None:
    found = json.loads(run("indicator", "list", "--json").stdout)  # type: ignore[operator]
    assert len(found) >= 60
    assert {"id", "theme", "name_de", "name_en"} <= set(found[0])


def test_show_tells_the_definition(run: object) -> None:
    result = run("indicator", "show", "geb_ziffer")  # type: ignore[operator]
    assert result.exit_code == 0
    assert "Lebendgeborene" in result.stdout
    assert "live births" in result.stdout
    assert json.loads(run("indicator", "show", "geb_ziffer", "--json").stdout)["id"] == "geb_ziffer"  # type: ignore[operator]


def test_compute_prints_one_row_for_each_region_and_period(run: object) -> None:
    result = run("indicator", "compute", "bev_stand", "--region", PLACE)  # type: ignore[operator]
    lines = result.stdout.splitlines()
    assert lines[0].startswith("indicator,region,period,")
    assert [line.split(",")[2] for line in lines[1:]] == ["2022", "2023"]


def test_compute_as_json_keeps_lists_and_numbers(run: object) -> None:
    result = run("indicator", "compute", "bev_stand", "--region", PLACE, "--json")  # type: ignore[operator]
    row = json.loads(result.stdout)[0]
    assert (row["value"], row["sources"], row["low"]) == (1000.0, ["bev.einwohner"], None)


def test_explain_names_cell_release_and_day(run: object) -> None:
    result = run("indicator", "explain", "bev_stand", PLACE, "2023")  # type: ignore[operator]
    assert result.exit_code == 0
    assert "bev.einwohner" in result.stdout
    assert "bev.csv (1)" in result.stdout
    assert "2025-01-01" in result.stdout


def test_combine_prints_the_ratio(run: object) -> None:
    words = ("combine", "hze.junge_menschen", "bev.einwohner", "--factor", "1000", "--json")
    rows = json.loads(run(*words).stdout)  # type: ignore[operator]
    assert {row["region"]: row["value"] for row in rows}[PLACE] == 4.0


@pytest.mark.parametrize(
    "words",
    [
        ("indicator", "show", "gibtsnicht"),
        ("indicator", "compute", "gibtsnicht"),
        ("indicator", "explain", "bev_stand", PLACE, "1999"),
        ("combine", "gibts.nicht", "bev.einwohner"),
    ],
)
def test_what_is_not_there_ends_with_two_and_a_text(run: object, words: tuple[str, ...]) -> None:
    result = run(*words)  # type: ignore[operator]
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr

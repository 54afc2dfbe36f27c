"""Actions on indicators, series and regions over real HTTP: by GET and without an account."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from ckan_world import RefusedError, World
from indicator_world import SUPPORT, population, release, yearly

from ckanext.sozialdaten.geography.importing import import_lists
from ckanext.sozialdaten.lake import Lake
from ckanext.sozialdaten.portal.api import actions

WRITING = {"sozialdaten_report_freeze"}
REGIONS = Path(__file__).parents[2] / "schemas/geography/regions.csv"
TOWN, VILLAGE = "99001001", "99001002"


@pytest.fixture(scope="module", autouse=True)
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Population and young persons with support of two Gemeinden; one figure is hidden."""
    folder = tmp_path_factory.mktemp("api-lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(folder / "public"))
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{folder}/public.db")
        patch.setenv("SOZIALDATEN_FIGURES", str(folder / "figures"))
        made = Lake.open()
        years = {2022: 1000, 2023: 2000}
        population(made, {TOWN: years, VILLAGE: years}, source="bev")
        cells = yearly({TOWN: {2022: 8, 2023: 30}, VILLAGE: {2023: "."}}, "{}-12-31")
        release(made, SUPPORT, "junge_menschen", cells, {"altersgruppe": "INSGESAMT"}, source="hze")
        yield made


@pytest.fixture(scope="module", name="world")
def reading(still_world: World) -> World:
    """These tests write nothing."""
    return still_world


def got(world: World, action: str, **params: Any) -> Any:
    """The result of an action called by GET, by nobody in particular."""
    answer = world.app.get(f"/api/3/action/{action}?{urlencode(params, doseq=True)}")
    found = json.loads(answer.body)
    if not found["success"]:
        raise RefusedError(answer.status_code, found["error"])
    return found["result"]


def test_everybody_lists_indicators_in_both_languages(world: World) -> None:
    found = got(world, "sozialdaten_indicator_list")
    assert len(found) >= 60
    assert {"de", "en"} == set(found[0]["name"])
    work = got(world, "sozialdaten_indicator_list", theme="work")
    assert {item["theme"] for item in work} == {"work"}


def test_an_indicator_is_shown_with_its_formula_in_words_and_its_inputs(world: World) -> None:
    found = got(world, "sozialdaten_indicator_show", id="geb_ziffer")
    assert "Lebendgeborene" in found["method"]["de"]
    assert found["inputs"]["mittlere_bevoelkerung"]["time"] == "mean"


def test_figures_come_with_all_that_belongs_to_them(world: World) -> None:
    found = got(world, "sozialdaten_indicator_values", id="bev_stand", region=f"{TOWN},{VILLAGE}")
    assert (found["total"], found["unit"]["en"]) == (4, "persons")
    first = found["records"][0]
    assert (first["region"], first["period"], first["value"]) == (TOWN, "2022", 1000)
    assert first["sources"] == ["bev.einwohner"]
    assert first["captured_at"].startswith("2025-01-01T")


def test_a_span_of_days_and_pages_narrow_the_answer(world: World) -> None:
    found = got(world, "sozialdaten_indicator_values", id="bev_stand", start="2023-01-01", limit=1)
    assert found["total"] > 1
    assert [row["period"] for row in found["records"]] == ["2023"]
    rest = got(world, "sozialdaten_indicator_values", id="bev_stand", start="2023-01-01", offset=1)
    assert len(rest["records"]) == found["total"] - 1


def test_a_hidden_figure_is_hidden_here_too(world: World) -> None:
    found = got(world, "sozialdaten_indicator_values", id="kjh_hze_anzahl", region=VILLAGE)
    row = found["records"][-1]
    assert (row["state"], row["value"], row["numerator"]) == ("suppressed", None, None)


def test_series_are_listed_and_read(world: World) -> None:
    names = {item["series"] for item in got(world, "sozialdaten_series_list")}
    assert names == {"bev.einwohner", "hze.junge_menschen"}
    found = got(world, "sozialdaten_series_values", series="hze.junge_menschen", region=TOWN)
    assert [row["value"] for row in found["records"]] == [8, 30]
    none = got(
        world,
        "sozialdaten_series_values",
        series="hze.junge_menschen",
        dimensions='{"altersgruppe": "ALT000B06"}',
    )
    assert none["total"] == 0


def test_a_series_is_told_on_another_territorial_state(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The village joins the town in 2024: its figures are added, and a hidden part hides both."""
    head = "from,to,old,new,population,area\n"
    steps = [f"{year},2024,{old},{TOWN},1,1\n" for year in (2022, 2023) for old in (TOWN, VILLAGE)]
    (tmp_path / "list.csv").write_text(head + "".join(steps), "utf-8")
    import_lists([tmp_path / "list.csv"], tmp_path / "regions")
    header = REGIONS.read_text("utf-8").partition("\n")[0]
    (tmp_path / "regions" / "regions.csv").write_text(f"{header}\n", "utf-8")
    monkeypatch.setenv("SOZIALDATEN_REGIONS", str(tmp_path / "regions"))

    def told(series: str) -> list[tuple[str, Any, str]]:
        found = got(
            world,
            "sozialdaten_series_values",
            series=series,
            region=TOWN,
            gebietsstand="2024-12-31",
        )
        rows = sorted(found["records"], key=lambda row: row["reference_end"])
        return [(row["reference_end"], row["value"], row["conversion"]) for row in rows]

    assert told("bev.einwohner") == [
        ("2022-12-31", 2000, "merged"),
        ("2023-12-31", 4000, "merged"),
    ]
    assert told("hze.junge_menschen")[-1] == ("2023-12-31", None, "incomplete")


def test_regions_are_found_by_level_place_and_name(world: World) -> None:
    inside = got(world, "sozialdaten_region_list", within="99001", level="gemeinde")
    assert len(inside) == 20
    assert got(world, "sozialdaten_region_list", q="musterstadt")[0]["key"] == TOWN
    shown = got(world, "sozialdaten_region_show", id="990010001001")
    assert (shown["key"], shown["above"]) == (TOWN, ["99001", "99", "DG"])


def test_two_series_make_a_ratio(world: World) -> None:
    found = got(
        world,
        "sozialdaten_combine",
        numerator="hze.junge_menschen",
        denominator="bev.einwohner",
        factor=1000,
        region=[TOWN, VILLAGE],
    )
    rows = {(row["region"], row["period"]): row for row in found["records"]}
    assert rows[TOWN, "2022"]["value"] == 8.0
    assert rows[VILLAGE, "2023"]["state"] == "suppressed"


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("indicator_show", {"id": "gibtsnicht"}),
        ("indicator_values", {"id": "gibtsnicht"}),
        ("indicator_values", {"id": "bev_stand", "region": "99999"}),
        ("series_values", {"series": "gibts.nicht"}),
        ("region_show", {"id": "99999"}),
        ("combine", {"numerator": "gibts.nicht", "denominator": "bev.einwohner"}),
    ],
)
def test_what_is_not_there_is_not_found(world: World, action: str, params: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as caught:
        got(world, f"sozialdaten_{action}", **params)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("action", "params", "field"),
    [
        ("indicator_show", {}, "id"),
        ("indicator_values", {"id": "bev_stand", "start": "gestern"}, "start"),
        ("indicator_values", {"id": "bev_stand", "as_of": "gestern"}, "as_of"),
        ("indicator_values", {"id": "bev_stand", "limit": "-1"}, "limit"),
        ("indicator_values", {"id": "bev_stand", "region": "abc"}, "query"),
        ("series_values", {"series": "bev.einwohner", "dimensions": "x"}, "dimensions"),
        ("region_list", {"level": "dorf"}, "level"),
        (
            "combine",
            {"numerator": "bev.einwohner", "denominator": "bev.einwohner", "factor": "0"},
            "factor",
        ),
    ],
)
def test_a_question_that_makes_no_sense_names_its_parameter(
    world: World, action: str, params: dict[str, str], field: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        got(world, f"sozialdaten_{action}", **params)
    assert caught.value.status == 409
    assert field in caught.value.error


@pytest.mark.parametrize("name", actions.__all__)
def test_every_action_is_documented_with_parameters_and_result(world: World, name: str) -> None:
    text = got(world, "help_show", name=name)
    assert ":returns:" in text
    assert ":rtype:" in text
    assert hasattr(getattr(actions, name), "side_effect_free") is (name not in WRITING)

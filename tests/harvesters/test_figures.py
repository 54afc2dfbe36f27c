"""Tables of figures of every format become observations and a published table by YAML alone."""

import csv
from typing import Any

import pytest
import yaml
from harvest_world import Installation
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source

HEADER = [
    "ags",
    "ars",
    "name",
    "level",
    "parent",
    "valid_from",
    "valid_to",
    "designation",
    "nuts",
    "aliases",
]
LEVELS = ("bund", "land", "kreis", "gemeinde")
PLAIN: dict[str, Any] = {
    "id": "probe",
    "title": "Probe",
    "owner_org": "kreis-musterland",
    "connector": {"type": "file"},
    "publish": {"policy": "open-statistics", "small_counts": "keep", "margins": "keep"},
    "dataset": {"name": "probe", "title": "Probe"},
    "resource": {"name": "Probe", "filename": "probe.csv"},
}


@pytest.fixture
def world(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that knows real regions: two Kreise with their Gemeinden."""
    folder = installation.folder / "regions"
    folder.mkdir()
    with shared("samples/regions/ags_ars_table.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["level"] in LEVELS]
    with (folder / "regions.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for row in rows:
            if row["key"].startswith(("DG", "01056", "06440")) or row["level"] == "land":
                parent = row["kreis_key"] if row["level"] == "gemeinde" else row["land_key"]
                above = parent if parent != row["key"] else "DG" if row["key"] != "DG" else ""
                nuts = row["nuts"] if row["level"] != "gemeinde" else ""
                line = [row["key"], row["ars12"], row["name"], row["level"], above]
                writer.writerow([*line, "", "", "", nuts, ""])
    monkeypatch.setenv("SOZIALDATEN_REGIONS", str(folder))
    return installation


def source(installation: Installation, observations: dict[str, Any], **more: Any) -> Source:
    path = installation.folder / "probe.yaml"
    text = yaml.safe_dump({**PLAIN, "observations": observations, **more}, allow_unicode=True)
    path.write_text(text, "utf-8")
    return load_source(path)


def published(world: Installation, of: Source, name: str, content: bytes) -> list[str]:
    """The lines of the published table after a harvest of one file."""
    world.drop(of.id, name, content)
    world.harvest(of)
    publication = world.run(of).publication()
    assert publication is not None
    return publication.content.decode().splitlines()


def lines(of: list[str], *wanted: str) -> list[str]:
    return [line for line in of if line.startswith(wanted)]


def test_kba_cars_by_kreis_and_gemeinde(world: Installation) -> None:
    path = shared("synthetic/public_layouts/fz3_2025_layout.xlsx")
    cars = source(
        world,
        {
            "values": {
                "pkw": {
                    "series": ["Personenkraftwagen › insgesamt", "Pkw insgesamt"],
                    "unit": "Anzahl",
                }
            },
            "kind": "stichtag",
            "regions": {"within": "01056"},
        },
        reader="kba-fz3",
    )
    table = published(world, cars, path.name, path.read_bytes())
    assert table[0] == "gebiet;stichtag;pkw;pkw_q"
    assert lines(table, "01056;") == ["01056;2025-01-01;187956;"]
    assert lines(table, "01056001;") == ["01056001;2025-01-01;2566;"]
    assert len(table) > 45


def test_ba_workbook_rows_become_columns(world: Installation) -> None:
    path = shared("synthetic/public_layouts/Arbeitsmarkt-kommunal_6440002_Bad-Nauheim_layout.xlsx")
    unemployed = source(
        world,
        {
            "values": {
                "arbeitslose": {"series": "ba", "where": {"Merkmal 2": "Arbeitslose insgesamt"}},
                "sgb2": {"series": "ba", "where": {"Merkmal 2": "SGB II"}, "unit": "Anzahl"},
            },
            "kind": "period",
            "regions": {"within": "06440", "level": "gemeinde"},
        },
    )
    table = published(world, unemployed, path.name, path.read_bytes())
    assert table[0] == "gebiet;jahr;arbeitslose;arbeitslose_q;sgb2;sgb2_q"
    assert lines(table, "06440002;2023") == ["06440002;2023;822;;714;"]
    assert len(table) == 6


def test_regionaldatenbank_workbook_with_an_area(world: Installation) -> None:
    path = shared("samples/regio_xlsx/11111-01-01-4.xlsx")
    area = source(
        world,
        {
            "values": {
                "flaeche": {
                    "series": "Gebietsfläche",
                    "unit": "ha",
                    "printed": "qkm",
                    "factor": 100,
                }
            },
            "kind": "stichtag",
            "regions": {"within": "01056", "level": "", "also": ["01"]},
        },
    )
    table = published(world, area, path.name, path.read_bytes())
    assert "01056;2019-12-31;66425;" in table
    assert lines(table, "01;2019") == ["01;2019-12-31;1580054;"]
    assert area.publish.layout["flaeche"].role == "magnitude"


def test_inkar_keys_padded_with_zeros_are_kreise(world: Installation) -> None:
    path = shared("samples/inkar/A_Arbeitslosigkeit.xls")
    unemployed = source(
        world,
        {
            "values": {"arbeitslose": {"series": "Arbeitslose", "unit": "Anzahl"}},
            "kind": "period",
            "regions": {"within": "01056"},
        },
        reader="inkar",
    )
    table = published(world, unemployed, path.name, path.read_bytes())
    assert lines(table, "01056001;1998") == ["01056001;1998;141;"]


def test_eurostat_cube_by_nuts(world: Installation) -> None:
    path = shared("synthetic/mock_responses/eurostat_jsonstat2_sparse.json")
    people = source(
        world,
        {
            "values": {"einwohner": {"series": "DEMO_R_PJANAGGR3", "unit": "Anzahl"}},
            "ignore": ["freq"],
            "kind": "stichtag",
            "day": "01-01",
            "regions": {"within": "01056"},
        },
        reader="json-stat",
    )
    table = published(world, people, path.name, path.read_bytes())
    assert "01056;2023-01-01;322000;p" in table


def test_quarters_are_published_as_quarters(world: Installation) -> None:
    births = source(
        world,
        {
            "values": {"geburten": {"series": "DEMO_Q", "unit": "Anzahl", "printed": "NR"}},
            "ignore": ["freq"],
            "kind": "period",
            "period": "quarter",
            "regions": {"within": "01056"},
        },
        reader="sdmx-csv",
    )
    times = ("2023-Q3", "2023-Q4", "2024-Q1")
    rows = [
        f"ESTAT:DEMO_Q(1.0),Q,NR,DEF09,{t},{n}" for t, n in zip(times, (81, 79, 74), strict=True)
    ]
    content = "\n".join(["DATAFLOW,freq,unit,geo,TIME_PERIOD,OBS_VALUE", *rows, ""])
    table = published(world, births, "demo_q.csv", content.encode())
    assert table == [
        "gebiet;quartal;geburten;geburten_q",
        "01056;2023-Q3;81;",
        "01056;2023-Q4;79;",
        "01056;2024-Q1;74;",
    ]

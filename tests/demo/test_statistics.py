"""The statistics of the fictitious Kreis: they fit each other, and each file is read whole."""

import datetime as dt
import io
import secrets
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from harvest_world import raw
from pyarrow import csv

from ckanext.sozialdaten.demo import housing, spreadsheet
from ckanext.sozialdaten.demo.figures import TOTAL, Level, Quotient, Statistic
from ckanext.sozialdaten.demo.flatfile import flat_csv, flat_zip
from ckanext.sozialdaten.demo.generate import HOUSING, World, generate
from ckanext.sozialdaten.demo.hiding import hidden
from ckanext.sozialdaten.demo.kreis import KREIS
from ckanext.sozialdaten.demo.statistics import STATISTICS
from ckanext.sozialdaten.disclosure import check, load_policy
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.plan import plan
from ckanext.sozialdaten.harvesters.core.publication import publication
from ckanext.sozialdaten.harvesters.core.sources import load_source

TODAY = dt.date(2026, 11, 22)
REGIONS = ("DG", "99", KREIS)
# What a workbook gives besides the cells of its statistic: a total over the kinds of vehicle.
EXTRA = {"musterland-kfz": {"kfz"}}
each = pytest.mark.parametrize("statistic", STATISTICS, ids=lambda item: item.source)


@pytest.fixture(scope="module")
def kreis() -> World:
    return World()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for delivered in generate(tmp_path_factory.mktemp("kreis")):
        found.setdefault(delivered.source, []).append(delivered.path)
    return found


@pytest.fixture(scope="module")
def tables(files: dict[str, list[Path]]) -> Callable[[str], pa.Table]:
    """The observations of all files of a source; read once."""
    return cache(lambda source: planned(source, files[source]))


def planned(source: str, paths: list[Path]) -> pa.Table:
    """The observations of some files, as the harvest of them begins."""
    loaded, register = load_source(source), Register.default()
    found = [plan(loaded, raw(path, source), register, TODAY).observations for path in paths]
    return pa.concat_tables(found)


def value(kreis: World, source: str, *cell: str, region: str = KREIS, year: int) -> float:
    return kreis.society.value(kreis.statistic(source), cell, region, year)


@each
def test_totals_are_the_sums_of_their_parts(kreis: World, statistic: Statistic) -> None:
    society, year = kreis.society, statistic.years[-1]
    places = [place.key for place in society.places if statistic.has(place.key)]
    for cell in statistic.cells():
        if isinstance(statistic.figures.get(cell), Level | Quotient):
            continue
        parts = [society.value(statistic, cell, place, year) for place in places]
        of = [society.value(statistic, cell, region, year) for region in (KREIS, "99", "DG")]
        assert of[0] == pytest.approx(sum(parts))
        assert of[0] <= of[1] <= of[2]
        if TOTAL in cell and cell not in statistic.figures:
            for region in (*REGIONS, *places):
                leaves = [
                    society.value(statistic, leaf, region, year) for leaf in statistic.leaves(cell)
                ]
                assert society.value(statistic, cell, region, year) == sum(leaves)


def test_births_deaths_and_moves_explain_how_the_population_changes(kreis: World) -> None:
    for year in range(2013, 2026):
        for region in (*REGIONS, "99001001", "99001005"):
            now, before = (
                value(kreis, "musterland-bevoelkerung", "BEVSTD", "", "", region=region, year=when)
                for when in (year, year - 1)
            )
            gained = (
                value(kreis, "musterland-geburten", "BEV001", region=region, year=year)
                - value(kreis, "musterland-sterbefaelle", "BEV002", region=region, year=year)
                + value(kreis, "musterland-wanderungen", "BEV083", region=region, year=year)
                - value(kreis, "musterland-wanderungen", "BEV084", region=region, year=year)
            )
            assert now - before == gained


@pytest.mark.parametrize(
    ("source", "cell", "other", "same"),
    [
        (
            "musterland-nationalitaet",
            ("BEVSTD", "", "GESW"),
            "musterland-bevoelkerung",
            ("BEVSTD", "GESW", ""),
        ),
        (
            "musterland-mindestsicherung",
            ("SOZ060", "SGB2"),
            "musterland-sgb2",
            ("ANZAHL", "RLB"),
        ),
        (
            "musterland-mindestsicherung",
            ("SOZ060", "GSIAE"),
            "musterland-grundsicherung",
            ("SOZ033", "", ""),
        ),
    ],
)
def test_two_statistics_say_the_same_of_the_same(
    kreis: World, source: str, cell: tuple[str, ...], other: str, same: tuple[str, ...]
) -> None:
    for region in (*REGIONS, "99001003"):
        mine = value(kreis, source, *cell, region=region, year=2023)
        assert mine == value(kreis, other, *same, region=region, year=2023)


@each
def test_small_places_have_counts_below_those_of_the_kreis(
    kreis: World, statistic: Statistic
) -> None:
    for printed in kreis.society.printed(statistic):
        assert printed.value is None or printed.value >= 0
        assert printed.value is not None or printed.region not in REGIONS


def hiding_statistics() -> list[Statistic]:
    return [statistic for statistic in STATISTICS if statistic.minimum]


@pytest.mark.parametrize("statistic", hiding_statistics(), ids=lambda item: item.source)
def test_no_plain_difference_gives_a_hidden_count_back(kreis: World, statistic: Statistic) -> None:
    names = [place.key for place in kreis.society.places]
    for year in statistic.years:
        values = {
            (region, cell): kreis.society.value(statistic, cell, region, year)
            for region in (*statistic.regions, *names)
            for cell in statistic.cells()
        }
        secret = hidden(statistic, values, KREIS)
        small = {key for key, count in values.items() if 0 < count < 3 and key[0] in names}
        assert small <= secret
        for cell in statistic.cells():
            column = [(name, cell) for name in names]
            gone = [key for key in column if key in secret]
            others = [key for key in column if values[key] and key not in secret]
            assert len(gone) != 1 or not others


def test_offices_hide_something_and_never_much(kreis: World) -> None:
    for statistic in hiding_statistics():
        printed = list(kreis.society.printed(statistic))
        secret = sum(cell.value is None for cell in printed)
        assert 0 < secret < len(printed) / 3, statistic.source


@each
def test_each_source_takes_every_figure_of_its_files(
    kreis: World, tables: Callable[[str], pa.Table], statistic: Statistic
) -> None:
    table = tables(statistic.source)
    names = {f"{statistic.source}.{name}" for name in EXTRA.get(statistic.source, ())}
    rows = [row for row in table.to_pylist() if row["series"] not in names]
    wanted = set(load_source(statistic.source).measures) - EXTRA.get(statistic.source, set())
    kept = [value.code for value in statistic.values]
    if statistic.source == "musterland-kfz":  # not every kind of vehicle is published
        kept = ["KRAD", "PKW", "GEWERBLICH", "LKW"]
    printed: Counter[tuple[str, int, Decimal | None]] = Counter()
    for cell in kreis.society.printed(statistic):
        if cell.cell[0] in kept:
            digits = next(v.digits for v in statistic.values if v.code == cell.cell[0])
            shown = None if cell.value is None else Decimal(f"{cell.value:.{digits}f}")
            printed[cell.region, cell.year, shown] += 1
    if statistic.source == "musterland-kfz":  # the workbook adds up its Gemeinden
        rows = [row for row in rows if row["region"] != KREIS]
    read = Counter(
        (
            row["region"],
            row["reference_end"].year,
            None if row["value"] is None else row["value"].normalize() + 0,
        )
        for row in rows
    )
    assert wanted
    assert read == Counter(
        {
            (region, year, None if shown is None else shown.normalize() + 0): count
            for (region, year, shown), count in printed.items()
        }
    )


def published(source: str, table: pa.Table) -> bytes:
    captured = pa.array([dt.datetime(2026, 11, 22, tzinfo=dt.UTC)] * table.num_rows)
    if "captured_at" not in table.column_names:
        table = table.append_column("captured_at", captured)
    loaded = load_source(source)
    series = table["series"].to_pylist()
    by_measure = {
        measure: table.filter(pa.array([name == loaded.series(measure) for name in series]))
        for measure in loaded.publish.measures
    }
    made = publication(loaded, by_measure, Register.default())
    assert made is not None
    return made.content


def verdict(source: str, content: bytes) -> str:
    loaded = load_source(source)
    layout = loaded.publish.layout
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(layout.names, pa.string()), strings_can_be_null=True
    )
    dialect = csv.ParseOptions(delimiter=layout.dialect.delimiter)
    table = csv.read_csv(io.BytesIO(content), parse_options=dialect, convert_options=options)
    assert table.num_rows
    return check(table, layout, load_policy(loaded.publish.policy)).verdict


@each
def test_what_would_be_published_is_safe(
    tables: Callable[[str], pa.Table], statistic: Statistic
) -> None:
    table = tables(statistic.source)
    assert verdict(statistic.source, published(statistic.source, table)) == "safe"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harvesters' key for pseudonyms."""
    path = tmp_path / "key"
    path.write_text(secrets.token_hex(32))
    monkeypatch.setenv("SOZIALDATEN_KEY_FILE", str(path))


@pytest.mark.usefixtures("key")
def test_households_with_wohngeld_become_counts_that_are_safe(
    files: dict[str, list[Path]],
) -> None:
    newest = files[HOUSING][-1]
    table = planned(HOUSING, [newest])
    content = published(HOUSING, table)
    assert verdict(HOUSING, content) == "safe"
    lines = content.decode().splitlines()
    assert any(line.endswith(";;.") for line in lines), "some count is small"
    listed = openpyxl.load_workbook(newest)["Bestandsliste"].max_row - 5
    assert f"{KREIS};2025-12-31;INSGESAMT;{listed};" in lines


def test_the_housing_list_names_the_columns_of_its_layout() -> None:
    layout = load_source(HOUSING).layout
    assert layout is not None
    assert layout.names == housing.HEADER


def test_other_programs_open_the_workbooks() -> None:
    rows: list[list[Any]] = [
        ["Titel <&>", None],
        ["a", 1],
        [None, 2.5],
        [dt.date(2024, 2, 29), "ä"],
    ]
    content = spreadsheet.workbook(
        spreadsheet.Sheet("Erstes & Blatt", rows, ("A1:B1",)), spreadsheet.Sheet("Zweites", [[7]])
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Erstes & Blatt", "Zweites"]
    sheet = book["Erstes & Blatt"]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:B1"]
    assert sheet["A1"].value == "Titel <&>"
    assert (sheet["B2"].value, sheet["B3"].value, sheet["B4"].value) == (1, 2.5, "ä")
    assert sheet["A4"].value == dt.datetime(2024, 2, 29)


def test_a_flat_file_of_any_statistic_is_read_with_every_row(kreis: World, tmp_path: Path) -> None:
    statistic = kreis.statistic("musterland-kita")
    table = kreis.flat(statistic)
    path = tmp_path / "kita.zip"
    path.write_bytes(flat_zip(flat_csv(table), statistic.table))
    assert planned(statistic.source, [path]).num_rows == len(table.rows)

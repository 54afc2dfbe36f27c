"""The deliveries of the fictitious Kreis: reproducible, exact in format, right in their sums."""

import csv
import io
import re
import zipfile
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest
from shared_files import shared

from ckanext.sozialdaten.demo import youth
from ckanext.sozialdaten.demo.flatfile import flat_csv, flat_zip
from ckanext.sozialdaten.demo.generate import World, generate
from ckanext.sozialdaten.demo.kreis import KREIS
from ckanext.sozialdaten.demo.population import AGE_GROUPS
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.lake.layouts import Layout

ONE_LINE = ("unknown-region", "duplicate-key", "wrong-locale")
REAL_ZIP = "samples/genesis_family/regio/13111-01-03-4.de.ffcsv.zip"


@pytest.fixture(scope="module")
def kreis() -> World:
    return World()


@pytest.fixture(scope="module")
def population(kreis: World) -> dict[tuple[str, str, str, str], int]:
    """Persons by region, day, sex and age group, as the flat file says them."""
    header = kreis.population.header
    at = {name: header.index(name) for name in header}
    found = {
        (
            row[at["1_variable_attribute_code"]],
            row[at["time"]],
            row[at["2_variable_attribute_code"]],
            row[at["3_variable_attribute_code"]],
        ): 0 if row[at["value"]] == "-" else int(row[at["value"]])
        for row in kreis.population.rows
    }
    assert len(found) == len(kreis.population.rows), "a cell is given twice"
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "first", 7, faults=True)
    generate(tmp_path / "second", 7, faults=True)
    generate(tmp_path / "other", 8)
    assert files(tmp_path / "first") == files(tmp_path / "second")
    mine, other = files(tmp_path / "first"), files(tmp_path / "other")
    assert all(mine[name] != content for name, content in other.items())


def test_the_flat_file_has_the_form_of_a_real_one(kreis: World) -> None:
    real = zipfile.ZipFile(shared(REAL_ZIP))
    mine = zipfile.ZipFile(io.BytesIO(flat_zip(flat_csv(kreis.population), "12411-02-03-5")))
    assert len(mine.namelist()) == len(real.namelist()) == 1
    assert re.fullmatch(r"12411-02-03-5_\d{13}_de_flat\.csv", mine.namelist()[0])
    theirs, ours = real.read(real.namelist()[0]), mine.read(mine.namelist()[0])
    assert ours.split(b"\n")[0] == theirs.split(b"\n")[0], "both have three variables"
    for has in (
        lambda content: content.startswith(b"\xef\xbb\xbf"),
        lambda content: b"\r" in content,
        lambda content: content.endswith(b"\n"),
        lambda content: b'"' in content,
    ):
        assert has(ours) == has(theirs)


def test_the_flat_file_speaks_of_levels_and_totals_as_a_real_one(kreis: World) -> None:
    real = zipfile.ZipFile(shared(REAL_ZIP))
    text = real.read(real.namelist()[0]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    mine = flat_csv(kreis.population).decode("utf-8-sig")
    ours = list(csv.DictReader(io.StringIO(mine), delimiter=";"))
    for name in ("1_variable_code", "1_variable_label"):
        known = {row["1_variable_code"]: row[name] for row in rows}
        said = {row["1_variable_code"]: row[name] for row in ours}
        assert {code: said[code] for code in ("DINSG", "DLAND", "KREISE")} == {
            code: known[code] for code in ("DINSG", "DLAND", "KREISE")
        }
    sexes = {(r["3_variable_attribute_code"], r["3_variable_attribute_label"]) for r in rows}
    assert sexes == {
        (r["2_variable_attribute_code"], r["2_variable_attribute_label"]) for r in ours
    }


def test_men_and_women_add_up(population: dict[tuple[str, str, str, str], int]) -> None:
    for (region, day, sex, age), persons in population.items():
        if not sex:
            men = population[region, day, "GESM", age]
            assert persons == men + population[region, day, "GESW", age]


def test_age_groups_add_up(population: dict[tuple[str, str, str, str], int]) -> None:
    for (region, day, sex, age), persons in population.items():
        if not age:
            groups = (population[region, day, sex, group.code] for group in AGE_GROUPS)
            assert persons == sum(groups)


def test_gemeinden_add_up_to_the_kreis(population: dict[tuple[str, str, str, str], int]) -> None:
    parts: dict[tuple[str, str, str], int] = defaultdict(int)
    for (region, *cell), persons in population.items():
        if Register.default().parent(region) == KREIS:
            parts[tuple(cell)] += persons
    kreis = {tuple(cell): n for (region, *cell), n in population.items() if region == KREIS}
    assert parts == kreis


def test_every_kreis_is_smaller_than_its_land(
    population: dict[tuple[str, str, str, str], int],
) -> None:
    for (region, *cell), persons in population.items():
        if region == KREIS:
            land, germany = (population[key, *cell] for key in ("99", "DG"))
            assert persons < land < germany


def test_suburbs_grow_and_villages_age(population: dict[tuple[str, str, str, str], int]) -> None:
    def old(region: str, day: str) -> float:
        whole = population[region, day, "", ""]
        return (
            population[region, day, "", "ALT065B75"] + population[region, day, "", "ALT075UM"]
        ) / whole

    first, last = "2010-12-31", "2025-12-31"
    assert population["99001013", last, "", ""] > population["99001013", first, "", ""]
    assert population["99001015", last, "", ""] < population["99001015", first, "", ""]
    assert old("99001015", last) - old("99001015", first) > old("99001013", last) - old(
        "99001013", first
    )


def test_the_case_list_has_the_columns_of_its_layout() -> None:
    layout = Layout.from_yaml("hze-fallliste")
    assert tuple(field.name for field in layout.fields) == youth.HEADER


def test_the_case_list_is_written_as_the_youth_office_writes_it(kreis: World) -> None:
    content = kreis.case_list(2024)
    lines = content.decode("cp1252").split("\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert lines[3].split(";") == list(youth.HEADER)
    assert lines[-1] == ""
    assert lines[-2] == f"Anzahl Datensätze: {len(lines) - 6}"
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_cases_are_plausible(kreis: World) -> None:
    for year in range(2010, 2026):
        lines = youth.rows(kreis.cases, year)
        assert 400 <= len(lines) <= 1000
        assert len({line[1] for line in lines}) == len(lines), "a case number comes twice"
    for case in kreis.cases:
        assert case.born <= case.begin <= case.end
        before_birthday = (case.end.month, case.end.day) < (case.born.month, case.born.day)
        assert case.end.year - case.born.year - before_birthday < 21
        assert re.fullmatch(r"\d{1,3}(\.\d{3})*,\d\d", youth.rows([case], case.begin.year)[0][12])


def test_some_cells_are_small_and_some_are_large(kreis: World) -> None:
    cells: dict[tuple[str, int], set[str]] = defaultdict(set)
    stichtag = date(2024, 12, 31)
    for case in kreis.cases:
        if case.begin <= stichtag <= case.end:
            age = stichtag.year - case.born.year
            cells[case.region, 0 if age < 6 else 1 if age < 15 else 2].add(case.person)
    sizes = [len(persons) for persons in cells.values()]
    assert any(0 < size < 3 for size in sizes)
    assert any(size >= 20 for size in sizes)


def test_every_fault_is_one_change_of_a_good_file(kreis: World) -> None:
    good = kreis.case_list(2024).split(b"\r\n")
    for broken in kreis.broken(2024):
        if broken.source == "musterland-hze" and broken.fault in ONE_LINE:
            faulty = broken.content.split(b"\r\n")
            pairs = enumerate(zip(good, faulty, strict=True), start=1)
            assert [number for number, (mine, theirs) in pairs if mine != theirs] == [broken.row]


def test_the_archive_names_when_it_was_written() -> None:
    moment = datetime.fromisoformat("2026-03-10T21:37:08+00:00")
    archive = zipfile.ZipFile(io.BytesIO(flat_zip(b"x", "12411-02-03-5", written=moment)))
    assert archive.infolist()[0].date_time == (2026, 3, 10, 21, 37, 8)

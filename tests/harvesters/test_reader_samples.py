"""Real files: every sample with an oracle gives its figures, cell by cell and in sum."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from reading_world import figures, rows_of
from shared_files import SHARED, shared

from ckanext.sozialdaten.errors import SozialdatenError

# numbers of a workbook that are no figures: keys, years in captions and in the first column.
# Sheets of explanations hold none: their numbers are order numbers and pages.
_LOWER_SAXONY = (
    "landesaemter/Bauleistungspreise_Niedersachsen_Lange_Reihen_ab_2010_2015_100_barrierefrei.xlsx"
)
_NO_FIGURES: dict[str, dict[str, tuple[int, str]]] = {
    "statistik_nord/Daten_fuer_die_Stadtteilprofile_2014.xlsx": {},
    _LOWER_SAXONY: {
        "BLP_VÖ": (12, "24186")  # 2010 to 2021, one above each block
    },
    "landesaemter/SB_M01-04-00_2021q01_BB.xlsx": {
        "Tab.1": (2, "4041"),  # 2020, 2021 above the columns
        "Tab.2": (2, "4041"),
        "Tab.3": (61, "122381"),  # 1991 to 2021 and 1992 to 2021 in the first column
        "Tab.4": (122, "244762"),
        "Tab.5": (183, "367143"),
        "Tab.6": (122, "244762"),
    },
    "gemeindeverzeichnis/AuszugGV2QAktuell_2024-06-30.xlsx": {},
    "regio_xlsx/11111-01-01-4.xlsx": {},
    "regio_xlsx/31111-01-02-4.xlsx": {},
    "inkar/A_Arbeitslosigkeit.xls": {},
    "inkar/B_BeschaeftigtemitakadAbschluss-pre2012.xlsx": {"Daten": (10, "20065")},
    "inkar/B_SVBeschaeftigte.xls": {},
    "inkar/E_Schuldnerquote.xls": {},
}
_SILENT = {"Titel", "Impressum", "Inhaltsverzeichnis ", "U4", "Inhalt", "metadata", "footnote"}
_WORDS = {"kein Wert": 102}


def _oracle(name: str) -> dict[str, Any]:
    path = SHARED / "samples" / name
    return json.loads(path.read_text()) if path.exists() else {}


_FLAT = _oracle("EXPECTED_ffcsv.json")
_BOOKS = _oracle("EXPECTED_workbooks_rdf.json")


@pytest.mark.parametrize("name", sorted(_FLAT) or ["genesis_family"])
def test_a_flat_file_gives_its_oracles_figures(name: str) -> None:
    rows, expected = rows_of(shared(f"samples/{name}")), _FLAT[name]
    assert len(rows) == expected["rows"]
    assert sum(figures(rows)) == Decimal(expected["sum_of_numeric_values"])
    assert Counter(row["quality"] for row in rows if not row["value"]) == expected["signs"]
    assert Counter(row["unit"] for row in rows) == expected["units"]
    times = {(row["reference_start"], row["reference_end"]) for row in rows}
    assert len(times) == expected["n_times"]


@pytest.mark.parametrize("name", _NO_FIGURES)
def test_a_workbook_gives_its_oracles_figures(name: str) -> None:
    path = shared(f"samples/{name}")
    rows, expected, apart = rows_of(path), _BOOKS[name], _NO_FIGURES[name]
    cells = total = 0
    signs: Counter[str] = Counter()
    for sheet, counted in expected.items():
        if sheet in _SILENT:
            continue
        count, amount = apart.get(sheet, (0, "0"))
        cells += counted["numeric_cells"] - count
        total += Decimal(str(counted["sum"])) - Decimal(amount)
        signs += Counter(counted["short_non_alnum_strings"])
    found = figures(rows)
    assert len(found) == cells
    assert abs(sum(found) - total) < Decimal("0.01")
    printed = Counter(row["quality"] for row in rows if row["quality"])
    assert {sign: count for sign, count in printed.items() if sign not in _WORDS} == signs


def test_the_key_of_the_umsteiger_is_no_figure() -> None:
    """Two of the numbers in each row are keys of Kreise: the oracle counts and adds them too."""
    name = "umsteiger/ref-kreise-umrech-2019-1990-2018.xlsx"
    rows, expected = rows_of(shared(f"samples/{name}")), _BOOKS[name]
    lines = {sheet: counted["rows"] - 1 for sheet, counted in expected.items()}
    keys = 2 * sum(lines.values())
    assert len(rows) == sum(counted["numeric_cells"] for counted in expected.values()) - keys
    assert {len(row["region"]) for row in rows} == {5}
    assert {"01056", "16077"} <= {row["region"] for row in rows}


@pytest.mark.parametrize(
    ("name", "count", "numeric", "total"),
    [
        ("datencsv/12411-0013.csv", 30912, 30912, "2320271068"),
        ("datencsv/12612-0002.csv", 2628, 2604, "131047724"),
        ("genesis_family/cube/47414BJ002.cubefile.csv", 313, 313, "42096.9"),
        ("inkar/IRIS_Einkommenssteuer_Gemeindeverbaende_2022.csv", 109918, 109918, "37830473.31"),
        ("jsonstat/eurostat-name_gpd_c-geo_IT_FR.json", 138, 64, "1266000"),
        ("jsonstat/galicia-2.0.json", 3960, 3956, "87493659"),
        ("municipal/flensburg_sozialatlas_2021.json", 611, 564, "428018.5"),
        ("municipal/konstanz_al_kn.csv", 182, 182, "164550"),
        ("municipal/konstanz_nach_stadtteilen.csv", 465, 465, "2481172"),
        ("municipal_five_counties/bevoelkerung_gv_2019_2022.csv", 228, 228, "3420665"),
        ("municipal_five_counties/inkar_arbeitslose_1998-2021.csv", 2736, 2736, "1356791"),
        ("municipal_five_counties/regio_AI-N-01-2-5.csv", 228, 227, "2506.2"),
        ("municipal_five_counties/zensus2022_bevoelkerung.csv", 114, 114, "1695759"),
        ("rki_gisd/GISD_Hessen_Kreis.csv", 624, 624, "332.11099"),
        ("rki_gisd/GISD_Schleswig-Holstein_Gemeindeverband.csv", 4080, 4080, "2004.37956"),
        ("statistik_nord/Daten_fuer_die_Stadtteilprofile_2014.csv", 7276, 7190, "34040644.8"),
    ],
)
def test_a_sample_without_oracle_keeps_its_figures(
    name: str, count: int, numeric: int, total: str
) -> None:
    rows = rows_of(shared(f"samples/{name}"))
    assert (len(rows), len(figures(rows))) == (count, numeric)
    assert abs(sum(figures(rows)) - Decimal(total)) < Decimal("0.000001")


def test_population_of_the_five_counties_is_that_of_the_control_values() -> None:
    rows = rows_of(shared("samples/genesis_family/regio/12411-01-01-4.de.ffcsv.zip"))
    found = {
        row["region"]: row["value"] for row in rows if row["dimensions"] == '{"GES":"INSGESAMT"}'
    }
    wanted = {
        "01056": "325223",
        "06432": "302021",
        "06440": "311593",
        "05954": "314167",
        "05162": "457077",
    }
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    "name",
    [
        "samples/genesis_family/genesis/61111-0021.de.status.json",
        "samples/genesis_family/genesis/63121-0001.de.status.json",
        "samples/genesis_family/genesis/job_flow/12531-0043_1_too_large.json",
        "samples/genesis_family/genesis/job_flow/12531-0043_3_results_pending.json",
        "samples/genesis_family/json/metadata_table__meta1.json",
        "samples/sdmx/ESTAT_footer.xml",
        "samples/sdmx/ESTAT_demography-structure.xml",
        "synthetic/mock_responses/genesis_maintenance_200.html",
        "synthetic/mock_responses/genesis_404_wrong_login.json",
        "synthetic/mock_responses/eurostat_413_too_big.json",
        "synthetic/mock_responses/arcgis_error_http200.json",
        "kommonitor/synthetic_public_topics.json",
    ],
)
def test_an_answer_that_is_no_data_is_never_read_as_data(name: str) -> None:
    with pytest.raises(SozialdatenError):
        rows_of(shared(name))


@pytest.mark.parametrize("year", [2020, 2023, 2025])
def test_kba_counts_each_gemeinde_under_its_kreis(year: int) -> None:
    name = f"fz3_{year}_layout.xlsx"
    expected = json.loads(shared("synthetic/public_layouts/EXPECTED.json").read_text())[name]
    rows = rows_of(shared(f"synthetic/public_layouts/{name}"))
    cars = [row for row in rows if row["series"].endswith("Personenkraftwagen › insgesamt")]
    totals = {
        row["region"]: int(row["value"])
        for row in cars
        if len(row["region"]) == 5 and row["dimensions"] == "{}"
    }
    assert totals == expected["pkw_by_kreis"]
    assert len(cars) == expected["gemeinden"] + 5
    assert {row["reference_end"] for row in rows} == {f"{year}-01-01"}


def test_ba_keeps_the_star_of_what_was_made_anonymous() -> None:
    name = "gemband_202306_layout.xlsx"
    expected = json.loads(shared("synthetic/public_layouts/EXPECTED.json").read_text())[name]
    rows = rows_of(shared(f"synthetic/public_layouts/{name}"))
    assert Counter(row["quality"] for row in rows)["*"] == expected["suppressed_cells"]
    assert len({row["region"] for row in rows}) == expected["gemeinden"]
    assert {len(row["region"]) for row in rows} == {8}

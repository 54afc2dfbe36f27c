"""Tables of counts: minimum frequency, sums, suppression, rates."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
from disclosure_worlds import POLICY, found, named, rules, table
from shared_files import shared

from ckanext.sozialdaten.disclosure import attack_files, check, load_policy
from ckanext.sozialdaten.disclosure.rules.rate_inversion import inverted


def test_counts_below_the_minimum_block_and_zeros_do_not() -> None:
    data = table(Gemeinde=["A", "B", "C", "D"], Anzahl=[0, 2, 3, 40])
    report = check(data, None, POLICY)
    (finding,) = report.findings
    assert (finding.rule, finding.column, finding.cells) == ("minimum-frequency", "Anzahl", (2,))


def test_zeros_block_where_the_policy_protects_them(tmp_path: Path) -> None:
    strict = tmp_path / "strict.yaml"
    strict.write_text("extends: amtliche-statistik-3\nfrequency: {zeros: protect}\n")
    data = table(Gemeinde=["A", "B"], Anzahl=[0, 40])
    assert not check(data, None, POLICY).findings
    assert rules(check(data, None, load_policy(strict))) == {"minimum-frequency"}


@pytest.mark.parametrize("mark", [".", "*", "x", "/", "-", "–", "...", ""])
def test_a_mark_is_no_small_count(mark: str) -> None:
    data = table(Gemeinde=["A", "B", "C"], Anzahl=[mark, 12, 40])
    assert not found(data)


def test_a_grouped_thousand_is_no_small_count() -> None:
    assert not found(table(Gemeinde=["A", "B"], Anzahl=["1.234", "2.001"]))


def test_typed_columns_are_read_as_they_are() -> None:
    data = pa.table({"ags": ["01056001", "01056002"], "anzahl": pa.array([1, 25])})
    assert found(data) == {"minimum-frequency"}


def test_the_quality_column_says_what_an_empty_cell_is() -> None:
    layout = {"region": "dimension", "wert": "count"}
    columns = {"region": ["a", "b", "Insgesamt"], "wert": [None, 5, 7], "wert_q": ["-", "", ""]}
    zero = check(pa.table(columns), {**layout, "wert_q": "free_text"}, POLICY)
    assert rules(zero) == {"recoverable-suppression"}
    from ckanext.sozialdaten.lake.layouts import Field, Layout, Role

    signed = Layout(
        (
            Field("region", role=Role.DIMENSION),
            Field("wert", role=Role.COUNT),
            Field("wert_q", quality_of="wert"),
        )
    )
    assert rules(check(pa.table(columns), signed, POLICY)) == {"small-difference"}


def test_a_single_suppressed_cell_is_given_back_by_the_total() -> None:
    data = table(Geschlecht=["männlich", "weiblich", "Insgesamt"], Fälle=["*", 10, 12])
    assert "recoverable-suppression" in found(data)


def test_a_single_suppressed_gemeinde_is_given_back_by_its_kreis() -> None:
    data = table(AGS=["99001", "99001001", "99001002", "99001003"], Anzahl=[62, ".", 30, 30])
    assert "recoverable-suppression" in found(data)


def test_an_unlabelled_margin_is_found_by_the_numbers() -> None:
    data = named(
        {
            "Ort": ["A", "B", "C", "D", "Alles zus."],
            "Personen 2021": [10, 20, 31, 41, 102],
            "Personen 2022": [11, ".", 33, 43, 109],
            "Personen 2023": [13, 23, 35, 47, 118],
        }
    )
    assert "recoverable-suppression" in found(data)


def test_four_suppressed_cells_in_a_rectangle_hold() -> None:
    data = named(
        {
            "Altersgruppe": ["0-5", "6-13", "14-17", "Insgesamt"],
            "Nord Anzahl": [".", ".", 15, 40],
            "Süd Anzahl": [".", ".", 19, 51],
            "Insgesamt": [29, 28, 34, 91],
        }
    )
    assert not found(data)


def test_a_total_that_exceeds_its_parts_by_two_is_found() -> None:
    data = table(
        Geschlecht=["männlich", "weiblich", "Insgesamt"] * 2,
        Jahr=[2021] * 3 + [2022] * 3,
        Fälle=[10, 20, 30, 12, 20, 34],
    )
    assert found(data) == {"small-difference"}


def test_the_classic_table_gives_the_known_intervals(tmp_path: Path) -> None:
    case = json.loads(shared("disclosure-cases/09_classic/fischetti_salazar_2001.json").read_text())
    pattern = {tuple(cell) for cell in case["suppressed_pattern"]}
    target = _written(tmp_path, case, pattern)
    cells = {
        (c.row, c.column): c.interval for c in attack_files([target], None, {"Zeile": "dimension"})
    }
    rows = {name: number for number, name in enumerate(case["rows"], 2)}
    for place, (low, high) in case["feasible_intervals"].items():
        row, column = place.split(",")
        interval = cells[rows[row], f"Anzahl {column}"]
        assert (interval.low, interval.high) == (low, high)
    leak = _written(tmp_path, case, {("II", "C")})
    (cell,) = attack_files([leak], None, {"Zeile": "dimension"})
    assert (cell.interval.low, cell.interval.high, cell.holds) == (22, 22, False)


def _written(folder: Path, case: dict[str, list[object]], pattern: set[tuple[object, ...]]) -> Path:
    target = folder / f"classic{len(pattern)}.csv"
    with target.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Zeile", *(f"Anzahl {column}" for column in case["cols"])])
        for row, values in zip(case["rows"], case["values"], strict=True):
            cells = zip(case["cols"], values, strict=True)  # type: ignore[call-overload]
            writer.writerow([row, *("." if (row, c) in pattern else v for c, v in cells)])
    return target


PATTERNS = {"OPT": 1, "HITAS": 8, "HYPERCUBE": 0, "GAUSS": 0, "SIMPLEHEURISTIC": 0}


@pytest.mark.parametrize("method", PATTERNS)
def test_the_attack_on_peers_patterns_gives_the_known_intervals(
    method: str, tmp_path: Path
) -> None:
    folder = shared("disclosure-cases/02_sdctable")
    rows = _read(folder / "T2_vignette_maxN10_table.csv")
    target = tmp_path / "table.csv"
    with target.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["V1", "V2", "V3", "freq"])
        for row in rows:
            shown = "." if row[method] in ("u", "x") else row["freq"]
            writer.writerow([row["V1"], row["V2"], row["V3"], shown])
    dimensions = {"V1": "dimension", "V2": "dimension", "V3": "dimension", "freq": "count"}
    cells = {cell.row: cell for cell in attack_files([target], None, dimensions)}
    keys = [(row["V1"], row["V2"], row["V3"]) for row in rows]
    expected = _read(folder / f"T2_vignette_maxN10_intervals_{method}.csv")
    assert len(cells) == len(expected)
    exact = 0
    for row in expected:
        cell = cells[keys.index((row["V1"], row["V2"], row["V3"])) + 2]
        assert cell.interval.low == pytest.approx(float(row["lo"]), abs=1e-6)
        assert cell.interval.high == pytest.approx(float(row["up"]), abs=1e-6)
        exact += row["primary"] == "True" and cell.interval.width < 1e-6 and not cell.holds
    assert exact == PATTERNS[method]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("case", ["S1", "K1", "U1", "MP2"])
def test_the_attack_gives_the_known_intervals_of_two_way_tables(case: str, tmp_path: Path) -> None:
    folder = shared("disclosure-cases/01_gausssuppression")
    rows = _read(folder / f"{case}_expected.csv")
    names = list(rows[0])
    value = names[names.index("primary") - 1]
    keys = [name for name in _read(folder / f"{case}_intervals.csv")[0] if name in names][:2]
    target = tmp_path / "table.csv"
    with target.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow([*keys, "freq"])
        for row in rows:
            withheld = row["suppressed"].lower() == "true"
            writer.writerow([*(row[key] for key in keys), "." if withheld else row[value]])
    roles = {**dict.fromkeys(keys, "dimension"), "freq": "count"}
    cells = {cell.row: cell.interval for cell in attack_files([target], None, roles)}
    places = [tuple(row[key] for key in keys) for row in rows]
    for row in _read(folder / f"{case}_intervals.csv"):
        interval = cells[places.index(tuple(row[key] for key in keys)) + 2]
        assert interval.low == pytest.approx(float(row["lo"]), abs=1e-4)
        assert interval.high == pytest.approx(float(row["up"]), abs=1e-4)


def test_a_rate_with_its_denominator_gives_back_a_small_count() -> None:
    data = named(
        {
            "Gemeinde": ["A", "B", "C", "D"],
            "Kinder Anzahl": [54, 61, 80, 95],
            "Quote in %": ["3,7", "21,3", "25,0", "41,1"],
        }
    )
    assert found(data) == {"rate-inversion"}


def test_a_rate_over_a_large_denominator_gives_nothing_back() -> None:
    import numpy as np

    counts = np.array([54_000.0, 61_000.0, 80_000.0])
    assert np.isnan(inverted(np.array([0.0, 0.1, 0.2]), counts, 1, 100.0, 1)).all()


def test_public_statistics_keep_their_small_counts() -> None:
    data = table(AGS=["01056001", "01056002"], Anzahl=[1, 2])
    assert not rules(check(data, None, load_policy("open-statistics")))

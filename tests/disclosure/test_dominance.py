"""Magnitudes: what sums and means tell about those behind them, against published answers."""

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from disclosure_worlds import POLICY, found, named, rules, table
from shared_files import shared

from ckanext.sozialdaten.disclosure import (
    NotSupportedError,
    Policy,
    Report,
    RolesError,
    Severity,
    check_files,
)
from ckanext.sozialdaten.disclosure.magnitudes import Contributions, Weighting, sensitivity

OFF: dict[str, Any] = {"contributors": 0, "n": 0, "p_percent": 0}


def policy(**dominance: Any) -> Policy:
    """The default policy with these numbers on dominance alone."""
    return dataclasses.replace(
        POLICY, dominance=dataclasses.replace(POLICY.dominance, **{**OFF, **dominance})
    )


def contributions(groups: dict[str, list[float]], weights: dict[str, list[float]] | None = None):
    """Contributions of named groups, and how many groups there are."""
    cells = [i for i, values in enumerate(groups.values()) for _ in values]
    flat = [value for values in groups.values() for value in values]
    sampled = [w for values in (weights or {}).values() for w in values] or [1.0] * len(flat)
    given = Contributions(
        np.array(cells, dtype=np.int64),
        np.arange(len(flat), dtype=np.int64),
        np.array(flat, dtype=np.float64),
        np.array(sampled, dtype=np.float64),
    )
    return given, len(groups)


def units() -> dict[str, Any]:
    path = shared("disclosure-cases/01_gausssuppression/primary_rule_units.json")
    return json.loads(path.read_text("utf-8"))


def test_the_n_k_rule_flags_the_groups_of_the_published_unit_test() -> None:
    unit = units()["dominance_unit"]
    given, size = contributions(unit["groups"])
    verdict = sensitivity(given, size, policy(n=2, k_percent=90).dominance)
    assert verdict.dominated.tolist() == list(unit["rule_n2_k90_strict_gt"].values())


def test_weights_repeat_the_largest_contributor_as_tau_argus_does() -> None:
    unit = units()["dominance_unit"]
    given, size = contributions(unit["groups"], unit["weights_sw2"])
    verdict = sensitivity(given, size, policy(n=2, k_percent=90).dominance)
    assert verdict.totals.tolist() == unit["weighted_totals"]
    assert verdict.dominated.tolist() == unit["weighted_tauargus_n2_k90"]


def test_weights_count_in_the_total_alone_as_gausssuppression_does() -> None:
    unit = units()["dominance_unit"]
    given, size = contributions(unit["groups"], unit["weights_sw2"])
    one = sensitivity(given, size, policy(n=1, k_percent=70).dominance, Weighting.TOTAL)
    two = sensitivity(given, size, policy(n=2, k_percent=90).dominance, Weighting.TOTAL)
    both = (one.dominated | two.dominated).tolist()
    assert both == unit["weighted_default_n12_k70_90"]


def test_all_162_cells_of_simple2d_get_the_published_verdict() -> None:
    path = shared("disclosure-cases/05_tauargus/simple2d_tau_testW.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups: dict[str, list[float]] = {}
    for number, row in enumerate(rows):
        total, one, two = (float(row[key]) for key in ("Var2", "top1", "top2"))
        rest = total - one - two
        pieces = int(rest // two) + 1 if two else 1
        groups[str(number)] = [one, two, *[rest / pieces] * pieces]
    given, size = contributions(groups)
    verdict = sensitivity(given, size, policy(p_percent=15).dominance)
    unsafe = [row["p15_unsafe_own"] == "True" for row in rows]
    assert len(rows) == 162
    assert sum(unsafe) == 9
    assert verdict.estimable.tolist() == unsafe


def checked(
    report_policy: Policy, published: Path, behind: Path, roles: dict[str, str] | None = None
) -> Report:
    return check_files(
        [published], policy=report_policy, contributors=behind, contributor_roles=roles
    )


def flagged(report: Report) -> set[int]:
    """File rows that the rule blocks."""
    return {
        row
        for finding in report.findings
        if finding.rule == "dominance" and finding.severity is Severity.BLOCK
        for row in finding.cells
    }


CASES = {
    "M2": ([{"contributors": 2}], {}),
    "M3": ([{"n": 1, "k_percent": 80}], {}),
    "M4": ([{"n": 1, "k_percent": 80}, {"n": 2, "k_percent": 99}], {}),
    "M5": ([{"contributors": 3}], {}),
    "MP1": ([{"p_percent": 10}], {}),
    "MP2": ([{"p_percent": 50}], {"company": "identifier"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_primary_cells_of_the_published_tables_are_found(case: str, tmp_path: Path) -> None:
    folder = shared("disclosure-cases/01_gausssuppression")
    numbers, roles = CASES[case]
    roles = roles or {"company": "dimension"}
    with (folder / f"{case}_expected.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    published = tmp_path / "table.csv"
    kept = [name for name in rows[0] if name not in ("primary", "suppressed", "freq")]
    with published.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kept, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    expected = {number for number, row in enumerate(rows, 2) if row["primary"] == "TRUE"}
    behind = folder / f"{case}_input.csv"
    unsafe = set[int]()
    for number in numbers:
        unsafe |= flagged(checked(policy(**number), published, behind, roles))
    assert unsafe == expected


SDCTABLE = {"nk_2_75": {"n": 2, "k_percent": 75}, "p70": {"p_percent": 70}}
SDCTABLE["pq_60_80"] = {"p_percent": 60, "q_percent": 80}


@pytest.mark.parametrize("rule", SDCTABLE)
def test_the_rules_agree_with_sdctable(rule: str, tmp_path: Path) -> None:
    behind = shared("disclosure-cases/02_sdctable/microdata1.csv")
    with behind.open(encoding="utf-8") as file:
        micro = list(csv.DictReader(file))
    lines = ["region,gender,val"]
    for region in ("total", "A", "B", "C", "D"):
        for gender in ("total", "male", "female"):
            inside = [
                float(row["val"])
                for row in micro
                if region in ("total", row["region"]) and gender in ("total", row["gender"])
            ]
            lines.append(f"{region},{gender},{sum(inside):g}")
    published = tmp_path / "table.csv"
    published.write_text("\n".join(lines), "utf-8")
    unsafe = flagged(checked(policy(**SDCTABLE[rule]), published, behind))
    assert {row - 1 for row in unsafe} == set(units()["sdctable_primary_unit"][rule])


BEHIND = "Ort;Träger;Umsatz\n" + "".join(
    f"{place};T{number};{100 + number}\n" for place in ("Nord", "Süd") for number in range(6)
)


def written(tmp_path: Path, published: str, behind: str = BEHIND) -> tuple[Path, Path]:
    """A table and its contributors as files."""
    one, two = tmp_path / "tabelle.csv", tmp_path / "traeger.csv"
    one.write_text(published, "utf-8")
    two.write_text(behind, "utf-8")
    return one, two


def test_even_contributors_give_no_finding(tmp_path: Path) -> None:
    paths = written(tmp_path, "Ort;Umsatz\nNord;615\nSüd;615\nInsgesamt;1230\n")
    assert not checked(POLICY, *paths).findings


def test_a_suppressed_cell_needs_no_contributors(tmp_path: Path) -> None:
    behind = BEHIND + "Hafen;T1;5000\n"
    shown = written(tmp_path, "Ort;Umsatz\nNord;615\nSüd;615\nHafen;5000\n", behind)
    assert flagged(checked(POLICY, *shown)) == {4}
    hidden = written(tmp_path, "Ort;Umsatz\nNord;615\nSüd;615\nHafen;.\n", behind)
    assert not flagged(checked(POLICY, *hidden))


def test_branches_of_one_carrier_are_one_contributor(tmp_path: Path) -> None:
    behind = "Ort;Träger;Einrichtung;Umsatz\n" + "".join(
        f"Nord;{'A' if n < 5 else 'B'};Haus {n};100\n" for n in range(6)
    )
    paths = written(tmp_path, "Ort;Umsatz\nNord;600\n", behind)
    assert flagged(checked(POLICY, *paths)) == {2}
    assert not flagged(
        checked(POLICY, *paths, {"Einrichtung": "identifier", "Träger": "dimension"})
    )


def test_means_and_ratios_have_the_contributors_of_their_sums(tmp_path: Path) -> None:
    behind = "Ort;Träger;Umsatz;Plätze\n" + "".join(
        f"{place};T{n};{1000 if n == 0 else 10};{20 + n}\n"
        for place in ("Nord", "Süd")
        for n in range(6)
    )
    means = written(tmp_path, "Ort;Durchschnittlicher Umsatz\nNord;175\nSüd;175\n", behind)
    assert flagged(checked(POLICY, *means)) == {2, 3}
    ratio = written(tmp_path, "Ort;Kennwert\nNord;7,78\nSüd;7,78\n", behind)
    assert flagged(checked(POLICY, *ratio)) == {2, 3}


def test_totals_and_hierarchies_of_regions_are_judged(tmp_path: Path) -> None:
    behind = "Gebiet;Träger;Umsatz\n" + "".join(
        f"0105600{place};T{place}{n};{9000 if (place, n) == (1, 0) else 10}\n"
        for place in (1, 2)
        for n in range(5)
    )
    published = "Gebiet;Umsatz\n01056001;9040\n01056002;50\n01056;9090\n"
    assert flagged(checked(POLICY, *written(tmp_path, published, behind))) == {2, 4}


def test_negative_contributions_are_a_warning(tmp_path: Path) -> None:
    behind = BEHIND + "Nord;T9;-50\n"
    paths = written(tmp_path, "Ort;Umsatz\nNord;565\nSüd;615\n", behind)
    report = checked(POLICY, *paths)
    assert "dominance" in rules(report, "warn")
    assert not flagged(report)


def test_contributors_that_name_no_cell_are_refused(tmp_path: Path) -> None:
    paths = written(tmp_path, "Art;Umsatz\nPflege;615\nHilfe;615\n")
    with pytest.raises(NotSupportedError):
        checked(POLICY, *paths)


def test_contributors_without_values_are_refused(tmp_path: Path) -> None:
    paths = written(tmp_path, "Ort;Umsatz\nNord;615\n", "Ort;Träger\nNord;T1\n")
    with pytest.raises(RolesError):
        checked(POLICY, *paths)


def test_a_count_of_contributors_beside_a_sum_is_used() -> None:
    few = named(
        {
            "Ort": ["Nord", "Süd", "West"],
            "Anzahl Betriebe": [12, "*", 9],
            "Umsatz in Euro": [5000, 900, 3000],
        }
    )
    assert "dominance" not in found(few)
    small = few.set_column(1, "Anzahl Betriebe", pa.array(["12", "2", "9"]))
    assert "dominance" in found(small)


@pytest.mark.parametrize("name", ["Maximum", "Höchster Betrag", "Größter Wert", "Minimum"])
def test_the_largest_value_beside_a_sum_is_one_persons(name: str) -> None:
    data = named(
        {"Ort": ["Nord", "Süd"], "Summe der Ausgaben": [5000, 7000], name: ["1.207,50", "2.333,10"]}
    )
    assert "dominance" in found(data)


def test_amounts_alone_give_no_finding() -> None:
    data = table(Ort=["Nord", "Süd", "West"], Ausgaben=[5000, 7000, 9000])
    assert not found(data)

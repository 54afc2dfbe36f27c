"""Policies, command line, report, documentation: what others build on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from disclosure_worlds import POLICY, table

from ckanext.sozialdaten.cli.attack import command as attack_command
from ckanext.sozialdaten.cli.check import command as check_command
from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    PolicyError,
    RolesError,
    check,
    list_policies,
    load_policy,
)
from ckanext.sozialdaten.disclosure.rules import ALL_RULES

ROOT = Path(__file__).parents[2]
DEFAULT = (ROOT / "schemas/policies/amtliche-statistik-3.yaml").read_text("utf-8")


def test_every_policy_says_in_two_languages_what_it_is() -> None:
    policies = {policy.name: policy for policy in list_policies()}
    shipped = {"streng-5", "ba-statistik", "kleinraeumig", "open-statistics"}
    assert {DEFAULT_POLICY, *shipped} <= set(policies)
    for policy in policies.values():
        assert set(policy.title) == set(policy.description) == {"de", "en"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("minimum: 3 ", "minimum: three ", "minimum"),
        ("minimum: 3 ", "minimun: 3 ", "minimum"),
        ("k: 5 ", "k: -5 ", "persons.k"),
        ("zeros: publish", "zeros: hide", "zeros"),
        ("  en: Official statistics, at least 3 cases\n", "", "title"),
        ("releases:\n  check: true", "releases:\n  check: 1", "releases.check"),
        ("name: amtliche-statistik-3", "name: [", "YAML"),
    ],
)
def test_a_wrong_policy_is_refused_by_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in DEFAULT
    path = tmp_path / "wrong.yaml"
    path.write_text(DEFAULT.replace(old, new), "utf-8")
    with pytest.raises(PolicyError, match=named):
        load_policy(path)


@pytest.mark.parametrize("name", ["nowhere", "../default", "/etc/passwd", "missing.yaml"])
def test_an_unknown_policy_is_refused(name: str) -> None:
    with pytest.raises(PolicyError):
        load_policy(name)


def test_every_rule_has_a_page_and_a_german_title() -> None:
    for rule in ALL_RULES:
        page = ROOT / rule.page
        assert page.read_text("utf-8").startswith("# ")
        assert rule.title.text("de") != rule.title.text("en") or rule.id == "identifier-ip-address"
    pages = {path.stem for path in (ROOT / "schemas/rules").glob("*.md")}
    assert pages == {rule.id for rule in ALL_RULES} | {"handbook"}


def test_the_report_has_the_form_of_the_contract() -> None:
    report = check(table(Gemeinde=["A", "B"], Anzahl=[1, 40]), None, POLICY, "a.csv", "Blatt 1")
    data = report.to_json()
    assert list(data) == ["verdict", "policy", "findings", "roles"]
    assert (data["verdict"], data["policy"]) == ("unsafe", DEFAULT_POLICY)
    assert data["roles"] == {"Gemeinde": "region", "Anzahl": "count"}
    (finding,) = data["findings"]  # type: ignore[misc]
    keys = ["rule", "severity", "resource", "sheet", "column", "cells", "message", "remedy"]
    assert list(finding) == keys
    assert set(finding["message"]) == set(finding["remedy"]) == {"de", "en"}
    assert "Mindestfallzahl" in finding["message"]["de"]
    json.dumps(data)


def test_a_declared_role_wins_and_a_missing_column_is_an_error() -> None:
    data = table(Gemeinde=["A", "B"], Wert=[1, 40])
    assert check(data, None, POLICY).findings
    assert not check(data, {"Wert": "rate"}, POLICY).findings
    with pytest.raises(RolesError):
        check(data, {"Gibtsnicht": "count"}, POLICY)
    with pytest.raises(RolesError):
        check(data, {"Wert": "number"}, POLICY)


@pytest.mark.parametrize(("count", "code"), [(30, 0), (1, 1)])
def test_the_exit_code_tells_safe_from_unsafe(tmp_path: Path, count: int, code: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Gemeinde;Fälle\nA;{count}\nB;50\n", "utf-8")
    result = CliRunner().invoke(check_command, [str(path), "--json"])
    assert result.exit_code == code
    assert json.loads(result.stdout)["verdict"] == ("unsafe" if code else "safe")


@pytest.mark.parametrize(
    "options",
    [
        ["--policy", "nowhere"],
        ["--roles", "Fälle"],
        ["--roles", "Fälle=number"],
        ["--contributors", "rows.csv"],
        ["--layout", "nowhere"],
        ["--released", "nowhere.csv"],
    ],
)
def test_what_cannot_be_done_exits_with_2_and_says_why(tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Gemeinde;Fälle\nA;30\nB;50\n", "utf-8")
    result = CliRunner().invoke(check_command, [str(path), *options])
    assert result.exit_code == 2
    assert result.stderr
    assert not result.stdout


def test_pyspark_runs_or_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Gemeinde;Fälle\nA;1\nB;50\n", "utf-8")
    result = CliRunner().invoke(check_command, [str(path), "--backend", "pyspark"])
    assert result.exit_code == 1 or "ibis-framework[pyspark]" in result.stderr


def test_attack_names_the_cell_that_does_not_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Geschlecht;Fälle\nm;.\nw;10\nInsgesamt;12\n", "utf-8")
    result = CliRunner().invoke(attack_command, [str(path), "--json"])
    assert result.exit_code == 1
    (cell,) = json.loads(result.stdout)["cells"]
    assert (cell["row"], cell["low"], cell["high"], cell["holds"]) == (2, 2, 2, False)


def test_importing_the_room_loads_no_engine() -> None:
    code = (
        "import sys, ckanext.sozialdaten.disclosure as d; d.load_policy();"
        "print([m for m in ('pyarrow', 'duckdb', 'ibis', 'pandas', 'highspy', 'numpy', "
        "'lxml') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_policy_that_extends_another_says_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("extends: streng-5\nname: own\npersons: {k: 12}\n", "utf-8")
    own, parent = load_policy(path), load_policy("streng-5")
    assert (own.name, own.persons.k, own.persons.distinct_l) == ("own", 12, 3)
    assert own.frequency == parent.frequency
    assert parent.is_weaker_than(own)
    assert not own.is_weaker_than(parent)

"""The repair menu: ways side by side, each with its cost and the verdict of the attack."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from disclosure_worlds import POLICY

from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import NotProtectedError, alternatives, load_policy, protect
from ckanext.sozialdaten.disclosure.protection._menu import Alternative

ROLES = {"Ort": "dimension", "Alter": "dimension", "Anzahl": "count"}
INNER = {
    ("Nord", "0-5"): 1,
    ("Nord", "6-13"): 24,
    ("Nord", "14-17"): 31,
    ("Süd", "0-5"): 22,
    ("Süd", "6-13"): 25,
    ("Süd", "14-17"): 18,
    ("Hafen", "0-5"): 27,
    ("Hafen", "6-13"): 2,
    ("Hafen", "14-17"): 40,
}
AGES = ("0-5", "6-13", "14-17")
PLACES = ("Nord", "Süd", "Hafen")


def youth() -> pa.Table:
    """Counts by place and age with all totals, two of them too small."""
    cells = dict(INNER)
    for place in PLACES:
        cells[place, "Insgesamt"] = sum(INNER[place, age] for age in AGES)
    for age in (*AGES, "Insgesamt"):
        cells["Insgesamt", age] = sum(cells[place, age] for place in PLACES)
    return pa.Table.from_pylist(
        [{"Ort": one, "Alter": two, "Anzahl": str(n)} for (one, two), n in cells.items()]
    )


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "secret"
    path.write_bytes(b"only for these tests, never elsewhere")
    return path


@pytest.fixture(scope="module")
def menu(secret: Path) -> tuple[Alternative, ...]:
    return alternatives(youth(), ROLES, POLICY, secret=secret)


def test_all_ways_for_counts_stand_side_by_side(menu: tuple[Alternative, ...]) -> None:
    assert sorted(one.method for one in menu) == [
        "cell-key",
        "merge",
        "round",
        "round",
        "suppress",
    ]


def test_the_safe_way_that_loses_least_comes_first(menu: tuple[Alternative, ...]) -> None:
    scores = [one.report.loss.score for one in menu if one.safe and one.report]
    assert len(scores) >= 4
    assert scores == sorted(scores)
    assert [one.safe for one in menu] == sorted((one.safe for one in menu), reverse=True)


def test_each_way_carries_the_verdict_of_the_attack(menu: tuple[Alternative, ...]) -> None:
    for one in menu:
        assert one.report is not None
        judgement = one.report.judgement
        assert judgement.weak == 0
        assert judgement.attacked > 0 or one.method == "merge"


def test_suppression_hides_and_rounding_moves(menu: tuple[Alternative, ...]) -> None:
    reports = {one.method: one.report for one in menu if one.report}
    hidden, moved = reports["suppress"].loss, reports["cell-key"].loss
    assert hidden.lost_cells > 0
    assert hidden.max_deviation == 0
    assert moved.lost_cells == 0
    assert 0 < moved.max_deviation <= POLICY.cell_key.deviation


def test_headlines_are_totals_over_all_dimensions_but_one(menu: tuple[Alternative, ...]) -> None:
    suppressed = next(one.report for one in menu if one.method == "suppress" and one.report)
    assert suppressed.loss.headlines == 7
    assert suppressed.loss.answerable == suppressed.loss.unchanged == 7


def test_the_preview_shows_each_changed_cell_and_only_where_asked_for(
    menu: tuple[Alternative, ...],
) -> None:
    suppressed = next(one for one in menu if one.method == "suppress")
    assert "preview" not in suppressed.to_json()
    preview = suppressed.to_json(preview=True)["preview"]
    assert isinstance(preview, list)
    assert {"row": 0, "column": "Anzahl", "before": "1", "after": "."} in preview
    assert {change["after"] for change in preview} == {"."}


def test_what_the_portal_gets_is_plain_json(menu: tuple[Alternative, ...]) -> None:
    for one in menu:
        data = json.loads(json.dumps(one.to_json(preview=True)))
        assert set(data["label"]) == {"de", "en"}
        assert data["lost"]["headlines"]["count"] == 7
        assert data["judgement"]["verdict"] == "safe"


def test_the_noise_of_the_cell_key_method_stands_in_the_internal_report_alone(
    menu: tuple[Alternative, ...],
) -> None:
    report = next(one.report for one in menu if one.method == "cell-key" and one.report)
    outside = report.to_json()
    assert not {"deviation", "variance"}.intersection(outside["parameters"])  # type: ignore[call-overload]
    assert outside["published_as"] == "cell-key"
    inside = report.to_json(internal=True)
    assert inside["parameters"] == {"deviation": 5, "variance": 3.0}
    assert inside["published_as"] == "cell-key:5"


def test_a_way_that_does_not_work_stands_there_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOZIALDATEN_CELL_KEY", raising=False)
    menu = alternatives(youth(), ROLES, POLICY)
    last = menu[-1]
    assert (last.method, last.safe, last.report) == ("cell-key", False, None)
    assert "SOZIALDATEN_CELL_KEY" in last.reason[1].text("de")


def test_an_unsafe_way_is_shown_as_unsafe_and_never_given_out() -> None:
    strict = load_policy("streng-5")
    menu = alternatives(youth(), ROLES, strict, base=3)
    rounded = next(one for one in menu if one.method == "round")
    assert not rounded.safe
    assert rounded.report is not None
    assert "minimum-frequency" in rounded.report.judgement.rules
    with pytest.raises(NotProtectedError, match="minimum-frequency"):
        protect(youth(), ROLES, strict, method="round", base=3)


def _source(folder: Path) -> Path:
    path = folder / "youth.csv"
    rows = youth().to_pylist()
    lines = [";".join(row.values()) for row in rows]
    path.write_text("Ort;Alter;Anzahl\n" + "\n".join(lines) + "\n", "utf-8")
    return path


def test_the_command_prints_the_menu_and_writes_nothing(tmp_path: Path, secret: Path) -> None:
    source = _source(tmp_path)
    arguments = [str(source), "--menu", "--preview", "--cell-key", str(secret), "--json"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["alternatives"]
    assert found[0]["safe"] is True
    assert all("preview" in one for one in found)
    assert [path.name for path in tmp_path.iterdir()] == ["youth.csv"]


def test_the_menu_reads_as_german_sentences(tmp_path: Path, secret: Path) -> None:
    source = _source(tmp_path)
    result = CliRunner().invoke(command, [str(source), "--menu", "--cell-key", str(secret)])
    assert result.exit_code == 0, result.output
    assert "Kleine Anzahlen runden: sicher" in result.stdout
    assert "Eckzahlen" in result.stdout

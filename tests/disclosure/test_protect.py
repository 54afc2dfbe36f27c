"""Protected tables: safe for the attack, and with as little lost as is known to be possible."""

import hashlib
import json
import random
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from disclosure_worlds import POLICY, named, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.cli.protect import command
from ckanext.sozialdaten.disclosure import (
    NotProtectedError,
    NotSupportedError,
    Verdict,
    attack_files,
    check,
    load_policy,
    protect,
)

ROLES = {"Ort": "dimension", "Alter": "dimension", "Anzahl": "count"}
PLACES, AGES = ("A", "B", "C", "D"), ("0-5", "6-13", "14-17")
Counts = Mapping[tuple[str, str], int]
SLOW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
WORLDS = st.fixed_dictionaries(
    {(place, age): st.integers(0, 12) for place in PLACES for age in AGES}
)


def with_margins(inner: Counts) -> dict[tuple[str, str], int]:
    """The counts and all their totals."""
    cells = dict(inner)
    for place in PLACES:
        cells[place, "Insgesamt"] = sum(inner[place, age] for age in AGES)
    for age in (*AGES, "Insgesamt"):
        cells["Insgesamt", age] = sum(cells[place, age] for place in PLACES)
    return cells


def rows_of(cells: Mapping[tuple[str, str], int]) -> list[dict[str, str]]:
    return [{"Ort": one, "Alter": two, "Anzahl": str(n)} for (one, two), n in cells.items()]


def shown(data: pa.Table) -> dict[tuple[str, str], str]:
    return {(row["Ort"], row["Alter"]): row["Anzahl"] for row in data.to_pylist()}


@SLOW
@given(WORLDS)
def test_a_protected_table_passes_the_check_and_keeps_every_other_cell(inner: Counts) -> None:
    cells = with_margins(inner)
    done = protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY)
    assert check(done.table, ROLES, POLICY).verdict is Verdict.SAFE
    after = shown(done.table)
    hidden = {key for key, text in after.items() if text == "."}
    assert {key for key, n in cells.items() if n in (1, 2)} <= hidden
    assert all(after[key] == str(n) for key, n in cells.items() if key not in hidden)
    assert done.report.primary + done.report.secondary == len(hidden)


@SLOW
@given(WORLDS)
def test_a_protected_table_stays_as_it_is(inner: Counts) -> None:
    once = protect(pa.Table.from_pylist(rows_of(with_margins(inner))), ROLES, POLICY)
    twice = protect(once.table, ROLES, POLICY)
    assert twice.table.equals(once.table)
    assert twice.report.changed == ()


@SLOW
@given(WORLDS, st.randoms())
def test_the_order_of_rows_never_changes_what_is_hidden(
    inner: Counts, chance: random.Random
) -> None:
    rows = rows_of(with_margins(inner))
    before = shown(protect(pa.Table.from_pylist(rows), ROLES, POLICY).table)
    chance.shuffle(rows)
    assert shown(protect(pa.Table.from_pylist(rows), ROLES, POLICY).table) == before


def test_zeros_are_no_hiding_place_unless_they_are_protected() -> None:
    cells = with_margins({(place, age): 0 for place in PLACES for age in AGES} | {("A", "0-5"): 1})
    after = shown(protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY).table)
    assert {key for key, text in after.items() if text == "."} == {
        key for key, n in cells.items() if n
    }


def test_totals_are_kept_where_inner_cells_can_hide_the_small_ones() -> None:
    inner = {(p, a): 20 + 3 * i + j for i, p in enumerate(PLACES) for j, a in enumerate(AGES)}
    cells = with_margins(inner | {("B", "0-5"): 2})
    done = protect(pa.Table.from_pylist(rows_of(cells)), ROLES, POLICY)
    hidden = {key for key, text in shown(done.table).items() if text == "."}
    assert len(hidden) == 4
    assert not any("Insgesamt" in key for key in hidden)
    assert dict(done.report.methods) == {"exact": 1}


def test_a_blank_count_with_a_column_of_signs_gets_the_sign() -> None:
    from ckanext.sozialdaten.lake.layouts import Field, Layout, Role

    layout = Layout(
        (
            Field("AGS", role=Role.REGION),
            Field("Anzahl", role=Role.COUNT),
            Field("Zeichen", quality_of="Anzahl"),
        )
    )
    keys = ["99001", "99001001", "99001002", "99001003"]
    data = pa.table({"AGS": keys, "Anzahl": [60, 2, 8, 50], "Zeichen": ["", "", "", ""]})
    after = protect(data, layout, POLICY).table
    assert after.column("Anzahl").to_pylist() == [60, None, None, 50]
    assert after.column("Zeichen").to_pylist() == ["", ".", ".", ""]
    assert after.schema == data.schema


def test_public_statistics_stay_as_they_are() -> None:
    data = table(AGS=["01056001", "01056002"], Anzahl=[1, 2])
    assert protect(data, None, load_policy("open-statistics")).table.equals(data)


def test_what_suppression_cannot_help_is_refused() -> None:
    data = named(
        {
            "Ort": ["A", "B", "C"],
            "E-Mail": [f"{n}.meier@web.de" for n in "abc"],
            "Anzahl": [9, 8, 7],
        }
    )
    with pytest.raises(NotProtectedError):
        protect(data, None, POLICY)


def _file(folder: Path, text: str) -> Path:
    path = folder / "in.csv"
    path.write_text(text, "utf-8")
    return path


def test_the_command_writes_a_copy_that_the_attack_cannot_open(tmp_path: Path) -> None:
    cells = with_margins({(p, a): 3 + len(p) * 7 for p in PLACES for a in AGES} | {("A", "0-5"): 1})
    lines = [f"{one};{two};{n}" for (one, two), n in cells.items()]
    source = _file(tmp_path, "Ort;Alter;Anzahl\n" + "\n".join(lines) + "\n")
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(source), "-o", str(target), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert (report["primary"], report["attack"]["weak"]) == (1, 0)
    attacked = attack_files([target])
    assert attacked
    assert all(cell.holds for cell in attacked)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Ort;E-Mail;Anzahl\nA;erika@web.de;9\nB;hans@web.de;8\nC;ina@web.de;7\n", 1), ("", 2)],
)
def test_the_command_writes_nothing_where_it_fails(tmp_path: Path, text: str, code: int) -> None:
    target = tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(_file(tmp_path, text)), "-o", str(target)])
    assert result.exit_code == code, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


CELLS = with_margins(
    {(p, a): 20 + 3 * i + j for i, p in enumerate(PLACES) for j, a in enumerate(AGES)}
    | {("B", "0-5"): 2, ("C", "6-13"): 1}
)


def source_of(folder: Path, name: str = "in.csv") -> Path:
    lines = [f"{one};{two};{n}" for (one, two), n in CELLS.items()]
    path = folder / name
    path.write_text("Ort;Alter;Anzahl\n" + "\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "secret"
    path.write_bytes(b"only for these tests, never elsewhere")
    return path


@pytest.mark.parametrize("method", ["suppress", "merge", "round", "cell-key"])
def test_every_method_gives_a_copy_that_its_own_reading_finds_safe(
    method: str, secret: Path
) -> None:
    data = pa.Table.from_pylist(rows_of(CELLS))
    done = protect(data, ROLES, POLICY, method=method, secret=secret)
    assert done.report.method == method
    assert done.report.judgement.safe
    assert not {"1", "2"}.intersection(done.table.column("Anzahl").to_pylist())


def test_persons_are_recoded_without_being_asked() -> None:
    ages = [str(20 + n % 40) for n in range(120)]
    data = pa.table(
        {"Alter": ages, "Geschlecht": ["m", "w"] * 60, "Leistung": ["A", "B", "C"] * 40}
    )
    roles = {
        "Alter": "quasi_identifier",
        "Geschlecht": "quasi_identifier",
        "Leistung": "sensitive",
    }
    done = protect(data, roles, POLICY)
    assert done.report.method == "recode"
    assert check(done.table, None, POLICY).verdict is Verdict.SAFE


def test_a_method_for_counts_is_refused_for_persons() -> None:
    data = pa.table({"Alter": ["30"] * 30, "Leistung": ["A", "B"] * 15})
    roles = {"Alter": "quasi_identifier", "Leistung": "sensitive"}
    with pytest.raises(NotSupportedError, match="round"):
        protect(data, roles, POLICY, method="round")


def test_the_same_cell_gets_the_same_noise_in_every_release(secret: Path) -> None:
    data = pa.Table.from_pylist(rows_of(CELLS))
    more = dict(CELLS) | {("E", "0-5"): 30, ("E", "6-13"): 31, ("E", "14-17"): 32}
    del more["Insgesamt", "0-5"], more["Insgesamt", "6-13"], more["Insgesamt", "14-17"]
    del more["Insgesamt", "Insgesamt"]
    later = pa.Table.from_pylist(rows_of(more))
    once, again = (
        shown(protect(t, ROLES, POLICY, method="cell-key", secret=secret).table)
        for t in (data, later)
    )
    assert all(
        once[place, age] == again[place, age] for place in PLACES for age in (*AGES, "Insgesamt")
    )


def test_the_report_names_method_policy_digests_and_verdict(tmp_path: Path) -> None:
    target, report = tmp_path / "out.csv", tmp_path / "report.json"
    arguments = [str(source_of(tmp_path)), "-o", str(target), "--method", "round", "--base", "5"]
    result = CliRunner().invoke(command, [*arguments, "--report", str(report), "--json"])
    assert result.exit_code == 0, result.output
    public, inside = json.loads(result.stdout), json.loads(report.read_text("utf-8"))
    assert public["method"] == "round"
    assert public["parameters"]["base"] == 5
    assert (public["policy"], public["policy_version"]) == (POLICY.name, POLICY.version)
    assert (public["verdict"], public["attack"]["weak"]) == ("safe", 0)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert public["digest"]["output"] == inside["digest"]["output"] == f"sha256:{digest}"
    assert "preview" not in public
    assert len(inside["preview"]) == len(public["changed"])


def test_a_folder_of_tables_becomes_a_folder_of_copies(tmp_path: Path) -> None:
    folder, target = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("one.csv", "two.csv"):
        source_of(folder, name)
    result = CliRunner().invoke(command, [str(folder), "-o", str(target), "--json"])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in target.iterdir()) == ["one.csv", "two.csv"]
    assert len(json.loads(result.stdout)["tables"]) == 2


def test_several_tables_and_one_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("one.csv", "two.csv"):
        source_of(folder, name)
    result = CliRunner().invoke(command, [str(folder), "-o", str(tmp_path / "out.csv")])
    assert result.exit_code == 2
    assert not (tmp_path / "out.csv").exists()


def test_the_cell_key_method_without_a_secret_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOZIALDATEN_CELL_KEY", raising=False)
    arguments = [str(source_of(tmp_path)), "-o", str(tmp_path / "out.csv"), "--method", "cell-key"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert "SOZIALDATEN_CELL_KEY" in result.stderr


def test_a_copy_that_an_earlier_release_opens_is_refused(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.csv"
    before = CELLS | {("B", "0-5"): 3, ("B", "Insgesamt"): CELLS["B", "Insgesamt"] + 1}
    before |= {("Insgesamt", "0-5"): CELLS["Insgesamt", "0-5"] + 1}
    before |= {("Insgesamt", "Insgesamt"): CELLS["Insgesamt", "Insgesamt"] + 1}
    lines = [f"{one};{two};{n}" for (one, two), n in before.items()]
    earlier.write_text("Ort;Alter;Anzahl\n" + "\n".join(lines) + "\n", "utf-8")
    target = tmp_path / "out.csv"
    arguments = [str(source_of(tmp_path)), "-o", str(target), "--released", str(earlier)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1, result.output
    assert not target.exists()


def test_a_copy_has_the_delimiter_of_its_table(tmp_path: Path) -> None:
    source, target = _file(tmp_path, "Ort,Anzahl\nA,5\nB,1\nC,9\n"), tmp_path / "out.csv"
    result = CliRunner().invoke(command, [str(source), "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert target.read_text("utf-8").startswith("Ort,Anzahl\nA,5\nB,.\n")

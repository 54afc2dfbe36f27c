"""Kept deliveries read anew at their old time, and the command that does it."""

import json

import pytest
from click.testing import CliRunner
from harvest_world import CASES, Installation, case, case_list

from ckanext.sozialdaten.cli.lake import command
from ckanext.sozialdaten.harvesters.core.rereading import reread_kept
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.lake import Lake


@pytest.fixture
def delivered(installation: Installation) -> Installation:
    installation.drop(CASES, "a.csv", case_list([case(1), case(2, region="99001002")]))
    installation.harvest(CASES)
    return installation


def _figures(run: Run) -> list[tuple[str, str, object]]:
    rows = run.lake.values(run.source.series("junge_menschen")).to_pylist()
    return [(row["region"], row["dimensions"], row["value"]) for row in rows]


def test_reading_anew_with_the_same_reader_changes_nothing(delivered: Installation) -> None:
    run = delivered.run(CASES)
    before = _figures(run)
    (one,) = reread_kept(run)
    assert one.stored is not None
    assert one.stored.unchanged
    assert _figures(run) == before
    assert [change.delivery.count("~") for change in run.lake.history(source=CASES)] == [0, 1]


def test_a_mended_rule_reaches_the_state_of_the_old_time(
    delivered: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.sozialdaten.harvesters.core import aggregate

    run = delivered.run(CASES)
    monkeypatch.setattr(aggregate, "_in_force", lambda *_: False)
    (one,) = reread_kept(run)
    assert one.stored is not None
    assert one.stored.changed > 0
    assert {value for _, _, value in _figures(run)} == {0}
    first = run.lake.history(source=CASES)[0]
    assert {one.captured_at for one in run.lake.history(source=CASES)} == {first.captured_at}


def test_a_delivery_that_is_no_longer_kept_stays_as_it_was_read(delivered: Installation) -> None:
    for path in delivered.files():
        if path.name.endswith("-a.csv"):
            path.unlink()
    result = CliRunner().invoke(command, ["rebuild", CASES])
    assert result.exit_code == 0, result.output
    assert "file no longer kept" in result.output


def test_the_command_counts_any_stichtag_and_warns(delivered: Installation) -> None:
    result = CliRunner().invoke(command, ["count", CASES, "--stichtag", "2024-06-30", "--json"])
    assert result.exit_code == 0, result.output
    found = {
        (row["region"], row["value"])
        for row in json.loads(result.stdout)
        if row["series"].endswith("junge_menschen")
        and row["dimensions"] == {"altersgruppe": "INSGESAMT"}
        and row["value"]
    }
    assert found == {("99001", 2), ("99001001", 1), ("99001002", 1)}
    assert "not protected" in result.stderr
    assert "No list of 2024-06-30" in result.stderr


def test_a_source_without_a_case_list_is_refused(delivered: Installation) -> None:
    result = CliRunner().invoke(
        command, ["count", "musterland-bevoelkerung", "--stichtag", "2024-06-30"]
    )
    assert result.exit_code == 2
    assert "no case list" in result.stderr


def test_the_command_says_where_zones_lie_on_plain_disks(delivered: Installation) -> None:
    result = CliRunner().invoke(command, ["encryption"])
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["restricted", "public"]


def test_the_command_tidies(delivered: Installation) -> None:
    result = CliRunner().invoke(command, ["tidy", "--zone", "restricted"])
    assert result.exit_code == 0, result.output
    with Lake.open() as lake:
        assert lake.series()

"""``sozialdaten bench publishing``: what its figures mean. Nothing here is a timed test."""

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli._bench_publishing import Published, Spent, command, median_of


def test_the_ratios_compare_everything_here_with_plain_ckan() -> None:
    ours = {"create": 1.0, "upload": 1.0, "check": 2.0, "submit": 0.5, "approve": 1.5, "lake": 9.0}
    plain = {"create": 1.0, "upload": 2.0, "datastore": 3.0}
    told = Published(1000, Spent(ours, ours, {}), Spent(plain, plain, {})).to_json()
    assert (told["check_to_release"], told["ratio"], told["ratio_with_table"]) == (4.0, 2.0, 1.0)
    assert told["ratio_of_cpu"] == 2.5


def test_each_step_is_the_median_of_its_runs() -> None:
    assert median_of([{"check": 3.0}, {"check": 1.0}, {"check": 9.0}]) == {"check": 3.0}


def test_the_command_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOZIALDATEN_HOME", raising=False)
    ended = CliRunner().invoke(command, [])
    assert ended.exit_code == 2
    assert "deployment/portal run" in ended.output

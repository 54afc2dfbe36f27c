"""``sozialdaten bench portal``: compares like with like. Nothing here is a timed test."""

import configparser
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli._bench_portal import PLAIN_PLUGINS, Measured, plain_ini
from ckanext.sozialdaten.cli.bench import command


def test_plain_ckan_gets_the_servers_and_none_of_our_settings(tmp_path: Path) -> None:
    source = tmp_path / "test.ini"
    source.write_text(
        "[app:main]\nuse = egg:ckan\ntesting = true\nsqlalchemy.url = postgresql://x:y%%2@h/d\n"
        "ckan.plugins = sozialdaten sozialdaten_gate activity\nsolr_url = http://h/solr/c\n"
        "scheming.dataset_schemas = ckanext.sozialdaten.schemas:dataset.yaml\n",
        encoding="utf-8",
    )
    plain = configparser.RawConfigParser()
    plain.read(plain_ini(source, tmp_path), encoding="utf-8")
    settings = plain["app:main"]
    assert settings["ckan.plugins"] == PLAIN_PLUGINS
    assert settings["testing"] == "false"
    assert settings["sqlalchemy.url"] == "postgresql://x:y%%2@h/d"
    assert settings["solr_url"] == "http://h/solr/c"
    assert "sozialdaten" not in (tmp_path / "plain.ini").read_text(encoding="utf-8")


def test_a_measurement_is_the_median_of_its_blocks() -> None:
    measured = Measured((0.09, 0.5, 0.1), 1000)
    assert measured.to_json() == {
        "median_ms": 100.0,
        "fastest_ms": 90.0,
        "slowest_ms": 500.0,
        "page_bytes": 1000,
    }


def test_the_command_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CKAN_INI", raising=False)
    ended = CliRunner().invoke(command, ["portal"])
    assert ended.exit_code == 2
    assert "deployment/portal run" in ended.output

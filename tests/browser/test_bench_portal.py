"""``sozialdaten bench portal`` on the running demo: it works. Never a timed test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from browser_world import Demo
from click.testing import CliRunner

from ckanext.sozialdaten.cli.bench import command


def test_both_portals_answer_the_same_dataset(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CKAN_INI", str(demo.home / "ckan.ini"))
    monkeypatch.setenv("SOZIALDATEN_HOME", str(demo.home))
    asked = ["portal", "--part", "dataset", "--requests", "2", "--json"]
    ended = CliRunner().invoke(command, asked)
    assert ended.exit_code == 0, ended.output
    result = json.loads(ended.stdout)
    assert result["plain"]["page_bytes"] > 5_000
    assert result["ours"]["page_bytes"] > 5_000
    assert result["ratio"] > 0


def test_pages_are_asked_and_seen(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CKAN_INI", str(demo.home / "ckan.ini"))
    small = ["--regions=12", "--indicators=1", "--years=3", "--seconds=1", "--rate=2", "--rounds=1"]
    asked = [str(Path(sys.executable).parent / "sozialdaten"), "bench", "portal", "--part", "pages"]
    # a process of its own: this one has a browser open already
    ended = subprocess.run([*asked, *small, "--json"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)["pages"]
    assert result["show"]["count"] == result["values"]["count"] == 2
    assert set(result["lcp"]) == {"verlauf", "karte"}
    assert all(time > 0 for time in (*result["lcp"].values(), result["step"]))

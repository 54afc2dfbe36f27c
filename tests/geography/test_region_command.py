"""``sozialdaten region``."""

import csv
import io
import json

from click.testing import CliRunner

from ckanext.sozialdaten.cli.region import command


def test_a_region_is_shown_by_any_spelling_of_its_key() -> None:
    result = CliRunner().invoke(command, ["show", "99001000", "990010001001"])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["name"] for row in rows] == ["Kreis Musterland", "Musterstadt"]


def test_regions_inside_another_are_listed() -> None:
    result = CliRunner().invoke(
        command, ["list", "--within", "99", "--level", "gemeinde", "--json"]
    )
    assert len(json.loads(result.stdout)) == 20


def test_a_search_prints_matches() -> None:
    result = CliRunner().invoke(command, ["search", "Musterstadt"])
    assert "99001001" in result.stdout


def test_a_wrong_key_ends_with_2_and_a_hint() -> None:
    result = CliRunner().invoke(command, ["show", "1056"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean" in result.stderr

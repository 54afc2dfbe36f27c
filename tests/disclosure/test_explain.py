"""Every rule and every number of a policy is explained, in both languages, in one place."""

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli.explain import command
from ckanext.sozialdaten.disclosure import (
    Policy,
    UnknownRuleError,
    explain,
    handbook,
    list_explained,
    load_policy,
)

ROOT = Path(__file__).parents[2]
PARTS = {
    "de": ("Wovor sie schützt", "Was geprüft wird", "Beispiel", "Abhilfe"),
    "en": ("What it protects against", "What is checked", "Example", "Remedy"),
}


def numbers(policy: Policy) -> set[str]:
    """Section and name of every number."""
    sections = [f.name for f in dataclasses.fields(policy)]
    values = {name: getattr(policy, name) for name in sections}
    return {
        f"{name}.{field.name}"
        for name, value in values.items()
        if dataclasses.is_dataclass(value)
        for field in dataclasses.fields(value)
    }


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_rule_says_what_it_protects_against_with_an_example(language: str) -> None:
    for rule in list_explained():
        page = explain(rule, load_policy(), language)
        assert page.title
        for part in PARTS[language]:
            assert f"**{part}.**" in page.text, rule


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_number_of_a_policy_is_explained(language: str) -> None:
    text = handbook(language)
    for key in numbers(load_policy()):
        assert f"| `{key}` |" in text


def test_numbers_that_help_to_compute_are_shown_to_staff_alone() -> None:
    policy = load_policy()
    public = {p.key: p.value for p in explain("dominance", policy).parameters}
    staff = {p.key: p.value for p in explain("dominance", policy, internal=True).parameters}
    assert public["dominance.p_percent"] == ""
    assert staff["dominance.p_percent"] == "10"
    assert public["dominance.contributors"] == "3"


def test_the_handbook_in_the_repository_is_the_one_the_program_writes() -> None:
    written = (ROOT / "docs/geheimhaltung.md").read_text("utf-8")
    assert written == handbook(), "run: sozialdaten explain --handbook > docs/geheimhaltung.md"


def test_a_rule_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(UnknownRuleError):
        explain("none-such")
    answer = CliRunner().invoke(command, ["none-such"])
    assert answer.exit_code == 2
    assert "none-such" in answer.output


def test_the_command_shows_the_numbers_of_the_policy() -> None:
    answer = CliRunner().invoke(command, ["minimum-frequency", "--policy", "streng-5"])
    assert answer.exit_code == 0
    assert "frequency.minimum = 5" in answer.output

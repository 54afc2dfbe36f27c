"""What nobody has looked at is never called safe."""

import dataclasses
import itertools

import pyarrow as pa
import pytest

from ckanext.sozialdaten.disclosure import Policy, Report, check, load_policy
from ckanext.sozialdaten.disclosure._lexicon import lexicon

RULE = "not-examined"
SYLLABLES = ("ba", "do", "fi", "gu", "ka", "lo", "mi", "nu", "pe", "ra", "so", "tu")


@pytest.fixture
def hasty() -> Policy:
    """A policy under which 1,000 values of a column are looked at."""
    policy = load_policy()
    return dataclasses.replace(
        policy, identifiers=dataclasses.replace(policy.identifiers, max_values=1_000)
    )


def words(number: int) -> list[str]:
    found = itertools.islice(itertools.product(SYLLABLES, repeat=4), number)
    return ["".join(parts) for parts in found]


def blocked(report: Report, rule: str) -> list[str]:
    return [f.column for f in report.findings if f.rule == rule and f.severity == "block"]


def test_more_words_than_the_policy_looks_at_are_unsafe(hasty: Policy) -> None:
    report = check(pa.table({"Art": words(3_000)}), None, hasty)
    assert blocked(report, RULE) == ["Art"]
    text = next(f for f in report.findings if f.rule == RULE).message.text()
    assert "2000" in text.replace(",", "")


def test_values_that_differ_in_digits_alone_are_looked_at_by_sample(hasty: Policy) -> None:
    rows = [f"Messung {number:06}" for number in range(5_000)]
    assert not blocked(check(pa.table({"Art": rows}), None, hasty), RULE)


@pytest.mark.parametrize("place", [0, 2_500, 4_999])
def test_one_identifier_among_many_numbers_is_found_wherever_it_stands(
    hasty: Policy, place: int
) -> None:
    rows = [str(1_000_000 + 7 * number) for number in range(5_000)]
    rows[place] = "DE89 3704 0044 0532 0130 00"
    report = check(pa.table({"Angabe": rows}), None, hasty)
    assert blocked(report, "identifier-iban") == ["Angabe"]


def test_blanks_are_counted_among_more_forms_than_fit(hasty: Policy) -> None:
    report = check(pa.table({"Art": [*words(3_000), *[""] * 500]}), None, hasty)
    assert blocked(report, RULE) == ["Art"]


def test_a_text_that_goes_on_for_pages_is_unsafe() -> None:
    long = "Der Bericht geht weiter. " * 5_000
    assert blocked(check(pa.table({"Text": [long, "kurz"]}), None, load_policy()), RULE) == ["Text"]


def test_totals_of_a_dimension_are_told_as_before() -> None:
    labels = ["Nord", "Süd", "Kreis_insgesamt", "12", "ges."]
    assert lexicon().totals_of(labels) == {"ges."}
    assert lexicon().totals_of(labels[:4]) == {"Kreis_insgesamt"}
    assert all(lexicon().totals_of([word]) for word in lexicon().totals)

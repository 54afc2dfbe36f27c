"""Policies are compared by what they protect."""

import dataclasses
from typing import Any

import pytest

from ckanext.sozialdaten.disclosure import Policy, load_policy

DEFAULT = load_policy()


def changed(part: str, **values: Any) -> Policy:
    return dataclasses.replace(
        DEFAULT, **{part: dataclasses.replace(getattr(DEFAULT, part), **values)}
    )


def test_a_policy_is_not_weaker_than_itself() -> None:
    assert not DEFAULT.is_weaker_than(DEFAULT)


def test_open_statistics_is_weaker_than_the_default() -> None:
    assert load_policy("open-statistics").is_weaker_than(DEFAULT)


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("identifiers", {"check": False}),
        ("frequency", {"check": False}),
        ("frequency", {"minimum": DEFAULT.frequency.minimum - 1}),
        ("suppression", {"check": False}),
        ("suppression", {"minimum_width": DEFAULT.suppression.minimum_width / 2}),
        ("persons", {"k": DEFAULT.persons.k - 1}),
        ("rates", {"check": False}),
        ("releases", {"minimum_difference": DEFAULT.releases.minimum_difference - 1}),
    ],
)
def test_each_loosened_rule_makes_a_policy_weaker(part: str, values: dict[str, Any]) -> None:
    loose = changed(part, **values)
    assert loose.is_weaker_than(DEFAULT)
    assert not DEFAULT.is_weaker_than(loose)


def test_a_stricter_rule_does_not_make_up_for_a_looser_one() -> None:
    mixed = dataclasses.replace(
        changed("persons", k=50),
        frequency=dataclasses.replace(DEFAULT.frequency, minimum=DEFAULT.frequency.minimum - 1),
    )
    assert mixed.is_weaker_than(DEFAULT)
    assert DEFAULT.is_weaker_than(mixed)

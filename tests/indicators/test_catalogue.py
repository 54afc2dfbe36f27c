"""The indicators that come with the project."""

import pytest

from ckanext.sozialdaten.indicators import Catalogue, Function, catalogue


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return catalogue()


def test_there_are_enough_of_them_in_every_field(shipped: Catalogue) -> None:
    assert len(shipped) >= 60
    assert sum(item.headline for item in shipped.values()) >= 40
    themes = {"population", "families", "education", "youth_welfare", "work", "sgb2", "sgb12"}
    themes |= {"care", "health", "disability", "housing", "mobility", "finance", "migration"}
    assert set(shipped.by_theme()) == themes


def test_each_says_everything_in_both_languages(shipped: Catalogue) -> None:
    short = [
        (item.id, language)
        for item in shipped.values()
        for texts in (item.name, item.unit, item.description, item.method)
        for language in ("de", "en")
        if not texts.get(language)
    ]
    silent = [
        item.id
        for item in shipped.values()
        for texts in (item.interpretation, item.limits)
        if len(texts) != 2
    ]
    assert (short, silent) == ([], [])


def test_each_names_its_source_tables(shipped: Catalogue) -> None:
    assert [item.id for item in shipped.values() if not item.source_tables] == []


def test_names_are_told_apart(shipped: Catalogue) -> None:
    for language in ("de", "en"):
        names = [item.label(language) for item in shipped.values()]
        assert len(names) == len(set(names))


def test_ratios_of_small_counts_have_a_rule_and_an_interval(shipped: Catalogue) -> None:
    internal = {"hze-gemeinde-altersgruppe", "wohngeld-gemeinde"}
    for item in shipped.values():
        if item.formula.function is Function.RATIO and internal & set(item.layouts):
            assert item.small_numbers.below, item.id
            assert item.interval, item.id

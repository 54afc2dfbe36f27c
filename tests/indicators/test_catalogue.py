"""The indicators that come with the project."""

from pathlib import Path

import pytest
from indicator_world import births, folder_of

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


HEAD = "theme: population\nname: {de: Probe, en: Trial}\nunit: {de: Zahl, en: number}\n"
GOOD = f"{HEAD}inputs:\n  a: {births()}\nformula: {{value: a}}\n"
REFERS = f"{HEAD}formula: {{change: {{of: {{indicator: %s}}, years: 1}}}}\n"


def reasons(found: Catalogue) -> dict[str, str]:
    return {one.id: one.error.text() for one in found.left_out}


def test_none_of_them_is_left_out(shipped: Catalogue) -> None:
    assert shipped.left_out == ()


def test_one_broken_definition_of_an_own_folder_takes_no_other_away(
    shipped: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"gut": GOOD, "kaputt": GOOD.replace("geburten-gemeinde", "weg"), "yaml": "a: ["}
    folder = folder_of(tmp_path / "eigene", texts)
    (folder / "latin.yaml").write_bytes("name: Größe".encode("latin-1"))
    monkeypatch.setenv("SOZIALDATEN_INDICATORS", f"{folder}:{tmp_path / 'fehlt'}")
    found = catalogue()
    assert set(found) == {*shipped, "gut"}
    told = reasons(found)
    assert set(told) == {"kaputt", "yaml", "latin", str(tmp_path / "fehlt")}
    assert "inputs.a.layout" in told["kaputt"]
    assert "kaputt.yaml" in told["kaputt"]


def test_what_refers_to_a_definition_that_is_left_out_is_left_out_too(shipped: Catalogue) -> None:
    own = {
        "gut": GOOD,
        "kette_b": REFERS % "kette_a",
        "kette_a": REFERS % "weg",
        "kreis_a": REFERS % "kreis_b",
        "kreis_b": REFERS % "kreis_a",
        "aufbau": REFERS % "gut",
    }
    found = catalogue(own=own)
    assert set(found) - set(shipped) == {"gut", "aufbau"}
    assert "kreis_a → kreis_b" in reasons(found)["kreis_a"]
    assert "weg" in reasons(found)["kette_a"]
    assert set(reasons(found)) == {"kette_a", "kette_b", "kreis_a", "kreis_b"}


def test_an_own_definition_never_replaces_one_of_the_project(shipped: Catalogue) -> None:
    found = catalogue(own={"bev_stand": GOOD})
    assert found["bev_stand"] == shipped["bev_stand"]
    assert set(reasons(found)) == {"bev_stand"}


def test_an_edited_definition_changes_the_token(shipped: Catalogue) -> None:
    one = catalogue(own={"gut": GOOD}).token
    assert one == catalogue(own={"gut": GOOD}).token
    assert len({one, catalogue(own={"gut": GOOD + "decimals: 3\n"}).token, shipped.token}) == 3

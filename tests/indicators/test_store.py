"""Computed figures are kept as long as they hold, and no longer."""

from pathlib import Path

import pytest
from indicator_world import BIRTHS, births, define, people, population, register, release

from ckanext.sozialdaten.indicators import Catalogue, Figures, Indicator, UnknownIndicatorError
from ckanext.sozialdaten.lake import Lake, Zone

PLACE = "98001001"


def born(more: str = "") -> Indicator:
    return define(f"inputs:\n  a: {births()}\nformula: {{value: a}}\n{more}", name="geburten")


def lived() -> Indicator:
    return define(f"inputs:\n  a: {people()}\nformula: {{value: a}}\n", name="einwohner")


@pytest.fixture
def figures(lake: Lake, tmp_path: Path) -> Figures:
    release(lake, BIRTHS, "lebendgeborene", {(PLACE, "2023"): 4}, source="geb")
    return Figures(lake, tmp_path / "figures", register(), Catalogue([born(), lived()]))


def files(tmp_path: Path) -> set[str]:
    return {path.name.split("-")[0] for path in (tmp_path / "figures").glob("*")}


def value(figures: Figures) -> float | None:
    return figures.select("geburten", [PLACE])["value"].to_pylist()[0]


def test_figures_are_computed_once_and_then_read(figures: Figures, tmp_path: Path) -> None:
    assert not figures.ready("geburten")
    assert value(figures) == 4
    assert figures.ready("geburten")
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "figures").iterdir()}
    other = Figures(figures.lake, tmp_path / "figures", register(), figures.catalogue)
    assert value(other) == 4
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_a_new_release_is_seen_at_once(figures: Figures) -> None:
    assert value(figures) == 4
    token = figures.token()
    release(
        figures.lake,
        BIRTHS,
        "lebendgeborene",
        {(PLACE, "2023"): 6},
        source="geb",
        captured="2025-02-01",
    )
    assert figures.token() != token
    assert not figures.ready("geburten")
    assert value(figures) == 6


def test_a_release_of_another_layout_leaves_figures_as_they_are(figures: Figures) -> None:
    assert value(figures) == 4
    population(figures.lake, {PLACE: {2023: 1000}}, source="bev")
    assert figures.ready("geburten")
    assert not figures.ready("einwohner")


def test_another_definition_is_another_figure(figures: Figures, tmp_path: Path) -> None:
    assert value(figures) == 4
    known = Catalogue([born("levels: [kreis]\n")])
    other = Figures(figures.lake, tmp_path / "figures", register(), known)
    assert not other.ready("geburten")


def test_building_makes_ready_what_has_data(figures: Figures, tmp_path: Path) -> None:
    assert figures.build() == 1
    assert figures.ready("geburten")
    assert files(tmp_path) == {"geburten"}
    assert figures.build() == 0


def test_withdrawn_figures_are_gone_from_the_folder(figures: Figures, tmp_path: Path) -> None:
    figures.build()
    figures.lake.forget(Zone.PUBLIC, "geb")
    figures.build()
    assert files(tmp_path) == set()
    assert figures.of("geburten").num_rows == 0


def test_a_removed_folder_is_made_again(figures: Figures, tmp_path: Path) -> None:
    assert value(figures) == 4
    for path in (tmp_path / "figures").iterdir():
        path.unlink()
    other = Figures(figures.lake, tmp_path / "figures", register(), figures.catalogue)
    assert value(other) == 4


def test_an_unknown_indicator_is_an_error(figures: Figures) -> None:
    with pytest.raises(UnknownIndicatorError):
        figures.of("gibtsnicht")


OWN = (
    "theme: population\nname: {de: Probe, en: Trial}\nunit: {de: Zahl, en: number}\n"
    f"inputs:\n  a: {births()}\nformula: {{value: a}}\n"
)


def test_own_definitions_come_and_go_at_once(lake: Lake, tmp_path: Path) -> None:
    release(lake, BIRTHS, "lebendgeborene", {(PLACE, "2023"): 4}, source="geb")
    own: dict[str, str] = {}
    known = Figures(lake, tmp_path / "figures", register(), own=lambda: dict(own))
    before = known.token()
    own["eigene"] = OWN
    assert known.token() != before
    assert known.select("eigene", [PLACE])["value"].to_pylist() == [4]
    own.clear()
    assert known.token() == before
    with pytest.raises(UnknownIndicatorError):
        known.of("eigene")
    known.build()
    assert not {name for name in files(tmp_path) if name.startswith("eigene")}, "nothing stays"

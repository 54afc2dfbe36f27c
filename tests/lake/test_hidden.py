"""A withdrawn release is out of sight at once, long before its figures are erased."""

from pathlib import Path

import pytest
from lake_world import REGIONS, cells, delivery, figures, settings_in

from ckanext.sozialdaten.lake import Lake, UnknownSeriesError, Zone

A, B = REGIONS[:2]
SERIES = "faelle"


class _Portal:
    """A lake as web processes open it: they ask which releases are withdrawn."""

    def __init__(self, folder: Path) -> None:
        self.withdrawn: set[str] = set()
        self.lake = Lake.open(settings_in(folder), lambda: frozenset(self.withdrawn))

    def release(self, number: int, source: str = "amt", value: int = 3, series: str = SERIES):
        given = delivery(
            f"2024-01-{number:02}", f"release-{number}/file", source, layout=f"{source}-layout"
        )
        self.lake.append(Zone.PUBLIC, given, cells({A: value, B: value}, series=series))
        return given.id


@pytest.fixture
def portal(tmp_path: Path) -> _Portal:
    return _Portal(tmp_path)


def test_a_withdrawn_release_is_out_of_sight_before_it_is_erased(portal: _Portal) -> None:
    known = portal.release(1)
    assert figures(portal.lake, zone=Zone.PUBLIC)
    portal.withdrawn.add("release-1")
    with pytest.raises(UnknownSeriesError):
        portal.lake.values(SERIES, zone=Zone.PUBLIC)
    assert portal.lake.series(Zone.PUBLIC) == []
    assert portal.lake.layouts(Zone.PUBLIC) == {}
    assert portal.lake.delivered([known], Zone.PUBLIC) == {}
    assert portal.lake.history(zone=Zone.PUBLIC) == []


def test_no_earlier_release_stands_in_for_a_withdrawn_one(portal: _Portal) -> None:
    portal.release(1, value=3)
    portal.release(2, value=4)
    portal.withdrawn.add("release-2")
    with pytest.raises(UnknownSeriesError):
        portal.lake.values(SERIES, zone=Zone.PUBLIC)


def test_other_sources_stay(portal: _Portal) -> None:
    portal.release(1)
    portal.release(2, source="anderes-amt", series="andere")
    portal.withdrawn.add("release-1")
    assert [info.name for info in portal.lake.series(Zone.PUBLIC)] == ["andere"]
    assert list(portal.lake.layouts(Zone.PUBLIC)) == ["anderes-amt-layout"]


def test_caches_of_pages_know_of_a_withdrawal(portal: _Portal) -> None:
    portal.release(1)
    before = portal.lake.token(Zone.PUBLIC)
    portal.withdrawn.add("release-1")
    assert portal.lake.token(Zone.PUBLIC) != before


def test_what_stands_is_seen_again_once_the_rest_is_erased(portal: _Portal) -> None:
    portal.release(1)
    portal.release(2)
    portal.withdrawn.add("release-2")
    portal.lake.forget(Zone.PUBLIC, "amt")
    portal.release(1)
    assert figures(portal.lake, zone=Zone.PUBLIC)

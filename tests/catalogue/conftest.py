"""The catalogue's tests speak to a real portal."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan import model
from ckan_world import Account, World, portal, truncate_own_tables

from ckanext.sozialdaten.catalogue import labels, places

__all__ = ["editor", "office", "portal", "regions", "world"]

#: A Land of our own, far from every other: two Kreise side by side, one with two Gemeinden.
REGIONS = """ags,ars,name,level,parent,valid_from,valid_to,designation,nuts,aliases
DG,000000000000,Deutschland,bund,,,,,,
98,980000000000,Prüfland,land,DG,,,Land,,
98001,980010000000,Kreis Westheim,kreis,98,,,Landkreis,,
98002,980020000000,Kreis Ostheim,kreis,98,,,Landkreis,,
98001001,980010001001,Abbach,gemeinde,98001,,,Gemeinde,,
98001002,980010002002,Bützow,gemeinde,98001,,,Gemeinde,,
98002001,980020001001,Cölbe,gemeinde,98002,,,Gemeinde,,
"""
BOXES = {
    "98001001": (10.0, 50.0, 10.1, 50.1),
    "98001002": (10.0, 50.1, 10.1, 50.2),
    "98002001": (10.1, 50.0, 10.2, 50.2),
}


def _feature(ags: str, box: tuple[float, float, float, float]) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"ags": ags, "name": ags},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture(scope="package", autouse=True)
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A register folder of our own, so that no test hangs on the shape of the demo."""
    folder = tmp_path_factory.mktemp("regions")
    (folder / "regions.csv").write_text(REGIONS, encoding="utf-8")
    features = [_feature(ags, box) for ags, box in BOXES.items()]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "boundaries_gemeinde_2024.geojson").write_text(
        json.dumps(collection), encoding="utf-8"
    )
    patch = pytest.MonkeyPatch()
    patch.setenv("SOZIALDATEN_REGIONS", str(folder))
    _forget()
    yield
    patch.undo()
    _forget()


def _forget() -> None:
    """What a process remembers of its register: a portal has one, this run has several."""
    for remembered in (labels.region_name, places.place_names, places.place_map):
        remembered.cache_clear()


@pytest.fixture(scope="module")
def world(portal: Any, reset_db: Callable[[], None], reset_index: Callable[[], None]) -> World:
    """A client of a portal that was empty before the module's first test.

    Emptying takes longer than most tests; each test writes datasets of its own.
    """
    model.Session.remove()
    truncate_own_tables()
    reset_db()
    reset_index()
    return World(portal)


@pytest.fixture(scope="module")
def editor(world: World) -> Account:
    """Somebody who writes datasets."""
    return world.account()


@pytest.fixture(scope="module")
def office(world: World, editor: Account) -> dict[str, Any]:
    """The organisation of the editor."""
    return world.organisation(editor=editor)

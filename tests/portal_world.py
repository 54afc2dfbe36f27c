"""A table of figures in the DataStore, as a release leaves it, in a dataset that staff may read."""

from dataclasses import dataclass
from typing import Any

import pytest
from ckan_world import Account, World

from ckanext.sozialdaten.lake.layouts import Layout

MUSTERSTADT, AHORNFELD, ALTMUSTERBACH = "99001001", "99001002", "99001003"
VIEWS = ("sozialdaten_map", "sozialdaten_timeseries")


@dataclass(frozen=True, slots=True)
class Shown:
    """A dataset with its table and views.

    Args:
        world: the portal.
        reader: somebody of the owning organisation.
        name: name of the dataset.
        resource: id of the resource.
        views: id of the view by type.
    """

    world: World
    reader: Account
    name: str
    resource: str
    views: dict[str, str]

    def view(self, kind: str, query: str = "", language: str = "de") -> Any:
        """The page of a view for the reader."""
        path = f"/dataset/{self.name}/resource/{self.resource}/view/{self.views[kind]}{query}"
        return self.world.page(path, self.reader, language)

    def file(self, name: str, query: str = "", account: Account | None = None) -> Any:
        """A file twin."""
        path = f"/dataset/{self.name}/resource/{self.resource}/{name}{query}"
        return self.world.page(path, account, "de")


def rows() -> list[dict[str, Any]]:
    """Two age groups and no total in three Gemeinden and two years; some figures are missing."""
    figures = {
        (MUSTERSTADT, 2023): [(120, ""), (80, "")],
        (MUSTERSTADT, 2024): [(125, "p"), (90, "p")],
        (AHORNFELD, 2023): [(12, ""), (9, "")],
        (AHORNFELD, 2024): [(None, "."), (11, "")],
        (ALTMUSTERBACH, 2024): [(0, "-"), (None, "x")],
    }
    return [
        {
            "gebiet": region,
            "stichtag": f"{year}-12-31",
            "altersgruppe": group,
            "junge_menschen": value,
            "junge_menschen_q": sign,
        }
        for (region, year), cells in figures.items()
        for group, (value, sign) in zip(("ALT000B06", "ALT006B15"), cells, strict=True)
    ]


@pytest.fixture
def shown(world: World) -> Shown:
    """The table of young persons with support, in a private dataset with both views."""
    staff = world.account()
    organisation = world.organisation(editor=staff)
    layout = Layout.from_yaml("hze-gemeinde-altersgruppe")
    dataset = world.dataset(staff, organisation, private=True, source_name="Jugendamt")
    admin = world.account(sysadmin=True)
    resource = world.call(
        "resource_create",
        staff,
        package_id=dataset["id"],
        name="Tabelle",
        format="CSV",
        url="https://example.org/tabelle.csv",
        layout=layout.to_json_text(),
        quality_signs=layout.signs,
    )
    types = {"integer": "int4", "date": "date"}
    fields = [{"id": f.name, "type": types.get(f.type.value, "text")} for f in layout.fields]
    world.call(
        "datastore_create",
        admin,
        resource_id=resource["id"],
        fields=fields,
        records=rows(),
        force=True,
    )
    views = {
        kind: world.call(
            "resource_view_create",
            staff,
            resource_id=resource["id"],
            view_type=kind,
            title=kind,
        )["id"]
        for kind in VIEWS
    }
    return Shown(world, staff, dataset["name"], resource["id"], views)

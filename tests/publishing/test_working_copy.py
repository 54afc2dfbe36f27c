"""Harvesters write working copies through one action; nothing they write is ever public."""

import io
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import Account, World
from werkzeug.datastructures import FileStorage

TABLE = b"gemeinde;jahr;faelle\n99001001;2023;12\n99001002;2023;30\n"
LAYOUT = {
    "fields": [
        {"name": "gemeinde", "type": "string", "role": "region"},
        {"name": "jahr", "type": "year", "role": "time"},
        {"name": "faelle", "type": "integer", "role": "count"},
    ]
}


class Harvester:
    """The action as a harvester calls it: as a user, with authorisation."""

    def __init__(self, account: Account, organisation: dict[str, Any]) -> None:
        self.account = account
        self.organisation = organisation

    def write(self, table: bytes = TABLE, **fields: Any) -> dict[str, Any]:
        dataset = {
            "name": "hilfen-zur-erziehung",
            "title": "Hilfen zur Erziehung",
            "notes": "Fälle nach Gemeinde.",
            "license_id": "dl-de-zero-2.0",
            "owner_org": self.organisation["id"],
        }
        upload = FileStorage(stream=io.BytesIO(table), filename="hilfen.csv")
        resource = {"name": "Fälle", "format": "CSV", "layout": LAYOUT, "upload": upload}
        context = {"user": self.account.name, "ignore_auth": False}
        data = {"source": "jugendamt", "dataset": dataset | fields, "resources": [resource]}
        return tk.get_action("sozialdaten_working_copy_write")(context, data)


@pytest.fixture
def harvester(world: World) -> Harvester:
    account = world.account()
    return Harvester(account, world.organisation(editor=account))


def test_a_working_copy_is_private_and_holds_its_file(harvester: Harvester) -> None:
    written = harvester.write()
    assert written["private"] is True
    assert written["resources"][0]["size"] == len(TABLE)
    assert written["resources"][0]["url"].endswith("hilfen.csv")


def test_the_same_content_changes_nothing(harvester: Harvester) -> None:
    first = harvester.write()
    second = harvester.write()
    assert second == first


def test_new_content_keeps_the_resource_and_its_address(harvester: Harvester) -> None:
    first = harvester.write()
    second = harvester.write(TABLE + b"99001003;2023;44\n", name="other-name")
    assert second["name"] == first["name"]
    assert second["resources"][0]["id"] == first["resources"][0]["id"]
    assert second["resources"][0]["size"] > first["resources"][0]["size"]


def test_a_stranger_does_not_write_into_an_organisation(world: World, harvester: Harvester) -> None:
    stranger = Harvester(world.account(), harvester.organisation)
    with pytest.raises(tk.NotAuthorized):
        stranger.write()


def test_a_failing_write_leaves_no_dataset(harvester: Harvester) -> None:
    with pytest.raises(tk.ValidationError):
        harvester.write(name="Not A Name!")
    model.Session.remove()
    assert model.Session.query(model.Package).count() == 0


def test_a_source_cannot_ask_for_a_public_dataset(harvester: Harvester) -> None:
    assert harvester.write(private=False)["private"] is True

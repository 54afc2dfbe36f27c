"""Whole catalogues: each foreign dataset becomes one private working copy, and only one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest
import yaml
from catalogue_world import Portal, dataset
from ckan import model
from ckan.lib import search
from ckan_world import Account, RefusedError, World
from ckanext.harvest import queue
from ckanext.harvest.interfaces import IHarvester
from ckanext.harvest.model import HarvestJob, HarvestObject
from connector_world import Service
from harvest_world import Installation

from ckanext.sozialdaten.harvesters.ckan.scheduler import finish_jobs
from ckanext.sozialdaten.publishing import _documents, _many, catalogue_copies

SOURCE = "landesportal"
EXTRAS = {
    "contact_name": "Amt für Zahlen",
    "contact_email": "zahlen@amt.example",
    "temporal_start": "2020-01-01T00:00:00",
    "temporal_end": "2023-12-31T00:00:00",
    "politicalGeocodingURI": "http://dcat-ap.de/def/politicalGeocoding/districtKey/99001",
}


def full(number: int, **more: Any) -> dict[str, Any]:
    """A dataset with everything that DCAT-AP.de portals say."""
    return dataset(number, licenseAttributionByText="Land Beispiel") | {
        "notes": f"Beschreibung {number}",
        "organization": {"title": "Land Beispiel"},
        "tags": [{"name": "Soziales"}, {"name": "a"}, {"name": "Kreis, Gemeinde"}],
        "groups": [{"name": "soci"}],
        "extras": [{"key": key, "value": value} for key, value in EXTRAS.items()],
        **more,
    }


@dataclass
class Catalogue:
    """A source of a foreign portal, and the office that it belongs to."""

    world: World
    portal: Portal
    editor: Account

    def begin(self) -> tuple[Any, list[str]]:
        job = self.world.call("sozialdaten_source_harvest", self.editor, id=SOURCE)
        record = HarvestJob.get(job["id"])
        plugins = p.PluginImplementations(IHarvester)
        harvester = next(one for one in plugins if one.info()["name"] == record.source.type)
        return harvester, queue.gather_stage(harvester, record) or []

    def harvest(self, most: int = 1000) -> dict[str, Any]:
        """A job; ``most`` of its objects are imported before the consumer dies."""
        harvester, objects = self.begin()
        for identifier in objects[:most]:
            queue.fetch_and_import_stages(harvester, HarvestObject.get(identifier))
        for identifier in objects[most:]:
            lost = HarvestObject.get(identifier)
            lost.state = "ERROR"
            lost.save()
        finish_jobs()
        model.Session.remove()
        return self.world.call("sozialdaten_source_show", self.editor, id=SOURCE)["last_run"]

    def copies(self) -> dict[str, dict[str, Any]]:
        found = self.world.call(
            "package_search", self.editor, include_private=True, rows=1000, q="type:dataset"
        )
        return {copy["title"]: copy for copy in found["results"]}


@pytest.fixture
def catalogue(
    world: World, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Catalogue]:
    portal = Portal([full(number) for number in range(1, 4)])
    with_service = Service(portal)
    monkeypatch.setenv("SOZIALDATEN_PRIVATE_HOSTS", "127.0.0.1")
    folder = installation.folder / "sources"
    folder.mkdir()
    text = {
        "id": SOURCE,
        "title": {"de": "Landesportal", "en": "Portal of the Land"},
        "owner_org": "kreis-musterland",
        "connector": {"type": "ckan", "url": with_service.url, "retries": 0},
        "catalogue": {"prefix": "lp", "themes": {"SOCI": ["population"]}},
        "dataset": {"protection_class": "open"},
    }
    (folder / f"{SOURCE}.yaml").write_text(yaml.safe_dump(text))
    admin, editor = world.account(), world.account()
    world.organisation("kreis-musterland", admin=admin, editor=editor)
    world.call("sozialdaten_source_create", admin, id=SOURCE)
    yield Catalogue(world, portal, editor)
    with_service.close()


def test_each_dataset_becomes_a_private_working_copy_with_its_metadata(
    catalogue: Catalogue,
) -> None:
    assert catalogue.harvest()["state"] == "succeeded"
    copies = catalogue.copies()
    assert sorted(copies) == ["Datensatz 1", "Datensatz 2", "Datensatz 3"]
    copy = catalogue.world.call("package_show", catalogue.editor, id=copies["Datensatz 1"]["id"])
    wanted = {
        "private": True,
        "notes": "Beschreibung 1",
        "license_id": "dl-de/by-2-0",
        "license_attribution": "Land Beispiel",
        "source_name": "Land Beispiel",
        "regions": ["99001"],
        "social_theme": ["population"],
        "theme": ["http://publications.europa.eu/resource/authority/data-theme/SOCI"],
        "protection_class": "open",
        "temporal_coverage": [{"start": "2020-01-01", "end": "2023-12-31"}],
        "contact": [{"name": "Amt für Zahlen", "email": "zahlen@amt.example"}],
    }
    assert {name: copy[name] for name in wanted} == wanted
    assert [tag["name"] for tag in copy["tags"]] == ["Kreis Gemeinde", "Soziales"]
    assert [file["url"] for file in copy["resources"]] == ["https://files.example/1.csv"]
    with pytest.raises(RefusedError):
        catalogue.world.call("package_show", None, id=copy["id"])


def test_a_dry_run_lists_datasets_and_writes_none(catalogue: Catalogue) -> None:
    catalogue.portal.datasets[0]["license_id"] = "something of our own"
    found = catalogue.world.call("sozialdaten_source_preview", catalogue.editor, id=SOURCE)
    assert (found["count"], found["datasets"][0]["title"]) == (2, "Datensatz 2")
    assert "datensatz-1" in found["deliveries"][0]["problems"][0]["text"]["de"]
    assert catalogue.copies() == {}


def test_a_second_run_writes_nothing(catalogue: Catalogue) -> None:
    catalogue.harvest()
    before = catalogue.copies()
    run = catalogue.harvest()
    assert (run["state"], run["deliveries"]) == ("unchanged", 0)
    assert catalogue.copies() == before


def test_a_changed_dataset_keeps_its_address_and_the_ids_of_its_files(
    catalogue: Catalogue,
) -> None:
    catalogue.harvest()
    before = catalogue.copies()["Datensatz 2"]
    catalogue.portal.datasets[1]["notes"] = "Neu"
    assert catalogue.harvest()["state"] == "succeeded"
    after = catalogue.copies()["Datensatz 2"]
    assert (after["id"], after["name"], after["notes"]) == (before["id"], before["name"], "Neu")
    assert [file["id"] for file in after["resources"]] == [
        file["id"] for file in before["resources"]
    ]


def test_the_index_gets_the_very_documents_that_ckan_makes(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.harvest()
    ids = [copy["id"] for copy in catalogue.copies().values()]
    admin = catalogue.world.account(sysadmin=True)
    catalogue.world.call("group_create", admin, name="soci")
    catalogue.world.call(
        "member_create", admin, id="soci", object=ids[0], object_type="package", capacity="public"
    )
    ours = {one["id"]: one for one in _documents.documents(ids)}
    connection = _documents._Collector()
    with monkeypatch.context() as patch:
        patch.setattr(search.index, "make_connection", lambda: connection)
        search.rebuild(package_ids=ids)
    assert [ours[one["id"]] for one in connection.found] == connection.found
    assert [one["groups"] for one in connection.found].count(["soci"]) == 1


def test_two_datasets_of_one_name_are_told_apart_by_an_error(catalogue: Catalogue) -> None:
    owner = model.Group.get("kreis-musterland").id
    _, objects = catalogue.begin()
    copies = json.loads(HarvestObject.get(objects[0]).content)["copies"]
    fields = copies[0]["dataset"] | {"owner_org": owner}
    both = [copy | {"dataset": fields} for copy in copies[:2]]
    context: Any = {"user": catalogue.editor.name, "ignore_auth": False}
    written = catalogue_copies.write_all(context, SOURCE, both)
    assert (written.created, list(written.refused)) == ([copies[0]["key"]], [copies[1]["key"]])


def test_after_a_crash_the_next_run_brings_the_rest_and_nothing_twice(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckanext.sozialdaten.harvesters.ckan.catalogue._BATCH", 1)
    catalogue.harvest(most=1)
    assert len(catalogue.copies()) == 1
    catalogue.harvest()
    assert len(catalogue.copies()) == 3
    assert len(catalogue_copies.known(SOURCE)) == 3


def test_a_crash_within_a_batch_leaves_none_of_it(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = _many._package
    calls: list[str] = []

    def broken(*given: Any) -> Any:
        calls.append("x")
        if len(calls) == 2:
            raise OSError("power cut")
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(_many, "_package", broken)
        harvester, objects = catalogue.begin()
        with pytest.raises(OSError, match="power cut"):
            harvester.import_stage(HarvestObject.get(objects[0]))
        model.Session.rollback()
    assert catalogue_copies.known(SOURCE) == {}
    harvester.import_stage(HarvestObject.get(objects[0]))
    harvester.import_stage(HarvestObject.get(objects[0]))
    assert len(catalogue_copies.known(SOURCE)) == 3
    assert len(catalogue.copies()) == 3


def test_who_may_not_write_for_the_organisation_writes_nothing(catalogue: Catalogue) -> None:
    _, objects = catalogue.begin()
    copies = json.loads(HarvestObject.get(objects[0]).content)["copies"]
    owner = model.Group.get("kreis-musterland").id
    given = [copy | {"dataset": copy["dataset"] | {"owner_org": owner}} for copy in copies]
    stranger = catalogue.world.account().name
    with pytest.raises(tk.NotAuthorized):
        catalogue_copies.write_all({"user": stranger, "ignore_auth": False}, SOURCE, given)
    model.Session.rollback()
    assert catalogue_copies.known(SOURCE) == {}


def test_a_dataset_that_is_refused_does_not_keep_the_others_out(catalogue: Catalogue) -> None:
    catalogue.portal.datasets[0]["resources"][0]["url"] = "https://files.example/" + "x" * 3000
    catalogue.portal.datasets[0]["title"] = ""
    catalogue.portal.datasets[0]["extras"] = [{"key": "issued", "value": "2023-13-45"}]
    run = catalogue.harvest()
    assert run["state"] == "failed"
    assert sorted(catalogue.copies()) == ["Datensatz 2", "Datensatz 3"]


def test_a_dataset_without_a_known_licence_is_told_and_left_out(catalogue: Catalogue) -> None:
    catalogue.portal.datasets[0]["license_id"] = "something of our own"
    run = catalogue.harvest()
    assert run["state"] == "failed"
    assert "datensatz-1" in run["problems"][0]["message"]["de"]
    assert sorted(catalogue.copies()) == ["Datensatz 2", "Datensatz 3"]


def test_what_the_catalogue_lists_no_more_is_retired(catalogue: Catalogue) -> None:
    catalogue.harvest()
    del catalogue.portal.datasets[0]
    assert catalogue.harvest()["state"] == "succeeded"
    assert sorted(catalogue.copies()) == ["Datensatz 2", "Datensatz 3"]
    catalogue.portal.datasets.append(full(1))
    catalogue.harvest()
    assert len(catalogue.copies()) == 3


def _unlicensed(portal: Portal) -> None:
    del portal.datasets[0]
    portal.datasets[0]["license_id"] = "something of our own"


def _empty(portal: Portal) -> None:
    portal.datasets.clear()


@pytest.mark.parametrize("spoil", [_unlicensed, _empty])
def test_nothing_is_retired_by_an_incomplete_run(
    catalogue: Catalogue, spoil: Callable[[Portal], None]
) -> None:
    catalogue.harvest()
    spoil(catalogue.portal)
    assert catalogue.harvest()["state"] == "failed"
    assert len(catalogue.copies()) == 3


def test_many_that_vanish_at_once_wait_for_a_person(catalogue: Catalogue) -> None:
    catalogue.portal.datasets = [full(number) for number in range(1, 11)]
    catalogue.harvest()
    del catalogue.portal.datasets[3:]
    run = catalogue.harvest()
    assert run["state"] == "failed"
    assert len(catalogue.copies()) == 10

"""Sources in the portal: registered by an administrator, run by ckanext-harvest's own machinery."""

import pytest
from ckan import model
from ckan_world import RefusedError
from ckanext.harvest.model import HarvestJob
from harvest_office import NAME, Office
from harvest_world import CASES, SECRETS

from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan.scheduler import is_due


def test_a_dropped_file_becomes_a_private_working_copy(office: Office) -> None:
    office.drop()
    run = office.harvest()
    assert run["problems"] == []
    assert run["state"] == "succeeded"
    (copy,) = office.working_copies()
    assert copy["private"] is True
    assert [resource["format"] for resource in copy["resources"]] == ["CSV"]
    with pytest.raises(RefusedError):
        office.world.call("package_show", None, id=copy["id"])


def test_a_second_run_finds_nothing_changed(office: Office) -> None:
    office.drop()
    office.harvest()
    (before,) = office.working_copies()
    assert office.harvest()["state"] == "unchanged"
    office.drop()
    assert office.harvest()["state"] == "unchanged"
    (after,) = office.working_copies()
    assert after == before


def test_a_bad_delivery_fails_with_place_and_hint_and_the_corrected_one_goes_through(
    office: Office,
) -> None:
    office.drop(30)
    office.harvest()
    (before,) = office.working_copies()
    office.drop(28, cost="1,234.50")
    run = office.harvest()
    assert run["state"] == "failed"
    problem = run["problems"][0]
    assert (problem["file"], problem["row"], problem["column"]) == (NAME, 5, "Kosten je Monat (€)")
    assert problem["code"] == "bad_number"
    assert problem["hint"]["de"]
    assert office.working_copies() == [before]
    office.drop(28)
    assert office.harvest()["state"] == "succeeded"
    (after,) = office.working_copies()
    assert after["id"] == before["id"]
    assert after["resources"] != before["resources"]


def test_nothing_that_the_portal_tells_quotes_a_person(office: Office) -> None:
    office.drop(3, cost="1,234.50")
    run = office.harvest()
    report = office.world.call("harvest_job_report", office.editor, id=run["job"])
    assert not any(secret in str((run, report)) for secret in (*SECRETS, "1,234.50"))


def test_an_empty_file_fails_and_retires_nothing(office: Office) -> None:
    office.drop(30)
    office.harvest()
    before = office.working_copies()
    office.installation.drop(CASES, NAME, b"")
    assert office.harvest()["state"] == "failed"
    assert office.working_copies() == before


def test_a_source_is_hidden_from_everybody_else(office: Office) -> None:
    office.drop()
    run = office.harvest()
    job = HarvestJob.get(run["job"])
    stranger = office.world.account()
    for who in (None, stranger):
        for action, wanted in {
            "sozialdaten_source_show": CASES,
            "package_show": job.source.id,
            "harvest_object_show": job.objects[0].id,
        }.items():
            with pytest.raises(RefusedError) as caught:
                office.world.call(action, who, id=wanted)
            assert caught.value.status in (403, 404)
        with pytest.raises(RefusedError):
            office.world.call("harvest_source_list", who)
    assert office.world.call("sozialdaten_source_list", stranger) == []
    (listed,) = office.world.call("sozialdaten_source_list", office.editor)
    assert listed["id"] == CASES


def test_only_an_administrator_registers_and_only_editors_run(office: Office) -> None:
    with pytest.raises(RefusedError):
        office.world.call("sozialdaten_source_create", office.editor, id="musterland-bevoelkerung")
    with pytest.raises(RefusedError):
        office.world.call("sozialdaten_source_harvest", office.world.account(), id=CASES)


def test_a_source_is_registered_once_and_must_exist(office: Office) -> None:
    for name in (CASES, "no-such-source"):
        with pytest.raises(RefusedError) as caught:
            office.world.call("sozialdaten_source_create", office.admin, id=name)
        assert caught.value.status == 409


def test_the_harvesters_write_as_an_editor_without_special_rights(office: Office) -> None:
    office.drop()
    office.harvest()
    (copy,) = office.working_copies()
    user = model.User.get(copy["creator_user_id"])
    assert user.name == "sozialdaten_harvest"
    assert not user.sysadmin


def test_a_file_that_has_come_to_rest_makes_its_source_due(office: Office) -> None:
    import datetime as dt

    now = dt.datetime.now(dt.UTC)
    found = registry.find(CASES)
    assert found is not None
    assert not is_due(found, now + dt.timedelta(minutes=1))
    office.drop()
    assert not is_due(found, dt.datetime.now(dt.UTC))
    assert is_due(found, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    office.harvest()
    assert not is_due(found, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))

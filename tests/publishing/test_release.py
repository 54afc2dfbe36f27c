"""Check, submit, approve: the only way to a public dataset, from both ends."""

import hashlib
import io
import json

import pytest
from ckan import model
from ckan.lib.search.common import make_connection
from ckan_world import RefusedError
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing import _self_check
from ckanext.sozialdaten.publishing._recording import complete
from ckanext.sozialdaten.publishing.model import Release


def test_an_approved_working_copy_becomes_a_public_dataset(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    with pytest.raises(RefusedError):
        office.world.call("package_show", id="hilfen")
    submission = office.submit(copy["id"])
    assert submission["state"] == "pending"
    release = office.approve(submission)
    assert release["number"] == 1
    public = office.world.call("package_show", id="hilfen")
    assert public["private"] is False
    assert public["id"] != copy["id"]
    assert office.show(copy["id"])["name"] == "hilfen-arbeitsfassung"


def test_the_search_finds_a_release(office: Office) -> None:
    released, _ = office.release(title="Kinder in Tageseinrichtungen")
    found = office.world.call("package_search", q="Tageseinrichtungen")
    assert [item["id"] for item in found["results"]] == [released["id"]]


def test_a_released_file_is_served_with_the_approved_bytes(office: Office) -> None:
    released, release = office.release()
    resource = released["resources"][0]
    path = f"/dataset/{released['id']}/resource/{resource['id']}/download/faelle.csv"
    answer = office.world.page(path)
    assert answer.data == TABLE
    assert release["files"][0]["sha256"] == hashlib.sha256(TABLE).hexdigest()


def test_the_table_is_typed_by_its_layout(office: Office) -> None:
    released, _ = office.release()
    found = office.world.call("datastore_search", resource_id=released["resources"][0]["id"])
    types = {field["id"]: field["type"] for field in found["fields"]}
    assert types["gemeinde"] == "text"
    assert types["faelle"] == "int8"
    assert found["total"] == 10


def test_a_quality_sign_stands_beside_an_empty_value(office: Office) -> None:
    copy = office.working_copy(TABLE + b"99001009;2023;.\n")
    release = office.approve(office.submit(copy["id"]))
    found = office.world.call(
        "datastore_search",
        resource_id=release["files"][0]["resource_id"],
        filters={"gemeinde": "99001009"},
    )
    assert found["records"][0]["faelle"] is None
    assert found["records"][0]["faelle_zeichen"] == "."


def test_a_second_release_keeps_the_address_and_brings_new_resources(office: Office) -> None:
    released, _ = office.release(name="hilfen")
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("package_patch", office.editor, id=copy["id"], notes="Mit Nachmeldungen.")
    second = office.approve(office.submit(copy["id"]))
    public = office.world.call("package_show", id="hilfen")
    assert second["number"] == 2
    assert public["id"] == released["id"]
    assert public["notes"] == "Mit Nachmeldungen."
    assert public["resources"][0]["id"] != released["resources"][0]["id"]
    numbers = office.world.call("sozialdaten_release_list", dataset_id="hilfen")
    assert [item["number"] for item in numbers] == [2, 1]


def test_each_release_holds_the_hash_of_the_one_before(office: Office) -> None:
    office.release()
    office.release()
    first, second = model.Session.query(Release).order_by(Release.seq).all()
    assert second.previous_hash == first.hash
    assert complete(second) == second.hash


def test_findings_that_block_forbid_a_submission(office: Office) -> None:
    copy = office.working_copy(TABLE + b"99001009;2023;1\n")
    with pytest.raises(RefusedError) as refused:
        office.submit(copy["id"])
    assert "findings" in refused.value.error
    checked = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert checked["verdict"] == "unsafe"
    assert checked["findings"][0]["remedy"]["de"]


def test_a_cell_that_is_no_number_is_found_by_row_and_column(office: Office) -> None:
    copy = office.working_copy(TABLE + b"99001009;2023;Mustermann\n")
    checked = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    text = str(checked["findings"])
    assert checked["verdict"] == "unsafe"
    assert "row 12" in text
    assert "Mustermann" not in text


def test_a_link_cannot_be_submitted(office: Office) -> None:
    dataset = office.world.dataset(office.editor, office.organisation)
    office.world.call(
        "resource_create",
        office.editor,
        package_id=dataset["id"],
        name="x",
        url="http://a.test/x.csv",
    )
    with pytest.raises(RefusedError):
        office.submit(dataset["id"])


def test_nobody_approves_their_own_submission(office: Office) -> None:
    office.appoint(office.editor)
    submission = office.submit(office.working_copy()["id"])
    with pytest.raises(RefusedError) as refused:
        office.approve(submission, office.editor)
    assert refused.value.status == 403


def test_a_second_account_with_the_same_mailbox_does_not_help(office: Office) -> None:
    submission = office.submit(office.working_copy()["id"])
    editor, reviewer = (model.User.get(who.id) for who in (office.editor, office.reviewer))
    reviewer.email = editor.email.upper().replace("@", "+zwei@")
    model.Session.commit()
    with pytest.raises(RefusedError) as refused:
        office.approve(submission)
    assert refused.value.status == 403


@pytest.mark.parametrize("who", ["sysadmin", "admin", "member", "stranger"])
def test_only_a_reviewer_approves(office: Office, who: str) -> None:
    submission = office.submit(office.working_copy()["id"])
    with pytest.raises(RefusedError) as refused:
        office.approve(submission, getattr(office, who))
    assert refused.value.status == 403


def test_what_was_changed_after_its_submission_is_not_released(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    submission = office.submit(copy["id"])
    office.world.call("package_patch", office.editor, id=copy["id"], notes="Ganz anders.")
    with pytest.raises(RefusedError):
        office.approve(submission)
    assert office.show(copy["id"])["name"] == "hilfen"


def test_a_decision_needs_a_reason(office: Office) -> None:
    submission = office.submit(office.working_copy()["id"])
    with pytest.raises(RefusedError):
        office.world.call("sozialdaten_review_approve", office.reviewer, id=submission["id"])


def test_a_rejected_working_copy_stays_private_and_can_be_submitted_again(office: Office) -> None:
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    rejected = office.world.call(
        "sozialdaten_review_reject", office.reviewer, id=submission["id"], reason="Titel unklar."
    )
    assert rejected["state"] == "rejected"
    with pytest.raises(RefusedError):
        office.approve(submission)
    assert office.show(copy["id"])["private"] is True
    assert office.submit(copy["id"])["state"] == "pending"


def test_a_reviewer_sees_what_is_new(office: Office) -> None:
    office.release(name="hilfen")
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("package_patch", office.editor, id=copy["id"], notes="Neu.")
    submission = office.submit(copy["id"])
    shown = office.world.call("sozialdaten_review_show", office.reviewer, id=submission["id"])
    assert shown["changes"]["metadata"] == ["notes"]
    assert shown["changes"]["resources"][0]["state"] == "unchanged"
    assert shown["changes"]["resources"][0]["now"] == {"rows": 10, "columns": 3}
    assert next(iter(shown["previews"].values()))["header"][0] == "gemeinde"


def test_a_first_release_shows_the_reviewer_all_that_becomes_public(office: Office) -> None:
    long = "Aus dem Bericht: " + "Zeile. " * 80 + "Schluss."
    submission = office.submit(office.working_copy(name="hilfen", notes=long)["id"])
    page = office.world.page(f"/pruefung/{submission['id']}", office.reviewer, "de").body
    assert "Beschreibung, wie sie öffentlich wird" in page
    assert "Zeile. Schluss." in page
    assert office.organisation["id"] not in page


def test_a_decided_submission_shows_the_state_that_was_submitted(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    call, change = office.world.call, {"id": copy["id"], "notes": "Neu."}
    rejected, reason = office.submit(copy["id"]), {"reason": "Titel unklar."}
    call("sozialdaten_review_reject", office.reviewer, id=rejected["id"], **reason)
    approved = office.submit(copy["id"])
    office.approve(approved)
    show = "sozialdaten_review_show"
    before = call(show, office.reviewer, id=approved["id"])["changes"]
    assert (before["known"], before["first"], before["release"]) == (True, True, 1)
    call("package_patch", office.editor, **change)
    office.world.call(
        "resource_patch",
        office.editor,
        id=copy["resources"][0]["id"],
        upload=(io.BytesIO(TABLE.replace(b"7", b"8")), "faelle.csv"),
    )
    after = call(show, office.reviewer, id=approved["id"])
    assert {**after["changes"], "address": ""} == {**before, "address": ""}
    assert ["99001001", "2022", "29"] in [
        row[:3] for row in next(iter(after["previews"].values()))["rows"]
    ]
    gone = call(show, office.reviewer, id=rejected["id"])
    assert (gone["changes"]["known"], gone["previews"]) == (False, {})
    page = office.world.page(f"/pruefung/{rejected['id']}", office.reviewer, "de").body
    assert "bewahrt nicht auf, was damals eingereicht war" in page


def test_a_poisoned_search_index_does_not_change_what_is_released(office: Office) -> None:
    copy = office.working_copy(name="hilfen", title="Hilfen")
    submission = office.submit(copy["id"])
    index = make_connection(decode_dates=False)
    (known,) = index.search(f"id:{copy['id']}").docs
    for blob in ("data_dict", "validated_data_dict"):
        shown = json.loads(known[blob])
        known[blob] = json.dumps({**shown, "title": "Vergiftet", "notes": "Vergiftet"})
    kept = {key: value for key, value in known.items() if key != "_version_"}
    index.add([kept], commit=True)
    assert office.show(copy["id"])["title"] == "Vergiftet"  # CKAN shows what the index says
    release = office.approve(submission)
    assert model.Package.get(release["dataset_id"]).title == "Hilfen"
    assert office.world.call("package_show", id=release["dataset_id"])["notes"] != "Vergiftet"


def test_every_ring_stands_in_the_database(office: Office) -> None:
    assert _self_check.of_database() == []

"""Ways around the gate that begin after a submission, a release or a withdrawal."""

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import TABLE, Office


def _refused(office: Office, action: str, who: Account | None, **given: Any) -> RefusedError:
    with pytest.raises(RefusedError) as found:
        office.world.call(action, who, **given)
    return found.value


def _colleague(office: Office, role: str = "editor") -> Account:
    colleague = office.world.account()
    tk.get_action("organization_member_create")(
        {"user": office.sysadmin.name},
        {"id": office.organisation["id"], "username": colleague.name, "role": role},
    )
    return colleague


def _withdraw(office: Office, release: dict[str, Any]) -> None:
    reasons = {"reason": "Falsche Zahlen.", "public_reason": "Berichtigt."}
    office.world.call("sozialdaten_release_withdraw", office.reviewer, id=release["id"], **reasons)


def test_who_wrote_what_was_withdrawn_does_not_approve_it_again(shared_office: Office) -> None:
    office = shared_office
    author = _colleague(office)
    copy = office.working_copy()
    office.world.call("package_patch", author, id=copy["id"], notes="Vom Autor.")
    _withdraw(office, office.approve(office.submit(copy["id"])))
    office.appoint(author)
    again = office.submit(copy["id"])
    with pytest.raises(RefusedError) as found:
        office.approve(again, author)
    assert found.value.status == 403
    assert office.approve(again)["number"] == 2


def test_fields_added_after_the_submission_are_not_approved(shared_office: Office) -> None:
    office = shared_office
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    context = {"user": office.sysadmin.name, "ignore_auth": True}
    extra = [{"key": "notiz", "value": "Nachgeschoben"}]
    tk.get_action("package_patch")(context, {"id": copy["id"], "extras": extra})
    with pytest.raises(RefusedError) as found:
        office.approve(submission)
    assert found.value.status == 409


def test_an_account_that_was_removed_and_brought_back_does_not_decide_for_somebody_else(
    shared_office: Office,
) -> None:
    office = shared_office
    leaving = office.world.account()
    office.appoint(leaving)
    submission = office.submit(office.working_copy()["id"])
    office.world.deciding(leaving)
    office.world.call("user_delete", office.sysadmin, id=leaving.id)
    with pytest.raises(RefusedError) as found:
        office.approve(submission, leaving)
    assert found.value.status == 403
    for change in ({"state": "active"}, {"password": "Geborgt-123456"}, {"email": "x@kreis.test"}):
        given = {"id": leaving.id, "email": model.User.get(leaving.id).email, **change}
        assert _refused(office, "user_patch", office.sysadmin, **given).status == 403
    token = {"user": leaving.name, "name": "geborgt"}
    assert _refused(office, "api_token_create", office.sysadmin, **token).status in (403, 409)


def test_who_holds_a_copy_does_not_learn_that_a_withdrawn_file_is_still_the_same(
    shared_office: Office,
) -> None:
    office = shared_office
    released, release = office.release()
    (file,) = release["files"]
    path = f"/dataset/{released['name']}/veroeffentlichung/1/datei/{file['resource_id']}"
    own, of_ckan = f"{path}/{file['filename']}", released["resources"][0]["url"]
    seen = {}
    for address in (own, of_ckan):
        answer = office.world.page(address)
        assert answer.status_code == 200
        seen[address] = answer.headers
    _withdraw(office, release)
    client = office.world.app.test_client(use_cookies=False)
    for address, headers in seen.items():
        asked = {"If-None-Match": headers["ETag"], "Range": "bytes=0-9"}
        if "Last-Modified" in headers:
            asked["If-Modified-Since"] = headers["Last-Modified"]
        for method in ("GET", "HEAD"):
            answer = client.open(address, method=method, headers=asked)
            assert answer.status_code in (403, 404, 410), (method, address)
            assert b"99001001" not in answer.data


@pytest.mark.parametrize("who", [None, "stranger"])
def test_a_refusal_does_not_tell_the_id_behind_a_name(
    shared_office: Office, who: str | None
) -> None:
    office = shared_office
    copy = office.working_copy()
    account = getattr(office, who) if who else None
    named = {"id": copy["name"], "package_id": copy["name"], "resource_id": "x"}
    for action in (
        "package_show", "package_patch", "package_update", "package_delete", "resource_create",
        "sozialdaten_check", "sozialdaten_submit", "sozialdaten_protect_menu",
        "sozialdaten_comment_list", "dataset_follower_count", "package_relationships_list",
    ):  # fmt: skip
        given = {**named, "purpose": "x", "legal_basis": "x", "policy": "default"}
        refused = _refused(office, action, account, **given)
        assert copy["id"] not in str(refused.error), action
        assert refused.status in (403, 404), action


def test_a_reviewer_takes_down_the_very_bytes_under_review(shared_office: Office) -> None:
    office = shared_office
    copy = office.working_copy()
    submission, file = office.submit(copy["id"]), copy["resources"][0]["id"]
    path = f"/pruefung/{submission['id']}/datei/{file}"
    answer = office.world.page(path, office.reviewer, "de")
    assert answer.data == TABLE
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment; filename=intern_faelle.csv" in answer.headers["Content-Disposition"]
    assert path in office.world.page(f"/pruefung/{submission['id']}", office.reviewer).body
    for who in (None, office.stranger, office.editor, office.sysadmin):
        assert office.world.page(path, who).status_code in (403, 404)
    elsewhere = office.working_copy()["resources"][0]["id"]
    wrong = f"/pruefung/{submission['id']}/datei/{elsewhere}"
    assert office.world.page(wrong, office.reviewer).status_code == 404
    context = {"user": office.editor.name, "ignore_auth": True}
    tk.get_action("package_patch")(context, {"id": copy["id"], "notes": "Nachgeschoben."})
    assert office.world.page(path, office.reviewer).status_code == 404

"""The third person, decisions by token, and what a reviewer sees of the attack."""

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ckan_world import Account, RefusedError
from gate_office import Office

from ckanext.sozialdaten.harvesters.core.erasures import record_erasure
from ckanext.sozialdaten.publishing.model import Release

HIDDEN = (
    b"gemeinde;jahr;faelle\n99001001;2022;12\n99001002;2022;.\n99001003;2022;.\n"
    b"99001004;2022;31\n99001001;2023;15\n99001002;2023;.\n99001003;2023;.\n99001004;2023;33\n"
)


def _refused(office: Office, action: str, account: Account, /, **data: Any) -> int:
    with pytest.raises(RefusedError) as refused:
        office.world.call(action, account, **data)
    return refused.value.status


def _name(office: Office, account: Account) -> None:
    office.world.call(
        "sozialdaten_publisher_name",
        office.admin,
        id=office.organisation["id"],
        user=account.name,
    )


def test_an_organisation_may_want_a_third_person_who_publishes(office: Office) -> None:
    world = office.world
    _name(office, office.member)
    _name(office, office.editor)
    copy = office.working_copy(name="hilfen")
    submission = office.submit(copy["id"])
    assert _refused(office, "sozialdaten_review_publish", office.member, id=submission["id"]) == 403
    cleared = office.approve(submission)
    assert cleared["state"] == "cleared"
    assert world.page("/dataset/hilfen").status_code != 200

    for account in (office.editor, office.reviewer, office.sysadmin, office.stranger):
        answer = _refused(office, "sozialdaten_review_publish", account, id=submission["id"])
        assert answer == 403, account.name
    dashboard = world.page("/dashboard/datasets", office.member, "en").body
    assert f"/pruefung/{submission['id']}" in dashboard
    page = world.page(f"/pruefung/{submission['id']}", office.member, "en").body
    assert "You publish as the third person." in page

    release = world.call("sozialdaten_review_publish", office.member, id=submission["id"])
    assert world.page("/dataset/hilfen").status_code == 200
    record = Release.get(release["id"]).record
    assert record["public"]["published"]["by"] == "publisher"
    assert record["internal"]["published_by"] == office.member.id
    assert office.member.id not in json.dumps(record["public"])


def test_what_was_changed_after_the_approval_is_not_published(office: Office) -> None:
    _name(office, office.member)
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    office.approve(submission)
    office.world.call("package_patch", office.editor, id=copy["id"], title="Anders")
    assert _refused(office, "sozialdaten_review_publish", office.member, id=submission["id"]) == 409
    # a reviewer may still send it back, and a new submission takes its place
    again = office.submit(copy["id"])
    assert _refused(office, "sozialdaten_review_publish", office.member, id=submission["id"]) == 409
    office.approve(again)
    office.world.call("sozialdaten_review_publish", office.member, id=again["id"])


def test_only_administrators_of_the_organisation_name_who_publishes(office: Office) -> None:
    given = {"id": office.organisation["id"], "user": office.member.name}
    for account in (office.editor, office.member, office.stranger, office.reviewer):
        assert _refused(office, "sozialdaten_publisher_name", account, **given) == 403
    outsider = {**given, "user": office.stranger.name}
    assert _refused(office, "sozialdaten_publisher_name", office.admin, **outsider) == 409
    _name(office, office.member)
    office.world.call("sozialdaten_publisher_drop", office.admin, **given)
    released = office.approve(office.submit(office.working_copy()["id"]))
    assert released["number"] == 1


def test_a_token_decides_only_if_it_was_made_for_that(office: Office) -> None:
    world, submission = office.world, office.submit(office.working_copy()["id"])
    plain = world.app.post(
        "/api/3/action/sozialdaten_review_approve",
        headers=office.reviewer.headers,
        json={"id": submission["id"], "reason": "Gut."},
    )
    assert plain.status_code == 403
    assert "approve" in plain.body
    page = world.app.post(
        f"/pruefung/{submission['id']}",
        headers=office.reviewer.headers,
        data={"decision": "approve", "reason": "Gut."},
    )
    assert "Release" not in page.body
    deciding = replace(office.reviewer, token=world.deciding(office.reviewer)["Authorization"])
    assert _refused(office, "package_create", deciding, name="neu") == 403
    assert office.approve(submission)["number"] == 1


def test_the_reviewer_sees_what_an_attacker_derives_for_each_suppressed_cell(
    office: Office,
) -> None:
    submission = office.submit(office.working_copy(HIDDEN)["id"])
    page = office.world.page(f"/pruefung/{submission['id']}", office.reviewer, "de").body
    section = page[page.index('id="angriff"') :]
    section = section[: section.index("</section>")]
    assert "Der Angriff kommt nicht durch" in section
    assert re.search(r"99001002[^<]*</td><td>faelle", section)
    assert "/geheimhaltung/recoverable-suppression" in section


def test_what_is_new_names_fields_and_shows_old_and_new(office: Office) -> None:
    office.release(name="hilfen")
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("package_patch", office.editor, id=copy["id"], notes="Ganz anders.")
    submission = office.submit(copy["id"])
    page = office.world.page(f"/pruefung/{submission['id']}", office.reviewer, "de").body
    assert "Beschreibung" in page
    assert "Fälle nach Gemeinde und Jahr." in page
    assert "Ganz anders." in page


def test_a_legal_basis_is_shown_as_words(office: Office) -> None:
    office.release(name="hilfen")
    page = office.world.page("/dataset/hilfen/veroeffentlichung/1", language="de").body
    assert "SGB X § 75" in page
    assert "sgb10-75" not in page


def test_the_protocol_of_erasures_is_for_staff(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_HOME", str(tmp_path))
    assert office.world.page("/pruefung/loeschungen").status_code == 403
    assert office.world.page("/pruefung/loeschungen", office.stranger).status_code == 403
    record_erasure(dt.date(2026, 3, 1), files=2, rows=118, sources=("kreis-hze",))
    for account in (office.editor, office.reviewer):
        page = office.world.page("/pruefung/loeschungen", account).body
        assert "118" in page
        assert "kreis-hze" in page


FORMS = (
    "/dataset/{name}",
    "/dataset/{name}/einreichen",
    "/pruefung/{submission}",
    "/pruefung/rollen",
    "/organization/{organisation}/veroeffentlichen",
    "/veroeffentlichung/{release}/zurueckziehen",
)


@pytest.mark.parametrize("path", FORMS)
def test_every_field_of_a_form_has_help(office: Office, path: str) -> None:
    _, release = office.release(name="hilfen")
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    address = path.format(
        name=copy["name"],
        submission=submission["id"],
        organisation=office.organisation["name"],
        release=release["id"],
    )
    who = {"submission": office.reviewer, "rollen": office.sysadmin, "organ": office.admin}
    account = next((who[key] for key in who if key in path), office.editor)
    answer = office.world.page(address, account, "de")
    assert answer.status_code == 200
    main = answer.body[answer.body.index("<main") :]
    fields = re.findall(r'<(?:textarea|select|input)\b[^>]*\bid="(field-[^"]+)"[^>]*>', main)
    for field in fields:
        tag = re.search(rf'<[^>]*id="{field}"[^>]*>', main)
        assert tag
        described = re.search(r'aria-describedby="([^"]+)"', tag[0])
        assert described, f"{path}: {field} has no help"
        for name in described[1].split():
            assert f'id="{name}"' in main, f"{path}: {name}"

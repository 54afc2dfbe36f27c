"""What people do at the gate: write, ask, answer, give roles. Everything over HTTP with tokens."""

import email
import email.policy
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from ckan.lib import mailer
from ckan_world import Account, RefusedError
from gate_office import Office

from ckanext.sozialdaten.publishing import _notices
from ckanext.sozialdaten.publishing.model import Reviewer


def _refused(office: Office, action: str, account: Account | None, /, **data: Any) -> int:
    with pytest.raises(RefusedError) as refused:
        office.world.call(action, account, **data)
    return refused.value.status


def _set_email(account: Account, email: str) -> None:
    model.User.get(account.id).email = email
    model.Session.commit()


def test_nobody_approves_what_they_wrote(office: Office) -> None:
    world = office.world
    twin = world.account()
    for account in (office.editor, twin):
        office.appoint(account)
    world.call(
        "organization_member_create",
        office.admin,
        id=office.organisation["id"],
        username=twin.name,
        role="editor",
    )
    _set_email(twin, "lena@example.org")
    _set_email(office.reviewer, "Lena+zwei@example.org")
    copy = office.working_copy()
    submission = office.submit(copy["id"], office.admin)
    # the editor wrote it, and a colleague submitted it
    assert (
        _refused(
            office, "sozialdaten_review_approve", office.editor, id=submission["id"], reason="Gut."
        )
        == 403
    )
    office.approve(submission)

    # after the release only what was written since counts: the editor may approve the next one
    for text in ("Zweite Fassung", "Dritte Fassung"):
        world.call("package_patch", twin, id=copy["id"], title=text)
        submission = office.submit(copy["id"], office.admin)
        # the reviewer shares a mailbox with the writer, whatever the address says
        assert (
            _refused(
                office,
                "sozialdaten_review_approve",
                office.reviewer,
                id=submission["id"],
                reason="Gut",
            )
            == 403
        )
        office.approve(submission, office.editor)

    # ring 0: the database itself refuses a release row by a writer
    insert = sa.text(
        "INSERT INTO sozialdaten_release (id, dataset_id, working_copy_id, number, submission_id,"
        " fingerprint, dataset_fingerprint, record, previous_hash, hash, submitted_by, approved_by,"
        " released_at) VALUES ('x', 'x', :copy, 9, :submission, '', '', '{}', '', 'x', 'x', :by,"
        " now())"
    )
    world.call("package_patch", twin, id=copy["id"], title="Vierte Fassung")
    values = {"copy": copy["id"], "submission": submission["id"], "by": twin.id}
    with pytest.raises(sa.exc.IntegrityError, match="nobody approves"):
        model.Session.execute(insert, values)
    model.Session.rollback()


def test_a_question_goes_back_to_the_staff_and_its_thread_stays_internal(office: Office) -> None:
    world = office.world
    copy = office.working_copy(name="hilfen")
    assert _refused(office, "sozialdaten_comment_list", office.reviewer, id=copy["id"]) == 403
    submission = office.submit(copy["id"])
    question, answer = "Warum fehlt zkfrage2021?", "Die zkantwort kam zu spaet."
    assert (
        _refused(
            office, "sozialdaten_review_ask", office.editor, id=submission["id"], reason=question
        )
        == 403
    )
    asked = world.call(
        "sozialdaten_review_ask", office.reviewer, id=submission["id"], reason=question
    )
    assert asked["state"] == "returned"
    # nobody decides on it again before it is submitted again
    assert (
        _refused(
            office,
            "sozialdaten_review_approve",
            office.reviewer,
            id=submission["id"],
            reason="Gut.",
        )
        == 409
    )
    page = world.page("/dataset/hilfen", office.editor, "de").body
    assert question in page
    assert "Rückfrage" in page
    world.app.post(
        "/dataset/hilfen/antworten", headers=office.editor.headers, data={"body": answer}
    )
    again = office.submit(copy["id"])
    thread = world.call("sozialdaten_comment_list", office.reviewer, id=copy["id"])
    assert [entry["kind"] for entry in thread] == ["returned", "comment"]
    review = world.page(f"/pruefung/{again['id']}", office.reviewer, "de").body
    assert question in review
    assert answer in review

    release = office.approve(again)
    for account in (office.stranger, office.member, None):
        assert _refused(office, "sozialdaten_comment_list", account, id=copy["id"]) == 403
        assert (
            _refused(office, "sozialdaten_comment_create", account, id=copy["id"], body="Ich auch")
            == 403
        )
    public = [
        world.page(path).body
        for path in (
            "/dataset/hilfen",
            "/dataset/hilfen.rdf",
            f"/api/3/action/package_show?id={release['dataset_id']}",
            "/api/3/action/recently_changed_packages_activity_list",
            "/dataset/hilfen/veroeffentlichung/1/nachweis.json",
        )
    ]
    record = world.call("sozialdaten_release_show", office.editor, id=release["id"])
    stream = world.page("/dataset/activity/hilfen-arbeitsfassung", office.editor).body
    told = " ".join([*public, json.dumps(record), stream])
    assert "zkfrage" not in told
    assert "zkantwort" not in told


def test_two_people_who_are_signed_in_make_a_reviewer(office: Office) -> None:
    world, candidate = office.world, office.world.account()
    outsider, colleague = world.account(), world.account()
    world.organisation(admin=outsider)
    for who, role in ((candidate, "editor"), (colleague, "admin")):
        world.call(
            "organization_member_create",
            office.admin,
            id=office.organisation["id"],
            username=who.name,
            role=role,
        )
    propose, confirm = "sozialdaten_reviewer_propose", "sozialdaten_reviewer_confirm"
    for account in (office.editor, office.stranger, None, candidate):
        assert _refused(office, propose, account, user=candidate.name) == 403
    proposal = world.call(propose, office.admin, user=candidate.name)
    # not the same person, not another account of it, not both from the candidate's organisation
    assert _refused(office, confirm, office.admin, id=proposal["id"]) == 403
    assert _refused(office, confirm, colleague, id=proposal["id"]) == 403
    before = model.User.get(outsider.id).email
    _set_email(outsider, model.User.get(office.admin.id).email.replace("@", "+x@"))
    assert _refused(office, confirm, outsider, id=proposal["id"]) == 403
    _set_email(outsider, before)
    page = world.page("/pruefung/rollen", outsider, "de").body
    assert proposal["id"] in page
    world.app.post(
        "/pruefung/rollen",
        headers=world.deciding(outsider),
        data={"do": "confirm", "id": proposal["id"]},
        follow_redirects=False,
    )
    assert Reviewer.current(candidate.id)
    assert _refused(office, confirm, outsider, id=proposal["id"]) == 409

    # a deputy is another reviewer, and gets no right by it
    deputy = {"first_day": "2020-01-01", "last_day": "2099-12-31"}
    name = "sozialdaten_deputy_name"
    assert _refused(office, name, office.reviewer, user=office.stranger.name, **deputy) == 409
    world.call(name, office.reviewer, user=candidate.name, **deputy)
    assert _refused(office, "sozialdaten_review_list", office.stranger) == 403
    listed = world.call("sozialdaten_reviewer_list", candidate)
    assert listed["deputies"][0]["deputy"] == candidate.name

    # one person suffices to take it away, and reviewers may give it up themselves
    revoke = "sozialdaten_reviewer_revoke"
    assert _refused(office, revoke, office.editor, user=candidate.name) == 403
    world.call(revoke, candidate, user=candidate.name)
    model.Session.expire_all()
    assert Reviewer.current(candidate.id) is None
    assert office.world.page("/pruefung/rollen", office.stranger).status_code == 403
    assert re.search(r"Datenschutzpr", page)


def _mails(server: Any) -> list[tuple[str, str, str]]:
    """Receiver, subject and text of every mail."""
    found: list[tuple[str, str, str]] = []
    for _server, _sender, receivers, text in server.get_smtp_messages():
        message = email.message_from_string(text, policy=email.policy.default)
        content = message.get_content()
        found.append((receivers[0], str(message["Subject"]), content))
    server.clear_smtp_messages()
    return found


def test_mails_go_to_whom_it_concerns_and_name_nothing_internal(
    office: Office, mail_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, deputy = office.world, office.world.account()
    office.appoint(deputy)
    people = (office.editor, office.reviewer, deputy)
    address = {who.id: model.User.get(who.id).email for who in people}
    title = "zktitel der Arbeitsfassung"
    copy = office.working_copy(name="zkname", title=title, notes="zktext")
    submission = office.submit(copy["id"])
    assert _notices.send("submitted", submission["id"]) == 0  # no sender is configured
    monkeypatch.setitem(config, "smtp.mail_from", "portal@example.org")
    assert _notices.send("submitted", submission["id"]) == 2
    told = _mails(mail_server)
    assert {to for to, _, _ in told} == {address[office.reviewer.id], address[deputy.id]}
    assert all(f"/pruefung/{submission['id']}" in text for _, _, text in told)
    assert "zk" not in json.dumps(told)
    assert "Ein Datensatz wartet auf Ihre Prüfung." in told[0][1]

    # the question goes to who submitted; the answer to who asked, and to the deputy of that person
    days = {"first_day": "2020-01-01", "last_day": "2099-12-31"}
    world.call("sozialdaten_deputy_name", office.reviewer, user=deputy.name, **days)
    asked = world.call(
        "sozialdaten_review_ask", office.reviewer, id=submission["id"], reason="zkfrage?"
    )
    assert _notices.send("returned", asked["id"]) == 1
    ((to, _, text),) = _mails(mail_server)
    assert to == address[office.editor.id]
    assert copy["id"] in text
    assert "zk" not in text
    again = office.submit(copy["id"])
    assert _notices.send("submitted", again["id"]) == 2
    told = _mails(mail_server)
    assert ["in Vertretung" in text for _, _, text in told] == [False, True]
    assert "Ihre Rückfrage" in told[0][1]
    desk = world.page("/dashboard/datasets", office.reviewer, "de").body
    assert "beantwortet Ihre Rückfrage" in desk

    # what is public may be named
    release = office.approve(again)
    assert _notices.send("approved", again["id"]) == 1
    assert title in _mails(mail_server)[0][2]
    world.call("sozialdaten_release_withdraw", office.reviewer, id=release["id"], reason="Fehler")
    assert _notices.send("withdrawn", release["id"]) == 1
    assert title not in _mails(mail_server)[0][2]
    todo = world.page("/dashboard/datasets", office.editor, "de").body
    assert "Zu berichtigen oder zu beantworten" in todo
    assert "Veröffentlichung zurückgezogen" in todo

    # who left the organisation is told nothing more, and a dead mail server is nobody's error
    def refuse(*_args: Any, **_more: Any) -> None:
        raise mailer.MailerException

    with monkeypatch.context() as broken:
        broken.setattr(mailer, "mail_user", refuse)
        assert _notices.send("withdrawn", release["id"]) == 0
    world.call(
        "organization_member_delete",
        office.admin,
        id=office.organisation["id"],
        username=office.editor.name,
    )
    assert _notices.send("withdrawn", release["id"]) == 0


def test_staff_see_the_states_of_their_organisation_and_visitors_do_not(office: Office) -> None:
    name = office.organisation["name"]
    office.release(title="Erste Tabelle")
    copy = office.working_copy(title="zkzweite Tabelle")
    submission = office.submit(copy["id"])
    office.world.call(
        "sozialdaten_review_reject", office.reviewer, id=submission["id"], reason="zkgrund"
    )
    page = office.world.page(f"/organization/{name}", office.editor, "de").body
    for text in ("Arbeitsfassungen", "zkzweite", "zkgrund", "Berichtigen und erneut einreichen."):
        assert text in page
    for account in (None, office.stranger, office.reviewer):
        assert "zkzweite" not in office.world.page(f"/organization/{name}", account, "de").body
    assert "zkgrund" not in office.world.page(f"/organization/{name}", office.member, "de").body

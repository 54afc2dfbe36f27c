"""Texts that staff write for the public: one proposes, another approves, nobody else reads."""

import hashlib
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import Office
from proposal_world import KIND, Bench, bring

from ckanext.sozialdaten.publishing import proposals
from ckanext.sozialdaten.publishing._tokens import Scope


@pytest.fixture
def bench(shared_office: Office, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return bring(monkeypatch)


@pytest.fixture
def desk(shared_office: Office, bench: Bench) -> "Desk":
    return Desk(shared_office)


class Desk:
    """Calls about one text after another, over HTTP."""

    turn = 0

    def __init__(self, office: Office) -> None:
        self.office = office
        Desk.turn += 1
        self.key = f"text-{Desk.turn}"

    def save(self, body: str = "Zeile 1\nZeile 2", who: Account | None = None) -> dict[str, Any]:
        return self.office.world.call(
            "sozialdaten_proposal_save",
            who or self.office.editor,
            kind=KIND,
            key=self.key,
            body=body,
            organisation=self.office.organisation["name"],
        )

    def submitted(self, body: str = "Zeile 1\nZeile 2") -> str:
        draft = self.save(body)
        self.call("submit", self.office.editor, id=draft["id"])
        return draft["id"]

    def approved(self, body: str = "Zeile 1\nZeile 2") -> str:
        found = self.submitted(body)
        self.call("approve", self.office.reviewer, id=found, reason="Gelesen.")
        return found

    def call(self, action: str, who: Account | None, **given: str) -> Any:
        return self.office.world.call(f"sozialdaten_proposal_{action}", who, **given)

    def refused(self, action: str, who: Account | None, **given: str) -> int:
        with pytest.raises(RefusedError) as found:
            self.call(action, who, **given)
        return found.value.status

    def public(self) -> list[str]:
        return [text["body"] for text in self.call("list", None) if text["key"] == self.key]


def test_an_approved_text_is_public_and_no_earlier(desk: Desk, bench: Bench) -> None:
    draft = desk.submitted()
    assert desk.public() == []
    assert bench.changes == []
    desk.call("approve", desk.office.reviewer, id=draft, reason="Gelesen.")
    assert desk.public() == ["Zeile 1\nZeile 2"]
    assert [found.key for found in proposals.approved(KIND)][-1:] == [desk.key]
    assert bench.changes == ["changed"]


def test_the_public_learns_neither_names_nor_reasons(desk: Desk) -> None:
    found = desk.approved()
    shown = desk.call("show", None, id=found)
    assert not shown.keys() & {"author", "reviewer", "reason", "own", "submitted"}
    assert desk.call("show", desk.office.editor, id=found)["reason"] == "Gelesen."


@pytest.mark.parametrize("who", ["stranger", "member", None])
@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "retired"])
def test_nobody_else_hears_of_what_is_not_approved(desk: Desk, who: str | None, state: str) -> None:
    found = desk.save()["id"] if state == "draft" else desk.submitted()
    if state == "rejected":
        desk.call("reject", desk.office.reviewer, id=found, reason="Noch nicht.")
    if state == "retired":
        desk.call("approve", desk.office.reviewer, id=found, reason="Gelesen.")
        desk.call("retire", desk.office.editor, id=found, reason="Überholt.")
    account = getattr(desk.office, who) if who else None
    assert desk.refused("show", account, id=found) == 404
    assert desk.call("list", account, kind=KIND, state=state) == []
    page = desk.office.world.page(f"/pruefung/texte/{found}", account)
    assert page.status_code in (403, 404)


def test_reviewers_see_what_was_submitted_and_no_draft(desk: Desk) -> None:
    draft = desk.save()["id"]
    assert desk.refused("show", desk.office.reviewer, id=draft) == 404
    desk.call("submit", desk.office.editor, id=draft)
    assert desk.call("show", desk.office.reviewer, id=draft)["state"] == "submitted"


@pytest.mark.parametrize("who", ["editor", "admin", "member", "stranger", "sysadmin"])
def test_nobody_approves_but_a_reviewer(desk: Desk, who: str) -> None:
    found = desk.submitted()
    account = getattr(desk.office, who)
    assert desk.refused("approve", account, id=found, reason="x") in (403, 404)
    assert desk.public() == []


def test_without_authorisation_the_work_itself_refuses(desk: Desk) -> None:
    found = desk.submitted()
    context: Any = {"user": desk.office.sysadmin.name, "ignore_auth": True}
    given = {"id": found, "reason": "x"}
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("sozialdaten_proposal_approve")(context, given)


def _reviewing_editor(desk: Desk) -> Account:
    account = desk.office.world.account()
    desk.office.world.call(
        "organization_member_create",
        desk.office.sysadmin,
        id=desk.office.organisation["id"],
        username=account.name,
        role="editor",
    )
    desk.office.appoint(account)
    return account


def test_nobody_approves_what_they_wrote_also_not_an_earlier_version(desk: Desk) -> None:
    both = _reviewing_editor(desk)
    desk.save("Zeile von beiden", both)
    assert desk.refused("approve", both, id=desk.submitted(), reason="x") == 403
    later = desk.submitted("Zeile 3")
    assert desk.refused("approve", both, id=later, reason="x") == 403
    desk.call("approve", desk.office.reviewer, id=later, reason="Gelesen.")
    fresh = desk.submitted("Zeile 4")
    desk.call("approve", both, id=fresh, reason="Nicht von mir.")


def test_another_account_with_the_same_mailbox_is_the_same_person(desk: Desk) -> None:
    found = desk.submitted()
    other = desk.office.world.account()
    desk.office.appoint(other)
    editor = model.User.get(desk.office.editor.id)
    local, _, domain = editor.email.partition("@")
    model.User.get(other.id).email = f"{local.upper()}+pruefung@{domain}"
    model.Session.commit()
    assert desk.refused("approve", other, id=found, reason="x") == 403


def test_a_token_without_the_scope_decides_nothing(desk: Desk) -> None:
    found, reviewer = desk.submitted(), desk.office.reviewer
    for scope in ("", Scope.READ, Scope.WORKING_COPY):
        given = {"scope": scope} if scope else {}
        made = desk.office.world.call(
            "api_token_create", reviewer, user=reviewer.name, name=scope or "all", **given
        )
        answer = desk.office.world.app.post(
            "/api/3/action/sozialdaten_proposal_approve",
            headers={"Authorization": made["token"]},
            json={"id": found, "reason": "x"},
        )
        assert answer.status_code == 403
    assert desk.public() == []


def test_a_decision_needs_a_reason(desk: Desk) -> None:
    found = desk.submitted()
    for action in ("approve", "reject"):
        assert desk.refused(action, desk.office.reviewer, id=found, reason=" ") == 409
    assert desk.public() == []


def test_a_change_after_submission_is_another_version(desk: Desk) -> None:
    first = desk.submitted("alt")
    second = desk.save("neu")
    assert second["id"] != first
    assert desk.call("show", desk.office.reviewer, id=first)["body"] == "alt"
    desk.call("submit", desk.office.editor, id=second["id"])
    assert desk.call("show", desk.office.reviewer, id=first)["state"] == "replaced"
    assert desk.refused("approve", desk.office.reviewer, id=first, reason="x") == 409


def test_a_retired_text_brings_no_older_one_back(desk: Desk, bench: Bench) -> None:
    desk.approved("alt")
    newest = desk.approved("neu")
    assert [one.body for one in proposals.approved_versions(KIND, desk.key)] == ["neu", "alt"]
    assert desk.refused("retire", desk.office.editor, id=newest) == 409
    desk.call("retire", desk.office.editor, id=newest, reason="Überholt.")
    assert desk.public() == []
    assert proposals.approved_versions(KIND, desk.key) == ()
    desk.approved("wieder")
    assert desk.public() == ["wieder"]
    assert len(bench.changes) == 4


def test_a_text_belongs_to_the_organisation_that_began_it(desk: Desk) -> None:
    desk.approved()
    other = desk.office.world.organisation(editor=desk.office.stranger)
    with pytest.raises(RefusedError) as found:
        desk.office.world.call(
            "sozialdaten_proposal_save",
            desk.office.stranger,
            kind=KIND,
            key=desk.key,
            body="Übernommen",
            organisation=other["id"],
        )
    assert found.value.status == 403


@pytest.mark.parametrize(
    "given",
    [
        {"body": "Fehler"},
        {"body": " "},
        {"key": "Großer Name"},
        {"key": "../etc"},
        {"kind": "unbekannt"},
        {"organisation": "niemand"},
    ],
)
def test_what_does_not_fit_is_told(desk: Desk, given: dict[str, str]) -> None:
    fields = {"kind": KIND, "key": desk.key, "body": "x", "organisation": "niemand"}
    if "organisation" not in given:
        fields["organisation"] = desk.office.organisation["id"]
    assert desk.refused("save", desk.office.editor, **(fields | given)) == 409


def _execute(statement: str, **given: Any) -> None:
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(statement), given)


@pytest.mark.parametrize(
    "change",
    [
        "body = 'anders', digest = encode(sha256('anders'), 'hex')",
        "key = 'fremd'",
        "organisation = 'fremd'",
        "reason = 'anders'",
        "reviewer = 'jemand'",
        "state = 'draft'",
        "state = 'submitted'",
        "version = 99",
    ],
)
def test_no_statement_changes_an_approved_text(desk: Desk, change: str) -> None:
    found = desk.approved()
    with pytest.raises(sa.exc.DatabaseError, match="sozialdaten"):
        _execute(f"UPDATE sozialdaten_proposal SET {change} WHERE id = :id", id=found)


def test_no_statement_removes_a_text(desk: Desk) -> None:
    desk.approved()
    for statement in ("DELETE FROM sozialdaten_proposal", "TRUNCATE sozialdaten_proposal"):
        with pytest.raises(sa.exc.DatabaseError, match="only grows"):
            _execute(statement)


@pytest.mark.parametrize("reviewer", ["stranger", "editor"])
def test_no_statement_approves_without_a_second_reviewer(desk: Desk, reviewer: str) -> None:
    found = desk.submitted()
    with pytest.raises(sa.exc.DatabaseError):
        _execute(
            "UPDATE sozialdaten_proposal SET state = 'approved', reviewer = :who,"
            " decided_at = now(), reason = 'x' WHERE id = :id",
            id=found,
            who=getattr(desk.office, reviewer).id,
        )


def test_no_statement_inserts_an_approved_text(desk: Desk) -> None:
    body = "eingeschleust"
    with pytest.raises(sa.exc.DatabaseError, match="begins as a draft"):
        _execute(
            "INSERT INTO sozialdaten_proposal (id, kind, key, version, organisation, body, digest,"
            " state, author, writers, saved_at, submitted_by, reviewer, decided_at, reason)"
            " VALUES ('x', :kind, 'x', 1, 'o', :body, :digest, 'approved', 'a', '{a}', now(), 'a',"
            " :who, now(), 'x')",
            kind=KIND,
            body=body,
            digest=hashlib.sha256(body.encode()).hexdigest(),
            who=desk.office.reviewer.id,
        )


def _open(desk: Desk, path: str, who: Account, **form: str) -> Any:
    headers = desk.office.world.deciding(who)
    if form:
        return desk.office.world.app.post(path, headers=headers, data=form)
    return desk.office.world.app.get(path, headers=headers)


def test_the_reviewer_sees_line_by_line_what_is_new_and_decides(desk: Desk) -> None:
    lines = [f"Zeile {number}" for number in range(30)]
    desk.approved("\n".join(lines))
    lines[20] = "Zeile zwanzig"
    found = desk.submitted("\n".join(lines))
    assert f"/pruefung/texte/{found}" in _open(desk, "/pruefung", desk.office.reviewer).body
    path = f"/pruefung/texte/{found}"
    page = _open(desk, path, desk.office.reviewer).body
    compared = page[page.index("sozialdaten-lines") : page.index("<details")]
    assert "Zeile zwanzig" in compared
    assert "Zeile 20<" in compared
    assert "Zeile 3<" not in compared
    assert _open(desk, path, desk.office.reviewer, decision="approve", reason="").status_code == 200
    assert desk.public() != ["\n".join(lines)]
    _open(desk, path, desk.office.reviewer, decision="approve", reason="Stimmt so.")
    assert desk.public() == ["\n".join(lines)]


def test_who_wrote_it_finds_no_decision_on_the_page(desk: Desk) -> None:
    both = _reviewing_editor(desk)
    desk.save("von mir", both)
    path = f"/pruefung/texte/{desk.submitted('von uns')}"
    assert 'value="approve"' not in _open(desk, path, both).body
    _open(desk, path, both, decision="approve", reason="Ich finde es gut.")
    assert desk.public() == []


def test_the_overview_tells_what_waits_and_what_came_back(desk: Desk) -> None:
    found = desk.submitted()
    page = desk.office.world.page("/dashboard/datasets", desk.office.reviewer).body
    assert f"/pruefung/texte/{found}" in page
    desk.call("reject", desk.office.reviewer, id=found, reason="Bitte kürzer.")
    page = desk.office.world.page("/dashboard/datasets", desk.office.editor).body
    assert "Bitte kürzer." in page
    assert (
        f"/pruefung/texte/{found}"
        not in desk.office.world.page("/dashboard/datasets", desk.office.reviewer).body
    )

"""The gate's pages: every step is a form that works without script."""

import re

from ckan import model
from click.testing import CliRunner
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing.cli import sozialdaten
from ckanext.sozialdaten.publishing.model import Reviewer


def test_a_working_copy_shows_its_findings_with_their_remedy(office: Office) -> None:
    copy = office.working_copy(TABLE + b"99001009;2023;1\n")
    office.world.app.post(
        f"/dataset/{copy['name']}/pruefen", headers=office.editor.headers, follow_redirects=False
    )
    page = office.world.page(f"/dataset/{copy['name']}", office.editor, "en").body
    assert "Forbids the release" in page
    assert "What helps" in page
    assert "Submit for review" not in page


def test_a_form_submits_and_a_form_approves(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    answers = {"purpose": "Bericht", "legal_basis": "SGB X", "policy": "amtliche-statistik-3"}
    office.world.app.post(
        "/dataset/hilfen/einreichen",
        headers=office.editor.headers,
        data=answers,
        follow_redirects=False,
    )
    desk = office.world.page("/pruefung", office.reviewer).body
    found = re.search(r'href="(/pruefung/[0-9a-f-]{36})"', desk)
    assert found
    review = office.world.page(found[1], office.reviewer).body
    assert "99001001" in review
    office.world.app.post(
        found[1],
        headers=office.world.deciding(office.reviewer),
        data={"decision": "approve", "reason": "Gut."},
        follow_redirects=False,
    )
    assert "Release 1 of" in office.world.page("/dataset/hilfen", language="en").body
    assert office.show(copy["id"])["name"] == "hilfen-arbeitsfassung"


def test_a_decision_without_reason_is_refused_on_the_page(office: Office) -> None:
    submission = office.submit(office.working_copy()["id"])
    page = office.world.app.post(
        f"/en/pruefung/{submission['id']}",
        headers=office.world.deciding(office.reviewer),
        data={"decision": "approve", "reason": " "},
    )
    assert "Give a reason." in page.body


def test_the_desk_is_closed_to_sysadmins_and_strangers(office: Office) -> None:
    for account in (office.sysadmin, office.stranger):
        assert office.world.page("/pruefung", account).status_code == 403


def test_a_released_dataset_shows_no_button_to_edit(office: Office) -> None:
    released, _ = office.release(name="hilfen")
    page = office.world.page("/dataset/hilfen", office.sysadmin).body
    assert "/dataset/edit/hilfen" not in page
    assert "hilfen-arbeitsfassung" in page
    assert released["name"] == "hilfen"


def test_the_command_line_names_the_first_reviewer_alone(office: Office) -> None:
    run = CliRunner().invoke
    name, first, second = office.stranger.name, office.admin.name, office.sysadmin.name
    alone = run(sozialdaten, ["reviewer", "grant", name, "--by", first])
    oneself = run(sozialdaten, ["reviewer", "grant", name, "--by", first, "--by", name])
    assert alone.exit_code == oneself.exit_code == 1
    grant = ["reviewer", "grant", name, "--by", first, "--by", second]
    assert "first reviewer" in run(sozialdaten, grant).output
    run(sozialdaten, ["reviewer", "revoke", office.reviewer.name, "--by", first])
    granted = run(sozialdaten, grant)
    assert granted.exit_code == 0
    assert name in run(sozialdaten, ["reviewer", "list"]).output
    run(sozialdaten, ["reviewer", "revoke", name, "--by", first])
    model.Session.remove()
    assert Reviewer.current(office.stranger.id) is None


def test_the_enter_key_makes_no_draft_of_a_working_copy(office: Office) -> None:
    """CKAN's first button of the form is “Unpublish”."""
    copy = office.working_copy()
    form = office.world.page(f"/dataset/edit/{copy['name']}", office.editor).body
    assert "go-metadata-unpublish" not in form
    assert 'name="save"' in form


def test_a_draft_says_how_to_go_on(office: Office) -> None:
    copy = office.working_copy(name="entwurf")
    office.world.call("package_patch", office.sysadmin, id=copy["id"], state="draft")
    page = office.world.page("/dataset/entwurf", office.editor).body
    assert (
        f"/dataset/entwurf/resource/{copy['resources'][0]['id']}/edit"
        in page[page.index("pruefung-titel") :]
    )


def test_a_form_without_script_stores_no_empty_pattern(office: Office) -> None:
    """The page of scheming holds a pattern row for each repeated field, which a script removes."""
    copy = office.working_copy(name="ohne-skript")
    rows = {"contact-1-name": "Jugendamt", "contact-1-email": "jugendamt@kreis.test"}
    pattern = {"contact-REPEATING-INDEX0-name": "", "contact-REPEATING-INDEX0-email": ""}
    fields = {"title": copy["title"], "notes": "Neu.", "license_id": copy["license_id"]}
    fields |= {"owner_org": copy["owner_org"], "name": "ohne-skript", "save": ""}
    answer = office.world.app.post(
        "/dataset/edit/ohne-skript", headers=office.editor.headers, data=fields | rows | pattern
    )
    assert answer.status_code == 200
    shown = office.show(copy["id"])
    assert shown["notes"] == "Neu."
    assert [one["name"] for one in shown["contact"]] == ["Jugendamt"]
    assert "INDEX" not in str(shown)

"""Frozen editions: approved by two people, the same for ever, silent on what was withdrawn."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from ckan.common import config
from ckan_world import World
from gate_office import Office, new_office
from report_world import TOWN, lake  # noqa: F401

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.report import _document, _editions, _printed, _waiting
from ckanext.sozialdaten.printing import PrintingError

PATH = f"/sozialbericht/{TOWN}"
EDITION = f"{PATH}/fassung/1"
KINDS = ("pdf", "xlsx", "csv", "zip")
WORDS = {"title": "Stand der Beschlussfassung 2023", "decided": "2025-11-20",
         "foreword": "Der Kreistag hat beraten.\nEr dankt allen."}  # fmt: skip


@pytest.fixture
def office(world: World, monkeypatch: pytest.MonkeyPatch) -> Office:
    # a document takes seconds to print; one test prints it
    monkeypatch.setattr(_waiting, "begin", lambda _html: _printed.Stage.READY)
    monkeypatch.setattr(
        _editions, "as_pdf", lambda report, **_: b"%PDF-1.7 " + report.year.encode()
    )
    return new_office(world)


def freeze(office: Office, account=None, **words):
    account = account or office.editor
    return office.world.app.post(
        f"/de{PATH}/fassungen",
        data={"jahr": "2023", "organisation": office.organisation["name"], **WORDS, **words},
        headers=account.headers,
        follow_redirects=False,
    )


def caught_jobs(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list:
    """The jobs that are queued from now on: function and arguments; nobody runs them."""
    jobs: list = []
    monkeypatch.setitem(config, "ckan.storage_path", str(folder))
    monkeypatch.setattr(_waiting, "begin", _printed.begin)
    monkeypatch.setattr(
        _printed.tk, "enqueue_job", lambda job, given, **_: jobs.append((job, tuple(given)))
    )
    return jobs


def waiting(office: Office) -> dict:
    (found,) = office.world.call("sozialdaten_proposal_list", office.reviewer, state="submitted")
    return found


def approve(office: Office) -> None:
    office.world.call(
        "sozialdaten_proposal_approve",
        office.reviewer,
        id=waiting(office)["id"],
        reason="Beschluss",
    )


def test_an_edition_is_public_once_a_second_person_approved_it(office: Office):
    assert freeze(office).status_code == 302
    draft = f"/sozialbericht/fassung-entwurf/{waiting(office)['id']}"
    for path in (EDITION, f"{EDITION}.pdf", draft, f"{draft}.csv"):
        assert office.world.page(path).status_code == 404
    assert (
        "wartet auf eine zweite Person"
        in office.world.page(draft, account=office.reviewer, language="de").body
    )
    approve(office)
    body = office.world.page(EDITION, language="de").body
    assert "Eingefrorener Stand der Beschlussfassung vom 20.11.2025." in body
    assert "Der Kreistag hat beraten." in body
    assert "14,5" in body
    assert f'href="/de{PATH}"' in body
    assert EDITION in office.world.page(PATH, language="de").body


def test_its_files_give_the_same_bytes_whatever_comes_later(office: Office):
    freeze(office)
    approve(office)
    first = {kind: office.world.page(f"{EDITION}.{kind}").data for kind in KINDS}
    content = json.loads(office.world.call("sozialdaten_proposal_list", kind="edition")[0]["body"])
    for kind, body in first.items():
        assert hashlib.sha256(body).hexdigest() == content["files"][kind]
    freeze(office, title="Zweiter Stand", jahr="2022")
    approve(office)
    assert {kind: office.world.page(f"{EDITION}.{kind}").data for kind in KINDS} == first
    assert office.world.page(f"{PATH}/fassung/2.pdf").data == b"%PDF-1.7 2022"
    names = zipfile.ZipFile(io.BytesIO(first["zip"])).namelist()
    assert f"sozialbericht-{TOWN}-2023/index.html" in names


def test_a_later_version_under_the_same_number_changes_nothing(office: Office):
    freeze(office)
    approve(office)
    key = f"{TOWN}_1"
    body = json.loads(office.world.call("sozialdaten_proposal_list", kind="edition")[0]["body"])
    body["title"] = "Etwas anderes"
    given = {"kind": "edition", "key": key, "body": json.dumps(body)}
    saved = office.world.call("sozialdaten_proposal_save", office.editor, **given)
    office.world.call("sozialdaten_proposal_submit", office.editor, id=saved["id"])
    approve(office)
    assert "Etwas anderes" not in office.world.page(EDITION).body


def test_what_was_withdrawn_later_is_hidden_and_no_file_is_given_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    _, release = office.release(name="geburten")
    monkeypatch.setattr(_editions, "sources_of", lambda *_: [type("S", (), {"name": "geburten"})])
    freeze(office)
    approve(office)
    assert office.world.page(f"{EDITION}.csv").status_code == 200
    office.world.call(
        "sozialdaten_release_withdraw", office.reviewer, id=release["id"],
        reason="Fehler", public_reason="Fehler",
    )  # fmt: skip
    body = office.world.page(EDITION, language="de").body
    assert "14,5" not in body
    assert "wurde nach dem Beschluss zurückgezogen" in body
    for kind in KINDS:
        assert office.world.page(f"{EDITION}.{kind}").status_code == 410


def test_changed_bytes_are_never_given_out(office: Office):
    freeze(office)
    approve(office)
    content = json.loads(office.world.call("sozialdaten_proposal_list", kind="edition")[0]["body"])
    digest = content["files"]["csv"]
    path = Path(config["ckan.storage_path"], "sozialdaten", "editions", digest[:2], digest[2:])
    path.chmod(0o644)
    path.write_bytes(b"other")
    assert office.world.page(f"{EDITION}.csv").status_code == 503
    assert office.world.page(f"{EDITION}.xlsx").status_code == 200


def test_an_edition_is_frozen_by_the_api_too(office: Office):
    given = {"region": TOWN, "year": "2023", "organisation": office.organisation["id"], **WORDS}
    frozen = office.world.call("sozialdaten_report_freeze", office.editor, **given)
    assert (frozen["key"], frozen["state"]) == (f"{TOWN}_1", "submitted")
    for account in (None, office.member):
        answer = office.world.app.post(
            "/api/3/action/sozialdaten_report_freeze",
            json=given,
            headers=account.headers if account else {},
        )
        assert answer.status_code == 403


def test_only_members_freeze_and_a_day_is_needed(office: Office):
    assert freeze(office, office.stranger).status_code == 403
    answer = freeze(office, decided="bald")
    assert answer.status_code == 200
    assert "Geben Sie den Tag des Beschlusses an" in answer.body
    assert "Er dankt allen." in answer.body


def test_the_document_says_that_it_is_frozen(world: World, lake):  # noqa: F811
    from ckanext.sozialdaten.portal.report import report_of
    from ckanext.sozialdaten.portal.report._document import page_of

    with world.app.flask_app.test_request_context("/de/"):
        page = page_of(report_of(TOWN, "2023"), edition=_editions.Wording(**WORDS))
    assert "Stand der Beschlussfassung 2023" in page
    assert "Er dankt allen." in page


def test_who_waits_at_a_screen_sees_that_the_document_is_printed(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    jobs = caught_jobs(monkeypatch, tmp_path)
    first = freeze(office)
    assert first.status_code == 202
    assert 'name="title" value="Stand der Beschlussfassung 2023"' in first.body
    assert not office.world.call("sozialdaten_proposal_list", office.reviewer, state="submitted")
    assert freeze(office).status_code == 202
    ((job, (digest,)),) = jobs  # asked twice, printed once
    progress = f"/sozialbericht/druck/{digest}"
    assert office.world.page(progress).status_code == 202
    monkeypatch.setattr(_printed, "print_pdf", lambda html, _variant: b"%PDF-1.7 " + html.encode())
    job(digest)
    assert office.world.page(progress).status_code == 204
    assert freeze(office).status_code == 302
    assert waiting(office)["kind"] == "edition"


def test_a_document_that_fails_is_said_and_not_printed_again_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    jobs = caught_jobs(monkeypatch, tmp_path)

    def fails(_html: str, _variant: str) -> bytes:
        raise PrintingError(Message("The document could not be made."))

    monkeypatch.setattr(_printed, "print_pdf", fails)
    monkeypatch.setattr(_editions, "as_pdf", _document.as_pdf)
    freeze(office, title="Ein anderer Stand")
    ((job, (digest,)),) = jobs
    with pytest.raises(PrintingError):
        job(digest)
    assert office.world.page(f"/sozialbericht/druck/{digest}").status_code == 503
    answer = freeze(office, title="Ein anderer Stand")
    assert "Das Dokument konnte nicht erstellt werden." in answer.body
    assert len(jobs) == 1


def test_a_browser_waits_for_the_pdf_and_a_machine_gets_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    jobs = caught_jobs(monkeypatch, tmp_path)
    monkeypatch.setattr(_printed, "print_pdf", lambda *_: b"%PDF-1.7 gedruckt")
    browser = {"Accept": "text/html,application/xhtml+xml"}
    address = f"/de{PATH}.pdf?jahr=2022"
    asked = office.world.app.get(address, headers=browser)
    assert asked.status_code == 202
    assert "Das Dokument wird erstellt" in asked.body
    assert office.world.app.get(address).data == b"%PDF-1.7 gedruckt"
    # what a machine had printed is there for the browser as well
    assert office.world.app.get(address, headers=browser).data == b"%PDF-1.7 gedruckt"
    assert len(jobs) == 1

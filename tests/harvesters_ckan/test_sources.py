"""Pages and actions of the sources: what waits is decided on by staff, and by nobody else."""

import io
import re
from typing import Any

import pytest
import yaml
from catalogue_world import Portal, dataset
from ckan.lib.jobs import Worker
from ckan_world import Account, RefusedError
from connector_world import Service
from harvest_office import NAME, Office
from harvest_world import CASES, SECRETS

from ckanext.sozialdaten.harvesters.ckan import registry

REASON = "Zwei Gemeinden liefern erst wieder im nächsten Jahr."


def post(office: Office, path: str, who: Account, **data: str) -> str:
    """A form that is sent, and the page that follows."""
    answer = office.world.app.post(path, headers=who.headers, data=data, follow_redirects=True)
    return str(answer.body)


def outcome(office: Office, answer: Any) -> str:
    """The page of a sample once its job is done."""
    token = answer.request.args["muster"]
    Worker().work(burst=True)
    return str(office.world.page(f"/quellen/neu?muster={token}", office.admin).body)


@pytest.fixture
def waiting(office: Office) -> str:
    """The digest of a delivery that lost most of its rows, after a good one."""
    office.drop(30)
    assert office.harvest()["state"] == "succeeded"
    office.drop(12)
    assert office.harvest()["state"] == "failed"
    shown = office.world.call("sozialdaten_source_show", office.editor, id=CASES)
    assert shown["waiting"] == 1
    return str(shown["quarantine"][0]["digest"])


def test_only_people_of_the_organisation_see_sources(office: Office, waiting: str) -> None:
    stranger = office.world.account()
    assert office.world.page("/quellen/", None).status_code == 403
    assert CASES not in office.world.page("/quellen/", stranger).body
    assert office.world.page(f"/quellen/{CASES}", stranger).status_code in (403, 404)
    page = office.world.page("/quellen/", office.editor).body
    assert f"/quellen/{CASES}" in page
    assert "Jetzt abrufen" in page
    assert "Alle Quellen abrufen" in page


def test_a_page_says_why_a_delivery_waits_and_quotes_nobody(office: Office, waiting: str) -> None:
    page = office.world.page(f"/quellen/{CASES}", office.editor).body
    assert NAME in page
    assert "Prozent weniger" in page
    assert "Trotzdem annehmen" in page
    assert not any(secret in page for secret in SECRETS)


def test_accepting_by_form_needs_a_reason_and_takes_the_delivery(
    office: Office, waiting: str
) -> None:
    path = f"/quellen/{CASES}/entscheiden"
    page = post(office, path, office.editor, digest=waiting, decision="accept", reason="ja")
    assert "Begründung" in page
    post(office, path, office.editor, digest=waiting, decision="accept", reason=REASON)
    assert office.harvest()["state"] == "succeeded"
    shown = office.world.call("sozialdaten_source_show", office.editor, id=CASES)
    assert shown["waiting"] == 0
    assert shown["quarantine"][0]["reason"] == REASON
    assert shown["quarantine"][0]["by"] == office.editor.name
    assert [entry["rows"] for entry in shown["deliveries"]] == [12, 30]


def test_rejecting_keeps_the_last_good_state(office: Office, waiting: str) -> None:
    (before,) = office.working_copies()
    office.world.call(
        "sozialdaten_source_reject", office.editor, id=CASES, digest=waiting, reason=REASON
    )
    assert office.harvest()["state"] == "unchanged"
    assert office.working_copies() == [before]
    with pytest.raises(RefusedError) as caught:
        office.world.call(
            "sozialdaten_source_accept", office.editor, id=CASES, digest=waiting, reason=REASON
        )
    assert caught.value.status == 409


def test_strangers_neither_decide_nor_look_nor_fetch(office: Office, waiting: str) -> None:
    stranger = office.world.account()
    for action, more in {
        "sozialdaten_source_accept": {"digest": waiting, "reason": REASON},
        "sozialdaten_source_reject": {"digest": waiting, "reason": REASON},
        "sozialdaten_source_preview": {},
        "sozialdaten_source_harvest": {},
    }.items():
        for who in (None, stranger):
            with pytest.raises(RefusedError) as caught:
                office.world.call(action, who, id=CASES, **more)
            assert caught.value.status in (403, 404)
    assert office.world.call("sozialdaten_source_harvest_all", stranger) == {"queued": []}


def test_a_dry_run_stores_nothing(office: Office) -> None:
    office.drop(30)
    found = office.world.call("sozialdaten_source_preview", office.editor, id=CASES)
    (delivery,) = found["deliveries"]
    assert (delivery["name"], delivery["rows"], delivery["observations"]) == (NAME, 30, [])
    assert office.working_copies() == []
    assert office.harvest()["state"] == "succeeded"


def test_a_dry_run_is_a_job_and_its_page_waits_for_it(office: Office) -> None:
    office.drop(30)
    asked = post(office, f"/quellen/{CASES}/probelauf", office.editor)
    assert "Der Probelauf liest die Lieferungen." in asked
    assert "30 Zeilen" not in asked
    Worker().work(burst=True)
    page = str(office.world.page(f"/quellen/{CASES}/probelauf", office.editor).body)
    assert "30 Zeilen" in page
    assert not any(secret in page for secret in SECRETS)
    stranger = office.world.account()
    assert office.world.page(f"/quellen/{CASES}/probelauf", stranger).status_code in (403, 404)


def test_all_sources_are_queued_by_one_button(office: Office) -> None:
    page = post(office, "/quellen/alle", office.editor)
    assert "läuft" in page
    found = registry.find(CASES)
    assert found is not None
    assert registry.active_job(found) is not None


def test_the_wizard_writes_a_source_from_a_sample_and_registers_it(office: Office) -> None:
    sample = b"AGS;Jahr;Hunde\n" + b"".join(
        f"99001{n:03};2023;{n + 20}\n".encode() for n in range(1, 9)
    )
    headers = office.admin.headers
    answer = office.world.app.post(
        "/quellen/neu",
        headers=headers,
        data={"step": "sample", "sample": (io.BytesIO(sample), "hunde.csv")},
        content_type="multipart/form-data",
    )
    assert "wartet" in str(answer.body)
    page = outcome(office, answer)
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token, page
    assert "99001001" in page
    said = {
        **dict(re.findall(r'<input[^>]*name="(\w[\w-]*)" value="([^"]*)"', page)),
        "id": "hunde",
        "title": "Gemeldete Hunde",
        "owner_org": "kreis-musterland",
        "kind": "stichtag",
        "region_column": "",  # the column AGS was recognised
        "within": "99001",
        "retention_days": "30",
        "schedule": "on_arrival",
    }
    stranger = office.world.page(f"/quellen/neu?muster={token[1]}", office.world.account())
    assert stranger.status_code == 403
    post(office, "/quellen/neu", office.admin, **said, step="try")
    Worker().work(burst=True)
    tried = str(office.world.page(f"/quellen/neu?muster={token[1]}", office.admin).body)
    assert "Das passt</h2>" in tried
    kept = post(office, "/quellen/neu", office.admin, **said, step="keep")
    assert "Das passt noch nicht" not in kept
    assert "Gemeldete Hunde" in kept
    written = yaml.safe_load((office.installation.folder / "sources" / "hunde.yaml").read_text())
    assert written["observations"]["regions"]["within"] == "99001"
    listed = office.world.call("sozialdaten_source_list", office.admin)
    assert {source["id"] for source in listed} == {CASES, "hunde"}
    office.installation.drop("hunde", "hunde.csv", sample)
    found = office.world.call("sozialdaten_source_preview", office.admin, id="hunde")
    assert found["deliveries"][0]["problems"] == []
    assert len(found["deliveries"][0]["observations"]) == 8


def test_the_wizard_is_for_administrators_and_refuses_lists_of_persons(office: Office) -> None:
    assert office.world.page("/quellen/neu", office.editor).status_code == 403
    answer = office.world.app.post(
        "/quellen/neu",
        headers=office.admin.headers,
        data={
            "step": "sample",
            "sample": (io.BytesIO(b"Name;Geburtsdatum;AGS\nGeheim;01.01.2000;99001001\n"), "p.csv"),
        },
        content_type="multipart/form-data",
    )
    page = outcome(office, answer)
    assert "Das passt noch nicht" in page
    assert "Geheim" not in page


def test_the_wizard_keeps_only_what_was_tried(office: Office) -> None:
    sample = b"AGS;Jahr;Hunde\n99001001;2023;20\n"
    answer = office.world.app.post(
        "/quellen/neu",
        headers=office.admin.headers,
        data={"step": "sample", "sample": (io.BytesIO(sample), "hunde.csv")},
        content_type="multipart/form-data",
    )
    page = outcome(office, answer)
    said = dict(re.findall(r'<input[^>]*name="(\w[\w-]*)" value="([^"]*)"', page))
    said |= {"id": "hunde", "owner_org": "kreis-musterland", "within": "99001"}
    post(office, "/quellen/neu", office.admin, **said, step="keep")
    assert not (office.installation.folder / "sources" / "hunde.yaml").exists()


def test_the_wizard_describes_a_whole_catalogue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_PRIVATE_HOSTS", "127.0.0.1")
    service = Service(Portal([dataset(number) for number in range(1, 4)]))
    page = post(
        office, "/quellen/neu", office.admin, step="sample", catalogue="ckan", address=service.url
    )
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token, page
    said = {
        **dict(re.findall(r'<input[^>]*name="(\w[\w-]*)" value="([^"]*)"', page)),
        "id": "landesportal", "title": "Landesportal", "owner_org": "kreis-musterland",
        "catalogue": "ckan", "legal_basis": "dng",
    }  # fmt: skip
    post(office, "/quellen/neu", office.admin, **said, step="try")
    Worker().work(burst=True)
    tried = str(office.world.page(f"/quellen/neu?muster={token[1]}", office.admin).body)
    service.close()
    assert "3 Datensätze" in tried
    kept = post(office, "/quellen/neu", office.admin, **said, step="keep")
    assert "Landesportal" in kept
    written = yaml.safe_load(
        (office.installation.folder / "sources" / "landesportal.yaml").read_text()
    )
    assert written["connector"] == {"type": "ckan", "url": service.url}
    assert written["catalogue"]["prefix"]

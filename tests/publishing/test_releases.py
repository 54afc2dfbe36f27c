"""Every release at its own address: files, record, comparison, tombstone; and whether all hold."""

import contextlib
import hashlib
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from click.testing import CliRunner
from gate_office import TABLE, Office

from ckanext.sozialdaten.cli.verify import command as verify_command
from ckanext.sozialdaten.publishing import _store
from ckanext.sozialdaten.publishing._recording import verify_all
from ckanext.sozialdaten.publishing.cli import sozialdaten
from ckanext.sozialdaten.publishing.records import Link, link_hash, verify

SECOND = TABLE.replace(b"99001001;2022;", b"99001001;2022;9") + b"99001006;2023;77\n"


def replaced(office: Office, table: bytes = SECOND) -> dict[str, Any]:
    """A second release of ``hilfen`` with another table."""
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("resource_delete", office.editor, id=copy["resources"][0]["id"])
    office.add_table(copy["id"], table)
    return office.approve(office.submit(copy["id"]))


def withdrawn(office: Office, release: dict[str, Any]) -> None:
    office.world.call(
        "sozialdaten_release_withdraw", office.reviewer, id=release["id"], reason="Geheimwort"
    )


def test_an_older_release_keeps_its_bytes_at_its_address(office: Office) -> None:
    office.release(name="hilfen")
    replaced(office)
    page = office.world.page("/dataset/hilfen/veroeffentlichung/1").body
    found = re.search(r'href="([^"]*/veroeffentlichung/1/datei/[^"]+)"', page)
    assert found
    answer = office.world.page(found[1])
    assert answer.data == TABLE
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(TABLE).hexdigest() in page
    newer = found[1].replace("/veroeffentlichung/1/", "/veroeffentlichung/2/")
    assert office.world.page(newer).status_code == 404


def test_two_releases_are_compared_row_by_row(office: Office) -> None:
    _, first = office.release(name="hilfen")
    second = replaced(office)
    told = office.world.call("sozialdaten_release_diff", id=second["id"], other=first["id"])
    table = told["files"][0]["table"]
    assert (table["before"], table["after"], table["added"], table["changed"]) == (10, 11, 1, 1)
    change = next(one for one in table["examples"] if one["state"] == "changed")
    assert change["key"] == {"gemeinde": "99001001", "jahr": "2022"}
    assert change["figures"]["faelle"] == ["29", "929"]
    page = office.world.page("/dataset/hilfen/veroeffentlichung/2/vergleich/1", language="de").body
    assert "29 → 929" in page


def test_the_public_part_of_a_record_names_nobody_and_quotes_no_finding(office: Office) -> None:
    office.release(name="hilfen")
    path = "/dataset/hilfen/veroeffentlichung/1/nachweis.json"
    shown = json.loads(office.world.page(path).body)
    text = json.dumps(shown)
    for secret in (office.editor.id, office.reviewer.id, "Befunde durchgesehen"):
        assert secret not in text
    assert "internal" not in shown
    assert "minimum-frequency" in shown["public"]["engine"]["rules"]
    own = json.loads(office.world.page(path, office.reviewer).body)
    assert own["internal"]["decision"] == "Befunde durchgesehen."
    assert json.loads(office.world.page(path, office.stranger).body) == shown


def test_a_record_and_its_file_are_verified_without_the_portal(
    office: Office, tmp_path: Path
) -> None:
    office.release(name="hilfen")
    path = "/dataset/hilfen/veroeffentlichung/1/nachweis.json"
    record, file, other = (tmp_path / name for name in ("n.json", "faelle.csv", "other.csv"))
    record.write_bytes(office.world.page(path).data)
    file.write_bytes(TABLE)
    other.write_bytes(TABLE + b" ")
    run = CliRunner().invoke
    assert run(verify_command, [str(record), "--file", str(file)]).exit_code == 0
    assert run(verify_command, [str(record), "--file", str(other)]).exit_code == 1
    record.write_text(record.read_text("utf-8").replace('"number": 1', '"number": 7'), "utf-8")
    assert run(verify_command, [str(record)]).exit_code == 1
    record.write_text("nothing", "utf-8")
    assert run(verify_command, [str(record)]).exit_code == 2


def test_the_chain_shows_hashes_alone_of_what_was_withdrawn(office: Office, tmp_path: Path) -> None:
    _, first = office.release(name="hilfen", title="Verschwundenes")
    office.release(name="bleibt")
    withdrawn(office, first)
    body = office.world.page("/veroeffentlichungen.json").body
    assert "Verschwundenes" not in body
    chain = tmp_path / "chain.json"
    chain.write_text(body, "utf-8")
    assert CliRunner().invoke(verify_command, [str(chain), "--whole"]).exit_code == 0
    links = [Link.from_json(item) for item in json.loads(body)["releases"]]
    assert verify([links[1], links[0]])


@pytest.mark.parametrize("path", ["", "/nachweis.json", "/vergleich/2"])
def test_a_withdrawn_release_leaves_a_tombstone(office: Office, path: str) -> None:
    _, first = office.release(name="hilfen", title="Verschwundenes")
    replaced(office)
    withdrawn(office, first)
    address = f"/dataset/hilfen/veroeffentlichung/1{path}"
    for reader in (None, office.stranger, office.editor):
        answer = office.world.page(address, reader, "de")
        assert answer.status_code == 410
        assert "zurückgezogen" in answer.body
        for secret in ("Verschwundenes", "Geheimwort", "faelle"):
            assert secret not in answer.body


def test_the_file_of_a_withdrawn_release_is_gone(office: Office) -> None:
    _, first = office.release(name="hilfen")
    withdrawn(office, first)
    resource = first["files"][0]["resource_id"]
    path = f"/dataset/hilfen/veroeffentlichung/1/datei/{resource}/faelle.csv"
    for reader in (None, office.editor, office.sysadmin):
        assert office.world.page(path, reader).status_code == 410


def test_the_list_of_releases_names_no_file_of_a_withdrawn_one(office: Office) -> None:
    _, first = office.release(name="hilfen")
    replaced(office)
    withdrawn(office, first)
    newer, older = office.world.call("sozialdaten_release_list", dataset_id="hilfen")
    assert (len(newer["files"]), newer["withdrawn_at"]) == (1, None)
    assert (older["files"], older["legal_basis"]) == ([], None)
    assert older["withdrawn_at"]


def test_releases_of_a_working_copy_are_not_there(office: Office) -> None:
    copy = office.working_copy(name="geheim")
    for path in ("veroeffentlichungen", "veroeffentlichung/1", "veroeffentlichung/1/nachweis.json"):
        assert office.world.page(f"/dataset/geheim/{path}").status_code == 404
        assert office.world.page(f"/dataset/{copy['id']}/{path}").status_code == 404


def test_every_release_holds(office: Office) -> None:
    office.release()
    office.release(name="hilfen")
    replaced(office)
    assert verify_all() == []
    assert CliRunner().invoke(sozialdaten, ["verify"]).exit_code == 0


def test_changed_bytes_show(office: Office) -> None:
    _, release = office.release()
    path = _store.path_of(release["files"][0]["sha256"])
    path.chmod(0o600)
    path.write_bytes(b"anything")
    try:
        found = [problem.message.msgid for problem in verify_all()]
    finally:
        path.write_bytes(TABLE)  # other tests release the same bytes
    assert found == ["The bytes of a released file are not those that were approved."]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sozialdaten_release SET record = jsonb_set(record, '{public,title}', '1')",
        "UPDATE sozialdaten_release SET record = jsonb_set(record, '{internal,decision}', '1')",
        "UPDATE sozialdaten_release SET approved_by = 'somebody'",
        "UPDATE sozialdaten_release SET number = 9",
        "WITH gone AS (SELECT id FROM sozialdaten_release ORDER BY seq LIMIT 1),"
        " files AS (DELETE FROM sozialdaten_file WHERE release_id IN (SELECT id FROM gone))"
        " DELETE FROM sozialdaten_release WHERE id IN (SELECT id FROM gone)",
    ],
)
def test_whoever_owns_the_database_does_not_go_unseen(office: Office, statement: str) -> None:
    office.release()
    office.release()
    for table in ("release", "file"):
        model.Session.execute(sa.text(f"ALTER TABLE sozialdaten_{table} DISABLE TRIGGER USER"))
    try:
        model.Session.execute(sa.text(statement))
        model.Session.commit()
        assert verify_all()
    finally:
        model.Session.rollback()
        for table in ("release", "file"):
            model.Session.execute(sa.text(f"ALTER TABLE sozialdaten_{table} ENABLE TRIGGER USER"))
        model.Session.commit()


def test_a_link_of_a_chain_is_bound_to_the_one_before() -> None:
    first = Link(link_hash({"n": 1}, "a", ""), "", {"n": 1}, "a")
    second = Link(link_hash({"n": 2}, "b", first.hash), first.hash, {"n": 2}, "b")
    assert not verify([first, second], whole=True)
    assert verify([second], whole=True)
    assert verify([first, first])


def unpacked(document: bytes) -> bytes:
    """A document with its compressed streams beside it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    found = [document]
    for stream in streams:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"\n".join(found)


def test_the_record_is_a_tagged_document_for_archives(office: Office) -> None:
    office.release(name="hilfen")
    answer = office.world.page("/dataset/hilfen/veroeffentlichung/1/nachweis.pdf", language="de")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = unpacked(answer.data)
    for needed in (b'pdfaid:part="3"', b'pdfaid:conformance="A"', b"/Marked", b"OutputIntent"):
        assert needed in text


def test_a_reviewer_sees_which_figures_differ_from_the_last_release(office: Office) -> None:
    office.release(name="hilfen")
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("resource_delete", office.editor, id=copy["resources"][0]["id"])
    office.add_table(copy["id"], SECOND)
    submission = office.submit(copy["id"])
    page = office.world.page(f"/pruefung/{submission['id']}", office.reviewer, "de").body
    assert "29 → 929" in page
    assert "1 Zeilen neu, 0 entfernt, 1 mit anderen Zahlen" in page


def test_the_tombstone_says_the_public_reason_at_every_address(office: Office) -> None:
    office.release(name="hilfen")
    release = replaced(office)
    office.world.call(
        "sozialdaten_release_withdraw",
        office.reviewer,
        id=release["id"],
        reason="Geheimwort",
        public_reason="Eine Stelle hat berichtigt.",
        earlier=True,
    )
    of_dataset = ("", "/veroeffentlichungen", "/veroeffentlichung/1", "/veroeffentlichung/2")
    for path in (f"/dataset/hilfen{path}" for path in of_dataset):
        answer = office.world.page(path)
        assert answer.status_code == 410, path
        assert "Eine Stelle hat berichtigt." in answer.body
        assert "Geheimwort" not in answer.body
        assert "no-store" in answer.headers["Cache-Control"]
    assert office.world.page("/dataset/hilfen", office.stranger).status_code == 410
    staff = office.world.page("/dataset/hilfen", office.editor)
    assert staff.status_code == 200
    assert "Geheimwort" in staff.body
    copy = office.world.page("/dataset/hilfen-arbeitsfassung", office.editor, "de").body
    assert "Das ist der zurückgezogene Stand." in copy
    chain = json.loads(office.world.page("/veroeffentlichungen.json").body)["releases"]
    assert [link["public"] for link in chain] == [None, None]
    assert chain[1]["withdrawn"]["reason"] == "Eine Stelle hat berichtigt."
    assert "Geheimwort" not in json.dumps(chain)
    assert verify([Link.from_json(one) for one in chain], whole=True) == []


@pytest.fixture
def newest_gone(office: Office) -> dict[str, Any]:
    """Release 1, which stands; its successor was withdrawn alone."""
    _, first = office.release(name="hilfen", title="Erster Stand")
    copy = office.show("hilfen-arbeitsfassung")
    office.world.call("package_patch", office.editor, id=copy["id"], title="Verschwundenes")
    withdrawn(office, replaced(office))
    return first


def test_a_release_stays_at_its_address_when_its_successor_is_withdrawn(
    office: Office, newest_gone: dict[str, Any]
) -> None:
    file = f"/datei/{newest_gone['files'][0]['resource_id']}/faelle.csv"
    for reader in (None, office.stranger, office.reviewer):
        for path in ("", "/nachweis.json", file):
            answer = office.world.page(f"/dataset/hilfen/veroeffentlichung/1{path}", reader)
            assert answer.status_code == 200, path
            assert "Verschwundenes" not in answer.body
    assert office.world.page(f"/dataset/hilfen/veroeffentlichung/1{file}").data == TABLE


def test_the_tombstone_of_a_dataset_leads_to_the_releases_that_stand(
    office: Office, newest_gone: dict[str, Any]
) -> None:
    shown = office.world.page("/dataset/hilfen")
    assert shown.status_code == 410
    assert "/dataset/hilfen/veroeffentlichung/1" in shown.body
    listed = office.world.page("/dataset/hilfen/veroeffentlichungen")
    assert (listed.status_code, "Erster Stand" in listed.body) == (200, True)
    assert "Verschwundenes" not in shown.body + listed.body
    for who in (office.reviewer, office.editor):
        form = f"/veroeffentlichung/{newest_gone['id']}/zurueckziehen"
        assert form in office.world.page("/dataset/hilfen/veroeffentlichung/1", who).body
        assert office.world.page(form, who).status_code == 200
    found = office.world.call("sozialdaten_release_show", id=newest_gone["id"])
    assert found["number"] == 1
    chain = json.loads(office.world.page("/veroeffentlichungen.json").body)["releases"]
    assert [bool(link["public"]) for link in chain] == [True, False]


def test_the_form_withdraws_the_earlier_releases_only_when_asked(office: Office) -> None:
    office.release(name="hilfen")
    release = replaced(office)
    path = f"/veroeffentlichung/{release['id']}/zurueckziehen"
    assert 'name="earlier"' in office.world.page(path, office.editor).body
    office.world.app.post(
        path,
        headers=office.editor.headers,
        data={"reason": "Fehler", "public_reason": "Ein Fehler.", "earlier": "1"},
    )
    for number in (1, 2):
        assert office.world.page(f"/dataset/hilfen/veroeffentlichung/{number}").status_code == 410

"""Documents through the gate: found by passage and page, read, and gone with a withdrawal."""

import io
import re

import pytest
from ckan.lib.search import rebuild
from ckan_world import Account, World
from gate_office import Office, new_office
from weasyprint import HTML

from ckanext.sozialdaten.portal.documents import _cache
from ckanext.sozialdaten.portal.documents._indexing import read_job

NAME = "pflegebericht"
PAGES = (
    "Pflege im Kreis",
    "Die Pflegekonferenz empfiehlt mehr Tagespflegeplätze.",
    "Häuser <b>und</b> Wege",
)


@pytest.fixture
def office(world: World) -> Office:
    return new_office(world)


def pdf(*pages: str) -> bytes:
    body = "".join(f"<p style='break-after: page'>{page}</p>" for page in pages)
    return bytes(HTML(string=f"<html lang=de><title>Bericht</title>{body}").write_pdf() or b"")


def working_copy(office: Office, *pages: str, file: str = "bericht.pdf") -> dict:
    dataset = office.world.call(
        "package_create",
        office.editor,
        name=NAME,
        title="Pflegebericht",
        notes="Wie es um die Pflege steht.",
        owner_org=office.organisation["id"],
        license_id="dl-de/zero-2-0",
        document_kind="yearly_report",
        social_theme=["care"],
        indicators=["pfl_quote"],
        regions=["99001"],
        temporal_coverage=[{"start": "2023", "end": "2024"}],
    )
    office.world.call(
        "resource_create",
        office.editor,
        package_id=dataset["id"],
        name="Pflegebericht",
        upload=(io.BytesIO(pdf(*(pages or PAGES))), file),
    )
    return office.show(dataset["id"])


def released(office: Office) -> dict:
    copy = working_copy(office)
    release = office.approve(office.submit(copy["id"]))
    read_job(release["dataset_id"])
    return office.world.call("package_show", id=release["dataset_id"])


def page(world: World, path: str, account: Account | None = None) -> tuple[int, str]:
    answer = world.page(path, account=account, language="de")
    return answer.status_code, re.sub(r"\s+", " ", answer.body)


def picture_of(body: str) -> str:
    return re.search(r'src="(/[^"]+-900\.webp)"', body)[1].removeprefix("/de")


def test_a_released_document_is_found_by_a_word_in_it_with_passage_and_page(office: Office):
    released(office)
    _, body = page(office.world, "/dokumente?q=tagespflegeplatz")
    assert "empfiehlt mehr <mark>Tagespflegeplätze</mark>." in body
    assert f"/dokumente/{NAME}/lesen?" in body
    assert "seite=2" in body
    _, body = page(office.world, "/dokumente?q=Kindergarten")
    assert f"/dokumente/{NAME}" not in body
    found = office.world.call("package_search", q="Tagespflegeplätze")
    assert [dataset["name"] for dataset in found["results"]] == [NAME]


def test_a_document_stands_on_its_shelf_and_beside_its_indicator(office: Office):
    released(office)
    _, body = page(office.world, "/dokumente?thema=care&art=yearly_report&jahr=2024")
    assert "Pflegebericht" in body
    status, body = page(office.world, "/dokumente?art=organisation")
    assert status == 200
    assert "Kein Dokument passt" in body
    from ckanext.sozialdaten.portal.documents import linked

    with office.world.app.flask_app.test_request_context():
        assert [paper.name for paper in linked(indicator="pfl_quote")] == [NAME]
        assert [paper.name for paper in linked(region="99001001")] == [NAME]
        assert linked(indicator='pfl_quote" OR "x') == ()


def test_a_page_is_read_as_picture_and_text_and_leads_on(office: Office):
    released(office)
    status, body = page(office.world, f"/dokumente/{NAME}/lesen?seite=2&suche=Tagespflegeplätze")
    assert status == 200
    assert "Die Pflegekonferenz empfiehlt" in body
    assert 'rel="prev"' in body
    assert 'rel="next"' in body
    assert "auf 1 Seiten" in body
    answer = office.world.page(picture_of(body))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.data[8:12] == b"WEBP"
    _, body = page(office.world, f"/dokumente/{NAME}/lesen?seite=999")
    assert "Häuser und Wege" in body


def test_a_working_copy_is_read_by_its_staff_and_by_nobody_else(office: Office):
    copy = working_copy(office)
    rebuild(copy["id"])
    path = f"/dokumente/{NAME}/lesen?seite=2"
    status, body = page(office.world, path, office.editor)
    assert status == 200
    assert "Niemand außerhalb der Organisation" in body
    picture = picture_of(body)
    assert office.world.page(picture, account=office.editor).status_code == 200
    for account in (None, office.stranger):
        assert page(office.world, path, account)[0] == 404
        assert office.world.page(picture, account=account).status_code == 404
        assert "Tagespflege" not in page(office.world, "/dokumente", account)[1]
    assert office.world.call("package_search", q="Tagespflegeplätze")["count"] == 0
    assert (
        office.world.call(
            "package_search", office.editor, q="Tagespflegeplätze", include_private=True
        )["count"]
        == 0
    )


def test_a_withdrawn_document_is_gone_with_its_text_and_its_pictures(office: Office):
    dataset = released(office)
    _, body = page(office.world, f"/dokumente/{NAME}/lesen")
    picture = picture_of(body)
    digest = dataset["resources"][0]["hash"]
    assert office.world.page(picture).status_code == 200
    assert _cache.known_text(digest) is not None
    (release,) = office.world.call("sozialdaten_release_list", dataset_id=dataset["id"])
    office.world.call(
        "sozialdaten_release_withdraw",
        office.reviewer,
        id=release["id"],
        reason="Versehen",
        public_reason="Versehen",
    )
    assert page(office.world, f"/dokumente/{NAME}/lesen")[0] == 404
    assert office.world.page(picture).status_code == 404
    assert f"/dokumente/{NAME}" not in page(office.world, "/dokumente?q=Tagespflegeplätze")[1]
    assert _cache.known_text(digest) is None

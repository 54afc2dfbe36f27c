"""Further ways around the gate that were tried over HTTP, and are closed."""

import io
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import LAYOUT, Office

SECRET = "zkgeheimnis"
TABLE = f"gemeinde;jahr;faelle;art\n99001001;2023;70;{SECRET}\n99001002;2023;90;x\n".encode()
LAYOUT_ART = LAYOUT.replace("]}", ', {"name": "art", "type": "string", "role": "dimension"}]}')


@dataclass
class Scene:
    """A release, a working copy with a secret, and a stranger with an office of their own."""

    office: Office
    released: dict[str, Any]
    copy: dict[str, Any]
    own: dict[str, Any]

    @property
    def secret_file(self) -> str:
        return self.copy["resources"][0]["id"]

    @property
    def released_file(self) -> str:
        return self.released["resources"][0]["id"]

    @property
    def own_file(self) -> str:
        return self.own["resources"][0]["id"]

    def refused(self, action: str, who: Account | None, **given: Any) -> int:
        with pytest.raises(RefusedError) as found:
            self.office.world.call(action, who, **given)
        return found.value.status

    def get(
        self, path: str, who: Account | None = None, method: str = "GET", **headers: str
    ) -> Any:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        client = self.office.world.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=(who.headers if who else {}) | named)


@pytest.fixture(scope="module")
def scene(shared_office: Office) -> Scene:
    office = shared_office
    released, _ = office.release(name="offen")
    copy = office.working_copy(TABLE, LAYOUT_ART, name="geheim", title=SECRET)
    owner = office.world.call("organization_list_for_user", office.stranger)[0]
    own = office.world.dataset(office.stranger, owner, name="fremd")
    office.world.call(
        "resource_create",
        office.stranger,
        package_id=own["id"],
        name="Eigenes",
        format="CSV",
        upload=(io.BytesIO(b"a;b\n1;2\n"), "eigenes.csv"),
    )
    own = office.world.call("package_show", office.stranger, id=own["id"])
    return Scene(office, released, copy, own)


# What a reviewer has not seen


def _submitted(office: Office, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    copy = office.working_copy(**fields)
    return copy, office.submit(copy["id"])


def _approval(office: Office, submission: dict[str, Any]) -> int:
    with pytest.raises(RefusedError) as found:
        office.approve(submission)
    return found.value.status


def test_a_new_address_after_the_submission_is_not_approved(scene: Scene) -> None:
    copy, submission = _submitted(scene.office, name="harmlos")
    scene.office.world.call("package_patch", scene.office.editor, id=copy["id"], name="beleidigung")
    assert _approval(scene.office, submission) == 409


def test_a_group_joined_after_the_submission_is_not_approved(scene: Scene) -> None:
    copy, submission = _submitted(scene.office, name="ohne-gruppe")
    group = scene.office.world.call("group_create", scene.office.sysadmin, name="kinder")
    given = {"object": copy["id"], "object_type": "package", "capacity": "public"}
    scene.office.world.call("member_create", scene.office.sysadmin, id=group["id"], **given)
    assert _approval(scene.office, submission) == 409


def test_a_reviewer_sees_which_groups_a_dataset_joins(scene: Scene) -> None:
    office = scene.office
    group = office.world.call("group_create", office.sysadmin, name="jugend", title="Jugendhilfe")
    copy = office.working_copy(name="mit-gruppe")
    office.approve(office.submit(copy["id"]))
    given = {"object": copy["id"], "object_type": "package", "capacity": "public"}
    office.world.call("member_create", office.sysadmin, id=group["id"], **given)
    submission = office.submit(copy["id"])
    page = office.world.app.get(
        f"/pruefung/{submission['id']}", headers=office.world.deciding(office.reviewer)
    ).body
    assert "Jugendhilfe" in page[page.index("sozialdaten-desk") :]


def test_a_dataset_that_moves_to_another_office_is_not_approved(scene: Scene) -> None:
    copy, submission = _submitted(scene.office, name="umzug")
    other = scene.office.world.organisation(editor=scene.office.editor)
    moved = {"id": copy["id"], "organization_id": other["id"]}
    scene.office.world.call("package_owner_org_update", scene.office.sysadmin, **moved)
    assert _approval(scene.office, submission) == 409


# Somebody else's data by way of one's own


def test_an_alias_does_not_stand_in_for_a_released_table(scene: Scene) -> None:
    before = scene.office.world.call("datastore_search", resource_id=scene.released_file)
    with pytest.raises(RefusedError):
        scene.office.world.call(
            "datastore_create",
            scene.office.stranger,
            resource_id=scene.own_file,
            aliases=scene.released_file,
            force=True,
            records=[{"gemeinde": "falsch"}],
        )
    after = scene.office.world.call("datastore_search", resource_id=scene.released_file)
    assert after["records"] == before["records"]


def test_no_table_has_a_second_name_that_could_be_guessed(scene: Scene) -> None:
    given = {"resource_id": scene.own_file, "force": True, "records": [{"wort": SECRET}]}
    refused = scene.refused("datastore_create", scene.office.stranger, aliases="blick", **given)
    assert refused == 409
    assert scene.refused("datastore_search", None, resource_id="blick") == 404


def test_a_table_is_not_made_in_somebody_elses_dataset(scene: Scene) -> None:
    given = {"resource": {"package_id": scene.copy["id"]}, "records": [{"a": 1}], "force": True}
    assert scene.refused("datastore_create", scene.office.stranger, **given) in (403, 404, 409)
    given = {"resource": {"package_id": scene.released["id"]}, "records": [{"a": 1}]}
    assert scene.refused("datastore_create", scene.office.editor, **given) in (403, 409)


def test_a_view_of_ones_own_file_shows_no_other(scene: Scene) -> None:
    given = {"title": "Blick", "view_type": "datatables_view"}
    stranger = scene.office.stranger
    elsewhere = {"resource_id": scene.secret_file, **given}
    foreign = scene.refused("resource_view_create", stranger, **elsewhere)
    assert foreign in (403, 404, 409)  # as for a file that is not there
    view = scene.office.world.call(
        "resource_view_create", stranger, resource_id=scene.own_file, **given
    )
    moved = {"id": view["id"], **elsewhere}
    assert scene.refused("resource_view_update", stranger, **moved) in (403, 404, 409)
    page = f"/dataset/fremd/resource/{scene.own_file}/view/{view['id']}"
    assert SECRET not in scene.get(page, scene.office.stranger).get_data(as_text=True)
    swapped = f"/dataset/fremd/resource/{scene.secret_file}/view/{view['id']}"
    assert SECRET not in scene.get(swapped, scene.office.stranger).get_data(as_text=True)


@pytest.mark.parametrize(
    "given",
    [
        {"match": {"name": "geheim"}, "update": {"private": False}},
        {"match__name": "geheim", "update__title": "anders"},
        {"match": {"name": "offen"}, "update__resources__0__url": "https://kreis.test/neu.csv"},
        {"match": {"name": "offen"}, "filter": ["-resources"]},
    ],
)
def test_a_revision_names_a_dataset_in_many_ways_and_changes_none(
    scene: Scene, given: dict[str, Any]
) -> None:
    for who in (scene.office.stranger, scene.office.member):
        assert scene.refused("package_revise", who, **given) in (403, 404, 409)
    if "geheim" not in str(given) or "private" in str(given):
        assert scene.refused("package_revise", scene.office.sysadmin, **given) == 409


# HTTP


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("name", ["Range", "If_None_Match", "If_Modified_Since", "If_Range"])
def test_no_header_of_a_request_brings_a_secret_file(scene: Scene, method: str, name: str) -> None:
    value = {"Range": "bytes=0-20", "If_Modified_Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    path = f"/dataset/geheim/resource/{scene.secret_file}/download/faelle.csv"
    answer = scene.get(path, None, method, **{name: value.get(name, "*")})
    assert answer.status_code not in (206, 302, 304)
    assert answer.status_code >= 400 or method == "OPTIONS"
    assert SECRET not in answer.get_data(as_text=True)
    assert "faelle" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize("header", ["X_HTTP_Method_Override", "X_Original_URL", "X_Rewrite_URL"])
def test_no_header_turns_a_question_into_a_write(scene: Scene, header: str) -> None:
    value = "POST" if "Method" in header else "/api/3/action/package_patch"
    path = f"/api/3/action/package_patch?id={scene.copy['id']}&title=anders&_method=POST"
    answer = scene.get(path, scene.office.editor, **{header: value})
    assert answer.status_code == 400
    assert scene.office.show(scene.copy["id"])["title"] == SECRET


def test_a_script_of_another_site_gets_nothing_by_a_callback(scene: Scene) -> None:
    app = scene.office.world.app
    path = f"/api/3/action/package_show?id={scene.copy['id']}&callback=lesen"
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = scene.office.editor.id
        session["_fresh"] = True
    assert SECRET not in client.get(path).get_data(as_text=True)


@pytest.mark.parametrize("form", ["ttl", "rdf", "xml", "jsonld", "n3"])
def test_no_form_of_a_working_copy_is_told(scene: Scene, form: str) -> None:
    for path in (f"/dataset/geheim.{form}", f"/catalog.{form}?q={SECRET}"):
        told = scene.get(path)
        assert SECRET not in told.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        f"/feeds/custom.atom?q={SECRET}",
        "/feeds/dataset.atom",
        "/feeds/custom.atom?name=geheim",
        f"/api/2/util/dataset/autocomplete?incomplete={SECRET[:4]}",
        "/api/2/util/resource/format_autocomplete?incomplete=c",
        f"/dataset/?q={SECRET}&_tags_limit=0&ext_x=1",
        f"/dataset/?q=title:{SECRET}+OR+capacity:private",
    ],
)
def test_feeds_and_completions_do_not_tell(scene: Scene, path: str) -> None:
    path = path.replace(SECRET, "zkgeheim")  # an answer may repeat its question
    assert SECRET not in scene.get(path).get_data(as_text=True)


# People and jobs


@pytest.mark.parametrize("action", ["job_list", "job_show", "job_clear", "job_cancel"])
def test_nobody_but_operators_reads_the_queue(scene: Scene, action: str) -> None:
    for who in (None, scene.office.stranger, scene.office.admin):
        given = {"id": "x"} if action in ("job_show", "job_cancel") else {}
        assert scene.refused(action, who, **given) in (403, 404)


def test_what_was_harvested_is_not_told(scene: Scene) -> None:
    model_of = pytest.importorskip("ckanext.harvest.model")
    source = model_of.HarvestSource(url="file:///", type="sozialdaten_source", title="Quelle")
    source.save()
    job = model_of.HarvestJob(source=source)
    job.save()
    item = model_of.HarvestObject(job=job, source=source, guid="x", content=SECRET)
    item.save()
    model.Session.commit()
    for who in (None, scene.office.stranger, scene.office.member):
        for path in (
            f"/api/3/action/harvest_object_show?id={item.id}",
            f"/api/3/action/harvest_object_list?source_id={source.id}",
            f"/api/3/action/harvest_job_report?id={job.id}",
            f"/harvest/object/{item.id}",
        ):
            assert SECRET not in scene.get(path, who).get_data(as_text=True), path


@pytest.mark.parametrize("name", ["logo.html", "logo.svg", "logo.xml"])
def test_a_picture_of_an_organisation_is_no_page(scene: Scene, name: str) -> None:
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    try:
        scene.office.world.call(
            "organization_patch",
            scene.office.admin,
            id=scene.office.organisation["id"],
            upload=(io.BytesIO(b"x"), "x"),
            image_upload=(io.BytesIO(script), name),
        )
    except RefusedError:
        return
    shown = scene.office.world.call("organization_show", id=scene.office.organisation["id"])
    path = shown["image_display_url"].partition("/uploads/")[2]
    answer = scene.get(f"/uploads/{path}")
    kind = answer.headers.get("Content-Type", "")
    assert answer.status_code >= 400 or not kind.startswith(("text/html", "image/svg", "text/xml"))


def test_an_admin_of_the_office_publishes_nothing_in_bulk(scene: Scene) -> None:
    given = {"datasets": [scene.copy["id"]], "org_id": scene.office.organisation["id"]}
    assert scene.refused("bulk_update_public", scene.office.admin, **given) == 409
    for action in ("bulk_update_delete", "bulk_update_private"):
        given["datasets"] = [scene.released["id"]]
        assert scene.refused(action, scene.office.admin, **given) == 409
    assert tk.get_action("package_show")({"ignore_auth": True}, {"id": "offen"})["private"] is False

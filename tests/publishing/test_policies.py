"""Nobody chooses weaker rules than the data needs, and a reviewer sees which were chosen."""

import io
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan_world import RefusedError
from gate_office import LAYOUT, TABLE, Office
from werkzeug.datastructures import FileStorage

SMALL = TABLE + b"99001009;2023;1\n"


def submit(office: Office, package_id: str, policy: str) -> dict[str, Any]:
    return office.world.call(
        "sozialdaten_submit",
        office.editor,
        id=package_id,
        purpose="Sozialberichterstattung",
        legal_basis="SGB X",
        policy=policy,
    )


def harvested(office: Office, **fields: Any) -> dict[str, Any]:
    dataset = {
        "name": "quelle",
        "title": "Aus einer Quelle",
        "notes": "Fälle.",
        "license_id": "dl-de/zero-2-0",
        "owner_org": office.organisation["id"],
    }
    upload = FileStorage(stream=io.BytesIO(SMALL), filename="faelle.csv")
    resource = {"name": "Fälle", "format": "CSV", "layout": LAYOUT, "upload": upload}
    data = {"source": "quelle", "dataset": dataset | fields, "resources": [resource]}
    return tk.get_action("sozialdaten_working_copy_write")({"user": office.editor.name}, data)


@pytest.mark.parametrize("protection_class", [None, "protected_aggregated"])
def test_internal_data_is_not_submitted_under_rules_for_open_data(
    office: Office, protection_class: str | None
) -> None:
    fields = {"protection_class": protection_class} if protection_class else {}
    copy = office.working_copy(SMALL, **fields)
    with pytest.raises(RefusedError) as refused:
        submit(office, copy["id"], "open-statistics")
    assert "policy" in refused.value.error


def test_open_data_is_submitted_and_the_reviewer_is_warned(office: Office) -> None:
    copy = office.working_copy(SMALL, protection_class="open")
    submission = submit(office, copy["id"], "open-statistics")
    assert "Mindestfallzahl" in submission["warnings"][0]["de"]
    page = office.world.page(f"/pruefung/{submission['id']}", office.reviewer, "de").body
    assert "Veröffentlichung ohne Mindestfallzahl" in page


def test_the_default_policy_warns_of_nothing(office: Office) -> None:
    assert submit(office, office.working_copy()["id"], "amtliche-statistik-3")["warnings"] == []


def test_a_source_keeps_its_policy_whatever_the_dataset_says_later(office: Office) -> None:
    copy = harvested(office, policy="amtliche-statistik-3", protection_class="protected_aggregated")
    office.world.call(
        "package_patch",
        office.editor,
        id=copy["id"],
        policy="open-statistics",
        protection_class="open",
    )
    with pytest.raises(RefusedError) as refused:
        submit(office, copy["id"], "open-statistics")
    assert "policy" in refused.value.error


def test_a_later_delivery_does_not_loosen_the_policy_of_a_source(office: Office) -> None:
    harvested(office, policy="amtliche-statistik-3", protection_class="protected_aggregated")
    copy = harvested(office, policy="open-statistics", protection_class="open")
    with pytest.raises(RefusedError):
        submit(office, copy["id"], "open-statistics")


def test_an_open_source_is_submitted_under_its_own_policy(office: Office) -> None:
    copy = harvested(office, policy="open-statistics", protection_class="open")
    assert submit(office, copy["id"], "open-statistics")["state"] == "pending"


def test_open_data_made_internal_needs_the_default_policy(office: Office) -> None:
    copy = harvested(office, policy="open-statistics", protection_class="open")
    office.world.call(
        "package_patch", office.editor, id=copy["id"], protection_class="protected_aggregated"
    )
    with pytest.raises(RefusedError) as refused:
        submit(office, copy["id"], "open-statistics")
    assert "policy" in refused.value.error

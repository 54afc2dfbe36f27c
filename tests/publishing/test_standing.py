"""Standing approvals: open official sources are released as they come, until something is new."""

import hashlib
import io
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import LAYOUT, Office
from werkzeug.datastructures import FileStorage

from ckanext.sozialdaten.publishing import harvests
from ckanext.sozialdaten.publishing._people_model import Standing
from ckanext.sozialdaten.publishing.model import Release, Submission, latest_release

SOURCE = "bevoelkerung"
# an address among the figures is a finding above a note under every policy
MAIL = "gemeinde;jahr;faelle;kontakt\n" + "".join(
    f"9900100{n};2023;{n};person{n}@example.org\n" for n in range(1, 6)
)


def _table(year: int, more: str = "") -> str:
    rows = "".join(f"9900100{n};{year};{n * 7}{more}\n" for n in range(1, 6))
    return f"gemeinde;jahr;faelle{';land' if more else ''}\n{rows}"


class Harvest:
    """A harvest as the adapter runs it: it writes as its own account, then announces."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.account = office.world.account("harvester")
        office.world.call(
            "organization_member_create",
            office.admin,
            id=office.organisation["id"],
            username=self.account.name,
            role="editor",
        )

    def run(self, table: str, definition: str = "1", protection: str = "open") -> Release | None:
        """Write, announce, and run the job; the release that it made."""
        content = table.encode()
        upload = FileStorage(stream=io.BytesIO(content), filename="bevoelkerung.csv")
        dataset = {
            "name": "bevoelkerung",
            "title": "Bevölkerung",
            "notes": "Stand am 31. Dezember.",
            "license_id": "dl-de/zero-2-0",
            "owner_org": self.office.organisation["id"],
            "protection_class": protection,
            "policy": "open-statistics",
        }
        resource = {"name": "Tabelle", "format": "CSV", "layout": LAYOUT, "upload": upload}
        tk.get_action("sozialdaten_working_copy_write")(
            {"user": self.account.name, "ignore_auth": False},
            {"source": SOURCE, "dataset": dataset, "resources": [resource]},
        )
        files = {"Tabelle": hashlib.sha256(content).hexdigest()}
        harvests.announce(SOURCE, self.account.name, definition, files)
        released = harvests.apply_standing(SOURCE, self.account.name, files)
        model.Session.expire_all()
        return Release.get(released) if released else None


def _submit(office: Office, account: Account) -> dict[str, Any]:
    return office.world.call(
        "sozialdaten_submit",
        account,
        id="bevoelkerung-arbeitsfassung",
        purpose="Sozialberichterstattung",
        legal_basis="bstatg-16",
        policy="open-statistics",
    )


@pytest.fixture
def harvest(office: Office) -> Harvest:
    """A source of open statistics whose first state a reviewer has released."""
    harvest = Harvest(office)
    assert harvest.run(_table(2021)) is None
    copy = office.world.call("package_show", office.editor, id="bevoelkerung")
    submission = office.world.call(
        "sozialdaten_submit",
        office.editor,
        id=copy["id"],
        purpose="Sozialberichterstattung",
        legal_basis="bstatg-16",
        policy="open-statistics",
    )
    office.approve(submission)
    return harvest


def _grant(office: Office, account: Account) -> dict[str, Any]:
    return office.world.call(
        "sozialdaten_standing_grant",
        account,
        id="bevoelkerung-arbeitsfassung",
        reason="Tabelle der amtlichen Statistik.",
    )


def _ended(standing: dict[str, Any]) -> str | None:
    model.Session.expire_all()
    found = Standing.get(standing["id"])
    return found.ended_because if found else None


def test_an_open_source_is_released_in_the_name_of_the_reviewer(
    office: Office, harvest: Harvest
) -> None:
    for account in (office.editor, office.sysadmin, office.stranger):
        with pytest.raises(RefusedError) as refused:
            _grant(office, account)
        assert refused.value.status == 403
    # without a standing approval a person decides
    assert harvest.run(_table(2022)) is None
    with pytest.raises(RefusedError) as refused:
        _grant(office, office.reviewer)  # the reviewer does not know this state
    assert refused.value.status == 409
    office.approve(_submit(office, office.editor))

    standing = _grant(office, office.reviewer)
    release = harvest.run(_table(2023))
    assert release is not None
    assert release.number == 3
    assert release.approved_by == office.reviewer.id
    assert release.submitted_by == harvest.account.id
    assert release.record["public"]["approved"]["as"] == "standing approval"
    assert release.record["public"]["submitted"]["by"] == "harvest"
    assert release.record["internal"]["standing"] == standing["id"]
    page = office.world.page("/dataset/bevoelkerung/veroeffentlichung/3", language="de")
    assert "Dauerfreigabe" in page.body
    assert harvest.run(_table(2023)) is None  # nothing new

    # what staff changed by hand waits for a person, and so does what looks like a harvest
    office.world.call(
        "package_patch", office.editor, id="bevoelkerung-arbeitsfassung", notes="Geändert."
    )
    assert harvest.run(_table(2024)) is None
    assert harvests.apply_standing(SOURCE, harvest.account.name, {"Tabelle": "0" * 64}) is None
    waiting = office.world.call("sozialdaten_review_list", office.reviewer)
    assert [item["dataset_name"] for item in waiting] == ["bevoelkerung-arbeitsfassung"]
    assert _ended(standing) is None
    assert standing["source"] in office.world.page("/pruefung/dauerfreigaben", office.reviewer).body


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"table": MAIL}, "the check found something above a note"),
        ({"table": _table(2022, ";DE")}, "the layout of the files changed"),
        ({"table": _table(2022), "definition": "2"}, "the definition of the source changed"),
        (
            {"table": _table(2022), "protection": "aggregated"},
            "the data is no longer open statistics",
        ),
    ],
)
def test_whatever_is_new_ends_it(
    office: Office, harvest: Harvest, change: dict[str, str], because: str
) -> None:
    standing = _grant(office, office.reviewer)
    assert harvest.run(**change) is None
    assert _ended(standing) == because
    copy = office.world.call("package_show", office.editor, id="bevoelkerung-arbeitsfassung")
    last = latest_release(office.world.call("package_show", id="bevoelkerung")["id"])
    assert last is not None
    assert last.number == 1
    pending = Submission.pending(copy["id"])
    assert (pending is None) == ("check" in because or "open" in because)
    assert harvest.run(_table(2025)) is None  # and it does not come back by itself


def test_it_ends_with_the_role_the_year_and_by_hand(office: Office, harvest: Harvest) -> None:
    first = _grant(office, office.reviewer)
    office.world.call("sozialdaten_standing_revoke", office.reviewer, id=first["id"])
    assert _ended(first) == "revoked by a reviewer"
    assert harvest.run(_table(2022)) is None
    office.approve(_submit(office, office.editor))

    second = _grant(office, office.reviewer)
    row = Standing.get(second["id"])
    assert row is not None
    row.expires_at = row.granted_at
    model.Session.commit()
    assert harvest.run(_table(2023)) is None
    assert _ended(second) == "its twelve months are over"
    office.approve(_submit(office, office.editor))

    third = _grant(office, office.reviewer)
    office.world.call("sozialdaten_reviewer_revoke", office.admin, user=office.reviewer.name)
    assert _ended(third) == "the reviewer no longer holds the role"
    assert harvest.run(_table(2024)) is None
    told = json.dumps(office.world.call("package_show", id="bevoelkerung"))
    assert office.reviewer.id not in told

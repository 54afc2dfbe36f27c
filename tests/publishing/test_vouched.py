"""A state that was judged is not judged again, unless anything that the report rests on differs."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing import _checks, _working_copy
from ckanext.sozialdaten.publishing.model import Submission

_SMALL = TABLE + b"99001009;2023;1\n"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The working copies that are judged from now on."""
    names: list[str] = []
    compute = _checks.compute

    def counted(package: model.Package, policy: str, paths: Any) -> dict[str, Any]:
        names.append(package.id)
        return compute(package, policy, paths)

    monkeypatch.setattr(_checks, "compute", counted)
    return names


def _write(submission: dict[str, Any], statement: str, **values: Any) -> None:
    """Change the row of a submission past everything."""
    query = sa.text(f"UPDATE sozialdaten_submission SET {statement} WHERE id = :id")
    model.Session.execute(query, {"id": submission["id"], **values})
    model.Session.commit()
    model.Session.expire_all()


def test_check_submission_and_approval_judge_the_same_state_once(
    office: Office, judged: list[str]
) -> None:
    copy = office.working_copy()
    office.approve(office.submit(copy["id"]))
    assert judged == [copy["id"]]


def test_a_report_that_the_portal_did_not_seal_is_judged_again(
    office: Office, judged: list[str]
) -> None:
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    _write(submission, "report = jsonb_set(report, '{engine,seal}', '\"00\"')")
    office.approve(submission)
    assert judged == [copy["id"]] * 2


def test_findings_that_somebody_strikes_out_are_found_again(
    office: Office, judged: list[str]
) -> None:
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    office.add_table(copy["id"], _SMALL)
    package = model.Package.get(copy["id"])
    assert package is not None
    _write(submission, "fingerprint = :now", now=_working_copy.fingerprint(package))
    with pytest.raises(Exception, match="findings"):
        office.approve(submission)
    assert office.show(copy["id"])["private"] is True
    assert judged == [copy["id"]] * 2


def test_a_release_that_came_since_makes_it_judge_again(office: Office, judged: list[str]) -> None:
    copy = office.working_copy()
    submission = office.submit(copy["id"])
    office.release(name="andere")
    judged.clear()
    office.approve(submission)
    assert judged == [copy["id"]]


def test_a_file_that_is_swapped_while_it_is_read_gets_no_report(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = office.working_copy()
    compute = _checks.compute

    def swapping(package: model.Package, policy: str, paths: dict[str, Path]) -> dict[str, Any]:
        report = compute(package, policy, paths)
        for path in paths.values():
            path.write_bytes(path.read_bytes())
        return report

    monkeypatch.setattr(_checks, "compute", swapping)
    checked = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert (checked["state"], checked["verdict"]) == ("failed", None)
    assert Submission.pending(copy["id"]) is None
